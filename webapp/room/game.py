"""The game "Draw a 7": how many digits of the room the network read. A count and nothing else.

A round is one digit that somebody drew on request. Neither the drawing nor the person is kept.
"""

import json
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy.orm import Session

from webapp.storage.tables import Setting, now

OVER_AFTER = timedelta(hours=1)  # without a round; the next one starts a new count

_NAME = "game"


class Score(NamedTuple):
    """The room's score."""

    right: int
    played: int


def score(session: Session) -> Score | None:
    """The score of the room's game; None if nobody plays, or has not for an hour."""
    row = session.get(Setting, _NAME)
    if row is None:
        return None
    kept = json.loads(row.value)
    is_over = now() - datetime.fromisoformat(kept["at"]) > OVER_AFTER
    return None if is_over else Score(kept["right"], kept["played"])


def count(session: Session, right: bool) -> Score:
    """Count a round; the score with it. Takes a session of `Database.writing`."""
    before = score(session) or Score(0, 0)
    new = Score(before.right + right, before.played + 1)
    kept = new._asdict() | {"at": now().isoformat()}
    session.merge(Setting(name=_NAME, value=json.dumps(kept)))
    return new
