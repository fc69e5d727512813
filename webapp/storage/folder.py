"""The data folder: held by one server at a time, with a database that is ready to use."""

import contextlib

from filelock import FileLock, Timeout

from webapp.config import ConfigError
from webapp.learning import versions
from webapp.storage.database import Database

_LOCK = "running.lock"


def open_database(settings):
    """The Database, with its tables, and the shipped model as version 1.

    Raises ConfigError if the database cannot be used.
    """
    database = Database(settings)
    database.prepare()
    with database.reading() as session:
        is_set_up = versions.is_set_up(session)
    if not is_set_up:
        with database.writing() as session:
            versions.register_shipped(session)
    return database


@contextlib.contextmanager
def hold(data_dir, patience):
    """Hold the data folder: two servers would take each other's training runs for dead.

    Raises ConfigError if another holds it for more than `patience` seconds.
    """
    lock = FileLock(data_dir / _LOCK)
    try:
        lock.acquire(timeout=patience)
    except Timeout:
        raise ConfigError(
            f"Another Inkling is running on the data folder {data_dir}. "
            "End it first, or use another --data-dir."
        ) from None
    try:
        yield
    finally:
        lock.release()
