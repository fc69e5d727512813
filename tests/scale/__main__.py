"""Inkling past one machine: tests and figures of a cluster, with real servers.

    make test-scale [MINUTES=2]

First the tests of the rooms that use the database, on PostgreSQL. Then a cluster: three web
nodes behind nginx, two workers, PostgreSQL, Redis. It is measured, and its parts are killed
under load for some minutes. Where PostgreSQL, Redis or nginx are missing, they are installed,
if this runs as root and there is apt-get. docs/scaling.md explains the figures.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path

from tests.scale import figures, growth, kills
from tests.scale.cluster import running_cluster
from tests.support.other_servers import NotInstalled, program, running_postgresql
from tests.support.server import ROOT

_PACKAGES = {"postgres": "postgresql", "redis-server": "redis-server", "nginx": "nginx"}
_TESTS = [
    *("tests/webapp/storage", "tests/webapp/learning", "tests/webapp/room/test_wall.py"),
    *("tests/system/test_other_servers.py", "tests/system/test_nodes.py"),
]


def main():
    """Run everything; the exit status: 0 if nothing was wrong."""
    parser = argparse.ArgumentParser(prog="python -m tests.scale", description=__doc__)
    parser.add_argument("--minutes", type=float, default=2, help="of kills (default: 2)")
    parser.add_argument("--no-tests", action="store_true", help="the cluster alone")
    options = parser.parse_args()
    try:
        _install()
        wrong = [] if options.no_tests else _run_tests()
        wrong += _of_cluster(options.minutes)
    except NotInstalled as error:
        wrong = [f"{error}. Install {', '.join(_PACKAGES.values())}."]
    print(*(f"WRONG  {sentence}" for sentence in wrong), sep="\n")
    return 1 if wrong else 0


def _install():
    """Install what is missing. NotInstalled if that cannot be done here."""
    missing = [package for name, package in _PACKAGES.items() if not _is_there(name)]
    if missing and os.geteuid() == 0 and _is_there("apt-get"):
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", *missing], check=False)
    for name in _PACKAGES:
        program(name)


def _is_there(name):
    try:
        return bool(program(name))
    except NotInstalled:
        return False


def _run_tests():
    """The tests on a PostgreSQL that need not survive; what was wrong."""
    with running_postgresql("-c", "fsync=off") as server:
        command = [sys.executable, "-m", "pytest", "-q", *_TESTS]
        # A thread may read while its test ends and closes the database.
        command += ["-W", "ignore::pytest.PytestUnraisableExceptionWarning"]
        environment = os.environ | {"INKLING_TEST_DATABASE_URL": server.url("inkling")}
        status = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    return [f"the tests on PostgreSQL: exit status {status}"] if status else []


def _of_cluster(minutes):
    with tempfile.TemporaryDirectory() as folder, running_cluster(Path(folder)) as cluster:
        for measured in (figures.of_nodes, figures.of_requests, figures.of_sizes):
            print(measured(cluster), flush=True)
        table, wrong = kills.table(cluster, minutes)
        print(table, growth.table(cluster), sep="\n", flush=True)
    return wrong


if __name__ == "__main__":
    sys.exit(main())
