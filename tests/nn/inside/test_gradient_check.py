import numpy as np
import pytest

from nn import SigmoidNetwork, digits
from nn.digits import one_hot
from nn.inside.gradient_check import Place, check, index_of, sample_of_places, steepest
from nn.inside.misprint import MisprintedNetwork
from nn.inside.sandbox import train_epoch
from nn.refusal import Refusal

DEEP = [64, 12, 8, 10]


@pytest.fixture(scope="module")
def batch(all_digits):
    pixels, labels = all_digits
    return pixels[:10] / 16, one_hot(labels[:10])


def places_of_all_layers():
    return [place for layer in range(3) for place in sample_of_places(DEEP, layer, 20, seed=0)]


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_place_is_found_in_the_flat_vector(layer):
    network = SigmoidNetwork(DEEP, random_state=0)
    for place in (Place(layer, 0, 0), Place(layer, 7, 5)):
        found = network.parameters[index_of(DEEP, place)]
        assert found == network.weights[layer][place.row, place.column]


@pytest.mark.parametrize(
    ("place", "says"),
    [
        (Place(3, 0, 0), "no weight matrix 3. Choose one from 0 to 2"),
        (Place(-1, 0, 0), "no weight matrix -1"),
        (Place(1, 8, 0), "rows 0 to 7 and columns 0 to 11; there is no weight at row 8"),
        (Place(0, 0, 64), "column 64"),
        (Place(0, -1, 0), "row -1"),
    ],
)
def test_weight_that_is_not_there_gets_a_sentence(place, says):
    with pytest.raises(Refusal, match=says):
        index_of(DEEP, place)


def test_backpropagation_passes_the_check_and_leaves_the_network_alone(batch):
    network = SigmoidNetwork(DEEP, random_state=1)
    before = network.parameters.copy()
    checked = check(network, *batch, places_of_all_layers())
    assert len(checked) == 60
    assert all(each.is_right for each in checked)
    np.testing.assert_array_equal(network.parameters, before)


@pytest.mark.parametrize("layer", [0, 1, 2])
def test_sample_has_weights_of_the_layer_and_the_same_ones_again(layer):
    sample = sample_of_places(DEEP, layer, 9, seed=4)
    assert [place.layer for place in sample] == [layer] * 9
    assert sample == sample_of_places(DEEP, layer, 9, seed=4)
    assert sample != sample_of_places(DEEP, layer, 9, seed=5)
    for place in sample:
        index_of(DEEP, place)


@pytest.mark.parametrize("kind", [SigmoidNetwork, MisprintedNetwork])
@pytest.mark.parametrize("layer", [0, 1, 2])
def test_steepest_weight_is_that_of_the_right_gradient(batch, kind, layer):
    network = SigmoidNetwork(DEEP, random_state=1)
    slopes = np.abs(network.backprop(*batch)[0][layer])
    found = steepest(kind(DEEP, random_state=1), *batch, layer)
    assert found.layer == layer
    assert slopes[found.row, found.column] == slopes.max()


def test_check_finds_the_misprint_in_the_hidden_layers_alone(batch):
    network = MisprintedNetwork(DEEP, random_state=1)
    checked = check(network, *batch, places_of_all_layers())
    wrong = {each.place.layer for each in checked if not each.is_right}
    right = {each.place.layer for each in checked if each.is_right}
    assert (wrong, right) == ({0, 1}, {2})


def article_gradient(network, x, y):
    """The article's `derivative_by_backpropagate` for one sample, its lines as printed."""
    weights, biases = network.weights, network.biases
    nabla_w = [np.zeros(w.shape) for w in weights]
    nabla_b = [np.zeros(b.shape) for b in biases]
    activations, zs = [x], []
    for w, b in zip(weights, biases):
        zs.append(np.dot(w, activations[-1]) + b)
        activations.append(1 / (1 + np.exp(-zs[-1])))
    delta = activations[-1] - y
    nabla_w[-1] = np.dot(
        delta.reshape(len(delta), 1), activations[-2].reshape(1, len(activations[-2]))
    )
    nabla_b[-1] = delta
    for i in range(2, len(network.sizes)):
        a = 1 / (1 + np.exp(-zs[-i]))
        delta = np.dot(weights[-i + 1].transpose(), delta.reshape(len(delta), 1))
        delta = np.multiply(delta, (a * (1 - a)).reshape(len(a), 1))
        nabla_w[-i] = np.dot(
            np.transpose(delta), activations[-i].reshape(len(activations[-i]), 1)
        )
        delta = delta.reshape(len(delta))
        nabla_b[-i] = delta
    return nabla_w, nabla_b


def test_misprinted_network_learns_by_the_articles_own_lines(batch):
    network = MisprintedNetwork(DEEP, random_state=1)
    found_w, found_b = network.backprop(*batch)
    samples = [article_gradient(network, x, y) for x, y in zip(*batch)]
    for layer, (w, b) in enumerate(zip(found_w, found_b)):
        expected_w = np.mean([np.broadcast_to(s[0][layer], w.shape) for s in samples], axis=0)
        np.testing.assert_allclose(w, expected_w, rtol=1e-12, atol=1e-15)
        expected_b = np.mean([s[1][layer] for s in samples], axis=0)
        np.testing.assert_allclose(b, expected_b, rtol=1e-12, atol=1e-15)


def test_training_with_the_misprint_stalls_near_half():
    reached = []
    for seed in range(5):
        network = MisprintedNetwork([64, 15, digits.N_CLASSES], seed, np.float32)
        for number in range(1, 51):
            epoch = train_epoch(network, number, seed, 0.1)
        reached.append(epoch.test_accuracy)
    assert 0.4 < np.mean(reached) < 0.65
    assert max(reached) < 0.75
