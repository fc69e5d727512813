"""Says once in the log that the database cannot be used, and once that it can again."""

import contextlib
import logging
import threading
from collections.abc import Iterator

from sqlalchemy.exc import InterfaceError, OperationalError

# The database is locked by another program, full or out of reach: this may pass.
UNAVAILABLE = (OperationalError, InterfaceError)

_log = logging.getLogger(__name__)


class Outage:
    """Watches all work with a database. Hundreds of requests that fail make one line."""

    def __init__(self) -> None:
        self._work = ""  # what failed first, until it succeeds again
        self._lock = threading.Lock()

    @contextlib.contextmanager
    def watched(self, work: str) -> Iterator[None]:
        """Notice whether the block can use the database; work is "read" or "written"."""
        try:
            yield
        except UNAVAILABLE as error:
            self._begin(work, error)
            raise
        else:
            self._end(work)

    def _begin(self, work: str, error: OperationalError | InterfaceError) -> None:
        with self._lock:
            if self._work:
                return
            self._work = work
        reason = " ".join(str(error.orig).split())
        _log.error("The database cannot be %s: %s. Inkling tries again.", work, reason)

    def _end(self, work: str) -> None:
        if self._work != work:  # read once without the lock: most often there is no outage
            return
        with self._lock:
            self._work = ""
        _log.error("The database can be %s again.", work)
