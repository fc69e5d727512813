"""The tables."""

from datetime import UTC, datetime

import sqlalchemy as sa
from sqlalchemy.orm import Mapped, mapped_column, relationship

from webapp.storage.database import Base

SHIPPED_VERSION = 1


class UtcDateTime(sa.TypeDecorator):
    """A moment with its time zone, also in databases that keep none."""

    impl = sa.DateTime
    cache_ok = True

    def process_bind_param(self, value, _dialect):
        return value and value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value, _dialect):
        return value and value.replace(tzinfo=UTC)


def now():
    return datetime.now(UTC)


class Setting(Base):
    """What the server remembers by name: the secret key, the password's hash."""

    __tablename__ = "setting"

    name: Mapped[str] = mapped_column(sa.String(40), primary_key=True)
    value: Mapped[str] = mapped_column(sa.Text)


class TrainingRun(Base):
    """One press of Start training, and what became of it."""

    __tablename__ = "training_run"

    WAITING, RUNNING = "waiting", "running"
    FINISHED, FAILED, CANCELLED, INTERRUPTED = "finished", "failed", "cancelled", "interrupted"

    id: Mapped[int] = mapped_column(primary_key=True)
    name: Mapped[str] = mapped_column(sa.String(40))  # of its preset
    # Live when the run began: what its outcome is compared with.
    base_id: Mapped[int | None] = mapped_column(sa.Integer)
    settings: Mapped[dict] = mapped_column(sa.JSON)  # an nn.presets.Preset as a dict
    status: Mapped[str] = mapped_column(sa.String(20), default=WAITING, index=True)
    reason: Mapped[str] = mapped_column(sa.Text, default="")  # why it failed
    cancel_requested: Mapped[bool] = mapped_column(default=False)
    pictures_done: Mapped[int] = mapped_column(default=0)  # made before the first epoch
    pictures_total: Mapped[int] = mapped_column(default=0)
    seconds_left: Mapped[float | None]  # of this stage: making pictures, or epochs
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    started_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    finished_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    epochs: Mapped[list["Epoch"]] = relationship(order_by="Epoch.number")
    version: Mapped["ModelVersion | None"] = relationship(back_populates="run")

    @property
    def is_open(self):
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
    figures: Mapped[dict] = mapped_column(sa.JSON, default=dict)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    deleted_at: Mapped[datetime | None] = mapped_column(UtcDateTime)
    run: Mapped[TrainingRun | None] = relationship(back_populates="version")

    @property
    def is_shipped(self):
        return self.id == SHIPPED_VERSION


class ActiveModel(Base):
    """The newest row says which version is live; the others, which were, and since when."""

    __tablename__ = "active_model"
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    version_id: Mapped[int] = mapped_column(sa.ForeignKey("model_version.id"))
    since: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    # What Roll back goes back to: of a row made by Roll back, the one before that.
    previous_id: Mapped[int | None] = mapped_column(sa.ForeignKey("active_model.id"))
    version: Mapped[ModelVersion] = relationship()
    previous: Mapped["ActiveModel | None"] = relationship(remote_side=id)


class AuditEntry(Base):
    """What was done, and when: sign-ins, runs, promotions, deletions."""

    __tablename__ = "audit_entry"

    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime] = mapped_column(UtcDateTime, default=now, index=True)
    sentence: Mapped[str] = mapped_column(sa.Text)


class SignInAttempt(Base):
    """A wrong password, so that many of them slow down the next."""

    __tablename__ = "sign_in_attempt"

    id: Mapped[int] = mapped_column(primary_key=True)
    lane: Mapped[str] = mapped_column(sa.String(64), index=True)  # who tries: a random token
    at: Mapped[datetime] = mapped_column(UtcDateTime)


class Worker(Base):
    """The training worker's sign of life: one row."""

    __tablename__ = "worker"

    id: Mapped[int] = mapped_column(primary_key=True)
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)


class Participant(Base):
    """Someone who gives drawings: a random token in a cookie, no name."""

    __tablename__ = "participant"

    id: Mapped[int] = mapped_column(primary_key=True)
    token: Mapped[str] = mapped_column(sa.String(64), unique=True)
    blocked: Mapped[bool] = mapped_column(default=False)
    # Whose drawings never train, so that learning can be measured on other people's.
    held_out: Mapped[bool] = mapped_column(default=False)
    window_began: Mapped[datetime | None] = mapped_column(UtcDateTime)  # of the rate limit
    window_given: Mapped[int] = mapped_column(default=0)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)


class Drawing(Base):
    """A drawing that was given, with what was said of it and what it is."""

    __tablename__ = "drawing"

    STATUSES = PENDING, APPROVED, REJECTED = "pending", "approved", "rejected"

    id: Mapped[int] = mapped_column(primary_key=True)
    participant_id: Mapped[int] = mapped_column(sa.ForeignKey("participant.id"), index=True)
    key: Mapped[str] = mapped_column(sa.String(64))  # of the sender: sent twice, kept once
    picture: Mapped[bytes] = mapped_column(sa.LargeBinary, deferred=True)  # as it was sent
    pixels: Mapped[bytes] = mapped_column(sa.LargeBinary)  # 64 of 0..16, row by row
    said: Mapped[int | None]  # the digit that was answered
    verdict: Mapped[str] = mapped_column(sa.String(20))
    certainty: Mapped[float]  # the largest probability, 0..1
    neighbours: Mapped[int]  # the digit that most of the nearest training digits are
    # Which version answered; None for one of another Inkling, where the drawing comes from.
    version_id: Mapped[int | None] = mapped_column(sa.ForeignKey("model_version.id"))
    label: Mapped[int]  # the digit that it is, by the participant or the moderator
    status: Mapped[str] = mapped_column(sa.String(20), default=PENDING, index=True)
    created_at: Mapped[datetime] = mapped_column(UtcDateTime, default=now)
    participant: Mapped[Participant] = relationship()

    __table_args__ = (
        sa.UniqueConstraint("participant_id", "key"),
        # What the wall counts, several times a second, without reading the pictures.
        sa.Index("ix_drawing_counted", "status", "label", "said", "participant_id"),
        sa.Index("ix_drawing_created_at", "created_at", "status", "participant_id"),
        {"sqlite_autoincrement": True},  # streams count on ids that only grow
    )

    @property
    def is_right(self):
        """Whether the answer was the label."""
        return self.said == self.label

    @property
    def is_doubtful(self):
        """Whether network and neighbours both see another digit than the label."""
        return self.label not in (self.said, self.neighbours)


class Device(Base):
    """A device other than this machine that asked for a page lately; forgotten soon."""

    __tablename__ = "device"

    address: Mapped[str] = mapped_column(sa.String(64), primary_key=True)  # hashed
    seen_at: Mapped[datetime] = mapped_column(UtcDateTime)
