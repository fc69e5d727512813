"""Drawings that participants give, and take back."""

import hashlib
import json
import re
from urllib.parse import urlsplit

from flask import Blueprint, current_app, request

from webapp.room import drawings
from webapp.web import uploads
from webapp.web.errors import ApiError

COOKIE = "inkling_participant"
_YEAR = 365 * 24 * 3600  # seconds
_KEY = re.compile(rf"[\w.:+/=-]{{1,{drawings.MAX_KEY}}}", re.ASCII)
_DEVICE = re.compile(r"[\w-]{16,64}", re.ASCII)

blueprint = Blueprint("giving", __name__, url_prefix="/api/drawings")


@blueprint.before_request
def limit_body():
    uploads.limit_body()


@blueprint.before_request
def refuse_foreign_pages():
    """A page of another site must not act for whoever looks at it.

    Browsers say where a request comes from; programs say nothing, and need not.
    """
    if request.method in ("GET", "HEAD", "OPTIONS"):
        return
    origin = request.headers.get("Origin")
    is_foreign = origin is not None and not _is_ours(origin)
    if is_foreign or request.headers.get("Sec-Fetch-Site") == "cross-site":
        raise ApiError(
            403, "foreign_origin", "Pages of another site may not do this. Use Inkling's own."
        )


@blueprint.post("")
def give():
    """Keep a drawing and the digit that it is."""
    upload = uploads.read()
    label, key = _label(upload.fields), _key(upload)
    agreed, device = _has_agreed(upload.fields), _device(upload.fields)
    answer = current_app.extensions["recogniser"].recognise(upload.pixels)
    neighbours = drawings.nearest_digit(answer.pixels)  # before anybody waits for the writer
    most = current_app.config["MAX_DRAWINGS"]
    with _database().writing() as db:
        giver, is_new = drawings.giver(db, request.cookies.get(COOKIE), agreed, device)
        drawing, is_first = drawings.give(
            db, giver, key, upload.picture, answer, neighbours, label, most
        )
        told = {"id": drawing.id, "given": drawings.given(db, giver), "limit": most}
    response = current_app.json.response(told)
    response.status_code = 201 if is_first else 200
    if is_new:
        response.set_cookie(
            COOKIE, giver.token, max_age=_YEAR, path="/", httponly=True, samesite="Lax"
        )
    return response


@blueprint.get("/mine")
def mine():
    """How many drawings of this device are kept."""
    with _database().reading() as db:
        giver = _known(db)
        given = drawings.given(db, giver) if giver else 0
    limit = current_app.config["MAX_DRAWINGS"]
    told = {"given": given, "limit": limit, "known": giver is not None}
    return told, {"Cache-Control": "no-store"}


@blueprint.delete("/mine")
def withdraw():
    """Remove all drawings of this device."""
    with _database().writing() as db:
        giver = _known(db)
        return {"withdrawn": drawings.withdraw(db, giver) if giver else 0}


def _known(db):
    """Who asks, or None: by the cookie or, if that was lost with an answer, by the device."""
    device = _device(request.args)
    return drawings.known(db, request.cookies.get(COOKIE)) or (
        drawings.known(db, drawings.token_of(device)) if device else None
    )


def _database():
    return current_app.extensions["database"]


def _is_ours(origin):
    try:
        return urlsplit(origin).netloc.lower() == request.host.lower()
    except ValueError:  # no address at all
        return False


def _label(fields):
    label = fields.get("label")
    if isinstance(label, bool) or str(label) not in tuple("0123456789"):
        told = (
            f"The label is {json.dumps(label)[:40]}"
            if "label" in fields
            else "The label is missing"
        )
        raise ApiError(422, "bad_label", f"{told}; it must be a whole number from 0 to 9.")
    return int(label)


def _key(upload):
    """What tells this drawing from all others of its sender."""
    key = request.headers.get("Idempotency-Key", upload.fields.get("key"))
    if key in (None, ""):
        label = str(upload.fields["label"]).encode()
        return hashlib.sha256(label + upload.picture).hexdigest()
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise ApiError(
            422,
            "bad_key",
            f"The key is {json.dumps(key)[:80]}, {len(str(key))} characters; it must be up to "
            f"{drawings.MAX_KEY} letters, digits and any of .:+/=_- without spaces.",
        )
    return key


def _has_agreed(fields):
    return str(fields.get("consent")).lower() in ("true", "1")


def _device(fields):
    """The device's random number, if it has made one before anything was answered to it."""
    device = fields.get("device")
    if device in (None, ""):
        return None
    if not isinstance(device, str) or not _DEVICE.fullmatch(device):
        raise ApiError(
            422, "bad_device", "The device's number must be 16 to 64 letters, digits, _ and -."
        )
    return device
