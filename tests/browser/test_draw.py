"""The draw page in a real browser, drawn on with recorded strokes of real people."""

import io
import json
import re

import numpy as np
import pytest
from axe_playwright_python.sync_playwright import Axe
from PIL import Image
from playwright.sync_api import Locator, expect

from tests.browser.conftest import LAPTOP, PHONE, PROJECTOR
from tests.browser.hand import answer, draw_with_finger, draw_with_mouse, move_mouse
from tests.support.server import free_port, running_server

SIZES = {
    "phone": PHONE,
    "laptop": LAPTOP,
    "projector": PROJECTOR,
    "small phone": {"viewport": {"width": 320, "height": 568}},
    "phone on its side": {"viewport": {"width": 844, "height": 390}},
    "tablet": {"viewport": {"width": 768, "height": 1024}},
    "laptop zoomed to 200 %": {"viewport": {"width": 640, "height": 400}},
}
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
    box = page.get_by_role("img", name="Drawing area").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50)
    page.mouse.down()
    for step in range(100):
        page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 50 + 3 * step)
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


def test_keys_undo_and_clear(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    said = draw_with_mouse(page, sample_drawings[0][1])
    page.keyboard.press("Escape")
    expect(page.locator("#verdict")).to_have_text(BLANK)
    page.keyboard.press("Control+z")
    assert answer(page) == said


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
    box = page.get_by_role("img", name="Drawing area").bounding_box()
    page.mouse.move(box["x"] + 20, box["y"] + 20)
    page.mouse.down()
    page.mouse.move(box["x"] + 300, box["y"] + 300, steps=10)
    page.keyboard.press("Escape")
    page.mouse.up()
    answer(page)
    assert _cells(page) == before


def test_second_finger_and_right_button_do_not_draw(open_page):
    page = open_page(**PHONE)
    box = page.get_by_role("img", name="Drawing area").bounding_box()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    page.mouse.click(x, y, button="right")
    expect(page.locator("#verdict")).to_have_text(BLANK)
    session = page.context.new_cdp_session(page)

    def touch(kind, *points):
        points = [{"x": px, "y": py, "id": i} for i, (px, py) in enumerate(points)]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", (x, y))
    touch("touchStart", (x, y), (x + 60, y))
    for step in range(1, 20):
        touch("touchMove", (x, y + 3 * step), (x + 60, y + 3 * step))
    touch("touchEnd")
    assert answer(page) == "This is a 1."  # two strokes would not be


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


def test_answer_comes_when_the_server_is_back(open_page, sample_drawings):
    port = free_port()
    with running_server(port=port) as server:
        page = open_page(server.url, may_lose_connection=True, **LAPTOP)
    badge, verdict = page.locator("#connection"), page.locator("#verdict")
    digit, strokes = sample_drawings[3]
    move_mouse(page, strokes)  # drawing goes on without the server
    expect(badge).to_have_text("Server out of reach")
    expect(verdict).to_have_text("The answer comes when the server is back.")
    page.get_by_role("gridcell").nth(0).click()  # too early: the drawing is not there yet
    with running_server(port=port):
        expect(verdict).to_have_text(f"This is a {digit}.")
        expect(badge).to_have_text("Connected")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
def test_page_fits_the_screen_stays_still_and_is_accessible(
    open_page, sample_drawings, size, scheme, pytestconfig
):
    page = open_page(color_scheme=scheme, **SIZES[size])
    folder = pytestconfig.rootpath / "test-results" / "screenshots"
    page.screenshot(path=folder / f"draw {size} {scheme} blank.png")
    places = _places(page)
    draw_with_mouse(page, sample_drawings[17][1])
    page.screenshot(path=folder / f"draw {size} {scheme}.png", animations="disabled")
    assert _places(page) == places
    assert page.evaluate(
        "[document.documentElement.scrollWidth <= innerWidth,"
        " document.documentElement.scrollHeight <= innerHeight]"
    ) == [True, True]
    violations = Axe().run(page).response["violations"]
    assert [v["id"] for v in violations if v["impact"] in ("serious", "critical")] == []


LETTER_A = [
    np.linspace((60, 230), (140, 50), 20),
    np.linspace((140, 50), (220, 230), 20),
    np.linspace((90, 160), (190, 160), 20),
]


@pytest.mark.parametrize("size", SIZES)
def test_letter_is_unfamiliar_and_every_sentence_has_room(open_page, size, pytestconfig):
    page = open_page(**SIZES[size])
    places = _places(page)
    assert draw_with_mouse(page, LETTER_A) == "This looks like no digit I was trained on."
    folder = pytestconfig.rootpath / "test-results" / "screenshots"
    page.screenshot(path=folder / f"letter {size}.png", animations="disabled")
    assert _places(page) == places
    verdict = page.locator("#verdict")
    assert verdict.evaluate(
        "v => [v.scrollWidth <= v.clientWidth, v.scrollHeight <= v.clientHeight]"
    ) == [True, True]


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


def _places(page):
    """Where everything stands."""
    return page.evaluate(
        "[...document.querySelectorAll('main *')].filter(e => !e.matches('.fill, .track'))"
        ".map(e => Object.values(e.getBoundingClientRect().toJSON()).map(Math.round))"
    )
