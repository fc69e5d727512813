"""People who mean harm, or lose the network, beside somebody who loads the draw page.

    .venv/bin/python -m bench.siege

Each scene has a server of its own with two processes. While it lasts, somebody loads the draw
page over a new connection ten times a second; the reference is the same page in an idle server.

- 900 uploads, each ten bytes short of 4 MiB, that never end;
- 200 browsers that try wrong passwords without a pause, while the presenter signs in. The
  password is a stored one, as by default;
- 600 connections that stay open, to processes that may open 256 files.
"""

import asyncio
import contextlib
import http.client
import re
import subprocess
import sys
import tempfile
import threading
import time
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, build_opener

from bench.load import percentiles
from bench.table import Table
from tests.support import prepared
from tests.support.server import PASSWORD, ROOT, environment, running_server

UPLOADS, UPLOAD = 900, 2**22
GUESSERS, GUESSING = 200, 8  # seconds before the presenter comes
CONNECTIONS, FILES = 600, 256
GONE = 15  # seconds in which memory comes back


class Visitor(threading.Thread):
    """Loads the draw page again and again, and notes the seconds."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.port, self.times, self.is_over = server.port, [], threading.Event()

    def run(self):
        while not self.is_over.wait(0.1):
            begin = time.perf_counter()
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            with contextlib.closing(connection), contextlib.suppress(OSError):
                connection.request("GET", "/")
                connection.getresponse().read()
            self.times.append(time.perf_counter() - begin)


@contextlib.contextmanager
def visited(server):
    """Somebody loads the draw page meanwhile; yields the list of the seconds it took."""
    visitor = Visitor(server)
    visitor.start()
    yield visitor.times
    visitor.is_over.set()
    visitor.join()


def idle():
    with running_server() as server, visited(server) as times:
        time.sleep(5)
    return "an idle server", times, ""


def uploads():
    """Bodies that never end; the memory they take, and what is left when they are gone."""
    head = b"POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
    head += b"Content-Length: %d\r\n\r\n" % UPLOAD
    with running_server() as server, visited(server) as times:
        before = _memory(server)
        most = asyncio.run(_upload(server, head + bytes(UPLOAD - 10)))
        time.sleep(GONE)
        after = _memory(server)
    note = f"MB a process: {before:.0f} before, at most {most:.0f}, {after:.0f} {GONE} s later"
    return f"{UPLOADS} uploads that stall", times, note


async def _upload(server, message):
    """Send all of them, and wait until the server has closed them; the most memory seen."""
    most, limit = 0, asyncio.Semaphore(50)

    async def one():
        async with limit:
            reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
            writer.write(message)
            with contextlib.suppress(OSError):
                await writer.drain()
        with contextlib.suppress(OSError):
            await reader.read()
        writer.close()

    sending = [asyncio.create_task(one()) for _ in range(UPLOADS)]
    while not all(task.done() for task in sending):
        await asyncio.sleep(0.1)
        most = max(most, _memory(server))
    return most


def passwords():
    """Sessions that guess; the presenter comes in meanwhile."""
    with tempfile.TemporaryDirectory() as folder:
        prepared.fill(Path(folder))
        command = [sys.executable, "-m", "webapp", "set-password", "--data-dir", folder]
        subprocess.run(
            command,
            input=f"{PASSWORD}\n",
            text=True,
            check=True,
            cwd=ROOT,
            env=environment(""),
            stdout=subprocess.DEVNULL,
        )
        variables = {"INKLING_ADMIN_PASSWORD": ""}
        with running_server(data_dir=folder, variables=variables.items()) as server:
            is_over = threading.Event()
            guessers = [
                threading.Thread(target=_guess, args=(server, is_over)) for _ in range(GUESSERS)
            ]
            with visited(server) as times:
                for guesser in guessers:
                    guesser.start()
                time.sleep(GUESSING)
                took = _sign_in(server)
            is_over.set()
            for guesser in guessers:
                guesser.join()
    return f"{GUESSERS} browsers that guess", times, f"the presenter is in after {took:.1f} s"


def _guess(server, is_over):
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    with contextlib.suppress(OSError):
        token = _token(opener, server)
        while not is_over.is_set():
            with contextlib.suppress(HTTPError):
                _try(opener, server, token, "open sesame")


def _sign_in(server):
    begin = time.perf_counter()
    opener = build_opener(HTTPCookieProcessor(CookieJar()))
    page = _try(opener, server, _token(opener, server), PASSWORD)
    if "Overview" not in page:
        raise RuntimeError("the right password was refused")
    return time.perf_counter() - begin


def _token(opener, server):
    page = opener.open(f"{server.url}/admin/sign-in", timeout=60).read().decode()
    return re.search(r'name="csrf_token" value="([^"]+)"', page)[1]


def _try(opener, server, token, password):
    data = urlencode({"csrf_token": token, "password": password}).encode()
    with opener.open(f"{server.url}/admin/sign-in", data, timeout=60) as answer:
        return answer.read().decode()


def connections():
    """More connections than files that the processes may open."""
    with running_server(limits=f"-n {FILES}") as server, visited(server) as times:
        asyncio.run(_stay(server, 10))
    return f"{CONNECTIONS} connections, {FILES} files", times, ""


async def _stay(server, seconds):
    """Keep so many connections open that ask for nothing."""
    is_over = False

    async def one():
        while not is_over:
            with contextlib.suppress(OSError):
                reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
                await reader.read()
                writer.close()

    staying = [asyncio.create_task(one()) for _ in range(CONNECTIONS)]
    await asyncio.sleep(seconds)
    is_over = True
    for task in staying:
        task.cancel()


def _memory(server):
    return max(process.memory_info().rss for process in server.web_processes()) / 1e6


def table():
    """The figures of all scenes."""
    rows, reference = [], None
    for scene in (idle, uploads, passwords, connections):
        name, times, note = scene()
        _, p95, p99 = percentiles(times)
        reference = reference or max(float(p95), 1)
        rows.append(
            (name, p95, p99, f"{max(times):.2f}", f"{float(p95) / reference:.0f}", note)
        )
    columns = ("beside", "p95 ms", "p99 ms", "longest s", "of idle", "and")
    return Table(
        "The draw page under siege",
        "bench.siege",
        columns,
        rows,
        "The bars: the page within 1 s, the presenter in within 5 s, 200 MB a process.",
    )


def main():
    print(table())


if __name__ == "__main__":
    main()
