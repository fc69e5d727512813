"""How long the presets Article and Quick take, from the press of Start on.

    .venv/bin/python -m bench.retraining

Starts a server of its own. Article: until its curve is complete, beside the bare training call;
at most 2 s more. Quick: until its version can be promoted; at most 10 s. Five times each; the
median and the longest are shown.
"""

import statistics
import time

from nn.experiment import Experiment
from nn.presets import PRESETS
from tests.support.presenter import Presenter
from tests.support.server import running_server

TIMES = 5


def bare():
    """Seconds that Article takes as a call."""
    begin = time.perf_counter()
    for _ in Experiment(PRESETS["article"]).epochs():
        pass
    return time.perf_counter() - begin


def run(presenter, preset, number):
    """Seconds from Start until the curve is complete, and until there is a version."""
    epochs = PRESETS[preset].epochs
    begin = time.perf_counter()
    presenter.send("/admin/train", "/admin/train", preset=preset)
    curve = None
    for kind, data in presenter.run_events(number):
        if kind == "epochs" and data["run"] == number and data["epochs"][-1][0] == epochs:
            curve = curve or time.perf_counter() - begin
        if kind == "run" and data["id"] == number and data["status"] == "finished":
            return curve, time.perf_counter() - begin
    raise RuntimeError("the stream ended")


def main():
    with running_server(workers=2) as server:
        presenter = Presenter(server)
        server.worker()
        bares, articles, quicks = [], [], []
        for i in range(TIMES):
            bares.append(bare())
            articles.append(run(presenter, "article", 2 * i + 1)[0])
            quicks.append(run(presenter, "quick", 2 * i + 2)[1])
    more = [article - bare for article, bare in zip(articles, bares, strict=True)]
    for name, values in {
        "Article, the bare call": bares,
        "Article, from Start to curve complete": articles,
        "difference (at most 2 s)": more,
        "Quick, from Start to version (at most 10 s)": quicks,
    }.items():
        print(f"{name:<44} {statistics.median(values):5.2f} s, longest {max(values):5.2f} s")


if __name__ == "__main__":
    main()
