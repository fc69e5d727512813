"""The log of what was done, for the presenter to read."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.storage.tables import AuditEntry, now

SHOWN = 200  # entries on the page
_MERGED_WITHIN = timedelta(minutes=10)


def note(session: Session, sentence: str) -> None:
    """Add an entry to the log, with the time."""
    session.add(AuditEntry(sentence=sentence))


def note_counted(session: Session, kind: str, number: int, template: str) -> None:
    """Add an entry for `number` events of one kind, or add them to the newest entry.

    They are added to the newest entry if that is of the same kind and less than ten minutes
    old: a hundred events in a row make one entry.

    template : the sentence, with {count} for how many events there were, and {s} for the "s"
        of a plural
    """
    newest = session.scalars(_newest_first().limit(1)).first()
    count = number
    if newest and newest.kind == kind and now() - newest.at < _MERGED_WITHIN:
        count += newest.count or 0
    else:
        newest = None
    sentence = template.format(count=count, s="" if count == 1 else "s")
    session.add(AuditEntry(sentence=sentence, kind=kind, count=count))
    if newest:
        session.flush()  # the new entry first: streams look at the highest id
        session.delete(newest)


def latest(session: Session) -> Sequence[AuditEntry]:
    """The newest entries, newest first."""
    return session.scalars(_newest_first().limit(SHOWN)).all()


def _newest_first() -> sa.Select[AuditEntry]:
    return sa.select(AuditEntry).order_by(AuditEntry.id.desc())
