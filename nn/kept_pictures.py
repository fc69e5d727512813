"""Training pictures kept in a folder, so that a second run with them starts at once."""

import contextlib
import hashlib
import inspect
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nn import augment, digits, handwriting, ink, nondigits, npz, whole_file
from nn.digits import Labels, Pixels

_WORTH_KEEPING = 10_000  # pictures; fewer are made in a few seconds
_MAX_BYTES = 2**26  # of a file that is read: some 900,000 pictures
_MOST_FILES = 4  # the oldest goes first; a set of the workshop preset has about 11 MB

Made = tuple[Pixels, Labels]


def kept(folder: Path, settings: tuple[int, ...], make: Callable[[], Made]) -> Made:
    """What `make` gives, or gave for the same settings before.

    Parameters
    ----------
    folder : Path
        Made if it is not there. A file in it that cannot be read is made anew.
    settings : tuple of int
        All that the pictures depend on, apart from the code and data that make them: a change
        of those is noticed.
    make : function that returns pixels (n, 64) uint8, 0..16, and labels (n,) int64
    """
    path = folder / f"{_key(settings)}.npz"
    with contextlib.suppress(OSError, npz.NpzError, KeyError):
        arrays = npz.read(path.read_bytes(), _MAX_BYTES)
        return arrays["pixels"], arrays["labels"]
    made = make()
    if len(made[1]) >= _WORTH_KEEPING:
        with contextlib.suppress(OSError):  # a full disk costs the next run its time, not this
            _keep(path, made)
    return made


def _keep(path: Path, made: Made) -> None:
    """Write a whole file or none, and remove the oldest beyond _MOST_FILES."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with whole_file.replacing(path) as whole:
        np.savez(whole, pixels=made[0], labels=made[1])
    by_age = sorted(path.parent.glob("*.npz"), key=lambda each: each.stat().st_mtime)
    for old in by_age[:-_MOST_FILES]:
        old.unlink()


def _key(settings: tuple[int, ...]) -> str:
    """A name for the settings together with the code and data that make pictures of them."""
    digest = hashlib.sha256(repr(settings).encode())
    for module in (augment, digits, handwriting, ink, nondigits):
        digest.update(inspect.getsource(module).encode())
    digest.update(handwriting.FILE.read_bytes())
    return digest.hexdigest()[:32]
