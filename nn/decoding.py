"""What decoding a picture file will cost, counted before it starts; the file without metadata.

A small file can keep a processor busy for a minute: a progressive JPEG goes over all its pixels
once for each of its scans, and a PNG may consist of a million chunks. Here each file is walked
from part to part, which takes milliseconds. What would take longer than about a second, or more
memory than a process should have, is refused; what is left of the file holds nothing but the
picture, so that broken or huge metadata cannot do harm. The one thing in the metadata that
matters, which way up the camera was held, is read from EXIF on the way.
"""

import struct
from collections.abc import Iterator

from nn import jpeg
from nn.exif import orientation
from nn.refused_pictures import animated, damaged, too_slow

# A PNG or WebP file is made of at most so many chunks. Each costs Pillow some microseconds.
# Programs write PNGs in chunks of 8 KiB or more: 2,048 for the largest file that is taken.
MAX_CHUNKS = 10_000

# Of an unpacked PNG: 8192 x 8192 px, RGBA. It unpacks at about 500 MB a second.
MAX_UNPACKED = 8192 * 8192 * 4 + 8192

# Pillow and libwebp hold four copies of the picture, 16 bytes a pixel in all: 200 MB for 12
# megapixels.
MAX_WEBP_PIXELS = 12_500_000

# Pillow reads compressed BMPs in Python: 1 microsecond a run of at least 2 bytes, .1 a pixel.
MAX_RLE_BYTES = 2**20
MAX_RLE_PIXELS = 2**20


def stripped(data: bytes) -> tuple[bytes, int]:
    """A file's picture without its metadata; Refusal if it would take too long to decode.

    A file of none of the formats comes back as it is.
    """
    try:
        if data.startswith(b"\x89PNG\r\n\x1a\n"):
            return _png(data)
        if data.startswith(b"\xff\xd8"):
            return jpeg.stripped(data)
        if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
            return _webp(data)
        if data.startswith(b"BM"):
            _check_bmp(data)
    except (struct.error, IndexError) as error:
        raise damaged() from error
    return data, 1


# PNG: chunks of length, name, data, checksum.

_PNG_KEPT = {b"IHDR", b"PLTE", b"tRNS", b"IDAT", b"IEND"}
_PNG_CHANNELS = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}


def _png(data: bytes) -> tuple[bytes, int]:
    kept, turned = [data[:8]], 1
    for name, start, end in _chunks(data, 8, ">I4s", 4):
        body = data[start + 8 : end - 4]
        if name in _PNG_KEPT:
            kept.append(data[start:end])
        elif name == b"eXIf":
            turned = orientation(body)
        elif name == b"acTL":
            _check_frames(struct.unpack_from(">I", body)[0])
        if name == b"IHDR":
            _check_unpacked(body)
        if name == b"IEND":
            break
    return b"".join(kept), turned


def _chunks(
    data: bytes, position: int, header: str, trailer: int
) -> Iterator[tuple[bytes, int, int]]:
    """Name, start and end of each chunk of a PNG or WebP, with all that belongs to it."""
    for _ in range(MAX_CHUNKS):
        if position + 8 > len(data):
            return
        first, second = struct.unpack_from(header, data, position)
        length, name = (first, second) if isinstance(first, int) else (second, first)
        end = position + 8 + length + trailer
        yield name, position, end
        position = end + (length % 2 if not trailer else 0)  # WebP's chunks are of even length
    raise too_slow("chunks", MAX_CHUNKS)


def _check_unpacked(header: bytes) -> None:
    width, height, depth, colours = struct.unpack_from(">IIBB", header)
    row = (width * depth * _PNG_CHANNELS.get(colours, 4) + 7) // 8 + 1
    # What is larger than 8192 px a side is refused for that.
    if row * height > MAX_UNPACKED and max(width, height) <= 8192:
        raise too_slow("bytes when unpacked", MAX_UNPACKED)


def _check_frames(frames: int) -> None:
    if frames > 1:
        raise animated(frames)


# WebP: chunks of name, length, data.

_WEBP_KEPT = {b"ALPH", b"VP8 ", b"VP8L"}
_WEBP_ALPHA = 0x10  # the one flag of the header that speaks of the picture itself


def _webp(data: bytes) -> tuple[bytes, int]:
    kept, turned, frames = [], 1, 0
    for name, start, end in _chunks(data, 12, "<4sI", 0):
        body = data[start + 8 : end]
        if name in _WEBP_KEPT:
            kept.append(data[start:end] + b"\0" * (len(body) % 2))
        elif name == b"VP8X":
            kept.append(data[start : start + 8] + bytes([body[0] & _WEBP_ALPHA]) + body[1:])
        elif name == b"EXIF":
            turned = orientation(body)
        elif name == b"ANMF":
            frames += 1
    _check_frames(frames)
    if frames == 1:  # an animation of one frame
        return data, turned
    body = b"WEBP" + b"".join(kept)
    return b"RIFF" + struct.pack("<I", len(body)) + body, turned


# BMP: only the compressed ones cost more than their size.


def _check_bmp(data: bytes) -> None:
    if struct.unpack_from("<I", data, 14)[0] < 40:
        return  # of before compression
    width, height = (abs(side) for side in struct.unpack_from("<ii", data, 18))
    if struct.unpack_from("<I", data, 30)[0] in (1, 2):
        if len(data) > MAX_RLE_BYTES:
            raise too_slow("bytes for a compressed BMP", MAX_RLE_BYTES)
        if width * height > MAX_RLE_PIXELS:
            raise too_slow("pixels for a compressed BMP", MAX_RLE_PIXELS)
