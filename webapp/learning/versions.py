"""The versions of the model: publish, promote, roll back, rename, delete.

Which version is live is the newest row of ActiveModel, and nothing else: every web process
looks at it. Functions that change something take a session of `Database.writing`; they raise
RegistryError, with a sentence, when they refuse.
"""

import sqlalchemy as sa

from nn import files
from nn.refusal import Refusal
from webapp.storage import audit
from webapp.storage.database import by_number
from webapp.storage.tables import SHIPPED_VERSION, ActiveModel, ModelVersion, now

MAX_NAME = 60  # characters


class RegistryError(Refusal):
    """What cannot be done with a version; the message says why."""

    code = "version_refused"


class NoSuchVersion(RegistryError):
    """There is no version of this number, or no longer."""

    code = "no_such_version"


def publish(session, model, name, origin, run=None):
    """Keep `model`, an nn Model, as a new version, measured on the held-out digits.

    Raises nn.files.ModelFileError when its numbers are none that a file may hold.
    """
    version = ModelVersion.of(model, checked_name(name), origin, run and run.id)
    session.add(version)
    session.flush()
    return version


def upload(session, data, name):
    """Keep a stranger's model file, bytes, as a new version; ModelFileError if it is none."""
    version = publish(session, files.from_bytes(data), name, "upload")
    audit.note(session, f"Version {version.id}, “{version.name}”, was uploaded.")
    return version


def usable(session):
    """All versions that can be used, newest first."""
    query = sa.select(ModelVersion).where(ModelVersion.deleted_at.is_(None))
    return session.scalars(query.order_by(ModelVersion.id.desc())).all()


def version(session, number):
    """The version of this number; NoSuchVersion if there is none, or no longer."""
    found = by_number(session, ModelVersion, number)
    if found is None:
        raise NoSuchVersion(f"There is no version {number}.")
    if found.deleted_at:
        raise NoSuchVersion(f"Version {number} was deleted.")
    return found


def load(session, number):
    """The version's model, an nn Model."""
    return files.from_bytes(version(session, number).weights)


def live(session):
    """The row that says what is live, an ActiveModel."""
    return session.scalars(_newest_first(ActiveModel)).first()


def live_key(session):
    """(id of that row, number of its version): cheap to ask for again and again."""
    return tuple(session.execute(_newest_first(ActiveModel.id, ActiveModel.version_id)).first())


def _newest_first(*columns):
    return sa.select(*columns).order_by(ActiveModel.id.desc()).limit(1)


def periods(session):
    """When each version was live: {number: [(since, until), ...]}, until None for now."""
    rows = session.scalars(sa.select(ActiveModel).order_by(ActiveModel.id)).all()
    found = {}
    for row, following in zip(rows, [*rows[1:], None]):
        until = following and following.since
        found.setdefault(row.version_id, []).append((row.since, until))
    return found


def promote(session, number):
    """Make a version live."""
    chosen, current = version(session, number), live(session)
    if current.version_id == number:
        raise RegistryError(f"Version {number} is live already.")
    session.add(ActiveModel(version_id=number, previous_id=current.id))
    audit.note(session, f"Version {number}, “{chosen.name}”, went live.")


def roll_back(session, seen=None):
    """Make live what was live before; again and again, further back.

    `seen` is the id of the ActiveModel row that the person saw: RegistryError if another
    has become live since, so that two presses do not go back two steps.
    """
    current = live(session)
    if seen is not None and seen != current.id:
        raise RegistryError("Another version has become live meanwhile. Look again.")
    target = before_live(session)
    if target is None:
        raise RegistryError("There is no earlier version to roll back to.")
    session.add(ActiveModel(version_id=target.version_id, previous_id=target.previous_id))
    audit.note(
        session, f"Rolled back from version {current.version_id} to {target.version_id}."
    )


def before_live(session):
    """The ActiveModel row that Roll back would bring back, or None."""
    current = live(session)
    entry = current.previous
    while entry and (entry.version.deleted_at or entry.version_id == current.version_id):
        entry = entry.previous
    return entry


def rename(session, number, name):
    """Give a version another name."""
    chosen, name = version(session, number), checked_name(name)
    audit.note(session, f"Version {number}, “{chosen.name}”, was renamed “{name}”.")
    chosen.name = name


def delete(session, number):
    """Drop a version's weights; its number and history stay. This cannot be undone."""
    chosen = version(session, number)
    if number == SHIPPED_VERSION:
        raise RegistryError("Version 1 came with Inkling and stays.")
    if number == live(session).version_id:
        raise RegistryError(f"Version {number} is live. Promote another one first.")
    chosen.weights, chosen.deleted_at = None, now()
    audit.note(session, f"Version {number}, “{chosen.name}”, was deleted.")


def checked_name(text):
    """The name without white space around it; RegistryError if it is too long or empty."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise RegistryError(f"A name has 1 to {MAX_NAME} characters, all of them printable.")
    return name
