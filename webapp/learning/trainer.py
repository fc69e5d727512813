"""Trains a run: from the chosen settings to a version that can be promoted.

Nothing that happens to a run touches the live version.
"""

import contextlib
import dataclasses
import logging
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from nn import training
from nn.experiment import Experiment
from nn.files import ModelFileError
from nn.model import Model
from nn.training import Diverged
from nn.words import N_, Sentence
from webapp.learning import comparison, people, runs, versions
from webapp.room import drawings
from webapp.storage import audit
from webapp.storage.database import Database
from webapp.storage.tables import Epoch, TrainingRun, now

_RECORDED_EVERY = 0.1  # seconds, at least, between two writes of a run's progress
_PATIENCE = 60  # seconds that a database may stay locked or full
_NO_REASON = Sentence.as_is("")
_ENDS = {
    TrainingRun.FAILED: N_("Run {run} failed. {reason}"),
    TrainingRun.CANCELLED: N_("Run {run} cancelled."),
}

Result = TypeVar("Result")

_log = logging.getLogger(__name__)


class _Cancelled(Exception):
    """Somebody pressed Cancel."""


class _Lost(Exception):
    """This worker was taken for dead, and the run is marked as interrupted."""


def train_waiting(
    database: Database, pictures: Path | None = None, worker: int | None = None
) -> None:
    """Train the runs that wait, the oldest first, until none waits; see `execute`."""
    while True:
        with database.reading() as session:
            waiting = runs.waiting(session)
        if not waiting:
            return
        execute(database, waiting[0], pictures, worker)


def execute(
    database: Database, run_id: int, pictures: Path | None = None, worker: int | None = None
) -> None:
    """Train one waiting run, and publish the version that it produces.

    Does nothing if the run no longer waits. If anything goes wrong, the run has failed and
    keeps the reason.

    pictures : a folder that keeps the training pictures for the next run, or None
    worker : number of the worker that this is, if it shows signs of life
    """
    if not _patiently(lambda: _begin(database, run_id, worker)):
        return
    try:
        _publish(database, run_id, _train(database, run_id, pictures))
    except _Lost:
        _log.warning("run %s was interrupted meanwhile, so it ends here", run_id)
    except _Cancelled:
        _end(database, run_id, TrainingRun.CANCELLED)
    except Diverged as error:
        _end(database, run_id, TrainingRun.FAILED, error.sentence)
    except ModelFileError:
        reason = Sentence(
            "The weights grew beyond what a model may hold; try a smaller learning rate."
        )
        _end(database, run_id, TrainingRun.FAILED, reason)
    except OperationalError as error:
        reason = Sentence(
            "The database could not be written: {error}. Start the run again.",
            error=str(error.orig),
        )
        _end(database, run_id, TrainingRun.FAILED, reason)
    except Exception as error:
        _log.exception("run %s failed", run_id)
        reason = Sentence.as_is(f"{type(error).__name__}: {error}")
        _end(database, run_id, TrainingRun.FAILED, reason)


def _begin(database: Database, run_id: int, worker: int | None) -> bool:
    """Mark the run as running if it still waits; returns whether it did."""
    with database.writing() as session:
        run = session.get(TrainingRun, run_id)
        if run is None or run.status != TrainingRun.WAITING:
            return False
        run.status, run.started_at = TrainingRun.RUNNING, now()
        run.base_id, run.worker_id = versions.live(session).version_id, worker
        audit.note(session, "Run {run} began.", run=run_id)
        return True


def _train(database: Database, run_id: int, pictures: Path | None) -> Model:
    """The model that the run's settings produce."""
    with database.reading() as session:
        run = session.get_one(TrainingRun, run_id)
        preset = run.preset
        start = versions.load(session, run.base_id or 0) if preset.warm else None
        room = drawings.teaching_set(session) if preset.room_share else None
        unmet = people.to_measure_on(session)
    experiment = Experiment(preset, start, room, pictures)
    recorder = _Recorder(database, run_id, preset.epochs)
    for epoch in experiment.epochs(recorder.pictures):
        recorder.epoch(epoch, experiment.accuracy(unmet.pixels, unmet.labels))
    _patiently(recorder.write)
    return experiment.model()


def _publish(database: Database, run_id: int, model: Model) -> None:
    with database.reading() as session:
        base_id = session.get_one(TrainingRun, run_id).base_id
        outcome = comparison.outcome(session, base_id, model)

    def publish() -> None:
        with database.writing() as session:
            run = _ours(session, run_id)
            if run.cancel_requested:  # pressed while the last figures were computed
                raise _Cancelled
            version = versions.publish(session, model, run.name, "run", run)
            run.status, run.finished_at, run.outcome = TrainingRun.FINISHED, now(), outcome
            audit.note(
                session,
                "Run {run} finished as version {version}. {people} {digits}",
                run=run_id,
                version=version.id,
                people=outcome["people"]["sentence"],
                digits=outcome["digits"]["sentence"],
            )

    _patiently(publish)


def _end(database: Database, run_id: int, status: str, reason: Sentence = _NO_REASON) -> None:
    def end() -> None:
        with database.writing() as session:
            run = _ours(session, run_id)
            run.status, run.reason, run.finished_at = status, reason, now()
            audit.note(session, _ENDS[status], run=run_id, reason=reason)

    with contextlib.suppress(_Lost):
        _patiently(end)


def _ours(session: Session, run_id: int) -> TrainingRun:
    """The run that this worker is training; _Lost if another one has marked it interrupted."""
    run = session.get_one(TrainingRun, run_id)
    if run.status != TrainingRun.RUNNING:
        raise _Lost
    return run


def _patiently(write: Callable[[], Result]) -> Result:
    """The result of `write`, repeated while the database is locked or its disk full."""
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

    def __init__(self, database: Database, run_id: int, n_epochs: int) -> None:
        self._database, self._run_id, self._n_epochs = database, run_id, n_epochs
        self._epochs: list[dict[str, Any]] = []
        self._progress: dict[str, Any] = {}
        self._written_at = 0.0
        self._stage_began = time.monotonic()

    def pictures(self, done: int, total: int) -> None:
        """Record that `done` of `total` training pictures are made."""
        self._progress = {
            "pictures_done": done,
            "pictures_total": total,
            "seconds_left": self._seconds_left(done, total),
        }
        self._write_now_and_then()
        if done == total:
            self._stage_began = time.monotonic()

    def epoch(self, epoch: training.Epoch, people_accuracy: float) -> None:
        """Record an epoch that has ended, and the accuracy on people it never met, 0..1."""
        more = {"run_id": self._run_id, "people_accuracy": people_accuracy}
        self._epochs.append(dataclasses.asdict(epoch) | more)
        self._progress["seconds_left"] = self._seconds_left(epoch.number, self._n_epochs)
        self._write_now_and_then()

    def _seconds_left(self, done: int, total: int) -> float | None:
        return (time.monotonic() - self._stage_began) / done * (total - done) if done else None

    def _write_now_and_then(self) -> None:
        if time.monotonic() - self._written_at < _RECORDED_EVERY:
            return
        try:
            self.write()
        except OperationalError:  # locked or full: the next write has it too
            _log.warning("run %s: progress could not be written", self._run_id)

    def write(self) -> None:
        """Write what was recorded since the last write; _Cancelled if somebody cancelled."""
        self._written_at = time.monotonic()
        # People give drawings meanwhile. One owner for all runs: streams count on epochs whose
        # ids grow in the order in which they are written.
        with self._database.writing("runs") as session:
            run = _ours(session, self._run_id)
            if self._epochs:
                session.execute(sa.insert(Epoch), self._epochs)
            for name, value in self._progress.items():
                setattr(run, name, value)
            cancelled = run.cancel_requested
        self._epochs = []
        if cancelled:
            raise _Cancelled
