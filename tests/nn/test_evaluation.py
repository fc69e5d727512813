import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn.digits import one_hot
from nn.evaluation import (
    accuracy,
    calibration_error,
    confusion_matrix,
    fit_temperature,
    precision_per_digit,
    recall_per_digit,
    reliability,
    wilson_interval,
)
from nn.network import softmax


def predicted(digits, certainty=1.0):
    """Probabilities that give these digits, each with this certainty."""
    certainty = np.broadcast_to(certainty, len(digits))[:, None]
    rest = (1 - certainty) / 9
    return np.where(one_hot(digits) == 1, certainty, rest)


def test_accuracy_is_the_share_of_right_answers():
    assert accuracy(predicted([1, 2, 3, 4]), np.array([1, 2, 3, 9])) == 0.75


def test_confusion_matrix_has_truth_in_rows_and_answers_in_columns():
    matrix = confusion_matrix(predicted([7, 7, 1, 1]), np.array([7, 7, 7, 7]))
    assert (matrix[7, 7], matrix[7, 1]) == (2, 2)
    assert matrix.shape == (10, 10)
    assert matrix.sum() == 4


def test_recall_is_nan_for_a_digit_that_is_absent():
    recall = recall_per_digit(confusion_matrix(predicted([7, 7, 1, 5]), np.array([7, 7, 7, 1])))
    assert recall[7] == pytest.approx(2 / 3)
    assert recall[1] == 0
    assert np.isnan(np.delete(recall, [1, 7])).all()


def test_precision_is_nan_for_a_digit_that_was_never_predicted():
    precision = precision_per_digit(
        confusion_matrix(predicted([7, 7, 1, 5]), np.array([7, 1, 1, 1]))
    )
    assert precision[7] == 0.5
    assert precision[1] == 1
    assert precision[5] == 0
    assert np.isnan(np.delete(precision, [1, 5, 7])).all()


@pytest.mark.parametrize(
    ("n_right", "n", "low", "high"),
    [  # low and high as in tables of the score interval
        (8, 10, 0.490, 0.943),
        (0, 10, 0.000, 0.278),
        (10, 10, 0.722, 1.000),
        (1, 1, 0.207, 1.000),
        (50, 100, 0.404, 0.596),
        (289, 297, 0.948, 0.986),
    ],
)
def test_wilson_interval_of_known_cases(n_right, n, low, high):
    assert wilson_interval(n_right, n) == pytest.approx((low, high), abs=0.0005)


@given(st.integers(1, 10_000), st.data())
def test_wilson_interval_is_a_range_around_the_share(n, data):
    n_right = data.draw(st.integers(0, n))
    low, high = wilson_interval(n_right, n)
    assert 0 <= low <= n_right / n + 1e-12
    assert n_right / n - 1e-12 <= high <= 1
    assert low < high


def test_reliability_of_an_example_by_hand():
    probabilities = predicted([1, 2, 3, 4, 5], [0.92, 0.94, 0.55, 1.0, 0.2])
    sparse, middle, sure = reliability(probabilities, np.array([1, 0, 3, 4, 9]))
    assert (sure.low, sure.high, sure.n, sure.n_right) == (0.9, 1.0, 3, 2)
    assert sure.certainty == pytest.approx((0.92 + 0.94 + 1) / 3)
    assert sure.share == pytest.approx(2 / 3)
    assert sure.interval == wilson_interval(2, 3)
    assert (middle.low, middle.n, middle.share) == (0.5, 1, 1)
    assert (sparse.low, sparse.n, sparse.share) == (0.2, 1, 0)


@pytest.mark.parametrize(
    ("certainties", "digits", "error"),
    [
        # Bin of 0.9: two rows, one right: gap 0.4. Bin of 0.5: three rows, all right: gap 0.5.
        ([0.9, 0.9, 0.5, 0.5, 0.5], [1, 0, 3, 4, 5], (2 * 0.4 + 3 * 0.5) / 5),
        # 0.74 and 0.78 share a bin; their mean is 0.76 and half of them are right.
        ([0.74, 0.78], [1, 0], 0.26),
    ],
)
def test_calibration_error_of_examples_by_hand(certainties, digits, error):
    probabilities = predicted([1, 2, 3, 4, 5][: len(digits)], certainties)
    assert calibration_error(probabilities, np.array(digits)) == pytest.approx(error)


@pytest.mark.parametrize(("certainty", "right", "n"), [(0.75, 3, 4), (1.0, 5, 5), (0.4, 2, 5)])
def test_perfectly_calibrated_answers_have_no_calibration_error(certainty, right, n):
    labels = np.array([1] * right + [2] * (n - right))
    assert calibration_error(predicted([1] * n, certainty), labels) == pytest.approx(
        0, abs=1e-12
    )


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_known_temperature_is_recovered(temperature):
    rng = np.random.default_rng(0)
    calibrated = rng.normal(0, 2, (20_000, 10))
    # The largest of logits plus Gumbel noise falls on each class with its softmax probability.
    labels = (calibrated + rng.gumbel(size=calibrated.shape)).argmax(axis=1)
    found = fit_temperature(calibrated * temperature, labels)
    assert found == pytest.approx(temperature, rel=0.03)
    assert calibration_error(softmax(calibrated * temperature / found), labels) < 0.02
