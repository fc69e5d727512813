"""What a session came to: everything that the capsule's page tells, read at once."""

import base64
import math
from collections import Counter
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.orm import selectinload

from nn import evaluation
from nn.report import PictureSet, Report, held_out_digits
from webapp.learning import runs, versions
from webapp.room import drawings, pictures
from webapp.storage.tables import Drawing, TrainingRun

MOST_DRAWINGS = 500  # shown; the others are told as a number
MOST_CURVES = 50
MOST_PAIRS = 8
_POINTS = 200  # of a line: more than one sees

# The plot of a curve, in units of its SVG picture, 320 wide and 170 high.
LEFT, RIGHT, TOP, BOTTOM = 44.0, 312.0, 8.0, 140.0


@dataclass(frozen=True)
class Chart:
    """Two lines by epoch: on the pictures that were learnt from, and on digits never seen.

    name : "Accuracy" or "Cost"
    training, test : points of an SVG polyline
    low, high : the values at the bottom and the top of the plot
    last : the last value of each line
    """

    name: str
    training: str
    test: str
    low: float
    high: float
    last: tuple


@dataclass(frozen=True)
class Line:
    """A version, as a line of the table: its ModelVersion, and what is known of it.

    digits, people : (share right, (low, high) of its interval, number of pictures) or None
    """

    version: object
    settings: str
    digits: tuple | None
    people: tuple | None


def told(session):
    """What the page tells, by the names that its template uses."""
    live = versions.live(session)
    model = versions.load(session, live.version_id)
    report = Report(model, held_out_digits())
    finished = _finished_runs(session)
    shown, n_drawings = _newest_drawings(session)
    people = _people(session)
    counts = _pairs(session)
    n_right = sum(count for (label, said), count in counts.items() if label == said)
    return {
        "live": live,
        "report": report,
        "people": Report(model, people) if people else None,
        "lines": [_line(session, version, people) for version in versions.usable(session)],
        "periods": versions.periods(session),
        "curves": [(run, charts(run)) for run in finished[:MOST_CURVES]],
        "n_more_curves": max(0, len(finished) - MOST_CURVES),
        "unfinished": _unfinished_runs(session),
        "drawings": shown,
        "n_drawings": n_drawings,
        "n_right": n_right,
        "n_people": _n_people(session),
        "pairs": _most_confused(counts),
        "digit_pairs": _most_confused(_confusion(report)),
        "picture": _as_address,
        "plot": (LEFT, RIGHT, TOP, BOTTOM),
    }


def charts(run):
    """The Charts of a run's accuracy and cost; none for a run without epochs."""
    if not run.epochs:
        return []
    numbers = [epoch.number for epoch in run.epochs]
    found = []
    for name, keys in (
        ("Accuracy", ("accuracy", "test_accuracy")),
        ("Cost", ("cost", "test_cost")),
    ):
        lines = [[getattr(epoch, key) for epoch in run.epochs] for key in keys]
        everything = lines[0] + lines[1]
        low, high = 0.0, max(everything) or 1.0
        if name == "Accuracy":  # the part where something happens, in whole tenths
            low, high = math.floor(10 * min(min(everything), 0.9)) / 10, 1.0
        points = [curve(numbers, values, low, high) for values in lines]
        found.append(Chart(name, *points, low, high, tuple(values[-1] for values in lines)))
    return found


def curve(numbers, values, low, high):
    """The points of an SVG polyline: values from low (at the bottom) to high, by number."""
    step = max(1, -(-len(values) // _POINTS))
    chosen = sorted({*range(0, len(values), step), len(values) - 1})
    first, width = numbers[0], max(1, numbers[-1] - numbers[0])
    return " ".join(
        f"{LEFT + (RIGHT - LEFT) * (numbers[i] - first) / width:.1f},"
        f"{BOTTOM - (BOTTOM - TOP) * (values[i] - low) / (high - low):.1f}"
        for i in chosen
    )


def n_finished_runs(session):
    """How many runs have ended well."""
    condition = TrainingRun.status == TrainingRun.FINISHED
    return session.scalar(sa.select(sa.func.count()).where(condition))


def _finished_runs(session):
    """The newest first."""
    return session.scalars(
        sa.select(TrainingRun)
        .where(TrainingRun.status == TrainingRun.FINISHED)
        .options(selectinload(TrainingRun.epochs), selectinload(TrainingRun.version))
        .order_by(TrainingRun.id.desc())
    ).all()


def _unfinished_runs(session):
    query = sa.select(TrainingRun).where(TrainingRun.status != TrainingRun.FINISHED)
    return session.scalars(query.order_by(TrainingRun.id.desc()).limit(MOST_CURVES)).all()


def _people(session):
    """The drawings by people who never taught, a PictureSet; None without any."""
    pixels, labels = drawings.held_out_set(session)
    return PictureSet("drawings by held-out people", pixels, labels) if len(labels) else None


def _line(session, version, people):
    digits = version.figures.get("test_accuracy")
    n = len(held_out_digits())
    made_with = runs.made_with(version)
    report = people and Report(versions.load(session, version.id), people)
    return Line(
        version,
        runs.described(*made_with) if made_with else "unknown",
        _share(round(digits * n), n) if digits is not None else None,
        _share(report.n_right, report.n) if report else None,
    )


def _share(n_right, n):
    return n_right / n, evaluation.wilson_interval(n_right, n), n


def _newest_drawings(session):
    query = sa.select(Drawing).where(Drawing.status == Drawing.APPROVED)
    shown = session.scalars(query.order_by(Drawing.id.desc()).limit(MOST_DRAWINGS)).all()
    return shown, session.scalar(query.with_only_columns(sa.func.count()))


def _n_people(session):
    people = sa.func.count(Drawing.participant_id.distinct())
    return session.scalar(sa.select(people).where(Drawing.status == Drawing.APPROVED))


def _pairs(session):
    """How often each digit was answered with what: {(label, said): count}."""
    rows = session.execute(
        sa.select(Drawing.label, Drawing.said, sa.func.count())
        .where(Drawing.status == Drawing.APPROVED)
        .group_by(Drawing.label, Drawing.said)
    )
    return {(label, said): count for label, said, count in rows}


def _confusion(report):
    return Counter(zip(report.pictures.labels.tolist(), report.said.tolist()))


def _most_confused(counts):
    """[(label, said, count)], the most frequent first."""
    wrong = [
        (label, said, count)
        for (label, said), count in counts.items()
        if said is not None and label != said
    ]
    return sorted(wrong, key=lambda pair: (-pair[2], pair[:2]))[:MOST_PAIRS]


def _as_address(pixels):
    """An 8x8 picture, 64 bytes of 0..16, as an address that holds it all."""
    png = pictures.digit_png(list(pixels))
    return f"data:image/png;base64,{base64.b64encode(png).decode()}"
