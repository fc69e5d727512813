"""What each version makes of each drawing: the table Reading.

A drawing keeps the answer that its participant got, for good: `Drawing.predicted`. A reading is
what one version, the live one or another, makes of it. `webapp.learning.rereading` adds those
that are missing. Readings are deleted with their drawing.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from nn.model import Answer
from webapp.storage.tables import Drawing, Reading


def columns(drawing_id: int, answer: Answer) -> dict[str, Any]:
    """The columns of Reading for a version's answer; its `version` must be known."""
    return {
        "drawing_id": drawing_id,
        "version_id": answer.version,
        "predicted": answer.digit,
        "verdict": answer.verdict,
        "certainty": answer.certainty,
        "probabilities": answer.probabilities.astype(np.float32).tobytes(),
    }


def unread(session: Session, version: int, most: int) -> Sequence[sa.Row[int, bytes]]:
    """(id, pixels) of kept drawings that a version has not read yet, of any status."""
    is_read = sa.exists().where(Reading.drawing_id == Drawing.id, Reading.version_id == version)
    query = sa.select(Drawing.id, Drawing.pixels).where(~is_read)
    return session.execute(query.order_by(Drawing.id).limit(most)).all()


def by_version(
    session: Session, version: int, drawings: Iterable[Drawing]
) -> dict[int, Reading | Drawing]:
    """What a version makes of drawings, by their ids.

    Each value has `predicted`, `verdict` and `certainty`. It is the Reading, or as long as
    there is none the drawing itself, with the answer that its participant got.
    """
    found: dict[int, Reading | Drawing] = {drawing.id: drawing for drawing in drawings}
    query = sa.select(Reading).where(
        Reading.version_id == version, Reading.drawing_id.in_(list(found))
    )
    found.update((reading.drawing_id, reading) for reading in session.scalars(query))
    return found


def predicted_by(version: int) -> tuple[sa.ColumnElement[int], sa.ColumnElement[bool]]:
    """What a version predicts for the Drawing of a query, which joins Reading on a condition.

    Returns that column and the condition. As long as there is no reading, it is what the
    participant was told:

        predicted, on = readings.predicted_by(version)
        sa.select(Drawing.label, predicted).join(Reading, on, isouter=True)
    """
    on = (Reading.drawing_id == Drawing.id) & (Reading.version_id == version)
    return sa.func.coalesce(Reading.predicted, Drawing.predicted), on
