"""Reads untrusted .npz files: without pickle, up to a size, whole or not at all."""

import io
import zipfile
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn.refusal import Refusal


class NpzError(Refusal):
    """Bytes that are not an .npz file of plain arrays; the message says why."""

    code = "not_npz"


def read(data: bytes, max_bytes: int) -> dict[str, NDArray[Any]]:
    """All arrays in the bytes of an .npz file, by name.

    Raises NpzError for a damaged or foreign file, for one that needs pickle, and for one of
    more than max_bytes, packed or unpacked.
    """
    limit = max_bytes >> 20
    if len(data) > max_bytes:
        raise NpzError("The file is larger than {limit} MiB.", limit=limit)
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
        if unpacked > max_bytes:
            raise NpzError("Unpacked, the file is larger than {limit} MiB.", limit=limit)
        with np.load(io.BytesIO(data), allow_pickle=False) as archive:
            return {name: archive[name] for name in archive.files}
    except NpzError:
        raise
    except Exception as error:  # damage makes zipfile, zlib and NumPy raise almost anything
        raise NpzError(
            "This is not a complete .npz file of plain numbers ({error}).", error=error
        ) from error
