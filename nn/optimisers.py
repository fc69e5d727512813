"""How a gradient moves the parameters, and how the learning rate changes during training."""

from typing import Protocol

import numpy as np

from nn.network import Floats, Rate, SigmoidNetwork


class Optimiser(Protocol):
    """What a training run asks of an optimiser."""

    def step(self, network: SigmoidNetwork, x: Floats, y: Floats, learning_rate: Rate) -> None:
        """Change the network's weights and biases in place, after one mini-batch (x, y)."""


class GradientDescent:
    """Plain steps downhill: parameters -= learning_rate * gradient."""

    def step(self, network: SigmoidNetwork, x: Floats, y: Floats, learning_rate: Rate) -> None:
        """Move the network's parameters in place, down its cost on the mini-batch (x, y)."""
        network.backprop(x, y, learning_rate)
        network.parameters -= network.gradient


class Momentum:
    """Steps downhill that keep a share of the steps before them, as a rolling ball does.

    velocity = momentum * velocity - learning_rate * gradient, and parameters += velocity. With
    `nesterov`, the parameters also go on by what the next step will keep of this velocity
    (Sutskever et al., "On the importance of initialization and momentum", 2013), in the form
    that scikit-learn's MLPClassifier uses.

    momentum : float, 0..1
    """

    def __init__(self, momentum: float = 0.9, nesterov: bool = True) -> None:
        self.momentum, self.nesterov = momentum, nesterov
        self.velocity: Floats | float = 0.0

    def step(self, network: SigmoidNetwork, x: Floats, y: Floats, learning_rate: Rate) -> None:
        """Move the network's parameters in place, down its cost on the mini-batch (x, y)."""
        network.backprop(x, y, learning_rate)
        self.velocity = self.momentum * self.velocity - network.gradient
        ahead = self.momentum * self.velocity - network.gradient
        network.parameters += ahead if self.nesterov else self.velocity


class Adam:
    """Steps scaled by each parameter's own past gradients (Kingma and Ba, 2015).

    Weight decay is decoupled from the gradient (Loshchilov and Hutter, "AdamW", 2019). The
    learning rate must be one number: Adam evens out the size of gradients, and so would undo
    rates of single samples.
    """

    beta1, beta2, epsilon = 0.9, 0.999, 1e-8  # the paper's

    def __init__(self, weight_decay: float = 1e-4) -> None:
        self.weight_decay = weight_decay
        self.steps = 0
        self.mean: Floats | float = 0.0
        self.square: Floats | float = 0.0

    def step(self, network: SigmoidNetwork, x: Floats, y: Floats, learning_rate: Rate) -> None:
        """Move the network's parameters in place, down its cost on the mini-batch (x, y)."""
        network.backprop(x, y)
        parameters, gradient = network.parameters, network.gradient
        self.steps += 1
        self.mean = self.beta1 * self.mean + (1 - self.beta1) * gradient
        self.square = self.beta2 * self.square + (1 - self.beta2) * gradient**2
        mean = self.mean / (1 - self.beta1**self.steps)
        square = self.square / (1 - self.beta2**self.steps)
        parameters *= 1 - learning_rate * self.weight_decay
        parameters -= learning_rate * mean / (np.sqrt(square) + self.epsilon)


def constant(_progress: float) -> float:
    """The full learning rate from the first mini-batch to the last."""
    return 1.0


def one_cycle(progress: float) -> float:
    """Factor of the learning rate at progress 0..1: up for 30 %, then a cosine down to 0.

    After Smith and Topin, "Super-Convergence" (2018).
    """
    if progress < 0.3:
        return 0.04 + 0.96 * progress / 0.3
    factor: float = 0.5 * (1 + np.cos(np.pi * (progress - 0.3) / 0.7))
    return factor
