"""Which devices other than this machine asked for a page recently: do phones reach it?"""

import contextlib
import hashlib
import hmac
import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.room import joining
from webapp.storage.database import Database
from webapp.storage.outage import UNAVAILABLE
from webapp.storage.tables import Device, now

EVERY = 20  # seconds: a device is written down at most this often
RECENT = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(minutes=10)
_PAUSE = 0.5  # seconds, at least, between two looks at what others have written
MOST = 5000  # devices: whether phones reach this machine is clear long before


def seen_recently(session: Session) -> int:
    """How many devices asked for a page in the last minute; of a crowd some MOST."""
    query = sa.select(sa.func.count()).select_from(Device)
    return session.scalar(query.where(Device.seen_at > now() - RECENT)) or 0


def forget_old(session: Session) -> None:
    """Delete what is known about devices that are gone. The training worker does so often."""
    session.execute(sa.delete(Device).where(Device.seen_at < now() - FORGOTTEN_AFTER))


def _noted_by_others(session: Session, addresses: set[str]) -> set[str]:
    """Those of the addresses that another process or node has just written down."""
    fresh = Device.seen_at > now() - timedelta(seconds=EVERY)
    query = sa.select(Device.address).where(Device.address.in_(addresses), fresh)
    return set(session.scalars(query))


class Sightings:
    """Notes the devices that one process sees, in a thread: no request waits for it.

    Every process sees every device. So that they do not all write, and keep drawings from
    being written meanwhile, each writes only what no other has, all of it in two statements.
    """

    def __init__(self, database: Database, secret_key: str) -> None:
        self._database = database
        self._key = secret_key.encode()
        self._noted: dict[str, float] = {}  # address -> when, time.monotonic
        self._waiting: set[str] = set()
        self._free = 0.0  # when the next may be written, time.monotonic
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1)

    def note(self, address: str | None) -> None:
        """Note that a request came from this address; quick, and never fails."""
        if not address or joining.is_loopback(address):
            return
        address = joining.plain(address)
        with self._lock:
            at = time.monotonic()
            if at - self._noted.get(address, -EVERY) < EVERY:
                return
            self._noted[address] = at
            self._waiting.add(address)
            if len(self._waiting) > 1:
                return  # the thread will write both
        self._thread.submit(self._write)

    def finish(self) -> None:
        """Wait until everything is written."""
        self._thread.submit(lambda: None).result()

    def _write(self) -> None:
        time.sleep(max(0.0, self._free - time.monotonic()))
        self._free = time.monotonic() + _PAUSE
        with self._lock:
            addresses, self._waiting = set(itertools.islice(self._waiting, MOST)), set()
            at = time.monotonic()
            self._noted = {a: t for a, t in self._noted.items() if at - t < EVERY}
        hashed = {self._hashed(a) for a in addresses - set(joining.of_this_machine())}
        with contextlib.suppress(*UNAVAILABLE):  # the log has it; they will soon be seen again
            with self._database.reading() as session:
                is_crowd = seen_recently(session) >= MOST
                missing = hashed - _noted_by_others(session, hashed)
            if missing and not is_crowd:
                with self._database.writing("devices") as session:
                    session.execute(sa.delete(Device).where(Device.address.in_(missing)))
                    rows = [{"address": address, "seen_at": now()} for address in missing]
                    session.execute(sa.insert(Device), rows)

    def _hashed(self, address: str) -> str:
        return hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()
