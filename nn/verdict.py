"""What a model's answer amounts to: blank, sure of one digit, torn, or unfamiliar.

The probabilities compare the ten digits with one another. The outputs are ten separate
sigmoids: each tells on its own whether its digit is there at all. A picture that shows no digit
leaves all ten outputs low, though its largest probability may be near 1.
"""

import numpy as np
from numpy.typing import NDArray

from nn.network import Floats
from nn.words import Sentence

VERDICTS = ("sure", "torn", "unfamiliar", "blank")
UNFAMILIAR = 0.3  # if the largest output is below this, the picture shows no known digit
# The largest output and probability must both reach this to name one digit alone. Of the
# drawings in docs/recognition.md where they do, fewer than 1 in 200 are named wrongly.
SURE = 0.8


def verdict(pixels: NDArray[np.integer], probabilities: Floats, outputs: Floats) -> str:
    """One of VERDICTS.

    pixels is (64,) or (8, 8), 0..16; probabilities and outputs, (10,) each, 0..1, are those of
    the model's `Answer`.
    """
    if not pixels.any():
        return "blank"
    if outputs.max() < UNFAMILIAR:
        return "unfamiliar"
    return "sure" if min(outputs.max(), probabilities.max()) >= SURE else "torn"


def with_article(digit: int) -> Sentence:
    """A digit, 0..9, with its article: "a 3", "an 8"."""
    return Sentence("an 8") if digit == 8 else Sentence("a {digit}", digit=digit)
