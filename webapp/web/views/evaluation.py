"""How good a version is, and two of them side by side on the same pictures."""

import math
from bisect import bisect_right

from flask import Blueprint, abort, current_app, make_response, render_template, request

from nn.presets import FIELDS
from nn.report import Comparison, PictureSet, Report, first_weights, held_out_digits
from webapp.learning import runs, versions
from webapp.room import drawings, pictures

AT_ONCE, AT_MOST = 24, 60  # pictures of one kind; the others are told as a number
STRONGEST = 64  # neurons shown at once
_MOST_COLUMNS = 64
_LEVELS = (1e-9, 0.05, 0.1, 0.2, 0.4)  # shares of a digit from which a cell is darker
_YEAR = 365 * 24 * 3600  # seconds

blueprint = Blueprint("evaluation", __name__, url_prefix="/admin")


@blueprint.get("/versions/<int:number>")
def show(number):
    """One version.

    :raise 404: if there is none of this number, or no longer
    """
    with _database().reading() as db:
        version = versions.version(db, number)
        return render_template(
            "admin/version.html",
            version=version,
            shown=_Shown(db, version, held_out_digits()),
            live=versions.live(db),
            versions=versions.usable(db),
            **_HELPERS,
        )


@blueprint.get("/compare")
def compare():
    """Version `a` and version `b`; by default the live one and the newest other one.

    :raise 404: if there is none of such a number, or no longer
    """
    with _database().reading() as db:
        usable, live = versions.usable(db), versions.live(db)
        first, second = _chosen(usable, live.version_id)
        chosen = [
            versions.version(db, number) for number in (first, second) if number is not None
        ]
        return render_template(
            "admin/compare.html",
            versions=usable,
            live=live,
            first=first,
            second=second,
            **(_side_by_side(db, *chosen) if len(set(chosen)) == 2 else {}),
            **_HELPERS,
        )


@blueprint.get("/runs/<int:run_id>/result")
def result(run_id):
    """What a finished run changed: a part of the train page.

    :raise 404: if the run has no version, or no longer, or what it is compared with is gone
    """
    with _database().reading() as db:
        base, outcome = runs.outcome(db, run_id)
        both = [versions.version(db, number) for number in (base, outcome)]
        return render_template(
            "admin/result.html",
            first=base,
            second=outcome,
            sets=[_compared(db, both, s) for s in _picture_sets(db)],
            live=versions.live(db),
            **_HELPERS,
        )


@blueprint.get("/pictures/<code>.png")
def picture(code):
    """The 8x8 picture whose pixels stand in the address."""
    try:
        return _png(pictures.digit_png(pictures.from_address(code)))
    except ValueError:
        abort(404)


@blueprint.get("/versions/<int:number>/weights.png")
def weights(number):
    """Weights of the neurons that look at the pixels, `columns` wide, the first `most`."""
    columns = request.args.get("columns", 16, type=int)
    most = request.args.get("most", STRONGEST, type=int)
    with _database().reading() as db:
        rows = first_weights(versions.load(db, number).network)[: max(1, most)]
    columns = min(max(1, columns), _MOST_COLUMNS, len(rows))
    return _png(pictures.weights_png(rows, columns))


class _Shown:
    """A version as both pages show it, judged by an nn.report.PictureSet."""

    def __init__(self, db, version, picture_set):
        model = versions.load(db, version.id)
        self.version = version
        self.report = Report(model, picture_set)
        self.layers = model.network.sizes
        self.settings = _settings(version, self.layers)

    @property
    def title(self):
        return f"Version {self.version.id}"

    @property
    def neurons(self):
        """How many look at the pixels."""
        return self.layers[1]

    @property
    def has_hidden(self):
        return len(self.layers) > 2

    @property
    def certainty(self):
        """Its mean, 0..1."""
        return float(self.report.certainty.mean())


def _picture_sets(db):
    """What versions are measured on: drawings by held-out people, if any, and digits."""
    pixels, labels = drawings.held_out_set(db)
    people = [PictureSet("drawings by held-out people", pixels, labels)] if len(labels) else []
    return [*people, held_out_digits()]


def _compared(db, both, picture_set):
    """Two versions on the same pictures: each as a _Shown, and the Comparison."""
    a, b = (_Shown(db, version, picture_set) for version in both)
    return a, b, Comparison(a.report, b.report)


def _side_by_side(db, *both):
    """What the page tells of two different versions."""
    *people, (a, b, comparison) = [_compared(db, both, s) for s in _picture_sets(db)]
    labels = {**a.settings, **b.settings}
    settings = [(label, a.settings.get(label), b.settings.get(label)) for label in labels]
    return {
        "a": a,
        "b": b,
        "comparison": comparison,
        "people": people,
        "settings": settings,
    }


def _chosen(usable, live):
    """The numbers that the address asks for, or what is most likely meant; None if nothing."""
    first = request.args.get("a", type=int)
    second = request.args.get("b", type=int)
    if first is None:
        first = live if second != live else _newest_but(usable, live)
    if second is None:
        second = _newest_but(usable, first)
    return first, second


def _newest_but(usable, number):
    return next((version.id for version in usable if version.id != number), None)


def _settings(version, layers):
    """How it was made, as far as that is known: {label: text}."""
    # What follows the data in that sentence are the settings, given below in words.
    data = version.trained_on.partition(", Preset(")[0] or "unknown"
    known = {"Data": data, "Layers": ", ".join(map(str, layers))}
    made_with = runs.made_with(version)
    if made_with is None:
        return known
    name, preset = made_with
    typed = {field.label: field.text(getattr(preset, key)) for key, field in FIELDS.items()}
    del typed[FIELDS["hidden"].label]  # the layers tell, also of runs that kept the live one's
    return known | {"Preset": name} | typed


def _level(count, total):
    """How dark a mistake is in the confusion matrix, 0..5: by its share of the digit."""
    return bisect_right(_LEVELS, count / total) if total else 0


def _sure(certainty):
    """A certainty in whole percent; 100 only for what leaves no doubt at all."""
    return math.floor(100 * certainty)


def _png(data):
    """A picture that never changes, but that is for those only who are signed in."""
    response = make_response(data)
    response.mimetype = "image/png"
    response.cache_control.private = True
    response.cache_control.max_age = _YEAR
    response.cache_control.immutable = True
    return response


def _database():
    return current_app.extensions["database"]


_HELPERS = {
    "level": _level,
    "sure": _sure,
    "in_address": pictures.in_address,
    "at_once": AT_ONCE,
    "at_most": AT_MOST,
    "strongest": STRONGEST,
}
