"""Which pieces of a picture's ink are the digit, and which are boxes, specks or neighbours.

A piece is ink that hangs together; touching at a corner is touching.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Mask = NDArray[np.bool_]
Labels = NDArray[np.int32]

_NEAR = 0.3  # of the main piece's size: a piece within this distance belongs to the digit
_SPECK = 0.02  # of the main piece's area; a smaller piece is dirt
_ANOTHER = 0.6  # of the main piece's size: a piece this large is a second digit
_EDGE = 0.06  # of the picture's side: remains of lines and boxes along the border
_CORNER = 0.5  # of the picture's longer side: a digit that two sides cut is larger
_FRAME_DEPTH = 0.12  # of a frame's size: where its sides are looked for
_FRAME_DRAWN = 0.8  # of each of a frame's four sides
_EVERY_NEIGHBOUR = np.ones((3, 3), int)


class _Piece(NamedTuple):
    """A piece's number in the labelled picture, its box (ends exclusive) and its area."""

    number: int
    top: int
    left: int
    bottom: int
    right: int
    area: int

    @property
    def size(self) -> int:
        return max(self.bottom - self.top, self.right - self.left)


def count(mask: Mask) -> int:
    """How many pieces a picture, (height, width), has."""
    from scipy import ndimage  # takes .3 s to import; imported with the first picture

    return int(ndimage.label(mask, _EVERY_NEIGHBOUR)[1])


def digit(mask: Mask, smallest: float) -> Mask:
    """The pieces of a picture, (height, width) bool, that make up its digit.

    None if all are smaller than `smallest` px. If there are several digits, all of them, so
    that the network sees that this is not one digit.
    """
    labels, pieces = _pieces(mask)
    candidates = [
        piece
        for piece in pieces
        if not _is_scrap(piece, mask.shape) and not _is_frame(labels, piece, pieces)
    ]
    if not candidates:
        return np.zeros_like(mask)
    main = max(candidates, key=lambda piece: _weight(piece, mask.shape))
    if main.size < smallest:
        return np.zeros_like(mask)
    kept = np.zeros(len(pieces) + 1, bool)
    kept[[p.number for p in candidates if _belongs(p, main, mask.shape)]] = True
    return kept[labels]


def _pieces(mask: Mask) -> tuple[Labels, list[_Piece]]:
    from scipy import ndimage

    labels, _ = ndimage.label(mask, _EVERY_NEIGHBOUR)
    areas = np.bincount(labels.ravel())
    boxes = enumerate(ndimage.find_objects(labels), 1)
    return labels, [
        _Piece(i, rows.start, columns.start, rows.stop, columns.stop, int(areas[i]))
        for i, (rows, columns) in boxes
    ]


def _is_scrap(piece: _Piece, shape: tuple[int, ...]) -> bool:
    """Whether a piece is at the picture's very edge, or the corner of something."""
    height, width = shape
    across, down = _EDGE * width, _EDGE * height
    if piece.right <= across or piece.left >= width - across:
        return True
    if piece.bottom <= down or piece.top >= height - down:
        return True
    return len(_cut(piece, shape)) >= 2 and piece.size < _CORNER * max(shape)


def _is_frame(labels: Labels, piece: _Piece, pieces: list[_Piece]) -> bool:
    """Whether a piece runs along the four sides of its own box and holds another piece."""
    if not any(_holds(piece, other) for other in pieces):
        return False
    own = labels[piece.top : piece.bottom, piece.left : piece.right] == piece.number
    depth = max(1, round(_FRAME_DEPTH * piece.size))
    sides = (
        own[:depth].any(axis=0),
        own[-depth:].any(axis=0),
        own[:, :depth].any(axis=1),
        own[:, -depth:].any(axis=1),
    )
    return all(side.mean() >= _FRAME_DRAWN for side in sides)


def _holds(outer: _Piece, inner: _Piece) -> bool:
    """Whether one piece's box lies inside the other's, and is no speck."""
    return (
        outer.top < inner.top
        and outer.left < inner.left
        and outer.bottom > inner.bottom
        and outer.right > inner.right
        and inner.area >= _SPECK * outer.area
    )


def _weight(piece: _Piece, shape: tuple[int, ...]) -> float:
    """How likely a piece is the digit: large, near the middle, not cut on two sides."""
    down = (piece.top + piece.bottom) / 2 / shape[0] - 0.5
    across = (piece.left + piece.right) / 2 / shape[1] - 0.5
    nearness = 1 - min(1.0, 1.4 * float(np.hypot(across, down)))
    return piece.size * (0.2 + nearness) * (0.3 if len(_cut(piece, shape)) >= 2 else 1)


def _belongs(piece: _Piece, main: _Piece, shape: tuple[int, ...]) -> bool:
    """Whether a piece is part of the digit, or as large as the digit."""
    if piece.area < _SPECK * main.area or not _cut(piece, shape) <= _cut(main, shape):
        return False
    return piece.size >= _ANOTHER * main.size or _distance(piece, main) <= _NEAR * main.size


def _cut(piece: _Piece, shape: tuple[int, ...]) -> set[str]:
    """The sides of the picture that the piece touches."""
    sides = {
        "top": piece.top == 0,
        "left": piece.left == 0,
        "bottom": piece.bottom == shape[0],
        "right": piece.right == shape[1],
    }
    return {side for side, touches in sides.items() if touches}


def _distance(a: _Piece, b: _Piece) -> float:
    """Between the boxes of two pieces, px."""
    across = max(a.left - b.right, b.left - a.right, 0)
    down = max(a.top - b.bottom, b.top - a.bottom, 0)
    return float(np.hypot(across, down))
