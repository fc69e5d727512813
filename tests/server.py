"""A real server in processes of its own, for tests and benchmarks."""

import contextlib
import os
import socket
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTED_WITHIN = 60  # seconds; a busy machine is slow, a broken server never comes


@dataclass
class Server:
    """A running `python -m webapp`."""

    process: subprocess.Popen
    port: int

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"


@contextlib.contextmanager
def running_server(workers=2, port=None):
    """Start `python -m webapp` on a free port; end it, and all its processes, on leaving."""
    port = port or free_port()
    with tempfile.TemporaryDirectory() as data_dir:
        command = [sys.executable, "-m", "webapp", "--port", str(port)]
        command += ["--workers", str(workers), "--data-dir", data_dir]
        process = subprocess.Popen(command, cwd=ROOT, env=_clean_environment())
        try:
            _wait_until_listening(process, port)
            yield Server(process, port)
        finally:
            process.terminate()
            process.wait(timeout=10)


def free_port():
    """A port that nothing listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def _clean_environment():
    return {name: value for name, value in os.environ.items() if "INKLING" not in name}


def _wait_until_listening(process, port):
    deadline = time.monotonic() + STARTED_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
            return
        time.sleep(0.02)
    raise RuntimeError(f"the server did not start; exit status {process.poll()}")
