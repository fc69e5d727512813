"""JPEG files: how much work one is, and one without its metadata.

A file is a row of segments that begin with FF and a marker; after the start of a scan comes the
picture's data. A progressive JPEG has several scans, and decoding goes over all its pixels for
each, however little there is in it.
"""

import re
import struct
from collections.abc import Iterator
from typing import NamedTuple

from nn.exif import orientation
from nn.refused_pictures import UnsupportedPicture, damaged, too_slow

# libjpeg goes over all blocks of 8x8 once a scan, for some 35 ns each, up to 400 in noise, for
# which the bytes of the file are the limit: the worst file takes half a second.
# 8192 x 8192 px in greyscale, progressive in the usual six scans, are 6.3 million visits.
MAX_BLOCK_VISITS = 8_000_000
# Setting up a scan takes up to .1 ms. Programs write 10, and up to 20 to spare some bytes.
MAX_SCANS = 100
# libjpeg keeps 128 bytes for every block of a JPEG of several scans: 160 MiB.
MAX_BLOCKS_KEPT = 160 * 2**20 // 128

# Each segment costs some microseconds; a phone's file has about 50.
MAX_SEGMENTS = 10_000

_MARKER = re.compile(rb"\xff[^\x00\xff]")
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xff\xd0-\xd7]")
_FRAMES = {0xC0, 0xC1, 0xC2}  # baseline, extended, progressive
_RARE = {0xC3, *range(0xC5, 0xC8), *range(0xC9, 0xCC), *range(0xCD, 0xD0)}
_SOS, _EOI, _APP0, _APP1, _APP14, _COMMENT = 0xDA, 0xD9, 0xE0, 0xE1, 0xEE, 0xFE


def stripped(data: bytes) -> tuple[bytes, int]:
    """A JPEG file's first picture without metadata, and its EXIF orientation, 1..8."""
    kept, turned, frame = [data[:2]], 1, None
    scans = visits = 0
    for marker, start, end in _segments(data):
        body = data[start + 4 : end]
        if marker in _FRAMES and frame is None:
            frame = _Frame.read(marker, body)
        elif marker in _RARE:
            raise UnsupportedPicture(
                "The picture is a JPEG of a rare kind. Open it in any progra"
                "m and save it again."
            )
        elif marker == _SOS and frame is not None:
            scans += 1
            parts = body[1 : 1 + 2 * body[0] : 2]
            visits += sum(frame.blocks.get(component, 0) for component in parts)
            _check_scans(frame, scans, visits, len(parts))
        elif marker == _APP1 and body.startswith(b"Exif\0\0"):
            turned = orientation(body[6:])
        if not _is_metadata(marker, body):
            kept.append(data[start:end])
    return b"".join([*kept, b"\xff\xd9"]), turned


def _check_scans(frame: "_Frame", scans: int, visits: int, n_components: int) -> None:
    if scans > MAX_SCANS:
        raise too_slow("scans", MAX_SCANS)
    if visits > MAX_BLOCK_VISITS:
        raise too_slow("blocks to go over", MAX_BLOCK_VISITS)
    several = frame.progressive or scans > 1 or n_components < len(frame.blocks)
    if several and sum(frame.blocks.values()) > MAX_BLOCKS_KEPT:
        raise too_slow("blocks in several scans", MAX_BLOCKS_KEPT)


def _segments(data: bytes) -> Iterator[tuple[int, int, int]]:
    """Marker, start and end of each segment, a scan with its data, until the end of image."""
    position = 2
    for _ in range(MAX_SEGMENTS):
        found = _MARKER.search(data, position)
        if not found:
            raise damaged()
        start, marker = found.start(), data[found.start() + 1]
        if marker == _EOI:
            return
        if 0xD0 <= marker <= 0xD8 or marker == 1:  # these stand alone
            position = start + 2
            continue
        end = start + 2 + struct.unpack_from(">H", data, start + 2)[0]
        if marker == _SOS:
            after = _AFTER_SCAN.search(data, end)
            if not after:
                raise damaged()
            end = after.start()
        yield marker, start, end
        position = end
    raise too_slow("segments", MAX_SEGMENTS)


def _is_metadata(marker: int, body: bytes) -> bool:
    """All but what says how colours are stored: JFIF's segment and Adobe's."""
    if marker == _APP0:
        return not body.startswith(b"JFIF")
    if marker == _APP14:
        return not body.startswith(b"Adobe")
    return marker == _COMMENT or 0xE0 <= marker <= 0xEF


class _Frame(NamedTuple):
    """A JPEG's components by their number: how many blocks of 8x8 each has."""

    blocks: dict[int, int]
    progressive: bool

    @classmethod
    def read(cls, marker: int, body: bytes) -> "_Frame":
        _, height, width, n = struct.unpack_from(">BHHB", body)
        components = [struct.unpack_from("BB", body, 6 + 3 * i) for i in range(n)]
        across = max([1, *(sampling >> 4 for _, sampling in components)])
        down = max([1, *(sampling & 15 for _, sampling in components)])
        units = -(-width // (8 * across)) * -(-height // (8 * down))
        blocks = {number: units * (s >> 4) * (s & 15) for number, s in components}
        if len(blocks) < n:  # two of the same number
            raise damaged()
        return cls(blocks, marker == 0xC2)
