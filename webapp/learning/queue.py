"""The line in which training runs wait: huey, on SQLite in the data folder or on Redis."""

import json
import sqlite3

from huey import RedisHuey, SqliteHuey
from huey.constants import WORKER_THREAD
from huey.registry import Message
from huey.serializer import Serializer
from redis import RedisError

from webapp.learning import runs, trainer

FILE = "queue.db"
_LOOK_EVERY = 0.1  # seconds between two looks of an idle worker into the queue


class _JsonSerializer(Serializer):
    """Messages as JSON instead of pickle: a foreign one can at worst name a run."""

    def _serialize(self, data):
        return json.dumps(data).encode()

    def _deserialize(self, data):
        return Message(*json.loads(data))


class TaskQueue:
    """Takes the ids of runs that wait, and trains them one after the other."""

    def __init__(self, settings, database):
        options = {"name": "inkling", "results": False, "serializer": _JsonSerializer()}
        if settings["redis_url"]:
            self._huey = RedisHuey(url=settings["redis_url"], **options)
        else:
            path = settings["data_dir"].resolve() / FILE
            self._huey = SqliteHuey(filename=str(path), **options)
        self._database = database
        self._train = self._huey.task(name="train")(
            lambda run_id: trainer.execute(database, run_id)
        )

    def add(self, run_id):
        """Put a run in line. Twice does no harm: what does not wait any more is not trained.

        Raises runs.RunError if the queue cannot be written; the run has failed then.
        """
        try:
            self._train(run_id)
        except (sqlite3.Error, RedisError) as error:
            reason = f"The queue of runs could not be written: {error}. Start the run again."
            trainer.fail(self._database, run_id, reason)
            raise runs.RunError(reason) from error

    def work(self):
        """Train what comes, until the process is told to end."""
        self._huey.create_consumer(
            workers=1,
            worker_type=WORKER_THREAD,
            periodic=False,
            initial_delay=_LOOK_EVERY,
            max_delay=_LOOK_EVERY,
            backoff=1,
        ).run()
