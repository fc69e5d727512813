"""Which drawings are accepted: the presenter's decisions, and people who are blocked.

Two presenters may decide at once. A decision says what its presenter saw of the drawing, and
never overwrites what another one has decided meanwhile.

Functions that change something take a session of `Database.writing`. They raise Refusal, with
a sentence.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import UNSET, Meta, Struct, UnsetType
from PIL import Image, ImageOps
from sqlalchemy.orm import Session

from nn.picture import PictureError, open_picture
from nn.refusal import Refusal
from nn.verdict import with_article
from nn.words import Sentence
from webapp.room.review import Filters, is_flagged
from webapp.storage import audit
from webapp.storage.database import MAX_ID, by_number
from webapp.storage.tables import Drawing, Participant

MODERATED = "moderated"  # kind of the log's entries about decisions
_SIDE = 280  # px of a picture on the page, at most

Status = Literal["pending", "approved", "rejected"]


class Seen(Struct, forbid_unknown_fields=True, frozen=True):
    """What a presenter saw of a drawing on deciding."""

    status: Status
    label: Annotated[int, Meta(ge=0, le=9)]


class Change(Struct, forbid_unknown_fields=True, frozen=True):
    """New values for one drawing: of the status, of the label or of both."""

    id: Annotated[int, Meta(ge=1, le=MAX_ID)]
    seen: Seen
    status: Status | UnsetType = UNSET
    label: Annotated[int, Meta(ge=0, le=9)] | UnsetType = UNSET

    @property
    def fields(self) -> dict[str, str | int]:
        """The new values by name."""
        given = {"status": self.status, "label": self.label}
        return {name: value for name, value in given.items() if value is not UNSET}


@dataclass
class Outcome:
    """The result of a change.

    before : Changes that undo it
    drawings : the drawings as they are now
    gone : numbers of drawings that were withdrawn or deleted before the change
    overtaken : numbers of drawings that another presenter has changed before, which stay so
    """

    before: list[Change]
    drawings: Sequence[Drawing]
    gone: Sequence[int] = ()
    overtaken: Sequence[int] = ()


def change(session: Session, changes: Sequence[Change]) -> Outcome:
    """Change status or label of drawings: all of them or, if one change is wrong, none.

    Drawings that are gone are skipped, and so are those that look different from what the
    presenter saw.
    """
    wanted = {each.id: each for each in changes}
    if len(wanted) < len(changes):
        raise Refusal("A drawing is in the list twice. Name each one once.", code="bad_changes")
    if not all(each.fields for each in changes):
        raise Refusal("A change needs a status, a label or both.", code="bad_changes")
    found = _ordered(session, Drawing.id.in_(wanted))
    there = {drawing.id for drawing in found}
    overtaken = [drawing.id for drawing in found if _is_overtaken(drawing, wanted[drawing.id])]
    before = _set(session, [(d, wanted[d.id].fields) for d in found if d.id not in overtaken])
    return Outcome(before, found, [n for n in wanted if n not in there], overtaken)


def decide_all(session: Session, person: int, status: Status) -> Outcome:
    """Give all pending drawings of a person another status."""
    _person(session, person)
    theirs = Drawing.participant_id == person
    found = _ordered(session, theirs & (Drawing.status == Drawing.PENDING))
    return _decide(session, found, status)


def approve_unflagged(session: Session, filters: Filters, newest: int) -> Outcome:
    """Approve the pending drawings that fit the filters and are not flagged.

    newest : the highest number that the presenter knows of; later drawings stay pending
    """
    chosen = sa.and_(
        *filters.conditions(),
        Drawing.status == Drawing.PENDING,
        Drawing.id <= newest,
        ~is_flagged(),
    )
    return _decide(session, _ordered(session, chosen), Drawing.APPROVED)


def block(session: Session, person: int, blocked: bool) -> None:
    """Accept no further drawings of a person, or accept them again."""
    found = _person(session, person)
    if found.blocked != blocked:
        found.blocked = blocked
        if blocked:
            audit.note(session, "Person {person} was blocked.", person=person)
        else:
            audit.note(session, "Person {person} was unblocked.", person=person)


def delete_all(session: Session) -> int:
    """Delete all drawings of everyone; how many there were. This cannot be undone."""
    number = len(session.scalars(sa.delete(Drawing).returning(Drawing.id)).all())
    audit.note(session, "All drawings were deleted: {number}.", number=number)
    return number


def doubt(drawing: Drawing) -> Sentence | None:
    """A sentence on a drawing that is doubtful, or None."""
    predicted, near = drawing.predicted, drawing.neighbours
    if not drawing.is_doubtful:
        return None
    if predicted is None:
        return Sentence("The neighbours see {near}.", near=with_article(near))
    if predicted == near:
        return Sentence("Network and neighbours see {near}.", near=with_article(near))
    return Sentence(
        "The network sees {predicted}, the neighbours {near}.",
        predicted=with_article(predicted),
        near=with_article(near),
    )


def picture(session: Session, number: int) -> bytes:
    """The picture of a drawing, a PNG of up to 280 px; Refusal if it is gone.

    The picture is decoded and encoded anew, so that the answer is a PNG whatever was sent.
    """
    query = sa.select(Drawing.picture).where(Drawing.id == number)
    data = session.scalar(query) if number <= MAX_ID else None
    if data is None:
        raise Refusal(
            "There is no drawing {n}, or no longer.", code="no_such_drawing", n=number
        )
    try:
        image = open_picture(data)
    except PictureError as error:
        raise Refusal(
            "The picture of drawing {n} cannot be shown: {reason}",
            code="no_such_drawing",
            n=number,
            reason=error,
        ) from error
    image = ImageOps.contain(image.convert("RGBA"), (_SIDE, _SIDE))
    paper = Image.new("RGBA", image.size, "white")
    buffer = io.BytesIO()
    Image.alpha_composite(paper, image).convert("L").save(buffer, "PNG")
    return buffer.getvalue()


def _ordered(session: Session, condition: sa.ColumnElement[bool]) -> Sequence[Drawing]:
    return session.scalars(sa.select(Drawing).where(condition).order_by(Drawing.id)).all()


def _decide(session: Session, found: Sequence[Drawing], status: str) -> Outcome:
    """Give all of the drawings a status."""
    before = _set(session, [(drawing, {"status": status}) for drawing in found])
    return Outcome(before, found)


def _is_overtaken(drawing: Drawing, change: Change) -> bool:
    """Whether another presenter has meanwhile decided otherwise."""
    looks_as_seen = _seen(drawing) == change.seen
    return not looks_as_seen and any(getattr(drawing, k) != v for k, v in change.fields.items())


def _seen(drawing: Drawing) -> Seen:
    return Seen(drawing.status, drawing.label)  # type: ignore[arg-type]


def _set(session: Session, wanted: list[tuple[Drawing, dict[str, Any]]]) -> list[Change]:
    """Give drawings their new values, and note it in the log; the Changes that undo it."""
    before = []
    for drawing, fields in wanted:
        was = {name: getattr(drawing, name) for name in fields}
        was = {name: value for name, value in was.items() if value != fields[name]}
        for name in was:
            setattr(drawing, name, fields[name])
        if was:
            before.append(Change(drawing.id, _seen(drawing), **was))
    if before:
        audit.note_counted(
            session,
            MODERATED,
            len(before),
            "The presenter moderated {count} drawing.",
            "The presenter moderated {count} drawings.",
        )
    return before


def _person(session: Session, number: int) -> Participant:
    found = by_number(session, Participant, number)
    if found is None:
        raise Refusal("There is no person {number}.", code="not_there", number=number)
    return found
