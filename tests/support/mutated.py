"""Image files with faults, as many as one wants: the same seed gives the same files.

A file starts as a picture that is right, of each kind that Inkling takes, and gets one to four
faults: bytes changed, lost, doubled, exchanged with another file's; chunks, segments and scans
doubled or emptied with sums and lengths that fit; headers that promise something else.
"""

import random
import struct
import zlib

from PIL import Image

from tests.support.image_files import a_seven, chunk, encoded, segment

MOST = 256 * 1024  # bytes of a file, so that many fit into a minute
REPEATS = (1, 2, 7, 50, 300, 11_000)
NUMBERS = (0, 1, 2, 8, 255, 8192, 8193, 2**15, 2**16 - 1, 2**31 - 1, 2**31, 2**32 - 1)


def originals():
    """A dict of name -> bytes: pictures that are right, of every kind."""
    colour, large = a_seven("RGB"), a_seven("RGB", (300, 400))
    frames = {"save_all": True, "append_images": [colour.rotate(90)]}
    sixteen_bits = Image.new("I;16", (60, 80), 40_000)
    return {
        "PNG grey": encoded(a_seven()),
        "PNG colour": encoded(large),
        "PNG transparent": encoded(a_seven("RGBA")),
        "PNG of two frames": encoded(colour, **frames),
        "PNG palette": encoded(a_seven("P")),
        "PNG 16 bits": encoded(sixteen_bits),
        "PNG two colours": encoded(a_seven("1")),
        "JPEG": encoded(large, "JPEG"),
        "JPEG grey": encoded(a_seven(), "JPEG"),
        "JPEG progressive": encoded(large, "JPEG", progressive=True),
        "JPEG CMYK": encoded(a_seven("CMYK"), "JPEG"),
        "MPO": encoded(colour, "MPO", **frames),
        "WebP": encoded(large, "WEBP"),
        "WebP lossless": encoded(a_seven("RGBA"), "WEBP", lossless=True),
        "WebP of two frames": encoded(colour, "WEBP", **frames),
        "BMP": encoded(colour, "BMP"),
        "BMP palette": encoded(a_seven("P"), "BMP"),
        "BMP two colours": encoded(a_seven("1"), "BMP"),
    }


def files(number, seed=0):
    """So many files with faults, one after another: pairs of (what it was, bytes)."""
    rng, right = random.Random(seed), originals()
    for _ in range(number):
        name = rng.choice(list(right))
        data = right[name]
        for _ in range(rng.randint(1, 4)):
            data = rng.choice(FAULTS)(data, rng, right)[:MOST]
        yield name, data


def _changed_bytes(data, rng, _right):
    changed = bytearray(data)
    for _ in range(rng.choice((1, 3, 20)) if data else 0):
        changed[rng.randrange(len(changed))] = rng.choice(
            (0, 1, 0x7F, 0xFF, rng.randrange(256))
        )
    return bytes(changed)


def _cut(data, rng, _right):
    return data[: rng.randint(0, len(data))]


def _lost(data, rng, _right):
    start, stop = _slice(data, rng)
    return data[:start] + data[stop:]


def _doubled(data, rng, _right):
    start, stop = _slice(data, rng)
    return data[:stop] + data[start:stop] * _times(rng, stop - start) + data[stop:]


def _exchanged(data, rng, right):
    other = rng.choice(list(right.values()))
    return data[: rng.randint(0, len(data))] + other[rng.randint(0, len(other)) :]


def _other_number(data, rng, _right):
    """A number of 2 or 4 bytes, mostly in the header, is another one."""
    at = rng.randint(0, min(len(data), rng.choice((64, 64, len(data)))))
    form = rng.choice((">H", "<H", ">I", "<I"))
    number = struct.pack(form, rng.choice(NUMBERS) % 2 ** (8 * struct.calcsize(form)))
    return data[:at] + number + data[at + len(number) :]


def _png_pieces(data, rng, right):
    """A PNG's chunks: one changed, doubled or moved, with sums that fit."""
    found = list(_chunks(data))
    if not found:
        return _doubled(data, rng, right)
    name, body = found.pop(rng.randrange(len(found)))
    at = rng.randint(0, len(found))
    if rng.random() < 0.5:
        body = rng.choice((_changed_bytes, _other_number, _cut))(body, rng, right)
    found[at:at] = [(name, body)] * _times(rng, len(body))
    return data[:8] + b"".join(chunk(*each) for each in found)


def _unpacked(data, rng, right):
    """A PNG whose rows are other ones, packed as they should be."""
    found = [
        (name, _repacked(body, rng, right) if name == b"IDAT" else body)
        for name, body in _chunks(data)
    ]
    if not found:
        return _changed_bytes(data, rng, right)
    return data[:8] + b"".join(chunk(*each) for each in found)


def _repacked(body, rng, right):
    try:
        rows = zlib.decompress(body)
    except zlib.error:
        return body
    return zlib.compress(rng.choice((_changed_bytes, _cut, _doubled))(rows, rng, right))


def _jpeg_pieces(data, rng, _right):
    """A JPEG's scans many times, or segments that say nothing, with lengths that fit."""
    scan = data.rfind(b"\xff\xda")
    if rng.random() < 0.5 and scan > 0:
        return data[:-2] + data[scan:-2] * _times(rng, len(data) - scan) + data[-2:]
    body = rng.randbytes(rng.choice((0, 4, 300)))
    return data[:2] + segment(rng.randint(0xC0, 0xFE), body) * _times(rng, len(body)) + data[2:]


FAULTS = (
    _changed_bytes,
    _cut,
    _lost,
    _doubled,
    _exchanged,
    _other_number,
    _png_pieces,
    _unpacked,
    _jpeg_pieces,
)


def _times(rng, length):
    """How often a piece of this length comes again: no more than make sense in MOST bytes."""
    return min(rng.choice(REPEATS), 1 + MOST // max(1, length))


def _slice(data, rng):
    start = rng.randint(0, len(data))
    return start, rng.randint(start, min(len(data), start + rng.choice((4, 64, 4096))))


def _chunks(data):
    """Pairs of (name, body) of a PNG's chunks as far as they can be followed."""
    at = 8 if data.startswith(b"\x89PNG") else len(data)
    while at + 12 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        yield data[at + 4 : at + 8], data[at + 8 : at + 8 + length]
        at += 12 + length
