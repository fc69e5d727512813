import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from nn.words import Sentence
from tests.support.given import give
from tests.support.pages import messages
from webapp.learning import versions
from webapp.room import drawings, wall
from webapp.storage.tables import AdminSession, Drawing, Epoch, TrainingRun, now
from webapp.web import auth, streams


@pytest.fixture
def room(app):
    """The database of the app."""
    return app.extensions["database"]


def add(database, **kwargs):
    with database.writing() as session:
        return give(session, **kwargs).id


def changing(database, change):
    """A function that makes a change in the database."""

    def make():
        with database.writing() as session:
            change(session)

    return make


def wall_token(database):
    with database.reading() as session:
        return wall.token(session)


def snapshot(client, room):
    """What a wall gets that opens now: {kind: the last message of it}."""
    query = {"token": wall_token(room)}
    return dict(messages(client.get("/wall/events", query_string=query).text))


def test_stream_begins_with_all_that_the_wall_shows(client, room):
    add(room)
    found = snapshot(client, room)
    assert [drawing["id"] for drawing in found["drawings"]] == [1]
    assert found["statistics"]["total"] == 1
    assert found["live"]["version"] == 1
    assert found["live"]["back"] is False
    assert (found["frozen"], found["blank"], found["large"]) == (False, False, None)
    assert "run" not in found


def test_stream_holds_the_run_under_way_with_its_epochs_but_no_waiting_one(client, room):
    with room.writing() as session:
        for status in ("running", "waiting"):
            session.add(TrainingRun(name="quick", settings={"epochs": 9}, status=status))
        session.flush()
        figures = {"cost": 1, "accuracy": 0.5, "test_cost": 1, "test_accuracy": 0.75}
        figures["people_accuracy"] = 0.25
        session.add(Epoch(run_id=1, number=1, **figures))
    found = snapshot(client, room)
    assert (found["run"]["id"], found["run"]["status"]) == (1, "running")
    assert found["epochs"] == {"run": 1, "epochs": [[1, 1.0, 0.5, 1.0, 0.75, 0.25]]}


def test_room_gets_nothing_that_is_for_the_presenter(client, room):
    with room.writing() as session:
        run = TrainingRun(name="quick", settings={"epochs": 9}, status="failed")
        run.reason = Sentence("/home/presenter/secret")
        session.add(run)
    found = snapshot(client, room)
    assert set(found) == {
        *("frozen", "blank", "training", "wifi", "large", "drawings", "waiting"),
        *("statistics", "live", "addresses", "run", "game"),
    }
    assert "secret" not in json.dumps(found)


async def _news(database, place, *changes):
    """What a listener gets after each change: a list of {kind: data}."""
    feed, got = streams.Feed(database), []
    with feed.listen(place) as queue:
        await _until_quiet(queue, patience=60)  # the whole state always comes
        for change in changes:
            await asyncio.to_thread(change)
            got.append(await _until_quiet(queue))
    return got


async def _until_quiet(queue, patience=2):
    found = {}
    while True:
        try:
            # The first within the two seconds that a wall may take, the rest with it.
            message = await asyncio.wait_for(queue.get(), 0.3 if found else patience)
        except TimeoutError:
            return found
        if message is None:
            return {**found, None: None}
        found.update(messages(message.decode()))


def in_a_loop(coroutine):
    """What the coroutine returns; in a thread of its own: Playwright's loop may run in this."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def presenter(database):
    """The key of a presenter who has just signed in."""
    with database.writing() as session:
        session.merge(AdminSession(id="presenter", began=now()))
    return "presenter"


def news(database, *changes, channel="wall", token=None):
    place = streams.Place(channel, "en", 0, token or presenter(database))
    return in_a_loop(_news(database, place, *changes))


def test_each_change_of_a_drawing_is_news(room):
    def set_to(**values):
        return changing(room, lambda db: db.execute(sa.update(Drawing).values(**values)))

    def withdraw(session):
        drawings.withdraw(session, session.get(Drawing, 1).participant)

    got = news(
        room,
        lambda: add(room),
        set_to(label=2),
        set_to(status=Drawing.REJECTED),
        set_to(status=Drawing.APPROVED),
        changing(room, withdraw),
    )
    shown = [[(d["id"], d["label"]) for d in each["drawings"]] for each in got]
    assert shown == [[(1, 7)], [(1, 2)], [], [(1, 2)], []]
    assert [each["statistics"]["total"] for each in got] == [1, 1, 0, 1, 0]


def test_switches_and_promotions_are_news(room):
    def promote(session):
        model = versions.load(session, 1)
        versions.promote(session, versions.publish(session, model, "Again", "run").id)

    def switch(name, on):
        return changing(room, lambda db: wall.switch(db, name, on, 1))

    add(room)
    got = news(
        room,
        switch("frozen", True),
        switch("blank", True),
        switch("blank", False),
        changing(room, lambda db: wall.show_large(db, 1)),
        changing(room, promote),
        changing(room, versions.roll_back),
    )
    assert got[0] == {"frozen": True}
    assert (got[1]["blank"], got[1]["drawings"]) == (True, [])
    assert (got[2]["blank"], len(got[2]["drawings"])) == (False, 1)
    assert got[3]["large"]["id"] == 1
    assert (got[4]["live"]["version"], got[4]["live"]["back"]) == (2, False)
    assert (got[5]["live"]["version"], got[5]["live"]["back"]) == (1, True)


def test_presenters_see_each_other_turn_the_switches(room):
    blank = changing(room, lambda db: wall.switch(db, "blank", True, 1))
    [got] = news(room, blank, channel="workshop")
    assert got["switches"]["blank"] is True


def test_silent_stream_sends_a_sign_of_life(room, monkeypatch):
    monkeypatch.setattr(streams, "_BEAT_EVERY", 0.05)

    class Transport:
        sent = b""

        async def send_bytes(self, message):
            self.sent += message

    async def pumped():
        transport = Transport()
        place = streams.Place("wall", "en", 0, wall_token(room))
        await streams.pump(streams.Feed(room), place, transport, asyncio.sleep(1))
        return transport.sent.decode()

    assert ("beat", None) in messages(in_a_loop(pumped()))


def test_new_token_ends_streams_that_the_old_one_let_in(room):
    renew = changing(room, wall.renew_token)
    [got] = news(room, renew, token=wall_token(room))
    assert None in got
    [got] = news(room, renew)  # a presenter's goes on
    assert None not in got


@pytest.mark.parametrize("way", ["signing out", "a new password", "twelve hours"])
def test_stream_ends_with_the_session_that_opened_it(room, way):
    def end(session):
        if way == "signing out":
            session.delete(session.get(AdminSession, "presenter"))
        elif way == "a new password":
            auth.set_password(session, "another password")
        else:
            session.get(AdminSession, "presenter").began -= timedelta(hours=12)

    [got] = news(room, changing(room, end), channel="admin")
    assert None in got


def test_stream_opened_with_a_token_that_has_ended_meanwhile_ends_at_once(room):
    async def opened():
        with streams.Feed(room).listen(streams.Place("wall", "en", 0, "an old one")) as queue:
            return await _until_quiet(queue)

    assert None in in_a_loop(opened())


def test_each_channel_gets_its_own(room):
    assert "drawings" not in news(room, lambda: add(room), channel="admin")[0]
    got = news(room, lambda: add(room), channel="workshop")[0]
    assert set(got) == {"drawings"}


def test_look_that_fails_midway_is_made_again(room, monkeypatch):
    def fail(*_args):
        raise RuntimeError("the database went away")

    feed, sent = streams.Feed(room), {}
    add(room)
    for last_step in ("view", "token"):  # of a look
        with monkeypatch.context() as patch:
            patch.setattr(wall, last_step, fail)
            with pytest.raises(RuntimeError):
                feed._look(0, sent, {("wall", "en")})
    found = feed._look(0, sent, {("wall", "en")})
    assert any(b"event: drawings" in message for _, message in found.messages)
