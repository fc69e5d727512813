"""Training settings: their limits, and the presets that have a name."""

from dataclasses import dataclass

from nn.files import MAX_HIDDEN_LAYERS, MAX_NEURONS
from nn.training import PLAIN, Recipe


@dataclass(frozen=True)
class Preset:
    """Everything that decides what comes out of a training run, but the data."""

    hidden: tuple  # neurons per hidden layer
    epochs: int
    batch_size: int
    learning_rate: float
    copies: int = 0  # warped copies of each digit, and as many plain ones
    recipe: Recipe = PLAIN
    seed: int = 0  # of weights, order of samples, copies


PRESETS = {
    # The article's experiment.
    "article": Preset(hidden=(15,), epochs=50, batch_size=10, learning_rate=0.1),
    # What ships.
    "workshop": Preset(
        hidden=(384, 96),
        epochs=60,
        batch_size=128,
        learning_rate=0.01,
        copies=16,
        recipe=Recipe(
            adam=True, one_cycle=True, dropout=0.2, input_dropout=0.05, label_smoothing=0.02
        ),
    ),
}


@dataclass(frozen=True)
class Field:
    """One setting that a person may type: its name, limits and one sentence of help."""

    label: str
    kind: type
    low: float
    high: float
    help: str

    def parse(self, text):
        """The value in `text`; ValueError with a sentence if it is none within the limits."""
        try:
            value = self.kind(text)
        except ValueError:
            value = None
        if value is None or not self.low <= value <= self.high:
            what = "a whole number" if self.kind is int else "a number"
            raise ValueError(
                f"{self.label}: {text!r} is not {what} from {self.low} to {self.high}."
            )
        return value


class HiddenLayers:
    """The setting that is a list: '15' or '64, 32'."""

    label = "Hidden layers"
    help = f"neurons per hidden layer, 1 to {MAX_NEURONS}, such as 15 or 64,32"

    def parse(self, text):
        """A tuple of ints; ValueError with a sentence if the text is not such a list."""
        try:
            sizes = tuple(int(part) for part in text.split(","))
        except ValueError:
            sizes = ()
        valid = all(1 <= n <= MAX_NEURONS for n in sizes)
        if not 1 <= len(sizes) <= MAX_HIDDEN_LAYERS or not valid:
            raise ValueError(
                f"{self.label}: {text!r} is not a list of 1 to {MAX_HIDDEN_LAYERS} whole "
                f"numbers from 1 to {MAX_NEURONS}, such as '15' or '64, 32'."
            )
        return sizes


FIELDS = {
    "hidden": HiddenLayers(),
    "epochs": Field("Epochs", int, 1, 1000, "passes over the training pictures"),
    "batch_size": Field("Mini-batch size", int, 1, 1500, "pictures per training step"),
    "learning_rate": Field("Learning rate", float, 0.0001, 100, "length of a training step"),
    "seed": Field("Random seed", int, 0, 2**31 - 1, "same seed, same result"),
}
