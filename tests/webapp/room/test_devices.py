import time
from datetime import timedelta

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from tests.support.server import database_of, running_server
from webapp.room import devices, joining
from webapp.room.devices import Sightings
from webapp.storage.tables import Device, now

PHONE = "192.168.1.77"


@pytest.fixture
def sightings(database):
    return Sightings(database, "a secret")


def note(sightings, *addresses):
    for address in addresses:
        sightings.note(address)
    sightings.finish()


def rows(database):
    with database.reading() as session:
        return session.scalars(sa.select(Device)).all()


def seen(database):
    with database.reading() as session:
        return devices.seen_recently(session)


def test_each_device_counts_once(database, sightings):
    for address in (PHONE, PHONE, "192.168.1.78"):
        note(sightings, address)
    assert seen(database) == 2


def test_this_machine_does_not_count(database, sightings, monkeypatch):
    own = "192.168.1.20"
    monkeypatch.setattr(joining, "of_this_machine", lambda: [own])
    note(sightings, "127.0.0.1", "::1", "", None, own, f"[::ffff:{own}]")
    assert seen(database) == 0


def test_no_address_is_kept_as_it_is(database, sightings):
    note(sightings, PHONE)
    [row] = rows(database)
    assert PHONE not in row.address
    assert len(row.address) == 64


def test_device_is_written_once_in_twenty_seconds(database, sightings, monkeypatch):
    note(sightings, PHONE)
    [first] = rows(database)
    note(sightings, PHONE)
    assert rows(database)[0].seen_at == first.seen_at
    later, date = (
        time.monotonic() + devices.EVERY + 1,
        now() + timedelta(seconds=devices.EVERY + 1),
    )
    monkeypatch.setattr(devices.time, "monotonic", lambda: later)
    monkeypatch.setattr(devices, "now", lambda: date)
    note(sightings, PHONE)
    assert rows(database)[0].seen_at > first.seen_at


def test_device_counts_for_a_minute_and_is_forgotten_after_ten(database, sightings):
    with database.writing() as session:
        session.add(Device(address="quiet", seen_at=now() - timedelta(minutes=2)))
        session.add(Device(address="gone", seen_at=now() - timedelta(minutes=11)))
    assert seen(database) == 0
    note(sightings, PHONE)
    assert seen(database) == 1
    with database.writing() as session:
        devices.forget_old(session)
    addresses = {row.address for row in rows(database)}
    assert "quiet" in addresses
    assert "gone" not in addresses


def test_running_server_forgets_old_devices(tmp_path):
    with (
        running_server(workers=1, data_dir=tmp_path) as server,
        database_of(server) as database,
    ):
        server.worker()
        with database.writing() as session:
            session.add(Device(address="gone", seen_at=now() - timedelta(minutes=11)))
        deadline = time.monotonic() + 60
        while rows(database) and time.monotonic() < deadline:
            time.sleep(0.05)
        assert rows(database) == []


def test_device_that_two_processes_see_is_written_by_one(database):
    note(Sightings(database, "a secret"), PHONE)
    [first] = rows(database)
    note(Sightings(database, "a secret"), PHONE)
    assert [row.seen_at for row in rows(database)] == [first.seen_at]


def test_crowd_is_counted_up_to_a_limit(database, sightings, monkeypatch):
    monkeypatch.setattr(devices, "MOST", 2)
    for last in range(4):
        note(sightings, f"192.168.1.{last}")
    assert seen(database) == 2


@pytest.mark.parametrize("path", ["/", "/healthz"])
def test_page_load_and_heartbeat_of_a_phone_are_seen(app, client, path):
    client.get(path, environ_base={"REMOTE_ADDR": PHONE})
    client.get(path)
    app.extensions["sightings"].finish()
    assert seen(app.extensions["database"]) == 1


def test_heartbeat_answers_at_once_while_the_database_is_locked(app, client):
    with app.extensions["database"].writing():
        answer = client.get("/healthz", environ_base={"REMOTE_ADDR": PHONE})
    assert answer.status_code == 200
    app.extensions["sightings"].finish()
    # Whoever had waited for the database would have given up before it was free.
    assert seen(app.extensions["database"]) == 1


def test_database_that_cannot_be_written_is_no_error(sightings, monkeypatch, caplog):
    def locked(*_):
        raise OperationalError("INSERT", {}, Exception("database is locked"))

    monkeypatch.setattr(Session, "execute", locked)
    note(sightings, PHONE)
    assert "database is locked" in caplog.text
