"""The train page: choose settings, start, watch, cancel."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from nn.presets import FIELDS, PRESETS, Preset
from nn.refusal import Refusal
from webapp.learning import runs, versions
from webapp.storage.tables import TrainingRun
from webapp.web import forms, streams
from webapp.web.app_state import database, nudge_worker

_SENTENCES = {
    "article": "The textbook experiment: 15 hidden neurons, plain gradient descent. Seconds.",
    "workshop": "What made the network that comes with Inkling. A minute or two.",
    "quick": "Starts from the live version, not from random weights. A few seconds.",
    runs.CUSTOM: "Your own settings; the rest stays as in the preset that you chose before.",
}

blueprint = Blueprint("train", __name__, url_prefix="/admin")


@blueprint.get("/train")
def index() -> str:
    """The form, as it was last sent, and the newest run or the one that the address names."""
    with database().reading() as db:
        last = next(iter(runs.latest(db)), None)
    if last is None:
        return _page(_texts_of(PRESETS["article"]), "article")
    preset = last.preset
    return _page(_texts_of(preset), last.name, _base_of(preset))


@blueprint.post("/train")
def start() -> ResponseReturnValue:
    """Put a run in line. If something is wrong, the form comes back as it was filled in."""
    name = request.form.get("preset", "")
    base = name if name != runs.CUSTOM else request.form.get("base", "article")
    if base not in PRESETS:
        raise Refusal("Choose one of the presets.", code="unknown_preset")
    texts = _texts_of(PRESETS[base])
    texts.update((f, request.form[f].strip()) for f in FIELDS if f in request.form)
    values, errors = _parse(texts)
    if errors:
        return _page(texts, name, base, errors), 422
    preset = dataclasses.replace(PRESETS[base], **values)
    try:
        with database().writing() as db:
            runs.create(db, preset, base)
        nudge_worker()
    except runs.RunError as error:
        return _page(texts, name, base, {"start": str(error)}), 409
    return redirect(url_for("train.index", _anchor="run"), 303)


@blueprint.post("/runs/<int:run_id>/cancel")
def cancel(run_id: int) -> Response:
    """Cancel a run. What it has learnt is lost."""
    return forms.act(lambda db: runs.cancel(db, run_id), url_for("train.index"))


@blueprint.get("/events")
def follow() -> Response:
    """All runs and the epochs of one (?run=), and then every change: server-sent events."""
    with database().reading() as db:
        return streams.stream(db, "admin", forms.number("run"))


def _page(
    texts: Mapping[str, str],
    name: str,
    base: str | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    with database().reading() as db:
        latest = runs.latest(db)
        wanted = forms.number("run")
        return render_template(
            "admin/train.html",
            fields=FIELDS,
            texts=texts,
            chosen=name,
            base=base or name,
            errors=errors or {},
            sentences=_SENTENCES,
            presets={key: _texts_of(preset) for key, preset in PRESETS.items()},
            live=versions.live(db),
            runs=latest,
            shown=wanted or _interesting(latest),
            worker_there=runs.worker_is_there(db),
        )


def _interesting(latest: Sequence[TrainingRun]) -> int:
    """The run to show first: the one under way, or else the newest."""
    under_way = [run.id for run in latest if run.status == run.RUNNING]
    return (under_way or [run.id for run in latest] or [0])[0]


def _base_of(preset: Preset) -> str:
    """The name of the preset with the same recipe and start."""
    ways = {(other.recipe, other.warm): name for name, other in PRESETS.items()}
    return ways.get((preset.recipe, preset.warm), "article")  # older Inklings had others


def _texts_of(preset: Preset) -> dict[str, str]:
    """What stands in the fields for a preset."""
    return {name: field.text(getattr(preset, name)) for name, field in FIELDS.items()}


def _parse(texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the valid fields, and sentences for the others, by name."""
    values, errors = {}, {}
    for name, field in FIELDS.items():
        try:
            values[name] = field.parse(texts[name])
        except ValueError as error:
            errors[name] = str(error)
    return values, errors
