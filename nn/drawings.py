"""Labelled drawings and pictures from files, as the 8x8 pixels that the network sees.

A drawings file is gzipped JSON lines, one drawing a line, as a tablet recorded it:
{"digit": 7, "strokes": [[[x, y], ...], ...]}, origin top left. A pictures file is .npz with
`images`, (n, height, width) uint8 of any polarity, and `labels`, (n,) 0..9.
"""

import gzip
import json
import zlib
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from nn import npz
from nn.digits import Labels, Pixels
from nn.ink import pixels_from_image
from nn.network import Floats
from nn.refusal import Refusal

Strokes = Sequence[Floats]  # (n, 2) each, n >= 1
Drawing = tuple[int, Strokes]  # with its digit
Wrapper = Callable[[Iterable[Any]], Iterable[Any]]  # of an iteration, as tqdm is one

MAX_PICTURES_BYTES = 512 * 2**20  # of a pictures file
CANVAS = 280  # px, the side of the draw page's drawing area
_OVERSAMPLING = 2  # Pillow draws hard edges; twice the size, halved, has soft ones


class DataFileError(Refusal):
    """A data file that cannot be used; the message names the line and the reason."""

    code = "bad_data_file"


@dataclass(frozen=True)
class Placement:
    """How a drawing is put on the canvas."""

    pen: int = 20  # px
    height: int = 200  # px, longer side of the pen's path
    random_corner: bool = False  # anywhere on the canvas instead of the middle


DEFAULT_PLACEMENT = Placement()


def read_drawings(path: str | Path) -> list[Drawing]:
    """Digits and their strokes: a list of (digit, strokes), each stroke a (n, 2) array.

    Raises DataFileError naming the first wrong line; a file with one is rejected whole.
    """
    try:
        with gzip.open(path, "rt", encoding="utf-8") as lines:
            found = [_drawing(line, f"{path}, line {i}") for i, line in enumerate(lines, 1)]
    except (gzip.BadGzipFile, EOFError, zlib.error, UnicodeDecodeError) as error:
        raise DataFileError(
            "{path}: not a complete gzipped text file ({error}).", path=path, error=error
        ) from error
    if not found:
        raise DataFileError("{path}: there are no drawings in the file.", path=path)
    return found


def _drawing(line: str, where: str) -> Drawing:
    try:
        record = json.loads(line)
        digit, strokes = record["digit"], record["strokes"]
        strokes = [np.array(stroke, float) for stroke in strokes]
    except (ValueError, TypeError, KeyError, RecursionError, OverflowError) as error:
        raise DataFileError(
            '{where}: not a drawing like {{"digit": 7, "strokes": [[[x, y], ...], ...]}}.',
            where=where,
        ) from error
    if type(digit) is not int or not 0 <= digit <= 9:
        raise DataFileError(
            "{where}: the digit is {digit!r}, not a whole number from 0 to 9.",
            where=where,
            digit=digit,
        )
    if not strokes:
        raise DataFileError("{where}: the drawing has no strokes.", where=where)
    for stroke in strokes:
        if stroke.ndim != 2 or stroke.shape[1] != 2 or not np.isfinite(stroke).all():
            raise DataFileError(
                "{where}: a stroke is not a list of one or more points [x, y].", where=where
            )
    return digit, strokes


def read_pictures(path: str | Path) -> tuple[NDArray[np.uint8], Labels]:
    """Pictures and labels of an .npz file: (n, height, width) uint8 and (n,) 0..9.

    Raises DataFileError.
    """
    try:
        arrays = npz.read(Path(path).read_bytes(), MAX_PICTURES_BYTES)
        images, labels = arrays["images"], arrays["labels"]
    except npz.NpzError as error:
        raise DataFileError("{path}: {error}", path=path, error=error) from error
    except KeyError as error:
        raise DataFileError(
            "{path}: {error} is missing from the file.", path=path, error=error
        ) from error
    if images.ndim != 3 or images.dtype != np.uint8 or not images.size:
        raise DataFileError(
            "{path}: `images` is {dtype} of shape {shape}, not uint8 of shape "
            "(n, height, width).",
            path=path,
            dtype=images.dtype,
            shape=images.shape,
        )
    whole = labels.dtype.kind in "iu" and labels.shape == images.shape[:1]
    if not whole or labels.min() < 0 or labels.max() > 9:
        raise DataFileError(
            "{path}: `labels` are not {n} whole numbers from 0 to 9.",
            path=path,
            n=len(images),
        )
    return images, labels


def render(
    strokes: Strokes,
    placement: Placement = DEFAULT_PLACEMENT,
    rng: np.random.Generator | None = None,
) -> Image.Image:
    """Strokes drawn black on a white canvas of 280 x 280 px: an L image.

    rng chooses the place if placement.random_corner is set.
    """
    points = np.concatenate(strokes)
    low, high = points.min(axis=0), points.max(axis=0)
    scale = placement.height / max(*(high - low), 1e-9) if len(points) > 1 else 1.0
    centre = np.array((CANVAS / 2, CANVAS / 2))
    if placement.random_corner:
        room = (CANVAS - placement.height - placement.pen) / 2
        centre += np.random.default_rng(rng).uniform(-room, room, 2)
    radius = placement.pen * _OVERSAMPLING / 2
    image = Image.new("L", (CANVAS * _OVERSAMPLING,) * 2, 255)
    draw = ImageDraw.Draw(image)
    for stroke in strokes:
        path = ((stroke - (low + high) / 2) * scale + centre) * _OVERSAMPLING
        draw.line([(x, y) for x, y in path], fill=0, width=round(2 * radius), joint="curve")
        for x, y in (path[0], path[-1]):  # round ends
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=0)
    return image.reduce(_OVERSAMPLING)


def drawn_pixels(
    drawings: Sequence[Drawing], placement: Placement, progress: Wrapper = iter
) -> tuple[Pixels, Labels]:
    """The 8x8 pixels of drawings, (n, 64) uint8 0..16, and their digits, (n,).

    `progress` wraps the iteration, as tqdm does.
    """
    rng = np.random.default_rng(0)
    rows = [
        pixels_from_image(render(strokes, placement, rng)).ravel()
        for _, strokes in progress(drawings)
    ]
    return np.array(rows), np.array([digit for digit, _ in drawings])


def pictured_pixels(images: NDArray[np.uint8], progress: Wrapper = iter) -> Pixels:
    """The 8x8 pixels of pictures (n, height, width) uint8: (n, 64) uint8 0..16."""
    return np.array([pixels_from_image(Image.fromarray(i)).ravel() for i in progress(images)])
