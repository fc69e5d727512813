"""The draw page, for participants."""

from flask import Blueprint, current_app, render_template, request

blueprint = Blueprint("draw", __name__)


@blueprint.get("/")
def index():
    current_app.extensions["sightings"].note(request.remote_addr)
    return render_template("draw.html")
