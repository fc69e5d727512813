"""How good a version is, and two of them side by side on the same pictures."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, make_response, render_template, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from nn.report import first_weights
from nn.verdict import with_article
from webapp.learning import comparison, people, runs, versions
from webapp.room import pictures
from webapp.storage.tables import ModelVersion
from webapp.web import forms, languages, making, report_figures
from webapp.web.app_state import database

AT_ONCE, AT_MOST = 24, 60  # pictures of one kind; the rest is counted
STRONGEST = 64  # neurons shown at once
_COLUMNS, _MOST_COLUMNS = 16, 64
_YEAR = 365 * 24 * 3600  # seconds

blueprint = Blueprint("evaluation", __name__, url_prefix="/admin")


@blueprint.get("/versions/<int:number>")
def show(number: int) -> str:
    """One version.

    :raise 404: if there is none of this number, or no longer
    """
    with database().reading() as db:
        unmet, shown = (
            comparison.measured(db, number, pictures)
            for pictures in comparison.picture_sets(db)
        )
        return _page(db, "version", version=shown.version, shown=shown, people=unmet.report)


@blueprint.get("/compare")
def compare() -> str:
    """Version `a` and version `b`; by default the live one and the newest other one.

    :raise 404: if there is none of such a number, or no longer
    """
    with database().reading() as db:
        first, second = _chosen(versions.usable(db), versions.live(db).version_id)
        if first is None or second is None or first == second:
            return _page(db, "compare", first=first, second=second)
        unmet, digits = comparison.compared(db, first, second)
        return _page(db, "compare", first=first, second=second, people=unmet, compared=digits)


@blueprint.get("/runs/<int:run_id>/result")
def result(run_id: int) -> str:
    """What a finished run changed: a part of the train page.

    :raise 404: if the run or what it is compared with has no version, or no longer
    """
    with database().reading() as db:
        first, second = runs.outcome(db, run_id)
        sets = comparison.compared(db, first, second)
        return _page(db, "result", first=first, second=second, sets=sets)


@blueprint.get("/pictures/<code>.png")
def picture(code: str) -> Response:
    """The 8x8 picture whose pixels stand in the address."""
    return _png(pictures.digit_png(pictures.from_address(code)))


@blueprint.get("/versions/<int:number>/weights.png")
def weights(number: int) -> Response:
    """Weights of the neurons that look at the pixels: the first `most`, in `columns`."""
    columns = forms.number("columns", 1, _MOST_COLUMNS) or _COLUMNS
    most = forms.number("most", 1) or STRONGEST
    with database().reading() as db:
        rows = first_weights(versions.load(db, number).network)[:most]
    return _png(pictures.weights_png(rows, min(columns, len(rows))))


def _page(db: Session, name: str, **values: Any) -> str:
    return render_template(
        f"admin/{name}.html",
        live=versions.live(db),
        versions=versions.usable(db),
        **values,
        **_HELPERS,
    )


def _chosen(usable: Sequence[ModelVersion], live: int) -> tuple[int | None, int | None]:
    """The numbers that the address asks for, or the most likely ones; None if there is none."""
    first = request.args.get("a", type=int)
    second = request.args.get("b", type=int)
    if first is None:
        first = live if second != live else _newest_but(usable, live)
    if second is None:
        second = _newest_but(usable, first)
    return first, second


def _newest_but(usable: Sequence[ModelVersion], number: int | None) -> int | None:
    return next((version.id for version in usable if version.id != number), None)


def _png(data: bytes) -> Response:
    """A picture that never changes, for signed-in browsers only."""
    response = make_response(data)
    response.mimetype = "image/png"
    response.cache_control.private = True
    response.cache_control.max_age = _YEAR
    response.cache_control.immutable = True
    return response


_HELPERS = {
    "level": report_figures.level,
    "sure": report_figures.whole_percent,
    "in_address": pictures.in_address,
    "details": making.details,
    "with_article": lambda digit: languages.say(with_article(digit)),
    "is_sample": people.is_sample,
    "at_once": AT_ONCE,
    "at_most": AT_MOST,
    "strongest": STRONGEST,
}
