"""The training worker, which `python -m webapp` starts and watches."""

import contextlib
import logging
import os
import threading
import time

from sqlalchemy.exc import SQLAlchemyError

from webapp import config
from webapp.learning import runs
from webapp.learning.queue import TaskQueue
from webapp.room import devices
from webapp.server.processes import end_with_parent
from webapp.storage.folder import open_database

_SIGN_OF_LIFE_EVERY = 2.0  # seconds
_NICENESS = 0  # predictions come first

_log = logging.getLogger(__name__)


def main():
    """Train what is put in line, until told to end."""
    logging.basicConfig(level=logging.WARNING)
    end_with_parent()
    if hasattr(os, "nice"):
        os.nice(_NICENESS)
    settings = config.from_environment(os.environ)
    database = open_database(settings)
    queue = TaskQueue(settings, database)
    with database.writing() as session:
        runs.sign_of_life(session)
        runs.interrupt_running(session)
        waiting = runs.waiting(session)
    for run_id in waiting:  # whose place in line may be lost, with the worker or the queue
        with contextlib.suppress(runs.RunError):  # the run tells what went wrong
            queue.add(run_id)
    threading.Thread(target=_show_life, args=(database,), daemon=True).start()
    queue.work()


def _show_life(database):
    while True:
        time.sleep(_SIGN_OF_LIFE_EVERY)
        try:
            with database.writing() as session:
                runs.sign_of_life(session)
                devices.forget_old(session)
        except SQLAlchemyError as error:
            _log.warning("no sign of life could be written: %s", error)


if __name__ == "__main__":
    main()
