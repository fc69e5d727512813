"""The network as a scikit-learn estimator, named like sklearn.neural_network.MLPClassifier."""

from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import check_random_state
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted, check_X_y, validate_data

from nn.digits import one_hot
from nn.network import Floats, SigmoidNetwork
from nn.training import train


class SigmoidClassifier(ClassifierMixin, BaseEstimator):  # type: ignore[misc]
    """Sigmoid network trained by plain mini-batch gradient descent.

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
        Of initial weights and of the order of samples.

    Attributes
    ----------
    classes_ : ndarray of shape (n_classes,)
    network_ : SigmoidNetwork
    scale_ : float
        Largest magnitude in the training data, by which inputs are divided; 16 for digits.
    loss_curve_ : list of float
        Cost after each epoch.
    n_iter_ : int
        Epochs done.
    """

    def __init__(
        self,
        hidden_layer_sizes: tuple[int, ...] = (15,),
        batch_size: int = 10,
        learning_rate_init: float = 0.1,
        max_iter: int = 50,
        random_state: int | np.random.RandomState | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: ArrayLike, y: ArrayLike) -> Self:
        """Learn from X of shape (n_samples, n_features) and labels y of shape (n_samples,).

        Raises ValueError for unusable data or settings, nn.training.Diverged if the cost
        becomes NaN or infinite; the estimator is then as it was before.
        """
        inputs, y = check_X_y(X, y, dtype=np.float64, estimator=self)
        check_classification_targets(y)
        self._check_settings()
        classes, labels = np.unique(y, return_inverse=True)
        if len(classes) < 2:
            raise ValueError(f"y has one class only, {classes[0]!r}; two are needed.")
        scale = np.abs(inputs).max() or 1.0
        weights_seed, order_seed = check_random_state(self.random_state).randint(2**31, size=2)
        network = SigmoidNetwork(
            [inputs.shape[1], *self.hidden_layer_sizes, len(classes)],
            weights_seed,
            np.float32,  # a tenth faster than float64, and as accurate here
        )
        epochs = train(
            network,
            inputs / scale,
            one_hot(labels, len(classes)),
            epochs=self.max_iter,
            batch_size=self.batch_size,
            learning_rate=self.learning_rate_init,
            random_state=order_seed,
        )
        self.loss_curve_ = [epoch.cost for epoch in epochs]
        self.n_iter_ = len(self.loss_curve_)
        self.network_, self.classes_, self.scale_ = network, classes, scale
        validate_data(self, X, skip_check_array=True)  # sets the number and names of features
        return self

    def predict_proba(self, X: ArrayLike) -> Floats:
        """Probabilities, (n_samples, n_classes), in the order of `classes_`."""
        check_is_fitted(self)
        inputs = validate_data(self, X, dtype=np.float64, reset=False)
        return self.network_.predict_proba(inputs / self.scale_)

    def predict(self, X: ArrayLike) -> NDArray[Any]:
        """The most probable class of each sample, (n_samples,)."""
        probabilities = self.predict_proba(X)
        predicted: NDArray[Any] = self.classes_[probabilities.argmax(axis=1)]
        return predicted

    def _check_settings(self) -> None:
        if not isinstance(self.hidden_layer_sizes, (tuple, list)):
            raise ValueError(
                f"hidden_layer_sizes: {self.hidden_layer_sizes!r} is not a tuple of whole "
                "numbers from 1 up, such as (15,)."
            )
        for name in ("batch_size", "max_iter"):
            value = getattr(self, name)
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"{name}: {value!r} is not a whole number from 1 up.")
        rate = self.learning_rate_init
        if not isinstance(rate, (int, float, np.number)) or not 0 < rate < np.inf:
            raise ValueError(f"learning_rate_init: {rate!r} is not a number above 0.")
