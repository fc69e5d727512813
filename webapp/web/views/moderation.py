"""The drawings page: the queue and decisions on it, people, export, import, delete."""

import dataclasses
import io
import json

from flask import (
    Blueprint,
    current_app,
    flash,
    make_response,
    redirect,
    render_template,
    request,
    send_file,
    session,
    url_for,
)

from nn.refusal import Refusal
from webapp.exchange import drawings_in, drawings_out
from webapp.room import drawings, moderation, pictures
from webapp.room.moderation import Filters, ModerationError, NotThere
from webapp.storage.database import MAX_ID
from webapp.web.errors import ApiError

MAX_FILE = 32 * 2**20  # bytes; 20,000 drawings that are not compressed take 21 MB
MAX_BODY = MAX_FILE + 2**16  # such a file and what multipart/form-data wraps around it
_MAX_JSON = 2**18  # bytes; MAX_CHANGES take a third of it
_CONFIRMATION = "DELETE"
_KEPT = 300  # seconds that a browser keeps a picture: it may be withdrawn

blueprint = Blueprint("moderation", __name__, url_prefix="/admin")


@blueprint.url_value_preprocessor  # comes before the check of the CSRF token, which reads forms
def limit_body(endpoint, _values):
    uploads = endpoint == f"{blueprint.name}.{load.__name__}"
    request.max_content_length = MAX_BODY if uploads else _MAX_JSON


@blueprint.get("/drawings")
def index():
    """The drawings that the address asks for, by default those that wait."""
    filters, after = _filters(), _number("after", MAX_ID) or 0
    with _database().reading() as db:
        shown, more = moderation.queue(db, filters, after)
        return render_template(
            "admin/drawings.html",
            shown=shown,
            more=more,
            after=after,
            newest=moderation.newest(db),
            counts=moderation.counts(db),
            people=moderation.people(db),
            filters=filters,
            asked=_asked(filters),
            stack=session["admin"]["since"],
            **_HELPERS,
        )


@blueprint.get("/drawings/new")
def news():
    """How many drawings that fit the filters came after number `after`, and all totals."""
    after = _number("after", MAX_ID) or 0
    with _database().reading() as db:
        number = moderation.arrived(db, _filters(), after)
        return {"new": number, "totals": _totals(db)}


@blueprint.post("/drawings/changes")
def change():
    """{"changes": [{"id": 1, "status": "approved", "label": 7}, ...]}: all or none."""
    return _changed(lambda db, body: moderation.change(db, body.get("changes")))


@blueprint.post("/drawings/people/<int:number>/decide")
def decide_all(number):
    """{"status": "approved"}: for all drawings of a person that are pending."""
    return _changed(lambda db, body: moderation.decide_all(db, number, body.get("status")))


@blueprint.post("/drawings/people/<int:number>/block")
def block(number):
    """Take no further drawings of a person; with an empty field `blocked`, take them again."""
    blocked = bool(request.form.get("blocked"))
    told = (
        f"Person {number} is blocked: their drawings leave the wall, approved ones still teach."
        if blocked
        else f"Person {number} may give drawings again."
    )
    return _done(lambda db: moderation.block(db, number, blocked) or told)


@blueprint.post("/drawings/delete")
def delete_all():
    """Delete all drawings, if the word is typed that says so."""
    if request.form.get("confirmation", "").strip() != _CONFIRMATION:
        flash(f"Nothing was deleted. To delete all drawings, type {_CONFIRMATION}.", "error")
        return redirect(url_for("moderation.index", _anchor="delete"), 303)
    return _done(lambda db: f"Deleted: {_counted(moderation.delete_all(db))}.")


@blueprint.get("/drawings.csv")
def csv():
    """All drawings, for a spreadsheet."""
    with _database().reading() as db:
        data = drawings_out.to_csv(db)
    return _download(data, "inkling-drawings.csv")


@blueprint.get("/drawings.npz")
def npz():
    """The approved drawings in the shape of load_digits."""
    with _database().reading() as db:
        data = drawings_out.to_npz(db)
    return _download(data, "inkling-drawings.npz")


@blueprint.post("/drawings/import")
def load():
    """Import the drawings of an .npz file, which is untrusted."""
    file = request.files.get("file")
    data = file.read() if file else b""
    if not data:
        flash("Choose a file of drawings first, an .npz.", "error")
        return redirect(url_for("moderation.index", _anchor="import"), 303)
    return _done(lambda db: _told(drawings_in.from_npz(db, data)))


@blueprint.get("/drawings/<int:number>.png")
def picture(number):
    """A drawing as it was sent.

    :raise 404: if there is none of this number, or no longer
    """
    with _database().reading() as db:
        try:
            response = make_response(moderation.picture(db, number))
        except NotThere as error:
            raise ApiError(404, "no_such_drawing", str(error)) from error
    response.mimetype = "image/png"
    response.cache_control.private = True
    response.cache_control.max_age = _KEPT
    return response


def _filters():
    """What the address asks for; what makes no sense is not asked."""
    asked = request.args
    status = asked.get("status")
    return Filters(
        status=status if status in (*moderation.STATUSES, moderation.ALL) else "pending",
        digit=_number("digit", 9),
        participant=_number("participant", MAX_ID),
        **{name: bool(asked.get(name)) for name in ("wrong", "unsure", "flagged")},
    )


def _number(name, most):
    """A number of the address from 0 to `most`; None for everything else."""
    value = request.args.get(name, type=int)
    return value if value is not None and 0 <= value <= most else None


def _asked(filters):
    """The filters as they stand in an address."""
    return {
        name: 1 if value is True else value
        for name, value in dataclasses.asdict(filters).items()
        if value is not None and value is not False
    }


def _changed(make):
    """Answer with what `make(db, body)`, an Outcome, has done to the drawings."""
    try:
        with _database().writing() as db:
            outcome = make(db, _body())
            totals = _totals(db)
    except NotThere as error:
        raise ApiError(404, "not_there", str(error)) from error
    except ModerationError as error:
        raise ApiError(422, "bad_changes", str(error)) from error
    return {
        "before": outcome.before,
        "drawings": [_state(drawing) for drawing in outcome.drawings],
        "gone": outcome.gone,
        "totals": totals,
    }


def _totals(db):
    """How many drawings there are, and of whom, for the page to show."""
    people = {person.id: _given(person) for person in moderation.people(db)}
    return {"counts": moderation.counts(db), "people": people}


def _given(person):
    return f"{person.pending} pending, {person.approved} approved, {person.rejected} rejected"


def _body():
    """The JSON object of the request's body."""
    try:
        body = json.loads(request.get_data())
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict):
        raise ApiError(400, "bad_json", "The body is not a JSON object.")
    return body


def _state(drawing):
    """What of a drawing can change, for its card on the page."""
    return {
        "id": drawing.id,
        "label": drawing.label,
        "status": drawing.status,
        "right": drawing.is_right,
        "doubt": moderation.doubt(drawing),
    }


def _done(act):
    """Run `act(db)`, tell what it says, and show the page that the form was on."""
    try:
        with _database().writing() as db:
            told = act(db)
    except (ModerationError, Refusal) as error:
        flash(f"{error} Nothing was changed.", "error")
    else:
        flash(told, "done")
    return redirect(url_for("moderation.index", **_asked(_filters())), 303)


def _told(imported):
    known = f"; {_counted(imported.known)} were here already" if imported.known else ""
    people = "1 person" if imported.people == 1 else f"{imported.people:,} people"
    by = f" by {people}" if imported.stored else ""
    return f"Stored: {_counted(imported.stored)}{by}{known}."


def _counted(number):
    return f"{number:,} drawing{'' if number == 1 else 's'}"


def _download(data, name):
    return send_file(io.BytesIO(data), as_attachment=True, download_name=name)


def _database():
    return current_app.extensions["database"]


_HELPERS = {
    "at_once": moderation.AT_ONCE,
    "max_people": moderation.MAX_PEOPLE,
    "max_rows": drawings_in.MAX_ROWS,
    "max_mib": MAX_FILE // 2**20,
    "confirmation": _CONFIRMATION,
    "tested": drawings.TESTED,
    "doubt": moderation.doubt,
    "given": _given,
    "in_address": pictures.in_address,
}
