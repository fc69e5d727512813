"""Pictures of what the network learns from: digits and variants, ways of writing."""

from itertools import groupby

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nn import augment, digits, handwriting
from nn.digits import Pixels
from nn.ink import MAX_INTENSITY, SIDE

_COLUMNS = 16
_CELL = 6  # pixels a cell, and between pictures
_SEED = 0
_WAYS_A_LINE = 9
_WAY_WIDTH, _WAY_HEIGHT = 124, 84  # pixels, of a way of writing and its name


def variants() -> Image.Image:
    """An L image, dark on light: a line per digit, first the row itself, then variants of it
    and other ways of writing it.

    The last two lines are pictures that show no digit.
    """
    pixels, labels = digits.load()
    first = [np.flatnonzero(labels == digit)[0] for digit in range(digits.N_CLASSES)]
    made, shown = augment.training_pictures(
        pixels[first], labels[first], 32, _SEED, written=32 * (digits.N_CLASSES + 1)
    )
    rng = np.random.default_rng(_SEED)
    lines = []
    for digit in range(digits.N_CLASSES):
        copies = made[shown == digit]
        copies = copies[(copies != pixels[first[digit]]).any(axis=1)]
        lines.append([pixels[first[digit]], *rng.choice(copies, _COLUMNS - 1, replace=False)])
    none = rng.choice(made[shown == digits.NO_DIGIT], 2 * _COLUMNS, replace=False)
    return _drawn(np.array([*lines, none[:_COLUMNS], none[_COLUMNS:]]))


def ways() -> Image.Image:
    """An L image, dark on light: every way of writing in `nn.handwriting`, with its name."""
    lines = []
    for _, same in groupby(handwriting.ways(), key=lambda way: way.digit):
        found = list(same)
        lines += [found[i : i + _WAYS_A_LINE] for i in range(0, len(found), _WAYS_A_LINE)]
    size = (_WAYS_A_LINE * _WAY_WIDTH, len(lines) * _WAY_HEIGHT)
    sheet, font = Image.new("L", size, 255), ImageFont.load_default(10)
    draw = ImageDraw.Draw(sheet)
    for i, line in enumerate(lines):
        for j, way in enumerate(line):
            ink = np.clip(8 * (handwriting.model_of(way) - 0.5) + 0.5, 0, 1)
            picture = Image.fromarray((255 - 255 * ink).astype(np.uint8))
            left, top = j * _WAY_WIDTH, i * _WAY_HEIGHT
            sheet.paste(picture, (left + (_WAY_WIDTH - picture.width) // 2, top + 4))
            middle = (left + _WAY_WIDTH // 2, top + _WAY_HEIGHT - 12)
            draw.text(middle, way.name, 0, font, anchor="mm")
    return sheet


def _drawn(lines: Pixels) -> Image.Image:
    """Lines of 8x8 rows, (n_lines, n_columns, 64), as one picture."""
    cells = lines.reshape(*lines.shape[:2], SIDE, SIDE) / MAX_INTENSITY
    framed = np.pad(cells, ((0, 0), (0, 0), (1, 0), (1, 0)))
    sheet = np.concatenate(np.concatenate(framed, axis=1), axis=1)
    sheet = np.pad(sheet, ((0, 1), (0, 1)))
    return Image.fromarray((255 - 255 * sheet).astype(np.uint8)).resize(
        (sheet.shape[1] * _CELL, sheet.shape[0] * _CELL), Image.Resampling.NEAREST
    )
