import dataclasses
import sqlite3
import time
from datetime import timedelta
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError

from nn.experiment import Experiment
from nn.presets import PRESETS
from webapp.learning import runs, trainer, versions
from webapp.storage.tables import Epoch, TrainingRun, Worker, now

SMALL = dataclasses.replace(PRESETS["article"], epochs=3, batch_size=100)


@pytest.fixture
def start(database):
    """A function that puts a run in line and returns its id."""

    def start(preset=SMALL):
        with database.writing() as session:
            return runs.create(session, preset, "article").id

    return start


def look(database, run_id):
    """The run, with all that belongs to it."""
    with database.reading() as session:
        run = session.get(TrainingRun, run_id)
        assert run.epochs is not None
        assert run.version is None or run.version.figures
        return run


def test_run_trains_records_its_epochs_and_publishes_without_going_live(database, start):
    run_id = start()
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert (run.status, str(run.reason)) == ("finished", "")
    assert [epoch.number for epoch in run.epochs] == [1, 2, 3]
    assert run.epochs[-1].cost < run.epochs[0].cost
    assert run.version.figures["test_accuracy"] == run.epochs[-1].test_accuracy
    assert run.created_at <= run.started_at <= run.finished_at
    with database.reading() as session:
        assert versions.live(session).version_id == 1


@pytest.fixture
def busy(database, monkeypatch):
    """A function that locks the database until somebody who found it locked waits."""
    other = sqlite3.connect(database.url.database, isolation_level=None, timeout=10)
    clock = SimpleNamespace(
        monotonic=time.monotonic, sleep=lambda _seconds: other.execute("ROLLBACK")
    )
    monkeypatch.setattr(trainer, "time", clock)
    sa.event.listen(
        database.engine, "connect", lambda raw, _: raw.execute("PRAGMA busy_timeout = 1")
    )
    database.close()  # connections that would wait for longer
    yield lambda: other.execute("BEGIN IMMEDIATE")
    other.close()


@pytest.mark.sqlite
def test_run_that_begins_or_ends_while_the_database_is_locked_is_not_lost(
    database, start, busy, monkeypatch
):
    def then_locked(self, progress):
        yield from epochs(self, progress)
        busy()

    epochs = Experiment.epochs
    monkeypatch.setattr(Experiment, "epochs", then_locked)
    run_id = start()
    busy()
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert (run.status, str(run.reason)) == ("finished", "")
    assert [epoch.number for epoch in run.epochs] == [1, 2, 3]


def test_database_that_stays_locked_is_told_in_a_sentence(database, start, monkeypatch):
    def locked(*_):
        raise OperationalError("BEGIN", {}, Exception("database is locked"))

    run_id = start()
    monkeypatch.setattr(trainer, "_PATIENCE", 0)
    monkeypatch.setattr(trainer, "_publish", locked)
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert run.status == "failed"
    assert str(run.reason) == (
        "The database could not be written: database is locked. Start the run again."
    )


def test_article_run_is_the_articles_experiment_exactly(database, start):
    run_id = start(PRESETS["article"])
    trainer.execute(database, run_id)
    expected = list(Experiment(PRESETS["article"]).epochs())
    epochs = look(database, run_id).epochs
    assert [e.cost for e in epochs] == [e.cost for e in expected]
    assert [e.test_accuracy for e in epochs] == [e.test_accuracy for e in expected]


def test_run_with_other_settings_than_the_seed_is_called_custom(database, start):
    other_seed = dataclasses.replace(PRESETS["article"], seed=7)
    names = [look(database, start(preset)).name for preset in (SMALL, other_seed)]
    assert names == ["custom", "article"]


def test_preset_comes_back_from_the_database_as_it_was(database, start):
    for preset in PRESETS.values():
        assert look(database, start(preset)).preset == preset


def test_quick_starts_from_the_live_version(database, start):
    quick = dataclasses.replace(PRESETS["quick"], epochs=1, copies=0)
    run_id = start(quick)
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert run.epochs[0].test_accuracy > 0.95  # what it takes others many epochs to reach
    with database.reading() as session:
        assert versions.load(session, run.version.id).network.sizes == [64, 384, 96, 10]


def test_waiting_run_is_cancelled_at_once_and_never_trained(database, start):
    run_id = start()
    with database.writing() as session:
        runs.cancel(session, run_id)
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert (run.status, run.epochs, run.version) == ("cancelled", [], None)
    with (
        database.writing() as session,
        pytest.raises(runs.RunError, match="has ended already: cancelled"),
    ):
        runs.cancel(session, run_id)


def test_cancelled_run_stops_and_publishes_nothing(database, start, monkeypatch):
    monkeypatch.setattr(trainer, "_RECORDED_EVERY", 0)
    run_id = start(dataclasses.replace(SMALL, epochs=1000))
    real = trainer.Experiment.epochs

    def cancelled_after_the_fifth(experiment, progress):
        for epoch in real(experiment, progress):
            if epoch.number == 5:
                with database.writing() as session:
                    runs.cancel(session, run_id)
            yield epoch

    monkeypatch.setattr(trainer.Experiment, "epochs", cancelled_after_the_fifth)
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert (run.status, len(run.epochs), run.version) == ("cancelled", 5, None)


@pytest.mark.parametrize("rate", [1e38, 1e9])  # the cost is NaN; no file holds the weights
def test_run_that_diverges_fails_and_publishes_nothing(database, start, rate):
    run_id = start(dataclasses.replace(SMALL, learning_rate=rate))
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert (run.status, run.version) == ("failed", None)
    assert "smaller learning rate" in str(run.reason)


def test_unexpected_error_marks_the_run_failed_with_its_reason(database, start, monkeypatch):
    def broken(*_):
        raise RuntimeError("no idea")

    monkeypatch.setattr(trainer, "Experiment", broken)
    run_id = start()
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert (run.status, str(run.reason)) == ("failed", "RuntimeError: no idea")


def test_what_a_dead_worker_left_is_marked_interrupted(database, start):
    left, in_line = start(), start()
    with database.writing() as session:
        session.get(TrainingRun, left).status = TrainingRun.RUNNING
        runs.enter(session, is_alone=True)
    assert look(database, left).status == "interrupted"
    assert "Start the run again" in str(look(database, left).reason)
    assert look(database, in_line).status == "waiting"


def test_second_worker_leaves_the_runs_of_one_that_is_alive(database, start):
    run_id, lookout = start(), runs.Lookout()
    with database.writing() as session:
        first, second = (runs.enter(session, is_alone=False) for _ in range(2))
        run = session.get(TrainingRun, run_id)
        run.status, run.worker_id = TrainingRun.RUNNING, first
    for is_alive in (True, False):
        for _ in range(15):
            with database.writing() as session:
                for worker in (first, second) if is_alive else (second,):
                    runs.sign_of_life(session, worker)
                lookout.look(session)
        assert look(database, run_id).status == ("running" if is_alive else "interrupted")


def test_run_that_was_marked_interrupted_publishes_nothing(database, start, monkeypatch):
    run_id = start()

    def interrupted(*_):
        with database.writing() as session:
            runs.enter(session, is_alone=True)
        return real(*_)

    real = trainer.comparison.outcome
    monkeypatch.setattr(trainer.comparison, "outcome", interrupted)
    trainer.execute(database, run_id)
    run = look(database, run_id)
    assert (run.status, run.version) == ("interrupted", None)


def test_line_has_an_end(start):
    for _ in range(runs.MAX_WAITING):
        start()
    with pytest.raises(runs.RunError, match="waiting in line"):
        start()


def test_locked_database_loses_no_epoch(database, start, monkeypatch):
    monkeypatch.setattr(trainer, "_RECORDED_EVERY", 0)
    run_id, real, failures = start(), trainer._Recorder.write, iter([True, True])

    def sometimes(recorder):
        if next(failures, False):
            raise sa.exc.OperationalError("UPDATE", {}, Exception("database is locked"))
        real(recorder)

    monkeypatch.setattr(trainer._Recorder, "write", sometimes)
    trainer.execute(database, run_id)
    assert [epoch.number for epoch in look(database, run_id).epochs] == [1, 2, 3]


def test_worker_counts_as_missing_after_some_seconds_without_a_sign_of_life(database):
    with database.writing() as session:
        assert not runs.worker_is_there(session)
        runs.sign_of_life(session, 1)
        session.flush()
        assert runs.worker_is_there(session)
        long_ago = timedelta(seconds=runs.WORKER_MISSED_AFTER + 1)
        session.get(Worker, 1).seen_at = now() - long_ago
        assert not runs.worker_is_there(session)


def test_waiting_runs_are_trained_once_each_the_oldest_first(database, start):
    first, second = start(), start()
    trainer.train_waiting(database)
    trainer.train_waiting(database)  # a nudge that came too late
    assert look(database, first).finished_at <= look(database, second).started_at
    with database.reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Epoch)) == 2 * SMALL.epochs
