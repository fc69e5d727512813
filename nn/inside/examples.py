"""Which of the test digits excite a neuron most: a hint of what it is for."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nn import neighbours
from nn.digits import Labels, Pixels
from nn.inside.forward_pass import Indices
from nn.model import scaled
from nn.network import Floats, SigmoidNetwork

EXAMPLES = 3  # of each neuron


@dataclass(frozen=True)
class Examples:
    """The test digits that excite one neuron most, the strongest first.

    pixels has shape (EXAMPLES, 64), 0..16; labels and activations have shape (EXAMPLES,).
    """

    pixels: Pixels
    labels: Labels
    activations: Floats


def exciting(network: SigmoidNetwork, shown: Sequence[Indices]) -> list[list[Examples]]:
    """The test digits that excite neurons most: for each hidden layer, one for each in `shown`.

    shown : neurons of layer 1, of layer 2, ...
    """
    pixels, labels = neighbours.held_out()
    activations = network.forward(scaled(pixels, network.parameters.dtype))
    return [
        [_best(pixels, labels, a[:, neuron]) for neuron in neurons]
        for a, neurons in zip(activations[1:-1], shown, strict=True)
    ]


def _best(pixels: Pixels, labels: Labels, a: Floats) -> Examples:
    rows = np.argsort(-a, kind="stable")[:EXAMPLES]
    return Examples(pixels[rows], labels[rows], a[rows])
