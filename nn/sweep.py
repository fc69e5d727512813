"""Which settings learn the digits best: scikit-learn's grid search over SigmoidClassifier.

joblib shares out the fits, among this computer's processors or among the workers of a Dask
cluster. The same settings and seed give the same results everywhere.
"""

import contextlib
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import prod
from typing import Any

import joblib
import numpy as np
from numpy.typing import NDArray
from sklearn.exceptions import FitFailedWarning
from sklearn.model_selection import GridSearchCV, StratifiedKFold

from nn import dask_cluster, digits
from nn.classifier import SigmoidClassifier
from nn.refusal import Refusal

Grid = Mapping[str, Sequence[Any]]  # the values to try, by parameter of SigmoidClassifier

MAX_COMBINATIONS = 1000


class SweepError(Refusal):
    """A search without a result; the message says why."""

    code = "bad_sweep"


@dataclass(frozen=True)
class Result:
    """How one combination does.

    Attributes
    ----------
    rank : int >= 1
        1 for the best; equal ones share the better rank.
    settings : dict
        Parameters of SigmoidClassifier by name, in the order of the grid.
    scores : tuple of float, 0..1
        Accuracy on each fold, by the network that learnt from the other folds; NaN where the
        cost became infinite.
    """

    rank: int
    settings: dict[str, Any]
    scores: tuple[float, ...]

    @property
    def mean(self) -> float:
        """NaN if training diverged on any fold."""
        return float(np.mean(self.scores))

    @property
    def spread(self) -> float:
        """Standard deviation of the scores; NaN as `mean`."""
        return float(np.std(self.scores))


def n_fits(grid: Grid, folds: int) -> int:
    """How many networks a search trains; SweepError if there are too many combinations."""
    combinations = prod(len(values) for values in grid.values())
    if combinations > MAX_COMBINATIONS:
        raise SweepError(
            "These values make {n:,} combinations; at most {limit:,} are tried. Leave some "
            "values out.",
            n=combinations,
            limit=MAX_COMBINATIONS,
        )
    return combinations * folds


def search(
    grid: Grid,
    folds: int,
    seed: int,
    *,
    jobs: int = 1,
    scheduler: str | None = None,
    advance: Callable[[int], None] = lambda _done: None,
) -> list[Result]:
    """Try every combination on the 1,500 training digits; a Result each, best first.

    Parameters
    ----------
    grid : dict of str to list
    folds : int >= 2
        Parts of the digits; each is scored once by a network that learnt from the others.
    seed : int
        Of the folds and of every network.
    jobs : int >= 1
        Processes on this computer.
    scheduler : str, or None
        Address of a Dask scheduler, such as tcp://127.0.0.1:8786, whose workers do the work.
    advance : function
        Called with the number of networks trained so far, from any thread.

    Raises
    ------
    SweepError
        When there are too many combinations, and when all of them diverge.
    nn.dask_cluster.ClusterError
        When the cluster is out of reach, or cannot do the work.
    """
    n_fits(grid, folds)
    x, y = digits.split(*digits.load())[0]
    parts = StratifiedKFold(folds, shuffle=True, random_state=seed).split(x, y)
    found = GridSearchCV(
        SigmoidClassifier(random_state=seed),
        dict(grid),
        cv=[(training.tolist(), test.tolist()) for training, test in parts],
        refit=False,
    )
    where = dask_cluster.working(scheduler) if scheduler else _processes(jobs)
    with where, _following(advance):
        # Lists go along with each task. Arrays would go to a worker of a cluster ahead of the
        # tasks, and be lost with it.
        _fit(found, x.tolist(), y.tolist())
    return _results(found.cv_results_, folds, list(grid))


def held_out_accuracy(settings: Mapping[str, Any], seed: int) -> float:
    """Accuracy, 0..1, on the 297 held-out digits of a network that learnt from the 1,500."""
    training, test = digits.split(*digits.load())
    classifier = SigmoidClassifier(**settings, random_state=seed).fit(*training)
    return float(classifier.score(*test))


def _fit(found: GridSearchCV, x: list[list[int]], y: list[int]) -> None:
    with warnings.catch_warnings():
        # Fits that diverge are shown as such in the results.
        warnings.simplefilter("ignore", FitFailedWarning)
        warnings.filterwarnings("ignore", "One or more of the test scores are non-finite")
        try:
            found.fit(x, y)
        except ValueError as error:
            if "fits failed" not in str(error):
                raise
            raise SweepError(
                "With every combination the cost stopped being a number; try smaller learning "
                "rates."
            ) from error


def _results(
    table: Mapping[str, NDArray[Any]], folds: int, order: Sequence[str]
) -> list[Result]:
    scores = np.transpose([table[f"split{fold}_test_score"] for fold in range(folds)])
    results = [
        Result(int(rank), {name: settings[name] for name in order}, tuple(map(float, row)))
        for rank, settings, row in zip(
            table["rank_test_score"], table["params"], scores, strict=True
        )
    ]
    return sorted(results, key=lambda result: result.rank)


@contextlib.contextmanager
def _following(advance: Callable[[int], None]) -> Iterator[None]:
    """Within it, `advance` hears how many tasks joblib has finished.

    joblib counts them, and tells nobody but the method that prints the count.
    """
    original = joblib.Parallel.print_progress
    joblib.Parallel.print_progress = lambda parallel: advance(parallel.n_completed_tasks)
    try:
        yield
    finally:
        joblib.Parallel.print_progress = original


def _processes(jobs: int) -> Any:
    """Within it, joblib gives its work to so many processes."""
    return joblib.parallel_config("loky", n_jobs=jobs)
