"""The versions of the model: publish, promote, roll back, rename, delete.

The newest row of ActiveModel alone says which version is live; every web process looks at it.
Functions that change something take a session of `Database.writing`, and raise RegistryError
when they refuse.
"""

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn import files
from nn.model import Model
from nn.refusal import Refusal
from webapp.storage import audit
from webapp.storage.database import by_number
from webapp.storage.tables import (
    SHIPPED_VERSION,
    ActiveModel,
    ModelVersion,
    Reading,
    TrainingRun,
    now,
)

MAX_NAME = 60  # characters


class RegistryError(Refusal):
    """Something that cannot be done with a version."""

    code = "version_refused"


class NoSuchVersion(RegistryError):
    """There is no version of this number, or it was deleted."""

    code = "no_such_version"


def publish(
    session: Session, model: Model, name: str, origin: str, run: TrainingRun | None = None
) -> ModelVersion:
    """Keep the model as a new version, measured on the held-out digits.

    Raises nn.files.ModelFileError if a model file cannot hold the model's numbers.
    """
    version = ModelVersion.of(model, checked_name(name), origin, run.id if run else None)
    session.add(version)
    session.flush()
    return version


def upload(session: Session, data: bytes, name: str) -> ModelVersion:
    """Keep an uploaded model file as a new version; ModelFileError if it is not one."""
    version = publish(session, files.from_bytes(data), name, "upload")
    audit.note(
        session,
        "Version {version}, “{name}”, was uploaded.",
        version=version.id,
        name=version.shown_name,
    )
    return version


def usable(session: Session) -> Sequence[ModelVersion]:
    """All versions that were not deleted, newest first."""
    query = sa.select(ModelVersion).where(ModelVersion.deleted_at.is_(None))
    return session.scalars(query.order_by(ModelVersion.id.desc())).all()


def version(session: Session, number: int) -> ModelVersion:
    """The version of this number; NoSuchVersion if there is none, or it was deleted."""
    found = by_number(session, ModelVersion, number)
    if found is None:
        raise NoSuchVersion("There is no version {number}.", number=number)
    if found.deleted_at:
        raise NoSuchVersion("Version {number} was deleted.", number=number)
    return found


def load(session: Session, number: int) -> Model:
    """The model of a version."""
    weights = version(session, number).weights
    if weights is None:
        raise NoSuchVersion("Version {number} was deleted.", number=number)
    return files.from_bytes(weights)


def hidden_layers(session: Session, number: int) -> tuple[int, ...]:
    """Sizes of a version's hidden layers."""
    return tuple(load(session, number).network.sizes[1:-1])


def live(session: Session) -> ActiveModel:
    """The row that says which version is live."""
    query = sa.select(ActiveModel).order_by(ActiveModel.id.desc()).limit(1)
    return session.scalars(query).one()


def live_key(session: Session) -> tuple[int, int]:
    """Id of that row and number of its version. This is cheap to ask for again and again."""
    query = sa.select(ActiveModel.id, ActiveModel.version_id)
    row = session.execute(query.order_by(ActiveModel.id.desc()).limit(1)).one()
    return row.id, row.version_id


def periods(session: Session) -> dict[int, list[tuple[datetime, datetime | None]]]:
    """When each version was live: {number: [(since, until), ...]}, until None for now."""
    rows = session.scalars(sa.select(ActiveModel).order_by(ActiveModel.id)).all()
    found: dict[int, list[tuple[datetime, datetime | None]]] = {}
    for row, following in zip(rows, [*rows[1:], None]):
        until = following.since if following else None
        found.setdefault(row.version_id, []).append((row.since, until))
    return found


def promote(session: Session, number: int) -> None:
    """Make a version live."""
    chosen, current = version(session, number), live(session)
    if current.version_id == number:
        raise RegistryError("Version {number} is live already.", number=number)
    session.add(ActiveModel(version_id=number, previous_id=current.id))
    audit.note(
        session,
        "Version {version}, “{name}”, went live.",
        version=number,
        name=chosen.shown_name,
    )


def roll_back(session: Session, seen: int | None = None) -> None:
    """Make the version live that was live before. Each further call goes one step back.

    seen : id of the ActiveModel row that the person saw. If another version went live since,
        this is a RegistryError, so that two presses do not go back two steps.
    """
    current = live(session)
    if seen is not None and seen != current.id:
        raise RegistryError("Another version went live meanwhile. Look again.")
    target = before_live(session)
    if target is None:
        raise RegistryError("There is no earlier version to roll back to.")
    session.add(ActiveModel(version_id=target.version_id, previous_id=target.previous_id))
    audit.note(
        session,
        "Rolled back from version {before} to {version}.",
        before=current.version_id,
        version=target.version_id,
    )


def before_live(session: Session) -> ActiveModel | None:
    """The ActiveModel row that Roll back returns to, or None."""
    current = live(session)
    entry = current.previous
    while entry and (entry.version.deleted_at or entry.version_id == current.version_id):
        entry = entry.previous
    return entry


def live_before(session: Session) -> int | None:
    """Number of the version that was live until the newest change; None if there is none.

    Also None if that version was deleted since. After a roll back it is the version that was
    rolled back from, unlike `before_live`.
    """
    query = sa.select(ActiveModel).order_by(ActiveModel.id.desc()).offset(1).limit(1)
    row = session.scalars(query).first()
    return row.version_id if row and not row.version.deleted_at else None


def was_live(session: Session, number: int) -> bool:
    """Whether a version is live or ever was."""
    query = sa.select(ActiveModel.id).where(ActiveModel.version_id == number).limit(1)
    return session.scalar(query) is not None


def is_back(session: Session) -> bool:
    """Whether the newest change of the live version was a roll back."""
    query = sa.select(ActiveModel.id, ActiveModel.previous_id).order_by(ActiveModel.id.desc())
    newest, *earlier = session.execute(query.limit(2)).all()
    return any(row.id != newest.previous_id for row in earlier)


def rename(session: Session, number: int, name: str) -> None:
    """Give a version another name."""
    chosen, name = version(session, number), checked_name(name)
    audit.note(
        session,
        "Version {version}, “{before}”, was renamed “{name}”.",
        version=number,
        before=chosen.shown_name,
        name=name,
    )
    chosen.name = name


def delete(session: Session, number: int) -> None:
    """Delete a version's weights and readings; its number and history stay for good."""
    chosen = version(session, number)
    if number == SHIPPED_VERSION:
        raise RegistryError("Version 1 came with Inkling and stays.")
    if number == live(session).version_id:
        raise RegistryError(
            "Version {number} is live. Promote another one first.", number=number
        )
    chosen.weights, chosen.deleted_at = None, now()
    session.execute(sa.delete(Reading).where(Reading.version_id == number))
    audit.note(
        session,
        "Version {version}, “{name}”, was deleted.",
        version=number,
        name=chosen.shown_name,
    )


def checked_name(text: str) -> str:
    """The name without superfluous white space; RegistryError if it is too long or empty."""
    name = " ".join(text.split())
    if not 1 <= len(name) <= MAX_NAME or not name.isprintable():
        raise RegistryError(
            "A name has 1 to {most} characters, all of them printable.", most=MAX_NAME
        )
    return name
