import io
import json
import subprocess
import sys
import zipfile

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nn import SigmoidNetwork, files
from nn.files import ModelFileError
from nn.model import Model
from nn.presets import PRESETS
from tests.conftest import ROOT

ABOUT = {
    "trained_on": "a test",
    "settings": {"hidden": [3], "epochs": 2},
    "figures": {"test_accuracy": 0.5},
}


def small_model():
    network = SigmoidNetwork([64, 3, 10], random_state=0, dtype=np.float32)
    return Model(network, 1.25, **ABOUT)


GOOD = files.to_bytes(small_model())


def changed(**arrays):
    """The good file with some arrays replaced, or left out when None."""
    with np.load(io.BytesIO(GOOD)) as archive:
        arrays = dict(archive) | arrays
    buffer = io.BytesIO()
    np.savez(buffer, **{name: a for name, a in arrays.items() if a is not None})
    return buffer.getvalue()


def about(**changes):
    """The good file with another `about`: some entries replaced, or left out when `...`."""
    entries = {name: value for name, value in (ABOUT | changes).items() if value is not ...}
    return changed(about=np.array(json.dumps(entries)))


def refusal(data):
    with pytest.raises(ModelFileError) as caught:
        files.from_bytes(data)
    assert caught.value.code == "bad_model_file"
    return str(caught.value)


def test_a_model_comes_back_as_it_was_saved(tmp_path, shipped, all_digits):
    pixels = all_digits[0][:50]
    files.save(shipped, tmp_path / "model.npz")
    loaded = files.load(tmp_path / "model.npz")
    np.testing.assert_array_equal(loaded.predict_proba(pixels), shipped.predict_proba(pixels))
    assert loaded.network.sizes == shipped.network.sizes
    for name in ("temperature", "trained_on", "settings", "figures"):
        assert getattr(loaded, name) == getattr(shipped, name)


def test_network_of_double_precision_is_stored_in_single():
    network = SigmoidNetwork([64, 15, 10], random_state=0)
    loaded = files.from_bytes(files.to_bytes(Model(network))).network
    assert loaded.parameters.dtype == np.float32
    np.testing.assert_array_equal(loaded.parameters, network.parameters.astype(np.float32))


def test_the_same_model_gives_the_same_bytes():
    assert files.to_bytes(small_model()) == GOOD
    assert files.to_bytes(files.from_bytes(GOOD)) == GOOD
    # The day and hour of saving would show here, some seconds later in the bytes.
    with zipfile.ZipFile(io.BytesIO(GOOD)) as archive:
        assert {m.date_time for m in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_file_is_readable_without_pickle_and_holds_what_is_documented():
    with np.load(io.BytesIO(GOOD), allow_pickle=False) as archive:
        assert set(archive.files) == {
            "sizes", "temperature", "about", "weights_0", "biases_0", "weights_1", "biases_1",
        }  # fmt: skip
        assert json.loads(str(archive["about"])) == ABOUT


@pytest.mark.parametrize("settings", [None, ...], ids=["null", "absent"])
def test_settings_may_be_unknown(settings):
    loaded = files.from_bytes(about(settings=settings))
    assert loaded.settings is None
    assert loaded.trained_on == "a test"


def test_older_file_whose_settings_stand_behind_its_data_still_loads():
    older = "1500 of scikit-learn's digits, Preset(hidden=(15,), epochs=50, seed=0)"
    loaded = files.from_bytes(about(trained_on=older, settings=...))
    assert loaded.trained_on == "1500 of scikit-learn's digits"
    assert loaded.settings is None


@pytest.mark.parametrize("data", [b"a text", GOOD[:-30]], ids=["text", "cut"])
def test_what_is_no_npz_file_is_no_model(data):
    assert "not a complete .npz file" in refusal(data)


@pytest.mark.parametrize("name", ["sizes", "temperature", "about", "weights_1", "biases_0"])
def test_missing_array_is_named(name):
    assert refusal(changed(**{name: None})) == f"`{name}` is missing from the file."


@pytest.mark.parametrize(
    ("sizes", "reason"),
    [
        ([64, 513, 10], "1 to 512 neurons"),
        ([64, 0, 10], "1 to 512 neurons"),
        ([64, -3, 10], "1 to 512 neurons"),
        ([64, 3, 3, 3, 3, 3, 10], "There are 5 hidden layers; there may be up to 4."),
        ([64, *[9] * 5000, 10], "There are 5000 hidden layers; there may be up to 4."),
        ([63, 3, 10], "64 neurons, one per pixel"),
        ([64, 3, 9], "10, one per digit"),
        ([64], "not a list of whole numbers"),
        ([64.0, 3.0, 10.0], "not a list of whole numbers"),
        (64, "not a list of whole numbers"),
        ([[64, 3, 10]], "not a list of whole numbers"),
    ],
    ids=lambda value: str(value)[:40],
)
def test_layers_outside_the_limits_are_refused(sizes, reason):
    assert reason in refusal(changed(sizes=np.array(sizes)))


@pytest.mark.parametrize(
    "array",
    [
        np.zeros((3, 63), np.float32),
        np.zeros((64, 3), np.float32),
        np.zeros(192, np.float32),
        np.zeros((1, 1), np.float32),  # NumPy would stretch it to any shape
        np.zeros((3, 64), np.int64),
        np.zeros((3, 64), complex),
        np.full((3, 64), "0"),
    ],
    ids=lambda array: f"{array.dtype} {array.shape}",
)
def test_weights_of_another_shape_or_kind_are_refused(array):
    sentence = refusal(changed(weights_0=array))
    assert f"`weights_0` is {array.dtype} of shape {array.shape}" in sentence
    assert "(3, 64)" in sentence


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf, 10_001, 1e300])
@pytest.mark.parametrize(
    ("name", "shape"), [("weights_0", (3, 64)), ("biases_1", 10), ("temperature", ())]
)
def test_value_that_is_no_number_within_the_limits_is_refused(name, shape, value):
    array = np.zeros(shape)
    array.flat[-1] = value
    assert refusal(changed(**{name: array})) == (
        f"`{name}` holds values that are no numbers from -10,000 to 10,000."
    )


def test_largest_allowed_numbers_still_give_probabilities():
    largest = {
        name: np.full(shape, 10_000, np.float32)
        for name, shape in (("weights_0", (3, 64)), ("weights_1", (10, 3)), ("biases_1", 10))
    }
    model = files.from_bytes(changed(temperature=np.array(0.01), **largest))
    np.testing.assert_allclose(model.predict_proba(np.full((1, 64), 16)), 0.1)


@pytest.mark.parametrize("temperature", [0.0, -1.0, 1e-310, 101.0])
def test_temperature_must_be_a_sensible_one(temperature):
    sentence = refusal(changed(temperature=np.array(temperature)))
    assert sentence == f"The temperature is {temperature}; it must be 0.01 to 100."


NO_JSON = "`about` does not say in JSON what the model was trained on."
NO_SETTINGS = "The settings must be a JSON object of up to 10,000 characters, or null."
NO_TEXT = "What the model was trained on must be up to 10,000 printable characters."


@pytest.mark.parametrize(
    "text", ["no JSON", "[1, 2]", "{}", "[" * 100_000], ids=lambda t: t[:9]
)
def test_about_that_is_no_json_object_is_refused(text):
    assert refusal(changed(about=np.array(text))) == NO_JSON


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"trained_on": ...}, NO_JSON),
        ({"figures": ...}, NO_JSON),
        ({"figures": [1]}, NO_JSON),
        ({"figures": {"a": "b"}}, NO_JSON),
        ({"figures": {"a": 10**400}}, NO_JSON),
        ({"figures": {"\ud800": 1.0}}, NO_JSON),
        ({"settings": {"a": "\ud800"}}, NO_JSON),
        ({"settings": [1]}, NO_SETTINGS),
        ({"settings": "hidden=(15,)"}, NO_SETTINGS),
        ({"settings": {"hidden": "x" * 10_000}}, NO_SETTINGS),
        # Text that no database or page takes.
        *(({"trained_on": text}, NO_TEXT) for text in ("\ud800", "\0", "a\nb", "x" * 10_001)),
    ],
    ids=lambda value: str(value).encode("ascii", "replace").decode()[:42],
)
def test_about_with_an_unusable_entry_is_refused(changes, sentence):
    assert refusal(about(**changes)) == sentence


def test_file_larger_than_8_mib_is_refused():
    assert refusal(bytes(8 * 2**20 + 1)) == "The file is larger than 8 MiB."


flips = st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 7)), min_size=1)


@given(flips=flips, length=st.integers(0, len(GOOD)) | st.just(len(GOOD)))
def test_damaged_file_is_refused_or_loads(flips, length):
    damaged = bytearray(GOOD)
    for position, bit in flips:
        damaged[position] ^= 1 << bit
    try:
        model = files.from_bytes(bytes(damaged[:length]))
    except ModelFileError:
        return
    assert np.isfinite(model.network.parameters).all()


def test_file_that_is_absent_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        files.load(tmp_path / "absent.npz")


def test_the_model_that_ships_is_one_of_the_workshop_preset(shipped):
    assert shipped.network.sizes == [64, *PRESETS["workshop"].hidden, 10]
    assert shipped.network.parameters.dtype == np.float32
    assert shipped.figures["test_accuracy"] > 0.97
    assert shipped.trained_on.startswith("1500 of scikit-learn's digits, ")
    assert shipped.settings == PRESETS["workshop"].settings()


@pytest.mark.parametrize("module", ["nn", "nn.files", "nn.ink", "webapp"])
def test_serving_starts_without_scikit_learn_and_scipy(module):
    script = f"import sys, {module}; print(sorted(set(sys.modules) & {{'sklearn', 'scipy'}}))"
    run = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert run.stdout == "[]\n"
