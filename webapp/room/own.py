"""A participant's own kept drawings: seen, corrected and withdrawn one by one."""

from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.refusal import Refusal
from webapp.storage import audit
from webapp.storage.database import by_number
from webapp.storage.tables import Drawing, Participant


def kept(session: Session, participant: Participant) -> Sequence[Drawing]:
    """The participant's kept drawings, newest first."""
    theirs = Drawing.participant_id == participant.id
    return session.scalars(sa.select(Drawing).where(theirs).order_by(Drawing.id.desc())).all()


def find(session: Session, participant: Participant | None, number: int) -> Drawing:
    """The participant's drawing of this number; Refusal if there is none, or no longer."""
    found = by_number(session, Drawing, number)
    if found is None or participant is None or found.participant_id != participant.id:
        raise Refusal("This drawing is not kept, or was withdrawn.", code="no_such_drawing")
    return found


def withdraw(session: Session, drawing: Drawing) -> None:
    """Delete one drawing, also one to learn from."""
    session.delete(drawing)
    session.flush()
    audit.note(session, "A participant withdrew a drawing.")
