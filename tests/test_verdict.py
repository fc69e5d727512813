import numpy as np
import pytest

from nn.verdict import verdict


def probabilities(largest):
    return np.array([largest] + [(1 - largest) / 9] * 9)


@pytest.mark.parametrize(
    ("largest", "expected"), [(0.95, "sure"), (0.6, "sure"), (0.55, "torn")]
)
def test_verdict_is_sure_from_60_percent_on(largest, expected):
    assert verdict(np.ones(64), probabilities(largest)) == expected


def test_picture_without_ink_is_blank_whatever_the_network_says():
    assert verdict(np.zeros(64), probabilities(0.99)) == "blank"
