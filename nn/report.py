"""What one model makes of one set of pictures, and how two models differ on it."""

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from nn import digits, evaluation


@dataclass(frozen=True)
class PictureSet:
    """Labelled pictures that no model under test has learnt from.

    Attributes
    ----------
    name : str
        What they are, in the plural: "held-out digits".
    pixels : ndarray of shape (n, 64), 0..16, n >= 1
    labels : ndarray of shape (n,), int 0..9
    """

    name: str
    pixels: np.ndarray
    labels: np.ndarray

    def __post_init__(self):
        if not len(self.pixels) == len(self.labels) >= 1:
            raise ValueError(
                f"{self.name}: {len(self.pixels)} pictures and {len(self.labels)} labels; "
                "there must be as many of each, and at least one."
            )

    def __len__(self):
        return len(self.labels)


def held_out_digits():
    """The 297 digits that no experiment trains on, as a PictureSet."""
    return PictureSet("held-out digits", *digits.held_out())


class Report:
    """Every figure of one model on one set of pictures.

    Attributes
    ----------
    pictures : PictureSet
    probabilities : ndarray of shape (n, 10), 0..1
    said : ndarray of shape (n,), int 0..9, the digit of the largest probability
    certainty : ndarray of shape (n,), 0..1, that probability
    right : ndarray of shape (n,), bool
    """

    def __init__(self, model, pictures):
        self.pictures = pictures
        self.probabilities = model.predict_proba(pictures.pixels)
        self.said = self.probabilities.argmax(axis=1)
        self.certainty = self.probabilities.max(axis=1)
        self.right = self.said == pictures.labels

    @property
    def n(self):
        return len(self.pictures)

    @property
    def n_right(self):
        return int(self.right.sum())

    @property
    def accuracy(self):
        """Share of right answers, 0..1."""
        return self.n_right / self.n

    @property
    def interval(self):
        """Where the accuracy lies, 95 times of 100: (low, high), 0..1."""
        return evaluation.wilson_interval(self.n_right, self.n)

    @cached_property
    def confusion(self):
        """Counts, (10, 10): row is the true digit, column the one that was said."""
        return evaluation.confusion_matrix(self.probabilities, self.pictures.labels)

    @property
    def recall(self):
        """Of each digit, the share that was recognised: (10,), NaN for an absent one."""
        return evaluation.recall_per_digit(self.confusion)

    @property
    def precision(self):
        """Of the answers with each digit, the share that was right: (10,), NaN for none."""
        return evaluation.precision_per_digit(self.confusion)

    @cached_property
    def calibration_error(self):
        """How far certainty and accuracy lie apart, 0..1."""
        return evaluation.calibration_error(self.probabilities, self.pictures.labels)

    @cached_property
    def reliability(self):
        """How often it is right when it is so sure: a list of nn.evaluation.Bin."""
        return evaluation.reliability(self.probabilities, self.pictures.labels)

    @cached_property
    def mistakes(self):
        """Rows that were not recognised, the most certain mistake first."""
        rows = np.flatnonzero(~self.right)
        return rows[np.argsort(-self.certainty[rows], kind="stable")]


class Comparison:
    """How a second model does on the pictures of a first one's report.

    Attributes
    ----------
    newly_right, newly_wrong, wrong_in_both : ndarray of row numbers
        The most certain mistake first.
    """

    def __init__(self, before, after):
        """before and after: Report, both on the same PictureSet; ValueError if they are not."""
        if before.pictures is not after.pictures:
            raise ValueError("Two models can be compared on the same pictures only.")
        self.before, self.after = before, after
        self.newly_right = before.mistakes[after.right[before.mistakes]]
        self.newly_wrong = after.mistakes[before.right[after.mistakes]]
        self.wrong_in_both = after.mistakes[~before.right[after.mistakes]]

    @property
    def may_be_chance(self):
        """Whether two equally good models would differ as much in 1 of 20 such comparisons.

        The exact test of McNemar (1947): of equally good models, each picture that only one
        of them recognises is as likely to be the one's as the other's.
        """
        better, worse = len(self.newly_right), len(self.newly_wrong)
        n = better + worse
        tail = sum(math.comb(n, k) for k in range(min(better, worse) + 1))
        return 2 * tail / 2**n > 0.05


def first_weights(network):
    """Weights of the neurons that look at the pixels: (n_neurons, 64), any range.

    Hidden neurons on which the next layer relies most, by the length of the weights from it
    to them, come first; the ten outputs of a network without hidden layers in their order.
    """
    first, *later = network.weights
    if not later:
        return first
    return first[np.argsort(-np.linalg.norm(later[0], axis=0), kind="stable")]
