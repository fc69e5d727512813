"""The routes that explain a forward and a backward pass: shapes, limits, bad input."""

import json

import numpy as np
import pytest

from nn import SigmoidNetwork, files
from nn.inside.backward_pass import BackwardPass
from nn.inside.forward_pass import ForwardPass
from nn.model import Model
from webapp.learning import versions

ROUTES = pytest.mark.parametrize("route", ["model", "forward", "cost", "backward"])
NETWORKS = pytest.mark.parametrize(
    ("version", "path"), [(None, files.SHIPPED), (0, files.ARTICLE)], ids=["live", "article"]
)
WIDEST = [64, 512, 512, 512, 512, 10]
ONE_MB = 2**20


@pytest.fixture
def ask(client, plain_pixels):
    """A function: the answer of a route about the first recorded drawing, and its status."""

    def ask(route, **fields):
        question = {"pixels": plain_pixels[0].reshape(8, 8).tolist(), **fields}
        response = client.post(f"/api/inside/{route}", json=question)
        return response.json, response.status_code

    return ask


@pytest.fixture
def published(app):
    """A function that keeps a network as a new version: its number."""

    def published(sizes):
        model = Model(SigmoidNetwork(sizes, random_state=0, dtype=np.float32))
        with app.extensions["database"].writing() as session:
            return versions.publish(session, model, "Another", "upload").id

    return published


@NETWORKS
@ROUTES
def test_every_answer_tells_the_network_and_its_numbers(
    ask, plain_pixels, route, version, path
):
    model = files.load(path)
    answer, status = ask(route, version=version)
    assert status == 200
    x = plain_pixels[:1].astype(np.float32) / 16
    assert answer["version"] == (1 if version is None else 0)
    assert answer["sizes"] == model.network.sizes
    assert answer["parameters"] == model.network.parameters.size
    np.testing.assert_allclose(answer["logits"], model.network.logits(x)[0], rtol=1e-6)
    np.testing.assert_allclose(answer["outputs"], model.network.forward(x)[-1][0], rtol=1e-6)
    expected = model.predict_proba(plain_pixels[:1])[0]
    np.testing.assert_allclose(answer["probabilities"], expected, rtol=1e-9)
    assert answer["digit"] == expected.argmax()


def test_model_shows_what_matters_most_and_counts_the_rest(ask):
    answer, _ = ask("model")
    assert [(layer["layer"], layer["size"]) for layer in answer["layers"]] == [
        (1, 384),
        (2, 96),
    ]
    for layer in answer["layers"]:
        assert len(layer["neurons"]) + layer["more"] == layer["size"]
        size = [abs(neuron["raises"]) for neuron in layer["neurons"]]
        assert size == sorted(size, reverse=True)
        for neuron in layer["neurons"]:
            assert len(neuron["looks_for"]) == 64
            assert len(neuron["excited_by"]["labels"]) == 3
    assert len(answer["connections"]) == 3


def test_every_neuron_of_a_small_network_is_shown(ask):
    answer, _ = ask("model", version=0)
    (layer,) = answer["layers"]
    assert sorted(neuron["neuron"] for neuron in layer["neurons"]) == list(range(15))
    assert layer["more"] == 0


def test_forward_tells_a_chosen_neuron_as_a_sum(ask, plain_pixels):
    answer, _ = ask("forward", version=0, layer=1, neuron=4, output=7)
    passed = ForwardPass(files.load(files.ARTICLE), plain_pixels[0])
    for found, expected in (
        (answer["chosen"], passed.weighted_sum(1, 4)),
        (answer["outgoing"], passed.weighted_sum(2, 7)),
    ):
        np.testing.assert_allclose(found["products"], expected.products, rtol=1e-6)
        assert found["z"] == pytest.approx(expected.z, rel=1e-6)
        assert sum(found["products"]) + found["bias"] == pytest.approx(found["z"], abs=1e-5)
    odds = np.exp((np.array(answer["logits"]) - max(answer["logits"])) / answer["temperature"])
    np.testing.assert_allclose(answer["relative_odds"], odds, rtol=1e-6)
    assert answer["sum_of_odds"] == pytest.approx(odds.sum(), rel=1e-6)


def test_forward_begins_with_the_neuron_that_matters_most(ask):
    answer, _ = ask("forward", layer=2)
    assert answer["output"] == answer["outgoing"]["neuron"] == answer["digit"]
    assert answer["chosen"]["neuron"] == answer["layers"][1]["neurons"][0]["neuron"]
    assert answer["chosen"]["n_rest"] == 384 - 64


@pytest.mark.parametrize("route", ["forward", "backward"])
def test_chosen_neuron_is_among_those_that_are_told_though_it_matters_little(ask, route):
    before, _ = ask(route)
    told = {neuron["neuron"] for neuron in before["layers"][0]["neurons"]}
    other = min(set(range(384)) - told)
    answer, _ = ask(route, neuron=other)
    layer = answer["layers"][0]
    assert {neuron["neuron"] for neuron in layer["neurons"]} == {*told, other}
    assert layer["more"] == 384 - len(told) - 1


def test_cost_is_told_term_by_term(ask):
    answer, _ = ask("cost", label=3)
    a = np.array(answer["outputs"])
    assert answer["label"] == 3
    assert answer["cost"]["total"] == pytest.approx(sum(answer["cost"]["terms"]))
    assert answer["cost"]["terms"][3] == pytest.approx(-np.log(a[3]), rel=1e-4)
    assert answer["cost"]["by_label"][3] == answer["cost"]["total"]
    assert {"a", "if_right", "if_wrong"} == set(answer["certainties"][0])


def test_label_is_what_the_network_reads_unless_it_is_chosen(ask):
    answer, _ = ask("cost")
    assert answer["label"] == answer["digit"]


def test_backward_tells_deltas_gradients_and_one_chain(ask, plain_pixels):
    answer, _ = ask("backward", version=0, label=3, pixel=20, neuron=4, output=8)
    backward = BackwardPass(ForwardPass(files.load(files.ARTICLE), plain_pixels[0]), 3)
    np.testing.assert_allclose(answer["deltas"], backward.deltas[-1], rtol=1e-5)
    first, last = answer["gradients"]
    assert len(first["targets"]) == 15
    np.testing.assert_allclose(first["values"], backward.gradients[0][first["targets"]])
    expected = backward.gradients[1][:, last["sources"]]
    np.testing.assert_allclose(last["values"], expected)
    neuron = answer["layers"][0]["neurons"][0]
    assert neuron["delta"] == pytest.approx(neuron["arriving"] * neuron["slope"], rel=1e-4)
    chain = answer["chain"]
    assert (chain["pixel"], chain["neuron"], chain["output"]) == (20, 4, 8)
    assert sum(chain["by_output"]) == pytest.approx(chain["gradient"], rel=1e-4)


@ROUTES
def test_the_largest_network_there_may_be_is_told_in_less_than_a_megabyte(
    ask, published, route
):
    answer, status = ask(route, version=published(WIDEST))
    assert status == 200
    assert len(json.dumps(answer)) < ONE_MB


@ROUTES
def test_network_without_hidden_layers_and_blank_picture_have_an_answer(ask, published, route):
    number = published([64, 10])
    answer, status = ask(route, version=number, pixels=[[0] * 8] * 8)
    assert status == 200
    assert answer["sizes"] == [64, 10]


@pytest.mark.parametrize(
    ("route", "fields", "code"),
    [
        ("model", {"output": 10}, "bad_output"),
        ("model", {"output": "7"}, "bad_output"),
        ("forward", {"layer": 0}, "bad_layer"),
        ("forward", {"layer": 4}, "no_such_neuron"),
        ("forward", {"layer": 1, "neuron": 384}, "no_such_neuron"),
        ("forward", {"neuron": -1}, "bad_neuron"),
        ("cost", {"label": 1.5}, "bad_label"),
        ("backward", {"pixel": 64}, "bad_pixel"),
        ("backward", {"neuron": 511}, "no_such_neuron"),
        ("backward", {"pixels": [[17] * 8] * 8}, "bad_pixels"),
        ("backward", {"version": 99}, "no_such_version"),
    ],
)
def test_what_does_not_exist_is_refused_with_a_sentence(ask, route, fields, code):
    answer, status = ask(route, **fields)
    assert status in (404, 422)
    assert answer["error"]["code"] == code
    assert answer["error"]["message"].endswith(".")
