"""What would the network answer if cells of the picture were different?

A model answers thousands of pictures at once, so the questions are asked outright: every
picture that differs in one cell goes through the network, and nothing is approximated.
Margin: how far the logit of one digit lies above the largest of the nine others. The digit is
the answer if its margin is above 0.
"""

from typing import NamedTuple

import numpy as np

from nn.digits import Labels, Pixels
from nn.ink import MAX_INTENSITY
from nn.model import Model
from nn.network import Floats, sigmoid, softmax
from nn.verdict import SURE

N_CELLS = 64
MOST_CHANGES = 24  # cells; `smallest_change` gives up there


class Change(NamedTuple):
    """Cells that make the network answer something else.

    cells : their numbers, 0..63, in the order in which they were found
    pixels : (64,) uint8, 0..16, the picture with these cells changed
    """

    cells: list[int]
    pixels: Pixels


class Mistake(NamedTuple):
    """A picture that the model reads wrongly.

    row : its number among the pictures
    predicted : the digit that the model reads
    probability : that the model gives this digit, 0..1
    """

    row: int
    predicted: int
    probability: float


def shares(model: Model, row: Pixels, digit: int) -> Floats:
    """Each cell's share in the answer, (64,): the digit's logit with it less that without it.

    "Without it" means that the cell is 0, bare paper: a cell that is 0 has no share.

    row : (64,), 0..16
    """
    without = np.tile(row, (N_CELLS + 1, 1))
    without[np.arange(N_CELLS), np.arange(N_CELLS)] = 0
    logits = model.logits(without)[:, digit]
    share: Floats = logits[-1] - logits[:-1]
    return share


def smallest_change(model: Model, row: Pixels, target: int | None = None) -> Change | None:
    """Few cells, each made empty or full, that make another digit the answer.

    The search is greedy: the cell that brings the other digit nearest is changed, then the
    best next one, and so on. Fewer cells may do if they are chosen together.

    row : (64,), 0..16
    target : the digit that is to be the answer; None for any other than now

    None if MOST_CHANGES cells are not enough.
    """
    pixels, cells = row.copy(), list[int]()
    now = int(model.logits(row[None])[0].argmax())
    if target == now:
        return Change([], pixels)
    while len(cells) < MOST_CHANGES:
        candidates = _with_one_changed(pixels, cells)
        logits = model.logits(candidates)
        margins = -_margin(logits, now) if target is None else _margin(logits, target)
        best = int(margins.argmax())
        cells.append(int((candidates[best] != pixels).argmax()))
        pixels = candidates[best]
        if margins[best] > 0:
            return Change(cells, pixels)
    return None


def least_ink(model: Model, row: Pixels, digit: int) -> Pixels | None:
    """The picture with cells emptied, one by one, as long as the model is sure of the digit.

    Greedy, as `smallest_change`: it empties the cell whose loss leaves the model surest.

    row : (64,), 0..16

    None if the model is not sure of the row itself.
    """
    pixels, found = row, None
    while pixels.any() and sureness(model, pixels[None], digit)[0] >= SURE:
        found = pixels
        inked = np.flatnonzero(pixels)
        candidates = np.tile(pixels, (len(inked), 1))
        candidates[np.arange(len(inked)), inked] = 0
        pixels = candidates[sureness(model, candidates, digit).argmax()]
    return found


def sureness(model: Model, pixels: Pixels, digit: int) -> Floats:
    """What the verdict "sure" of a digit needs to be SURE, (n,), 0..1; pixels (n, 64), 0..16.

    The smaller of its output and its probability.
    """
    logits = model.logits(pixels)
    probabilities = softmax(logits.astype(np.float64) / model.temperature)
    smaller: Floats = np.minimum(sigmoid(logits), probabilities)[:, digit]
    return smaller


def most_confident_mistake(model: Model, pixels: Pixels, labels: Labels) -> Mistake | None:
    """Of all pictures that the model reads wrongly, the one that it is surest of.

    pixels (n, 64), 0..16; labels (n,). None if it reads all of them correctly.
    """
    probabilities = model.predict_proba(pixels)
    predicted, certainty = probabilities.argmax(axis=1), probabilities.max(axis=1)
    wrong = np.flatnonzero(predicted != labels)
    if not len(wrong):
        return None
    row = int(wrong[certainty[wrong].argmax()])
    return Mistake(row, int(predicted[row]), float(certainty[row]))


def _with_one_changed(pixels: Pixels, done: list[int]) -> Pixels:
    """Every picture that differs in one cell which is empty or full instead: (n, 64)."""
    free = np.setdiff1d(np.arange(N_CELLS), done)
    candidates = np.tile(pixels, (2 * len(free), 1))
    candidates[np.arange(len(free)), free] = 0
    candidates[len(free) + np.arange(len(free)), free] = MAX_INTENSITY
    differs: Pixels = candidates[(candidates != pixels).any(axis=1)]
    return differs


def _margin(logits: Floats, digit: int) -> Floats:
    """How far the digit's logit lies above the largest other one, (n,), of logits (n, 10)."""
    others = np.delete(logits, digit, axis=1).max(axis=1)
    margin: Floats = logits[:, digit] - others
    return margin
