"""How the room gets in: the addresses to type on a phone, or how to start with some."""

from urllib.parse import urlsplit

from flask import current_app, request
from sqlalchemy.orm import Session

from webapp.room import joining, wall
from webapp.web.app_state import listens_on


def is_open() -> bool:
    """Whether the server listens to other machines than its own."""
    host, _ = listens_on()
    return joining.lets_others_in(host)


def names(session: Session) -> list[str]:
    """This machine's addresses that phones can use, the one that the presenter chose first."""
    host, _ = listens_on()
    return [] if _through_another_server() else wall.in_order(session, joining.names(host))


def addresses(session: Session) -> list[str]:
    """What people type on their phones, the address that the presenter chose first.

    Behind another web server it is the one that the presenter's browser used. Empty if phones
    cannot reach this server.
    """
    if _through_another_server():
        return [request.root_url]
    _, port = listens_on()
    return [joining.address_of(name, port) for name in names(session)]


def of_this_machine(session: Session) -> list[str] | None:
    """All of this machine's addresses, for pages to see when it joins another network.

    None behind another web server: this machine's network does not matter to phones then, and
    the page and its stream of events may come from two machines.
    """
    if _through_another_server():
        return None
    return wall.in_order(session, joining.of_this_machine())


def _through_another_server() -> bool:
    """Whether the presenter's browser came through another web server, as phones have to."""
    host, _ = listens_on()
    is_behind_one = current_app.config["TRUSTED_PROXIES"] or not joining.names(host)
    name = urlsplit(request.host_url).hostname or ""
    return bool(is_behind_one) and not joining.is_loopback(name)


def command() -> str:
    """The shortest of `commands`."""
    return commands()[0]


def commands() -> list[str]:
    """The commands that start this server again, with its options, open to phones."""
    found: list[str] = current_app.config["OPEN_COMMANDS"]
    return found
