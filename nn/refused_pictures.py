"""Why a picture is refused."""

from nn.refusal import Refusal
from nn.words import Sentence


class PictureError(Refusal):
    """A picture that is refused; the message says why, and what to send instead."""


class NotAPicture(PictureError):
    """Not a picture file, or a damaged one."""

    code = "not_a_picture"


class PictureTooLarge(PictureError):
    """More bytes, pixels or work than the limits."""

    code = "picture_too_large"


class UnsupportedPicture(PictureError):
    """A picture of a kind that is not accepted."""

    code = "unsupported_picture"


def damaged() -> NotAPicture:
    return NotAPicture("The picture is damaged or cut short. Send it again.")


def too_slow(what: str, limit: int) -> PictureTooLarge:
    return PictureTooLarge(
        "The picture takes too long to decode: it has more than {limit:,} {what}. "
        "Save it again as an ordinary PNG or JPEG, or make it smaller.",
        what=Sentence(what),
        limit=limit,
    )


def animated(frames: int) -> UnsupportedPicture:
    return UnsupportedPicture(
        "The picture is animated, {frames} frames; send one with a single frame.",
        frames=frames,
    )
