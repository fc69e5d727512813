"""What is taken from the room and what is not: the queue, decisions on it, blocked people.

Functions that change something take a session of `Database.writing`; they raise
ModerationError, with a sentence, when they refuse.
"""

import io
import re
from dataclasses import dataclass
from datetime import timedelta

import sqlalchemy as sa
from PIL import Image, ImageOps
from sqlalchemy.orm import joinedload

from nn.picture import PictureError, open_picture
from nn.verdict import SURE
from webapp.storage import audit
from webapp.storage.database import MAX_ID, by_number
from webapp.storage.tables import AuditEntry, Drawing, Participant, now

AT_ONCE = 120  # drawings on the page
MAX_CHANGES = 1000  # of one request
MAX_PEOPLE = 200  # on the page
STATUSES = Drawing.STATUSES
ALL = "all"
_SIDE = 280  # px of a picture on the page, at most
_MODERATED = "The presenter moderated {}."
_ONE_LINE = timedelta(minutes=10)  # of the log holds what was moderated without a break


class ModerationError(ValueError):
    """What cannot be done with drawings or people; the message says why."""


class NotThere(ModerationError):
    """There is no such drawing or person, or no longer."""


@dataclass(frozen=True)
class Filters:
    """Which drawings the page shows.

    digit is the label's; wrong are those that the network did not answer with the label,
    unsure those whose answer was no sure one, flagged those that are `Drawing.is_doubtful`.
    """

    status: str = Drawing.PENDING  # one of STATUSES, or ALL
    digit: int | None = None
    participant: int | None = None
    wrong: bool = False
    unsure: bool = False
    flagged: bool = False

    def conditions(self):
        """What they mean in SQL: a list."""
        wrong = Drawing.said.is_distinct_from(Drawing.label)
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
    """What a change has done.

    before : what the changed fields were, in the form of the changes: undoes them when sent
    drawings : the Drawings as they are now
    gone : numbers of those that are there no longer: withdrawn, or deleted
    """

    before: list
    drawings: list
    gone: list


@dataclass
class Person:
    """A participant with the number of their drawings in each status."""

    id: int
    held_out: bool
    blocked: bool
    pending: int
    approved: int
    rejected: int


def queue(session, filters, after=0):
    """Up to AT_ONCE drawings with numbers above `after`, oldest first; how many more follow."""
    conditions = [*filters.conditions(), Drawing.id > after]
    query = sa.select(Drawing).where(*conditions).options(joinedload(Drawing.participant))
    shown = session.scalars(query.order_by(Drawing.id).limit(AT_ONCE)).all()
    return shown, _count(session, *conditions) - len(shown)


def newest(session):
    """The number of the newest drawing; 0 if there is none."""
    return session.scalar(sa.select(sa.func.max(Drawing.id))) or 0


def arrived(session, filters, after):
    """How many drawings that fit the filters came after the one of this number."""
    return _count(session, *filters.conditions(), Drawing.id > after)


def counts(session):
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


def people(session):
    """Everyone who has drawings here or is blocked, up to MAX_PEOPLE: a list of Person.

    Those come first whose drawings wait.
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


def change(session, changes):
    """Change status or label of drawings, all of them or, if one is wrong, none: an Outcome.

    changes is a list of up to MAX_CHANGES dicts such as {"id": 1, "status": "approved",
    "label": 7}, with at least one of status and label. Drawings that are gone are skipped.
    """
    wanted = _checked(changes)
    found = _locked(session, Drawing.id.in_(wanted))
    before = [was for drawing in found if (was := _set(drawing, wanted[drawing.id]))]
    _note(session, len(before))
    there = {drawing.id for drawing in found}
    return Outcome(before, found, [number for number in wanted if number not in there])


def decide_all(session, person, status):
    """Give all drawings of a person that are pending another status: an Outcome."""
    _person(session, person)
    if status not in STATUSES:
        raise ModerationError(_WRONG_STATUS.format(status))
    theirs = Drawing.participant_id == person
    found = _locked(session, theirs & (Drawing.status == Drawing.PENDING))
    before = [was for drawing in found if (was := _set(drawing, {"status": status}))]
    _note(session, len(before))
    return Outcome(before, found, [])


def block(session, person, blocked):
    """Take no further drawings of a person, or take them again."""
    found = _person(session, person)
    if found.blocked != blocked:
        found.blocked = blocked
        audit.note(session, f"Person {person} was {'blocked' if blocked else 'let in again'}.")


def delete_all(session):
    """Delete all drawings of everyone; how many there were. This cannot be undone."""
    number = session.execute(sa.delete(Drawing)).rowcount
    audit.note(session, f"All drawings were deleted: {number}.")
    return number


def doubt(drawing):
    """A sentence on a drawing that is doubtful, or ""."""
    said, near = drawing.said, drawing.neighbours
    if not drawing.is_doubtful:
        return ""
    if said is None:
        return f"The neighbours see {_named(near)}."
    if said == near:
        return f"Network and neighbours see {_named(said)}."
    return f"The network sees {_named(said)}, the neighbours {_named(near)}."


def _named(digit):
    """A digit with its article."""
    return f"{'an' if digit == 8 else 'a'} {digit}"


def picture(session, number):
    """The picture of a drawing as it was sent, a PNG of up to 280 px; NotThere if it is gone.

    It is decoded and written anew: what leaves here is a picture, whatever came in.
    """
    query = sa.select(Drawing.picture).where(Drawing.id == number)
    data = session.scalar(query) if number <= MAX_ID else None
    if data is None:
        raise NotThere(f"There is no drawing {number}, or no longer.")
    try:
        image = open_picture(data)
    except PictureError as error:
        raise NotThere(f"The picture of drawing {number} cannot be shown: {error}") from error
    image = ImageOps.contain(image.convert("RGBA"), (_SIDE, _SIDE))
    paper = Image.new("RGBA", image.size, "white")
    buffer = io.BytesIO()
    Image.alpha_composite(paper, image).convert("L").save(buffer, "PNG")
    return buffer.getvalue()


def _count(session, *conditions):
    return session.scalar(sa.select(sa.func.count()).select_from(Drawing).where(*conditions))


def _locked(session, condition):
    """The drawings, which nobody else changes before this session has ended."""
    query = sa.select(Drawing).where(condition).order_by(Drawing.id).with_for_update()
    return session.scalars(query).all()


def _set(drawing, fields):
    """Change the fields; what those were that differ, with the id; {} if none does."""
    was = {name: getattr(drawing, name) for name in fields}
    was = {name: value for name, value in was.items() if value != fields[name]}
    for name in was:
        setattr(drawing, name, fields[name])
    return {"id": drawing.id, **was} if was else {}


def _person(session, number):
    found = by_number(session, Participant, number)
    if found is None:
        raise NotThere(f"There is no person {number}.")
    return found


_WRONG_STATUS = f"The status is {{!r:.40}}, not one of {', '.join(STATUSES)}."
_FORM = '{"id": 1, "status": "approved", "label": 7}, with status or label or both'


def _checked(changes):
    """What is wanted of each drawing: {id: {"status": ..., "label": ...}}."""
    if not isinstance(changes, list) or not 1 <= len(changes) <= MAX_CHANGES:
        raise ModerationError(f"'changes' must be a list of 1 to {MAX_CHANGES:,} changes.")
    wanted = {}
    for each in changes:
        number, fields = _checked_change(each)
        if number in wanted:
            raise ModerationError(f"Drawing {number} is in the list twice.")
        wanted[number] = fields
    return wanted


def _checked_change(change):
    if not isinstance(change, dict) or not {"id"} < set(change) <= {"id", "status", "label"}:
        raise ModerationError(f"A change has the form {_FORM}.")
    fields = dict(change)
    number = fields.pop("id")
    if not _is_whole(number, 1, MAX_ID):
        raise ModerationError(f"The id is {number!r:.40}, not the number of a drawing.")
    if "status" in fields and fields["status"] not in STATUSES:
        raise ModerationError(_WRONG_STATUS.format(fields["status"]))
    if "label" in fields and not _is_whole(fields["label"], 0, 9):
        raise ModerationError(f"The label is {fields['label']!r:.40}, not a digit from 0 to 9.")
    return number, fields


def _is_whole(value, low, high):
    return isinstance(value, int) and not isinstance(value, bool) and low <= value <= high


def _note(session, number):
    """One line in the log for drawings moderated one after the other, not hundreds."""
    if not number:
        return
    last = session.scalar(sa.select(AuditEntry).order_by(AuditEntry.id.desc()).limit(1))
    pattern = re.escape(_MODERATED).replace(r"\{\}", r"(\d+) drawings?")
    same = last and now() - last.at < _ONE_LINE and re.fullmatch(pattern, last.sentence)
    number += int(same[1]) if same else 0
    audit.note(session, _MODERATED.format(f"{number} drawing{'s' if number > 1 else ''}"))
    if same:
        session.flush()  # the new line first: streams look at the highest number
        session.delete(last)
