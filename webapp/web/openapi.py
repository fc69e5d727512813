"""The description of the API: OpenAPI 3.1, made from routes, views, structs and their notes.

https://spec.openapis.org/oas/v3.1.1.html
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any, get_args, get_type_hints

from flask import Flask
from msgspec import Struct
from werkzeug.routing import Rule

from nn import __version__
from nn.picture import MAX_BYTES, MAX_SIDE
from webapp.web import errors, incoming, operations, outgoing, uploads
from webapp.web.openapi_schemas import Schema, Schemas, of_form, of_texts
from webapp.web.operations import Binary, Operation
from webapp.web.origins import refuse_foreign_pages

_ABOUT = f"""\
Recognise digits, give drawings, and look inside the network. docs/api.md is a guide.

**Errors** have one shape, `{{"error": {{"code": …, "message": …}}}}`. The message is a sentence
that says what to do, in the language of `Accept-Language`. Each response below lists its codes.

**Who may ask.** There are no keys. A device that gives drawings is known by a cookie, which the
first drawing sets, or by a random number that it sends itself, `device`. Requests that change
something are refused if a browser sends them from a page of another site.

**Limits.** Pictures: {MAX_BYTES // 2**20} MiB and {MAX_SIDE} x {MAX_SIDE} pixels. JSON:
{uploads.MAX_JSON // 2**10} KiB, below /api/inside {incoming.MAX_QUESTION // 2**20} MiB.
How many drawings are kept is limited for a device, for a minute and for the whole room.
"""
_TAGS = {
    "predict": "What is this digit?",
    "drawings": "Drawings that a device gives, for the network to learn from.",
    "inside": "How the network decides, number by number. Nothing of it is kept.",
    "game": "The score of the game on the draw page.",
    "health": "Whether the server is well.",
}
_PAGES = "api_docs"  # the blueprint that shows the description
_HEALTH = ("/healthz", "/readyz")
_COOKIE = "participant"
_SAFE = ("GET", "HEAD", "OPTIONS")
_PARAMETER = re.compile(r"<(?:int:)?(\w+)>")  # in a route


def describe(app: Flask, root: str, cookie: str) -> dict[str, Any]:
    """The description of the app's API.

    root : path below which the app answers, as its users see it: "" or "/ink"
    cookie : the name of a participant's cookie there

    Raises LookupError if a view has no notes.
    """
    schemas = Schemas()
    paths: dict[str, dict[str, Any]] = {}
    for rule, method in sorted(described(app), key=lambda found: (path_of(found[0]), found[1])):
        found = _Described(app, rule, method, schemas)
        paths.setdefault(path_of(rule), {})[method.lower()] = found.as_json()
    return {
        "openapi": "3.1.0",
        "info": {"title": "Inkling", "version": __version__, "description": _ABOUT},
        "servers": [{"url": root or "/"}],
        "tags": [{"name": name, "description": text} for name, text in _TAGS.items()],
        "paths": paths,
        "components": {
            "schemas": dict(sorted(schemas.components.items())),
            "securitySchemes": {
                _COOKIE: {
                    "type": "apiKey",
                    "in": "cookie",
                    "name": cookie,
                    "description": "The first drawing that a device gives sets it.",
                }
            },
        },
    }


def described(app: Flask) -> Iterator[tuple[Rule, str]]:
    """Route and method of each operation that is described."""
    for rule in app.url_map.iter_rules():
        is_api = rule.rule.startswith("/api/") and not rule.endpoint.startswith(f"{_PAGES}.")
        if is_api or rule.rule in _HEALTH:
            for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}:
                yield rule, method


def path_of(rule: Rule) -> str:
    """A route as OpenAPI writes it: /drawings/{number}."""
    return _PARAMETER.sub(r"{\1}", rule.rule)


def _tag(rule: Rule) -> str:
    return "health" if rule.rule in _HEALTH else rule.rule.split("/")[2]


class _Described:
    """One operation: a route, a method, and the view with its notes."""

    def __init__(self, app: Flask, rule: Rule, method: str, schemas: Schemas) -> None:
        self._app, self._rule, self._method, self._schemas = app, rule, method, schemas
        self._view = app.view_functions[rule.endpoint]
        notes = operations.of(self._view)
        if notes is None:
            raise LookupError(f"{method} {rule.rule} has no notes for its description.")
        self._notes: Operation = notes

    def as_json(self) -> dict[str, Any]:
        """The Operation Object."""
        text = inspect.getdoc(self._view) or ""
        summary, _, more = text.partition("\n\n")
        found: dict[str, Any] = {
            "operationId": self._rule.endpoint.replace(".", "_"),
            "tags": [_tag(self._rule)],
            "summary": " ".join(summary.split()).rstrip("."),
            "description": more,
            "parameters": [*self._path_parameters(), *self._other_parameters()],
            "responses": {**self._answers(), **self._refusals()},
        }
        if self._notes.body:
            found["requestBody"] = {"required": True, "content": self._body()}
        if self._notes.cookie:
            found["security"] = [{_COOKIE: []}, {}]  # or else by `device`, or unknown
        return {name: value for name, value in found.items() if value}

    def _path_parameters(self) -> Iterator[Schema]:
        for name in sorted(self._rule.arguments):
            number = {"type": "integer", "minimum": 0}
            yield {"name": name, "in": "path", "required": True, "schema": number}

    def _other_parameters(self) -> Iterator[Schema]:
        for name, kind in self._notes.headers.items():
            yield {"name": name, "in": "header", "schema": self._schemas.of(kind)}
        if self._notes.query:
            for name, schema in of_texts(self._notes.query).items():
                text = schema.pop("description", "")
                yield {"name": name, "in": "query", "description": text, "schema": schema}

    def _body(self) -> dict[str, Any]:
        return {
            media_type: {
                "schema": of_form(*kinds)
                if media_type == "multipart/form-data"
                else self._schemas.of_all(*kinds)
            }
            for media_type, kinds in self._notes.body.items()
        }

    def _answers(self) -> dict[str, Any]:
        return {
            str(status): {
                "description": HTTPStatus(status).phrase,
                "content": {
                    "image/png" if kind is Binary else "application/json": {
                        "schema": self._schemas.of(kind)
                    }
                },
            }
            for status, kind in self._notes.answers.items()
        }

    def _refusals(self) -> dict[str, Any]:
        by_status: dict[int, list[str]] = {}
        for code in sorted(self._codes()):
            by_status.setdefault(errors.status_of(code), []).append(code)
        return {
            str(status): self._refusal(status, codes)
            for status, codes in sorted(by_status.items())
            if status not in self._notes.answers
        }

    def _refusal(self, status: int, codes: list[str]) -> dict[str, Any]:
        named = ", ".join(f"`{code}`" for code in codes)
        reason = {"properties": {"code": {"enum": codes}}}
        schema = {
            "allOf": [
                self._schemas.of(outgoing.Error),
                {"properties": {"error": reason}},
            ]
        }
        return {
            "description": f"{HTTPStatus(status).phrase}: {named}",
            "content": {"application/json": {"schema": schema}},
        }

    def _codes(self) -> set[str]:
        """The codes of all refusals."""
        codes = {"unknown_host", *self._notes.refuses}
        if self._rule.arguments:
            codes.add("not_found")
        if self._method not in _SAFE and self._asks_for_origin():
            codes.add("foreign_origin")
        if self._notes.body:
            codes |= {"request_entity_too_large", "request_timeout", "too_busy"}
        kinds = {kind for kinds in self._notes.body.values() for kind in kinds}
        return codes | set(_codes_of_fields(kinds | {self._notes.query}))

    def _asks_for_origin(self) -> bool:
        blueprint = self._rule.endpoint.partition(".")[0]
        return refuse_foreign_pages in self._app.before_request_funcs.get(blueprint, ())


def _codes_of_fields(kinds: Iterable[Any]) -> Iterator[str]:
    """The codes of wrong values in fields, as `incoming.checked` makes them."""
    for kind in kinds:
        if isinstance(kind, type) and issubclass(kind, Struct):
            for name, hint in get_type_hints(kind, include_extras=True).items():
                if hint != Binary and Any not in (hint, *get_args(hint)):
                    yield f"bad_{name}"
