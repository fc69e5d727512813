"""Training settings: their limits, and the presets that have a name."""

from dataclasses import dataclass, field

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
    # Not in the repr, by which model files name their settings: `Experiment` tells of these
    # in words, and files from before they existed keep their bytes.
    warm: bool = field(default=False, repr=False)  # start from a given model, in its shape
    room_share: float = field(default=0.0, repr=False)  # of room drawings in a mini-batch
    room_copies: int = field(default=0, repr=False)  # warped copies of each of them


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
        room_copies=16,
    ),
    # What a room waits for: the live model, a few seconds further.
    "quick": Preset(
        hidden=(384, 96),  # those of what it starts from come instead
        epochs=24,
        batch_size=128,
        learning_rate=0.005,
        recipe=Recipe(
            adam=True, one_cycle=True, dropout=0.1, input_dropout=0.05, label_smoothing=0.02
        ),
        warm=True,
        room_share=0.5,
        room_copies=8,
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

    def text(self, value):
        """What to type for a value."""
        return str(value).removesuffix(".0")


class HiddenLayers:
    """The setting that is a list: '15' or '64, 32'."""

    label = "Hidden layers"
    help = (
        "How many neurons each layer between input and output has, such as 15 for one layer "
        "or 64, 32 for two."
    )

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

    def text(self, sizes):
        """What to type for a tuple of ints."""
        return ", ".join(map(str, sizes))


FIELDS = {
    "hidden": HiddenLayers(),
    "epochs": Field(
        "Epochs", int, 1, 1000, "How many times the network sees every training picture."
    ),
    "batch_size": Field(
        "Mini-batch size",
        int,
        1,
        1500,
        "How many pictures the network looks at before it corrects itself once.",
    ),
    "learning_rate": Field(
        "Learning rate",
        float,
        0.0001,
        1e38,  # as far as the numbers go: one may see the cost leave them
        "How large each correction is: too small learns slowly, too large learns nothing.",
    ),
    "copies": Field(
        "Warped copies",
        int,
        0,
        32,
        "How many distorted copies of every digit are made, so that the network meets more "
        "handwritings.",
    ),
    "room_share": Field(
        "Share of room drawings",
        float,
        0,
        0.9,
        "How much of each mini-batch comes from the room's own drawings: 0 is nothing, 0.25 "
        "is a quarter; with few drawings it is less.",
    ),
    "room_copies": Field(
        "Warped copies of room drawings",
        int,
        0,
        32,
        "How many distorted copies of each of the room's drawings are made; Quick makes fewer "
        "of many.",
    ),
    "seed": Field(
        "Random seed",
        int,
        0,
        2**31 - 1,
        "The same seed gives the same initial weights, so that runs can be compared.",
    ),
}
