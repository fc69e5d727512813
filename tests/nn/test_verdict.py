import numpy as np
import pytest
from PIL import Image, ImageDraw

from nn.drawings import CANVAS
from nn.ink import pixels_from_image
from nn.verdict import VERDICTS, verdict, with_article

INK = np.ones(64)


def spread(largest):
    """Ten numbers that sum to 1."""
    return np.array([largest] + [(1 - largest) / 9] * 9)


@pytest.mark.parametrize(
    ("probability", "output", "expected"),
    [
        (0.95, 0.95, "sure"),
        (0.8, 0.8, "sure"),
        (0.7, 0.95, "torn"),
        (0.99, 0.7, "torn"),
        (0.99, 0.3, "torn"),
        (0.99, 0.29, "unfamiliar"),
    ],
)
def test_verdict_weighs_probability_and_output(probability, output, expected):
    assert verdict(INK, spread(probability), np.array([output] + [0.0] * 9)) == expected
    assert expected in VERDICTS


def test_picture_without_ink_is_blank_whatever_the_network_says():
    assert verdict(np.zeros(64), spread(0.99), np.ones(10)) == "blank"


def verdict_on(model, draw):
    """The shipped model's verdict on what `draw` draws on a canvas."""
    image = Image.new("L", (CANVAS, CANVAS), 255)
    draw(ImageDraw.Draw(image))
    pixels = pixels_from_image(image).reshape(1, -1)
    return model.judge(pixels)[0].verdict


def letter_a(d):
    d.line((60, 230, 140, 50, 220, 230), fill=0, width=20)
    d.line((90, 160, 190, 160), fill=0, width=20)


def star(d):
    d.line((50, 50, 230, 230, 230, 50, 50, 230, 140, 40), fill=0, width=20)


def two_zeros(d):
    d.ellipse((40, 90, 130, 200), outline=0, width=16)
    d.ellipse((150, 90, 240, 200), outline=0, width=16)


def filled_square(d):
    d.rectangle((60, 60, 220, 220), fill=0)


@pytest.mark.parametrize("draw", [letter_a, star, two_zeros, filled_square])
def test_what_is_no_digit_is_not_named_as_one(shipped, draw):
    assert verdict_on(shipped, draw) in ("unfamiliar", "torn")


def test_recorded_digits_are_seldom_unfamiliar(shipped, plain_pixels):
    verdicts = [answer.verdict for answer in shipped.judge(plain_pixels)]
    assert verdicts.count("unfamiliar") <= 0.05 * len(verdicts)
    assert verdicts.count("sure") >= 0.9 * len(verdicts)


def test_only_an_eight_takes_the_article_an():
    named = [str(with_article(digit)) for digit in range(10)]
    assert named == [f"a {digit}" for digit in range(8)] + ["an 8", "a 9"]
