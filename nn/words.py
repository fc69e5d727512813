"""Sentences that are shown to people, made so that they can be said in any language.

Nothing is translated here or in the rooms of the product: sentences travel as template and
values, and `webapp.web.languages` says them in the reader's language.
"""

from typing import Any


def N_(text: str) -> str:
    """The text itself. The name is gettext's, and tells the extractor that it is a message."""
    return text


class Sentence:
    """A text for people: str() says it in English.

    Attributes
    ----------
    template : str
        The text, with the names of values in braces.
    values : dict of str to anything, or None
        What stands in it; a value may be a Sentence too. With a value `many`, the template is
        for one thing and `many` for any other number, which is the value `count`. None if the
        template is no template but a text that somebody has said already.
    """

    def __init__(self, template: str, /, **values: object) -> None:
        self.template = template
        self.values: dict[str, Any] | None = values

    @classmethod
    def of(cls, template: "str | Sentence", values: dict[str, Any]) -> "Sentence":
        """A template with values, or else what is a Sentence already."""
        return cls(template, **values) if isinstance(template, str) else template

    @classmethod
    def restored(cls, template: str | None, values: dict[str, Any] | None) -> "Sentence":
        """The Sentence with these attributes."""
        found = cls(template or "")
        found.values = values
        return found

    @classmethod
    def as_is(cls, text: str) -> "Sentence":
        """A text that nobody translates."""
        return cls.restored(text, None)

    def __str__(self) -> str:
        if self.values is None:
            return self.template
        is_many = "many" in self.values and self.values["count"] != 1
        return str((self.values["many"] if is_many else self.template).format(**self.values))

    def __repr__(self) -> str:
        return f"Sentence({self.template!r}, {self.values})"

    def __bool__(self) -> bool:
        return bool(self.template)

    def __composite_values__(self) -> tuple[str, dict[str, Any] | None]:
        """What a database keeps of it, in two columns."""
        return self.template, self.values

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Sentence):
            return NotImplemented
        return (self.template, self.values) == (other.template, other.values)

    def __hash__(self) -> int:
        return hash(self.template)


def counted(one: str, many: str, count: int, /, **values: object) -> Sentence:
    """The Sentence for one thing, or for another number of them: {count} in it."""
    return Sentence(one, many=many, count=count, **values)
