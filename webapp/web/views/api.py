"""The JSON API, for the pages and for developers."""

from typing import Any

from flask import Blueprint, request

from nn.ink import SIDE
from nn.model import Answer
from webapp.learning import readiness
from webapp.web import uploads
from webapp.web.app_state import database, recogniser, settings, sightings
from webapp.web.errors import STATUSES

blueprint = Blueprint("api", __name__)


@blueprint.before_request
def limit_body() -> None:
    uploads.limit_body()


@blueprint.get("/healthz")
def healthz() -> dict[str, Any]:
    """Answers once predictions are served: an app that exists has its model loaded.

    The draw page asks every few seconds, and learns here that another version is live.
    """
    sightings().note(request.remote_addr)
    return {"status": "ok", "version": recogniser().version()}


@blueprint.get("/readyz")
def readyz() -> tuple[dict[str, Any], int]:
    """Whether all that a workshop needs is there; status 503 if something is missing.

    The reasons, which name folders and hosts, are for `python -m webapp doctor`.
    """
    found = readiness.look(database(), settings())
    is_ready = all(finding.is_well for finding in found)
    name, status = ("ok", 200) if is_ready else ("not_ready", STATUSES["not_ready"])
    return {"status": name} | {each.name: each.is_well for each in found}, status


@blueprint.post("/api/predict")
def predict() -> dict[str, Any]:
    """What the network answers to a picture or to 8x8 pixels."""
    return as_json(recogniser().recognise(uploads.read().pixels))


def as_json(answer: Answer) -> dict[str, Any]:
    """The answer as the API gives it."""
    return {
        "digit": answer.digit,
        "verdict": answer.verdict,
        "probabilities": None if answer.is_blank else answer.probabilities.tolist(),
        "pixels": answer.pixels.reshape(SIDE, SIDE).tolist(),
        "model": {"version": answer.version},
    }
