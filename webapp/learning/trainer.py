"""One training run, done: from the settings that were chosen to a version to be promoted.

Nothing that happens to a run touches the live version.
"""

import dataclasses
import logging
import time

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from nn.experiment import Experiment
from nn.files import ModelFileError
from nn.training import Diverged
from webapp.learning import runs, versions
from webapp.room import drawings
from webapp.storage import audit
from webapp.storage.tables import Epoch, TrainingRun, now

_RECORDED_EVERY = 0.1  # seconds, at least, between two looks at the database
_PATIENCE = 60  # seconds for a database that is locked or full to come back

_log = logging.getLogger(__name__)


class _Cancelled(Exception):
    """Somebody pressed Cancel."""


def train_waiting(database):
    """Train the runs that wait, the oldest first, until none waits."""
    while True:
        with database.reading() as session:
            waiting = runs.waiting(session)
        if not waiting:
            return
        execute(database, waiting[0])


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


def _begin(database, run_id):
    """Whether the run waited; it is under way then."""
    with database.writing() as session:
        run = session.get(TrainingRun, run_id)
        if run is None or run.status != TrainingRun.WAITING:
            return False
        run.status, run.started_at = TrainingRun.RUNNING, now()
        run.base_id = versions.live(session).version_id
        audit.note(session, f"Run {run_id} began.")
        return True


def _train(database, run_id):
    """The model that comes out of the run's settings, an nn Model."""
    with database.reading() as session:
        run = session.get(TrainingRun, run_id)
        preset = runs.preset_of(run)
        start = versions.load(session, run.base_id) if preset.warm else None
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
            version = versions.publish(session, model, run.name, "run", run)
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
