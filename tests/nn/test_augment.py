import numpy as np
import pytest

from nn import digits
from nn.augment import sharpen, warped_copies
from nn.evaluation import accuracy


@pytest.fixture(scope="module")
def rows(all_digits):
    return all_digits[0][:100]


def test_sharp_pictures_are_paper_or_ink_with_the_rows_own_cell_means(rows):
    heights = sharpen(rows)
    assert heights.shape == (100, 60, 60)
    ink = 1 / (1 + np.exp(-8 * (heights.astype(float) - 0.5)))
    means = ink.reshape(-1, 10, 6, 10, 6).mean(axis=(2, 4))
    cells = np.pad(rows.reshape(-1, 8, 8) / 16, ((0, 0), (1, 1), (1, 1)))
    assert np.abs(means - cells).mean() < 0.02
    assert np.mean((ink < 0.2) | (ink > 0.8)) > 0.8  # mostly paper or ink


def test_copies_are_rows_of_the_networks_kind(rows):
    copies = warped_copies(rows, 2, random_state=0)
    assert (copies.shape, copies.dtype) == ((200, 64), np.uint8)
    assert copies.max() == 16
    assert copies.any(axis=1).all()


def test_copies_are_still_their_own_digits_in_the_order_that_is_promised(shipped):
    pixels, labels = digits.held_out()
    copies = warped_copies(pixels, 2, random_state=0)
    assert accuracy(shipped.predict_proba(copies), np.tile(labels, 2)) > 0.85


def test_same_seed_gives_the_same_copies_and_another_seed_others(rows):
    first, again, other = (warped_copies(rows[:20], 2, seed) for seed in (5, 5, 6))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_copy_of_a_row_differs(rows):
    copies = warped_copies(np.tile(rows[3], (10, 1)), 3, random_state=0)
    assert len(np.unique(copies, axis=0)) == 30


def test_progress_counts_up_to_all_pictures_and_changes_nothing(rows):
    calls, before = [], rows.copy()
    copies = warped_copies(rows, 3, 0, lambda done, total: calls.append((done, total)))
    np.testing.assert_array_equal(copies, warped_copies(rows, 3, 0))
    np.testing.assert_array_equal(rows, before)
    done = [d for d, _ in calls]
    assert len(done) > 1
    assert done == sorted(set(done))
    assert calls[-1] == (300, 300)
    assert {total for _, total in calls} == {300}


@pytest.mark.parametrize(("n", "copies"), [(5, 0), (0, 3)])
def test_no_rows_or_no_copies_give_none(rows, n, copies):
    assert warped_copies(rows[:n], copies, 0).shape == (0, 64)
