"""What the pages ask of a private copy of a network: steps, epochs, checks, and breaking it.

The copy comes with each request and goes back with the answer: `weights`, in base64. Nothing is
kept, and the network that it was copied from stays as it is.
"""

import base64
import dataclasses
from collections.abc import Iterator
from itertools import repeat
from typing import Any

import numpy as np

from nn.inside import gradient_check, raw_weights, sandbox
from nn.inside.gradient_check import Checked, Place
from nn.inside.misprint import MisprintedNetwork
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

SHOWN = 12  # pictures that the network newly reads wrong, or right; the rest is counted
ARTICLE_SIZES = [64, *PRESETS["article"].hidden, 10]

blueprint = asked.routes("sandbox")


@blueprint.post("/step")
def step() -> dict[str, Any]:
    """Take gradient steps, and say what they changed.

    Without a step there are no weights in the answer: they are those that came. If the steps
    destroy the network, `lost` says so, and there are no weights to go on with.
    """
    question = asked.read(Steps, **private.EXPECTED)
    original, network, temperature = question.copy()
    label, first = question.right_answer(original), question.taken
    start = network.parameters.copy()
    before = Standing.of(network, temperature, question.row, label)
    answer = {
        "model": _model(original, network),
        "label": label,
        "taken": first + question.steps,
        "before": _standing(before),
        "lost": None,
    }
    try:
        sandbox.take_steps(network, _batches(question, label, network), question.learning_rate)
    except Diverged as error:
        return answer | {"lost": languages.say(error), "weights": None, "after": None}
    after = Standing.of(network, temperature, question.row, label)
    return {
        **answer,
        "weights": _in_base64(network) if question.steps else None,
        "moved": _moved(network, start, question),
        **_change(before, after),
    }


def _moved(network: SigmoidNetwork, start: Floats, question: Steps) -> dict[str, Any] | None:
    """The weight that moved most; after a single step also the gradient that moved it."""
    if not question.steps:
        return None
    moved = sandbox.most_moved(network, start)
    slopes = network.nabla_w[moved.layer]  # times the learning rate
    gradient = float(slopes[moved.neuron, moved.source]) / question.learning_rate
    return {**moved._asdict(), "gradient": gradient if question.steps == 1 else None}


def _batches(question: Steps, label: int, network: SigmoidNetwork) -> Iterator[Batch]:
    """What each step learns from."""
    dtype, first = network.parameters.dtype, question.taken
    if question.on == "drawing":
        return repeat(sandbox.drawing(question.row, label, dtype), question.steps)
    numbers = range(first, first + question.steps)
    return (sandbox.mini_batch(question.seed, number, dtype) for number in numbers)


@blueprint.post("/train")
def train() -> dict[str, Any]:
    """Train for one epoch; its figures, the weights, and what the hidden neurons look for."""
    question = asked.read(Training, **private.EXPECTED)
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
        return {"number": question.epoch, "lost": languages.say(error)}
    return {
        **dataclasses.asdict(epoch),
        "lost": None,
        "weights": _in_base64(network),
        "neurons": network.weights[0].tolist(),
        "answer": _answer(Standing.of(network, 1.0, question.row).answer),
    }


@blueprint.post("/gradient-check")
def check_gradient() -> dict[str, Any]:
    """Compare backpropagation with nudging, for one weight and for a sample of weights."""
    question = asked.read(Check, **private.EXPECTED)
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
    chosen, *sample = gradient_check.check(network, x, y, places)
    return {
        "model": _model(original, network),
        "label": label,
        "nudge": gradient_check.NUDGE,
        "tolerance": gradient_check.TOLERANCE,
        "chosen": _checked(chosen),
        "sample": [_checked(each) for each in sample],
    }


@blueprint.post("/break")
def break_parts() -> dict[str, Any]:
    """Set parts of the network to 0, and say who notices."""
    question = asked.read(Breaking, **private.EXPECTED)
    original, network, temperature = question.copy()
    before = Standing.of(network, temperature, question.row)
    for part in question.silenced:
        sandbox.silence(network, part.layer, part.unit)
    after = Standing.of(network, temperature, question.row)
    return {"model": _model(original, network), **_change(before, after)}


def _model(original: Chosen, network: SigmoidNetwork) -> dict[str, Any]:
    return {"version": original.number, "sizes": network.sizes}


def _in_base64(network: SigmoidNetwork) -> str:
    return base64.b64encode(raw_weights.to_bytes(network)).decode()


def _change(before: Standing, after: Standing) -> dict[str, Any]:
    """How the network does before and after, and on which test digits it differs."""
    compared = Comparison(before.digits, after.digits)
    return {
        "before": _standing(before),
        "after": _standing(after),
        "broken": _pictures(after.digits, compared.newly_wrong),
        "mended": _pictures(after.digits, compared.newly_right),
    }


def _standing(standing: Standing) -> dict[str, Any]:
    return {
        "cost": standing.cost,
        **_answer(standing.answer),
        "right": standing.digits.n_right,
        "tested": standing.digits.n,
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "digit": answer.digit,
        "verdict": answer.verdict,
        "probabilities": None if answer.is_blank else answer.probabilities.tolist(),
    }


def _pictures(report: Report, rows: Rows) -> dict[str, Any]:
    """Some of these test digits, and how many they are."""
    pictures = report.pictures
    shown = [
        {
            "pixels": pictures.pixels[row].tolist(),
            "label": int(pictures.labels[row]),
            "digit": int(report.predicted[row]),
        }
        for row in rows[:SHOWN]
    ]
    return {"n": len(rows), "shown": shown}


def _place(question: Check) -> Place | None:
    """The weight that is asked about, or None."""
    if question.neuron is None or question.source is None:
        return None
    return Place(question.layer, question.neuron, question.source)


def _checked(checked: Checked) -> dict[str, Any]:
    layer, neuron, source = checked.place
    return {
        "layer": layer,
        "neuron": neuron,
        "source": source,
        "value": checked.value,
        "above": checked.slope.above,
        "below": checked.slope.below,
        "nudged": checked.slope.value,
        "backprop": checked.gradient,
        "error": checked.error,
        "right": checked.is_right,
    }
