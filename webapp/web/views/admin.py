"""Sign-in, the overview and the log of the admin page."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from webapp.learning import runs, versions
from webapp.storage import audit
from webapp.web import auth
from webapp.web.app_state import database

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
_OPEN = "admin.sign_in"  # the only page that needs no session


@blueprint.before_app_request
def require_sign_in() -> ResponseReturnValue | None:
    """Admit only those who are signed in to the pages below /admin."""
    if f"{request.path}/".startswith("/admin/") and request.endpoint != _OPEN:
        with database().reading() as db:
            return auth.require_sign_in(db)
    return None


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in() -> ResponseReturnValue:
    """Ask for the password. The answer to a wrong one gives nothing else away."""
    auth.visitor()
    if request.method == "GET":
        return render_template("admin/sign_in.html")
    try:
        is_right = auth.sign_in(database(), request.form.get("password", ""))
    except auth.TooManyAttempts as error:
        headers = {"Retry-After": str(error.seconds)}
        return render_template("admin/sign_in.html", error=error), 429, headers
    if not is_right:
        return render_template("admin/sign_in.html", error="Wrong password."), 403
    return redirect(_next_page(), 303)


@blueprint.post("/sign-out")
def sign_out() -> ResponseReturnValue:
    """End the session."""
    auth.sign_out()
    return redirect(url_for("admin.sign_in"), 303)


@blueprint.get("/")
def index() -> str:
    """What is live and how good it is, and recent activity."""
    with database().reading() as db:
        return render_template(
            "admin/index.html",
            live=versions.live(db),
            before=versions.before_live(db),
            runs=runs.latest(db)[:3],
            entries=audit.latest(db)[:6],
        )


@blueprint.get("/log")
def log() -> str:
    """What was done, and when."""
    with database().reading() as db:
        return render_template("admin/log.html", entries=audit.latest(db))


def _next_page() -> str:
    """The page that the visitor wanted; always one of ours, whatever the address says."""
    wanted = request.args.get("next", "")
    return wanted if wanted.startswith("/admin/") else url_for("admin.index")
