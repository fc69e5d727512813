"""Ways of writing the digits, as strokes of a pen, and pictures of many hands that write so.

scikit-learn's digits were written by 43 people, who share habits: their 7 has a bar, their 1 a
short flag. `handwriting.toml` collects how the rest of the world is taught to write; its head
tells how to add a way. Each copy moves the points of a way a little, and chooses a width and a
pen. Heights are as in `nn.augment.sharpen`, and go on through the same warps and the same form.
"""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nn.digits import NO_DIGIT, Labels

Floats = NDArray[np.float32]

FILE = Path(__file__).with_name("handwriting.toml")
WEIGHTS = {"often": 4, "sometimes": 2, "rarely": 1}  # how often a way is written, relatively

_PER_CELL = 6  # pixels, as in nn.augment
_SIDE = 60
_PIXELS = ((np.arange(_SIDE) + 0.5) / _PER_CELL - 1).astype(np.float32)  # cells; 0..8: frame
_BOX = 7.0  # cells, the height of a way
_MOVED = 4.0  # hundredths of the box, standard deviation of a point's move
_STEP = 0.3  # cells between two dots of the pen, at most
_DOT = 0.16  # cells squared; so wide is the pen's dot of which lines are made
_BATCH = 32  # copies drawn at once: their dots stay in the processor's cache


@dataclass(frozen=True)
class Way:
    """One way of writing a digit.

    Attributes
    ----------
    digit : 0..9, or NO_DIGIT of a letter, a sign or a drawing
    name : str
    weight : int
        How often it is written, relative to the other ways of the digit.
    points : ndarray of shape (n, 2), float32
        All strokes' points (x, y), in a box of 0..100, y downwards.
    curve : ndarray of shape (m, n), float32
        Matrix that makes of points the dots of a pen on the curve through them.
    """

    digit: int
    name: str
    weight: int
    points: Floats
    curve: Floats


@cache
def ways() -> tuple[Way, ...]:
    """The collection, by digit, as `handwriting.toml` has it."""
    found = tomllib.loads(FILE.read_text("utf-8"))
    return tuple(
        read(NO_DIGIT if digit == "none" else int(digit), name, strokes, WEIGHTS[frequency])
        for digit, group in found.items()
        for frequency, named in group.items()
        for name, strokes in named.items()
    )


def read(digit: int, name: str, strokes: str, weight: int = 1) -> Way:
    """A Way from its strokes as text, such as "6,4 6,4 92,4 92,4 40,100 / 28,52 88,52".

    ValueError names the way and what is wrong with it.
    """
    points: list[tuple[float, float]] = []
    pieces: list[list[int]] = []  # numbers of the points that a smooth curve passes through
    for stroke in strokes.split("/"):
        pieces.append([])
        for text in stroke.split():
            point = _point(text, f"{digit}, {name}")
            if pieces[-1] and points[-1] == point:  # a corner
                pieces.append([len(points) - 1])
            else:
                points.append(point)
                pieces[-1].append(len(points) - 1)
    pieces = [piece for piece in pieces if len(piece) > 1]
    if not pieces:
        raise ValueError(f"{digit}, {name}: {strokes!r} has no stroke of two points.")
    array = np.array(points, np.float32)
    return Way(digit, name, weight, array, np.concatenate([_curve(p, array) for p in pieces]))


def _point(text: str, where: str) -> tuple[float, float]:
    try:
        x, y = map(float, text.split(","))
    except ValueError:
        raise ValueError(f"{where}: {text!r} is not a point such as 50,100.") from None
    return x, y


def _curve(piece: list[int], points: Floats) -> Floats:
    """Rows of `Way.curve` for one smooth piece: Catmull-Rom splines (1974).

    piece holds numbers of rows of points (n, 2).
    """
    knots = np.eye(len(points), dtype=np.float32)[piece]
    first, last = 2 * knots[0] - knots[1], 2 * knots[-1] - knots[-2]
    k = np.array([first, *knots, last])
    parts = []
    for a, b, c, d in zip(k, k[1:], k[2:], k[3:]):
        length = float(np.hypot(*((c - b) @ points))) / 100 * _BOX
        t = np.linspace(0, 1, 1 + int(np.ceil(length / _STEP)), dtype=np.float32)[:-1, None]
        parts.append(
            b
            + t * (c - a) / 2
            + t**2 * (2 * a - 5 * b + 4 * c - d) / 2
            + t**3 * (3 * b - a - 3 * c + d) / 2
        )
    return np.concatenate([*parts, k[-2:-1]])


def shares(n: int, some: tuple[Way, ...]) -> list[int]:
    """How many of n copies each way gets: every digit alike, within a digit by weight.

    What is no digit gets as many as one digit.
    """
    total = {w.digit: sum(o.weight for o in some if o.digit == w.digit) for w in some}
    exact = np.cumsum([n * w.weight / total[w.digit] / len(total) for w in some])
    return [int(share) for share in np.diff(np.rint(exact), prepend=0)]


def copies(n: int, rng: np.random.Generator) -> Iterator[tuple[Floats, Labels]]:
    """Heights (m, 60, 60) and labels (m,) of a few copies at a time, n in all."""
    for way, share in zip(ways(), shares(n, ways()), strict=True):
        for start in range(0, share, _BATCH):
            m = min(_BATCH, share - start)
            yield drawn(way, m, rng), np.full(m, way.digit)


def drawn(way: Way, n: int, rng: np.random.Generator) -> Floats:
    """Heights, (n, 60, 60), of n copies of a way: each with its own points, width and pen."""
    moves = rng.normal(0, _MOVED, (n, *way.points.shape)).astype(np.float32)
    width = rng.uniform(0.55, 1.0, (n, 1, 1)).astype(np.float32)
    radius = rng.uniform(0.38, 0.75, (n, 1, 1)).astype(np.float32)
    return _heights(way, way.points + moves, width, radius)


def model_of(way: Way) -> Floats:
    """Heights, (60, 60), of a way as it is taught: nothing moved, a pen of middle width."""
    width, radius = np.array([[[[0.75]]], [[[0.45]]]], np.float32)
    model: Floats = _heights(way, way.points[None], width, radius)[0]
    return model


def _heights(way: Way, points: Floats, width: Floats, radius: Floats) -> Floats:
    """Heights, (n, 60, 60), of a way's points, (n, m, 2), moved as they may be.

    width is that of the box, relative to its height; radius, in cells, the pen's; both have
    shape (n, 1, 1).
    """
    dots: Floats = way.curve @ (points * np.float32(_BOX / 100))
    x = width * (dots[:, :, :1] - np.float32(_BOX / 2)) + np.float32(4)
    y = dots[:, :, 1:] + np.float32(0.5)
    heights = radius + np.float32(0.5) - _distances(x, y)
    return heights.clip(-1, 1.2)


def _distances(x: Floats, y: Floats) -> Floats:
    """How far each pixel lies from a line of dots at x and y, (n, m, 1): (n, 60, 60), cells.

    The sum of the dots' bells, exp(-distance**2 / _DOT), is one matrix product, because a bell
    is a bell across times a bell down. Its logarithm gives the distance from the line, a
    little less where lines meet, as ink does.
    """
    step = np.hypot(np.gradient(x, axis=1), np.gradient(y, axis=1))
    step = np.minimum(step, 1.5 * _STEP)  # more is the way to the next stroke
    across = _bells(x) * (step / np.float32(np.sqrt(np.pi * _DOT)))
    ink: Floats = _bells(y).transpose(0, 2, 1) @ across
    squares: Floats = np.maximum(0, -_DOT * np.log(ink))
    return np.sqrt(squares)


def _bells(centres: Floats) -> Floats:
    """exp(-distance**2 / _DOT) of the 60 pixels of a line from centres (n, m, 1): (n, m, 60).

    Never below exp(-40): products of two stay among the numbers that processors are fast at.
    """
    exponents: Floats = np.maximum(-40, -((_PIXELS - centres) ** 2) / _DOT)
    return np.exp(exponents)
