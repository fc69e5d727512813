"""Nudges for the training worker, through huey: a SQLite file in the data folder, or Redis.

The runs that wait are rows of a table. A nudge only says "look there now": it names no run, so
it cannot be stale, and a nudge that is lost only delays the work by some seconds.

huey and Redis take a quarter of a second to import. Import this module where it is used.
"""

import contextlib
import json
import logging
import sqlite3
import time
from collections.abc import Callable, Iterator

from huey import Huey, RedisHuey, SqliteHuey
from huey.registry import Message
from huey.serializer import Serializer
from redis import ConnectionPool, RedisError
from redis.backoff import NoBackoff
from redis.retry import Retry

from webapp.config import Settings

FILE = "queue.db"
_LOOK_EVERY = 0.1  # seconds between two looks of an idle worker into the queue
_PATIENCE = 2  # seconds to wait for a Redis that does not answer

# What is raised when the queue is locked, full or out of reach.
ERRORS = (sqlite3.Error, RedisError)

_log = logging.getLogger(__name__)


class _JsonSerializer(Serializer):
    """Messages as JSON: huey's own pickle would run the code in a foreign message."""

    def _serialize(self, data: Message) -> bytes:
        return json.dumps(data).encode()

    def _deserialize(self, data: bytes) -> Message:
        return Message(*json.loads(data))


def nudge(settings: Settings) -> None:
    """Let the training worker look for waiting runs and unread drawings at once."""
    try:
        with _opened(settings) as huey:
            huey.task(name="nudge")(lambda: None)()
    except ERRORS as error:
        _log.warning("the worker was not nudged, so its work begins later: %s", error)


def reach(settings: Settings) -> None:
    """Raise one of ERRORS if the queue cannot be used."""
    with _opened(settings) as huey:
        huey.pending_count()


def receive_nudges(settings: Settings, wake: Callable[[], object]) -> None:
    """Call `wake` at every nudge, until the process ends. Without a queue it waits for one."""
    huey, is_away = receiver(settings, wake), False
    while True:
        try:
            nudge = huey.dequeue()
        except Exception as error:  # it is away, or the message is none of ours
            if not is_away:
                _log.warning("there are no nudges, so work begins later: %s", error)
            is_away = True
            time.sleep(_PATIENCE)
            continue
        is_away = False
        if nudge:
            huey.execute(nudge)
        else:
            time.sleep(_LOOK_EVERY)


def receiver(settings: Settings, wake: Callable[[], object]) -> Huey:
    """The queue, which calls `wake` when it executes a nudge."""
    huey = _huey(settings)

    # huey knows a task by its module and name: it must be a function of this module.
    @huey.task(name="nudge")
    def nudged() -> None:
        wake()

    return huey


@contextlib.contextmanager
def _opened(settings: Settings) -> Iterator[Huey]:
    """The queue for a moment."""
    huey = _huey(settings)
    try:
        yield huey
    finally:
        huey.storage.close()


def _huey(settings: Settings) -> Huey:
    serializer = _JsonSerializer()
    if settings["redis_url"]:
        pool = ConnectionPool.from_url(
            settings["redis_url"],
            socket_timeout=_PATIENCE,
            socket_connect_timeout=_PATIENCE,
            retry=Retry(NoBackoff(), 0),  # a request waits for a nudge to be sent
        )
        return RedisHuey("inkling", connection_pool=pool, results=False, serializer=serializer)
    path = settings["data_dir"].resolve() / FILE
    return SqliteHuey("inkling", filename=str(path), results=False, serializer=serializer)
