"""Which devices other than this machine asked for a page lately: whether phones get through."""

import hashlib
import hmac
import logging
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

from webapp.room import joining
from webapp.storage.tables import Device, now

EVERY = 20  # seconds, at least, between two sightings of one device that are written
LATELY = timedelta(minutes=1)
FORGOTTEN_AFTER = timedelta(minutes=10)

_log = logging.getLogger(__name__)


def seen_lately(session):
    """How many devices there were in the last minute."""
    query = sa.select(sa.func.count()).select_from(Device)
    return session.scalar(query.where(Device.seen_at > now() - LATELY))


def forget_old(session):
    """Drop what says where devices were; the training worker does so all the time."""
    session.execute(sa.delete(Device).where(Device.seen_at < now() - FORGOTTEN_AFTER))


class Sightings:
    """Notes the devices that one process sees. Nobody waits for the database meanwhile."""

    def __init__(self, database, secret_key):
        self._database = database
        self._key = secret_key.encode()
        self._noted = {}  # address -> when, time.monotonic
        self._waiting = set()
        self._lock = threading.Lock()
        self._thread = ThreadPoolExecutor(max_workers=1)

    def note(self, address):
        """A request came from this address, a text; quick, and never fails."""
        if not address or joining.is_loopback(address):
            return
        with self._lock:
            at = time.monotonic()
            if at - self._noted.get(address, -EVERY) < EVERY:
                return
            self._noted = {a: t for a, t in self._noted.items() if at - t < EVERY}
            self._noted[address] = at
            self._waiting.add(address)
            if len(self._waiting) > 1:
                return  # the one that waits takes this one along
        self._thread.submit(self._write)

    def finish(self):
        """Wait until everything is written."""
        self._thread.submit(lambda: None).result()

    def _write(self):
        with self._lock:
            addresses, self._waiting = self._waiting, set()
        hashed = {self._hashed(a) for a in addresses - set(joining.of_this_machine())}
        try:
            with self._database.writing() as session:
                for address in hashed:
                    session.merge(Device(address=address, seen_at=now()))
        except SQLAlchemyError as error:  # the next sighting is soon
            _log.warning("a device could not be noted: %s", error)

    def _hashed(self, address):
        return hmac.new(self._key, address.encode(), hashlib.sha256).hexdigest()
