"""Mini-batch stochastic gradient descent as a generator: one record per epoch.

It never prints and keeps nothing: whoever reads decides what to show, and training stops
when its reader stops.
"""

from dataclasses import dataclass

import numpy as np

from nn.network import cross_entropy
from nn.optimisers import Adam, GradientDescent, constant, one_cycle


class Diverged(ArithmeticError):
    """The cost is no longer a finite number."""


@dataclass(frozen=True)
class Recipe:
    """What a larger network needs to learn more than its training pictures by heart.

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
    network,
    x,
    y,
    *,
    epochs,
    batch_size,
    learning_rate,
    recipe=PLAIN,
    random_state=None,
    test=(),
    extra=(),
    extra_share=0.0,
):
    """Train `network` in place; yield an `Epoch` after each pass over the data.

    Parameters
    ----------
    network : SigmoidNetwork
    x : ndarray of shape (n, sizes[0]), scaled to about 0..1
    y : ndarray of shape (n, sizes[-1]), one-hot rows, or 0 throughout for none of the classes
    epochs, batch_size : int >= 1
        The last mini-batch of an epoch may be smaller.
    learning_rate : float > 0
        Factor of the gradient of the mini-batch's mean cost.
    recipe : Recipe
    random_state : None, int or numpy.random.Generator
        Seed of the order of samples (shuffled every epoch) and of dropout.
    test : pair of arrays like (x, y), evaluated but never trained on; or empty
    extra : pair of arrays like (x, y), of at least one row; or empty
        More samples, few or many, that take up a fixed share of every mini-batch. An epoch
        is still one pass over x; the extra samples take turns.
    extra_share : float, 0 <= extra_share < 1
        That share, to within one sample of a mini-batch; without `extra` it counts as 0.

    Raises
    ------
    Diverged
        When the cost stops being a finite number; the sentence names the epoch.
    """
    rng = np.random.default_rng(random_state)
    dtype = network.parameters.dtype
    x, y = np.asarray(x, dtype), np.asarray(y, dtype)
    n, n_turns = len(x), 0
    if extra:
        n_turns = round(n * extra_share / (1 - extra_share))
        x, y = (np.concatenate(pair, dtype=dtype) for pair in zip((x, y), extra, strict=True))
    targets = y + dtype.type(recipe.label_smoothing) * (1 / y.shape[1] - y)
    optimiser = Adam() if recipe.adam else GradientDescent()
    schedule = one_cycle if recipe.one_cycle else constant
    gradient = np.empty_like(network.parameters)
    nabla = network.by_layer(gradient)
    on_training, on_test = _examiner(network, x, y), _examiner(network, *test)
    batches = [slice(i, i + batch_size) for i in range(0, n + n_turns, batch_size)]
    steps = epochs * len(batches)
    keep = 1 - recipe.dropout
    for epoch in range(epochs):
        order = _order(n, len(x) - n, n_turns, rng)
        shuffled_x, shuffled_y = _hidden(x[order], recipe, rng), targets[order]
        # Numbers too large show in the cost, which is checked below.
        with np.errstate(over="ignore", invalid="ignore"):
            for step, batch in enumerate(batches, epoch * len(batches)):
                network.backprop(shuffled_x[batch], shuffled_y[batch], nabla, keep, rng)
                rate = learning_rate * schedule(step / steps)
                optimiser.step(network.parameters, gradient, rate)
            record = Epoch(epoch + 1, *on_training(), *on_test())
        if not np.isfinite(record.cost):
            raise Diverged(
                f"The cost stopped being a number at epoch {record.number}; "
                "try a smaller learning rate."
            )
        yield record


def _order(n, n_extra, n_turns, rng):
    """One epoch's row numbers: 0..n-1 shuffled, and `n_turns` of the n_extra that follow.

    The extra rows stand at even distances, so that they have the same share of every stretch.
    """
    order = rng.permutation(n)
    if not n_turns:
        return order
    extra = n + np.resize(rng.permutation(n_extra), n_turns)
    return np.insert(order, np.linspace(0, n, n_turns).astype(int), extra)


def _hidden(x, recipe, rng):
    """x with a share of its inputs set to 0, other ones every epoch."""
    if not recipe.input_dropout:
        return x
    return x * (rng.random(x.shape, np.float32) >= recipe.input_dropout)


def _examiner(network, x=None, y=None):
    """A function that gives cost and accuracy on (x, y); both None without data."""
    if x is None:
        return lambda: (None, None)
    labels, has_class = y.argmax(axis=1), y.any(axis=1)

    def examine():
        z = network.logits(x)
        right = z.argmax(axis=1) == labels
        return cross_entropy(z, y), float(right[has_class].mean())

    return examine
