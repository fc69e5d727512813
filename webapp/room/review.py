"""What the presenter reviews: which drawings a page shows, how many there are, and by whom."""

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import Session, joinedload

from nn.verdict import SURE
from webapp.storage.tables import AuditEntry, Drawing, Participant

AT_ONCE = 120  # drawings on the page
MAX_PEOPLE = 200  # on the page
STATUSES = Drawing.STATUSES
ALL = "all"


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
            (is_flagged(), self.flagged),
        )
        return [condition for condition, is_asked in asked if is_asked]


@dataclass
class Person:
    """A participant with the number of their drawings in each status."""

    id: int
    held_out: bool
    blocked: bool
    pending: int
    approved: int
    rejected: int


def is_flagged() -> sa.ColumnElement[bool]:
    """`Drawing.is_doubtful` as an SQL condition."""
    wrong = Drawing.predicted.is_distinct_from(Drawing.label)
    return wrong & (Drawing.neighbours != Drawing.label)


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


def these(session: Session, numbers: Sequence[int]) -> Sequence[Drawing]:
    """The drawings with these numbers that are still there."""
    query = sa.select(Drawing).where(Drawing.id.in_(numbers)).order_by(Drawing.id)
    return session.scalars(query).all()


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


def _count(session: Session, *conditions: sa.ColumnElement[bool]) -> int:
    query = sa.select(sa.func.count()).select_from(Drawing).where(*conditions)
    return session.scalar(query) or 0
