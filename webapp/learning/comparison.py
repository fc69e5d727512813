"""How good versions are, measured on the same pictures."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from nn import people
from nn.network import SigmoidNetwork
from nn.report import Comparison, PictureSet, Report, held_out_digits
from webapp.learning import versions
from webapp.room import drawings
from webapp.storage.tables import ModelVersion


@dataclass(frozen=True)
class Measured:
    """A version, and its report on one set of pictures."""

    version: ModelVersion
    network: SigmoidNetwork
    report: Report

    @property
    def title(self) -> str:
        return f"Version {self.version.id}"

    @property
    def layers(self) -> list[int]:
        """Sizes of the layers."""
        return list(self.network.sizes)

    @property
    def neurons(self) -> int:
        """How many neurons look at the pixels."""
        return self.layers[1]

    @property
    def has_hidden(self) -> bool:
        return len(self.layers) > 2

    @property
    def certainty(self) -> float:
        """The mean of the largest probabilities, 0..1."""
        return float(self.report.certainty.mean())


def measured(session: Session, number: int, pictures: PictureSet) -> Measured:
    """The version of this number on these pictures; NoSuchVersion if there is none."""
    version = versions.version(session, number)
    model = versions.load(session, number)
    return Measured(version, model.network, Report(model, pictures))


def compared(
    session: Session, first: int, second: int
) -> list[tuple[Measured, Measured, Comparison]]:
    """Two versions, by number, on each of `picture_sets`."""
    found = []
    for pictures in picture_sets(session):
        a, b = (measured(session, number, pictures) for number in (first, second))
        found.append((a, b, Comparison(a.report, b.report)))
    return found


def picture_sets(session: Session) -> list[PictureSet]:
    """Drawings by people, and the held-out digits."""
    return [people_set(session), held_out_digits()]


def people_set(session: Session) -> PictureSet:
    """The drawings of the room's held-out people, or without any the sample that ships."""
    pixels, labels = drawings.held_out_set(session)
    if not len(labels):
        return people.sample()
    name = "drawings by held-out people"
    return PictureSet(name, pixels, labels, where="people it never met")


def is_sample(pictures: PictureSet) -> bool:
    """Whether these are the drawings that ship, not the room's."""
    return pictures is people.sample()


def outcome(session: Session, before: int | None, now: int) -> dict[str, Any]:
    """What the change from one live version to another brings, as JSON holds it.

    {"people": figures, "digits": figures}; see `figures`.
    """
    numbers = [number for number in (before, now) if number is not None]
    models = [versions.load(session, number) for number in numbers]
    sets = dict(zip(("people", "digits"), picture_sets(session)))
    return {
        about: figures([Report(model, pictures) for model in models])
        for about, pictures in sets.items()
    }


def figures(reports: Sequence[Report]) -> dict[str, Any]:
    """The figures of a version, or of two, the earlier one first, on the same pictures.

    name : of the pictures, in the plural; n : how many they are
    now, before : the accuracy, 0..1; None if there is no earlier version
    judgement : one of nn.report.JUDGEMENTS, or None; sentence : all of it in words
    """
    *earlier, now = reports
    found: dict[str, Any] = {
        "name": now.pictures.name,
        "n": now.n,
        "before": None,
        "now": now.accuracy,
        "judgement": None,
        "sentence": now.sentence,
    }
    for before in earlier:
        compared = Comparison(before, now)
        found |= {
            "before": before.accuracy,
            "judgement": compared.judgement,
            "sentence": compared.sentence,
        }
    return found
