"""Training runs as everyone sees them, and the training workers' signs of life.

A run is first `waiting` and then `running`. It ends as `finished`, `failed`, `cancelled` or
`interrupted`. `webapp.learning.trainer` does the training. Functions that change something
take a session of `Database.writing`, and raise RunError when they refuse.
"""

import dataclasses
import functools
import secrets
from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from nn.presets import FIELDS, PRESETS, Preset
from nn.refusal import Refusal
from nn.words import N_, Sentence
from webapp.learning import versions
from webapp.storage import audit
from webapp.storage.database import MAX_ID, by_number
from webapp.storage.tables import CUSTOM, TrainingRun, Worker, now

MAX_WAITING = 5  # runs
SHOWN = 12  # newest runs that pages follow, and runs on a page of the table
WORKER_MISSED_AFTER = 10  # seconds without a sign of life
_GONE_AFTER = 10  # looks of another worker, every two seconds, without one
_DIFFERENCES = {  # of a run from its preset, by the settings in nn.presets.FIELDS
    "hidden": N_("hidden layers {value}"),
    "epochs": N_("epochs {value}"),
    "batch_size": N_("mini-batch size {value}"),
    "learning_rate": N_("learning rate {value}"),
    "copies": N_("warped copies {value}"),
    "written": N_("pictures of handwriting {value}"),
    "room_share": N_("share of room drawings {value}"),
    "room_copies": N_("warped copies of room drawings {value}"),
    "seed": N_("random seed {value}"),
}


class RunError(Refusal):
    """Something that cannot be done with a run."""

    code = "run_refused"


def create(session: Session, preset: Preset, base: str) -> TrainingRun:
    """Let a new run wait, and return it; RunError if too many runs wait already.

    base : name of the preset that the settings come from; they may differ from it
    """
    number = len(waiting(session))
    if number >= MAX_WAITING:
        raise RunError(
            "{number} runs are waiting in line. Cancel one of them first.", number=number
        )
    same = dataclasses.replace(preset, seed=PRESETS[base].seed) == PRESETS[base]
    run = TrainingRun(name=base if same else CUSTOM, settings=dataclasses.asdict(preset))
    session.add(run)
    session.flush()
    audit.note(session, "Run {run}, {name}, was put in line.", run=run.id, name=run.shown_name)
    return run


def latest(session: Session) -> Sequence[TrainingRun]:
    """The newest runs and all that have not ended, newest first."""
    newest = sa.select(TrainingRun.id).order_by(TrainingRun.id.desc()).limit(SHOWN)
    is_open = TrainingRun.status.in_((TrainingRun.WAITING, TrainingRun.RUNNING))
    return session.scalars(_newest_first().where(TrainingRun.id.in_(newest) | is_open)).all()


def page(session: Session, number: int) -> tuple[Sequence[TrainingRun], int]:
    """A page of all runs, newest first, and how many pages there are; pages count from 1."""
    total = session.scalar(sa.select(sa.func.count()).select_from(TrainingRun)) or 0
    query = _newest_first().offset((number - 1) * SHOWN).limit(SHOWN)
    return session.scalars(query).all(), max(1, -(-total // SHOWN))


def page_of(session: Session, run_id: int) -> int:
    """The number of the page that a run is on."""
    newer = sa.select(sa.func.count()).where(TrainingRun.id > run_id)
    return (session.scalar(newer) or 0) // SHOWN + 1


def _newest_first() -> sa.Select[TrainingRun]:
    query = sa.select(TrainingRun).options(selectinload(TrainingRun.version))
    return query.order_by(TrainingRun.id.desc())


def waiting(session: Session) -> Sequence[int]:
    """The ids of the runs that wait, the oldest first."""
    query = sa.select(TrainingRun.id).where(TrainingRun.status == TrainingRun.WAITING)
    return session.scalars(query.order_by(TrainingRun.id)).all()


def cancel(session: Session, run_id: int) -> None:
    """End a run: at once if it is waiting, within an epoch if it is running."""
    run = by_number(session, TrainingRun, run_id)
    if run is None:
        raise RunError("There is no run {run}.", run=run_id)
    if not run.is_open:
        raise RunError(
            "Run {run} has ended already: {status}.", run=run_id, status=Sentence(run.status)
        )
    if run.status == TrainingRun.WAITING:
        run.status, run.finished_at = TrainingRun.CANCELLED, now()
    run.cancel_requested = True
    audit.note(session, "Cancel was pressed for run {run}.", run=run_id)


def _interrupt(session: Session, condition: sa.ColumnElement[bool]) -> None:
    """Mark runs that their worker has left as interrupted."""
    is_left = condition & (TrainingRun.status == TrainingRun.RUNNING)
    for run in session.scalars(sa.select(TrainingRun).where(is_left)):
        run.status, run.finished_at = TrainingRun.INTERRUPTED, now()
        run.reason = Sentence("The training worker ended during the run. Start the run again.")
        audit.note(session, "Run {run} was interrupted.", run=run.id)


def outcome(session: Session, run_id: int) -> tuple[int, int]:
    """Numbers of the version that was live when a run began, and of the run's own version.

    Raises versions.NoSuchVersion if the run has no version.
    """
    run = by_number(session, TrainingRun, run_id)
    if run is None or run.version is None or run.base_id is None:
        raise versions.NoSuchVersion("Run {run} has no version.", run=run_id)
    return run.base_id, run.version.id


def described(name: str, preset: Preset) -> Sentence:
    """The settings of a run in words."""
    hidden, rate = FIELDS["hidden"], FIELDS["learning_rate"]
    parts = [
        Sentence(name),
        Sentence("hidden layers as the live version")
        if preset.warm
        else Sentence("hidden layers {value}", value=hidden.text(preset.hidden)),
        Sentence("{number} epochs", number=preset.epochs),
        Sentence("mini-batches of {number}", number=preset.batch_size),
        Sentence("learning rate {value}", value=rate.text(preset.learning_rate)),
        Sentence("{number} warped copies", number=preset.copies),
    ]
    if preset.written:
        parts.append(Sentence("{number} pictures of handwriting", number=preset.written))
    if preset.room_share:
        parts.append(Sentence("share of room drawings {share:g}", share=preset.room_share))
        parts.append(Sentence("{number} warped copies of each", number=preset.room_copies))
    parts.append(Sentence("seed {seed}", seed=preset.seed))
    return functools.reduce(
        lambda before, more: Sentence("{before}; {more}", before=before, more=more), parts
    )


def base_of(preset: Preset) -> str:
    """The name of the preset with the same recipe and start."""
    ways = {(other.recipe, other.warm): name for name, other in PRESETS.items()}
    return ways.get((preset.recipe, preset.warm), "article")  # older Inklings had others


def differences(preset: Preset) -> list[Sentence]:
    """In which settings a run differs from the preset that it is based on: "epochs 4"."""
    base = PRESETS[base_of(preset)]
    return [
        Sentence(_DIFFERENCES[name], value=field.text(getattr(preset, name)))
        for name, field in FIELDS.items()
        if getattr(preset, name) != getattr(base, name)
        and not (name == "hidden" and preset.warm)
    ]


def worker_is_there(session: Session) -> bool:
    """Whether a training worker recently gave a sign of life."""
    seen_at = session.scalar(sa.select(sa.func.max(Worker.seen_at)))
    return seen_at is not None and (now() - seen_at).total_seconds() < WORKER_MISSED_AFTER


def enter(session: Session, is_alone: bool) -> int:
    """Begin to be a training worker; returns its number.

    is_alone : whether the database has no other worker, so that all runs under way were left
        by one that has ended
    """
    worker = secrets.randbelow(MAX_ID) + 1
    if is_alone:
        session.execute(sa.delete(Worker))
        _interrupt(session, sa.true())
    sign_of_life(session, worker)
    return worker


def sign_of_life(session: Session, worker: int) -> None:
    """Note that this training worker is there."""
    session.merge(Worker(id=worker, seen_at=now()))


class Lookout:
    """A worker's eye on the others: the runs of one that is gone are interrupted.

    A worker is gone if several looks in a row find the same sign of life. The clocks of two
    machines differ, so the time in it is compared with nothing else. And while the database
    is out of reach nobody looks.
    """

    def __init__(self) -> None:
        self._signs: dict[int, tuple[datetime, int]] = {}  # of each worker; looks that found it

    def look(self, session: Session) -> None:
        """Look at the signs of life. Takes a session of `Database.writing`."""
        rows = session.execute(sa.select(Worker.id, Worker.seen_at)).all()
        self._signs = {row.id: (row.seen_at, self._looks(row.id, row.seen_at)) for row in rows}
        gone = [worker for worker, (_, looks) in self._signs.items() if looks > _GONE_AFTER]
        if gone:
            session.execute(sa.delete(Worker).where(Worker.id.in_(gone)))
            _interrupt(session, TrainingRun.worker_id.in_(gone))

    def _looks(self, worker: int, sign: datetime) -> int:
        before, looks = self._signs.get(worker, (sign, 0))
        return looks + 1 if before == sign else 1
