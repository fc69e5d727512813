"""Bytes of a picture file -> a Pillow image that `nn.ink` takes, within limits."""

import contextlib
import io
import threading
from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageOps

from nn import decoding, png_bands
from nn.refused_pictures import (
    NotAPicture,
    PictureError,
    PictureTooLarge,
    UnsupportedPicture,
    damaged,
    too_slow,
)

__all__ = [
    "FORMATS",
    "MAX_BYTES",
    "MAX_SIDE",
    "NotAPicture",
    "PictureError",
    "PictureTooLarge",
    "UnsupportedPicture",
    "from_pillow",
    "open_picture",
]

MAX_BYTES = 16 * 2**20
MAX_SIDE = 8192  # px
FORMATS = ("PNG", "JPEG", "WEBP", "BMP")

_MODES = ("1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "I;16")
_WORKING_SIDE = 1024  # px; more shows nothing in 8x8 cells and costs memory
_DRAFT_SIDE = 320  # px of the shorter side that a JPEG is decoded to: libjpeg skips the rest
_STRIP = 16  # rows of the reduced picture that are converted at a time

# EXIF's orientations, and what makes such a picture upright.
_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}

# One large picture at a time, whatever the number of threads: each may take 150 MB.
_LARGE, _LARGE_PIXELS = threading.Lock(), 2**22

# `open_picture` checks each size before it decodes, more strictly than Pillow would.
Image.MAX_IMAGE_PIXELS = None


def open_picture(data: bytes, max_side: int = MAX_SIDE) -> Image.Image:
    """Decode a PNG, JPEG, WebP or BMP file.

    Parameters
    ----------
    data : bytes, at most 16 MiB
        One frame of at most 8192 x 8192 px, in any colours that these formats have. Of a
        phone's MPO, which is a JPEG followed by others, the first picture.
    max_side : int
        A smaller limit than 8192 px.

    Returns
    -------
    PIL.Image.Image
        Mode L, LA, RGB or RGBA, upright, no side longer than 1024 px.

    Raises
    ------
    NotAPicture, PictureTooLarge, UnsupportedPicture
        All of them are PictureError. What would take more than about a second to decode, or
        more than 200 MB, is refused before it is tried.
    """
    if not data:
        raise NotAPicture("The picture is empty (0 bytes). Send a PNG, JPEG, WebP or BMP file.")
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(
            "The picture has more than {limit:,} bytes (16 MiB). Send a smaller one.",
            limit=MAX_BYTES,
        )
    bare, orientation = decoding.stripped(data)
    image = _opened(bare)
    _check(image, max_side)
    _check_work(image, bare)
    try:
        with _LARGE if image.width * image.height > _LARGE_PIXELS else contextlib.nullcontext():
            small = _reduced(image, bare)
    except Exception as error:  # damaged data makes Pillow raise almost anything
        raise damaged() from error
    turn = _UPRIGHT.get(orientation)
    return small if turn is None else small.transpose(turn)


def from_pillow(image: Image.Image) -> Image.Image:
    """A Pillow image, of at most 8192 x 8192 px, as `open_picture` gives them, upright.

    Raises as `open_picture` does.
    """
    _check(image, MAX_SIDE)
    try:
        plain = _plain(ImageOps.exif_transpose(image))
    except Exception as error:  # of a file that Pillow reads only now
        raise damaged() from error
    return plain.reduce(_factor(plain))


def _opened(data: bytes) -> Image.Image:
    try:
        return Image.open(io.BytesIO(data), formats=FORMATS)
    except Exception as error:  # a damaged header makes Pillow raise almost anything
        raise NotAPicture(
            "This is no picture that can be read. Send a PNG, JPEG, WebP or BMP file."
        ) from error


def _check(image: Image.Image, max_side: int) -> None:
    if max(image.size) > max_side:
        raise PictureTooLarge(
            "The picture is {width} x {height} pixels; at most {side} x {side} are taken. "
            "Make it smaller.",
            width=image.width,
            height=image.height,
            side=max_side,
        )
    if image.mode not in _MODES:
        raise UnsupportedPicture(
            "The picture's colours are stored as {mode}; send greyscale or RGB.",
            mode=image.mode,
        )


def _check_work(image: Image.Image, data: bytes) -> None:
    pixels = image.width * image.height
    if image.format == "WEBP" and pixels > decoding.MAX_WEBP_PIXELS:
        raise too_slow("pixels, as a WebP", decoding.MAX_WEBP_PIXELS)
    if png_bands.is_needed(image) and not png_bands.can_decode(data):
        raise too_slow("pixels of 16 bits or interlaced", png_bands.WHOLE)


def _reduced(image: Image.Image, data: bytes) -> Image.Image:
    """The picture in L, LA, RGB or RGBA, no side longer than 1024 px, strip by strip.

    Strips keep the memory small. Colours are weighted by their opacity (Pillow's reduce sees
    to it), so that those under transparent parts do not show.
    """
    image.draft(None, (_DRAFT_SIDE, _DRAFT_SIDE))  # of JPEGs
    factor = _factor(image)
    if factor == 1:
        return _plain(image)
    width, height = (-(-side // factor) for side in image.size)
    whole, top = None, 0
    for strip in _strips(image, data, factor * _STRIP):
        small = _plain(strip).reduce(factor)
        whole = whole or Image.new(small.mode, (width, height))
        whole.paste(small, (0, top))
        top += small.height
    assert whole is not None
    return whole


def _factor(image: Image.Image) -> int:
    """By how much the picture is reduced, so that no side is longer than 1024 px."""
    return -(-max(image.size) // _WORKING_SIDE)


def _strips(image: Image.Image, data: bytes, rows: int) -> Iterator[Image.Image]:
    """The picture from top to bottom, so many rows at a time."""
    if png_bands.is_needed(image):
        yield from png_bands.bands(image, data, rows)
        return
    image.load()
    for top in range(0, image.height, rows):
        yield image.crop((0, top, image.width, min(top + rows, image.height)))


def _plain(image: Image.Image) -> Image.Image:
    """The picture in mode L, LA, RGB or RGBA."""
    if image.mode == "I;16":
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    elif "transparency" in image.info:  # one colour of a picture without alpha is paper
        image = image.convert("RGBA")
    elif image.mode in ("P", "CMYK"):
        image = image.convert("RGB")
    elif image.mode == "1":
        image = image.convert("L")
    image.load()
    return image
