"""The pages that explain the network, and what their questions have in common."""

import re

import pytest
import sqlalchemy as sa

from nn import files
from webapp.learning import versions
from webapp.web.views.inside import STEPS

NO_PIXELS = [[0] * 8] * 8
ROUTES = ("answer", "ink", "nearest", "shares", "change", "check")


def ask(client, path, **fields):
    """Status and JSON of an answer to a question about a picture, blank if none is given."""
    fields = {"pixels": NO_PIXELS, "challenge": "turn"} | fields
    answer = client.post(f"/api/inside/{path}", json=fields)
    return answer.status_code, answer.json


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_every_step_has_a_page_with_its_title(client, step):
    page = client.get(f"/inside/{step.name}")
    assert page.status_code == 200
    assert f"<h1>{step.title}</h1>" in page.text
    assert f"js/pages/inside/{step.name}.js" in page.text


def test_the_first_step_is_at_inside_itself(client):
    assert client.get("/inside").text == client.get(f"/inside/{STEPS[0].name}").text


def test_back_and_next_lead_through_all_steps(client):
    path, seen = "/inside", []
    while path.startswith("/inside"):
        page = client.get(path).text
        seen.append(re.search('aria-current="step">([^<]+)<', page)[1])
        path = re.search('class="next" href="([^"]+)"', page)[1]
    assert seen == [step.title for step in STEPS]
    assert path == "/"


def test_unknown_step_is_not_found(client):
    page = client.get("/inside/nothing")
    assert page.status_code == 404
    assert "There is no step" in page.text


def test_page_lists_versions_to_choose_from(client, app):
    database = app.extensions["database"]
    with database.writing() as session:
        versions.publish(session, files.load(files.ARTICLE), "Made <today>", "upload")
    page = client.get("/inside").text
    assert "Version 1, Original" in page
    assert "Version 2, Made &lt;today&gt;" in page


def test_page_is_there_while_the_database_is_away(client, app, monkeypatch):
    nowhere = sa.create_engine("sqlite:////nowhere/at/all.db")
    monkeypatch.setattr(app.extensions["database"], "engine", nowhere)
    assert client.get("/inside").status_code == 200
    assert ask(client, "answer")[0] == 200


@pytest.mark.parametrize("route", ["answer", "shares", "change", "check"])
def test_a_deleted_version_gets_a_sentence(client, app, route):
    with app.extensions["database"].writing() as session:
        number = versions.publish(session, files.load(files.ARTICLE), "Two", "upload").id
    assert ask(client, route, version=number)[0] == 200
    with app.extensions["database"].writing() as session:
        versions.delete(session, number)
    status, answer = ask(client, route, version=number)
    assert status == 404
    assert answer["error"]["message"] == f"Version {number} was deleted."


@pytest.mark.parametrize("route", ROUTES)
@pytest.mark.parametrize(
    ("fields", "says"),
    [
        ({"version": -1}, "'version' is -1; it must be the number of a version"),
        ({"version": "x"}, "'version' is \"x\"; it must be"),
        ({"version": 10**20}, "it must be the number of a version"),
        ({"pixels": [[0] * 8] * 7}, "8 rows of 8"),
        ({"pixels": [[17] * 8] * 8}, "0 to 16"),
        ({"pixels": None}, "8 rows of 8"),
    ],
)
def test_bad_fields_get_a_sentence(client, route, fields, says):
    status, answer = ask(client, route, **fields)
    assert status == 422
    assert says in answer["error"]["message"]


@pytest.mark.parametrize("body", [b"", b"[]", b"{", b"\xff", b"[" * 50_000])
def test_what_is_no_json_object_gets_a_sentence(client, body):
    answer = client.post("/api/inside/answer", data=body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json["error"]["code"] == "bad_json"


def test_more_than_a_megabyte_is_refused(client):
    body = b" " * (2**20 + 1)
    answer = client.post("/api/inside/answer", data=body, content_type="application/json")
    assert answer.status_code == 413
    assert "1 MiB" in answer.json["error"]["message"]


def test_the_live_version_and_the_article_answer_as_they_do_elsewhere(
    client, shipped, plain_pixels
):
    pixels = plain_pixels[30].reshape(8, 8).tolist()
    for version, number, model in (
        (None, 1, shipped),
        (1, 1, shipped),
        (0, 0, files.load(files.ARTICLE)),
    ):
        _, answer = ask(client, "answer", pixels=pixels, version=version)
        expected = model.judge(plain_pixels[30][None])[0]
        assert answer["model"] == {"version": number}
        assert answer["digit"] == expected.digit
        assert answer["probabilities"] == expected.probabilities.tolist()
        assert answer["outputs"] == expected.outputs.tolist()


def test_a_blank_picture_has_no_probabilities(client):
    _, answer = ask(client, "answer")
    assert (answer["digit"], answer["verdict"], answer["probabilities"]) == (
        None,
        "blank",
        None,
    )
