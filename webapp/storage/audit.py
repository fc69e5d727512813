"""The log of what was done, for the presenter to read."""

import sqlalchemy as sa

from webapp.storage.tables import AuditEntry

SHOWN = 200  # entries on the page


def note(session, sentence):
    """Add a line to the log, with the time."""
    session.add(AuditEntry(sentence=sentence))


def note_counted(session, kind, number, template):  # noqa: ARG001
    """Add an entry for `number` events of one kind."""
    note(session, template.format(count=number, s="" if number == 1 else "s"))


def latest(session):
    """The newest entries, newest first."""
    query = sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(SHOWN)
    return session.scalars(query).all()
