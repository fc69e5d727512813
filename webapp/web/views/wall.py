"""The wall for the projector, and the admin page with its switches and the way to join."""

from urllib.parse import urljoin

from flask import Blueprint, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from nn.refusal import Refusal
from nn.words import N_, Sentence
from webapp.learning import rereading
from webapp.room import devices, joining, shown, switches, wall
from webapp.web import auth, channels, forms, invitation, streams
from webapp.web.app_state import database, listens_on

TILES = 25  # drawings that the wall has room for
_KEPT = 300  # seconds that a browser keeps a picture: it may be withdrawn
_ENDED = N_("This address of the wall has ended. Open the new one.")

blueprint = Blueprint("wall", __name__)


@blueprint.get("/wall")
def index() -> ResponseReturnValue:
    """The wall, for whoever has the token in the address. The presenter is redirected there."""
    with database().reading() as db:
        if _has_token(db):
            return render_template(
                "wall.html",
                tiles=TILES,
                token=wall.token(db),
                machine=invitation.of_this_machine(db),
                addresses=invitation.addresses(db),
                is_open=invitation.is_open(),
                command=invitation.command(),
                **_HELPERS,
            )
        if auth.is_signed_in(db):
            return redirect(url_for("wall.index", token=wall.token(db)))
    return redirect(url_for("admin.sign_in", next=url_for("wall.workshop")))


@blueprint.get("/wall/events")
def follow() -> Response:
    """What the room may see, and then every change of it: server-sent events."""
    with database().reading() as db:
        token = wall.token(db) if _has_token(db) else None
        if token or auth.is_signed_in(db):
            run = channels.begun_last(db)
            return streams.stream(db, "wall", run.id if run else None, token)
    raise Refusal(_ENDED, code="not_signed_in")


@blueprint.get("/wall/drawings/<int:number>.png")
def picture(number: int) -> Response:
    """The handwriting of a drawing that the wall may show.

    :raise 404: if the wall may not show it, or no longer
    """
    with database().reading() as db:
        is_presenter = auth.is_signed_in(db)
        if not (is_presenter or _has_token(db)):
            raise Refusal(_ENDED, code="not_signed_in")
        response = make_response(shown.picture(db, number, is_presenter))
    response.mimetype = "image/png"
    response.cache_control.private = True
    response.cache_control.max_age = _KEPT
    return response


@blueprint.get("/admin/wall")
def workshop() -> str:
    """The wall's switches, and how phones connect."""
    _, port = listens_on()
    with database().reading() as db:
        current, addresses = switches.current(db), invitation.addresses(db)
        path = url_for("wall.index", token=wall.token(db))
        return render_template(
            "admin/wall.html",
            switches=current,
            state=current.state,
            tiles=TILES,
            path=path,
            link=urljoin((addresses or [request.host_url])[0], path),
            devices=devices.seen_recently(db),
            machine=invitation.of_this_machine(db),
            addresses=addresses,
            names=invitation.names(db),
            is_open=invitation.is_open(),
            commands=invitation.commands(),
            port=port,
            max_wifi=wall.MAX_WIFI,
            **_HELPERS,
        )


@blueprint.get("/admin/wall/events")
def follow_workshop() -> Response:
    """Devices that came, and the drawings that can be shown large: server-sent events."""
    with database().reading() as db:
        return streams.stream(db, "workshop")


@blueprint.post("/admin/wall")
def switch() -> Response:
    """Turn one of the wall's switches on or off."""
    name, on = request.form.get("switch", ""), request.form.get("on") == "yes"
    return forms.act(lambda db: wall.switch(db, name, on, rereading.state(db).shown), _page())


@blueprint.post("/admin/wall/large")
def show_large() -> Response:
    """Show one drawing large, or all again."""
    number = request.form.get("drawing", type=int)
    return forms.act(lambda db: wall.show_large(db, number), _page())


@blueprint.post("/admin/wall/wifi")
def name_wifi() -> Response:
    """Show the name of a Wi-Fi network beside the address."""
    name = request.form.get("name", "")
    return forms.act(lambda db: wall.name_wifi(db, name), _page())


@blueprint.post("/admin/wall/first")
def put_first() -> Response:
    """Show another of this machine's addresses large."""
    address = request.form.get("address", "")
    return forms.act(lambda db: wall.put_first(db, address), _page())


@blueprint.post("/admin/wall/address")
def renew_token() -> Response:
    """End all addresses of the wall that were shared."""
    done = Sentence("The wall has a new address. Open it on the projector.")
    return forms.act(wall.renew_token, _page(), done)


def _page() -> str:
    return url_for("wall.workshop")


def _has_token(db: Session) -> bool:
    return wall.is_token(db, request.args.get("token", ""))


_HELPERS = {"qr": joining.qr_svg, "short": joining.short}
