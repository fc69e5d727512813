"""The presenter's overview during a workshop, and a session that ends in the middle of it."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import CONNECTED
from tests.browser.looks import LAPTOP, PHONE, button, check_accessible
from tests.support.given import give
from tests.support.server import PASSWORD, database_of
from webapp.learning import runs, versions
from webapp.room import drawings, moderation
from webapp.storage.tables import Drawing, TrainingRun

LONG = 60_000  # ms that a run may take on a busy machine
# Press a form's button in the moment in which it takes another one's place.
PRESS_AT_ONCE = """
    new MutationObserver((_, observer) => {
        const button = document.querySelector("#steps > form:not([hidden]) button");
        if (!button) return;
        observer.disconnect();
        button.click();
    }).observe(document.getElementById("steps"), { subtree: true, attributes: true });"""


def change(server, act):
    """Do something in the server's database, as another process does."""
    with database_of(server) as database, database.writing() as session:
        act(session)


def give_three(session):
    person = drawings.new_participant(session)
    for _ in range(3):
        give(session, 3, 7, Drawing.PENDING, person)


def stored_runs(server):
    with database_of(server) as database, database.reading() as session:
        return [run.name for run in session.query(TrainingRun)]


def next_step(page):
    return page.locator("#steps > :visible")


def test_overview_follows_the_workshop_and_offers_the_next_step(own_server, open_admin):
    page = open_admin(own_server, "/admin/", **LAPTOP)
    page.wait_for_selector(CONNECTED)
    expect(next_step(page)).to_have_text("Open the wall")
    expect(page.locator("pre")).to_contain_text(f"--data-dir {own_server.data_dir}")
    expect(page.locator("#figures")).to_contain_text("sample drawings by 12 people")

    change(own_server, give_three)
    expect(next_step(page)).to_have_text("3 drawings wait: look at them")
    page.evaluate(PRESS_AT_ONCE)
    change(own_server, lambda session: moderation.decide_all(session, 1, "approved"))
    expect(next_step(page)).to_have_text("Train Quick on 3 drawings")
    expect(page.locator("[data-text=approved]")).to_have_text("3")
    assert stored_runs(own_server) == []  # the press came too early to be meant

    change(own_server, lambda session: versions.upload(session, weights(session), "Twin"))
    change(own_server, lambda session: versions.promote(session, 2))
    expect(page.locator("[data-text=version]")).to_have_text("Version 2")
    expect(page.locator("#before")).to_have_text("to version 1, Original")
    button(page, "Roll back").click()
    page.goto(f"{own_server.url}/admin/")
    expect(page.locator("[data-text=version]")).to_have_text("Version 1")

    page.wait_for_selector(CONNECTED)
    next_step(page).click()
    page.wait_for_url("**/admin/train**")
    assert stored_runs(own_server) == ["quick"]
    page.goto(f"{own_server.url}/admin/")
    expect(next_step(page)).to_have_text("Run 1 is training: watch it")
    change(own_server, lambda session: runs.cancel(session, 1))
    expect(next_step(page)).to_have_text("Train Quick on 3 drawings", timeout=LONG)


def weights(session):
    return versions.version(session, 1).weights


def test_session_that_ended_elsewhere_keeps_what_was_typed(own_server, open_admin):
    page = open_admin(own_server, "/admin/train", may_lose_connection=True, **PHONE)
    page.get_by_label("Preset").select_option("article")
    page.get_by_label("Epochs", exact=True).fill("3")
    other = page.context.new_page()
    other.goto(f"{own_server.url}/admin/")
    button(other, "Sign out").click()
    button(page, "Start training").click()
    page.get_by_label("Password").fill(PASSWORD)
    button(page, "Sign in").click()
    expect(page.get_by_role("definition").filter(has_text=re.compile("^3$"))).to_be_visible()
    check_accessible(page, ["phone"])
    button(page, "Send it now").click()
    expect(page.locator("#run-status")).to_have_text(re.compile("finished"), timeout=LONG)


def test_pages_that_the_server_no_longer_tells_anything_lead_to_sign_in(own_server, open_admin):
    page = open_admin(own_server, "/admin/", may_lose_connection=True, **LAPTOP)
    page.route(re.compile("/events"), lambda route: route.fulfill(status=401))
    for path in ("", "train", "drawings", "wall"):
        page.goto(f"{own_server.url}/admin/{path}")
        expect(page.locator("#connection")).to_have_text("Signed out: sign in")
        expect(page.get_by_role("link", name="sign in", exact=True)).to_be_visible()


def test_menu_on_a_phone_shows_where_one_is_and_that_it_goes_on(own_server, open_admin):
    page = open_admin(own_server, "/admin/", **PHONE)
    menu = page.get_by_role("navigation", name="Admin")
    expect(menu).to_have_attribute("data-after", "")
    page.goto(f"{own_server.url}/admin/log")
    expect(menu.get_by_role("link", name="Log")).to_be_in_viewport(ratio=1)
    expect(menu).to_have_attribute("data-before", "")
    expect(menu).not_to_have_attribute("data-after", "")
    page.set_viewport_size({"width": 820, "height": 1180})
    page.goto(f"{own_server.url}/admin/drawings")
    expect(menu).to_have_attribute("data-after", "")
    expect(menu).to_have_css("mask-image", re.compile("rgba\\(0, 0, 0, 0\\)"))
