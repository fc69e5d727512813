"""How the room gets in: the addresses to type on a phone, or how to start with some."""

from pathlib import Path

from flask import current_app, request
from sqlalchemy.orm import Session

from webapp import config
from webapp.room import joining, wall
from webapp.web.app_state import listens_on


def addresses(session: Session) -> list[str]:
    """What people type on their phones, the address that the presenter chose first.

    Behind another web server it is the name that the presenter's browser used. Empty if phones
    cannot reach this server.
    """
    host, port = listens_on()
    found = [joining.address_of(n, port) for n in wall.in_order(session, joining.names(host))]
    name = request.host.rpartition(":")[0] or request.host
    return found if found or joining.is_loopback(name) else [request.host_url]


def command() -> str:
    """The command that starts this server again, with its options, open to phones."""
    _, port = listens_on()
    folder = Path(current_app.instance_path)
    has_own_folder = folder != config.SETTINGS["data_dir"].default.resolve()
    has_own_port = port != config.SETTINGS["port"].default
    if not has_own_folder:
        return "make run HOST=0.0.0.0" + (f" PORT={port}" if has_own_port else "")
    options = f" --port {port}" if has_own_port else ""
    return f"python -m webapp --host 0.0.0.0{options} --data-dir {folder}"
