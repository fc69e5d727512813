"""Models as .npz bytes, without pickle, and back; every file is treated as untrusted.

The archive holds `sizes` (int64), `weights_0`, `biases_0`, `weights_1`, ... (float32),
`temperature` (float64) and `about`, JSON text:
{"trained_on": "1500 of ...", "settings": {"epochs": 60, ...} or null, "figures": {...}}.

Older files have no settings of their own: they stand in `trained_on`, after ", Preset(", as
Python writes them. They are cut off there.
"""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nn import npz
from nn.digits import N_CLASSES
from nn.ink import SIDE
from nn.model import Model
from nn.network import Floats, SigmoidNetwork
from nn.refusal import Refusal

SHIPPED = Path(__file__).with_name("workshop.npz")  # the model that Inkling comes with
# Made by `python -m nn train --preset article`: the page that explains networks shows it.
ARTICLE = Path(__file__).with_name("article.npz")
MAX_BYTES = 8 * 2**20  # of a file, packed or unpacked
MAX_NEURONS = 512  # per hidden layer
MAX_HIDDEN_LAYERS = 4
MAX_TEXT = 10_000  # characters of what a model was trained on, and of its settings in JSON
MAX_MAGNITUDE = 10_000  # of a weight; training stays far below, and products stay finite

Arrays = dict[str, NDArray[Any]]

# What reading JSON, or looking for a missing or misshapen part of it, may raise.
_BAD_JSON = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


class ModelFileError(Refusal):
    """A file that is not a model of ours; the message says why."""

    code = "bad_model_file"


def save(model: Model, path: str | Path) -> None:
    """Write the model to `path`. The same model gives the same bytes.

    Raises OSError, naming the path, when it cannot be written.
    """
    try:
        Path(path).write_bytes(to_bytes(model))
    except OSError as error:  # the error of a full disk does not name the file
        raise OSError(error.errno, error.strerror, str(path)) from error


def load(path: str | Path) -> Model:
    """The model in the file at `path`.

    Raises ModelFileError for a file that is not a model, OSError for one that cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    return from_bytes(data)


def to_bytes(model: Model) -> bytes:
    """The model as the bytes of an .npz file."""
    network = model.network
    arrays: Arrays = {
        "sizes": np.array(network.sizes),
        "temperature": np.array(model.temperature),
    }
    for i, (w, b) in enumerate(zip(network.weights, network.biases)):
        arrays[f"weights_{i}"] = w.astype(np.float32)
        arrays[f"biases_{i}"] = b.astype(np.float32)
    about = {
        "trained_on": model.trained_on,
        "settings": model.settings,
        "figures": model.figures,
    }
    arrays["about"] = np.array(json.dumps(about))
    buffer = io.BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def from_bytes(data: bytes) -> Model:
    """The model in the bytes of an .npz file; ModelFileError says what is wrong with them."""
    try:
        arrays = npz.read(data, MAX_BYTES)
    except npz.NpzError as error:
        raise ModelFileError(error.sentence) from error
    network = SigmoidNetwork(_sizes(arrays), random_state=0, dtype=np.float32)
    for i, (w, b) in enumerate(zip(network.weights, network.biases)):
        w[:] = _numbers(arrays, f"weights_{i}", w.shape)
        b[:] = _numbers(arrays, f"biases_{i}", b.shape)
    temperature = float(_numbers(arrays, "temperature", ()))
    if not 0.01 <= temperature <= 100:
        raise ModelFileError(
            "The temperature is {temperature}; it must be 0.01 to 100.",
            temperature=temperature,
        )
    return Model(network, temperature, *_about(arrays))


def _sizes(arrays: Arrays) -> list[int]:
    array = _array(arrays, "sizes")
    if array.ndim != 1 or array.dtype.kind not in "iu" or len(array) < 2:
        raise ModelFileError("`sizes` is not a list of whole numbers.")
    if len(array) > MAX_HIDDEN_LAYERS + 2:
        raise ModelFileError(
            "There are {n} hidden layers; there may be up to {limit}.",
            n=len(array) - 2,
            limit=MAX_HIDDEN_LAYERS,
        )
    sizes = [int(n) for n in array]
    if sizes[0] != SIDE * SIDE or sizes[-1] != N_CLASSES:
        raise ModelFileError(
            "The layers are {sizes}; the first must have {n_pixels} neurons, one per "
            "pixel, and the last {n_classes}, one per digit.",
            sizes=sizes,
            n_pixels=SIDE * SIDE,
            n_classes=N_CLASSES,
        )
    if not all(1 <= n <= MAX_NEURONS for n in sizes):
        raise ModelFileError(
            "The layers are {sizes}; a hidden layer may have 1 to {limit} neurons.",
            sizes=sizes,
            limit=MAX_NEURONS,
        )
    return sizes


def _numbers(arrays: Arrays, name: str, shape: tuple[int, ...]) -> Floats:
    array = _array(arrays, name)
    if array.shape != shape or array.dtype.kind != "f":
        raise ModelFileError(
            "`{name}` is {dtype} of shape {found}; "
            "these layers need floating point of shape {shape}.",
            name=name,
            dtype=array.dtype,
            found=array.shape,
            shape=shape,
        )
    if not (np.abs(array) <= MAX_MAGNITUDE).all():  # no comparison holds for NaN
        raise ModelFileError(
            "`{name}` holds values that are no numbers from -{limit:,} to {limit:,}.",
            name=name,
            limit=MAX_MAGNITUDE,
        )
    return array


def _about(arrays: Arrays) -> tuple[str, dict[str, float], dict[str, Any] | None]:
    """What the model was trained on, its figures and its settings."""
    text = str(_array(arrays, "about"))
    try:
        about = json.loads(text)
        figures = {str(name): float(value) for name, value in about["figures"].items()}
        trained_on = str(about["trained_on"]).partition(", Preset(")[0]
        settings = about.get("settings")
        # Fails for halves of characters, which no other file could hold.
        json.dumps([figures, settings], ensure_ascii=False).encode()
    except _BAD_JSON as error:
        raise ModelFileError(
            "`about` does not say in JSON what the model was trained on."
        ) from error
    if len(trained_on) > MAX_TEXT or not trained_on.isprintable():
        raise ModelFileError(
            "What the model was trained on must be up to {limit:,} printable characters.",
            limit=MAX_TEXT,
        )
    if not _may_be_settings(settings):
        raise ModelFileError(
            "The settings must be a JSON object of up to {limit:,} characters, or null.",
            limit=MAX_TEXT,
        )
    return trained_on, figures, settings


def _may_be_settings(settings: object) -> bool:
    if settings is None:
        return True
    return isinstance(settings, dict) and len(json.dumps(settings)) <= MAX_TEXT


def _array(arrays: Arrays, name: str) -> NDArray[Any]:
    if name not in arrays:
        raise ModelFileError("`{name}` is missing from the file.", name=name)
    return arrays[name]
