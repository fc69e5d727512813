"""A real Dask cluster on this computer: a scheduler and workers, in processes of their own."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

from distributed import Client

from tests.support.server import free_port

ROOT = Path(__file__).parents[2]
STARTED_WITHIN = 60  # seconds; a busy machine is slow
SCHEDULER = "-m dask scheduler --host 127.0.0.1 --port {port} --no-dashboard"
# Without a nanny, which would start a worker again.
WORKER = "-m dask worker {address} --no-dashboard --no-nanny --nthreads 1 --name {name}"


@dataclass
class Cluster:
    """A running scheduler, and the workers that were added to it."""

    address: str
    folder: Path
    processes: dict[str, subprocess.Popen] = field(default_factory=dict)

    def start(self, name, command, with_nn=True):
        """Start a process, named so, with Python's arguments in `command`.

        It works in the cluster's folder, where it can import nn or not, and logs to a file.
        """
        kept = {each: value for each, value in os.environ.items() if each != "PYTHONPATH"}
        path = {"PYTHONPATH": str(ROOT)} if with_nn else {}
        path["DASK_TEMPORARY_DIRECTORY"] = str(self.folder)
        with (self.folder / f"{name}.log").open("w") as log:
            self.processes[name] = subprocess.Popen(
                [sys.executable, *command.split()],
                cwd=self.folder, env=kept | path, stdout=log, stderr=log,
                start_new_session=True,
            )  # fmt: skip

    def add_worker(self, name, with_nn=True):
        self.start(name, WORKER.format(address=self.address, name=name), with_nn)

    def kill(self, name):
        """End a process and its children with SIGKILL, if it still runs."""
        process = self.processes.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def wait_for_workers(self, n):
        with self.client() as client:
            client.wait_for_workers(n, timeout=STARTED_WITHIN)

    def wait_until_busy(self, name):
        """Wait until a worker is in the middle of a task."""

        def is_at_work(dask_worker):
            return dask_worker.state.executing_count > 0

        with self.client() as client:
            workers = client.scheduler_info(n_workers=-1)["workers"].items()
            [address] = [address for address, worker in workers if worker["name"] == name]
            deadline = time.monotonic() + STARTED_WITHIN
            while not client.run(is_at_work, workers=[address])[address]:
                if time.monotonic() > deadline:
                    raise RuntimeError(f"worker {name} gets no work")
                time.sleep(0.05)

    def client(self):
        return Client(self.address, timeout=STARTED_WITHIN, set_as_default=False)


@contextlib.contextmanager
def running_cluster(folder, workers=(), scheduler=SCHEDULER):
    """A cluster whose workers, given by their names, have all come up; ended on leaving.

    scheduler : Python's arguments, with {port} in them
    """
    port = free_port()
    cluster = Cluster(f"tcp://127.0.0.1:{port}", folder)
    try:
        cluster.start("scheduler", scheduler.format(port=port))
        for name in workers:
            cluster.add_worker(name)
        with cluster.client() as client:
            if workers:
                client.wait_for_workers(len(workers), timeout=STARTED_WITHIN)
        yield cluster
    finally:
        for name in list(cluster.processes):
            cluster.kill(name)
