"""A private copy of a network to play with: take steps, train, break, and see what follows.

Nothing is kept between two calls: the network comes and goes as bytes
(`nn.inside.raw_weights`). The same bytes and the same seed give the same network again, bit by
bit.
"""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import NamedTuple, Self

import numpy as np
from numpy.typing import ArrayLike

from nn import digits
from nn.digits import Labels, Pixels
from nn.inside.raw_weights import BadNetwork, is_sound
from nn.model import Answer, Model, scaled
from nn.network import Floats, SigmoidNetwork
from nn.optimisers import GradientDescent
from nn.report import Report, held_out_digits
from nn.training import Diverged, Epoch, shuffled, train

Batch = tuple[Floats, Floats]  # x (m, 64), 0..1, and one-hot y (m, 10)

STEPS = (1, 10, 100)  # how many may be taken at once
BATCH_SIZE = 10  # the article's
MAX_EPOCHS = 200


# What it learns from


@cache
def training_digits(dtype: np.dtype[np.floating]) -> Batch:
    """The 1,500 digits to train on: x (1500, 64), 0..1, and y (1500, 10)."""
    return _batch(*digits.split(*digits.load())[0], dtype)


@cache
def test_digits(dtype: np.dtype[np.floating]) -> Batch:
    """The 297 digits that are never trained on: x (297, 64), 0..1, and y (297, 10)."""
    return _batch(*digits.held_out(), dtype)


def drawing(pixels: ArrayLike, label: int, dtype: np.dtype[np.floating]) -> Batch:
    """One drawing, pixels (64,), 0..16, with its right label, as a mini-batch of one."""
    return _batch(np.atleast_2d(pixels), np.array([label]), dtype)


def mini_batch(seed: int, number: int, dtype: np.dtype[np.floating]) -> Batch:
    """BATCH_SIZE of the training digits: those of step `number` with this seed."""
    x, y = training_digits(dtype)
    rows = np.random.default_rng([seed, number]).choice(len(x), BATCH_SIZE, replace=False)
    return x[rows], y[rows]


def _batch(pixels: Pixels, labels: Labels, dtype: np.dtype[np.floating]) -> Batch:
    return scaled(pixels, dtype), digits.one_hot(labels).astype(dtype)


# Steps, epochs, breaking


def take_steps(network: SigmoidNetwork, batches: Iterable[Batch], learning_rate: float) -> None:
    """One step of gradient descent on each mini-batch, in place; Diverged if it is lost."""
    optimiser = GradientDescent()
    with np.errstate(over="ignore", invalid="ignore"):  # seen below
        for x, y in batches:
            optimiser.step(network, x, y, learning_rate)
    _refuse_lost(network, learning_rate)


class Moved(NamedTuple):
    """The weight that steps have moved most: `weights[layer][neuron, source]`."""

    layer: int
    neuron: int
    source: int
    before: float
    after: float


def most_moved(network: SigmoidNetwork, start: Floats) -> Moved:
    """start : the network's `parameters` before the steps"""
    before = SigmoidNetwork.of(network.sizes, start)
    moves = [np.abs(w - v) for w, v in zip(network.weights, before.weights)]
    layer = int(np.argmax([move.max() for move in moves]))
    neuron, source = divmod(int(moves[layer].argmax()), moves[layer].shape[1])
    values = (float(each.weights[layer][neuron, source]) for each in (before, network))
    return Moved(layer, neuron, source, *values)


def train_epoch(network: SigmoidNetwork, number: int, seed: int, learning_rate: float) -> Epoch:
    """Train in place for epoch `number`, from 1, on the 1,500 training digits.

    One epoch after the other makes the network of `nn.experiment` with the article's preset
    and this seed, bit by bit. Raises Diverged if it is lost.
    """
    dtype = network.parameters.dtype
    x, y = training_digits(dtype)
    sampler, rng = shuffled(len(x)), np.random.default_rng(seed)
    for _ in range(1, number):
        sampler(rng)  # the order of an earlier epoch
    epochs = train(
        network,
        x,
        y,
        epochs=1,
        batch_size=BATCH_SIZE,
        learning_rate=learning_rate,
        sampler=sampler,
        random_state=rng,
        test=test_digits(dtype),
    )
    try:
        epoch = dataclasses.replace(next(epochs), number=number)
    except Diverged:  # its sentence does not know which epoch this is
        _refuse_lost(network, learning_rate)
        raise
    _refuse_lost(network, learning_rate)
    return epoch


def _refuse_lost(network: SigmoidNetwork, learning_rate: float) -> None:
    """Raise Diverged if a weight is beyond what a model file may hold.

    Long before, all its neurons are 0 or 1 to the last digit, and their slope is 0.
    """
    if is_sound(network.parameters):
        return
    largest = float(np.abs(network.parameters).max())
    raise Diverged(
        "At a learning rate of {rate:g} a weight grew to {largest:.2g}: the cost is as good "
        "as infinite, and no further step can mend it. Rewind, and choose a smaller learning "
        "rate.",
        rate=learning_rate,
        largest=largest if math.isfinite(largest) else math.inf,
    )


def silence(network: SigmoidNetwork, layer: int, unit: int | None = None) -> None:
    """Make a neuron, or a pixel, 0 for all that listen to it, whatever it sees.

    layer : 0 for the pixels, 1 for the first hidden layer; not the outputs
    unit : its number in the layer, or None for all of the layer

    Raises BadNetwork if there is none of these numbers.
    """
    heard = network.sizes[:-1]
    if not 0 <= layer < len(heard):
        raise BadNetwork(
            "There is no layer {layer} to break. Choose one from 0, the pixels, to {last}.",
            layer=layer,
            last=len(heard) - 1,
        )
    if unit is not None and not 0 <= unit < heard[layer]:
        raise BadNetwork(
            "Layer {layer} has no neuron {unit}. Choose one from 0 to {last}.",
            layer=layer,
            unit=unit,
            last=heard[layer] - 1,
        )
    network.weights[layer][:, slice(None) if unit is None else unit] = 0


# What follows


@dataclass(frozen=True)
class Standing:
    """How a network does.

    Attributes
    ----------
    cost : float >= 0, or None
        On the drawing with its right label, if that is known.
    answer : nn.model.Answer
        To the drawing.
    digits : nn.report.Report
        On the test digits.
    """

    cost: float | None
    answer: Answer
    digits: Report

    @classmethod
    def of(
        cls,
        network: SigmoidNetwork,
        temperature: float,
        pixels: Pixels,
        label: int | None = None,
    ) -> Self:
        """pixels : (64,), 0..16; label : the digit that they show, or None"""
        model, cost = Model(network, temperature), None
        if label is not None:
            cost = network.cost(*drawing(pixels, label, network.parameters.dtype))
        answer = model.judge(np.atleast_2d(pixels))[0]
        return cls(cost, answer, Report(model, held_out_digits()))
