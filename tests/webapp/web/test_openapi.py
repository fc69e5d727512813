"""GET /openapi.json: every route of the API is described, and answers as it is described."""

import base64
import io
import re

import pytest
from jsonschema import Draft202012Validator

from nn.drawings import render
from tests.support import prepared
from tests.webapp.web.test_errors import UNPROCESSABLE
from webapp import create_app
from webapp.web import openapi
from webapp.web.errors import STATUSES

INVISIBLE = ("HEAD", "OPTIONS")  # methods that Flask adds


@pytest.fixture
def described(client):
    """The description."""
    return client.get("/openapi.json").json


@pytest.fixture
def seven(sample_drawings):
    """A drawn 7 as PNG."""
    buffer = io.BytesIO()
    strokes = next(strokes for digit, strokes in sample_drawings if digit == 7)
    render(strokes).save(buffer, "PNG")
    return buffer.getvalue()


def operations(described):
    return [
        (method.upper(), path, operation)
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
    ]


def test_every_route_of_the_api_is_described_and_nothing_else(app, described):
    routes = {
        (method, re.sub(r"<(?:int:)?(\w+)>", r"{\1}", rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods - {*INVISIBLE}
        if rule.rule.startswith("/api/") and not rule.rule.startswith("/api/docs")
    }
    assert {("POST", "/api/predict"), ("DELETE", "/api/drawings/mine")} <= routes
    routes |= {("GET", "/healthz"), ("GET", "/readyz")}
    assert {(method, path) for method, path, _ in operations(described)} == routes


def test_route_without_notes_is_found(app):
    app.add_url_rule("/api/new", view_func=lambda: "", methods=["POST"])
    with pytest.raises(LookupError, match="POST /api/new"):
        openapi.describe(app, "", "a cookie")


def test_description_is_valid_openapi(described):
    from openapi_spec_validator import OpenAPIV31SpecValidator  # takes long

    assert described["openapi"].startswith("3.1.")
    assert list(OpenAPIV31SpecValidator(described).iter_errors()) == []


def test_every_operation_is_explained(described):
    for method, path, operation in operations(described):
        assert operation["summary"], (method, path)
        assert set(operation["tags"]) <= {tag["name"] for tag in described["tags"]}
    ids = [operation["operationId"] for _, _, operation in operations(described)]
    assert len(set(ids)) == len(ids)


def test_docstrings_explain_fields(described):
    schemas = described["components"]["schemas"]
    assert schemas["Prediction"]["description"] == "What the network makes of a picture."
    fields = schemas["Prediction"]["properties"]
    assert fields["digit"]["description"] == "the most probable one; null for a blank picture"
    inherited = schemas["Diagram"]["properties"]["sizes"]
    assert inherited["description"] == "neurons of each layer"
    texts = [schema["description"] for schema in schemas.values()]
    assert [text for text in texts if " : " in text or not text] == []


def test_patterns_are_those_of_javascript(client):
    text = client.get("/openapi.json").text
    assert '"pattern"' in text
    assert r"\Z" not in text


def test_codes_are_those_of_refusals(described):
    for method, path, operation in operations(described):
        for status, response in operation["responses"].items():
            for code in codes_of(response):
                is_of_field = code.startswith("bad_") and STATUSES.get(code) is None
                assert is_of_field or code in {*STATUSES, *UNPROCESSABLE}, (method, path, code)
                assert int(status) == STATUSES.get(code, 422)


def test_wrong_fields_have_their_codes(described):
    def codes(path):
        return codes_of(described["paths"][path]["post"]["responses"]["422"])

    assert codes("/api/predict") == ["bad_pixels"]
    assert codes("/api/drawings") == [
        "bad_device",
        "bad_key",
        "bad_label",
        "bad_pixels",
        "blank",
    ]


def codes_of(response):
    """The codes of a described response; none if it is no refusal."""
    both = response["content"].get("application/json", {}).get("schema", {}).get("allOf", ())
    codes = [part["properties"]["error"]["properties"]["code"]["enum"] for part in both[1:]]
    return codes[0] if codes else []


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize(("prefix", "root"), [("", "/"), ("/ink", "/ink")])
def test_server_is_where_the_proxy_mounts_it(settings, prefix, root):
    behind = create_app({**settings, "trusted_proxies": 1})
    headers = {"X-Forwarded-Prefix": prefix} if prefix else {}
    answer = behind.test_client().get("/openapi.json", headers=headers).json
    prepared.close(behind)
    assert answer["servers"] == [{"url": root}]


def test_cookie_and_device_are_described_where_they_count(described):
    with_cookie = {path for _, path, each in operations(described) if "security" in each}
    assert with_cookie == {path for path in described["paths"] if "drawings" in path}
    cookie = described["components"]["securitySchemes"]["participant"]
    assert cookie["name"] == "inkling_participant"
    for method, path, operation in operations(described):
        codes = [c for response in operation["responses"].values() for c in codes_of(response)]
        changes = method != "GET" and ("drawings" in path or "game" in path)
        assert ("foreign_origin" in codes) == changes, (method, path)
        assert "unknown_host" in codes


# What is asked of each route, beside the pixels of a 7.
QUESTIONS = {
    "answer": {"version": 0},
    "ink": {},
    "class": {"digit": 7},
    "forward": {"layer": 2},
    "cost": {"label": 1},
    "change": {"target": 1},
    "check": {"challenge": "turn"},
    "step": {"steps": 1, "label": 1},
    "train": {"epoch": 1, "learning_rate": 0.1},
    "gradient-check": {"layer": 0, "sample": 2},
    "break": {"silenced": [{"layer": 1}]},
}


def test_real_answers_are_as_described(client, described, seven):
    pixels = client.post("/api/predict", data=seven, content_type="image/png").json["pixels"]
    asked = set()

    def ask(method, path, status=200, where=None, **request):
        answer = client.open(where or path, method=method, **request)
        assert answer.status_code == status
        asked.add((method, path))
        content = described["paths"][path][method.lower()]["responses"][str(status)]["content"]
        [media_type] = content
        assert answer.mimetype == media_type
        if media_type == "application/json":
            schema = {"components": described["components"], **content[media_type]["schema"]}
            Draft202012Validator(schema).validate(answer.json)
        return answer

    for path in described["paths"]:
        if path.startswith("/api/inside/"):
            question = QUESTIONS.get(path.rpartition("/")[2], {})
            if path.endswith("/ink"):
                question = {"picture": base64.b64encode(seven).decode()}
            ask("POST", path, json={"pixels": pixels, **question})
    for rows in (pixels, [[0] * 8] * 8):
        ask("POST", "/api/predict", json={"pixels": rows})
        ask("POST", "/api/inside/answer", json={"pixels": rows})
    lost = {"steps": 100, "learning_rate": 1e38, "label": 1}
    assert ask("POST", "/api/inside/step", json={"pixels": pixels, **lost}).json["lost"]
    hopeless = {"epoch": 1, "learning_rate": 1e38}
    assert ask("POST", "/api/inside/train", json={"pixels": pixels, **hopeless}).json["lost"]
    challenge = {"pixels": pixels, "challenge": "thin"}
    ask("POST", "/api/inside/check", json=challenge)
    ask("POST", "/api/game", json={"right": True})

    form = {"image": (io.BytesIO(seven), "seven.png"), "label": "7", "consent": "true"}
    kept = ask("POST", "/api/drawings", 201, data=form).json["id"]
    again = {"where": "/api/drawings?label=7", "data": seven, "content_type": "image/png"}
    ask("POST", "/api/drawings", 200, **again)
    ask("GET", "/api/drawings/mine")
    listed = ask("GET", "/api/drawings/mine", where="/api/drawings/mine?details=true").json
    assert [drawing["id"] for drawing in listed["drawings"]] == [kept]
    one, its_picture = "/api/drawings/mine/{number}", "/api/drawings/mine/{number}.png"
    ask("GET", its_picture, where=f"/api/drawings/mine/{kept}.png")
    ask("PATCH", one, where=f"/api/drawings/mine/{kept}", json={"label": 1})
    ask("DELETE", one, where=f"/api/drawings/mine/{kept}")
    ask("DELETE", "/api/drawings/mine")
    ask("GET", "/healthz")
    ask("GET", "/readyz", 503)  # there is no training worker
    assert asked == {(method, path) for method, path, _ in operations(described)}


BAD_BODIES = [b"", b"{", b"[]", b"\xff", b'{"pixels": 1, "version": -1, "digit": 10}']


@pytest.mark.parametrize("body", BAD_BODIES, ids=range(len(BAD_BODIES)))
def test_bad_input_to_the_pages_inside_gets_the_described_refusal(client, described, body):
    for method, path, operation in operations(described):
        if not path.startswith("/api/inside/") or "requestBody" not in operation:
            continue
        answer = client.open(path, method=method, data=body, content_type="application/json")
        assert answer.status_code in (400, 422), (path, body)
        assert set(answer.json) == {"error"}
        assert set(answer.json["error"]) == {"code", "message"}
        described_codes = codes_of(operation["responses"][str(answer.status_code)])
        assert answer.json["error"]["code"] in described_codes


@pytest.mark.parametrize("number", ["7.0", "7e0", "70e-1"])
def test_whole_number_with_a_point_is_a_whole_number(client, number):
    body = f'{{"digit": {number}}}'
    answer = client.post("/api/inside/class", data=body, content_type="application/json")
    assert answer.status_code == 200


@pytest.mark.parametrize("number", ["7.5", "1e400", "-1e400", "1e30", "NaN", "Infinity"])
def test_other_numbers_are_no_digits(client, number):
    body = f'{{"digit": {number}}}'
    answer = client.post("/api/inside/class", data=body, content_type="application/json")
    assert answer.json["error"]["code"] == "bad_digit"


def test_details_are_true_or_false(client):
    answer = client.get("/api/drawings/mine?details=yes")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "bad_details")
