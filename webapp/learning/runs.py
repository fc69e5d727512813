"""Training runs as all see them: in line, under way, ended; and the worker's sign of life.

A run is `waiting` in line, `running`, and then for good `finished`, `failed`, `cancelled` or
`interrupted`. What is done in it stands in `webapp.learning.trainer`. Functions that change
something take a session of `Database.writing`; they raise RunError, with a sentence, when they
refuse.
"""

import dataclasses

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from nn.presets import FIELDS, PRESETS, Preset
from nn.training import Recipe
from webapp.learning import versions
from webapp.storage import audit
from webapp.storage.database import by_number
from webapp.storage.tables import TrainingRun, Worker, now

CUSTOM = "custom"  # what a run is called whose settings are nobody's but the presenter's
MAX_WAITING = 5  # runs in line
SHOWN = 12  # newest runs, on the page
WORKER_MISSED_AFTER = 10  # seconds without a sign of life


class RunError(ValueError):
    """What cannot be done with a run; the message says why."""


def create(session, preset, base):
    """Put a run in line and return it; RunError when the line is long enough.

    preset : nn.presets.Preset
    base : name of the preset that the settings come from; they may differ from it
    """
    waiting = session.scalar(
        sa.select(sa.func.count())
        .select_from(TrainingRun)
        .where(TrainingRun.status == TrainingRun.WAITING)
    )
    if waiting >= MAX_WAITING:
        raise RunError(f"{waiting} runs are waiting in line. Cancel one of them first.")
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
        raise RunError(f"There is no run {run_id}.")
    if not run.is_open:
        raise RunError(f"Run {run_id} has ended already: {run.status}.")
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

    Raises versions.NoSuchVersion if nothing did.
    """
    run = by_number(session, TrainingRun, run_id)
    if run is None or run.version is None:
        raise versions.NoSuchVersion(f"Run {run_id} has no version.")
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
    if preset.written:
        told.append(f"{preset.written} pictures of handwriting")
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
