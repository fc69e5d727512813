"""Sign-in, the overview and the log of the admin page."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response

from webapp.room import joining
from webapp.storage import audit
from webapp.web import auth, invitation, languages, overview, resuming, streams
from webapp.web.app_state import database, listens_on

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
_OPEN = ("admin.sign_in", "admin.take_password")  # these need no session


@blueprint.before_app_request
def require_sign_in() -> ResponseReturnValue | None:
    """Admit only those who are signed in to the pages below /admin."""
    if f"{request.path}/".startswith("/admin/") and request.endpoint not in _OPEN:
        with database().reading() as db:
            return auth.require_sign_in(db)
    return None


@blueprint.get("/sign-in")
def sign_in() -> Response:
    """Ask for the password."""
    auth.visitor()
    return resuming.sign_in_page(200)


@blueprint.post("/sign-in")
def take_password() -> Response:
    """Begin a session. The answer to a wrong password gives nothing else away."""
    try:
        is_right = auth.sign_in(database(), request.form.get("password", ""))
    except auth.TooManyAttempts as error:
        page = resuming.sign_in_page(429, error)
        page.headers["Retry-After"] = str(error.seconds)
        return page
    if not is_right:
        return resuming.sign_in_page(403, languages.say("Wrong password."))
    return resuming.go_on()


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    with database().writing() as db:
        auth.sign_out(db)
    return redirect(url_for("admin.sign_in"), 303)


@blueprint.get("/")
def index() -> str:
    """How to join, who is here, what is live, and the one thing to do next."""
    with database().reading() as db:
        return render_template(
            "admin/index.html",
            state=overview.state(db),
            addresses=invitation.addresses(db),
            command=invitation.command(),
            is_open=joining.lets_others_in(listens_on()[0]),
            qr=joining.qr_svg,
            short=joining.short,
        )


@blueprint.get("/overview/events")
def follow() -> Response:
    """What the overview shows, and then every change: server-sent events."""
    with database().reading() as db:
        return streams.stream(db, "overview")


@blueprint.get("/log")
def log() -> str:
    """What was done, and when."""
    with database().reading() as db:
        return render_template("admin/log.html", entries=audit.latest(db))
