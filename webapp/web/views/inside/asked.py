"""What the questions of the pages about the network have in common: a picture and a network."""

import functools
from typing import Annotated, NamedTuple, TypeVar

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

ARTICLE = 0  # in place of a version's number: the article's network, which is no version
MAX_BODY = 2**20  # bytes of a request
_FORM = '{"pixels": [[...], ...], "version": 1}'
_EXPECTED = incoming.EXPECTED | {
    "version": Sentence(
        "the number of a version, 0 for the article's network, or null for the live one"
    )
}

Kind = TypeVar("Kind", bound=Struct)


class Chosen(NamedTuple):
    """A network that is looked into.

    number : of the version, or ARTICLE
    """

    number: int
    model: Model


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


def routes(name: str) -> Blueprint:
    """A blueprint for routes under /api/inside: they change nothing and keep nothing."""
    blueprint = Blueprint(f"inside_{name}", __name__, url_prefix="/api/inside")
    blueprint.before_request(_limit_body)
    return blueprint


def _limit_body() -> None:
    request.max_content_length = MAX_BODY


@functools.cache
def _article() -> Model:
    return files.load(files.ARTICLE)
