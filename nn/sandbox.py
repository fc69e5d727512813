"""A private copy of a network to play with: take steps, train, break, and see what follows.

Nothing is kept between two calls. The network comes and goes as bytes: its `parameters`, layer
by layer, first the weights row by row and then the biases, in little-endian float32 or float64.
The same bytes and the same seed give the same network again, bit by bit.
"""

import dataclasses
import math
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from nn import digits
from nn.digits import Labels, Pixels
from nn.files import MAX_MAGNITUDE
from nn.model import Answer, Model, scaled
from nn.network import Floats, SigmoidNetwork, n_parameters
from nn.optimisers import GradientDescent
from nn.refusal import Refusal
from nn.report import Report, held_out_digits
from nn.training import Diverged, Epoch, shuffled, train

Precision = Literal["float32", "float64"]
Batch = tuple[Floats, Floats]  # x (m, 64), 0..1, and one-hot y (m, 10)

STEPS = (1, 10, 100)  # how many may be taken at once
BATCH_SIZE = 10  # the article's
MAX_BYTES = 600_000  # of the parameters: with these a hundred steps stay below 50 ms
MAX_EPOCHS = 200


class SandboxError(Refusal):
    """A network that the sandbox cannot take."""

    code = "bad_network"


# A network as bytes


def checked_sizes(sizes: list[int], precision: Precision = "float32") -> list[int]:
    """The sizes; SandboxError if a network of these sizes reads no digits or is too large."""
    if len(sizes) < 2 or sizes[0] != 64 or sizes[-1] != digits.N_CLASSES:
        raise SandboxError(
            "The layers are {sizes}; the first must have 64 neurons, one per pixel, and the "
            "last 10, one per digit.",
            sizes=sizes,
        )
    n, limit = n_parameters(sizes), MAX_BYTES // np.dtype(precision).itemsize
    if n > limit:
        raise SandboxError(
            "This network has {n:,} weights and biases; the sandbox takes up to {limit:,}. "
            "Choose a smaller network.",
            n=n,
            limit=limit,
        )
    return sizes


def to_bytes(network: SigmoidNetwork) -> bytes:
    """The parameters, little-endian, in the network's own precision."""
    parameters = network.parameters
    return parameters.astype(parameters.dtype.newbyteorder("<"), copy=False).tobytes()


def from_bytes(
    sizes: list[int], data: bytes, precision: Precision = "float32"
) -> SigmoidNetwork:
    """The network whose parameters `to_bytes` gave; SandboxError if they are not."""
    n = n_parameters(checked_sizes(sizes, precision))
    dtype = np.dtype(precision)
    if len(data) != n * dtype.itemsize:
        raise SandboxError(
            "The weights are {found:,} bytes; layers {sizes} in {precision} need {needed:,}.",
            found=len(data),
            sizes=sizes,
            precision=precision,
            needed=n * dtype.itemsize,
        )
    parameters = np.frombuffer(data, dtype.newbyteorder("<")).astype(dtype)
    if not np.isfinite(parameters).all():
        raise SandboxError("One of the weights is not a finite number. Rewind to earlier ones.")
    return SigmoidNetwork.of(sizes, parameters)


def private_copy(network: SigmoidNetwork) -> SigmoidNetwork:
    """The same network with parameters of its own; SandboxError if it is too large."""
    return SigmoidNetwork.of(checked_sizes(network.sizes), network.parameters.copy())


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
    """One step of gradient descent on each mini-batch, in place.

    Raises Diverged if a weight is then beyond what a model file may hold: all its neurons are
    0 or 1 to the last digit, no slope is left, and no further step can mend it.
    """
    optimiser = GradientDescent()
    with np.errstate(over="ignore", invalid="ignore"):  # seen below
        for x, y in batches:
            optimiser.step(network, x, y, learning_rate)
    largest = float(np.abs(network.parameters).max())
    if not largest <= MAX_MAGNITUDE:  # no comparison holds for NaN
        raise Diverged(
            "At a learning rate of {rate:g} a weight grew to {largest:.2g}: the cost is as "
            "good as infinite, and no further step can mend it. Rewind, and choose a smaller "
            "learning rate.",
            rate=learning_rate,
            largest=largest if math.isfinite(largest) else math.inf,
        )


def train_epoch(network: SigmoidNetwork, number: int, seed: int, learning_rate: float) -> Epoch:
    """Train in place for epoch `number`, from 1, on the 1,500 training digits.

    One epoch after the other makes the network of `nn.experiment` with the article's preset
    and this seed, bit by bit. Raises Diverged if the cost is NaN or infinite.
    """
    x, y = training_digits(network.parameters.dtype)
    sampler, rng = shuffled(len(x)), np.random.default_rng(seed)
    for _ in range(1, number):
        sampler(rng)  # the order of an earlier epoch
    test = test_digits(network.parameters.dtype)
    epochs = train(
        network,
        x,
        y,
        epochs=1,
        batch_size=BATCH_SIZE,
        learning_rate=learning_rate,
        sampler=sampler,
        random_state=rng,
        test=test,
    )
    try:
        return dataclasses.replace(next(epochs), number=number)
    except Diverged as error:
        raise Diverged(
            "At a learning rate of {rate:g} the cost became infinite in epoch {number}. Start "
            "again with a smaller learning rate.",
            rate=learning_rate,
            number=number,
        ) from error


def silence(network: SigmoidNetwork, layer: int, unit: int | None = None) -> None:
    """Make a neuron, or a pixel, 0 for all that listen to it, whatever it sees.

    layer : 0 for the pixels, 1 for the first hidden layer; not the outputs
    unit : its number in the layer, or None for all of the layer

    Raises SandboxError if there is none of these numbers.
    """
    heard = network.sizes[:-1]
    if not 0 <= layer < len(heard):
        raise SandboxError(
            "There is no layer {layer} to break. Choose one from 0, the pixels, to {last}.",
            layer=layer,
            last=len(heard) - 1,
        )
    if unit is not None and not 0 <= unit < heard[layer]:
        raise SandboxError(
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
    cost : float >= 0
        On the drawing with its right label.
    answer : nn.model.Answer
        To the drawing.
    digits : nn.report.Report
        On the test digits.
    """

    cost: float
    answer: Answer
    digits: Report

    @classmethod
    def of(
        cls, network: SigmoidNetwork, temperature: float, pixels: Pixels, label: int
    ) -> Self:
        """pixels : (64,), 0..16; label : the digit that they show"""
        model = Model(network, temperature)
        with np.errstate(over="ignore", invalid="ignore"):  # weights may be of any size
            cost = network.cost(*drawing(pixels, label, network.parameters.dtype))
            answer = model.judge(np.atleast_2d(pixels))[0]
            return cls(cost, answer, Report(model, held_out_digits()))
