"""A real Dask cluster on this computer: a scheduler and workers, in processes of their own."""

import contextlib
import json
import os
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

ROOT = Path(__file__).parents[2]
STARTED_WITHIN = 60  # seconds; a busy machine is slow


@dataclass
class Cluster:
    """A running scheduler, and the workers that were added to it."""

    address: str
    folder: Path
    scheduler: subprocess.Popen
    workers: dict[str, subprocess.Popen] = field(default_factory=dict)

    def add_worker(self, name, n_threads=1, with_nn=True):
        """Start a worker without a nanny, which would start it again."""
        options = ["--no-nanny", "--nthreads", str(n_threads), "--name", name]
        self.workers[name] = started(
            "dask_worker", self.address, *options, folder=self.folder, with_nn=with_nn
        )

    def wait_for_workers(self, n):
        with self.client() as client:
            client.wait_for_workers(n, timeout=STARTED_WITHIN)

    def wait_until_busy(self, name):
        """Wait until a worker is in the middle of a task."""
        with self.client() as client:
            wait_for(lambda: _is_busy(client, name))

    def client(self):
        return Client(self.address, timeout=STARTED_WITHIN, set_as_default=False)


@contextlib.contextmanager
def running_cluster(folder, n_workers=2, n_threads=1):
    """A cluster whose workers a, b, ... have all come up; ended on leaving."""
    file = folder / "scheduler.json"
    scheduler = started(
        "dask_scheduler", "--port", "0", "--scheduler-file", str(file), folder=folder
    )
    cluster = None
    try:
        wait_for(lambda: file.exists() and file.read_text().endswith("}"), scheduler)
        cluster = Cluster(json.loads(file.read_text())["address"], folder, scheduler)
        for name in "abc"[:n_workers]:
            cluster.add_worker(name, n_threads)
        if n_workers:
            cluster.wait_for_workers(n_workers)
        yield cluster
    finally:
        for process in (*(cluster.workers.values() if cluster else ()), scheduler):
            process.kill()
            process.wait()


def started(program, *arguments, folder, with_nn=True):
    """A process of distributed's, at work in a folder of its own; it logs to a file there."""
    path = {"PYTHONPATH": str(ROOT)} if with_nn else {}
    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-m", f"distributed.cli.{program}", *arguments]
    command += ["--host", "127.0.0.1", "--no-dashboard"]
    with (folder / f"{program}.log").open("a") as log:
        return subprocess.Popen(command, cwd=folder, env=kept | path, stdout=log, stderr=log)


def wait_for(condition, process=None):
    """Wait until the condition holds; RuntimeError if it takes long, or the process ends."""
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and (process is None or process.poll() is None):
        if condition():
            return
        time.sleep(0.02)
    raise RuntimeError("the cluster does not do what was waited for")


def _is_busy(client, name):
    def at_work(dask_worker):
        return dask_worker.name == name and dask_worker.state.executing_count > 0

    return any(client.run(at_work).values())
