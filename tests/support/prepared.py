"""A data folder after a first start: made once, then copied, which is much faster."""

import contextlib
import functools
import sqlite3
import tempfile
import time
from pathlib import Path

import sqlalchemy as sa

from webapp import config
from webapp.learning import runs
from webapp.storage import first_start
from webapp.storage.database import FILE, Database
from webapp.storage.tables import TrainingRun

# Rows that a running server needs, the training worker's sign of life, and sessions of tests.
_STAYS = ("alembic_version", "worker", "admin_session")


def fill(data_dir):
    """Put the database of a first start into a data folder, unless it has one."""
    data_dir.mkdir(parents=True, exist_ok=True)
    if not (data_dir / FILE).exists():
        (data_dir / FILE).write_bytes(_database())


def first_start_of(settings):
    """Do what a first start does, the fast way where the database is a file."""
    if settings["database_url"]:
        first_start.prepare(settings)
    else:
        fill(settings["data_dir"])


def close(app):
    """End what an application does in the background, and its connections."""
    app.extensions["sightings"].finish()
    app.extensions["database"].close()


def empty(data_dir):
    """Bring the database of a running server back to what it was after the first start.

    The data folder is one that `fill` filled.
    """
    _end_runs(data_dir)
    copy = data_dir / "prepared.db"
    copy.write_bytes(_database())
    path = data_dir / FILE
    with contextlib.closing(sqlite3.connect(path, timeout=30, isolation_level=None)) as db:
        db.execute("ATTACH ? AS prepared", (str(copy),))
        db.execute("BEGIN IMMEDIATE")
        tables = db.execute("SELECT name FROM prepared.sqlite_master WHERE type = 'table'")
        for (name,) in tables.fetchall():
            if name not in _STAYS:
                db.execute(f"DELETE FROM main.{name}")
                db.execute(f"INSERT INTO main.{name} SELECT * FROM prepared.{name}")
        db.execute("COMMIT")


@functools.cache
def _database():
    """The bytes of the database that a first start makes."""
    with tempfile.TemporaryDirectory() as folder:
        settings = {"INKLING_DATA_DIR": folder, "INKLING_ADMIN_PASSWORD": "never used"}
        first_start.prepare(config.from_environment(settings))
        return (Path(folder) / FILE).read_bytes()


def _end_runs(data_dir):
    """Cancel all training runs, and wait until the worker has stopped."""
    database = Database(config.from_environment({"INKLING_DATA_DIR": str(data_dir)}))
    is_open = TrainingRun.status.in_((TrainingRun.WAITING, TrainingRun.RUNNING))
    while True:
        with database.writing() as session:
            found = session.scalars(sa.select(TrainingRun).where(is_open)).all()
            for run in found:
                runs.cancel(session, run.id)
        if not found:
            break
        time.sleep(0.05)
    database.close()
