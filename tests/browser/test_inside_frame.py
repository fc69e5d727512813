"""Around the steps of /inside: the way in, the drawing and its change, the list of steps."""

import re

import pytest
from playwright.sync_api import expect

from nn import files
from tests.browser.hand import BLANK, draw_with_finger, draw_with_mouse, move_mouse
from tests.browser.inside import READY, example_of, look_at, png_of
from tests.browser.looks import (
    PHONE,
    button,
    check_accessible,
    check_width,
    check_width_of_large_text,
)
from tests.conftest import ROOT
from webapp.learning import versions
from webapp.web.views.inside import STEPS

STATUS = "#lesson-status"

# What has moved by itself, by 1 % of the screen or more: https://web.dev/articles/cls
_SHIFTS = """new Promise((resolve) => {
    const shown = (entry) => entry.sources.map((s) => s.node?.outerHTML ?? s.node?.textContent);
    new PerformanceObserver((list) => {
        resolve(list.getEntries().filter((e) => e.value > 0.01).flatMap(shown));
    }).observe({ type: 'layout-shift', buffered: true });
    requestAnimationFrame(() => requestAnimationFrame(() => resolve([])));
})"""

# Whether what has the focus is below the upper edge of Back and Next.
_IS_COVERED = """(() => {
    const focused = document.activeElement;
    const bar = document.querySelector(".onward");
    if (bar.contains(focused)) return false;
    return focused.getBoundingClientRect().bottom > bar.getBoundingClientRect().top + 1;
})()"""


@pytest.fixture
def inside(open_page, own_server):
    """A function that opens a step."""

    def inside(step="", **options):
        return open_page(f"{own_server.url}/inside/{step}".rstrip("/"), ready=READY, **options)

    return inside


@pytest.mark.parametrize(
    ("draw", "device"),
    [(draw_with_mouse, {}), (draw_with_finger, PHONE)],
    ids=["mouse", "finger"],
)
def test_the_drawing_of_the_draw_page_comes_along(open_page, strokes, draw, device):
    page = open_page(**device)
    link = page.get_by_role("link", name="How did it decide?")
    expect(link).to_be_hidden()
    assert "7" in draw(page, strokes(7))
    pixels = page.evaluate(
        "[...document.querySelectorAll('#grid .cell')].map(c => +c.textContent)"
    )
    link.click()
    page.wait_for_selector(READY)
    expect(page.locator("#reads")).to_contain_text("It reads a 7.")
    assert page.evaluate("JSON.parse(sessionStorage['inkling example']).pixels") == pixels
    expect(page.locator("#no-ink")).to_be_hidden()
    page.go_back()
    expect(page.locator("#verdict")).to_contain_text("This is a 7.")


def test_a_picture_made_cell_by_cell_comes_along_without_ink(open_page):
    page = open_page()
    for cell in range(4, 64, 8):
        page.locator("#grid .cell").nth(cell).click()
    expect(page.locator("#verdict")).to_contain_text("1")
    page.get_by_role("link", name="How did it decide?").click()
    expect(page.locator("#reads strong")).to_have_text("It reads a 1.")
    expect(page.locator("#no-ink")).to_be_visible()
    expect(page.locator("#counted-cells [role=gridcell]").nth(4)).to_have_text("16")


def test_a_picture_file_comes_along_with_its_ink(open_page, strokes):
    page = open_page()
    file = {"name": "7.png", "mimeType": "image/png", "buffer": png_of(strokes(7))}
    page.get_by_label("Picture", exact=True).set_input_files(file)
    expect(page.locator("#verdict")).to_contain_text("This is a 7.")
    page.get_by_role("link", name="How did it decide?").click()
    expect(page.locator("#reads strong")).to_have_text("It reads a 7.")
    expect(page.locator("#count-in-words")).to_contain_text("of them are ink")


def test_clearing_the_drawing_hides_the_link(open_page, strokes):
    page = open_page()
    draw_with_mouse(page, strokes(3))
    page.keyboard.press("Escape")
    expect(page.locator("#verdict")).to_have_text(BLANK)
    expect(page.locator("#inside")).to_be_hidden()


def test_without_a_drawing_a_sample_is_looked_at(inside):
    page = inside()
    expect(page.locator("#reads strong")).to_have_text("It reads a 3.")
    expect(page.locator("#reads small")).to_have_text("Version 1, live")


def test_every_step_is_reached_by_next_and_by_the_list(inside):
    page = inside()
    for step in STEPS[1:]:
        page.locator(".onward .next").click()
        expect(page.get_by_role("heading", level=1)).to_have_text(step.title)
    first = page.locator("nav.steps").get_by_role("link", name=STEPS[0].title)
    first.click()
    expect(page.get_by_role("heading", level=1)).to_have_text(STEPS[0].title)


def test_change_of_the_drawing_stays_over_steps_and_reloads(inside):
    page = inside()
    button(page, "Change the drawing").click()
    button(page, "Sample of a 6").click()
    expect(page.locator("#reads strong")).to_have_text("It reads a 6.")
    page.locator(".onward .next").click()
    expect(page.locator("#reads strong")).to_have_text("It reads a 6.")
    page.reload()
    expect(page.locator("#reads strong")).to_have_text("It reads a 6.")


def test_drawing_on_the_page_changes_what_it_explains(inside, strokes):
    page = inside()
    button(page, "Change the drawing").click()
    move_mouse(page, strokes(5))
    expect(page.locator("#reads strong")).to_have_text("It reads a 5.")
    expect(page.locator("#no-ink")).to_be_hidden()
    button(page, "Clear").click()
    expect(page.locator("#reads strong")).to_have_text("Nothing is drawn.")


def test_all_is_done_by_keyboard(inside):
    page = inside()
    change = button(page, "Change the drawing")
    change.focus()
    page.keyboard.press("Enter")
    expect(change).to_have_attribute("aria-expanded", "true")
    button(page, "Sample of a 0").focus()
    page.keyboard.press("Space")
    expect(page.locator("#reads strong")).to_have_text("It reads a 0.")
    page.keyboard.press("Escape")
    expect(change).to_be_focused()
    expect(page.locator("#changing")).to_be_hidden()


def test_escape_on_the_button_closes_the_panel(inside):
    page = inside()
    change = button(page, "Change the drawing")
    change.click()
    page.keyboard.press("Escape")
    expect(page.locator("#changing")).to_be_hidden()


@pytest.mark.parametrize("device", [{"viewport": {"width": 1280, "height": 800}}, PHONE])
def test_what_has_the_focus_is_not_behind_back_and_next(inside, device):
    page = inside("bug", **device)
    page.wait_for_selector("body:not([data-asking])")
    reached = 0
    while not page.evaluate("Boolean(document.activeElement.closest('.onward'))"):
        page.keyboard.press("Tab")
        assert not page.evaluate(_IS_COVERED), page.evaluate("document.activeElement.outerHTML")
        reached += 1
    assert reached > 10


def test_on_a_phone_the_steps_are_a_menu(inside):
    page = inside(**PHONE)
    expect(page.locator("nav.steps")).to_be_hidden()
    page.get_by_role("button", name=f"Step 1 of {len(STEPS)}").tap()
    page.locator("#steps-menu").get_by_role("link", name=STEPS[1].title).tap()
    expect(page.get_by_role("heading", level=1)).to_have_text(STEPS[1].title)
    # Back and Next are at the bottom, within reach of the thumb.
    expect(page.locator(".onward")).to_be_in_viewport(ratio=1)


def test_another_network_is_chosen(inside, strokes):
    page = inside()
    look_at(page, example_of(strokes(7)))
    button(page, "Change the drawing").click()
    page.get_by_label("Which network looks at it?").select_option(value="0")
    expect(page.locator("#reads small")).to_have_text("The article’s network")
    page.reload()
    expect(page.locator("#reads small")).to_have_text("The article’s network")


def test_version_that_was_deleted_meanwhile_gets_a_sentence(inside, room, strokes):
    with room.database.writing() as session:
        number = versions.publish(session, files.load(files.ARTICLE), "Two", "upload").id
    page = inside(may_lose_connection=True)  # the browser logs the refusal
    look_at(page, example_of(strokes(7), version=number))
    with room.database.writing() as session:
        versions.delete(session, number)
    page.reload()
    expect(page.locator(STATUS)).to_have_text(f"Version {number} was deleted.")
    button(page, "Change the drawing").click()
    page.get_by_label("Which network looks at it?").select_option(value="")
    expect(page.locator("#reads strong")).to_have_text("It reads a 7.")
    expect(page.locator(STATUS)).to_be_empty()


def test_numbers_follow_when_the_server_is_back(inside):
    page = inside(may_lose_connection=True)
    page.context.set_offline(True)
    button(page, "Change the drawing").click()
    button(page, "Sample of a 6").click()
    expect(page.locator(STATUS)).to_contain_text("out of reach")
    page.context.set_offline(False)
    expect(page.locator("#reads strong")).to_have_text("It reads a 6.")
    expect(page.locator(STATUS)).to_be_empty()


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_fits_and_is_accessible(inside, strokes, step):
    page = inside(step.name)
    look_at(page, example_of(strokes(7)))
    page.wait_for_load_state("networkidle")
    check_width(page)
    check_width_of_large_text(page)
    check_accessible(page)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_nothing_moves_when_the_numbers_arrive(inside, step):
    page = inside(step.name, **PHONE)
    page.wait_for_load_state("networkidle")
    assert page.evaluate(_SHIFTS) == []


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_scripts_of_a_step_are_below_80_kb(inside, step):
    page = inside(step.name)
    addresses = page.evaluate("performance.getEntriesByType('resource').map((e) => e.name)")
    scripts = {
        found[1] for each in addresses if (found := re.search("/(static/js/.*js)", each))
    }
    assert f"static/js/pages/inside/{step.name}.js" in scripts
    assert sum((ROOT / path).stat().st_size for path in scripts) < 80_000
