"""The limits of SigmoidClassifier's parameters."""

from collections.abc import Callable
from numbers import Integral, Real
from types import NoneType
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

_LIMITS: dict[str, tuple[type | tuple[type, ...], Callable[[Any], bool], str]] = {
    "batch_size": (Integral, lambda v: v >= 1, "a whole number from 1 up"),
    "max_iter": (Integral, lambda v: v >= 1, "a whole number from 1 up"),
    "learning_rate_init": (Real, lambda v: 0 < v < np.inf, "a number above 0"),
    "alpha": (Real, lambda v: 0 <= v < np.inf, "a number from 0 up"),
    "momentum": (Real, lambda v: 0 <= v <= 1, "a number from 0 to 1"),
    "tol": (
        (Real, NoneType),
        lambda v: v is None or 0 <= v < np.inf,
        "a number from 0 up, or None",
    ),
    "n_iter_no_change": (
        Real,
        lambda v: v >= 1 and (v == np.inf or v == int(v)),
        "a whole number from 1 up, or numpy.inf",
    ),
    "validation_fraction": (Real, lambda v: 0 < v < 1, "a number between 0 and 1"),
    **dict.fromkeys(
        ("nesterovs_momentum", "shuffle", "early_stopping", "warm_start"),
        ((bool, np.bool_), lambda _: True, "True or False"),
    ),
}


def check_settings(classifier: BaseEstimator) -> None:
    """ValueError, which names the value, for a parameter of SigmoidClassifier out of range."""
    sizes = classifier.hidden_layer_sizes
    if not isinstance(sizes, (tuple, list)) or not all(
        isinstance(size, (int, np.integer)) and size >= 1 for size in sizes
    ):
        raise ValueError(
            f"hidden_layer_sizes: {sizes!r} is not a tuple of whole numbers from 1 up, such as "
            "(15,)."
        )
    for name, (kind, is_within, what) in _LIMITS.items():
        value = getattr(classifier, name)
        if not isinstance(value, kind) or not is_within(value):
            raise ValueError(f"{name}: {value!r} is not {what}.")
