"""The room's average picture of each digit, for pages that must not wait for the database."""

import concurrent.futures
import time
from concurrent.futures import Future, ThreadPoolExecutor
from typing import NamedTuple

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from nn import neighbours
from webapp.room import review
from webapp.storage.database import Database
from webapp.storage.tables import Drawing, Participant

_FRESH = 2.0  # seconds until the database is asked again
_PATIENCE = 0.2  # seconds that an answer waits for it


class Room(NamedTuple):
    """What the room may see of its drawings: the approved ones by people who are not blocked.

    averages : (10, 64), 0..16
    counts : (10,), how many drawings of each digit there are
    """

    averages: NDArray[np.floating]
    counts: NDArray[np.int_]


class Averages:
    """Follows the room's drawings in a thread of its own."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="room averages")
        self._mark: object = None  # of the state that was read last
        self._room: Room | None = None
        self._look: Future[None] | None = None
        self._looked_at = -_FRESH

    def current(self) -> Room | None:
        """The averages, some seconds old at most; older ones while the database is away.

        None if they were never read.
        """
        if self._look is None and time.monotonic() - self._looked_at >= _FRESH:
            self._look = self._thread.submit(self._read)
        if self._look is not None:
            try:
                self._look.result(timeout=_PATIENCE)
            except concurrent.futures.TimeoutError:
                return self._room
            except SQLAlchemyError:
                pass  # the log has it
            self._look, self._looked_at = None, time.monotonic()
        return self._room

    def _read(self) -> None:
        with self._database.reading() as session:
            mark = review.mark(session)
            if mark != self._mark:
                self._room, self._mark = of_the_room(session), mark


def of_the_room(session: Session) -> Room:
    """The averages of all drawings that the room may see."""
    query = (
        sa.select(Drawing.pixels, Drawing.label)
        .join(Participant)
        .where(Drawing.status == Drawing.APPROVED, ~Participant.blocked)
    )
    rows = session.execute(query).all()
    pixels = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8).reshape(-1, 64)
    return Room(*neighbours.averages(pixels, np.array([row.label for row in rows], int)))
