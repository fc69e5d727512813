"""Sign-in, the overview and the log of the admin page."""

from flask import Blueprint, current_app, redirect, render_template, request, url_for

from webapp.learning import runs, versions
from webapp.storage import audit
from webapp.web import auth

blueprint = Blueprint("admin", __name__, url_prefix="/admin")
_OPEN = "admin.sign_in"  # the only page for those who are not signed in


@blueprint.before_app_request
def require_sign_in():
    """Keep everyone else out of everything below /admin."""
    if f"{request.path}/".startswith("/admin/") and request.endpoint != _OPEN:
        with _database().reading() as db:
            return auth.require_sign_in(db)
    return None


@blueprint.route("/sign-in", methods=["GET", "POST"])
def sign_in():
    """Ask for the password; a wrong one is told as that and no more."""
    auth.visitor()
    if request.method == "GET":
        return render_template("admin/sign_in.html")
    with _database().writing() as db:
        if auth.must_wait(db):
            return render_template("admin/sign_in.html", wrong=True), 429
    with _database().writing() as db:
        if not auth.sign_in(db, request.form.get("password", ""), auth.visitor()):
            return render_template("admin/sign_in.html", wrong=True), 403
    return redirect(_next_page(), 303)


@blueprint.post("/sign-out")
def sign_out():
    auth.sign_out()
    return redirect(url_for("admin.sign_in"), 303)


@blueprint.get("/")
def index():
    """What is live and how good it is, and what was done last."""
    with _database().reading() as db:
        return render_template(
            "admin/index.html",
            live=versions.live(db),
            before=versions.before_live(db),
            runs=runs.latest(db)[:3],
            entries=audit.latest(db)[:6],
        )


@blueprint.get("/log")
def log():
    """Who did what, and when."""
    with _database().reading() as db:
        return render_template("admin/log.html", entries=audit.latest(db))


def _database():
    return current_app.extensions["database"]


def _next_page():
    """Where the visitor wanted to go; a page of ours, whatever the address says."""
    wanted = request.args.get("next", "")
    return wanted if wanted.startswith("/admin/") else url_for("admin.index")
