"""Predictions while others follow, and while the network is trained.

    .venv/bin/python -m bench.retrain_under_load

Starts a server of its own with two processes. First predictions a second over 16 connections,
with no and with 40 open event streams in turns; the ratio should be at least 0.9. Then the 99th
percentile of the time that an answer takes, idle and while the preset Workshop trains; the
ratio should be at most 2.0. The client shares the machine, and takes part of its two cores.
"""

import asyncio
import statistics

import numpy as np

from bench.load import measure, predictions
from tests.support.presenter import Presenter
from tests.support.server import running_server

STREAMS = 40
ROUNDS = 6


async def with_streams(port, presenter, requests, number):
    """Predictions a second while this many event streams are open."""
    cookie = "; ".join(f"{c.name}={c.value}" for c in presenter.cookies)
    ask = f"GET /admin/events HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: {cookie}\r\n\r\n".encode()
    loop = asyncio.get_running_loop()
    streams = []
    for _ in range(number):
        transport, stream = await loop.create_connection(_Stream, "127.0.0.1", port)
        transport.write(ask)
        streams.append(stream)
    await asyncio.gather(*(stream.opened for stream in streams))
    rate, _ = await measure(port, requests)
    for stream in streams:
        stream.transport.close()
    return rate


class _Stream(asyncio.Protocol):
    """One open event stream."""

    def __init__(self):
        self.opened = asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        if not self.opened.done():
            assert data.startswith(b"HTTP/1.1 200"), data
            self.opened.set_result(True)


def p99(port, requests, rounds):
    """99th percentile of the time that an answer takes, in seconds."""
    times = [asyncio.run(measure(port, requests))[1] for _ in range(rounds)]
    return np.percentile(np.concatenate(times), 99)


def main():
    requests = predictions()
    with running_server(workers=2) as server:
        presenter = Presenter(server)
        rates = {0: [], STREAMS: []}
        for _ in range(ROUNDS):
            for number, values in rates.items():
                values.append(
                    asyncio.run(with_streams(server.port, presenter, requests, number))
                )
        none, many = (statistics.median(values) for values in rates.values())
        print(f"predictions, no event stream        {none:8,.0f} requests/s")
        print(f"predictions, {STREAMS} open event streams {many:8,.0f} requests/s")
        print(f"ratio                               {many / none:8.2f}   (at least 0.9)")

        idle = p99(server.port, requests, ROUNDS)
        presenter.send("/admin/train", "/admin/train", preset="workshop")
        busy = p99(server.port, requests, ROUNDS)
        running = 'data-status="running"' in presenter.get("/admin/")
        presenter.send("/admin/runs/1/cancel", "/admin/train")
        print(f"p99 of an answer, idle              {1000 * idle:8.1f} ms")
        print(f"p99 while Workshop trains           {1000 * busy:8.1f} ms")
        print(f"ratio                               {busy / idle:8.2f}   (at most 2.0)")
        if not running:
            print("The run ended before the measurement did: it says nothing.")


if __name__ == "__main__":
    main()
