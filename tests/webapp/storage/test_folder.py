import secrets

import pytest

from tests.support.given import give
from webapp.room import drawings, limits, moderation
from webapp.storage import first_start, folder
from webapp.storage.tables import Participant

pytestmark = pytest.mark.sqlite


def modes(data_dir):
    return {path.name: path.stat().st_mode & 0o777 for path in [data_dir, *data_dir.iterdir()]}


def test_only_the_user_can_read_the_data_folder(settings, tmp_path):
    settings["data_dir"] = tmp_path / "new"
    first_start.prepare(settings)
    assert modes(tmp_path / "new") == {"new": 0o700, "inkling.db": 0o600}


def test_folder_of_an_older_inkling_is_closed(settings, tmp_path):
    first_start.prepare(settings)
    tmp_path.chmod(0o755)
    (tmp_path / "inkling.db").chmod(0o644)
    first_start.prepare(settings)
    assert modes(tmp_path) == {tmp_path.name: 0o700, "inkling.db": 0o600}


def test_folder_with_other_uses_stays_open_but_our_files_in_it_do_not(tmp_path):
    tmp_path.chmod(0o755)
    for name in ("inkling.db", "somebody's.txt"):
        (tmp_path / name).touch()
        (tmp_path / name).chmod(0o644)
    folder.make(tmp_path)
    expected = {tmp_path.name: 0o755, "inkling.db": 0o600, "somebody's.txt": 0o644}
    assert modes(tmp_path) == expected


def in_folder(data_dir, picture):
    """Names of the files that hold some of the picture's bytes."""
    parts = [picture[i : i + 32] for i in range(0, len(picture) - 32, 400)]
    return [
        path.name
        for path in data_dir.iterdir()
        if any(part in path.read_bytes() for part in parts)
    ]


@pytest.mark.parametrize("size", [300, 60_000])
def test_withdrawn_picture_leaves_no_byte_in_the_folder(database, tmp_path, size):
    pictures = [secrets.token_bytes(size) for _ in range(3)]
    with database.writing() as session:
        people = [give(session, picture=picture).participant_id for picture in pictures]
    assert in_folder(tmp_path, pictures[1])
    with database.writing() as session:
        drawings.withdraw(session, session.get(Participant, people[1]))
    database.tidy()
    assert in_folder(tmp_path, pictures[1]) == []
    assert in_folder(tmp_path, pictures[2])


def test_space_of_deleted_drawings_is_given_back(database, tmp_path):
    with database.writing() as session:
        for _ in range(60):
            give(session, picture=secrets.token_bytes(limits.MAX_PICTURE))
    with database.writing() as session:
        assert moderation.delete_all(session) == 60
    database.tidy()
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 2**20


def test_tidying_never_waits_for_who_writes(database):
    with database.writing() as session:
        give(session)
        database.tidy()
    database.tidy()
