"""The draw page, for participants, and the game on it."""

from flask import Blueprint, render_template, request
from msgspec import Struct

from webapp.room import game
from webapp.web import incoming, uploads
from webapp.web.app_state import database, sightings
from webapp.web.operations import json_body, operation
from webapp.web.origins import refuse_foreign_pages

blueprint = Blueprint("draw", __name__)
blueprint.before_request(uploads.limit_body)
blueprint.before_request(refuse_foreign_pages)


@blueprint.get("/")
def index() -> str:
    """The draw page."""
    sightings().note(request.remote_addr)
    return render_template("draw.html")


class Score(Struct):
    """The room's score in the game.

    right : rounds in which the network read the digit that was asked for
    played : all rounds
    """

    right: int
    played: int


@blueprint.post("/api/game")
@operation("bad_json", "database_unavailable", body=json_body(incoming.Round))
def count() -> Score:
    """Count a round of the game; the room's score."""
    members = incoming.json_object(request.get_data(), '{"right": true}', needs="right")
    is_right = incoming.checked(members, incoming.Round).right
    with database().writing("game") as db:
        return Score(*game.count(db, is_right))
