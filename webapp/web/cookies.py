"""Cookies: their names, and those that browsers keep for a year."""

import re

from flask import request
from werkzeug.wrappers import Response

_YEAR = 365 * 24 * 3600  # seconds


def name_here(name: str) -> str:
    """A cookie's name with the port that the browser used, unless that is its default.

    Cookies of one host are not told apart by port: two Inklings on one machine are. Behind
    another web server all nodes have the port of that server, wherever they listen.
    """
    port = re.search(r":(\d+)$", request.host)
    return f"{name}_{port[1]}" if port else name


def participant() -> str:
    """The name of the participant's cookie."""
    return name_here("inkling_participant")


def keep(response: Response, name: str, value: str) -> None:
    """Send a cookie with the response: out of reach of scripts and of other sites."""
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        path=f"{request.script_root}/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
