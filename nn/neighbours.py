"""scikit-learn's digits as something to compare a picture with: the nearest, the average."""

import functools

import numpy as np
from numpy.typing import NDArray

from nn import digits
from nn.digits import Labels, Pixels
from nn.network import Floats


@functools.cache
def known() -> tuple[Pixels, Labels]:
    """All digits: pixels (1797, 64) uint8 0..16, labels (1797,). Nobody may change them."""
    pixels, labels = digits.load()
    pixels.flags.writeable = labels.flags.writeable = False
    return pixels, labels


@functools.cache
def held_out() -> tuple[Pixels, Labels]:
    """The 297 digits that no version learns from, of `known`."""
    return digits.split(*known())[1]


def nearest(row: Pixels, n: int) -> tuple[NDArray[np.int_], Floats]:
    """The n digits nearest to a picture, (64,), 0..16: their rows in `known`, their distances.

    The distance is Euclidean: the root of the summed squares of the 64 differences. Of digits
    at the same distance, the first in the data comes first.
    """
    squares = np.square(known()[0] - row.astype(np.int32)).sum(axis=1)
    order = np.argsort(squares, kind="stable")[:n]
    return order, np.sqrt(squares[order])


def averages(pixels: Pixels, labels: Labels) -> tuple[Floats, NDArray[np.int_]]:
    """The average picture of each digit, (10, 64), 0..16, and how many there are, (10,).

    pixels (n, 64), 0..16; labels (n,), 0..9. Without a picture, the average is 0 throughout.
    """
    one_hot = digits.one_hot(labels)
    counts = one_hot.sum(axis=0)
    averages: Floats = one_hot.T @ pixels / np.maximum(counts, 1)[:, None]
    return averages, counts.astype(int)
