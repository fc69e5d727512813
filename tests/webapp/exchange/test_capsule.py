import csv
import io
import re
import tempfile
import zipfile

import numpy as np
import pytest
import sqlalchemy as sa

from tests.support.given import give
from tests.support.pages import sign_in
from tests.support.session import SMALL, hold_session
from tests.webapp.exchange.conftest import download, unpacked
from webapp.exchange import capsule
from webapp.learning import runs, versions
from webapp.storage.database import Base
from webapp.storage.tables import Drawing, Participant, Setting, TrainingRun, now

CHANGED = {"participant": {"token"}, "drawing": {"key"}}  # columns that differ in the copy


@pytest.fixture
def reopen(make_app, tmp_path):
    """A function that unzips a capsule's contents and starts an app on the folder."""

    def reopen(contents, **options):
        for name, data in contents.items():
            (tmp_path / name).write_bytes(data)
        return make_app(tmp_path, **options)

    return reopen


def rows(session, table, *conditions):
    """All rows of a table as dicts, without the columns that are to differ."""
    found = session.execute(sa.select(table).where(*conditions).order_by(*table.primary_key))
    but = CHANGED.get(table.name, ())
    return [{k: v for k, v in row.items() if k not in but} for row in found.mappings()]


def test_capsule_holds_a_report_the_drawings_and_the_database(held, contents):
    assert list(contents) == [
        *("README.txt", "report.html", "drawings.csv", "drawings.npz", "inkling.db")
    ]
    assert "python -m webapp --data-dir FOLDER" in contents["README.txt"].decode()
    table = list(csv.DictReader(io.StringIO(contents["drawings.csv"].decode())))
    assert [row["status"] for row in table] == ["approved"] * 12 + ["pending"] * 2
    assert np.load(io.BytesIO(contents["drawings.npz"]))["data"].shape == (12, 64)
    client = held.test_client()
    sign_in(client)
    with client.get("/admin/capsule.zip") as answer:
        disposition = answer.headers["Content-Disposition"]
    assert re.search(r"filename=inkling-session-[\d-]+\.zip", disposition)


def test_reopened_session_is_the_one_that_was_saved(held, reopen):
    contents = unpacked(download(held))
    kept = {model.__tablename__ for model in capsule.TABLES}
    first_start = {"setting": {"secret_key", "wall_token"}}
    with (
        held.extensions["database"].reading() as before,
        reopen(contents).extensions["database"].reading() as after,
    ):
        for table in Base.metadata.sorted_tables:
            if table.name not in kept:
                names = {row.get("name") for row in rows(after, table)}
                assert names <= first_start.get(table.name, set()), table.name
            elif table.name == "drawing":
                expected = rows(before, table, table.c.status != Drawing.REJECTED)
                assert len(expected) == 14
                assert rows(after, table) == expected
            elif table.name == "training_run":
                *ended, open_run = rows(after, table)
                assert ended == rows(before, table)[:-1]
                assert open_run["status"] == TrainingRun.INTERRUPTED
                assert "had not ended" in open_run["reason"]
            else:
                assert rows(after, table) == rows(before, table), table.name


def test_reopened_session_goes_on(contents, reopen, tmp_path):
    app = reopen(contents)
    assert not list(tmp_path.glob("*before*"))  # there was nothing to upgrade
    answer = app.test_client().post("/api/predict", json={"pixels": [[9] * 8] * 8})
    assert answer.json["model"] == {"version": 2}
    with app.extensions["database"].writing() as session:
        model = versions.load(session, 2)
        assert versions.publish(session, model, "Next", "upload").id == 5
        assert runs.create(session, SMALL, "article").id == 6
        versions.roll_back(session)  # past version 3, from which was rolled back before
        assert versions.live(session).version_id == 1
    assert unpacked(download(app)).keys() == contents.keys()


def test_no_secret_is_in_the_capsule(make_app, reopen):
    app = make_app(password=None)
    password = app.config["PASSWORD"]
    hold_session(app.extensions["database"])
    app.test_client().post("/admin/sign-in", data={"password": "wrong"})
    contents = unpacked(download(app))
    with app.extensions["database"].reading() as session:
        secrets = [password, *session.scalars(sa.select(Setting.value))]
        secrets += session.scalars(sa.select(Participant.token)).all()
        secrets += session.scalars(sa.select(Drawing.key)).all()
    assert len(secrets) > 15
    for name, data in contents.items():
        for secret in secrets:
            assert secret.encode() not in data, name
    assert reopen(contents, password=None).config["PASSWORD"] not in (None, password)


def test_capsule_shows_one_state_though_people_go_on_drawing(app):
    database = app.extensions["database"]

    def render(_summary):
        with database.writing() as session:
            give(session)
        return ""

    with capsule.make(database, render, now()) as file:
        contents = unpacked(file.read())
    assert contents["drawings.csv"].count(b"\n") == 1
    with database.reading() as session:
        assert capsule.n_drawings(session) == 1


def test_capsule_leaves_no_temporary_files(held, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with zipfile.ZipFile(io.BytesIO(download(held))) as archive:
        assert archive.testzip() is None
    assert list(tmp_path.iterdir()) == []


def test_page_says_what_a_capsule_holds(held):
    client = held.test_client()
    sign_in(client)
    text = " ".join(re.sub("<[^>]+>", " ", client.get("/admin/capsule").text).split())
    assert "3 versions, 2 finished runs, 14 drawings. Version 2 is live." in text
