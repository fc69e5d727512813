"""Participants' drawings: sent, counted, withdrawn."""

import hashlib
from typing import Any

from flask import Blueprint, jsonify, request
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from nn.refusal import Refusal
from webapp.room import drawings
from webapp.storage.tables import Participant
from webapp.web import incoming, origins, uploads
from webapp.web.app_state import database, max_drawings, recogniser
from webapp.web.incoming import Labelled
from webapp.web.uploads import Upload

COOKIE = "inkling_participant"
_YEAR = 365 * 24 * 3600  # seconds

blueprint = Blueprint("drawings", __name__, url_prefix="/api/drawings")


@blueprint.before_request
def limit_body() -> None:
    uploads.limit_body()


@blueprint.before_request
def refuse_foreign_pages() -> None:
    """A page of another site must not act for whoever looks at it.

    Browsers say where a request comes from. Programs say nothing, and need not.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    if origins.is_foreign():
        raise Refusal(
            "Pages of another site may not do this. Use Inkling's own.", code="foreign_origin"
        )


@blueprint.post("")
def keep() -> Response:
    """Keep a drawing and its label."""
    upload = uploads.read()
    sent = _labelled(upload)
    answer = recogniser().recognise(upload.pixels)
    neighbours = drawings.nearest_digit(answer.pixels)  # outside the database's writing place
    key = sent.key or _own_key(upload, sent)
    token = request.cookies.get(COOKIE)
    with database().writing() as db:
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
            max_drawings(),
        )
        number = drawings.number_kept(db, participant)
    response = jsonify(id=drawing.id, given=number, limit=max_drawings())
    response.status_code = 201 if is_new else 200
    if needs_token:
        response.set_cookie(
            COOKIE, participant.token, max_age=_YEAR, path="/", httponly=True, samesite="Lax"
        )
    return response


@blueprint.get("/mine")
def mine() -> tuple[dict[str, Any], dict[str, str]]:
    """How many drawings of this device are kept."""
    with database().reading() as db:
        participant = _known(db)
        number = drawings.number_kept(db, participant) if participant else 0
    answer = {"given": number, "limit": max_drawings(), "known": participant is not None}
    return answer, {"Cache-Control": "no-store"}


@blueprint.delete("/mine")
def withdraw() -> dict[str, int]:
    """Delete all drawings of this device."""
    with database().writing() as db:
        participant = _known(db)
        return {"withdrawn": drawings.withdraw(db, participant) if participant else 0}


def _known(db: Session) -> Participant | None:
    """The participant, by the cookie or, if that was lost with an answer, by the device."""
    device = incoming.checked(request.args.to_dict(), incoming.Device).device
    found = drawings.known(db, request.cookies.get(COOKIE))
    if found is None and device:
        return drawings.known(db, drawings.token_of(device))
    return found


def _labelled(upload: Upload) -> Labelled:
    """What was sent beside the picture. The key may also be a header."""
    fields = upload.fields
    if "Idempotency-Key" in request.headers:
        fields = {**fields, "key": request.headers["Idempotency-Key"]}
    return incoming.checked(fields, Labelled)


def _own_key(upload: Upload, sent: Labelled) -> str:
    """The key of a drawing that was sent without one: the same for the same drawing."""
    return hashlib.sha256(str(sent.label).encode() + upload.picture).hexdigest()
