"""Training settings: their limits, and the presets that have a name."""

import contextlib
import dataclasses
import math
from dataclasses import dataclass
from typing import Any

from nn.files import MAX_HIDDEN_LAYERS, MAX_NEURONS
from nn.refusal import Refusal
from nn.training import PLAIN, Recipe
from nn.words import N_, Sentence


@dataclass(frozen=True)
class Preset:
    """All settings of a training run; together with the data they decide its result."""

    hidden: tuple[int, ...]  # neurons per hidden layer
    epochs: int
    batch_size: int
    learning_rate: float
    copies: int = 0  # warped copies of each digit, and as many plain ones
    written: int = 0  # pictures of the ways of writing in nn.handwriting
    recipe: Recipe = PLAIN
    seed: int = 0  # of weights, order of samples, copies
    warm: bool = False  # start from a given model, in its shape
    room_share: float = 0.0  # of room drawings in a mini-batch
    room_copies: int = 0  # warped copies of each of them

    def settings(self) -> dict[str, Any]:
        """All of it by name, as JSON holds it."""
        return dataclasses.asdict(self) | {"hidden": list(self.hidden)}


PRESETS: dict[str, Preset] = {
    # The article's experiment.
    N_("article"): Preset(hidden=(15,), epochs=50, batch_size=10, learning_rate=0.1),
    # What ships.
    N_("workshop"): Preset(
        hidden=(384, 96),
        epochs=50,
        batch_size=128,
        learning_rate=0.01,
        copies=16,
        written=110_000,
        recipe=Recipe(
            adam=True, one_cycle=True, dropout=0.2, input_dropout=0.05, label_smoothing=0.02
        ),
        room_copies=16,
    ),
    # For retraining in front of the room: the live model, trained for a few seconds more.
    N_("quick"): Preset(
        hidden=(384, 96),  # replaced by those of the model it starts from
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


_WRONG = {
    int: N_("{label}: {text!r} is not a whole number from {low} to {high}."),
    float: N_("{label}: {text!r} is not a number from {low} to {high}."),
}


@dataclass(frozen=True)
class Field:
    """One setting that a person may type: its name, limits and one sentence of help."""

    label: str
    kind: type[int] | type[float]
    low: float
    high: float
    help: str

    def parse(self, text: str) -> float:
        """The value in `text`; a Refusal if it is not a number within the limits."""
        value = math.nan  # is within no limits
        # Many people write a decimal comma.
        number = text.replace(",", ".") if self.kind is float else text
        with contextlib.suppress(ValueError):
            value = self.kind(number)
        if not self.low <= value <= self.high:
            raise Refusal(
                _WRONG[self.kind],
                code="bad_setting",
                label=Sentence(self.label),
                text=text,
                low=self.low,
                high=self.high,
            )
        return value

    def text(self, value: Any) -> str:
        """What to type for a value."""
        return str(value).removesuffix(".0")


@dataclass(frozen=True)
class HiddenLayers:
    """The setting that is a list: '15' or '64, 32'."""

    label: str
    help: str

    def parse(self, text: str) -> tuple[int, ...]:
        """A tuple of ints; a Refusal if the text is not such a list."""
        try:
            sizes = tuple(int(part) for part in text.split(","))
        except ValueError:
            sizes = ()
        valid = all(1 <= n <= MAX_NEURONS for n in sizes)
        if not 1 <= len(sizes) <= MAX_HIDDEN_LAYERS or not valid:
            raise Refusal(
                "{label}: {text!r} is not a list of 1 to {most} whole numbers "
                "from 1 to {limit}, such as '15' or '64,32'.",
                code="bad_setting",
                label=Sentence(self.label),
                text=text,
                most=MAX_HIDDEN_LAYERS,
                limit=MAX_NEURONS,
            )
        return sizes

    def text(self, sizes: Any) -> str:
        """What to type for a tuple of ints."""
        return ", ".join(map(str, sizes))


FIELDS: dict[str, Field | HiddenLayers] = {
    "hidden": HiddenLayers(
        N_("Hidden layers"),
        N_(
            "How many neurons each layer between input and output has, such as 15 for one "
            "layer or 64,32 for two."
        ),
    ),
    "epochs": Field(
        N_("Epochs"),
        int,
        1,
        1000,
        N_("How many times the network sees every training picture."),
    ),
    "batch_size": Field(
        N_("Mini-batch size"),
        int,
        1,
        1500,
        N_("How many pictures the network looks at before it corrects itself once."),
    ),
    "learning_rate": Field(
        N_("Learning rate"),
        float,
        0.0001,
        1e38,  # so large that one can watch the cost become NaN or infinite
        N_("How large each correction is: too small learns slowly, too large learns nothing."),
    ),
    "copies": Field(
        N_("Warped copies"),
        int,
        0,
        32,
        N_(
            "How many distorted copies of every digit are made, so that the network meets more "
            "handwritings."
        ),
    ),
    "written": Field(
        N_("Pictures of handwriting"),
        int,
        0,
        200_000,
        N_(
            "How many pictures are made of the ways in which the world writes the digits, such "
            "as a 7 without its bar."
        ),
    ),
    "room_share": Field(
        N_("Share of room drawings"),
        float,
        0,
        0.9,
        N_(
            "How much of each mini-batch comes from the room's own drawings: 0 is nothing, "
            "0.25 is a quarter; with few drawings it is less."
        ),
    ),
    "room_copies": Field(
        N_("Warped copies of room drawings"),
        int,
        0,
        32,
        N_(
            "How many distorted copies of each of the room's drawings are made; with many "
            "drawings, Quick makes fewer."
        ),
    ),
    "seed": Field(
        N_("Random seed"),
        int,
        0,
        2**31 - 1,
        N_("The same seed gives the same initial weights, so that runs can be compared."),
    ),
}
