"""Database changes -> server-sent events.

A page that opens a stream gets all that it needs to draw itself, a snapshot, and then every
change of its channel, one of `webapp.web.channels`. One look at the database a process, a few
times a second and only while somebody listens, serves all streams. Nothing is lost between the
two, and some things come twice: each message says how things stand, not what to do.
"""

import asyncio
import contextlib
import logging
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from webapp.room import wall
from webapp.storage.database import by_number
from webapp.storage.tables import Epoch, TrainingRun
from webapp.web import channels

STREAM = "inkling.stream"  # in a request's environ: the answer is the beginning of a stream
_LOOK_EVERY = 0.2  # seconds
_BREATH_EVERY = 15.0  # seconds after which a quiet stream says that it is still there
_BACKLOG = 1000  # messages that a slow listener may be behind before it is cut off

_log = logging.getLogger(__name__)


class Place(NamedTuple):
    """Where a stream goes on after its snapshot, and who listens."""

    channel: str  # one of channels.CHANNELS
    epoch: int  # the newest that the snapshot knows
    # The wall's, if that let the listener in: a new one ends the stream.
    token: str | None = None


def stream(session, run_id):
    """The answer to a page that wants to follow: all runs, and the epochs of one, so far."""
    run = by_number(session, TrainingRun, run_id)
    return _answer(session, Place("admin", channels.last_epoch(session)), run and run.id)


def wall_stream(session, token=None):
    """The answer to a wall: all that the room may see.

    token : what let the listener in, if it was not a session of the presenter's.
    """
    run = channels.begun_last(session)
    return _answer(session, Place("wall", channels.last_epoch(session), token), run and run.id)


def workshop_stream(session):
    """The answer to the page that switches the wall and shows who joins."""
    return _answer(session, Place("workshop", channels.last_epoch(session)), None)


def _answer(session, place, run_id):
    request.environ[STREAM] = place
    messages = [
        *channels.CHANNELS[place.channel](session),
        *channels.epochs(session, Epoch.run_id == run_id),
    ]
    return Response(
        b"".join(message for _, message in messages),
        mimetype="text/event-stream",
        headers={"Cache-Control": "no-store"},
    )


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
            names = {place.channel for place in self._listeners.values()}
            try:
                look = loop.run_in_executor(self._thread, self._changes, cursor, told, names)
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

    def _changes(self, cursor, told, names):
        """The (channel, message) that are news, the newest epoch, and the wall's token.

        The channel is None for what all listen to, the token None when nothing has changed.
        """
        with self._database.reading() as session:
            mark = channels.mark(session)
            if told.get("mark") == mark:
                return [], cursor, None
            last = channels.last_epoch(session)
            messages, heard = [], {"mark": mark}
            for channel in names:
                for about, message in channels.CHANNELS[channel](session):
                    if told.get((channel, about)) != message:
                        heard[channel, about] = message
                        messages.append((channel, message))
            messages += [
                (None, message) for _, message in channels.epochs(session, Epoch.id > cursor)
            ]
            token = wall.token(session)
        told.update(heard)  # not before all went well
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
