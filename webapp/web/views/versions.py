"""The versions of the model: promote, roll back, rename, delete, download, upload."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from nn import export, files
from nn.model import Model
from nn.report import BETTER, WITHIN_CHANCE, WORSE
from nn.words import N_, Sentence
from webapp.learning import comparison, versions
from webapp.web import forms, making
from webapp.web.app_state import database, nudge_worker
from webapp.web.languages import say

MAX_BODY = files.MAX_BYTES + 2**16  # a model file and what multipart/form-data wraps around it

blueprint = Blueprint("versions", __name__, url_prefix="/admin")


@blueprint.url_value_preprocessor  # comes before the check of the CSRF token, which reads forms
def limit_body(_endpoint: str | None, _values: dict[str, Any] | None) -> None:
    request.max_content_length = MAX_BODY


_ORIGINS = {
    "shipped": N_("comes with Inkling"),
    "run": N_("trained here"),
    "upload": N_("uploaded: it may have learnt from the held-out digits"),
}


_JUDGED = {  # against the live version
    BETTER: N_("▲ better than the live one"),
    WORSE: N_("▼ worse than the live one"),
    WITHIN_CHANCE: N_("within chance of the live one"),
}


@blueprint.get("/versions")
def index() -> str:
    """All versions, newest first."""
    with database().reading() as db:
        usable = versions.usable(db)
        return render_template(
            "admin/versions.html",
            versions=usable,
            outcomes=comparison.against_live(db, [version.id for version in usable]),
            periods=versions.periods(db),
            live=versions.live(db),
            before=versions.before_live(db),
            max_name=versions.MAX_NAME,
            max_mib=files.MAX_BYTES // 2**20,
            origins={origin: say(text) for origin, text in _ORIGINS.items()},
            judged={judgement: say(text) for judgement, text in _JUDGED.items()},
            data_of=making.data,
            settings_of=making.settings,
        )


@blueprint.post("/versions/<int:number>/promote")
def promote(number: int) -> ResponseReturnValue:
    """Make it live. If it is clearly worse than the live one, ask first."""
    with database().reading() as db:
        doubts = [] if "sure" in request.form else comparison.doubts(db, number)
        if doubts:
            version, live = versions.version(db, number), versions.live(db)
            return render_template(
                "admin/promote.html",
                version=version,
                live=live,
                doubts=[say(each) for each in doubts],
            )
    done = Sentence("Version {number} is live, for everyone.", number=number)
    return _change_live(lambda db: versions.promote(db, number), done)


@blueprint.post("/roll-back")
def roll_back() -> Response:
    """Make live what was live before."""
    seen = request.form.get("live", type=int)
    done = Sentence("Rolled back. Everyone gets the earlier version.")
    return _change_live(lambda db: versions.roll_back(db, seen), done)


@blueprint.post("/versions/<int:number>/rename")
def rename(number: int) -> Response:
    """Give it another name."""
    name = request.form.get("name", "")
    return forms.act(
        lambda db: versions.rename(db, number, name), _page(), Sentence("Renamed.")
    )


@blueprint.post("/versions/<int:number>/delete")
def delete(number: int) -> Response:
    """Delete it. This cannot be undone."""
    done = Sentence("Version {number} is deleted.", number=number)
    return forms.act(lambda db: versions.delete(db, number), _page(), done)


@blueprint.post("/versions")
def upload() -> Response:
    """Add a model file as a version. The file is treated as untrusted."""
    file = forms.chosen_file()
    if file is None:
        message = Sentence("Choose a file first: an .npz that Inkling has written.")
        return forms.back(_page(), message, "error")
    data, filename = file.read(), file.filename or ""
    name = filename.rpartition(".")[0] or filename
    return forms.act(
        lambda db: versions.upload(db, data, name[: versions.MAX_NAME]),
        _page(),
        Sentence("The file is a new version. It is not live until you promote it."),
    )


@blueprint.get("/versions/<int:number>.npz")
def download(number: int) -> Response:
    """The model file."""
    with database().reading() as db:
        weights = versions.version(db, number).weights
    return forms.download(weights or b"", f"inkling-version-{number}.npz")


@blueprint.get("/versions/<int:number>.onnx")
def download_onnx(number: int) -> Response:
    """The model as ONNX, for other programs."""
    return forms.download(export.to_onnx(_model(number)), f"inkling-version-{number}.onnx")


@blueprint.get("/versions/<int:number>.json")
def download_json(number: int) -> Response:
    """The model as plain JSON, for other programs."""
    return forms.download(export.to_json(_model(number)), f"inkling-version-{number}.json")


def _model(number: int) -> Model:
    with database().reading() as db:
        return versions.load(db, number)


def _change_live(change: Callable[[Session], None], done: Sentence) -> Response:
    """Make another version live; the worker then reads the drawings again."""
    answer = forms.act(change, _page(), done)
    nudge_worker()
    return answer


def _page() -> str:
    return url_for("versions.index")
