"""A simulated workshop: 200 phones, three walls, one run, and connections that say nothing.

    .venv/bin/python -m bench.phones [--seconds 15]

Starts a server of its own with two processes. Each phone sends three drawings a second, as
the page does while one draws, but never before it has the last answer. First all of them ask
for /healthz, as a reference; then they draw while three walls follow and the preset Article
trains; then the same beside 1,500 connections that send nothing. Once a second somebody loads
the draw page over a new connection. The phones share the machine with the server.
"""

import argparse
import asyncio
import contextlib
import resource
import time

from bench.load import Client, percentiles, predictions
from bench.table import Table
from tests.support.presenter import Presenter
from tests.support.server import running_server

PHONES, WALLS, SILENT = 200, 3, 1500
EVERY = 1 / 3  # seconds from one drawing of a phone to its next
HEALTH = [b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
PAGE = [b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]


class Phone(Client):
    """A connection that asks at its times, or late if it had to wait for the last answer."""

    def connection_made(self, transport):
        self.transport, self.due = transport, time.perf_counter()
        self.ask()

    def answered(self):
        now = time.perf_counter()
        self.due = max(now, self.due + EVERY)
        asyncio.get_running_loop().call_later(self.due - now, self.ask_if_open)

    def ask_if_open(self):
        if not self.transport.is_closing():
            self.ask()


class Once(Client):
    """A connection that asks once."""

    def answered(self):
        self.transport.close()


class Silent(asyncio.Protocol):
    """A connection that says nothing, and comes back when it is closed."""

    def __init__(self, port):
        self.port, self.is_over = port, False

    async def stay(self):
        while not self.is_over:
            self.closed = asyncio.get_running_loop().create_future()
            with contextlib.suppress(OSError):
                await asyncio.get_running_loop().create_connection(
                    lambda: self, "127.0.0.1", self.port
                )
                await self.closed

    def connection_made(self, transport):
        self.transport = transport

    def connection_lost(self, _error):
        if not self.closed.done():
            self.closed.set_result(None)


async def workshop(server, seconds, requests, walls=(), silent=0):
    """(answers a second, seconds of each answer, seconds of each draw page)."""
    others = [Silent(server.port) for _ in range(silent)]
    staying = [asyncio.create_task(other.stay()) for other in others]
    await asyncio.sleep(1)
    streams = [await _stream(server.port, cookies) for cookies in walls]
    phones, pages = [], []
    begin = time.perf_counter()
    for number in range(PHONES):
        phones.append(await _open(server.port, lambda n=number: Phone(requests, n)))
        await asyncio.sleep(EVERY / PHONES)
    while time.perf_counter() - begin < seconds:
        await asyncio.sleep(1)
        pages.append(await _open(server.port, lambda: Once(PAGE, 0)))
    took = time.perf_counter() - begin
    for connection in [*phones, *pages]:
        connection.transport.close()
    for transport in streams:
        transport.close()
    for other, task in zip(others, staying, strict=True):
        other.is_over = True
        task.cancel()
        other.transport.close()
    refused = [client.refused for client in [*phones, *pages] if client.refused]
    if refused:
        raise RuntimeError(f"an answer was not 200: {refused[0]!r}")
    times = [seconds for phone in phones for seconds in phone.times]
    return len(times) / took, times, [seconds for page in pages for seconds in page.times]


async def _open(port, client):
    _, protocol = await asyncio.get_running_loop().create_connection(client, "127.0.0.1", port)
    return protocol


async def _stream(port, cookies):
    ask = f"GET /wall/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookies}\r\n\r\n"
    transport, _ = await asyncio.get_running_loop().create_connection(
        asyncio.Protocol, "127.0.0.1", port
    )
    transport.write(ask.encode())
    return transport


def table(seconds=15):
    """The workshop's figures."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(hard, 2 * SILENT), hard))
    drawings, rows = predictions(), []
    with running_server(workers=2) as server:
        presenter = Presenter(server)
        walls = ["; ".join(f"{c.name}={c.value}" for c in presenter.cookies)] * WALLS
        for name, requests, options in (
            ("GET /healthz", HEALTH, {}),
            ("drawings", drawings, {"walls": walls}),
            (f"drawings, {SILENT:,} silent", drawings, {"walls": walls, "silent": SILENT}),
        ):
            if requests is drawings:
                presenter.send("/admin/train", "/admin/train", preset="article")
            rate, times, pages = asyncio.run(workshop(server, seconds, requests, **options))
            rows.append((name, f"{rate:.0f}", *percentiles(times), percentiles(pages)[1]))
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return Table(
        f"A workshop: {PHONES} phones at {1 / EVERY:.0f} a second, {WALLS} walls, one run",
        "bench.phones",
        ("the phones ask for", "answers/s", "p50 ms", "p95 ms", "p99 ms", "draw page p95 ms"),
        rows,
        "The bar: p95 of drawings 250 ms; beside silent connections 500 ms, and of the draw "
        "page 1 s.",
    )


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.phones", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    print(table(parser.parse_args().seconds))


if __name__ == "__main__":
    main()
