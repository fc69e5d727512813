"""More training pictures from few: sharp upsampling and warped copies of 8x8 digits.

The 1,797 digits show neat forms; visitors' hands vary more. Each copy is a row upsampled to
a sharp picture, warped as another hand might have drawn it, and brought back to 8x8 by
`nn.ink`, the same way that a drawing takes (Simard et al., "Best Practices for
Convolutional Neural Networks Applied to Visual Document Analysis", 2003).
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from nn import handwriting, nondigits
from nn.digits import NO_DIGIT, Labels, Pixels
from nn.ink import MAX_INTENSITY, SIDE, Jitter, pixels_from_ink
from nn.network import Floats, Seed

Progress = Callable[[int, int], object]  # is called with (pictures done, pictures in all)
Group = tuple[Floats, Labels]  # heights (n, 60, 60) and what they show, (n,)

_ZOOM = 6  # pixels per cell of the sharp picture
_SHARP = _ZOOM * (SIDE + 2)  # its side: the 8x8 with a margin of one cell around
_STEEPNESS = 8.0  # of the edge between paper and ink in a sharp picture
_MARGIN = 1.3  # how much a warped copy may grow before the frame cuts it
_BATCH = 32  # pictures warped at once: they stay in the processor's cache
_NO_DIGITS = 600  # pictures that show no digit made at once: some tens of MB


def sharpen(rows: NDArray[np.integer]) -> Floats:
    """Rows of 8x8 cells as smooth heights whose level line 0.5 is the digit's outline.

    rows has shape (n, 64), 0..16. The result, (n, 60, 60) float32, is such that the sharp
    picture `sigmoid(8 (u - 0.5))` has the rows' own cell means, by iterative
    back-projection (Irani and Peleg, "Improving Resolution by Image Registration", 1991).
    """
    cells = np.asarray(rows, np.float32).reshape(-1, SIDE, SIDE) / MAX_INTENSITY
    target = np.pad(cells, ((0, 0), (1, 1), (1, 1)))
    zoom = _cubic_zoom()
    heights = zoom @ target @ zoom.T
    for _ in range(30):
        missing = target - _cell_means(_edge(heights))
        heights += zoom @ missing @ zoom.T
    return heights


def training_pictures(
    rows: Pixels,
    labels: Labels,
    copies: int,
    random_state: Seed = None,
    progress: Progress | None = None,
    none: int = 0,
    written: int = 0,
) -> tuple[Pixels, Labels]:
    """What a network learns from: the rows, copies of them, handwriting, and no digits.

    Parameters
    ----------
    rows : ndarray of shape (n, 64), 0..16
    labels : ndarray of shape (n,), 0..9
    copies : int >= 0
        Warped copies of each row. The row itself is repeated as often, and at least once, so
        that the copies do not outweigh it.
    random_state, progress : see `warped_copies`
    none : int >= 0
        Pictures that show no digit, beside those that come with the copies.
    written : int >= 0
        Pictures of the ways of writing in `nn.handwriting`, warped as the copies are.

    Returns
    -------
    pixels : ndarray of shape (m, 64), uint8, 0..16
        In this order: the rows, their copies, handwriting, pictures that show no digit.
    labels : ndarray of shape (m,), 0..9, or NO_DIGIT
    """
    if not (copies or none or written):  # sharpening takes a second
        return np.asarray(rows, np.uint8), labels
    rng = np.random.default_rng(random_state)
    plain = max(1, copies)
    heights = sharpen(rows)
    none += len(rows) * 2 // 3 * copies
    groups = chain(
        [(heights, labels)] * copies,
        handwriting.copies(written, rng),
        _no_digits(heights, labels, none, rng),
    )
    pixels, shown = _warped(groups, len(rows) * copies + written + none, rng, progress)
    return (
        np.concatenate([np.tile(rows, (plain, 1)).astype(np.uint8), pixels]),
        np.concatenate([np.tile(labels, plain), shown]),
    )


def warped_copies(
    rows: Pixels, copies: int, random_state: Seed = None, progress: Progress | None = None
) -> Pixels:
    """`copies` variants of every row, as other hands might have drawn it.

    Parameters
    ----------
    rows : ndarray of shape (n, 64), 0..16
    copies : int >= 0, variants of each row
    random_state : None, int or numpy.random.Generator
    progress : called with (pictures done, pictures in all) after every batch, or None

    Returns
    -------
    ndarray of shape (n * copies, 64), uint8, 0..16
        All rows' first copies, then all rows' second copies, and so on: repeat the labels
        with `np.tile(labels, copies)`.
    """
    groups = [(sharpen(rows), np.arange(len(rows)))] * copies
    rng = np.random.default_rng(random_state)
    return _warped(groups, len(rows) * copies, rng, progress)[0]


def _no_digits(
    heights: Floats, labels: Labels, n: int, rng: np.random.Generator
) -> Iterator[Group]:
    """n pictures that show no digit, a few hundred at a time to save memory."""
    for start in range(0, n, _NO_DIGITS):
        made = nondigits.make(heights, labels, min(_NO_DIGITS, n - start), rng)
        yield made.astype(np.float32), np.full(len(made), NO_DIGIT)


def _warped(
    groups: Iterable[Group], total: int, rng: np.random.Generator, progress: Progress | None
) -> tuple[Pixels, Labels]:
    """Groups of heights and labels, `total` in all, warped and brought to 8x8.

    The pixels, (total, 64) uint8, and labels, (total,), in the groups' order.
    """
    pixels, labels = np.empty((total, SIDE * SIDE), np.uint8), np.empty(total, np.int64)
    done = 0
    for group, shown in groups:
        labels[done : done + len(shown)] = shown
        for start in range(0, len(group), _BATCH):
            for picture in _warp(group[start : start + _BATCH], rng):
                pixels[done] = pixels_from_ink(picture, Jitter.random(rng)).ravel()
                done += 1
            if progress:
                progress(done, total)
    return pixels, labels


def _warp(heights: Floats, rng: np.random.Generator) -> Pixels:
    """Sharp pictures of warped heights, (n, 60, 60) uint8, 0 paper to 255 ink."""
    n = len(heights)
    across, down = _sources(n, rng)
    heights = _sampled(heights, across, down)
    level = rng.uniform(0.25, 0.65, (n, 1, 1)).astype(np.float32)
    ink: Floats = np.clip(_STEEPNESS * (heights - level) + 0.5, 0, 1)
    return (ink * 255).astype(np.uint8)


def _sources(n: int, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Where each pixel of n warped pictures comes from: (x, y), each (n, 60, 60), pixels."""

    def normal(sigma: float) -> Floats:
        return np.float32(sigma) * rng.standard_normal((n, 1, 1), np.float32)

    line: Floats = np.linspace(-1, 1, _SHARP, dtype=np.float32)
    x, y = line[None, None, :], line[None, :, None]
    depth = 1 + normal(0.06) * x + normal(0.06) * y  # perspective
    x, y = x / depth, y / depth
    pi = np.float32(np.pi)
    x = x + normal(0.06) * np.sin(pi * x) + normal(0.06) * np.cos(pi * x)  # uneven
    y = y + normal(0.06) * np.sin(pi * y) + normal(0.06) * np.cos(pi * y)  # stretch
    angle = normal(0.12)
    x, y = np.cos(angle) * x - np.sin(angle) * y, np.sin(angle) * x + np.cos(angle) * y
    x, y = np.exp(normal(0.2)) * (x + normal(0.2) * y), np.exp(normal(0.1)) * y
    strength = rng.uniform(0, 2.5, (n, 1, 1)).astype(np.float32)
    middle = np.float32((_SHARP - 1) / 2)
    grown = middle * np.float32(_MARGIN)
    return (
        middle + grown * x + strength * _smooth_noise(n, rng),
        middle + grown * y + strength * _smooth_noise(n, rng),
    )


def _smooth_noise(n: int, rng: np.random.Generator) -> Floats:
    """n smooth random fields of unit variance, (n, 60, 60): the elastic part of a warp."""
    i = np.arange(_SHARP)
    knots = np.linspace(0, _SHARP - 1, 7)
    basis = np.exp(-((i[:, None] - knots) ** 2) / (2 * 6.0**2))
    basis = (basis / np.sqrt((basis**2).sum(axis=1).mean())).astype(np.float32)
    noise: Floats = basis @ rng.standard_normal((n, 7, 7), np.float32) @ basis.T
    return noise


def _sampled(pictures: Floats, x: Floats, y: Floats) -> Floats:
    """Bilinear samples of (n, s, s) pictures at (x, y), each (n, s, s); zero outside."""
    n, side = len(pictures), pictures.shape[1]
    padded = np.pad(pictures, ((0, 0), (1, 1), (1, 1)))
    x, y = np.clip(x + 1, 0, side), np.clip(y + 1, 0, side)
    left, top = x.astype(np.intp), y.astype(np.intp)
    fx, fy = (x - left).astype(np.float32), (y - top).astype(np.float32)
    flat, row = padded.ravel(), side + 2
    at = (np.arange(n)[:, None, None] * row + top) * row + left
    upper = flat[at] + fx * (flat[at + 1] - flat[at])
    lower = flat[at + row] + fx * (flat[at + row + 1] - flat[at + row])
    sampled: Floats = upper + fy * (lower - upper)
    return sampled


def _edge(heights: Floats) -> Floats:
    edge: Floats = 0.5 + 0.5 * np.tanh(_STEEPNESS / 2 * (heights - 0.5))
    return edge


def _cell_means(pictures: Floats) -> Floats:
    side = pictures.shape[1] // _ZOOM
    means: Floats = pictures.reshape(-1, side, _ZOOM, side, _ZOOM).mean(axis=(2, 4))
    return means


def _cubic_zoom() -> Floats:
    """Matrix (60, 10) of cubic interpolation from cells to pixels."""
    cells = Image.fromarray(np.eye(SIDE + 2, dtype=np.float32))
    zoomed = cells.resize((SIDE + 2, _SHARP), Image.Resampling.BICUBIC)
    return np.asarray(zoomed)
