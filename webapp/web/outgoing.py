"""JSON that goes out: what several answers have in common, and how they are sent."""

from typing import Annotated

import msgspec
from flask import Response, current_app
from msgspec import Meta, Struct

from nn.digits import N_CLASSES
from nn.ink import MAX_INTENSITY, SIDE
from nn.verdict import VERDICTS
from webapp.web.incoming import Digit

Share = Annotated[float, Meta(ge=0, le=1)]
Intensity = Annotated[int, Meta(ge=0, le=MAX_INTENSITY)]
Verdict = Annotated[str, Meta(extra_json_schema={"enum": list(VERDICTS)})]

# One number for each digit, 0 to 9.
PerDigit = Annotated[list[float], Meta(min_length=N_CLASSES, max_length=N_CLASSES)]
Counts = Annotated[list[int], Meta(min_length=N_CLASSES, max_length=N_CLASSES)]
Probabilities = Annotated[list[Share], Meta(min_length=N_CLASSES, max_length=N_CLASSES)]

# One number for each cell of an 8x8 picture, row by row.
PerCell = Annotated[list[float], Meta(min_length=SIDE**2, max_length=SIDE**2)]
Cells = Annotated[list[Intensity], Meta(min_length=SIDE**2, max_length=SIDE**2)]

_Row = Annotated[list[Intensity], Meta(min_length=SIDE, max_length=SIDE)]
Rows = Annotated[list[_Row], Meta(min_length=SIDE, max_length=SIDE)]


class Version(Struct):
    """Which network answered.

    version : number of the version; 0 for the article's network
    """

    version: int


class Prediction(Struct):
    """What the network makes of a picture.

    digit : the most probable one; null for a blank picture
    verdict : whether the network is sure of one digit, torn between two or more, or sees no
        digit that it was trained on; or nothing is drawn
    probabilities : of the digits 0 to 9; they add up to 1; null for a blank picture
    pixels : the 8x8 picture that the network saw, 0 for paper to 16 for ink
    model : the version that answered
    """

    digit: Digit | None
    verdict: Verdict
    probabilities: Probabilities | None
    pixels: Rows
    model: Version


class Reason(Struct):
    """Why a request was refused.

    code : for programs; it stays the same when the message is reworded
    message : a sentence that says what to do, in the language of Accept-Language
    """

    code: str
    message: str


class Error(Struct):
    """The one shape of all errors."""

    error: Reason


def encoded(answer: Struct) -> bytes:
    """An answer as JSON, on a line of its own in a terminal."""
    return msgspec.json.encode(answer) + b"\n"


def as_json(answer: Struct, status: int = 200) -> Response:
    """The response that carries an answer."""
    return current_app.response_class(encoded(answer), status, mimetype="application/json")
