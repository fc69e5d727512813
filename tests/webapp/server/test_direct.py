"""Drawings that are answered without Flask get the answer that Flask would give."""

import io
import json

import pytest
from PIL import Image

from bench.load import pngs
from webapp.server import direct


def _png(mode="L", side=280, colour="white"):
    buffer = io.BytesIO()
    Image.new(mode, (side, side), colour).save(buffer, "PNG")
    return buffer.getvalue()


def test_answer_and_headers_are_those_of_flask(app, client):
    for body in [*(body for _, body in pngs()[:50]), _png()]:
        flask = client.post("/api/predict", data=body, content_type="image/png")
        assert json.loads(direct.answer(app.extensions["recogniser"], body)) == flask.json
        assert {*direct.ANSWER_HEADERS} == {
            (name.lower(), value) for name, value in flask.headers if name != "Content-Length"
        }


@pytest.mark.parametrize(
    "body",
    [
        _png("RGBA"),
        _png(side=400),
        _png() + bytes(2**13),
        _png()[:60],
        _png()[:20],
        b"no picture",
        b"",
    ],
    ids=["colour", "large", "long", "broken", "cut short", "text", "empty"],
)
def test_everything_else_is_for_flask(app, body):
    assert direct.answer(app.extensions["recogniser"], body) is None
