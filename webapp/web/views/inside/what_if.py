"""What the page asks that edits the picture: shares of cells, smallest changes, challenges."""

from typing import Literal

from msgspec import UNSET, Struct, UnsetType

from nn.inside import challenges, raw_weights, what_if
from nn.inside.raw_weights import BadNetwork
from nn.model import Model
from nn.words import Sentence
from webapp.web.incoming import Digit
from webapp.web.outgoing import Cells, PerCell, Share
from webapp.web.views.inside import asked
from webapp.web.views.inside.asked import Asked, Network

_A_DIGIT = Sentence("a whole number from 0 to 9, or null")

blueprint = asked.routes("what_if")


class AboutDigit(Asked, kw_only=True):
    """A picture, and one of the network's outputs.

    digit : the one that it is about; None for what the network answers
    """

    digit: Digit | None = None


class Changed(Asked, kw_only=True):
    """A picture that is to be changed.

    target : the digit that is to be the answer; None for any other than now
    """

    target: Digit | None = None


class Attempt(Asked, kw_only=True):
    """A picture that somebody made to meet a challenge.

    challenge : "turn" this 9 into a 2, or the least ink, "thin", that is still a 3
    """

    challenge: Literal["turn", "thin"]


class CellShares(Struct):
    """What each cell adds to the logit of a digit.

    logit : of the picture as it is
    shares : the logit with each cell less that without it
    without : the logit without each cell
    """

    digit: Digit
    logit: float
    shares: PerCell
    without: PerCell


class Change(Struct):
    """Few cells that make another digit the answer.

    cells : their numbers, 0 to 63, in the order in which they were found; null if the search
        found none
    pixels : the picture with these cells changed
    digit, probability : the answer to it
    most : if the search found none, how many cells it changes at most
    """

    cells: list[int] | None
    pixels: Cells | UnsetType = UNSET
    digit: Digit | UnsetType = UNSET
    probability: Share | UnsetType = UNSET
    most: int | UnsetType = UNSET


class Misread(Struct):
    """A digit that the network reads wrongly.

    probability : that the network gives the digit that it predicted
    """

    pixels: Cells
    label: Digit
    predicted: Digit
    probability: Share


class Challenges(Struct):
    """The pictures that the challenges begin with.

    misread : the most confident mistake; null if there is none
    """

    turn: Cells
    thin: Cells
    misread: Misread | None


class Outcome(Struct):
    """Whether a picture meets a challenge.

    greedy : what a greedy search needs, in cells or ink; null if it does not get there
    cells : how many differ from the start, for "turn"
    ink : the sum of the cells, for "thin"
    """

    is_done: bool
    greedy: int | None
    cells: int | UnsetType = UNSET
    ink: int | UnsetType = UNSET


@blueprint.post("/shares")
@asked.question(digit=_A_DIGIT)
def shares(question: AboutDigit) -> CellShares:
    """Each cell's share in the logit of a digit; the logit as it is and without each cell."""
    model = question.chosen().model
    logits = model.logits(question.row[None])[0]
    digit = int(logits.argmax()) if question.digit is None else question.digit
    found = what_if.shares(model, question.row, digit)
    return CellShares(
        digit, float(logits[digit]), found.tolist(), (logits[digit] - found).tolist()
    )


@blueprint.post("/change")
@asked.question(BadNetwork.code, target=_A_DIGIT)
def change(question: Changed) -> Change:
    """Few cells that make another digit the answer."""
    model = _small(question.chosen().model)
    found = what_if.smallest_change(model, question.row, question.target)
    if found is None:
        return Change(None, most=what_if.MOST_CHANGES)
    probabilities = model.predict_proba(found.pixels[None])[0]
    digit = int(probabilities.argmax())
    return Change(found.cells, found.pixels.tolist(), digit, float(probabilities[digit]))


@blueprint.post("/challenges")
@asked.question()
def challenges_to_meet(question: Network) -> Challenges:
    """The pictures that the challenges begin with."""
    model = question.chosen().model
    misread = challenges.misread(model)
    return Challenges(
        challenges.start(model, challenges.TURNED).tolist(),
        challenges.start(model, challenges.THIN).tolist(),
        misread and Misread(misread.pixels.tolist(), *misread[1:]),
    )


@blueprint.post("/check")
@asked.question(BadNetwork.code, challenge=Sentence('"turn" or "thin"'))
def check(question: Attempt) -> Outcome:
    """Whether the picture meets the challenge, and what a greedy search needs."""
    model = _small(question.chosen().model)
    if question.challenge == "turn":
        turned = challenges.check_turned(model, question.row)
        return Outcome(turned.is_done, turned.greedy, cells=turned.cells)
    thinned = challenges.check_thinned(model, question.row)
    return Outcome(thinned.is_done, thinned.greedy, ink=thinned.ink)


def _small(model: Model) -> Model:
    """The model; BadNetwork if a greedy search with it would take too long."""
    raw_weights.checked_sizes(model.network.sizes)
    return model
