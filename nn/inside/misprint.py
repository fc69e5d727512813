"""The article's network with the line for the hidden gradient as it is printed there.

The article derives the right gradient in its text. Its code reads

    nabla_w[-i] = np.dot(np.transpose(delta), activations[-i].reshape(len(activations[-i]), 1))

With a single sample, delta is a column (n_out, 1), and so is `activations[-i]`, the activations
of the very layer that the weights lead to. A row times a column is one number, the sum of
delta_j a_j, and NumPy spreads it over the whole matrix without a word. The outer product of
delta with the activations of the layer *before* is meant: activations[-i-1].
"""

import numpy as np

from nn.network import Floats, Rate, SigmoidNetwork


class MisprintedNetwork(SigmoidNetwork):
    """A SigmoidNetwork that learns by the printed line. Everything else is right."""

    def backprop(
        self, x: Floats, y: Floats, rate: Rate = 1.0
    ) -> tuple[list[Floats], list[Floats]]:
        """As the base, but every weight of a hidden layer gets the same gradient."""
        activations = self.forward(x)
        last = len(self.weights) - 1
        delta: Floats = (activations[-1] - y) / np.array(len(x) / rate, x.dtype)
        for layer in reversed(range(len(self.weights))):
            a_in, a_out = activations[layer], activations[layer + 1]
            self.nabla_b[layer][:] = delta.sum(axis=0)
            if layer == last:
                self.nabla_w[layer][:] = delta.T.dot(a_in)
            else:
                self.nabla_w[layer][:] = np.sum(delta * a_out)  # the printed line
            if layer > 0:
                delta = self.through_sigmoid(delta.dot(self.weights[layer]), a_in)
        return self.nabla_w, self.nabla_b
