"""A session is kept and brought back with the mouse, and its page opened without a server."""

import re
import zipfile

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.looks import LAPTOP, PHONE, PROJECTOR
from tests.support.server import running_server
from tests.support.session import HTML, hold_session
from webapp import config
from webapp.learning import runs
from webapp.storage.folder import open_database

SIZES = {"phone": PHONE, "laptop": LAPTOP, "projector": PROJECTOR}
PAGE = "/admin/capsule"


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """A server after a session."""
    data_dir = tmp_path_factory.mktemp("data")
    database = open_database(config.from_environment({"INKLING_DATA_DIR": str(data_dir)}))
    hold_session(database, n_drawings=90)
    with database.writing() as session:
        runs.cancel(session, 5)  # or the server's worker would begin it
    database.close()
    with running_server(data_dir=data_dir) as running:
        yield running


@pytest.fixture
def kept(held, open_admin, tmp_path):
    """The path of the capsule, downloaded with a click."""
    page = open_admin(held, PAGE, **LAPTOP)
    with page.expect_download() as download:
        page.get_by_role("link", name="Download the capsule").click()
    assert re.fullmatch(r"inkling-session-[\d-]+\.zip", download.value.suggested_filename)
    path = tmp_path / "capsule.zip"
    download.value.save_as(path)
    return path


@pytest.fixture
def report(kept):
    """The path of the page that was in it."""
    with zipfile.ZipFile(kept) as archive:
        archive.extract("report.html", kept.parent)
    return kept.parent / "report.html"


def test_session_is_kept_with_a_click_and_restored_on_another_server(
    own_server, kept, open_admin
):
    page = open_admin(own_server, PAGE, **LAPTOP)
    page.get_by_label("Capsule, .zip").set_input_files(kept)
    page.get_by_role("button", name="Restore").click()
    expect(page.get_by_role("status")).to_contain_text("The session is back")
    expect(page.locator("main")).to_contain_text("3 versions, 2 finished runs, 90 approved")
    expect(page.get_by_role("button", name="Restore")).to_have_count(0)  # not fresh any more
    page.goto(f"{own_server.url}/admin/versions")
    expect(page.locator(".version")).to_have_count(3)
    expect(page.locator(".version[data-live]")).to_contain_text(f"Version 2, {HTML}")
    page.get_by_role("button", name="Roll back").click()
    expect(page.locator(".version[data-live]")).to_contain_text("Version 1")
    page.goto(f"{own_server.url}/admin/train?run=1")
    expect(page.locator("#run-status")).to_contain_text("finished: version 2")


def test_wrong_file_is_told_and_can_be_replaced(own_server, kept, open_admin, tmp_path):
    page = open_admin(own_server, PAGE, **LAPTOP)
    wrong = tmp_path / "wrong.zip"
    wrong.write_bytes(kept.read_bytes()[:5000])
    for path, role, says in (
        (wrong, "alert", "Nothing was restored. This is not a complete zip file"),
        (kept, "status", "The session is back"),
    ):
        page.get_by_label("Capsule, .zip").set_input_files(path)
        page.get_by_role("button", name="Restore").click()
        expect(page.get_by_role(role)).to_contain_text(says)


def test_session_is_restored_by_keyboard(own_server, kept, open_admin):
    page = open_admin(own_server, PAGE, **LAPTOP)
    page.get_by_label("Capsule, .zip").set_input_files(kept)
    page.get_by_label("Capsule, .zip").focus()
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Restore")).to_be_focused()
    page.keyboard.press("Enter")
    expect(page.get_by_role("status")).to_contain_text("The session is back")


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["phone", "laptop"])
def test_report_opens_without_a_server(browser, report, name, scheme):
    context = browser.new_context(color_scheme=scheme, offline=True, **SIZES[name])
    page, requests, logged = context.new_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: logged.append(message.text))
    page.on("pageerror", lambda error: logged.append(str(error)))
    page.goto(report.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("What this session came to")
    expect(page.get_by_role("heading", name=f"version 2, {HTML}")).to_be_visible()
    expect(page.get_by_role("img", name="Accuracy by epoch")).to_have_count(2)
    pictures = page.locator(".drawings img")
    expect(pictures).to_have_count(90)
    assert pictures.evaluate_all("all => all.every(img => img.naturalWidth === 8)")
    width = page.evaluate("document.documentElement.scrollWidth")
    assert width <= SIZES[name]["viewport"]["width"], "it scrolls sideways"
    page.screenshot(
        path=f"test-results/screenshots/capsule-report-{name}-{scheme}.png", full_page=True
    )
    assert serious_findings(page) == []
    assert [url for url in requests if not url.startswith("data:")] == [report.as_uri()]
    assert logged == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", SIZES)
def test_admin_pages_look(held, server, open_admin, name, scheme):
    for title, running in (("kept", held), ("fresh", server)):
        page = open_admin(
            running, PAGE, color_scheme=scheme, reduced_motion="reduce", **SIZES[name]
        )
        expect(page.get_by_role("heading", level=1)).to_have_text("Capsule")
        width = page.evaluate("document.documentElement.scrollWidth")
        assert width <= SIZES[name]["viewport"]["width"], "it scrolls sideways"
        page.screenshot(
            path=f"test-results/screenshots/admin-capsule-{title}-{name}-{scheme}.png",
            full_page=True,
        )
        assert serious_findings(page) == []


def serious_findings(page):
    violations = Axe().run(page).response["violations"]
    return [v for v in violations if v["impact"] in ("serious", "critical")]
