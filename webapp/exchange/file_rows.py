"""Reads strangers' files of drawings, CSV and .npz: all of a file is right, or it is refused.

Nothing here knows the database.
"""

import base64
import binascii
import csv
import io
from dataclasses import dataclass
from datetime import UTC, datetime

import numpy as np

from nn import npz
from nn.ink import MAX_INTENSITY, SIDE
from nn.picture import PictureError, open_picture
from nn.refusal import Refusal
from nn.verdict import VERDICTS
from webapp.room.drawings import MAX_PICTURE
from webapp.storage.database import MAX_ID
from webapp.storage.tables import Drawing

MAX_ROWS = 20_000
CELLS = SIDE * SIDE
PIXELS = [f"pixel_{i}_{j}" for i in range(SIDE) for j in range(SIDE)]  # as load_digits has it
ANSWER = ["said", "verdict", "certainty", "neighbours"]

_NEEDED = ["label", *PIXELS]
_MAX_UNPACKED = 64 * 2**20  # bytes of an .npz; MAX_ROWS take a third of it
_TOO_MANY = f"The file has more than {MAX_ROWS:,} drawings. Split it."

csv.field_size_limit(2 * MAX_PICTURE)  # a picture in base64 is longer than its default


class ExchangeError(Refusal):
    """A file that is no file of drawings; the message says where and why."""

    code = "bad_drawings_file"


@dataclass
class Row:
    """A drawing of a file; None for what the file does not say."""

    group: object  # who drew it: the same for the same person
    pixels: bytes  # 64 of 0..16
    label: int
    held_out: bool | None = None
    answer: dict | None = None  # by ANSWER
    version: int | None = None
    status: str = Drawing.PENDING
    created_at: datetime | None = None
    picture: bytes | None = None


def rows_of_csv(data):
    """The rows of a CSV file, bytes; ExchangeError if one is wrong."""
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ExchangeError("The file is no UTF-8 text. Save it as CSV, UTF-8.") from error
    reader = csv.DictReader(io.StringIO(text, newline=""), strict=True)
    rows = []
    try:
        _check_header(reader.fieldnames or [])
        for fields in reader:
            if len(rows) == MAX_ROWS:
                raise ExchangeError(_TOO_MANY)
            rows.append(_row_of_csv(fields))
    except (csv.Error, ValueError) as error:
        if isinstance(error, ExchangeError):
            raise
        raise ExchangeError(f"Line {reader.line_num}: {error}") from error
    return rows


def _check_header(names):
    missing = [name for name in _NEEDED if name not in names]
    if missing:
        more = f" and {len(missing) - 3} more" if len(missing) > 3 else ""
        raise ExchangeError(f"The columns {', '.join(missing[:3])}{more} are missing.")
    answers = [name for name in ANSWER if name in names]
    if 0 < len(answers) < len(ANSWER):
        raise ExchangeError(f"Of {', '.join(ANSWER)} the file needs all or none.")


def _row_of_csv(fields):
    """A Row; ValueError with what is wrong with it."""
    if None in fields or None in fields.values():
        raise ValueError("it does not have as many values as the first line has names.")
    pixels = bytes(_whole(fields, name, MAX_INTENSITY) for name in PIXELS)
    if not any(pixels):
        raise ValueError("there is nothing drawn: all pixels are 0.")
    has_answer = any(fields.get(name) for name in ANSWER)
    return Row(
        group=fields.get("participant", ""),
        pixels=pixels,
        label=_whole(fields, "label", 9),
        held_out=bool(_whole(fields, "held_out", 1)) if fields.get("held_out") else None,
        answer=_answer(fields) if has_answer else None,
        version=_whole(fields, "version", MAX_ID) if fields.get("version") else None,
        status=_status(fields) if fields.get("status") else Drawing.PENDING,
        created_at=_moment(fields["created_at"]) if fields.get("created_at") else None,
        picture=_picture(fields["picture"]) if fields.get("picture") else None,
    )


def _answer(fields):
    return {
        "said": _whole(fields, "said", 9) if fields["said"] else None,
        "verdict": _one_of(fields, "verdict", [v for v in VERDICTS if v != "blank"]),
        "certainty": _share(fields, "certainty"),
        "neighbours": _whole(fields, "neighbours", 9),
    }


def _status(fields):
    return _one_of(fields, "status", Drawing.STATUSES)


def _whole(fields, name, most):
    text = fields[name].strip()
    if not (text.isascii() and text.isdecimal() and len(text) <= 12) or int(text) > most:
        raise ValueError(f"{name} is {text[:40]!r}, not a whole number from 0 to {most}.")
    return int(text)


def _share(fields, name):
    try:
        value = float(fields[name])
    except ValueError:
        value = None
    if value is None or not 0 <= value <= 1:
        raise ValueError(f"{name} is {fields[name][:40]!r}, not a number from 0 to 1.")
    return value


def _one_of(fields, name, choices):
    if fields[name] not in choices:
        raise ValueError(f"{name} is {fields[name][:40]!r}, not one of {', '.join(choices)}.")
    return fields[name]


def _moment(text):
    try:
        moment = datetime.fromisoformat(text)
        return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise ValueError(
            f"created_at is {text[:40]!r}, not a moment such as 2025-01-31T14:30:00+00:00."
        ) from error


def _picture(text):
    try:
        data = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("the picture is not in base64.") from error
    if len(data) > MAX_PICTURE:
        raise ValueError(f"the picture has more than {MAX_PICTURE:,} bytes.")
    try:
        open_picture(data)
    except PictureError as error:
        raise ValueError(f"the picture: {error}") from error
    return data


def rows_of_npz(data):
    """The rows of an .npz file, bytes; ExchangeError if it holds something else."""
    try:
        arrays = npz.read(data, _MAX_UNPACKED)
    except npz.NpzError as error:
        raise ExchangeError(str(error)) from error
    pixels = _pixels_of_npz(arrays)
    labels = _labels_of_npz(arrays, len(pixels))
    groups = _groups_of_npz(arrays, len(pixels))
    return [Row(g, row.tobytes(), int(y)) for g, row, y in zip(groups, pixels, labels)]


def _pixels_of_npz(arrays):
    """(n, 64) uint8 0..16, none of them blank."""
    given = [arrays[name] for name in ("data", "images") if name in arrays]
    if not given or "target" not in arrays:
        raise ExchangeError("The file needs `target`, and `data` or `images`.")
    shapes = ((CELLS,), (SIDE, SIDE))
    if any(array.ndim == 0 or array.shape[1:] not in shapes for array in given):
        raise ExchangeError("`data` must have the shape (n, 64), and `images` (n, 8, 8).")
    if any(len(array) > MAX_ROWS for array in given):
        raise ExchangeError(_TOO_MANY)
    if any(array.dtype.kind not in "iuf" for array in given):
        raise ExchangeError("The pixels must be numbers.")
    first, last = (array.reshape(len(array), CELLS) for array in (given[0], given[-1]))
    if not ((first >= 0) & (first <= MAX_INTENSITY)).all():
        raise ExchangeError(f"Every pixel must be a number from 0 to {MAX_INTENSITY}.")
    if not np.array_equal(first, last):
        raise ExchangeError("`data` and `images` are not the same pictures.")
    pixels = np.rint(first).astype(np.uint8)
    blank = np.flatnonzero(~pixels.any(axis=1))
    if len(blank):
        raise ExchangeError(f"Nothing is drawn in picture {blank[0]}: all its pixels are 0.")
    return pixels


def _labels_of_npz(arrays, n):
    labels = arrays["target"]
    if labels.shape != (n,) or labels.dtype.kind not in "iuf":
        raise ExchangeError(f"`target` must be {n:,} digits, one for each picture.")
    if not np.isin(labels, np.arange(10)).all():
        raise ExchangeError("Every number in `target` must be a digit from 0 to 9.")
    return labels


def _groups_of_npz(arrays, n):
    groups = arrays.get("groups", np.zeros(n, int))
    if groups.shape != (n,) or groups.dtype.kind not in "iuU":
        raise ExchangeError(f"`groups` must be {n:,} whole numbers, one for each picture.")
    return groups.tolist()
