"""Database changes -> server-sent events.

A page that opens a stream gets all that it needs to draw itself, a snapshot, and then every
change. One look at the database a process, a few times a second and only while somebody
listens, serves all streams. Nothing is lost between the two, and some things come twice: each
message says how things stand, not what to do.
"""

import asyncio
import contextlib
import json
import logging
from concurrent.futures import ThreadPoolExecutor

import sqlalchemy as sa
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from webapp import registry, training
from webapp.models import AuditEntry, Epoch, TrainingRun

STREAM = "inkling.stream"  # in a request's environ: the answer is the beginning of a stream
_LOOK_EVERY = 0.2  # seconds
_BREATH_EVERY = 15.0  # seconds after which a quiet stream says that it is still there
_BACKLOG = 1000  # messages that a slow listener may be behind before it is cut off
_FIGURES = (Epoch.number, Epoch.cost, Epoch.accuracy, Epoch.test_cost, Epoch.test_accuracy)

_log = logging.getLogger(__name__)


def stream(session, run_id):
    """The answer to a page that wants to follow: all runs, and the epochs of one, so far."""
    cursor = _last_epoch(session)
    messages = [*_states(session), *_epochs(session, Epoch.run_id == run_id)]
    request.environ[STREAM] = cursor
    return Response(
        b"".join(message for _, message in messages),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


def _states(session):
    """(name of what it is about, message) of everything that a page shows the state of."""
    in_line = training.waiting(session)
    for run in reversed(training.latest(session)):
        place = in_line.index(run.id) + 1 if run.id in in_line else None
        yield f"run {run.id}", _message("run", _run(run, place))
    live = registry.live(session)
    yield "live", _message("live", {"version": live.version_id, "name": live.version.name})
    yield "worker", _message("worker", {"there": training.worker_is_there(session)})


def _run(run, place_in_line):
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "reason": run.reason,
        "place": place_in_line,
        "epochs": run.settings["epochs"],
        "pictures": [run.pictures_done, run.pictures_total],
        "seconds_left": run.seconds_left,
        "cancelling": run.cancel_requested and run.is_open,
        "version": run.version and run.version.id,
    }


def _epochs(session, condition):
    """(None, message) for each run that the condition on Epoch finds epochs of."""
    query = sa.select(Epoch.run_id, *_FIGURES).where(condition).order_by(Epoch.id)
    by_run = {}
    for run_id, *figures in session.execute(query):
        by_run.setdefault(run_id, []).append(figures)
    for run_id, epochs in by_run.items():
        yield None, _message("epochs", {"run": run_id, "epochs": epochs})


def _mark(session):
    """Something that differs whenever a state does: most looks find nothing, and are cheap."""
    query = sa.select(
        sa.select(sa.func.max(Epoch.id)).scalar_subquery(),
        sa.select(sa.func.max(AuditEntry.id)).scalar_subquery(),
        sa.select(sa.func.sum(TrainingRun.pictures_done)).scalar_subquery(),
    )
    return (*session.execute(query).one(), training.worker_is_there(session))


def _last_epoch(session):
    return session.scalar(sa.select(sa.func.max(Epoch.id))) or 0


def _message(kind, data):
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


class Feed:
    """Tells the streams of one process, in its event loop, what changes."""

    def __init__(self, database):
        self._database = database
        self._listeners = set()
        self._cursor = 0
        self._told = {}
        self._task = None
        self._thread = ThreadPoolExecutor(max_workers=1)

    @contextlib.contextmanager
    def listen(self, cursor):
        """A queue of messages, bytes, from the snapshot with this cursor on; None ends it."""
        queue = asyncio.Queue()
        self._listeners.add(queue)
        # Back to what the snapshot may have missed.
        self._cursor = min(self._cursor, cursor) if len(self._listeners) > 1 else cursor
        self._told = {}
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        try:
            yield queue
        finally:
            self._listeners.discard(queue)

    async def _follow(self):
        loop = asyncio.get_running_loop()
        while self._listeners:
            cursor, told = self._cursor, self._told
            try:
                look = loop.run_in_executor(self._thread, self._changes, cursor, told)
                messages, last = await look
            except SQLAlchemyError as error:
                _log.warning("no look at the database: %s", error)
            else:
                if self._cursor == cursor:  # nobody came meanwhile who needs older ones
                    self._cursor = last
                for message in messages:
                    self._tell(message)
            await asyncio.sleep(_LOOK_EVERY)

    def _changes(self, cursor, told):
        """The messages that are news, and the newest epoch among them."""
        with self._database.reading() as session:
            mark = _mark(session)
            if told.get("mark") == mark:
                return [], cursor
            told["mark"] = mark
            last = _last_epoch(session)
            messages = []
            for about, message in _states(session):
                if told.get(about) != message:
                    told[about] = message
                    messages.append(message)
            messages += [m for _, m in _epochs(session, Epoch.id > cursor)]
        return messages, last

    def _tell(self, message):
        for queue in list(self._listeners):
            if queue.qsize() < _BACKLOG:
                queue.put_nowait(message)
            else:
                self._listeners.discard(queue)
                queue.put_nowait(None)


async def pump(feed, cursor, transport, closed):
    """Send a stream's messages until the client goes, which is when `closed` is done."""
    closed = asyncio.ensure_future(closed)
    with feed.listen(cursor) as queue:
        while True:
            coming = asyncio.ensure_future(queue.get())
            await asyncio.wait(
                {coming, closed}, timeout=_BREATH_EVERY, return_when=asyncio.FIRST_COMPLETED
            )
            if closed.done() or (coming.done() and coming.result() is None):
                coming.cancel()
                return
            if coming.done():
                await transport.send_bytes(coming.result())
            else:
                coming.cancel()
                await transport.send_bytes(b": still here\n\n")
