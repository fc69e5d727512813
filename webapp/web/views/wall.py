"""The wall for the projector, and the admin page with its switches and the way to join."""

from flask import Blueprint, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response

from nn.refusal import Refusal
from webapp.room import devices, joining, wall
from webapp.web import auth, channels, forms, streams
from webapp.web.app_state import database, listens_on

TILES = 24  # drawings that the wall has room for

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
                machine=wall.in_order(db, joining.of_this_machine()),
                addresses=_addresses(db) or [request.host_url],
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
    raise Refusal("This address of the wall has ended. Open the new one.", code="not_signed_in")


@blueprint.get("/admin/wall")
def workshop() -> str:
    """The wall's switches, and how phones connect."""
    host, port = listens_on()
    with database().reading() as db:
        addresses = _addresses(db)
        path = url_for("wall.index", token=wall.token(db))
        return render_template(
            "admin/wall.html",
            switches=wall.switches(db),
            tiles=TILES,
            path=path,
            link=(addresses or [request.host_url])[0].rstrip("/") + path,
            devices=devices.seen_recently(db),
            machine=wall.in_order(db, joining.of_this_machine()),
            addresses=addresses,
            names=wall.in_order(db, joining.names(host)),
            is_open=joining.lets_others_in(host),
            port=port,
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
    return forms.act(lambda db: wall.switch(db, name, on), _page())


@blueprint.post("/admin/wall/large")
def show_large() -> Response:
    """Show one drawing large, or all again."""
    number = request.form.get("drawing", type=int)
    return forms.act(lambda db: wall.show_large(db, number), _page())


@blueprint.post("/admin/wall/first")
def put_first() -> Response:
    """Show another of this machine's addresses large."""
    address = request.form.get("address", "")
    return forms.act(lambda db: wall.put_first(db, address), _page())


@blueprint.post("/admin/wall/address")
def renew_token() -> Response:
    """End all addresses of the wall that were shared."""
    done = "The wall has a new address. Open it on the projector."
    return forms.act(wall.renew_token, _page(), done)


def _page() -> str:
    return url_for("wall.workshop")


def _has_token(db: Session) -> bool:
    return wall.is_token(db, request.args.get("token", ""))


def _addresses(db: Session) -> list[str]:
    """What people type on their phones.

    Behind another web server it is the name that the presenter's browser used.
    """
    host, port = listens_on()
    found = [joining.address_of(n, port) for n in wall.in_order(db, joining.names(host))]
    name = request.host.rpartition(":")[0] or request.host
    return found if found or joining.is_loopback(name) else [request.host_url]


_HELPERS = {"qr": joining.qr_svg, "short": joining.short}
