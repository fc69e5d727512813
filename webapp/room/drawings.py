"""People's drawings: kept, withdrawn, and what the network may learn from them.

Nothing about a person is stored outside the tables Participant and Drawing. Functions that
change something take a session of `Database.writing`. They raise Refusal, with a sentence.
"""

import hashlib
import secrets

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from nn import neighbours
from nn.model import Answer
from nn.refusal import Refusal
from nn.verdict import with_article
from webapp.room import limits, readings
from webapp.room.limits import Limits
from webapp.storage import audit
from webapp.storage.tables import Drawing, Participant, Reading

TESTED = 5  # one participant in five is held out for testing
_NEIGHBOURS = 5


def new_participant(session: Session, token: str | None = None) -> Participant:
    """Add a participant, who has just agreed that drawings are kept."""
    participant = Participant(token=token or secrets.token_urlsafe(24))
    session.add(participant)
    session.flush()
    participant.held_out = participant.id % TESTED == 0
    return participant


def known(session: Session, token: str | None, to_change: bool = False) -> Participant | None:
    """The participant with this token, also a blocked one; None if there is none.

    to_change : whether to change its drawings. Then it is this session's until it ends: the
        owner that `Database.writing` was told may be another one, for a participant is known
        by its token or by a device, and can name many devices.
    """
    if not token or not token.isascii() or not token.isprintable():
        return None  # some databases refuse such a text in a query
    query = sa.select(Participant).where(Participant.token == token)
    return session.scalar(query.with_for_update() if to_change else query)


def token_of(device: str) -> str:
    """The token of a participant who is known by a device's number."""
    return hashlib.sha256(device.encode()).hexdigest()


def participant_of(
    session: Session, token: str | None, has_agreed: bool, device: str | None = None
) -> tuple[Participant, bool]:
    """The participant who sends a drawing, and whether the device needs its token.

    token : the token that the device sends, if it has one
    has_agreed : whether the device sends consent; an unknown one then becomes a participant
    device : a number that the device has chosen at random, or None. The same number always
        leads to the same participant: the answer to a first drawing may be lost on its way,
        and the token with it.

    Raises Refusal if nobody has agreed, or if the participant is blocked.
    """
    found = known(session, token, to_change=True)
    if found:
        return _not_blocked(found), False
    own_token = token_of(device) if device else None
    found = known(session, own_token, to_change=True)
    if found:
        return _not_blocked(found), True
    if not has_agreed and token:
        raise Refusal(
            "This device is not known here. Agree again to go on.", code="unknown_participant"
        )
    if not has_agreed:
        raise Refusal(
            "Drawings are kept only with consent. Send consent=true.", code="consent_missing"
        )
    return new_participant(session, own_token), True


def _not_blocked(participant: Participant) -> Participant:
    if participant.blocked:
        raise Refusal("No further drawings are accepted from this device.", code="blocked")
    return participant


def keep(
    session: Session,
    participant: Participant,
    key: str,
    picture: bytes,
    answer: Answer,
    neighbours: int,
    label: int,
    most: Limits,
) -> tuple[Drawing, bool]:
    """Keep a drawing, or correct the label of a kept one; (Drawing, whether it is new).

    key : text of up to 64 characters, chosen by the sender. The same drawing sent again has
        the same key.
    picture : the file that was sent, up to limits.MAX_PICTURE bytes
    answer : the live version's answer to it
    neighbours : what `nearest_digit` found for it
    label : 0..9
    most : how many drawings are kept
    """
    found = session.scalar(
        sa.select(Drawing).where(Drawing.participant_id == participant.id, Drawing.key == key)
    )
    if found:
        _correct_same(found, answer, label)
        return found, False
    _check_new(session, participant, answer, picture, most)
    drawing = Drawing(
        participant_id=participant.id,
        key=key,
        picture=picture,
        pixels=answer.pixels.tobytes(),
        predicted=answer.digit,
        verdict=answer.verdict,
        certainty=answer.certainty,
        neighbours=neighbours,
        version_id=answer.version,
        label=label,
    )
    session.add(drawing)
    session.flush()
    session.add(Reading(**readings.columns(drawing.id, answer)))
    return drawing, True


def _correct_same(drawing: Drawing, answer: Answer, label: int) -> None:
    """Take over the label that is sent now with the same drawing."""
    if drawing.pixels != answer.pixels.tobytes():
        raise Refusal(
            "Another drawing has this key. Use a new key for each drawing.", code="key_reused"
        )
    correct(drawing, label)


def correct(drawing: Drawing, label: int) -> None:
    """Change the label, 0..9; Refusal if the presenter has checked the drawing."""
    if label == drawing.label:
        return
    if drawing.status != Drawing.PENDING:
        raise Refusal(
            "The presenter has checked this drawing. It stays {label}.",
            code="already_checked",
            label=with_article(drawing.label),
        )
    drawing.label = label


def _check_new(
    session: Session,
    participant: Participant,
    answer: Answer,
    picture: bytes,
    most: Limits,
) -> None:
    """Raise Refusal if this drawing cannot be kept."""
    if answer.is_blank:
        raise Refusal("There is nothing drawn on the picture.", code="blank")
    limits.check_picture(picture)
    limits.check_participant(session, participant, most)
    limits.check_room(session, most, 1, len(picture))
    if participant.window_began is None:
        limits.check_newcomers(session, most)
    limits.count_towards_rate(participant)


def withdraw(session: Session, participant: Participant) -> int:
    """Delete all drawings of a participant, also those to learn from; how many there were."""
    theirs = Drawing.participant_id == participant.id
    # In this order, as rereading locks them, or each could wait for the other.
    ids = sa.select(Drawing.id).where(theirs).order_by(Drawing.id).with_for_update()
    removed = len(session.scalars(ids).all())
    session.execute(sa.delete(Drawing).where(theirs))
    if removed:
        audit.note(session, "A participant withdrew {count} drawings.", count=removed)
    return removed


def teaching_set(session: Session) -> tuple[NDArray[np.uint8], NDArray[np.int_]]:
    """What the network may learn from: pixels (n, 64) 0..16 and labels (n,) 0..9.

    These are the approved drawings of all participants who are not held out.
    """
    return _approved(session, held_out=False)


def held_out_set(session: Session) -> tuple[NDArray[np.uint8], NDArray[np.int_]]:
    """What versions are measured on: the approved drawings of held-out participants."""
    return _approved(session, held_out=True)


def _approved(session: Session, held_out: bool) -> tuple[NDArray[np.uint8], NDArray[np.int_]]:
    rows = session.execute(
        sa.select(Drawing.pixels, Drawing.label)
        .join(Participant)
        .where(Drawing.status == Drawing.APPROVED, Participant.held_out == held_out)
        .order_by(Drawing.id)
    ).all()
    pixels = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8).reshape(-1, 64)
    return pixels, np.array([row.label for row in rows], int)


def nearest_digit(pixels: NDArray[np.uint8]) -> int:
    """The digit of most of the five nearest of scikit-learn's digits; pixels (64,), 0..16."""
    rows, _ = neighbours.nearest(pixels, _NEIGHBOURS)
    return int(np.bincount(neighbours.known()[1][rows]).argmax())
