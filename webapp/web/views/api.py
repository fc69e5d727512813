"""The JSON API, for the pages and for developers."""

from flask import Blueprint, current_app, request

from webapp.web import uploads

blueprint = Blueprint("api", __name__)


@blueprint.before_request
def limit_body():
    uploads.limit_body()


@blueprint.get("/healthz")
def healthz():
    """Answers once predictions are served: an app that exists has its model loaded."""
    current_app.extensions["sightings"].note(request.remote_addr)
    return {"status": "ok"}


@blueprint.post("/api/predict")
def predict():
    """What the network says of a picture or of 8x8 pixels."""
    return current_app.extensions["recogniser"].recognise(uploads.read().pixels)
