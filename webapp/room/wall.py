"""The wall: which drawings the room sees, and the presenter's switches for it.

The server sends only what the room may see. Functions that change something take a session of
`Database.writing`. They raise Refusal, with a sentence.
"""

import dataclasses
import hmac
import json
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.refusal import Refusal
from webapp.room import joining, pictures
from webapp.storage import audit
from webapp.storage.database import MAX_ID
from webapp.storage.first_start import new_wall_token
from webapp.storage.tables import Drawing, Participant, Setting, now

SENT = 60  # newest drawings that are sent; the wall shows as many as it has room for
CONFUSED = 3  # pairs
PACE = timedelta(minutes=1)

_SWITCHES = "wall"
_SENTENCES = {
    "hold": ("shows approved drawings only", "shows drawings without approval"),
    "frozen": ("was paused", "was resumed"),
    "blank": ("was blanked", "shows drawings again"),
}


@dataclasses.dataclass(frozen=True)
class Switches:
    """How the presenter has set the wall."""

    hold: bool = True  # only approved drawings appear
    blank: bool = False  # the wall shows only how to join
    large: int | None = None  # the drawing that is shown large
    address: str | None = None  # of this machine: the one that is shown large
    # What the wall showed when it was paused: {"drawings": [ids], "statistics": {...}}.
    frozen: dict[str, Any] | None = None

    @property
    def statuses(self) -> tuple[str, ...]:
        """A drawing with one of these statuses may be shown."""
        return (Drawing.APPROVED,) if self.hold else (Drawing.APPROVED, Drawing.PENDING)


def token(session: Session) -> str:
    """The secret part of the wall's address: whoever has it sees the wall."""
    return session.get_one(Setting, Setting.WALL_TOKEN).value


def is_token(session: Session, text: str) -> bool:
    """Whether a text is the token."""
    return hmac.compare_digest(text.encode(), token(session).encode())


def renew_token(session: Session) -> None:
    """Make a new token. Addresses with the old one stop working."""
    session.get_one(Setting, Setting.WALL_TOKEN).value = new_wall_token()
    audit.note(session, "The wall has a new address. The old one stopped working.")


def switches(session: Session) -> Switches:
    """The switches as they are now."""
    row = session.get(Setting, _SWITCHES)
    return Switches(**json.loads(row.value)) if row else Switches()


def switch(session: Session, name: str, on: bool) -> None:
    """Turn "hold", "frozen" or "blank" on or off; Refusal for another name."""
    if name not in _SENTENCES:
        raise Refusal(
            "The wall has no switch {name!r:.40}, only {switches}.",
            code="no_such_switch",
            name=name,
            switches=", ".join(_SENTENCES),
        )
    current = _locked_switches(session)
    if bool(getattr(current, name)) == on:
        return
    if name == "frozen":
        _store(session, frozen=_shown_now(session) if on else None)
    else:
        _store(session, **{name: on})
    audit.note(session, f"The wall {_SENTENCES[name][0 if on else 1]}.")


def show_large(session: Session, number: int | None) -> None:
    """Show one drawing large, by its id, or with None all drawings again."""
    current = _locked_switches(session)
    if number is not None and not _is_visible(session, current, number):
        raise Refusal(
            "The wall does not show this drawing any more. Choose another one.",
            code="not_on_the_wall",
        )
    _store(session, large=number)
    done = "shows all drawings" if number is None else f"shows drawing {number} large"
    audit.note(session, f"The wall {done}.")


def put_first(session: Session, address: str) -> None:
    """Show one of this machine's addresses large: the one that phones can reach."""
    if address not in joining.of_this_machine():
        raise Refusal(
            "This machine no longer has this address. Reload the page.",
            code="not_an_address",
        )
    _store(session, address=address)
    audit.note(session, f"The wall shows the address {address} large.")


def in_order(session: Session, addresses: Sequence[str]) -> list[str]:
    """Addresses of this machine, the one that the presenter chose before all others."""
    first = switches(session).address
    return sorted(addresses, key=lambda address: address != first)


def latest(session: Session) -> Sequence[Drawing]:
    """The newest drawings that may be shown, newest first: at most SENT of them."""
    query = _visible(switches(session)).order_by(Drawing.id.desc()).limit(SENT)
    return session.scalars(query).all()


def _visible(current: Switches) -> sa.Select[Drawing]:
    """The query for drawings that may be shown with these switches."""
    query = sa.select(Drawing).where(Drawing.status.in_(current.statuses), _by_the_unblocked())
    return query.where(Drawing.id.in_(current.frozen["drawings"])) if current.frozen else query


def _by_the_unblocked() -> sa.ColumnElement[bool]:
    """The condition that a drawing's participant is not blocked."""
    blocked = sa.select(Participant.id).where(Participant.blocked)
    return Drawing.participant_id.not_in(blocked)


def _is_visible(session: Session, current: Switches, number: int) -> bool:
    query = _visible(current).where(Drawing.id == number)
    return 0 < number <= MAX_ID and session.scalar(query) is not None


def statistics(session: Session) -> dict[str, Any]:
    """The figures of the room.

    total and right: how many drawings count, and how many of them the network read correctly;
    confused: (label, predicted, times), the most frequent first; per_minute: drawings in the
    last minute. While only approved drawings are shown, pending ones count in per_minute
    alone: it says how fast the room draws. Drawings of blocked people never count.
    """
    current = switches(session)
    if current.frozen:
        return dict(current.frozen["statistics"])
    counts = session.execute(
        sa.select(Drawing.label, Drawing.predicted, sa.func.count())
        .where(Drawing.status.in_(current.statuses), _by_the_unblocked())
        .group_by(Drawing.label, Drawing.predicted)
    ).all()
    wrong = [(row[0], row[1], row[2]) for row in counts if row[1] not in (None, row[0])]
    wrong.sort(key=lambda row: (-row[2], row[:2]))
    recent = (Drawing.created_at > now() - PACE) & (Drawing.status != Drawing.REJECTED)
    paced = sa.select(sa.func.count()).where(recent, _by_the_unblocked())
    return {
        "total": sum(times for _, _, times in counts),
        "right": sum(times for label, predicted, times in counts if label == predicted),
        "confused": wrong[:CONFUSED],
        "per_minute": session.scalar(paced),
    }


def view(session: Session) -> dict[str, Any]:
    """All that the room may see now.

    frozen and blank: bool; large: a drawing or None; drawings: newest first; statistics: None
    while the wall is blank.
    """
    current = switches(session)
    state = {"frozen": bool(current.frozen), "blank": current.blank}
    if current.blank:
        return {**state, "large": None, "drawings": [], "statistics": None}
    large = session.scalar(_visible(current).where(Drawing.id == current.large))
    return {
        **state,
        "large": as_shown(large) if large else None,
        "drawings": [as_shown(drawing) for drawing in latest(session)],
        "statistics": statistics(session),
    }


def as_shown(drawing: Drawing) -> dict[str, Any]:
    """What the room sees of a drawing: nothing that leads to the participant."""
    return {
        "id": drawing.id,
        "pixels": pictures.in_address(list(drawing.pixels)),
        "predicted": drawing.predicted,
        "certainty": round(drawing.certainty, 3),
        "verdict": drawing.verdict,
        "label": drawing.label,
    }


def _shown_now(session: Session) -> dict[str, Any]:
    return {
        "drawings": [drawing.id for drawing in latest(session)],
        "statistics": statistics(session),
    }


def _locked_switches(session: Session) -> Switches:
    """The switches, which nobody else changes until this session ends."""
    session.get(Setting, _SWITCHES, with_for_update=True, populate_existing=True)
    return switches(session)


def _store(session: Session, **changed: Any) -> None:
    """Keep the switches with these changes."""
    new = dataclasses.replace(_locked_switches(session), **changed)
    session.merge(Setting(name=_SWITCHES, value=json.dumps(dataclasses.asdict(new))))
