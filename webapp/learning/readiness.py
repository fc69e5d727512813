"""What a workshop needs beside the web server: database, live model, queue, training worker.

Each check returns a sentence if all is well, and raises NotReady with what is wrong and how to
mend it. `/readyz` and `python -m webapp doctor` show them.
"""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from sqlalchemy.exc import SQLAlchemyError

from nn.files import ModelFileError
from nn.refusal import Refusal
from webapp.config import ALL, Settings
from webapp.learning import runs, versions
from webapp.storage.database import Database


class NotReady(Refusal):
    """Something does not work; the sentence says how to mend it."""

    code = "not_ready"


class Finding(NamedTuple):
    name: str
    is_well: bool
    sentence: str


def look(database: Database, settings: Settings) -> list[Finding]:
    """All findings, in the order in which to mend what is wrong."""
    return list(findings(_CHECKS, database, settings))


def findings(checks: dict[str, Callable[..., str]], *about: object) -> Iterator[Finding]:
    """What each of the named checks finds."""
    for name, check in checks.items():
        try:
            yield Finding(name, True, check(*about))
        except Refusal as error:
            yield Finding(name, False, str(error))


def _database(database: Database, _settings: Settings) -> str:
    own, ours = database.revisions()
    if own is None:
        return "The next start makes the database."
    if own < ours:
        return (
            "The database is of an older Inkling. The next start keeps a copy, and upgrades it."
        )
    if own > ours:
        raise NotReady(
            "A newer Inkling made the database. Use that Inkling, or another --data-dir."
        )
    try:
        with database.writing("readiness") as session:  # people give meanwhile
            session.connection()  # or nothing would begin
            return "The database can be read and written."
    except SQLAlchemyError as error:
        raise database.away(error) from error


def _model(database: Database, _settings: Settings) -> str:
    try:
        with database.reading() as session:
            _, number = versions.live_key(session)
            versions.load(session, number)
    except (ModelFileError, versions.RegistryError) as error:
        raise NotReady(
            "The live version cannot be used: {reason} Promote another one.", reason=error
        ) from error
    except SQLAlchemyError:
        raise NotReady(
            "There is no live version yet: the database has none. The model that came with "
            "Inkling answers."
        ) from None
    return f"Version {number} is live."


def _queue(_database: Database, settings: Settings) -> str:
    from webapp.learning import queue  # slow to import

    try:
        queue.reach(settings)
    except queue.ERRORS as error:
        raise NotReady(
            "The queue cannot be used: {reason}. Training begins a few seconds later. Check "
            "REDIS_URL, or whether queue.db in the data folder can be written.",
            reason=error,
        ) from error
    return "The queue can be used."


def _worker(database: Database, settings: Settings) -> str:
    try:
        with database.reading() as session:
            is_there = runs.worker_is_there(session)
    except SQLAlchemyError:
        is_there = False
    if not is_there and settings["role"] != ALL:
        raise NotReady(
            "No training worker has shown itself for {seconds} s. Start one, on any machine, "
            "with --role worker. If one runs, let the clocks of all machines follow a time "
            "server.",
            seconds=runs.WORKER_MISSED_AFTER,
        )
    if not is_there:
        raise NotReady(
            "No training worker has shown itself for {seconds} s. It starts with the server; "
            "if the server runs, its terminal says why the worker ends.",
            seconds=runs.WORKER_MISSED_AFTER,
        )
    return "The training worker is there."


_CHECKS = {"database": _database, "model": _model, "queue": _queue, "worker": _worker}
