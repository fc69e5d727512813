import numpy as np

from nn.inside.examples import exciting
from nn.model import scaled


def test_exciting_digits_are_the_test_digits_with_the_largest_activations(shipped):
    examples = exciting(shipped.network, [np.array([3]), np.array([5, 0])])[1]
    for neuron, found in zip((5, 0), examples, strict=True):
        a = shipped.network.forward(scaled(found.pixels, np.float32))[2][:, neuron]
        np.testing.assert_allclose(found.activations, a, rtol=1e-5)
        assert list(a) == sorted(a, reverse=True)
        assert found.pixels.shape == (3, 64)
        assert found.labels.shape == (3,)
