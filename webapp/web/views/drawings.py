"""Participants' drawings: sent, counted, withdrawn."""

import hashlib
from contextlib import AbstractContextManager

import numpy as np
from flask import Blueprint, make_response, request
from msgspec import UNSET, Struct, UnsetType
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.room import drawings, moderation, own
from webapp.room.limits import number_kept
from webapp.storage.tables import Drawing, Participant
from webapp.web import cookies, incoming, outgoing, uploads
from webapp.web.app_state import database, limits, recogniser
from webapp.web.incoming import Correction, Details, Device, Digit, Key, Labelled
from webapp.web.operations import Binary, json_body, operation
from webapp.web.origins import refuse_foreign_pages
from webapp.web.outgoing import Verdict
from webapp.web.uploads import Upload

blueprint = Blueprint("drawings", __name__, url_prefix="/api/drawings")

# Codes of refusals of the routes about one drawing.
_ABOUT_ONE = ("no_such_drawing", "database_unavailable")


class Given(Struct):
    """How many drawings of a device are kept.

    given : how many
    limit : how many may be
    """

    given: int
    limit: int


class Kept(Given):
    """A drawing that is kept.

    id : its number
    """

    id: int


class Own(Struct):
    """A kept drawing, with what the live version makes of it now.

    id : its number
    label : the digit that it is
    """

    id: int
    label: Digit
    digit: Digit | None
    verdict: Verdict


class Mine(Given):
    """The drawings of a device.

    known : whether the device has ever agreed that drawings are kept
    drawings : newest first, if `details` were asked for
    """

    known: bool
    drawings: list[Own] | UnsetType = UNSET


class Withdrawn(Struct):
    """Drawings are deleted.

    withdrawn : how many
    """

    withdrawn: int


@blueprint.before_request
def limit_body() -> None:
    uploads.limit_body()


blueprint.before_request(refuse_foreign_pages)


@blueprint.post("")
@operation(
    *uploads.REFUSES,
    *("consent_missing", "unknown_participant", "blocked", "blank", "database_unavailable"),
    *("key_reused", "already_checked"),
    *("too_fast", "too_many_drawings", "too_many_newcomers", "room_full"),
    body=uploads.body(Labelled),
    query=Labelled,
    headers={"Idempotency-Key": Key},
    answers={201: Kept, 200: Kept},
    cookie=True,
)
def keep() -> Response:
    """Keep a drawing and its label.

    Only with consent: it may be shown on the wall, and the network may learn from it. The
    first drawing sets a cookie, by which the device is known from then on. The same drawing
    sent again, with the same key or without any, is kept once for a known device (its cookie
    or `device`): status 200, and the label that is sent now counts. Beside a bare picture the
    fields stand in the query of the address.
    """
    upload = uploads.read()
    sent = _labelled(upload)
    answer = recogniser().recognise(upload.pixels)
    neighbours = drawings.nearest_digit(answer.pixels)  # outside the database's writing place
    key = sent.key or _own_key(upload, sent)
    with database().writing(_owner(sent.device) or key) as db:
        participant, needs_token = drawings.participant_of(
            db, _token(), sent.has_agreed, sent.device
        )
        drawing, is_new = drawings.keep(
            db, participant, key, upload.picture, answer, neighbours, int(sent.label), limits()
        )
        number = number_kept(db, participant)
    kept = Kept(number, limits().each, drawing.id)
    response = outgoing.as_json(kept, 201 if is_new else 200)
    if needs_token:
        cookies.keep(response, cookies.participant(), participant.token)
    return response


@blueprint.get("/mine")
@operation("database_unavailable", query=Details, answers={200: Mine}, cookie=True)
def mine() -> Response:
    """How many drawings of this device are kept; with details=true also which."""
    asked = incoming.checked(request.args.to_dict(), Details)
    with database().reading() as db:
        participant = _known(db)
        number = number_kept(db, participant) if participant else 0
        answer = Mine(number, limits().each, participant is not None)
        if asked.details == "true":
            kept = own.kept(db, participant) if participant else []
            answer.drawings = [_as_read_now(drawing) for drawing in kept]
    response = outgoing.as_json(answer)
    response.cache_control.no_store = True
    return response


@blueprint.delete("/mine")
@operation("database_unavailable", query=Device, cookie=True)
def withdraw() -> Withdrawn:
    """Delete all drawings of this device."""
    with database().reading() as db:
        if not _known(db):
            return Withdrawn(0)  # whoever asks, nobody has to wait
    with _writing() as db:
        participant = _known(db, to_change=True)
        return Withdrawn(drawings.withdraw(db, participant) if participant else 0)


@blueprint.get("/mine/<int:number>.png")
@operation(*_ABOUT_ONE, query=Device, answers={200: Binary}, cookie=True)
def picture(number: int) -> Response:
    """The picture of a drawing of this device: a grey PNG, 280 px at its longer side."""
    with database().reading() as db:
        response = make_response(moderation.picture(db, own.find(db, _known(db), number).id))
    response.mimetype = "image/png"
    response.cache_control.no_store = True  # it may be withdrawn
    return response


@blueprint.patch("/mine/<int:number>")
@operation(
    *("bad_json", "already_checked"),
    *_ABOUT_ONE,
    body=json_body(Correction),
    query=Device,
    cookie=True,
)
def correct(number: int) -> Given:
    """Correct the label of a drawing of this device."""
    members = incoming.json_object(request.get_data(), '{"label": 7}', needs="label")
    label = incoming.checked(members, Correction).label
    with _writing() as db:
        participant = _known(db, to_change=True)
        drawings.correct(own.find(db, participant, number), label)
        return _given(db, participant)


@blueprint.delete("/mine/<int:number>")
@operation(*_ABOUT_ONE, query=Device, cookie=True)
def withdraw_one(number: int) -> Given:
    """Delete one drawing of this device."""
    with _writing() as db:
        participant = _known(db, to_change=True)
        own.withdraw(db, own.find(db, participant, number))
        return _given(db, participant)


def _as_read_now(drawing: Drawing) -> Own:
    """A kept drawing, with what the live version makes of it."""
    answer = recogniser().recognise(np.frombuffer(drawing.pixels, np.uint8))
    return Own(drawing.id, drawing.label, answer.digit, answer.verdict)


def _given(db: Session, participant: Participant | None) -> Given:
    return Given(number_kept(db, participant) if participant else 0, limits().each)


def _writing() -> AbstractContextManager[Session]:
    """A session that changes drawings of the participant who asks."""
    return database().writing(_owner(_device()) or "nobody")


def _owner(device: str | None) -> str | None:
    """Whose rows are written: by the device first, for it comes before there is a token."""
    return drawings.token_of(device) if device else _token()


def _known(db: Session, to_change: bool = False) -> Participant | None:
    """The participant, by the cookie or, if that was lost with an answer, by the device."""
    device = _device()
    tokens = [_token(), drawings.token_of(device) if device else None]
    found = (drawings.known(db, token, to_change) for token in tokens)
    return next(filter(None, found), None)


def _device() -> str | None:
    return incoming.checked(request.args.to_dict(), Device).device


def _token() -> str | None:
    return request.cookies.get(cookies.participant())


def _labelled(upload: Upload) -> Labelled:
    """What was sent beside the picture. The key may also be a header."""
    fields = upload.fields
    if "Idempotency-Key" in request.headers:
        fields = {**fields, "key": request.headers["Idempotency-Key"]}
    return incoming.checked(fields, Labelled)


def _own_key(upload: Upload, sent: Labelled) -> str:
    """The key of a drawing that was sent without one: the same for the same drawing."""
    return hashlib.sha256(str(sent.label).encode() + upload.picture).hexdigest()
