"""Pictures that requests carry: read, checked and within limits."""

from typing import Any, NamedTuple

import numpy as np
from flask import request
from msgspec import Struct
from numpy.typing import NDArray

from nn.ink import pixels_from_image
from nn.picture import FORMATS, MAX_BYTES, open_picture
from nn.refusal import Refusal
from webapp.room.pictures import digit_png
from webapp.web import incoming
from webapp.web.operations import Binary

MAX_BODY = MAX_BYTES + 2**16  # a picture and what multipart/form-data wraps around it
MAX_JSON = 2**16  # bytes; 64 numbers take a fraction of it
# Some programs write image/jpg, which is not a registered name.
_PICTURE_TYPES = {f"image/{name.lower()}" for name in (*FORMATS, "JPG")}
_FORM = '{"pixels": [[...], ...]}'

# Codes of what `read` may raise.
REFUSES = (
    *("bad_json", "json_too_large", "missing_image", "not_a_picture", "picture_too_large"),
    *("unsupported_content_type", "unsupported_picture"),
)


class PictureField(Struct):
    """A form with a picture.

    image : the picture file
    """

    image: Binary


def body(*beside: type[Struct]) -> dict[str, tuple[Any, ...]]:
    """The bodies that `read` takes, by media type.

    beside : what comes with a picture, in the form or the JSON
    """
    return {
        "application/json": (incoming.Pixels, *beside),
        **{f"image/{name.lower()}": (Binary,) for name in FORMATS},
        "multipart/form-data": (PictureField, *beside),
    }


class Upload(NamedTuple):
    """What a request carries.

    pixels : (8, 8) 0..16
    data : the picture file that was sent; None if the pixels themselves were sent
    fields : whatever else was sent: form fields, JSON members, or the query of the address
        beside a bare picture
    """

    pixels: NDArray[np.uint8]
    data: bytes | None
    fields: dict[str, Any]

    @property
    def picture(self) -> bytes:
        """The picture file that was sent, or a PNG of the pixels."""
        return digit_png(self.pixels) if self.data is None else self.data


def limit_body() -> None:
    """Refuse a request that is larger than a picture can be. Call it before reading."""
    request.max_content_length = request.max_form_memory_size = MAX_BODY


def read() -> Upload:
    """The picture or the pixels of the current request; Refusal if there are none."""
    kind = request.mimetype
    if kind == "application/json":
        return _from_json(request.get_data())
    if kind in _PICTURE_TYPES:
        return _from_picture(request.get_data(), request.args.to_dict())
    if kind == "multipart/form-data":
        if "image" not in request.files:
            raise Refusal("The form has no file field named 'image'.", code="missing_image")
        return _from_picture(request.files["image"].read(), request.form.to_dict())
    raise Refusal(
        "Content-Type '{kind}' is not supported. Send {kinds}, multipart/form-data or "
        "application/json.",
        code="unsupported_content_type",
        kind=kind,
        kinds=", ".join(sorted(_PICTURE_TYPES)),
    )


def _from_picture(data: bytes, fields: dict[str, Any]) -> Upload:
    return Upload(pixels_from_image(open_picture(data)), data, fields)


def _from_json(body: bytes) -> Upload:
    if len(body) > MAX_JSON:
        raise Refusal(
            "The JSON is larger than {limit} KiB. Send only 64 numbers and a label.",
            code="json_too_large",
            limit=MAX_JSON // 2**10,
        )
    members = incoming.json_object(body, _FORM, needs="pixels")
    rows = incoming.checked(members, incoming.Pixels).pixels
    return Upload(np.rint(rows).astype(np.uint8), None, members)
