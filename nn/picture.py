"""Bytes of a picture file -> a Pillow image that `nn.ink` takes, within limits."""

import io

import numpy as np
from PIL import Image, ImageChops, ImageOps

MAX_BYTES = 4 * 2**20
MAX_SIDE = 4096  # px
FORMATS = ("PNG", "JPEG", "WEBP", "BMP")

_MODES = ("1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "I;16")
_REFUSED_MODES = {"P": "a palette", "CMYK": "CMYK", "I;16": "16 bits a pixel"}
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}  # Pillow's names of colours times opacity
_WORKING_SIDE = 1024  # px; more shows nothing in 8x8 cells and costs memory

# `open_picture` checks each size before it decodes, more strictly than Pillow would.
Image.MAX_IMAGE_PIXELS = None


class PictureError(ValueError):
    """A picture that is refused; the message says why, and what would be taken."""


class NotAPicture(PictureError):
    """Not a picture file, or a damaged one."""


class PictureTooLarge(PictureError):
    """More bytes or more pixels than the limits."""


class UnsupportedPicture(PictureError):
    """A picture, but of a kind that is not taken."""


def open_picture(data):
    """Decode a PNG, JPEG, WebP or BMP file.

    Parameters
    ----------
    data : bytes, at most 4 MiB
        One frame of at most 4096 x 4096 px; greyscale or RGB, with or without transparency.

    Returns
    -------
    PIL.Image.Image
        Mode L, LA, RGB or RGBA, upright, no side longer than 1024 px.

    Raises
    ------
    NotAPicture, PictureTooLarge, UnsupportedPicture
        All of them are PictureError.
    """
    if not data:
        raise NotAPicture("The picture is empty (0 bytes). Send a PNG, JPEG, WebP or BMP file.")
    if len(data) > MAX_BYTES:
        raise PictureTooLarge(
            f"The picture has more than {MAX_BYTES:,} bytes (4 MiB), the most that is taken."
        )
    image, frames = _opened(data)
    _check(image, frames)
    return _decoded(image)


def _opened(data):
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        return image, getattr(image, "n_frames", 1)
    except Exception as error:  # a damaged header makes Pillow raise almost anything
        raise NotAPicture(
            "This is no picture that can be read. Send a PNG, JPEG, WebP or BMP file."
        ) from error


def _check(image, frames):
    if max(image.size) > MAX_SIDE:
        raise PictureTooLarge(
            f"The picture is {image.width} x {image.height} pixels; "
            f"at most {MAX_SIDE} x {MAX_SIDE} are taken."
        )
    if frames > 1 and image.format != "MPO":
        raise UnsupportedPicture(
            f"The picture is animated, {frames} frames; send one with a single frame."
        )
    if image.mode not in _MODES:
        stored = _REFUSED_MODES.get(image.mode, image.mode)
        raise UnsupportedPicture(
            f"The picture's colours are stored as {stored}; send greyscale or RGB "
            "with 8 bits a channel, with or without transparency."
        )


def _decoded(image):
    try:
        image.load()
        if "exif" in image.info:
            image = ImageOps.exif_transpose(image)
    except Exception as error:  # damaged data makes Pillow raise almost anything
        raise NotAPicture("The picture is damaged or cut short. Send it again.") from error
    if image.mode == "1":
        image = image.convert("L")
    if image.mode == "I;16":
        image = Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("P", "CMYK") and "transparency" not in image.info:
        image = image.convert("RGB")
    if "transparency" in image.info:  # one colour of a picture without alpha stands for paper
        image = image.convert("RGBA")
    return _reduced(image) if max(image.size) > _WORKING_SIDE else image


def _reduced(image):
    """The picture with no side longer than 1024 px, channel by channel to spare memory.

    Colours are weighted by their opacity, so that those under transparent parts do not show.
    """
    factor = -(-max(image.size) // _WORKING_SIDE)
    bands = image.getbands()
    if image.mode not in _PREMULTIPLIED:
        return Image.merge(image.mode, [image.getchannel(b).reduce(factor) for b in bands])
    alpha = image.getchannel("A")
    small = [
        ImageChops.multiply(image.getchannel(band), alpha).reduce(factor) for band in bands[:-1]
    ]
    merged = Image.merge(_PREMULTIPLIED[image.mode], [*small, alpha.reduce(factor)])
    return merged.convert(image.mode)
