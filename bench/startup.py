"""How long a second start takes, until the first prediction is answered.

    .venv/bin/python -m bench.startup [--times 7]

The first start fills a data folder and is not measured. Each further one is measured beside a
bare Python that imports Flask, NumPy and Pillow: the ratio says more than the seconds on a
machine that has other work. The median and the shortest are shown; at most 0.65 s on two quiet
cores.
"""

import argparse
import contextlib
import http.client
import io
import statistics
import subprocess
import sys
import tempfile
import time

from PIL import Image

from bench.table import Table
from tests.support.server import ROOT, environment, free_port

WORKERS = 2


def reference() -> float:
    """Seconds that a bare Python takes to import Flask, NumPy and Pillow."""
    begin = time.perf_counter()
    subprocess.run([sys.executable, "-c", "import flask, numpy, PIL.Image"], check=True)
    return time.perf_counter() - begin


def start(data_dir: str, picture: bytes) -> float:
    """Seconds from the command to the answer of the first prediction."""
    port = free_port()
    variables = environment()
    variables.pop("PYTHONDONTWRITEBYTECODE", None)  # or every start would compile all modules
    command = [sys.executable, "-m", "webapp", "--port", str(port), "--data-dir", data_dir]
    begin = time.perf_counter()
    process = subprocess.Popen(
        [*command, "--workers", str(WORKERS)],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.DEVNULL,
    )
    try:
        while not _predicts(port, picture):
            time.sleep(0.005)
        return time.perf_counter() - begin
    finally:
        process.terminate()
        process.wait(timeout=30)


def _predicts(port: int, picture: bytes) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    with contextlib.closing(connection), contextlib.suppress(OSError):
        connection.request("POST", "/api/predict", picture, {"Content-Type": "image/png"})
        return connection.getresponse().status == 200
    return False


def table(times: int = 7) -> Table:
    """The figures of this many starts."""
    buffer = io.BytesIO()
    Image.new("L", (28, 28), 255).save(buffer, "PNG")
    with tempfile.TemporaryDirectory() as data_dir:
        start(data_dir, buffer.getvalue())
        pairs = [(reference(), start(data_dir, buffer.getvalue())) for _ in range(times)]
    bare, full = zip(*pairs, strict=True)
    rows = [
        (
            name,
            f"{statistics.median(values):.2f}",
            f"{min(values):.2f}",
            f"{statistics.median(values) / statistics.median(bare):.2f}",
        )
        for name, values in {"bare imports": bare, "start to first prediction": full}.items()
    ]
    columns = ("a second start", "seconds, median", "shortest", "of bare imports")
    return Table("Start", "bench.startup", columns, rows)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m bench.startup", description=__doc__)
    parser.add_argument("--times", type=int, default=7)
    print(table(parser.parse_args().times))


if __name__ == "__main__":
    main()
