"""The database: engine, sessions, and its upgrade at start.

SQLite in the data folder by default, any SQLAlchemy URL by DATABASE_URL.
"""

import contextlib
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import DeclarativeBase, Session

from webapp.config import ConfigError, Settings
from webapp.storage import engines
from webapp.storage.outage import Outage

FILE = "inkling.db"
MIGRATIONS = Path(__file__).parent / "migrations"
MAX_ID = 2**31 - 1  # the highest number of a row that every database takes


class DatabaseAway(ConfigError):
    """The database cannot be used now: locked, full, damaged or out of reach."""

    code = "database_unavailable"


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
            self.engine = engines.create(self.url)
        except (ImportError, sa.exc.NoSuchModuleError) as error:
            raise ConfigError(
                "DATABASE_URL: the driver for {driver!r} is not installed: {error}.",
                driver=self.url.drivername,
                error=error,
            ) from error
        self._writer = engines.for_writing(self.engine)
        self._outage = Outage()

    @property
    def is_sqlite(self) -> bool:
        return self.url.get_backend_name() == "sqlite"

    @contextlib.contextmanager
    def reading(self) -> Iterator[Session]:
        """A session that sees one state of the database throughout."""
        with self._outage.watched("read"), Session(self.engine) as session:
            yield session

    @contextlib.contextmanager
    def writing(self, owner: str | None = None) -> Iterator[Session]:
        """A session whose changes are all kept if the block ends well, and none otherwise.

        Without an owner it writes alone, on all machines, from its first statement on: what
        it reads stays true until it has written.

        owner : whose rows it writes and no others, such as a person's token. On PostgreSQL,
            sessions of different owners write at the same time, and only what a session reads
            of its owner's rows stays true. Sessions of two owners must not write the same row,
            unless they lock it (`with_for_update`) before they read it. On SQLite every
            session writes alone.
        """
        engine = self._writer if owner is None else engines.for_writing(self.engine, owner)
        with (
            self._outage.watched("written"),
            Session(engine, expire_on_commit=False) as session,
            session.begin(),
        ):
            yield session

    def close(self) -> None:
        """Close all connections."""
        self.engine.dispose()

    def tidy(self) -> None:
        """Give the space of deleted rows back, and leave nothing of them in SQLite's log.

        Never waits: if others use the database just now, this is left to the next call.
        """
        if self.is_sqlite:
            with contextlib.suppress(sqlite3.OperationalError):
                engines.tidy_sqlite(self.url.database or "")

    def upgrade(self, target: str | None = None) -> None:
        """Create the tables, or bring those of an older Inkling up to date.

        An older SQLite database is first copied to a file beside it.

        target : the revision to reach; the newest by default

        Raises DatabaseAway if the database cannot be used, ConfigError if it is newer.
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
            raise self.away(error) from error

    def away(self, error: Exception) -> DatabaseAway:
        """The refusal that says why the database cannot be used, in one line."""
        return DatabaseAway(
            "The database {address} cannot be used: {reason}",
            address=self.url.render_as_string(),
            reason=" ".join(str(getattr(error, "orig", error)).split()),
        )

    def revisions(self) -> tuple[str | None, str]:
        """The revision of its tables, None without any, and the newest, which we need.

        Raises DatabaseAway if the database cannot be used.
        """
        try:
            return self._revision(), _newest()
        except SQLAlchemyError as error:
            raise self.away(error) from error

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
