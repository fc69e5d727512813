from types import SimpleNamespace

import numpy as np
import pytest

from nn import digits
from nn.network import SigmoidNetwork
from nn.report import Comparison, PictureSet, Report, first_weights, held_out_digits

LABELS = np.array([3, 3, 8, 8, 1])
PICTURES = PictureSet("drawings", np.zeros((5, 64), np.uint8), LABELS)


def report(predicted, certainty=0.7, pictures=PICTURES):
    """Of a model that says these digits, each with this certainty."""
    certainty = np.broadcast_to(certainty, len(predicted))
    probabilities = np.repeat((1 - certainty[:, None]) / 9, 10, axis=1)
    probabilities[np.arange(len(predicted)), predicted] = certainty
    return Report(SimpleNamespace(predict_proba=lambda _: probabilities), pictures)


def test_report_counts_what_was_right():
    found = report([3, 8, 8, 8, 1])
    assert (found.n, found.n_right, found.accuracy) == (5, 4, 0.8)
    low, high = found.interval
    assert 0.37 < low < 0.38
    assert 0.96 < high < 0.97
    assert found.confusion[3, 8] == 1
    assert found.recall[3] == 0.5
    assert found.precision[8] == pytest.approx(2 / 3)
    assert found.calibration_error == pytest.approx(0.1)
    assert [b.n for b in found.reliability] == [5]


def test_most_certain_mistake_comes_first():
    found = report([8, 3, 3, 8, 7], [0.4, 0.9, 0.8, 0.9, 0.5])
    assert found.mistakes.tolist() == [2, 4, 0]


def test_comparison_names_the_rows_that_changed():
    before = report([3, 8, 3, 3, 1])
    after = report([3, 3, 9, 8, 7], [0.5, 0.5, 0.9, 0.5, 0.9])
    comparison = Comparison(before, after)
    assert comparison.newly_right.tolist() == [1, 3]
    assert comparison.newly_wrong.tolist() == [4]
    assert comparison.wrong_in_both.tolist() == [2]


def test_model_compared_with_itself_has_no_differences():
    same = report([3, 8, 3, 3, 1])
    comparison = Comparison(same, same)
    assert len(comparison.newly_right) == len(comparison.newly_wrong) == 0
    assert comparison.wrong_in_both.tolist() == same.mistakes.tolist()
    assert comparison.may_be_chance


@pytest.mark.parametrize(
    ("better", "worse", "chance"),
    # One-sided sign test: 4 to 0 is p = .0625, 5 to 0 .031, 7 to 2 .090, 9 to 2 .033.
    [(4, 0, True), (5, 0, False), (0, 5, False), (7, 2, True), (9, 2, False), (4, 4, True)],
)
def test_few_differences_may_be_chance(better, worse, chance):
    labels = np.zeros(30, int)
    pictures = PictureSet("drawings", np.zeros((30, 64), np.uint8), labels)
    first, second = labels.copy(), labels.copy()
    first[:better] = 1
    second[better : better + worse] = 1
    comparison = Comparison(report(first, pictures=pictures), report(second, pictures=pictures))
    assert (len(comparison.newly_right), len(comparison.newly_wrong)) == (better, worse)
    assert comparison.may_be_chance is chance
    clear = "better" if better > worse else "worse"
    assert comparison.judgement == ("within chance" if chance else clear)


@pytest.mark.parametrize(
    ("wrong", "n", "end"),
    [
        (58, 200, "before 71.0%, now 100.0%: better."),
        (3, 200, "before 98.5%, now 100.0%: within chance."),
        (3, 4, "before 25%, now 100%: too few drawings to tell."),
        (0, 4, "before 100%, now 100%: no difference."),
    ],
)
def test_comparison_in_a_sentence(wrong, n, end):
    labels = np.zeros(n, int)
    pictures = PictureSet(
        "drawings", np.zeros((n, 64), np.uint8), labels, "people it never met"
    )
    before = np.repeat([1, 0], (wrong, n - wrong))
    reports = (report(predicted, pictures=pictures) for predicted in (before, labels))
    assert str(Comparison(*reports).sentence) == f"On people it never met: {end}"


def test_models_are_compared_on_the_same_pictures_only():
    others = PictureSet("others", PICTURES.pixels, LABELS)
    with pytest.raises(ValueError, match="same pictures"):
        Comparison(report(LABELS), report(LABELS, pictures=others))


@pytest.mark.parametrize(("n", "labels"), [(0, []), (2, [1])])
def test_set_without_pictures_or_with_missing_labels_is_refused(n, labels):
    with pytest.raises(ValueError, match=f"{n} pictures and {len(labels)} labels"):
        PictureSet("drawings", np.zeros((n, 64)), np.array(labels))


def test_held_out_digits_are_those_that_versions_are_measured_on(shipped):
    found = Report(shipped, held_out_digits())
    assert found.n == len(digits.held_out()[1]) == 297
    assert found.accuracy > 0.97


def test_neurons_that_the_next_layer_relies_on_come_first():
    network = SigmoidNetwork([64, 3, 10], 0)
    network.weights[1][:] = [1, -5, 2]
    assert np.array_equal(first_weights(network), network.weights[0][[1, 2, 0]])
    network = SigmoidNetwork([64, 10], 0)  # without hidden layers, the outputs keep their order
    assert np.array_equal(first_weights(network), network.weights[0])
