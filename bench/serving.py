"""Requests a second: POST /api/predict with a 280 px PNG, and its ratio to GET /healthz.

    .venv/bin/python -m bench.serving

Starts a server of its own with two processes and asks over 16 connections, both requests in
turns. The client shares the machine with the server and takes part of its two cores.
"""

import asyncio
import io
import statistics
import time
from pathlib import Path

from nn.drawings import read_drawings, render
from tests.server import running_server

DRAWINGS = Path(__file__).parents[1] / "tests" / "data" / "strokes.jsonl.gz"
CONNECTIONS = 16
SECONDS = 4.0  # a round
ROUNDS = 3


def main():
    with running_server(workers=2) as server:
        pictures = {mode: _pictures(mode) for mode in ("L", "RGBA")}
        requests = {"GET /healthz": [b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"]}
        for mode, bodies in pictures.items():
            requests[f"POST /api/predict, 280 px PNG, {mode}"] = [_post(b) for b in bodies]
        rates = {name: [] for name in requests}
        for _ in range(ROUNDS):
            for name, messages in requests.items():
                rates[name].append(asyncio.run(_rate(server.port, messages)))
    base = statistics.median(rates["GET /healthz"])
    for name, values in rates.items():
        rate = statistics.median(values)
        print(f"{name:<40} {rate:8,.0f} requests/s   {rate / base:5.2f} of /healthz")


def _pictures(mode):
    for _, strokes in read_drawings(DRAWINGS):
        buffer = io.BytesIO()
        render(strokes).convert(mode).save(buffer, "PNG")
        yield buffer.getvalue()


def _post(body):
    head = (
        "POST /api/predict HTTP/1.1\r\nHost: x\r\nContent-Type: image/png\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def _rate(port, messages):
    """Answers a second over all connections; raises if one is not a 200."""
    clients = []
    loop = asyncio.get_running_loop()
    start = time.perf_counter()
    for i in range(CONNECTIONS):
        _, client = await loop.create_connection(
            lambda i=i: _Client(messages, i), "127.0.0.1", port
        )
        clients.append(client)
    await asyncio.sleep(SECONDS)
    for client in clients:
        client.transport.close()
    if any(client.refused for client in clients):
        raise RuntimeError(f"an answer was not 200: {clients[0].refused!r}")
    return sum(client.answers for client in clients) / (time.perf_counter() - start)


class _Client(asyncio.Protocol):
    """One connection that asks again as soon as it has its answer."""

    def __init__(self, messages, first):
        self.messages, self.next = messages, first
        self.answers, self.refused, self.received = 0, b"", b""

    def connection_made(self, transport):
        self.transport = transport
        self._ask()

    def data_received(self, data):
        self.received += data
        head, separator, body = self.received.partition(b"\r\n\r\n")
        if not separator or len(body) < _content_length(head):
            return
        if not head.startswith(b"HTTP/1.1 200"):
            self.refused = self.received
        self.answers += 1
        self.received = b""
        self._ask()

    def _ask(self):
        self.transport.write(self.messages[self.next % len(self.messages)])
        self.next += 1


def _content_length(head):
    value = head.lower().partition(b"content-length:")[2]
    return int(value.partition(b"\r\n")[0])


if __name__ == "__main__":
    main()
