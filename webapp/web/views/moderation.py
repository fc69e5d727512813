"""The drawings page: the queue and decisions on it, people, export, import, delete."""

import dataclasses
from collections.abc import Callable
from typing import Any

import msgspec
from flask import Blueprint, make_response, render_template, request, session, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from nn.words import N_, Sentence, counted
from webapp.exchange import drawings_in, drawings_out
from webapp.room import drawings, moderation, pictures, review
from webapp.room.moderation import Outcome
from webapp.room.review import Filters, Person
from webapp.storage.tables import Drawing
from webapp.web import forms, incoming, languages, streams
from webapp.web.app_state import database
from webapp.web.forms import number
from webapp.web.incoming import Kind

MAX_FILE = 32 * 2**20  # bytes; 20,000 drawings that are not compressed take 21 MB
MAX_BODY = MAX_FILE + 2**16  # such a file and what multipart/form-data wraps around it
_MAX_JSON = 2**18  # bytes; incoming.MAX_CHANGES take a third of it
_CONFIRMATION = "DELETE"
_KEPT = 300  # seconds that a browser keeps a picture: it may be withdrawn
_UNCHANGED = N_("{reason} Nothing was changed.")

blueprint = Blueprint("moderation", __name__, url_prefix="/admin")


@blueprint.url_value_preprocessor  # comes before the check of the CSRF token, which reads forms
def limit_body(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    uploads = endpoint == f"{blueprint.name}.{load.__name__}"
    request.max_content_length = MAX_BODY if uploads else _MAX_JSON


@blueprint.get("/drawings")
def index() -> str:
    """The drawings that the address asks for, by default the pending ones."""
    filters, after = _filters(), number("after") or 0
    with database().reading() as db:
        shown, more = review.queue(db, filters, after)
        return render_template(
            "admin/drawings.html",
            shown=shown,
            more=more,
            after=after,
            newest=review.newest(db),
            counts=review.counts(db),
            people=review.people(db),
            filters=filters,
            asked=_asked(filters),
            stack=session["admin"]["since"],
            **_HELPERS,
        )


@blueprint.get("/drawings/events")
def follow() -> Response:
    """Tells that drawings came, went or were decided on: server-sent events."""
    with database().reading() as db:
        return streams.stream(db, "moderation")


@blueprint.get("/drawings/new")
def news() -> dict[str, Any]:
    """What has become of the drawings that the page shows, and all totals.

    shown : their numbers
    after : the number of the newest drawing that the page knows of: how many came later?
    """
    texts = request.args.get("shown", "").split(",")
    shown = [int(text) for text in texts[: review.AT_ONCE] if _is_number(text)]
    with database().reading() as db:
        found = review.these(db, shown)
        there = {drawing.id for drawing in found}
        return {
            "new": review.arrived(db, _filters(), number("after") or 0),
            "drawings": [_state(drawing) for drawing in found],
            "gone": [n for n in shown if n not in there],
            "totals": _totals(db),
        }


@blueprint.post("/drawings/changes")
def change() -> dict[str, Any]:
    """{"changes": [{"id": 1, "seen": {...}, "status": "approved"}, ...]}: all or none."""
    changes = _body(incoming.Changes).changes
    return _changed(lambda db: moderation.change(db, changes))


@blueprint.post("/drawings/approve")
def approve_unflagged() -> dict[str, Any]:
    """{"newest": 12}: approve what fits the filters, is pending and is not flagged."""
    newest, filters = _body(incoming.Known).newest, _filters()
    return _changed(lambda db: moderation.approve_unflagged(db, filters, newest))


@blueprint.post("/drawings/people/<int:person>/decide")
def decide_all(person: int) -> dict[str, Any]:
    """{"status": "approved"}: for all pending drawings of a person."""
    status = _body(incoming.Decision).status
    return _changed(lambda db: moderation.decide_all(db, person, status))


@blueprint.post("/drawings/people/<int:person>/block")
def block(person: int) -> Response:
    """Accept no further drawings of a person; with an empty field `blocked`, accept them."""
    blocked = bool(request.form.get("blocked"))
    done = Sentence("Person {person} may send drawings again.", person=person)
    if blocked:
        done = Sentence(
            "Person {person} is blocked: their drawings leave the wall. "
            "The network still learns from approved ones.",
            person=person,
        )
    return forms.act(
        lambda db: moderation.block(db, person, blocked), _page(), done, _UNCHANGED
    )


@blueprint.post("/drawings/delete")
def delete_all() -> Response:
    """Delete all drawings, if the confirmation is typed."""
    if request.form.get("confirmation", "").strip() != _CONFIRMATION:
        message = Sentence(
            "Nothing was deleted. To delete all drawings, type {word}.", word=_CONFIRMATION
        )
        return forms.back(_page("delete"), message, "error")
    return forms.act(moderation.delete_all, _page(), _deleted)


@blueprint.get("/drawings.csv")
def csv() -> Response:
    """All drawings, for a spreadsheet."""
    with database().reading() as db:
        data = drawings_out.to_csv(db)
    return forms.download(data, "inkling-drawings.csv")


@blueprint.get("/drawings.npz")
def npz() -> Response:
    """The approved drawings in the shape of load_digits."""
    with database().reading() as db:
        data = drawings_out.to_npz(db)
    return forms.download(data, "inkling-drawings.npz")


@blueprint.post("/drawings/import")
def load() -> Response:
    """Import the drawings of an .npz file. The file is treated as untrusted."""
    file = forms.chosen_file()
    data = file.read() if file else b""
    if not data:
        message = Sentence("Choose a file of drawings first, an .npz.")
        return forms.back(_page("import"), message, "error")
    return forms.act(lambda db: drawings_in.from_npz(db, data), _page(), _imported, _UNCHANGED)


@blueprint.get("/drawings/<int:number>.png")
def picture(number: int) -> Response:
    """A drawing as it was sent.

    :raise 404: if there is none of this number, or no longer
    """
    with database().reading() as db:
        response = make_response(moderation.picture(db, number))
    response.mimetype = "image/png"
    response.cache_control.private = True
    response.cache_control.max_age = _KEPT
    return response


def _page(section: str | None = None) -> str:
    """The address of the drawings page, with the filters of the request."""
    filters = {} if section else _asked(_filters())
    return url_for("moderation.index", _anchor=section, **filters)


def _filters() -> Filters:
    """The filters in the address. Invalid ones are ignored."""
    asked = request.args
    status = asked.get("status", "")
    return Filters(
        status=status if status in (*review.STATUSES, review.ALL) else "pending",
        digit=number("digit", high=9),
        participant=number("participant"),
        **{name: bool(asked.get(name)) for name in ("wrong", "unsure", "flagged")},
    )


def _asked(filters: Filters) -> dict[str, Any]:
    """The filters as they stand in an address."""
    return {
        name: 1 if value is True else value
        for name, value in dataclasses.asdict(filters).items()
        if value is not None and value is not False
    }


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal() and len(text) < 10  # as every database takes it


def _body(kind: type[Kind]) -> Kind:
    """The JSON of the request's body."""
    form = f'{{"{kind.__struct_fields__[0]}": ...}}'
    body = incoming.json_object(request.get_data(), form)
    return incoming.checked(body, kind, code="bad_changes")


def _changed(change: Callable[[Session], Outcome]) -> dict[str, Any]:
    """Make a change; the answer tells the page what has become of the drawings."""
    with database().writing() as db:
        outcome = change(db)
        return {
            "before": msgspec.to_builtins(outcome.before),
            "drawings": [_state(drawing) for drawing in outcome.drawings],
            "gone": list(outcome.gone),
            "overtaken": list(outcome.overtaken),
            "totals": _totals(db),
        }


def _totals(db: Session) -> dict[str, Any]:
    """How many drawings there are, and of whom, for the page to show."""
    people = {person.id: _number_of(person) for person in review.people(db)}
    return {"counts": review.counts(db), "people": people}


def _number_of(person: Person) -> str:
    return languages.say(
        "{pending} pending, {approved} approved, {rejected} rejected",
        pending=person.pending,
        approved=person.approved,
        rejected=person.rejected,
    )


def _state(drawing: Drawing) -> dict[str, Any]:
    """What of a drawing can change, for its card on the page."""
    return {
        "id": drawing.id,
        "label": drawing.label,
        "status": drawing.status,
        "right": drawing.is_right,
        "doubt": _doubt(drawing),
    }


def _doubt(drawing: Drawing) -> str:
    doubt = moderation.doubt(drawing)
    return languages.say(doubt) if doubt else ""


def _deleted(number: int) -> Sentence:
    return Sentence("Deleted: {drawings}.", drawings=_counted(number))


def _imported(result: drawings_in.Imported) -> Sentence:
    people = counted("{count:,} person", "{count:,} people", result.people)
    if not result.stored:
        template = N_("Stored: {stored}; {known} were here already.")
    elif result.known:
        template = N_("Stored: {stored} by {people}; {known} were here already.")
    else:
        template = N_("Stored: {stored} by {people}.")
    stored, known = _counted(result.stored), _counted(result.known)
    return Sentence(template, stored=stored, people=people, known=known)


def _counted(count: int) -> Sentence:
    return counted("{count:,} drawing", "{count:,} drawings", count)


_HELPERS = {
    "at_once": review.AT_ONCE,
    "max_people": review.MAX_PEOPLE,
    "max_rows": drawings_in.MAX_ROWS,
    "max_mib": MAX_FILE // 2**20,
    "confirmation": _CONFIRMATION,
    "tested": drawings.TESTED,
    "doubt": _doubt,
    "given": _number_of,
    "in_address": pictures.in_address,
}
