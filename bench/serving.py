"""Requests a second: POST /api/predict with a 280 px PNG, and its ratio to GET /healthz.

    .venv/bin/python -m bench.serving

Starts a server of its own with two processes and asks over 16 connections, both requests in
turns. The client shares the machine with the server and takes part of its two cores.
"""

import asyncio
import statistics

from bench.load import measure, predictions
from tests.support.server import running_server

ROUNDS = 3


def main():
    requests = {"GET /healthz": [b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"]}
    for mode in ("L", "RGBA"):
        requests[f"POST /api/predict, 280 px PNG, {mode}"] = predictions(mode)
    rates = {name: [] for name in requests}
    with running_server(workers=2) as server:
        for _ in range(ROUNDS):
            for name, messages in requests.items():
                rates[name].append(asyncio.run(measure(server.port, messages))[0])
    base = statistics.median(rates["GET /healthz"])
    for name, values in rates.items():
        rate = statistics.median(values)
        print(f"{name:<40} {rate:8,.0f} requests/s   {rate / base:5.2f} of /healthz")


if __name__ == "__main__":
    main()
