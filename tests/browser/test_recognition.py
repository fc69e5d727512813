"""Recorded drawings of real people, drawn on the draw page with a mouse and with a finger."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.hand import draw_with_finger, draw_with_mouse
from tests.browser.looks import LAPTOP, PHONE

AT_LEAST = 57  # of the 60 drawings


@pytest.mark.parametrize(
    ("hand", "device", "draw"),
    [("the mouse", LAPTOP, draw_with_mouse), ("a finger", PHONE, draw_with_finger)],
    ids=["mouse", "finger"],
)
def test_drawings_of_real_people_are_recognised(
    open_page, sample_drawings, record_property, hand, device, draw
):
    page = open_page(**device)
    right = 0
    for digit, strokes in sample_drawings:
        right += re.findall(r"\d", draw(page, strokes)) == [str(digit)]
        page.keyboard.press("Escape")
        expect(page.locator("#verdict")).to_have_text("Draw a digit.")
    record_property("figure", f"drawn with {hand}: {right} of {len(sample_drawings)} right")
    assert right >= AT_LEAST
