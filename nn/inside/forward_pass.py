"""One picture on its way through a network, with every number in between.

The activations are those of `SigmoidNetwork.forward`, of the network that predicts. Layers are
counted from the inputs: layer 0 holds the inputs, layer 1 the first hidden neurons, the last
layer the ten outputs. Symbols are those of `nn.network`.

What matters for an output is measured by how its weighted input z_out changes, to first order:
a neuron with activation a raises z_out by a * dz_out/da. In the last hidden layer this is the
product w_out * a, so that there it is no approximation.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from nn.model import Model, scaled
from nn.network import Floats

Indices = NDArray[np.intp]

MOST_NEURONS = 16  # of a layer that are told one by one
MOST_TERMS = 64  # of a sum that are told one by one: all cells of a picture
MOST_CONNECTIONS = 40  # from one layer to the next


@dataclass(frozen=True)
class WeightedSum:
    """How one neuron comes to its activation: z = sum of w * a_in + bias, a = sigmoid(z).

    Attributes
    ----------
    layer, neuron : int
    sources : ndarray of shape (n_terms,)
        Neurons of the layer before, in order. If there are more than MOST_TERMS, only those
        whose products are largest.
    inputs, weights, products : ndarrays of shape (n_terms,)
        a_in, w and w * a_in of each source.
    n_rest, rest : int and float
        How many products are not listed, and their sum.
    total : float
        Sum of all products.
    bias, z, a : float
    """

    layer: int
    neuron: int
    sources: Indices
    inputs: Floats
    weights: Floats
    products: Floats
    n_rest: int
    rest: float
    total: float
    bias: float
    z: float
    a: float


@dataclass(frozen=True)
class Connections:
    """The connections from one layer to the next through which most goes to an output.

    Attributes
    ----------
    sources, targets : ndarrays of shape (n,)
        Neurons that they connect.
    shares : ndarray of shape (n,)
        w * a_in * dz_out/dz: how much each raises the output's weighted input, to first order.
        The shares of all connections from a neuron add up to what the neuron raises it by.
    """

    sources: Indices
    targets: Indices
    shares: Floats


class ForwardPass:
    """The forward pass of a model for one picture.

    Parameters
    ----------
    model : Model
    pixels : ndarray of shape (64,), 0..16

    Attributes
    ----------
    network : SigmoidNetwork
    activations : list of ndarrays of shape (n,)
        Of every layer, the inputs first.
    """

    def __init__(self, model: Model, pixels: NDArray[np.number]) -> None:
        self.model, self.network = model, model.network
        self._x = scaled(pixels.reshape(1, -1), self.network.parameters.dtype)
        self.activations = [a[0] for a in self.network.forward(self._x)]

    @property
    def sizes(self) -> list[int]:
        return self.network.sizes

    @property
    def last(self) -> int:
        """The number of the output layer."""
        return len(self.sizes) - 1

    @property
    def x(self) -> Floats:
        """The picture as a mini-batch of one, (1, 64), 0..1."""
        return self._x

    def weighted_inputs(self, layer: int) -> Floats:
        """z of a layer from 1 to `last`, (n,)."""
        z: Floats = self.activations[layer - 1].dot(self.network.weights[layer - 1].T)
        return z + self.network.biases[layer - 1]

    @cached_property
    def logits(self) -> Floats:
        """z of the ten outputs, (10,)."""
        return self.weighted_inputs(self.last)

    @cached_property
    def relative_odds(self) -> Floats:
        """exp((z - the largest z) / temperature) of the ten outputs, (10,), 0..1.

        The largest is taken off so that no exponential overflows; the ratios stay the same.
        """
        z = self.logits.astype(np.float64) / self.model.temperature
        odds: Floats = np.exp(z - z.max())
        return odds

    @cached_property
    def probabilities(self) -> Floats:
        """Of the ten digits, (10,): softmax of z / temperature, as `Model.judge` gives them."""
        probabilities: Floats = self.relative_odds / self.relative_odds.sum()
        return probabilities

    @property
    def digit(self) -> int:
        """The most probable digit."""
        return int(self.logits.argmax())

    def weighted_sum(self, layer: int, neuron: int) -> WeightedSum:
        """How a neuron of a layer from 1 to `last` comes to its activation."""
        a_in, w = self.activations[layer - 1], self.network.weights[layer - 1][neuron]
        products = w * a_in
        listed = np.sort(strongest(products, MOST_TERMS))
        total = products.sum()
        return WeightedSum(
            layer,
            neuron,
            listed,
            a_in[listed],
            w[listed],
            products[listed],
            n_rest=len(products) - len(listed),
            rest=float(total - products[listed].sum()),
            total=float(total),
            bias=float(self.network.biases[layer - 1][neuron]),
            z=float(self.weighted_inputs(layer)[neuron]),
            a=float(self.activations[layer][neuron]),
        )

    @cached_property
    def slopes(self) -> list[Floats]:
        """dz_out/da of every layer but the last, inputs first: (10, n), a row per output."""
        found = [self.network.weights[-1]]
        for layer in range(self.last - 1, 0, -1):
            behind = self.network.through_sigmoid(found[0], self.activations[layer])
            found.insert(0, behind.dot(self.network.weights[layer - 1]))
        return found

    def raises(self, layer: int, output: int) -> Floats:
        """How much each neuron of a layer raises an output's z, to first order: (n,)."""
        found: Floats = self.activations[layer] * self.slopes[layer][output]
        return found

    def shown(self, layer: int, output: int) -> Indices:
        """The neurons of a layer that matter most for an output, up to MOST_NEURONS.

        Those with the largest |a * dz_out/da|, the largest first.
        """
        return strongest(self.raises(layer, output), MOST_NEURONS)

    def connections(
        self, layer: int, output: int, sources: Indices, targets: Indices
    ) -> Connections:
        """The MOST_CONNECTIONS strongest from `sources` in a layer to `targets` in the next.

        Fewer if there are fewer with any share in the output.
        """
        w = self.network.weights[layer][np.ix_(targets, sources)]
        shares = self._slopes_of_z(layer + 1, output)[targets, None] * w
        shares = shares * self.activations[layer][sources]
        listed = strongest(shares.ravel(), MOST_CONNECTIONS)
        listed = listed[shares.ravel()[listed] != 0]
        rows, columns = np.unravel_index(listed, shares.shape)
        return Connections(sources[columns], targets[rows], shares[rows, columns])

    def _slopes_of_z(self, layer: int, output: int) -> Floats:
        """dz_out/dz of the neurons of a layer from 1 to `last`, (n,)."""
        if layer == self.last:
            return np.equal(np.arange(self.sizes[-1]), output).astype(self._x.dtype)
        a = self.activations[layer]
        return self.network.through_sigmoid(self.slopes[layer][output], a)

    def looks_for(self, layer: int) -> Floats:
        """dz/dx of the neurons of a layer from 1 to `last`: (n, 64), a picture per neuron.

        In layer 1 these are the weights. Further on they hold near this picture only.
        """
        found = self.network.weights[0]
        for before in range(1, layer):
            a = self.activations[before]
            passed_on = self.network.through_sigmoid(self.network.weights[before], a)
            found = passed_on.dot(found)
        return found


def strongest(values: Floats, most: int) -> Indices:
    """Positions of the largest |values|, (up to `most`,), the largest first."""
    size = np.abs(values)
    best = np.arange(len(size))
    if len(size) > most:  # sorting them all would take ten times as long
        best = np.sort(np.argpartition(-size, most - 1)[:most])
    return best[np.argsort(-size[best], kind="stable")]
