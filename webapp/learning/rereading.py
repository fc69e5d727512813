"""Reads the room's drawings again whenever another version goes live.

The training worker calls `reread` at every nudge, which promotion and roll back send, and every
few seconds. Then the live version and the one before it have read every kept drawing, also
those that came as files or were sent while another version was live. What changed between the
two is `state`, for the wall and the phones.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from nn.model import Model
from webapp.learning import comparison, versions
from webapp.room import readings
from webapp.storage.database import Database
from webapp.storage.tables import ActiveModel, Drawing, Reading

_BATCH = 500  # drawings that are read at once, and stored while nobody else can write


@dataclass(frozen=True)
class State:
    """What the newest change of the live version did, as far as the worker has got."""

    change: int  # id of the ActiveModel row; it grows with every promotion and roll back
    version: int  # that went live
    before: int | None  # the version that was live before; None for the first one
    # Whether both versions have read every drawing that was there. Until then the lists are
    # empty and the figures None.
    done: bool
    newly_right: Sequence[int]  # ids of drawings of any status, the newest first
    newly_wrong: Sequence[int]
    # Figures on people and on the digits test set, as comparison.figures makes them:
    # {"name", "n", "before", "now", "judgement", "sentence"}. Shares are 0..1. For the first
    # version, and after a version that was deleted, "before" and "judgement" are None.
    people: dict[str, Any] | None
    digits: dict[str, Any] | None

    @property
    def shown(self) -> int:
        """The version whose readings to show now: until all is read, the earlier one's.

        So that all drawings change at one moment. Use it with readings.by_version and
        readings.predicted_by.
        """
        return self.version if self.done or self.before is None else self.before


def state(session: Session) -> State:
    """What the newest change of the live version did. This is cheap to ask again and again."""
    change = versions.live(session)
    before, outcome = versions.live_before(session), change.outcome
    newly: tuple[Sequence[int], Sequence[int]] = ([], [])
    if outcome and before:
        newly = (
            _right_only_by(session, change.version_id, before),
            _right_only_by(session, before, change.version_id),
        )
    return State(
        change=change.id,
        version=change.version_id,
        before=before,
        done=outcome is not None,
        newly_right=newly[0],
        newly_wrong=newly[1],
        people=outcome and outcome["people"],
        digits=outcome and outcome["digits"],
    )


def reread(database: Database) -> None:
    """Let the live version and the one before it read all drawings they have not read."""
    with database.reading() as session:
        change = versions.live(session)
        before = versions.live_before(session)
    for number in (change.version_id, before):
        if number:
            _read_all(database, number)
    if change.outcome is None:
        _note_outcome(database, change.id, change.version_id, before)


def _read_all(database: Database, version: int) -> None:
    """Let a version read all drawings that it has not read, a batch at a time."""
    model: Model | None = None
    while True:
        with database.reading() as session:
            rows = readings.unread(session, version, _BATCH)
            if not rows:
                return
            model = model or versions.load(session, version)
        pixels = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8).reshape(-1, 64)
        answers = model.judge(pixels, version)
        found = [readings.columns(row.id, a) for row, a in zip(rows, answers, strict=True)]
        with database.writing("readings") as session:  # people give drawings meanwhile
            _store(session, found)


def _store(session: Session, found: list[dict[str, Any]]) -> None:
    """Store those readings that another worker has not, of drawings that are still there."""
    new = {(columns["drawing_id"], columns["version_id"]): columns for columns in found}
    ids = {drawing for drawing, _ in new}
    kept = sa.select(Drawing.id).where(Drawing.id.in_(ids)).order_by(Drawing.id)
    there = set(session.scalars(kept.with_for_update(read=True)))  # so they stay until then
    pairs = sa.select(Reading.drawing_id, Reading.version_id)
    stored = {tuple(row) for row in session.execute(pairs.where(Reading.drawing_id.in_(ids)))}
    missing = [new[pair] for pair in new if pair[0] in there and pair not in stored]
    if missing:
        session.execute(sa.insert(Reading), missing)


def _note_outcome(database: Database, change_id: int, version: int, before: int | None) -> None:
    with database.reading() as session:
        outcome = comparison.outcome(session, before, versions.load(session, version))
    with database.writing() as session:
        session.get_one(ActiveModel, change_id).outcome = outcome


def _right_only_by(session: Session, version: int, other: int) -> Sequence[int]:
    """Ids of the drawings that a version reads correctly and the other one does not."""
    right, wrong = aliased(Reading), aliased(Reading)
    query = (
        sa.select(Drawing.id)
        .join(right, (right.drawing_id == Drawing.id) & (right.version_id == version))
        .join(wrong, (wrong.drawing_id == Drawing.id) & (wrong.version_id == other))
        .where(right.predicted == Drawing.label, wrong.predicted != Drawing.label)
    )
    return session.scalars(query.order_by(Drawing.id.desc())).all()
