import json
import re

import pytest

from nn.presets import FIELDS, PRESETS
from nn.refusal import Refusal


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("hidden", "15", (15,)),
        ("hidden", "64, 32", (64, 32)),
        ("hidden", "64,32,16,512", (64, 32, 16, 512)),
        ("epochs", "1000", 1000),
        ("batch_size", " 10 ", 10),
        ("learning_rate", "0.1", 0.1),
        ("learning_rate", "1e-4", 0.0001),
        ("copies", "32", 32),
        ("room_share", ".9", 0.9),
        ("seed", "2147483647", 2147483647),
    ],
)
def test_value_within_the_limits_is_taken(name, text, value):
    assert FIELDS[name].parse(text) == value


@pytest.mark.parametrize(
    ("name", "value", "text"),
    [
        ("hidden", (64, 32), "64, 32"),
        ("seed", 1_234_567, "1234567"),
        ("learning_rate", 0.1234567, "0.1234567"),
        ("learning_rate", 1e38, "1e+38"),
        ("learning_rate", 10.0, "10"),
        ("room_share", 0.0, "0"),
    ],
)
def test_text_of_a_value_is_what_to_type_for_it(name, value, text):
    assert FIELDS[name].text(value) == text
    assert FIELDS[name].parse(text) == value


@pytest.mark.parametrize(
    "text", ["", "15,,3", "15,", "0", "513", "-1", "1.5", "a", "1,1,1,1,1"]
)
def test_wrong_hidden_layers_are_refused_with_value_limit_and_example(text):
    with pytest.raises(Refusal) as caught:
        FIELDS["hidden"].parse(text)
    assert str(caught.value) == (
        f"Hidden layers: {text!r} is not a list of 1 to 4 whole numbers from 1 to 512, "
        "such as '15' or '64,32'."
    )


@pytest.mark.parametrize(
    ("name", "text", "sentence"),
    [
        ("epochs", "0", "Epochs: '0' is not a whole number from 1 to 1000."),
        ("epochs", "1001", "Epochs: '1001' is not a whole number from 1 to 1000."),
        ("epochs", "2.5", "Epochs: '2.5' is not a whole number from 1 to 1000."),
        ("epochs", "", "Epochs: '' is not a whole number from 1 to 1000."),
        ("batch_size", "1501", "Mini-batch size: '1501' is not a whole number from 1 to 1500."),
        ("copies", "inf", "Warped copies: 'inf' is not a whole number from 0 to 32."),
        ("room_share", "1", "Share of room drawings: '1' is not a number from 0 to 0.9."),
        ("room_share", "nan", "Share of room drawings: 'nan' is not a number from 0 to 0.9."),
        ("room_share", "25%", "Share of room drawings: '25%' is not a number from 0 to 0.9."),
        ("seed", "-1", "Random seed: '-1' is not a whole number from 0 to 2147483647."),
        ("learning_rate", "0", "Learning rate: '0' is not a number from 0.0001 to 1e+38."),
        ("learning_rate", "inf", "Learning rate: 'inf' is not a number from 0.0001 to 1e+38."),
    ],
)
def test_wrong_number_is_refused_with_value_and_limits(name, text, sentence):
    with pytest.raises(Refusal) as caught:
        FIELDS[name].parse(text)
    assert (str(caught.value), caught.value.code) == (sentence, "bad_setting")


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_has_a_label_and_a_help_of_its_own(name):
    others = [field for key, field in FIELDS.items() if key != name]
    assert FIELDS[name].label not in {"", *(field.label for field in others)}
    assert FIELDS[name].help not in {"", *(field.help for field in others)}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_help_is_one_plain_sentence_that_argparse_can_print(field):
    assert re.fullmatch(r"[A-Z][^%]*[^.%]\.", field.help)
    assert ". " not in field.help


@pytest.mark.parametrize("preset", PRESETS.values(), ids=PRESETS)
def test_presets_keep_to_the_limits_of_the_fields(preset):
    for name, field in FIELDS.items():
        value = getattr(preset, name)
        assert (
            field.parse(",".join(map(str, value)) if name == "hidden" else str(value)) == value
        )


def test_article_preset_is_the_articles_experiment():
    article = PRESETS["article"]
    assert (article.hidden, article.epochs, article.batch_size) == ((15,), 50, 10)
    assert article.copies == 0


def test_settings_of_a_preset_go_through_json_unchanged():
    settings = PRESETS["quick"].settings()
    assert json.loads(json.dumps(settings)) == settings
    assert (settings["hidden"], settings["recipe"]["dropout"]) == ([384, 96], 0.1)


def test_only_the_quick_preset_goes_on_from_a_model_and_learns_from_the_room():
    assert [name for name, preset in PRESETS.items() if preset.warm] == ["quick"]
    assert [name for name, preset in PRESETS.items() if preset.room_share] == ["quick"]


def test_decimal_comma_is_a_decimal_point():
    assert FIELDS["learning_rate"].parse("0,1") == 0.1
    with pytest.raises(ValueError, match="'0,1' is not a whole number"):
        FIELDS["epochs"].parse("0,1")
