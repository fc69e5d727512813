"""scikit-learn's handwritten digits: load, split, one-hot.

1,797 digits by 43 people, 8x8 cells of intensity 0..16 (Alpaydin and Kaynak, 1998).
"""

import numpy as np

N_CLASSES = 10
NO_DIGIT = -1  # the label of a picture that is none
N_TRAINING = 1500  # the article's split: 1,500 to train, 297 to test
SPLIT_SEED = 0  # fixed, so that every model is tested on rows that none has trained on


def load():
    """All digits: pixels (1797, 64) uint8 0..16, labels (1797,) int 0..9."""
    from sklearn.datasets import load_digits  # slow to import, and serving does without

    pixels, labels = load_digits(return_X_y=True)
    return pixels.astype(np.uint8), labels


def split(pixels, labels, random_state=SPLIT_SEED):
    """Shuffled and split as in the article: ((pixels, labels), (pixels, labels)).

    The first pair, 1,500 digits, is for training; the second, the other 297, for testing.
    """
    order = np.random.default_rng(random_state).permutation(len(pixels))
    training, test = order[:N_TRAINING], order[N_TRAINING:]
    return (pixels[training], labels[training]), (pixels[test], labels[test])


def one_hot(labels, n_classes=N_CLASSES):
    """Rows with a 1 at the label and 0 elsewhere: (n, n_classes) float64.

    labels are ints, 0 <= label < n_classes, or NO_DIGIT, whose row is 0 throughout.
    """
    # NO_DIGIT, -1, picks the last row of the larger identity: a 1 in the column cut off.
    return np.eye(n_classes + 1)[labels][:, :n_classes]
