import dataclasses
from itertools import repeat

import numpy as np
import pytest

from nn import SigmoidNetwork
from nn.experiment import Experiment
from nn.inside import raw_weights, sandbox
from nn.inside.raw_weights import BadNetwork
from nn.inside.sandbox import Standing
from nn.presets import PRESETS
from nn.report import Comparison
from nn.training import Diverged

ARTICLE = [64, 15, 10]
FLOAT32 = np.dtype(np.float32)


def network(sizes=ARTICLE, dtype=np.float32):
    return SigmoidNetwork(sizes, random_state=0, dtype=dtype)


def steps_on_digits(net, n, first=0, learning_rate=0.5):
    dtype = net.parameters.dtype
    batches = (sandbox.mini_batch(7, first + i, dtype) for i in range(n))
    sandbox.take_steps(net, batches, learning_rate)
    return net


def test_step_moves_every_parameter_against_its_gradient():
    net, before = network(dtype=np.float64), network(dtype=np.float64)
    batch = sandbox.mini_batch(7, 0, np.dtype(np.float64))
    sandbox.take_steps(net, [batch], 0.5)
    before.backprop(*batch)
    expected = before.parameters - 0.5 * before.gradient
    np.testing.assert_allclose(net.parameters, expected, rtol=0, atol=1e-15)


def test_the_weight_that_moved_most_is_found():
    net = network(dtype=np.float64)
    start = net.parameters.copy()
    net.weights[0][7, 33] += 0.3
    net.weights[1][3, 4] -= 0.2
    net.biases[0][2] += 5
    found = sandbox.most_moved(net, start)
    assert found[:3] == (0, 7, 33)
    assert found.after - found.before == pytest.approx(0.3)


def test_steps_by_one_and_by_many_requests_make_the_same_network():
    at_once = steps_on_digits(network(), 10)
    data = raw_weights.to_bytes(network())
    for first in (0, 1, 5):
        n = {0: 1, 1: 4, 5: 5}[first]
        net = steps_on_digits(raw_weights.from_bytes(ARTICLE, data), n, first)
        data = raw_weights.to_bytes(net)
    assert data == raw_weights.to_bytes(at_once)


def test_mini_batch_is_of_the_training_digits_and_another_one_each_step():
    x, y = sandbox.training_digits(FLOAT32)
    batches = [sandbox.mini_batch(7, i, FLOAT32) for i in (0, 0, 1)]
    assert [len(x) for x, _ in batches] == [10] * 3
    np.testing.assert_array_equal(batches[0][0], batches[1][0])
    assert not np.array_equal(batches[0][0], batches[2][0])
    for row, target in zip(*batches[0]):
        i = int(np.flatnonzero((x == row).all(axis=1))[0])
        np.testing.assert_array_equal(y[i], target)


@pytest.mark.parametrize("learning_rate", [1e9, 1e38])
def test_absurd_learning_rate_offers_to_rewind(learning_rate):
    with pytest.raises(Diverged, match=r"as good as infinite, .* Rewind") as caught:
        steps_on_digits(network(), 10, learning_rate=learning_rate)
    assert caught.value.code == "diverged"


@pytest.fixture
def seven(sample_drawings, plain_pixels):
    """A recorded 7: pixels (64,)."""
    return plain_pixels[next(i for i, (d, _) in enumerate(sample_drawings) if d == 7)]


def test_learning_one_drawing_costs_what_was_known(shipped, seven):
    # Taught that a 7 is a 1, the network gives in, and takes other sevens for ones too.
    net = raw_weights.private_copy(shipped.network)
    before = Standing.of(net, shipped.temperature, seven, 1)
    assert before.answer.digit == 7
    sandbox.take_steps(net, repeat(sandbox.drawing(seven, 1, FLOAT32), 100), 0.5)
    after = Standing.of(net, shipped.temperature, seven, 1)
    assert after.answer.digit == 1
    assert after.cost < before.cost / 10
    broken = Comparison(before.digits, after.digits).newly_wrong
    assert 7 in before.digits.pictures.labels[broken]
    assert after.digits.accuracy < before.digits.accuracy


def test_standing_is_what_the_network_itself_says(shipped, seven):
    found = Standing.of(shipped.network, shipped.temperature, seven, 7)
    x, y = sandbox.drawing(seven, 7, FLOAT32)
    assert found.cost == shipped.network.cost(x, y)
    probabilities = shipped.predict_proba(seven[None])[0]
    np.testing.assert_array_equal(found.answer.probabilities, probabilities)
    assert found.digits.n == 297


def test_epochs_one_by_one_are_the_articles_training():
    preset = dataclasses.replace(PRESETS["article"], epochs=4, seed=3)
    experiment = Experiment(preset)
    expected = list(experiment.epochs())
    data = raw_weights.to_bytes(SigmoidNetwork(ARTICLE, 3, np.float32))
    for number in range(1, 5):
        net = raw_weights.from_bytes(ARTICLE, data)
        epoch = sandbox.train_epoch(net, number, 3, preset.learning_rate)
        data = raw_weights.to_bytes(net)
        assert dataclasses.astuple(epoch) == pytest.approx(
            dataclasses.astuple(expected[number - 1]), rel=1e-6
        )
    assert data == raw_weights.to_bytes(experiment.model().network)


@pytest.mark.parametrize("learning_rate", [1e9, 1e38])
def test_epoch_that_destroys_the_network_offers_to_rewind(learning_rate):
    with pytest.raises(Diverged, match=r"as good as infinite, .* Rewind"):
        sandbox.train_epoch(network(), 4, 0, learning_rate)


def test_learning_rate_of_a_hundred_fails_before_ones_eyes():
    net = network()
    epochs = [sandbox.train_epoch(net, number, 0, 100) for number in range(1, 11)]
    assert max(epoch.test_accuracy for epoch in epochs) < 0.3
    assert min(epoch.cost for epoch in epochs) > 20


def test_silenced_neuron_is_zero_for_all_that_listen(shipped, seven):
    x = sandbox.drawing(seven, 7, FLOAT32)[0]
    net = raw_weights.private_copy(shipped.network)
    sandbox.silence(net, 2, 5)
    activations = net.forward(x)
    activations[2][:, 5] = 0
    w, b = shipped.network.weights[2], shipped.network.biases[2]
    np.testing.assert_allclose(net.logits(x), activations[2] @ w.T + b, rtol=1e-5)


def test_silenced_pixel_is_a_pixel_without_ink(shipped, seven):
    without = seven.copy()
    pixel = int(seven.argmax())
    without[pixel] = 0
    net = raw_weights.private_copy(shipped.network)
    sandbox.silence(net, 0, pixel)
    found = net.logits(sandbox.drawing(seven, 7, FLOAT32)[0])
    expected = shipped.network.logits(sandbox.drawing(without, 7, FLOAT32)[0])
    np.testing.assert_allclose(found, expected, rtol=1e-4, atol=1e-4)


def test_network_without_a_layer_answers_the_same_to_everything(shipped):
    net = raw_weights.private_copy(shipped.network)
    sandbox.silence(net, 1)
    logits = net.logits(sandbox.test_digits(FLOAT32)[0])
    np.testing.assert_array_equal(logits, np.broadcast_to(logits[0], logits.shape))


@pytest.mark.parametrize(
    ("layer", "unit", "says"),
    [
        (2, 0, "no layer 2 to break. Choose one from 0, the pixels, to 1"),
        (-1, None, "no layer -1"),
        (1, 15, "Layer 1 has no neuron 15. Choose one from 0 to 14"),
        (0, -1, "no neuron -1"),
    ],
)
def test_what_cannot_be_broken_gets_a_sentence(layer, unit, says):
    with pytest.raises(BadNetwork, match=says):
        sandbox.silence(network(), layer, unit)
