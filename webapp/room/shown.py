"""What the room sees on the wall: drawings, how they are read, and the figures of the room.

`version` is the one whose readings are shown; a paused wall keeps to the one it had.

Only what the room may see leaves this module: nothing rejected, nothing by a blocked person,
nothing pending while drawings are held, and nothing that leads to a participant.
"""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.refusal import Refusal
from webapp.room import moderation, pictures, readings, switches
from webapp.room.switches import Switches
from webapp.storage.database import MAX_ID
from webapp.storage.tables import Drawing, Participant, Reading, now

SENT = 60  # newest drawings that are sent; the wall shows as many as it has room for
CONFUSED = 3  # pairs
STRIP = 8  # drawings that are read otherwise; the wall has room for as many
_SOME_WRONG = 2  # of them at most are newly wrong, if there are enough newly right ones
PACE = timedelta(minutes=1)

# A drawing that was sent as 64 numbers is kept as a PNG of 8x8 pixels, which never has more
# bytes than this. Pictures of handwriting have more.
_PNG_OF_PIXELS = 140


def latest(session: Session, version: int) -> list[dict[str, Any]]:
    """The newest drawings that may be shown, newest first: at most SENT of them."""
    current = switches.current(session)
    query = _visible(current).order_by(Drawing.id.desc()).limit(SENT)
    return _as_shown(session, query, _kept_to(current, version))


def large(session: Session, version: int) -> dict[str, Any] | None:
    """The drawing that is to be shown large; None if there is none, or no longer.

    It also has `probabilities`, ten numbers 0..1; None until the version has read it.
    """
    current = switches.current(session)
    version, number = _kept_to(current, version), current.large or 0
    for drawing in _as_shown(session, _one(current, number), version):
        reading = session.get(Reading, (number, version))
        bars = np.frombuffer(reading.probabilities, np.float32).tolist() if reading else None
        return {**drawing, "probabilities": bars}
    return None


def turned(
    session: Session,
    right: Sequence[int],
    wrong: Sequence[int],
    version: int,
    before: int | None,
) -> dict[str, Any]:
    """What the room sees of the drawings that a version reads otherwise than the one before.

    right and wrong: how many are newly right and newly wrong; drawings: at most STRIP of them,
    each with `before`, what the earlier version predicted.
    """
    right, wrong = _seen(session, right), _seen(session, wrong)
    n_wrong = max(_SOME_WRONG, STRIP - len(right))
    chosen = [*right[: STRIP - len(wrong[:n_wrong])], *wrong[:n_wrong]]
    query = sa.select(Drawing).where(Drawing.id.in_(chosen))
    now, then = (
        {drawing["id"]: drawing for drawing in _as_shown(session, query, each)}
        for each in (version, before or version)
    )
    drawings = [now[n] | {"before": then[n]["predicted"]} for n in chosen]
    return {"right": len(right), "wrong": len(wrong), "drawings": drawings}


def is_visible(session: Session, current: Switches, number: int) -> bool:
    """Whether the room may see the drawing of this number."""
    return session.scalar(_one(current, number)) is not None


def picture(session: Session, number: int, is_presenter: bool) -> bytes:
    """The handwriting of a drawing that may be shown, a PNG; Refusal for every other one.

    While the wall is blank only the presenter sees any, to choose one.
    """
    current = switches.current(session)
    is_hidden = current.blank and not is_presenter
    if is_hidden or not is_visible(session, current, number):
        raise Refusal("The wall does not show this drawing.", code="no_such_drawing")
    return moderation.picture(session, number)


def waiting(session: Session) -> int:
    """How many drawings wait for approval before they may be shown."""
    current = switches.current(session)
    if not current.hold or current.frozen:
        return 0
    query = sa.select(sa.func.count()).where(Drawing.status == Drawing.PENDING, _unblocked())
    return session.scalar(query) or 0


def statistics(session: Session, version: int) -> dict[str, Any]:
    """The figures of the room.

    total and right: how many drawings count, and how many of them the network read correctly;
    confused: (label, predicted, times), the most frequent first; per_minute: drawings in the
    last minute. While only approved drawings are shown, pending ones count in per_minute
    alone: it says how fast the room draws. Drawings of blocked people never count.
    version: the one that read the drawings.
    """
    current = switches.current(session)
    if current.frozen:
        return dict(current.frozen["statistics"])
    predicted, on = readings.predicted_by(version)
    counts = session.execute(
        sa.select(Drawing.label, predicted, sa.func.count())
        .join(Reading, on, isouter=True)
        .where(Drawing.status.in_(current.statuses), _unblocked())
        .group_by(Drawing.label, predicted)
    ).all()
    wrong = [(row[0], row[1], row[2]) for row in counts if row[1] not in (None, row[0])]
    wrong.sort(key=lambda row: (-row[2], row[:2]))
    recent = (Drawing.created_at > now() - PACE) & (Drawing.status != Drawing.REJECTED)
    paced = sa.select(sa.func.count()).where(recent, _unblocked())
    return {
        "total": sum(times for _, _, times in counts),
        "right": sum(times for label, predicted, times in counts if label == predicted),
        "confused": wrong[:CONFUSED],
        "per_minute": session.scalar(paced),
        "version": version,
    }


def _visible(current: Switches) -> sa.Select[Drawing]:
    """The query for drawings that may be shown with these switches."""
    query = sa.select(Drawing).where(Drawing.status.in_(current.statuses), _unblocked())
    return query.where(Drawing.id.in_(current.frozen["drawings"])) if current.frozen else query


def _one(current: Switches, number: int) -> sa.Select[Drawing]:
    """The query for the drawing of this number, if it may be shown."""
    return _visible(current).where(Drawing.id == (number if 0 < number <= MAX_ID else 0))


def _unblocked() -> sa.ColumnElement[bool]:
    """The condition that a drawing's participant is not blocked."""
    blocked = sa.select(Participant.id).where(Participant.blocked)
    return Drawing.participant_id.not_in(blocked)


def _kept_to(current: Switches, version: int) -> int:
    """The version whose readings the wall shows: a paused one keeps to that which it had."""
    return int(current.frozen.get("version", version)) if current.frozen else version


def _seen(session: Session, numbers: Sequence[int]) -> Sequence[int]:
    """The numbers of those drawings that the room sees; none on a paused or blank wall."""
    current = switches.current(session)
    if current.blank or current.frozen:
        return []
    query = _visible(current).where(Drawing.id.in_(numbers)).with_only_columns(Drawing.id)
    return session.scalars(query.order_by(Drawing.id.desc())).all()


def _as_shown(
    session: Session, query: sa.Select[Drawing], version: int
) -> list[dict[str, Any]]:
    """What the room sees of the drawings that the query selects."""
    rows = session.execute(query.add_columns(sa.func.length(Drawing.picture))).all()
    read = readings.by_version(session, version, [drawing for drawing, _ in rows])
    return [
        {
            "id": drawing.id,
            "pixels": pictures.in_address(list(drawing.pixels)),
            "handwriting": size > _PNG_OF_PIXELS,
            "predicted": read[drawing.id].predicted,
            "certainty": round(read[drawing.id].certainty, 3),
            "verdict": read[drawing.id].verdict,
            "label": drawing.label,
        }
        for drawing, size in rows
    ]
