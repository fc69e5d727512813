"""8x8 pixels -> what the live version answers."""

import logging
import time

from sqlalchemy.exc import SQLAlchemyError

from nn.files import ModelFileError
from webapp.learning import versions

FOLLOWED_WITHIN = 0.25  # seconds until a promotion is noticed

_log = logging.getLogger(__name__)


class Recogniser:
    """Follows the database's live version."""

    def __init__(self, database):
        self._database = database
        # What versions.live_key says, and the model: changed as one, for two threads may ask.
        self._live = (None, None)
        self._looked_at = 0.0
        self._load()

    def recognise(self, pixels):
        """The nn.model.Answer of the live version to pixels (8, 8) int 0..16."""
        self._follow()
        (_, version), model = self._live
        return model.judge(pixels.reshape(1, -1), version)[0]

    def _follow(self):
        if time.monotonic() - self._looked_at < FOLLOWED_WITHIN:
            return
        try:
            self._load()
        except (SQLAlchemyError, ModelFileError, versions.RegistryError):
            # Better an answer of the model that was live than none.
            _log.exception("the live version could not be read")

    def _load(self):
        self._looked_at = time.monotonic()
        with self._database.reading() as session:
            key = versions.live_key(session)
            if key != self._live[0]:
                self._live = key, versions.load(session, key[1])
