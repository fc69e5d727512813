import pytest

from nn import files, training_data
from nn.words import Sentence


@pytest.mark.parametrize(
    "parts",
    [
        (1500, 0, 0, "0", False),
        (1500, 110_000, 0, "0", False),
        (1500, 0, 12, "0.11", False),
        (1500, 110, 12, "0.5", True),
        (1500, 0, 0, "0", True),
    ],
)
def test_description_is_recognised_in_a_model_file(parts):
    described = training_data.described(*parts)
    assert str(training_data.recognised(str(described))) == str(described)
    assert training_data.recognised(str(described)).values


def test_shipped_model_says_what_it_was_trained_on():
    assert training_data.recognised(files.load(files.SHIPPED).trained_on).values


def test_text_of_another_hand_stays_as_it_is():
    assert training_data.recognised("my {own} digits") == Sentence.as_is("my {own} digits")
