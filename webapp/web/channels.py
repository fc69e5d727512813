"""What pages are told, as messages of server-sent events: how things stand in the database.

A channel is a function of a session that gives (name of what it is about, message) of all that
its pages show: "admin" for the presenter's, "wall" for what the room may see, "workshop" for
the page that switches the wall.
"""

import json
import time

import sqlalchemy as sa

from webapp.learning import runs, versions
from webapp.room import devices, joining, wall
from webapp.storage.tables import AuditEntry, Drawing, Epoch, TrainingRun

_TICK = 5  # seconds after which things count as changed that change by time alone
_FIGURES = (Epoch.number, Epoch.cost, Epoch.accuracy, Epoch.test_cost, Epoch.test_accuracy)


def _states(session):
    """(name of what it is about, message) of everything that a page shows the state of."""
    in_line = runs.waiting(session)
    for run in reversed(runs.latest(session)):
        place = in_line.index(run.id) + 1 if run.id in in_line else None
        yield f"run {run.id}", _message("run", _run(run, place))
    live = versions.live(session)
    yield "live", _message("live", {"version": live.version_id, "name": live.version.name})
    yield "worker", _message("worker", {"there": runs.worker_is_there(session)})


def _wall_states(session):
    """The same of what the room may see, and nothing else."""
    for about, state in wall.view(session).items():
        yield about, _message(about, state)
    run = begun_last(session)
    if run:
        yield "run", _message("run", _run_of_wall(run))
    live = versions.live(session)
    accuracy = live.version.figures.get("test_accuracy")
    told = {"change": live.id, "version": live.version_id, "accuracy": accuracy}
    yield "live", _message("live", told)
    yield "addresses", _addresses(session)


def _workshop_states(session):
    drawings = [wall.as_shown(drawing) for drawing in wall.latest(session)]
    yield "drawings", _message("drawings", drawings)
    yield "devices", _message("devices", devices.seen_lately(session))
    yield "addresses", _addresses(session)


def _addresses(session):
    return _message("addresses", wall.in_order(session, joining.of_this_machine()))


CHANNELS = {"admin": _states, "wall": _wall_states, "workshop": _workshop_states}


def begun_last(session):
    """The newest run that does not wait, or None; one that is under way comes first."""
    begun = [r for r in runs.latest(session) if r.status != TrainingRun.WAITING]
    under_way = [r for r in begun if r.status == TrainingRun.RUNNING]
    return next(iter(under_way or begun), None)


def _run_of_wall(run):
    version = runs.version_of(run)
    return {
        "id": run.id,
        "status": run.status,
        "epochs": run.settings["epochs"],
        "pictures": [run.pictures_done, run.pictures_total],
        "version": version and version.id,
    }


def _run(run, place_in_line):
    version = runs.version_of(run)
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "reason": run.reason,
        "place": place_in_line,
        "epochs": run.settings["epochs"],
        "pictures": [run.pictures_done, run.pictures_total],
        "seconds_left": run.seconds_left,
        "cancelling": run.cancel_requested and run.is_open,
        "version": version and version.id,
        "accuracy": version and version.figures.get("test_accuracy"),
    }


def epochs(session, condition):
    """(None, message) for each run that the condition on Epoch finds epochs of."""
    query = sa.select(Epoch.run_id, *_FIGURES).where(condition).order_by(Epoch.id)
    by_run = {}
    for run_id, *figures in session.execute(query):
        by_run.setdefault(run_id, []).append(figures)
    for run_id, epochs in by_run.items():
        yield None, _message("epochs", {"run": run_id, "epochs": epochs})


def mark(session):
    """Something that differs whenever a state does: most looks find nothing, and are cheap."""
    query = sa.select(
        sa.select(sa.func.max(Epoch.id)).scalar_subquery(),
        sa.select(sa.func.max(AuditEntry.id)).scalar_subquery(),
        sa.select(sa.func.max(Drawing.id)).scalar_subquery(),
        sa.select(sa.func.sum(TrainingRun.pictures_done)).scalar_subquery(),
    )
    # All in one index: which drawings there are, with what labels, by what became of them.
    sums = sa.func.count(), sa.func.sum(Drawing.id), sa.func.sum(Drawing.label)
    drawings = sa.select(Drawing.status, *sums).group_by(Drawing.status)
    return (
        *session.execute(query).one(),
        *session.execute(drawings).all(),
        devices.seen_lately(session),
        runs.worker_is_there(session),
        time.monotonic() // _TICK,
    )


def last_epoch(session):
    return session.scalar(sa.select(sa.func.max(Epoch.id))) or 0


def _message(kind, data):
    return f"event: {kind}\ndata: {json.dumps(data)}\n\n".encode()
