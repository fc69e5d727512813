"""A real server in processes of its own, for tests and benchmarks."""

import contextlib
import os
import secrets
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

import psutil

from tests.support import prepared
from webapp import config
from webapp.storage.database import Database

ROOT = Path(__file__).parents[2]
PASSWORD = "a password for tests"
STARTED_WITHIN = 60  # seconds; a busy machine is slow, a broken server never comes


@dataclass
class Server:
    """A running `python -m webapp`."""

    process: subprocess.Popen
    port: int
    data_dir: Path

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def web_processes(self):
        """The processes that answer requests, each a psutil.Process."""
        return [child for child, is_worker in self._children() if not is_worker]

    def worker(self):
        """The training worker's process, a psutil.Process; waits for it to come up."""
        deadline = time.monotonic() + STARTED_WITHIN
        while time.monotonic() < deadline:
            for child, is_worker in self._children():
                if is_worker:
                    return child
            time.sleep(0.02)
        raise RuntimeError("there is no training worker")

    def _children(self):
        """Pairs of a living child and whether it is the training worker."""
        for child in psutil.Process(self.process.pid).children():
            with contextlib.suppress(psutil.NoSuchProcess):
                yield child, "webapp.server.worker" in child.cmdline()


@contextlib.contextmanager
def running_server(workers=2, port=None, data_dir=None, options=(), variables=(), limits=""):
    """Start `python -m webapp` on a free port; end it, and all its processes, on leaving.

    Without a data folder it gets one after a first start. The admin password is PASSWORD.
    `options` are further ones of the command line, `variables` pairs for its environment,
    `limits` options of the shell's ulimit.
    """
    port = port or free_port()
    with tempfile.TemporaryDirectory() as new_dir:
        if not data_dir:
            prepared.fill(Path(new_dir))
        data_dir = Path(data_dir or new_dir)
        options = ["--port", str(port), "--workers", str(workers), *options]
        process = start(data_dir, options, variables, limits)
        try:
            wait_until_listening(process, port)
            yield Server(process, port, data_dir)
        finally:
            process.terminate()
            process.wait(timeout=10)


@contextlib.contextmanager
def running_worker(data_dir, variables):
    """Start `python -m webapp --role worker`, and wait until its process is there."""
    process = start(data_dir, ["--role", "worker"], variables)
    worker = Server(process, 0, data_dir)
    try:
        worker.worker()
        yield worker
    finally:
        process.terminate()
        process.wait(timeout=10)


def start(data_dir, options, variables=(), limits=""):
    """Start `python -m webapp`; the arguments are those of `running_server`."""
    command = [sys.executable, "-m", "webapp", "--data-dir", str(data_dir), *options]
    if limits:
        command = ["sh", "-c", f'ulimit {limits}; exec "$@"', "sh", *command]
    return subprocess.Popen(command, cwd=ROOT, env=environment() | dict(variables))


@contextlib.contextmanager
def database_of(server):
    """The database of a running server, as another process sees it."""
    settings = config.from_environment({"INKLING_DATA_DIR": str(server.data_dir)})
    with contextlib.closing(Database(settings)) as database:
        yield database


def free_port():
    """A port that nothing listens on, and that no outgoing connection is given meanwhile."""
    while True:
        port = 10_000 + secrets.randbelow(20_000)  # systems take theirs from above
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port


def environment(password=PASSWORD):
    """This process's environment without settings of Inkling's, but with a password."""
    foreign = ("INKLING_", "DATABASE_URL", "REDIS_URL")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(foreign)}
    return kept | {"INKLING_ADMIN_PASSWORD": password}


def wait_until_listening(process, port):
    """Wait until a process that was just started listens; RuntimeError if it ends first."""
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"{process.args[0]} did not start; exit status {process.poll()}")


def wait_until(condition, what, seconds=STARTED_WITHIN):
    """Wait until a function returns something true; returns how many seconds that took.

    Raises RuntimeError, with `what` was waited for, if it does not.
    """
    begin = time.monotonic()
    while not condition():
        if time.monotonic() > begin + seconds:
            raise RuntimeError(f"within {seconds} s it did not happen that {what}")
        time.sleep(0.02)
    return time.monotonic() - begin
