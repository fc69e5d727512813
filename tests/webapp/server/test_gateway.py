"""What the gateway does first when much comes at once, and with long answers."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from flask import Response
from granian.rsgi import ProtocolClosed

from bench.load import pngs
from webapp.server import gateway
from webapp.server.gateway import Gateway


def run(coroutine):
    """Run it in a thread of its own: Playwright leaves a running event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        pool.submit(asyncio.run, coroutine).result()


class Exchange:
    """A request as Granian gives it, and what was answered."""

    def __init__(self, method, path, body, answered):
        headers = {"content-type": "image/png", "content-length": str(len(body))}
        self.scope = SimpleNamespace(
            method=method,
            path=path,
            headers=headers,
            query_string="",
            server="127.0.0.1:8000",
            client="127.0.0.1:5000",
            scheme="http",
            http_version="1.1",
        )
        self.body, self.answered = body, answered

    async def __call__(self):
        return self.body

    def response_bytes(self, status, _headers, _body):
        self.answered.append((self.scope.path, int(status)))


def test_page_does_not_wait_for_all_drawings_that_came_before_it(app):
    drawings, answered = [body for _, body in pngs()], []

    async def come_at_once():
        gateway = Gateway(app)
        exchanges = [Exchange("POST", "/api/predict", body, answered) for body in drawings]
        exchanges.append(Exchange("GET", "/admin/", b"", answered))
        await asyncio.gather(*(gateway.__rsgi__(each.scope, each) for each in exchanges))

    run(come_at_once())
    assert answered.count(("/api/predict", 200)) == len(drawings)
    assert answered.index(("/admin/", 302)) < len(drawings), "it came last"


class Stalled(Exchange):
    """A request whose body never ends, with the cookie of the language switch."""

    def __init__(self, cookie):
        super().__init__("POST", "/api/drawings", b"", [])
        self.scope.headers = {"content-length": "9", "cookie": cookie}

    async def __call__(self):
        await asyncio.sleep(60)

    def response_bytes(self, status, _headers, body):
        self.answered.append((int(status), json.loads(body)["error"]["message"]))


@pytest.mark.parametrize(("languages", "bracket"), [("en,pseudo", "⟦"), ("en", "T")])
def test_body_that_does_not_arrive_is_refused_in_the_language_of_the_request(
    app, monkeypatch, languages, bracket
):
    monkeypatch.setattr(gateway, "BODY_DEADLINE", 0.01)
    app.config["LANGUAGES"] = languages.split(",")
    exchange = Stalled("language=pseudo")

    async def stall():
        await Gateway(app).__rsgi__(exchange.scope, exchange)

    run(stall())
    [(status, message)] = exchange.answered
    assert (status, message[0]) == (408, bracket)


class Download(Exchange):
    """A client that reads so many pieces of an answer, then leaves."""

    def __init__(self, produced, pieces):
        super().__init__("GET", "/long", b"", [])
        self.produced, self.pieces, self.received = produced, pieces, b""

    def response_stream(self, _status, _headers):
        return self

    async def send_bytes(self, piece):
        assert len(self.produced) * 2**16 < len(self.received) + 2 * len(piece)
        if not self.pieces:
            raise ProtocolClosed
        self.pieces -= 1
        self.received += piece


@pytest.mark.parametrize("pieces", [2, 100])
def test_long_answer_is_made_as_fast_as_its_client_reads_it(app, pieces):
    produced, closed = [], []

    def parts():
        try:
            for number in range(40):
                produced.append(number)
                yield bytes([number]) * 2**16
        finally:
            closed.append(True)

    app.add_url_rule("/long", view_func=lambda: Response(parts()))
    client = Download(produced, pieces)
    run(Gateway(app).__rsgi__(client.scope, client))
    assert closed == [True]
    whole = b"".join(bytes([number]) * 2**16 for number in range(40))
    assert client.received == (whole if pieces == 100 else whole[: len(client.received)])
    assert (len(produced) < 40) == (pieces == 2)
