"""Pictures for pages: 8x8 digits, and the weights of neurons, as PNG files."""

import io

import numpy as np
from numpy.typing import ArrayLike, NDArray
from PIL import Image

from nn.ink import MAX_INTENSITY, SIDE
from nn.refusal import Refusal

# Orange for and blue against: distinct with every kind of colour vision, on light ground and
# on dark. The opacity shows the size of a weight.
POSITIVE, NEGATIVE = (217, 95, 2), (45, 118, 214)

_CELL = 6  # px a weight
_GAP = 8  # px between neurons
_OUTLINE = (128, 128, 128, 90)  # of a neuron, 1 px
_CHARACTERS = "0123456789abcdefg"  # in an address: one for each intensity
_STRONGEST = 99  # percentile of the weights from which they are opaque; ignores outliers


def digit_png(pixels: ArrayLike) -> bytes:
    """An 8x8 picture, dark on light, from pixels (64,) or (8, 8), 0..16."""
    cells = np.asarray(pixels, float).reshape(SIDE, SIDE) / MAX_INTENSITY
    return _png(Image.fromarray(np.round(255 - 255 * cells).astype(np.uint8)))


def weights_png(weights: NDArray[np.floating], columns: int) -> bytes:
    """A sheet of 8x8 pictures, one per neuron, line by line, on transparent ground.

    weights has shape (n_neurons, 64), any range. All neurons of a sheet have the same scale.
    The last line may be incomplete.
    """
    scale = np.percentile(np.abs(weights), _STRONGEST) or 1.0
    step = SIDE * _CELL + _GAP
    lines = -(-len(weights) // columns)
    sheet = np.zeros((lines * step, columns * step, 4), np.uint8)
    for i, cells in enumerate(_coloured(weights / scale)):
        top, left = i // columns * step, i % columns * step
        sheet[top : top + len(cells), left : left + len(cells)] = cells
    return _png(Image.fromarray(sheet))


def _coloured(weights: NDArray[np.floating]) -> NDArray[np.uint8]:
    """Weights (n, 64), mostly -1..1, as RGBA pictures: (n, side, side, 4)."""
    cells = weights.reshape(-1, SIDE, SIDE)
    colours = np.where(cells[..., None] > 0, POSITIVE, NEGATIVE)
    opacity = 255 * np.minimum(np.abs(cells), 1)
    rgba = np.concatenate([colours, opacity[..., None]], axis=-1).astype(np.uint8)
    rgba = rgba.repeat(_CELL, axis=1).repeat(_CELL, axis=2)
    outlined = np.full((len(rgba), rgba.shape[1] + 2, rgba.shape[2] + 2, 4), _OUTLINE, np.uint8)
    outlined[:, 1:-1, 1:-1] = rgba
    return outlined


def _png(image: Image.Image) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


# The address of an 8x8 picture holds its 64 pixels, one character each. Nothing is looked up,
# and the picture at an address never changes.


def in_address(pixels: ArrayLike) -> str:
    """The 64 characters that stand for pixels (64,) or (8, 8), int 0..16."""
    return "".join(_CHARACTERS[value] for value in np.ravel(pixels))


def from_address(text: str) -> NDArray[np.uint8]:
    """The pixels (64,) 0..16 that 64 characters stand for; Refusal for other texts."""
    if len(text) != SIDE * SIDE or not set(text) <= set(_CHARACTERS):
        raise Refusal(
            "{text!r:.80} is not {n} characters from 0 to 9 and a to g.",
            code="no_such_picture",
            text=text,
            n=SIDE * SIDE,
        )
    return np.array([_CHARACTERS.index(character) for character in text], np.uint8)
