"""Which drawings are accepted: the queue, the presenter's decisions, blocked people.

Functions that change something take a session of `Database.writing`. They raise Refusal, with
a sentence.
"""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import sqlalchemy as sa
from msgspec import UNSET, Meta, Struct, UnsetType, structs
from PIL import Image, ImageOps
from sqlalchemy.orm import Session, joinedload

from nn.picture import PictureError, open_picture
from nn.refusal import Refusal
from nn.verdict import SURE, with_article
from webapp.storage import audit
from webapp.storage.database import MAX_ID, by_number
from webapp.storage.tables import AuditEntry, Drawing, Participant

AT_ONCE = 120  # drawings on the page
MAX_PEOPLE = 200  # on the page
STATUSES = Drawing.STATUSES
ALL = "all"
MODERATED = "moderated"  # kind of the log's entries about decisions
_SIDE = 280  # px of a picture on the page, at most

Status = Literal["pending", "approved", "rejected"]


class Change(Struct, forbid_unknown_fields=True, frozen=True):
    """New values for one drawing: of the status, of the label or of both."""

    id: Annotated[int, Meta(ge=1, le=MAX_ID)]
    status: Status | UnsetType = UNSET
    label: Annotated[int, Meta(ge=0, le=9)] | UnsetType = UNSET

    @property
    def fields(self) -> dict[str, str | int]:
        """The new values by name."""
        given = structs.asdict(self)
        return {k: v for k, v in given.items() if k != "id" and v is not UNSET}


@dataclass(frozen=True)
class Filters:
    """Which drawings the page shows.

    digit is the label's. wrong: the network predicted another digit than the label. unsure:
    its verdict was not "sure". flagged: `Drawing.is_doubtful`.
    """

    status: str = Drawing.PENDING  # one of STATUSES, or ALL
    digit: int | None = None
    participant: int | None = None
    wrong: bool = False
    unsure: bool = False
    flagged: bool = False

    def conditions(self) -> list[sa.ColumnElement[bool]]:
        """The filters as SQL conditions."""
        wrong = Drawing.predicted.is_distinct_from(Drawing.label)
        unsure = (Drawing.certainty < SURE) | (Drawing.verdict != "sure")
        asked = (
            (Drawing.status == self.status, self.status != ALL),
            (Drawing.label == self.digit, self.digit is not None),
            (Drawing.participant_id == self.participant, self.participant is not None),
            (wrong, self.wrong),
            (unsure, self.unsure),
            (wrong & (Drawing.neighbours != Drawing.label), self.flagged),
        )
        return [condition for condition, is_asked in asked if is_asked]


@dataclass
class Outcome:
    """The result of a change.

    before : Changes that undo it
    drawings : the drawings as they are now
    gone : numbers of drawings that were withdrawn or deleted before the change
    """

    before: list[Change]
    drawings: Sequence[Drawing]
    gone: list[int]


@dataclass
class Person:
    """A participant with the number of their drawings in each status."""

    id: int
    held_out: bool
    blocked: bool
    pending: int
    approved: int
    rejected: int


def queue(session: Session, filters: Filters, after: int = 0) -> tuple[Sequence[Drawing], int]:
    """Up to AT_ONCE drawings with numbers above `after`, oldest first; how many more follow."""
    conditions = [*filters.conditions(), Drawing.id > after]
    query = sa.select(Drawing).where(*conditions).options(joinedload(Drawing.participant))
    shown = session.scalars(query.order_by(Drawing.id).limit(AT_ONCE)).all()
    return shown, _count(session, *conditions) - len(shown)


def newest(session: Session) -> int:
    """The number of the newest drawing; 0 if there is none."""
    return session.scalar(sa.select(sa.func.max(Drawing.id))) or 0


def mark(session: Session) -> tuple[int, int, int]:
    """A value that changes with every drawing that comes or goes and with every decision."""
    entries = sa.select(sa.func.max(AuditEntry.id)).scalar_subquery()
    query = sa.select(sa.func.count(), sa.func.sum(Drawing.id), entries).select_from(Drawing)
    number, total, entry = session.execute(query).one()
    return number, total or 0, entry or 0


def arrived(session: Session, filters: Filters, after: int) -> int:
    """How many drawings that fit the filters have numbers above `after`."""
    return _count(session, *filters.conditions(), Drawing.id > after)


def counts(session: Session) -> dict[str, int]:
    """How many are pending, approved, rejected; of the approved, teaching and testing."""
    query = (
        sa.select(Drawing.status, Participant.held_out, sa.func.count())
        .join(Participant)
        .group_by(Drawing.status, Participant.held_out)
    )
    found = {(status, held_out): n for status, held_out, n in session.execute(query)}
    teaching, testing = (found.get((Drawing.APPROVED, held), 0) for held in (False, True))
    totals = {s: found.get((s, False), 0) + found.get((s, True), 0) for s in STATUSES}
    return {**totals, "teaching": teaching, "testing": testing}


def people(session: Session) -> list[Person]:
    """Everyone who has drawings here or is blocked, up to MAX_PEOPLE.

    People with pending drawings come first.
    """
    numbers = [sa.func.count(sa.case((Drawing.status == s, 1))).label(s) for s in STATUSES]
    query = (
        sa.select(Participant.id, Participant.held_out, Participant.blocked, *numbers)
        .outerjoin(Drawing)
        .group_by(Participant.id)
        .having((sa.func.count(Drawing.id) > 0) | Participant.blocked)
        .order_by((numbers[0] == 0), Participant.id)
        .limit(MAX_PEOPLE)
    )
    return [Person(**row._mapping) for row in session.execute(query)]


def change(session: Session, changes: Sequence[Change]) -> Outcome:
    """Change status or label of drawings: all of them or, if one change is wrong, none.

    Drawings that are gone are skipped.
    """
    wanted = {each.id: each.fields for each in changes}
    if len(wanted) < len(changes):
        raise Refusal("A drawing is in the list twice. Name each one once.", code="bad_changes")
    if not all(wanted.values()):
        raise Refusal("A change needs a status, a label or both.", code="bad_changes")
    found = _locked(session, Drawing.id.in_(wanted))
    there = {drawing.id for drawing in found}
    before = _set(session, [(drawing, wanted[drawing.id]) for drawing in found])
    return Outcome(before, found, [number for number in wanted if number not in there])


def decide_all(session: Session, person: int, status: Status) -> Outcome:
    """Give all pending drawings of a person another status."""
    _person(session, person)
    theirs = Drawing.participant_id == person
    found = _locked(session, theirs & (Drawing.status == Drawing.PENDING))
    before = _set(session, [(drawing, {"status": status}) for drawing in found])
    return Outcome(before, found, [])


def block(session: Session, person: int, blocked: bool) -> None:
    """Accept no further drawings of a person, or accept them again."""
    found = _person(session, person)
    if found.blocked != blocked:
        found.blocked = blocked
        audit.note(session, f"Person {person} was {'blocked' if blocked else 'unblocked'}.")


def delete_all(session: Session) -> int:
    """Delete all drawings of everyone; how many there were. This cannot be undone."""
    number = len(session.scalars(sa.delete(Drawing).returning(Drawing.id)).all())
    audit.note(session, f"All drawings were deleted: {number}.")
    return number


def doubt(drawing: Drawing) -> str:
    """A sentence on a drawing that is doubtful, or ""."""
    predicted, near = drawing.predicted, drawing.neighbours
    if not drawing.is_doubtful:
        return ""
    if predicted is None:
        return f"The neighbours see {with_article(near)}."
    if predicted == near:
        return f"Network and neighbours see {with_article(near)}."
    return f"The network sees {with_article(predicted)}, the neighbours {with_article(near)}."


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


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Drawing).where(*conditions)
    return session.scalar(query) or 0


def _locked(session: Session, condition: sa.ColumnElement[bool]) -> Sequence[Drawing]:
    """The drawings, which nobody else changes before this session has ended."""
    query = sa.select(Drawing).where(condition).order_by(Drawing.id).with_for_update()
    return session.scalars(query).all()


def _set(session: Session, wanted: list[tuple[Drawing, dict[str, Any]]]) -> list[Change]:
    """Give drawings their new values, and note it in the log; the Changes that undo it."""
    before = []
    for drawing, fields in wanted:
        was = {name: getattr(drawing, name) for name in fields}
        was = {name: value for name, value in was.items() if value != fields[name]}
        for name in was:
            setattr(drawing, name, fields[name])
        if was:
            before.append(Change(drawing.id, **was))
    if before:
        audit.note_counted(
            session, MODERATED, len(before), "The presenter moderated {count} drawing{s}."
        )
    return before


def _person(session: Session, number: int) -> Participant:
    found = by_number(session, Participant, number)
    if found is None:
        raise Refusal("There is no person {number}.", code="not_there", number=number)
    return found
