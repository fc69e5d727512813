"""8x8 pixels -> the answer of the live version."""

import concurrent.futures
import logging
import threading
import time
from concurrent.futures import Future, ThreadPoolExecutor
from datetime import datetime

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError

from nn import files
from nn.files import ModelFileError
from nn.model import Answer, Model
from webapp.learning import versions
from webapp.storage.database import Database
from webapp.storage.outage import UNAVAILABLE
from webapp.storage.tables import SHIPPED_VERSION

FOLLOWED_WITHIN = 0.25  # seconds until a promotion is noticed
_PATIENCE = 0.2  # seconds that an answer waits for a look at what is live, once a look
_KEPT = 4  # models of other versions, of up to 7 MB each

_Live = tuple[tuple[int, int], Model]

_log = logging.getLogger(__name__)


class Recogniser:
    """Answers with the live version, and notices when another one goes live.

    A thread of its own looks at the database. If that hangs, the model that was live until
    now goes on answering.
    """

    def __init__(self, database: Database) -> None:
        self._database = database
        # versions.live_key and its model: replaced as one, because two threads use them.
        try:
            self._live = self._load()
        except SQLAlchemyError:  # the database is away: the shipped model answers meanwhile
            self._live = (0, SHIPPED_VERSION), files.load(files.SHIPPED)
        self._looked_at = time.monotonic()
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="live version")
        self._look: Future[_Live] | None = None  # that has not ended yet
        self._following = threading.Lock()
        # By number and time: a database that is restored meanwhile may have others of the same
        # numbers. The one that was asked for last stands at the end.
        self._others: dict[tuple[int, datetime], Model] = {}

    def recognise(self, pixels: NDArray[np.uint8]) -> Answer:
        """The live version's answer to pixels (8, 8), 0..16."""
        version, model = self.live()
        return model.judge(pixels.reshape(1, -1), version)[0]

    def version(self) -> int:
        """The number of the live version."""
        return self.live()[0]

    def live(self) -> tuple[int, Model]:
        """Number and model of the live version."""
        self._follow()
        (_, version), model = self._live
        return version, model

    def model(self, number: int) -> Model:
        """The model of any version. Unlike the live one, others are looked up in the database.

        Raises versions.NoSuchVersion if there is none of this number, or it was deleted.
        """
        live, model = self.live()
        if number == live:
            return model
        with self._database.reading() as session:
            key = number, versions.version(session, number).created_at
            model = self._others.get(key) or versions.load(session, number)
        others = {each: kept for each, kept in self._others.items() if each != key}
        self._others = dict([*others.items(), (key, model)][-_KEPT:])
        return model

    def _follow(self) -> None:
        """Take over what is live now, if the last look was a while ago."""
        if time.monotonic() - self._looked_at < FOLLOWED_WITHIN:
            return
        if self._following.acquire(blocking=False):  # or another thread sees to it
            try:
                self._take_over()
            finally:
                self._following.release()

    def _take_over(self) -> None:
        is_late = self._look is not None
        look = self._look or self._thread.submit(self._load, self._live)
        self._look = look
        try:
            self._live = look.result(timeout=0 if is_late else _PATIENCE)
        except concurrent.futures.TimeoutError:
            return  # an answer that comes later takes it over
        except UNAVAILABLE:
            pass  # the log has it
        except (SQLAlchemyError, ModelFileError, versions.RegistryError):
            _log.exception("the live version could not be read")
        self._look, self._looked_at = None, time.monotonic()

    def _load(self, known: _Live | None = None) -> _Live:
        """What is live now; `known` itself if that has not changed."""
        with self._database.reading() as session:
            key = versions.live_key(session)
            if known and known[0] == key:
                return known
            return key, versions.load(session, key[1])
