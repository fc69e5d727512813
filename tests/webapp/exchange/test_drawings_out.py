import csv
import io

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.support.given import give
from webapp.exchange import drawings_out
from webapp.room import drawings
from webapp.storage.tables import Drawing, Participant


@pytest.fixture
def room(database):
    """A session that writes, with nine drawings by three people, the second held out."""
    with database.writing() as session:
        people = [drawings.new_participant(session) for _ in range(3)]
        people[1].held_out = True
        for n in range(9):
            status = Drawing.STATUSES[n % 3] if n < 6 else Drawing.APPROVED
            give(session, n, (n * 3) % 10, status, people[n // 3])
        yield session


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def test_csv_has_a_row_for_each_drawing_and_never_a_token(room):
    room.get(Drawing, 2).predicted = None
    data = drawings_out.to_csv(room)
    first, second, *_ = found = table(data)
    assert list(first) == drawings_out.COLUMNS
    assert len(found) == 9
    drawing = room.get(Drawing, 1)
    assert [int(first[name]) for name in drawings_out.PIXELS] == list(drawing.pixels)
    assert first["created_at"] == drawing.created_at.isoformat()
    assert (second["predicted"], second["label"], second["status"]) == ("", "1", "approved")
    assert [row["held_out"] for row in found] == [*"000111000"]
    for person in room.query(Participant):
        assert person.token.encode() not in data
    assert [row["label"] for row in table(drawings_out.to_csv(room, ["pending"]))] == ["0", "3"]


@pytest.mark.parametrize("sign", ["=", "+", "-", "@", "\t", "\r"])
def test_no_cell_of_the_csv_is_run_as_a_formula(room, sign):
    room.get(Drawing, 1).verdict = f"{sign}1+1"
    assert table(drawings_out.to_csv(room))[0]["verdict"] == f"'{sign}1+1"


def test_npz_has_the_shape_of_load_digits(room):
    ours, theirs = np.load(io.BytesIO(drawings_out.to_npz(room))), load_digits()
    for name in ("data", "images", "target", "target_names"):
        assert ours[name].dtype == theirs[name].dtype, name
        assert ours[name].shape[1:] == theirs[name].shape[1:], name
    approved = room.query(Drawing).filter_by(status=Drawing.APPROVED).order_by(Drawing.id).all()
    assert ours["target"].tolist() == [d.label for d in approved] == [1, 4, 6, 7, 8]
    assert ours["groups"].tolist() == [1, 2, 3, 3, 3]
    np.testing.assert_array_equal(ours["data"], [list(d.pixels) for d in approved])
    np.testing.assert_array_equal(ours["images"].reshape(-1, 64), ours["data"])
