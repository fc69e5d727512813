"""How good versions are, measured on the same pictures."""

from dataclasses import dataclass

from sqlalchemy.orm import Session

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
    """Drawings by held-out people, if there are any, and the held-out digits."""
    pixels, labels = drawings.held_out_set(session)
    people = [PictureSet("drawings by held-out people", pixels, labels)] if len(labels) else []
    return [*people, held_out_digits()]
