"""How much is kept: of one participant and of the whole room. Every limit says so."""

import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.refusal import Refusal
from webapp.config import Settings
from webapp.storage.tables import Drawing, Participant, now

MAX_PICTURE = 256 * 2**10  # bytes of a picture that is kept; the draw page sends a few thousand
PER_MINUTE = 60  # drawings of one participant
_WINDOW = timedelta(minutes=1)
_COUNTED_EVERY = 1.0  # seconds


class Counted:
    """How many drawings are kept in all, and the bytes of their pictures.

    To count them takes longer the more there are, 15 ms for 200,000. So this counts once a
    second, and adds what this process keeps meanwhile.
    """

    def __init__(self) -> None:
        self._drawings = self._bytes = 0
        self._at = -_COUNTED_EVERY

    def kept(self, session: Session, is_exact: bool) -> tuple[int, int]:
        """Drawings and bytes; if not exact, without what others did in the last second."""
        if is_exact or time.monotonic() - self._at > _COUNTED_EVERY:
            counted = sa.select(sa.func.count(), sa.func.coalesce(sa.func.sum(Drawing.size), 0))
            self._drawings, self._bytes = session.execute(counted).one()
            self._at = time.monotonic()
        return self._drawings, self._bytes

    def add(self, number: int, size: int) -> None:
        """Add drawings that are being kept."""
        self._drawings, self._bytes = self._drawings + number, self._bytes + size


@dataclass(frozen=True)
class Limits:
    """How many drawings are kept."""

    each: int  # drawings of one participant
    drawings: int  # in all
    bytes: int  # of the pictures of all
    newcomers: int  # participants who send their first drawing within a minute
    counted: Counted = field(default_factory=Counted)


def from_settings(settings: Settings) -> Limits:
    """The limits as they are set."""
    return Limits(
        settings["max_drawings"],
        settings["max_room_drawings"],
        settings["max_room_mib"] * 2**20,
        settings["max_newcomers"],
    )


def check_picture(picture: bytes) -> None:
    """Raise Refusal if this picture is too large to be kept."""
    if len(picture) > MAX_PICTURE:
        raise Refusal(
            "The picture is larger than {limit} KiB, so it cannot be kept. Send a smaller one.",
            code="picture_too_large",
            limit=MAX_PICTURE // 2**10,
        )


def check_participant(session: Session, participant: Participant, limits: Limits) -> None:
    """Raise Refusal if as many drawings of this participant are kept as may be."""
    if number_kept(session, participant) >= limits.each:
        raise Refusal(
            "Thank you! {most} drawings of this device are kept, and no more are accepted.",
            code="too_many_drawings",
            most=limits.each,
        )


def check_room(session: Session, limits: Limits, number: int, size: int) -> None:
    """Raise Refusal if there is no room for so many more drawings, of so many bytes.

    What other processes keep within a second may come on top.
    """
    for is_exact in (False, True):
        drawings, taken = limits.counted.kept(session, is_exact)
        if drawings + number <= limits.drawings and taken + size <= limits.bytes:
            limits.counted.add(number, size)
            return
    raise Refusal(
        "No more drawings fit in here: {kept:,} are kept. The presenter can make room.",
        code="room_full",
        kept=drawings,
    )


def check_newcomers(session: Session, limits: Limits) -> None:
    """Raise Refusal if too many devices have begun to send drawings just now."""
    at = now()
    is_new = Participant.created_at.between(at - _WINDOW, at)
    has_sent = Participant.window_began.is_not(None)  # and did not come with a file
    query = sa.select(sa.func.count()).select_from(Participant).where(is_new, has_sent)
    if (session.scalar(query) or 0) >= limits.newcomers:
        raise Refusal(
            "More than {most} devices sent their first drawing within a minute. "
            "Wait a minute and send it again.",
            code="too_many_newcomers",
            most=limits.newcomers,
        )


def count_towards_rate(participant: Participant) -> None:
    """Count a drawing; Refusal if the participant sends too many a minute."""
    if not _is_within(participant.window_began):
        participant.window_began, participant.window_given = now(), 0
    if participant.window_given >= PER_MINUTE:
        raise Refusal(
            "At most {limit} drawings a minute are accepted. Wait a little.",
            code="too_fast",
            limit=PER_MINUTE,
        )
    participant.window_given += 1


def number_kept(session: Session, participant: Participant) -> int:
    """How many drawings of a participant are kept."""
    theirs = Drawing.participant_id == participant.id
    return session.scalar(sa.select(sa.func.count()).where(theirs)) or 0


def _is_within(began: datetime | None) -> bool:
    """Whether a minute that began then goes on. If it begins later, the clock was set back."""
    return began is not None and timedelta(0) <= now() - began <= _WINDOW
