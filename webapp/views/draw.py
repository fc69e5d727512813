"""The draw page, for participants."""

from flask import Blueprint, render_template

blueprint = Blueprint("draw", __name__)


@blueprint.get("/")
def index():
    return render_template("draw.html")
