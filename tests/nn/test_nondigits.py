import numpy as np
import pytest

from nn import augment, nondigits
from nn.digits import NO_DIGIT
from nn.network import sigmoid


@pytest.fixture(scope="module")
def few(all_digits):
    """200 digits: heights and labels."""
    pixels, labels = all_digits
    return augment.sharpen(pixels[:200]), labels[:200]


def test_non_digits_are_as_many_as_asked_for_and_not_empty(few):
    made = nondigits.make(*few, 103, np.random.default_rng(0))
    assert made.shape == (102, 60, 60)
    assert np.isfinite(made).all()
    assert ((made > 0.5).mean(axis=(1, 2)) > 0.01).all()


def test_the_same_seed_gives_the_same_non_digits(few):
    one, two, other = (nondigits.make(*few, 50, np.random.default_rng(s)) for s in (1, 1, 2))
    assert (one == two).all()
    assert (one != other).any()


def test_shipped_model_knows_most_of_them_for_none(few, shipped):
    made = nondigits.make(*few, 500, np.random.default_rng(0))
    pixels = augment._warped([made], np.random.default_rng(0), None)
    assert (sigmoid(shipped.logits(pixels)).max(axis=1) < 0.6).mean() > 0.7


def test_training_pictures_are_rows_copies_styles_and_non_digits(all_digits):
    pixels, labels = (array[:30] for array in all_digits)
    made, shown = augment.training_pictures(pixels, labels, 8, random_state=0)
    assert made.dtype == np.uint8
    assert made.shape == (len(shown), 64)
    assert made.max() <= 16
    assert (made[:240] == np.tile(pixels, (8, 1))).all()
    assert (shown[:240] == np.tile(labels, 8)).all()
    assert (shown == NO_DIGIT).sum() == 8 * (30 * 2 // 3 // 6 * 6)
    assert (shown == 1).sum() > (shown == 0).sum()  # a 1 is written in several ways


def test_without_copies_the_rows_are_all_there_is(all_digits):
    pixels, labels = all_digits
    made, shown = augment.training_pictures(pixels, labels, 0)
    assert (made == pixels).all()
    assert (shown == labels).all()
