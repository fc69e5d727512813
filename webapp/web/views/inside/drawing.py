"""What the pages ask about the drawing: how it became 8x8 cells, and what the network reads."""

import base64
from typing import Annotated, Any

import numpy as np
from msgspec import Meta, Struct
from numpy.typing import NDArray

from nn import neighbours
from nn.digits import N_CLASSES
from nn.ink import MAX_INTENSITY, SIDE, Steps, steps_from_image
from nn.picture import open_picture
from nn.words import Sentence
from webapp.room import pictures
from webapp.web.app_state import room_averages
from webapp.web.incoming import Digit
from webapp.web.operations import operation
from webapp.web.outgoing import Cells, Counts, PerCell, Probabilities, Verdict, Version
from webapp.web.views.inside import asked
from webapp.web.views.inside.asked import Asked

_MAX_SIDE = 640  # px of a picture, as our pages send it; larger ones take more than 50 ms
_NEAREST = 3

blueprint = asked.routes("drawing")


_PICTURE_REFUSALS = ("not_a_picture", "picture_too_large", "unsupported_picture")
_Averages = Annotated[list[PerCell], Meta(min_length=N_CLASSES, max_length=N_CLASSES)]


class Inked(Asked, kw_only=True):
    """A drawing, as picture file and as 8x8 cells.

    picture : the file, in base64; None if there is none
    """

    picture: bytes | None = None


class OneDigit(Struct):
    """Which digit a request is about."""

    digit: Digit


class Answered(Struct):
    """What a network answers.

    outputs : of its ten sigmoid neurons, each of which stands for its own digit alone
    """

    digit: Digit | None
    verdict: Verdict
    probabilities: Probabilities | None
    outputs: Probabilities
    model: Version


class Frames(Struct):
    """A drawing at each step of the form that it is brought to.

    found, evened, upright, stretched, counted : pictures of 64x64 px, one byte each, in base64:
        0 paper to 255 ink
    slant : how far the ink leans, in px to the right per px up
    counts : ink in each cell, in px of 64
    exact : the cells before they are rounded
    cells : what the network sees
    """

    found: str
    evened: str
    upright: str
    stretched: str
    counted: str
    slant: float
    counts: PerCell
    exact: PerCell
    cells: Cells


class Ink(Struct):
    """How a drawing became numbers.

    steps : null without a picture, or without ink in it
    cells : those that were sent
    """

    steps: Frames | None
    cells: Cells


class Neighbour(Struct):
    """One of scikit-learn's digits.

    distance : Euclidean, between 64 cells of 0 to 16
    """

    label: Digit
    distance: float
    pixels: Cells


class Nearest(Struct):
    """The digits that are nearest to a picture, the nearest first."""

    nearest: list[Neighbour]


class Averages(Struct):
    """The average picture of each digit, and how many pictures of it there are."""

    counts: Counts
    averages: _Averages


class RoomAverages(Averages):
    """The averages of the room's drawings.

    differences : from the averages of the digits
    """

    differences: _Averages


class AllAverages(Struct):
    """Average pictures in the data and in this room.

    room : null while the database is away; a digit that nobody has drawn has count 0
    """

    digits: Averages
    room: RoomAverages | None


class Pictures(Struct):
    """Pictures of 64 characters each, row by row: 0 to 9 and a to g for 10 to 16."""

    pictures: list[str]


@blueprint.post("/answer")
@asked.question()
def answer(question: Asked) -> Answered:
    """What the chosen network answers: as /api/predict, and the outputs before softmax."""
    chosen = question.chosen()
    found = chosen.model.judge(question.row[None])[0]
    return Answered(
        found.digit,
        found.verdict,
        None if found.is_blank else found.probabilities.tolist(),
        found.outputs.tolist(),
        chosen.version,
    )


@blueprint.post("/ink")
@asked.question(*_PICTURE_REFUSALS, picture=Sentence("a picture file in base64, or null"))
def ink(question: Inked) -> Ink:
    """The drawing at each step of the form that it is brought to; null without ink."""
    steps = None
    if question.picture:
        steps = steps_from_image(open_picture(question.picture, _MAX_SIDE))
    return Ink(steps and _frames(steps), question.row.tolist())


@blueprint.post("/nearest")
@asked.question()
def nearest(question: Asked) -> Nearest:
    """The three of the 1,797 digits that are nearest to the picture."""
    rows, distances = neighbours.nearest(question.row, _NEAREST)
    pixels, labels = neighbours.known()
    return Nearest(
        [
            Neighbour(int(labels[row]), distance, pixels[row].tolist())
            for row, distance in zip(rows, distances.tolist())
        ]
    )


@blueprint.post("/averages")
@operation()
def averages() -> AllAverages:
    """The average of each digit, in the data and in this room."""
    means, counts = neighbours.averages(*neighbours.known())
    room = room_averages().current()
    return AllAverages(
        Averages(counts.tolist(), means.tolist()),
        room
        and RoomAverages(
            room.counts.tolist(), room.averages.tolist(), (room.averages - means).tolist()
        ),
    )


@blueprint.post("/class")
@asked.question(digit=Sentence("a whole number from 0 to 9"))
def class_of_digits(question: OneDigit) -> Pictures:
    """All pictures of a digit in the data."""
    pixels, labels = neighbours.known()
    return Pictures([pictures.in_address(row) for row in pixels[labels == question.digit]])


def _frames(steps: Steps) -> Frames:
    side = len(steps.counted) // SIDE  # px of a cell
    counts = steps.counted.reshape(SIDE, side, SIDE, side).sum(axis=(1, 3)).ravel()
    return Frames(
        _base64(steps.found),
        _base64(steps.evened),
        _base64(steps.upright),
        _base64(steps.stretched),
        _base64(steps.counted),
        steps.slant,
        counts.tolist(),
        (counts * MAX_INTENSITY / side**2).tolist(),
        steps.cells.ravel().tolist(),
    )


def _base64(frame: NDArray[Any]) -> str:
    greys = np.rint(255 * np.clip(frame.astype(np.float32), 0, 1)).astype(np.uint8)
    return base64.b64encode(greys.tobytes()).decode()
