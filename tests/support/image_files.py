"""Image files made piece by piece: what Pillow would never write."""

import io
import struct
import zlib

import numpy as np
from PIL import Image

from nn.ink import pixels_from_image

PNG_HEADER = b"\x89PNG\r\n\x1a\n"


def a_seven(mode="L", size=(60, 80)):
    """A black 7 on white paper."""
    image = Image.new("L", size, 255)
    width, height = size
    image.paste(0, (width // 6, height // 8, width * 5 // 6, height // 4))
    image.paste(0, (width * 2 // 3, height // 8, width * 5 // 6, height * 7 // 8))
    return image.convert(mode)


SEVEN = pixels_from_image(a_seven()).astype(int)


def shows_the_seven(image):
    """Whether the 8x8 is the 7's, but for what JPEG and WebP lose."""
    return np.abs(pixels_from_image(image) - SEVEN).mean() < 0.5


def encoded(image, file_format="PNG", **options):
    buffer = io.BytesIO()
    image.save(buffer, file_format, **options)
    return buffer.getvalue()


def chunk(name, body):
    """A chunk of a PNG."""
    return (
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
    )


def segment(marker, body):
    """A segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body


def riff(name, body):
    """A chunk of a WebP."""
    return name + struct.pack("<I", len(body)) + body + b"\0" * (len(body) % 2)
