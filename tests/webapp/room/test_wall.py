import asyncio
import json
import re
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
import sqlalchemy as sa

from tests.support.given import give
from tests.support.pages import messages, send, sign_in
from webapp.learning import versions
from webapp.room import drawings, wall
from webapp.storage import first_start
from webapp.storage.tables import AuditEntry, Drawing, Epoch, Participant, TrainingRun, now
from webapp.web import streams

PENDING, APPROVED, REJECTED = Drawing.PENDING, Drawing.APPROVED, Drawing.REJECTED
PAGE = "/admin/wall"


@pytest.fixture
def room(app):
    """The database of the app."""
    return app.extensions["database"]


def add(database, *args, **kwargs):
    with database.writing() as session:
        return give(session, *args, **kwargs).id


def set_status(database, number, status):
    with database.writing() as session:
        session.get(Drawing, number).status = status


def seen(database):
    with database.reading() as session:
        return wall.view(session)


def ids(database):
    return [drawing["id"] for drawing in seen(database)["drawings"]]


def switch(database, name, on=True):
    with database.writing() as session:
        wall.switch(session, name, on)


def show_large(database, number):
    with database.writing() as session:
        wall.show_large(session, number)


def wall_token(database):
    with database.reading() as session:
        return wall.token(session)


# What is shown


def test_only_approved_drawings_appear_at_first(room):
    add(room, status=PENDING)
    add(room, status=REJECTED)
    approved = add(room, status=APPROVED)
    assert ids(room) == [approved]


def test_without_holding_all_but_rejected_ones_appear_newest_first(room):
    first = add(room, status=PENDING)
    add(room, status=REJECTED)
    last = add(room, status=APPROVED)
    switch(room, "hold", False)
    assert ids(room) == [last, first]
    switch(room, "hold")
    assert ids(room) == [last]


def test_drawings_of_a_blocked_participant_disappear(room):
    add(room)
    with room.writing() as session:
        session.execute(sa.update(Participant).values(blocked=True))
    assert ids(room) == []


def test_the_newest_sixty_are_told(room):
    with room.writing() as session:
        giver = drawings.new_participant(session)
        numbers = []
        for _ in range(wall.KEPT + 3):
            giver.window_given = 0
            numbers.append(give(session, giver=giver).id)
    assert ids(room) == numbers[: -wall.KEPT - 1 : -1]


def test_nothing_that_leads_to_a_participant_is_told(room):
    add(room, label=4, said=9, certainty=0.8764)
    [shown] = seen(room)["drawings"]
    pixels = shown.pop("pixels")
    assert re.fullmatch("[0-9a-g]{64}", pixels)
    assert shown == {"id": 1, "said": 9, "certainty": 0.876, "verdict": "sure", "label": 4}


def test_frozen_wall_keeps_what_stands_and_takes_nothing_new(room):
    waiting = add(room, status=PENDING)
    stands = add(room)
    switch(room, "frozen")
    set_status(room, waiting, APPROVED)
    add(room)
    assert ids(room) == [stands]
    assert seen(room)["frozen"] is True
    assert seen(room)["statistics"]["total"] == 1
    switch(room, "frozen", False)
    assert len(ids(room)) == 3
    assert seen(room)["statistics"]["total"] == 3


def test_wall_that_is_frozen_twice_shows_what_stood_first(room):
    first = add(room)
    switch(room, "frozen")
    add(room)
    switch(room, "frozen")
    assert ids(room) == [first]


@pytest.mark.parametrize("frozen", [True, False])
def test_rejected_and_withdrawn_drawings_disappear_even_from_a_frozen_wall(room, frozen):
    rejected, withdrawn = add(room), add(room)
    stays = add(room)
    switch(room, "frozen", frozen)
    set_status(room, rejected, REJECTED)
    with room.writing() as session:
        drawings.withdraw(session, session.get(Drawing, withdrawn).participant)
    assert ids(room) == [stays]


def test_holding_takes_unapproved_drawings_off_a_frozen_wall(room):
    switch(room, "hold", False)
    add(room, status=PENDING)
    switch(room, "frozen")
    switch(room, "hold")
    assert ids(room) == []


def test_blank_wall_tells_no_drawing_and_no_figure(room):
    show_large(room, add(room))
    switch(room, "blank")
    told = seen(room)
    assert told == {
        "frozen": False,
        "blank": True,
        "large": None,
        "drawings": [],
        "statistics": None,
    }
    switch(room, "blank", False)
    assert seen(room)["large"]["id"] == 1


def test_one_drawing_is_shown_large_until_it_is_put_back(room):
    number = add(room)
    add(room)
    assert seen(room)["large"] is None
    show_large(room, number)
    assert seen(room)["large"]["id"] == number
    show_large(room, None)
    assert seen(room)["large"] is None


def test_large_drawing_stays_however_many_come_after_it(room):
    number = add(room)
    show_large(room, number)
    with room.writing() as session:
        for _ in range(wall.KEPT):
            give(session)
    assert number not in ids(room)
    assert seen(room)["large"]["id"] == number


@pytest.mark.parametrize("status", [PENDING, REJECTED])
def test_what_the_wall_does_not_show_cannot_be_shown_large(room, status):
    for number in (add(room, status=status), 999, 10**20, -1):
        with pytest.raises(wall.WallError, match="does not show this drawing"):
            show_large(room, number)


def test_large_drawing_disappears_when_it_is_rejected(room):
    number = add(room)
    show_large(room, number)
    set_status(room, number, REJECTED)
    assert seen(room)["large"] is None


def test_unknown_switch_is_refused(room):
    with pytest.raises(wall.WallError, match="no switch 'explode', only hold"):
        switch(room, "explode")


# Statistics


def test_statistics_count_what_may_be_shown(room):
    add(room, label=4, said=4)
    add(room, label=4, said=9)
    add(room, label=1, said=7, status=PENDING)
    add(room, label=1, said=7, status=REJECTED)
    held = seen(room)["statistics"]
    assert (held["right"], held["total"]) == (1, 2)
    switch(room, "hold", False)
    open_to_all = seen(room)["statistics"]
    assert (open_to_all["right"], open_to_all["total"]) == (1, 3)


def test_most_confused_pairs_are_label_answer_and_times_the_most_frequent_first(room):
    for label, said, times in ((4, 9, 1), (9, 4, 3), (7, 1, 2), (5, 6, 1), (3, 3, 5)):
        for _ in range(times):
            add(room, label=label, said=said)
    assert seen(room)["statistics"]["confused"] == [(9, 4, 3), (7, 1, 2), (4, 9, 1)]


def test_drawings_per_minute_count_those_that_wait_but_no_rejected_and_no_older_ones(room):
    for status in (PENDING, APPROVED, REJECTED):
        add(room, status=status)
    old = add(room)
    with room.writing() as session:
        session.get(Drawing, old).created_at = now() - timedelta(seconds=61)
    assert seen(room)["statistics"]["per_minute"] == 2


def test_drawings_of_blocked_people_do_not_count(room):
    add(room, label=1, said=7)
    with room.writing() as session:
        session.execute(sa.update(Participant).values(blocked=True))
    found = seen(room)["statistics"]
    assert found == {"total": 0, "right": 0, "confused": [], "per_minute": 0}


def test_empty_room_has_statistics_too(room):
    expected = {"total": 0, "right": 0, "confused": [], "per_minute": 0}
    assert seen(room)["statistics"] == expected


@pytest.mark.parametrize("index", ["ix_drawing_counted", "ix_drawing_created_at"])
def test_counting_reads_no_pictures(room, index):
    statements = []
    sa.event.listen(room.engine, "before_cursor_execute", lambda *a: statements.append(a[2:4]))
    with room.reading() as session:
        wall.statistics(session)
        plans = [
            session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            for sql, parameters in list(statements)
            if "count" in sql
        ]
        details = " ".join(row.detail for plan in plans for row in plan)
    assert f"COVERING INDEX {index}" in details


# Who may see it


def test_token_in_the_address_lets_a_stranger_see_the_wall_and_its_stream(client, room):
    token = wall_token(room)
    page = client.get("/wall", query_string={"token": token})
    assert page.status_code == 200
    assert "QR code of" in page.text
    stream = client.get("/wall/events", query_string={"token": token})
    assert stream.mimetype == "text/event-stream"
    assert len(token) >= 20


@pytest.mark.parametrize("query", [{}, {"token": ""}, {"token": "wrong"}, {"token": "ü\0"}])
def test_without_the_token_a_stranger_sees_neither(client, query):
    page = client.get("/wall", query_string=query)
    assert (page.status_code, page.location) == (302, "/admin/sign-in?next=/admin/wall")
    stream = client.get("/wall/events", query_string=query)
    assert stream.status_code == 401


def test_presenter_is_led_to_the_address_with_the_token(client, room):
    sign_in(client)
    page = client.get("/wall")
    assert (page.status_code, page.location) == (302, f"/wall?token={wall_token(room)}")
    assert client.get("/wall/events").status_code == 200


def test_new_token_ends_old_addresses(client, app, room):
    old = wall_token(room)
    sign_in(client)
    answer = send(client, "/admin/wall/address", page=PAGE)
    assert "new address" in answer.text
    assert wall_token(room) != old
    stranger = app.test_client()
    assert stranger.get("/wall", query_string={"token": old}).status_code == 302
    assert stranger.get("/wall/events", query_string={"token": old}).status_code == 401
    assert stranger.get("/wall", query_string={"token": wall_token(room)}).status_code == 200


def test_token_survives_a_restart(room, settings):
    token = wall_token(room)
    first_start.prepare(settings)
    assert wall_token(room) == token


# The admin page


@pytest.mark.parametrize("name", ["hold", "frozen", "blank"])
def test_switches_turn_by_one_press_each_and_stand_in_the_log(client, room, name):
    sign_in(client)
    now_on = name == "hold"
    for on in (not now_on, now_on):
        send(client, PAGE, page=PAGE, switch=name, on="yes" if on else "no")
        with room.reading() as session:
            assert bool(getattr(wall.switches(session), name)) is on
    with room.reading() as session:
        log = [entry.sentence for entry in session.query(AuditEntry)]
    assert len([line for line in log if line.startswith("The wall")]) == 2


def test_unknown_switch_on_the_page_is_told(client):
    sign_in(client)
    assert "no switch" in send(client, PAGE, page=PAGE, switch="<b>", on="yes").text


def test_page_shows_one_large_and_all_again(client, room):
    number = add(room)
    sign_in(client)
    assert "Show all again" in send(client, f"{PAGE}/large", page=PAGE, drawing=number).text
    assert seen(room)["large"]["id"] == number
    assert "Show all again" not in send(client, f"{PAGE}/large", page=PAGE).text
    assert "does not show this" in send(client, f"{PAGE}/large", page=PAGE, drawing=99).text


def test_page_says_how_to_let_phones_in_when_nobody_can_get_in(client):
    sign_in(client)
    assert "make run HOST=0.0.0.0" in client.get(PAGE).text


def test_page_shows_addresses_when_phones_can_get_in(client, app, monkeypatch):
    app.config["LISTENS_ON"] = "0.0.0.0", 8123
    found = ["192.168.1.20", "10.0.0.5"]
    monkeypatch.setattr("webapp.room.joining.of_this_machine", lambda: found)
    sign_in(client)
    page = client.get(PAGE).text
    assert page.count('aria-label="QR code of http://') == 2
    assert "Phone reached laptop: <strong>none" in page
    assert "Guest networks" in page
    assert "http://192.168.1.20:8123/wall?token=" in page
    wall_page = client.get("/wall", follow_redirects=True).text
    codes = re.findall('aria-label="QR code of http://([^"]+)"', wall_page)
    assert codes == ["192.168.1.20:8123", "10.0.0.5:8123"]


def test_presenter_chooses_which_address_is_large(client, app, monkeypatch, room):
    app.config["LISTENS_ON"] = "0.0.0.0", 8123
    monkeypatch.setattr(
        "webapp.room.joining.of_this_machine", lambda: ["192.168.1.20", "10.0.0.5"]
    )
    sign_in(client)
    assert client.get(PAGE).text.count("Show this one large") == 1
    page = send(client, f"{PAGE}/first", page=PAGE, address="10.0.0.5").text
    assert "http://10.0.0.5:8123/wall?token=" in page
    wall_page = client.get("/wall", follow_redirects=True).text
    codes = re.findall('aria-label="QR code of http://([^"]+)"', wall_page)
    assert codes == ["10.0.0.5:8123", "192.168.1.20:8123"]
    assert told(client, room)["addresses"] == ["10.0.0.5", "192.168.1.20"]
    answer = send(client, f"{PAGE}/first", page=PAGE, address="<b>")
    assert "does not have this address" in answer.text


def test_page_says_when_the_machine_is_in_no_network(client, app, monkeypatch):
    app.config["LISTENS_ON"] = "0.0.0.0", 8123
    monkeypatch.setattr("webapp.room.joining.of_this_machine", list)
    sign_in(client)
    assert "in no network" in client.get(PAGE).text


def test_behind_another_web_server_its_name_is_the_address(client):
    sign_in(client)
    page = client.get(PAGE, base_url="http://inkling.example")
    # The session is of another host: sign in there.
    assert page.status_code == 302
    form = {"base_url": "http://inkling.example"}
    token = re.search(
        r'name="csrf_token" value="([^"]+)"', client.get("/admin/sign-in", **form).text
    )
    data = {"password": "a password for tests", "csrf_token": token[1]}
    client.post("/admin/sign-in", data=data, **form)
    assert "QR code of http://inkling.example/" in client.get(PAGE, **form).text


# Streams


def told(client, room):
    """What a wall that opens now is told: {kind: the last message of it}."""
    query = {"token": wall_token(room)}
    return dict(messages(client.get("/wall/events", query_string=query).text))


def test_stream_begins_with_all_that_the_wall_shows(client, room):
    add(room)
    found = told(client, room)
    assert [drawing["id"] for drawing in found["drawings"]] == [1]
    assert found["statistics"]["total"] == 1
    assert found["live"]["version"] == 1
    assert found["live"]["accuracy"] > 0.9
    assert (found["frozen"], found["blank"], found["large"]) == (False, False, None)
    assert "run" not in found


def test_stream_tells_of_the_run_under_way_with_its_epochs_but_of_none_that_waits(client, room):
    with room.writing() as session:
        for status in ("running", "waiting"):
            session.add(TrainingRun(name="quick", settings={"epochs": 9}, status=status))
        session.flush()
        figures = {"cost": 1, "accuracy": 0.5, "test_cost": 1, "test_accuracy": 0.75}
        session.add(Epoch(run_id=1, number=1, **figures))
    found = told(client, room)
    assert (found["run"]["id"], found["run"]["status"]) == (1, "running")
    assert found["epochs"] == {"run": 1, "epochs": [[1, 1.0, 0.5, 1.0, 0.75]]}


def test_room_hears_nothing_of_the_presenters_affairs(client, room):
    with room.writing() as session:
        run = TrainingRun(name="quick", settings={"epochs": 9}, status="failed")
        run.reason = "/home/presenter/secret"
        session.add(run)
    found = told(client, room)
    assert set(found) == {
        *("frozen", "blank", "large", "drawings", "statistics", "live", "addresses", "run")
    }
    assert "secret" not in json.dumps(found)


async def _news(database, place, *changes):
    """What a listener hears after each change: a list of {kind: data}."""
    feed, heard = streams.Feed(database), []
    with feed.listen(place) as queue:
        await _until_quiet(queue)
        for change in changes:
            await asyncio.to_thread(change)
            heard.append(await _until_quiet(queue))
    return heard


async def _until_quiet(queue):
    found = {}
    while True:
        try:
            # The first within the two seconds that a wall may take, the rest with it.
            message = await asyncio.wait_for(queue.get(), 0.3 if found else 2)
        except TimeoutError:
            return found
        if message is None:
            return {**found, None: None}
        found.update(messages(message.decode()))


def in_a_loop(coroutine):
    """What the coroutine returns; in a thread of its own: Playwright's loop may run in this."""
    with ThreadPoolExecutor(max_workers=1) as thread:
        return thread.submit(asyncio.run, coroutine).result()


def news(database, *changes, channel="wall", token=None):
    return in_a_loop(_news(database, streams.Place(channel, 0, token), *changes))


def test_each_change_of_a_drawing_is_news(room):
    def withdraw():
        with room.writing() as session:
            drawings.withdraw(session, session.get(Drawing, 1).participant)

    def relabel():
        with room.writing() as session:
            session.get(Drawing, 1).label = 2

    heard = news(
        room,
        lambda: add(room),
        relabel,
        lambda: set_status(room, 1, REJECTED),
        lambda: set_status(room, 1, APPROVED),
        withdraw,
    )
    shown = [[(d["id"], d["label"]) for d in each["drawings"]] for each in heard]
    assert shown == [[(1, 7)], [(1, 2)], [], [(1, 2)], []]
    assert [each["statistics"]["total"] for each in heard] == [1, 1, 0, 1, 0]


def test_switches_and_promotions_are_news(room):
    def promote():
        with room.writing() as session:
            model = versions.load(session, 1)
            versions.promote(session, versions.publish(session, model, "Again", "run").id)

    add(room)
    heard = news(
        room,
        lambda: switch(room, "frozen"),
        lambda: switch(room, "blank"),
        lambda: switch(room, "blank", False),
        lambda: show_large(room, 1),
        promote,
    )
    assert heard[0] == {"frozen": True}
    assert (heard[1]["blank"], heard[1]["drawings"]) == (True, [])
    assert (heard[2]["blank"], len(heard[2]["drawings"])) == (False, 1)
    assert heard[3]["large"]["id"] == 1
    assert heard[4]["live"]["version"] == 2


def test_new_token_ends_streams_that_the_old_one_let_in(room):
    def renew():
        with room.writing() as session:
            wall.renew_token(session)

    [heard] = news(room, renew, token=wall_token(room))
    assert None in heard
    [heard] = news(room, renew)  # a presenter's goes on
    assert None not in heard


def test_stream_opened_with_a_token_that_has_ended_meanwhile_ends_at_once(room):
    async def opened():
        with streams.Feed(room).listen(streams.Place("wall", 0, "an old one")) as queue:
            return await _until_quiet(queue)

    assert None in in_a_loop(opened())


def test_each_channel_hears_its_own(room):
    assert "drawings" not in news(room, lambda: add(room), channel="admin")[0]
    heard = news(room, lambda: add(room), channel="workshop")[0]
    assert set(heard) == {"drawings"}


def test_look_that_fails_midway_is_made_again(room, monkeypatch):
    feed, told = streams.Feed(room), {}
    add(room)
    with monkeypatch.context() as patch:
        patch.setattr(wall, "view", _fail)
        with pytest.raises(RuntimeError):
            feed._changes(0, told, {"wall"})
    with monkeypatch.context() as patch:
        patch.setattr(wall, "token", _fail)  # what comes last of a look
        with pytest.raises(RuntimeError):
            feed._changes(0, told, {"wall"})
    heard, _, _ = feed._changes(0, told, {"wall"})
    assert any(b"event: drawings" in message for _, message in heard)


def _fail(_session):
    raise RuntimeError("the database went away")
