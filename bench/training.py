"""How fast the article's experiment trains, against scikit-learn's MLPClassifier.

    .venv/bin/python -m bench.training

Both fit the same 1,500 digits with the same settings (15 hidden neurons, 50 epochs,
mini-batch 10), whole call, in turns, in one process with one BLAS thread. Also printed: the
test accuracy of both, mean over the same five seeds.
"""

import statistics
import time
import warnings

from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier
from threadpoolctl import threadpool_limits

from nn import SigmoidClassifier, digits

SETTINGS = {
    "hidden_layer_sizes": (15,),
    "batch_size": 10,
    "learning_rate_init": 0.1,
    "max_iter": 50,
}
PLAIN_SGD = {"activation": "logistic", "solver": "sgd", "momentum": 0, "alpha": 0}
SEEDS = range(5)


def main():
    training, test = digits.split(*digits.load())
    seconds = {"SigmoidClassifier": [], "MLPClassifier": []}
    accuracies = {"SigmoidClassifier": [], "MLPClassifier": []}
    for seed in SEEDS:
        for classifier in (
            SigmoidClassifier(**SETTINGS, random_state=seed),
            MLPClassifier(**SETTINGS, **PLAIN_SGD, random_state=seed),
        ):
            name = type(classifier).__name__
            start = time.perf_counter()
            classifier.fit(*training)
            seconds[name].append(time.perf_counter() - start)
            accuracies[name].append(classifier.score(*test))
    for name in seconds:
        print(
            f"{name:<18} {statistics.median(seconds[name]):7.3f} s   "
            f"test accuracy {statistics.mean(accuracies[name]):.4f}"
        )
    pairs = zip(seconds["MLPClassifier"], seconds["SigmoidClassifier"], strict=True)
    print(f"ratio              {statistics.median(a / b for a, b in pairs):7.2f}")


if __name__ == "__main__":
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # 50 epochs are what is compared
        main()
