"""The JSON API, for the pages and for developers."""

import itertools
import json

import numpy as np
from flask import Blueprint, current_app, request

from nn.ink import MAX_INTENSITY, SIDE, pixels_from_image
from nn.picture import FORMATS, MAX_BYTES, open_picture
from webapp.errors import ApiError

MAX_BODY = MAX_BYTES + 2**16  # a picture and what multipart/form-data wraps around it
_MAX_JSON = 2**16  # bytes; 64 numbers take a fraction of it
_PICTURE_TYPES = {f"image/{name.lower()}" for name in FORMATS}

blueprint = Blueprint("api", __name__)


@blueprint.before_request
def limit_body():
    request.max_content_length = request.max_form_memory_size = MAX_BODY


@blueprint.get("/healthz")
def healthz():
    """Answers once predictions are served: an app that exists has its model loaded."""
    return {"status": "ok"}


@blueprint.post("/api/predict")
def predict():
    """What the network says of a picture or of 8x8 pixels."""
    return current_app.extensions["recogniser"].recognise(_pixels())


def _pixels():
    """The (8, 8) pixels that the request carries; ApiError or PictureError if it has none."""
    kind = request.mimetype
    if kind == "application/json":
        return _pixels_from_json(request.get_data())
    if kind in _PICTURE_TYPES:
        return pixels_from_image(open_picture(request.get_data()))
    if kind == "multipart/form-data":
        if "image" not in request.files:
            raise ApiError(400, "missing_image", "The form has no file field named 'image'.")
        return pixels_from_image(open_picture(request.files["image"].read()))
    raise ApiError(
        415,
        "unsupported_content_type",
        f"Content-Type '{kind}' is not taken. Send {', '.join(sorted(_PICTURE_TYPES))}, "
        "multipart/form-data or application/json.",
    )


def _pixels_from_json(body):
    if len(body) > _MAX_JSON:
        raise ApiError(413, "json_too_large", f"JSON may have at most {_MAX_JSON:,} bytes.")
    try:
        rows = json.loads(body)["pixels"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ApiError(
            400, "bad_json", 'The body is not JSON of the form {"pixels": [[...], ...]}.'
        ) from error
    if not _is_square(rows):
        raise ApiError(
            422, "bad_pixels", f"'pixels' must be {SIDE} rows of {SIDE} numbers each."
        )
    for value in itertools.chain(*rows):
        if not _is_intensity(value):
            raise ApiError(
                422,
                "bad_pixels",
                f"'pixels' holds {json.dumps(value)[:40]}; "
                f"each must be a number from 0 to {MAX_INTENSITY}.",
            )
    return np.rint(np.array(rows, float)).astype(np.uint8)


def _is_square(rows):
    def is_side(value):
        return isinstance(value, list) and len(value) == SIDE

    return is_side(rows) and all(is_side(row) for row in rows)


def _is_intensity(value):
    is_number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return is_number and 0 <= value <= MAX_INTENSITY  # no comparison holds for NaN
