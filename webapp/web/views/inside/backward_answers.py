"""What the answers about the cost and a backward pass hold.

Layers are counted from the inputs: layer 0 holds the pixels, the last one the ten outputs.
Symbols are those of `nn.network`; a delta is dC/dz.
"""

from msgspec import Struct

from webapp.web.incoming import Digit
from webapp.web.outgoing import PerCell, PerDigit
from webapp.web.views.inside.forward_answers import Layer, Pass


class CostOfAnswer(Struct):
    """The cross-entropy cost of an answer.

    terms : -ln a of the label's output, -ln (1 - a) of the other nine
    total : their sum
    by_label : what the same answer would cost if this digit were the right one
    """

    terms: PerDigit
    total: float
    by_label: PerDigit


class Certainty(Struct):
    """What an output costs.

    a : the output
    if_right : -ln a
    if_wrong : -ln (1 - a)
    """

    a: float
    if_right: float
    if_wrong: float


class Costs(Pass):
    """What the answer costs if the label is right."""

    label: Digit
    cost: CostOfAnswer
    certainties: list[Certainty]


class BlamedNeuron(Struct):
    """A neuron in a backward pass.

    arriving : dC/da
    slope : da/dz = a (1 - a)
    delta : dC/dz = arriving * slope
    """

    neuron: int
    a: float
    arriving: float
    slope: float
    delta: float


class BackwardLayer(Layer):
    """A hidden layer in a backward pass."""

    neurons: list[BlamedNeuron]


class Gradients(Struct):
    """dC/dw of the weights between shown neurons.

    values : a row per target
    """

    layer: int
    targets: list[int]
    sources: list[int]
    values: list[list[float]]


class Weight(Struct):
    """A weight, from neuron `source` of the layer before to `target` of `layer`.

    gradient : dC/dw
    """

    layer: int
    source: int
    target: int
    value: float
    gradient: float


class Factor(Struct):
    """One factor of a chain.

    kind : "delta", a - y of an output; "weight", from `source` in the layer before; "slope",
        a (1 - a) of a neuron; or "input", the pixel
    """

    kind: str
    layer: int
    neuron: int
    value: float
    source: int | None


class Chain(Struct):
    """The chain rule for one weight of layer 1, along one path to one output.

    factors : from the output back to the pixel
    product : of the factors: what this path adds to dC/dw
    by_output : what all paths to each output add to dC/dw
    n_paths : how many paths there are from `neuron` to all outputs
    gradient : dC/dw
    gradients : dC/dw of all weights to the same neuron
    """

    pixel: int
    neuron: int
    output: Digit
    factors: list[Factor]
    product: float
    by_output: PerDigit
    n_paths: int
    gradient: float
    gradients: PerCell


class Backward(Pass):
    """A backward pass.

    cost : of the answer, if the label is right
    deltas : of the outputs
    gradients : of each layer; for layer 1 each row is a picture
    weights : those of each layer that want to change most
    """

    label: Digit
    cost: float
    deltas: PerDigit
    layers: list[BackwardLayer]
    gradients: list[Gradients]
    weights: list[Weight]
    chain: Chain
