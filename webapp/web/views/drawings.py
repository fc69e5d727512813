"""Participants' drawings: sent, counted, withdrawn."""

import hashlib
from typing import Any

import numpy as np
from flask import Blueprint, jsonify, make_response, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from webapp.room import drawings, moderation, own
from webapp.room.limits import number_kept
from webapp.storage.tables import Drawing, Participant
from webapp.web import cookies, incoming, uploads
from webapp.web.app_state import database, limits, recogniser
from webapp.web.incoming import Labelled
from webapp.web.origins import refuse_foreign_pages
from webapp.web.uploads import Upload

blueprint = Blueprint("drawings", __name__, url_prefix="/api/drawings")


@blueprint.before_request
def limit_body() -> None:
    uploads.limit_body()


blueprint.before_request(refuse_foreign_pages)


@blueprint.post("")
def keep() -> Response:
    """Keep a drawing and its label."""
    upload = uploads.read()
    sent = _labelled(upload)
    answer = recogniser().recognise(upload.pixels)
    neighbours = drawings.nearest_digit(answer.pixels)  # outside the database's writing place
    key = sent.key or _own_key(upload, sent)
    token = _token()
    # By the device if it says one: its first drawings come before it has a token.
    owner = drawings.token_of(sent.device) if sent.device else token
    with database().writing(owner or key) as db:
        participant, needs_token = drawings.participant_of(
            db, token, sent.has_agreed, sent.device
        )
        drawing, is_new = drawings.keep(
            db,
            participant,
            key,
            upload.picture,
            answer,
            neighbours,
            int(sent.label),
            limits(),
        )
        number = number_kept(db, participant)
    response = jsonify(id=drawing.id, given=number, limit=limits().each)
    response.status_code = 201 if is_new else 200
    if needs_token:
        cookies.keep(response, _cookie(), participant.token)
    return response


@blueprint.get("/mine")
def mine() -> tuple[dict[str, Any], dict[str, str]]:
    """How many drawings of this device are kept; with ?details=true also which."""
    with database().reading() as db:
        participant = _known(db)
        number = number_kept(db, participant) if participant else 0
        answer: dict[str, Any] = {
            "given": number,
            "limit": limits().each,
            "known": participant is not None,
        }
        if request.args.get("details") == "true":
            kept = own.kept(db, participant) if participant else []
            answer["drawings"] = [_as_read_now(drawing) for drawing in kept]
    return answer, {"Cache-Control": "no-store"}


@blueprint.delete("/mine")
def withdraw() -> dict[str, int]:
    """Delete all drawings of this device."""
    with database().writing() as db:
        participant = _known(db)
        return {"withdrawn": drawings.withdraw(db, participant) if participant else 0}


@blueprint.get("/mine/<int:number>.png")
def picture(number: int) -> Response:
    """The picture of a drawing of this device, as it was sent."""
    with database().reading() as db:
        response = make_response(moderation.picture(db, own.find(db, _known(db), number).id))
    response.mimetype = "image/png"
    response.cache_control.no_store = True  # it may be withdrawn
    return response


@blueprint.patch("/mine/<int:number>")
def correct(number: int) -> dict[str, int]:
    """Correct the label of a drawing of this device."""
    members = incoming.json_object(request.get_data(), '{"label": 7}', needs="label")
    label = int(incoming.checked(members, incoming.Correction).label)
    with database().writing() as db:
        participant = _known(db)
        drawings.correct(own.find(db, participant, number), label)
        return _counted(db, participant)


@blueprint.delete("/mine/<int:number>")
def withdraw_one(number: int) -> dict[str, int]:
    """Delete one drawing of this device."""
    with database().writing() as db:
        participant = _known(db)
        own.withdraw(db, own.find(db, participant, number))
        return _counted(db, participant)


def _as_read_now(drawing: Drawing) -> dict[str, Any]:
    """A kept drawing, with what the live version makes of it."""
    answer = recogniser().recognise(np.frombuffer(drawing.pixels, np.uint8))
    return {
        "id": drawing.id,
        "label": drawing.label,
        "digit": answer.digit,
        "verdict": answer.verdict,
    }


def _counted(db: Session, participant: Participant | None) -> dict[str, int]:
    number = number_kept(db, participant) if participant else 0
    return {"given": number, "limit": limits().each}


def _known(db: Session) -> Participant | None:
    """The participant, by the cookie or, if that was lost with an answer, by the device."""
    device = incoming.checked(request.args.to_dict(), incoming.Device).device
    found = drawings.known(db, _token())
    if found is None and device:
        return drawings.known(db, drawings.token_of(device))
    return found


def _cookie() -> str:
    return cookies.name_here("inkling_participant")


def _token() -> str | None:
    return request.cookies.get(_cookie())


def _labelled(upload: Upload) -> Labelled:
    """What was sent beside the picture. The key may also be a header."""
    fields = upload.fields
    if "Idempotency-Key" in request.headers:
        fields = {**fields, "key": request.headers["Idempotency-Key"]}
    return incoming.checked(fields, Labelled)


def _own_key(upload: Upload, sent: Labelled) -> str:
    """The key of a drawing that was sent without one: the same for the same drawing."""
    return hashlib.sha256(str(sent.label).encode() + upload.picture).hexdigest()
