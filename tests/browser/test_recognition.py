"""Recorded drawings of real people, drawn on the draw page with a mouse and with a finger."""

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import LAPTOP, PHONE
from tests.browser.hand import draw_with_finger, draw_with_mouse

AT_LEAST = 57  # of the 60 drawings


def n_recognised(page, sample_drawings, draw, press):
    """How many drawings the page names rightly, each on a cleared drawing area."""
    right = 0
    for digit, strokes in sample_drawings:
        right += re.findall(r"\d", draw(page, as_phones_tell(strokes))) == [str(digit)]
        press(page.get_by_role("button", name="Clear"))
        expect(page.locator("#verdict")).to_have_text("Draw a digit.")
    return right


def as_phones_tell(strokes):
    """Every second point, one each 20 ms or so: over plain HTTP browsers tell one a frame."""
    return [stroke[sorted({*range(0, len(stroke), 2), len(stroke) - 1})] for stroke in strokes]


@pytest.mark.parametrize(
    ("hand", "size", "draw", "press"),
    [
        ("the mouse", LAPTOP, draw_with_mouse, Locator.click),
        ("a finger", PHONE, draw_with_finger, Locator.tap),
    ],
    ids=["mouse", "finger"],
)
def test_drawings_of_real_people_are_recognised(
    open_page, sample_drawings, record_property, hand, size, draw, press
):
    right = n_recognised(open_page(**size), sample_drawings, draw, press)
    record_property("figure", f"drawn with {hand}: {right} of {len(sample_drawings)} right")
    assert right >= AT_LEAST
