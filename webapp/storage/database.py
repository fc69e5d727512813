"""The database: engine, sessions, and its upgrade at start.

SQLite in the data folder by default, any SQLAlchemy URL by DATABASE_URL.
"""

import contextlib
import sqlite3
import time
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from webapp.config import ConfigError

FILE = "inkling.db"
MIGRATIONS = Path(__file__).parent / "migrations"
MAX_ID = 2**31 - 1  # the highest number of a row that every database takes
_PATIENCE = 3  # seconds to wait for another process that writes


class Base(DeclarativeBase):
    """Of all tables."""


class Database:
    """Sessions on one database: `reading` and `writing`, context managers both."""

    def __init__(self, settings):
        self.url = _url(settings)
        try:
            self.engine = sa.create_engine(self.url, **_options(self.url))
        except (ImportError, sa.exc.NoSuchModuleError) as error:
            raise ConfigError(
                f"DATABASE_URL: there is no driver for {self.url.drivername!r} here: {error}."
            ) from error
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        self._writer = self.engine.execution_options(inkling_writes=True)

    @property
    def is_sqlite(self):
        return self.url.get_backend_name() == "sqlite"

    @contextlib.contextmanager
    def reading(self):
        """A session that sees one state of the database throughout."""
        with Session(self.engine) as session:
            yield session

    @contextlib.contextmanager
    def writing(self):
        """A session whose changes are kept when the block ends well, or else none of them.

        On SQLite it has the database's one writing place from its first statement on: what
        it reads stays true until it has written.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self):
        """Close all connections."""
        self.engine.dispose()

    def prepare(self, target=None):
        """Create the tables, or bring those of an older Inkling up to date.

        A SQLite database that is older is first copied to a file beside it. `target` is the
        revision to reach, the newest by default. Raises ConfigError if the database cannot be
        used.
        """
        target = target or _newest()
        try:
            revision = self._revision()
            if revision == target:
                return
            if revision and revision > target:
                raise ConfigError(
                    f"The database {self.url.render_as_string()} is a newer Inkling's. Use "
                    "that one, or another data folder."
                )
            if revision and self.is_sqlite:
                self._back_up(revision)
            self._upgrade(target)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            reason = getattr(error, "orig", error)
            raise ConfigError(
                f"The database {self.url.render_as_string()} cannot be used: {reason}"
            ) from error

    def _revision(self):
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))

    def _back_up(self, revision):
        stamp = time.strftime("%Y%m%d-%H%M%S")
        copy = Path(self.url.database).with_suffix(f".before-{stamp}-revision-{revision}.db")
        with (
            contextlib.closing(sqlite3.connect(self.url.database)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)

    def _upgrade(self, target):
        from alembic import command  # slow to import, and needed only where there is something
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS))
        with self._writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, target)


def by_number(session, table, number):
    """The row of a table with this number; None if there is none, however large it is."""
    return session.get(table, number) if 0 < number <= MAX_ID else None


def _newest():
    """The newest revision: the files in migrations/versions are numbered."""
    return max(path.stem[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _url(settings):
    if not settings["database_url"]:
        return sa.URL.create("sqlite", database=str(settings["data_dir"].resolve() / FILE))
    try:
        url = sa.make_url(settings["database_url"])
    except sa.exc.ArgumentError as error:
        raise ConfigError(
            "DATABASE_URL is not an address such as postgresql://host/name."
        ) from error
    if url.drivername in ("postgres", "postgresql"):  # as hosts of databases write it
        return url.set(drivername="postgresql+psycopg")
    return url


def _options(url):
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": _PATIENCE}}
    return {"pool_pre_ping": True}


def _set_up_sqlite(connection, _record):
    """Readers and a writer at the same time (WAL); what is committed survives kill -9."""
    connection.isolation_level = None  # see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection):
    """Transactions of our own: the driver's would begin with the first write only."""
    writes = connection.get_execution_options().get("inkling_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
