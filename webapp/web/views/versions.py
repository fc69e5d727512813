"""The versions of the model: promote, roll back, rename, delete, download, upload."""

import io

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

from nn import files
from webapp.learning import runs, versions

MAX_BODY = files.MAX_BYTES + 2**16  # a model file and what multipart/form-data wraps around it

blueprint = Blueprint("versions", __name__, url_prefix="/admin")


@blueprint.url_value_preprocessor  # comes before the check of the CSRF token, which reads forms
def limit_body(_endpoint, _values):
    request.max_content_length = MAX_BODY


_ORIGINS = {
    "shipped": "comes with Inkling",
    "run": "trained here",
    "upload": "uploaded: it may have learnt from the held-out digits",
}


@blueprint.get("/versions")
def index():
    """All versions, newest first."""
    with _database().reading() as db:
        return render_template(
            "admin/versions.html",
            versions=versions.usable(db),
            periods=versions.periods(db),
            live=versions.live(db),
            before=versions.before_live(db),
            max_name=versions.MAX_NAME,
            max_mib=files.MAX_BYTES // 2**20,
            origins=_ORIGINS,
            settings_of=_settings,
        )


@blueprint.post("/versions/<int:number>/promote")
def promote(number):
    """Make it live."""
    return _change(
        lambda db: versions.promote(db, number),
        f"Version {number} is live, for everyone.",
    )


@blueprint.post("/roll-back")
def roll_back():
    """Make live what was live before."""
    seen = request.form.get("live", type=int)
    return _change(
        lambda db: versions.roll_back(db, seen),
        "Rolled back. Everyone gets the earlier version.",
    )


@blueprint.post("/versions/<int:number>/rename")
def rename(number):
    """Give it another name."""
    name = request.form.get("name", "")
    return _change(lambda db: versions.rename(db, number, name), "Renamed.")


@blueprint.post("/versions/<int:number>/delete")
def delete(number):
    """Drop it for good."""
    return _change(lambda db: versions.delete(db, number), f"Version {number} is deleted.")


@blueprint.post("/versions")
def upload():
    """Take a model file, checked like any stranger's."""
    file = request.files.get("file")
    if not file or not file.filename:
        flash("Choose a file first: an .npz that Inkling wrote.", "error")
        return redirect(url_for("versions.index"), 303)
    data, name = file.read(), file.filename.rpartition(".")[0] or file.filename
    return _change(
        lambda db: versions.upload(db, data, name[: versions.MAX_NAME]),
        "The file is a new version. It is not live until you promote it.",
    )


@blueprint.get("/versions/<int:number>.npz")
def download(number):
    """The model file."""
    with _database().reading() as db:
        weights = versions.version(db, number).weights
    name = f"inkling-version-{number}.npz"
    return send_file(io.BytesIO(weights), as_attachment=True, download_name=name)


def _settings(version):
    """What it was trained with, in words."""
    made_with = runs.made_with(version)
    return runs.described(*made_with) if made_with else "unknown"


def _change(change, done):
    """Run `change(db)`, tell how it went, and show the page that the form was on."""
    try:
        with _database().writing() as db:
            change(db)
    except (versions.RegistryError, files.ModelFileError) as error:
        flash(str(error), "error")
    else:
        flash(done, "done")
    return redirect(url_for("versions.index"), 303)


def _database():
    return current_app.extensions["database"]
