import numpy as np
import pytest

from nn import digits, files
from nn.inside.what_if import (
    MOST_CHANGES,
    least_ink,
    most_confident_mistake,
    shares,
    smallest_change,
)


@pytest.fixture(scope="module", params=["shipped", "article"])
def model(request, shipped):
    return shipped if request.param == "shipped" else files.load(files.ARTICLE)


@pytest.fixture(scope="module")
def test_digits():
    return digits.held_out()


def is_sure(model, row, digit):
    answer = model.judge(row[None])[0]
    return (answer.verdict, answer.digit) == ("sure", digit)


def test_share_of_a_cell_is_what_the_logit_loses_without_it(model, plain_pixels):
    row = plain_pixels[30].astype(np.uint8)
    found = shares(model, row, 3)
    for cell in range(64):
        without = row.copy()
        without[cell] = 0
        lost = model.logits(row[None])[0, 3] - model.logits(without[None])[0, 3]
        assert found[cell] == pytest.approx(lost, rel=1e-4, abs=1e-4)
    assert not found[row == 0].any()


def test_smallest_change_makes_another_digit_the_answer(model, test_digits):
    for row in test_digits[0][:20]:
        before = model.predict_proba(row[None])[0].argmax()
        change = smallest_change(model, row)
        assert 1 <= len(change.cells) <= MOST_CHANGES
        assert model.predict_proba(change.pixels[None])[0].argmax() != before
        assert set(np.flatnonzero(change.pixels != row)) == set(change.cells)
        assert set(change.pixels[change.cells]) <= {0, 16}


def test_one_cell_is_found_if_one_cell_is_enough(model, test_digits):
    """Where the search changes two cells or more, no single one would do."""
    for row in test_digits[0][:10]:
        before = model.predict_proba(row[None])[0].argmax()
        singles = np.tile(row, (128, 1))
        singles[np.arange(64), np.arange(64)] = 0
        singles[64 + np.arange(64), np.arange(64)] = 16
        is_enough = (model.predict_proba(singles).argmax(axis=1) != before).any()
        assert is_enough == (len(smallest_change(model, row).cells) == 1)


def test_smallest_change_reaches_the_digit_that_is_asked_for(model, test_digits):
    nine = test_digits[0][(test_digits[1] == 9).argmax()]
    change = smallest_change(model, nine, target=2)
    assert model.predict_proba(change.pixels[None])[0].argmax() == 2
    assert smallest_change(model, nine, target=9).cells == []


def test_least_ink_is_still_the_digit_and_no_cell_more_can_go(model, test_digits):
    three = test_digits[0][(test_digits[1] == 3).argmax()]
    found = least_ink(model, three, 3)
    assert found.sum() < three.sum()
    assert is_sure(model, found, 3)
    for cell in np.flatnonzero(found):
        without = found.copy()
        without[cell] = 0
        assert not is_sure(model, without, 3)


def test_picture_that_is_another_digit_has_no_least_ink(model, test_digits):
    seven = test_digits[0][(test_digits[1] == 7).argmax()]
    assert least_ink(model, seven, 3) is None


def test_most_confident_mistake_is_the_surest_of_the_wrong_answers(model, test_digits):
    pixels, labels = test_digits
    mistake = most_confident_mistake(model, pixels, labels)
    probabilities = model.predict_proba(pixels)
    assert mistake.predicted == probabilities[mistake.row].argmax() != labels[mistake.row]
    wrong = probabilities.argmax(axis=1) != labels
    assert mistake.probability == probabilities[wrong].max()


def test_model_without_mistakes_has_no_most_confident_one(model, test_digits):
    pixels = test_digits[0][:9]
    labels = model.predict_proba(pixels).argmax(axis=1)
    assert most_confident_mistake(model, pixels, labels) is None
