"""My drawings: what became of one's own, and taking them back one by one."""

import sqlalchemy as sa
from playwright.sync_api import Locator, expect

from tests.browser.conftest import CONNECTED
from tests.browser.giving import change, give_first, kept, told, withdraw_all
from tests.browser.hand import draw_with_finger
from tests.browser.looks import LAPTOP, PHONE, button, check_accessible
from tests.support.given import give
from tests.support.server import database_of
from tests.support.stubborn import make_stubborn_version_live
from webapp.storage.tables import Drawing, Participant


def test_own_drawings_are_shown_with_what_the_live_version_reads_and_go_one_by_one(
    own_server, open_page, strokes
):
    page = open_page(own_server.url, may_lose_connection=True, **PHONE)
    give_first(page, strokes, Locator.tap, draw_with_finger)
    with database_of(own_server) as database, database.writing() as session:
        give(session, label=2, predicted=2, participant=session.get(Participant, 1))
        make_stubborn_version_live(session, 2)
    button(page, "Clear").tap()
    draw_with_finger(page, strokes(3))
    button(page, "No").tap()
    button(page, "3").tap()
    expect(told(page)).to_contain_text("3 of 40")
    other = page.context.new_page()  # the same device
    other.goto(own_server.url)
    other.wait_for_selector(CONNECTED)
    expect(button(other, "My drawings")).to_be_visible()

    button(page, "My drawings").tap()
    gallery = page.get_by_role("dialog", name="My drawings")
    expect(gallery.get_by_role("listitem")).to_contain_text(
        [
            "A 3. ✗ The network reads a 2.",
            "A 2. ✓ The network reads it right.",
            "A 7. ✗ The network reads a 2.",
        ]
    )
    expect(gallery).to_contain_text("The network now reads 1 of 3 right.")
    check_accessible(page, ["phone"])
    button(page, "Withdraw this 3").tap()
    expect(gallery).to_contain_text("This cannot be undone.")
    button(page, "Remove").tap()
    expect(gallery.get_by_role("listitem")).to_have_count(2)
    assert [label for label, _, _ in kept(own_server)] == [7, 2]
    page.keyboard.press("Escape")
    expect(gallery).to_be_hidden()
    expect(told(page)).to_contain_text("This drawing was withdrawn.")
    other.bring_to_front()
    draw_with_finger(other, strokes(3))
    button(other, "No").tap()
    button(other, "3").tap()
    expect(told(other)).to_contain_text("3 of 40")
    page.bring_to_front()
    withdraw_all(page, Locator.tap)
    expect(told(page)).to_contain_text("Your 3 drawings were removed.")
    expect(told(other)).to_contain_text("Your drawings were removed.")
    expect(button(other, "Change")).to_be_hidden()
    assert kept(own_server) == []

    draw_with_finger(page, strokes(3))
    button(page, "No").tap()
    button(page, "3").tap()
    for name in ("Keep it", "My drawings", "Withdraw this 3", "Remove"):
        button(page, name).tap()
    expect(gallery).to_contain_text("No drawing of yours is kept.")
    expect(button(page, "Withdraw all")).to_be_hidden()


def test_drawing_that_was_withdrawn_elsewhere_does_not_come_back_when_corrected(
    own_server, open_page, strokes
):
    page = open_page(own_server.url, may_lose_connection=True, **LAPTOP)
    give_first(page, strokes)
    change(own_server, sa.delete(Drawing))  # as by another browser, of which no tab here knows
    button(page, "Change").click()
    button(page, "1").click()
    expect(told(page)).to_contain_text("This drawing is not kept, or was withdrawn.")
    assert kept(own_server) == []
