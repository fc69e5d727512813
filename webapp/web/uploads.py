"""Pictures that requests carry: read, checked and within limits, for all who take them."""

import itertools
import json
from typing import NamedTuple

import numpy as np
from flask import request

from nn.ink import MAX_INTENSITY, SIDE, pixels_from_image
from nn.picture import FORMATS, MAX_BYTES, open_picture
from webapp.room.pictures import digit_png
from webapp.web.errors import ApiError

MAX_BODY = MAX_BYTES + 2**16  # a picture and what multipart/form-data wraps around it
_MAX_JSON = 2**16  # bytes; 64 numbers take a fraction of it
# Some programs write image/jpg, which is no registered name.
_PICTURE_TYPES = {f"image/{name.lower()}" for name in (*FORMATS, "JPG")}


class Upload(NamedTuple):
    """What a request carries.

    pixels : (8, 8) uint8 0..16
    data : bytes of the picture as it was sent; None if the pixels themselves were sent
    fields : dict of whatever else was sent: form fields, JSON members, or parameters of the
        address beside a bare picture
    """

    pixels: np.ndarray
    data: bytes | None
    fields: dict

    @property
    def picture(self):
        """The picture, bytes: as it was sent, or a PNG of the pixels."""
        return digit_png(self.pixels) if self.data is None else self.data


def limit_body():
    """Refuse a request that is larger than a picture can be; to be called before reading."""
    request.max_content_length = request.max_form_memory_size = MAX_BODY


def read():
    """What the request at hand carries; ApiError or PictureError if that is no picture."""
    kind = request.mimetype
    if kind == "application/json":
        return _from_json(request.get_data())
    if kind in _PICTURE_TYPES:
        return _from_picture(request.get_data(), request.args.to_dict())
    if kind == "multipart/form-data":
        if "image" not in request.files:
            raise ApiError(400, "missing_image", "The form has no file field named 'image'.")
        return _from_picture(request.files["image"].read(), request.form.to_dict())
    raise ApiError(
        415,
        "unsupported_content_type",
        f"Content-Type '{kind}' is not taken. Send {', '.join(sorted(_PICTURE_TYPES))}, "
        "multipart/form-data or application/json.",
    )


def _from_picture(data, fields):
    return Upload(pixels_from_image(open_picture(data)), data, fields)


def _from_json(body):
    if len(body) > _MAX_JSON:
        raise ApiError(413, "json_too_large", f"JSON may have at most {_MAX_JSON:,} bytes.")
    try:
        members = json.loads(body)
        rows = members["pixels"]
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise ApiError(
            400, "bad_json", 'The body is not JSON of the form {"pixels": [[...], ...]}.'
        ) from error
    return Upload(_checked(rows), None, members)


def _checked(rows):
    """The (8, 8) pixels that a JSON value stands for."""
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
