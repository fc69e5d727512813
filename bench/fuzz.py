"""Image files with faults, sent to POST /api/predict: answers, times and memory.

    .venv/bin/python -m bench.fuzz [--files 20000] [--seed 0]

Starts a server of its own with two processes. A file that gets a 5xx or no answer, or that
takes more than a second, is named with its number, so that `tests/support/mutated.py` makes it
again. Memory is that of the larger web process, after a tenth of the files and after all.
"""

import argparse
import http.client
import time
from collections import Counter

from bench.table import Table
from tests.support import mutated
from tests.support.image_files import a_seven, encoded
from tests.support.server import running_server

SLOW = 1.0  # seconds that no file may take
TYPES = {"PNG": "image/png", "JPE": "image/jpeg", "MPO": "image/jpeg"}


def ask(connection, name, data):
    """(status, seconds) of the answer to a picture; status 0 if there was none."""
    kind = TYPES.get(name[:3], f"image/{name.split()[0].lower()}")
    begin = time.perf_counter()
    try:
        connection.request("POST", "/api/predict", data, {"Content-Type": kind})
        answer = connection.getresponse()
        answer.read()
        status = answer.status
    except (OSError, http.client.HTTPException):
        connection.close()
        status = 0
    return status, time.perf_counter() - begin


def table(number=20_000, seed=0):
    """The figures of so many files."""
    statuses, times, wrong = Counter(), [], []
    with running_server(workers=2) as server:
        connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
        right = [ask(connection, "PNG", encoded(a_seven()))[1] for _ in range(200)]
        for i, (name, data) in enumerate(mutated.files(number, seed)):
            status, took = ask(connection, name, data)
            statuses[status] += 1
            times.append(took)
            if status == 0 or status >= 500 or took > SLOW:
                wrong.append(f"file {i} ({name}): {status} after {took:.2f} s")
            if i == number // 10:
                before = _memory(server)
        after = _memory(server)
        connection.close()
    usual = sorted(right)[len(right) // 2]
    rows = [
        ("files", f"{number:,}"),
        ("answers", ", ".join(f"{n:,} with {s}" for s, n in sorted(statuses.items()))),
        ("5xx, none, or more than a second", "; ".join(wrong) or "0"),
        ("longest answer, of a right picture's median", f"{max(times) / usual:.0f}"),
        ("longest answer, ms", f"{1000 * max(times):.0f}"),
        ("MB after a tenth, and after all", f"{before:.0f}, {after:.0f}"),
    ]
    return Table("Image files with faults", "bench.fuzz", ("what", "figure"), rows)


def _memory(server):
    return max(process.memory_info().rss for process in server.web_processes()) / 1e6


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.fuzz", description=__doc__)
    parser.add_argument("--files", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    print(table(options.files, options.seed))


if __name__ == "__main__":
    main()
