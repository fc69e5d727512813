"""Bytes of a picture file -> a Pillow image that `nn.ink` takes, within limits."""

import io

from PIL import Image, ImageChops, ImageOps

from nn.refusal import Refusal

MAX_BYTES = 4 * 2**20
MAX_SIDE = 4096  # px
FORMATS = ("PNG", "JPEG", "WEBP", "BMP")

_MODES = ("1", "L", "LA", "RGB", "RGBA")
_REFUSED_MODES = {"P": "a palette", "CMYK": "CMYK", "I;16": "16 bits a pixel"}
_PREMULTIPLIED = {"LA": "La", "RGBA": "RGBa"}  # Pillow's names of colours times opacity
_WORKING_SIDE = 1024  # px; more shows nothing in 8x8 cells and costs memory

# `open_picture` checks each size before it decodes, more strictly than Pillow would.
Image.MAX_IMAGE_PIXELS = None


class PictureError(Refusal):
    """A picture that is refused; the message says why, and what to send instead."""


class NotAPicture(PictureError):
    """Not a picture file, or a damaged one."""

    code = "not_a_picture"


class PictureTooLarge(PictureError):
    """More bytes or more pixels than the limits."""

    code = "picture_too_large"


class UnsupportedPicture(PictureError):
    """A picture of a kind that is not accepted."""

    code = "unsupported_picture"


def open_picture(data: bytes) -> Image.Image:
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
            "The picture has more than {limit:,} bytes (4 MiB). Send a smaller one.",
            limit=MAX_BYTES,
        )
    image, frames = _opened(data)
    _check(image, frames)
    return _decoded(image)


def _opened(data: bytes) -> tuple[Image.Image, int]:
    """The picture, not yet decoded, and its number of frames."""
    try:
        image = Image.open(io.BytesIO(data), formats=FORMATS)
        return image, getattr(image, "n_frames", 1)
    except Exception as error:  # a damaged header makes Pillow raise almost anything
        raise NotAPicture(
            "This is no picture that can be read. Send a PNG, JPEG, WebP or BMP file."
        ) from error


def _check(image: Image.Image, frames: int) -> None:
    if max(image.size) > MAX_SIDE:
        raise PictureTooLarge(
            "The picture is {width} x {height} pixels; the limit is {limit} x {limit}.",
            width=image.width,
            height=image.height,
            limit=MAX_SIDE,
        )
    if frames > 1:
        raise UnsupportedPicture(
            "The picture is animated, {frames} frames; send one with a single frame.",
            frames=frames,
        )
    if image.mode not in _MODES:
        stored = _REFUSED_MODES.get(image.mode, image.mode)
        raise UnsupportedPicture(
            "The picture's colours are stored as {stored}; send greyscale or RGB "
            "with 8 bits a channel, with or without transparency.",
            stored=stored,
        )


def _decoded(image: Image.Image) -> Image.Image:
    try:
        image.load()
        if "exif" in image.info:
            image = ImageOps.exif_transpose(image)
    except Exception as error:  # damaged data makes Pillow raise almost anything
        raise NotAPicture("The picture is damaged or cut short. Send it again.") from error
    if image.mode == "1":
        image = image.convert("L")
    if "transparency" in image.info:  # one colour of a picture without alpha stands for paper
        image = image.convert("RGBA")
    return _reduced(image) if max(image.size) > _WORKING_SIDE else image


def _reduced(image: Image.Image) -> Image.Image:
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
