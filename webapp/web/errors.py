"""Exceptions -> one shape of answer: JSON under /api and to JSON, a page elsewhere."""

from flask import Flask, current_app, jsonify, render_template, request, session
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import DBAPIError
from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

from nn.refusal import Refusal
from nn.words import N_
from webapp.storage.outage import UNAVAILABLE
from webapp.web import auth, languages, resuming
from webapp.web.app_state import database

# The status of a Refusal by its code, and of what Flask and the gateway refuse by themselves.
# All other codes have DEFAULT.
_CODES = {
    400: (
        "bad_json",
        "missing_image",
        "not_a_picture",
        "unknown_host",
        "unknown_language",
        "unknown_preset",
    ),
    401: ("not_signed_in",),
    403: ("blocked", "consent_missing", "foreign_origin", "unknown_participant"),
    404: (
        *("no_such_drawing", "no_such_step", "no_such_picture", "no_such_version"),
        *("not_found", "not_there"),
    ),
    408: ("request_timeout",),
    409: ("already_checked", "key_reused"),
    413: ("json_too_large", "picture_too_large", "request_entity_too_large"),
    415: ("unsupported_content_type", "unsupported_picture"),
    429: (
        *("room_full", "too_fast", "too_many_attempts"),
        *("too_many_drawings", "too_many_newcomers"),
    ),
    503: ("database_unavailable", "not_ready", "too_busy"),
}
STATUSES = {code: status for status, codes in _CODES.items() for code in codes}
DEFAULT = 422

_SENTENCES = {
    400: N_("The browser (or proxy) sent a request that this server could not understand."),
    404: N_("There is nothing at this address. Check it for typing errors."),
    405: N_("This address does not accept {method} requests."),
    500: N_("Something went wrong on the server. Nothing was lost; try again."),
}
_TOO_LARGE = {  # by whether JSON was sent
    False: N_("That file is larger than {limit}. Choose a smaller one."),
    True: N_("That request is larger than {limit}. Choose a smaller one."),
}

_SIGN_IN = N_("This page was too old. Type the password once more.")
# Why a form is refused.
_NO_TOKEN = N_(
    "This form is no longer valid. Go back, reload its page, and repeat what you did."
)
_NO_COOKIE = N_(
    "Your browser sent no cookie with this form. Allow cookies for this address, load the page "
    "again, and repeat what you did."
)
_RESTARTED = N_(
    "This page is from before Inkling was started with other data. Load it again, and repeat "
    "what you did."
)
_MEANWHILE = N_(
    "You signed in or out after this page was loaded, perhaps in another tab. Load it again, "
    "and repeat what you did."
)


def status_of(code: str) -> int:
    """The status of answers with this code."""
    return STATUSES.get(code, DEFAULT)


def register(app: Flask) -> None:
    """Answer every exception of the app in the one shape."""
    app.register_error_handler(Refusal, _refusal)
    app.register_error_handler(CSRFError, _outdated)
    for kind in UNAVAILABLE:
        app.register_error_handler(kind, _database_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _outdated(_error: CSRFError) -> Response:
    """The form comes from an earlier session: let the presenter sign in, or press again."""
    if not request.path.startswith(resuming.ADMIN) or request.is_json:
        return _answer(403, "csrf", languages.say(_why_outdated()))
    with database().reading() as db:
        is_signed_in = auth.is_signed_in(db)
    if not is_signed_in:
        return resuming.sign_in_page(403, languages.say(_why_no_sign_in()))
    if request.endpoint == "admin.take_password":
        return resuming.go_on()
    return resuming.ask_again(403) or _answer(403, "csrf", languages.say(_why_outdated()))


def _why_no_sign_in() -> str:
    """What to say on the sign-in page; "" for a form that will be asked for again."""
    why = _why_outdated()
    if why == _NO_COOKIE or (why == _RESTARTED and request.form.get("password")):
        return why
    return _SIGN_IN if request.form.get("password") else ""


def _why_outdated() -> str:
    if not (request.form.get("csrf_token") or request.headers.get("X-CSRFToken")):
        return _NO_TOKEN
    if not auth.has_cookie():
        return _NO_COOKIE
    # A session that another key has signed reads as empty.
    return _MEANWHILE if session else _RESTARTED


def _refusal(error: Refusal) -> Response:
    return _answer(status_of(error.code), error.code, languages.say(error))


def _http_error(error: HTTPException) -> Response:
    status, sentence = error.code or 500, error.description or ""
    if status == 413:
        limit = _in_words(request.max_content_length or 0)
        sentence = languages.say(_TOO_LARGE[request.is_json], limit=limit)
    elif status in _SENTENCES:
        sentence = languages.say(_SENTENCES[status], method=request.method)
    response = _answer(status, error.name.lower().replace(" ", "_"), sentence)
    response.headers.extend(
        (name, value)
        for name, value in error.get_headers()
        if name.lower() not in ("content-type", "content-length")
    )
    return response


def _in_words(size: int) -> str:
    """A limit in bytes as people say it, without what forms add to a file."""
    return f"{size // 2**20} MiB" if size >= 2**20 else f"{size // 2**10} KiB"


def _database_error(error: DBAPIError) -> Response:
    """The database is locked by another program, full or out of reach: this may pass."""
    message = languages.say(
        "The database cannot be used at the moment ({error}). Nothing was changed; try again.",
        error=error.orig,
    )
    return _answer(503, "database_unavailable", message)


def _unexpected(_error: Exception) -> Response:
    current_app.logger.exception("unexpected error in %s", _asked())
    return _answer(500, "internal_error", languages.say(_SENTENCES[500]))


def _asked() -> str:
    """Method and path for the log: one line, and nothing that a terminal would act on."""
    return f"{request.method} {request.path!r:.200}"


def _answer(status: int, code: str, message: str) -> Response:
    if f"{request.path}/".startswith("/api/") or request.is_json:
        response = jsonify(error={"code": code, "message": message})
    else:
        response = current_app.make_response(_page(status, message))
    response.status_code = status
    return response


def _page(status: int, message: str) -> str:
    """The page of an error. The presenter's stay within the admin pages."""
    if not (request.path.startswith(resuming.ADMIN) and "admin" in session):
        return render_template("error.html", status=status, message=message)
    back = resuming.way_back()
    return render_template("admin/error.html", status=status, message=message, back=back)
