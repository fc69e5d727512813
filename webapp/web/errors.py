"""Exceptions -> one shape of answer: JSON under /api and to JSON, a page elsewhere."""

from flask import current_app, jsonify, render_template, request
from flask_wtf.csrf import CSRFError
from sqlalchemy.exc import OperationalError
from werkzeug.exceptions import HTTPException

from nn.picture import NotAPicture, PictureTooLarge, UnsupportedPicture
from webapp.learning.versions import NoSuchVersion
from webapp.room.drawings import DrawingError


class ApiError(Exception):
    """A request that is refused.

    status is a 4xx, code a snake_case name for programs, message a sentence that says
    what to do.
    """

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


_PICTURE_ERRORS = {
    NotAPicture: (400, "not_a_picture"),
    PictureTooLarge: (413, "picture_too_large"),
    UnsupportedPicture: (415, "unsupported_picture"),
}

_SENTENCES = {
    404: "There is nothing at this address. Check it for typing errors.",
    405: "This address does not take {method} requests.",
    413: "The request is larger than {limit:,} bytes, the most that is taken.",
    500: "Something went wrong on the server. Nothing was lost; try again.",
}

_CSRF = "This form is no longer valid. Go back, load its page again, and repeat what you did."


def register(app):
    """Answer every exception of the app in the one shape."""
    app.register_error_handler(ApiError, lambda e: _answer(e.status, e.code, e.message))
    app.register_error_handler(DrawingError, lambda e: _answer(e.status, e.code, e.message))
    for kind, (status, code) in _PICTURE_ERRORS.items():
        app.register_error_handler(kind, _picture_handler(status, code))
    app.register_error_handler(NoSuchVersion, lambda e: _answer(404, "no_such_version", str(e)))
    app.register_error_handler(CSRFError, lambda _: _answer(403, "csrf", _CSRF))
    app.register_error_handler(OperationalError, _database_error)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _unexpected)


def _picture_handler(status, code):
    return lambda error: _answer(status, code, str(error))


def _http_error(error):
    sentence = error.description
    if error.code in _SENTENCES:
        sentence = _SENTENCES[error.code].format(
            method=request.method, limit=request.max_content_length
        )
    response = _answer(error.code, error.name.lower().replace(" ", "_"), sentence)
    response.headers.extend(
        (name, value)
        for name, value in error.get_headers()
        if name.lower() not in ("content-type", "content-length")
    )
    return response


def _database_error(error):
    """Locked by another program, disk full, out of reach: it may pass."""
    current_app.logger.error("%s %s: %s", request.method, request.path, error.orig)
    message = (
        f"The database cannot be used at the moment ({error.orig}). "
        "Nothing was changed; try again."
    )
    return _answer(503, "database_unavailable", message)


def _unexpected(_error):
    current_app.logger.exception("unexpected error in %s %s", request.method, request.path)
    return _answer(500, "internal_error", _SENTENCES[500])


def _answer(status, code, message):
    if f"{request.path}/".startswith("/api/") or request.is_json:
        response = jsonify(error={"code": code, "message": message})
    else:
        page = render_template("error.html", status=status, message=message)
        response = current_app.make_response(page)
    response.status_code = status
    return response
