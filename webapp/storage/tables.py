"""The tables."""

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine.default import DefaultExecutionContext
from sqlalchemy.orm import Mapped, composite, mapped_column, relationship

from nn import digits, evaluation, files
from nn.model import Model
from nn.presets import PRESETS, Preset
from nn.training import Recipe
from nn.words import N_, Sentence
from webapp.storage.database import Base
from webapp.storage.worded import Worded

SHIPPED_VERSION = 1
SHIPPED_NAME, CUSTOM = N_("Original"), N_("custom")  # CUSTOM: settings are those of no preset
_GIVEN_NAMES = {SHIPPED_NAME, CUSTOM, *PRESETS}  # of versions
# How a password is hashed. A check takes some 10 ms: if it took more, a room that tries
# passwords would keep the presenter waiting. And who can read the hash also reads the key that
# signs sessions.
_HASH = "scrypt:4096:8:1"


class UtcDateTime(sa.TypeDecorator[datetime]):
    """A moment in UTC. Databases store it without its time zone; Python always sees one."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, _dialect: object) -> datetime | None:
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, _dialect: object) -> datetime | None:
        return value and value.replace(tzinfo=UTC)


def now() -> datetime:
    """This moment, with its time zone."""
    return datetime.now(UTC)


class Setting(Base):
    """One thing that the server remembers by name."""

    __tablename__ = "setting"

    SECRET_KEY, PASSWORD_HASH = "secret_key", "password_hash"
    WALL_TOKEN = "wall_token"  # part of the wall's address

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)

    @classmethod
    def password(cls, password: str) -> "Setting":
        """The row that keeps a password's hash. The password itself is kept nowhere."""
        from werkzeug.security import generate_password_hash  # few starts need it

        return cls(name=cls.PASSWORD_HASH, value=generate_password_hash(password, _HASH))


class TrainingRun(Base):
    """One press of Start training, and what became of it."""

    __tablename__ = "training_run"

    WAITING, RUNNING = N_("waiting"), N_("running")
    FINISHED, FAILED = N_("finished"), N_("failed")
    CANCELLED, INTERRUPTED = N_("cancelled"), N_("interrupted")

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40))  # of its preset
    # Live when the run began: what its outcome is compared with.
    base_id: Mapped[int | None] = mapped_column(sa.Integer)
    worker_id: Mapped[int | None]  # the Worker that trains it, or did
    settings: Mapped[dict[str, Any]] = mapped_column(sa.JSON)  # an nn.presets.Preset as a dict
    status: Mapped[str] = mapped_column(sa.String(20), default=WAITING, index=True)
    reason_template: Mapped[str] = mapped_column("reason", sa.Text, default="")
    reason_values: Mapped[dict[str, Any] | None] = mapped_column(Worded)  # None in older runs
    reason: Mapped[Sentence] = composite(  # why it failed
        Sentence.restored, "reason_template", "reason_values"
    )
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    pictures_done: Mapped[int] = mapped_column(default=0)  # made before the first epoch
    pictures_total: Mapped[int] = mapped_column(default=0)
    seconds_left: Mapped[float | None]  # of this stage: making pictures, or epochs
    # What its version changed against the base, by learning.comparison.outcome.
    outcome: Mapped[dict[str, Any] | None] = mapped_column(Worded)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    epochs: Mapped[list["Epoch"]] = relationship(order_by="Epoch.number")
    version: Mapped["ModelVersion | None"] = relationship(back_populates="run")

    @property
    def shown_name(self) -> Sentence:
        """The name as a message."""
        return Sentence(self.name)

    @property
    def preset(self) -> Preset:
        """The settings that the run was started with."""
        values = dict(self.settings)
        hidden, recipe = tuple(values.pop("hidden")), Recipe(**values.pop("recipe"))
        return Preset(hidden=hidden, recipe=recipe, **values)

    @property
    def usable_version(self) -> "ModelVersion | None":
        """The version that the run produced; None if there is none, or it was deleted."""
        return None if self.version is None or self.version.deleted_at else self.version

    @property
    def seconds(self) -> float | None:
        """How long it took; None if it never began, or has not ended."""
        if self.started_at is None or self.finished_at is None:
            return None
        return (self.finished_at - self.started_at).total_seconds()

    @property
    def is_open(self) -> bool:
        return self.status in (self.WAITING, self.RUNNING)


class Epoch(Base):
    """Figures after one epoch of a run, as nn.training.Epoch gives them."""

    __tablename__ = "epoch"

    id: Mapped[int] = mapped_column(primary_key=True)
    run_id: Mapped[int] = mapped_column(sa.ForeignKey("training_run.id"))
    number: Mapped[int]
    cost: Mapped[float]
    accuracy: Mapped[float]
    test_cost: Mapped[float]
    test_accuracy: Mapped[float]
    people_accuracy: Mapped[float | None]  # on drawings by people it never met

    __table_args__ = (sa.UniqueConstraint("run_id", "number"),)


class ModelVersion(Base):
    """A trained network. Its id is the number of the version; numbers are never used again."""

    __tablename__ = "model_version"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(60))
    origin: Mapped[str] = mapped_column(sa.String(20))  # shipped, run or upload
    run_id: Mapped[int | None] = mapped_column(sa.ForeignKey("training_run.id"), unique=True)
    # The .npz; None once deleted. Not read along with the rest.
    weights: Mapped[bytes | None] = mapped_column(sa.LargeBinary, deferred=True)
    trained_on: Mapped[str] = mapped_column(sa.Text, default="")
    figures: Mapped[dict[str, Any]] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    run: Mapped[TrainingRun | None] = relationship(back_populates="version")

    @classmethod
    def of(
        cls, model: Model, name: str, origin: str, run_id: int | None = None
    ) -> "ModelVersion":
        """A version for this model, measured on the held-out digits.

        Raises nn.files.ModelFileError if a model file cannot hold the model's numbers.
        """
        weights = files.to_bytes(model)
        return cls(
            name=name,
            origin=origin,
            run_id=run_id,
            weights=weights,
            trained_on=model.trained_on,
            figures=measured(files.from_bytes(weights)),
        )

    @property
    def shown_name(self) -> Sentence | str:
        """The name; a message if Inkling has given it."""
        return Sentence(self.name) if self.name in _GIVEN_NAMES else self.name

    @property
    def is_shipped(self) -> bool:
        return self.id == SHIPPED_VERSION

    @property
    def made_with(self) -> tuple[str, Preset] | None:
        """Name and value of the settings it was trained with; None if they are unknown."""
        if self.is_shipped:
            return "workshop", PRESETS["workshop"]
        return (self.run.name, self.run.preset) if self.run else None


def measured(model: Model) -> dict[str, float]:
    """The figures of a version with this model, measured on the held-out digits."""
    pixels, labels = digits.held_out()
    probabilities = model.predict_proba(pixels)
    return {
        "test_accuracy": evaluation.accuracy(probabilities, labels),
        "calibration_error": evaluation.calibration_error(probabilities, labels),
    }


class ActiveModel(Base):
    """Which version is live: the newest row. Older rows say which were, and since when."""

    __tablename__ = "active_model"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("model_version.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # The row that Roll back returns to.
    previous_id: Mapped[int | None] = mapped_column(sa.ForeignKey("active_model.id"))
    # What the change brought, by learning.comparison.outcome; None until all drawings are read.
    outcome: Mapped[dict[str, Any] | None] = mapped_column(Worded)
    version: Mapped[ModelVersion] = relationship()
    previous: Mapped["ActiveModel | None"] = relationship(remote_side=id)


class AuditEntry(Base):
    """What was done, and when: sign-ins, runs, promotions, deletions."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    sentence_template: Mapped[str] = mapped_column("sentence", sa.Text)
    sentence_values: Mapped[dict[str, Any] | None] = mapped_column(Worded)  # None in older ones
    sentence: Mapped[Sentence] = composite(
        Sentence.restored, "sentence_template", "sentence_values"
    )
    # Of an entry that stands for several events of one kind; see audit.note_counted.
    kind: Mapped[str | None] = mapped_column(sa.String(40))
    count: Mapped[int | None]


class SignInAttempt(Base):
    """An attempt to sign in that was not right, or is not checked yet."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    visitor: Mapped[str] = mapped_column(sa.String(64), index=True)  # a random token
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class AdminSession(Base):
    """A presenter who is signed in on one browser. Its cookie is worth nothing without it."""

    __tablename__ = "admin_session"

    id: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # hashed
    began: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Worker(Base):
    """A training worker, and when it last showed that it is running. Its id is random."""

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Participant(Base):
    """Someone who sends drawings: a random token in a cookie, no name."""

    __tablename__ = "participant"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    blocked: Mapped[bool] = mapped_column(default=False)
    # Their drawings never train the network, so that it can be tested on them.
    held_out: Mapped[bool] = mapped_column(default=False)
    window_began: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the rate limit
    window_given: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)


def _size_of_picture(context: DefaultExecutionContext) -> int:
    return len(context.get_current_parameters()["picture"])


class Drawing(Base):
    """A drawing that was sent, with what the network predicted and what it is."""

    __tablename__ = "drawing"

    STATUSES = PENDING, APPROVED, REJECTED = N_("pending"), N_("approved"), N_("rejected")

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    # Chosen by the sender. A drawing that is sent twice has the same key and is kept once.
    key: Mapped[str] = mapped_column(sa.String(64))
    picture: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)  # as it was sent
    size: Mapped[int] = mapped_column(default=_size_of_picture, index=True)  # bytes of it
    pixels: Mapped[bytes] = mapped_column(sa.LargeBinary)  # 64 of 0..16, row by row
    predicted: Mapped[int | None] = mapped_column("said")  # the predicted digit
    verdict: Mapped[str] = mapped_column(sa.String(20))
    certainty: Mapped[float]  # the largest probability, 0..1
    neighbours: Mapped[int]  # the most frequent digit among the nearest training digits
    # The version that predicted; None if the drawing was imported from another Inkling.
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("model_version.id"))
    label: Mapped[int]  # the true digit, as the participant or the moderator says
    status: Mapped[str] = mapped_column(sa.String(20), default=PENDING, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    participant: Mapped[Participant] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("participant_id", "key"),
        # The wall counts these several times a second; the index spares reading pictures.
        sa.Index("ix_drawing_counted", "status", "label", "said", "participant_id"),
        sa.Index("ix_drawing_created_at", "created_at", "status", "participant_id"),
        {"sqlite_autoincrement": True},  # streams count on ids that only grow
    )

    @property
    def is_right(self) -> bool:
        """Whether the prediction was the label."""
        return self.predicted == self.label

    @property
    def is_doubtful(self) -> bool:
        """Whether both the network and the neighbours see another digit than the label."""
        return self.label not in (self.predicted, self.neighbours)


class Reading(Base):
    """What one version makes of one drawing."""

    __tablename__ = "reading"
    __table_args__ = ({"sqlite_with_rowid": False},)

    drawing_id: Mapped[int] = mapped_column(
        sa.ForeignKey("drawing.id", ondelete="CASCADE"), primary_key=True
    )
    version_id: Mapped[int] = mapped_column(
        sa.ForeignKey("model_version.id", ondelete="CASCADE"), primary_key=True
    )
    predicted: Mapped[int | None]
    verdict: Mapped[str] = mapped_column(sa.String(20))
    certainty: Mapped[float]  # the largest probability, 0..1
    probabilities: Mapped[bytes] = mapped_column(sa.LargeBinary)  # ten float32, 0..1


class Device(Base):
    """A device, other than this machine, that recently asked for a page."""

    __tablename__ = "device"

    address: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # hashed
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
