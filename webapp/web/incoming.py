"""JSON and form fields that come in: their types and limits, and a sentence if one is wrong."""

import json
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypeVar

import msgspec
from msgspec import Meta, Struct

from nn.ink import MAX_INTENSITY, SIDE
from nn.refusal import Refusal
from nn.words import N_, Sentence
from webapp.room.moderation import Change, Status
from webapp.room.review import STATUSES
from webapp.storage.database import MAX_ID

MAX_CHANGES = 1000  # of one request
MAX_QUESTION = 2**20  # bytes of a request about the inside of a network

_Intensity = Annotated[float, Meta(ge=0, le=MAX_INTENSITY)]
_Row = Annotated[list[_Intensity], Meta(min_length=SIDE, max_length=SIDE)]
_SEVEN = [  # an example, which /api/docs offers to try out
    [0, 4, 11, 16, 16, 16, 16, 6],
    [0, 6, 12, 12, 12, 15, 16, 5],
    [0, 0, 0, 0, 1, 14, 13, 0],
    [0, 0, 0, 0, 8, 16, 5, 0],
    [0, 0, 0, 2, 15, 11, 0, 0],
    [0, 0, 0, 10, 15, 2, 0, 0],
    [0, 0, 5, 16, 7, 0, 0, 0],
    [0, 0, 12, 14, 1, 0, 0, 0],
]
Picture = Annotated[list[_Row], Meta(min_length=SIDE, max_length=SIDE, examples=[_SEVEN])]
Digit = Annotated[int, Meta(ge=0, le=9)]
Key = Annotated[str, Meta(pattern=r"^[A-Za-z0-9_.:+/=-]{0,64}\Z")]
_DigitOfForm = Annotated[str, Meta(pattern=r"^[0-9]\Z")]  # form fields are texts

# What must stand in a field, as the sentences say it.
EXPECTED = {
    "pixels": Sentence(
        "{side} rows of {side} numbers, each from 0 to {most}", side=SIDE, most=MAX_INTENSITY
    ),
    "label": Sentence("a whole number from 0 to 9"),
    "key": Sentence("up to 64 letters, digits and any of .:+/=_- without spaces"),
    "device": Sentence("16 to 64 letters, digits, _ and -"),
    **dict.fromkeys(("right", "details"), Sentence("true or false")),
    "changes": Sentence(
        "a list of 1 to {most:,} changes such as {example}",
        most=MAX_CHANGES,
        example='{"id": 1, "seen": {"status": "pending", "label": 1}, "label": 7}',
    ),
    "seen": Sentence(
        "what you saw of the drawing, such as {example}",
        example='{"status": "pending", "label": 1}',
    ),
    "newest": Sentence("the number of a drawing, or 0"),
    "id": Sentence("the number of a drawing"),
    "status": Sentence("one of {statuses}", statuses=", ".join(STATUSES)),
}


class Pixels(Struct):
    """An 8x8 picture.

    pixels : eight rows of eight intensities, 0 for paper to 16 for ink
    """

    pixels: Picture


class Device(Struct):
    """What a device says about itself.

    device : a random text that your program makes and keeps, by which it is known also
        without the cookie
    """

    device: Annotated[str, Meta(pattern=r"^([A-Za-z0-9_-]{16,64})?\Z")] | None = None


class Details(Device):
    """What is asked about the drawings of a device.

    details : "true" to list the drawings, too
    """

    details: Literal["true", "false"] = "false"


class Labelled(Device, kw_only=True):
    """What comes with a drawing.

    label : the digit that it is
    key : tells the drawing from all others of its sender
    consent : "true" or "1" if drawings may be kept
    """

    label: Annotated[Digit | _DigitOfForm, Meta(examples=[7])]
    key: Key | None = None
    consent: Annotated[Any, Meta(examples=["false"])] = None

    @property
    def has_agreed(self) -> bool:
        return str(self.consent).lower() in ("true", "1")


class Correction(Struct):
    """Another label for a kept drawing."""

    label: Digit


class Round(Struct):
    """A round of the game.

    right : whether the network read the digit that was asked for
    """

    right: bool


class Changes(Struct):
    """The presenter's changes to drawings."""

    changes: Annotated[list[Change], Meta(min_length=1, max_length=MAX_CHANGES)]


class Decision(Struct):
    """The presenter's decision on all pending drawings of a person."""

    status: Status


class Known(Struct):
    """The number of the newest drawing that the presenter's page knows of."""

    newest: Annotated[int, Meta(ge=0, le=MAX_ID)]


Kind = TypeVar("Kind", bound=Struct)


def json_object(body: bytes, form: str, needs: str | None = None) -> dict[str, Any]:
    """The JSON object of a request's body; Refusal if there is none.

    form : what the body should look like
    needs : a field that the object must have
    """
    try:
        value = json.loads(body, parse_float=_number)
    except (ValueError, RecursionError):
        value = None
    if not isinstance(value, dict) or needs not in (None, *value):
        raise Refusal("The body is not JSON of the form {form}.", code="bad_json", form=form)
    return value


def _number(text: str) -> float:
    """A number with a point or an exponent: 4.0 is a whole number, as JSON Schema has it."""
    number = float(text)
    return int(number) if number.is_integer() else number


def checked(
    value: dict[str, Any],
    kind: type[Kind],
    code: str | None = None,
    expected: Mapping[str, object] = EXPECTED,
) -> Kind:
    """The Struct that the value stands for.

    Raises Refusal if a field is missing or has a wrong value. Its code is `code`, or "bad_"
    and the name of the field.

    expected : what must stand in each field of the Struct, as the sentences say it
    """
    try:
        return msgspec.convert(value, kind)
    except msgspec.ValidationError as error:
        raise _refusal(str(error), value, code, expected) from error
    except UnicodeEncodeError as error:  # JSON may escape half of a surrogate pair
        raise Refusal("The body holds a text that is not Unicode.", code="bad_json") from error


def _refusal(
    message: str, value: Any, code: str | None, expected: Mapping[str, object]
) -> Refusal:
    """msgspec's message as a sentence that names the field, its value and what is expected.

    The message ends with the path to the wrong value, such as `$.changes[3].label`.
    """
    path = re.findall(r"\.(\w+)|\[(\d+)\]", message.rpartition("`$")[2])
    missing = re.search(r"missing required field `(\w+)`", message)
    if missing and not path:
        path, value = [(missing[1], "")], {missing[1]: None}
        template = N_("'{field}' is missing; it must be {expected}.")
    elif not path[-1][0]:  # an element of a list
        template = N_("'{field}' holds {shown}; it must be {expected}.")
    else:
        template = N_("'{field}' is {shown}; it must be {expected}.")
    for key, index in path:
        value = value[key] if key else value[int(index)]
    fields = [key for key, _ in path if key]
    return Refusal(
        template,
        code=code or "bad_" + fields[0],
        field=fields[-1],
        shown=_shown(value),
        expected=expected[fields[-1]],
    )


def _shown(value: Any) -> Sentence | str:
    """A value as a sentence quotes it, however long it is."""
    if isinstance(value, dict):
        return Sentence("an object")
    if isinstance(value, list):
        return Sentence("a list of length {n}", n=len(value))
    text = json.dumps(value)[:40]
    if isinstance(value, str) and len(value) > 40:
        return Sentence("{text}, {n:,} characters", text=text, n=len(value))
    return text
