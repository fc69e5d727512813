import numpy as np
import pytest

from nn.optimisers import Adam, GradientDescent, constant, one_cycle


def test_gradient_descent_takes_plain_steps_downhill():
    parameters = np.array([1.0, 2.0, 3.0])
    GradientDescent().step(parameters, np.array([1.0, 0.0, -2.0]), 0.1)
    np.testing.assert_allclose(parameters, [0.9, 2.0, 3.2])


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
    adam = Adam(weight_decay=0.1)
    for gradient in gradients:
        adam.step(parameters, gradient.copy(), 0.01)
    np.testing.assert_allclose(parameters, expected, rtol=1e-12)


@pytest.mark.parametrize("optimiser", [GradientDescent, Adam])
def test_steps_lead_to_the_bottom_of_a_bowl(optimiser):
    parameters, bottom, step = (
        np.zeros(2, np.float32),
        np.array([1, -2], np.float32),
        optimiser(),
    )
    for _ in range(500):
        step.step(parameters, parameters - bottom, 0.05)
    np.testing.assert_allclose(parameters, bottom, atol=0.01)
    assert parameters.dtype == np.float32


def test_one_cycle_rises_to_the_full_rate_and_falls_to_nothing():
    rates = [one_cycle(progress) for progress in np.linspace(0, 1, 101)]
    assert rates[0] == pytest.approx(0.04)
    assert rates[30] == max(rates) == pytest.approx(1)
    assert rates[100] == pytest.approx(0)
    assert (np.diff(rates[:31]) > 0).all()
    assert (np.diff(rates[30:]) < 0).all()


def test_constant_rate_stays_full():
    assert {constant(progress) for progress in (0.0, 0.5, 1.0)} == {1.0}
