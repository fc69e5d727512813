import numpy as np
import pytest

from nn import digits


def test_there_are_1797_digits_of_8x8_cells_from_0_to_16(all_digits):
    pixels, labels = all_digits
    assert (pixels.shape, pixels.dtype) == ((1797, 64), np.uint8)
    assert (pixels.min(), pixels.max()) == (0, 16)
    assert set(labels) == set(range(10))


def test_split_gives_each_digit_to_training_or_test_never_both(all_digits):
    pixels, labels = all_digits
    marked = np.column_stack([pixels, np.arange(1797)])  # rows that can be told apart
    (training, training_labels), (test, test_labels) = digits.split(marked, labels)
    assert (len(training), len(test)) == (1500, 297)
    together = np.concatenate([training, test])[:, 64]
    assert sorted(together) == list(range(1797))
    np.testing.assert_array_equal(
        np.concatenate([training_labels, test_labels]), labels[together]
    )


def test_split_is_shuffled_and_the_same_every_time(all_digits):
    pixels, _ = all_digits
    numbers = np.arange(1797)
    first, again, other = (digits.split(pixels, numbers, seed)[0][1] for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, np.arange(1500))
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("n_classes", [4, 10])
def test_one_hot_puts_a_one_at_the_label_and_none_for_no_digit(n_classes):
    rows = digits.one_hot([3, 0, digits.NO_DIGIT], n_classes)
    assert rows.shape == (3, n_classes)
    assert rows.sum() == rows[0, 3] + rows[1, 0] == 2
