"""How good versions are, measured on the same pictures."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy.orm import Session

from nn.model import Model
from nn.network import SigmoidNetwork
from nn.people import sample
from nn.report import BETTER, WORSE, Comparison, PictureSet, Report, held_out_digits
from nn.words import Sentence
from webapp.learning import people, versions
from webapp.storage.tables import ModelVersion

CLEAR_LOSS = 0.02  # of the accuracy. Quick, which learns one new thing, forgets a point


@dataclass(frozen=True)
class Measured:
    """A version, and its report on one set of pictures."""

    version: ModelVersion
    network: SigmoidNetwork
    report: Report

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
    return [people.to_measure_on(session), held_out_digits()]


def outcome(session: Session, before: int | None, now: Model) -> dict[str, Any]:
    """What changes from a version, by number, to a model, as JSON holds it.

    {"people": figures, "digits": figures}; see `figures`. Without an earlier version, or if it
    was deleted, there are only the figures of `now`.
    """
    people_and_digits = picture_sets(session)
    return _outcome(
        _reports(_loaded(session, before), people_and_digits), now, people_and_digits
    )


def against_live(session: Session, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """The `outcome` of making each of these versions live: {number: outcome}."""
    people_and_digits = picture_sets(session)
    live = versions.load(session, versions.live(session).version_id)
    before = _reports(live, people_and_digits)
    return {n: _outcome(before, versions.load(session, n), people_and_digits) for n in numbers}


def _outcome(
    before: list[Report] | None, now: Model, people_and_digits: list[PictureSet]
) -> dict[str, Any]:
    reports = [Report(now, pictures) for pictures in people_and_digits]
    found = [figures(*pair) for pair in zip(before or (None, None), reports, strict=True)]
    return dict(zip(("people", "digits"), found))


def doubts(session: Session, number: int) -> list[Sentence]:
    """Sentences that say why a version should not go live; none if it is not clearly worse.

    What the room's people show counts first, then the sample, then the digits.
    """
    numbers = versions.live(session).version_id, number
    live, chosen = (_loaded(session, n) for n in numbers)
    if live is None or chosen is None:
        return []
    room = people.of_the_room(session)
    sets = [*([room] if room else []), sample(), held_out_digits()]
    found = [figures(Report(live, pictures), Report(chosen, pictures)) for pictures in sets]
    return [each["sentence"] for each in found] if is_clearly_worse(found) else []


def is_clearly_worse(found: Iterable[dict[str, Any]]) -> bool:
    """Whether figures of several sets of pictures, most important first, speak against it.

    The first of them that shows a clear difference decides.
    """
    for each in found:
        if each["judgement"] == BETTER:
            return False
        if each["judgement"] == WORSE and each["before"] - each["now"] >= CLEAR_LOSS:
            return True
    return False


def figures(before: Report | None, now: Report) -> dict[str, Any]:
    """The figures of a model, and of an earlier one if there is one, on the same pictures.

    name : of the pictures, in the plural; n : how many they are
    now, before : the accuracy, 0..1; None if there is no earlier model
    judgement : one of nn.report.JUDGEMENTS, or None; sentence : all of it in words
    """
    found: dict[str, Any] = {"name": now.pictures.name, "n": now.n, "now": now.accuracy}
    if before is None:
        return found | {"before": None, "judgement": None, "sentence": now.sentence}
    compared = Comparison(before, now)
    return found | {
        "before": before.accuracy,
        "judgement": compared.judgement,
        "sentence": compared.sentence,
    }


def _reports(model: Model | None, sets: Iterable[PictureSet]) -> list[Report] | None:
    return [Report(model, pictures) for pictures in sets] if model else None


def _loaded(session: Session, number: int | None) -> Model | None:
    """The model of a version; None if there is none, or no longer."""
    try:
        return versions.load(session, number or 0)
    except versions.NoSuchVersion:
        return None
