"""How fast the article's experiment trains, against others.

    .venv/bin/python -m bench.training

All fit the same 1,500 digits with the same settings (15 hidden neurons, 50 epochs, mini-batch
10), whole call, in turns, in one process with one BLAS thread: scikit-learn's MLPClassifier,
PyTorch if it is installed, and a bare loop of the same steps in NumPy, without records of
the epochs. Then how the time grows with rows, width and mini-batch.
"""

import contextlib
import statistics
import time
import warnings

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from bench.table import Table
from nn import SigmoidClassifier, digits

SETTINGS = {
    "hidden_layer_sizes": (15,),
    "batch_size": 10,
    "learning_rate_init": 0.1,
    "max_iter": 50,
}
PLAIN_SGD = {"activation": "logistic", "solver": "sgd", "momentum": 0, "alpha": 0}
SEEDS = range(5)
# The settings whose growth is shown, one at a time, around the article's.
GROWTH = {
    "rows": (375, 750, 1500),
    "hidden neurons": (15, 60, 240),
    "mini-batch": (1, 10, 100),
}


class Bare:
    """Plain gradient descent in NumPy, and nothing else."""

    def __init__(self, hidden_layer_sizes, batch_size, learning_rate_init, max_iter, **_):
        self.hidden, self.size = hidden_layer_sizes[0], batch_size
        self.rate, self.epochs = learning_rate_init, max_iter

    def fit(self, x, y):
        rng = np.random.default_rng(0)
        x, targets = (x / 16).astype("f"), np.eye(10, dtype="f")[y]
        w1 = rng.normal(0, 1 / 8, (64, self.hidden)).astype("f")
        w2 = rng.normal(0, self.hidden**-0.5, (self.hidden, 10)).astype("f")
        b1, b2 = np.zeros(self.hidden, "f"), np.zeros(10, "f")
        for _ in range(self.epochs):
            order = rng.permutation(len(x))
            shuffled, wanted = x[order], targets[order]
            for start in range(0, len(x), self.size):
                a0, t = shuffled[start : start + self.size], wanted[start : start + self.size]
                a1 = 1 / (1 + np.exp(-(a0.dot(w1) + b1)))
                delta = (1 / (1 + np.exp(-(a1.dot(w2) + b2))) - t) * (self.rate / len(t))
                before = delta.dot(w2.T) * a1 * (1 - a1)
                w2 -= a1.T.dot(delta)
                b2 -= delta.sum(axis=0)
                w1 -= a0.T.dot(before)
                b1 -= before.sum(axis=0)
        self.layers = w1, b1, w2, b2
        return self

    def score(self, x, y):
        w1, b1, w2, b2 = self.layers
        a1 = 1 / (1 + np.exp(-(x / 16 @ w1 + b1)))
        return np.mean((a1 @ w2 + b2).argmax(axis=1) == y)


class PyTorch(Bare):
    """The same network and steps as PyTorch has them."""

    def fit(self, x, y):
        import torch

        torch.manual_seed(0)
        torch.set_num_threads(1)
        layers = torch.nn.Linear(64, self.hidden), torch.nn.Linear(self.hidden, 10)
        net = torch.nn.Sequential(layers[0], torch.nn.Sigmoid(), layers[1])
        optimiser = torch.optim.SGD(net.parameters(), lr=self.rate)
        cost = torch.nn.BCEWithLogitsLoss(reduction="sum")
        x, targets = torch.tensor(x / 16).float(), torch.eye(10)[torch.tensor(y)]
        for _ in range(self.epochs):
            for rows in torch.randperm(len(x)).split(self.size):
                optimiser.zero_grad()
                (cost(net(x[rows]), targets[rows]) / len(rows)).backward()
                optimiser.step()
        parameters = [p.detach().numpy() for layer in layers for p in layer.parameters()]
        self.layers = parameters[0].T, parameters[1], parameters[2].T, parameters[3]
        return self


def against_others():
    training, test = digits.split(*digits.load())
    kinds = {
        "SigmoidClassifier": lambda seed: SigmoidClassifier(**SETTINGS, random_state=seed),
        "scikit-learn MLPClassifier": lambda seed: _mlp(SETTINGS, seed),
        "the same steps in bare NumPy": lambda _seed: Bare(**SETTINGS),
    }
    with contextlib.suppress(ImportError):
        import torch  # noqa: F401

        kinds["PyTorch"] = lambda _seed: PyTorch(**SETTINGS)
    seconds, accuracies = ({name: [] for name in kinds} for _ in range(2))
    for seed in SEEDS:
        for name, make in kinds.items():
            classifier = make(seed)
            seconds[name].append(_seconds(classifier, *training))
            accuracies[name].append(classifier.score(*test))
    own = seconds["SigmoidClassifier"]
    rows = [
        (
            name,
            f"{statistics.median(seconds[name]):.3f}",
            f"{statistics.median(a / b for a, b in zip(seconds[name], own, strict=True)):.2f}",
            f"{statistics.mean(accuracies[name]):.4f}",
        )
        for name in kinds
    ]
    columns = ("the article's experiment", "seconds", "of ours", "test accuracy")
    return Table("Training", "bench.training", columns, rows)


def growth():
    (x, y), _ = digits.split(*digits.load())
    rows, base = [], None
    for name, values in GROWTH.items():
        for value in values:
            settings, n = dict(SETTINGS, max_iter=10), len(x)
            if name == "rows":
                n = value
            elif name == "mini-batch":
                settings["batch_size"] = value
            else:
                settings["hidden_layer_sizes"] = (value,)
            own, others = (
                min(_seconds(make(), x[:n], y[:n]) for _ in range(3))
                for make in (
                    lambda s=settings: SigmoidClassifier(**s, random_state=0),
                    lambda s=settings: _mlp(s, 0),
                )
            )
            base = base or own
            rows.append(
                (f"{name} {value}", f"{own:.3f}", f"{own / base:.2f}", f"{others / own:.2f}")
            )
    columns = ("10 epochs", "seconds", "of the first row", "MLPClassifier / ours")
    note = "All else as in the article: 1,500 rows, 15 hidden neurons, mini-batch 10."
    return Table("Training: how the time grows", "bench.training", columns, rows, note)


def _mlp(settings, seed):
    return MLPClassifier(**settings, **PLAIN_SGD, random_state=seed)


def _seconds(classifier, x, y):
    start = time.perf_counter()
    classifier.fit(x, y)
    return time.perf_counter() - start


def tables():
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # so many epochs are compared
        return [against_others(), growth()]


if __name__ == "__main__":
    print(*tables(), sep="\n")
