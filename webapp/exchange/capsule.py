"""The session capsule: one zip that holds what a session came to, and brings it back.

It holds no secret and nobody's name: no password, key or token, no sign-in log, and
participants as the numbers of their drawings' file. Everything is read in one state of the
database, and restored whole or not at all.

What restoring does, and why:

- Only a fresh Inkling takes a capsule, one with nothing but the version that it came with: two
  histories of what was live cannot be made one, and nothing that is there is lost.
- Versions keep their numbers, because drawings, runs and people refer to them. That goes for
  version 1 too. If another Inkling came with another model, its model is version 1 here from
  then on, and the model that this one came with follows as the newest version.
- What can be measured is measured anew: the figures on the held-out digits. Names, dates and
  the curves of runs are as the file tells them.
- Participants get new tokens: their devices give further drawings as new participants. Who is
  held out stays held out.
"""

import numpy as np
import sqlalchemy as sa

from nn import files
from webapp.exchange import drawing_files
from webapp.exchange.capsule_format import MAX_BYTES, CapsuleError
from webapp.exchange.capsule_reader import Capsule, read
from webapp.exchange.capsule_writer import approved, not_approved, pack
from webapp.learning import versions
from webapp.storage import audit
from webapp.storage.tables import (
    SHIPPED_VERSION,
    ActiveModel,
    Drawing,
    Epoch,
    ModelVersion,
    TrainingRun,
)

__all__ = [
    "MAX_BYTES",
    "Capsule",
    "CapsuleError",
    "approved",
    "not_approved",
    "pack",
    "read",
    "restore",
    "why_not_fresh",
]


def why_not_fresh(session):
    """None for an Inkling that a capsule can be restored into; else a sentence."""
    counts = {
        table: session.scalar(sa.select(sa.func.count()).select_from(table))
        for table in (ModelVersion, TrainingRun, Drawing)
    }
    if list(counts.values()) == [1, 0, 0]:
        return None
    return (
        f"This Inkling has a session of its own already: model versions: "
        f"{counts[ModelVersion]}, training runs: {counts[TrainingRun]}, drawings: "
        f"{counts[Drawing]}. Start an Inkling with an empty data folder (--data-dir), and "
        "restore the capsule there."
    )


def restore(session, capsule):
    """Bring back a Capsule, as `read` gave it; CapsuleError if this Inkling is not fresh.

    Raises drawing_files.ExchangeError for drawings that are none.
    """
    reason = why_not_fresh(session)
    if reason:
        raise CapsuleError(reason)
    shipped = versions.load(session, SHIPPED_VERSION)
    session.add_all(TrainingRun(**run) for run in capsule.runs)
    session.flush()
    if capsule.epochs:
        session.execute(sa.insert(Epoch), capsule.epochs)
    first, *others = capsule.versions
    for column, value in first.items():
        setattr(versions.version(session, SHIPPED_VERSION), column, value)
    session.add_all(ModelVersion(**version) for version in others)
    session.flush()
    _go_on_counting(session)
    _restore_history(session, capsule.history)
    if not _same(files.from_bytes(first["weights"]), shipped):
        versions.publish(session, shipped, "As this Inkling came", "shipped")
    if len(capsule.drawings.splitlines()) > 1:
        drawing_files.from_csv(session, capsule.drawings)
    audit.note(
        session,
        f"The session of {capsule.made:%Y-%m-%d %H:%M} UTC was restored from its capsule.",
    )


def _restore_history(session, history):
    """New rows with new ids, so that every process sees that something else is live."""
    session.execute(sa.delete(ActiveModel))
    rows = []
    for columns, back_to in history:
        previous = None if back_to is None else rows[back_to].id
        rows.append(ActiveModel(**columns, previous_id=previous))
        session.add(rows[-1])
        session.flush()


def _go_on_counting(session):
    """Let later numbers follow the restored ones; SQLite does so by itself."""
    if session.get_bind().dialect.name != "postgresql":
        return
    for table in (TrainingRun, ModelVersion):
        highest = session.scalar(sa.select(sa.func.max(table.id)))
        if highest:
            counter = sa.func.pg_get_serial_sequence(table.__tablename__, "id")
            session.execute(sa.select(sa.func.setval(counter, highest)))


def _same(model, other):
    """Whether two models answer the same to everything."""
    return (
        model.network.sizes == other.network.sizes
        and np.array_equal(model.network.parameters, other.network.parameters)
        and model.temperature == other.temperature
    )
