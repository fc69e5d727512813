"""When SigmoidClassifier has trained long enough: MLPClassifier's rule."""

import warnings

from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning

_TOL = 1e-4  # MLPClassifier's


class Stopping:
    """Tells when a figure that should fall has not fallen by `tol` for too many epochs.

    The rule is MLPClassifier's. Without early_stopping and without tol there is none.

    best : the lowest figure before
    """

    def __init__(self, classifier: BaseEstimator, best: float) -> None:
        self.classifier, self.best = classifier, best
        self.is_asked_for = classifier.early_stopping or classifier.tol is not None
        self.tol = _TOL if classifier.tol is None else classifier.tol
        self.n_unchanged = 0

    def takes(self, figure: float) -> bool:
        """Note the figure of another epoch; whether it is the lowest so far."""
        self.n_unchanged = self.n_unchanged + 1 if figure > self.best - self.tol else 0
        is_lowest = figure < self.best
        self.best = min(self.best, figure)
        return is_lowest

    def is_due(self, n_iter: int) -> bool:
        """Whether to stop after so many epochs. Warns if this takes more than max_iter."""
        if not self.is_asked_for:
            return False
        limit = self.classifier.n_iter_no_change
        if self.n_unchanged > limit:
            if self.classifier.verbose:
                name = "Validation score" if self.classifier.early_stopping else "Training loss"
                print(
                    f"{name} did not improve more than tol={self.tol:f} for {limit} "
                    "consecutive epochs. Stopping."
                )
            return True
        if n_iter == self.classifier.max_iter:
            warnings.warn(
                f"Maximum iterations ({n_iter}) reached and the optimization hasn't converged "
                "yet.",
                ConvergenceWarning,
                stacklevel=5,  # the line that called fit
            )
        return False
