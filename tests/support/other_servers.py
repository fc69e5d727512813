"""PostgreSQL and Redis, real ones, started where they are needed and as often as is needed."""

import contextlib
import os
import secrets
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path

import psutil
import psycopg

from tests.support.server import STARTED_WITHIN, free_port, wait_until_listening


class NotInstalled(Exception):
    """The program of a server is not installed here."""


def program(name):
    """Path of a server's program; NotInstalled if there is none."""
    places = [os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"]
    places += map(str, Path("/usr/lib/postgresql").glob("*/bin"))
    found = shutil.which(name, path=os.pathsep.join(places))
    if not found:
        raise NotInstalled(f"{name} is not installed here")
    return found


class PostgreSql:
    """A PostgreSQL server on a folder of its own. It may end and start again."""

    def __init__(self, folder, options=()):
        self.folder, self.port = folder, free_port()
        # PostgreSQL refuses to run as root; Debian's package brings a user for it.
        self._user = "postgres" if os.geteuid() == 0 else None
        if self._user:
            shutil.chown(folder, self._user)
        initdb = [program("initdb"), "-D", f"{folder}/data", "-U", "tester", "-A", "trust"]
        # The C locale is everywhere.
        self._run(subprocess.check_call, [*initdb, "-E", "UTF8", "--no-locale"])
        self._command = [program("postgres"), "-D", f"{folder}/data", "-k", folder]
        self._command += ["-p", str(self.port), *options]

    def _run(self, call, command, **options):
        return call(
            command, user=self._user, cwd=self.folder, stdout=subprocess.DEVNULL, **options
        )

    def start(self):
        """Start, and wait until it takes connections."""
        self.process = self._run(subprocess.Popen, self._command, stderr=subprocess.DEVNULL)
        deadline = time.monotonic() + STARTED_WITHIN
        while True:
            try:
                return self.connect().close()
            except psycopg.OperationalError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise
            time.sleep(0.05)

    def stop(self):
        """End at once, and break all connections (PostgreSQL's "fast shutdown")."""
        self.process.send_signal(signal.SIGINT)
        self.process.wait(timeout=60)

    @contextlib.contextmanager
    def hanging(self):
        """Let it hang: it takes connections, and never answers."""
        server = psutil.Process(self.process.pid)
        server.suspend()  # first, or it would start more of them
        stopped = [server, *server.children()]
        for process in stopped[1:]:
            process.suspend()
        try:
            yield
        finally:
            for process in stopped:
                with contextlib.suppress(psutil.NoSuchProcess):  # its connection was broken
                    process.resume()

    def connect(self, name="postgres"):
        """A connection to a database; every statement is a transaction."""
        return psycopg.connect(self.url(name), autocommit=True)

    def url(self, name):
        return f"postgresql://tester@127.0.0.1:{self.port}/{name}"


@contextlib.contextmanager
def running_postgresql(*options):
    """A PostgreSQL server with an empty database named inkling."""
    # In a folder of its own, below none that its user may not enter.
    with tempfile.TemporaryDirectory() as folder:
        server = PostgreSql(folder, options)
        server.start()
        try:
            with contextlib.closing(server.connect()) as connection:
                connection.execute("CREATE DATABASE inkling")
            yield server
        finally:
            server.stop()


class RedisServer:
    """A Redis that keeps nothing. It may end and start again."""

    def __init__(self):
        self.port = free_port()
        self.url = f"redis://127.0.0.1:{self.port}/0"
        self._command = [program("redis-server"), "--port", str(self.port), "--save", ""]

    def start(self):
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL)
        wait_until_listening(self.process, self.port)

    def stop(self):
        self.process.terminate()
        self.process.wait(timeout=30)


@contextlib.contextmanager
def running_redis():
    """An empty Redis."""
    server = RedisServer()
    server.start()
    try:
        yield server
    finally:
        server.stop()


@contextlib.contextmanager
def new_database(server):
    """The URL of a new, empty database on a PostgreSQL server, which is deleted on leaving.

    server : URL of any database there
    """
    name = f"inkling_{secrets.token_hex(8)}"
    with contextlib.closing(psycopg.connect(server, autocommit=True)) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        try:
            yield server.rpartition("/")[0] + f"/{name}"
        finally:
            connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
