"""The draw page in a real browser, drawn on with recorded strokes of real people."""

import io
import json
import re

import numpy as np
import pytest
import sqlalchemy as sa
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
from tests.support.server import database_of
from tests.support.stubborn import make_stubborn_version_live
from webapp.learning import versions
from webapp.room.game import score as game_of
from webapp.storage.tables import Drawing

BLANK = "Draw a digit."
HEARD = 10_000  # ms in which a page hears of a new version


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
    expect(page.locator("#verdict")).to_have_text("Looks like a 1 …")
    page.mouse.up()
    assert answer(page) == "This is a 1."
    assert most == 1


def test_page_shows_the_pixels_and_probabilities_of_the_answer(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    answers = []
    page.on("response", lambda answer: "predict" in answer.url and answers.append(answer))
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


# Width and height of windows in CSS pixels, with the browser's font size.
WINDOWS = [
    *[(*size, 16) for size in ((320, 568), (360, 740), (390, 844), (568, 320), (844, 390))],
    *[(*size, 16) for size in ((768, 1024), (820, 1180), (800, 1280), (912, 1368))],
    *[
        (*size, 16)
        for size in ((853, 533), (1024, 768), (1280, 800), (1366, 768), (1920, 1080))
    ],
    (320, 256, 16),  # zoomed to 400 %
    *[(*size, 32) for size in ((320, 568), (390, 844), (820, 1180), (1280, 800), (1920, 1080))],
]
# Whatever is wrong with how the page lies in its window.
_FAULTS = """() => {
    const box = element => element.getBoundingClientRect();
    const all = selector => [...document.querySelectorAll(selector)]
        .filter(e => e.checkVisibility({visibilityProperty: true}) && !e.inert);
    const name = e => e.textContent.trim() || e.id || e.className;
    const faults = [];
    for (const [selector, least] of [['#pad', 200], ['.track', 80]]) {
        const width = Math.min(...all(selector).map(e => box(e).width));
        if (width < least) faults.push(`${selector} is ${width} wide`);
    }
    const wide = document.documentElement.scrollWidth - innerWidth;
    if (wide > 0) faults.push(`scrolls sideways by ${wide}`);
    const parts = all(`.wordmark, .badge, summary, button, .pen, #verdict, #pad, .step p, #grid,
        #bars, #grid-help`).filter(name);
    for (const [i, a] of parts.entries()) {
        const mine = box(a);
        if (mine.left < -1 || mine.right > innerWidth + 1) faults.push(`${name(a)} is cut off`);
        if (a.scrollWidth > a.clientWidth + 1 && a.matches('button, p')) {
            faults.push(`${name(a)} is too long`);
        }
        for (const b of parts.slice(i + 1)) {
            const other = box(b);
            const across = Math.min(mine.right, other.right) - Math.max(mine.left, other.left);
            const down = Math.min(mine.bottom, other.bottom) - Math.max(mine.top, other.top);
            if (across > 1 && down > 1) faults.push(`${name(a)} and ${name(b)} overlap`);
        }
    }
    const used = Math.max(...parts.map(e => box(e).bottom)) / innerHeight;
    const isUprightTablet = innerHeight > innerWidth && innerWidth >= 700;
    if (isUprightTablet && used < 0.9) faults.push(`half empty: ${used}`);
    return faults;
}"""


def test_page_is_right_in_any_window(open_page, sample_drawings):
    page = open_page(**LAPTOP)
    session = page.context.new_cdp_session(page)
    session.send("Page.enable")

    def check():
        faults = {}
        for width, height, font in WINDOWS:
            sizes = {"standard": font, "fixed": font}
            session.send("Page.setFontSizes", {"fontSizes": sizes})
            page.set_viewport_size({"width": width, "height": height})
            faults[width, height, font] = page.evaluate(_FAULTS)
        assert {window: found for window, found in faults.items() if found} == {}
        page.set_viewport_size(LAPTOP["viewport"])

    draw_with_mouse(page, sample_drawings[17][1])
    expect(page.get_by_text("Was it right?")).to_be_visible()
    check()
    page.get_by_role("button", name="Yes", exact=True).click()
    page.get_by_role("button", name="Keep it").click()
    expect(page.get_by_role("button", name="Change")).to_be_visible()
    check()
    page.get_by_role("button", name="Play").click()
    check()


def test_verdict_and_bars_say_one_thing_and_a_hint_tells_how_to_draw(open_page):
    page = open_page(**LAPTOP)
    assert draw_with_mouse(page, LETTER_A) == "This looks like no digit I was trained on."
    expect(page.get_by_role("heading", name="If it had to choose")).to_be_visible()
    expect(page.locator(".bar[data-largest]")).to_have_count(0)
    page.keyboard.press("Escape")
    expect(page.get_by_role("heading", name="What it thinks")).to_be_visible()
    left, top, width = area(page)
    page.mouse.click(left + 0.2 * width, top + 0.2 * width)
    expect(page.locator("#verdict small")).to_have_text("Draw it larger.")
    page.mouse.click(left + 0.8 * width, top + 0.8 * width)
    expect(page.locator("#verdict small")).to_have_text("Draw one digit at a time.")


def test_phone_hears_of_a_new_version_and_asks_it_about_what_is_on_the_pad(
    own_server, open_page, sample_drawings
):
    page = open_page(own_server.url, **PHONE)
    assert draw_with_finger(page, sample_drawings[17][1]) == "This is a 7."
    with database_of(own_server) as database, database.writing() as session:
        make_stubborn_version_live(session, 8)
    notice = page.locator("#notice")
    expect(notice).to_have_text("The network has just learned.", timeout=HEARD)
    expect(page.locator("#verdict")).to_have_text("This is an 8.")
    expect(notice).to_have_text("The network read a 7. It now reads an 8.")
    expect(page.locator(".bar[data-largest] .digit")).to_have_text("8")
    with database_of(own_server) as database, database.writing() as session:
        versions.roll_back(session)
    expect(notice).to_have_text("An earlier network is back.", timeout=HEARD)
    expect(page.locator("#verdict")).to_have_text("This is a 7.")


def test_game_asks_for_ten_digits_counts_them_and_keeps_no_drawing(
    own_server, open_page, sample_drawings
):
    page = open_page(own_server.url, **LAPTOP)
    strokes = dict(reversed(sample_drawings))
    page.get_by_role("button", name="Play").click()
    game = page.get_by_role("group", name="Game")
    following = game.get_by_role("button", name="Next")
    asked = set()
    for number in range(10):
        expect(game).to_contain_text(f"{number + 1} of 10")
        expect(following).to_be_disabled()
        digit = int(re.search(r"Draw an? (\d)", game.text_content())[1])
        asked.add(digit)
        draw_with_mouse(page, strokes[digit] if number else LETTER_A)
        following.click()
    assert asked == set(range(10))
    expect(game).to_contain_text("9 of 10 right. The room: 9 of 10.")
    game.get_by_role("button", name="Stop").click()
    expect(page.locator("#verdict")).to_have_text(BLANK)
    with database_of(own_server) as database, database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Drawing)) == 0
        assert game_of(session) == (9, 10)


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
