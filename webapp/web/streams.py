"""Database changes -> server-sent events.

A page that opens a stream first gets a snapshot, with everything that it needs to draw itself.
Then it gets every change of its channel, one of `webapp.web.channels`. Each process looks at
the database a few times a second, but only while somebody listens, and one look serves all
streams. No change is missed between snapshot and stream. Some messages arrive twice, which
does no harm: a message describes the state, not the change.
"""

import asyncio
import contextlib
from collections.abc import Awaitable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple

from flask import Response, request
from sqlalchemy.orm import Session

from webapp.room import wall
from webapp.storage.database import Database
from webapp.storage.outage import UNAVAILABLE
from webapp.storage.tables import Epoch
from webapp.web import auth, channels, languages

STREAM = "inkling.stream"  # in a request's environ: the answer is the beginning of a stream
_LOOK_EVERY = 0.2  # seconds
# A look takes longer the more drawings there are. After a long one, this many times as long
# passes until the next, and this many seconds at most.
_REST, _LONGEST_REST = 4, 2.0
_BEAT_EVERY = 10.0  # seconds without a message; server/feed.js waits for two of them
_BEAT = b"event: beat\ndata: null\n\n"  # tells the page that the connection is alive
_BACKLOG = 1000  # unsent messages of a slow listener, which is then cut off

Audience = tuple[str, str]  # who is told the same: a channel, and a language
Queue = asyncio.Queue[bytes | None]  # of messages; None ends the stream


class Place(NamedTuple):
    """Where a stream continues after its snapshot, and who listens."""

    channel: str  # one of channels.CHANNELS
    language: str
    epoch: int  # id of the newest epoch in the snapshot
    key: str  # what the listener came in with: the wall's token, or an admin session's id

    @property
    def audience(self) -> Audience:
        return self.channel, self.language


class News(NamedTuple):
    """What one look at the database found."""

    messages: list[tuple[Audience | None, bytes]]  # None is everyone
    epoch: int  # id of the newest epoch
    keys: set[str]  # that are valid now: the stream of a listener with another one ends


def stream(
    session: Session,
    channel: str,
    run_id: int | None = None,
    token: str | None = None,
    also: Iterable[tuple[str, bytes]] = (),
) -> Response:
    """The answer to a page that follows a channel, and the epochs of one run so far.

    token : the wall's token, if the listener came in with it
    also : further messages of the snapshot
    """
    key = token or auth.session_id()
    request.environ[STREAM] = Place(
        channel, languages.current(), channels.last_epoch(session), key
    )
    messages = [
        *channels.CHANNELS[channel](session),
        *channels.epochs(session, Epoch.run_id == run_id),
        *also,
    ]
    return Response(
        b"".join(message for _, message in messages),
        mimetype="text/event-stream",
        # The second is for nginx, which would wait until it has a few KiB.
        headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"},
    )


class Feed:
    """Sends changes to the streams of one process, in its event loop."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._listeners: dict[Queue, Place] = {}
        self._epoch = 0  # epochs up to this id were sent
        self._sent: dict[Any, Any] = {}  # the last mark, and the last message of each state
        self._task: asyncio.Task[None] | None = None
        self._thread = ThreadPoolExecutor(max_workers=1)

    @contextlib.contextmanager
    def listen(self, place: Place) -> Iterator[Queue]:
        """The queue of messages that follow the snapshot with this Place."""
        queue: Queue = asyncio.Queue()
        self._listeners[queue] = place
        # The snapshot may be older than what was sent: send all states and epochs again.
        is_first = len(self._listeners) == 1
        self._epoch = place.epoch if is_first else min(self._epoch, place.epoch)
        self._sent = {}
        if self._task is None or self._task.done():
            self._task = asyncio.create_task(self._follow())
        try:
            yield queue
        finally:
            self._listeners.pop(queue, None)

    async def _follow(self) -> None:
        loop = asyncio.get_running_loop()
        while self._listeners:
            epoch, sent = self._epoch, self._sent
            audiences = {place.audience for place in self._listeners.values()}
            begin = loop.time()
            try:
                look = loop.run_in_executor(self._thread, self._look, epoch, sent, audiences)
                news = await look
            except UNAVAILABLE:
                pass  # the log has it
            else:
                if self._epoch == epoch:  # no listener came meanwhile who needs older ones
                    self._epoch = news.epoch
                self._end_without(news.keys)
                for audience, message in news.messages:
                    self._send(audience, message)
            rest = min(_REST * (loop.time() - begin), _LONGEST_REST)
            await asyncio.sleep(max(_LOOK_EVERY, rest))

    def _look(self, epoch: int, sent: dict[Any, Any], audiences: set[Audience]) -> News:
        """What is new for these audiences since `epoch` and `sent`, which is updated."""
        with self._database.reading() as session:
            keys = auth.open_sessions(session) | {wall.token(session)}
            mark = channels.mark(session)
            if sent.get("mark") == mark:
                return News([], epoch, keys)
            last = channels.last_epoch(session)
            states: dict[Any, bytes] = {
                (audience, about): message
                for audience in audiences
                for about, message in _states(session, audience)
            }
            messages: list[tuple[Audience | None, bytes]] = [
                (key[0], message) for key, message in states.items() if sent.get(key) != message
            ]
            new_epochs = channels.epochs(session, Epoch.id > epoch)
            messages += [(None, message) for _, message in new_epochs]
            news = News(messages, last, keys)
        sent.update(states, mark=mark)  # only after the whole look has succeeded
        return news

    def _send(self, audience: Audience | None, message: bytes) -> None:
        for queue, place in list(self._listeners.items()):
            if audience not in (None, place.audience):
                continue
            if queue.qsize() < _BACKLOG:
                queue.put_nowait(message)
            else:
                self._end(queue)

    def _end_without(self, keys: set[str]) -> None:
        """End the streams of listeners who came in with none of these keys."""
        for queue, place in list(self._listeners.items()):
            if place.key not in keys:
                self._end(queue)

    def _end(self, queue: Queue) -> None:
        self._listeners.pop(queue, None)
        queue.put_nowait(None)


def _states(session: Session, audience: Audience) -> list[tuple[str, bytes]]:
    """The states of a channel, said in a language."""
    channel, language = audience
    with languages.speaking(language):
        return list(channels.CHANNELS[channel](session))


async def pump(feed: Feed, place: Place, transport: Any, closed: Awaitable[Any]) -> None:
    """Send a stream's messages until the client leaves: then `closed` is done."""
    leaving = asyncio.ensure_future(closed)
    with feed.listen(place) as queue:
        while True:
            coming = asyncio.ensure_future(queue.get())
            await asyncio.wait(
                {coming, leaving},
                timeout=_BEAT_EVERY,
                return_when=asyncio.FIRST_COMPLETED,
            )
            message = coming.result() if coming.done() else _BEAT
            coming.cancel()
            if leaving.done() or message is None:
                return
            await transport.send_bytes(message)
