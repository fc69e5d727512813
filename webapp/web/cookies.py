"""Cookies that browsers keep for a year: out of reach of scripts and of other sites."""

from flask import request
from werkzeug.wrappers import Response

_YEAR = 365 * 24 * 3600  # seconds


def participant(port: int) -> str:
    """The name of the participant's cookie, with the port like the presenter's."""
    return f"inkling_participant_{port}"


def keep(response: Response, name: str, value: str) -> None:
    """Send a cookie with the response, for Inkling's own pages."""
    response.set_cookie(
        name,
        value,
        max_age=_YEAR,
        path=f"{request.script_root}/",
        secure=request.is_secure,
        httponly=True,
        samesite="Lax",
    )
