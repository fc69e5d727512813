import numpy as np
import pytest

from nn import SigmoidNetwork
from nn.inside.forward_pass import MOST_CONNECTIONS, MOST_NEURONS, MOST_TERMS, ForwardPass
from nn.model import Model
from nn.network import sigmoid

STEP = 1e-5  # of the central difference

ARCHITECTURES = pytest.mark.parametrize(
    "sizes", [[64, 15, 10], [64, 12, 8, 10], [64, 40, 30, 20, 70, 10], [64, 10]], ids=str
)


def picture():
    return np.random.default_rng(4).integers(0, 17, 64)


def passed(sizes, temperature=1.7):
    return ForwardPass(Model(SigmoidNetwork(sizes, random_state=1), temperature), picture())


def onward(network, layer, a):
    """The logits if a layer has these activations."""
    for w, b in zip(network.weights[layer:-1], network.biases[layer:-1]):
        a = sigmoid(w @ a + b)
    return network.weights[-1] @ a + network.biases[-1]


def differences(function, at):
    """Central differences of a function of a vector: a row per result."""
    steps = STEP * np.eye(len(at))
    return np.transpose([(function(at + s) - function(at - s)) / (2 * STEP) for s in steps])


@ARCHITECTURES
def test_activations_and_logits_are_those_of_the_network(sizes):
    forward = passed(sizes)
    network, x = forward.network, picture()[None] / 16
    for found, expected in zip(forward.activations, network.forward(x), strict=True):
        np.testing.assert_array_equal(found, expected[0])
    for layer in range(1, len(sizes)):
        z = forward.weighted_inputs(layer)
        np.testing.assert_array_equal(sigmoid(z), forward.activations[layer])
    np.testing.assert_array_equal(forward.logits, network.logits(x)[0])


@pytest.mark.parametrize("temperature", [0.01, 1.0, 1.7])
def test_probabilities_are_those_that_the_model_answers(temperature):
    forward = passed([64, 15, 10], temperature)
    answer = forward.model.judge(picture()[None])[0]
    np.testing.assert_allclose(forward.probabilities, answer.probabilities, rtol=1e-12)
    assert forward.digit == answer.digit
    assert forward.relative_odds.max() == 1


@ARCHITECTURES
def test_a_sum_has_all_its_products_or_the_largest_and_the_rest(sizes):
    forward = passed(sizes)
    for layer, n_in in enumerate(sizes[:-1], start=1):
        for neuron in range(sizes[layer]):
            found = forward.weighted_sum(layer, neuron)
            assert len(found.products) == min(n_in, MOST_TERMS)
            assert found.n_rest == n_in - len(found.products)
            np.testing.assert_array_equal(found.products, found.inputs * found.weights)
            total = found.products.sum() + found.rest
            assert found.total == pytest.approx(total, abs=1e-12)
            assert found.z == pytest.approx(found.total + found.bias, abs=1e-12)
            assert found.a == pytest.approx(1 / (1 + np.exp(-found.z)), abs=1e-12)


def test_products_that_are_not_listed_are_smaller_than_those_that_are():
    forward = passed([64, 200, 10])
    found = forward.weighted_sum(2, 3)
    products = np.abs(forward.network.weights[1][3] * forward.activations[1])
    assert list(found.sources) == sorted(found.sources)
    assert np.abs(found.products).min() >= np.delete(products, found.sources).max()


@ARCHITECTURES
def test_slopes_are_what_nudging_each_activation_shows(sizes):
    forward = passed(sizes)
    for layer, slopes in enumerate(forward.slopes):
        expected = differences(
            lambda a, layer=layer: onward(forward.network, layer, a), forward.activations[layer]
        )
        np.testing.assert_allclose(slopes, expected, rtol=1e-6, atol=1e-9)


@ARCHITECTURES
def test_what_a_neuron_looks_for_is_what_nudging_each_pixel_shows(sizes):
    forward = passed(sizes)
    for layer in range(1, len(sizes)):

        def z(x, layer=layer):
            a = x
            for w, b in zip(forward.network.weights[:layer], forward.network.biases):
                z = w @ a + b
                a = sigmoid(z)
            return z

        expected = differences(z, forward.activations[0])
        np.testing.assert_allclose(forward.looks_for(layer), expected, rtol=1e-6, atol=1e-9)


def test_first_hidden_neurons_look_for_their_weights():
    forward = passed([64, 15, 10])
    np.testing.assert_array_equal(forward.looks_for(1), forward.network.weights[0])


def test_last_hidden_neurons_raise_an_output_by_the_products_of_its_sum():
    forward = passed([64, 12, 8, 10])
    found = forward.weighted_sum(3, 7)
    np.testing.assert_allclose(forward.raises(2, 7), found.products, rtol=1e-12)


def test_neurons_that_matter_most_come_first_and_in_wide_layers_alone():
    forward = passed([64, 15, 200, 10])
    assert sorted(forward.shown(1, 4)) == list(range(15))
    shown = forward.shown(2, 4)
    assert len(shown) == MOST_NEURONS
    size = np.abs(forward.raises(2, 4))
    assert list(size[shown]) == sorted(size, reverse=True)[:MOST_NEURONS]


@ARCHITECTURES
def test_shares_of_connections_add_up_to_what_their_neuron_raises(sizes, monkeypatch):
    monkeypatch.setattr("nn.inside.forward_pass.MOST_CONNECTIONS", 10**6)
    forward = passed(sizes)
    for layer in range(forward.last):
        everyone = (np.arange(n) for n in sizes[layer : layer + 2])
        found = forward.connections(layer, 7, *everyone)
        by_source = np.zeros(sizes[layer])
        np.add.at(by_source, found.sources, found.shares)
        np.testing.assert_allclose(by_source, forward.raises(layer, 7), atol=1e-12)


def test_connections_lead_between_the_chosen_neurons_strongest_first():
    forward = passed([64, 40, 30, 10])
    sources, targets = forward.shown(1, 2), forward.shown(2, 2)
    found = forward.connections(1, 2, sources, targets)
    assert len(found.shares) == MOST_CONNECTIONS
    assert set(found.sources) <= set(sources)
    assert set(found.targets) <= set(targets)
    size = np.abs(found.shares)
    assert list(size) == sorted(size, reverse=True)


def test_only_connections_to_the_chosen_output_end_the_way():
    forward = passed([64, 15, 10])
    found = forward.connections(1, 2, forward.shown(1, 2), np.arange(10))
    assert set(found.targets) == {2}
