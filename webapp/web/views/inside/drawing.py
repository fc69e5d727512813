"""What the pages ask about the drawing: how it became 8x8 cells, and what the network reads."""

import base64
from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from nn import neighbours
from nn.ink import MAX_INTENSITY, SIDE, Steps, steps_from_image
from nn.picture import open_picture
from nn.words import Sentence
from webapp.room import pictures
from webapp.web.app_state import room_averages
from webapp.web.views.inside import asked
from webapp.web.views.inside.asked import Asked

_MAX_SIDE = 640  # px of a picture, as our pages send it; larger ones take more than 50 ms
_NEAREST = 3

blueprint = asked.routes("drawing")


class Inked(Asked, kw_only=True):
    """picture : the file of the drawing, in base64; None if there is none."""

    picture: bytes | None = None


@blueprint.post("/answer")
def answer() -> dict[str, Any]:
    """What the chosen network answers: as /api/predict, and the outputs before softmax."""
    question = asked.read(Asked)
    number, model = question.chosen()
    found = model.judge(question.row[None], number)[0]
    return {
        "digit": found.digit,
        "verdict": found.verdict,
        "probabilities": None if found.is_blank else found.probabilities.tolist(),
        "outputs": found.outputs.tolist(),
        "model": {"version": number},
    }


@blueprint.post("/ink")
def ink() -> dict[str, Any]:
    """The drawing at each step of the form that it is brought to; null without ink."""
    question = asked.read(Inked, picture=Sentence("a picture file in base64, or null"))
    steps = None
    if question.picture:
        steps = steps_from_image(open_picture(question.picture, _MAX_SIDE))
    return {"steps": steps and _as_json(steps), "cells": question.row.tolist()}


class Digit(Struct):
    """Which digit a request is about."""

    digit: Annotated[int, Meta(ge=0, le=9)]


@blueprint.post("/nearest")
def nearest() -> dict[str, Any]:
    """The three of the 1,797 digits that are nearest to the picture."""
    rows, distances = neighbours.nearest(asked.read(Asked).row, _NEAREST)
    pixels, labels = neighbours.known()
    return {
        "nearest": [
            {"label": int(labels[row]), "distance": distance, "pixels": pixels[row].tolist()}
            for row, distance in zip(rows, distances.tolist())
        ]
    }


@blueprint.post("/averages")
def averages() -> dict[str, Any]:
    """The average of each digit, in the data and in this room: {counts, averages} each.

    The room's is null while the database is away. A digit that nobody has drawn has count 0.
    """
    means, counts = neighbours.averages(*neighbours.known())
    room = room_averages().current()
    return {
        "digits": {"counts": counts.tolist(), "averages": means.tolist()},
        "room": room
        and {
            "counts": room.counts.tolist(),
            "averages": room.averages.tolist(),
            "differences": (room.averages - means).tolist(),
        },
    }


@blueprint.post("/class")
def class_of_digits() -> dict[str, Any]:
    """All pictures of a digit in the data, each as 64 characters: 0 to 9 and a to g."""
    digit = asked.read(Digit, digit=Sentence("a whole number from 0 to 9")).digit
    pixels, labels = neighbours.known()
    return {"pictures": [pictures.in_address(row) for row in pixels[labels == digit]]}


def _as_json(steps: Steps) -> dict[str, Any]:
    """Frames of 64x64 px as bytes in base64, 0 paper to 255 ink; the cells row by row."""
    frames = ("found", "evened", "upright", "stretched", "counted")
    side = len(steps.counted) // SIDE  # px of a cell
    counts = steps.counted.reshape(SIDE, side, SIDE, side).sum(axis=(1, 3))
    return {
        **{name: _base64(getattr(steps, name)) for name in frames},
        "slant": steps.slant,
        "counts": counts.ravel().tolist(),
        "exact": (counts.ravel() * MAX_INTENSITY / side**2).tolist(),
        "cells": steps.cells.ravel().tolist(),
    }


def _base64(frame: NDArray[Any]) -> str:
    greys = np.rint(255 * np.clip(frame.astype(np.float32), 0, 1)).astype(np.uint8)
    return base64.b64encode(greys.tobytes()).decode()
