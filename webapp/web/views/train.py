"""The train page: choose settings, start, watch, cancel."""

import dataclasses
import importlib.util
from pathlib import Path

from flask import (
    Blueprint,
    abort,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)

from nn.presets import FIELDS, PRESETS
from webapp.learning import runs, versions
from webapp.web import streams

_SENTENCES = {
    "article": "The textbook experiment: 15 hidden neurons, plain gradient descent. Seconds.",
    "workshop": "What made the network that comes with Inkling. A minute or two.",
    "quick": "Goes on from the live version instead of starting anew. A few seconds.",
    runs.CUSTOM: "Your own settings; how it trains stays as in the preset before.",
}
_CHARTS = Path(importlib.util.find_spec("plotly").origin).parent / "package_data/plotly.min.js"
_YEAR = 365 * 24 * 3600  # seconds

blueprint = Blueprint("train", __name__, url_prefix="/admin")


@blueprint.get("/train")
def index():
    """The form, as it was sent last, and the newest run or the one that the address names."""
    with _database().reading() as db:
        last = next(iter(runs.latest(db)), None)
    if last is None:
        return _page(_texts_of(PRESETS["article"]), "article")
    preset = last.preset
    return _page(_texts_of(preset), last.name, _base_of(preset))


@blueprint.post("/train")
def start():
    """Put a run in line; the form comes back with what was typed if something is wrong."""
    name = request.form.get("preset", "")
    base = name if name != runs.CUSTOM else request.form.get("base", "article")
    if base not in PRESETS:
        abort(400, "Choose one of the presets.")
    texts = _texts_of(PRESETS[base])
    texts.update((f, request.form[f].strip()) for f in FIELDS if f in request.form)
    values, errors = _parse(texts)
    if errors:
        return _page(texts, name, base, errors), 422
    preset = dataclasses.replace(PRESETS[base], **values)
    try:
        with _database().writing() as db:
            runs.create(db, preset, base)
        current_app.extensions["nudge"]()
    except runs.RunError as error:
        return _page(texts, name, base, {"start": str(error)}), 409
    return redirect(url_for("train.index", _anchor="run"), 303)


@blueprint.post("/runs/<int:run_id>/cancel")
def cancel(run_id):
    """End a run; what it has learnt is dropped."""
    try:
        with _database().writing() as db:
            runs.cancel(db, run_id)
    except runs.RunError as error:
        flash(str(error), "error")
    return redirect(url_for("train.index"), 303)


@blueprint.get("/events")
def follow():
    """All runs and the epochs of one (?run=), and then every change: server-sent events."""
    with _database().reading() as db:
        return streams.stream(db, request.args.get("run", 0, type=int))


@blueprint.get("/plotly.js")
def charts():
    """The charting library, from this machine."""
    return send_file(_CHARTS, mimetype="text/javascript", max_age=_YEAR)


def _page(texts, name, base=None, errors=()):
    with _database().reading() as db:
        latest = runs.latest(db)
        wanted = request.args.get("run", type=int)
        return render_template(
            "admin/train.html",
            fields=FIELDS,
            texts=texts,
            chosen=name,
            base=base or name,
            errors=dict(errors),
            sentences=_SENTENCES,
            presets={key: _texts_of(preset) for key, preset in PRESETS.items()},
            live=versions.live(db),
            runs=latest,
            shown=wanted or _interesting(latest),
            worker_there=runs.worker_is_there(db),
        )


def _interesting(latest):
    """The run to show first: the one under way, or else the newest."""
    under_way = [run.id for run in latest if run.status == run.RUNNING]
    return (under_way or [run.id for run in latest] or [0])[0]


def _base_of(preset):
    """The name of the preset that trains the way of this one."""
    ways = {(other.recipe, other.warm): name for name, other in PRESETS.items()}
    return ways.get((preset.recipe, preset.warm), "article")  # another Inkling had others


def _texts_of(preset):
    """What stands in the fields for a preset."""
    return {name: field.text(getattr(preset, name)) for name, field in FIELDS.items()}


def _parse(texts):
    """The values of all fields, and the sentences of those outside their limits, by name."""
    values, errors = {}, {}
    for name, field in FIELDS.items():
        try:
            values[name] = field.parse(texts[name])
        except ValueError as error:
            errors[name] = str(error)
    return values, errors


def _database():
    return current_app.extensions["database"]
