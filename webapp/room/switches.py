"""How the presenter has set the wall: one row of the database, read and changed as a whole."""

import dataclasses
import json
from typing import Any

from sqlalchemy.orm import Session

from webapp.storage.tables import Drawing, Setting

_ROW = "wall"


@dataclasses.dataclass(frozen=True)
class Switches:
    """How the presenter has set the wall."""

    hold: bool = True  # only approved drawings appear
    blank: bool = False  # the wall shows only how to join
    training: bool = False  # the run under way is shown large
    large: int | None = None  # the drawing that is shown large
    address: str | None = None  # of this machine: the one that is shown large
    wifi: str = ""  # the network's name, as the presenter typed it
    # What the wall showed when it was paused:
    # {"drawings": [ids], "statistics": {...}, "version": the one that had read them}.
    frozen: dict[str, Any] | None = None

    @property
    def statuses(self) -> tuple[str, ...]:
        """A drawing with one of these statuses may be shown."""
        return (Drawing.APPROVED,) if self.hold else (Drawing.APPROVED, Drawing.PENDING)

    @property
    def state(self) -> dict[str, Any]:
        """All that the presenter can set, by name; of `frozen` only whether it is on."""
        return dataclasses.asdict(self) | {"frozen": bool(self.frozen)}


def current(session: Session) -> Switches:
    """The switches as they are now."""
    row = session.get(Setting, _ROW)
    return Switches(**json.loads(row.value)) if row else Switches()


def locked(session: Session) -> Switches:
    """The switches, which nobody else changes until this session ends."""
    session.get(Setting, _ROW, with_for_update=True, populate_existing=True)
    return current(session)


def store(session: Session, **changed: Any) -> None:
    """Keep the switches with these changes."""
    new = dataclasses.replace(locked(session), **changed)
    session.merge(Setting(name=_ROW, value=json.dumps(dataclasses.asdict(new))))
