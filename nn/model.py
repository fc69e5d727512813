"""A trained network and what it takes to use it: pixels in, probabilities out."""

from dataclasses import dataclass, field

import numpy as np

from nn.ink import MAX_INTENSITY
from nn.network import SigmoidNetwork, sigmoid, softmax


@dataclass
class Model:
    """A trained network for 8x8 pictures.

    Attributes
    ----------
    network : SigmoidNetwork with 64 inputs and 10 outputs
    temperature : float > 0
        Divides the logits so that the probabilities mean what they say.
    trained_on : str
        A sentence: which data, which settings, which seed.
    figures : dict of str to float
        What was measured after training, such as {"test_accuracy": 0.98}.
    """

    network: SigmoidNetwork
    temperature: float = 1.0
    trained_on: str = ""
    figures: dict = field(default_factory=dict)

    def logits(self, pixels):
        """Weighted inputs of the ten outputs, (n, 10), for pixels (n, 64), 0..16."""
        return self.network.logits(scaled(pixels, self.network.parameters.dtype))

    def outputs(self, pixels):
        """Activations of the ten outputs, (n, 10) 0..1, each saying yes or no on its own."""
        return sigmoid(self.logits(pixels))

    def predict_proba(self, pixels):
        """Probabilities of the ten digits, (n, 10), for pixels (n, 64), 0..16."""
        return softmax(self.logits(pixels).astype(np.float64) / self.temperature)


def scaled(pixels, dtype=np.float64):
    """Pixels 0..16 as the network's inputs, 0..1."""
    return np.asarray(pixels, dtype) / MAX_INTENSITY
