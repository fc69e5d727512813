"""The steps about the drawing: the numbers on the page are NumPy's, to the digits shown."""

import numpy as np
import pytest
from playwright.sync_api import expect

from nn import files, neighbours
from nn.drawings import render
from nn.ink import steps_from_image
from nn.inside import challenges, what_if
from tests.browser.inside import READY, example_of, hold, look_at, numbers
from tests.browser.looks import PHONE, button

NETWORKS = [None, 0]  # the live one, which is the shipped one, and the article's
DRAWN = [(3, 0), (7, 1), (8, 0)]  # digit, number of the recording


@pytest.fixture
def step_of(open_page, own_server, strokes):
    """A function that opens a step with a recorded drawing."""

    def step_of(name, digit, number=0, version=None, **options):
        page = open_page(f"{own_server.url}/inside/{name}", ready=READY, **options)
        look_at(page, example_of(strokes(digit, number), version))
        return page

    return step_of


def row_of(strokes):
    return steps_from_image(render(strokes)).cells.ravel()


def rows_and_columns(index):
    return f"Row {index // 8 + 1}, column {index % 8 + 1}"


def cells(page, id):
    return page.locator(f"#{id} [role=gridcell]")


def model_of(version, shipped):
    return shipped if version is None else files.load(files.ARTICLE)


@pytest.mark.parametrize(("digit", "number"), DRAWN)
def test_cells_are_counted_as_by_the_server(step_of, strokes, digit, number):
    page = step_of("ink", digit, number)
    steps = steps_from_image(render(strokes(digit, number)))
    expect(cells(page, "counted-cells")).to_have_text([str(v) for v in steps.cells.ravel()])
    counts = steps.counted.reshape(8, 8, 8, 8).sum(axis=(1, 3)).ravel()
    for index in (9, 27, 36):
        cells(page, "counted-cells").nth(index).click()
        expect(page.locator("#count")).to_have_text(str(counts[index]))
        assert numbers(page.locator("#exact").text_content()) == [counts[index] / 4]
        expect(page.locator("#rounded")).to_have_text(str(steps.cells.ravel()[index]))
        expect(page.locator("#count-in-words")).to_contain_text(rows_and_columns(index))


def test_cells_are_chosen_by_keyboard(step_of):
    page = step_of("ink", 7)
    expect(cells(page, "counted-cells").first).not_to_be_empty()
    cells(page, "counted-cells").first.click()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#count-in-words")).to_contain_text("Row 2, column 2")
    expect(cells(page, "counted-cells").nth(9)).to_be_focused()


def test_sample_has_no_ink_and_says_so(step_of):
    page = step_of("ink", 7)
    button(page, "Change the drawing").click()
    button(page, "Sample of a 2").click()
    expect(page.locator("#no-ink")).to_be_visible()
    expect(page.locator("#count-formula")).to_be_hidden()
    expect(page.locator("#count-in-words")).to_contain_text("of 16")
    middle = page.locator("#no-ink").bounding_box()
    x, y = (middle["x"] + middle["width"] / 2, middle["y"] + middle["height"] / 2)
    assert page.evaluate("([x, y]) => document.elementFromPoint(x, y).id", [x, y]) == "no-ink"


def test_half_is_rounded_with_its_rule(step_of, strokes):
    page = step_of("ink", 7)
    counts = steps_from_image(render(strokes(7))).counted.reshape(8, 8, 8, 8).sum(axis=(1, 3))
    halves = counts.ravel() % 4 == 2
    expect(cells(page, "counted-cells").first).not_to_be_empty()
    for kind in (True, False):
        cells(page, "counted-cells").nth(int(np.flatnonzero(halves == kind)[0])).click()
        expect(page.locator("#halves")).to_be_visible(visible=kind)


@pytest.mark.parametrize(("digit", "number"), DRAWN)
def test_nearest_digits_are_shown_with_their_distance(step_of, strokes, digit, number):
    page = step_of("data", digit, number)
    rows, distances = neighbours.nearest(row_of(strokes(digit, number)), 3)
    expected = [
        f"{neighbours.known()[1][row]}{distance:.1f}" for row, distance in zip(rows, distances)
    ]
    expect(page.locator("[data-place] figcaption")).to_have_text(expected)
    expect(page.locator("#distance")).to_have_text(f"{distances[0]:.1f}")


def test_class_is_shown_as_a_sheet(step_of):
    page = step_of("data", 7)
    page.locator("[data-digit='4']").first.click()
    n = (neighbours.known()[1] == 4).sum()
    expect(page.locator("#sheet")).to_have_attribute(
        "aria-label", f"All {n} pictures of the digit 4"
    )


def test_the_rooms_drawings_are_counted(open_page, room):
    for _ in range(2):
        room.give(label=4)
    page = open_page(f"{room.server.url}/inside/data", ready=READY)
    figures = page.locator("#room figure")
    expect(figures.nth(4).locator("small")).not_to_be_empty()
    while "2 drawings" not in figures.nth(4).inner_text():  # they are some seconds old at most
        page.reload()
        expect(figures.nth(4).locator("small")).not_to_be_empty()
    expect(figures.nth(5)).to_contain_text("none drawn yet")


@pytest.mark.parametrize("version", NETWORKS)
@pytest.mark.parametrize(("digit", "number"), DRAWN)
def test_shares_are_shown_to_two_digits(step_of, shipped, strokes, digit, number, version):
    page = step_of("what-if", digit, number, version)
    row = row_of(strokes(digit, number))
    model = model_of(version, shipped)
    logits = model.logits(row[None])[0]
    shares = what_if.shares(model, row, logits.argmax())
    expect(page.locator("#logit")).not_to_have_text("0")
    for index in np.argsort(-np.abs(shares))[:3]:
        cells(page, "shares").nth(index).click()
        shown = [
            numbers(page.locator(f"#{id}").text_content())
            for id in ("share", "logit", "without")
        ]
        expected = [shares[index], logits.max(), logits.max() - shares[index]]
        np.testing.assert_allclose(np.ravel(shown), expected, atol=0.00501)
        expect(page.locator("#share-in-words")).to_contain_text(rows_and_columns(index))


@pytest.mark.parametrize("version", NETWORKS)
def test_edited_cell_moves_the_bars(step_of, shipped, strokes, version):
    page = step_of("what-if", 7, version=version)
    row = row_of(strokes(7)).copy()
    cell = int(np.flatnonzero(row)[5])
    page.locator("#grid .cell").nth(cell).click()
    row[cell] = 0
    expected = 100 * model_of(version, shipped).predict_proba(row[None])[0]
    for digit, percent in enumerate(expected):
        meter = page.get_by_role("meter", name=f"Digit {digit}")
        expect(meter).to_have_attribute("aria-valuenow", f"{percent:.1f}")
    button(page, "Undo all").click()
    expect(page.locator("#grid .cell").nth(cell)).not_to_be_empty()
    expect(button(page, "Undo all")).to_be_disabled()


def test_smallest_change_is_found_and_looked_at(step_of, shipped, strokes):
    page = step_of("what-if", 7)
    change = what_if.smallest_change(shipped, row_of(strokes(7)), 2)
    page.get_by_label("Make it read").select_option("2")
    button(page, "Find a change").click()
    for cell in change.cells:
        what = "fill" if change.pixels[cell] else "empty"
        place = rows_and_columns(cell).lower()
        expect(page.locator("#found-in-words")).to_contain_text(f"{what} {place}")
    percent = 100 * shipped.predict_proba(change.pixels[None])[0, 2]
    expect(page.locator("#found-in-words")).to_contain_text(f"reads a 2, at {percent:.1f}%.")
    button(page, "Look at it").click()
    values = [str(v) if v else "" for v in change.pixels]
    expect(page.locator("#grid .cell")).to_have_text(values)


def test_change_of_an_earlier_picture_is_not_offered(step_of):
    page = step_of("what-if", 7)
    page.wait_for_selector("body:not([data-asking])")
    held = hold(page, "change")
    button(page, "Find a change").click()
    page.locator("#grid .cell").nth(0).click()
    held[0].continue_()
    page.wait_for_selector("body:not([data-asking])")
    expect(page.locator("#found-in-words")).to_be_empty()
    expect(button(page, "Look at it")).to_be_disabled()


def test_network_is_never_said_to_be_certain(step_of, strokes):
    page = step_of("what-if", 7)
    pixels = row_of(strokes(7)).tolist()
    answer = {"cells": [0], "pixels": pixels, "digit": 2, "probability": 0.99999}
    page.route("**/api/inside/change", lambda route: route.fulfill(json=answer))
    button(page, "Find a change").click()
    expect(page.locator("#found-in-words")).to_contain_text("reads a 2, at >99.9%.")


def test_nine_is_turned_into_a_two_by_hand(step_of, shipped):
    page = step_of("what-if", 7)
    first = challenges.start(shipped, 9)
    button(page, "Begin").first.click()
    expect(page.locator("#goal")).to_contain_text("It is no 2 yet.")
    change = what_if.smallest_change(shipped, first, 2)
    for cell in change.cells:
        target = page.locator("#grid .cell").nth(cell)
        target.focus()
        for _ in range(8):
            page.keyboard.press("+" if change.pixels[cell] else "-")
    expect(page.locator("#goal")).to_contain_text("It reads a 2.")
    n = len(change.cells)
    expect(page.locator("#goal")).to_contain_text(f"A greedy search needs {n}.")
    expect(page.locator("#goal")).to_contain_text(f"Cells that you changed: {n}.")


def test_drawing_comes_back_after_a_challenge(step_of, shipped, strokes):
    page = step_of("what-if", 7)
    back, cells = button(page, "Back to your drawing"), page.locator("#grid .cell")
    expect(back).to_be_hidden()
    button(page, "Begin").first.click()
    expect(cells.first).to_be_focused()
    page.keyboard.press("Space")
    button(page, "Begin").last.press("Enter")
    expect(cells.first).to_be_focused()
    values = [str(v) if v else "" for v in challenges.start(shipped, 3)]
    expect(cells).to_have_text(values)
    page.reload()
    expect(cells).to_have_text(values)
    back.click()
    expect(cells).to_have_text([str(v) if v else "" for v in row_of(strokes(7))])
    expect(back).to_be_hidden()
    expect(page.locator("#goal")).to_contain_text("Turn cells on and off")
    kept = page.evaluate("JSON.parse(sessionStorage.getItem('inkling example'))")
    assert kept["picture"] == example_of(strokes(7))["picture"]


def test_another_drawing_ends_a_challenge(step_of):
    page = step_of("what-if", 7)
    button(page, "Begin").first.click()
    expect(page.locator("#goal")).to_contain_text("It is no 2 yet.")
    button(page, "Change the drawing").click()
    button(page, "Sample of a 5").click()
    expect(page.locator("#goal")).to_contain_text("Turn cells on and off")
    expect(button(page, "Back to your drawing")).to_be_hidden()


def test_score_counts_for_the_challenge_that_it_was_made_in(step_of, shipped):
    page = step_of("what-if", 7)
    held = hold(page, "check")
    button(page, "Begin").first.click()
    button(page, "Begin").last.click()
    held[0].fulfill(json={"is_done": True, "cells": 1, "greedy": 1})
    ink = challenges.start(shipped, 3).sum()
    expect(page.locator("#goal")).to_contain_text(f"Your best so far: {ink}.")


def test_score_counts_for_the_network_that_it_was_made_with(step_of):
    page = step_of("what-if", 7)
    held = hold(page, "check")
    button(page, "Begin").last.click()
    button(page, "Change the drawing").click()
    page.get_by_label("Which network looks at it?").select_option(value="0")
    held[0].fulfill(json={"is_done": True, "ink": 1, "greedy": 1})
    page.wait_for_selector("body:not([data-asking])")
    expect(page.locator("#goal")).to_contain_text("ink")
    expect(page.locator("#goal")).not_to_contain_text("best so far: 1.")


def test_the_most_confident_mistake_is_revealed_after_a_guess(step_of, shipped):
    page = step_of("what-if", 7, **PHONE)
    found = challenges.misread(shipped)
    words = page.locator("#misread-in-words")
    expect(words).to_contain_text("What do you read?")
    page.locator(f"[data-guess='{found.label}']").tap()
    expect(words).to_contain_text("You are right.")
    expect(words).to_contain_text(f"at {100 * found.probability:.1f}%.")
