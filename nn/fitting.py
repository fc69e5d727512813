"""How SigmoidClassifier trains: epoch by epoch, until it is time to stop."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state

from nn.digits import one_hot
from nn.network import Floats, SigmoidNetwork
from nn.optimisers import GradientDescent, Momentum, Optimiser
from nn.stopping import Stopping
from nn.training import Penalised, Sampler, shuffled, train


@dataclass
class TrainingState:
    """What the next call of fit or partial_fit goes on from."""

    network: SigmoidNetwork
    classes: NDArray[Any]  # (n_classes,)
    scale: float  # by which inputs are divided
    rng: np.random.Generator  # of the order of samples
    momentum: Momentum = field(default_factory=Momentum)
    losses: list[float] = field(default_factory=list)  # after each epoch
    scores: list[float] = field(default_factory=list)  # on validation data, after each epoch
    n_seen: int = 0  # samples, each once an epoch

    @classmethod
    def begun(cls, classifier: BaseEstimator, x: Floats, classes: NDArray[Any]) -> Self:
        """A new network for samples x, (n, n_features), of these classes."""
        if len(classes) < 2:
            raise ValueError(f"y has one class only, {classes.tolist()[0]!r}; two are needed.")
        seeds = check_random_state(classifier.random_state).randint(2**31, size=2)
        network = SigmoidNetwork(
            [x.shape[1], *classifier.hidden_layer_sizes, len(classes)],
            seeds[0],
            np.float32,  # a tenth faster than float64, and as accurate here
        )
        scale = np.abs(x).max() or 1.0
        return cls(network, classes, scale, np.random.default_rng(seeds[1]))

    def resumed(self, classifier: BaseEstimator) -> Self:
        """A copy to go on with, so that a failure leaves this one as it is."""
        sizes = tuple(self.network.sizes[1:-1])
        if tuple(classifier.hidden_layer_sizes) != sizes:
            raise ValueError(
                f"hidden_layer_sizes: {classifier.hidden_layer_sizes!r} are not those of the "
                f"network that this goes on from, {sizes}. Call fit with warm_start=False to "
                "begin anew."
            )
        return copy.deepcopy(self)

    def numbered(self, y: NDArray[Any]) -> NDArray[np.integer]:
        """Labels, (n,), as places in `classes`; ValueError names those that are not there."""
        unknown = np.setdiff1d(y, self.classes)
        if len(unknown):
            raise ValueError(
                f"y has classes that the first call did not name: {unknown.tolist()}; they are "
                f"{self.classes.tolist()}."
            )
        return np.searchsorted(self.classes, y)


def fit(
    state: TrainingState, classifier: BaseEstimator, x: Floats, y: NDArray[np.integer]
) -> int:
    """Train in place until max_iter or until nothing improves; how many epochs that took.

    x : (n, n_features), divided by `state.scale`
    y : (n,), the numbers of their classes

    With early stopping, a part of the samples only measures the accuracy, and the network ends
    with the parameters that did best. As in MLPClassifier, momentum begins at 0 again, and the
    best of earlier calls counts.
    """
    state.momentum = Momentum()
    if classifier.early_stopping:
        x, x_validation, y, y_validation = train_test_split(
            x,
            y,
            test_size=classifier.validation_fraction,
            stratify=y,
            random_state=classifier.random_state,
        )
        figures = [-score for score in state.scores]
    else:
        figures = state.losses
    stopping = Stopping(classifier, min(figures, default=np.inf))
    best = state.network.parameters.copy()
    for n_iter, loss in enumerate(_epochs(state, classifier, x, y, classifier.max_iter), 1):
        if not classifier.early_stopping:
            stopping.record(loss)
        elif stopping.record(-_score(state, classifier, x_validation, y_validation)):
            best[:] = state.network.parameters
        if stopping.is_due(n_iter):
            break
    if classifier.early_stopping:
        state.network.parameters[:] = best
    return n_iter


def one_epoch(
    state: TrainingState, classifier: BaseEstimator, x: Floats, y: NDArray[np.integer]
) -> int:
    """Train in place for one epoch, as `fit` does; returns 1."""
    return len(list(_epochs(state, classifier, x, y, 1)))


def _epochs(
    state: TrainingState, classifier: BaseEstimator, x: Floats, y: NDArray[np.integer], n: int
) -> Iterator[float]:
    """Train in place for n epochs; yields the loss after each of them."""
    n_samples, network = len(x), state.network
    if classifier.alpha:
        network = Penalised(network, classifier.alpha)
    for epoch in train(
        network,
        x,
        one_hot(y, len(state.classes)),
        epochs=n,
        batch_size=classifier.batch_size,
        learning_rate=classifier.learning_rate_init,
        optimiser=_optimiser(state, classifier),
        sampler=shuffled(n_samples) if classifier.shuffle else _unshuffled(n_samples),
        random_state=state.rng,
    ):
        loss = epoch.cost
        if isinstance(network, Penalised):
            loss += network.penalty(min(classifier.batch_size, n_samples))
        state.losses.append(loss)
        state.n_seen += n_samples
        if classifier.verbose:
            print(f"Iteration {epoch.number}, loss = {loss:.8f}")
        yield loss


def _optimiser(state: TrainingState, classifier: BaseEstimator) -> Optimiser:
    if not classifier.momentum:
        return GradientDescent()
    state.momentum.momentum = classifier.momentum
    state.momentum.nesterov = classifier.nesterovs_momentum
    return state.momentum


def _unshuffled(n: int) -> Sampler:
    """A sampler of n rows, always in their own order."""
    return lambda _rng: np.arange(n)


def _score(
    state: TrainingState, classifier: BaseEstimator, x: Floats, y: NDArray[np.integer]
) -> float:
    """Accuracy on the validation samples, 0..1, kept in `state.scores`."""
    score = float(np.mean(state.network.logits(x).argmax(axis=1) == y))
    state.scores.append(score)
    if classifier.verbose:
        print(f"Validation score: {score:f}")
    return score
