import json
import re
import shlex
import subprocess
import sys

import numpy as np
import onnx
import onnxruntime
import pytest

from nn import export, files, people
from nn.__main__ import main
from nn.model import Model
from nn.network import SigmoidNetwork
from nn.refusal import Refusal
from tests.conftest import ROOT, SHIPPED_MODEL

DOCS = (ROOT / "docs" / "export.md").read_text("utf-8")
LAYERS = {"no hidden layer": [64, 10], "deep": [64, 30, 20, 30, 20, 10]}


def random_model(sizes):
    return Model(SigmoidNetwork(sizes, random_state=0, dtype=np.float32), temperature=1.5)


@pytest.fixture(
    scope="module", params=["shipped", "article", *LAYERS], ids=lambda name: f"{name} model"
)
def model(request):
    shipped = {"shipped": files.SHIPPED, "article": files.ARTICLE}.get(request.param)
    return files.load(shipped) if shipped else random_model(LAYERS[request.param])


@pytest.fixture
def real_pixels(all_digits, plain_pixels):
    """Drawings and digits by real people: (2457, 64) uint8, 0..16."""
    return np.concatenate([people.sample().pixels, plain_pixels, all_digits[0]]).astype("u1")


def run(data, pixels):
    """What ONNX Runtime answers to pixels (n, 64): probabilities and activations, (n, 10)."""
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, {"pixels": np.asarray(pixels, np.float32)})


def read_strictly(data):
    """The document in JSON bytes, if they hold nothing that JSON has not, such as NaN."""
    return json.loads(data, parse_constant=pytest.fail)


def test_onnx_runtime_gives_the_probabilities_of_numpy(model, real_pixels, record_property):
    probabilities, activations = run(export.to_onnx(model), real_pixels)
    difference = np.abs(probabilities - model.predict_proba(real_pixels)).max()
    outputs = [answer.outputs for answer in model.judge(real_pixels)]
    np.testing.assert_allclose(activations, outputs, rtol=0, atol=2e-6)
    assert difference <= 1e-6
    layers = "-".join(map(str, model.network.sizes))
    record_property(
        "figure", f"{layers}: ONNX is within {difference:.1e} of NumPy on {len(outputs)} rows"
    )


def test_onnx_file_passes_the_full_check_and_says_what_it_is(model):
    found = onnx.load_model_from_string(export.to_onnx(model))
    onnx.checker.check_model(found, full_check=True)
    assert (found.ir_version, found.producer_name) == (7, "Inkling")
    assert [(each.domain, each.version) for each in found.opset_import] == [("", 13)]
    assert "from 0 (paper) to 16 (ink)" in found.doc_string
    shapes = {
        each.name: [dim.dim_param or dim.dim_value for dim in each.type.tensor_type.shape.dim]
        for each in (*found.graph.input, *found.graph.output)
    }
    assert shapes == {
        "pixels": ["batch", 64],
        "probabilities": ["batch", 10],
        "activations": ["batch", 10],
    }
    assert {node.op_type for node in found.graph.node} == {"Div", "Gemm", "Sigmoid", "Softmax"}


def test_batch_may_have_any_length(shipped, plain_pixels):
    data, all_at_once = export.to_onnx(shipped), shipped.predict_proba(plain_pixels)
    for rows in (slice(0, 1), slice(5, 12), slice(0, 0)):
        np.testing.assert_allclose(run(data, plain_pixels[rows])[0], all_at_once[rows], 0, 1e-6)


def test_largest_weights_and_smallest_temperature_stay_numbers():
    network = SigmoidNetwork([64, 512, 10], 0, np.float32)
    network.parameters[:] = np.where(network.parameters > 0, 10_000, -10_000)
    probabilities, _ = run(export.to_onnx(Model(network, 0.01)), [[16] * 64, [0] * 64])
    np.testing.assert_allclose(probabilities.sum(axis=1), 1, rtol=1e-6)


def test_same_model_gives_the_same_bytes(shipped):
    again = files.from_bytes(files.to_bytes(shipped))
    assert export.to_onnx(again) == export.to_onnx(shipped)
    assert export.to_json(again) == export.to_json(shipped)


def test_json_holds_the_model_exactly(model, plain_pixels):
    found = read_strictly(export.to_json(model))
    network = SigmoidNetwork(found["layer_sizes"], dtype=np.float32)
    for w, b, layer in zip(network.weights, network.biases, found["layers"], strict=True):
        w[:], b[:] = layer["weights"], layer["biases"]
    np.testing.assert_array_equal(network.parameters, model.network.parameters)
    about = {name: found[name] for name in ("temperature", "trained_on", "figures", "settings")}
    assert about == {name: getattr(model, name) for name in about}
    back = Model(network, **about)
    np.testing.assert_array_equal(
        back.predict_proba(plain_pixels), model.predict_proba(plain_pixels)
    )


def test_figures_that_are_no_numbers_become_null():
    model = random_model([64, 10])
    model.figures = {"a": float("nan"), "b": float("-inf"), "c": 0.5}
    model.settings = {"learning_rate": float("inf"), "seed": 10**30}
    found = read_strictly(export.to_json(model))
    assert found["figures"] == {"a": None, "b": None, "c": 0.5}
    assert found["settings"] == {"learning_rate": None, "seed": 10**30}
    props = onnx.load_model_from_string(export.to_onnx(model)).metadata_props
    assert {each.key: each.value for each in props}["figures"] == '{"a":null,"b":null,"c":0.5}'


def test_onnx_metadata_holds_what_json_holds_beside_the_layers(model):
    document = read_strictly(export.to_json(model))
    del document["about"], document["layers"]
    props = onnx.load_model_from_string(export.to_onnx(model)).metadata_props
    texts = {each.key: each.value for each in props}
    assert texts.pop("trained_on") == document.pop("trained_on")
    assert {key: json.loads(text) for key, text in texts.items()} == document


def test_other_programs_can_give_the_verdicts_of_inkling(shipped, plain_pixels):
    """As the table in docs/export.md says."""
    pixels = np.vstack([plain_pixels, np.eye(64) * 16, np.zeros((1, 64))]).astype(np.uint8)
    data = export.to_onnx(shipped)
    props = onnx.load_model_from_string(data).metadata_props
    limits = {each.key: each.value for each in props}
    unfamiliar, sure = float(limits["unfamiliar_below"]), float(limits["sure_from"])
    p, a = (each.max(axis=1) for each in run(data, pixels))
    conditions = [~pixels.any(axis=1), a < unfamiliar, (a >= sure) & (p >= sure)]
    given = np.select(conditions, ["blank", "unfamiliar", "sure"], "torn")
    assert list(given) == [answer.verdict for answer in shipped.judge(pixels)]
    assert set(given) == {"blank", "unfamiliar", "sure", "torn"}


def test_examples_of_the_documentation_run_as_printed(
    tmp_path, monkeypatch, capsys, shipped, all_digits
):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "nn").symlink_to(ROOT / "nn")
    commands = re.findall(r"^ {4}\.venv/bin/python -m nn (.*)", DOCS, re.MULTILINE)
    assert [main(shlex.split(command)) for command in commands] == [0, 0]
    capsys.readouterr()
    expected = shipped.predict_proba(all_digits[0])
    examples = re.findall("```python\n(.*?)```", DOCS, re.DOTALL)
    assert len(examples) == 2
    for example in examples:
        names = {}
        exec(example, names)
        printed = f"The first picture is a 0, {expected[0].max():.1%} sure.\n"
        assert capsys.readouterr().out == printed
        np.testing.assert_allclose(names["probabilities"], expected, rtol=0, atol=1e-6)


def test_documentation_explains_every_entry_of_the_json_file(shipped):
    entries = read_strictly(export.to_json(shipped))
    [table] = re.findall(r"\| name \| what it is \|\n\|---\|---\|\n((?:\|.*\n)+)", DOCS)
    first_cells = [line.split("|")[1] for line in table.splitlines()]
    assert set(re.findall("`(.*?)`", "".join(first_cells))) == set(entries)


@pytest.mark.parametrize("name", ["model.onnx", "model.json", "MODEL.ONNX", "a.b.Json"])
def test_command_writes_the_format_of_the_ending(tmp_path, capsys, name):
    path = tmp_path / name
    assert main(["export", str(SHIPPED_MODEL), "--out", str(path)]) == 0
    convert = export.to_onnx if name.lower().endswith("onnx") else export.to_json
    assert path.read_bytes() == convert(files.load(SHIPPED_MODEL))
    assert capsys.readouterr().out == f"{path}: {path.stat().st_size:,} bytes\n"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", ["model.h5", "model", "onnx", ".onnx", "model.onnx.npz"])
def test_other_ending_is_refused(tmp_path, shipped, name):
    with pytest.raises(Refusal, match=r"Choose a name that ends in \.onnx or \.json\.$"):
        export.save(shipped, tmp_path / name)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("model", "out", "sentence"),
    [
        (SHIPPED_MODEL, "model.h5", "nn: model.h5: the ending says the format. "),
        (SHIPPED_MODEL, "absent/model.onnx", "is not a file in an existing folder."),
        ("absent.npz", "model.onnx", "nn: absent.npz: No such file or directory."),
        (__file__, "model.onnx", f"nn: {__file__}: This is not a complete .npz file"),
    ],
    ids=["ending", "folder", "no model", "bad model"],
)
def test_command_says_in_a_sentence_what_is_wrong(tmp_path, capsys, model, out, sentence):
    try:
        status = main(["export", str(model), "--out", str(tmp_path / out)])
    except SystemExit as ended:  # argparse's way
        status = ended.code
    assert (status, sentence in capsys.readouterr().err) == (2, True)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform == "win32", reason="Windows limits no file's size")
def test_export_that_fails_leaves_the_former_file_and_nothing_else(tmp_path):
    path = tmp_path / "model.json"
    path.write_text("the former one")
    command = [sys.executable, "-m", "nn", "export", SHIPPED_MODEL, "--out", path]
    done = subprocess.run(
        ["sh", "-c", 'ulimit -f 100; exec "$@"', "sh", *command],  # files of up to 50 kB
        cwd=ROOT, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == f"nn: {path}: File too large.\n"
    assert path.read_text() == "the former one"
    assert list(tmp_path.iterdir()) == [path]
