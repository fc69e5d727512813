"""Pictures for pages: 8x8 digits, and the weights of neurons, as PNG files."""

import io

import numpy as np
from PIL import Image

from nn.ink import MAX_INTENSITY, SIDE

# Orange for and blue against: told apart with every kind of colour vision, on light ground and
# on dark. How strong a weight is shows in the opacity.
POSITIVE, NEGATIVE = (217, 95, 2), (45, 118, 214)

_CELL = 6  # px a weight
_GAP = 8  # px between neurons
_OUTLINE = (128, 128, 128, 90)  # of a neuron, 1 px
_CHARACTERS = "0123456789abcdefg"  # of an address: one for each intensity
_STRONGEST = 99  # percentile of the weights that is fully opaque: a few large ones hide none


def digit_png(pixels):
    """An 8x8 picture, dark on light, from pixels (64,) or (8, 8), 0..16."""
    cells = np.asarray(pixels, float).reshape(SIDE, SIDE) / MAX_INTENSITY
    return _png(Image.fromarray(np.round(255 - 255 * cells).astype(np.uint8)))


def weights_png(weights, columns):
    """A sheet of 8x8 pictures, one per neuron, line by line, on transparent ground.

    weights has shape (n_neurons, 64), any range: the sheet has its own scale, the same for
    all its neurons. Its last line may be incomplete.
    """
    scale = np.percentile(np.abs(weights), _STRONGEST) or 1.0
    step = SIDE * _CELL + _GAP
    lines = -(-len(weights) // columns)
    sheet = np.zeros((lines * step, columns * step, 4), np.uint8)
    for i, cells in enumerate(_coloured(weights / scale)):
        top, left = i // columns * step, i % columns * step
        sheet[top : top + len(cells), left : left + len(cells)] = cells
    return _png(Image.fromarray(sheet))


def _coloured(weights):
    """Weights (n, 64), mostly -1..1, as RGBA pictures: (n, side, side, 4)."""
    cells = weights.reshape(-1, SIDE, SIDE)
    colours = np.where(cells[..., None] > 0, POSITIVE, NEGATIVE)
    opacity = 255 * np.minimum(np.abs(cells), 1)
    rgba = np.concatenate([colours, opacity[..., None]], axis=-1).astype(np.uint8)
    rgba = rgba.repeat(_CELL, axis=1).repeat(_CELL, axis=2)
    outlined = np.full((len(rgba), rgba.shape[1] + 2, rgba.shape[2] + 2, 4), _OUTLINE, np.uint8)
    outlined[:, 1:-1, 1:-1] = rgba
    return outlined


def _png(image):
    buffer = io.BytesIO()
    image.save(buffer, "PNG")
    return buffer.getvalue()


# A digit's address holds its pixels, one character for each of the 64: it can be shown without
# looking anything up, and what it shows never changes.


def in_address(pixels):
    """The 64 characters that stand for pixels (64,) or (8, 8), int 0..16."""
    return "".join(_CHARACTERS[value] for value in np.ravel(pixels))


def from_address(text):
    """The pixels (64,) uint8 0..16 that 64 characters stand for; ValueError if they do not."""
    if len(text) != SIDE * SIDE or not set(text) <= set(_CHARACTERS):
        raise ValueError(f"{text!r} is not {SIDE * SIDE} characters from 0 to 9 and a to g.")
    return np.array([_CHARACTERS.index(character) for character in text], np.uint8)
