"""Brings the catalogues up to date with the texts in templates, Python and ES modules.

    make catalogues

For each language: new texts are added to its `.po`, empty, and those that are gone leave it;
what is translated goes to the `.mo` that Python reads, and to the module that pages read. Needs
Babel, which the tests' requirements bring.
"""

import json
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from webapp.translations import DOMAIN, FOLDER, NAMES

ROOT = FOLDER.parents[1]
MODULES = ROOT / "static" / "js" / "catalogues"
TRANSLATED = [name for name in NAMES if name not in ("en", "pseudo")]

# What marks a message, and which of its arguments are it.
_PYTHON: dict[str, Any] = {
    **dict.fromkeys(("_", "N_", "say", "Sentence", "too_slow"), None),
    **{"say_number": (1, 2), "counted": (1, 2), "note": (2,), "note_counted": (4, 5)},
    **dict.fromkeys(
        (
            *(
                "Refusal",
                "PictureError",
                "NotAPicture",
                "PictureTooLarge",
                "UnsupportedPicture",
            ),
            *("BadNetwork", "Diverged", "ModelFileError", "NpzError", "_refusal"),
            *("NoSuchVersion", "RegistryError", "RunError"),
        ),
        None,
    ),
}
_SCRIPT: dict[str, Any] = {"t": None, "n": (1, 2)}
_TEMPLATE: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2), "say": None}

# The command line speaks English, and so do the parts for notebooks.
_UNTRANSLATED = {
    *("translations", "catalogues", "__main__.py", "commands.py", "terminal.py"),
    *("dask_cluster.py", "ink_transformer.py", "sweep.py", "sweep_command.py"),
}

_SOURCES = (
    ("python", _PYTHON, (ROOT / "nn", ROOT / "webapp"), "*.py"),
    ("jinja2", _TEMPLATE, (ROOT / "templates",), "*.html"),
    ("javascript", _SCRIPT, (ROOT / "static" / "js",), "*.js"),
)


def main() -> int:
    found = extracted()
    missing = 0
    for language in TRANSLATED:
        catalogue = updated(language, found)
        folder = FOLDER / language / "LC_MESSAGES"
        folder.mkdir(parents=True, exist_ok=True)
        with (FOLDER / f"{language}.po").open("wb") as file:
            write_po(file, catalogue, width=96, ignore_obsolete=True)
        with (folder / f"{DOMAIN}.mo").open("wb") as file:
            write_mo(file, catalogue)
        (MODULES / f"{language}.js").write_text(module(catalogue), encoding="utf-8")
        empty = [message.id for message in catalogue if message.id and not is_done(message)]
        print(f"{NAMES[language]}: {len(catalogue) - len(empty)} translated, {len(empty)} not.")
        missing += len(empty)
    return 1 if missing else 0


def extracted() -> Catalog:
    """All messages of the sources, each with the files that hold it."""
    catalogue = Catalog(project="Inkling", domain=DOMAIN, fuzzy=False)
    for method, keywords, folders, pattern in _SOURCES:
        for path in _files(folders, pattern):
            found = extract_from_file(
                method, path, keywords, comment_tags=("Translators:",), options=_OPTIONS[method]
            )
            for _line, message, comments, context in found:
                place: Any = [(path.relative_to(ROOT).as_posix(), None)]
                catalogue.add(message, None, place, auto_comments=comments, context=context)
    return catalogue


_OPTIONS: dict[str, dict[str, Any]] = {
    "python": {},
    "jinja2": {"trimmed": "true", "newstyle_gettext": "true", "silent": "false"},
    "javascript": {"template_string": "false"},
}


def updated(language: str, found: Catalog) -> Catalog:
    """The language's catalogue with just the messages that there are now."""
    with (FOLDER / f"{language}.po").open("rb") as file:
        catalogue = read_po(file, locale=language, domain=DOMAIN)
    catalogue.update(found, no_fuzzy_matching=True, update_creation_date=False)
    return catalogue


def module(catalogue: Catalog) -> str:
    """The ES module with the messages of the pages' scripts."""
    messages: dict[str, Any] = {}
    for message in catalogue:
        if message.id and any(place.startswith("static/js") for place, _ in message.locations):
            one, texts = forms(message)
            messages[one] = texts[-1]
    body = json.dumps(messages, ensure_ascii=False, indent=2, sort_keys=True)
    return f"// Made by `make catalogues`.\nexport const messages = {body};\n"


def forms(message: Any) -> tuple[str, list[str]]:
    """The English message, for one thing if it has a plural, and all its translations."""
    if message.pluralizable:
        return message.id[0], list(message.string)
    return message.id, [message.string]


def is_done(message: Any) -> bool:
    return all(forms(message)[1]) and not message.fuzzy


def _files(folders: tuple[Path, ...], pattern: str) -> Iterator[Path]:
    for folder in folders:
        for path in sorted(folder.rglob(pattern)):
            if not _UNTRANSLATED & set(path.relative_to(ROOT).parts):
                yield path


if __name__ == "__main__":
    sys.exit(main())
