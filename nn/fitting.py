"""How SigmoidClassifier trains: epoch by epoch, until it is time to stop."""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple, Self

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


class Samples(NamedTuple):
    """Rows x (n, n_features), their labels y (n,), and weights (n,), or None."""

    x: Floats
    y: NDArray[Any]
    weights: Floats | None = None

    def counting(self) -> Self:
        """Those of them whose weight is not 0."""
        return self if self.weights is None else self.at(np.flatnonzero(self.weights))

    def at(self, rows: NDArray[np.integer]) -> Self:
        """Some of the rows."""
        weights = None if self.weights is None else self.weights[rows]
        return self._replace(x=self.x[rows], y=self.y[rows], weights=weights)


@dataclass
class Course:
    """A network on its way, with all that the next call of fit or partial_fit goes on from."""

    network: SigmoidNetwork
    classes: NDArray[Any]  # (n_classes,)
    scale: float  # by which inputs are divided
    rng: np.random.Generator  # of the order of samples
    momentum: Momentum = field(default_factory=Momentum)
    losses: list[float] = field(default_factory=list)  # after each epoch
    scores: list[float] = field(default_factory=list)  # on validation data, after each epoch
    n_seen: int = 0  # samples, each once an epoch

    @classmethod
    def begun(cls, classifier: BaseEstimator, samples: Samples, classes: NDArray[Any]) -> Self:
        """A new network for these samples."""
        if len(classes) < 2:
            raise ValueError(f"y has one class only, {classes.tolist()[0]!r}; two are needed.")
        seeds = check_random_state(classifier.random_state).randint(2**31, size=2)
        network = SigmoidNetwork(
            [samples.x.shape[1], *classifier.hidden_layer_sizes, len(classes)],
            seeds[0],
            np.float32,  # a tenth faster than float64, and as accurate here
        )
        scale = np.abs(samples.x).max() or 1.0
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

    def encoded(self, samples: Samples) -> Samples:
        """The samples as the network takes them: inputs scaled, labels numbered from 0.

        ValueError names labels that are not among the classes.
        """
        unknown = np.setdiff1d(samples.y, self.classes)
        if len(unknown):
            raise ValueError(
                f"y has classes that the first call did not name: {unknown.tolist()}; they are "
                f"{self.classes.tolist()}."
            )
        y = np.searchsorted(self.classes, samples.y)
        return samples._replace(x=samples.x / self.scale, y=y)


def fit(course: Course, classifier: BaseEstimator, samples: Samples) -> int:
    """Train in place until max_iter or until nothing improves; how many epochs that took.

    With early stopping, a part of the samples only measures the accuracy, and the network ends
    with the parameters that did best. As in MLPClassifier, momentum begins at 0 again, and the
    best of earlier calls counts.
    """
    course.momentum = Momentum()
    validation = None
    if classifier.early_stopping:
        samples, validation = _split(samples, classifier)
    figures = course.losses if validation is None else [-score for score in course.scores]
    stopping = Stopping(classifier, min(figures, default=np.inf))
    best = course.network.parameters.copy()
    for n_iter, loss in enumerate(epochs(course, classifier, samples, classifier.max_iter), 1):
        if validation is None:
            stopping.takes(loss)
        elif stopping.takes(-_score(course, classifier, validation)):
            best[:] = course.network.parameters
        if stopping.is_due(n_iter):
            break
    if validation is not None:
        course.network.parameters[:] = best
    return n_iter


def one_epoch(course: Course, classifier: BaseEstimator, samples: Samples) -> int:
    """Train in place for one epoch; returns 1."""
    return len(list(epochs(course, classifier, samples, 1)))


def epochs(
    course: Course, classifier: BaseEstimator, samples: Samples, n: int
) -> Iterator[float]:
    """Train in place for n epochs; yields the loss after each of them."""
    n_samples, network = len(samples.x), course.network
    if classifier.alpha:
        # With weights, MLPClassifier divides the penalty by their sum.
        mean = 1 if samples.weights is None else samples.weights.mean()
        network = Penalised(network, classifier.alpha / mean)
    for epoch in train(
        network,
        samples.x,
        one_hot(samples.y, len(course.classes)),
        epochs=n,
        batch_size=classifier.batch_size,
        learning_rate=classifier.learning_rate_init,
        optimiser=_optimiser(course, classifier),
        sampler=shuffled(n_samples) if classifier.shuffle else _unshuffled(n_samples),
        sample_weight=samples.weights,
        random_state=course.rng,
    ):
        loss = epoch.cost
        if isinstance(network, Penalised):
            loss += network.penalty(min(classifier.batch_size, n_samples))
        course.losses.append(loss)
        course.n_seen += n_samples
        if classifier.verbose:
            print(f"Iteration {epoch.number}, loss = {loss:.8f}")
        yield loss


def _optimiser(course: Course, classifier: BaseEstimator) -> Optimiser:
    if not classifier.momentum:
        return GradientDescent()
    course.momentum.momentum = classifier.momentum
    course.momentum.nesterov = classifier.nesterovs_momentum
    return course.momentum


def _unshuffled(n: int) -> Sampler:
    """A sampler of n rows, always in their own order."""
    return lambda _rng: np.arange(n)


def _split(samples: Samples, classifier: BaseEstimator) -> tuple[Samples, Samples]:
    """Samples to train on and to validate with, each class in both."""
    rows = train_test_split(
        np.arange(len(samples.y)),
        test_size=classifier.validation_fraction,
        stratify=samples.y,
        random_state=check_random_state(classifier.random_state),
    )
    training, validation = map(samples.at, rows)
    return training, validation


def _score(course: Course, classifier: BaseEstimator, validation: Samples) -> float:
    """Accuracy on the validation samples, 0..1, noted in the course."""
    right = course.network.logits(validation.x).argmax(axis=1) == validation.y
    score = float(np.average(right, weights=validation.weights))
    course.scores.append(score)
    if classifier.verbose:
        print(f"Validation score: {score:f}")
    return score
