"""What a session achieved: everything that its page in the capsule shows, read at once."""

import base64
import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from nn import evaluation
from nn.report import PictureSet, Report, held_out_digits
from nn.words import N_, Sentence
from webapp.learning import people, runs, versions
from webapp.room import pictures
from webapp.storage.tables import Drawing, ModelVersion, TrainingRun

MOST_DRAWINGS = 500  # shown; of the others, the page gives the number
MOST_RUNS = 50
MOST_PAIRS = 8
MOST_POINTS = 200  # of a curve; more cannot be told apart

Share = tuple[float, tuple[float, float], int]  # right, 0..1, its interval, number of pictures
Pair = tuple[int, int, int]  # the digit, what it was read as, how often


@dataclass(frozen=True)
class Line:
    """A version, as a line of the table."""

    version: ModelVersion
    settings: Sentence
    digits: Share | None  # on the held-out digits
    people: Share  # on drawings by people whom it never met


def summary(session: Session) -> dict[str, object]:
    """What the page shows, by the names that its template uses."""
    live = versions.live(session)
    model = versions.load(session, live.version_id)
    report = Report(model, held_out_digits())
    unmet = people.to_measure_on(session)
    shown, n_drawings, n_people = _newest_drawings(session)
    counts = _counts(session)
    finished = _runs(session, TrainingRun.status == TrainingRun.FINISHED)
    return {
        "live": live,
        "report": report,
        "people": Report(model, unmet),
        "lines": [_line(session, version, unmet) for version in versions.usable(session)],
        "periods": versions.periods(session),
        "finished": [(run, curves(run)) for run in finished[:MOST_RUNS]],
        "n_more_runs": max(0, len(finished) - MOST_RUNS),
        "unfinished": _runs(session, TrainingRun.status != TrainingRun.FINISHED)[:MOST_RUNS],
        "drawings": shown,
        "n_drawings": n_drawings,
        "n_people": n_people,
        "n_right": sum(n for (label, predicted), n in counts.items() if label == predicted),
        "pairs": _most_confused(counts),
        "digit_pairs": _most_confused(_digit_counts(report)),
        "picture": _as_address,
    }


def curves(run: TrainingRun) -> dict[str, list[list[float | None]]]:
    """Accuracy and cost by epoch, as static/js/parts/curves.js takes them; {} for no epochs.

    Each point is [epoch, on people that it never met (accuracy only), on digits that it never
    sees, on the pictures that it learns from].
    """
    epochs = [e for e in run.epochs if math.isfinite(e.cost) and math.isfinite(e.test_cost)]
    if not epochs:
        return {}
    step = math.ceil(len(epochs) / MOST_POINTS)
    chosen = epochs[:-1:step] + epochs[-1:]
    return {
        N_("Accuracy"): [
            [e.number, _short(e.people_accuracy), _short(e.test_accuracy), _short(e.accuracy)]
            for e in chosen
        ],
        N_("Cost"): [[e.number, _short(e.test_cost), _short(e.cost)] for e in chosen],
    }


def _short(value: float | None) -> float | None:
    return None if value is None else float(f"{value:.4g}")


def n_finished_runs(session: Session) -> int:
    """How many runs finished."""
    condition = TrainingRun.status == TrainingRun.FINISHED
    return session.scalar(sa.select(sa.func.count()).where(condition)) or 0


def _runs(session: Session, condition: sa.ColumnElement[bool]) -> Sequence[TrainingRun]:
    """Newest first."""
    return session.scalars(
        sa.select(TrainingRun)
        .where(condition)
        .options(selectinload(TrainingRun.epochs), selectinload(TrainingRun.version))
        .order_by(TrainingRun.id.desc())
    ).all()


def _line(session: Session, version: ModelVersion, unmet: PictureSet) -> Line:
    accuracy, n = version.figures.get("test_accuracy"), len(held_out_digits())
    report = Report(versions.load(session, version.id), unmet)
    made_with = version.made_with
    return Line(
        version,
        runs.described(*made_with) if made_with else Sentence("unknown"),
        None if accuracy is None else _share(round(accuracy * n), n),
        _share(report.n_right, report.n),
    )


def _share(n_right: int, n: int) -> Share:
    return n_right / n, evaluation.wilson_interval(n_right, n), n


def _newest_drawings(session: Session) -> tuple[Sequence[Drawing], int, int]:
    """The newest approved drawings, how many there are, and by how many people."""
    approved = sa.select(Drawing).where(Drawing.status == Drawing.APPROVED)
    shown = session.scalars(approved.order_by(Drawing.id.desc()).limit(MOST_DRAWINGS)).all()
    people = sa.func.count(Drawing.participant_id.distinct())
    n, n_people = session.execute(approved.with_only_columns(sa.func.count(), people)).one()
    return shown, n, n_people


def _counts(session: Session) -> Counter[tuple[int, int | None]]:
    """How often each digit was read as what: {(label, predicted): count}."""
    rows = session.execute(
        sa.select(Drawing.label, Drawing.predicted, sa.func.count())
        .where(Drawing.status == Drawing.APPROVED)
        .group_by(Drawing.label, Drawing.predicted)
    )
    return Counter({(label, predicted): count for label, predicted, count in rows})


def _digit_counts(report: Report) -> Counter[tuple[int, int | None]]:
    """The same of the held-out digits."""
    return Counter(
        {(i, j): int(report.confusion[i, j]) for i in range(10) for j in range(10)},
    )


def _most_confused(counts: Counter[tuple[int, int | None]]) -> list[Pair]:
    """The most frequent pairs first."""
    wrong = [
        (label, predicted, n)
        for (label, predicted), n in counts.items()
        if predicted is not None and label != predicted and n
    ]
    return sorted(wrong, key=lambda pair: (-pair[2], pair[:2]))[:MOST_PAIRS]


def _as_address(pixels: bytes) -> str:
    """An 8x8 picture, 64 bytes of 0..16, as an address that holds the whole picture."""
    png = pictures.digit_png(np.frombuffer(pixels, np.uint8))
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
