"""One training run: from the settings that were chosen to a version that can be promoted.

A run is `waiting` in line, `running`, and then for good `finished`, `failed`, `cancelled` or
`interrupted`. Nothing that happens to it touches the live version.
"""

import dataclasses
import logging
import time

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import selectinload

from nn.experiment import Experiment
from nn.files import ModelFileError
from nn.presets import FIELDS, PRESETS, Preset
from nn.training import Diverged, Recipe
from webapp import audit, drawings, registry
from webapp.db import by_number
from webapp.models import Epoch, TrainingRun, Worker, now

CUSTOM = "custom"  # what a run is called whose settings are nobody's but the presenter's
MAX_WAITING = 5  # runs in line
SHOWN = 12  # newest runs, on the page
WORKER_MISSED_AFTER = 10  # seconds without a sign of life
_RECORDED_EVERY = 0.1  # seconds, at least, between two looks at the database
_PATIENCE = 60  # seconds for a database that is locked or full to come back

_log = logging.getLogger(__name__)


class TrainingError(ValueError):
    """What cannot be done with a run; the message says why."""


class _Cancelled(Exception):
    """Somebody pressed Cancel."""


def create(session, preset, base):
    """Put a run in line and return it; TrainingError when the line is long enough.

    preset : nn.presets.Preset
    base : name of the preset that the settings come from; they may differ from it
    """
    waiting = session.scalar(
        sa.select(sa.func.count())
        .select_from(TrainingRun)
        .where(TrainingRun.status == TrainingRun.WAITING)
    )
    if waiting >= MAX_WAITING:
        raise TrainingError(f"{waiting} runs are waiting in line. Cancel one of them first.")
    same = dataclasses.replace(preset, seed=PRESETS[base].seed) == PRESETS[base]
    run = TrainingRun(name=base if same else CUSTOM, settings=dataclasses.asdict(preset))
    session.add(run)
    session.flush()
    audit.note(session, f"Run {run.id}, {run.name}, was put in line.")
    return run


def latest(session):
    """The newest runs, newest first."""
    query = sa.select(TrainingRun).options(selectinload(TrainingRun.version))
    query = query.order_by(TrainingRun.id.desc()).limit(SHOWN)
    return session.scalars(query).all()


def waiting(session):
    """The ids of the runs in line, first come first."""
    query = sa.select(TrainingRun.id).where(TrainingRun.status == TrainingRun.WAITING)
    return session.scalars(query.order_by(TrainingRun.id)).all()


def cancel(session, run_id):
    """End a run: at once if it waits, within an epoch if it runs."""
    run = by_number(session, TrainingRun, run_id)
    if run is None:
        raise TrainingError(f"There is no run {run_id}.")
    if not run.is_open:
        raise TrainingError(f"Run {run_id} has ended already: {run.status}.")
    if run.status == TrainingRun.WAITING:
        run.status, run.finished_at = TrainingRun.CANCELLED, now()
    run.cancel_requested = True
    audit.note(session, f"Cancel was pressed for run {run_id}.")


def interrupt_running(session):
    """Mark as interrupted what a worker that is gone has left; for the one that follows it."""
    left = session.scalars(
        sa.select(TrainingRun).where(TrainingRun.status == TrainingRun.RUNNING)
    )
    for run in left:
        run.status, run.finished_at = TrainingRun.INTERRUPTED, now()
        run.reason = "The training worker ended in the middle of it. Start the run again."
        audit.note(session, f"Run {run.id} was interrupted.")


def preset_of(run):
    """The nn.presets.Preset that a run was started with."""
    settings = dict(run.settings)
    hidden, recipe = tuple(settings.pop("hidden")), Recipe(**settings.pop("recipe"))
    return Preset(hidden=hidden, recipe=recipe, **settings)


def made_with(version):
    """(name, nn.presets.Preset) of the settings of a version; None if nobody knows them."""
    if version.is_shipped:
        return "workshop", PRESETS["workshop"]
    return (version.run.name, preset_of(version.run)) if version.run else None


def version_of(run):
    """The ModelVersion that came out of a run; None if there is none, or no longer."""
    return None if run.version is None or run.version.deleted_at else run.version


def outcome(session, run_id):
    """(number of the version that was live when a run began, number of what came out of it).

    Raises registry.NoSuchVersion if nothing did.
    """
    run = by_number(session, TrainingRun, run_id)
    if run is None or run.version is None:
        raise registry.NoSuchVersion(f"Run {run_id} has no version.")
    return run.base_id, run.version.id


def described(name, preset):
    """The settings of a run, in words: its name and an nn.presets.Preset."""
    layers = "as the live version" if preset.warm else FIELDS["hidden"].text(preset.hidden)
    told = [
        f"{name}; hidden layers {layers}",
        f"{preset.epochs} epochs",
        f"mini-batches of {preset.batch_size}",
        f"learning rate {FIELDS['learning_rate'].text(preset.learning_rate)}",
        f"{preset.copies} warped copies",
    ]
    if preset.room_share:
        told.append(f"share of room drawings {preset.room_share:g}")
        told.append(f"{preset.room_copies} warped copies of each")
    return "; ".join([*told, f"seed {preset.seed}"])


def worker_is_there(session):
    """Whether the training worker gave a sign of life lately."""
    worker = session.get(Worker, 1)
    return bool(worker) and (now() - worker.seen_at).total_seconds() < WORKER_MISSED_AFTER


def sign_of_life(session):
    """Say that the training worker is there."""
    session.merge(Worker(id=1, seen_at=now()))


def execute(database, run_id):
    """Train one run that waits in line, and publish what comes out of it.

    Returns at once if the run does not wait any more. Whatever goes wrong ends up in the run.
    """
    if not _patiently(lambda: _begin(database, run_id)):
        return
    try:
        _publish(database, run_id, _train(database, run_id))
    except _Cancelled:
        _end(database, run_id, TrainingRun.CANCELLED)
    except Diverged as error:
        _end(database, run_id, TrainingRun.FAILED, str(error))
    except ModelFileError:
        reason = "The weights grew beyond what a model may hold; try a smaller learning rate."
        _end(database, run_id, TrainingRun.FAILED, reason)
    except OperationalError as error:
        reason = f"The database could not be written: {error.orig}. Start the run again."
        _end(database, run_id, TrainingRun.FAILED, reason)
    except Exception as error:
        _log.exception("run %s failed", run_id)
        _end(database, run_id, TrainingRun.FAILED, f"{type(error).__name__}: {error}")


def fail(database, run_id, reason):
    """End a run that cannot be trained; the reason is a sentence."""
    _end(database, run_id, TrainingRun.FAILED, reason)


def _begin(database, run_id):
    """Whether the run waited; it is under way then."""
    with database.writing() as session:
        run = session.get(TrainingRun, run_id)
        if run is None or run.status != TrainingRun.WAITING:
            return False
        run.status, run.started_at = TrainingRun.RUNNING, now()
        run.base_id = registry.live(session).version_id
        audit.note(session, f"Run {run_id} began.")
        return True


def _train(database, run_id):
    """The model that comes out of the run's settings, an nn Model."""
    with database.reading() as session:
        run = session.get(TrainingRun, run_id)
        preset = preset_of(run)
        start = registry.load(session, run.base_id) if preset.warm else None
        room = drawings.teaching_set(session) if preset.room_share else None
    experiment = Experiment(preset, start, room)
    recorder = _Recorder(database, run_id, preset.epochs)
    for epoch in experiment.epochs(recorder.pictures):
        recorder.epoch(epoch)
    _patiently(recorder.write)
    return experiment.model()


def _publish(database, run_id, model):
    def publish():
        with database.writing() as session:
            run = session.get(TrainingRun, run_id)
            if run.cancel_requested:  # pressed while the last figures were computed
                raise _Cancelled
            version = registry.publish(session, model, run.name, "run", run)
            run.status, run.finished_at = TrainingRun.FINISHED, now()
            audit.note(session, f"Run {run_id} finished as version {version.id}.")

    _patiently(publish)


def _end(database, run_id, status, reason=""):
    def end():
        with database.writing() as session:
            run = session.get(TrainingRun, run_id)
            run.status, run.reason, run.finished_at = status, reason, now()
            audit.note(session, f"Run {run_id} {status}. {reason}".strip())

    _patiently(end)


def _patiently(write):
    """`write()`, once more and again while the database is locked or its disk full."""
    deadline = time.monotonic() + _PATIENCE
    while True:
        try:
            return write()
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(1)


class _Recorder:
    """Writes a run's progress to the database, a few times a second at most."""

    def __init__(self, database, run_id, n_epochs):
        self._database, self._run_id, self._n_epochs = database, run_id, n_epochs
        self._epochs = []
        self._progress = {}
        self._written_at = 0.0
        self._stage_began = time.monotonic()

    def pictures(self, done, total):
        """`done` of `total` pictures to train on are made."""
        self._progress = {
            "pictures_done": done,
            "pictures_total": total,
            "seconds_left": self._seconds_left(done, total),
        }
        self._write_now_and_then()
        if done == total:
            self._stage_began = time.monotonic()

    def epoch(self, epoch):
        """An nn.training.Epoch has ended."""
        self._epochs.append(dataclasses.asdict(epoch) | {"run_id": self._run_id})
        self._progress["seconds_left"] = self._seconds_left(epoch.number, self._n_epochs)
        self._write_now_and_then()

    def _seconds_left(self, done, total):
        return (time.monotonic() - self._stage_began) / done * (total - done) if done else None

    def _write_now_and_then(self):
        if time.monotonic() - self._written_at < _RECORDED_EVERY:
            return
        try:
            self.write()
        except OperationalError:  # locked or full; it is kept, and may be written with the next
            _log.warning("run %s: progress could not be written", self._run_id)

    def write(self):
        """Write what was recorded since the last time; _Cancelled if that was asked for."""
        self._written_at = time.monotonic()
        with self._database.writing() as session:
            if self._epochs:
                session.execute(sa.insert(Epoch), self._epochs)
            run = session.get(TrainingRun, self._run_id)
            for name, value in self._progress.items():
                setattr(run, name, value)
            cancelled = run.cancel_requested
        self._epochs = []
        if cancelled:
            raise _Cancelled
