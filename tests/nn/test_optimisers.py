import numpy as np
import pytest

from nn.optimisers import Adam, GradientDescent, Momentum, constant, one_cycle


class Slope:
    """What an optimiser needs of a network: parameters, and a gradient made from them."""

    def __init__(self, parameters, gradient_at):
        self.parameters, self.gradient_at = parameters, gradient_at

    def backprop(self, _x, _y, rate=1.0):
        self.gradient = (rate * self.gradient_at(self.parameters)).astype(self.parameters.dtype)


def test_gradient_descent_takes_plain_steps_downhill():
    slope = Slope(np.array([1.0, 2.0, 3.0]), lambda _: np.array([1.0, 0.0, -2.0]))
    GradientDescent().step(slope, None, None, 0.1)
    np.testing.assert_allclose(slope.parameters, [0.9, 2.0, 3.2])


def test_momentum_keeps_a_share_of_each_step():
    slope = Slope(np.zeros(1), lambda _: np.array([-1.0]))
    momentum, places = Momentum(0.5, nesterov=False), []
    for _ in range(3):
        momentum.step(slope, None, None, 0.1)
        places.append(slope.parameters[0])
    np.testing.assert_allclose(places, [0.1, 0.1 + 0.15, 0.1 + 0.15 + 0.175])


def test_nesterov_goes_on_by_what_the_next_step_keeps():
    rng = np.random.default_rng(0)
    gradients = rng.standard_normal((4, 5))
    plain, ahead = np.zeros(5), np.zeros(5)
    velocity = np.zeros(5)
    steps = iter(gradients)
    slope, momentum = Slope(ahead, lambda _: next(steps)), Momentum(0.9)
    for gradient in gradients:
        velocity = 0.9 * velocity - 0.1 * gradient
        plain += velocity
        momentum.step(slope, None, None, 0.1)
        np.testing.assert_allclose(slope.parameters, plain + 0.9 * velocity, rtol=1e-12)


@pytest.mark.parametrize("nesterov", [False, True])
def test_momentum_of_0_is_plain_gradient_descent(nesterov):
    bowls = [Slope(np.array([3.0, -1.0]), lambda parameters: parameters) for _ in range(2)]
    for bowl, optimiser in zip(bowls, (Momentum(0.0, nesterov), GradientDescent())):
        for _ in range(3):
            optimiser.step(bowl, None, None, 0.1)
    np.testing.assert_array_equal(bowls[0].parameters, bowls[1].parameters)


def test_adam_follows_the_papers_formulas():
    rng = np.random.default_rng(0)
    parameters, gradients = rng.standard_normal(5), rng.standard_normal((4, 5))
    expected = parameters.copy()
    for t in range(1, 5):
        past = gradients[:t]
        # The means written out: what is t - i steps old weighs beta ** (t - i).
        age = np.arange(t)[::-1, None]
        m = np.sum(0.1 * 0.9**age * past, axis=0) / (1 - 0.9**t)
        v = np.sum(0.001 * 0.999**age * past**2, axis=0) / (1 - 0.999**t)
        expected -= 0.01 * 0.1 * expected  # AdamW: decay apart from the gradient
        expected -= 0.01 * m / (np.sqrt(v) + 1e-8)
    steps = iter(gradients)
    slope, adam = Slope(parameters, lambda _: next(steps)), Adam(weight_decay=0.1)
    for _ in gradients:
        adam.step(slope, None, None, 0.01)
    np.testing.assert_allclose(slope.parameters, expected, rtol=1e-12)


@pytest.mark.parametrize(
    "optimiser", [GradientDescent(), Momentum(), Momentum(nesterov=False), Adam()]
)
def test_steps_lead_to_the_bottom_of_a_bowl(optimiser):
    bottom = np.array([1, -2], np.float32)
    bowl = Slope(np.zeros(2, np.float32), lambda parameters: parameters - bottom)
    for _ in range(500):
        optimiser.step(bowl, None, None, 0.05)
    np.testing.assert_allclose(bowl.parameters, bottom, atol=0.01)
    assert bowl.parameters.dtype == np.float32


def test_one_cycle_rises_to_the_full_rate_and_falls_to_nothing():
    rates = [one_cycle(progress) for progress in np.linspace(0, 1, 101)]
    assert rates[0] == pytest.approx(0.04)
    assert rates[30] == max(rates) == pytest.approx(1)
    assert rates[100] == pytest.approx(0)
    assert (np.diff(rates[:31]) > 0).all()
    assert (np.diff(rates[30:]) < 0).all()


def test_constant_rate_stays_full():
    assert {constant(progress) for progress in (0.0, 0.5, 1.0)} == {1.0}
