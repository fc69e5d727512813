"""8x8 pixels -> the answer of the live version."""

import logging
import time

import numpy as np
from numpy.typing import NDArray
from sqlalchemy.exc import SQLAlchemyError

from nn import files
from nn.files import ModelFileError
from nn.model import Answer, Model
from webapp.learning import versions
from webapp.storage.database import Database
from webapp.storage.tables import SHIPPED_VERSION

FOLLOWED_WITHIN = 0.25  # seconds until a promotion is noticed

_Live = tuple[tuple[int, int], Model]

_log = logging.getLogger(__name__)


class Recogniser:
    """Answers with the live version, and notices when another one goes live."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # versions.live_key and its model: replaced as one, because two threads use them.
        try:
            self._live = self._load()
        except SQLAlchemyError:  # the database is away: the shipped model answers meanwhile
            self._live = (0, SHIPPED_VERSION), files.load(files.SHIPPED)

    def recognise(self, pixels: NDArray[np.uint8]) -> Answer:
        """The live version's answer to pixels (8, 8), 0..16."""
        self._follow()
        (_, version), model = self._live
        return model.judge(pixels.reshape(1, -1), version)[0]

    def version(self) -> int:
        """The number of the live version."""
        self._follow()
        return self._live[0][1]

    def _follow(self) -> None:
        if time.monotonic() - self._looked_at < FOLLOWED_WITHIN:
            return
        try:
            self._live = self._load(self._live)
        except (SQLAlchemyError, ModelFileError, versions.RegistryError):
            # The model that was live until now still answers.
            _log.exception("the live version could not be read")

    def _load(self, known: _Live | None = None) -> _Live:
        """What is live now; `known` itself if that has not changed."""
        self._looked_at = time.monotonic()
        with self._database.reading() as session:
            key = versions.live_key(session)
            if known and known[0] == key:
                return known
            return key, versions.load(session, key[1])
