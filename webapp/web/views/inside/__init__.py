"""The pages that explain, step by step, how the network decides; one page a step."""

import functools
from collections.abc import Sequence
from itertools import pairwise
from typing import NamedTuple

from flask import Blueprint, render_template

from nn import digits
from nn.refusal import Refusal
from nn.words import N_
from webapp.learning import versions
from webapp.room import pictures
from webapp.storage.outage import UNAVAILABLE
from webapp.storage.tables import ModelVersion
from webapp.web.app_state import database, recogniser
from webapp.web.views.inside import drawing, passes, right, sandbox, what_if
from webapp.web.views.inside.asked import ARTICLE

blueprint = Blueprint("inside", __name__)
# What the pages ask; nothing of it changes anything.
API = tuple(view.blueprint for view in (drawing, passes, what_if, sandbox, right))


class Step(NamedTuple):
    """One page.

    name : in its address; also of its template and its script
    title, question : messages; the page answers the question
    """

    name: str
    title: str
    question: str


STEPS = (
    Step("ink", N_("From ink to 8×8"), N_("How does a drawing become numbers?")),
    Step("model", N_("The model"), N_("What lies between the 64 cells and the ten bars?")),
    Step("data", N_("The data"), N_("What has the network learned from?")),
    Step("forward", N_("Forward"), N_("How do 64 numbers become ten probabilities?")),
    Step("cost", N_("The cost"), N_("How wrong is an answer, as one number?")),
    Step("backward", N_("Backward"), N_("Which weights are to blame?")),
    Step("step", N_("One step"), N_("How does it learn from one drawing?")),
    Step("train", N_("Train it yourself"), N_("How does noise turn into a reader of digits?")),
    Step("bug", N_("Find the bug"), N_("How does one know that a gradient is right?")),
    Step(
        "what-if",
        N_("What if?"),
        N_("Which cells decide, and how few make it change its mind?"),
    ),
    Step("right", N_("Was it right?"), N_("How good is it, and how far can one trust it?")),
)


@blueprint.get("/inside")
@blueprint.get("/inside/<name>")
def page(name: str = STEPS[0].name) -> str:
    """The page of a step.

    :raise 404: if there is none of this name
    """
    step = next((step for step in STEPS if step.name == name), None)
    if step is None:
        raise Refusal(
            "There is no step {name!r:.40}. Begin with the first.",
            code="no_such_step",
            name=name,
        )
    return render_template(
        f"inside/{name}.html",
        steps=STEPS,
        step=step,
        number=STEPS.index(step) + 1,
        before={later: step for step, later in pairwise(STEPS)}.get(step),
        after=dict(pairwise(STEPS)).get(step),
        versions=_versions(),
        live=recogniser().version(),
        article=ARTICLE,
        samples=_samples(),
    )


def _versions() -> Sequence[ModelVersion]:
    """All versions to choose from; none while the database is away."""
    try:
        with database().reading() as db:
            return versions.usable(db)
    except UNAVAILABLE:
        return []


@functools.cache
def _samples() -> list[str]:
    """A digit of each class that no version has learned from, as in addresses of pictures."""
    pixels, labels = digits.held_out()
    return [pictures.in_address(pixels[(labels == digit).argmax()]) for digit in range(10)]
