"""The session capsule: download one, restore one."""

import io
from pathlib import Path

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    send_file,
    url_for,
)

from webapp.exchange import capsule, report
from webapp.exchange.drawing_files import ExchangeError
from webapp.learning import versions
from webapp.storage.tables import now

MAX_BODY = capsule.MAX_BYTES + 2**16  # a capsule and what multipart/form-data wraps around it
_STYLES = (
    "shared/tokens.css",
    "pages/report.css",
)  # written into the page, which has to stand alone

blueprint = Blueprint("capsule", __name__, url_prefix="/admin")


@blueprint.url_value_preprocessor  # comes before the check of the CSRF token, which reads forms
def limit_body(_endpoint, _values):
    request.max_content_length = MAX_BODY


@blueprint.get("/capsule")
def index():
    """What a capsule would hold now, and whether one can be restored here."""
    with _database().reading() as db:
        return render_template(
            "admin/capsule.html",
            live=versions.live(db),
            n_versions=len(versions.usable(db)),
            n_runs=report.n_finished_runs(db),
            n_drawings=capsule.approved(db),
            n_others=capsule.not_approved(db),
            refused=capsule.why_not_fresh(db),
            max_mib=capsule.MAX_BYTES // 2**20,
        )


@blueprint.get("/capsule.zip")
def download():
    """The capsule of this session."""
    made = now()
    with _database().reading() as db:
        told = report.told(db)
        page = render_template("report.html", made=made, styles=_styles(), **told)
        data = capsule.pack(db, page, made)
    name = f"inkling-session-{made.astimezone():%Y-%m-%d-%H%M}.zip"
    return send_file(io.BytesIO(data), as_attachment=True, download_name=name)


@blueprint.post("/capsule")
def restore():
    """Bring back the session of a capsule, checked like any stranger's file."""
    file = request.files.get("file")
    if not file or not file.filename:
        flash("Choose a file first: the zip that Inkling gave you.", "error")
        return redirect(url_for("capsule.index"), 303)
    try:
        contents = capsule.read(file.read())
        with _database().writing() as db:
            capsule.restore(db, contents)
    except (capsule.CapsuleError, ExchangeError) as error:
        flash(f"Nothing was restored. {error}", "error")
    else:
        flash("The session is back: its versions, runs and drawings.", "done")
    return redirect(url_for("capsule.index"), 303)


def _styles():
    folder = Path(current_app.static_folder) / "css"
    return "\n".join((folder / name).read_text("utf-8") for name in _STYLES)


def _database():
    return current_app.extensions["database"]
