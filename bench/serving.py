"""Requests a second and how long they take, where the time goes, and what it leaves in memory.

    .venv/bin/python -m bench.serving [--predictions 100000]

Starts a server of its own with two processes and asks over 1 to 200 connections, in turns
GET /healthz and POST /api/predict with 280 px PNGs as the draw page sends them. The client
shares the machine with the server and takes part of its two cores.
"""

import argparse
import asyncio
import io
import tempfile
import time
from pathlib import Path

import numpy as np

from bench.load import measure, percentiles, pngs, predictions
from bench.table import Table
from nn.ink import pixels_from_image
from nn.picture import open_picture
from tests.support import prepared
from tests.support.server import running_server
from webapp import config, create_app
from webapp.server import direct

CONNECTIONS = (1, 16, 64, 200)
ROUNDS = 3
HEALTH = [b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"]
WARM = 1_000  # predictions before memory is measured for the first time


def speed(server):
    requests = {
        "GET /healthz": HEALTH,
        "drawing": predictions(),
        "drawing in colour": predictions("RGBA"),
    }
    rows = []
    for number in CONNECTIONS:
        rates, times = ({name: [] for name in requests} for _ in range(2))
        for _ in range(ROUNDS):
            for name, messages in requests.items():
                rate, took = asyncio.run(measure(server.port, messages, number, seconds=2))
                rates[name].append(rate)
                times[name] += took
        for name in requests:
            pairs = zip(rates[name], rates["GET /healthz"], strict=True)
            rows.append(
                (
                    f"{name}, {number} at once",
                    f"{np.median(rates[name]):,.0f}",
                    f"{np.median([a / b for a, b in pairs]):.2f}",
                    *percentiles(times[name]),
                )
            )
    columns = ("request", "answers/s", "of /healthz", "p50 ms", "p95 ms", "p99 ms")
    note = "Drawings in colour pass through Flask, as every picture that is not the page's."
    return Table("Serving", "bench.serving", columns, rows, note)


def steps():
    """Where a drawing's time goes, without the network: each step alone, in one thread."""
    with tempfile.TemporaryDirectory() as folder:
        prepared.fill(Path(folder))
        app = create_app(config.from_environment({"INKLING_DATA_DIR": folder}))
        recogniser, client = app.extensions["recogniser"], app.test_client()
        bodies = [body for _, body in pngs()[:100]]
        pictures = [open_picture(body) for body in bodies]
        pixels = [pixels_from_image(picture) for picture in pictures]

        def through_flask(body):
            environ = {"wsgi.input": io.BytesIO(body), "CONTENT_LENGTH": str(len(body))}
            client.post("/api/predict", content_type="image/png", environ_overrides=environ)

        found = _shortest(
            {
                "the whole answer": (lambda body: direct.answer(recogniser, body), bodies),
                "read the PNG": (open_picture, bodies),
                "bring it to 8x8": (pixels_from_image, pictures),
                "ask the network": (recogniser.recognise, pixels),
                "the whole answer, by Flask and its test client": (through_flask, bodies),
            }
        )
        app.extensions["database"].close()
    whole = found["the whole answer"]
    rows = [(name, f"{1e6 * took:.0f}", f"{took / whole:.2f}") for name, took in found.items()]
    columns = ("step", "microseconds", "of the whole")
    return Table("Where the time of a drawing goes", "bench.serving", columns, rows)


def _shortest(steps):
    """Seconds of processor time that each step takes for an item, in its quickest round."""
    found = dict.fromkeys(steps, float("inf"))
    for _ in range(20):
        for name, (work, items) in steps.items():
            begin = time.thread_time()
            for item in items:
                work(item)
            found[name] = min(found[name], (time.thread_time() - begin) / len(items))
    return found


def memory(server, most):
    """Memory of the larger web process as predictions go on."""
    requests, done, used = predictions(), 0, {}
    for number in (WARM, most):
        while done < number:
            done += len(asyncio.run(measure(server.port, requests, seconds=1))[1])
        used[number] = max(p.memory_info().rss for p in server.web_processes()) / 1e6
    rows = [
        (f"{number:,} predictions", f"{megabytes:.0f}", f"{megabytes / used[WARM]:.2f}")
        for number, megabytes in used.items()
    ]
    columns = ("after", "MB", "of the first")
    note = "Resident memory of the larger of two web processes. The bar is 200 MB."
    return Table("Memory of a web process", "bench.serving", columns, rows, note)


def tables(most=100_000):
    with running_server(workers=2) as server:
        speeds = speed(server)
    with running_server(workers=2) as server:
        return [speeds, steps(), memory(server, most)]


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.serving", description=__doc__)
    parser.add_argument("--predictions", type=int, default=100_000)
    print(*tables(parser.parse_args().predictions), sep="\n")


if __name__ == "__main__":
    main()
