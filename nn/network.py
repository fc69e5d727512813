"""A feed-forward network of sigmoid neurons: initialise, forward, cost, backpropagation.

The symbols, for one layer and a mini-batch of m samples, one sample a row:

    a_in   (m, n_in)       activations of the layer before; for the first layer the inputs x
    w, b   (n_out, n_in)   weights and, of shape (n_out,), biases
    z      (m, n_out)      weighted inputs, z = a_in @ w.T + b; of the last layer: the logits
    a      (m, n_out)      activations, a = sigmoid(z)
    y      (m, n_classes)  targets: one-hot rows
    delta  (m, n_out)      dC/dz: how the cost C changes with the weighted inputs

Equations BP1 to BP4 and the cross-entropy cost are those of M. Nielsen, "Neural Networks
and Deep Learning" (2015), chapters 2 and 3, written for a whole mini-batch at once.

The constants in the formulas are arrays without dimensions, of the network's dtype: NumPy
would convert a Python float anew in every operation, which takes as long as the operation.
"""

from collections.abc import Iterable
from itertools import pairwise
from typing import Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

Floats = NDArray[np.floating]
Rate = float | Floats  # learning rate above 0: one, or one for each sample, (m, 1)
Seed = int | np.random.Generator | None


class SigmoidNetwork:
    """Layers of sigmoid neurons with a cross-entropy cost.

    All weights and biases lie in one flat vector, `parameters`; `weights` and `biases` are
    views of it, layer by layer, so that an optimiser moves them all in one operation. In the
    same way `nabla_w` and `nabla_b` are views of `gradient`, which `backprop` fills.

    Parameters
    ----------
    sizes : sequence of at least two positive ints
        Neurons per layer, inputs first: [64, 15, 10].
    random_state : None, int or numpy.random.Generator
        Seed of the initial weights; the same seed gives the same weights.
    dtype : numpy.float64 or numpy.float32
        Of parameters and activations.

    Raises
    ------
    ValueError
        If sizes are fewer than two or not all positive whole numbers.
    """

    def __init__(
        self, sizes: Iterable[int], random_state: Seed = None, dtype: DTypeLike = np.float64
    ) -> None:
        sizes = _checked_sizes(sizes)
        self._lay_out(sizes, np.zeros(n_parameters(sizes), dtype))
        rng = np.random.default_rng(random_state)
        for w in self.weights:
            # 1/sqrt(n_in) keeps z near 1, where the sigmoid is steep and learns (LeCun 1998).
            w[:] = rng.standard_normal(w.shape) / np.sqrt(w.shape[1])

    @classmethod
    def of(cls, sizes: list[int], parameters: Floats) -> Self:
        """The network whose `parameters` are these, of shape (n_parameters(sizes),)."""
        network = cls.__new__(cls)
        network._lay_out(sizes, parameters)
        return network

    def _lay_out(self, sizes: list[int], parameters: Floats) -> None:
        self.sizes, self.parameters = sizes, parameters
        self.gradient = np.zeros_like(parameters)
        self.weights, self.biases = self._by_layer(self.parameters)
        self.nabla_w, self.nabla_b = self._by_layer(self.gradient)

    def _by_layer(self, vector: Floats) -> tuple[list[Floats], list[Floats]]:
        weights, biases, start = [], [], 0
        for n_in, n_out in pairwise(self.sizes):
            stop = start + n_out * n_in
            weights.append(vector[start:stop].reshape(n_out, n_in))
            biases.append(vector[stop : stop + n_out])
            start = stop + n_out
        return weights, biases

    # A copy or a pickle makes the views anew: copied one by one, they would be views no more.
    def __getstate__(self) -> tuple[list[int], Floats]:
        return self.sizes, self.parameters

    def __setstate__(self, state: tuple[list[int], Floats]) -> None:
        self._lay_out(*state)

    def forward(self, x: Floats) -> list[Floats]:
        """Activations of every layer, the inputs first: a list of (m, size) arrays.

        x has shape (m, sizes[0]), scaled to about 0..1. The last entry holds the outputs,
        one independent sigmoid per class, in 0..1.
        """
        activations = [x]
        for w, b in zip(self.weights, self.biases):
            z = activations[-1].dot(w.T) + b
            activations.append(sigmoid(z))
        return activations

    def logits(self, x: Floats) -> Floats:
        """Weighted inputs z of the output layer, shape (m, n_classes)."""
        a = x
        for w, b in zip(self.weights[:-1], self.biases[:-1]):
            a = sigmoid(a.dot(w.T) + b)
        z: Floats = a.dot(self.weights[-1].T) + self.biases[-1]
        return z

    def predict_proba(self, x: Floats) -> Floats:
        """Probability of each class, given that exactly one is true: rows that sum to 1."""
        return softmax(self.logits(x))

    def cost(self, x: Floats, y: Floats) -> float:
        """Cross-entropy of the outputs, summed over classes, averaged over samples; >= 0."""
        return cross_entropy(self.logits(x), y)

    def backprop(
        self, x: Floats, y: Floats, rate: Rate = 1.0
    ) -> tuple[list[Floats], list[Floats]]:
        """Gradient of `cost` for one mini-batch, times `rate`: (nabla_w, nabla_b).

        x has shape (m, sizes[0]), y (m, sizes[-1]). The two lists hold arrays of the shapes of
        `weights` and `biases`; the next call fills the same arrays anew.
        """
        activations = self.forward(x)
        ones = np.array(1, x.dtype).repeat(len(x))
        delta: Floats = (activations[-1] - y) / np.array(len(x) / rate, x.dtype)  # BP1
        for layer in reversed(range(len(self.weights))):
            a_in = activations[layer]
            ones.dot(delta, out=self.nabla_b[layer])  # BP3: delta's sum over the samples
            delta.T.dot(a_in, out=self.nabla_w[layer])  # BP4
            if layer > 0:
                delta = self.through_sigmoid(delta.dot(self.weights[layer]), a_in)  # BP2
        return self.nabla_w, self.nabla_b

    def through_sigmoid(self, slope: Floats, a: Floats) -> Floats:
        """dC/dz from dC/da: times sigmoid'(z), which is a (1 - a). Shapes (m, n)."""
        return slope * a * (np.array(1, a.dtype) - a)


def n_parameters(sizes: Iterable[int]) -> int:
    """How many weights and biases a network with layers of these sizes has."""
    return sum(n_out * (n_in + 1) for n_in, n_out in pairwise(sizes))


def sigmoid(z: Floats) -> Floats:
    """1 / (1 + exp(-z)), in 0..1, written with tanh, which cannot overflow."""
    half = np.array(0.5, z.dtype)
    return half * np.tanh(half * z) + half


def cross_entropy(z: Floats, y: Floats, weights: float | Floats = 1.0) -> float:
    """-y ln a - (1 - y) ln(1 - a), a = sigmoid(z), summed over classes, averaged over rows.

    z and y have shape (m, n_classes), the rows' weights (m, 1), 1 on average. Written
    as ln(1 + exp(z)) - y z, and that through sigmoid(|z|) >= 0.5, so that no logarithm ever
    meets 0 and no exponential overflows.
    """
    softplus = np.maximum(z, 0) - np.log(sigmoid(np.abs(z)))
    return float(np.sum(weights * (softplus - y * z)) / len(z))


def softmax(z: Floats) -> Floats:
    """exp(z) / sum(exp(z)) along the last axis: rows in 0..1 that sum to 1."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    probabilities: Floats = e / e.sum(axis=-1, keepdims=True)
    return probabilities


def _checked_sizes(sizes: Iterable[int]) -> list[int]:
    sizes = list(sizes)
    whole = all(isinstance(n, (int, np.integer)) and n >= 1 for n in sizes)
    if len(sizes) < 2 or not whole:
        raise ValueError(
            f"sizes: {sizes!r} is not a list of two or more whole numbers from 1 up, "
            "such as [64, 15, 10]."
        )
    return [int(n) for n in sizes]
