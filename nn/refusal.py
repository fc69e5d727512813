"""The one way to say no: a sentence for people, a code for programs."""

from typing import Any


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
