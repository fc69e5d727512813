"""A real server and real browser contexts, watched for errors and for foreign requests."""

import pytest

from tests.browser import chromium
from tests.server import running_server

PHONE = {
    "viewport": {"width": 390, "height": 844},
    "has_touch": True,
    "is_mobile": True,
    "device_scale_factor": 2,
}
LAPTOP = {"viewport": {"width": 1280, "height": 800}}
PROJECTOR = {"viewport": {"width": 1920, "height": 1080}}


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": chromium.find(), "args": chromium.ARGUMENTS}


@pytest.fixture(scope="session")
def server():
    with running_server() as running:
        yield running


@pytest.fixture
def open_page(browser, server):
    """A function that opens the draw page in a new context with the given options.

    At the end no page may have logged an error or asked another host for anything.
    """
    contexts, errors, foreign = [], [], []

    def open_page(url=server.url, may_lose_connection=False, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: _note_foreign(foreign, request, url))
        if not may_lose_connection:  # or the browser logs each failed attempt
            page.on("console", lambda message: _note_error(errors, message))
        page.goto(url)
        page.wait_for_selector("#connection[data-state=connected]")
        return page

    yield open_page
    for context in contexts:
        context.close()
    assert errors == []
    assert foreign == []


def _note_error(errors, message):
    if message.type in ("error", "warning"):
        errors.append(message.text)


def _note_foreign(foreign, request, url):
    if not request.url.startswith((url, "blob:")):
        foreign.append(request.url)
