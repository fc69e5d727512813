"""The train page: choose settings, start, watch, cancel."""

import dataclasses
import itertools
from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from nn.presets import FIELDS, PRESETS, Preset
from nn.refusal import Refusal
from nn.words import N_
from webapp.learning import runs, versions
from webapp.storage.tables import CUSTOM, TrainingRun
from webapp.web import channels, forms, streams
from webapp.web.app_state import database, nudge_worker
from webapp.web.languages import say

_SENTENCES = {
    "article": N_(
        "The textbook experiment: 15 hidden neurons, plain gradient descent. Seconds."
    ),
    "workshop": N_("What made the network that comes with Inkling. A minute or two."),
    "quick": N_("Starts from the live version, not from random weights. A few seconds."),
    CUSTOM: N_("Your own settings; the rest stays as in the preset that you chose before."),
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
    return _page(_texts_of(preset), last.name, runs.base_of(preset))


@blueprint.post("/train")
def start() -> ResponseReturnValue:
    """Put a run in line. If something is wrong, the form comes back as it was filled in."""
    name = request.form.get("preset", "")
    base = name if name != CUSTOM else request.form.get("base", "article")
    if base not in PRESETS:
        raise Refusal("Choose one of the presets.", code="unknown_preset")
    texts = _texts_of(PRESETS[base])
    texts.update((f, request.form[f].strip()) for f in FIELDS if f in request.form)
    values, errors = _parse(texts)
    if errors:
        return _page(texts, name, base, errors), 422
    if PRESETS[base].warm:
        del values["hidden"]  # it takes those of the live version
    preset = dataclasses.replace(PRESETS[base], **values)
    try:
        with database().writing() as db:
            runs.create(db, preset, base)
        nudge_worker()
    except runs.RunError as error:
        return _page(texts, name, base, {"start": say(error)}), 409
    return redirect(url_for("train.index", _anchor="run"), 303)


@blueprint.post("/runs/<int:run_id>/cancel")
def cancel(run_id: int) -> Response:
    """Cancel a run. What it has learnt is lost."""
    return forms.act(lambda db: runs.cancel(db, run_id), url_for("train.index"))


@blueprint.get("/events")
def follow() -> Response:
    """The newest runs and every change: server-sent events.

    They begin with the epochs so far of the runs that the page draws, ?run= and ?second=.
    """
    with database().reading() as db:
        drawn = [forms.number(name) or 0 for name in ("run", "second")]
        also = itertools.chain(*(channels.run_from_start(db, number) for number in drawn))
        return streams.stream(db, "admin", also=also)


@blueprint.get("/runs")
def table() -> str:
    """The table of all runs, a page at a time: a part of the train page."""
    with database().reading() as db:
        return render_template("admin/runs.html", **_table(db, forms.number("page", 1) or 1))


def _page(
    texts: Mapping[str, str],
    name: str,
    base: str | None = None,
    errors: Mapping[str, str] | None = None,
) -> str:
    with database().reading() as db:
        shown = forms.number("run") or _interesting(runs.latest(db))
        live = versions.live(db)
        return render_template(
            "admin/train.html",
            fields=FIELDS,
            texts=texts,
            chosen=name,
            base=base or name,
            errors=errors or {},
            sentences={key: say(text) for key, text in _SENTENCES.items()},
            presets={key: _texts_of(preset) for key, preset in PRESETS.items()},
            live=live,
            live_layers=FIELDS["hidden"].text(versions.hidden_layers(db, live.version_id)),
            shown=shown,
            worker_there=runs.worker_is_there(db),
            **_table(db, forms.number("page", 1) or runs.page_of(db, shown)),
        )


def _table(db: Session, page: int) -> dict[str, Any]:
    """What admin/runs.html shows."""
    found, n_pages = runs.page(db, page)
    return {
        "runs": found,
        "page": page,
        "n_pages": n_pages,
        "differences": _differences,
        "base_of": runs.base_of,
    }


def _differences(preset: Preset) -> list[str]:
    return [say(each) for each in runs.differences(preset)]


def _interesting(latest: Sequence[TrainingRun]) -> int:
    """The run to show first: the one under way, or else the newest."""
    under_way = [run.id for run in latest if run.status == run.RUNNING]
    return (under_way or [run.id for run in latest] or [0])[0]


def _texts_of(preset: Preset) -> dict[str, str]:
    """What stands in the fields for a preset."""
    return {name: field.text(getattr(preset, name)) for name, field in FIELDS.items()}


def _parse(texts: Mapping[str, str]) -> tuple[dict[str, Any], dict[str, str]]:
    """The values of the valid fields, and sentences for the others, by name."""
    values, errors = {}, {}
    for name, field in FIELDS.items():
        try:
            values[name] = field.parse(texts[name])
        except Refusal as error:
            errors[name] = say(error)
    return values, errors
