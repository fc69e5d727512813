"""Ruled and squared paper: thin straight lines from one border of a picture to the other."""

import itertools

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Ink = NDArray[np.uint8]

_ENDS = 0.04  # of the picture's side: a line comes this near to the border at both ends
_SLOPE = 0.12  # rise per width; no one photographs a page more askew
_WIDTH = 0.06  # of the picture's side, at most
_DRAWN = 0.6  # share of a row along the line that is ink, for the row to belong to the line
_WHOLE = 0.9  # share of the columns in which the line is there
_DARKER = 1.4  # times the line's median: a stroke that lies upon it


def erased(mask: Mask, ink: Ink) -> Mask:
    """The mask without lines, level or upright, that cross the whole picture.

    Where a stroke crosses a line or lies on it and is darker, the stroke stays.

    mask : (height, width) bool, where there is ink
    ink : (height, width) uint8, how dark it is
    """
    without_level = _without_level_lines(mask, ink)
    return _without_level_lines(without_level.T, ink.T).T


def _without_level_lines(mask: Mask, ink: Ink) -> Mask:
    mask = mask.copy()
    height, width = mask.shape
    for rows in mask[: int(_WIDTH * height)], mask[::-1][: int(_WIDTH * height)]:
        rows[rows.mean(axis=1) >= _WHOLE] = False  # what remains of a box
    ends = max(1, round(_ENDS * width))
    left, right = (
        _runs(side.mean(axis=1) >= 0.5) for side in (mask[:, :ends], mask[:, -ends:])
    )
    for start, end in itertools.product(left, right):
        if abs(end - start) <= _SLOPE * width:
            _erase(mask, ink, np.rint(np.linspace(start, end, width)).astype(int))
    return mask


def _runs(side: Mask) -> list[float]:
    """The middles of the runs of true cells."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], side, [False]])))
    return [(first + end - 1) / 2 for first, end in edges.reshape(-1, 2)]


def _erase(mask: Mask, ink: Ink, middle: NDArray[np.int_]) -> None:
    """Clear the line through the rows `middle`, one for each column, if there is one."""
    height, width = mask.shape
    reach = round(_WIDTH * height) + 2
    rows = middle + np.arange(-reach, reach + 1)[:, None]  # the line's surroundings, straight
    columns = np.broadcast_to(np.arange(width), rows.shape)
    on_picture = (rows >= 0) & (rows < height)
    rows = rows.clip(0, height - 1)
    band = mask[rows, columns] & on_picture
    drawn = np.flatnonzero(band.mean(axis=1) >= _DRAWN)
    if not len(drawn) or band[drawn].any(axis=0).mean() < _WHOLE:
        return
    top, bottom = drawn[0] - 1, drawn[-1] + 2  # with its soft edges
    if top < 1 or bottom > 2 * reach:  # too wide for a line
        return
    darkness = ink[rows, columns]
    limit = _DARKER * np.median(darkness[drawn][band[drawn]])
    is_line = band.copy()
    is_line[:top] = is_line[bottom:] = False
    is_line &= ~(band[top - 1] | band[bottom]) & (darkness <= limit)
    mask[rows[is_line], columns[is_line]] = False
