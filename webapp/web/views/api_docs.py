"""The description of the API, for programs and as a page: Swagger UI, from this machine."""

import functools
from importlib import resources
from typing import cast

import msgspec
from flask import (
    Blueprint,
    Flask,
    Response,
    current_app,
    make_response,
    render_template,
    request,
    send_from_directory,
)

from webapp.web import cookies, headers, openapi

blueprint = Blueprint("api_docs", __name__)


@blueprint.get("/openapi.json")
def description() -> Response:
    """The description of the API, as OpenAPI 3.1."""
    app = cast(Flask, current_app._get_current_object())  # type: ignore[attr-defined]
    found = _described(app, request.script_root, cookies.participant())
    return current_app.response_class(found, mimetype="application/json")


@functools.lru_cache(maxsize=8)  # it takes 50 ms, and few addresses lead to one server
def _described(app: Flask, root: str, cookie: str) -> bytes:
    return msgspec.json.encode(openapi.describe(app, root, cookie))


@blueprint.get("/api/docs")
def page() -> Response:
    """The description as a page, on which one can try it out."""
    response = make_response(render_template("api_docs.html"))
    # The icons in Swagger UI's stylesheet.
    response.headers[headers.POLICY] = headers.policy(images="'self' data:")
    return response


@blueprint.get("/api/docs/<any('swagger-ui-bundle.js', 'swagger-ui.css'):name>")
def part(name: str) -> Response:
    """A file of Swagger UI, from the package flask-swagger-ui."""
    return send_from_directory(_folder(), name)


@functools.cache
def _folder() -> str:
    return str(resources.files("flask_swagger_ui") / "dist")
