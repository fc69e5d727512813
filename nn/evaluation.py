"""How good a model is: accuracy, confusion matrix, per-digit figures, calibration."""

import numpy as np

from nn.digits import N_CLASSES

N_BINS = 15  # of the calibration error, as in Guo et al. (2017)


def accuracy(probabilities, labels):
    """Share of rows whose largest probability is the label's, 0..1.

    probabilities has shape (n, 10), labels (n,), 0..9; n >= 1, here and below.
    """
    return float(np.mean(np.argmax(probabilities, axis=1) == labels))


def confusion_matrix(probabilities, labels):
    """Counts, (10, 10) int: row is the true digit, column the one that was said."""
    matrix = np.zeros((N_CLASSES, N_CLASSES), int)
    np.add.at(matrix, (labels, np.argmax(probabilities, axis=1)), 1)
    return matrix


def recall_per_digit(matrix):
    """Share of each digit that was recognised, (10,) 0..1; NaN for a digit that is absent."""
    totals = matrix.sum(axis=1)
    return np.divide(np.diag(matrix), totals, out=np.full(N_CLASSES, np.nan), where=totals > 0)


def calibration_error(probabilities, labels):
    """Expected calibration error, 0..1: how far certainty and accuracy lie apart.

    Mean over 15 equal bins of the largest probability, weighted by their rows, of
    |accuracy - mean probability| (Guo et al., "On Calibration of Modern Neural Networks",
    2017).
    """
    certainty = probabilities.max(axis=1)
    right = np.argmax(probabilities, axis=1) == labels
    bins = np.minimum((certainty * N_BINS).astype(int), N_BINS - 1)
    gaps = np.bincount(bins, right - certainty, N_BINS)
    return float(np.abs(gaps).sum() / len(labels))


def fit_temperature(logits, labels):
    """The temperature, 0.05..20, under which the labels are most likely.

    logits has shape (n, 10), labels (n,). Fit it on rows that were not trained on.
    """
    from scipy.optimize import minimize_scalar  # slow to import, and serving does without

    def cost(log_temperature):
        z = logits / np.exp(log_temperature)
        z = z - z.max(axis=1, keepdims=True)
        return np.mean(np.log(np.exp(z).sum(axis=1)) - z[np.arange(len(z)), labels])

    best = minimize_scalar(cost, bounds=np.log((0.05, 20)), method="bounded")
    return float(np.exp(best.x))
