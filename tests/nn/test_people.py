import numpy as np

from nn import digits, people
from nn.drawings import Placement, drawn_pixels
from nn.report import Report


def test_sample_holds_five_of_each_digit_of_twelve_people():
    sample = people.sample()
    assert np.bincount(sample.labels).tolist() == [60] * 10
    assert (sample.pixels.shape, sample.pixels.dtype) == ((600, 64), np.uint8)
    assert sample.pixels.max() == 16
    assert people.sample() is sample  # the same pictures can be compared


def test_sample_is_none_of_the_digits_that_networks_learn_from():
    known = {row.tobytes() for row in digits.load()[0]}
    assert not known & {row.tobytes() for row in people.sample().pixels}


def test_sample_went_through_our_own_ink(sample_drawings):
    """A drawing of other people, as ink brings it to 8x8, has as much ink as the sample's."""
    pixels, _ = drawn_pixels(sample_drawings, Placement())
    assert abs(pixels.mean() - people.sample().pixels.mean()) < 0.3


def test_model_that_ships_reads_the_sample(shipped):
    assert Report(shipped, people.sample()).accuracy > 0.95
