"""Somebody who uses the admin pages of a running server, without a browser."""

import itertools
import json
import re
from http.cookiejar import CookieJar
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, Request, build_opener

from tests.support.server import PASSWORD


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

    def approve_all(self):
        """Approve the drawings of everyone who gave some."""
        token = re.search(r'name="csrf_token" value="([^"]+)"', self.get("/admin/drawings"))[1]
        headers = {"X-CSRFToken": token, "Content-Type": "application/json"}
        body = json.dumps({"status": "approved"}).encode()
        for number in itertools.count(1):
            address = f"{self._url}/admin/drawings/people/{number}/decide"
            try:
                self._opener.open(Request(address, body, headers)).close()
            except HTTPError as error:
                error.close()
                if error.code == 404:  # that was the last person
                    return
                raise

    def show_without_approval(self):
        """Let the wall show drawings that nobody has approved."""
        self.send("/admin/wall", "/admin/wall", switch="hold", on="")

    def get(self, path):
        """The text of a page."""
        with self._opener.open(self._url + path) as answer:
            return answer.read().decode()

    def run_events(self, run_id):
        """What the server says of a run as it happens: (kind, data) pairs, without end."""
        return self.events(f"/admin/events?run={run_id}")

    def events(self, path):
        """The events of a stream as (kind, data) pairs, until it ends."""
        with self._opener.open(self._url + path, timeout=60) as stream:
            kind = None
            for line in stream:
                name, _, value = line.decode().rstrip().partition(": ")
                if name == "event":
                    kind = value
                elif name == "data":
                    yield kind, json.loads(value)
