"""Photos, scans and forms of our own making: drawings under light, on lines, in dirt."""

import itertools

import numpy as np
import pytest
from PIL import Image

from nn.drawings import Placement, render
from nn.ink import pixels_from_image
from tests.support.papers import PAPERS, framed

ON_PAPER = Placement(pen=12, height=150)
BLANK = Image.new("L", (280, 280), 255)


@pytest.fixture(scope="module")
def drawn(sample_drawings):
    """The recorded drawings as a camera might see them in the middle of a sheet."""
    return [render(strokes, ON_PAPER) for _, strokes in sample_drawings]


def digits_of(model, images):
    pixels = np.array([pixels_from_image(image).ravel() for image in images])
    return model.predict_proba(pixels).argmax(axis=1)


def verdict_of(model, image):
    return model.judge(pixels_from_image(image).reshape(1, -1))[0].verdict


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_digit_is_read_on_every_paper(shipped, sample_drawings, drawn, paper, record_property):
    rng = np.random.default_rng(0)
    said = digits_of(shipped, [paper(image, rng) for image in drawn])
    right = said == [digit for digit, _ in sample_drawings]
    record_property("figure", f"{paper.__name__}: {right.sum()} of {len(right)} read")
    assert right.mean() >= 0.95


@pytest.mark.parametrize("paper", PAPERS.values(), ids=PAPERS)
def test_paper_hardly_changes_the_8x8(drawn, paper):
    rng = np.random.default_rng(0)
    plain = np.array([pixels_from_image(image) for image in drawn], int)
    found = np.array([pixels_from_image(paper(image, rng)) for image in drawn], int)
    assert np.median(np.abs(found - plain).mean(axis=(1, 2))) < 1.5


@pytest.mark.parametrize("name", ["pencil", "blackboard", "blurred", "specks"])
def test_paper_without_ink_is_blank(name):
    rng = np.random.default_rng(0)
    found = [pixels_from_image(PAPERS[name](BLANK, rng)).any() for _ in range(10)]
    assert sum(found) <= 1  # specks may lie side by side


@pytest.mark.parametrize("name", ["ruled", "squared", "ruled_scan", "desk", "desk_in_shade"])
def test_lined_paper_and_empty_sheets_are_no_digit(shipped, name):
    rng = np.random.default_rng(0)
    said = [verdict_of(shipped, PAPERS[name](BLANK, rng)) for _ in range(10)]
    assert "sure" not in said


@pytest.mark.parametrize("gap", [120, 150])
def test_two_digits_are_no_digit(shipped, drawn, gap):
    said = []
    for first, second in itertools.pairwise(drawn):
        both = Image.new("L", (280 + gap, 280), 255)
        both.paste(first, (0, 0))
        both.paste(0, (gap, 0), Image.eval(second, lambda value: 255 - value))
        said.append(verdict_of(shipped, both))
    assert said.count("sure") <= 0.1 * len(said)


def test_too_little_to_read_is_blank():
    dots = Image.new("L", (280, 280), 255)
    dots.paste(0, (100, 100, 103, 103))
    dots.paste(0, (200, 150, 203, 153))
    assert not pixels_from_image(dots).any()


def test_a_forms_box_is_left_out(drawn):
    rng = np.random.default_rng(0)
    plain = np.array([pixels_from_image(image) for image in drawn], int)
    boxed = np.array([pixels_from_image(framed(image, rng)) for image in drawn], int)
    assert np.abs(boxed - plain).mean() < 0.5
