"""Which way up a camera was held: the one entry of EXIF's that matters here."""

import struct


def orientation(exif: bytes) -> int:
    """EXIF's orientation, 1..8; 1, upright, where it is missing or anything is wrong with it.

    exif : a TIFF file, of whose first directory one entry is read
    """
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II": "<", b"MM": ">"}.get(tiff[:2])
    if order is None:
        return 1
    try:
        directory = struct.unpack_from(f"{order}I", tiff, 4)[0]
        for i in range(struct.unpack_from(f"{order}H", tiff, directory)[0]):
            tag, kind, _, value = struct.unpack_from(
                f"{order}HHIH", tiff, directory + 2 + 12 * i
            )
            if tag == 0x0112 and kind == 3:  # a short
                return value if 1 <= value <= 8 else 1
    except struct.error:
        pass
    return 1
