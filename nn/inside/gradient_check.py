"""Is a gradient right? Nudge a parameter up and down, and see what that does to the cost.

The central difference (C(w + h) - C(w - h)) / 2h needs the forward pass only, so that a mistake
in the backward pass cannot hide in it. It costs two forward passes for every parameter, which
is why one checks with it and learns with backpropagation.

Check in float64: in float32 the difference of two costs keeps two or three digits.
"""

from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import NamedTuple

import numpy as np

from nn.network import Floats, SigmoidNetwork, n_parameters
from nn.refusal import Refusal

NUDGE = 1e-5  # rounding and curvature cost about the same here
FLOOR = 1e-3  # gradients run up to 0.6; below this an error counts as a share of the floor
TOLERANCE = 1e-6  # of the relative error; a right gradient in float64 stays below


class Place(NamedTuple):
    """Where a weight is: `weights[layer][row, column]`."""

    layer: int
    row: int  # the neuron that it leads to
    column: int  # the neuron, or the input, that it comes from


class Slope(NamedTuple):
    """What nudging one parameter shows.

    above, below : the cost with the parameter a nudge larger, and a nudge smaller
    """

    above: float
    below: float

    @property
    def value(self) -> float:
        """dC/dw: rise over run."""
        return (self.above - self.below) / (2 * NUDGE)


def nudged(parameters: Floats, index: int, cost: Callable[[], float]) -> Slope:
    """How the cost changes with `parameters[index]`, which is put back afterwards."""
    value = parameters[index]
    try:
        parameters[index] = value + NUDGE
        above = cost()
        parameters[index] = value - NUDGE
        return Slope(above, cost())
    finally:
        parameters[index] = value


def relative_error(found: float | Floats, expected: float | Floats) -> Floats:
    """How far gradients lie apart: |found - expected| / max(|expected|, FLOOR), >= 0."""
    error: Floats = np.abs(np.subtract(found, expected)) / np.maximum(np.abs(expected), FLOOR)
    return error


def index_of(sizes: list[int], place: Place) -> int:
    """The position of a weight in `parameters`; Refusal if there is no such weight."""
    layers = list(pairwise(sizes))
    if not 0 <= place.layer < len(layers):
        raise Refusal(
            "There is no weight matrix {layer}. Choose one from 0 to {last}.",
            code="no_such_weight",
            layer=place.layer,
            last=len(layers) - 1,
        )
    n_in, n_out = layers[place.layer]
    if not (0 <= place.row < n_out and 0 <= place.column < n_in):
        raise Refusal(
            "Weight matrix {layer} has rows 0 to {last_row} and columns 0 to {last_column}; "
            "there is no weight at row {row}, column {column}.",
            code="no_such_weight",
            last_row=n_out - 1,
            last_column=n_in - 1,
            **place._asdict(),
        )
    start = n_parameters(sizes[: place.layer + 1])
    return start + place.row * n_in + place.column


def sample_of_places(sizes: list[int], layer: int, n: int, seed: int) -> list[Place]:
    """n weights of a layer by chance, the same ones for the same seed.

    Raises Refusal if there is no such layer.
    """
    index_of(sizes, Place(layer, 0, 0))
    n_in, n_out = sizes[layer], sizes[layer + 1]
    places = np.random.default_rng(seed).integers(0, (n_out, n_in), (n, 2))
    return [Place(layer, row, column) for row, column in places.tolist()]


def steepest(network: SigmoidNetwork, x: Floats, y: Floats, layer: int) -> Place:
    """The weight of a layer with the largest gradient; Refusal if there is no such layer."""
    index_of(network.sizes, Place(layer, 0, 0))
    right = SigmoidNetwork.of(network.sizes, network.parameters)
    slopes = np.abs(right.backprop(x, y)[0][layer])
    row, column = divmod(int(slopes.argmax()), slopes.shape[1])
    return Place(layer, row, column)


class Checked(NamedTuple):
    """A weight, its slope by nudging, and its gradient by backpropagation."""

    place: Place
    value: float  # the weight itself
    slope: Slope
    gradient: float

    @property
    def error(self) -> float:
        """The relative error of the gradient."""
        return float(relative_error(self.gradient, self.slope.value))

    @property
    def is_right(self) -> bool:
        return self.error < TOLERANCE


def check(
    network: SigmoidNetwork, x: Floats, y: Floats, places: Iterable[Place]
) -> list[Checked]:
    """Compare `network.backprop` with nudging, weight by weight.

    network : in float64; its parameters are moved and put back
    x, y : (m, sizes[0]) and (m, sizes[-1])
    """
    network.backprop(x, y)
    checked = []
    for place in places:
        i = index_of(network.sizes, place)
        slope = nudged(network.parameters, i, lambda: network.cost(x, y))
        gradient = float(network.gradient[i])
        checked.append(Checked(place, float(network.parameters[i]), slope, gradient))
    return checked
