"""What a model was trained on, in words: model files hold the English text."""

import re

from nn.words import Sentence

# As `described` says it, in English.
_DESCRIBED = re.compile(
    r"(?P<digits>\d+) of scikit-learn's digits"
    r"(, (?P<written>\d+) pictures of handwriting)?"
    r"( and (?P<room>\d+) of the room's drawings \((?P<share>[\d.e-]+) of every mini-batch\))?"
    r"(?P<warm>, continuing from an earlier model and averaged with it)?",
    re.ASCII,
)


def described(n_digits: int, written: int, room: int, share: str, warm: bool) -> Sentence:
    """The data of a training.

    n_digits, written, room : how many of scikit-learn's digits, of pictures of handwriting and
        of the room's drawings
    share : of the room's drawings in every mini-batch, 0..1
    warm : whether it continued from an earlier model
    """
    data = Sentence("{number} of scikit-learn's digits", number=n_digits)
    if written:
        data = Sentence("{data}, {number} pictures of handwriting", data=data, number=written)
    if room:
        data = Sentence(
            "{data} and {number} of the room's drawings ({share} of every mini-batch)",
            data=data,
            number=room,
            share=share,
        )
    if warm:
        data = Sentence(
            "{data}, continuing from an earlier model and averaged with it", data=data
        )
    return data


def recognised(text: str) -> Sentence:
    """The Sentence behind the text in a model file; another text is shown as it is."""
    found = _DESCRIBED.fullmatch(text)
    if not found:
        return Sentence.as_is(text)
    digits, written, room = (int(found[each] or 0) for each in ("digits", "written", "room"))
    return described(digits, written, room, found["share"] or "", bool(found["warm"]))
