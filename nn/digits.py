"""scikit-learn's handwritten digits: load, split, one-hot.

1,797 digits by 43 people, 8x8 cells of intensity 0..16 (Alpaydin and Kaynak, 1998).
"""

import gzip
import importlib.util
from pathlib import Path

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn.network import Seed

Pixels = NDArray[np.uint8]  # 0..16
Labels = NDArray[np.int64]  # 0..9, and NO_DIGIT where that is allowed

N_CLASSES = 10
NO_DIGIT = -1  # the label of a picture that shows no digit
N_TRAINING = 1500  # the article's split: 1,500 to train, 297 to test
SPLIT_SEED = 0  # fixed, so that every model is tested on rows that none has trained on


def load() -> tuple[Pixels, Labels]:
    """All digits: pixels (1797, 64) uint8 0..16, labels (1797,) int 0..9."""
    # The file that load_digits reads, without importing scikit-learn: that takes a second, and
    # 100 MB in every process that looks at a digit.
    spec = importlib.util.find_spec("sklearn")
    if spec is None or spec.origin is None:
        raise ModuleNotFoundError("scikit-learn, which brings the digits, is not installed.")
    package = Path(spec.origin).parent
    with gzip.open(package / "datasets" / "data" / "digits.csv.gz") as file:
        rows = np.loadtxt(file, delimiter=",", dtype=np.uint8)
    return rows[:, :-1], rows[:, -1].astype(np.int64)


def split(
    pixels: Pixels, labels: Labels, random_state: Seed = SPLIT_SEED
) -> tuple[tuple[Pixels, Labels], tuple[Pixels, Labels]]:
    """Shuffled and split as in the article: ((pixels, labels), (pixels, labels)).

    The first pair, 1,500 digits, is for training; the second, the other 297, for testing.
    """
    order = np.random.default_rng(random_state).permutation(len(pixels))
    training, test = order[:N_TRAINING], order[N_TRAINING:]
    return (pixels[training], labels[training]), (pixels[test], labels[test])


def held_out() -> tuple[Pixels, Labels]:
    """The 297 digits that no experiment trains on: pixels (297, 64) and labels (297,)."""
    return split(*load())[1]


def one_hot(labels: ArrayLike, n_classes: int = N_CLASSES) -> NDArray[np.float64]:
    """Rows with a 1 at the label and 0 elsewhere: (n, n_classes).

    labels, (n,), are ints, 0 <= label < n_classes, or NO_DIGIT, whose row is 0 throughout.
    """
    return np.equal.outer(labels, np.arange(n_classes)).astype(np.float64)
