"""The people whose drawings no version has learnt from: what versions are measured on first."""

from sqlalchemy.orm import Session

from nn import people
from nn.report import PictureSet
from nn.words import Sentence
from webapp.room import drawings


def of_the_room(session: Session) -> PictureSet | None:
    """The approved drawings of held-out people in the room; None if there are none."""
    pixels, labels = drawings.held_out_set(session)
    if not len(labels):
        return None
    name = Sentence("drawings by held-out people")
    return PictureSet(name, pixels, labels, where=Sentence("people it never met"))


def to_measure_on(session: Session) -> PictureSet:
    """The drawings of the room's held-out people, or without any the sample that ships."""
    return of_the_room(session) or people.sample()


def is_sample(pictures: PictureSet) -> bool:
    """Whether these are the drawings that ship, not the room's."""
    return pictures is people.sample()
