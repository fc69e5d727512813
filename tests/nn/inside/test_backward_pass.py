import numpy as np
import pytest

from nn import SigmoidNetwork
from nn.digits import one_hot
from nn.inside.backward_pass import MOST_WEIGHTS, BackwardPass, cost, cost_of_certainty
from nn.inside.forward_pass import MOST_NEURONS, ForwardPass
from nn.model import Model

STEP = 1e-5  # of the central difference
LABEL = 3

ARCHITECTURES = pytest.mark.parametrize(
    "sizes", [[64, 15, 10], [64, 12, 8, 10], [64, 9, 4, 3, 5, 10], [64, 10]], ids=str
)


def passed(sizes):
    pixels = np.random.default_rng(4).integers(0, 17, 64)
    pixels[:3] = [0, 7, 16]
    return ForwardPass(Model(SigmoidNetwork(sizes, random_state=1)), pixels)


@ARCHITECTURES
def test_cost_is_that_of_the_network_whatever_the_label(sizes):
    forward = passed(sizes)
    for label in range(10):
        found = cost(forward, label)
        expected = forward.network.cost(forward.x, one_hot([label]))
        assert found.total == pytest.approx(expected, rel=1e-12)
        assert found.terms.sum() == pytest.approx(expected, rel=1e-12)
        assert cost(forward, 0).by_label[label] == pytest.approx(expected, rel=1e-12)


def test_terms_of_the_cost_are_logarithms_of_the_outputs():
    forward = passed([64, 15, 10])
    a = forward.activations[-1]
    expected = -np.log(1 - a)
    expected[LABEL] = -np.log(a[LABEL])
    np.testing.assert_allclose(cost(forward, LABEL).terms, expected, rtol=1e-12)


def test_certainty_costs_little_if_right_and_much_if_wrong():
    for a, if_right, if_wrong in cost_of_certainty():
        assert if_right == pytest.approx(-np.log(a))
        assert if_wrong == pytest.approx(-np.log(1 - a))


@ARCHITECTURES
def test_gradients_are_those_of_backprop_and_of_nudging_each_bias(sizes):
    forward = passed(sizes)
    network, y = forward.network, one_hot([LABEL])
    found = BackwardPass(forward, LABEL)
    assert not network.gradient.any()  # another request may be filling it
    nabla_w, nabla_b = network.backprop(forward.x, y)
    for layer in range(forward.last):
        np.testing.assert_array_equal(found.gradients[layer], nabla_w[layer])
        np.testing.assert_array_equal(found.deltas[layer], nabla_b[layer])
        b = network.biases[layer]
        for neuron, before in enumerate(b.copy()):
            b[neuron] = before + STEP
            above = network.cost(forward.x, y)
            b[neuron] = before - STEP
            below = network.cost(forward.x, y)
            b[neuron] = before
            expected = (above - below) / (2 * STEP)
            assert found.deltas[layer][neuron] == pytest.approx(expected, rel=1e-5, abs=1e-9)


@ARCHITECTURES
def test_hidden_delta_is_what_arrives_times_the_slope_of_the_sigmoid(sizes):
    forward = passed(sizes)
    found = BackwardPass(forward, LABEL)
    for layer in range(1, forward.last):
        a = forward.activations[layer]
        np.testing.assert_allclose(found.deltas[layer - 1], found.arriving(layer) * a * (1 - a))


def test_weights_that_want_to_change_most_have_the_largest_gradients_of_their_layer():
    found = BackwardPass(passed([64, 12, 8, 10]), LABEL)
    weights = found.weights_that_change()
    assert [w.layer for w in weights] == [1] * MOST_WEIGHTS + [2] * MOST_WEIGHTS + [
        3
    ] * MOST_WEIGHTS
    for w in weights:
        assert w.gradient == found.gradients[w.layer - 1][w.target, w.source]
        assert w.value == found.forward.network.weights[w.layer - 1][w.target, w.source]
    for layer, gradients in enumerate(found.gradients, start=1):
        largest = np.sort(np.abs(gradients).ravel())[: -MOST_WEIGHTS - 1 : -1]
        assert [abs(w.gradient) for w in weights if w.layer == layer] == list(largest)


def test_neurons_with_the_largest_delta_come_first():
    found = BackwardPass(passed([64, 40, 10]), LABEL)
    size = np.abs(found.deltas[0])
    assert list(size[found.shown(1)]) == sorted(size, reverse=True)[:MOST_NEURONS]


@ARCHITECTURES
@pytest.mark.parametrize("pixel", [0, 1, 2])
def test_chain_of_factors_multiplies_to_its_product(sizes, pixel):
    chain = BackwardPass(passed(sizes), LABEL).chain(pixel)
    assert chain.pixel == pixel
    assert chain.gradients[pixel] == chain.gradient
    assert chain.product == pytest.approx(np.prod([f.value for f in chain.factors]))
    kinds = ["delta"] + ["weight", "slope"] * (len(sizes) - 2) + ["input"]
    assert [f.kind for f in chain.factors] == kinds


@pytest.mark.parametrize("sizes", [[64, 15, 10], [64, 12, 8, 10], [64, 6, 4, 3, 10]], ids=str)
def test_products_of_all_paths_add_up_to_the_gradient(sizes):
    forward = passed(sizes)
    backward, network = BackwardPass(forward, LABEL), forward.network
    pixel, neuron = 5, 2
    slopes = [a * (1 - a) for a in forward.activations]
    paths = backward.deltas[-1]
    for layer in range(forward.last - 1, 0, -1):
        # paths[..., j] follows w to neuron j of this layer, with every way before it.
        paths = paths[..., None] * (network.weights[layer] * slopes[layer])
    paths = paths[..., neuron] * forward.activations[0][pixel]
    for output in range(10):
        chain = backward.chain(pixel, neuron, output)
        assert chain.n_paths == paths.size
        assert chain.by_output[output] == pytest.approx(paths[output].sum(), rel=1e-9)
        assert chain.gradient == pytest.approx(paths.sum(), rel=1e-9)
        assert chain.by_output.sum() == pytest.approx(chain.gradient, rel=1e-9)
        assert np.isclose(paths[output], chain.product, rtol=1e-9, atol=0).any()


def test_path_takes_the_neuron_through_which_most_goes():
    forward = passed([64, 12, 8, 10])
    chain = BackwardPass(forward, LABEL).chain(5, 2, 7)
    first, second = forward.network.weights[1:]
    a = forward.activations[2]
    assert chain.factors[2].neuron == np.abs(first[:, 2] * second[7] * a * (1 - a)).argmax()


def test_chain_begins_with_the_weight_that_wants_to_change_most():
    backward = BackwardPass(passed([64, 12, 8, 10]), LABEL)
    chain = backward.chain()
    size = np.abs(backward.gradients[0])
    assert size[chain.neuron, chain.pixel] == size.max()
    assert abs(chain.by_output[chain.output]) == np.abs(chain.by_output).max()
    assert backward.chain(pixel=9).neuron == size[:, 9].argmax()
    assert backward.chain(neuron=4).pixel == size[4].argmax()


def test_gradients_of_the_shipped_network_keep_its_precision(shipped, plain_pixels):
    backward = BackwardPass(ForwardPass(shipped, plain_pixels[0]), LABEL)
    arrays = [*backward.gradients, *backward.deltas, backward.chain().by_output]
    assert {array.dtype for array in arrays} == {np.dtype(np.float32)}
