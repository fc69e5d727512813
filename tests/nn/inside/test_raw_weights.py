import numpy as np
import pytest

from nn import SigmoidNetwork
from nn.inside import raw_weights
from nn.inside.raw_weights import BadNetwork

ARTICLE, WORKSHOP = [64, 15, 10], [64, 384, 96, 10]


def network(sizes=ARTICLE, dtype=np.float32):
    return SigmoidNetwork(sizes, random_state=0, dtype=dtype)


@pytest.mark.parametrize("sizes", [ARTICLE, WORKSHOP], ids=str)
@pytest.mark.parametrize("precision", ["float32", "float64"])
def test_network_comes_back_from_its_bytes_bit_by_bit(sizes, precision):
    net = network(sizes, precision)
    back = raw_weights.from_bytes(sizes, raw_weights.to_bytes(net), precision)
    assert back.parameters.dtype == np.dtype(precision)
    np.testing.assert_array_equal(back.parameters, net.parameters)
    back.parameters[:] = 0  # they are its own, and may be changed
    assert net.parameters.any()


def test_bytes_are_little_endian_whatever_the_machine():
    net = network()
    expected = np.frombuffer(raw_weights.to_bytes(net), "<f4")
    np.testing.assert_array_equal(expected, net.parameters)


@pytest.mark.parametrize(
    ("sizes", "n_bytes", "says"),
    [
        (ARTICLE, 4 * 1135 - 1, r"4,539 bytes; layers \[64, 15, 10\] in float32 need 4,540"),
        (ARTICLE, 0, "0 bytes"),
        ([64, 512, 512, 10], 4, "301,066 weights and biases; the sandbox takes up to 150,000"),
        ([63, 10], 4, "the first must have 64"),
        ([64, 9], 4, "the last 10"),
        ([64], 4, "the first must have 64"),
    ],
)
def test_bytes_that_are_no_such_network_get_a_sentence(sizes, n_bytes, says):
    with pytest.raises(BadNetwork, match=says):
        raw_weights.from_bytes(sizes, bytes(n_bytes))


@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf, 10_001])
def test_weight_that_is_no_usable_number_gets_a_sentence(bad):
    net = network()
    net.parameters[500] = bad
    with pytest.raises(BadNetwork, match="no number from -10,000 to 10,000"):
        raw_weights.from_bytes(ARTICLE, raw_weights.to_bytes(net))


def test_private_copy_leaves_the_original_alone(shipped):
    before = shipped.network.parameters.copy()
    raw_weights.private_copy(shipped.network).parameters[:] = 0
    np.testing.assert_array_equal(shipped.network.parameters, before)
