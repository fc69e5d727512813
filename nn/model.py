"""A trained network and what it takes to use it: pixels in, an answer out."""

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from nn.digits import Pixels
from nn.ink import MAX_INTENSITY
from nn.network import Floats, SigmoidNetwork, sigmoid, softmax
from nn.verdict import verdict


@dataclass(frozen=True)
class Answer:
    """What a model answers to one picture.

    Attributes
    ----------
    pixels : ndarray of shape (64,), uint8, 0..16
    probabilities : ndarray of shape (10,), 0..1, that sum to 1
    outputs : ndarray of shape (10,), 0..1
        Activations of the ten outputs, each of which stands for its own digit alone.
    verdict : one of nn.verdict.VERDICTS
    version : int or None
        Number of the model version that answered; None for a model without a number.
    """

    pixels: Pixels
    probabilities: Floats
    outputs: Floats
    verdict: str
    version: int | None = None

    @property
    def is_blank(self) -> bool:
        return self.verdict == "blank"

    @property
    def digit(self) -> int | None:
        """The most probable digit; None for a blank picture."""
        return None if self.is_blank else int(self.probabilities.argmax())

    @property
    def certainty(self) -> float:
        """The largest probability, 0..1."""
        return float(self.probabilities.max())


@dataclass
class Model:
    """A trained network for 8x8 pictures.

    Attributes
    ----------
    network : SigmoidNetwork with 64 inputs and 10 outputs
    temperature : float > 0
        Divides the logits, so that among answers with probability 0.8, 80 % are right.
    trained_on : str
        Which data, in words.
    figures : dict of str to float
        What was measured after training, such as {"test_accuracy": 0.98}.
    settings : dict, or None if they are not known
        What `nn.presets.Preset.settings` gives for the settings it was trained with.
    """

    network: SigmoidNetwork
    temperature: float = 1.0
    trained_on: str = ""
    figures: dict[str, float] = field(default_factory=dict)
    settings: dict[str, Any] | None = None

    def judge(self, pixels: Pixels, version: int | None = None) -> list[Answer]:
        """An Answer for each picture, pixels (n, 64), 0..16, from one forward pass.

        version : number of this model's version, which the answers carry
        """
        logits = self.logits(pixels)
        outputs = sigmoid(logits)
        return [
            Answer(row, p, o, verdict(row, p, o), version)
            for row, p, o in zip(pixels, self._probabilities(logits), outputs, strict=True)
        ]

    def logits(self, pixels: Pixels) -> Floats:
        """Weighted inputs of the ten outputs, (n, 10), for pixels (n, 64), 0..16."""
        return self.network.logits(scaled(pixels, self.network.parameters.dtype))

    def predict_proba(self, pixels: Pixels) -> Floats:
        """Probabilities of the ten digits, (n, 10), for pixels (n, 64), 0..16."""
        return self._probabilities(self.logits(pixels))

    def _probabilities(self, logits: Floats) -> Floats:
        return softmax(logits.astype(np.float64) / self.temperature)


def scaled(pixels: ArrayLike, dtype: DTypeLike = np.float64) -> Floats:
    """Pixels 0..16 as the network's inputs, 0..1."""
    return np.asarray(pixels, dtype) / MAX_INTENSITY
