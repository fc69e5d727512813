import numpy as np
import pytest

from nn import SigmoidNetwork
from nn.model import Model, scaled


def test_pixels_are_scaled_from_16_to_1():
    np.testing.assert_array_equal(scaled(np.array([[0, 4, 16]], np.uint8)), [[0, 0.25, 1]])


@pytest.mark.parametrize("temperature", [1.0, 2.5])
def test_probabilities_are_the_softmax_of_logits_over_temperature(temperature):
    network = SigmoidNetwork([64, 15, 10], random_state=0)
    pixels = np.random.default_rng(0).integers(0, 17, (5, 64)).astype(np.uint8)
    odds = np.exp(network.logits(pixels / 16) / temperature)
    found = Model(network, temperature).predict_proba(pixels)
    np.testing.assert_allclose(found, odds / odds.sum(axis=1, keepdims=True), rtol=1e-12)


def test_temperature_changes_the_certainty_and_never_the_digit(shipped, all_digits):
    cool, warm = (Model(shipped.network, t).predict_proba(all_digits[0]) for t in (1.0, 3.0))
    np.testing.assert_array_equal(cool.argmax(axis=1), warm.argmax(axis=1))
    assert (cool.max(axis=1) > warm.max(axis=1)).all()
