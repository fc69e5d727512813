"""The training worker, which `python -m webapp` starts and watches.

It trains the runs that wait, and reads the room's drawings again when another version is live.
"""

import logging
import os
import threading
from collections.abc import Callable

from sqlalchemy.exc import SQLAlchemyError

from webapp import config
from webapp.learning import queue, rereading, runs, trainer
from webapp.room import devices
from webapp.server.processes import end_with_parent
from webapp.storage.database import Database
from webapp.storage.folder import PICTURES

_AGAIN_AFTER = 2.0  # seconds until the next sign of life, or look for work without a nudge

_log = logging.getLogger(__name__)


def main() -> None:
    """Work until told to end."""
    logging.basicConfig(level=logging.WARNING)
    end_with_parent()
    settings = config.from_environment(os.environ)
    database = Database(settings)

    def show_life() -> None:
        with database.writing() as session:
            runs.sign_of_life(session)
            devices.forget_old(session)

    with database.writing() as session:
        runs.interrupt_running(session)
    trains, reads = threading.Event(), threading.Event()

    def wake() -> None:
        trains.set()
        reads.set()

    pictures = settings["data_dir"] / PICTURES
    _repeat(show_life, threading.Event())
    _repeat(lambda: trainer.train_waiting(database, pictures), trains)
    _repeat(lambda: rereading.reread(database), reads)
    queue.receive_nudges(settings, wake)


def _repeat(work: Callable[[], None], nudged: threading.Event) -> None:
    """In a thread of its own, do work now, at every nudge, and every few seconds."""

    def repeat() -> None:
        while True:
            nudged.clear()
            try:
                work()
            except SQLAlchemyError as error:
                _log.warning("the database cannot be used: %s", error)
            except Exception:
                _log.exception("the worker goes on after an error")
            nudged.wait(_AGAIN_AFTER)

    threading.Thread(target=repeat, daemon=True).start()


if __name__ == "__main__":
    main()
