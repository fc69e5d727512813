"""When a session is over: sign in, and go on where one was, with what was typed.

A form that comes too late is not lost: its fields go along through the sign-in page. They never
take effect by themselves. After signing in, a page shows them, and the presenter presses once
more, with the new session's CSRF token. Only forms of our own pages are kept, so that another
site cannot prepare one; passwords and files are not.
"""

from dataclasses import asdict, dataclass

from flask import current_app, redirect, render_template, request, url_for
from itsdangerous import BadSignature, URLSafeTimedSerializer
from werkzeug.wrappers import Response

from webapp.web import languages, origins

ADMIN = "/admin/"  # below the address where a proxy may have mounted Inkling
MAX_KEPT = 20_000  # bytes of a form; a longer one is not kept
_HOURS = 12
_ENDPOINTS = ("admin.take_password", "admin.sign_out")  # their forms are never kept


@dataclass(frozen=True)
class Form:
    """What a form was about to send, and where to."""

    path: str
    page: str  # that the form was on
    fields: list[list[str]]  # [name, value] each


def sign_in_page(status: int, error: object = None) -> Response:
    """The sign-in page in place of an answer; it keeps what was sent."""
    form = _kept() or _opened(request.form.get("kept", ""))
    wanted = request.args.get("next") or way_back()
    page = render_template(
        "admin/sign_in.html",
        error=languages.said(error),
        kept=_sealed(form) if form else "",
        wanted=form.page if form else wanted,
    )
    return _answer(page, status)


def ask_again(status: int, form: Form | None = None) -> Response | None:
    """The page that shows what a form was about to send; None if there is nothing to send."""
    form = form or _kept()
    return _answer(render_template("admin/resume.html", form=form), status) if form else None


def go_on() -> Response:
    """What follows on signing in: the form that was kept, or else the page that was wanted."""
    form = _opened(request.form.get("kept", ""))
    wanted = request.args.get("next", "")
    # Always a page of ours, whatever the address says. A line break would end the header.
    is_ours = wanted.startswith(url_for("admin.index")) and wanted.isprintable()
    page = wanted if is_ours else url_for("admin.index")
    return (form and ask_again(200, form)) or redirect(page, 303)


def here() -> str:
    """Path and query of this request, as the browser sees them."""
    return f"{request.script_root}{request.full_path}".rstrip("?")


def way_back() -> str:
    """The address of the admin page where one was, or else of the nearest one."""
    path = request.path if request.method == "POST" else request.path.rpartition("/")[0]
    before = origins.page_before(url_for("admin.index"))
    is_elsewhere = before and not before.startswith(url_for("admin.sign_in"))
    return before if before and is_elsewhere else page_above(path)


def page_above(path: str) -> str:
    """The admin page at this path, or else the nearest one above it."""
    while path.startswith(ADMIN):
        if origins.is_page(path):
            return f"{request.script_root}{path}"
        path = path.rpartition("/")[0]
    return url_for("admin.index")


def _kept() -> Form | None:
    """The form that this request sends, if it is one to be kept."""
    is_form = request.mimetype == "application/x-www-form-urlencoded"
    is_short = (request.content_length or 0) <= MAX_KEPT
    if not (is_form and is_short and origins.is_own()) or request.endpoint in _ENDPOINTS:
        return None
    fields = [
        [name, value]
        for name, value in request.form.items(multi=True)
        if name != "csrf_token" and "password" not in name
    ]
    return Form(here(), way_back(), fields)


def _sealed(form: Form) -> str:
    return str(_serializer().dumps(asdict(form)))


def _opened(text: str) -> Form | None:
    """A form as the sign-in page kept it; None if the text is not one of ours."""
    try:
        return Form(**_serializer().loads(text, max_age=_HOURS * 3600))
    except BadSignature:
        return None


def _serializer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(str(current_app.secret_key), salt="form")


def _answer(page: str, status: int) -> Response:
    response = current_app.make_response(page)
    response.status_code = status
    return response
