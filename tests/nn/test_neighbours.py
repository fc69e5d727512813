import numpy as np

from nn.neighbours import averages, known, nearest


def test_nearest_digits_are_those_at_the_least_euclidean_distance(plain_pixels):
    pixels, _ = known()
    for row in plain_pixels[::10]:
        rows, distances = nearest(row, 3)
        every = np.linalg.norm(pixels.astype(float) - row, axis=1)
        np.testing.assert_allclose(distances, np.sort(every)[:3])
        np.testing.assert_allclose(every[rows], distances)


def test_a_digit_is_nearest_to_itself():
    rows, distances = nearest(known()[0][123], 3)
    assert (rows[0], distances[0]) == (123, 0)


def test_averages_are_the_means_of_each_digit():
    pixels, labels = known()
    found, counts = averages(pixels, labels)
    for digit in range(10):
        np.testing.assert_allclose(found[digit], pixels[labels == digit].mean(axis=0))
        assert counts[digit] == (labels == digit).sum()


def test_digit_without_pictures_has_an_empty_average():
    found, counts = averages(np.zeros((0, 64), np.uint8), np.zeros(0, int))
    assert not found.any()
    assert not counts.any()
