"""Which devices other than this machine asked for a page recently: do phones reach it?"""

import hashlib
import hmac
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


def seen_recently(session: Session) -> int:
    """How many devices asked for a page in the last minute."""
    query = sa.select(sa.func.count()).select_from(Device)
    return session.scalar(query.where(Device.seen_at > now() - RECENT)) or 0


def forget_old(session: Session) -> None:
    """Delete what is known about devices that are gone. The training worker does so often."""
    session.execute(sa.delete(Device).where(Device.seen_at < now() - FORGOTTEN_AFTER))


class Sightings:
    """Notes the devices that one process sees, in a thread: no request waits for it."""

    def __init__(self, database: Database, secret_key: str) -> None:
        self._database = database
        self._key = secret_key.encode()
        self._noted: dict[str, float] = {}  # address -> when, time.monotonic
        self._waiting: set[str] = set()
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
            self._noted = {a: t for a, t in self._noted.items() if at - t < EVERY}
            self._noted[address] = at
            self._waiting.add(address)
            if len(self._waiting) > 1:
                return  # the thread will write both
        self._thread.submit(self._write)

    def finish(self) -> None:
        """Wait until everything is written."""
        self._thread.submit(lambda: None).result()

    def _write(self) -> None:
        with self._lock:
            addresses, self._waiting = self._waiting, set()
        hashed = {self._hashed(a) for a in addresses - set(joining.of_this_machine())}
        try:
            with self._database.writing() as session:
                for address in hashed:
                    session.merge(Device(address=address, seen_at=now()))
        except UNAVAILABLE:
            pass  # the log has it, and the device will soon be seen again

    def _hashed(self, address: str) -> str:
        return hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()
