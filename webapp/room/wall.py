"""The wall: what the room sees of the drawings, and the presenter's switches for it.

What is not on the wall's list never leaves the server: pages show whatever they are told.
Functions that change something take a session of `Database.writing`; they raise WallError,
with a sentence, when they refuse.
"""

import dataclasses
import hmac
import json
from datetime import timedelta

import sqlalchemy as sa

from webapp.room import joining, pictures
from webapp.storage import audit
from webapp.storage.database import MAX_ID
from webapp.storage.first_start import new_wall_token
from webapp.storage.tables import Drawing, Participant, Setting, now

KEPT = 60  # newest drawings that the wall is told; it shows as many as it has room for
CONFUSED = 3  # pairs
PACE = timedelta(minutes=1)

_SWITCHES = "wall"
_SENTENCES = {
    "hold": ("shows approved drawings only", "shows drawings without approval"),
    "frozen": ("was frozen", "goes on"),
    "blank": ("was blanked", "shows everything again"),
}


class WallError(ValueError):
    """What cannot be done with the wall; the message says why."""


@dataclasses.dataclass(frozen=True)
class Switches:
    """How the presenter has set the wall."""

    hold: bool = True  # only approved drawings appear
    blank: bool = False  # nothing but the way to join
    large: int | None = None  # the drawing that is shown large
    address: str | None = None  # of this machine: the one that phones are to use first
    # What stood there when it was frozen: {"drawings": [ids], "statistics": {...}}.
    frozen: dict | None = None

    @property
    def statuses(self):
        """Of the drawings that may be shown."""
        return (Drawing.APPROVED,) if self.hold else (Drawing.APPROVED, Drawing.PENDING)


def token(session):
    """Who has it in the wall's address sees the wall."""
    return session.get(Setting, Setting.WALL_TOKEN).value


def is_token(session, text):
    """Whether a text is the token."""
    return hmac.compare_digest(text.encode(), token(session).encode())


def renew_token(session):
    """Make a new token: addresses with the old one end."""
    session.get(Setting, Setting.WALL_TOKEN).value = new_wall_token()
    audit.note(session, "The wall has a new address; the old one ended.")


def switches(session):
    """How the wall is set, Switches."""
    row = session.get(Setting, _SWITCHES)
    return Switches(**json.loads(row.value)) if row else Switches()


def switch(session, name, on):
    """Turn "hold", "frozen" or "blank" on or off; WallError for another name."""
    if name not in _SENTENCES:
        raise WallError(f"The wall has no switch {name!r}, only {', '.join(_SENTENCES)}.")
    current = _locked_switches(session)
    if bool(getattr(current, name)) == on:
        return
    value = on
    if name == "frozen":
        value = _what_stands(session) if on else None
    _store(session, dataclasses.replace(current, **{name: value}))
    audit.note(session, f"The wall {_SENTENCES[name][0 if on else 1]}.")


def show_large(session, number):
    """Show one of the latest drawings large, by its id; none with None.

    Raises WallError if the wall does not show it.
    """
    current = _locked_switches(session)
    if number is not None and not _is_visible(session, current, number):
        raise WallError("The wall does not show this drawing any more. Choose another one.")
    _store(session, dataclasses.replace(current, large=number))
    done = "shows all drawings" if number is None else f"shows drawing {number} large"
    audit.note(session, f"The wall {done}.")


def put_first(session, address):
    """Show one of this machine's addresses large: the one that phones can reach.

    Raises WallError if the machine does not have it.
    """
    if address not in joining.of_this_machine():
        raise WallError("This machine does not have this address any more. Look again.")
    current = _locked_switches(session)
    _store(session, dataclasses.replace(current, address=address))
    audit.note(session, f"The wall shows the address {address} large.")


def in_order(session, addresses):
    """Addresses of this machine, the one that the presenter chose before all others."""
    first = switches(session).address
    return sorted(addresses, key=lambda address: address != first)


def latest(session):
    """The newest drawings that may be shown, newest first: at most KEPT of them."""
    query = _visible(switches(session)).order_by(Drawing.id.desc()).limit(KEPT)
    return session.scalars(query).all()


def _visible(current, *conditions):
    """The query for drawings that may be shown while the switches are these."""
    conditions += (Drawing.status.in_(current.statuses), _welcome())
    if current.frozen:
        conditions += (Drawing.id.in_(current.frozen["drawings"]),)
    return sa.select(Drawing).where(*conditions)


def _welcome():
    """The condition that a drawing is by nobody who is blocked."""
    blocked = sa.select(Participant.id).where(Participant.blocked)
    return Drawing.participant_id.not_in(blocked)


def _is_visible(session, current, number):
    query = _visible(current, Drawing.id == number)
    return 0 < number <= MAX_ID and session.scalar(query) is not None


def statistics(session):
    """What the room has reached, a dict.

    total and right: drawings that count, and those that the network named rightly; confused:
    [[label, said, times], ...], the most frequent first; per_minute: drawings in the last
    minute. Drawings that wait for approval do not count while they are held, except in
    per_minute, which says how fast the room draws; those of blocked people never do.
    """
    current = switches(session)
    if current.frozen:
        return current.frozen["statistics"]
    counts = session.execute(
        sa.select(Drawing.label, Drawing.said, sa.func.count())
        .where(Drawing.status.in_(current.statuses), _welcome())
        .group_by(Drawing.label, Drawing.said)
    ).all()
    wrong = [tuple(row) for row in counts if row.said is not None and row.said != row.label]
    wrong.sort(key=lambda row: (-row[2], row[0], row[1]))
    lately = (Drawing.created_at > now() - PACE) & (Drawing.status != Drawing.REJECTED)
    paced = sa.select(sa.func.count()).where(lately, _welcome())
    return {
        "total": sum(times for _, _, times in counts),
        "right": sum(times for label, said, times in counts if label == said),
        "confused": wrong[:CONFUSED],
        "per_minute": session.scalar(paced),
    }


def view(session):
    """All that the room may see now, a dict.

    frozen and blank: bool; large: a drawing or None; drawings: newest first; statistics: None
    while the wall is blank.
    """
    current = switches(session)
    if current.blank:
        large, drawings, figures = None, [], None
    else:
        large = session.scalar(_visible(current, Drawing.id == current.large))
        drawings, figures = latest(session), statistics(session)
    return {
        "frozen": bool(current.frozen),
        "blank": current.blank,
        "large": large and as_shown(large),
        "drawings": [as_shown(drawing) for drawing in drawings],
        "statistics": figures,
    }


def as_shown(drawing):
    """What the room sees of a drawing, a dict: nothing that leads to who made it."""
    return {
        "id": drawing.id,
        "pixels": pictures.in_address(list(drawing.pixels)),
        "said": drawing.said,
        "certainty": round(drawing.certainty, 3),
        "verdict": drawing.verdict,
        "label": drawing.label,
    }


def _what_stands(session):
    return {
        "drawings": [drawing.id for drawing in latest(session)],
        "statistics": statistics(session),
    }


def _locked_switches(session):
    """The switches, which nobody else changes until this session ends."""
    session.get(Setting, _SWITCHES, with_for_update=True, populate_existing=True)
    return switches(session)


def _store(session, changed):
    session.merge(Setting(name=_SWITCHES, value=json.dumps(dataclasses.asdict(changed))))
