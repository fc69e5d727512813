"""Load on a server: connections that ask again as soon as they have their answer."""

import asyncio
import io
import time
from pathlib import Path

import numpy as np

from nn.drawings import read_drawings, render

DRAWINGS = Path(__file__).parents[1] / "tests" / "data" / "strokes.jsonl.gz"
CONNECTIONS = 16
SECONDS = 4.0  # a round


def pngs(mode="L"):
    """The recorded drawings as 280 px PNG: a list of (digit, bytes)."""
    found = []
    for digit, strokes in read_drawings(DRAWINGS):
        buffer = io.BytesIO()
        render(strokes).convert(mode).save(buffer, "PNG")
        found.append((digit, buffer.getvalue()))
    return found


def predictions(mode="L"):
    """POST /api/predict with each of the recorded drawings: a list of bytes."""
    requests = []
    for _, body in pngs(mode):
        head = (
            "POST /api/predict HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests


async def measure(port, requests, connections=CONNECTIONS, seconds=SECONDS):
    """(answers a second, how long each took in seconds) over all connections.

    Raises RuntimeError if an answer is neither 200 nor 201.
    """
    clients = []
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    for i in range(connections):
        _, client = await loop.create_connection(
            lambda i=i: Client(requests, i), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.sleep(seconds)
    took = time.perf_counter() - start
    times = [seconds for client in clients for seconds in client.times]
    for client in clients:
        client.is_over = True
    # The server would go on with what was asked, and delay the next measurement.
    await asyncio.gather(*(client.closed for client in clients))
    refused = [client.refused for client in clients if client.refused]
    if refused:
        raise RuntimeError(f"an answer was neither 200 nor 201: {refused[0]!r}")
    return len(times) / took, times


def percentiles(times):
    """Median, 95th and 99th percentile of seconds, in milliseconds, as texts."""
    return tuple(f"{1000 * value:.0f}" for value in np.percentile(times, (50, 95, 99)))


class Client(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, requests, first):
        self.requests, self.next = requests, first
        self.times, self.refused, self.received = [], b"", b""
        self.is_over, self.closed = False, asyncio.get_running_loop().create_future()

    def connection_made(self, transport):
        self.transport = transport
        self.ask()

    def data_received(self, data):
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 201")):
            self.refused = self.received
        self.times.append(time.perf_counter() - self.asked_at)
        self.received = b""
        self.answered()

    def connection_lost(self, _error):
        self.closed.set_result(None)

    def answered(self):
        if self.is_over:
            self.transport.close()
        else:
            self.ask()

    def ask(self):
        self.asked_at = time.perf_counter()
        self.transport.write(self.requests[self.next % len(self.requests)])
        self.next += 1


def _content_length(head):
    value = head.lower().partition(b"content-length:")[2]
    return int(value.partition(b"\r\n")[0])
