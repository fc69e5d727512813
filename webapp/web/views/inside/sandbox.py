"""What the pages ask of a private copy of a network: steps, epochs, checks, and breaking it.

The copy comes with each request and goes back with the answer: `weights`, in base64. Nothing is
kept, and the network that it was copied from stays as it is.
"""

import base64
import dataclasses
from collections.abc import Iterator
from itertools import repeat

import numpy as np

from nn.inside import gradient_check, raw_weights, sandbox
from nn.inside.gradient_check import Checked, Place
from nn.inside.misprint import MisprintedNetwork
from nn.inside.raw_weights import BadNetwork
from nn.inside.sandbox import Batch, Standing
from nn.model import Answer
from nn.network import Floats, SigmoidNetwork
from nn.presets import PRESETS
from nn.report import Comparison, Report, Rows
from nn.training import Diverged
from webapp.web import languages
from webapp.web.views.inside import asked, private
from webapp.web.views.inside.asked import Chosen
from webapp.web.views.inside.private import Breaking, Check, Steps, Training
from webapp.web.views.inside.sandbox_answers import (
    Broken,
    CheckedWeight,
    GradientCheck,
    MovedWeight,
    Reading,
    Sizes,
    State,
    Stepped,
    TestDigit,
    TestDigits,
    Trained,
)

SHOWN = 12  # pictures that the network newly reads wrong, or right; the rest is counted
ARTICLE_SIZES = [64, *PRESETS["article"].hidden, 10]

blueprint = asked.routes("sandbox")


@blueprint.post("/step")
@asked.question(BadNetwork.code, **private.EXPECTED)
def step(question: Steps) -> Stepped:
    """Take gradient steps, and say what they changed.

    Without a step there are no weights in the answer: they are those that came. If the steps
    destroy the network, `lost` says so, and there are no weights to go on with.
    """
    original, network, temperature = question.copy()
    label, first = question.right_answer(original), question.taken
    start = network.parameters.copy()
    before = Standing.of(network, temperature, question.row, label)
    answer = Stepped(
        model=_sizes(original, network),
        label=label,
        taken=first + question.steps,
        before=_state(before),
    )
    try:
        sandbox.take_steps(network, _batches(question, label, network), question.learning_rate)
    except Diverged as error:
        answer.lost = languages.say(error)
        return answer
    after = Standing.of(network, temperature, question.row, label)
    answer.weights = _in_base64(network) if question.steps else None
    answer.moved = _moved(network, start, question)
    answer.after = _state(after)
    answer.broken, answer.mended = _broken_and_mended(before, after)
    return answer


def _moved(network: SigmoidNetwork, start: Floats, question: Steps) -> MovedWeight | None:
    """The weight that moved most; after a single step also the gradient that moved it."""
    if not question.steps:
        return None
    moved = sandbox.most_moved(network, start)
    slopes = network.nabla_w[moved.layer]  # times the learning rate
    gradient = float(slopes[moved.neuron, moved.source]) / question.learning_rate
    return MovedWeight(*moved, gradient if question.steps == 1 else None)


def _batches(question: Steps, label: int, network: SigmoidNetwork) -> Iterator[Batch]:
    """What each step learns from."""
    dtype, first = network.parameters.dtype, question.taken
    if question.on == "drawing":
        return repeat(sandbox.drawing(question.row, label, dtype), question.steps)
    numbers = range(first, first + question.steps)
    return (sandbox.mini_batch(question.seed, number, dtype) for number in numbers)


@blueprint.post("/train")
@asked.question(BadNetwork.code, **private.EXPECTED)
def train(question: Training) -> Trained:
    """Train for one epoch; its figures, the weights, and what the hidden neurons look for."""
    kind = MisprintedNetwork if question.printed else SigmoidNetwork
    if question.weights is None:
        network = kind(ARTICLE_SIZES, question.seed, np.float32)
    else:
        network = kind.of(
            ARTICLE_SIZES,
            raw_weights.from_bytes(ARTICLE_SIZES, question.weights).parameters,
        )
    try:
        epoch = sandbox.train_epoch(
            network, question.epoch, question.seed, question.learning_rate
        )
    except Diverged as error:
        return Trained(number=question.epoch, lost=languages.say(error))
    return Trained(
        **dataclasses.asdict(epoch),
        weights=_in_base64(network),
        neurons=network.weights[0].tolist(),
        answer=_reading(Standing.of(network, 1.0, question.row).answer),
    )


@blueprint.post("/gradient-check")
@asked.question(BadNetwork.code, "no_such_weight", **private.EXPECTED)
def check_gradient(question: Check) -> GradientCheck:
    """Compare backpropagation with nudging, for one weight and for a sample of weights."""
    original, copy, _ = question.copy()
    label = question.right_answer(original)
    kind = MisprintedNetwork if question.printed else SigmoidNetwork
    network = kind.of(copy.sizes, copy.parameters.astype(np.float64))
    x, y = sandbox.drawing(question.row, label, network.parameters.dtype)
    places = [
        _place(question) or gradient_check.steepest(network, x, y, question.layer),
        *gradient_check.sample_of_places(
            network.sizes, question.layer, question.sample, question.seed
        ),
    ]
    chosen, *sample = map(_checked, gradient_check.check(network, x, y, places))
    return GradientCheck(
        _sizes(original, network),
        label,
        gradient_check.NUDGE,
        gradient_check.TOLERANCE,
        chosen,
        sample,
    )


@blueprint.post("/break")
@asked.question(BadNetwork.code, **private.EXPECTED)
def break_parts(question: Breaking) -> Broken:
    """Set parts of the network to 0, and say who notices."""
    original, network, temperature = question.copy()
    before = Standing.of(network, temperature, question.row)
    for part in question.silenced:
        sandbox.silence(network, part.layer, part.unit)
    after = Standing.of(network, temperature, question.row)
    return Broken(
        _sizes(original, network),
        _state(before),
        _state(after),
        *_broken_and_mended(before, after),
    )


def _sizes(original: Chosen, network: SigmoidNetwork) -> Sizes:
    return Sizes(original.number, network.sizes)


def _in_base64(network: SigmoidNetwork) -> str:
    return base64.b64encode(raw_weights.to_bytes(network)).decode()


def _broken_and_mended(before: Standing, after: Standing) -> tuple[TestDigits, TestDigits]:
    """The test digits that are newly read wrongly, and newly read correctly."""
    compared = Comparison(before.digits, after.digits)
    return (
        _pictures(after.digits, compared.newly_wrong),
        _pictures(after.digits, compared.newly_right),
    )


def _state(standing: Standing) -> State:
    answer, digits = _reading(standing.answer), standing.digits
    return State(
        answer.digit,
        answer.verdict,
        answer.probabilities,
        standing.cost,
        digits.n_right,
        digits.n,
    )


def _reading(answer: Answer) -> Reading:
    return Reading(
        answer.digit,
        answer.verdict,
        None if answer.is_blank else answer.probabilities.tolist(),
    )


def _pictures(report: Report, rows: Rows) -> TestDigits:
    """Some of these test digits, and how many they are."""
    pictures = report.pictures
    shown = [
        TestDigit(
            pictures.pixels[row].tolist(),
            int(pictures.labels[row]),
            int(report.predicted[row]),
        )
        for row in rows[:SHOWN]
    ]
    return TestDigits(len(rows), shown)


def _place(question: Check) -> Place | None:
    """The weight that is asked about, or None."""
    if question.neuron is None or question.source is None:
        return None
    return Place(question.layer, question.neuron, question.source)


def _checked(checked: Checked) -> CheckedWeight:
    return CheckedWeight(
        *checked.place,
        checked.value,
        *checked.slope,
        checked.slope.value,
        checked.gradient,
        checked.error,
        checked.is_right,
    )
