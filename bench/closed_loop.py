"""What a room teaches the network, measured on other people.

    .venv/bin/python -m bench.closed_loop DIR

DIR holds strokes_workshop.jsonl.gz (six people) and strokes_dev.jsonl.gz (twelve others), one
drawing a line with its "writer". Five times, with a server and a training worker of its own,
through HTTP: four of the six people, chosen at random, give 50 labelled drawings each; the
presenter approves them, runs Quick and promotes it. The error of the live version is measured
before and after: on the other two people, and on the twelve, of whom nobody ever trains, and on
the digits held out of training.
"""

import argparse
import gzip
import http.client
import io
import json
import statistics
import sys
import time
from pathlib import Path

import numpy as np

from nn import digits
from nn.drawings import render
from tests.support.presenter import Presenter
from tests.support.server import running_server

ROUNDS = 5
TEACHERS = 4
EACH = 50  # drawings that a teacher gives


def read(path):
    """{writer: [(digit, PNG bytes)]} of a file of recorded strokes."""
    found = {}
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            record = json.loads(line)
            buffer = io.BytesIO()
            strokes = [np.array(stroke, float) for stroke in record["strokes"]]
            render(strokes).save(buffer, "PNG")
            found.setdefault(record["writer"], []).append((record["digit"], buffer.getvalue()))
    return found


class Client:
    """One connection to the server, with the cookies that it was given."""

    def __init__(self, server):
        self._connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        self._cookie = None

    def post(self, path, body, content_type="image/png"):
        """The JSON answer; RuntimeError if it is an error."""
        headers = {"Content-Type": content_type}
        if self._cookie:
            headers["Cookie"] = self._cookie
        self._connection.request("POST", path, body, headers)
        response = self._connection.getresponse()
        answer = json.load(response)
        if response.status >= 400:
            raise RuntimeError(f"{path}: {answer['error']['message']}")
        if response.headers["Set-Cookie"]:
            self._cookie = response.headers["Set-Cookie"].partition(";")[0]
        return answer

    def error(self, drawings):
        """Share of labelled pictures that the live version gets wrong, 0..1."""
        predicted = [self.post("/api/predict", picture)["digit"] for _, picture in drawings]
        return np.mean([digit != label for digit, (label, _) in zip(predicted, drawings)])

    def digits_error(self):
        """The same for the digits held out of training."""
        wrong = []
        for pixels, label in zip(*digits.held_out(), strict=True):
            body = json.dumps({"pixels": pixels.reshape(8, 8).tolist()})
            wrong.append(self.post("/api/predict", body, "application/json")["digit"] != label)
        return np.mean(wrong)


def measure(server, sets):
    """The live version's error on every set, by name."""
    client = Client(server)
    return {name: client.error(drawings) for name, drawings in sets.items()} | {
        "digits": client.digits_error()
    }


def teach(server, people, rng):
    """Each of the people gives some drawings, as a device of its own."""
    for drawings in people:
        client = Client(server)
        for i in rng.choice(len(drawings), EACH, replace=False):
            label, picture = drawings[i]
            client.post(f"/api/drawings?label={label}&consent=true", picture)


def retrain(server, presenter):
    """Run Quick and promote it; seconds from Start until the new version answers."""
    begin = time.perf_counter()
    presenter.send("/admin/train", "/admin/train", preset="quick")
    for kind, data in presenter.run_events(1):
        if kind == "run" and data["version"]:
            break
    promote = f"/admin/versions/{data['version']}/promote"
    presenter.send(promote, "/admin/versions", sure="yes")
    client, blank = Client(server), json.dumps({"pixels": [[0] * 8] * 8})
    while (
        client.post("/api/predict", blank, "application/json")["model"]["version"]
        != data["version"]
    ):
        pass
    return time.perf_counter() - begin


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m bench.closed_loop", description=__doc__)
    parser.add_argument("dir", type=Path, help="folder of the recorded strokes")
    folder = parser.parse_args(arguments).dir
    room = read(folder / "strokes_workshop.jsonl.gz")
    strangers = [d for person in read(folder / "strokes_dev.jsonl.gz").values() for d in person]
    rng = np.random.default_rng(0)
    rounds = []
    for number in range(1, ROUNDS + 1):
        order = rng.permutation(sorted(room))
        others = [drawing for name in order[TEACHERS:] for drawing in room[name]]
        sets = {"the other two": others, "twelve others": strangers}
        with running_server(options=["--max-drawings", str(EACH)]) as server:
            presenter = Presenter(server)
            before = measure(server, sets)
            teach(server, [room[name] for name in order[:TEACHERS]], rng)
            presenter.approve_all()
            seconds = retrain(server, presenter)
            after = measure(server, sets)
        rounds.append((before, after, seconds, {n: len(d) for n, d in sets.items()}))
        show(f"round {number}", [rounds[-1]])
    show(f"mean of {ROUNDS}", rounds)


def show(title, rounds):
    """Print the errors before and after, and how long it took."""
    print(f"{title}: Start to live {max(seconds for _, _, seconds, _ in rounds):.1f} s at most")
    for name in ("the other two", "twelve others", "digits"):
        before, after = (statistics.mean(r[i][name] for r in rounds) for i in (0, 1))
        print(f"  {name:<14} error {before:7.2%} -> {after:7.2%}   {fall(before, after)}")
    # All other people's drawings together: those of the two and of the twelve.
    before, after = (
        statistics.mean(
            sum(r[i][name] * n for name, n in r[3].items()) / sum(r[3].values()) for r in rounds
        )
        for i in (0, 1)
    )
    print(f"  {'all others':<14} error {before:7.2%} -> {after:7.2%}   {fall(before, after)}")


def fall(before, after):
    """By how much the error fell, in words."""
    return f"falls by {1 - after / before:.0%}" if before else ""


if __name__ == "__main__":
    sys.exit(main())
