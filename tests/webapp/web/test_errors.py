"""Errors have one shape, JSON under /api, a page elsewhere; all answers have the headers."""

import ast

import pytest

from tests.conftest import ROOT
from tests.support.pages import sign_in
from webapp.web.errors import STATUSES


@pytest.mark.parametrize(
    ("method", "path", "status", "code"),
    [
        ("GET", "/api/nothing", 404, "not_found"),
        ("GET", "/api/predict", 405, "method_not_allowed"),
        ("DELETE", "/api/predict", 405, "method_not_allowed"),
    ],
)
def test_api_errors_are_json(client, method, path, status, code):
    answer = client.open(path, method=method)
    assert answer.status_code == status
    assert answer.json["error"]["code"] == code
    assert answer.json["error"]["message"].endswith(".")


def test_wrong_method_names_the_right_ones(client):
    assert "POST" in client.get("/api/predict").headers["Allow"]


def test_missing_page_is_a_page_with_a_way_back(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert answer.mimetype == "text/html"
    assert 'href="/"' in answer.text


@pytest.mark.parametrize(
    ("path", "back"),
    [
        ("/admin/versions/99", "/admin/versions"),
        ("/admin/nothing/at/all", "/admin/"),
        ("/admin/drawings/77.png", "/admin/drawings"),
    ],
)
def test_errors_of_the_presenter_stay_within_the_admin_pages(client, path, back):
    sign_in(client)
    answer = client.get(path)
    assert answer.status_code == 404
    assert 'aria-label="Admin"' in answer.text  # the menu
    assert f'href="{back}">Back</a>' in answer.text
    before = {"Referer": "http://localhost/admin/compare?a=1"}
    assert 'href="/admin/compare?a=1">Back' in client.get(path, headers=before).text
    elsewhere = {"Referer": "http://elsewhere.example/admin/compare"}
    assert f'href="{back}">Back</a>' in client.get(path, headers=elsewhere).text


def test_unexpected_error_tells_nothing_of_the_inside(app):
    @app.get("/api/broken")
    def broken():
        raise RuntimeError("secret detail")

    answer = app.test_client().get("/api/broken")
    assert answer.status_code == 500
    assert answer.json["error"]["code"] == "internal_error"
    assert "secret" not in answer.text


def test_path_in_the_log_is_one_harmless_line(app, caplog):
    @app.before_request
    def fail():
        raise RuntimeError

    app.test_client().get("/broken/\x1b[31m%0A2026 forged line")
    [record] = caplog.records
    assert (
        record.getMessage() == r"unexpected error in GET '/broken/\x1b[31m\n2026 forged line'"
    )


@pytest.mark.parametrize("path", ["/", "/healthz", "/static/js/pages/draw.js", "/nothing"])
def test_every_answer_forbids_foreign_and_inline_scripts(client, path):
    with client.get(path) as answer:
        policy = answer.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy


def test_pages_have_no_inline_script_or_style(client):
    page = client.get("/").text
    assert "<style" not in page
    assert "style=" not in page
    assert "<script>" not in page
    assert " onclick" not in page


# Refusals that are answered with the default status, 422: the request is understood, and wrong.
UNPROCESSABLE = {
    *("refused", "run_refused", "version_refused", "diverged", "blank", "bad_changes"),
    *("no_such_switch", "not_an_address", "not_on_the_wall", "bad_setting", "bad_option"),
    *("bad_drawings", "bad_drawings_file", "bad_model_file", "bad_data_file", "not_npz"),
    *("bad_network", "bad_sweep", "bad_cluster"),
    "no_such_neuron",
    "no_such_weight",
}


def codes_of(source):
    """The codes of refusals in Python source: arguments and class attributes named `code`."""
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.keyword) and node.arg == "code":
            values = [node.value]
        elif isinstance(node, ast.ClassDef):
            values = [
                each.value
                for each in node.body
                if isinstance(each, ast.Assign) and ast.unparse(each.targets[0]) == "code"
            ]
        else:
            continue
        yield from (value.value for value in values if isinstance(value, ast.Constant))


def test_every_refusal_has_a_status_that_somebody_has_chosen():
    files = [path for part in ("nn", "webapp") for path in (ROOT / part).rglob("*.py")]
    used = {code for path in files for code in codes_of(path.read_text("utf-8"))}
    assert {"blank", "blocked", "not_a_picture", "no_such_version"} <= used
    assert used - {None} <= UNPROCESSABLE | set(STATUSES)
