"""What a cluster does in a second, and what that costs of each of its parts."""

import asyncio
import contextlib
import secrets
import socket
import statistics
from typing import NamedTuple

import psutil

from bench.load import measure, percentiles, pngs, predictions
from bench.table import Table

SECONDS, ROUNDS = 2.0, 3  # of a measurement
CONNECTIONS = 16
IDLE = 500  # connections that ask for nothing
_CLOSE = b"\r\nConnection: close\r\n"


def _get(path):
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()


HEALTH = [_get("/healthz")]
_ROUND = (
    b"POST /api/game HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"
    b'Content-Length: 15\r\n\r\n{"right": true}'
)


def of_nodes(cluster):
    """Predictions a second by one, two and three web nodes, and what each costs."""
    ports = {number: cluster.serve_by(number) for number in range(1, len(cluster.web) + 1)}
    rounds = [
        {number: _measured(cluster, port, predictions()) for number, port in ports.items()}
        for _ in range(ROUNDS)
    ]
    rows, alone = [], None
    for number in ports:
        found = [measured[number] for measured in rounds]
        rate = statistics.median(one.rate for one in found)
        alone = alone or rate
        p95 = percentiles([seconds for one in found for seconds in one.times])[1]
        costs = [statistics.median(parts) for parts in zip(*(one.costs for one in found))]
        rows.append((str(number), f"{rate:,.0f}", f"{rate / alone:.2f}", p95, *_texts(costs)))
    columns = ("web nodes", "predictions/s", "of one", "p95 ms", *_PARTS)
    note = (
        f"{CONNECTIONS} connections through nginx, one process a node, all on one machine of "
        f"{psutil.cpu_count()} cores; medians of {ROUNDS} rounds in turns. The last columns "
        "are milliseconds of processor time that each prediction takes of each part."
    )
    return Table("Predictions", "tests.scale", columns, rows, note)


def of_requests(cluster):
    """What other requests cost, by all nodes."""
    rows = []
    for name, requests in (
        ("prediction", predictions()),
        ("heartbeat, GET /healthz", HEALTH),
        ("draw page, without its files", [_get("/")]),
        ("file of the page", [_get("/static/js/pages/draw.js")]),
        ("drawing given, by a new device", _GivenAnew()),
        ("round of the game", [_ROUND]),
    ):
        found = _measured(cluster, cluster.port, requests)
        rate, p95 = f"{found.rate:,.0f}", percentiles(found.times)[1]
        rows.append((name, rate, p95, *_texts(found.costs)))
    columns = ("request", "a second", "p95 ms", *_PARTS)
    note = "As above. Each drawing is a transaction that is on the disk before the answer."
    return Table("Requests", "tests.scale", columns, rows, note)


def of_sizes(cluster):
    """Bytes of requests, connections to the database, memory of idle connections."""
    asked = [len(request) for request in predictions()]
    rows = [
        ("bytes of a prediction's request", f"{sum(asked) / len(asked):,.0f}"),
        ("bytes of its answer", f"{len(_answer(cluster, predictions()[0])):,}"),
        ("bytes of a heartbeat's answer", f"{len(_answer(cluster, HEALTH[0])):,}"),
    ]
    query = "SELECT count(*) FROM pg_stat_activity WHERE datname = 'inkling'"
    [[connections]] = cluster.rows(query)
    nodes = f"{len(cluster.web)} web processes and {len(cluster.workers)} workers"
    rows.append((f"connections to PostgreSQL of {nodes}", f"{connections - 1}"))
    for name, nodes in (("web node", cluster.web), ("worker", cluster.workers)):
        most = max(sum(p.memory_info().rss for p in node.tree()) for node in nodes)
        rows.append((f"MB of memory of a {name} with one process", f"{most / 1e6:.0f}"))
    rows.append(
        (f"KiB of nginx for an idle connection, of {IDLE:,}", f"{_idle(cluster) / 1024:.1f}")
    )
    return Table("Sizes", "tests.scale", ("what", "measured"), rows)


def cpu(processes):
    """Processor seconds that they have used."""
    total = 0
    for process in processes:
        with contextlib.suppress(psutil.NoSuchProcess):
            times = process.cpu_times()
            total += times.user + times.system
    return total


_PARTS = ("nodes ms", "nginx ms", "PostgreSQL ms", "client ms")


class _Measured(NamedTuple):
    rate: float  # answers a second
    times: list  # seconds of each
    costs: list  # processor seconds of each, for each of _PARTS


def _measured(cluster, port, requests):
    """Ask by one of nginx's ports for some seconds."""
    parts = [
        [process for node in cluster.web for process in node.tree()],
        [process for nginx in cluster.nginx for process in _tree(nginx)],
        _tree(psutil.Process(cluster.postgresql.process.pid)),
        [psutil.Process()],
    ]
    before = [cpu(part) for part in parts]
    rate, times = asyncio.run(measure(port, requests, CONNECTIONS, SECONDS))
    used = [cpu(part) - at for part, at in zip(parts, before, strict=True)]
    return _Measured(rate, times, [seconds / len(times) for seconds in used])


def _texts(costs):
    return [f"{1000 * seconds:.2f}" for seconds in costs]


def _tree(process):
    return [process, *process.children(recursive=True)]


class _GivenAnew:
    """A list of POST /api/drawings, each by another device whenever it is looked at."""

    def __init__(self):
        self._pictures = pngs()

    def __len__(self):
        return len(self._pictures)

    def __getitem__(self, number):
        label, body = self._pictures[number]
        key, device = secrets.token_hex(16), secrets.token_hex(16)
        head = (
            f"POST /api/drawings?label={label}&consent=true&key={key}&device={device} HTTP/1.1"
            "\r\nHost: 127.0.0.1\r\nContent-Type: image/png\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


def _answer(cluster, request):
    """A whole answer, head and body."""
    with contextlib.closing(_asked(cluster, request.replace(b"\r\n", _CLOSE, 1))) as link:
        return b"".join(iter(lambda: link.recv(2**16), b""))


def _asked(cluster, request):
    """A connection over which this was asked."""
    link = socket.create_connection(("127.0.0.1", cluster.port))
    link.sendall(request)
    return link


def _idle(cluster):
    """Bytes of memory that nginx takes for a connection that asks for nothing any more."""
    before = _memory(cluster.nginx[0])
    with contextlib.ExitStack() as stack:
        for _ in range(IDLE):
            link = stack.enter_context(contextlib.closing(_asked(cluster, HEALTH[0])))
            link.recv(2**16)
        return max(0, _memory(cluster.nginx[0]) - before) / IDLE


def _memory(process):
    return sum(each.memory_info().rss for each in _tree(process))
