"""A real server and real browser contexts, watched for errors and for foreign requests."""

from urllib.parse import urlsplit

import pytest

from tests.browser import chromium
from tests.browser.room import Room
from tests.support import prepared
from tests.support.server import PASSWORD, running_server

pytest.register_assert_rewrite("tests.browser.looks")  # failures show what differs

CONNECTED = "#connection[data-state=connected]"


@pytest.fixture(scope="session")
def browser_type_launch_args():
    return {"executable_path": chromium.find(), "args": chromium.ARGUMENTS}


@pytest.fixture(scope="session")
def server():
    """A server that all tests share."""
    with running_server() as running:
        yield running


@pytest.fixture
def own_server(server):
    """The same server, emptied: for one test alone, which may do to it what it likes."""
    prepared.empty(server.data_dir)
    return server


@pytest.fixture
def strokes(sample_drawings):
    """A function: the strokes of a recorded digit that the network surely knows."""

    def strokes(digit, number=0):
        return [s for d, s in sample_drawings if d == digit][number]

    return strokes


@pytest.fixture
def open_page(browser, own_server):
    """A function that opens a page, the emptied server's draw page by default.

    Each page is in a browser context of its own. At the end no page may have logged an error
    or asked another host for anything.
    """
    contexts, errors, foreign = [], [], []

    def open_page(url=own_server.url, may_lose_connection=False, ready=CONNECTED, **options):
        context = browser.new_context(**options)
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.on("request", lambda request: _note_foreign(foreign, request, url))
        if not may_lose_connection:  # or the browser logs each failed attempt
            page.on("console", lambda message: _note_error(errors, message))
        page.goto(url)
        page.wait_for_selector(ready)
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
    if urlsplit(request.url).netloc != urlsplit(url).netloc and request.url[:5] != "blob:":
        foreign.append(request.url)


@pytest.fixture
def open_admin(open_page):
    """A function that signs in to a server and opens an admin page, in a new context."""

    def open_admin(server, path="/admin/train", **options):
        page = open_page(f"{server.url}/admin/sign-in?next={path}", ready="form", **options)
        page.get_by_label("Password").fill(PASSWORD)
        page.get_by_role("button", name="Sign in").click()
        page.wait_for_url(f"**{path}")
        return page

    return open_admin


@pytest.fixture
def room(own_server):
    """The room around the emptied server, before anybody has drawn."""
    room = Room(own_server)
    yield room
    room.database.close()
