"""A small neural network for handwritten digits, and all it needs to learn."""

import importlib

from nn.network import SigmoidNetwork

__version__ = "1.0.0"
__all__ = ["InkTransformer", "SigmoidClassifier", "SigmoidNetwork"]

# These need scikit-learn, which is slow to import: serving does without it.
_ESTIMATORS = {"InkTransformer": "nn.ink_transformer", "SigmoidClassifier": "nn.classifier"}


def __getattr__(name: str) -> object:
    if name in _ESTIMATORS:
        return getattr(importlib.import_module(_ESTIMATORS[name]), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
