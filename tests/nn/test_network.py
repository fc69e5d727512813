import copy
import pickle

import numpy as np
import pytest

from nn import SigmoidNetwork
from nn.digits import one_hot
from nn.inside.gradient_check import TOLERANCE, nudged, relative_error
from nn.network import cross_entropy, sigmoid, softmax
from nn.training import Penalised, Thinned, train

ARCHITECTURES = pytest.mark.parametrize("sizes", [[64, 15, 10], [64, 12, 8, 10]], ids=str)


def mini_batch(n=5):
    rng = np.random.default_rng(2)
    return rng.random((n, 64)), one_hot(rng.integers(0, 10, n))


def thinned(network, dropout=0.3):
    """The network in training, which leaves out the same neurons whenever one asks anew."""
    return Thinned(network, dropout, np.random.default_rng(3))


def assert_gradient_is_that_of(network, cost, found):
    """Compare with what nudging every single weight and bias up and down does to cost()."""
    expected = [
        nudged(network.parameters, i, cost).value for i in range(len(network.parameters))
    ]
    assert relative_error(found, expected).max() < TOLERANCE


@ARCHITECTURES
def test_every_weight_and_bias_has_the_gradient_that_nudging_it_shows(sizes):
    network, (x, y) = SigmoidNetwork(sizes, random_state=1), mini_batch()
    network.backprop(x, y)
    assert_gradient_is_that_of(network, lambda: network.cost(x, y), network.gradient)


@ARCHITECTURES
def test_gradient_with_dropout_is_that_of_the_thinned_network(sizes):
    network, (x, y) = SigmoidNetwork(sizes, random_state=1), mini_batch()

    def thinned_cost():
        a = thinned(network).forward(x)[-1]
        return -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / len(x)

    learner = thinned(network)
    learner.backprop(x, y)
    assert_gradient_is_that_of(network, thinned_cost, learner.gradient)


@ARCHITECTURES
def test_gradient_with_an_l2_penalty_is_that_of_the_cost_with_it(sizes):
    network, (x, y) = SigmoidNetwork(sizes, random_state=1), mini_batch()
    learner = Penalised(network, alpha=2.0)
    learner.backprop(x, y)
    assert_gradient_is_that_of(network, lambda: learner.cost(x, y), learner.gradient)
    squares = sum(np.sum(w**2) for w in network.weights)
    assert learner.cost(x, y) == pytest.approx(network.cost(x, y) + 2.0 / (2 * 5) * squares)


def test_gradient_with_rates_of_single_samples_is_the_sum_of_theirs():
    network, (x, y) = SigmoidNetwork([64, 15, 10], random_state=1), mini_batch()
    rates = np.array([0.1, 2.0, 0.5, 1.0, 3.0])
    network.backprop(x, y, rates[:, None])
    found, expected = network.gradient.copy(), np.zeros_like(network.gradient)
    for i in range(5):
        network.backprop(x[i : i + 1], y[i : i + 1], rates[i] / 5)
        expected += network.gradient
    np.testing.assert_allclose(found, expected, atol=1e-14)


def test_gradient_comes_layer_by_layer_and_times_the_rate():
    network, (x, y) = SigmoidNetwork([64, 15, 10], random_state=1), mini_batch()
    nabla_w, nabla_b = network.backprop(x, y)
    assert [array.shape for array in nabla_w] == [(15, 64), (10, 15)]
    in_order = [array.ravel() for pair in zip(nabla_w, nabla_b) for array in pair]
    whole = np.concatenate(in_order)
    np.testing.assert_array_equal(whole, network.gradient)
    network.backprop(x, y, 0.25)
    np.testing.assert_allclose(network.gradient, whole / 4, rtol=1e-12)


def test_dropout_leaves_out_hidden_neurons_only_and_keeps_their_mean():
    network, (x, _) = SigmoidNetwork([64, 200, 10], random_state=1), mini_batch(200)
    _, whole, _ = network.forward(x)
    _, left, outputs = thinned(network, 0.25).forward(x)
    assert np.mean(left == 0) == pytest.approx(0.25, abs=0.01)
    np.testing.assert_allclose(left[left > 0], whole[left > 0] / 0.75)
    assert outputs.min() > 0


def test_forward_gives_the_activations_of_every_layer():
    network, (x, _) = SigmoidNetwork([64, 12, 8, 10], random_state=1), mini_batch()
    activations = network.forward(x)
    assert [a.shape for a in activations] == [(5, 64), (5, 12), (5, 8), (5, 10)]
    for a_in, w, b, a in zip(activations, network.weights, network.biases, activations[1:]):
        np.testing.assert_allclose(a, 1 / (1 + np.exp(-(a_in @ w.T + b))), rtol=1e-12)
    np.testing.assert_allclose(sigmoid(network.logits(x)), activations[-1])


def test_probabilities_are_the_softmax_of_the_logits():
    network, (x, _) = SigmoidNetwork([64, 15, 10], random_state=1), mini_batch()
    odds = np.exp(network.logits(x))
    np.testing.assert_allclose(
        network.predict_proba(x), odds / odds.sum(axis=1, keepdims=True), rtol=1e-12
    )


TWINS = pytest.mark.parametrize(
    "twin_of",
    [copy.deepcopy, lambda network: pickle.loads(pickle.dumps(network))],
    ids=["deepcopy", "pickle"],
)


@TWINS
def test_weights_and_biases_of_a_copy_are_views_of_its_own_parameters(twin_of):
    network = SigmoidNetwork([64, 15, 10], random_state=0)
    before = network.parameters.copy()
    twin = twin_of(network)
    np.testing.assert_array_equal(twin.parameters, before)
    twin.parameters[:] = 7
    arrays = twin.weights + twin.biases
    assert all((array == 7).all() for array in arrays)
    assert sum(array.size for array in arrays) == twin.parameters.size
    np.testing.assert_array_equal(network.parameters, before)


@TWINS
def test_copy_learns_as_the_network_itself_would(twin_of):
    network, (x, y) = SigmoidNetwork([64, 15, 10], random_state=0), mini_batch(50)
    twin = twin_of(network)
    settings = {"epochs": 5, "batch_size": 10, "learning_rate": 0.5, "random_state": 0}
    costs, twins_costs = ([e.cost for e in train(n, x, y, **settings)] for n in (network, twin))
    assert costs == twins_costs
    assert costs[-1] < costs[0]


def test_initial_weights_are_scaled_by_fan_in_and_biases_are_zero():
    network = SigmoidNetwork([400, 100, 10], random_state=0)
    assert network.weights[0].std() == pytest.approx(1 / 20, rel=0.02)
    assert network.weights[1].std() == pytest.approx(1 / 10, rel=0.05)
    assert not any(b.any() for b in network.biases)


def test_same_seed_gives_the_same_weights_and_another_seed_others():
    first, second, other = (SigmoidNetwork([64, 15, 10], seed).parameters for seed in (0, 0, 1))
    np.testing.assert_array_equal(first, second)
    assert not np.array_equal(first, other)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize(
    "wrapped", [lambda network: network, thinned], ids=["plain", "thinned"]
)
def test_activations_and_gradient_keep_the_precision_of_the_parameters(dtype, wrapped):
    network = wrapped(SigmoidNetwork([64, 15, 10], random_state=0, dtype=dtype))
    x, y = (array.astype(dtype) for array in mini_batch())
    slopes = network.through_sigmoid(*[network.forward(x)[1]] * 2)
    arrays = [network.parameters, network.logits(x), *network.forward(x), slopes]
    for nabla in network.backprop(x, y, 0.1):
        arrays += nabla
    assert {array.dtype for array in arrays} == {np.dtype(dtype)}


@pytest.mark.parametrize(
    "sizes", [[], [64], [64, 0], [64, -1, 10], [64, 1.5, 10], "64", [None, 1]]
)
def test_impossible_layers_are_refused_by_name(sizes):
    with pytest.raises(ValueError, match=r"^sizes: .* is not a list of two or more whole"):
        SigmoidNetwork(sizes)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_huge_inputs_neither_overflow_nor_meet_the_logarithm_of_zero(dtype):
    # Warnings are errors in these tests.
    z = np.array([[-1e4, 1e4, 0, -1e4, 1e4]], dtype)
    y = np.array([[0, 1, 0, 1, 0]], dtype)
    np.testing.assert_array_equal(sigmoid(z), [[0, 1, 0.5, 0, 1]])
    assert cross_entropy(z, y) == pytest.approx(2e4 + np.log(2), rel=1e-6)
    np.testing.assert_allclose(softmax(z), [[0, 0.5, 0, 0, 0.5]])


def test_cross_entropy_is_its_textbook_form():
    rng = np.random.default_rng(0)
    z, y = rng.normal(0, 4, (50, 10)), one_hot(rng.integers(0, 10, 50))
    a = 1 / (1 + np.exp(-z))
    textbook = -np.sum(y * np.log(a) + (1 - y) * np.log(1 - a)) / 50
    assert cross_entropy(z, y) == pytest.approx(textbook, rel=1e-12)
