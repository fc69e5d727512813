"""Models as .npz bytes, without pickle, and back; a stranger's file is checked throughout.

The archive holds `sizes` (int64), `weights_0`, `biases_0`, `weights_1`, ... (float32),
`temperature` (float64) and `about`, JSON text: {"trained_on": ..., "figures": {...}}.
"""

import io
import json
from pathlib import Path

import numpy as np

from nn import npz
from nn.digits import N_CLASSES
from nn.ink import SIDE
from nn.model import Model
from nn.network import SigmoidNetwork
from nn.refusal import Refusal

SHIPPED = Path(__file__).with_name("workshop.npz")  # the model that Inkling comes with
MAX_BYTES = 8 * 2**20  # of a file, packed or unpacked
MAX_NEURONS = 512  # per hidden layer
MAX_HIDDEN_LAYERS = 4
MAX_TEXT = 10_000  # characters of what a model was trained on
MAX_MAGNITUDE = 10_000  # of a weight; training stays far below, and products stay finite


# What reading JSON, and looking for something in it that is not there, may raise.
_NOT_SO = (AttributeError, KeyError, OverflowError, RecursionError, TypeError, ValueError)


class ModelFileError(Refusal):
    """A file that is no model of ours; the message says why."""

    code = "bad_model_file"


def save(model, path):
    """Write the model to `path`. The same model gives the same bytes.

    Raises OSError, naming the path, when it cannot be written.
    """
    try:
        Path(path).write_bytes(to_bytes(model))
    except OSError as error:  # a full disk does not say which file it was
        raise OSError(error.errno, error.strerror, str(path)) from error


def load(path):
    """The model in the file at `path`.

    Raises ModelFileError for a file that is no model, OSError for one that cannot be read.
    """
    with open(path, "rb") as file:
        data = file.read(MAX_BYTES + 1)
    return from_bytes(data)


def to_bytes(model):
    """The model as the bytes of an .npz file."""
    network = model.network
    arrays = {"sizes": np.array(network.sizes), "temperature": np.array(model.temperature)}
    for i, (w, b) in enumerate(zip(network.weights, network.biases)):
        arrays[f"weights_{i}"] = w.astype(np.float32)
        arrays[f"biases_{i}"] = b.astype(np.float32)
    about = {"trained_on": model.trained_on, "figures": model.figures}
    arrays["about"] = np.array(json.dumps(about))
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def from_bytes(data):
    """The model in the bytes of an .npz file; ModelFileError says what is wrong with them."""
    try:
        arrays = npz.read(data, MAX_BYTES)
    except npz.NpzError as error:
        raise ModelFileError(str(error)) from error
    sizes = _sizes(arrays)
    network = SigmoidNetwork(sizes, random_state=0, dtype=np.float32)
    for i, (w, b) in enumerate(zip(network.weights, network.biases)):
        w[:] = _numbers(arrays, f"weights_{i}", w.shape)
        b[:] = _numbers(arrays, f"biases_{i}", b.shape)
    temperature = float(_numbers(arrays, "temperature", ()))
    if not 0.01 <= temperature <= 100:
        raise ModelFileError(f"The temperature is {temperature}; it must be 0.01 to 100.")
    return Model(network, temperature, *_about(arrays))


def _sizes(arrays):
    sizes = _array(arrays, "sizes")
    if sizes.ndim != 1 or sizes.dtype.kind not in "iu" or len(sizes) < 2:
        raise ModelFileError("`sizes` is not a list of whole numbers.")
    if len(sizes) > MAX_HIDDEN_LAYERS + 2:
        raise ModelFileError(
            f"There are {len(sizes) - 2} hidden layers; there may be up to {MAX_HIDDEN_LAYERS}."
        )
    sizes = [int(n) for n in sizes]
    hidden = sizes[1:-1]
    if sizes[0] != SIDE * SIDE or sizes[-1] != N_CLASSES:
        raise ModelFileError(
            f"The layers are {sizes}; the first must have {SIDE * SIDE} neurons, one per "
            f"pixel, and the last {N_CLASSES}, one per digit."
        )
    if not all(1 <= n <= MAX_NEURONS for n in hidden):
        raise ModelFileError(
            f"The layers are {sizes}; a hidden layer may have 1 to {MAX_NEURONS} neurons."
        )
    return sizes


def _numbers(arrays, name, shape):
    array = _array(arrays, name)
    if array.shape != shape or array.dtype.kind != "f":
        raise ModelFileError(
            f"`{name}` is {array.dtype} of shape {array.shape}; "
            f"the layers ask for floating point of shape {shape}."
        )
    if not (np.abs(array) <= MAX_MAGNITUDE).all():  # no comparison holds for NaN
        raise ModelFileError(
            f"`{name}` holds values that are no numbers from -{MAX_MAGNITUDE:,} "
            f"to {MAX_MAGNITUDE:,}."
        )
    return array


def _about(arrays):
    try:
        about = json.loads(str(_array(arrays, "about")))
        figures = {str(name): float(value) for name, value in about["figures"].items()}
        trained_on = str(about["trained_on"])
    except _NOT_SO as error:
        raise ModelFileError(
            "`about` does not say in JSON what the model was trained on."
        ) from error
    if len(trained_on) > MAX_TEXT or not trained_on.isprintable():
        raise ModelFileError(
            f"What the model was trained on must be up to {MAX_TEXT:,} printable characters."
        )
    return trained_on, figures


def _array(arrays, name):
    if name not in arrays:
        raise ModelFileError(f"`{name}` is missing from the file.")
    return arrays[name]
