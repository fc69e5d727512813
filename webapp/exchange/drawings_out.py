"""Writes drawings to files: CSV for a spreadsheet, .npz in the shape of load_digits."""

import csv
import io
from collections.abc import Collection

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.ink import SIDE
from webapp.storage.tables import Drawing, Participant

PIXELS = [f"pixel_{i}_{j}" for i in range(SIDE) for j in range(SIDE)]  # as load_digits has it
COLUMNS = [
    *(
        "id",
        "participant",
        "held_out",
        "label",
        "predicted",
        "verdict",
        "certainty",
        "neighbours",
    ),
    *("version", "status", "created_at"),
    *PIXELS,
]

_FORMULA = ("=", "+", "-", "@", "\t", "\r")  # how a cell begins that a spreadsheet runs


def to_csv(session: Session, statuses: Collection[str] = Drawing.STATUSES) -> bytes:
    """The drawings of these statuses as a CSV file with COLUMNS.

    It holds the 64 pixels but not the picture as it was sent: a spreadsheet cuts off a cell
    of that length.
    """
    query = sa.select(Drawing, Participant.held_out).join(Participant)
    query = query.where(Drawing.status.in_(statuses)).order_by(Drawing.id)
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for drawing, held_out in session.execute(query.execution_options(yield_per=500)):
        values = [
            *(
                drawing.id,
                drawing.participant_id,
                int(held_out),
                drawing.label,
                drawing.predicted,
            ),
            *(drawing.verdict, drawing.certainty, drawing.neighbours, drawing.version_id),
            *(drawing.status, drawing.created_at.isoformat()),
            *drawing.pixels,
        ]
        writer.writerow([_cell(value) for value in values])
    return text.getvalue().encode()


def _cell(value: object) -> object:
    """The value, in quotes if a spreadsheet would run it as a formula.

    The server writes every text in these columns. Only a database that comes from elsewhere
    could hold another one.
    """
    return f"'{value}" if isinstance(value, str) and value.startswith(_FORMULA) else value


def to_npz(session: Session) -> bytes:
    """The approved drawings as an .npz file in the shape of load_digits.

    data (n, 64) and images (n, 8, 8), float 0..16, target (n,) int, target_names (10,), and
    groups (n,) int: the participants.
    """
    rows = session.execute(
        sa.select(Drawing.pixels, Drawing.label, Drawing.participant_id)
        .where(Drawing.status == Drawing.APPROVED)
        .order_by(Drawing.id)
    ).all()
    pixels = np.frombuffer(b"".join(row.pixels for row in rows), np.uint8)
    data = pixels.reshape(-1, SIDE * SIDE).astype(float)
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
