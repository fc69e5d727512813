"""JSON and form fields that come in: their types and limits, and a sentence if one is wrong."""

import json
import re
from typing import Annotated, Any, TypeVar

import msgspec
from msgspec import Meta, Struct

from nn.ink import MAX_INTENSITY, SIDE
from nn.refusal import Refusal
from webapp.room.moderation import STATUSES, Change, Status

MAX_CHANGES = 1000  # of one request

_Intensity = Annotated[float, Meta(ge=0, le=MAX_INTENSITY)]
_Row = Annotated[list[_Intensity], Meta(min_length=SIDE, max_length=SIDE)]
_Digit = Annotated[int, Meta(ge=0, le=9)]
_DigitOfForm = Annotated[str, Meta(pattern=r"^[0-9]\Z")]  # form fields are texts

# What must stand in a field, as the sentences say it.
_EXPECTED = {
    "pixels": f"{SIDE} rows of {SIDE} numbers, each from 0 to {MAX_INTENSITY}",
    "label": "a whole number from 0 to 9",
    "key": "up to 64 letters, digits and any of .:+/=_- without spaces",
    "device": "16 to 64 letters, digits, _ and -",
    "changes": f"a list of 1 to {MAX_CHANGES:,} changes",
    "id": "the number of a drawing",
    "status": f"one of {', '.join(STATUSES)}",
}
_FORM_OF_A_CHANGE = (
    'A change has the form {"id": 1, "status": "approved", "label": 7}, '
    "with status or label or both."
)


class Pixels(Struct):
    """An 8x8 picture."""

    pixels: Annotated[list[_Row], Meta(min_length=SIDE, max_length=SIDE)]


class Device(Struct):
    """What a device says about itself: a random number that it has made, or nothing."""

    device: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{16,64})?\Z")] | None = None


class Labelled(Device, kw_only=True):
    """What comes with a drawing.

    label : the digit that it is
    key : tells the drawing from all others of its sender; None or "" if the sender has none
    consent : "true" or "1" if drawings may be kept
    """

    label: _Digit | _DigitOfForm
    key: Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:+/=-]{0,64}\Z")] | None = None
    consent: Any = None

    @property
    def has_agreed(self) -> bool:
        return str(self.consent).lower() in ("true", "1")


class Changes(Struct):
    """The presenter's changes to drawings."""

    changes: Annotated[list[Change], Meta(min_length=1, max_length=MAX_CHANGES)]


class Decision(Struct):
    """The presenter's decision on all pending drawings of a person."""

    status: Status


Kind = TypeVar("Kind", bound=Struct)


def json_object(body: bytes, message: str, needs: str | None = None) -> dict[str, Any]:
    """The JSON object of a request's body; Refusal with the message if it is none.

    needs : a field without which it is no such object either
    """
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or needs not in (None, *value):
        raise Refusal("{message}", code="bad_json", message=message)
    return value


def checked(value: dict[str, Any], kind: type[Kind], code: str | None = None) -> Kind:
    """The Struct that the value stands for.

    Raises Refusal if a field is missing or has a wrong value. Its code is `code`, or the name
    of the field after "bad_".
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        field, sentence = _explained(str(error), value)
        raise Refusal("{sentence}", code=code or f"bad_{field}", sentence=sentence) from error
    except UnicodeEncodeError as error:  # JSON may escape half of a surrogate pair
        raise Refusal("The body holds a text that is not Unicode.", code="bad_json") from error


def _explained(message: str, value: Any) -> tuple[str, str]:
    """The field of the body that is wrong, and a sentence, from msgspec's message.

    The message ends with the path to the wrong value, such as `$.changes[3].label`.
    """
    path = re.findall(r"\.(\w+)|\[(\d+)\]", message.rpartition("`$")[2])
    missing = re.search(r"missing required field `(\w+)`", message)
    if missing and not path:
        return missing[1], f"'{missing[1]}' is missing; it must be {_EXPECTED[missing[1]]}."
    for key, index in path:
        value = value[key] if key else value[int(index)]
    fields = [key for key, _ in path if key]
    is_element = path[-1][0] == ""
    if is_element and fields == ["changes"]:
        return "changes", _FORM_OF_A_CHANGE
    return fields[0], _sentence(fields[-1], value, is_element)


def _sentence(field: str, value: Any, is_element: bool) -> str:
    """Names the field, its value (or that of one of its elements) and what is expected."""
    if isinstance(value, (list, dict)):
        return f"'{field}' must be {_EXPECTED[field]}."
    shown = json.dumps(value)[:40]
    if isinstance(value, str) and field in ("key", "device"):
        shown += f", {len(value)} character{'' if len(value) == 1 else 's'}"
    return (
        f"'{field}' {'holds' if is_element else 'is'} {shown}; it must be {_EXPECTED[field]}."
    )
