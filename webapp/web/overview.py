"""The presenter's overview: what is going on, and the one thing to do next."""

from dataclasses import asdict, dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.report import BETTER, WITHIN_CHANCE
from nn.words import N_
from webapp.learning import comparison, runs, versions
from webapp.room import devices, moderation, readings, review
from webapp.storage import audit
from webapp.storage.tables import (
    ActiveModel,
    AuditEntry,
    Drawing,
    Participant,
    Reading,
    TrainingRun,
)
from webapp.web.languages import said, say, say_number

SHOWN = 5  # newest entries of the log, and
RUNS = 3  # newest runs


@dataclass(frozen=True)
class Step:
    """What to do next, as the one large button says it."""

    kind: str  # which of the page's buttons: watch, promote, look, train or wall
    label: str
    number: int = 0  # of the run or version that it is about


def state(session: Session) -> dict[str, Any]:
    """All of the overview that changes, as JSON holds it."""
    counts = review.counts(session)
    live = versions.live(session)
    return {
        "step": asdict(_next_step(session, counts)),
        "texts": {
            "here": str(devices.seen_recently(session)),
            "pending": f"{counts['pending']:,}",
            "approved": f"{counts['approved']:,}",
            "version": say("Version {number}", number=live.version_id),
            "name": said(live.version.shown_name),
        },
        "change": live.id,
        "back": _back(versions.before_live(session)),
        "figures": _figures(session, live),
        "runs": [
            [run.id, said(run.shown_name), run.status] for run in runs.latest(session)[:RUNS]
        ],
        "log": [_entry(entry) for entry in audit.latest(session)[:SHOWN]],
    }


def _figures(session: Session, live: ActiveModel) -> list[list[str]]:
    """How good the live version is: [percent, of what] each, people before digits."""
    digits = [f"{live.version.figures['test_accuracy']:.1%}", say("of the held-out digits")]
    right, number = _read_of_held_out(session, live.version_id)
    if number:
        met = say_number(
            "of {count:,} drawing by people it never met",
            "of {count:,} drawings by people it never met",
            number,
        )
        return [[f"{right / number:.1%}", met], digits]
    if live.outcome:  # there once the worker has measured it
        people = live.outcome["people"]
        what = say("of {n:,} {name}", n=people["n"], name=people["name"])
        return [[f"{people['now']:.1%}", what], digits]
    return [digits]


def _read_of_held_out(session: Session, version: int) -> tuple[int, int]:
    """How many approved drawings of held-out people a version reads right, and of how many."""
    predicted, on = readings.predicted_by(version)
    query = sa.select(sa.func.count(sa.case((predicted == Drawing.label, 1))), sa.func.count())
    query = query.select_from(Drawing).join(Participant).join(Reading, on, isouter=True)
    approved = Drawing.status == Drawing.APPROVED
    right, number = session.execute(query.where(approved, Participant.held_out)).one()
    return right, number


def _back(before: ActiveModel | None) -> str:
    """Where Roll back leads to; empty if there is no earlier version."""
    if not before:
        return ""
    number, name = before.version_id, before.version.shown_name
    return say("to version {number}, {name}", number=number, name=name)


def _entry(entry: AuditEntry) -> list[str]:
    """When, for programs and for people, and what."""
    return [entry.at.isoformat(), f"{entry.at.astimezone():%H:%M}", said(entry.sentence)]


def _next_step(session: Session, counts: dict[str, int]) -> Step:
    run = _run_under_way(session)
    if run:
        return Step("watch", say("Run {run} is training: watch it", run=run), run)
    fresh = _version_to_promote(session, counts)
    if fresh:
        number, why = fresh
        return Step("promote", say(why, number=number), number)
    pending, teaching = counts["pending"], counts["teaching"]
    if pending:
        waiting = say_number(
            "{count:,} drawing waits: look at them",
            "{count:,} drawings wait: look at them",
            pending,
        )
        return Step("look", waiting)
    if teaching and not _has_learned_them(session):
        train = say_number(
            "Train Quick on {count:,} drawing", "Train Quick on {count:,} drawings", teaching
        )
        return Step("train", train)
    return Step("wall", say("Open the wall"))


def _run_under_way(session: Session) -> int | None:
    """The number of the run that trains, or else of the first that waits."""
    is_open = TrainingRun.status.in_((TrainingRun.RUNNING, TrainingRun.WAITING))
    return session.scalar(sa.select(sa.func.min(TrainingRun.id)).where(is_open))


def _version_to_promote(session: Session, counts: dict[str, int]) -> tuple[int, str] | None:
    """The newest version and why to promote it, if it was never live and should follow.

    People count first: the digits decide where they show no difference.
    """
    live, newest = versions.live(session), versions.usable(session)[0]
    was_live = sa.select(ActiveModel.id).where(ActiveModel.version_id == newest.id).limit(1)
    run = newest.run
    if not (run and run.outcome and run.base_id == live.version_id) or session.scalar(was_live):
        return None
    found = [run.outcome[about] for about in ("people", "digits")]
    clear = [each for each in found if each["judgement"] != WITHIN_CHANCE]
    if clear and clear[0]["judgement"] == BETTER:
        return newest.id, N_("Version {number} is better: promote it")
    has_learned = run.preset.room_share and counts["teaching"]
    if has_learned and not comparison.is_clearly_worse(found):
        return newest.id, N_("Version {number} has learned from the room: promote it")
    return None


def _has_learned_them(session: Session) -> bool:
    """Whether a run learned from the room after the last decision on a drawing."""
    decided = sa.select(sa.func.max(AuditEntry.at)).where(
        AuditEntry.kind == moderation.MODERATED
    )
    last = session.scalar(decided)
    finished = sa.select(TrainingRun).where(TrainingRun.status == TrainingRun.FINISHED)
    newest = session.scalars(finished.order_by(TrainingRun.id.desc()).limit(SHOWN)).all()
    began = [run.started_at for run in newest if run.preset.room_share and run.started_at]
    return bool(began) and (last is None or began[0] > last)
