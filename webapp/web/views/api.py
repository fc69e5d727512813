"""The JSON API, for the pages and for developers."""

from flask import Blueprint, Response, request
from msgspec import Struct

from nn.ink import SIDE
from nn.model import Answer
from webapp.learning import readiness
from webapp.web import outgoing, uploads
from webapp.web.app_state import database, recogniser, settings, sightings
from webapp.web.errors import STATUSES
from webapp.web.operations import operation
from webapp.web.outgoing import Prediction, Version

blueprint = Blueprint("api", __name__)


class Health(Struct):
    """Predictions are served.

    version : number of the live version
    """

    status: str
    version: int


class Readiness(Struct):
    """Whether all is there that a workshop needs.

    status : "ok" or "not_ready"
    database, model, queue, worker : whether each of them works
    """

    status: str
    database: bool
    model: bool
    queue: bool
    worker: bool


@blueprint.before_request
def limit_body() -> None:
    uploads.limit_body()


@blueprint.get("/healthz")
@operation()
def healthz() -> Health:
    """Answers once predictions are served: an app that exists has its model loaded.

    The draw page asks every few seconds, and learns here that another version is live.
    """
    sightings().note(request.remote_addr)
    return Health("ok", recogniser().version())


@blueprint.get("/readyz")
@operation(answers={200: Readiness, STATUSES["not_ready"]: Readiness})
def readyz() -> Response:
    """Whether all that a workshop needs is there; status 503 if something is missing.

    The reasons, which name folders and hosts, are for `python -m webapp doctor`.
    """
    found = {each.name: each.is_well for each in readiness.look(database(), settings())}
    name, status = ("ok", 200) if all(found.values()) else ("not_ready", STATUSES["not_ready"])
    return outgoing.as_json(Readiness(name, **found), status)


@blueprint.post("/api/predict")
@operation(*uploads.REFUSES, body=uploads.body())
def predict() -> Prediction:
    """What the network answers to a picture or to 8x8 pixels."""
    return prediction(recogniser().recognise(uploads.read().pixels))


def prediction(answer: Answer) -> Prediction:
    """The answer as the API gives it."""
    return Prediction(
        answer.digit,
        answer.verdict,
        None if answer.is_blank else answer.probabilities.tolist(),
        answer.pixels.reshape(SIDE, SIDE).tolist(),
        Version(answer.version or 0),
    )
