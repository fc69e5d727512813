"""The admin page of the wall: its switches, its address, and how phones join."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.looks import LAPTOP, PROJECTOR, button, check_admin_page
from tests.browser.room import CONNECTED, LIVE, Room, fill, press
from tests.support.server import running_server
from webapp.room import wall
from webapp.room.devices import Sightings
from webapp.web.views.wall import TILES


def test_two_admin_pages_agree_about_the_switches(room, open_admin):
    one, other = (open_admin(room.server, "/admin/wall", **LAPTOP) for _ in range(2))
    number = room.give()
    press(one, "Blank")
    expect(other.get_by_role("button", name="Show drawings")).to_be_visible(timeout=LIVE)
    one.get_by_role("button", name=re.compile(f"Show drawing {number} large")).click()
    expect(button(other, "Show all again")).to_be_visible(timeout=LIVE)
    pressed = other.get_by_role("button", name=re.compile("Show drawing"), pressed=True)
    expect(pressed).to_have_count(1)
    # And the new button works.
    press(other, "Show drawings")
    expect(button(one, "Blank")).to_be_visible(timeout=LIVE)


def test_drawing_is_marked_also_if_others_come_while_the_switches_load(room, open_admin):
    page = open_admin(room.server, "/admin/wall", **LAPTOP)
    number, held = room.give(), []
    page.route("**/admin/wall", lambda route: held.append(route))
    with page.expect_request("**/admin/wall"):
        room.change(lambda session: wall.show_large(session, number))
    newer = room.give()
    expect(page.get_by_role("button", name=f"Show drawing {newer} large")).to_be_visible()
    held[0].continue_()
    expect(button(page, "Show all again")).to_be_visible()
    pressed = page.get_by_role("button", name=f"Show drawing {number} large", pressed=True)
    expect(pressed).to_be_visible()


@pytest.fixture
def open_room():
    """A room whose server phones can reach."""
    with running_server(workers=1, options=("--host", "0.0.0.0")) as server:
        room = Room(server)
        yield room
        room.database.close()


def test_wall_shows_large_how_to_join_and_the_admin_page_says_who_came_through(
    open_room, open_page, open_admin
):
    page = open_page(open_room.wall, may_lose_connection=True, ready=CONNECTED, **PROJECTOR)
    code = page.get_by_role("img", name="QR code").first
    if not code.count():
        pytest.skip("this machine is in no network")
    small = code.bounding_box()["width"]
    admin = open_admin(open_room.server, "/admin/wall", may_lose_connection=True, **LAPTOP)
    admin.get_by_label("Name of the Wi-Fi").fill("Library")
    press(admin, "Show it")
    expect(page.get_by_text("Wi-Fi Library")).to_be_visible(timeout=LIVE)
    press(admin, "Blank")
    expect(page.locator("[data-blank]")).to_be_attached(timeout=LIVE)
    assert code.bounding_box()["width"] > 1.5 * small
    expect(page.get_by_text("Wi-Fi Library")).to_be_visible()
    button(page, "Full screen").click()
    button(page, "Leave full screen").click()

    devices = admin.locator("#devices")
    expect(devices).to_have_text(re.compile("none in the last minute"))
    expect(admin.get_by_text("Guest networks")).to_be_visible()
    sightings = Sightings(open_room.database, "another key")
    for last in range(3):
        sightings.note(f"203.0.113.{last}")
        sightings.finish()
    expect(devices).to_have_text(re.compile("yes, 3 devices in the last minute"))
    expect(admin.get_by_text("Guest networks")).to_be_hidden()


def test_admin_page_of_the_wall_fits_every_screen_and_is_accessible(room, open_admin):
    fill(room)
    page = open_admin(room.server, "/admin/wall", **LAPTOP)
    expect(page.locator("#choices li")).to_have_count(TILES)
    check_admin_page(page)
