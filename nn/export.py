"""A trained model for other programs: as ONNX, or as plain JSON.

docs/export.md describes both formats and shows how to use them.
"""

import os
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec
import numpy as np
from numpy.typing import ArrayLike

from nn import __version__
from nn.digits import N_CLASSES
from nn.ink import MAX_INTENSITY, SIDE
from nn.model import Model
from nn.refusal import Refusal
from nn.verdict import SURE, UNFAMILIAR

if TYPE_CHECKING:
    from onnx import GraphProto, ValueInfoProto

FORMAT_VERSION = 1  # of the JSON file, and of what the ONNX file holds beside its graph

_OPSET, _IR_VERSION = 13, 7  # those of ONNX 1.8, from 2020, so that old runtimes can read it

_READS = (
    "A network for handwritten digits. It reads pixels: 8x8 intensities, row by row, from 0 "
    "(paper) to 16 (ink), in the form of scikit-learn's digits. "
)
_CALCULATES = (
    "Begin with a = pixels / max_intensity. For each layer: z = weights @ a + biases, then "
    "a = 1 / (1 + exp(-z)); weights has a row for each neuron and a column for each of its "
    "inputs. The last a are the activations of digits 0 to 9, and their probabilities are "
    "softmax(z / temperature). "
)
_ANSWERS = (
    "It answers the probabilities of digits 0 to 9, which sum to 1, and the activations of the "
    "ten output neurons, each of which stands for its digit alone. "
)
_VERDICT = (
    "Verdict: blank if all pixels are 0; else unfamiliar if the largest activation is below "
    "unfamiliar_below; else sure if the largest activation and the largest probability both "
    "reach sure_from; else torn."
)


def to_json(model: Model) -> bytes:
    """The model as JSON, in UTF-8. Its numbers are exactly those of the model.

    JSON has no NaN and no infinity: a figure with such a value becomes null.
    """
    network = model.network
    layers = [
        {"weights": w.tolist(), "biases": b.tolist()}
        for w, b in zip(network.weights, network.biases)
    ]
    about = {"about": _READS + _CALCULATES + _VERDICT}
    return msgspec.json.encode(about | _description(model) | {"layers": layers})


def to_onnx(model: Model) -> bytes:
    """The model as an ONNX file: opset 13, IR version 7. The same model gives the same bytes.

    The graph takes `pixels`, float32 of shape (batch, 64), 0..16, and gives `probabilities`
    and `activations`, both float32 of shape (batch, 10), 0..1. It computes in float32.
    """
    from onnx import helper  # takes 60 ms and 13 MB, which only those who export should pay

    made = helper.make_model(
        _graph(model),
        opset_imports=[helper.make_opsetid("", _OPSET)],
        ir_version=_IR_VERSION,
        producer_name="Inkling",
        producer_version=__version__,
        doc_string=_READS + _ANSWERS + _VERDICT,
    )
    helper.set_model_props(made, {k: _text(v) for k, v in _description(model).items()})
    return bytes(made.SerializeToString(deterministic=True))


def _graph(model: Model) -> "GraphProto":
    """The calculation of `Model.predict_proba`, with the weights."""
    from onnx import TensorProto, helper, numpy_helper

    def rows(name: str, length: int) -> "ValueInfoProto":
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, ("batch", length))

    network = model.network
    constants: dict[str, ArrayLike] = {
        "max_intensity": MAX_INTENSITY,
        "temperature": model.temperature,
    }
    nodes = [helper.make_node("Div", ["pixels", "max_intensity"], ["a_0"])]
    last = len(network.weights) - 1
    for i, (w, b) in enumerate(zip(network.weights, network.biases)):
        constants |= {f"weights_{i}": w, f"biases_{i}": b}
        layer = [f"a_{i}", f"weights_{i}", f"biases_{i}"]
        a_out = "activations" if i == last else f"a_{i + 1}"
        nodes.append(helper.make_node("Gemm", layer, [f"z_{i}"], transB=1))
        nodes.append(helper.make_node("Sigmoid", [f"z_{i}"], [a_out]))
    nodes.append(helper.make_node("Div", [f"z_{last}", "temperature"], ["scaled_logits"]))
    nodes.append(helper.make_node("Softmax", ["scaled_logits"], ["probabilities"], axis=1))
    return helper.make_graph(
        nodes,
        "digits",
        [rows("pixels", SIDE * SIDE)],
        [rows("probabilities", N_CLASSES), rows("activations", N_CLASSES)],
        [numpy_helper.from_array(np.asarray(v, np.float32), k) for k, v in constants.items()],
    )


def _description(model: Model) -> dict[str, Any]:
    """What both formats hold beside the layers: limits of the verdicts, and its making."""
    return {
        "format_version": FORMAT_VERSION,
        "layer_sizes": model.network.sizes,
        "max_intensity": MAX_INTENSITY,
        "temperature": model.temperature,
        "unfamiliar_below": UNFAMILIAR,
        "sure_from": SURE,
        "trained_on": model.trained_on,
        "figures": model.figures,
        "settings": model.settings,
    }


def _text(value: object) -> str:
    return value if isinstance(value, str) else msgspec.json.encode(value).decode()


_FORMATS: dict[str, Callable[[Model], bytes]] = {".onnx": to_onnx, ".json": to_json}


def save(model: Model, path: str | Path) -> None:
    """Write the model in the format that the path's ending names: a whole file, or none.

    Raises Refusal for an ending other than .onnx and .json, and OSError, naming the path, when
    it cannot be written.
    """
    path = Path(path)
    data = _format(path)(model)
    try:
        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            whole = Path(folder) / path.name
            whole.write_bytes(data)
            os.replace(whole, path)
    except OSError as error:  # it names the temporary folder, or nothing at all
        raise OSError(error.errno, error.strerror, str(path)) from error


def _format(path: Path) -> Callable[[Model], bytes]:
    if path.suffix.lower() not in _FORMATS:
        raise Refusal(
            "{name}: the ending says the format. Choose a name that ends in .onnx or .json.",
            code="bad_option",
            name=path.name,
        )
    return _FORMATS[path.suffix.lower()]
