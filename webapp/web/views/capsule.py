"""The capsule page: the session as one file to take home."""

import base64
import hashlib
from pathlib import Path

from flask import Blueprint, Response, current_app, render_template, send_file

from nn.verdict import with_article
from webapp import config
from webapp.exchange import capsule, report
from webapp.learning import versions
from webapp.storage.tables import now
from webapp.web import languages
from webapp.web.app_state import database

# The report is one file: what it needs is written into it.
_STYLES = ("css/shared/tokens.css", "css/shared/curves.css", "css/pages/report.css")
_SCRIPTS = ("js/parts/curves.js", "js/pages/report.js")

blueprint = Blueprint("capsule", __name__, url_prefix="/admin")


@blueprint.get("/capsule")
def index() -> str:
    """What a capsule would hold now."""
    with database().reading() as db:
        return render_template(
            "admin/capsule.html",
            live=versions.live(db),
            n_versions=len(versions.usable(db)),
            n_runs=report.n_finished_runs(db),
            n_drawings=capsule.n_drawings(db),
            command=config.COMMAND,
        )


@blueprint.get("/capsule.zip")
def download() -> Response:
    """The capsule of this session."""
    made, script = now(), _joined(_SCRIPTS)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()

    def render(summary: dict[str, object]) -> str:
        return render_template(
            "report.html",
            made=made,
            styles=_joined(_STYLES),
            script=script,
            digest=digest,
            with_article=lambda digit: languages.say(with_article(digit)),
            **summary,
        )

    file = capsule.make(database(), render, made)
    name = f"inkling-session-{made.astimezone():%Y-%m-%d-%H%M}.zip"
    return send_file(file, mimetype="application/zip", as_attachment=True, download_name=name)


def _joined(names: tuple[str, ...]) -> str:
    folder = Path(current_app.static_folder or "")
    return "\n".join((folder / name).read_text("utf-8") for name in names)
