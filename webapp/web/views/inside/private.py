"""What requests about a private copy of a network hold."""

from typing import Annotated, Literal, NamedTuple

from msgspec import Meta, Struct

from nn.files import MAX_NEURONS
from nn.inside import raw_weights, sandbox
from nn.inside.raw_weights import Precision
from nn.network import SigmoidNetwork
from nn.presets import PRESETS
from nn.words import Sentence
from webapp.web.views.inside.asked import Asked, Chosen

MOST_CHECKED = 90  # weights of a sample

_Label = Annotated[int, Meta(ge=0, le=9)]
_Seed = Annotated[int, Meta(ge=0, lt=2**31)]
_Rate = Annotated[float, Meta(gt=0, le=1e38)]
# Of a layer, or of a neuron in it.
_Number = Annotated[int, Meta(ge=0, lt=MAX_NEURONS, examples=[1])]

_A_NEURON = Sentence("a whole number from 0 to {last}, or null", last=MAX_NEURONS - 1)

EXPECTED = {
    "label": Sentence("a whole number from 0 to 9, or null for what the network reads"),
    "weights": Sentence("the parameters in base64, as an earlier answer gave them, or null"),
    "precision": Sentence("float32 or float64"),
    "start": Sentence("trained or random"),
    "seed": Sentence("a whole number from 0 to {last}", last=2**31 - 1),
    "on": Sentence("drawing or digits"),
    "steps": Sentence("0, 1, 10 or 100"),
    "taken": Sentence("the number of steps taken before, up to 1000000"),
    "learning_rate": Sentence("a number above 0, up to 1e38"),
    "epoch": Sentence("a whole number from 1 to {last}", last=sandbox.MAX_EPOCHS),
    "printed": Sentence("true or false"),
    "layer": Sentence("a whole number from 0 to {last}", last=MAX_NEURONS - 1),
    "neuron": _A_NEURON,
    "source": _A_NEURON,
    "unit": Sentence(
        "a whole number from 0 to {last}, or null for the whole layer", last=MAX_NEURONS - 1
    ),
    "sample": Sentence("a whole number from 0 to {last}", last=MOST_CHECKED),
    "silenced": Sentence(
        "a list of up to 1000 parts such as {example}", example='{"layer": 1, "unit": 3}'
    ),
}


class Copy(NamedTuple):
    """A private copy of a network.

    original : the network that it was copied from, which stays as it is
    """

    original: Chosen
    network: SigmoidNetwork
    temperature: float


class Private(Asked, kw_only=True):
    """A picture, and a private copy of the chosen network that looks at it.

    weights : what an earlier answer gave; None to start
    start : with the weights of the network, or with random ones in the same layers
    seed : of random weights and mini-batches
    """

    weights: bytes | None = None
    precision: Precision = "float32"
    start: Literal["trained", "random"] = "trained"
    seed: _Seed = 0

    def copy(self) -> Copy:
        """The copy; raw_weights.BadNetwork if the weights are none of this network."""
        original = self.chosen()
        network, sizes = original.model.network, original.model.network.sizes
        if self.weights is not None:
            network = raw_weights.from_bytes(sizes, self.weights, self.precision)
        elif self.start == "random":
            sizes = raw_weights.checked_sizes(sizes, self.precision)
            network = SigmoidNetwork(sizes, self.seed, self.precision)
        else:
            network = raw_weights.private_copy(network, self.precision)
        # A temperature is fitted to trained weights.
        temperature = original.model.temperature if self.start == "trained" else 1.0
        return Copy(original, network, temperature)


class Labelled(Private, kw_only=True):
    """With the right answer.

    label : None for what the chosen network reads
    """

    label: _Label | None = None

    def right_answer(self, original: Chosen) -> int:
        """The digit that counts as right."""
        if self.label is not None:
            return self.label
        return int(original.model.logits(self.row[None]).argmax())


class Steps(Labelled, kw_only=True):
    """Gradient steps on the drawing, or on mini-batches of the digits.

    steps : 0 only looks
    taken : how many were taken before: each step has a mini-batch of its own
    """

    on: Literal["drawing", "digits"] = "drawing"
    steps: Literal[0, 1, 10, 100] = 0
    learning_rate: _Rate = PRESETS["article"].learning_rate
    taken: Annotated[int, Meta(ge=0, le=1_000_000)] = 0


class Training(Asked, kw_only=True):
    """One epoch of the article's experiment, in its layers, whatever `version` is.

    weights : those after the epoch before; None for random ones
    printed : with the article's printed line for the hidden gradient
    """

    epoch: Annotated[int, Meta(ge=1, le=sandbox.MAX_EPOCHS)]
    learning_rate: _Rate
    weights: bytes | None = None
    seed: _Seed = 0
    printed: bool = False


class Check(Labelled, kw_only=True):
    """A gradient check of one weight, and of `sample` weights of the same layer.

    neuron, source : where the weight leads to and comes from, by number; without both, the
        weight of the layer with the steepest gradient
    """

    layer: _Number
    neuron: _Number | None = None
    source: _Number | None = None
    sample: Annotated[int, Meta(ge=0, le=MOST_CHECKED)] = 0
    printed: bool = False


class Part(Struct):
    """A neuron or a pixel; without `unit`, all of a layer. Layer 0 holds the pixels."""

    layer: _Number
    unit: _Number | None = None


class Breaking(Private, kw_only=True):
    """Parts that are set to 0."""

    silenced: Annotated[list[Part], Meta(max_length=1000)]
