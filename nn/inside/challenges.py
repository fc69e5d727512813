"""Small challenges for people who edit a picture cell by cell, and how they are checked."""

from typing import NamedTuple

import numpy as np

from nn import neighbours
from nn.digits import Pixels
from nn.inside import what_if
from nn.model import Model
from nn.verdict import SURE

TURNED, INTO = 9, 2  # "Turn this 9 into a 2."
THIN = 3  # "The least ink that is still a 3."


class Turned(NamedTuple):
    """Whether a picture is the TURNED digit turned into the other one.

    cells : how many cells differ from the start
    greedy : how many a greedy search changes; None if it does not get there
    """

    is_done: bool
    cells: int
    greedy: int | None


class Thinned(NamedTuple):
    """Whether a picture is still surely a THIN.

    ink : the sum of its cells
    greedy : the ink that a greedy search leaves of the start; None if that is not sure either
    """

    is_done: bool
    ink: int
    greedy: int | None


class Misread(NamedTuple):
    """The most confident mistake among the held-out digits.

    pixels : (64,), 0..16
    """

    pixels: Pixels
    label: int
    predicted: int
    probability: float


def start(model: Model, digit: int) -> Pixels:
    """The held-out digit of this class, (64,), 0..16, that the model is surest of."""
    pixels, labels = neighbours.held_out()
    rows = pixels[labels == digit]
    surest: Pixels = rows[what_if.sureness(model, rows, digit).argmax()]
    return surest


def check_turned(model: Model, row: Pixels) -> Turned:
    """Whether the picture, (64,), 0..16, is the answer to "Turn this 9 into a 2"."""
    first = start(model, TURNED)
    change = what_if.smallest_change(model, first, INTO)
    is_done = int(model.logits(row[None]).argmax()) == INTO
    cells = int(np.count_nonzero(row != first))
    return Turned(is_done, cells, change and len(change.cells))


def check_thinned(model: Model, row: Pixels) -> Thinned:
    """Whether the picture, (64,), 0..16, is the answer to "The least ink that is still a 3"."""
    thin = what_if.least_ink(model, start(model, THIN), THIN)
    is_done = bool(what_if.sureness(model, row[None], THIN)[0] >= SURE) and bool(row.any())
    return Thinned(is_done, int(row.sum()), None if thin is None else int(thin.sum()))


def misread(model: Model) -> Misread | None:
    """The mistake to be shown; None if the model reads all held-out digits correctly."""
    pixels, labels = neighbours.held_out()
    found = what_if.most_confident_mistake(model, pixels, labels)
    if found is None:
        return None
    row, predicted, probability = found
    return Misread(pixels[row], int(labels[row]), predicted, probability)
