"""Reads uploaded .npz files of drawings, which are untrusted, and stores what is new.

A file with any invalid drawing is rejected whole. Imported drawings wait for approval, with
the live version's answer to them. A drawing that is already here is not stored again.
"""

import secrets
from collections import Counter, defaultdict
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from nn import npz
from nn.ink import MAX_INTENSITY, SIDE
from nn.refusal import Refusal
from nn.words import Sentence
from webapp.learning import versions
from webapp.room import drawings, pictures
from webapp.storage import audit
from webapp.storage.tables import Drawing

MAX_ROWS = 20_000
_CELLS = SIDE * SIDE
_MAX_UNPACKED = 64 * 2**20  # bytes; MAX_ROWS drawings take a third of it

_Group = int | str  # drawings of one group are by one person


@dataclass
class Imported:
    """What came of a file: drawings stored, drawings that were here already, people."""

    stored: int
    known: int
    people: int


def from_npz(session: Session, data: bytes) -> Imported:
    """Store the drawings of an .npz file in the shape of load_digits, all or none.

    The file needs `target`, and `data` or `images`. Each value in `groups`, if there is one,
    becomes a new participant.

    Raises Refusal, with the code bad_drawings, when the file holds anything else.
    """
    pixels, labels, groups = _read(data)
    # This takes a while. The session's first statement comes after it, because from then on
    # nobody else can write.
    neighbours = [drawings.nearest_digit(row) for row in pixels]
    fresh, people = _without_known(session, pixels, groups)
    for i in fresh:
        if groups[i] not in people:
            people[groups[i]] = drawings.new_participant(session).id
    if fresh:
        rows = _rows(session, pixels[fresh], labels[fresh], [neighbours[i] for i in fresh])
        owners = ({"participant_id": people[groups[i]]} for i in fresh)
        session.execute(sa.insert(Drawing), [row | owner for row, owner in zip(rows, owners)])
    stored, n_people = len(fresh), len({groups[i] for i in fresh})
    known = len(pixels) - stored
    audit.note(
        session,
        "Imported {stored} drawings by {people} people from a file; "
        "{known} others were already here.",
        stored=stored,
        people=n_people,
        known=known,
    )
    return Imported(stored, known, n_people)


def _without_known(
    session: Session, pixels: NDArray[np.uint8], groups: list[_Group]
) -> tuple[list[int], dict[_Group, int]]:
    """Which drawings are new, and which groups are participants here: {group: id}.

    A group is a participant if at least half of its drawings are theirs; less may be chance.
    pixels : (n, 64), 0..16
    """
    owners = defaultdict(list)
    for picture, owner in session.execute(sa.select(Drawing.pixels, Drawing.participant_id)):
        owners[picture].append(owner)
    fresh: list[int] = []
    shared: Counter[tuple[_Group, int]] = Counter()
    for i, row in enumerate(pixels):
        known = owners[row.tobytes()]
        if known:
            shared[groups[i], known.pop()] += 1
        else:
            fresh.append(i)
    sizes = Counter(groups)
    return fresh, {group: who for (group, who), n in shared.items() if 2 * n >= sizes[group]}


def _rows(
    session: Session,
    pixels: NDArray[np.uint8],
    labels: NDArray[np.int64],
    neighbours: list[int],
) -> list[dict[str, object]]:
    """Columns of Drawing, but for the participant, with the live version's answers.

    pixels : (n, 64), 0..16; labels : (n,), 0..9
    """
    number = versions.live(session).version_id
    answers = versions.load(session, number).judge(pixels, number)
    return [
        {
            "key": secrets.token_hex(16),
            "picture": pictures.digit_png(answer.pixels),
            "pixels": answer.pixels.tobytes(),
            "predicted": answer.digit,
            "verdict": answer.verdict,
            "certainty": answer.certainty,
            "neighbours": nearest,
            "version_id": number,
            "label": int(label),
            "status": Drawing.PENDING,
        }
        for answer, label, nearest in zip(answers, labels, neighbours)
    ]


def _read(data: bytes) -> tuple[NDArray[np.uint8], NDArray[np.int64], list[_Group]]:
    """The drawings of a file: pixels (n, 64), 0..16, labels (n,), 0..9, and n groups."""
    if not data.startswith(b"PK"):
        raise _refusal(
            "This is not an .npz file. Choose one, such as an export of the approved drawings. "
            "A CSV file cannot be imported."
        )
    try:
        arrays = npz.read(data, _MAX_UNPACKED)
    except npz.NpzError as error:
        raise _refusal(error.sentence) from error
    pixels = _pixels(arrays)
    return pixels, _labels(arrays, len(pixels)), _groups(arrays, len(pixels))


def _pixels(arrays: Mapping[str, NDArray]) -> NDArray[np.uint8]:
    """(n, 64), 0..16, n >= 1, none of them blank."""
    given = [arrays[name] for name in ("data", "images") if name in arrays]
    if not given or "target" not in arrays:
        raise _refusal("The file needs `target`, and `data` or `images`.")
    shapes = ((_CELLS,), (SIDE, SIDE))
    if any(array.ndim == 0 or array.shape[1:] not in shapes for array in given):
        raise _refusal("`data` must have the shape (n, 64), and `images` (n, 8, 8).")
    if any(len(array) > MAX_ROWS for array in given):
        raise _refusal("The file has more than {most:,} drawings. Split it.", most=MAX_ROWS)
    if any(array.dtype.kind not in "iuf" for array in given):
        raise _refusal("The pixels must be numbers.")
    first, last = (array.reshape(len(array), _CELLS) for array in (given[0], given[-1]))
    if not len(first):
        raise _refusal("There are no drawings in the file.")
    if not ((first >= 0) & (first <= MAX_INTENSITY)).all():
        raise _refusal("Every pixel must be a number from 0 to {most}.", most=MAX_INTENSITY)
    if not np.array_equal(first, last):
        raise _refusal("`data` and `images` are not the same pictures.")
    pixels = np.rint(first).astype(np.uint8)
    blank = np.flatnonzero(~pixels.any(axis=1))
    if len(blank):
        raise _refusal("Picture {number} is blank: all its pixels are 0.", number=blank[0])
    return pixels


def _labels(arrays: Mapping[str, NDArray], n: int) -> NDArray[np.int64]:
    """(n,), 0..9."""
    labels = arrays["target"]
    if labels.shape != (n,) or labels.dtype.kind not in "iuf":
        raise _refusal("`target` must be {n:,} digits, one for each picture.", n=n)
    if not np.isin(labels, np.arange(10)).all():
        raise _refusal("Every number in `target` must be a digit from 0 to 9.")
    return labels.astype(np.int64)


def _groups(arrays: Mapping[str, NDArray], n: int) -> list[_Group]:
    """One for each of n pictures; all are by the same person if the file does not say."""
    groups = arrays.get("groups", np.zeros(n, int))
    if groups.shape != (n,) or groups.dtype.kind not in "iuU":
        raise _refusal("`groups` must be {n:,} whole numbers, one for each picture.", n=n)
    return groups.tolist()


def _refusal(template: str | Sentence, **values: object) -> Refusal:
    return Refusal(template, code="bad_drawings", **values)
