"""Five-fold cross-validation of the workshop recipe on the rows of scikit-learn's digits.

    .venv/bin/python -m bench.cross_validation

Each fold trains from nothing on four fifths of the 1,797 digits and on what is made from them,
and is asked about the other fifth, of which it has seen neither rows nor copies.
"""

import statistics

from sklearn.model_selection import KFold
from threadpoolctl import threadpool_limits
from tqdm import tqdm

from bench.recognition import PRESET, trained
from nn import augment, digits, evaluation

FOLDS = 5


def main():
    pixels, labels = digits.load()
    folds = KFold(FOLDS, shuffle=True, random_state=0).split(pixels)
    accuracies = []
    for number, (training, held_out) in enumerate(folds, 1):
        with tqdm(desc=f"fold {number}, pictures") as bar:
            made = augment.training_pictures(
                pixels[training],
                labels[training],
                PRESET.copies,
                PRESET.seed,
                lambda done, total, bar=bar: _advance(bar, done, total),
                written=PRESET.written,
            )
        model = trained(*made, PRESET.epochs, f"fold {number}, epochs")
        probabilities = model.predict_proba(pixels[held_out])
        accuracies.append(evaluation.accuracy(probabilities, labels[held_out]))
        print(f"fold {number}  {accuracies[-1]:.4f} of {len(held_out)} rows", flush=True)
    print(f"mean    {statistics.mean(accuracies):.4f}")


def _advance(bar, done, total):
    bar.total = total
    bar.update(done - bar.n)


if __name__ == "__main__":
    with threadpool_limits(1):
        main()
