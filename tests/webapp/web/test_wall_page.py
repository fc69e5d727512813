import io
import re

import pytest
from PIL import Image

from nn.drawings import render
from tests.support.given import give
from tests.support.pages import messages, send, sign_in, token
from tests.support.server import PASSWORD
from webapp.room import switches, wall
from webapp.storage.tables import AuditEntry, Drawing

PAGE = "/admin/wall"
TWO_ADDRESSES = ["192.168.1.20", "10.0.0.5"]


@pytest.fixture
def room(app):
    """The database of the app."""
    return app.extensions["database"]


@pytest.fixture
def listening(app, monkeypatch):
    """A function that lets the server listen to all, on a machine with these addresses."""

    def listen(addresses):
        app.config["LISTENS_ON"] = "0.0.0.0", 8123
        monkeypatch.setattr("webapp.room.joining.of_this_machine", lambda: addresses)

    return listen


def wall_token(database):
    with database.reading() as session:
        return wall.token(session)


def add(database):
    with database.writing() as session:
        return give(session).id


def qr_codes(client):
    page = client.get("/wall", follow_redirects=True).text
    return re.findall('aria-label="QR code of http://([^"]+)"', page)


# Who may see it


def test_token_in_the_address_lets_a_stranger_see_the_wall_and_its_stream(client, room):
    ours = {"token": wall_token(room)}
    page = client.get("/wall", query_string=ours)
    assert page.status_code == 200
    assert "Latest drawings" in page.text
    stream = client.get("/wall/events", query_string=ours)
    assert stream.mimetype == "text/event-stream"
    assert len(ours["token"]) >= 20


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


def picture_of(client, number, **query):
    return client.get(f"/wall/drawings/{number}.png", query_string=query).status_code


def test_handwriting_is_sent_while_the_wall_may_show_it_to_those_who_may_see_the_wall(
    client, room, sample_drawings
):
    buffer = io.BytesIO()
    render(sample_drawings[0][1]).save(buffer, "PNG")
    with room.writing() as session:
        number = give(session, picture=buffer.getvalue()).id
        waiting = give(session, picture=buffer.getvalue(), status=Drawing.PENDING).id
    token = wall_token(room)
    answer = client.get(f"/wall/drawings/{number}.png", query_string={"token": token})
    image = Image.open(io.BytesIO(answer.data))
    assert (answer.mimetype, image.format, image.mode) == ("image/png", "PNG", "L")
    assert answer.headers["Cache-Control"] == "private, max-age=300"
    assert [picture_of(client, n, token=token) for n in (waiting, 99, 10**20)] == [404] * 3
    assert picture_of(client, number, token="another") == 401
    with room.writing() as session:
        wall.switch(session, "blank", True, 1)
    assert picture_of(client, number, token=token) == 404
    sign_in(client)
    assert picture_of(client, number) == 200
    assert picture_of(client, waiting) == 404


# The admin page


def test_presenter_names_the_wifi_and_a_long_name_is_refused_with_its_limit(client, room):
    sign_in(client)
    send(client, f"{PAGE}/wifi", page=PAGE, name="  Library   Guest ")
    with room.reading() as session:
        assert wall.view(session, 1)["wifi"] == "Library Guest"
    answer = send(client, f"{PAGE}/wifi", page=PAGE, name="x" * 33)
    assert "at most 32 characters" in answer.text
    assert 'value="Library Guest"' in answer.text


@pytest.mark.parametrize("name", ["hold", "frozen", "blank", "training"])
def test_switches_turn_by_one_press_each_and_stand_in_the_log(client, room, name):
    sign_in(client)
    now_on = name == "hold"
    for on in (not now_on, now_on):
        send(client, PAGE, page=PAGE, switch=name, on="yes" if on else "no")
        with room.reading() as session:
            assert switches.current(session).state[name] is on
    with room.reading() as session:
        log = [str(entry.sentence) for entry in session.query(AuditEntry)]
    assert len([line for line in log if line.startswith("The wall")]) == 2
    assert "no switch" in send(client, PAGE, page=PAGE, switch="<b>", on="yes").text


def test_page_shows_one_large_and_all_again(client, room):
    number = add(room)
    sign_in(client)
    assert "Show all again" in send(client, f"{PAGE}/large", page=PAGE, drawing=number).text
    assert "Show all again" not in send(client, f"{PAGE}/large", page=PAGE).text
    assert "does not show this" in send(client, f"{PAGE}/large", page=PAGE, drawing=99).text


def test_wall_and_page_say_how_to_let_phones_in_and_show_no_code_that_leads_nowhere(
    client, settings
):
    sign_in(client)
    for path in (PAGE, "/wall"):
        page = client.get(path, follow_redirects=True).text
        command = " ".join(re.sub("<[^>]+>", " ", page).split())
        assert "python -m webapp --host 0.0.0.0" in command
        assert f"--data-dir {settings['data_dir']}" in command
        assert "QR code" not in re.sub("Then the QR code", "", page)


def test_wall_without_a_network_asks_for_one(client, listening):
    listening([])
    sign_in(client)
    assert "not in a network" in client.get("/wall", follow_redirects=True).text


def test_page_shows_addresses_when_phones_can_connect(client, listening):
    listening(TWO_ADDRESSES)
    sign_in(client)
    page = client.get(PAGE).text
    assert page.count('aria-label="QR code of http://') == 2
    assert "in the last minute" in page
    assert "Guest networks" in page
    assert "http://192.168.1.20:8123/wall?token=" in page
    assert qr_codes(client) == ["192.168.1.20:8123", "10.0.0.5:8123"]


def test_presenter_chooses_which_address_is_large(client, listening, room):
    listening(TWO_ADDRESSES)
    sign_in(client)
    assert client.get(PAGE).text.count("Show this one large") == 1
    page = send(client, f"{PAGE}/first", page=PAGE, address="10.0.0.5").text
    assert "http://10.0.0.5:8123/wall?token=" in page
    assert qr_codes(client) == ["10.0.0.5:8123", "192.168.1.20:8123"]
    stream = client.get("/wall/events", query_string={"token": wall_token(room)})
    assert ("addresses", TWO_ADDRESSES[::-1]) in messages(stream.text)
    answer = send(client, f"{PAGE}/first", page=PAGE, address="<b>")
    assert "no longer has this address" in answer.text


def test_page_without_a_network_asks_for_one(client, listening):
    listening([])
    sign_in(client)
    assert "hotspot of a phone" in client.get(PAGE).text


def test_behind_another_web_server_its_name_is_the_address(client):
    there = {"base_url": "http://inkling.lan"}
    sign_in(client)
    assert client.get(PAGE, **there).status_code == 302  # the session is of another host
    data = {"password": PASSWORD, "csrf_token": token(client, "/admin/sign-in", **there)}
    client.post("/admin/sign-in", data=data, **there)
    assert "QR code of http://inkling.lan/" in client.get(PAGE, **there).text
