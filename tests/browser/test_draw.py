"""The draw page in a real browser, drawn on with recorded strokes of real people."""

import io
import json
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.hand import (
    LETTER_A,
    answer,
    area,
    draw_with_finger,
    draw_with_mouse,
    touch,
)
from tests.browser.looks import LAPTOP, PHONE, Layout, check_accessible

BLANK = "Draw a digit."


def test_blank_page_shows_no_digit(open_page):
    page = open_page(**LAPTOP)
    expect(page.locator("#verdict")).to_have_text(BLANK)
    assert _percents(page) == [0] * 10
    assert _cells(page) == [0] * 64


def test_answer_follows_the_pen_with_one_request_at_a_time(open_page):
    page = open_page(**LAPTOP)
    under_way, most = set(), 0

    def started(request):
        nonlocal most
        under_way.add(request)
        most = max(most, len(under_way))

    page.on("request", started)
    page.on("requestfinished", lambda request: under_way.discard(request))
    left, top, width = area(page)
    page.mouse.move(left + width / 2, top + 50)
    page.mouse.down()
    page.mouse.move(left + width / 2, top + 350, steps=40)
    expect(page.locator("#verdict")).to_have_text("This is a 1.")
    page.mouse.up()
    answer(page)
    assert most == 1


def test_page_shows_the_pixels_and_probabilities_of_the_answer(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    answers = []
    page.on("response", lambda response: answers.append(response))
    draw_with_mouse(page, sample_drawings[3][1])
    shown = answers[-1].json()
    assert _cells(page) == [value for row in shown["pixels"] for value in row]
    assert _percents(page) == [round(100 * p, 1) for p in shown["probabilities"]]
    largest = page.locator(".bar[data-largest]")
    expect(largest.get_by_role("meter")).to_have_accessible_name(f"Digit {shown['digit']}")


def test_undo_takes_back_strokes_and_clear(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    strokes = next(s for digit, s in sample_drawings if digit == 7 and len(s) == 2)
    undo = page.get_by_role("button", name="Undo")
    draw_with_mouse(page, strokes[:1])
    first = _cells(page)
    draw_with_mouse(page, strokes)
    both = _cells(page)
    assert both != first

    page.get_by_role("button", name="Clear").click()
    expect(page.locator("#verdict")).to_have_text(BLANK)
    undo.click()
    answer(page)
    assert _cells(page) == both
    for _ in strokes:
        undo.click()
    answer(page)
    assert _cells(page) == first
    for _ in range(3):  # more often than there is anything to undo
        undo.click()
    expect(page.locator("#verdict")).to_have_text(BLANK)


def test_digit_can_be_drawn_in_the_grid_by_keyboard_alone(open_page):
    page = open_page(**LAPTOP)
    grid = page.get_by_role("grid", name="What the network sees")
    for _ in range(20):
        page.keyboard.press("Tab")
        if grid.evaluate("grid => grid.contains(document.activeElement)"):
            break
    for _ in range(3):
        page.keyboard.press("ArrowRight")
    for _ in range(8):
        for key in ("Space", "ArrowRight", "Enter", "-", "ArrowLeft", "ArrowDown"):
            page.keyboard.press(key)
    assert answer(page) == "This is a 1."
    assert _cells(page) == [0, 0, 0, 16, 14, 0, 0, 0] * 8
    page.keyboard.press("Space")
    answer(page)
    assert _cells(page)[-5] == 0  # the focus stayed in the last row


def test_cell_can_be_switched_by_tap_and_taken_back(open_page, sample_drawings):
    page = open_page(**PHONE)
    draw_with_finger(page, sample_drawings[0][1])
    before = _cells(page)
    index = before.index(16)
    cell = page.get_by_role("gridcell").nth(index)
    cell.tap()
    expect(cell).to_have_accessible_name(re.compile(": 0 of 16"))
    answer(page)
    assert _cells(page) == [*before[:index], 0, *before[index + 1 :]]
    page.get_by_role("button", name="Undo").tap()
    expect(cell).to_have_accessible_name(re.compile(": 16 of 16"))
    answer(page)
    assert _cells(page) == before


def test_new_stroke_replaces_an_edited_grid(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    draw_with_mouse(page, sample_drawings[0][1])
    drawn = _cells(page)
    page.get_by_role("button", name="Clear").click()
    page.get_by_role("gridcell").nth(0).click()
    answer(page)
    draw_with_mouse(page, sample_drawings[0][1])
    assert _cells(page) == drawn


def test_cell_switched_off_and_on_is_what_it_was(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    draw_with_mouse(page, sample_drawings[0][1])
    before = _cells(page)
    cell = page.get_by_role("gridcell").nth(next(i for i, v in enumerate(before) if 0 < v < 16))
    for _ in range(2):
        cell.click()
        answer(page)
    assert _cells(page) == before


def test_tap_makes_a_dot(open_page):
    for press, options in ((Locator.click, LAPTOP), (Locator.tap, PHONE)):
        page = open_page(**options)
        press(page.get_by_role("img", name="Drawing area"))
        expect(page.locator("#verdict")).not_to_have_text(BLANK)


def test_escape_drops_the_stroke_that_is_being_drawn(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    draw_with_mouse(page, sample_drawings[0][1])
    before = _cells(page)
    left, top, _ = area(page)
    page.mouse.move(left + 20, top + 20)
    page.mouse.down()
    page.mouse.move(left + 300, top + 300, steps=10)
    page.keyboard.press("Escape")
    page.mouse.up()
    answer(page)
    assert _cells(page) == before


def test_second_finger_and_right_button_do_not_draw(open_page):
    page = open_page(**PHONE)
    left, top, width = area(page)
    x, y = left + width / 2, top + width / 2
    page.mouse.click(x, y, button="right")
    expect(page.locator("#verdict")).to_have_text(BLANK)
    session = page.context.new_cdp_session(page)
    touch(session, "touchStart", (x, y))
    touch(session, "touchStart", (x, y), (x + 60, y))
    for down in range(6, 60, 6):
        touch(session, "touchMove", (x, y + down), (x + 60 + down, y))
    touch(session, "touchEnd")
    assert answer(page) == "This is a 1."  # what the second finger draws is none


def test_pen_width_changes_the_line_and_little_of_the_answer(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    pictures = {}
    for pen in ("Thin", "Medium", "Thick"):
        page.get_by_role("radio", name=f"{pen} pen").check()
        draw_with_mouse(page, sample_drawings[2][1])
        picture = Image.open(io.BytesIO(page.locator("#pad").screenshot()))
        ink = 255 - np.asarray(picture.convert("L")).mean()
        pictures[pen] = ink, _cells(page)
        page.get_by_role("button", name="Clear").click()
    (thin, thin_cells), (medium, cells), (thick, thick_cells) = pictures.values()
    assert thin < 0.8 * medium < 0.8 * 0.9 * thick
    for other in (thin_cells, thick_cells):
        assert sum(abs(a - b) for a, b in zip(cells, other, strict=True)) / 64 < 1


@pytest.mark.parametrize("device", [LAPTOP, PHONE], ids=["laptop", "phone"])
def test_page_fits_every_screen_stays_still_and_is_accessible(
    open_page, sample_drawings, device
):
    page = open_page(**device)
    layout = Layout(page)
    draw_with_mouse(page, sample_drawings[17][1])
    layout.check()
    check_accessible(page)
    page.keyboard.press("Escape")
    assert draw_with_mouse(page, LETTER_A) == "This looks like no digit I was trained on."
    layout.check()


def test_only_the_drawing_area_keeps_the_finger_from_scrolling(open_page):
    page = open_page(**PHONE)
    held = page.evaluate(
        "[...document.querySelectorAll('*')]"
        ".filter(e => getComputedStyle(e).touchAction === 'none').map(e => e.id)"
    )
    assert held == ["pad"]


def _cells(page):
    """The 64 intensities that the grid names."""
    labels = page.get_by_role("gridcell").evaluate_all(
        "cells => cells.map(cell => cell.getAttribute('aria-label'))"
    )
    return [int(re.search(r": (\d+) of 16", label)[1]) for label in labels]


def _percents(page):
    meters = page.get_by_role("meter")
    return json.loads(
        "[" + ",".join(meters.evaluate_all("all => all.map(m => m.ariaValueNow)")) + "]"
    )
