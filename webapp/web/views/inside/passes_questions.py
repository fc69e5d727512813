"""What requests about a forward and a backward pass hold."""

from typing import Annotated

from msgspec import Meta

from nn.files import MAX_HIDDEN_LAYERS, MAX_NEURONS
from nn.ink import SIDE
from nn.words import Sentence
from webapp.web.incoming import Digit
from webapp.web.views.inside.asked import Asked

_Layer = Annotated[int, Meta(ge=1, le=MAX_HIDDEN_LAYERS + 1)]
_Neuron = Annotated[int, Meta(ge=0, lt=MAX_NEURONS)]
_Pixel = Annotated[int, Meta(ge=0, lt=SIDE * SIDE)]
EXPECTED = {
    **dict.fromkeys(("output", "label"), Sentence("a digit from 0 to 9, or null")),
    "layer": Sentence(
        "the number of a layer, 1 to {last}, or null", last=MAX_HIDDEN_LAYERS + 1
    ),
    "neuron": Sentence("the number of a neuron, 0 to {last}, or null", last=MAX_NEURONS - 1),
    "pixel": Sentence("the number of a cell, 0 to {last}, or null", last=SIDE * SIDE - 1),
}


class AboutOutput(Asked, kw_only=True):
    """A picture, and the output that is looked at.

    output : its digit; None for the most probable one
    """

    output: Digit | None = None


class AboutNeuron(AboutOutput, kw_only=True):
    """A picture, an output, and a neuron.

    layer, neuron : where to look; None for the first layer, and for what matters most
    """

    layer: _Layer | None = None
    neuron: _Neuron | None = None


class AboutLabel(Asked, kw_only=True):
    """A picture and its label.

    label : the right digit; None for the most probable one
    """

    label: Digit | None = None


class AboutWeight(AboutLabel, kw_only=True):
    """The weight from a pixel to a neuron of layer 1, and the output that the path leads to.

    What is None is chosen: where most wants to change.
    """

    pixel: _Pixel | None = None
    neuron: _Neuron | None = None
    output: Digit | None = None
