"""Answers a drawing as our own page sends it, without Flask: that is a third less work.

A room sends hundreds of these a second. They are answered in the event loop, so they must be
small: a grey PNG of a few kilobytes takes some milliseconds at most. All other pictures, and
all that are refused, are for Flask.
"""

import struct

from nn.ink import pixels_from_image
from nn.picture import open_picture
from nn.refusal import Refusal
from webapp.learning.recognition import Recogniser
from webapp.web.headers import HEADERS
from webapp.web.outgoing import encoded
from webapp.web.views.api import prediction

_MOST_BYTES = 2**13
_MOST_CELLS = 320 * 320
_PNG = b"\x89PNG\r\n\x1a\n"
_GREY = b"\x08\x00"  # depth and colour type: https://www.w3.org/TR/png-3/#11IHDR

ANSWER_HEADERS = [("content-type", "application/json")] + [
    (name.lower(), value) for name, value in HEADERS.items()
]


def answer(recogniser: Recogniser, body: bytes) -> bytes | None:
    """The JSON that answers a small drawing; None if it is for Flask."""
    if not _is_small(body):
        return None
    try:
        pixels = pixels_from_image(open_picture(body))
    except Refusal:  # Flask refuses it again, with a status
        return None
    return encoded(prediction(recogniser.recognise(pixels)))


def _is_small(body: bytes) -> bool:
    """Whether this begins like a small grey PNG."""
    if len(body) > _MOST_BYTES or not body.startswith(_PNG) or body[24:26] != _GREY:
        return False
    width, height = struct.unpack(">II", body[16:24])
    return bool(width * height <= _MOST_CELLS)
