"""How one model does on one set of pictures, and how two models differ on it."""

import math
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
from numpy.typing import NDArray

from nn import digits, evaluation
from nn.digits import Labels, Pixels
from nn.model import Model
from nn.network import Floats, SigmoidNetwork
from nn.words import N_, Sentence

Rows = NDArray[np.int64]  # numbers of rows

JUDGEMENTS = BETTER, WORSE, WITHIN_CHANCE = N_("better"), N_("worse"), N_("within chance")
_SAME = Sentence("the same pictures")
FEW = 30  # pictures: on fewer, a large difference too may be chance


@dataclass(frozen=True)
class PictureSet:
    """Labelled pictures that none of the models has learnt from.

    Attributes
    ----------
    name : Sentence or str
        What they are, in the plural: "held-out digits".
    pixels : ndarray of shape (n, 64), 0..16, n >= 1
    labels : ndarray of shape (n,), int 0..9
    where : Sentence or str
        What follows "On" in a sentence about a result: "the digits test set".
    """

    name: Sentence | str
    pixels: Pixels
    labels: Labels
    where: Sentence | str = _SAME

    def __post_init__(self) -> None:
        if not len(self.pixels) == len(self.labels) >= 1:
            raise ValueError(
                f"{self.name}: {len(self.pixels)} pictures and {len(self.labels)} labels; "
                "there must be as many of each, and at least one."
            )

    def __len__(self) -> int:
        return len(self.labels)


@cache
def held_out_digits() -> PictureSet:
    """The 297 digits that no experiment trains on, as a PictureSet."""
    name, where = Sentence("held-out digits"), Sentence("the digits test set")
    return PictureSet(name, *digits.held_out(), where)


class Report:
    """Every figure of one model on one set of pictures.

    Attributes
    ----------
    pictures : PictureSet
    probabilities : ndarray of shape (n, 10), 0..1
    predicted : ndarray of shape (n,), int 0..9, the predicted digit
    certainty : ndarray of shape (n,), 0..1, that probability
    right : ndarray of shape (n,), bool
    """

    def __init__(self, model: Model, pictures: PictureSet) -> None:
        self.pictures = pictures
        self.probabilities = model.predict_proba(pictures.pixels)
        self.predicted = self.probabilities.argmax(axis=1)
        self.certainty = self.probabilities.max(axis=1)
        self.right = self.predicted == pictures.labels

    @property
    def n(self) -> int:
        return len(self.pictures)

    @property
    def n_right(self) -> int:
        return int(self.right.sum())

    @property
    def accuracy(self) -> float:
        """Share of right answers, 0..1."""
        return self.n_right / self.n

    @property
    def percent(self) -> str:
        """The accuracy in words, as exactly as the pictures allow."""
        return f"{100 * self.accuracy:.{0 if self.n <= 100 else 1}f}%"

    @property
    def sentence(self) -> Sentence:
        """The accuracy with the pictures: "On the digits test set: 98.3%."."""
        return Sentence("On {where}: {now}.", where=self.pictures.where, now=self.percent)

    @property
    def interval(self) -> tuple[float, float]:
        """The accuracy's 95 % confidence interval: (low, high), 0..1."""
        return evaluation.wilson_interval(self.n_right, self.n)

    @cached_property
    def confusion(self) -> evaluation.Counts:
        """Counts, (10, 10): row is the true digit, column the predicted one."""
        return evaluation.confusion_matrix(self.probabilities, self.pictures.labels)

    @property
    def recall(self) -> Floats:
        """Of each digit, the share that was recognised: (10,), NaN for an absent one."""
        return evaluation.recall_per_digit(self.confusion)

    @property
    def precision(self) -> Floats:
        """Share of right predictions of each digit: (10,), NaN for one never predicted."""
        return evaluation.precision_per_digit(self.confusion)

    @cached_property
    def calibration_error(self) -> float:
        """How far certainty and accuracy lie apart, 0..1."""
        return evaluation.calibration_error(self.probabilities, self.pictures.labels)

    @cached_property
    def reliability(self) -> list[evaluation.Bin]:
        """How often it is right at each certainty: a list of nn.evaluation.Bin."""
        return evaluation.reliability(self.probabilities, self.pictures.labels)

    @cached_property
    def mistakes(self) -> Rows:
        """Rows with a wrong prediction, the most certain mistake first."""
        rows = np.flatnonzero(~self.right)
        return rows[np.argsort(-self.certainty[rows], kind="stable")]


class Comparison:
    """How a second model does on the pictures of a first one's report.

    Attributes
    ----------
    newly_right, newly_wrong, wrong_in_both : ndarray of row numbers
        The most certain mistake first.
    """

    def __init__(self, before: Report, after: Report) -> None:
        """before and after: both on the same PictureSet; ValueError if they are not."""
        if before.pictures is not after.pictures:
            raise ValueError("Two models can be compared on the same pictures only.")
        self.before, self.after = before, after
        self.newly_right = before.mistakes[after.right[before.mistakes]]
        self.newly_wrong = after.mistakes[before.right[after.mistakes]]
        self.wrong_in_both = after.mistakes[~before.right[after.mistakes]]

    @property
    def may_be_chance(self) -> bool:
        """Whether equally good models would differ so, this way round, in 1 of 20 comparisons.

        The exact test of McNemar (1947), one-sided: if two models are equally good, a picture
        that only one of them recognises is as likely to be recognised by the first as by the
        second. Five pictures are enough if all speak for the same model.
        """
        better, worse = len(self.newly_right), len(self.newly_wrong)
        n = better + worse
        tail = sum(math.comb(n, k) for k in range(min(better, worse) + 1))
        return bool(tail / 2**n > 0.05)

    @property
    def judgement(self) -> str:
        """What the second model is, compared with the first: one of JUDGEMENTS."""
        if self.may_be_chance:
            return WITHIN_CHANCE
        return BETTER if len(self.newly_right) > len(self.newly_wrong) else WORSE

    @property
    def sentence(self) -> Sentence:
        """Both figures and the judgement: "On people it never met: before 71%, now 95%: …"."""
        where, before, now = self.after.pictures.where, self.before.percent, self.after.percent
        return Sentence(self._in_words, where=where, before=before, now=now)

    @property
    def _in_words(self) -> str:
        """The sentence with the judgement, or why there is none."""
        if not len(self.newly_right) + len(self.newly_wrong):
            return N_("On {where}: before {before}, now {now}: no difference.")
        if self.may_be_chance and self.after.n < FEW:
            return N_("On {where}: before {before}, now {now}: too few drawings to tell.")
        return {
            BETTER: N_("On {where}: before {before}, now {now}: better."),
            WORSE: N_("On {where}: before {before}, now {now}: worse."),
            WITHIN_CHANCE: N_("On {where}: before {before}, now {now}: within chance."),
        }[self.judgement]


def first_weights(network: SigmoidNetwork) -> Floats:
    """Weights of the neurons that look at the pixels: (n_neurons, 64), any range.

    Hidden neurons come in the order in which the next layer relies on them, by the length of
    its weights to them, the largest first. Without hidden layers: the ten outputs in order.
    """
    first, *later = network.weights
    if not later:
        return first
    return first[np.argsort(-np.linalg.norm(later[0], axis=0), kind="stable")]
