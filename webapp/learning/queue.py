"""Nudges for the training worker, through huey: a SQLite file in the data folder, or Redis.

The runs that wait are rows of a table. A nudge only says "look there now": it names no run, so
it cannot be stale, and a nudge that is lost only delays the work by some seconds.

huey and Redis take a quarter of a second to import. Import this module where it is used.
"""

import json
import logging
import sqlite3
from collections.abc import Callable

from huey import Huey, RedisHuey, SqliteHuey
from huey.constants import WORKER_THREAD
from huey.registry import Message
from huey.serializer import Serializer
from redis import RedisError

from webapp.config import Settings

FILE = "queue.db"
_LOOK_EVERY = 0.1  # seconds between two looks of an idle worker into the queue

# What is raised when the queue cannot be used.
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
    send = _huey(settings).task(name="nudge")(lambda: None)
    try:
        send()
    except ERRORS as error:
        _log.warning("the worker was not nudged, so its work begins later: %s", error)


def reach(settings: Settings) -> None:
    """Raise one of ERRORS if the queue cannot be used."""
    _huey(settings).pending_count()


def receive_nudges(settings: Settings, wake: Callable[[], object]) -> None:
    """Call `wake` at every nudge, until the process is told to end."""
    receiver(settings, wake).create_consumer(
        workers=1,
        worker_type=WORKER_THREAD,
        periodic=False,
        initial_delay=_LOOK_EVERY,
        max_delay=_LOOK_EVERY,
        backoff=1,
    ).run()


def receiver(settings: Settings, wake: Callable[[], object]) -> Huey:
    """The queue, which calls `wake` when it executes a nudge."""
    huey = _huey(settings)

    # huey knows a task by its module and name: it must be a function of this module.
    @huey.task(name="nudge")
    def nudged() -> None:
        wake()

    return huey


def _huey(settings: Settings) -> Huey:
    serializer = _JsonSerializer()
    if settings["redis_url"]:
        return RedisHuey(
            "inkling", url=settings["redis_url"], results=False, serializer=serializer
        )
    path = settings["data_dir"].resolve() / FILE
    return SqliteHuey("inkling", filename=str(path), results=False, serializer=serializer)
