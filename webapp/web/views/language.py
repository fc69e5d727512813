"""The switch of the language, on every page."""

from flask import Blueprint, redirect, request, url_for
from werkzeug.wrappers import Response

from webapp.web import cookies, languages, origins, resuming

blueprint = Blueprint("language", __name__)
blueprint.before_request(origins.refuse_foreign_pages)


@blueprint.post("/language")
def choose() -> Response:
    """Remember the language in a cookie, and show the page again.

    :raise 422: if the language is not offered
    """
    language = languages.switch(request.form.get("language"))
    response = redirect(_page(), 303)
    cookies.keep(response, languages.COOKIE, language)
    return response


def _page() -> str:
    """The page with the switch; if it answered a form, the nearest one that can be opened."""
    before = origins.page_before("/") or url_for("draw.index")
    path = before.partition("?")[0].removeprefix(request.script_root)
    if origins.is_page(path):
        return before
    return (
        resuming.page_above(path) if path.startswith(resuming.ADMIN) else url_for("draw.index")
    )
