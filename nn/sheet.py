"""A picture of what the network learns from: each digit with some of its variants."""

import numpy as np
from PIL import Image

from nn import augment, digits
from nn.digits import Pixels
from nn.ink import MAX_INTENSITY, SIDE

_COLUMNS = 16
_CELL = 6  # pixels a cell, and between pictures
_SEED = 0


def variants() -> Image.Image:
    """An L image, dark on light: a line per digit, first the row itself, then variants.

    The last two lines are pictures that show no digit.
    """
    pixels, labels = digits.load()
    first = [np.flatnonzero(labels == digit)[0] for digit in range(digits.N_CLASSES)]
    made, shown = augment.training_pictures(pixels[first], labels[first], 32, _SEED)
    rng = np.random.default_rng(_SEED)
    lines = []
    for digit in range(digits.N_CLASSES):
        copies = made[shown == digit]
        copies = copies[(copies != pixels[first[digit]]).any(axis=1)]
        lines.append([pixels[first[digit]], *rng.choice(copies, _COLUMNS - 1, replace=False)])
    none = rng.choice(made[shown == digits.NO_DIGIT], 2 * _COLUMNS, replace=False)
    return _drawn(np.array([*lines, none[:_COLUMNS], none[_COLUMNS:]]))


def _drawn(lines: Pixels) -> Image.Image:
    """Lines of 8x8 rows, (n_lines, n_columns, 64), as one picture."""
    cells = lines.reshape(*lines.shape[:2], SIDE, SIDE) / MAX_INTENSITY
    framed = np.pad(cells, ((0, 0), (0, 0), (1, 0), (1, 0)))
    sheet = np.concatenate(np.concatenate(framed, axis=1), axis=1)
    sheet = np.pad(sheet, ((0, 1), (0, 1)))
    return Image.fromarray((255 - 255 * sheet).astype(np.uint8)).resize(
        (sheet.shape[1] * _CELL, sheet.shape[0] * _CELL), Image.Resampling.NEAREST
    )
