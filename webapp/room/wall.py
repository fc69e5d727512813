"""The wall: who may see it, and the presenter's switches for it.

The server sends only what the room may see; `webapp.room.shown` says what that is. Functions
that change something take a session of `Database.writing`. They raise Refusal, with a sentence.
"""

import hmac
from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from nn.refusal import Refusal
from nn.words import N_
from webapp.room import joining, shown, switches
from webapp.storage import audit
from webapp.storage.first_start import new_wall_token
from webapp.storage.tables import Setting

MAX_WIFI = 32  # characters, as in the standard of wireless networks, IEEE 802.11

_SENTENCES = {
    "hold": (
        N_("The wall shows approved drawings only."),
        N_("The wall shows drawings without approval."),
    ),
    "frozen": (N_("The wall was paused."), N_("The wall was resumed.")),
    "blank": (N_("The wall was blanked."), N_("The wall shows drawings again.")),
    "training": (
        N_("The wall shows training large."),
        N_("The wall shows training small."),
    ),
}


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


def switch(session: Session, name: str, on: bool, version: int) -> None:
    """Turn "hold", "frozen", "blank" or "training" on or off; Refusal for another name.

    version : the one whose readings the wall shows. A paused wall keeps to it.
    """
    if name not in _SENTENCES:
        raise Refusal(
            "The wall has no switch {name!r:.40}, only {switches}.",
            code="no_such_switch",
            name=name,
            switches=", ".join(_SENTENCES),
        )
    current = switches.locked(session)
    if current.state[name] == on:
        return
    if name == "frozen":
        switches.store(session, frozen=_shown_now(session, version) if on else None)
    else:
        switches.store(session, **{name: on})
    audit.note(session, _SENTENCES[name][0 if on else 1])


def show_large(session: Session, number: int | None) -> None:
    """Show one drawing large, by its id, or with None all drawings again."""
    current = switches.locked(session)
    if number is not None and not shown.is_visible(session, current, number):
        raise Refusal(
            "The wall does not show this drawing any more. Choose another one.",
            code="not_on_the_wall",
        )
    switches.store(session, large=number)
    if number is None:
        audit.note(session, "The wall shows all drawings.")
    else:
        audit.note(session, "The wall shows drawing {number} large.", number=number)


def name_wifi(session: Session, text: str) -> None:
    """Show this name of a Wi-Fi network where the wall says how to join; "" shows none."""
    name = " ".join(text.split())
    if len(name) > MAX_WIFI or not name.isprintable():
        raise Refusal(
            "The name of a Wi-Fi network has at most {most} characters, all of them printable.",
            most=MAX_WIFI,
        )
    if name == switches.locked(session).wifi:
        return
    switches.store(session, wifi=name)
    if name:
        audit.note(session, "The wall names the Wi-Fi “{name}”.", name=name)
    else:
        audit.note(session, "No Wi-Fi is named.")


def put_first(session: Session, address: str) -> None:
    """Show one of this machine's addresses large: the one that phones can reach."""
    if address not in joining.of_this_machine():
        raise Refusal(
            "This machine no longer has this address. Reload the page.",
            code="not_an_address",
        )
    switches.store(session, address=address)
    audit.note(session, "The wall shows the address {address} large.", address=address)


def in_order(session: Session, addresses: Sequence[str]) -> list[str]:
    """Addresses of this machine, the one that the presenter chose before all others."""
    first = switches.current(session).address
    return sorted(addresses, key=lambda address: address != first)


def view(session: Session, version: int) -> dict[str, Any]:
    """All that the room may see now.

    version : the one whose readings are shown

    frozen, blank, training: bool; wifi: text; large: a drawing or None; drawings: newest
    first; waiting: how many drawings wait; statistics: None while the wall is blank.
    """
    current = switches.current(session)
    state = {
        "frozen": bool(current.frozen),
        "blank": current.blank,
        "training": current.training,
        "wifi": current.wifi,
    }
    if current.blank:
        return {**state, "large": None, "drawings": [], "waiting": 0, "statistics": None}
    return {
        **state,
        "large": shown.large(session, version),
        "drawings": shown.latest(session, version),
        "waiting": shown.waiting(session),
        "statistics": shown.statistics(session, version),
    }


def _shown_now(session: Session, version: int) -> dict[str, Any]:
    return {
        "drawings": [drawing["id"] for drawing in shown.latest(session, version)],
        "statistics": shown.statistics(session, version),
        "version": version,
    }
