"""Drawings that people gave: kept, moderated, withdrawn, and what the network may learn.

Nothing is kept of anybody but what stands in the tables Participant and Drawing. Functions that
change something take a session of `Database.writing`; they raise DrawingError, with a
sentence, when they refuse.
"""

import functools
import hashlib
import secrets
from datetime import timedelta

import numpy as np
import sqlalchemy as sa

from nn import digits
from webapp.storage import audit
from webapp.storage.tables import Drawing, Participant, now

MAX_PICTURE = 256 * 2**10  # bytes of a picture that is kept; the draw page sends a few thousand
MAX_KEY = 64  # characters
PER_MINUTE = 60  # drawings of one participant
TESTED = 5  # of as many participants the last is held out: four are to teach, at least
_NEIGHBOURS = 5
_WINDOW = timedelta(minutes=1)


class DrawingError(Exception):
    """What cannot be done with a drawing: an HTTP status, a code for programs, a sentence."""

    def __init__(self, status, code, message):
        super().__init__(message)
        self.status, self.code, self.message = status, code, message


def new_participant(session, token=None):
    """Somebody who has just agreed that drawings are kept."""
    number = session.scalar(sa.select(sa.func.count()).select_from(Participant))
    participant = Participant(
        token=token or secrets.token_urlsafe(24), held_out=(number + 1) % TESTED == 0
    )
    session.add(participant)
    session.flush()
    return participant


def known(session, token):
    """The participant of a token, also one who is blocked; None if there is none."""
    if not token or not token.isascii() or not token.isprintable():
        return None  # not every database takes such a text to look for
    return session.scalar(_by_token(token))


def token_of(device):
    """The token of somebody who became known by a device's number, a text."""
    return hashlib.sha256(device.encode()).hexdigest()


def giver(session, token, has_agreed, device=None):
    """Who gives a drawing; (Participant, whether the token is news to the device).

    token : what the device says it is; None if nothing
    has_agreed : whether it says that drawings may be kept; then an unknown one is made known
    device : text by the device's own choice, hard to guess, or None. It becomes the same
        participant each time: the answer to its first drawing may be lost on the way, and
        with it the token.

    Raises DrawingError if nobody has agreed, or if the participant is blocked. The
    participant's row stays locked until the session ends: one drawing at a time is counted.
    """
    found = token and known(session, token)
    if found:
        session.refresh(found, with_for_update=True)
        return _welcome(found), False
    own_token = device and token_of(device)
    found = own_token and session.scalar(_by_token(own_token).with_for_update())
    if found:
        return _welcome(found), True
    if not has_agreed and token:
        raise DrawingError(
            403, "unknown_participant", "This device is not known here. Agree again to go on."
        )
    if not has_agreed:
        raise DrawingError(
            403, "consent_missing", "Drawings are kept of those who agree. Send consent=true."
        )
    return new_participant(session, own_token), True


def _by_token(token):
    return sa.select(Participant).where(Participant.token == token)


def _welcome(participant):
    if participant.blocked:
        raise DrawingError(403, "blocked", "No further drawings are taken from this device.")
    return participant


def give(session, giver, key, picture, answer, neighbours, label, most):
    """Keep a drawing, or correct the label of one that is kept; (Drawing, whether it is new).

    giver : Participant
    key : str of up to MAX_KEY characters, chosen by the sender: the same drawing sent again
        has the same
    picture : bytes as they were sent, up to MAX_PICTURE
    answer : the nn.model.Answer to it
    neighbours : what `nearest_digit` found for it
    label : int 0..9
    most : how many drawings are kept of one participant
    """
    kept = session.scalar(
        sa.select(Drawing).where(Drawing.participant_id == giver.id, Drawing.key == key)
    )
    if kept:
        _correct(kept, answer, label)
        return kept, False
    if answer.is_blank:
        raise DrawingError(422, "blank", "There is nothing drawn on the picture.")
    if len(picture) > MAX_PICTURE:
        raise DrawingError(
            413,
            "picture_too_large",
            f"A picture that is kept has at most {MAX_PICTURE:,} bytes.",
        )
    if given(session, giver) >= most:
        raise DrawingError(
            429,
            "too_many_drawings",
            f"Thank you! {most} drawings of this device are kept, the most that are taken.",
        )
    _count_towards_rate(giver)
    drawing = Drawing(
        participant_id=giver.id,
        key=key,
        picture=picture,
        pixels=answer.pixels.tobytes(),
        said=answer.digit,
        verdict=answer.verdict,
        certainty=answer.certainty,
        neighbours=neighbours,
        version_id=answer.version,
        label=label,
    )
    session.add(drawing)
    session.flush()
    return drawing, True


def _correct(drawing, answer, label):
    """Take over the label that is sent now, as long as nobody has checked the drawing."""
    if drawing.pixels != answer.pixels.tobytes():
        raise DrawingError(
            409, "key_reused", "Another drawing has this key. Use a new key for each drawing."
        )
    if label == drawing.label:
        return
    if drawing.status != Drawing.PENDING:
        raise DrawingError(
            409,
            "already_checked",
            f"The presenter has checked this drawing; it stays a {drawing.label}.",
        )
    drawing.label = label


def _count_towards_rate(giver):
    if giver.window_began is None or now() - giver.window_began > _WINDOW:
        giver.window_began, giver.window_given = now(), 0
    if giver.window_given >= PER_MINUTE:
        raise DrawingError(
            429, "too_fast", f"At most {PER_MINUTE} drawings a minute. Wait a little."
        )
    giver.window_given += 1


def given(session, giver):
    """How many drawings of a participant are kept."""
    return session.scalar(sa.select(sa.func.count()).where(Drawing.participant_id == giver.id))


def withdraw(session, giver):
    """Remove all drawings of a participant, from the training pool as well; how many."""
    removed = session.execute(sa.delete(Drawing).where(Drawing.participant_id == giver.id))
    if removed.rowcount:
        audit.note(session, f"A participant withdrew {removed.rowcount} drawings.")
    return removed.rowcount


def teaching_set(session):
    """What the network may learn from the room: pixels (n, 64) uint8 0..16, labels (n,) int.

    The approved drawings of all participants who are not held out.
    """
    return _approved(session, held_out=False)


def held_out_set(session):
    """What learning is measured on: the approved drawings of held-out participants."""
    return _approved(session, held_out=True)


def _approved(session, held_out):
    rows = session.execute(
        sa.select(Drawing.pixels, Drawing.label)
        .join(Participant)
        .where(Drawing.status == Drawing.APPROVED, Participant.held_out == held_out)
        .order_by(Drawing.id)
    ).all()
    pixels = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8).reshape(-1, 64)
    return pixels, np.array([row.label for row in rows], int)


def nearest_digit(pixels):
    """The digit that most of the five nearest of scikit-learn's digits are; pixels (64,)."""
    known, labels = _known_digits()
    distances = np.square(known - pixels.astype(np.int32)).sum(axis=1)
    nearest = labels[np.argsort(distances, kind="stable")[:_NEIGHBOURS]]
    return int(np.bincount(nearest).argmax())


@functools.cache
def _known_digits():
    pixels, labels = digits.load()
    return pixels.astype(np.int32), labels
