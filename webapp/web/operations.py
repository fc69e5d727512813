"""What views of the API take, answer and refuse, noted where each of them is written.

Types say most of it: JSON that comes in is a Struct, and so is what a view returns. The notes
are what `webapp.web.openapi` cannot read from routes, types and docstrings.
"""

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, get_type_hints

from flask.typing import ResponseReturnValue
from msgspec import Meta, Struct

from webapp.web import outgoing

View = Callable[..., Any]

Binary = Annotated[str, Meta(extra_json_schema={"format": "binary"})]  # bytes as they are

_NOTED = "__operation__"  # attribute of a view


@dataclass(frozen=True)
class Operation:
    """Notes on a view.

    Attributes
    ----------
    refuses : tuple of str
        Codes of refusals, beyond those that follow from types and routes.
    body : dict of str to tuple of types
        By media type, what the body must be: all of the types at once.
    query : type, or None
        A Struct of texts, whose fields are parameters of the query.
    headers : dict of str to type
        Headers that matter to the view alone.
    answers : dict of int to type
        By status, what the view answers: a Struct, or Binary for a PNG.
    cookie : bool
        Whether the view knows participants by their cookie.
    """

    refuses: tuple[str, ...] = ()
    body: Mapping[str, tuple[Any, ...]] = field(default_factory=dict)
    query: type[Struct] | None = None
    headers: Mapping[str, Any] = field(default_factory=dict)
    answers: Mapping[int, Any] = field(default_factory=dict)
    cookie: bool = False


def operation(*refuses: str, **notes: Any) -> Callable[[View], View]:
    """Decorate a view of the API with an Operation; a Struct that it returns is sent as JSON.

    Without `answers`, the view answers with status 200 what its return type says.
    """

    def decorate(view: View) -> View:
        notes.setdefault("answers", {200: get_type_hints(view).get("return")})

        @functools.wraps(view)
        def answer(**values: Any) -> ResponseReturnValue:
            found = view(**values)
            return outgoing.as_json(found) if isinstance(found, Struct) else found

        setattr(answer, _NOTED, Operation(refuses, **notes))
        return answer

    return decorate


def of(view: View) -> Operation | None:
    """The notes on a view; None if it has none."""
    return getattr(view, _NOTED, None)


def json_body(kind: type[Struct]) -> dict[str, tuple[Any, ...]]:
    """A body that is JSON."""
    return {"application/json": (kind,)}
