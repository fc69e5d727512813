"""/api/drawings/mine/…: one's own kept drawings, one by one; and the game's count."""

import io

import pytest
import sqlalchemy as sa
from PIL import Image

from tests.support.stubborn import make_stubborn_version_live
from webapp.learning import recognition
from webapp.room import game
from webapp.storage.tables import Drawing, Setting, now
from webapp.web.channels import CHANNELS

PIXELS = [[0, 0, 0, 16, 14, 0, 0, 0]] * 8  # a 1
DETAILS = "/api/drawings/mine?details=true"


def give(client, label=1, **members):
    """Give an 8x8 picture; its number."""
    fields = {"pixels": PIXELS, "label": label, "consent": True, **members}
    return client.post("/api/drawings", json=fields).json["id"]


@pytest.fixture
def own(client):
    """The number of a drawing that the client gave."""
    return give(client)


def test_details_say_what_the_live_version_reads_now(client, own, database, monkeypatch):
    read = {"id": own, "label": 1, "digit": 1, "verdict": "sure"}
    assert client.get(DETAILS).json == {
        "given": 1,
        "limit": 40,
        "known": True,
        "drawings": [read],
    }
    newest = give(client, label=2, key="other")
    with database.writing() as session:
        make_stubborn_version_live(session, 2)
    monkeypatch.setattr(recognition, "FOLLOWED_WITHIN", 0)
    read["digit"] = 2
    assert client.get(DETAILS).json["drawings"] == [{**read, "id": newest, "label": 2}, read]


def test_who_gave_nothing_has_no_details(client):
    assert client.get(DETAILS).json["drawings"] == []


def test_own_picture_is_shown_and_stored_nowhere(client, own):
    answer = client.get(f"/api/drawings/mine/{own}.png")
    assert Image.open(io.BytesIO(answer.data)).size == (280, 280)
    assert (answer.mimetype, answer.headers["Cache-Control"]) == ("image/png", "no-store")


def test_label_is_corrected_by_the_drawings_number(client, own, database):
    answer = client.patch(f"/api/drawings/mine/{own}", json={"label": 7})
    assert (answer.status_code, answer.json) == (200, {"given": 1, "limit": 40})
    with database.writing() as session:
        drawing = session.get(Drawing, own)
        assert drawing.label == 7
        drawing.status = Drawing.APPROVED
    answer = client.patch(f"/api/drawings/mine/{own}", json={"label": 1})
    assert (answer.status_code, answer.json["error"]["code"]) == (409, "already_checked")


def test_one_drawing_is_withdrawn_and_the_others_stay(client, own):
    other = give(client, key="other")
    assert client.delete(f"/api/drawings/mine/{own}").json == {"given": 1, "limit": 40}
    assert [drawing["id"] for drawing in client.get(DETAILS).json["drawings"]] == [other]


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_drawings_of_others_and_withdrawn_ones_are_not_there(client, own, method, app):
    def ask(client, number):
        path = f"/api/drawings/mine/{number}{'.png' if method == 'get' else ''}"
        options = {"json": {"label": 3}} if method == "patch" else {}
        answer = getattr(client, method)(path, **options)
        return answer.status_code, answer.json["error"]["code"]

    stranger = app.test_client()
    assert ask(stranger, own) == (404, "no_such_drawing")
    give(stranger)
    assert ask(stranger, own) == (404, "no_such_drawing")
    client.delete(f"/api/drawings/mine/{own}")
    for number in (own, 0, 10**30):
        assert ask(client, number) == (404, "no_such_drawing")


@pytest.mark.parametrize("label", [None, "x", 10, -1, 1.5])
def test_correction_needs_a_digit(client, own, label):
    answer = client.patch(f"/api/drawings/mine/{own}", json={"label": label})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "bad_label")


def test_game_counts_rounds_of_the_room_and_keeps_nothing_else(app, database):
    for right in (True, False, True):
        answer = app.test_client().post("/api/game", json={"right": right})
    assert answer.json == {"right": 2, "played": 3}
    with database.reading() as session:
        assert game.score(session) == (2, 3)
        assert ("game", b"event: game\ndata: [2, 3]\n\n") in CHANNELS["wall"](session)
        assert session.scalar(sa.select(sa.func.count()).select_from(Drawing)) == 0


def test_game_begins_anew_when_nobody_has_played_for_an_hour(client, database, monkeypatch):
    client.post("/api/game", json={"right": True})
    monkeypatch.setattr(game, "now", lambda: now() + game.OVER_AFTER * 1.01)
    with database.reading() as session:
        assert game.score(session) is None
        assert session.get(Setting, "game") is not None
    assert client.post("/api/game", json={"right": False}).json == {"right": 0, "played": 1}


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [("{}", 400, "bad_json"), ('{"right": "yes"}', 422, "bad_right"), ("", 400, "bad_json")],
)
def test_game_refuses_other_rounds(client, body, status, code):
    answer = client.post("/api/game", data=body)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)


@pytest.mark.parametrize(
    ("method", "path"), [("post", "/api/game"), ("delete", "/api/drawings/mine/1")]
)
def test_pages_of_other_sites_change_nothing(client, method, path):
    answer = getattr(client, method)(path, headers={"Origin": "https://other.example"})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "foreign_origin")
