"""The one way to say no: a sentence for people, a code for programs."""

import argparse
from collections.abc import Callable
from typing import Any, TypeVar

Value = TypeVar("Value")


class Refusal(ValueError):
    """Something that is refused, with a reason that a person can act on.

    Attributes
    ----------
    code : str
        A snake_case name for programs, which stays the same when the sentence is reworded.
    template : str
        The sentence, with the names of values in braces.
    values : dict of str to anything
        What stands in the sentence, so that it can be said in another language.
    """

    code = "refused"

    def __init__(self, template: str, /, *, code: str | None = None, **values: object) -> None:
        super().__init__(template.format(**values))
        self.code = code or self.code
        self.template = template
        self.values: dict[str, Any] = values


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
