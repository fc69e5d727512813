"""The language of an answer, and texts in it: gettext catalogues, read at run time.

The language is the one that was chosen with the switch, or else what the browser prefers. It
holds for the request, or the part of the program, that `speaking` surrounds.
"""

import contextlib
import functools
import gettext as catalogues
from collections.abc import Iterator
from contextvars import ContextVar
from typing import Any

from flask import Flask, Response, current_app, g, request
from werkzeug.datastructures import LanguageAccept
from werkzeug.http import parse_accept_header, parse_cookie

from nn.refusal import Refusal
from nn.words import Sentence, counted
from webapp import config, translations

COOKIE = "language"
_TAGS = {"en": "en", "zh": "zh-Hans", "pseudo": "en-x-pseudo"}  # as HTML names them, BCP 47

_current: ContextVar[str] = ContextVar("language", default="en")


class _Pseudo(catalogues.NullTranslations):
    """Shows each message in brackets: what stands outside them cannot be translated."""

    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return f"⟦{super().ngettext(msgid1, msgid2, n)}⟧"


def register(app: Flask, settings: config.Settings) -> None:
    """Answer every request of the app in its reader's language."""
    app.config["LANGUAGES"] = settings["languages"].split(",")
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        _found,
        lambda one, many, count: _catalogue().ngettext(one, many, count),
        newstyle=True,
    )
    app.jinja_env.finalize = said  # what templates show

    @app.before_request
    def choose() -> None:
        cookies, accepted = request.headers.get("Cookie", ""), request.headers.get
        language = chosen(app, cookies, accepted("Accept-Language", ""))
        g.language_before = _current.set(language)

    @app.teardown_request
    def leave(_error: BaseException | None) -> None:
        if "language_before" in g:
            _current.reset(g.pop("language_before"))

    @app.context_processor
    def words() -> dict[str, Any]:
        return {
            "language": current(),
            "language_tag": _TAGS[current()],
            "languages": {name: translations.NAMES[name] for name in app.config["LANGUAGES"]},
            "say": say,
        }

    @app.after_request
    def name(response: Response) -> Response:
        if response.mimetype == "text/html" or response.status_code >= 400:
            response.headers["Content-Language"] = _TAGS[current()]
            response.vary.update(("Accept-Language", "Cookie"))
        return response


def chosen(app: Flask, cookies: str, accepted: str) -> str:
    """The language for a request with these headers, Cookie and Accept-Language."""
    offered: list[str] = app.config["LANGUAGES"]
    by_switch = parse_cookie(cookies).get(COOKIE)
    if by_switch in offered:
        return by_switch
    # The wanted ones, best first. Of "zh-CN" and "zh-Hans-TW" the first part is the language.
    wanted = (tag.lower().partition("-")[0] for tag, quality in _accepted(accepted) if quality)
    return next((language for language in wanted if language in offered), offered[0])


def _accepted(header: str) -> LanguageAccept:
    return parse_accept_header(header, LanguageAccept)


def current() -> str:
    """The language spoken now: one of translations.NAMES."""
    return _current.get()


@contextlib.contextmanager
def speaking(language: str) -> Iterator[None]:
    """Say everything in this language meanwhile."""
    token = _current.set(language)
    try:
        yield
    finally:
        _current.reset(token)


def say(message: str | Sentence | Refusal, /, **values: object) -> str:
    """A message, with values in the places of their names in braces.

    A value that is a message of its own, such as a Sentence, is said in the language too.
    """
    found = message.sentence if isinstance(message, Refusal) else Sentence.of(message, values)
    if found.values is None:
        return found.template
    inner = {name: said(value) for name, value in found.values.items()}
    if "many" in inner:
        template = _catalogue().ngettext(found.template, found.values["many"], inner["count"])
    else:
        template = _found(found.template)
    return template.format(**inner)


def say_number(one: str, many: str, count: int, /, **values: object) -> str:
    """One of two messages, by a number; {count} in them is the number."""
    return say(counted(one, many, count, **values))


def said(value: Any) -> Any:
    """The value; if it is a Sentence or a Refusal, its text in the language."""
    return say(value) if isinstance(value, (Sentence, Refusal)) else value


def _found(message: str) -> str:
    # The catalogue's own entry for "" describes the catalogue.
    return _catalogue().gettext(message) if message else ""


def _catalogue() -> catalogues.NullTranslations:
    return _loaded(current())


@functools.cache
def _loaded(language: str) -> catalogues.NullTranslations:
    if language == "pseudo":
        return _Pseudo()
    return catalogues.translation(
        translations.DOMAIN, translations.FOLDER, [language], fallback=language == "en"
    )


def switch(language: str | None) -> str:
    """The language that somebody chose with the switch; Refusal if it is not offered."""
    if language is None or language not in current_app.config["LANGUAGES"]:
        raise Refusal("Inkling does not speak this language here.", code="unknown_language")
    return language
