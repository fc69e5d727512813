"""Between Granian and Flask: receives whole requests, and lets one thread compute.

Flask (WSGI) would hold a thread from the first byte of a request to the last, and a few
phones that lose the network in mid-upload would hold them all. Here bodies are received by
the event loop, within a time and a size, and only then does Flask see the request. One thread
runs predictions: more would only fight over Python's lock, and each would keep the memory of
its largest picture. Another runs everything else, which may wait for the database or take its
time. The protocol is RSGI, Granian's own:
https://github.com/emmett-framework/granian/blob/master/docs/spec/RSGI.md

Two things a view may ask for by way of the request's environ, since Flask itself would hold
the thread for them: that its answer be the beginning of a stream of events (`streams.STREAM`),
and that it be asked again after some seconds (`auth.DELAY`).
"""

import asyncio
import contextlib
import io
import sys
from concurrent.futures import ThreadPoolExecutor
from http import HTTPStatus
from urllib.parse import unquote_to_bytes

from granian.rsgi import ProtocolClosed

from webapp.web import auth, streams, uploads

BODY_DEADLINE = 10  # seconds for a body to arrive
LARGE_BODY_DEADLINE = 120  # for one of the presenter's: a capsule, over a slow network
_DRAINED = 128 * 2**20  # bytes of a body too large that are taken, so that the answer is seen

_QUICK = ("/api/predict", "/healthz")  # never kept waiting by others

_TOO_SLOW = (
    b'{"error": {"code": "request_timeout", "message": '
    b'"The request took longer than %d seconds to arrive. Send it again."}}'
)


class Gateway:
    """A Flask application as an RSGI application.

    Bodies of more than the app's MAX_CONTENT_LENGTH are not kept; Flask refuses them by the
    length that they announce or turn out to have.
    """

    def __init__(self, app):
        self._app = app
        self._max_body = app.config["MAX_CONTENT_LENGTH"]
        self._feed = streams.Feed(app.extensions["database"])
        self._quick, self._patient = (ThreadPoolExecutor(max_workers=1) for _ in range(2))

    async def __rsgi__(self, scope, protocol):
        most, seconds = self._limits(scope)
        try:
            async with asyncio.timeout(seconds):
                body, length = await self._receive(protocol, most)
        except TimeoutError:
            protocol.response_bytes(
                HTTPStatus.REQUEST_TIMEOUT,
                [("content-type", "application/json")],
                _TOO_SLOW % seconds,
            )
            return
        environ = _environ(scope, body, length)
        status, headers, body = await self._answer(scope, environ)
        if streams.STREAM in environ:
            await self._stream(protocol, status, headers, body, environ[streams.STREAM])
        else:
            protocol.response_bytes(status, headers, body)

    async def _answer(self, scope, environ):
        """Status, headers and body; a view that wants to be asked again is."""
        thread = self._quick if scope.path in _QUICK else self._patient
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(thread, self._run, environ)
        if environ.get(auth.DELAY):
            await asyncio.sleep(environ[auth.DELAY])
            environ[auth.DELAY] = 0
            environ["wsgi.input"].seek(0)
            answer = await loop.run_in_executor(thread, self._run, environ)
        return answer

    async def _stream(self, protocol, status, headers, beginning, cursor):
        headers = [(name, value) for name, value in headers if name != "content-length"]
        transport = protocol.response_stream(status, headers)
        with contextlib.suppress(ProtocolClosed):
            await transport.send_bytes(beginning)
            await streams.pump(self._feed, cursor, transport, protocol.client_disconnect())

    def _limits(self, scope):
        """Bytes of a body that are kept, and seconds for it: little of what strangers send."""
        cookies = scope.headers.get("cookie", "")
        if scope.path.startswith("/admin/") and auth.is_of_presenter(self._app, cookies):
            return self._max_body, LARGE_BODY_DEADLINE
        return uploads.MAX_BODY, BODY_DEADLINE

    async def _receive(self, protocol, most):
        """The body, cut at the largest that is taken, and how long it really was."""
        parts, length = [], 0
        async for part in protocol:
            length += len(part)
            if length <= most:
                parts.append(part)
            elif length > _DRAINED:
                break
        return b"".join(parts), length

    def _run(self, environ):
        """Status, headers and body of Flask's answer."""
        started = []
        answer = self._app(environ, lambda *start: started.extend(start[:2]))
        try:
            body = b"".join(answer)
        finally:
            if hasattr(answer, "close"):
                answer.close()
        status, headers = started
        headers = [(name.lower(), value) for name, value in headers]
        return int(status.split(" ", 1)[0]), headers, body


def _environ(scope, body, length):
    """The request as PEP 3333 describes it to an application."""
    host, _, port = scope.server.rpartition(":")
    environ = {
        "REQUEST_METHOD": scope.method,
        "SCRIPT_NAME": "",
        "PATH_INFO": unquote_to_bytes(scope.path).decode("latin-1"),
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
        if name == "transfer-encoding":  # the body is here, whole
            continue
        name = name.upper().replace("-", "_")
        environ[name if name == "CONTENT_TYPE" else f"HTTP_{name}"] = value
    environ["CONTENT_LENGTH"] = str(length)
    return environ
