"""Mini-batch stochastic gradient descent as a generator: one record per epoch.

It never prints and keeps nothing: the caller decides what to show, and training stops when
the caller stops reading.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from nn.network import Floats, Rate, Seed, SigmoidNetwork, cross_entropy, sigmoid
from nn.optimisers import Adam, GradientDescent, Optimiser, constant, one_cycle
from nn.refusal import Refusal

# From a generator, the row numbers of one epoch in their order: see `shuffled`.
Sampler = Callable[[np.random.Generator], NDArray[np.integer]]


class Diverged(Refusal):
    """The cost is NaN or infinite."""

    code = "diverged"


@dataclass(frozen=True)
class Recipe:
    """What keeps a larger network from merely memorising its training pictures.

    The defaults are the article's: none of it.
    """

    adam: bool = False  # Adam instead of plain gradient descent
    one_cycle: bool = False  # learning rate up, then down, instead of constant
    dropout: float = 0.0  # share of hidden activations left out, 0 <= dropout < 1
    input_dropout: float = 0.0  # share of inputs set to 0
    label_smoothing: float = 0.0  # share of each target spread over all classes


PLAIN = Recipe()


@dataclass(frozen=True)
class Epoch:
    """Figures after an epoch; test figures are None without test data."""

    number: int  # from 1
    cost: float  # cross-entropy on the training data, >= 0
    accuracy: float  # on the training data that has a class, 0..1
    test_cost: float | None = None
    test_accuracy: float | None = None


def train(
    network: SigmoidNetwork,
    x: ArrayLike,
    y: ArrayLike,
    *,
    epochs: int,
    batch_size: int,
    learning_rate: float,
    recipe: Recipe = PLAIN,
    optimiser: Optimiser | None = None,
    sampler: Sampler | None = None,
    sample_weight: ArrayLike | None = None,
    random_state: Seed = None,
    test: tuple[ArrayLike, ArrayLike] | None = None,
) -> Iterator[Epoch]:
    """Train `network` in place; yield an `Epoch` after each pass over the data.

    Parameters
    ----------
    network : SigmoidNetwork
    x : array of shape (n, sizes[0]), scaled to about 0..1
    y : array of shape (n, sizes[-1]), one-hot rows, or 0 throughout for none of the classes
    epochs, batch_size : int >= 1
        The last mini-batch of an epoch may be smaller.
    learning_rate : float > 0
        Factor of the gradient of the mini-batch's mean cost.
    recipe : Recipe
    optimiser : Optimiser, or None for the recipe's
        It remembers its steps from one training to the next.
    sampler : function, or None
        Chooses the rows of each epoch and their order; see `shuffled`, which is what None
        stands for, and `mixed`.
    sample_weight : array of shape (n,), above 0, or None
        How much each row counts in the cost; what matters is the ratio to their mean. Not for
        Adam.
    random_state : None, int or numpy.random.Generator
        Seed of the sampler and of dropout.
    test : pair of arrays like (x, y), evaluated but never trained on; or None

    Raises
    ------
    Diverged
        When the cost is NaN or infinite; the sentence names the epoch.
    """
    rng = np.random.default_rng(random_state)
    dtype = network.parameters.dtype
    x, y = np.asarray(x, dtype), np.asarray(y, dtype)
    targets = y + dtype.type(recipe.label_smoothing) * (1 / y.shape[1] - y)
    sampler = sampler or shuffled(len(x))
    learner = Thinned(network, recipe.dropout, rng) if recipe.dropout else network
    optimiser = optimiser or (Adam() if recipe.adam else GradientDescent())
    schedule = one_cycle if recipe.one_cycle else constant
    weights = None if sample_weight is None else _relative(sample_weight, dtype)
    on_training = _examiner(network, x, y, weights)
    on_test = _examiner(network, *test) if test else tuple
    for epoch in range(epochs):
        order = sampler(rng)
        epoch_x, epoch_y = _hidden(x[order], recipe, rng), targets[order]
        starts = range(0, len(order), batch_size)
        # Numbers too large show in the cost, which is checked below.
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            for step, start in enumerate(starts, epoch * len(starts)):
                batch = slice(start, start + batch_size)
                rate: Rate = learning_rate * schedule(step / (epochs * len(starts)))
                if weights is not None:
                    rate = rate * weights[order[batch]]
                optimiser.step(learner, epoch_x[batch], epoch_y[batch], rate)
            record = Epoch(epoch + 1, *on_training(), *on_test())
        if not np.isfinite(record.cost):
            raise Diverged(
                "The cost stopped being a number at epoch {epoch}; "
                "try a smaller learning rate.",
                epoch=record.number,
            )
        yield record


def shuffled(n: int) -> Sampler:
    """A sampler of n rows: all of them, in another order every epoch."""
    return lambda rng: rng.permutation(n)


def mixed(n: int, n_extra: int, share: float) -> Sampler:
    """A sampler of n rows and, after them, n_extra rows that fill `share` of each mini-batch.

    An epoch is one pass over the n rows. The extra rows, few or many, take turns, at even
    distances, so that every mini-batch has that share of them to within one sample.

    n, n_extra : int >= 1
    share : float, 0 <= share < 1
    """
    n_turns = round(n * share / (1 - share))

    def order(rng: np.random.Generator) -> NDArray[np.integer]:
        rows = rng.permutation(n)
        extra = n + np.resize(rng.permutation(n_extra), n_turns)
        return np.insert(rows, np.linspace(0, n, n_turns).astype(int), extra)

    return order


class Thinned(SigmoidNetwork):
    """A network as it trains with dropout, in which hidden neurons are left out at random.

    Its parameters are those of the given network itself. For each sample, each hidden
    activation survives with probability `keep`, 1 - dropout, and is divided by it: inverted
    dropout (Srivastava et al., 2014).
    """

    def __init__(
        self, network: SigmoidNetwork, dropout: float, rng: np.random.Generator
    ) -> None:
        self._lay_out(network.sizes, network.parameters)
        self.keep = np.array(1 - dropout, self.parameters.dtype)
        self.rng = rng

    def forward(self, x: Floats) -> list[Floats]:
        """Activations of every layer, those of the hidden ones thinned out; see the base."""
        activations = [x]
        for w, b in zip(self.weights, self.biases):
            a = sigmoid(activations[-1].dot(w.T) + b)
            if len(activations) < len(self.weights):
                a *= (self.rng.random(a.shape, np.float32) < self.keep) / self.keep
            activations.append(a)
        return activations

    def through_sigmoid(self, slope: Floats, a: Floats) -> Floats:
        """dC/dz from dC/da, where a is sigmoid(z) / keep, or 0 if the neuron was left out."""
        return slope * a * (np.array(1, a.dtype) - self.keep * a)


class Penalised(SigmoidNetwork):
    """A network as it trains with an L2 penalty, which keeps its weights small.

    Its parameters are those of the given network itself. The cost of a mini-batch of m samples
    grows by alpha / (2 m) times the sum of all squared weights, biases excepted, as in
    scikit-learn's MLPClassifier.
    """

    def __init__(self, network: SigmoidNetwork, alpha: float) -> None:
        self._lay_out(network.sizes, network.parameters)
        self.alpha = alpha

    def penalty(self, m: int) -> float:
        """What the penalty adds to the cost of a mini-batch of m samples, >= 0."""
        squares = (np.sum(np.square(w, dtype=np.float64)) for w in self.weights)
        return self.alpha / (2 * m) * float(sum(squares))

    def cost(self, x: Floats, y: Floats) -> float:
        """The cost of a mini-batch with its penalty; see the base."""
        return super().cost(x, y) + self.penalty(len(x))

    def backprop(
        self, x: Floats, y: Floats, rate: Rate = 1.0
    ) -> tuple[list[Floats], list[Floats]]:
        """Gradient of `cost`, times `rate`, or times its mean for the penalty; see the base."""
        super().backprop(x, y, rate)
        share = float(np.mean(rate)) * self.alpha / len(x)
        for w, nabla in zip(self.weights, self.nabla_w, strict=True):
            nabla += share * w
        return self.nabla_w, self.nabla_b


def _relative(sample_weight: ArrayLike, dtype: np.dtype[np.floating]) -> Floats:
    """Weights of samples, (n,), as a column whose mean is 1: (n, 1)."""
    weights: Floats = np.asarray(sample_weight, np.float64).reshape(-1, 1)
    weights = weights / weights.mean()
    return weights.astype(dtype)


def _hidden(x: Floats, recipe: Recipe, rng: np.random.Generator) -> Floats:
    """x with a share of its inputs set to 0, other ones every epoch."""
    if not recipe.input_dropout:
        return x
    return x * (rng.random(x.shape, np.float32) >= recipe.input_dropout)


def _examiner(
    network: SigmoidNetwork, x: ArrayLike, y: ArrayLike, weights: Floats | None = None
) -> Callable[[], tuple[float, float]]:
    """A function that gives the network's cost and accuracy on (x, y).

    weights : of the rows in the cost, (n, 1), 1 on average
    """
    weighing = 1.0 if weights is None else weights
    x, y = np.asarray(x), np.asarray(y)
    labels, has_class = y.argmax(axis=1), y.any(axis=1)

    def examine() -> tuple[float, float]:
        z = network.logits(x)
        right = z.argmax(axis=1) == labels
        return cross_entropy(z, y, weighing), float(right[has_class].mean())

    return examine
