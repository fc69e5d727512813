"""The one way to say no: a sentence for people, a code for programs."""

import argparse
from collections.abc import Callable
from typing import Any, TypeVar

from nn.words import Sentence

Value = TypeVar("Value")


class Refusal(ValueError):
    """Something that is refused, with a reason that a person can act on.

    Attributes
    ----------
    code : str
        A snake_case name for programs, which stays the same when the sentence is reworded.
    sentence : Sentence
        The reason, so that it can be said in another language. `template` and `values` are
        its parts.
    """

    code = "refused"

    def __init__(
        self, template: str | Sentence, /, *, code: str | None = None, **values: object
    ) -> None:
        self.sentence = Sentence.of(template, values)
        super().__init__(str(self.sentence))
        self.code = code or self.code

    @property
    def template(self) -> str:
        return self.sentence.template

    @property
    def values(self) -> dict[str, Any]:
        return self.sentence.values or {}


def option(parse: Callable[[str], Value]) -> Callable[[str], Value]:
    """`parse` as the type of an option in argparse.

    argparse shows the sentence of a ValueError, and so of a Refusal, only in a type of error
    of its own.
    """

    def checked(text: str) -> Value:
        try:
            return parse(text)
        except ValueError as error:
            raise argparse.ArgumentTypeError(str(error)) from error

    return checked
