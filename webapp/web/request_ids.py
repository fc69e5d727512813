"""A number for each request that fails: in its answer, and in what the log says of it.

It is random, so that the log holds nothing about who asked.
"""

import logging
import secrets

from flask import Flask, Response, g, has_request_context
from flask.logging import default_handler

HEADER = "X-Request-Id"


def register(app: Flask) -> None:
    """Put the number into log lines and into answers with a status from 500 on."""
    default_handler.addFilter(_add_to_line)

    @app.after_request
    def add(response: Response) -> Response:
        if response.status_code >= 500:
            response.headers[HEADER] = _number()
        return response


def _number() -> str:
    """The number of the current request, which it gets with the first call."""
    if "request_id" not in g:
        g.request_id = secrets.token_hex(4)
    number: str = g.request_id
    return number


def _add_to_line(record: logging.LogRecord) -> bool:
    if has_request_context():
        record.msg = f"request {_number()}: {record.msg}"
    return True
