"""What each kind of database needs: SQLite, and PostgreSQL.

SQLite has one place for a writer. On PostgreSQL a session that may write any row takes an
advisory lock and writes alone, so what it has read stays true until it has written, without a
lock on each row. Sessions that write one owner's rows share that lock, and take another one of
this owner: hundreds of people give drawings at the same time.
"""

import contextlib
import functools
import hashlib
import sqlite3
from typing import Any

import sqlalchemy as sa

PATIENCE = 3  # seconds to wait for another process that writes
_SLOWEST = 10  # seconds that PostgreSQL may take for a statement
_WRITER = 0x1A6  # the number of the advisory lock: any will do
_WAL_KEPT = 16 * 2**20  # bytes of SQLite's log that stay in the folder
_FREE_KEPT = 8 * 2**20  # bytes of deleted rows that its file keeps for new ones


def create(url: sa.URL) -> sa.Engine:
    """The engine for a database at this address.

    Raises ImportError or NoSuchModuleError if there is no driver for it.
    """
    if url.get_backend_name() == "sqlite":
        engine = sa.create_engine(url, connect_args={"timeout": PATIENCE})
        sa.event.listen(engine, "connect", _set_up_sqlite)
        sa.event.listen(engine, "begin", _begin_sqlite)
        return engine
    if url.drivername != "postgresql+psycopg":
        return sa.create_engine(url, pool_pre_ping=True)
    engine = sa.create_engine(url, pool_pre_ping=True, connect_args=_TIMEOUTS)
    sa.event.listen(engine, "do_connect", _connect_impatiently)
    sa.event.listen(engine, "begin", _begin_postgresql)
    return engine


def for_writing(engine: sa.Engine, owner: str | None = None) -> sa.Engine:
    """The engine for sessions that write: any rows, or those of an owner."""
    return engine.execution_options(inkling_writes=True, inkling_owner=owner)


def tidy_sqlite(path: str) -> None:
    """Shrink the file if most of it is free, and empty its log; OperationalError if in use."""
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as db:
        pages, free, size = (
            db.execute(f"PRAGMA {name}").fetchone()[0]
            for name in ("page_count", "freelist_count", "page_size")
        )
        if free > pages / 2 and free * size > _FREE_KEPT:
            db.execute("VACUUM")
        db.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchall()


def _set_up_sqlite(connection: sqlite3.Connection, _record: object) -> None:
    """Let readers and a writer work at the same time (WAL). Commits survive kill -9.

    What is deleted is overwritten: a withdrawn drawing leaves nothing in the file.
    """
    connection.isolation_level = None  # see _begin_sqlite
    cursor = connection.cursor()
    cursor.execute("PRAGMA journal_mode = WAL")
    cursor.execute("PRAGMA synchronous = NORMAL")
    cursor.execute("PRAGMA foreign_keys = ON")
    cursor.execute("PRAGMA secure_delete = ON")
    cursor.execute(f"PRAGMA journal_size_limit = {_WAL_KEPT}")
    cursor.close()


def _begin_sqlite(connection: sa.Connection) -> None:
    """Begin transactions ourselves: the driver would begin them with the first write only."""
    connection.exec_driver_sql("BEGIN IMMEDIATE" if _writes(connection) else "BEGIN")


def _begin_postgresql(connection: sa.Connection) -> None:
    if not _writes(connection):
        return
    owner = connection.get_execution_options()["inkling_owner"]
    if owner is None:
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_WRITER})")
    else:
        connection.exec_driver_sql(
            f"SELECT pg_advisory_xact_lock_shared({_WRITER}), "
            f"pg_advisory_xact_lock({_WRITER}, {_number_of(owner)})"
        )


def _number_of(owner: str) -> int:
    """A number for the lock of an owner, 32 bits. Two owners may by chance wait for another."""
    digest = hashlib.sha256(owner.encode()).digest()
    return int.from_bytes(digest[:4], "big", signed=True)


def _writes(connection: sa.Connection) -> bool:
    return bool(connection.get_execution_options().get("inkling_writes"))


# PostgreSQL's own limits, in milliseconds: it ends what takes longer. The third one ends a node
# that hangs while it writes, so that the other nodes go on.
_TIMEOUTS: dict[str, Any] = {
    "connect_timeout": PATIENCE,
    "options": " ".join(
        f"-c {name}={seconds * 1000}"
        for name, seconds in (
            ("lock_timeout", PATIENCE),
            ("statement_timeout", _SLOWEST),
            ("idle_in_transaction_session_timeout", 3 * _SLOWEST),
        )
    ),
}


def _connect_impatiently(
    _dialect: sa.Dialect, _record: object, args: Any, options: dict[str, Any]
) -> Any:
    return _impatient().connect(*args, **options)


@functools.cache
def _impatient() -> Any:
    """psycopg's connection, with an end to its patience: a server that hangs has no limits."""
    import psycopg  # few servers use it

    class Impatient(psycopg.Connection[Any]):
        def wait(self, gen: Any, interval: float = 0.1, timeout: float | None = None) -> Any:
            try:
                return super().wait(gen, interval, timeout or _SLOWEST + 1)
            except psycopg.errors.OperationalError:
                if self.pgconn.transaction_status == psycopg.pq.TransactionStatus.ACTIVE:
                    self.pgconn.finish()  # its answer may come to another question
                raise

    return Impatient
