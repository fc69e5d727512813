"""Writes a session capsule, from one state of the database."""

import hashlib
import io
import json
import math
import zipfile

import sqlalchemy as sa
from sqlalchemy.orm import selectinload, undefer

from webapp.exchange import drawing_files
from webapp.exchange.capsule_format import (
    DRAWINGS,
    EPOCH_FIGURES,
    FORMAT,
    FORMAT_VERSION,
    LIVE_MODEL,
    MANIFEST,
    MAX_COST,
    MAX_EPOCHS,
    MAX_MODELS,
    MAX_TEXT,
    README,
    REPORT,
    RUNS,
    VERSIONS,
    weights_file,
)
from webapp.exchange.file_rows import MAX_ROWS
from webapp.exchange.json_entry import is_clean
from webapp.learning import runs as training_runs
from webapp.learning import versions as registry
from webapp.storage.tables import (
    SHIPPED_VERSION,
    ActiveModel,
    Drawing,
    ModelVersion,
    TrainingRun,
)

# Together they leave the zip below MAX_BYTES, whatever there is.
_MAX_WEIGHTS = 10 * 2**20  # bytes of all versions' models: some forty of the workshop's size
_MAX_CSV = 48 * 2**20

_README = """\
This is a session of Inkling, kept on {made:%Y-%m-%d %H:%M} UTC. Open report.html in any
browser to see what came of it: no server and no internet are needed. live-model.npz is the
model that was live, versions/ holds all of them, versions.json and runs.json tell how they were
made, with settings, seeds and figures, and drawings.csv holds the approved drawings, with a
number in place of each participant. To bring the session back, start an Inkling with an empty
data folder, sign in, open the page Capsule, and choose this zip file as it is.{left_out}
"""


def pack(session, report, made):
    """The session as the bytes of a zip file.

    report : str, the HTML page that tells about it
    made : datetime, now
    """
    versions = _all(session, ModelVersion, undefer(ModelVersion.weights))
    live = registry.live(session).version_id
    weights = _weights_that_fit(versions, live)
    runs, left_out = _runs(session)
    drawings, more_left_out = _drawings(session)
    n_without = sum(v.weights is not None for v in versions) - len(weights)
    if n_without:
        left_out.append(f"The models of {n_without} older versions are left out: too many.")
    left_out += more_left_out
    contents = {
        README: _README.format(
            made=made, left_out="".join(f"\n{s}" for s in left_out)
        ).encode(),
        REPORT: report.encode(),
        LIVE_MODEL: weights[live],
        VERSIONS: _json(
            {
                "live": live,
                "history": _history(session),
                "versions": [_version(version, version.id in weights) for version in versions],
            }
        ),
        RUNS: _json({"runs": runs}),
        DRAWINGS: drawings,
        **{weights_file(number): weights[number] for number in sorted(weights)},
    }
    manifest = {
        "format": FORMAT,
        "version": FORMAT_VERSION,
        "made_by": "Inkling",
        "made": made.isoformat(),
        "counts": {
            "versions": len(versions),
            "runs": len(runs),
            "drawings": approved(session),
        },
        "left_out": left_out,
        "sha256": {name: hashlib.sha256(data).hexdigest() for name, data in contents.items()},
    }
    return _zip({MANIFEST: _json(manifest), **contents}, made)


def approved(session):
    """How many drawings a capsule would hold."""
    query = sa.select(sa.func.count()).where(Drawing.status == Drawing.APPROVED)
    return session.scalar(query)


def not_approved(session):
    """How many drawings it would not hold."""
    query = sa.select(sa.func.count()).where(Drawing.status != Drawing.APPROVED)
    return session.scalar(query)


def _weights_that_fit(versions, live):
    """{number: bytes}: of the live version, of version 1, and then of the newest ones."""
    first = (live, SHIPPED_VERSION)
    chosen, room = {}, _MAX_WEIGHTS
    for version in sorted(versions, key=lambda v: (v.id not in first, -v.id)):
        if version.weights is None or len(chosen) == MAX_MODELS:
            continue
        room -= len(version.weights)
        if room >= 0 or version.id in first:
            chosen[version.id] = version.weights
    return chosen


def _version(version, has_weights):
    made_with = training_runs.made_with(version)
    return {
        "number": version.id,
        "name": version.name,
        "origin": version.origin,
        "run": version.run_id,
        "made": version.created_at.isoformat(),
        "deleted": version.deleted_at and version.deleted_at.isoformat(),
        "trained_on": _clean(version.trained_on),
        "settings": training_runs.described(*made_with) if made_with else "unknown",
        "figures": version.figures,
        "file": weights_file(version.id) if has_weights else None,
    }


def _history(session):
    """What was live and when, the first first. `back_to` counts these lines from 0."""
    rows = _all(session, ActiveModel)
    positions = {row.id: position for position, row in enumerate(rows)}
    return [
        {
            "version": row.version_id,
            "since": row.since.isoformat(),
            "until": following and following.since.isoformat(),
            "back_to": positions.get(row.previous_id),
        }
        for row, following in zip(rows, [*rows[1:], None])
    ]


def _runs(session):
    """All runs, the first first, and a sentence if the curves of some are left out."""
    runs, room, n_without = [], MAX_EPOCHS, 0
    for run in reversed(_all(session, TrainingRun, selectinload(TrainingRun.epochs))):
        epochs = [
            e for e in run.epochs if all(math.isfinite(getattr(e, n)) for n in EPOCH_FIGURES)
        ]
        room -= len(epochs)
        if room < 0:
            epochs, n_without = [], n_without + 1
        runs.append(_run(run, epochs))
    sentence = f"The curves of {n_without} older runs are left out: too many."
    return runs[::-1], [sentence] if n_without else []


def _run(run, epochs):
    return {
        "number": run.id,
        "name": run.name,
        "base": run.base_id,
        "settings": run.settings,
        "status": run.status,
        "reason": _clean(run.reason),
        "pictures_done": run.pictures_done,
        "pictures_total": run.pictures_total,
        "created": run.created_at.isoformat(),
        "started": run.started_at and run.started_at.isoformat(),
        "finished": run.finished_at and run.finished_at.isoformat(),
        "epochs": {
            "number": [epoch.number for epoch in epochs],
            **{
                name: [min(getattr(epoch, name), MAX_COST) for epoch in epochs]
                for name in EPOCH_FIGURES
            },
        },
    }


def _drawings(session):
    """The approved drawings as CSV, and sentences on what of them is too much for it."""
    numbers = sa.select(Drawing.id).where(Drawing.status == Drawing.APPROVED)
    newest_first = numbers.order_by(Drawing.id.desc())
    older = session.scalars(newest_first.offset(MAX_ROWS)).all()
    after, left_out = max(older, default=0), []
    if older:
        left_out.append(f"Of the drawings, the oldest {len(older):,} are left out: too many.")
    data = drawing_files.to_csv(session, Drawing.APPROVED, after=after)
    if len(data) > _MAX_CSV:
        left_out.append("The pictures as they were sent are left out: too large.")
        data = drawing_files.to_csv(session, Drawing.APPROVED, with_pictures=False, after=after)
    return data, left_out


def _all(session, table, *options):
    return session.scalars(sa.select(table).options(*options).order_by(table.id)).all()


def _clean(text):
    return "".join(c for c in text if is_clean(c))[:MAX_TEXT]


def _json(value):
    return json.dumps(value, indent=1, allow_nan=False).encode()


def _zip(contents, made):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in contents.items():
            info = zipfile.ZipInfo(name, made.timetuple()[:6])
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = 0o644 << 16  # as a file of the user's
            archive.writestr(info, data)
    return buffer.getvalue()
