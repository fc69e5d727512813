"""Between Granian and Flask: receives whole requests, then gives them to a thread.

Flask (WSGI) would hold a thread from the first byte of a request to the last. A few phones that
lose the network in mid-upload would hold all threads. Here the event loop receives bodies
(`webapp.server.bodies`), and Flask sees only whole requests.

Each kind of request has one thread. More would only compete for Python's lock, and each would
keep the memory of its largest picture. What waits for another program that writes to the
database, or checks passwords, which takes long on purpose, delays only its own kind.

The protocol is RSGI, Granian's own:
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md

A view asks in the request's environ that its answer begin a stream of events
(`streams.STREAM`): Flask itself would hold a thread as long as the stream.
"""

import asyncio
import contextlib
import io
import json
import sys
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from typing import Any

from flask import Flask
from granian.rsgi import HTTPProtocol, ProtocolClosed, Scope  # type: ignore[attr-defined]

from webapp.server import direct
from webapp.server.bodies import Bodies, BodyError
from webapp.web import auth, languages, streams, uploads

BODY_DEADLINE = 10  # seconds for a body to arrive
LARGE_BODY_DEADLINE = 120  # seconds for one of the presenter's, over a slow network

# The kinds of requests by their paths. Of all others, those that may change something are
# "changes", and the rest "reads".
_KINDS = {
    "/api/predict": "predictions",
    "/healthz": "predictions",
    "/": "pages",
}
_PASSWORDS = "/admin/sign-in"
_PIECE = 2**18  # bytes of an answer that are in memory; a longer one is sent piece by piece
_STATIC = "/static/"
# The pages that explain the network compute, and look up versions: nobody else waits for them.
_LESSONS = ("/inside", "/api/inside/")
_SAFE = ("GET", "HEAD", "OPTIONS")

Headers = list[tuple[str, str]]

_JSON: Headers = [("content-type", "application/json"), ("retry-after", "1")]


class Gateway:
    """A Flask application as an RSGI application.

    A body longer than the app's MAX_CONTENT_LENGTH is not kept. Flask refuses it by its
    length.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._max_body = app.config["MAX_CONTENT_LENGTH"]
        self._recogniser = app.extensions["recogniser"]
        self._turn = asyncio.Lock()  # of drawings
        self._bodies = Bodies()
        self._feed = streams.Feed(app.extensions["database"])
        # A pool starts its thread with the first request of its kind.
        self._threads = {
            kind: ThreadPoolExecutor(max_workers=1)
            for kind in ("predictions", "passwords", "pages", "lessons", "changes", "reads")
        }

    async def __rsgi__(self, scope: Scope, protocol: HTTPProtocol) -> None:
        try:
            body, length = await self._bodies.receive(
                protocol, _length(scope), *self._limits(scope)
            )
        except BodyError as error:
            answer = json.dumps(
                {"error": {"code": error.code, "message": self._said(error, scope)}}
            )
            protocol.response_bytes(error.status, _JSON, answer.encode())
            return
        if _is_drawing(scope):
            async with self._turn:
                await asyncio.sleep(0)  # whatever else is due comes between two drawings
                known = direct.answer(self._recogniser, body)
            if known:
                protocol.response_bytes(HTTPStatus.OK, direct.ANSWER_HEADERS, known)
                return
        environ = _environ(scope, body, length)
        thread = self._threads[_kind(scope)]
        loop = asyncio.get_running_loop()
        status, headers, pieces = await loop.run_in_executor(thread, self._run, environ)
        if streams.STREAM in environ:
            await self._stream(protocol, status, headers, pieces, environ[streams.STREAM])
        elif len(pieces.beginning) < _PIECE:
            protocol.response_bytes(status, headers, pieces.beginning)
        else:
            await self._download(protocol, status, headers, pieces, thread)

    async def _stream(
        self,
        protocol: HTTPProtocol,
        status: int,
        headers: Headers,
        pieces: "_Pieces",
        place: streams.Place,
    ) -> None:
        pieces.close()  # the beginning of a stream is one piece
        headers = [(name, value) for name, value in headers if name != "content-length"]
        transport = protocol.response_stream(status, headers)
        with contextlib.suppress(ProtocolClosed):
            await transport.send_bytes(pieces.beginning)
            await streams.pump(self._feed, place, transport, protocol.client_disconnect())

    async def _download(
        self,
        protocol: HTTPProtocol,
        status: int,
        headers: Headers,
        pieces: "_Pieces",
        thread: ThreadPoolExecutor,
    ) -> None:
        """Send a long answer piece by piece, as fast as the client takes it."""
        loop = asyncio.get_running_loop()
        transport, piece = protocol.response_stream(status, headers), pieces.beginning
        try:
            with contextlib.suppress(ProtocolClosed):
                while piece:
                    await transport.send_bytes(piece)
                    piece = await loop.run_in_executor(thread, pieces.next)
        finally:
            await loop.run_in_executor(thread, pieces.close)

    def _said(self, error: BodyError, scope: Scope) -> str:
        """The sentence of an error in the language of a request."""
        wanted = (scope.headers.get(name, "") for name in ("cookie", "accept-language"))
        with languages.speaking(languages.chosen(self._app, *wanted)):
            return languages.say(error.sentence)

    def _limits(self, scope: Scope) -> tuple[int, int]:
        """Bytes of a body that are kept, and seconds for it: more for the presenter."""
        cookies = scope.headers.get("cookie", "")
        if scope.path.startswith("/admin/") and auth.is_of_presenter(self._app, cookies):
            return self._max_body, LARGE_BODY_DEADLINE
        return uploads.MAX_BODY, BODY_DEADLINE

    def _run(self, environ: dict[str, Any]) -> tuple[int, Headers, "_Pieces"]:
        """Status, headers and body of Flask's answer."""
        started: list[Any] = []

        def start_response(*start: Any) -> Callable[[bytes], object]:
            started.extend(start[:2])
            return lambda _written: None  # Flask never writes by this

        answer = _Pieces(self._app(environ, start_response))
        status, headers = started
        headers = [(name.lower(), value) for name, value in headers]
        return int(status.split(" ", 1)[0]), headers, answer


class _Pieces:
    """The body of a WSGI answer, piece by piece: a whole download would fill the memory.

    beginning : the first piece; a shorter one than _PIECE is all there is
    """

    def __init__(self, answer: Iterable[bytes]) -> None:
        self._answer, self._parts = answer, iter(answer)
        try:
            self.beginning = self.next()
        except BaseException:
            self.close()
            raise
        if len(self.beginning) < _PIECE:
            self.close()

    def next(self) -> bytes:
        """The next piece; b"" at the end."""
        parts: list[bytes] = []
        while sum(map(len, parts)) < _PIECE and (part := next(self._parts, None)) is not None:
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """End the request, as PEP 3333 asks for."""
        answer, self._answer = self._answer, ()
        if hasattr(answer, "close"):
            answer.close()


def _is_drawing(scope: Scope) -> bool:
    """Whether the draw page may have sent this to be recognised."""
    return (
        scope.path == "/api/predict"
        and scope.method == "POST"
        and scope.headers.get("content-type") == "image/png"
    )


def _kind(scope: Scope) -> str:
    """The kind of a request, which names its thread."""
    if scope.path.startswith(_STATIC):
        return "pages"
    if scope.path.startswith(_LESSONS):
        return "lessons"
    if scope.path in _KINDS:
        return _KINDS[scope.path]
    if scope.method in _SAFE:
        return "reads"
    return "passwords" if scope.path == _PASSWORDS else "changes"


def _length(scope: Scope) -> int | None:
    """How long the request says that its body is; None if it does not say."""
    text = scope.headers.get("content-length", "")
    if "transfer-encoding" in scope.headers:
        return None
    return int(text) if text.isdecimal() else 0


def _environ(scope: Scope, body: bytes, length: int) -> dict[str, Any]:
    """The request as PEP 3333 describes it to an application."""
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        # Granian has decoded it already; WSGI wants its bytes as Latin-1.
        "PATH_INFO": scope.path.encode().decode("latin-1"),
        "QUERY_STRING": scope.query_string,
        "SERVER_NAME": host,
        "SERVER_PORT": port,
        "SERVER_PROTOCOL": f"HTTP/{scope.http_version}",
        "REMOTE_ADDR": scope.client.rpartition(":")[0],
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": scope.scheme,
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": False,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for name, value in scope.headers.items():
        if name == "transfer-encoding":  # the whole body is here
            continue
        name = name.upper().replace("-", "_")
        environ[name if name == "CONTENT_TYPE" else f"HTTP_{name}"] = value
    environ["CONTENT_LENGTH"] = str(length)
    return environ
