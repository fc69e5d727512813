"""How good a model is: accuracy, confusion matrix, per-digit figures, calibration."""

import math
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from nn.digits import N_CLASSES, Labels
from nn.network import Floats

Counts = NDArray[np.int64]

N_BINS = 15  # of the calibration error, as in Guo et al. (2017)
_Z = 1.959964  # standard normal: 95 % lie within as many deviations from the mean


class Bin(NamedTuple):
    """The pictures on which a model was about equally certain: one line of `reliability`."""

    low: float  # its limits, 0..1
    high: float
    n: int  # pictures, at least 1
    n_right: int
    certainty: float  # mean of the largest probability, 0..1

    @property
    def share(self) -> float:
        """Share of right answers, 0..1."""
        return self.n_right / self.n

    @property
    def interval(self) -> tuple[float, float]:
        """The share's 95 % confidence interval: (low, high), 0..1."""
        return wilson_interval(self.n_right, self.n)


def accuracy(probabilities: Floats, labels: Labels) -> float:
    """Share of rows whose largest probability is the label's, 0..1.

    probabilities has shape (n, 10), labels (n,), 0..9; n >= 1, here and below.
    """
    return float(np.mean(np.argmax(probabilities, axis=1) == labels))


def wilson_interval(n_right: int, n: int) -> tuple[float, float]:
    """The true share's 95 % confidence interval, if n_right of n were right: (low, high).

    Wilson's score interval (1927), which also holds for shares near 1 and for small n; n >= 1.
    """
    share = n_right / n
    centre = share + _Z**2 / (2 * n)
    half = _Z * math.sqrt(share * (1 - share) / n + (_Z / (2 * n)) ** 2)
    scale = 1 + _Z**2 / n
    return max(0.0, (centre - half) / scale), min(1.0, (centre + half) / scale)


def confusion_matrix(probabilities: Floats, labels: Labels) -> Counts:
    """Counts, (10, 10) int: row is the true digit, column the predicted one."""
    matrix = np.zeros((N_CLASSES, N_CLASSES), np.int64)
    np.add.at(matrix, (labels, np.argmax(probabilities, axis=1)), 1)
    return matrix


def recall_per_digit(matrix: Counts) -> Floats:
    """Share of each digit that was recognised, (10,) 0..1; NaN for a digit that is absent."""
    return _shares(np.diag(matrix), matrix.sum(axis=1))


def precision_per_digit(matrix: Counts) -> Floats:
    """Share of right predictions of each digit, (10,) 0..1; NaN for one never predicted."""
    return _shares(np.diag(matrix), matrix.sum(axis=0))


def _shares(parts: Counts, totals: Counts) -> Floats:
    shares = np.full(len(totals), np.nan)
    np.divide(parts, totals, out=shares, where=totals > 0)
    return shares


def calibration_error(probabilities: Floats, labels: Labels) -> float:
    """Expected calibration error, 0..1: how far certainty and accuracy lie apart.

    Mean over 15 equal bins of the largest probability, weighted by their rows, of
    |accuracy - mean probability| (Guo et al., "On Calibration of Modern Neural Networks",
    2017).
    """
    bins = reliability(probabilities, labels, N_BINS)
    return sum(abs(b.n_right - b.n * b.certainty) for b in bins) / len(labels)


def reliability(probabilities: Floats, labels: Labels, n_bins: int = 10) -> list[Bin]:
    """How often a model is right at each certainty: a list of Bin, the least certain first.

    Equal bins of the largest probability; those without a row are left out.
    """
    certainty = probabilities.max(axis=1)
    right = np.argmax(probabilities, axis=1) == labels
    place = np.minimum((certainty * n_bins).astype(int), n_bins - 1)
    bins = []
    for i in np.unique(place).tolist():
        here = place == i
        n, n_right, mean = (
            int(here.sum()),
            int(right[here].sum()),
            float(certainty[here].mean()),
        )
        bins.append(Bin(i / n_bins, (i + 1) / n_bins, n, n_right, mean))
    return bins


def fit_temperature(logits: Floats, labels: Labels) -> float:
    """The temperature, 0.05..20, under which the labels are most likely.

    logits has shape (n, 10), labels (n,). Fit it on rows that were not trained on.
    """
    from scipy.optimize import minimize_scalar  # slow to import, and serving does without

    def cost(log_temperature: float) -> float:
        z = logits / np.exp(log_temperature)
        z = z - z.max(axis=1, keepdims=True)
        return float(np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels]))

    best = minimize_scalar(cost, bounds=np.log((0.05, 20)), method="bounded")
    return float(np.exp(best.x))
