import io

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from nn.refusal import Refusal
from webapp.room import pictures


def opened(data):
    image = Image.open(io.BytesIO(data))
    assert image.format == "PNG"
    return np.asarray(image)


def test_digit_is_dark_on_light_a_pixel_for_a_cell():
    pixels = np.zeros(64, np.uint8)
    pixels[[0, 9]] = 16, 8
    picture = opened(pictures.digit_png(pixels))
    assert picture.shape == (8, 8)
    assert picture[0, 0] == 0
    assert picture[1, 1] in (127, 128)
    assert (picture.ravel()[np.r_[1:9, 10:64]] == 255).all()


@given(st.lists(st.integers(0, 16), min_size=64, max_size=64))
def test_address_holds_the_pixels(pixels):
    text = pictures.in_address(np.array(pixels))
    assert len(text) == 64
    assert pictures.from_address(text).tolist() == pixels


@pytest.mark.parametrize(
    "text", ["", "0" * 63, "0" * 65, "h" * 64, "A" * 64, "-" * 64, "٣" * 64]
)
def test_address_that_holds_no_pixels_is_refused(text):
    with pytest.raises(Refusal, match="64 characters"):
        pictures.from_address(text)


def test_sign_of_a_weight_is_its_colour_and_its_size_the_opacity():
    weights = np.zeros((2, 64))
    weights[0, :32], weights[1, :32] = 3.0, -1.5
    sheet = opened(pictures.weights_png(weights, columns=2))
    height, width, channels = sheet.shape
    assert channels == 4
    assert width == 2 * height
    strong, weak = sheet[3, 3], sheet[3, height + 3]
    assert tuple(strong) == (*pictures.POSITIVE, 255)
    assert tuple(weak) == (*pictures.NEGATIVE, 127)
    assert sheet[height * 3 // 4, height // 2, 3] == 0


def test_incomplete_last_line_stays_empty():
    sheet = opened(pictures.weights_png(np.ones((5, 64)), columns=4))
    side = sheet.shape[1] // 4
    assert sheet.shape[0] == 2 * side
    assert not sheet[side:, side:].any()


def test_weights_that_are_all_zero_have_a_picture():
    sheet = opened(pictures.weights_png(np.zeros((3, 64), np.float32), columns=3))
    assert sheet[3, 3, 3] == 0
