"""What the application holds for its views, by name and type."""

from flask import current_app

from webapp.config import Settings
from webapp.learning.recognition import Recogniser
from webapp.room.averages import Averages
from webapp.room.devices import Sightings
from webapp.room.limits import Limits
from webapp.storage.database import Database


def database() -> Database:
    """The database of the application."""
    found: Database = current_app.extensions["database"]
    return found


def settings() -> Settings:
    """The value of every setting by its name."""
    found: Settings = current_app.extensions["settings"]
    return found


def recogniser() -> Recogniser:
    """Answers with the live version."""
    found: Recogniser = current_app.extensions["recogniser"]
    return found


def room_averages() -> Averages:
    """The average of the room's drawings."""
    found: Averages = current_app.extensions["room_averages"]
    return found


def nudge_worker() -> None:
    """Let the training worker look for waiting runs and unread drawings."""
    current_app.extensions["nudge"]()


def sightings() -> Sightings:
    """Notes which devices ask for pages."""
    found: Sightings = current_app.extensions["sightings"]
    return found


def listens_on() -> tuple[str, int]:
    """Host and port that the server listens on."""
    host, port = current_app.config["LISTENS_ON"]
    return host, port


def limits() -> Limits:
    """How many drawings are kept."""
    found: Limits = current_app.config["LIMITS"]
    return found
