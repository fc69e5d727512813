"""The draw page, for participants."""

from flask import Blueprint, render_template, request

from webapp.web.app_state import sightings

blueprint = Blueprint("draw", __name__)


@blueprint.get("/")
def index() -> str:
    """The draw page."""
    sightings().note(request.remote_addr)
    return render_template("draw.html")
