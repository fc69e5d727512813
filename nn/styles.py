"""Other ways of writing a digit, made from the given rows.

The writers of scikit-learn's digits share habits that other people do not: their 7 has a bar,
their 1 a short flag, their 9 a hook. Each function takes heights as `nn.augment.sharpen` makes
them, (n, 60, 60), and returns heights of the same shape that show the digit in another style.
All rows have NIST's form, so positions are given in cells of the 8x8 frame, y downwards.
"""

from collections.abc import Callable

import numpy as np

from nn.network import Floats

Point = tuple[Floats, Floats]  # x and y in cells, each a number or (n, 1, 1)
Style = Callable[[Floats, np.random.Generator], Floats]

_CELL = 6  # pixels
_SIDE = 60
X, Y = np.meshgrid(*2 * [(np.arange(_SIDE) + 0.5) / _CELL - 1])  # cells; 0..8 is the frame


def uniform(rng: np.random.Generator, n: int, low: float, high: float) -> Floats:
    """n random numbers from low to high, (n, 1, 1)."""
    return rng.uniform(low, high, (n, 1, 1))


def stroke(start: Point, end: Point, radius: Floats | float) -> Floats:
    """Heights of n straight strokes of a pen, (n, 60, 60).

    start and end are (x, y), radius a number, all in cells; each may be (n, 1, 1).
    """
    (ax, ay), (bx, by) = start, end
    dx, dy = bx - ax, by - ay
    along = np.clip(((X - ax) * dx + (Y - ay) * dy) / (dx**2 + dy**2 + 1e-9), 0, 1)
    distance = np.hypot(X - ax - along * dx, Y - ay - along * dy)
    return np.clip(0.5 + (radius - distance), -1, 1.2)


def bare_one(heights: Floats, _rng: np.random.Generator) -> Floats:
    """A 1 that is a stem and nothing else."""
    return np.minimum(heights, stroke(*_stem(heights), 0.9))


def flagged_one(heights: Floats, rng: np.random.Generator) -> Floats:
    """A 1 with a long flag, half of them with a foot."""
    n = len(heights)
    top, bottom = _stem(heights)
    length, drop = uniform(rng, n, 1.5, 3.5), uniform(rng, n, 0.3, 1.0)
    x, y = top
    flag = stroke(top, (x - length, y + drop * length), 0.6)
    (fx, fy), half = bottom, uniform(rng, n, 1.0, 2.5)
    foot = stroke((fx - half, fy), (fx + half, fy), 0.5) - 9 * (rng.random((n, 1, 1)) < 0.5)
    return np.maximum(bare_one(heights, rng), np.maximum(flag, foot))


def barless_seven(heights: Floats, _rng: np.random.Generator) -> Floats:
    """A 7 without its bar."""
    top = _centre(heights, 1.0, 2.0, rightmost=True)
    bottom = _centre(heights, 6.5, 8.0)
    stem = stroke(top, bottom, 0.9)
    return np.where((Y > 2.0) & (Y < 7.0), np.minimum(heights, stem), heights)


def straight_nine(heights: Floats, rng: np.random.Generator) -> Floats:
    """A 9 whose tail goes straight down."""
    n = len(heights)
    right = _centre(heights, 2.5, 4.0, rightmost=True)
    foot = (right[0] - uniform(rng, n, -0.2, 1.5), np.full((n, 1, 1), 7.7))
    without = np.where(Y > 4.6, -1.0, heights)
    return np.maximum(without, stroke(right, foot, 0.6))


def long_four(heights: Floats, rng: np.random.Generator) -> Floats:
    """A 4 whose stem goes far below the bar."""
    n = len(heights)
    bar = uniform(rng, n, 3.0, 4.4)  # where the bar, at 5 of 8, comes to lie
    y = Y[None]
    source = np.where(y < bar, y * 5 / bar, 5 + (y - bar) * 3 / (8 - bar))
    rows = np.clip((source[:, :, 0] + 1) * _CELL - 0.5, 0, _SIDE - 1)
    low = np.minimum(rows.astype(int), _SIDE - 2)
    part = (rows - low)[:, :, None]
    i = np.arange(n)[:, None]
    stretched: Floats = heights[i, low] * (1 - part) + heights[i, low + 1] * part
    return stretched


def open_four(heights: Floats, rng: np.random.Generator) -> Floats:
    """A 4 drawn as an angle and a long stem, open above."""
    n = len(heights)
    left, right = uniform(rng, n, 1.2, 2.4), uniform(rng, n, 5.0, 6.4)
    bar, lean = uniform(rng, n, 3.4, 5.0), uniform(rng, n, -0.3, 0.8)
    top = 0.4 + np.zeros((n, 1, 1))
    radius = uniform(rng, n, 0.45, 0.75)
    strokes = (
        stroke((left + lean, top + uniform(rng, n, 0, 0.8)), (left, bar), radius),
        stroke((left, bar), (right + uniform(rng, n, -0.3, 1.2), bar - lean / 2), radius),
        stroke((right, top + uniform(rng, n, 0, 1.0)), (right - lean / 2, 7.3 + top), radius),
    )
    digit: Floats = np.maximum.reduce(strokes)
    return digit


def looped_two(heights: Floats, rng: np.random.Generator) -> Floats:
    """A 2 with a loop at its lower left."""
    n = len(heights)
    x, y = uniform(rng, n, 2.0, 3.0), uniform(rng, n, 5.8, 6.4)
    size = uniform(rng, n, 0.9, 1.4)
    ring = 0.5 + 0.5 - np.abs(np.hypot(X - x, Y - y) - size)
    hole = np.hypot(X - x, Y - y) < size - 0.4
    return np.where(hole, -0.5, np.maximum(heights, np.clip(ring, -1, 1.2)))


STYLES: dict[int, tuple[Style, ...]] = {
    1: (bare_one, flagged_one),
    2: (looped_two,),
    4: (long_four, open_four),
    7: (barless_seven,),
    9: (straight_nine,),
}


def _stem(heights: Floats) -> tuple[Point, Point]:
    """Ends of the stem of a 1: the line through its middle, over the whole height."""
    (ax, ay), (bx, by) = _centre(heights, 2.5, 4.5), _centre(heights, 4.5, 6.5)
    slope = (bx - ax) / (by - ay)
    return (ax + slope * (0.4 - ay), 0.4 + 0 * ay), (ax + slope * (7.6 - ay), 7.6 + 0 * ay)


def _centre(heights: Floats, low: float, high: float, rightmost: bool = False) -> Point:
    """Centre of the ink between two heights, (x, y), each (n, 1, 1); or of its right end."""
    ink = np.where(np.abs(Y - (low + high) / 2) < (high - low) / 2, np.clip(heights, 0, 1), 0)
    if rightmost:  # the last stroke before the right edge
        ink = ink * (np.cumsum(ink[:, :, ::-1], axis=2)[:, :, ::-1] < 1.2 * _CELL)
    total = ink.sum(axis=(1, 2), keepdims=True) + 1e-6
    x, y = ((ink * z).sum(axis=(1, 2), keepdims=True) / total for z in (X, Y))
    return x, y
