"""POST /api/inside/step, train, gradient-check, break: a copy of a network in the request."""

import base64
import itertools
import json
from itertools import repeat

import numpy as np
import pytest

from nn import SigmoidNetwork, files
from nn.digits import one_hot
from nn.inside import raw_weights, sandbox
from nn.inside.gradient_check import Place, check
from nn.inside.misprint import MisprintedNetwork
from nn.inside.sandbox import Standing
from webapp.learning import versions

FLOAT32 = np.dtype(np.float32)


@pytest.fixture
def seven(sample_drawings, plain_pixels):
    """A recorded 7: pixels (64,)."""
    return plain_pixels[next(i for i, (d, _) in enumerate(sample_drawings) if d == 7)]


@pytest.fixture
def ask(client, seven):
    """A function that asks about the 7, and returns the answer's JSON."""

    def ask(path, status=200, **fields):
        body = json.dumps({"pixels": seven.reshape(8, 8).tolist(), **fields})
        found = client.post(f"/api/inside/{path}", data=body, content_type="application/json")
        assert found.status_code == status
        return found.json

    return ask


def network_in(answer, sizes):
    return raw_weights.from_bytes(sizes, base64.b64decode(answer["weights"]))


def test_looking_without_a_step_changes_nothing(ask, shipped, seven):
    found = ask("step")
    assert found["before"] == found["after"]
    assert found["label"] == found["after"]["digit"] == 7
    assert found["model"] == {"version": 1, "sizes": shipped.network.sizes}
    expected = Standing.of(shipped.network, shipped.temperature, seven, 7)
    assert found["after"]["cost"] == expected.cost
    assert found["after"]["probabilities"] == expected.answer.probabilities.tolist()
    assert found["after"]["right"] == expected.digits.n_right
    assert found["weights"] is None


def test_steps_on_the_drawing_are_those_of_gradient_descent(ask, shipped, seven):
    found = ask("step", label=1, steps=10, learning_rate=0.25)
    network = raw_weights.private_copy(shipped.network)
    sandbox.take_steps(network, repeat(sandbox.drawing(seven, 1, FLOAT32), 10), 0.25)
    same = network_in(found, network.sizes)
    np.testing.assert_array_equal(same.parameters, network.parameters)
    assert found["after"]["cost"] < found["before"]["cost"]


def test_one_step_tells_the_gradient_of_the_weight_that_moved_most(ask, shipped, seven):
    moved = ask("step", label=1, steps=1, learning_rate=0.25)["moved"]
    network = shipped.network
    nabla_w, _ = raw_weights.private_copy(network).backprop(*sandbox.drawing(seven, 1, FLOAT32))
    layer, at = moved["layer"], (moved["neuron"], moved["source"])
    assert moved["before"] == network.weights[layer][at]
    assert moved["gradient"] == pytest.approx(nabla_w[layer][at], rel=1e-6)
    expected = moved["before"] - 0.25 * moved["gradient"]
    assert moved["after"] == pytest.approx(expected, rel=1e-6)
    assert abs(moved["gradient"]) >= 0.999 * max(abs(slopes).max() for slopes in nabla_w)
    assert ask("step", label=1, steps=10)["moved"]["gradient"] is None
    assert ask("step", label=1)["moved"] is None


def test_steps_go_on_from_the_weights_that_came_back(ask):
    settings = {"on": "digits", "learning_rate": 0.5, "seed": 3}
    at_once = ask("step", steps=100, **settings)
    found = {"weights": None, "taken": 0}
    for _ in range(10):
        kept = {"weights": found["weights"], "taken": found["taken"]}
        found = ask("step", steps=10, **settings, **kept)
    assert found["taken"] == at_once["taken"] == 100
    assert found["weights"] == at_once["weights"]
    assert found["after"] == at_once["after"]
    # Rewound to an earlier step, the same steps lead to the same weights.
    again = ask("step", steps=10, **settings, **kept)
    assert again["weights"] == found["weights"]


def test_what_broke_elsewhere_is_counted_and_shown(ask):
    found = ask("step", label=1, steps=100, learning_rate=2)
    before, after = found["before"], found["after"]
    assert after["digit"] == 1
    assert before["right"] - after["right"] == found["broken"]["n"] - found["mended"]["n"]
    assert found["broken"]["n"] >= len(found["broken"]["shown"]) > 0
    for picture in found["broken"]["shown"]:
        assert len(picture["pixels"]) == 64
        assert picture["digit"] != picture["label"]


def test_live_version_never_changes(ask, client, seven):
    pixels = seven.reshape(8, 8).tolist()
    before = client.post("/api/predict", json={"pixels": pixels}).json
    ask("step", label=1, steps=100, learning_rate=10)
    assert client.post("/api/predict", json={"pixels": pixels}).json == before


def test_random_start_follows_from_its_seed(ask, shipped, seven):
    random = SigmoidNetwork(shipped.network.sizes, 5, np.float32)
    expected = Standing.of(random, 1.0, seven, 7)
    found = ask("step", start="random", seed=5)["after"]
    assert found["cost"] == expected.cost
    assert found["probabilities"] == expected.answer.probabilities.tolist()
    assert found["right"] == expected.digits.n_right


def test_double_precision_comes_and_goes(ask):
    found = ask("step", precision="float64", steps=1, version=0)
    data = base64.b64decode(found["weights"])
    assert len(data) == 8 * 1135
    again = ask("step", precision="float64", version=0, weights=found["weights"])
    assert again["after"] == found["after"]


@pytest.mark.parametrize("on", ["drawing", "digits"])
def test_absurd_learning_rate_is_told_and_leaves_the_way_back(ask, on):
    found = ask("step", label=1, on=on, steps=10, learning_rate=1e9)
    assert "as good as infinite" in found["lost"]
    assert "Rewind" in found["lost"]
    assert (found["weights"], found["after"]) == (None, None)
    assert found["before"]["cost"] > 0


def test_epochs_train_the_articles_network(ask):
    network, weights = SigmoidNetwork([64, 15, 10], 4, np.float32), None
    for number in (1, 2, 3):
        found = ask("train", epoch=number, learning_rate=0.1, seed=4, weights=weights)
        weights = found["weights"]
        epoch = sandbox.train_epoch(network, number, 4, 0.1)
        assert found["number"] == number
        assert (found["cost"], found["test_accuracy"]) == (epoch.cost, epoch.test_accuracy)
        assert found["neurons"] == network.weights[0].tolist()
    np.testing.assert_array_equal(
        network_in(found, network.sizes).parameters, network.parameters
    )


def test_training_with_the_printed_line_is_that_of_the_misprinted_network(ask):
    network = MisprintedNetwork([64, 15, 10], 0, np.float32)
    sandbox.train_epoch(network, 1, 0, 0.1)
    found = ask("train", epoch=1, learning_rate=0.1, printed=True)
    np.testing.assert_array_equal(
        network_in(found, network.sizes).parameters, network.parameters
    )


def test_training_that_is_lost_says_so(ask):
    found = ask("train", epoch=1, learning_rate=1e9)
    assert found["number"] == 1
    assert "as good as infinite" in found["lost"]


@pytest.mark.parametrize("version", [0, 1])
def test_gradient_check_of_a_weight_is_numpys(ask, seven, version):
    model = files.load(files.ARTICLE if version == 0 else files.SHIPPED)
    place = Place(0, 3, int(seven.argmax()))
    found = ask(
        "gradient-check", version=version, label=1, layer=0, neuron=3, source=place.column
    )
    network = raw_weights.private_copy(model.network, "float64")
    [expected] = check(network, seven[None] / 16, one_hot([1]), [place])
    assert found["chosen"]["backprop"] == expected.gradient
    assert found["chosen"]["nudged"] == expected.slope.value
    assert found["chosen"]["error"] == expected.error
    assert found["chosen"]["right"]


def test_printed_line_fails_the_check_in_the_hidden_layers_only(ask):
    place = {"label": 1, "neuron": 0, "source": 0}
    for layer, printed in itertools.product((0, 1, 2), (False, True)):
        found = ask("gradient-check", **place, layer=layer, sample=20, printed=printed)
        assert {each["layer"] for each in found["sample"]} == {layer}
        n_right = sum(each["right"] for each in found["sample"])
        assert n_right == (0 if printed and layer < 2 else 20)


def test_check_without_a_place_takes_the_steepest_weight(ask):
    found = ask("gradient-check", label=1, layer=0, sample=30)
    steepest = abs(found["chosen"]["backprop"])
    assert steepest >= max(abs(each["backprop"]) for each in found["sample"])


def test_broken_network_is_worse_and_says_where(ask):
    found = ask("break", silenced=[{"layer": 2}])
    assert found["after"]["right"] < 60  # nothing of the picture comes through
    assert found["broken"]["n"] > 200
    assert found["after"]["cost"] is None
    nothing = ask("break", silenced=[])
    assert nothing["before"] == nothing["after"]
    assert nothing["broken"]["n"] == 0


def test_blank_picture_gets_no_digit(ask):
    found = ask("break", pixels=[[0] * 8] * 8, silenced=[])
    assert (found["after"]["digit"], found["after"]["probabilities"]) == (None, None)


FINE = {
    "step": {},
    "train": {"epoch": 1, "learning_rate": 0.1},
    "gradient-check": {"layer": 0, "neuron": 0, "source": 0},
    "break": {"silenced": []},
}


@pytest.mark.parametrize(
    ("path", "fields", "code", "says"),
    [
        ("step", {"steps": 2}, "bad_steps", "0, 1, 10 or 100"),
        ("step", {"steps": 1e9}, "bad_steps", "0, 1, 10 or 100"),
        ("step", {"on": "people"}, "bad_on", "drawing or digits"),
        ("step", {"label": 10}, "bad_label", "0 to 9"),
        ("step", {"learning_rate": 0}, "bad_learning_rate", "above 0"),
        ("step", {"learning_rate": float("nan")}, "bad_learning_rate", "above 0"),
        ("step", {"learning_rate": float("inf")}, "bad_learning_rate", "above 0"),
        ("step", {"weights": "?"}, "bad_weights", "in base64"),
        ("step", {"weights": "AAAA"}, "bad_network", "3 bytes"),
        ("step", {"precision": "float16"}, "bad_precision", "float32 or float64"),
        ("step", {"start": "zero"}, "bad_start", "trained or random"),
        ("step", {"seed": -1}, "bad_seed", "2147483647"),
        ("step", {"taken": -1}, "bad_taken", "steps taken before"),
        ("step", {"version": -1}, "bad_version", "the number of a version"),
        ("step", {"pixels": []}, "bad_pixels", "8 rows of 8"),
        ("train", {"epoch": 201}, "bad_epoch", "1 to 200"),
        ("train", {"weights": "AAAA"}, "bad_network", "4,540"),
        ("train", {"printed": 1}, "bad_printed", "true or false"),
        ("gradient-check", {"layer": 3}, "no_such_weight", "no weight matrix 3"),
        ("gradient-check", {"source": 64}, "no_such_weight", "column 64"),
        ("gradient-check", {"neuron": -1}, "bad_neuron", "from 0"),
        ("gradient-check", {"sample": 91}, "bad_sample", "0 to 90"),
        ("break", {"silenced": None}, "bad_silenced", "list of up to 1000"),
        ("break", {"silenced": [{}]}, "bad_silenced", "layer"),
        ("break", {"silenced": [{"layer": "x"}]}, "bad_silenced", "whole number"),
        ("break", {"silenced": [{"layer": 3}]}, "bad_network", "no layer 3"),
        ("break", {"silenced": [{"layer": 0}] * 1001}, "bad_silenced", "1000"),
    ],
)
def test_bad_question_gets_a_sentence(ask, path, fields, code, says):
    error = ask(path, 422, **(FINE[path] | fields))["error"]
    assert error["code"] == code
    assert says in error["message"]
    assert error["message"].endswith(".")


@pytest.mark.parametrize("path", FINE)
def test_request_above_a_megabyte_is_refused(ask, path):
    error = ask(path, 413, **FINE[path], more="x" * 2**20)["error"]
    assert "1 MiB" in error["message"]


def test_version_that_is_gone_gets_a_sentence(ask, app, shipped):
    database = app.extensions["database"]
    with database.writing() as session:
        number = versions.upload(session, files.to_bytes(shipped), "Another").id
    assert ask("step", version=number)["model"]["version"] == number
    with database.writing() as session:
        versions.delete(session, number)
    error = ask("step", 404, version=number)["error"]
    assert error == {"code": "no_such_version", "message": f"Version {number} was deleted."}


def test_network_that_is_too_large_for_the_sandbox_gets_a_sentence(ask, app, shipped):
    large = SigmoidNetwork([64, 512, 512, 10], 0, np.float32)
    model = type(shipped)(large)
    with app.extensions["database"].writing() as session:
        number = versions.upload(session, files.to_bytes(model), "Large").id
    error = ask("step", 422, version=number)["error"]
    assert "301,066 weights and biases; the sandbox takes up to 150,000" in error["message"]
