"""Marks texts that are shown to people, so that they can be translated.

Nothing is translated here or in the rooms of the product: sentences travel as template and
values, and `webapp.web.languages` says them in the reader's language.
"""


def N_(text: str) -> str:
    """The text itself. The name is gettext's, and tells the extractor that it is a message."""
    return text
