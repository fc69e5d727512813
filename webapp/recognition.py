"""8x8 pixels -> what the live model says of them."""

from pathlib import Path

import nn
from nn import files
from nn.verdict import verdict

SHIPPED_MODEL = Path(nn.__file__).parent / "workshop.npz"
SHIPPED_VERSION = 1


class Recogniser:
    """A model and the number of its version."""

    def __init__(self, model, version):
        self._model = model
        self._version = version

    @classmethod
    def shipped(cls):
        """The model that comes with Inkling."""
        return cls(files.load(SHIPPED_MODEL), SHIPPED_VERSION)

    def recognise(self, pixels):
        """The answer of POST /api/predict, a dict, to pixels (8, 8) int 0..16."""
        row = pixels.reshape(1, -1)
        probabilities = self._model.predict_proba(row)[0]
        said = verdict(pixels, probabilities, self._model.outputs(row)[0])
        blank = said == "blank"
        return {
            "digit": None if blank else int(probabilities.argmax()),
            "verdict": said,
            "probabilities": None if blank else probabilities.tolist(),
            "pixels": pixels.tolist(),
            "model": {"version": self._version},
        }
