"""The JSON API, for the pages and for developers."""

from flask import Blueprint, current_app, request

from nn.ink import SIDE
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
    """What the network answers to a picture or to 8x8 pixels."""
    return _as_json(current_app.extensions["recogniser"].recognise(uploads.read().pixels))


def _as_json(answer):
    return {
        "digit": answer.digit,
        "verdict": answer.verdict,
        "probabilities": None if answer.is_blank else answer.probabilities.tolist(),
        "pixels": answer.pixels.reshape(SIDE, SIDE).tolist(),
        "model": {"version": answer.version},
    }
