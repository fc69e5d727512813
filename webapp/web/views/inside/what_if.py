"""What the page asks that edits the picture: shares of cells, smallest changes, challenges."""

from typing import Annotated, Any, Literal

from msgspec import Meta

from nn.inside import challenges, raw_weights, what_if
from nn.model import Model
from nn.words import Sentence
from webapp.web.views.inside import asked
from webapp.web.views.inside.asked import Asked, Network

_A_DIGIT = Sentence("a whole number from 0 to 9, or null")
_Digit = Annotated[int, Meta(ge=0, le=9)]

blueprint = asked.routes("what_if")


class AboutDigit(Asked, kw_only=True):
    """digit : the one that it is about; None for what the network answers."""

    digit: _Digit | None = None


class Changed(Asked, kw_only=True):
    """target : the digit that is to be the answer; None for any other than now."""

    target: _Digit | None = None


class Attempt(Asked, kw_only=True):
    """A picture that somebody made to meet a challenge."""

    challenge: Literal["turn", "thin"]


@blueprint.post("/shares")
def shares() -> dict[str, Any]:
    """Each cell's share in the logit of a digit; the logit as it is and without each cell."""
    question = asked.read(AboutDigit, digit=_A_DIGIT)
    model = question.chosen().model
    logits = model.logits(question.row[None])[0]
    digit = int(logits.argmax()) if question.digit is None else question.digit
    found = what_if.shares(model, question.row, digit)
    return {
        "digit": digit,
        "logit": float(logits[digit]),
        "shares": found.tolist(),
        "without": (logits[digit] - found).tolist(),
    }


@blueprint.post("/change")
def change() -> dict[str, Any]:
    """Few cells that make another digit the answer: {cells, pixels, digit, probability}.

    cells is null if the search finds none.
    """
    question = asked.read(Changed, target=_A_DIGIT)
    model = _small(question.chosen().model)
    found = what_if.smallest_change(model, question.row, question.target)
    if found is None:
        return {"cells": None, "most": what_if.MOST_CHANGES}
    probabilities = model.predict_proba(found.pixels[None])[0]
    digit = int(probabilities.argmax())
    return {
        "cells": found.cells,
        "pixels": found.pixels.tolist(),
        "digit": digit,
        "probability": float(probabilities[digit]),
    }


@blueprint.post("/challenges")
def challenges_to_meet() -> dict[str, Any]:
    """The pictures that the challenges begin with; `misread` is null if there is no mistake."""
    model = asked.read(Network).chosen().model
    misread = challenges.misread(model)
    return {
        "turn": challenges.start(model, challenges.TURNED).tolist(),
        "thin": challenges.start(model, challenges.THIN).tolist(),
        "misread": misread and misread._asdict() | {"pixels": misread.pixels.tolist()},
    }


@blueprint.post("/check")
def check() -> dict[str, Any]:
    """Whether the picture meets the challenge, and what a greedy search needs."""
    question = asked.read(Attempt, challenge=Sentence('"turn" or "thin"'))
    model = _small(question.chosen().model)
    if question.challenge == "turn":
        return challenges.check_turned(model, question.row)._asdict()
    return challenges.check_thinned(model, question.row)._asdict()


def _small(model: Model) -> Model:
    """The model; BadNetwork if a greedy search with it would take too long."""
    raw_weights.checked_sizes(model.network.sizes)
    return model
