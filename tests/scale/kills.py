"""Parts of a cluster are killed and started again while people use it."""

import contextlib
import http.client
import itertools
import threading
import time
from dataclasses import dataclass, field
from urllib.request import urlopen

from bench.load import pngs
from bench.table import Table
from tests.scale import figures
from tests.support import room
from tests.support.presenter import Presenter
from tests.support.server import wait_until

PEOPLE, GIVEN_EVERY = 20, 2.0  # who give drawings, and seconds between two of each
ASKING, ASKED_EVERY = 8, 0.1  # who draw, and seconds between two pictures of each
LIVE_WITHIN = 2.0  # seconds from a promotion to the last node
HANGS_FOR = 10  # seconds that PostgreSQL answers nothing
MARKED_WITHIN = 60  # seconds until another worker has marked the run of one that is gone


class Asking(threading.Thread):
    """Somebody who draws, and notes every answer that is none."""

    def __init__(self, cluster, pictures):
        super().__init__(daemon=True)
        self._cluster, self._pictures = cluster, pictures
        self.answers, self.failures, self.is_over = 0, [], threading.Event()

    def run(self):
        link = http.client.HTTPConnection("127.0.0.1", self._cluster.port, timeout=8)
        while not self.is_over.wait(ASKED_EVERY):
            _, body = self._pictures[self.answers % len(self._pictures)]
            try:
                link.request("POST", "/api/predict", body, {"Content-Type": "image/png"})
                answer = link.getresponse()
                answer.read()
                if answer.status != 200:
                    self.failures.append(f"status {answer.status}")
            except (OSError, http.client.HTTPException) as error:
                self.failures.append(f"{type(error).__name__}: {error}")
                link.close()
            self.answers += 1
        link.close()


@dataclass
class Siege:
    """A cluster in use, and what happened to it."""

    cluster: object
    presenter: Presenter
    asking: list
    rows: list = field(default_factory=list)  # of the table
    wrong: list = field(default_factory=list)  # sentences

    def event(self, name, do):
        """Let one thing happen; note what it says, and the predictions that failed."""
        answers, failures = self.answers, len(self.failures)
        try:
            outcome = do(self)
        except (RuntimeError, OSError) as error:
            outcome = str(error)
            self.wrong.append(f"{name}: {outcome}")
        failed = self.failures[failures:]
        if failed:
            self.wrong.append(f"{name}: {len(failed)} predictions failed, such as {failed[0]}")
        asked = self.answers - answers
        self.rows.append((name, outcome, f"{asked:,}", str(len(failed))))

    @property
    def answers(self):
        return sum(one.answers for one in self.asking)

    @property
    def failures(self):
        return [failure for one in self.asking for failure in one.failures]


def promote(siege):
    """Make another version live, and see when the last node has it."""
    [[live]] = siege.cluster.rows(
        "SELECT version_id FROM active_model ORDER BY id DESC LIMIT 1"
    )
    number = 1 if live == 2 else 2
    begin = time.monotonic()  # before the button is pressed, and its page loaded
    siege.presenter.send(f"/admin/versions/{number}/promote", "/admin/versions", sure="yes")
    wait_until(
        lambda: all(node.version() == number for node in siege.cluster.web),
        f"version {number} is live on all nodes",
    )
    took = time.monotonic() - begin
    if took > LIVE_WITHIN:
        raise RuntimeError(f"live on all nodes after {took:.1f} s")
    return f"live on all nodes after {took:.2f} s"


def kill_web_node(siege):
    node = siege.cluster.web[len(siege.rows) % len(siege.cluster.web)]
    node.kill()
    time.sleep(5)  # the others serve meanwhile
    node.start()
    took = wait_until(node.version, "the killed node serves")
    return f"serves {took:.1f} s after its new start"


def kill_worker(siege):
    """Kill the worker that trains, in mid-run: the other one marks the run."""
    run = _train(siege, epochs=1000)
    wait_until(lambda: _epochs(siege, run) > 3, f"run {run} has some epochs")
    node = _busiest(siege.cluster.workers)
    node.kill()
    try:
        took = wait_until(
            lambda: _status(siege, run) != "running", f"run {run} is marked", MARKED_WITHIN
        )
        if _status(siege, run) != "interrupted":
            raise RuntimeError(f"run {run} is {_status(siege, run)}, not interrupted")
        finished = _finish(siege)
    finally:
        node.start()
    return f"its run is marked after {took:.0f} s; the other worker trains run {finished}"


def restart_postgresql(siege):
    siege.cluster.postgresql.stop()
    time.sleep(2)  # long enough for everybody to meet the outage
    siege.cluster.postgresql.start()
    took = wait_until(lambda: _is_ready(siege), "nodes and workers use the database again")
    return f"all is ready {took:.1f} s after its new start; run {_finish(siege)} is trained"


def hang_postgresql(siege):
    """Let it hang for longer than nginx waits for a prediction."""
    with siege.cluster.postgresql.hanging():
        time.sleep(HANGS_FOR)
    took = wait_until(lambda: _is_ready(siege), "nodes and workers use the database again")
    return f"all is ready {took:.1f} s after it goes on; run {_finish(siege)} is trained"


def restart_redis(siege):
    siege.cluster.redis.stop()
    run = _finish(siege)  # without a nudge
    siege.cluster.redis.start()
    return f"without it run {run} is trained, with an empty one run {_finish(siege)}"


EVENTS = {
    "promotion": promote,
    "kill -9 of a web node": kill_web_node,
    "kill -9 of a worker in mid-run": kill_worker,
    "PostgreSQL restarts": restart_postgresql,
    f"PostgreSQL hangs for {HANGS_FOR} s": hang_postgresql,
    "Redis restarts, emptied": restart_redis,
}


def table(cluster, minutes):
    """(What happened, as a table; sentences about what was wrong)."""
    pictures, seconds = pngs(), 60 * minutes
    [[before]] = cluster.rows("SELECT count(*) FROM drawing")
    presenter = Presenter(cluster)
    asking = [Asking(cluster, pictures) for _ in range(ASKING)]
    siege = Siege(cluster, presenter, asking)
    _finish(siege)  # version 2
    each = int(seconds / GIVEN_EVERY)
    people, threads = room.fill(cluster, pictures, PEOPLE, each, seconds, screens=1)
    for one in asking:
        one.start()
    end = time.monotonic() + seconds
    for name, do in itertools.cycle(EVENTS.items()):
        siege.event(name, do)
        if time.monotonic() > end:
            break
    for thread in threads:
        thread.join()
    people.is_over.set()
    for one in asking:
        one.is_over.set()
        one.join()
    siege.wrong += people.failures
    siege.rows.append(("in all", _kept(siege, people, before), *_predictions(siege)))
    columns = ("what happens", "and then", "predictions meanwhile", "that failed")
    note = (
        f"{PEOPLE} people give drawings, {ASKING} draw and a wall follows, all through nginx. "
        "Somebody whose drawing finds no server sends it again, as the page does."
    )
    command = f"tests.scale --minutes {minutes:g}"
    return Table("Kills", command, columns, siege.rows, note), siege.wrong


def _kept(siege, people, before):
    """How many drawings were acknowledged and kept, in words; notes it if one is lost."""
    kept = {row[0] for row in siege.cluster.rows("SELECT id FROM drawing")}
    lost, twice = (
        people.acknowledged.keys() - kept,
        len(kept) - before - len(people.acknowledged),
    )
    if lost or twice:
        siege.wrong.append(f"{len(lost)} acknowledged drawings are lost, {twice} kept twice")
    return (
        f"{len(people.acknowledged):,} drawings acknowledged, {len(lost)} lost, {twice} twice"
    )


def _predictions(siege):
    return f"{siege.answers:,}", str(len(siege.failures))


def _train(siege, **settings):
    """Put a run in line; its number."""
    siege.presenter.send("/admin/train", "/admin/train", preset="article", **settings)
    [[number]] = siege.cluster.rows("SELECT max(id) FROM training_run")
    return number


def _finish(siege):
    """Let a run be trained to its end; its number."""
    run = _train(siege, epochs=5)
    wait_until(lambda: _status(siege, run) == "finished", f"run {run} finishes")
    return run


def _status(siege, run):
    [[status]] = siege.cluster.rows(f"SELECT status FROM training_run WHERE id = {run}")
    return status


def _epochs(siege, run):
    [[number]] = siege.cluster.rows(f"SELECT count(*) FROM epoch WHERE run_id = {run}")
    return number


def _is_ready(siege):
    """Whether every web node can use all it needs, and sees a worker."""
    with contextlib.suppress(OSError):
        for node in siege.cluster.web:
            urlopen(f"{node.url}/readyz", timeout=5).close()
        return True
    return False


def _busiest(nodes):
    """The node whose processes work most just now."""
    begin = [figures.cpu(node.tree()) for node in nodes]
    time.sleep(1)
    used = [figures.cpu(node.tree()) - at for node, at in zip(nodes, begin, strict=True)]
    return nodes[used.index(max(used))]
