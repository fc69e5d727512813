"""The wall for the projector, and the admin page that switches it and lets phones in."""

from flask import (
    Blueprint,
    current_app,
    flash,
    redirect,
    render_template,
    request,
    url_for,
)

from webapp.room import devices, joining, wall
from webapp.web import auth, streams
from webapp.web.errors import ApiError

TILES = 24  # drawings that the wall has room for

blueprint = Blueprint("wall", __name__)


@blueprint.get("/wall")
def index():
    """The wall, for whoever has the token in the address; the presenter is led there."""
    with _database().reading() as db:
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
def follow():
    """What the room may see, and then every change of it: server-sent events."""
    with _database().reading() as db:
        if _has_token(db):
            return streams.wall_stream(db, wall.token(db))
        if auth.is_signed_in(db):
            return streams.wall_stream(db)
    raise ApiError(401, "not_signed_in", "This address of the wall has ended. Open it anew.")


@blueprint.get("/admin/wall")
def workshop():
    """Switches of the wall, and how phones get in."""
    with _database().reading() as db:
        host, port = current_app.config["LISTENS_ON"]
        addresses = _addresses(db)
        path = url_for("wall.index", token=wall.token(db))
        return render_template(
            "admin/wall.html",
            switches=wall.switches(db),
            tiles=TILES,
            path=path,
            link=(addresses or [request.host_url])[0].rstrip("/") + path,
            devices=devices.seen_lately(db),
            machine=wall.in_order(db, joining.of_this_machine()),
            addresses=addresses,
            names=wall.in_order(db, joining.names(host)),
            is_open=joining.lets_others_in(host),
            port=port,
            **_HELPERS,
        )


@blueprint.get("/admin/wall/events")
def follow_workshop():
    """Devices that came, and the drawings that can be shown large: server-sent events."""
    with _database().reading() as db:
        return streams.workshop_stream(db)


@blueprint.post("/admin/wall")
def switch():
    """Turn one of the wall's switches on or off."""
    name, on = request.form.get("switch", ""), request.form.get("on") == "yes"
    return _change(lambda db: wall.switch(db, name, on))


@blueprint.post("/admin/wall/large")
def show_large():
    """Show one drawing large, or all again."""
    number = request.form.get("drawing", type=int)
    return _change(lambda db: wall.show_large(db, number))


@blueprint.post("/admin/wall/first")
def put_first():
    """Show another of this machine's addresses large."""
    return _change(lambda db: wall.put_first(db, request.form.get("address", "")))


@blueprint.post("/admin/wall/address")
def renew_token():
    """End all addresses of the wall that were given out."""
    return _change(
        wall.renew_token, "The wall has a new address. Open it anew on the projector."
    )


def _change(change, done=None):
    try:
        with _database().writing() as db:
            change(db)
    except wall.WallError as error:
        flash(str(error), "error")
    else:
        if done:
            flash(done, "done")
    return redirect(url_for("wall.workshop"), 303)


def _has_token(db):
    return wall.is_token(db, request.args.get("token", ""))


def _addresses(db):
    """What phones type. Behind another web server, its name is what the presenter used."""
    host, port = current_app.config["LISTENS_ON"]
    found = [joining.address_of(n, port) for n in wall.in_order(db, joining.names(host))]
    name = request.host.rpartition(":")[0] or request.host
    return found if found or joining.is_loopback(name) else [request.host_url]


def _database():
    return current_app.extensions["database"]


_HELPERS = {"qr": joining.qr_svg, "short": joining.short}
