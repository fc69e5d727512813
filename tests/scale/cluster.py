"""Web nodes behind nginx, workers, PostgreSQL and Redis: a small cluster on this machine.

Each node has a data folder of its own. They share the database and nothing else.
"""

import contextlib
import json
from pathlib import Path
from tempfile import mkdtemp
from urllib.request import urlopen

import psutil

from tests.support import nginx
from tests.support.other_servers import running_postgresql, running_redis
from tests.support.server import Server, free_port, start, wait_until

WEB_NODES, WORKERS = 3, 2
_LISTED = [f"10.0.0.1{number}:8000" for number in (1, 2, 3)]  # in docs/scaling.md
# So that a cluster's load comes from few "people": they give more than people may.
_SETTINGS = {
    "INKLING_WORKERS": "1",
    "INKLING_TRUSTED_PROXIES": "1",
    "INKLING_MAX_DRAWINGS": "10000",
    "INKLING_MAX_ROOM_DRAWINGS": "1000000",
    "INKLING_MAX_ROOM_MIB": "100000",
    "INKLING_MAX_NEWCOMERS": "100000",
}


class Node(Server):
    """A web node or a worker, which may be killed and start again."""

    def __init__(self, role, data_dir, variables):
        super().__init__(None, free_port(), data_dir)
        self._options = ["--role", role, "--port", str(self.port)]
        self._variables = variables

    def start(self):
        self.process = start(self.data_dir, self._options, self._variables)

    def tree(self):
        """All its processes."""
        parent = psutil.Process(self.process.pid)
        return [parent, *parent.children(recursive=True)]

    def kill(self):
        """End it as a machine ends that loses its power."""
        for process in self.tree():
            with contextlib.suppress(psutil.NoSuchProcess):
                process.kill()
        self.process.wait()

    def end(self):
        self.process.terminate()
        self.process.wait(timeout=30)

    def version(self):
        """The live version as this node knows it; None while it does not answer."""
        with contextlib.suppress(OSError), urlopen(f"{self.url}/healthz", timeout=5) as answer:
            return json.load(answer)["version"]
        return None


class Cluster:
    """What runs: `web` and `workers`, lists of Node; `postgresql` and `redis`.

    url, port : nginx's, where participants are
    """

    def __init__(self, stack, folder):
        self._stack, self._folder = stack, folder
        self.postgresql = stack.enter_context(running_postgresql())
        self.redis = stack.enter_context(running_redis())
        variables = _SETTINGS | {
            "DATABASE_URL": self.postgresql.url("inkling"),
            "REDIS_URL": self.redis.url,
        }
        self.web = [Node("web", folder / f"web{i}", variables) for i in range(WEB_NODES)]
        self.workers = [
            Node("worker", folder / f"worker{i}", variables) for i in range(WORKERS)
        ]
        nodes = [*self.web, *self.workers]
        for node in nodes:  # all at once, on an empty database
            node.start()
            stack.callback(node.end)
        for node in self.web:
            wait_until(node.version, f"the web node on port {node.port} serves")
        self.nginx = []  # the processes
        self.port = self.serve_by(WEB_NODES)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    def serve_by(self, number):
        """Let a new nginx share out requests to so many web nodes; returns its port."""
        servers, port = nginx.printed("scaling.md"), free_port()
        for listed, node in zip(_LISTED, self.web, strict=True):
            line = f"server {listed} "
            assert servers.count(line) == 2  # for drawings, and for all else
            unused = "" if node in self.web[:number] else "# "
            servers = servers.replace(line, f"{unused}server 127.0.0.1:{node.port} ")
        folder = Path(mkdtemp(dir=self._folder))
        for old, new in {
            "listen 80;": f"listen 127.0.0.1:{port};",
            "/var/cache/nginx/inkling": f"{folder}/cache",
        }.items():
            assert old in servers
            servers = servers.replace(old, new)
        process = self._stack.enter_context(nginx.serving(servers, port, folder))
        self.nginx.append(psutil.Process(process.pid))
        return port

    def rows(self, query):
        """The rows that a query finds in the database."""
        with contextlib.closing(self.postgresql.connect("inkling")) as connection:
            return connection.execute(query).fetchall()

    def execute(self, statement):
        """Execute a statement that finds no rows."""
        with contextlib.closing(self.postgresql.connect("inkling")) as connection:
            connection.execute(statement)


@contextlib.contextmanager
def running_cluster(folder):
    """A cluster that keeps its files in a folder."""
    with contextlib.ExitStack() as stack:
        yield Cluster(stack, folder)
