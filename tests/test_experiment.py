import dataclasses

import numpy as np
import pytest

from nn import files
from nn.experiment import Experiment, held_out_digits
from nn.presets import PRESETS

QUICK = dataclasses.replace(PRESETS["workshop"], hidden=(20,), epochs=2, copies=1)


def finished(preset):
    """A model, the epochs' records and the calls of progress, all the way through."""
    calls = []
    experiment = Experiment(preset)
    records = list(experiment.epochs(lambda *call: calls.append(call)))
    return experiment.model(), records, calls


@pytest.fixture(scope="module")
def quick():
    return finished(QUICK)


def test_experiment_reports_its_pictures_and_its_epochs(quick):
    _, records, calls = quick
    done, total = calls[-1]
    assert done == total > 1500
    assert [record.number for record in records] == [1, 2]


def test_test_accuracy_is_that_of_the_held_out_digits(quick):
    model, records, _ = quick
    pixels, labels = held_out_digits()
    assert len(labels) == 297
    accuracy = np.mean(model.predict_proba(pixels).argmax(axis=1) == labels)
    assert accuracy == model.figures["test_accuracy"] == records[-1].test_accuracy


def test_model_says_what_it_was_trained_on(quick):
    assert quick[0].trained_on == f"1500 of scikit-learn's digits, {QUICK}"


def test_temperature_is_fitted(quick):
    assert 0.05 < quick[0].temperature < 20
    assert quick[0].temperature != 1


def test_the_same_preset_gives_the_same_model_file(quick):
    again, records, _ = finished(QUICK)
    assert files.to_bytes(again) == files.to_bytes(quick[0])
    assert records == quick[1]


def test_another_seed_gives_another_training():
    article = dataclasses.replace(PRESETS["article"], epochs=1)
    one, two = (
        next(Experiment(dataclasses.replace(article, seed=seed)).epochs()) for seed in (0, 1)
    )
    assert one.cost != two.cost
