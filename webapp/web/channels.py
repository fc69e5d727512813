"""The states that pages follow, as messages of server-sent events.

A channel is a function of a session. It yields (name of a state, message) for everything that
its pages show: "admin" for the presenter's pages, "overview" for the first of them,
"moderation" for the drawings page, "wall" for what the room may see, "workshop" for the page
with the wall's switches.
"""

import json
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from webapp.learning import rereading, runs, versions
from webapp.room import devices, game, joining, review, shown, switches, wall
from webapp.storage.database import by_number
from webapp.storage.tables import ActiveModel, AuditEntry, Drawing, Epoch, TrainingRun
from webapp.web import languages, overview

_TICK = 5  # seconds: states that change by time alone are looked at this often
_FIGURES = (
    Epoch.number,
    Epoch.cost,
    Epoch.accuracy,
    Epoch.test_cost,
    Epoch.test_accuracy,
    Epoch.people_accuracy,  # None in runs of older Inklings
)

Messages = Iterator[tuple[str, bytes]]


def _admin(session: Session) -> Messages:
    in_line = runs.waiting(session)
    for run in reversed(runs.latest(session)):
        yield f"run {run.id}", _message("run", _run(run, in_line))
    live = versions.live(session)
    yield (
        "live",
        _message("live", {"version": live.version_id, "name": live.version.shown_name}),
    )
    yield "worker", _message("worker", {"there": runs.worker_is_there(session)})


def _overview(session: Session) -> Messages:
    yield "overview", _message("overview", overview.state(session))


def _moderation(session: Session) -> Messages:
    yield "moderated", _message("moderated", review.mark(session))


def _wall(session: Session) -> Messages:
    change = rereading.state(session)
    for about, state in wall.view(session, change.shown).items():
        yield about, _message(about, state)
    run = begun_last(session)
    if run:
        version = run.usable_version
        is_new = version is not None and not versions.was_live(session, version.id)
        yield "run", _message("run", _run_on_wall(run) | {"is_new": is_new})
    yield "live", _message("live", _change_on_wall(session, change))
    yield "game", _message("game", game.score(session))
    yield "addresses", _addresses(session)


def _workshop(session: Session) -> Messages:
    yield "switches", _message("switches", switches.current(session).state)
    drawings = shown.latest(session, rereading.state(session).shown)
    yield "drawings", _message("drawings", drawings)
    yield "devices", _message("devices", devices.seen_recently(session))
    yield "addresses", _addresses(session)


def _addresses(session: Session) -> bytes:
    return _message("addresses", wall.in_order(session, joining.of_this_machine()))


CHANNELS: dict[str, Callable[[Session], Messages]] = {
    "admin": _admin,
    "overview": _overview,
    "moderation": _moderation,
    "wall": _wall,
    "workshop": _workshop,
}


def begun_last(session: Session) -> TrainingRun | None:
    """The run under way, or else the newest one that has begun, or None."""
    begun = [r for r in runs.latest(session) if r.status != TrainingRun.WAITING]
    under_way = [r for r in begun if r.status == TrainingRun.RUNNING]
    return next(iter(under_way or begun), None)


def _run_on_wall(run: TrainingRun) -> dict[str, Any]:
    version = run.usable_version
    return {
        "id": run.id,
        "name": run.name,
        "status": run.status,
        "epochs": run.settings["epochs"],
        "pictures": [run.pictures_done, run.pictures_total],
        "version": version and version.id,
        "outcome": run.outcome,
    }


def _change_on_wall(session: Session, change: rereading.State) -> dict[str, Any]:
    """What the room sees of the newest change of the live version.

    people and digits: what it brought; turned: drawings that are read otherwise. Both are None
    until all drawings are read.
    """
    turned = None
    if change.done:
        newly = change.newly_right, change.newly_wrong
        turned = shown.turned(session, *newly, change.version, change.before)
    return {
        "change": change.change,
        "version": change.version,
        "back": versions.is_back(session),
        "people": change.people,
        "digits": change.digits,
        "turned": turned,
    }


def _run(run: TrainingRun, in_line: Sequence[int]) -> dict[str, Any]:
    """What the presenter sees of a run; in_line: ids of the runs that wait, in order."""
    return {
        **_run_on_wall(run),
        "reason": run.reason,
        "place": in_line.index(run.id) + 1 if run.id in in_line else None,
        "seconds_left": run.seconds_left,
        "cancelling": run.cancel_requested and run.is_open,
        "averaged": run.settings.get("warm", False),
    }


def epochs(session: Session, condition: sa.ColumnElement[bool]) -> Messages:
    """A message with the epochs that the condition on Epoch selects, for each run."""
    query = sa.select(Epoch.run_id, *_FIGURES).where(condition).order_by(Epoch.id)
    by_run: dict[int, list[list[float | None]]] = {}
    for run_id, *figures in session.execute(query):
        by_run.setdefault(run_id, []).append(figures)
    for run_id, found in by_run.items():
        yield "epochs", _message("epochs", {"run": run_id, "epochs": found})


def run_from_start(session: Session, run_id: int) -> Messages:
    """One run, however old, and all its epochs so far; nothing if there is none."""
    run = by_number(session, TrainingRun, run_id)
    if run:
        yield f"run {run.id}", _message("run", _run(run, runs.waiting(session)))
        yield from epochs(session, Epoch.run_id == run.id)


def mark(session: Session) -> tuple[Any, ...]:
    """A value that changes with every state. Most looks find it unchanged, and are cheap."""
    query = sa.select(
        sa.select(sa.func.max(Epoch.id)).scalar_subquery(),
        sa.select(sa.func.max(AuditEntry.id)).scalar_subquery(),
        sa.select(sa.func.count(ActiveModel.outcome)).scalar_subquery(),  # all was read again
        sa.select(sa.func.max(Drawing.id)).scalar_subquery(),
        sa.select(sa.func.sum(TrainingRun.pictures_done)).scalar_subquery(),
    )
    # One index holds all of this: which drawings there are, their labels and statuses.
    sums = sa.func.count(), sa.func.sum(Drawing.id), sa.func.sum(Drawing.label)
    drawings = sa.select(Drawing.status, *sums).group_by(Drawing.status)
    return (
        *session.execute(query).one(),
        *session.execute(drawings).all(),
        devices.seen_recently(session),
        runs.worker_is_there(session),
        time.monotonic() // _TICK,
    )


def last_epoch(session: Session) -> int:
    """The id of the newest epoch; 0 if there is none."""
    return session.scalar(sa.select(sa.func.max(Epoch.id))) or 0


def _message(kind: str, data: Any) -> bytes:
    """A message of a stream; Sentences in it are said in the language of who listens."""
    return f"event: {kind}\ndata: {json.dumps(data, default=languages.said)}\n\n".encode()
