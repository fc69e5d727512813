"""The network as a scikit-learn estimator, named like sklearn.neural_network.MLPClassifier."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import (
    _check_sample_weight,
    check_is_fitted,
    check_X_y,
    validate_data,
)

from nn import fitting
from nn.classifier_settings import check_settings
from nn.fitting import Course, Samples
from nn.network import Floats, SigmoidNetwork


class SigmoidClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Sigmoid network trained by plain mini-batch gradient descent.

    Parameters are named like those of sklearn.neural_network.MLPClassifier and mean the same;
    docs/scikit-learn.md compares them one by one. The defaults are the article's experiment.

    Parameters
    ----------
    hidden_layer_sizes : tuple of ints >= 1
        Neurons per hidden layer; () for none.
    batch_size : int >= 1
    learning_rate_init : float > 0
        Constant throughout.
    max_iter : int >= 1
        Epochs.
    random_state : None, int or numpy.random.RandomState
        Of initial weights, of the order of samples, and of the validation data.
    alpha : float >= 0
        Strength of the L2 penalty; see nn.training.Penalised.
    momentum : float, 0..1
        Share of each step that the next one keeps; see nn.optimisers.Momentum.
    nesterovs_momentum : bool
    shuffle : bool
        Whether each epoch takes the samples in another order.
    tol : float >= 0, or None
        Training stops when the loss has not fallen by `tol` for `n_iter_no_change` epochs, or,
        with early stopping, the validation score has not risen by it. None: it stops with
        early stopping only, for which it is 1e-4.
    n_iter_no_change : int >= 1, or numpy.inf
    early_stopping : bool
        Set a part of the samples aside, stop when their accuracy no longer rises, and return
        to the parameters that did best on them.
    validation_fraction : float, 0 < fraction < 1
        How large that part is.
    warm_start : bool
        `fit` goes on from the last fit instead of beginning anew.
    verbose : bool
        Print the loss after each epoch.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    network_ : SigmoidNetwork
    scale_ : float
        Largest magnitude in the first training data, by which inputs are divided; 16 for
        digits.
    loss_, loss_curve_ : float and list of float
        Cost with its penalty, after the last epoch and after each of all calls.
    best_loss_ : float, or None with early stopping
    validation_scores_, best_validation_score_ : list of float and float; None without early
        stopping
    n_iter_ : int
        Epochs of the last call.
    t_ : int
        Samples seen so far, each once an epoch.
    coefs_, intercepts_ : lists of ndarrays
        Views of the weights, (n_in, n_out), and biases, (n_out,), layer by layer. They are
        made for inputs divided by `scale_`.
    n_layers_, n_outputs_ : int
        Layers with inputs and outputs, and one output per class.
    out_activation_ : str
        "logistic".
    """

    out_activation_ = "logistic"
    _course: Course
    network_: SigmoidNetwork

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] = (15,),
        batch_size: int = 10,
        learning_rate_init: float = 0.1,
        max_iter: int = 50,
        random_state: int | np.random.RandomState | None = None,
        *,
        alpha: float = 0.0,
        momentum: float = 0.0,
        nesterovs_momentum: bool = True,
        shuffle: bool = True,
        tol: float | None = None,
        n_iter_no_change: float = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        verbose: bool = False,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state
        self.alpha = alpha
        self.momentum = momentum
        self.nesterovs_momentum = nesterovs_momentum
        self.shuffle = shuffle
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.verbose = verbose

    def fit(self, X: ArrayLike, y: ArrayLike, sample_weight: ArrayLike | None = None) -> Self:
        """Learn from X of shape (n_samples, n_features) and labels y of shape (n_samples,).

        sample_weight, (n_samples,), >= 0, tells how much each sample counts; by default all
        alike.

        Raises ValueError for unusable data or settings, nn.training.Diverged if the cost
        becomes NaN or infinite; the estimator is then as it was before. Warns with
        ConvergenceWarning if it was to stop by itself and reaches max_iter.
        """
        check_settings(self)
        goes_on = self.warm_start and hasattr(self, "network_")
        return self._learn(fitting.fit, X, y, sample_weight, goes_on)

    def partial_fit(
        self,
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None = None,
        classes: ArrayLike | None = None,
    ) -> Self:
        """Learn from some samples for one epoch, as `fit` does, and go on from what was learnt.

        classes are those of all calls; the first call needs them. As many calls with the same
        samples as `max_iter` make what one `fit` makes.
        """
        check_settings(self)
        if self.early_stopping:
            raise ValueError("partial_fit does not support early_stopping=True.")
        goes_on = hasattr(self, "network_")
        if classes is not None:
            classes = np.unique(classes)
            if goes_on and not np.array_equal(classes, self.classes_):
                raise ValueError(
                    f"classes: {classes.tolist()} are not those of the first call, "
                    f"{self.classes_.tolist()}."
                )
        elif not goes_on:
            raise ValueError("classes must be passed on the first call to partial_fit.")
        return self._learn(fitting.one_epoch, X, y, sample_weight, goes_on, classes)

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities, (n_samples, n_classes), in the order of `classes_`."""
        check_is_fitted(self)
        inputs = validate_data(self, X, dtype=np.float64, reset=False)
        return self.network_.predict_proba(inputs / self.scale_)

    def predict_log_proba(self, X: ArrayLike) -> Floats:
        """Natural logarithms of the probabilities, (n_samples, n_classes)."""
        with np.errstate(divide="ignore"):  # of a probability that is 0 to the last digit
            logarithms: Floats = np.log(self.predict_proba(X))
        return logarithms

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class of each sample, (n_samples,)."""
        probabilities = self.predict_proba(X)
        predicted: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return predicted

    @property
    def coefs_(self) -> list[Floats]:
        return [w.T for w in self.network_.weights]

    @property
    def intercepts_(self) -> list[Floats]:
        return self.network_.biases

    @property
    def n_layers_(self) -> int:
        return len(self.network_.sizes)

    @property
    def n_outputs_(self) -> int:
        return self.network_.sizes[-1]

    def _learn(
        self,
        train: Callable[[Course, BaseEstimator, Samples], int],
        X: ArrayLike,
        y: ArrayLike,
        sample_weight: ArrayLike | None,
        goes_on: bool,
        classes: NDArray[Any] | None = None,
    ) -> Self:
        """Check the data, train, and only then change anything of the estimator."""
        if goes_on:
            x, y = validate_data(self, X, y, dtype=np.float64, reset=False)
        else:
            x, y = check_X_y(X, y, dtype=np.float64, estimator=self)
        check_classification_targets(y)
        weights = None
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, x, ensure_non_negative=True)
        samples = Samples(x, np.asarray(y), weights).counting()
        if goes_on:
            course = self._course.resumed(self)
        else:
            course = Course.begun(self, samples, np.unique(y) if classes is None else classes)
        self.n_iter_ = train(course, self, course.encoded(samples))
        if not goes_on:
            validate_data(self, X, skip_check_array=True)  # number and names of features
        self._course, self.t_ = course, course.n_seen
        self.network_, self.classes_, self.scale_ = course.network, course.classes, course.scale
        self.loss_curve_, self.loss_ = course.losses, course.losses[-1]
        self.best_loss_ = None if self.early_stopping else min(course.losses)
        self.validation_scores_ = course.scores if self.early_stopping else None
        self.best_validation_score_ = max(course.scores) if self.early_stopping else None
        return self
