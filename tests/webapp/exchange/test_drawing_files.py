import base64
import csv
import io
import zipfile

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.support.given import give
from webapp.exchange import drawing_files, file_rows
from webapp.exchange.drawing_files import ExchangeError
from webapp.room import drawings, pictures
from webapp.storage import first_start
from webapp.storage.database import Database
from webapp.storage.tables import AuditEntry, Drawing, Participant

FIELDS = ("label", "said", "verdict", "certainty", "neighbours", "status", "version_id")
KEPT = ("pixels", "created_at", "picture", *FIELDS)


@pytest.fixture
def room(database):
    """A session that writes, with nine drawings by three people."""
    with database.writing() as session:
        people = [drawings.new_participant(session) for _ in range(3)]
        people[1].held_out = True
        for n in range(9):
            status = Drawing.STATUSES[n % 3] if n < 6 else Drawing.APPROVED
            drawing = give(session, n, (n * 3) % 10, status, people[n // 3])
            drawing.picture = pictures.digit_png(list(drawing.pixels))
        session.get(Drawing, 4).said = None
        session.flush()
        yield session


@pytest.fixture
def fresh(settings, tmp_path):
    """A session that writes to another, fresh database."""
    other = settings | {"data_dir": tmp_path / "other"}
    first_start.prepare(other)
    database = Database(other)
    with database.writing() as session:
        yield session
    database.close()


def content(session):
    """Everything of all drawings but numbers, and whose they are by order of appearance."""
    order = {}
    return [
        (
            [getattr(drawing, name) for name in KEPT],
            order.setdefault(drawing.participant_id, len(order)),
            drawing.participant.held_out,
        )
        for drawing in session.query(Drawing).order_by(Drawing.id)
    ]


def stored(session):
    return session.query(Drawing).count(), session.query(Participant).count()


def table(data):
    return list(csv.DictReader(io.StringIO(data.decode())))


def rewritten(session, **values):
    """The room's CSV with values of its fourth line changed."""
    rows = table(drawing_files.to_csv(session))
    rows[2].update(values)
    return as_csv(rows)


def as_csv(rows):
    text = io.StringIO()
    writer = csv.DictWriter(text, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def npz(**arrays):
    buffer = io.BytesIO()
    np.savez(buffer, **arrays)
    return buffer.getvalue()


def digits(n=20, **changed):
    data, target = load_digits(return_X_y=True)
    return npz(**{"data": data[:n], "target": target[:n], **changed})


def test_csv_brings_everything_back(room, fresh):
    found = drawing_files.from_csv(fresh, drawing_files.to_csv(room))
    assert (found.stored, found.known, found.people) == (9, 0, 3)
    assert content(fresh) == content(room)


def test_csv_has_the_columns_and_never_a_token(room):
    data = drawing_files.to_csv(room)
    assert list(table(data)[0]) == drawing_files.COLUMNS
    for person in room.query(Participant):
        assert person.token.encode() not in data
    assert [row["label"] for row in table(drawing_files.to_csv(room, "pending"))] == ["0", "3"]


def test_imported_people_are_new_ones_whom_no_device_knows(room, fresh):
    drawing_files.from_csv(fresh, drawing_files.to_csv(room))
    tokens = [{p.token for p in session.query(Participant)} for session in (room, fresh)]
    assert not tokens[0] & tokens[1]


@pytest.mark.parametrize("read", ["csv", "npz"])
def test_same_file_twice_stores_nothing_twice(room, fresh, read):
    data = getattr(drawing_files, f"to_{read}")(room)
    load = getattr(drawing_files, f"from_{read}")
    first = load(fresh, data)
    before = stored(fresh)
    again = load(fresh, data)
    assert (again.stored, again.known, again.people) == (0, first.stored, 0)
    assert stored(fresh) == before


@pytest.mark.parametrize("read", ["csv", "npz"])
def test_what_is_here_is_not_stored_again_and_the_rest_goes_to_the_same_people(room, read):
    data = getattr(drawing_files, f"to_{read}")(room)
    room.delete(room.get(Drawing, 7))
    room.flush()
    assert getattr(drawing_files, f"from_{read}")(room, data).stored == 1
    assert stored(room) == (9, 3)
    assert room.query(Drawing).order_by(Drawing.id.desc()).first().participant_id == 3


def test_one_picture_that_somebody_here_has_drawn_too_makes_nobody_the_same(fresh):
    drawing_files.from_npz(fresh, digits(1))
    assert drawing_files.from_npz(fresh, digits(4)).stored == 3
    assert stored(fresh) == (4, 2)


def test_two_equal_drawings_of_a_file_are_both_stored(fresh):
    data = np.tile(load_digits().data[:1], (3, 1))
    assert drawing_files.from_npz(fresh, npz(data=data, target=[0, 0, 0])).stored == 3
    assert drawing_files.from_npz(fresh, npz(data=data, target=[0, 0, 0])).stored == 0


def test_npz_has_the_shape_of_load_digits(room):
    ours, theirs = np.load(io.BytesIO(drawing_files.to_npz(room))), load_digits()
    for name in ("data", "images", "target", "target_names"):
        assert ours[name].dtype == theirs[name].dtype, name
        assert ours[name].shape[1:] == theirs[name].shape[1:], name
    approved = room.query(Drawing).filter_by(status=Drawing.APPROVED).order_by(Drawing.id).all()
    assert ours["target"].tolist() == [d.label for d in approved] == [1, 4, 6, 7, 8]
    assert ours["groups"].tolist() == [1, 2, 3, 3, 3]
    np.testing.assert_array_equal(ours["data"], [list(d.pixels) for d in approved])
    np.testing.assert_array_equal(ours["images"].reshape(-1, 64), ours["data"])


def test_npz_of_no_drawings_has_the_shape_too(fresh):
    empty = np.load(io.BytesIO(drawing_files.to_npz(fresh)))
    assert (empty["data"].shape, empty["target"].shape) == ((0, 64), (0,))
    with pytest.raises(ExchangeError, match="no drawings"):
        drawing_files.from_npz(fresh, drawing_files.to_npz(fresh))


def test_npz_gives_pending_drawings_with_what_the_live_version_says(fresh):
    found = drawing_files.from_npz(fresh, digits(50, groups=np.arange(50) // 20))
    assert (found.stored, found.people) == (50, 3)
    kept = fresh.query(Drawing).all()
    assert {d.status for d in kept} == {"pending"}
    assert sum(d.is_right for d in kept) >= 48
    assert {d.version_id for d in kept} == {1}
    assert sum(d.neighbours == d.label for d in kept) >= 49
    assert all(d.picture.startswith(b"\x89PNG") for d in kept)


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
    assert drawing_files.from_npz(fresh, npz(**forms[kind])).stored == 5


def test_csv_of_labels_and_pixels_alone_is_enough(fresh):
    digits = load_digits()
    names, text = ",".join([*digits.feature_names, "label"]), io.StringIO()
    rows = np.column_stack([digits.data, digits.target])[:9]
    np.savetxt(text, rows, "%d", ",", header=names, comments="")
    assert drawing_files.from_csv(fresh, text.getvalue().encode()).stored == 9
    kept = fresh.query(Drawing).all()
    assert {d.status for d in kept} == {"pending"}
    assert all(d.is_right for d in kept)


def test_version_that_is_not_here_is_left_open_and_its_answer_kept(room, fresh):
    drawing_files.from_csv(fresh, rewritten(room, version="7", said="5"))
    drawing = fresh.query(Drawing).order_by(Drawing.id)[2]
    assert (drawing.version_id, drawing.said) == (None, 5)


HUGE = "9" * 5000


@pytest.mark.parametrize(
    ("values", "says"),
    [
        ({"label": "10"}, "Line 4: label is '10', not a whole number from 0 to 9."),
        ({"label": ""}, "Line 4: label is ''"),
        ({"label": "-1"}, "Line 4: label is '-1'"),
        ({"label": "²"}, "Line 4: label is '²'"),
        ({"label": HUGE}, "Line 4: label is '999"),
        ({"pixel_3_4": "17"}, "pixel_3_4 is '17', not a whole number from 0 to 16."),
        ({"pixel_3_4": "1.5"}, "pixel_3_4 is '1.5'"),
        ({"pixel_3_4": "nan"}, "pixel_3_4 is 'nan'"),
        (dict.fromkeys(file_rows.PIXELS, "0"), "Line 4: there is nothing drawn"),
        ({"said": "x"}, "said is 'x'"),
        ({"verdict": "blank"}, "verdict is 'blank', not one of sure, torn, unfamiliar."),
        ({"verdict": "<script>"}, "verdict is '<script>'"),
        ({"certainty": "1.1"}, "certainty is '1.1', not a number from 0 to 1."),
        ({"certainty": "nan"}, "certainty is 'nan'"),
        ({"certainty": ""}, "certainty is ''"),
        ({"status": "perfect"}, "status is 'perfect', not one of pending, approved, rejected."),
        ({"held_out": "2"}, "held_out is '2'"),
        ({"version": HUGE}, "version is '999"),
        ({"created_at": "yesterday"}, "created_at is 'yesterday', not a moment such as"),
        ({"created_at": "0001-01-01T00:00:00+14:00"}, "created_at is '0001"),
        ({"picture": "&&&&"}, "Line 4: the picture is not in base64."),
        ({"picture": "aGVsbG8="}, "Line 4: the picture: "),
        ({"picture": base64.b64encode(bytes(300_000)).decode()}, "more than 262,144 bytes"),
        ({"picture": "A" * 600_000}, "field larger than field limit"),
        ({"held_out": "1"}, "Participant '1' is held out in some rows, not in others."),
    ],
    ids=lambda value: str(value)[:30],
)
def test_wrong_row_of_a_csv_is_named_and_nothing_is_stored(room, fresh, values, says):
    data = rewritten(room, **values)
    with pytest.raises(ExchangeError) as caught:
        drawing_files.from_csv(fresh, data)
    assert says in str(caught.value)
    assert len(str(caught.value)) < 250
    assert stored(fresh) == (0, 0)


HEADER = ",".join(["label", *file_rows.PIXELS])
ROW = ",".join(["7", *["3"] * 64])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "The columns label, pixel_0_0, pixel_0_1 and 62 more are missing."),
        (b"\xff\xfe\x00", "no UTF-8 text"),
        (b"a picture\0", "are missing"),
        (HEADER.replace("label,", ""), "The columns label are missing."),
        (HEADER, "no drawings"),
        (f"{HEADER}\n" + "\n" * 100_000, "no drawings"),
        (f"{HEADER}\n{ROW},8", "Line 2: it does not have as many values"),
        (f"{HEADER}\n{ROW[:-2]}", "Line 2: it does not have as many values"),
        (f"{HEADER},said\n{ROW},7", "needs all or none"),
        (f'{HEADER}\n{ROW}\n"', "unexpected end"),
        (f"{HEADER}\n" + f"{ROW}\n" * 20_001, "more than 20,000 drawings"),
    ],
    ids=lambda value: str(value)[-20:],
)
def test_file_that_is_no_csv_of_drawings_is_refused(fresh, data, says):
    data = data if isinstance(data, bytes) else data.encode()
    with pytest.raises(ExchangeError) as caught:
        drawing_files.from_csv(fresh, data)
    assert says in str(caught.value)
    assert stored(fresh) == (0, 0)


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
        (b"", "not a complete .npz file"),
        (b"PK\x03\x04" + bytes(500), "not a complete .npz file"),
        (digits()[:-30], "not a complete .npz file"),
        (bomb(), "larger than 64 MiB"),
        (claimed(), "not a complete .npz file"),
        (digits(target=np.array([None] * 20)), "not a complete .npz file"),
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
        (digits(data=DATA * 0), "Nothing is drawn in picture 0"),
        (digits(target=np.arange(20)), "a digit from 0 to 9"),
        (digits(target=np.full(20, 1.5)), "a digit from 0 to 9"),
        (digits(target=np.full(20, np.nan)), "a digit from 0 to 9"),
        (digits(target=np.zeros(19, int)), "`target` must be 20 digits"),
        (digits(target=["7"] * 20), "`target` must be 20 digits"),
        (digits(groups=[1, 2]), "`groups` must be 20"),
        (digits(groups=np.zeros(20)), "`groups` must be 20"),
        (npz(data=np.ones((20_001, 64), np.uint8), target=[0] * 20_001), "more than 20,000"),
    ],
    ids=range(28),
)
def test_npz_that_holds_something_else_is_refused_and_nothing_is_stored(fresh, data, says):
    with pytest.raises(ExchangeError) as caught:
        drawing_files.from_npz(fresh, data)
    assert says in str(caught.value)
    assert stored(fresh) == (0, 0)


def test_import_stands_in_the_log(fresh):
    drawing_files.from_npz(fresh, digits(4))
    drawing_files.from_npz(fresh, digits(5))
    assert [entry.sentence for entry in fresh.query(AuditEntry).order_by(AuditEntry.id)] == [
        "Imported 4 drawings of 1 people from a file; 0 more were here already.",
        "Imported 1 drawings of 1 people from a file; 4 more were here already.",
    ]
