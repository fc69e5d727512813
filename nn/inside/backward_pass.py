"""What an answer costs, and how each weight would have to change: one picture, backwards.

The gradients are those of `SigmoidNetwork.backprop`. For a mini-batch of one picture, the
gradient of a bias is delta = dC/dz of its neuron. Layers are counted as in
`nn.inside.forward_pass`; the weights of layer l lead from layer l - 1 to layer l. Symbols are
those of `nn.network`.
"""

from dataclasses import dataclass

import numpy as np

from nn.digits import one_hot
from nn.inside.forward_pass import MOST_NEURONS, ForwardPass, Indices, strongest
from nn.network import Floats, SigmoidNetwork, cross_entropy

MOST_WEIGHTS = 3  # of each layer that want to change most
CERTAINTIES = (0.999, 0.99, 0.9, 0.5, 0.1, 0.01, 0.001)  # examples of an output


@dataclass(frozen=True)
class Cost:
    """The cross-entropy cost of one answer, given the right label.

    Attributes
    ----------
    terms : ndarray of shape (10,)
        -ln a of the label's output, -ln (1 - a) of the other nine.
    total : float
        Their sum, which is `SigmoidNetwork.cost`.
    by_label : ndarray of shape (10,)
        What the same answer would cost if this digit were the right one.
    """

    terms: Floats
    total: float
    by_label: Floats


def cost(forward: ForwardPass, label: int) -> Cost:
    """The cost of the answer if `label`, 0..9, is right."""
    z = forward.logits.astype(np.float64)[None]
    rows = one_hot(np.arange(z.size))
    terms = [cross_entropy(z[:, [k]], rows[[label]][:, [k]]) for k in range(z.size)]
    by_label = [cross_entropy(z, row[None]) for row in rows]
    return Cost(np.array(terms), by_label[label], np.array(by_label))


def cost_of_certainty() -> list[tuple[float, float, float]]:
    """For each of CERTAINTIES as output a: (a, -ln a, -ln (1 - a)).

    The first cost is due if the output is that of the right digit, the second if it is not.
    """
    return [(a, float(-np.log(a)), float(-np.log1p(-a))) for a in CERTAINTIES]


@dataclass(frozen=True)
class Weight:
    """A weight w, from neuron `source` of the layer before to `target` of `layer`.

    gradient is dC/dw: a step of learning moves the weight the other way.
    """

    layer: int
    source: int
    target: int
    value: float
    gradient: float


@dataclass(frozen=True)
class Factor:
    """One factor of a chain: what it is, where, and its value.

    kind : "delta"   a - y of output `neuron`
           "weight"  w from `source` in the layer before to `neuron`
           "slope"   sigmoid'(z) = a (1 - a) of `neuron`
           "input"   x of pixel `neuron`, in layer 0
    """

    kind: str
    layer: int
    neuron: int
    value: float
    source: int | None = None


@dataclass(frozen=True)
class Chain:
    """The chain rule for one weight w of layer 1, along one path to one output.

    Attributes
    ----------
    pixel, neuron, output : int
        The weight leads from `pixel` to `neuron`, the path on to `output`.
    factors : list of Factor
        From the output back to the pixel.
    product : float
        Of the factors: what this path adds to dC/dw.
    by_output : ndarray of shape (10,)
        What all paths to each output add to dC/dw.
    n_paths : int
        How many paths there are from `neuron` to all outputs.
    gradient : float
        dC/dw: the sum of `by_output`, and of all paths.
    gradients : ndarray of shape (64,)
        dC/dw of all weights to the same neuron.
    """

    pixel: int
    neuron: int
    output: int
    factors: list[Factor]
    product: float
    by_output: Floats
    n_paths: int
    gradient: float
    gradients: Floats


class BackwardPass:
    """The backward pass of a network for one picture and its right label.

    Parameters
    ----------
    forward : ForwardPass
    label : int, 0..9

    Attributes
    ----------
    deltas : list of ndarrays of shape (n,)
        dC/dz of each layer from 1 to the last: that of layer l is deltas[l - 1].
    gradients : list of ndarrays of shape (n, n_in)
        dC/dw of each layer, in the same order.
    """

    def __init__(self, forward: ForwardPass, label: int) -> None:
        self.forward = forward
        # Backprop fills the network's gradient, and others may use the same network now: this
        # one has the same parameters and a gradient of its own.
        network = SigmoidNetwork.of(forward.network.sizes, forward.network.parameters)
        y = one_hot([label]).astype(forward.x.dtype)
        self.gradients, self.deltas = network.backprop(forward.x, y)

    def shown(self, layer: int) -> Indices:
        """The neurons of a layer with the largest |delta|, up to MOST_NEURONS."""
        return strongest(self.deltas[layer - 1], MOST_NEURONS)

    def arriving(self, layer: int) -> Floats:
        """dC/da of a hidden layer, (n,): the deltas of the next, times the weights to them."""
        found: Floats = self.deltas[layer].dot(self.forward.network.weights[layer])
        return found

    def weights_that_change(self) -> list[Weight]:
        """The MOST_WEIGHTS weights of each layer with the largest |dC/dw|, largest first."""
        return [
            self._weight_at(layer, *divmod(int(position), nabla.shape[1]))
            for layer, nabla in enumerate(self.gradients, start=1)
            for position in strongest(nabla.ravel(), MOST_WEIGHTS)
        ]

    def _weight_at(self, layer: int, target: int, source: int) -> Weight:
        value = float(self.forward.network.weights[layer - 1][target, source])
        gradient = float(self.gradients[layer - 1][target, source])
        return Weight(layer, source, target, value, gradient)

    def chain(
        self, pixel: int | None = None, neuron: int | None = None, output: int | None = None
    ) -> Chain:
        """The chain rule for the weight from a pixel to a neuron of layer 1, by one path.

        What is None is chosen: the weight that wants to change most, then the output that adds
        most to its gradient. Between neuron and output, the path takes from layer to layer the
        neuron through which most goes.
        """
        neuron, pixel = self._choose(neuron, pixel)
        by_output = self._by_output(pixel, neuron)
        if output is None:
            output = int(np.abs(by_output).argmax())
        path = self._path(neuron, output)
        factors = self._factors(pixel, path)
        return Chain(
            pixel,
            neuron,
            path[-1],
            factors,
            product=float(np.prod([factor.value for factor in factors])),
            by_output=by_output,
            n_paths=int(np.prod(self.forward.sizes[2:])),
            gradient=float(self.gradients[0][neuron, pixel]),
            gradients=self.gradients[0][neuron],
        )

    def _choose(self, neuron: int | None, pixel: int | None) -> tuple[int, int]:
        """Neuron and pixel of the weight of layer 1 with the largest |gradient| among these."""
        size = np.abs(self.gradients[0])
        if neuron is None:
            column = size.max(axis=1) if pixel is None else size[:, pixel]
            neuron = int(column.argmax())
        return neuron, int(size[neuron].argmax()) if pixel is None else pixel

    def _by_output(self, pixel: int, neuron: int) -> Floats:
        """delta_out * dz_out/dz * x for each output: its part of the weight's dC/dw, (10,)."""
        forward = self.forward
        slope: Floats = np.equal(np.arange(forward.sizes[-1]), neuron).astype(forward.x.dtype)
        if forward.last > 1:
            a = forward.activations[1][neuron]
            slope = forward.network.through_sigmoid(forward.slopes[1][:, neuron], a)
        found: Floats = self.deltas[-1] * slope * forward.activations[0][pixel]
        return found

    def _path(self, neuron: int, output: int) -> list[int]:
        """Neurons of layer 1 to the last, from `neuron` to `output`."""
        forward, path = self.forward, [neuron]
        for layer in range(2, forward.last):
            a, onward = forward.activations[layer], forward.slopes[layer][output]
            through = forward.network.weights[layer - 1][:, path[-1]]
            through = forward.network.through_sigmoid(through * onward, a)
            path.append(int(np.abs(through).argmax()))
        # Without hidden layers, the neuron is the output.
        return [*path, output] if forward.last > 1 else path

    def _factors(self, pixel: int, path: list[int]) -> list[Factor]:
        forward = self.forward
        output = path[-1]
        factors = [Factor("delta", forward.last, output, float(self.deltas[-1][output]))]
        for layer in range(forward.last, 1, -1):
            target, source = path[layer - 1], path[layer - 2]
            weight = float(forward.network.weights[layer - 1][target, source])
            factors.append(Factor("weight", layer, target, weight, source))
            a = forward.activations[layer - 1][source]
            slope = forward.network.through_sigmoid(np.ones_like(a), a)
            factors.append(Factor("slope", layer - 1, source, float(slope)))
        factors.append(Factor("input", 0, pixel, float(forward.activations[0][pixel])))
        return factors
