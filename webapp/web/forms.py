"""What views of forms share: act and tell the outcome, read numbers and files, send files."""

import io
from collections.abc import Callable
from typing import Any

from flask import flash, redirect, request, send_file
from sqlalchemy.orm import Session
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response

from nn.refusal import Refusal
from nn.words import Sentence
from webapp.storage.database import MAX_ID
from webapp.web import languages
from webapp.web.app_state import database

Text = str | Sentence | Refusal  # a constant message, or one with values


def act(
    change: Callable[[Session], Any],
    page: str,
    done: Text | Callable[[Any], Text] = "",
    refused: str = "",
) -> Response:
    """Make a change in the database, flash the outcome, and redirect to a page.

    done : the sentence for success, or a function that makes it of what `change` returns
    refused : the sentence for a refusal, with {reason} in it
    """
    try:
        with database().writing() as db:
            result = change(db)
    except Refusal as error:
        return back(page, Sentence(refused, reason=error) if refused else error, "error")
    return back(page, done(result) if callable(done) else done)


def back(page: str, sentence: Text, kind: str = "done") -> Response:
    """Redirect to a page, which shows the sentence. kind is "done" or "error"."""
    if sentence:
        flash(languages.say(sentence), kind)
    return redirect(page, 303)


def number(name: str, low: int = 0, high: int = MAX_ID) -> int | None:
    """A whole number from the query of the address; None if it is missing or out of range."""
    value = request.args.get(name, type=int)
    return value if value is not None and low <= value <= high else None


def chosen_file() -> FileStorage | None:
    """The file of the form's field `file`; None if none was chosen."""
    file = request.files.get("file")
    return file if file and file.filename else None


def download(data: bytes, name: str) -> Response:
    """The answer that makes the browser save a file."""
    return send_file(io.BytesIO(data), as_attachment=True, download_name=name)
