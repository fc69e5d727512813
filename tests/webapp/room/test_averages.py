"""The room's averages, for pages that must not wait for the database."""

import contextlib
import threading

import pytest
import sqlalchemy as sa

from tests.support.given import give
from webapp.room import averages, drawings
from webapp.room.averages import Averages


class Slow:
    """A database that answers when it is let."""

    def __init__(self, database):
        self._database = database
        self.may_answer = threading.Event()

    @contextlib.contextmanager
    def reading(self):
        self.may_answer.wait()
        with self._database.reading() as session:
            yield session


def counted(room, digit, count):
    """The averages, once there are so many drawings of the digit."""
    while (found := room.current()) is None or found.counts[digit] != count:
        pass
    return found


@pytest.fixture
def always_fresh(monkeypatch):
    monkeypatch.setattr(averages, "_FRESH", 0.0)


def test_nobody_waits_for_a_database_that_hangs(database):
    slow = Slow(database)
    room = Averages(slow)
    assert room.current() is None
    slow.may_answer.set()
    assert counted(room, 4, 0).counts.sum() == 0


@pytest.mark.usefixtures("always_fresh")
def test_averages_follow_what_the_room_draws_and_withdraws(database):
    room = Averages(database)
    counted(room, 4, 0)
    with database.writing() as session:
        drawing = give(session, label=4, pixels=[8] * 64)
        person = drawing.participant
    assert counted(room, 4, 1).averages[4].tolist() == [8] * 64
    with database.writing() as session:
        drawings.withdraw(session, session.merge(person))
    counted(room, 4, 0)


@pytest.mark.usefixtures("always_fresh")
def test_averages_stay_while_the_database_is_away(database, monkeypatch):
    with database.writing() as session:
        give(session, label=4)
    room = Averages(database)
    counted(room, 4, 1)
    with monkeypatch.context() as away:
        away.setattr(database, "engine", sa.create_engine("sqlite:////nowhere/at/all.db"))
        assert room.current().counts[4] == 1
