"""The first start: everything that an empty data folder lacks, made once.

A later start finds it all there and only looks. An older database is upgraded.
"""

import logging
import secrets

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from nn import files
from nn.files import ModelFileError
from nn.words import Sentence
from webapp.config import Settings
from webapp.storage import audit, folder
from webapp.storage.database import Database
from webapp.storage.tables import SHIPPED_NAME, ActiveModel, ModelVersion, Setting

_log = logging.getLogger(__name__)
_LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"  # without letters that look alike


def prepare(settings: Settings, with_password: bool = True) -> str | None:
    """Make the data folder ready to use.

    Afterwards the database has all tables, the key that signs sessions, the token of the
    wall's address, a password, and the shipped model as version 1, which is live. If the live
    version is gone or damaged, the newest one that can be used goes live.

    Returns the new password if one was made, to be shown once. The database keeps only its
    hash. Commands that serve no page make none: `with_password` is False.

    Raises ConfigError if the folder cannot be used, DatabaseAway if the database cannot.
    """
    needed = {Setting.SECRET_KEY, Setting.WALL_TOKEN}
    if with_password and not settings["admin_password"]:
        needed.add(Setting.PASSWORD_HASH)
    folder.make(settings["data_dir"])
    database = Database(settings)
    try:
        database.upgrade()
        with database.reading() as session:
            if not _missing(session, needed) and _is_usable(_live(session)):
                return None
        with database.writing() as session:
            return _add(session, _missing(session, needed))
    except SQLAlchemyError as error:
        raise database.away(error) from error
    finally:
        database.close()


def secret_key(database: Database) -> str | None:
    """The key that signs sessions; None as long as the database cannot be used."""
    try:
        with database.reading() as session:
            return session.get_one(Setting, Setting.SECRET_KEY).value
    except SQLAlchemyError:
        return None


def new_wall_token() -> str:
    """A token that nobody guesses, for the wall's address."""
    return secrets.token_urlsafe(18)


def _missing(session: Session, needed: set[str]) -> set[str]:
    """Those of the needed rows of Setting that do not exist."""
    return needed - set(session.scalars(sa.select(Setting.name)))


def _live(session: Session) -> ModelVersion | None:
    newest = session.scalar(sa.select(ActiveModel).order_by(ActiveModel.id.desc()).limit(1))
    return newest.version if newest else None


def _is_usable(version: ModelVersion | None) -> bool:
    if version is None or version.deleted_at or version.weights is None:
        return False
    try:
        files.from_bytes(version.weights)
    except ModelFileError:
        return False
    return True


def _add(session: Session, missing: set[str]) -> str | None:
    """Add the missing settings and the first version; returns the password if one was made."""
    if Setting.SECRET_KEY in missing:
        session.add(Setting(name=Setting.SECRET_KEY, value=secrets.token_hex(32)))
    if Setting.WALL_TOKEN in missing:
        session.add(Setting(name=Setting.WALL_TOKEN, value=new_wall_token()))
    if not _is_usable(_live(session)):
        _make_live(session, _live(session), _newest_usable(session) or _shipped(session))
    if Setting.PASSWORD_HASH not in missing:
        return None
    password = _new_password()
    session.add(Setting.password(password))
    return password


def _newest_usable(session: Session) -> ModelVersion | None:
    versions = session.scalars(sa.select(ModelVersion).order_by(ModelVersion.id.desc()))
    return next(filter(_is_usable, versions), None)


def _shipped(session: Session) -> ModelVersion:
    version = ModelVersion.of(files.load(files.SHIPPED), SHIPPED_NAME, "shipped")
    session.add(version)
    session.flush()
    return version


def _make_live(session: Session, lost: ModelVersion | None, version: ModelVersion) -> None:
    session.add(ActiveModel(version_id=version.id))
    if lost:
        sentence = Sentence(
            "Version {lost} was live and cannot be used any more. "
            "Version {version}, “{name}”, is live in its place.",
            lost=lost.id,
            version=version.id,
            name=version.shown_name,
        )
        audit.note(session, sentence)
        _log.warning(sentence)


def _new_password() -> str:
    return "-".join("".join(secrets.choice(_LETTERS) for _ in range(4)) for _ in range(3))
