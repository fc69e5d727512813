"""A session is saved with a click and opened again; its report opens without a server."""

import re
import zipfile

import pytest
from playwright.sync_api import expect

from tests.browser.looks import LAPTOP, PHONE, check_admin_page, check_width, serious_findings
from tests.support.server import running_server
from tests.support.session import HTML, hold_session
from webapp import config
from webapp.learning import runs
from webapp.storage import first_start
from webapp.storage.database import Database

PAGE = "/admin/capsule"


@pytest.fixture(scope="module")
def held(tmp_path_factory):
    """A server after a session."""
    data_dir = tmp_path_factory.mktemp("data")
    settings = config.from_environment({"INKLING_DATA_DIR": str(data_dir)})
    first_start.prepare(settings)
    database = Database(settings)
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


def test_server_starts_on_the_unzipped_capsule(kept, open_admin, tmp_path):
    folder = tmp_path / "folder"
    with zipfile.ZipFile(kept) as archive:
        archive.extractall(folder)
    with running_server(data_dir=folder) as server:
        page = open_admin(server, "/admin/versions", **LAPTOP)
        expect(page.locator(".version")).to_have_count(3)
        expect(page.locator(".version[data-live]")).to_contain_text(f"Version 2, {HTML}")
        page.get_by_role("button", name="Roll back").click()
        expect(page.locator(".version[data-live]")).to_contain_text("Version 1")
        page.goto(f"{server.url}/admin/train?run=1")
        expect(page.locator("#run-status")).to_contain_text("finished: version 2")
        cost = page.get_by_role("slider", name="Cost by epoch")
        expect(cost).to_have_attribute("aria-valuenow", "4")
        page.goto(f"{server.url}/admin/drawings?status=all")
        people = page.locator("#people li")
        expect(people).to_have_count(3)
        expect(people.filter(has_text="tests only")).to_have_count(1)
        expect(people.filter(has_text="30 approved")).to_have_count(3)
        page.close()  # before its server ends


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("screen", [PHONE, LAPTOP], ids=["phone", "laptop"])
def test_report_opens_without_a_server(browser, report, screen, scheme):
    context = browser.new_context(color_scheme=scheme, offline=True, **screen)
    page, requests, logged = context.new_page(), [], []
    page.on("request", lambda request: requests.append(request.url))
    page.on("console", lambda message: logged.append(message.text))
    page.on("pageerror", lambda error: logged.append(str(error)))
    page.goto(report.as_uri())
    expect(page.get_by_role("heading", level=1)).to_have_text("What this session achieved")
    expect(page.get_by_role("heading", name=f"version 2, {HTML}")).to_be_visible()
    accuracy = page.get_by_role("slider", name="Accuracy by epoch")
    expect(accuracy).to_have_count(2)
    accuracy.first.press("Home")
    expect(accuracy.first).to_have_attribute("aria-valuetext", re.compile("Epoch 1: "))
    pictures = page.locator(".drawings img")
    expect(pictures).to_have_count(90)
    assert pictures.evaluate_all("all => all.every(img => img.naturalWidth === 8)")
    check_width(page)
    assert serious_findings(page) == []
    assert [url for url in requests if not url.startswith("data:")] == [report.as_uri()]
    assert logged == []
    context.close()


def test_admin_page_fits_every_screen_and_is_accessible(held, open_admin):
    check_admin_page(open_admin(held, PAGE, **LAPTOP))
