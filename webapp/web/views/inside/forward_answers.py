"""What the answers about a forward pass hold.

Layers are counted from the inputs: layer 0 holds the pixels, the last one the ten outputs.
Symbols are those of `nn.network`.
"""

from typing import Annotated

from msgspec import Meta, Struct

from webapp.web.incoming import Digit
from webapp.web.outgoing import Cells, PerCell, PerDigit, Probabilities, Share

_Picture = Annotated[list[Share], Meta(min_length=64, max_length=64)]


class Pass(Struct):
    """The network and what it makes of the picture.

    version : number of the version; 0 for the article's network
    sizes : neurons of each layer
    parameters : how many weights and biases there are
    digit : the most probable one
    inputs : the cells, each divided by 16
    outputs : activations of the last layer
    logits : weighted inputs z of the last layer
    """

    version: int
    sizes: list[int]
    parameters: int
    digit: Digit
    inputs: _Picture
    outputs: Probabilities
    logits: PerDigit
    probabilities: Probabilities


class Examples(Struct):
    """The test digits that excite a neuron most, the strongest first."""

    pixels: list[Cells]
    labels: list[Digit]
    activations: list[float]


class Neuron(Struct):
    """A neuron, and how much it matters for an output.

    z, a : weighted input and activation
    raises : a * dz_out/da: how much it raises the output's z, to first order
    """

    neuron: int
    z: float
    a: float
    raises: float


class DiagramNeuron(Neuron):
    """A neuron of the diagram.

    looks_for : dz/dx of each pixel
    """

    looks_for: PerCell
    excited_by: Examples


class Layer(Struct):
    """A hidden layer.

    size : how many neurons it has
    more : how many of them are not shown
    """

    layer: int
    size: int
    more: int


class ForwardLayer(Layer):
    """A hidden layer in a forward pass."""

    neurons: list[Neuron]


class DiagramLayer(Layer):
    """A hidden layer of the diagram."""

    neurons: list[DiagramNeuron]


class Connections(Struct):
    """The connections from one layer to the next through which most goes to an output.

    sources, targets : neurons that they connect
    shares : w * a * dz_out/dz: how much each raises the output's z, to first order
    """

    sources: list[int]
    targets: list[int]
    shares: list[float]


class Diagram(Pass):
    """The network as a diagram, seen from one output."""

    output: Digit
    layers: list[DiagramLayer]
    connections: list[Connections]


class WeightedSum(Struct):
    """How a neuron comes to its activation: z is the sum of w * a_in + bias, a its sigmoid.

    sources : neurons of the layer before; of many, those with the largest products
    inputs, weights, products : a_in, w, and w * a_in of each source
    n_rest, rest : how many products are not listed, and their sum
    total : the sum of all products
    """

    layer: int
    neuron: int
    sources: list[int]
    inputs: list[float]
    weights: list[float]
    products: list[float]
    n_rest: int
    rest: float
    total: float
    bias: float
    z: float
    a: float


class Forward(Pass):
    """A forward pass.

    chosen : the neuron that was asked for
    outgoing : the output
    temperature : divides the logits before softmax
    relative_odds : exp((z - the largest z) / temperature) of the outputs
    """

    output: Digit
    layers: list[ForwardLayer]
    chosen: WeightedSum
    outgoing: WeightedSum
    temperature: float
    relative_odds: Probabilities
    sum_of_odds: float
