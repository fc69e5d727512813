"""GET /api/docs: the page of Swagger UI, its files, and the policy that holds for it alone."""

import re

import pytest


def images(answer):
    """From where the page of this answer may load pictures."""
    return re.search("img-src ([^;]*);", answer.headers["Content-Security-Policy"])[1]


def test_pictures_within_stylesheets_are_for_this_page_alone(client):
    docs, draw = client.get("/api/docs"), client.get("/")
    assert (docs.status_code, images(docs)) == (200, "'self' data:")
    assert images(draw) == "'self'"
    assert len(docs.headers.getlist("Content-Security-Policy")) == 1
    policies = [each.headers["Content-Security-Policy"] for each in (docs, draw)]
    assert policies[0].replace(" data:", "") == policies[1]


def test_page_has_no_inline_script_or_style(client):
    page = client.get("/api/docs").text
    assert "<style" not in page
    assert "style=" not in page
    assert re.findall("<script[^>]*>[^<]+", page) == []


@pytest.mark.parametrize("name", ["swagger-ui.css", "swagger-ui-bundle.js"])
def test_files_of_swagger_ui_are_served_and_known_again(client, name):
    address = f"/api/docs/{name}"
    assert address in client.get("/api/docs").text
    with client.get(address) as answer:
        assert answer.status_code == 200
        assert answer.mimetype in ("text/css", "text/javascript")
        known = {"If-None-Match": answer.headers["ETag"]}
    with client.get(address, headers=known) as again:
        assert again.status_code == 304


@pytest.mark.parametrize("name", ["swagger-ui.js", "VERSION", "../__init__.py", "x"])
def test_other_files_of_the_package_are_not(client, name):
    answer = client.get(f"/api/docs/{name}")
    assert (answer.status_code, answer.json["error"]["code"]) == (404, "not_found")
