import dataclasses
import re

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.neural_network import MLPClassifier

from nn import SigmoidNetwork
from nn.digits import one_hot
from nn.optimisers import Momentum
from nn.training import PLAIN, Diverged, Penalised, Recipe, mixed, train

WORKSHOP_RECIPE = Recipe(
    adam=True, one_cycle=True, dropout=0.2, input_dropout=0.05, label_smoothing=0.02
)


RECIPES = pytest.mark.parametrize("recipe", [PLAIN, WORKSHOP_RECIPE], ids=["plain", "workshop"])


@pytest.fixture(scope="module")
def samples(all_digits):
    """100 digits, as (x, y)."""
    pixels, labels = all_digits
    return pixels[:100] / 16, one_hot(labels[:100])


def network():
    return SigmoidNetwork([64, 15, 10], random_state=0)


def training(net, samples, **changes):
    """A few quick epochs, not yet begun."""
    settings = {"epochs": 3, "batch_size": 10, "learning_rate": 0.5, "random_state": 7}
    return train(net, *samples, **(settings | changes))


def trained(samples, **changes):
    """The parameters after training."""
    net = network()
    for _ in training(net, samples, **changes):
        pass
    return net.parameters


def trained_one_by_one(net, x, y, epochs, batch_size, learning_rate, seed):
    """The same by the book: sample after sample, weight after weight's own formula."""
    weights, biases = [w.copy() for w in net.weights], [b.copy() for b in net.biases]
    rng = np.random.default_rng(seed)
    for _ in range(epochs):
        order = rng.permutation(len(x))
        for start in range(0, len(x), batch_size):
            batch = order[start : start + batch_size]
            nabla_w = [np.zeros_like(w) for w in weights]
            nabla_b = [np.zeros_like(b) for b in biases]
            for i in batch:
                activations = [x[i]]
                for w, b in zip(weights, biases):
                    activations.append(1 / (1 + np.exp(-(w @ activations[-1] + b))))
                delta = activations[-1] - y[i]
                for layer in reversed(range(len(weights))):
                    nabla_w[layer] += np.outer(delta, activations[layer])
                    nabla_b[layer] += delta
                    a = activations[layer]
                    delta = weights[layer].T @ delta * a * (1 - a)
            for layer in range(len(weights)):
                weights[layer] -= learning_rate / len(batch) * nabla_w[layer]
                biases[layer] -= learning_rate / len(batch) * nabla_b[layer]
    return weights, biases


# Two epochs show that the samples are shuffled anew; 100 in batches of 7 leave a last one of 2.
@pytest.mark.parametrize("epochs", [1, 2])
@pytest.mark.parametrize("sizes", [[64, 15, 10], [64, 12, 8, 10]], ids=str)
def test_training_agrees_with_a_loop_over_single_samples(samples, sizes, epochs):
    net = SigmoidNetwork(sizes, random_state=0)
    weights, biases = trained_one_by_one(net, *samples, epochs, 7, 0.5, seed=3)
    for _ in training(net, samples, epochs=epochs, batch_size=7, random_state=3):
        pass
    for found, expected in zip(net.weights + net.biases, weights + biases):
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-10)


@pytest.mark.parametrize(
    ("momentum", "nesterov", "alpha", "weighted"),
    [
        (0, True, 0, False),
        (0.9, False, 0, False),
        (0.9, True, 0, False),
        (0, True, 3, False),
        (0, True, 0, True),
        (0.8, True, 2, True),
    ],
)
def test_steps_over_all_samples_agree_with_scikit_learn(
    samples, momentum, nesterov, alpha, weighted
):
    # Labels as rows of 0 and 1 make MLPClassifier use sigmoid outputs, as here.
    (x, y), net = samples, network()
    weights = np.random.default_rng(0).uniform(0.1, 3, len(x)) if weighted else None
    reference = MLPClassifier(
        (15,), activation="logistic", solver="sgd", momentum=momentum, alpha=alpha,
        nesterovs_momentum=nesterov, batch_size=len(x), learning_rate_init=0.5, warm_start=True,
    )  # fmt: skip
    with pytest.warns(ConvergenceWarning):
        reference.set_params(max_iter=1).fit(x, y.astype(int))
    for ours, theirs in zip(net.weights + net.biases, reference.coefs_ + reference.intercepts_):
        theirs[:] = ours.T
    with pytest.warns(ConvergenceWarning):  # warm_start begins with a velocity of 0
        reference.set_params(max_iter=5).fit(x, y.astype(int), sample_weight=weights)
    learner = Penalised(net, alpha / (1 if weights is None else weights.mean()))
    optimiser = Momentum(momentum, nesterov)
    list(
        training(
            learner, samples, epochs=5, batch_size=len(x), optimiser=optimiser,
            sample_weight=weights,
        )
    )  # fmt: skip
    for ours, theirs in zip(net.weights + net.biases, reference.coefs_ + reference.intercepts_):
        np.testing.assert_allclose(ours.T, theirs, rtol=0, atol=1e-12)


def test_weights_of_samples_count_in_the_cost_by_their_ratio(samples):
    x, y = samples
    weights = np.random.default_rng(0).integers(1, 4, len(x))
    net = network()
    record = next(training(net, samples, sample_weight=10 * weights))
    repeated = np.repeat(x, weights, axis=0), np.repeat(y, weights, axis=0)
    assert record.cost == pytest.approx(net.cost(*repeated), rel=1e-12)
    smaller = trained(samples, sample_weight=weights / 7, epochs=1)
    np.testing.assert_allclose(net.parameters, smaller, rtol=0, atol=1e-12)


@RECIPES
def test_each_record_holds_the_figures_of_the_whole_network_after_its_epoch(samples, recipe):
    net, test = network(), [array[:30] for array in samples]
    for number, record in enumerate(training(net, samples, test=test, recipe=recipe), 1):
        assert record.number == number
        for (x, y), cost, accuracy in (
            (samples, record.cost, record.accuracy),
            (test, record.test_cost, record.test_accuracy),
        ):
            predicted = net.predict_proba(x).argmax(axis=1)
            assert cost == pytest.approx(net.cost(x, y), rel=1e-12)
            assert accuracy == np.mean(predicted == y.argmax(axis=1))
    assert number == 3


def test_test_data_are_never_trained_on(samples):
    record = next(training(network(), samples))
    assert (record.test_cost, record.test_accuracy) == (None, None)
    with_test = trained(samples, test=[array[:30] for array in samples])
    np.testing.assert_array_equal(with_test, trained(samples))


def test_cost_falls_and_digits_are_learnt(samples):
    records = list(training(network(), samples, epochs=60))
    assert records[-1].cost < records[0].cost / 5
    assert records[-1].accuracy > 0.95


def test_training_goes_no_further_than_its_reader(samples):
    net = network()
    before = net.parameters.copy()
    epochs = training(net, samples)
    np.testing.assert_array_equal(net.parameters, before)
    next(epochs)
    after_one = net.parameters.copy()
    assert not np.array_equal(after_one, before)
    epochs.close()
    assert list(epochs) == []
    np.testing.assert_array_equal(net.parameters, after_one)
    np.testing.assert_array_equal(trained(samples, epochs=1), after_one)


@RECIPES
def test_same_seed_gives_the_same_network_and_another_seed_another(samples, recipe):
    first = trained(samples, recipe=recipe, random_state=1)
    np.testing.assert_array_equal(first, trained(samples, recipe=recipe, random_state=1))
    assert not np.array_equal(first, trained(samples, recipe=recipe, random_state=2))


@RECIPES
def test_training_leaves_the_callers_arrays_alone_and_never_prints(samples, recipe, capfd):
    copies = [array.copy() for array in samples]
    trained(samples, recipe=recipe)
    assert capfd.readouterr() == ("", "")
    for array, copy in zip(samples, copies):
        np.testing.assert_array_equal(array, copy)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@RECIPES
def test_absurd_learning_rate_is_told_by_epoch_and_without_warnings(samples, recipe, dtype):
    net = SigmoidNetwork([64, 15, 10], random_state=0, dtype=dtype)
    epochs = training(net, samples, learning_rate=1e308, recipe=recipe)
    finished = []
    with pytest.raises(Diverged, match="try a smaller learning rate") as caught:
        finished.extend(epochs)
    assert re.search(r"at epoch (\d+);", str(caught.value))[1] == str(len(finished) + 1)


def test_smoothed_labels_share_some_of_the_target_among_all_digits(samples):
    x, y = samples
    smooth = Recipe(label_smoothing=0.1)
    by_hand = trained((x, 0.9 * y + 0.01))
    np.testing.assert_allclose(trained(samples, recipe=smooth), by_hand, rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    "part",
    [{"adam": True}, {"one_cycle": True}, {"dropout": 0.2}, {"input_dropout": 0.05}],
    ids=lambda part: next(iter(part)),
)
def test_each_part_of_the_recipe_changes_what_is_learnt(samples, part):
    recipe = dataclasses.replace(PLAIN, **part)
    assert not np.allclose(trained(samples, recipe=recipe), trained(samples), atol=1e-6)


def test_input_dropout_hides_other_inputs_every_epoch():
    net = SigmoidNetwork([64, 10], random_state=0)
    samples = np.ones((1, 64)), one_hot([3])
    before, moved = net.weights[0].copy(), []
    for _ in training(net, samples, epochs=2, recipe=Recipe(input_dropout=0.5)):
        # A hidden input is 0, and so is the gradient of its weights.
        moved.append((net.weights[0] != before).all(axis=0))
        before = net.weights[0].copy()
    assert 10 < moved[0].sum() < 54
    assert not np.array_equal(*moved)


def test_sampler_chooses_the_rows_that_are_trained_on(samples):
    chosen = np.array([3, 5])
    x, y = samples
    by_hand = trained((x[chosen], y[chosen]), batch_size=2)
    found = trained(samples, batch_size=2, sampler=lambda _rng: chosen)
    np.testing.assert_allclose(found, by_hand, rtol=0, atol=1e-12)


@pytest.mark.parametrize("n_extra", [1, 7, 500])
@pytest.mark.parametrize(("share", "of_ten"), [(0.25, (2, 3)), (0.5, (5, 5)), (0.9, (9, 9))])
def test_extra_rows_have_the_same_share_of_every_mini_batch(n_extra, share, of_ten):
    order = mixed(60, n_extra, share)(np.random.default_rng(0))
    extra = order >= 60
    batches = {extra[start : start + 10].sum() for start in range(0, len(order), 10)}
    assert {min(batches), max(batches)} <= set(range(of_ten[0] - 1, of_ten[1] + 2))
    assert extra.sum() == round(60 * share / (1 - share))
    assert sorted(order[~extra]) == list(range(60))
    turns = np.bincount(order[extra] - 60, minlength=n_extra)
    assert len(turns) == n_extra
    assert np.ptp(turns) <= 1
