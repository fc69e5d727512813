"""Drawings as files: a CSV that holds all of them, an .npz in the shape of load_digits.

A CSV brings drawings back as they were. An .npz, and a CSV that says no more than labels and
pixels, gives drawings that wait in the queue, with what the live version says of them. A
drawing that is here already is not stored again.
"""

import base64
import csv
import io
import secrets
from collections import Counter, defaultdict
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa

from nn.ink import SIDE
from webapp.exchange.file_rows import (
    ANSWER,
    CELLS,
    PIXELS,
    ExchangeError,
    rows_of_csv,
    rows_of_npz,
)
from webapp.learning import versions
from webapp.room import drawings, pictures
from webapp.storage import audit
from webapp.storage.tables import Drawing, ModelVersion, Participant, Setting, now

COLUMNS = [
    *("id", "participant", "held_out", "label", *ANSWER, "version", "status", "created_at"),
    *PIXELS,
    "picture",
]


@dataclass
class Imported:
    """What came of a file: drawings stored, drawings that were here already, people."""

    stored: int
    known: int
    people: int


def to_csv(session, status=None, with_pictures=True, after=0):
    """All drawings, or those of one status, as the bytes of a CSV file with COLUMNS.

    The pictures as they were sent take most of the room; the column stays empty without them.
    Only drawings with numbers above `after` are in it.
    """
    query = sa.select(Drawing, Participant.held_out, Drawing.picture).join(Participant)
    query = query.where(Drawing.id > after)
    if status:
        query = query.where(Drawing.status == status)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    rows = session.execute(query.order_by(Drawing.id).execution_options(yield_per=500))
    for drawing, held_out, picture in rows:
        writer.writerow(
            [
                *(drawing.id, drawing.participant_id, int(held_out), drawing.label),
                *(getattr(drawing, name) for name in ANSWER),
                *(drawing.version_id, drawing.status, drawing.created_at.isoformat()),
                *drawing.pixels,
                base64.b64encode(picture).decode() if with_pictures else "",
            ]
        )
    return text.getvalue().encode()


def to_npz(session):
    """The approved drawings as the bytes of an .npz in the shape of load_digits.

    data (n, 64) and images (n, 8, 8), float 0..16, target (n,) int, target_names (10,), and
    groups (n,) int: the participants.
    """
    rows = session.execute(
        sa.select(Drawing.pixels, Drawing.label, Drawing.participant_id)
        .where(Drawing.status == Drawing.APPROVED)
        .order_by(Drawing.id)
    ).all()
    pixels = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8)
    data = pixels.reshape(-1, CELLS).astype(float)
    buffer = io.BytesIO()
    np.savez_compressed(
        buffer,
        data=data,
        images=data.reshape(-1, SIDE, SIDE),
        target=np.array([row.label for row in rows], np.int64),
        target_names=np.arange(10),
        groups=np.array([row.participant_id for row in rows], np.int64),
    )
    return buffer.getvalue()


def from_csv(session, data):
    """Store the drawings of a CSV file, bytes, all or none: an Imported.

    `label` and the columns of PIXELS must be there; `id` and unknown ones are not read. Each
    `participant` of the file is a new participant here.

    Raises ExchangeError when a row is wrong.
    """
    return _store(session, rows_of_csv(data))


def from_npz(session, data):
    """Store the drawings of an .npz file in the shape of load_digits, all or none: an Imported.

    `target` and `data` or `images` must be there; each of `groups`, if that is there, is a new
    participant. All drawings are pending.

    Raises ExchangeError when the file holds something else.
    """
    return _store(session, rows_of_npz(data))


def _store(session, rows):
    """Add what is not here yet, and one line to the log."""
    unanswered = _prepared(rows)
    # Imports take turns, also where a database lets several write at once.
    session.execute(sa.select(Setting.name).with_for_update())
    _forget_unknown_versions(session, rows)
    _answer(session, unanswered)
    fresh, people = _without_known(session, rows)
    for row in fresh:
        if row.group not in people:
            person = drawings.new_participant(session)
            person.held_out = person.held_out if row.held_out is None else row.held_out
            people[row.group] = person.id
    if fresh:
        session.flush()
        session.execute(sa.insert(Drawing), [_values(r, people[r.group]) for r in fresh])
    found = Imported(len(fresh), len(rows) - len(fresh), len({row.group for row in fresh}))
    audit.note(
        session,
        f"Imported {found.stored} drawings of {found.people} people from a file; "
        f"{found.known} more were here already.",
    )
    return found


def _prepared(rows):
    """The rows without an answer, up to the point where the database is needed.

    What takes its time is done here: nobody else can write after the session's first word.
    """
    if not rows:
        raise ExchangeError("There are no drawings in the file.")
    _check_held_out(rows)
    unanswered = [row for row in rows if row.answer is None]
    for row in unanswered:
        row.answer = {"neighbours": drawings.nearest_digit(np.frombuffer(row.pixels, np.uint8))}
    return unanswered


def _check_held_out(rows):
    said = {}
    for row in rows:
        if said.setdefault(row.group, row.held_out) != row.held_out:
            raise ExchangeError(
                f"Participant {str(row.group)[:40]!r} is held out in some rows, not in others."
            )


def _without_known(session, rows):
    """The rows that are not here yet, and the participants who go on here: {group: id}.

    A drawing is known by its pixels and, if the file tells it, the microsecond it was given.
    A group of which at least half is known is that participant; less may be chance.
    """
    known = defaultdict(list)
    columns = sa.select(Drawing.pixels, Drawing.created_at, Drawing.participant_id)
    for pixels, created_at, person in session.execute(columns):
        known[pixels, created_at].append(person)
        known[pixels, None].append(person)
    fresh, seen = [], Counter()
    for row in rows:
        here = known[row.pixels, row.created_at]
        if here:
            seen[row.group, here.pop()] += 1
        else:
            fresh.append(row)
    sizes = Counter(row.group for row in rows)
    people = {group: who for (group, who), n in seen.items() if 2 * n >= sizes[group]}
    return fresh, people


def _forget_unknown_versions(session, rows):
    """A version that there is not here cannot be referred to."""
    there = set(session.scalars(sa.select(ModelVersion.id)))
    for row in rows:
        if row.version not in there:
            row.version = None


def _answer(session, rows):
    """Fill in what the live version says of the rows."""
    if not rows:
        return
    number = versions.live(session).version_id
    model = versions.load(session, number)
    pixels = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8).reshape(-1, CELLS)
    for row, answer in zip(rows, model.judge(pixels)):
        row.version = number
        row.answer |= {
            "said": answer.digit,
            "verdict": answer.verdict,
            "certainty": answer.certainty,
        }


def _values(row, person):
    """A row of the table."""
    return {
        **row.answer,
        "participant_id": person,
        "key": secrets.token_hex(16),
        "picture": row.picture or pictures.digit_png(list(row.pixels)),
        "pixels": row.pixels,
        "label": row.label,
        "version_id": row.version,
        "status": row.status,
        "created_at": row.created_at or now(),
    }
