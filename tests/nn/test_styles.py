import numpy as np
import pytest

from nn.augment import sharpen
from nn.ink import pixels_from_ink
from nn.styles import STYLES

WAYS = [(digit, way) for digit, ways in STYLES.items() for way in ways]


@pytest.mark.parametrize(("digit", "way"), WAYS, ids=[way.__name__ for _, way in WAYS])
def test_restyled_digits_are_written_otherwise_and_read_as_the_same(
    digit, way, all_digits, shipped
):
    pixels, labels = all_digits
    heights = sharpen(pixels[labels == digit])
    restyled = way(heights, np.random.default_rng(0))
    assert restyled.shape == heights.shape
    assert (np.abs((restyled > 0.5) ^ (heights > 0.5)).mean(axis=(1, 2)) > 0.005).mean() > 0.8
    ink = (255 * np.clip(8 * (restyled - 0.5) + 0.5, 0, 1)).astype(np.uint8)
    pixels = np.array([pixels_from_ink(picture).ravel() for picture in ink])
    predicted = shipped.predict_proba(pixels).argmax(axis=1)
    assert (predicted == digit).mean() > 0.85


def test_the_same_seed_gives_the_same_style(all_digits):
    pixels, labels = all_digits
    for digit, way in WAYS:
        heights = sharpen(pixels[labels == digit][:5])
        one, two = (way(heights, np.random.default_rng(1)) for _ in range(2))
        assert (one == two).all()
