"""Inkling behind the real nginx, configured as docs/deploying.md says."""

import re
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from tests.browser.hand import draw_with_mouse
from tests.support.nginx import running_nginx
from tests.support.presenter import Presenter
from tests.support.server import PASSWORD, running_server

ENDED = re.compile("Epoch 2 of 2|finished")


@pytest.fixture(scope="module")
def ports(tmp_path_factory):
    """The ports of nginx in front of a server: at the root, and with TLS under /ink/."""
    with (
        running_server(workers=1, variables={"INKLING_TRUSTED_PROXIES": "1"}.items()) as server,
        running_nginx(server.port, tmp_path_factory.mktemp("nginx")) as ports,
    ):
        yield ports


def test_event_stream_comes_through_nginx_at_once(ports):
    presenter = Presenter(SimpleNamespace(url=f"http://127.0.0.1:{ports[0]}"))
    # The last message of a run is a few bytes: nginx would wait for more, and we for nginx.
    presenter.send("/admin/train", "/admin/train", preset="article", epochs="2")
    events = presenter.run_events(1)
    assert any(kind == "run" and data["status"] == "finished" for kind, data in events)


def test_workshop_under_a_path_with_tls(ports, open_page, sample_drawings):
    # Chromium takes any name that ends in .localhost for this machine.
    url = f"https://school.localhost:{ports[1]}/ink/"
    page = open_page(url, ignore_https_errors=True)
    digit, strokes = next(drawing for drawing in sample_drawings if drawing[0] == 7)
    assert draw_with_mouse(page, strokes).startswith(f"This is a {digit}")
    page.get_by_role("button", name="Yes").click()
    page.get_by_role("button", name="Keep it").click()
    page.get_by_role("button", name="My drawings").click()
    picture = page.get_by_role("dialog").locator("img").first
    expect(picture).to_have_js_property("naturalWidth", 280)
    [participant] = page.context.cookies()

    page.goto(f"{url}admin/train")  # by way of the sign-in page
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    expect(page).to_have_url(f"{url}admin/train")
    page.get_by_label("Preset").select_option("article")
    page.get_by_label("Epochs").fill("2")
    page.get_by_role("button", name="Start training").click()
    expect(page.locator("#run-status")).to_contain_text(ENDED, timeout=30_000)
    presenter = next(c for c in page.context.cookies() if c["name"] != participant["name"])
    for cookie in (participant, presenter):
        assert (cookie["secure"], cookie["path"]) == (True, "/ink/")

    page.goto(f"{url}api/docs")
    health = page.locator("#operations-health-api_healthz")
    health.locator(".opblock-summary-control").click()
    health.get_by_role("button", name="Try it out").click()
    health.get_by_role("button", name="Execute").click()
    expect(health.locator(".request-url")).to_contain_text(f"{url}healthz")
    expect(health.locator(".live-responses-table")).to_contain_text('"status": "ok"')

    page.goto(f"{url}admin/wall")
    expect(page.get_by_role("img", name=f"QR code of {url}", exact=True)).to_be_visible()
    page.goto(page.locator(".link code").text_content())
    expect(page.locator("#connection")).to_have_attribute("data-state", "connected")
