"""Pictures that show no digit, made from the given digits and from random strokes.

A network that has only ever seen digits calls everything a digit. From these pictures it
learns to answer with all ten outputs near 0 (outlier exposure: Hendrycks, Mazeika, Dietterich,
"Deep Anomaly Detection with Outlier Exposure", 2019). Heights are as in `nn.augment.sharpen`.
"""

import numpy as np

from nn.digits import Labels
from nn.network import Floats
from nn.styles import Point, X, Y, stroke, uniform

_HALF_TURN_ALIKE = (0, 1, 8)  # still a digit when turned or mirrored
_MIRROR_ALIKE = (2, 5)  # each other's mirror image, more or less


def make(heights: Floats, labels: Labels, n: int, rng: np.random.Generator) -> Floats:
    """About n pictures, (m, 60, 60), n - 5 <= m <= n: the same number of each kind.

    heights (k, 60, 60) and labels (k,) are those of digits.
    """
    kinds = (_chimeras, _overlaps, _strokes, _scribbles, _turned, _blots)
    return np.concatenate([kind(heights, labels, n // len(kinds), rng) for kind in kinds])


def _chimeras(heights: Floats, labels: Labels, n: int, rng: np.random.Generator) -> Floats:
    """The upper half of one digit on the lower half of another."""
    above = rng.integers(len(heights), size=n)
    below = np.array([rng.choice(np.flatnonzero(labels != labels[i])) for i in above], int)
    cut = rng.integers(24, 37, (n, 1, 1))
    rows = np.arange(heights.shape[1])[None, :, None]
    return np.where(rows < cut, heights[above], heights[below])


def _overlaps(heights: Floats, _labels: Labels, n: int, rng: np.random.Generator) -> Floats:
    """Two digits side by side, or over one another."""
    pairs = rng.integers(len(heights), size=(n, 2))
    shifts = rng.integers(6, 14, n)
    made = [
        np.maximum(
            np.roll(heights[left], -shift, axis=1), np.roll(heights[right], shift, axis=1)
        )
        for (left, right), shift in zip(pairs, shifts, strict=True)
    ]
    return np.array(made, np.float32).reshape(n, *heights.shape[1:])


def _strokes(_heights: Floats, _labels: Labels, n: int, rng: np.random.Generator) -> Floats:
    """Two to seven straight strokes, many of them joined, as in letters."""
    radius = uniform(rng, n, 0.4, 0.7)
    made: Floats = np.array(-1.0)
    end = _point(rng, n)
    for i in range(7):
        joined = rng.random((n, 1, 1)) < 0.6
        (x, y), (other_x, other_y) = end, _point(rng, n)
        start = np.where(joined, x, other_x), np.where(joined, y, other_y)
        end = _point(rng, n)
        drawn = rng.random((n, 1, 1)) < (1 if i < 2 else 0.6)
        made = np.maximum(made, np.where(drawn, stroke(start, end, radius), -1))
    return made


def _scribbles(_heights: Floats, _labels: Labels, n: int, rng: np.random.Generator) -> Floats:
    """A pen that wanders, for three to eleven strokes."""
    path = np.cumsum(rng.standard_normal((n, 12, 2)), axis=1)
    low, high = path.min(axis=1, keepdims=True), path.max(axis=1, keepdims=True)
    path = 0.5 + 7 * (path - low) / (high - low).max(axis=2, keepdims=True)
    points = path.transpose(1, 2, 0)[..., None, None]  # (12, 2, n, 1, 1)
    radius, length = uniform(rng, n, 0.4, 0.7), rng.integers(3, 12, (n, 1, 1))
    strokes = (
        np.where(i < length, stroke(points[i], points[i + 1], radius), -1) for i in range(11)
    )
    scribbles: Floats = np.maximum.reduce(list(strokes))
    return scribbles


def _turned(heights: Floats, labels: Labels, n: int, rng: np.random.Generator) -> Floats:
    """Digits mirrored, upside down or on their side, if they are no digits that way."""
    turnable = np.flatnonzero(~np.isin(labels, _HALF_TURN_ALIKE))
    chosen = rng.choice(turnable, n)
    made: Floats = heights[chosen].copy()
    for i, label in enumerate(labels[chosen]):
        way = rng.integers(3)
        if way == 0 or label in _MIRROR_ALIKE:
            made[i] = np.rot90(made[i], rng.choice((1, 3)))
        elif way == 1 or label == 3:  # a 3 upside down is a 3
            made[i] = made[i][:, ::-1]
        else:
            made[i] = made[i][::-1]
    return made


def _blots(_heights: Floats, _labels: Labels, n: int, rng: np.random.Generator) -> Floats:
    """Filled rectangles and ellipses, none so narrow that it could be a 1."""
    across = uniform(rng, n, 1.5, 3.8)
    down = np.clip(across * uniform(rng, n, 0.55, 1.6), 1.2, 3.8)
    x, y = np.abs(X - 4) / across, np.abs(Y - 4) / down
    round_ = rng.random((n, 1, 1)) < 0.5
    return np.clip(2 - 1.5 * np.where(round_, np.hypot(x, y), np.maximum(x, y)), -1, 1.2)


def _point(rng: np.random.Generator, n: int) -> Point:
    return uniform(rng, n, 0.5, 7.5), uniform(rng, n, 0.5, 7.5)
