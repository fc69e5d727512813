"""A room full of people who give drawings at once, to a real server."""

import collections

import pytest
import sqlalchemy as sa

from bench.load import pngs
from tests.support.room import fill
from tests.support.server import database_of, free_port, running_server
from webapp.storage.tables import Drawing, Participant


def stored(server):
    """Ids of all drawings, and how many each participant has."""
    with database_of(server) as database, database.reading() as session:
        rows = session.execute(sa.select(Drawing.id, Drawing.participant_id)).all()
        assert session.scalar(sa.select(sa.func.count()).select_from(Participant)) <= len(rows)
    return {row.id for row in rows}, collections.Counter(row.participant_id for row in rows)


@pytest.fixture
def port():
    return free_port()


def test_sixty_people_at_once_lose_nothing_and_every_screen_shows_it_all():
    people, each = 60, 3
    with running_server() as server:
        room, threads = fill(server, pngs(), people, each)
        for thread in threads:
            thread.join()
        room.wait_until_shown()
        kept, by_person = stored(server)
    assert room.failures == []
    assert kept == set(room.acknowledged)
    assert len(kept) == people * each
    assert set(by_person.values()) == {each}
    # The wall holds the 60 newest; each of the three screens was told of every one of those.
    newest = sorted(kept)[-60:]
    assert all(set(newest) <= screen.keys() for screen in room.screens)


def test_what_was_acknowledged_survives_kill_9_of_the_server(tmp_path, port):
    people, each = 20, 6
    with running_server(data_dir=tmp_path, port=port) as server:
        room, threads = fill(server, pngs(), people, each, seconds=8)
        while len(room.acknowledged) < people:
            assert threads[0].is_alive()
        server.process.kill()
        server.process.wait()
        before = set(room.acknowledged)
    with running_server(data_dir=tmp_path, port=port) as server:
        for thread in threads:
            thread.join()
        kept, by_person = stored(server)
    assert room.failures == []
    assert before <= kept
    assert kept == set(room.acknowledged)
    assert sum(by_person.values()) == people * each
