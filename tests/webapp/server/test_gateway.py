"""What the gateway does first when much comes at once."""

import asyncio
from types import SimpleNamespace

from bench.load import pngs
from webapp.server.gateway import Gateway


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

    asyncio.run(come_at_once())
    assert answered.count(("/api/predict", 200)) == len(drawings)
    assert answered.index(("/admin/", 302)) < len(drawings), "it came last"
