"""The names under which browsers may reach Inkling, also through proxies.

The owner of another site can point its name at this machine (DNS rebinding). To the browser,
and to `origins`, its pages would then be our own. So names that others can own must be listed.
Nobody on the internet owns an address in numbers, a name without a dot, or a local one.
"""

import ipaddress
import re
import socket
from collections.abc import Iterable
from typing import TYPE_CHECKING

from flask import Flask, request
from werkzeug.middleware.proxy_fix import ProxyFix

from nn.refusal import Refusal
from webapp.config import ANY_HOST, Settings

if TYPE_CHECKING:
    from _typeshed.wsgi import StartResponse, WSGIApplication, WSGIEnvironment

_REFUSED = "inkling.refused_host"  # in a request's environ: the Host that it came with
_LOCAL = (".localhost", ".local", ".lan", ".home.arpa", ".internal")  # endings
_NAME = re.compile(r"(?=.{1,253}$)[\w-]{1,63}(\.[\w-]{1,63})*\.?", re.ASCII)
_HOST = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[^\[\]:]+)(:[0-9]{1,5})?", re.IGNORECASE)


def register(app: Flask, settings: Settings) -> None:
    """Believe the proxies that the settings trust, and refuse names that nobody listed."""
    app.wsgi_app = _KnownHosts(app.wsgi_app, _Names(settings))  # type: ignore[method-assign]
    if number := settings["trusted_proxies"]:
        # Each proxy adds to -For. The nearest one says what the browser saw in the others.
        app.wsgi_app = ProxyFix(  # type: ignore[method-assign]
            app.wsgi_app, x_for=number, x_proto=1, x_host=1, x_prefix=1
        )
    app.before_request(_refuse_unknown)


class _Names:
    """Whether a name is one of this server's."""

    def __init__(self, settings: Settings) -> None:
        listed = settings["allowed_hosts"].split(",")
        # A trusted proxy lets through what it knows, unless there is a list.
        self._knows_all = ANY_HOST in listed or (settings["trusted_proxies"] and listed == [""])
        self._known = {*listed, settings["host"].lower(), socket.gethostname().lower()}

    def __contains__(self, name: str) -> bool:
        name = name.rstrip(".").lower()
        is_local = "." not in name or name.endswith(_LOCAL)
        return bool(self._knows_all) or is_local or name in self._known or _is_number(name)


class _KnownHosts:
    """Middleware: Flask makes addresses with the Host, so it sees only one that it can use."""

    def __init__(self, app: "WSGIApplication", names: _Names) -> None:
        self._app, self._names = app, names

    def __call__(
        self, environ: "WSGIEnvironment", start_response: "StartResponse"
    ) -> Iterable[bytes]:
        host = environ.get("HTTP_HOST", "")
        if host and not self._is_known(host):
            environ.update({_REFUSED: host, "HTTP_HOST": "localhost"})
        return self._app(environ, start_response)

    def _is_known(self, host: str) -> bool:
        name = _name_in(host)
        is_name = _NAME.fullmatch(name) or _is_number(name)
        return bool(is_name) and name in self._names


def _refuse_unknown() -> None:
    host = request.environ.get(_REFUSED)
    if host is None or request.endpoint == "static":  # which the page of the refusal needs
        return
    raise Refusal(
        "Inkling does not know the name {host!r:.99}. Use an address that it printed at its "
        "start. Or start it with INKLING_ALLOWED_HOSTS set to this name or, behind a proxy, "
        "with INKLING_TRUSTED_PROXIES=1.",
        code="unknown_host",
        host=_name_in(host) or host,
    )


def _name_in(host: str) -> str:
    """A Host without its port; "" if it is none."""
    parts = _HOST.fullmatch(host)
    return parts["name"] if parts else ""


def _is_number(name: str) -> bool:
    try:
        ipaddress.ip_address(name.strip("[]"))
    except ValueError:
        return False
    return True
