import pytest

from nn.presets import FIELDS
from nn.refusal import Refusal
from nn.words import Sentence, counted


def test_sentence_is_its_text_in_english():
    inner = Sentence("{n} digits", n=3)
    assert str(Sentence("{what} of {all}", what=inner, all=9)) == "3 digits of 9"


@pytest.mark.parametrize(("count", "text"), [(0, "0 drops"), (1, "1 drop"), (2, "2 drops")])
def test_number_decides_the_form(count, text):
    assert str(counted("{count} drop", "{count} drops", count)) == text


def test_text_that_nobody_translates_may_hold_braces():
    assert str(Sentence.as_is("{x} %s")) == "{x} %s"


def test_sentences_are_equal_if_their_parts_are():
    assert Sentence("{n}", n=1) == Sentence("{n}", n=1) != Sentence("{n}", n=2)
    assert Sentence("1") != "1"


def test_refusal_carries_its_sentence():
    with pytest.raises(Refusal, match="'x' is not a whole number") as caught:
        FIELDS["epochs"].parse("x")
    assert caught.value.sentence.values["label"] == Sentence("Epochs")
