"""The pages that explain the network: how long each question takes, and a class that learns.

    .venv/bin/python -m bench.inside [--seconds 15]

First every question alone, in one thread and without a network: the median of 30, for the
shipped network and for the article's. Then a server of its own with two processes: 40 phones
draw three times a second, alone and beside 100 learners, who open a step every two seconds and
send what its page asks. Both share the machine with the server.
"""

import argparse
import asyncio
import base64
import json
import statistics
import tempfile
import time

from threadpoolctl import threadpool_limits

from bench.load import percentiles, pngs, predictions
from bench.phones import Phone
from bench.table import Table
from nn.ink import pixels_from_image
from nn.picture import open_picture
from tests.support import prepared
from tests.support.server import running_server
from webapp import config, create_app

LEARNERS, PHONES = 100, 40
STEP_EVERY = 2.0  # seconds
ROUNDS = 30
ARTICLE = 0

# What each step asks, beside pixels and version.
QUESTIONS = {
    "ink": {"answer": {}, "ink": {"picture": None}},
    "model": {"answer": {}, "model": {}},
    "data": {"answer": {}, "nearest": {}, "averages": {}, "class": {"digit": 3}},
    "forward": {"answer": {}, "forward": {}},
    "cost": {"answer": {}, "cost": {"label": 1}},
    "backward": {"answer": {}, "backward": {"label": 1}},
    "step": {
        "answer": {},
        "step": {"label": 1, "steps": 100, "on": "digits", "learning_rate": 0.5},
    },
    "train": {"answer": {}, "train": {"epoch": 50, "learning_rate": 0.1}},
    "bug": {
        "answer": {},
        "gradient-check": {"label": 1, "layer": 0, "sample": 60},
        "break": {"silenced": [{"layer": 1, "unit": 3}]},
    },
    "what-if": {
        "answer": {},
        "shares": {},
        "change": {"target": 2},
        "challenges": {},
        "check": {"challenge": "thin"},
    },
    "right": {"answer": {}},
}


def bodies(version=None):
    """The questions about a recorded drawing: a list of (step, path, JSON)."""
    _, picture = pngs()[7]
    pixels = pixels_from_image(open_picture(picture)).tolist()
    fields = {"pixels": pixels, "version": version}
    found = []
    for step, questions in QUESTIONS.items():
        for path, extra in questions.items():
            if "picture" in extra:
                extra = {"picture": base64.b64encode(picture).decode()}
            found.append((step, path, json.dumps(fields | extra).encode()))
    return found


def alone():
    """Milliseconds and size of every answer."""
    rows = []
    with tempfile.TemporaryDirectory() as folder, threadpool_limits(1):
        settings = config.from_environment({"INKLING_DATA_DIR": folder})
        prepared.fill(settings["data_dir"])
        app = create_app(settings)
        client = app.test_client()
        for (step, path, shipped), (_, _, article) in zip(
            bodies(), bodies(ARTICLE), strict=True
        ):
            times = [_median(client, path, body) for body in (shipped, article)]
            size = len(_post(client, path, shipped).data) / 1000
            rows.append((step, path, *(f"{ms:.1f}" for ms in times), f"{size:.1f}"))
        app.extensions["database"].close()
    return Table(
        "The pages about the network: one question",
        "bench.inside",
        ("step", "question", "shipped, ms", "article's, ms", "answer, KB"),
        rows,
        "The bar: 100 ms.",
    )


def _median(client, path, body):
    times = []
    for _ in range(ROUNDS):
        start = time.perf_counter()
        _post(client, path, body)
        times.append(time.perf_counter() - start)
    return 1000 * statistics.median(times)


def _post(client, path, body):
    answer = client.post(f"/api/inside/{path}", data=body, content_type="application/json")
    assert answer.status_code == 200, answer.text
    return answer


class Learner(Phone):
    """A connection that opens a step at its times: the page, then what the page asks."""

    def answered(self):
        if self.next % len(self.requests) not in self.begins:
            self.ask()
            return
        now = time.perf_counter()
        self.due = max(now, self.due + STEP_EVERY)
        asyncio.get_running_loop().call_later(self.due - now, self.ask_if_open)


def messages():
    """What a learner sends, one after another, and where each step begins."""
    requests, begins, last = [], set(), None
    for step, path, body in bodies():
        if step != last:
            begins.add(len(requests))
            requests.append(f"GET /inside/{step} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
            last = step
        head = (
            f"POST /api/inside/{path} HTTP/1.1\r\nHost: 127.0.0.1\r\n"
            f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
        )
        requests.append(head.encode() + body)
    return requests, begins


async def together(port, seconds, n_learners):
    """Seconds of each answer, of the phones and of the learners."""
    requests, begins = messages()
    drawings = predictions()
    loop = asyncio.get_running_loop()
    clients = []
    for kind, number, every in ((Learner, n_learners, STEP_EVERY), (Phone, PHONES, 1 / 3)):
        for i in range(number):
            first = sorted(begins)[i % len(begins)]
            client = kind(requests, first) if kind is Learner else kind(drawings, i)
            client.begins = begins
            await loop.create_connection(lambda client=client: client, "127.0.0.1", port)
            clients.append(client)
            await asyncio.sleep(every / number)
    for client in clients:
        client.times.clear()
    await asyncio.sleep(seconds)
    for client in clients:
        client.transport.close()
    refused = [client.refused for client in clients if client.refused]
    if refused:
        raise RuntimeError(f"an answer was not 200: {refused[0]!r}")
    return tuple(
        [seconds for client in clients if type(client) is kind for seconds in client.times]
        for kind in (Phone, Learner)
    )


def table(seconds=15):
    """A class that learns beside people who draw."""
    rows = []
    with running_server(workers=2) as server:
        for n_learners in (0, LEARNERS):
            phones, learners = asyncio.run(together(server.port, seconds, n_learners))
            name = f"drawings, beside {n_learners} learners" if n_learners else "drawings alone"
            rows.append((name, f"{len(phones) / seconds:.0f}", *percentiles(phones)))
        rows.append(("learners", f"{len(learners) / seconds:.0f}", *percentiles(learners)))
    return Table(
        f"{LEARNERS} learners, a step every {STEP_EVERY:.0f} seconds, and {PHONES} phones",
        "bench.inside",
        ("who", "answers/s", "p50 ms", "p95 ms", "p99 ms"),
        rows,
        "The bar: p95 of learners 300 ms, and drawings at most twice as slow beside them.",
    )


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.inside", description=__doc__)
    parser.add_argument("--seconds", type=float, default=15)
    print(alone(), table(parser.parse_args().seconds), sep="\n")


if __name__ == "__main__":
    main()
