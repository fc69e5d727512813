"""Database changes -> server-sent events.

A page that opens a stream gets all that it needs to draw itself, a snapshot, and then every
change of its channel: "admin" for the presenter's pages, "wall" for what the room may see,
"workshop" for the page that switches the wall. One look at the database a process, a few times
a second and only while somebody listens, serves all streams. Nothing is lost between the two,
and some things come twice: each message says how things stand, not what to do.
"""

import asyncio
import contextlib
import json
import logging
import time
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

import sqlalchemy as sa
from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from webapp import devices, joining, registry, training, wall
from webapp.db import by_number
from webapp.models import AuditEntry, Drawing, Epoch, TrainingRun

STREAM = "inkling.stream"  # in a request's environ: the answer is the beginning of a stream
_LOOK_EVERY = 0.2  # seconds
_TICK = 5  # seconds after which things count as changed that change by time alone
_BREATH_EVERY = 15.0  # seconds after which a quiet stream says that it is still there
_BACKLOG = 1000  # messages that a slow listener may be behind before it is cut off
_FIGURES = (Epoch.number, Epoch.cost, Epoch.accuracy, Epoch.test_cost, Epoch.test_accuracy)

_log = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where a stream goes on after its snapshot, and who listens."""

    channel: str  # one of _CHANNELS
    epoch: int  # the newest that the snapshot knows
    token: str | None = (
        None  # the wall's, if that let the listener in: a new one ends the stream
    )


def stream(session, run_id):
    """The answer to a page that wants to follow: all runs, and the epochs of one, so far."""
    run = by_number(session, TrainingRun, run_id)
    return _answer(session, Place("admin", _last_epoch(session)), run and run.id)


def wall_stream(session, token=None):
    """The answer to a wall: all that the room may see.

    token : what let the listener in, if it was not a session of the presenter's.
    """
    run = _begun_last(session)
    return _answer(session, Place("wall", _last_epoch(session), token), run and run.id)


def workshop_stream(session):
    """The answer to the page that switches the wall and shows who joins."""
    return _answer(session, Place("workshop", _last_epoch(session)), None)


def _answer(session, place, run_id):
    request.environ[STREAM] = place
    messages = [*_CHANNELS[place.channel](session), *_epochs(session, Epoch.run_id == run_id)]
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


def _wall_states(session):
    """The same of what the room may see, and nothing else."""
    for about, state in wall.view(session).items():
        yield about, _message(about, state)
    run = _begun_last(session)
    if run:
        yield "run", _message("run", _run_of_wall(run))
    live = registry.live(session)
    accuracy = live.version.figures.get("test_accuracy")
    told = {"change": live.id, "version": live.version_id, "accuracy": accuracy}
    yield "live", _message("live", told)
    yield "addresses", _addresses(session)


def _workshop_states(session):
    drawings = [wall.as_shown(drawing) for drawing in wall.latest(session)]
    yield "drawings", _message("drawings", drawings)
    yield "devices", _message("devices", devices.seen_lately(session))
    yield "addresses", _addresses(session)


def _addresses(session):
    return _message("addresses", wall.in_order(session, joining.of_this_machine()))


_CHANNELS = {"admin": _states, "wall": _wall_states, "workshop": _workshop_states}


def _begun_last(session):
    """The newest run that does not wait, or None; one that is under way comes first."""
    begun = [r for r in training.latest(session) if r.status != TrainingRun.WAITING]
    under_way = [r for r in begun if r.status == TrainingRun.RUNNING]
    return next(iter(under_way or begun), None)


def _run_of_wall(run):
    version = training.version_of(run)
    return {
        "id": run.id,
        "status": run.status,
        "epochs": run.settings["epochs"],
        "pictures": [run.pictures_done, run.pictures_total],
        "version": version and version.id,
    }


def _run(run, place_in_line):
    version = training.version_of(run)
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
        "version": version and version.id,
        "accuracy": version and version.figures.get("test_accuracy"),
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
        sa.select(sa.func.max(Drawing.id)).scalar_subquery(),
        sa.select(sa.func.sum(TrainingRun.pictures_done)).scalar_subquery(),
    )
    # All in one index: which drawings there are, with what labels, by what became of them.
    sums = sa.func.count(), sa.func.sum(Drawing.id), sa.func.sum(Drawing.label)
    drawings = sa.select(Drawing.status, *sums).group_by(Drawing.status)
    return (
        *session.execute(query).one(),
        *session.execute(drawings).all(),
        devices.seen_lately(session),
        training.worker_is_there(session),
        time.monotonic() // _TICK,
    )


def _last_epoch(session):
    return session.scalar(sa.select(sa.func.max(Epoch.id))) or 0


def _message(kind, data):
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()


class Feed:
    """Tells the streams of one process, in its event loop, what changes."""

    def __init__(self, database):
        self._database = database
        self._listeners = {}  # queue -> Place
        self._cursor = 0
        self._told = {}
        self._task = None
        self._thread = ThreadPoolExecutor(max_workers=1)

    @contextlib.contextmanager
    def listen(self, place):
        """A queue of messages, bytes, from the snapshot with this Place on; None ends it."""
        queue = asyncio.Queue()
        self._listeners[queue] = place
        # Back to what the snapshot may have missed.
        is_first = len(self._listeners) == 1
        self._cursor = place.epoch if is_first else min(self._cursor, place.epoch)
        self._told = {}
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        try:
            yield queue
        finally:
            self._listeners.pop(queue, None)

    async def _follow(self):
        loop = asyncio.get_running_loop()
        while self._listeners:
            cursor, told = self._cursor, self._told
            channels = {place.channel for place in self._listeners.values()}
            try:
                look = loop.run_in_executor(self._thread, self._changes, cursor, told, channels)
                messages, last, token = await look
            except SQLAlchemyError as error:
                _log.warning("no look at the database: %s", error)
            else:
                if self._cursor == cursor:  # nobody came meanwhile who needs older ones
                    self._cursor = last
                self._end_all_but(token)
                for channel, message in messages:
                    self._tell(channel, message)
            await asyncio.sleep(_LOOK_EVERY)

    def _changes(self, cursor, told, channels):
        """The (channel, message) that are news, the newest epoch, and the wall's token.

        The channel is None for what all listen to, the token None when nothing has changed.
        """
        with self._database.reading() as session:
            mark = _mark(session)
            if told.get("mark") == mark:
                return [], cursor, None
            last = _last_epoch(session)
            messages, news = [], {"mark": mark}
            for channel in channels:
                for about, message in _CHANNELS[channel](session):
                    if told.get((channel, about)) != message:
                        news[channel, about] = message
                        messages.append((channel, message))
            messages += [(None, message) for _, message in _epochs(session, Epoch.id > cursor)]
            token = wall.token(session)
        told.update(news)  # not before all went well
        return messages, last, token

    def _tell(self, channel, message):
        for queue, place in list(self._listeners.items()):
            if channel not in (None, place.channel):
                continue
            if queue.qsize() < _BACKLOG:
                queue.put_nowait(message)
            else:
                self._end(queue)

    def _end_all_but(self, token):
        """End the streams that another token of the wall let in."""
        for queue, place in list(self._listeners.items()):
            if token and place.token not in (None, token):
                self._end(queue)

    def _end(self, queue):
        self._listeners.pop(queue, None)
        queue.put_nowait(None)


async def pump(feed, place, transport, closed):
    """Send a stream's messages until the client goes, which is when `closed` is done."""
    closed = asyncio.ensure_future(closed)
    with feed.listen(place) as queue:
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
