"""The training worker, which `python -m webapp` starts and watches.

It trains the runs that wait, reads the room's drawings again when another version is live, and
keeps the database tidy.
"""

import contextlib
import logging
import os
import threading
import time
from collections.abc import Callable

from webapp import config
from webapp.learning import queue, rereading, runs, trainer
from webapp.room import devices
from webapp.server.processes import end_with_parent
from webapp.storage.database import Database
from webapp.storage.folder import PICTURES
from webapp.storage.outage import UNAVAILABLE

_AGAIN_AFTER = 2.0  # seconds until the next sign of life, or look for work without a nudge

_log = logging.getLogger(__name__)


def main() -> None:
    """Work until told to end."""
    logging.basicConfig(level=logging.WARNING)
    end_with_parent()
    settings = config.from_environment(os.environ)
    database = Database(settings)

    worker, lookout = _enter(database), runs.Lookout()

    def show_life() -> None:
        with database.writing() as session:
            runs.sign_of_life(session, worker)
            lookout.look(session)
            devices.forget_old(session)

    trains, reads = threading.Event(), threading.Event()

    def wake() -> None:
        trains.set()
        reads.set()

    pictures = settings["data_dir"] / PICTURES
    _repeat(show_life, threading.Event())
    _repeat(database.tidy, threading.Event())
    _repeat(lambda: trainer.train_waiting(database, pictures, worker), trains)
    _repeat(lambda: rereading.reread(database), reads)
    queue.receive_nudges(settings, wake)


def _enter(database: Database) -> int:
    """Begin to be a training worker as soon as the database can be used; its number."""
    while True:
        with contextlib.suppress(*UNAVAILABLE), database.writing() as session:
            return runs.enter(session, is_alone=database.is_sqlite)
        time.sleep(_AGAIN_AFTER)


def _repeat(work: Callable[[], None], nudged: threading.Event) -> None:
    """In a thread of its own, do work now, at every nudge, and every few seconds."""

    def repeat() -> None:
        while True:
            nudged.clear()
            try:
                work()
            except UNAVAILABLE:
                pass  # the log has it
            except Exception:
                _log.exception("the worker goes on after an error")
            nudged.wait(_AGAIN_AFTER)

    threading.Thread(target=repeat, daemon=True).start()


if __name__ == "__main__":
    main()
