"""POST /api/inside/shares, change, challenges, check: what the page asks that edits cells."""

import numpy as np
import pytest

from nn import SigmoidNetwork, files
from nn.inside import challenges, what_if
from nn.model import Model
from webapp.learning import versions

VERSIONS = [1, 0]  # the shipped one, and the article's network


def model_of(version, shipped):
    return shipped if version else files.load(files.ARTICLE)


def ask(client, path, row=None, **fields):
    if row is not None:
        fields["pixels"] = np.reshape(row, (8, 8)).tolist()
    answer = client.post(f"/api/inside/{path}", json=fields)
    assert answer.status_code == 200, answer.json
    return answer.json


@pytest.mark.parametrize("version", VERSIONS)
def test_shares_add_up_with_the_logit_without_the_cell(client, shipped, plain_pixels, version):
    row = plain_pixels[12].astype(np.uint8)
    model = model_of(version, shipped)
    found = ask(client, "shares", row, version=version)
    logits = model.logits(row[None])[0]
    assert found["digit"] == logits.argmax()
    assert found["logit"] == logits.max()
    assert found["shares"] == what_if.shares(model, row, found["digit"]).tolist()
    np.testing.assert_allclose(
        np.add(found["without"], found["shares"]), logits.max(), rtol=1e-5
    )
    assert ask(client, "shares", row, version=version, digit=2)["logit"] == logits[2]


@pytest.mark.parametrize("version", VERSIONS)
def test_change_makes_the_network_answer_something_else(client, shipped, plain_pixels, version):
    row = plain_pixels[12].astype(np.uint8)
    model = model_of(version, shipped)
    found = ask(client, "change", row, version=version, target=8)
    assert found["digit"] == 8
    probabilities = model.predict_proba(np.array([found["pixels"]], np.uint8))[0]
    assert found["probability"] == probabilities.max() == probabilities[8]
    assert len(found["cells"]) == np.count_nonzero(row != found["pixels"])


def test_change_that_is_not_found_is_null(client, plain_pixels, monkeypatch):
    monkeypatch.setattr(what_if, "MOST_CHANGES", 0)
    found = ask(client, "change", plain_pixels[0])
    assert found == {"cells": None, "most": 0}


@pytest.mark.parametrize("version", VERSIONS)
def test_nine_is_turned_into_a_two(client, shipped, version):
    model = model_of(version, shipped)
    first = ask(client, "challenges", version=version)["turn"]
    begun = ask(client, "check", first, version=version, challenge="turn")
    assert (begun["is_done"], begun["cells"]) == (False, 0)
    turned = what_if.smallest_change(model, np.array(first, np.uint8), 2)
    met = ask(client, "check", turned.pixels, version=version, challenge="turn")
    assert met == {
        "is_done": True,
        "cells": len(turned.cells),
        "greedy": len(turned.cells),
    }


@pytest.mark.parametrize("version", VERSIONS)
def test_three_is_thinned(client, shipped, version):
    model = model_of(version, shipped)
    first = np.array(ask(client, "challenges", version=version)["thin"], np.uint8)
    thin = what_if.least_ink(model, first, 3)
    met = ask(client, "check", thin, version=version, challenge="thin")
    assert met == {"is_done": True, "ink": int(thin.sum()), "greedy": int(thin.sum())}
    blank = ask(client, "check", np.zeros(64), version=version, challenge="thin")
    assert (blank["is_done"], blank["ink"]) == (False, 0)


@pytest.mark.parametrize("version", VERSIONS)
def test_most_confident_mistake_is_one(client, shipped, version):
    model = model_of(version, shipped)
    found = ask(client, "challenges", version=version)["misread"]
    probabilities = model.predict_proba(np.array([found["pixels"]], np.uint8))[0]
    assert found["predicted"] == probabilities.argmax() != found["label"]
    assert found["probability"] == pytest.approx(probabilities.max())


def test_network_without_mistakes_has_no_riddle(client, monkeypatch):
    monkeypatch.setattr(challenges, "misread", lambda _model: None)
    assert ask(client, "challenges")["misread"] is None


@pytest.mark.parametrize(
    ("path", "fields", "says"),
    [
        ("shares", {"digit": 10}, "'digit' is 10; it must be a whole number from 0 to 9"),
        ("change", {"target": -1}, "'target' is -1; it must be"),
        ("check", {"challenge": "fly"}, '"turn" or "thin"'),
        ("check", {}, "'challenge' is missing"),
    ],
)
def test_bad_fields_get_a_sentence(client, path, fields, says):
    answer = client.post(f"/api/inside/{path}", json={"pixels": [[0] * 8] * 8, **fields})
    assert answer.status_code == 422
    assert says in answer.json["error"]["message"]


@pytest.mark.parametrize(("path", "fields"), [("change", {}), ("check", {"challenge": "turn"})])
def test_search_in_a_network_that_is_too_large_is_refused(app, client, path, fields):
    large = SigmoidNetwork([64, 512, 512, 10], random_state=0, dtype=np.float32)
    with app.extensions["database"].writing() as session:
        number = versions.publish(session, Model(large), "Large", "upload").id
    question = {"pixels": [[8] * 8] * 8, "version": number, **fields}
    answer = client.post(f"/api/inside/{path}", json=question)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "bad_network")
