"""The log of what was done, for the presenter to read."""

from collections.abc import Sequence
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.words import Sentence, counted
from webapp.storage.tables import AuditEntry, now

SHOWN = 200  # entries on the page
_MERGED_WITHIN = timedelta(minutes=10)


def note(session: Session, template: str | Sentence, /, **values: object) -> None:
    """Add an entry to the log, with the time: a sentence and the values in it."""
    session.add(AuditEntry(sentence=Sentence.of(template, values)))


def note_counted(session: Session, kind: str, number: int, one: str, many: str) -> None:
    """Add an entry for `number` events of one kind, or add them to the newest entry.

    They are added to the newest entry if that is of the same kind and less than ten minutes
    old: a hundred events in a row make one entry.

    one, many : the sentence for one event and for more, with {count} for how many there were
    """
    newest = session.scalars(_newest_first().limit(1)).first()
    count = number
    if newest and newest.kind == kind and now() - newest.at < _MERGED_WITHIN:
        count += newest.count or 0
    else:
        newest = None
    session.add(AuditEntry(sentence=counted(one, many, count), kind=kind, count=count))
    if newest:
        session.flush()  # the new entry first: streams look at the highest id
        session.delete(newest)


def latest(session: Session) -> Sequence[AuditEntry]:
    """The newest entries, newest first."""
    return session.scalars(_newest_first().limit(SHOWN)).all()


def _newest_first() -> sa.Select[AuditEntry]:
    return sa.select(AuditEntry).order_by(AuditEntry.id.desc())
