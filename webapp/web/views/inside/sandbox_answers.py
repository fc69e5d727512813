"""What the answers about a private copy of a network hold."""

from msgspec import UNSET, Struct, UnsetType

from webapp.web.incoming import Digit
from webapp.web.outgoing import Cells, PerCell, Probabilities, Share, Verdict


class Sizes(Struct):
    """A copy of a network.

    version : which network it is a copy of; 0 for the article's
    sizes : neurons of each layer
    """

    version: int
    sizes: list[int]


class Reading(Struct):
    """What a copy makes of the drawing."""

    digit: Digit | None
    verdict: Verdict
    probabilities: Probabilities | None


class State(Reading):
    """How a copy does, on the drawing and on the test digits.

    cost : on the drawing with its right label; null if there is none
    right, tested : test digits that it reads correctly, of all
    """

    cost: float | None
    right: int
    tested: int


class TestDigit(Struct):
    """A test digit, and what a copy reads.

    digit : what it reads
    """

    pixels: Cells
    label: Digit
    digit: Digit


class TestDigits(Struct):
    """Test digits that a copy reads differently.

    n : how many they are
    shown : some of them
    """

    n: int
    shown: list[TestDigit]


class Broken(Struct):
    """A copy with parts that are set to 0, and how it does before and after.

    broken, mended : test digits that it reads wrongly, or correctly, only since then
    """

    model: Sizes
    before: State
    after: State
    broken: TestDigits
    mended: TestDigits


class MovedWeight(Struct):
    """The weight that moved most.

    layer, neuron, source : where it is: weights[layer][neuron, source]
    gradient : after a single step, the gradient that moved it
    """

    layer: int
    neuron: int
    source: int
    before: float
    after: float
    gradient: float | None


class Stepped(Struct, kw_only=True):
    """A copy after gradient steps.

    label : the digit that counts as right
    taken : steps in all, with those before
    lost : a sentence if the steps destroyed the network; weights and after are null then
    weights : of the copy, in base64; null without a step
    broken, mended : test digits that it reads wrongly, or correctly, only since then
    """

    model: Sizes
    label: Digit
    taken: int
    before: State
    lost: str | None = None
    weights: str | None = None
    after: State | None = None
    moved: MovedWeight | UnsetType | None = UNSET
    broken: TestDigits | UnsetType = UNSET
    mended: TestDigits | UnsetType = UNSET


class Trained(Struct, kw_only=True):
    """An epoch of training.

    number : of the epoch
    lost : a sentence if the network is lost; there is nothing else then
    cost, accuracy : on the training digits
    test_cost, test_accuracy : on the test digits
    weights : in base64
    neurons : weights of each hidden neuron, cell by cell
    answer : to the drawing
    """

    number: int
    lost: str | None = None
    cost: float | UnsetType = UNSET
    accuracy: Share | UnsetType = UNSET
    test_cost: float | UnsetType | None = UNSET
    test_accuracy: Share | UnsetType | None = UNSET
    weights: str | UnsetType = UNSET
    neurons: list[PerCell] | UnsetType = UNSET
    answer: Reading | UnsetType = UNSET


class CheckedWeight(Struct):
    """A weight, and its gradient by both ways.

    layer, neuron, source : where it is: weights[layer][neuron, source]
    above, below : the cost with the weight a nudge larger, and a nudge smaller
    nudged : their difference, by two nudges
    backprop : dC/dw by backpropagation
    error : the relative error of backpropagation
    right : whether it is below the tolerance
    """

    layer: int
    neuron: int
    source: int
    value: float
    above: float
    below: float
    nudged: float
    backprop: float
    error: float
    right: bool


class GradientCheck(Struct):
    """A gradient check.

    label : the digit that counts as right
    """

    model: Sizes
    label: Digit
    nudge: float
    tolerance: float
    chosen: CheckedWeight
    sample: list[CheckedWeight]
