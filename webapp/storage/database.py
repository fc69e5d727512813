"""The database: engine, sessions, and its upgrade at start.

SQLite in the data folder by default, any SQLAlchemy URL by DATABASE_URL.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from webapp.config import ConfigError, Settings

FILE = "inkling.db"
MIGRATIONS = Path(__file__).parent / "migrations"
MAX_ID = 2**31 - 1  # the highest number of a row that every database takes
_PATIENCE = 3  # seconds to wait for another process that writes


class Base(DeclarativeBase):
    """The base class of all tables."""


Table = TypeVar("Table", bound=Base)


class Database:
    """Gives sessions on one database, by `reading` and `writing`.

    Raises ConfigError if the address of the database is wrong.
    """

    def __init__(self, settings: Settings) -> None:
        self.url = _url(settings)
        try:
            self.engine = sa.create_engine(self.url, **_options(self.url))
        except (ImportError, sa.exc.NoSuchModuleError) as error:
            raise ConfigError(
                "DATABASE_URL: the driver for {driver!r} is not installed: {error}.",
                driver=self.url.drivername,
                error=error,
            ) from error
        if self.is_sqlite:
            sa.event.listen(self.engine, "connect", _set_up_sqlite)
            sa.event.listen(self.engine, "begin", _begin_sqlite)
        self._writer = self.engine.execution_options(inkling_writes=True)

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database throughout."""
        with Session(self.engine) as session:
            yield session

    @contextlib.contextmanager
    def writing(self) -> Iterator[Session]:
        """A session whose changes are all kept if the block ends well, and none otherwise.

        SQLite lets one session write at a time. This one holds that place from its first
        statement on, so what it reads stays true until it has written.
        """
        with Session(self._writer, expire_on_commit=False) as session, session.begin():
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def upgrade(self, target: str | None = None) -> None:
        """Create the tables, or bring those of an older Inkling up to date.

        An older SQLite database is first copied to a file beside it.

        target : the revision to reach; the newest by default

        Raises ConfigError if the database cannot be used.
        """
        target = target or _newest()
        try:
            revision = self._revision()
            if revision == target:
                return
            if revision and revision > target:
                raise ConfigError(
                    "A newer Inkling made the database {address}. Use that Inkling, or "
                    "another data folder.",
                    address=self.url.render_as_string(),
                )
            if revision and self.is_sqlite:
                self._back_up(revision)
            self._upgrade(target)
        except (SQLAlchemyError, sqlite3.Error, OSError) as error:
            raise ConfigError(
                "The database {address} cannot be used: {reason}",
                address=self.url.render_as_string(),
                reason=getattr(error, "orig", error),
            ) from error

    def _revision(self) -> str | None:
        with self.engine.connect() as connection:
            if not sa.inspect(connection).has_table("alembic_version"):
                return None
            return connection.scalar(sa.text("SELECT version_num FROM alembic_version"))

    def _back_up(self, revision: str) -> None:
        stamp = time.strftime("%Y%m%d-%H%M%S")
        path = Path(self.url.database or "")
        copy = path.with_suffix(f".before-{stamp}-revision-{revision}.db")
        with (
            contextlib.closing(sqlite3.connect(path)) as source,
            contextlib.closing(sqlite3.connect(copy)) as target,
        ):
            source.backup(target)

    def _upgrade(self, target: str) -> None:
        from alembic import command  # slow to import, and most starts have nothing to upgrade
        from alembic.config import Config

        config = Config()
        config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
        with self._writer.begin() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, target)


def by_number(session: Session, table: type[Table], number: int) -> Table | None:
    """The row of a table with this id; None if there is none. Any whole number will do."""
    return session.get(table, number) if 0 < number <= MAX_ID else None


def _newest() -> str:
    """The newest revision: the files in migrations/versions are numbered."""
    return max(path.stem[:4] for path in (MIGRATIONS / "versions").glob("[0-9]*.py"))


def _url(settings: Settings) -> sa.URL:
    if not settings["database_url"]:
        return sa.URL.create("sqlite", database=str(settings["data_dir"].resolve() / FILE))
    try:
        url = sa.make_url(settings["database_url"])
    except sa.exc.ArgumentError as error:
        raise ConfigError(
            "DATABASE_URL is not an address such as postgresql://host/name."
        ) from error
    if url.drivername in ("postgres", "postgresql"):  # as providers of databases write it
        return url.set(drivername="postgresql+psycopg")
    return url


def _options(url: sa.URL) -> dict[str, Any]:
    if url.get_backend_name() == "sqlite":
        return {"connect_args": {"timeout": _PATIENCE}}
    return {"pool_pre_ping": True}


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Let readers and a writer work at the same time (WAL). Commits survive kill -9."""
    connection.isolation_level = None  # see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin transactions ourselves: the driver would begin them with the first write only."""
    writes = connection.get_execution_options().get("inkling_writes")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")
