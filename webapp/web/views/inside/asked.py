"""What the questions of the pages about the network have in common: a picture and a network."""

import functools
from collections.abc import Callable
from typing import Annotated, NamedTuple, TypeVar, get_type_hints

import numpy as np
from flask import Blueprint, request
from msgspec import Meta, Struct
from numpy.typing import NDArray

from nn import files
from nn.model import Model
from nn.words import Sentence
from webapp.storage.database import MAX_ID
from webapp.web import incoming
from webapp.web.app_state import recogniser
from webapp.web.operations import View, json_body, operation
from webapp.web.outgoing import Version

ARTICLE = 0  # in place of a version's number: the article's network, which is no version
_FORM = '{"pixels": [[...], ...], "version": 1}'
_EXPECTED = incoming.EXPECTED | {
    "version": Sentence(
        "the number of a version, 0 for the article's network, or null for the live one"
    )
}
# Codes of what the choice of a network may raise.
_NO_VERSION = ("no_such_version", "bad_model_file", "version_refused", "database_unavailable")

Kind = TypeVar("Kind", bound=Struct)


class Chosen(NamedTuple):
    """A network that is looked into.

    number : of the version, or ARTICLE
    """

    number: int
    model: Model

    @property
    def version(self) -> Version:
        """How an answer names the network."""
        return Version(self.number)


class Network(Struct):
    """Which network a request is about.

    version : its number, ARTICLE, or None for the one that is live
    """

    version: Annotated[int, Meta(ge=0, le=MAX_ID)] | None = None

    def chosen(self) -> Chosen:
        """The network; versions.NoSuchVersion if there is none, or it was deleted.

        Only versions that are not live are looked up in the database.
        """
        if self.version is None:
            return Chosen(*recogniser().live())
        if self.version == ARTICLE:
            return Chosen(ARTICLE, _article())
        return Chosen(self.version, recogniser().model(self.version))


class Asked(Network, kw_only=True):
    """A picture, and the network that looks at it. Most requests add fields of their own."""

    pixels: incoming.Picture

    @property
    def row(self) -> NDArray[np.uint8]:
        """The picture as the network gets it: (64,) uint8, 0..16."""
        return np.rint(self.pixels).astype(np.uint8).ravel()


def read(kind: type[Kind], **expected: object) -> Kind:
    """The body of the current request as this Struct; Refusal if it is not one.

    expected : by field, what must stand in it, as in "'digit' is 12; it must be {expected}."
    """
    members = incoming.json_object(request.get_data(), _FORM)
    return incoming.checked(members, kind, expected={**_EXPECTED, **expected})


def question(*refuses: str, **expected: object) -> Callable[[View], View]:
    """Decorate a view that takes a `question`, a Struct, which it gets from the request.

    refuses : codes of what the view refuses, beyond wrong fields and versions
    expected : as for `read`
    """

    def decorate(view: View) -> View:
        hints = get_type_hints(view)
        kind = hints["question"]
        about_version = _NO_VERSION if issubclass(kind, Network) else ()

        @operation(
            *("bad_json", *about_version, *refuses),
            body=json_body(kind),
            answers={200: hints["return"]},
        )
        @functools.wraps(view)
        def answer() -> Struct:
            found: Struct = view(question=read(kind, **expected))
            return found

        return answer

    return decorate


def routes(name: str) -> Blueprint:
    """A blueprint for routes under /api/inside: they change nothing and keep nothing."""
    blueprint = Blueprint(f"inside_{name}", __name__, url_prefix="/api/inside")
    blueprint.before_request(_limit_body)
    return blueprint


def _limit_body() -> None:
    request.max_content_length = incoming.MAX_QUESTION


@functools.cache
def _article() -> Model:
    return files.load(files.ARTICLE)
