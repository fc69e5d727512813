"""A sample of real drawings, to measure on: 600 digits by 12 people, never trained on.

people.npz holds `pixels`, (600, 64) uint8 0..16, and `labels`, (600,), five of each digit of
each person. people.md tells where they come from; `bench/people.py` makes the file.
"""

import functools
from pathlib import Path

from nn import npz
from nn.report import PictureSet
from nn.words import Sentence

FILE = Path(__file__).with_name("people.npz")
_MAX_BYTES = 2**20


@functools.cache
def sample() -> PictureSet:
    """The sample as a PictureSet."""
    arrays = npz.read(FILE.read_bytes(), _MAX_BYTES)
    pixels, labels = arrays["pixels"], arrays["labels"].astype(int)
    return PictureSet(
        Sentence("sample drawings by 12 people"),
        pixels,
        labels,
        where=Sentence("a sample of {n} drawings by 12 people", n=len(labels)),
    )
