import io
import zipfile

import numpy as np
import pytest
from sklearn.datasets import load_digits

from nn.refusal import Refusal
from webapp.exchange import drawings_in, drawings_out
from webapp.storage.tables import AuditEntry, Drawing, Participant


@pytest.fixture
def fresh(database):
    """A session that writes to a fresh database."""
    with database.writing() as session:
        yield session


def stored(session):
    return session.query(Drawing).count(), session.query(Participant).count()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def digits(n=20, **changed):
    data, target = load_digits(return_X_y=True)
    return npz(**{"data": data[:n], "target": target[:n], **changed})


def test_imported_drawings_wait_with_the_answer_of_the_live_version(fresh):
    found = drawings_in.from_npz(fresh, digits(50, groups=np.arange(50) // 20))
    assert (found.stored, found.known, found.people) == (50, 0, 3)
    kept = fresh.query(Drawing).all()
    assert {d.status for d in kept} == {"pending"}
    assert sum(d.is_right for d in kept) >= 48
    assert {d.version_id for d in kept} == {1}
    assert sum(d.neighbours == d.label for d in kept) >= 49
    assert all(d.picture.startswith(b"\x89PNG") for d in kept)


def test_export_comes_back_by_import(fresh):
    drawings_in.from_npz(fresh, digits(12, groups=np.arange(12) // 4))
    for drawing in fresh.query(Drawing):
        drawing.status = Drawing.APPROVED
    fresh.flush()
    data = drawings_out.to_npz(fresh)
    again = drawings_in.from_npz(fresh, data)
    assert (again.stored, again.known, again.people) == (0, 12, 0)
    # What is missing is stored again, and goes to the person whose other drawings are here.
    fresh.delete(fresh.get(Drawing, 7))
    fresh.flush()
    assert drawings_in.from_npz(fresh, data).stored == 1
    assert stored(fresh) == (12, 3)
    assert fresh.query(Drawing).order_by(Drawing.id.desc()).first().participant_id == 2


def test_one_picture_that_somebody_here_has_drawn_too_makes_nobody_the_same(fresh):
    drawings_in.from_npz(fresh, digits(1))
    assert drawings_in.from_npz(fresh, digits(4)).stored == 3
    assert stored(fresh) == (4, 2)


def test_two_equal_drawings_of_a_file_are_both_stored(fresh):
    data = np.tile(load_digits().data[:1], (3, 1))
    assert drawings_in.from_npz(fresh, npz(data=data, target=[0, 0, 0])).stored == 3
    assert drawings_in.from_npz(fresh, npz(data=data, target=[0, 0, 0])).stored == 0


@pytest.mark.parametrize("kind", ["images", "both", "uint8", "text groups"])
def test_npz_may_come_in_several_forms(fresh, kind):
    data, target = load_digits(return_X_y=True)
    data, target = data[:5], target[:5]
    images = data.reshape(-1, 8, 8)
    forms = {
        "images": {"images": images, "target": target},
        "both": {"images": images, "data": data, "target": target.astype(float)},
        "uint8": {"data": data.astype(np.uint8), "target": target},
        "text groups": {"data": data, "target": target, "groups": list("aabbb")},
    }
    assert drawings_in.from_npz(fresh, npz(**forms[kind])).stored == 5


def bomb():
    """A small file that unpacks to a hundred MiB."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.npy", bytes(100 * 2**20))
    return buffer.getvalue()


def claimed():
    """A few bytes that say that they are ten million rows."""
    header = {"descr": "<f8", "fortran_order": False, "shape": (10_000_000, 64)}
    array, buffer = io.BytesIO(), io.BytesIO()
    np.lib.format.write_array_header_1_0(array, header)
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("data.npy", array.getvalue())
        archive.writestr("target.npy", array.getvalue())
    return buffer.getvalue()


DATA = load_digits().data[:20]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"label,pixel_0_0\n7,16", "A CSV file cannot be imported."),
        (b"PK\x03\x04" + bytes(500), "not a complete .npz file"),
        (digits()[:-30], "not a complete .npz file"),
        (bomb(), "larger than 64 MiB"),
        (claimed(), "not a complete .npz file"),
        (digits(target=np.array([None] * 20)), "not a complete .npz file"),
        (digits(0), "no drawings in the file"),
        (npz(data=DATA), "`target`"),
        (npz(target=[1]), "`data` or `images`"),
        (digits(data=DATA[:, :63]), "(n, 64)"),
        (digits(data=DATA[0]), "(n, 64)"),
        (digits(data=np.float64(3)), "(n, 64)"),
        (digits(images=DATA.reshape(-1, 4, 16)), "(n, 8, 8)"),
        (digits(images=16 - DATA.reshape(-1, 8, 8)), "not the same pictures"),
        (digits(data=DATA.astype(str)), "must be numbers"),
        (digits(data=DATA.astype(complex)), "must be numbers"),
        (digits(data=DATA > 3), "must be numbers"),
        (digits(data=DATA + 1), "from 0 to 16"),
        (digits(data=DATA - 1), "from 0 to 16"),
        (digits(data=DATA * np.nan), "from 0 to 16"),
        (digits(data=DATA * 0), "Picture 0 is blank"),
        (digits(target=np.arange(20)), "a digit from 0 to 9"),
        (digits(target=np.full(20, 1.5)), "a digit from 0 to 9"),
        (digits(target=np.full(20, np.nan)), "a digit from 0 to 9"),
        (digits(target=np.zeros(19, int)), "`target` must be 20 digits"),
        (digits(target=["7"] * 20), "`target` must be 20 digits"),
        (digits(groups=[1, 2]), "`groups` must be 20"),
        (digits(groups=np.zeros(20)), "`groups` must be 20"),
        (npz(data=np.ones((20_001, 64), np.uint8), target=[0] * 20_001), "more than 20,000"),
    ],
    ids=range(29),
)
def test_npz_that_holds_something_else_is_refused_and_nothing_is_stored(fresh, data, says):
    with pytest.raises(Refusal) as caught:
        drawings_in.from_npz(fresh, data)
    assert says in str(caught.value)
    assert caught.value.code == "bad_drawings"
    assert stored(fresh) == (0, 0)


def test_import_stands_in_the_log(fresh):
    drawings_in.from_npz(fresh, digits(4))
    drawings_in.from_npz(fresh, digits(5))
    assert [
        str(entry.sentence) for entry in fresh.query(AuditEntry).order_by(AuditEntry.id)
    ] == [
        "Imported 4 drawings by 1 people from a file; 0 others were already here.",
        "Imported 1 drawings by 1 people from a file; 4 others were already here.",
    ]
