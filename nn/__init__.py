"""A small neural network for handwritten digits, and all it needs to learn."""

from nn.network import SigmoidNetwork

__version__ = "1.0.0"
__all__ = ["SigmoidClassifier", "SigmoidNetwork"]


def __getattr__(name: str) -> object:
    # The classifier needs scikit-learn, which is slow to import: serving does without both.
    if name == "SigmoidClassifier":
        from nn.classifier import SigmoidClassifier

        return SigmoidClassifier
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
