"""Somebody who uses the admin pages of a running server, without a browser."""

import json
import re
from http.cookiejar import CookieJar
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from tests.server import PASSWORD


class Presenter:
    """Someone who is signed in to the admin page."""

    def __init__(self, server):
        self._url, self.cookies = server.url, CookieJar()
        self._opener = build_opener(HTTPCookieProcessor(self.cookies))
        self.send("/admin/sign-in", "/admin/sign-in", password=PASSWORD)

    def send(self, path, page, **fields):
        """Send the form that `page` holds to `path`; the text of the page that follows."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get(page))[1]
        data = urlencode({"csrf_token": token, **fields}).encode()
        with self._opener.open(self._url + path, data) as answer:
            return answer.read().decode()

    def get(self, path):
        """The text of a page."""
        with self._opener.open(self._url + path) as answer:
            return answer.read().decode()

    def run_events(self, run_id):
        """What the server says of a run as it happens: (kind, data) pairs, without end."""
        return self.events(f"/admin/events?run={run_id}")

    def events(self, path):
        """The events of a stream as (kind, data) pairs, until it ends."""
        with self._opener.open(self._url + path) as stream:
            kind = None
            for line in stream:
                name, _, value = line.decode().rstrip().partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)
