"""`python -m webapp doctor` and /readyz: what is wrong, and how to mend it."""

import contextlib
import http.client
import json
import socket
import sqlite3
import time

import pytest

from tests.support.server import STARTED_WITHIN, free_port, running_server
from webapp.__main__ import main
from webapp.storage import first_start
from webapp.storage.tables import ModelVersion


def _get(server, path):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    with contextlib.closing(connection):
        connection.request("GET", path)
        response = connection.getresponse()
        return response.status, json.load(response)


@pytest.fixture
def doctor(tmp_path, capsys):
    """A function that lets the doctor look: (exit status, {what is wrong: the sentence})."""

    def doctor(*options, port=None, folder=tmp_path):
        where = ["--data-dir", str(folder), "--port", str(port or free_port())]
        status = main(["doctor", *where, *options])
        lines = [line.split(maxsplit=1) for line in capsys.readouterr().out.splitlines()]
        assert {mark for mark, _ in lines} <= {"ok", "WRONG"}
        return status, dict(text.split(": ", 1) for mark, text in lines if mark == "WRONG")

    return doctor


def test_doctor_finds_nothing_wrong_with_a_new_folder_and_does_not_make_it(doctor, tmp_path):
    status, wrong = doctor("--host", "0.0.0.0", folder=tmp_path / "new")
    assert (status, wrong.keys() - {"phones"}) == (1 if wrong else 0, set())
    assert not (tmp_path / "new").exists()


def test_doctor_says_how_phones_get_in(doctor):
    status, wrong = doctor()
    assert status == 1
    assert "--host 0.0.0.0" in wrong["phones"]


def test_doctor_looks_at_no_network_of_a_worker(doctor):
    assert doctor("--role", "worker")[1].keys() & {"port", "phones", "proxies"} == set()


# huey leaves its connection to a damaged file open; Python says so from 3.13 on.
@pytest.mark.filterwarnings(
    "ignore:.*sqlite3.Connection:pytest.PytestUnraisableExceptionWarning"
)
def test_doctor_says_what_is_wrong_with_a_folder_and_its_database(doctor, app, tmp_path):
    with app.extensions["database"].writing() as session:
        session.get_one(ModelVersion, 1).weights = b"damaged"
    (tmp_path / "queue.db").mkdir()
    assert doctor()[1].keys() == {"phones", "model", "queue"}
    with contextlib.closing(sqlite3.connect(tmp_path / "inkling.db")) as other:
        other.execute("BEGIN IMMEDIATE")
        assert "locked" in doctor()[1]["database"]
        other.rollback()
        other.execute("UPDATE alembic_version SET version_num = '9999'")
        other.commit()
    assert "newer Inkling" in doctor()[1]["database"]


def test_doctor_knows_how_many_files_a_room_needs(doctor, monkeypatch):
    resource = pytest.importorskip("resource")  # POSIX only
    monkeypatch.setattr(resource, "getrlimit", lambda _kind: (256, 256))
    assert "ulimit -n" in doctor()[1]["open files"]


def test_ready_once_database_model_queue_and_worker_are_there(doctor, tmp_path, settings):
    first_start.prepare(settings)
    with running_server(workers=1, data_dir=tmp_path) as server:
        deadline = time.monotonic() + STARTED_WITHIN
        while (found := _get(server, "/readyz"))[0] != 200:
            assert time.monotonic() < deadline, found
            time.sleep(0.1)
        names = ("database", "model", "queue", "worker")
        assert found[1] == {"status": "ok"} | dict.fromkeys(names, True)
        assert doctor(port=server.port)[1].keys() == {"phones"}


def test_port_of_another_program_is_not_free(doctor):
    with socket.create_server(("127.0.0.1", 0)) as other:
        assert "Try another" in doctor(port=other.getsockname()[1])[1]["port"]


def test_not_ready_without_a_worker(client):
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json["worker"], answer.json["model"]) == (
        503,
        False,
        True,
    )
