"""A feed-forward network of sigmoid neurons: initialise, forward, cost, backpropagation.

The symbols, for one layer and a mini-batch of m samples, one sample a row:

    a_in   (m, n_in)       activations of the layer before; for the first layer the inputs x
    w, b   (n_out, n_in)   weights and, of shape (n_out,), biases
    z      (m, n_out)      weighted inputs, z = a_in @ w.T + b; of the last layer: the logits
    a      (m, n_out)      activations, a = sigmoid(z)
    y      (m, n_classes)  targets: one-hot rows
    delta  (m, n_out)      dC/dz, how the cost C answers to the weighted inputs

Equations BP1 to BP4 and the cross-entropy cost are those of M. Nielsen, "Neural Networks
and Deep Learning" (2015), chapters 2 and 3, written for a whole mini-batch at once.
"""

import numpy as np


class SigmoidNetwork:
    """Layers of sigmoid neurons with a cross-entropy cost.

    All weights and biases lie in one flat vector, `parameters`; `weights` and `biases` are
    views of it, layer by layer, so that an optimiser moves them all in one operation.

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

    def __init__(self, sizes, random_state=None, dtype=np.float64):
        self.sizes = _checked_sizes(sizes)
        n_parameters = sum(
            n_out * (n_in + 1) for n_in, n_out in zip(self.sizes, self.sizes[1:])
        )
        self.parameters = np.zeros(n_parameters, dtype)
        self.weights, self.biases = self.by_layer(self.parameters)
        rng = np.random.default_rng(random_state)
        for w in self.weights:
            # 1/sqrt(n_in) keeps z near 1, where the sigmoid is steep and learns (LeCun 1998).
            w[:] = rng.standard_normal(w.shape) / np.sqrt(w.shape[1])

    def by_layer(self, vector):
        """Views of a flat vector shaped like `parameters`: (weights, biases), a list each."""
        weights, biases, start = [], [], 0
        for n_in, n_out in zip(self.sizes, self.sizes[1:]):
            stop = start + n_out * n_in
            weights.append(vector[start:stop].reshape(n_out, n_in))
            biases.append(vector[stop : stop + n_out])
            start = stop + n_out
        return weights, biases

    def forward(self, x, keep=1.0, rng=None):
        """Activations of every layer, the inputs first: a list of (m, size) arrays.

        x has shape (m, sizes[0]), scaled to about 0..1. The last entry holds the outputs,
        one independent sigmoid per class, in 0..1. With keep < 1 each hidden activation
        survives with that probability, drawn from rng, and is divided by it: inverted
        dropout (Srivastava et al., 2014), for training only.
        """
        activations = [x]
        for w, b in zip(self.weights, self.biases):
            z = activations[-1].dot(w.T)
            z += b
            activations.append(sigmoid(z, out=z))
            if keep < 1 and len(activations) < len(self.sizes):
                activations[-1] *= (rng.random(z.shape, np.float32) < keep) / z.dtype.type(keep)
        return activations

    def logits(self, x):
        """Weighted inputs z of the output layer, shape (m, n_classes)."""
        a = x
        for w, b in zip(self.weights[:-1], self.biases[:-1]):
            z = a.dot(w.T)
            z += b
            a = sigmoid(z, out=z)
        return a.dot(self.weights[-1].T) + self.biases[-1]

    def predict_proba(self, x):
        """Probability of each class, given that exactly one is true: rows that sum to 1."""
        return softmax(self.logits(x))

    def cost(self, x, y):
        """Cross-entropy of the outputs, summed over classes, averaged over samples; >= 0."""
        return cross_entropy(self.logits(x), y)

    def backprop(self, x, y, out=None, keep=1.0, rng=None):
        """Gradient of `cost` for one mini-batch: (nabla_w, nabla_b), a list of arrays each.

        x has shape (m, sizes[0]), y (m, sizes[-1]). `out` takes views as `by_layer` makes
        them of a vector of one's own; they are filled and returned. keep and rng: dropout,
        see `forward`.
        """
        nabla_w, nabla_b = out or self.by_layer(np.empty_like(self.parameters))
        activations = self.forward(x, keep, rng)
        ones = np.ones(len(x), x.dtype)
        delta = activations[-1] - y  # BP1: sigmoid'(z) cancels against the cross-entropy's
        delta /= len(x)
        for layer in reversed(range(len(self.weights))):
            a_in = activations[layer]
            ones.dot(delta, out=nabla_b[layer])  # BP3
            delta.T.dot(a_in, out=nabla_w[layer])  # BP4
            if layer > 0:
                delta = delta.dot(self.weights[layer])  # BP2
                # sigmoid'(z) = a (1 - a), where a_in = a / keep, or 0 if dropped
                delta *= a_in
                delta *= 1 - keep * a_in
        return nabla_w, nabla_b


def sigmoid(z, out=None):
    """1 / (1 + exp(-z)), in 0..1, written with tanh, which cannot overflow."""
    out = np.multiply(z, 0.5, out=out)
    np.tanh(out, out=out)
    out *= 0.5
    out += 0.5
    return out


def cross_entropy(z, y):
    """-y ln a - (1 - y) ln(1 - a), a = sigmoid(z), summed over classes, averaged over rows.

    z and y have shape (m, n_classes). Written as ln(1 + exp(z)) - y z, and that through
    sigmoid(|z|) >= 0.5, so that no logarithm ever meets 0 and no exponential overflows.
    """
    softplus = np.maximum(z, 0) - np.log(sigmoid(np.abs(z)))
    return float(np.sum(softplus - y * z) / len(z))


def softmax(z):
    """exp(z) / sum(exp(z)) along the last axis: rows in 0..1 that sum to 1."""
    e = np.exp(z - z.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def _checked_sizes(sizes):
    sizes = list(sizes)
    whole = all(isinstance(n, (int, np.integer)) and n >= 1 for n in sizes)
    if len(sizes) < 2 or not whole:
        raise ValueError(
            f"sizes: {sizes!r} is not a list of two or more whole numbers from 1 up, "
            "such as [64, 15, 10]."
        )
    return [int(n) for n in sizes]
