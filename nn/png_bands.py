"""A large PNG a band of rows at a time: 8192 x 8192 px in colour would take 268 MB at once.

Pillow decodes pictures whole. A PNG's rows are packed one after the other, and each is stored
as its difference from the one above. So some rows are unpacked, the last row before them is put
in front, and Pillow decodes these few as a picture of their own.
"""

import struct
import zlib
from collections.abc import Iterator

from PIL import Image

WHOLE = 2**25  # px that Pillow may hold at 4 bytes each: 134 MB
_CHANNELS = {"LA": 2, "RGB": 3, "RGBA": 4}


def is_needed(image: Image.Image) -> bool:
    """Whether a PNG, not yet decoded, takes more than 134 MB."""
    large = image.width * image.height > WHOLE
    return large and image.format == "PNG" and image.mode in _CHANNELS


def can_decode(data: bytes) -> bool:
    """Whether a PNG has 8 bits a channel and its rows from top to bottom."""
    depth, _, _, _, interlaced = struct.unpack_from("5B", data, 24)
    return depth == 8 and not interlaced


def bands(image: Image.Image, data: bytes, rows: int) -> Iterator[Image.Image]:
    """The picture from top to bottom, so many rows at a time.

    image : LA, RGB or RGBA, not yet decoded, 8 bits a channel, rows from top to bottom
    data : the PNG file
    """
    unpacker, packed = zlib.decompressobj(), _packed(data)
    row = image.width * _CHANNELS[image.mode]
    above = bytes(row)
    for top in range(0, image.height, rows):
        n = min(rows, image.height - top)
        filtered = unpacker.decompress(packed, n * (row + 1))
        packed = unpacker.unconsumed_tail
        stream = zlib.compress(b"\0" + above + filtered, 0)
        size = (image.width, n + 1)
        band = Image.frombytes(image.mode, size, stream, "zip", image.mode)
        band = band.crop((0, 1, image.width, n + 1))
        above = band.crop((0, n - 1, image.width, n)).tobytes()
        yield band


def _packed(data: bytes) -> bytes:
    """The bodies of a PNG's IDAT chunks, joined."""
    bodies, position = [], 8
    while position + 8 <= len(data):
        length, name = struct.unpack_from(">I4s", data, position)
        if name == b"IDAT":
            bodies.append(data[position + 8 : position + 8 + length])
        position += 12 + length
    return b"".join(bodies)
