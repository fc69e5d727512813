"""The room teaches the network: from a wrong answer to a new version, and back out again."""

import re

import sqlalchemy as sa
from playwright.sync_api import expect

from bench.load import pngs
from tests.browser.conftest import CONNECTED
from tests.browser.hand import draw_with_mouse
from tests.browser.looks import LAPTOP, PROJECTOR, button
from tests.support.room import Person
from tests.support.server import database_of
from webapp.storage.tables import Drawing

LONG = 120_000  # ms that a run may take on a busy machine
PEOPLE, EACH = 5, 4  # the last of the five is kept for testing


def labels(server):
    """Labels of the drawings that the server keeps, by status."""
    found = {}
    with database_of(server) as database, database.reading() as session:
        for status, label in session.execute(sa.select(Drawing.status, Drawing.label)):
            found.setdefault(status, []).append(label)
    return found


def test_room_corrects_teaches_and_sees_what_it_changed(
    own_server, open_page, open_admin, sample_drawings
):
    sevens = [strokes for digit, strokes in sample_drawings if digit == 7]
    phone = open_page(own_server.url, **LAPTOP)
    draw_with_mouse(phone, sevens[0])
    button(phone, "No").click()
    button(phone, "1").click()
    button(phone, "Keep it").click()
    expect(phone.get_by_text("1 of 40")).to_be_visible()
    others = [Person(own_server.port) for _ in range(PEOPLE - 1)]
    for i, (digit, picture) in enumerate(pngs()[: len(others) * EACH]):
        others[i // EACH].give(digit, picture)

    wall = open_admin(own_server, "/admin/wall", **PROJECTOR)
    wall.goto(f"{own_server.url}/wall")
    wall.wait_for_selector(CONNECTED, state="attached")
    tiles = wall.locator("[data-shown]")
    expect(tiles).to_have_count(0)  # nobody has approved anything yet

    presenter = open_admin(own_server, "/admin/drawings", **LAPTOP)
    number = 1 + len(others) * EACH
    expect(presenter.get_by_role("gridcell")).to_have_count(number)
    presenter.get_by_role("gridcell").first.focus()
    presenter.keyboard.press("7")  # it was a seven after all
    for _ in range(number):
        presenter.keyboard.press("a")
    expect(tiles).to_have_count(number)
    assert {status: len(all_) for status, all_ in labels(own_server).items()} == {
        "approved": number
    }
    assert labels(own_server)["approved"].count(1) == [d for d, _ in pngs()[:16]].count(1)

    presenter.goto(f"{own_server.url}/admin/train")
    presenter.get_by_label("Preset").select_option("quick")
    button(presenter, "Start training").click()
    status = presenter.locator("#run-status")
    expect(status).to_have_text(re.compile("finished: version 2"), timeout=LONG)
    result = presenter.locator("#result")
    expect(result).to_contain_text(f"{EACH} drawings by held-out people")
    expect(result).to_contain_text("297 held-out digits")
    expect(result).to_contain_text("Version 1, before")
    button(presenter, "Promote").click()
    expect(wall.locator("#news")).to_contain_text("2")

    button(phone, "Clear").click()
    with phone.expect_response(
        lambda answer: "/api/predict" in answer.url and answer.json()["digit"] == 7
    ) as answer:
        draw_with_mouse(phone, sevens[1])
    assert answer.value.json()["model"] == {"version": 2}

    for name in ("My drawings", "Withdraw all", "Remove"):
        button(phone, name).click()
    expect(tiles).to_have_count(number - 1)
    assert len(labels(own_server)["approved"]) == number - 1
