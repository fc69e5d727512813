"""Reads the .npz files of strangers: without pickle, within a size, never by half."""

import io
import zipfile

import numpy as np


class NpzError(ValueError):
    """Bytes that are no .npz file of plain arrays; the message says why."""


def read(data, max_bytes):
    """All arrays in the bytes of an .npz file, by name.

    Raises NpzError for a damaged or foreign file, for one that needs pickle, and for one of
    more than max_bytes, packed or unpacked.
    """
    if len(data) > max_bytes:
        raise NpzError(f"The file is larger than {max_bytes >> 20} MiB.")
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > max_bytes:
            raise NpzError(f"Unpacked, the file is larger than {max_bytes >> 20} MiB.")
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except NpzError:
        raise
    except Exception as error:  # damage makes zipfile, zlib and NumPy raise almost anything
        raise NpzError(
            f"This is not a complete .npz file of plain numbers ({error})."
        ) from error
