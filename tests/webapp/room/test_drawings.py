"""/api/drawings: drawings are kept with consent, kept once, and withdrawn."""

import dataclasses
import io
import json
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa
from PIL import Image

from nn.drawings import render
from webapp.room import drawings, limits
from webapp.storage import tables
from webapp.storage.tables import AuditEntry, Drawing, Participant

COOKIE = "inkling_participant"
PIXELS = [[0, 0, 0, 16, 14, 0, 0, 0]] * 8  # a 1
DEVICE = "0123456789abcdef0123456789abcdef"


def encoded(image, kind="PNG"):
    buffer = io.BytesIO()
    image.save(buffer, kind)
    return buffer.getvalue()


@pytest.fixture(scope="session")
def pngs(sample_drawings):
    """Recorded drawings as the page sends them: a list of (digit, bytes)."""
    return [(digit, encoded(render(strokes))) for digit, strokes in sample_drawings[:8]]


@pytest.fixture(scope="session")
def seven(sample_drawings):
    return encoded(render(next(s for digit, s in sample_drawings if digit == 7)))


def give(client, png, label=7, consent="true", headers=(), **fields):
    """Give a picture as the page does, a form; None leaves a field out."""
    form = {"label": label, "consent": consent, **fields}
    form = {name: value for name, value in form.items() if value is not None}
    image = {"image": (io.BytesIO(png), "drawing.png")}
    return client.post("/api/drawings", data=form | image, headers=dict(headers))


def give_pixels(client, pixels=PIXELS, label=1, **members):
    return client.post("/api/drawings", json={"pixels": pixels, "label": label, **members})


def error(answer):
    """Status and code of an answer in the one shape of all errors."""
    assert set(answer.json["error"]) == {"code", "message"}
    assert answer.json["error"]["message"].endswith(".")
    return answer.status_code, answer.json["error"]["code"]


def kept(app):
    """All drawings that are kept, with their pictures."""
    with app.extensions["database"].reading() as db:
        query = sa.select(Drawing).options(sa.orm.undefer(Drawing.picture))
        return db.scalars(query.order_by(Drawing.id)).all()


def participants(app):
    with app.extensions["database"].reading() as db:
        return db.scalars(sa.select(Participant).order_by(Participant.id)).all()


def nothing_is_kept(app):
    return kept(app) == participants(app) == []


def test_drawing_is_kept_with_the_answer_to_it(app, client, seven):
    predicted = client.post("/api/predict", data=seven, content_type="image/png").json
    answer = give(client, seven, label=1, key="first")
    assert (answer.status_code, answer.json) == (201, {"id": 1, "given": 1, "limit": 40})
    [drawing] = kept(app)
    assert (drawing.picture, drawing.key, drawing.label) == (seven, "first", 1)
    assert list(drawing.pixels) == [value for row in predicted["pixels"] for value in row]
    assert (drawing.predicted, drawing.verdict, drawing.version_id) == (7, "sure", 1)
    assert drawing.certainty == pytest.approx(max(predicted["probabilities"]))
    assert (drawing.neighbours, drawing.status) == (7, "pending")


def test_fields_may_stand_in_the_address_and_the_key_in_a_header(app, client, seven):
    address = "/api/drawings?label=7&consent=true&key="
    for key, headers in (("abc", {}), ("not this", {"Idempotency-Key": "k-1"})):
        answer = client.post(
            address + key, data=seven, content_type="image/png", headers=headers
        )
        assert answer.status_code == 201
    assert [(drawing.label, drawing.key) for drawing in kept(app)] == [(7, "abc"), (7, "k-1")]


def test_pixels_are_kept_with_a_picture_of_them(app, client):
    assert give_pixels(client, consent=True).status_code == 201
    [drawing] = kept(app)
    picture = Image.open(io.BytesIO(drawing.picture))
    assert (picture.format, picture.mode, picture.size) == ("PNG", "L", (8, 8))
    assert np.rint((255 - np.asarray(picture)) / 255 * 16).tolist() == PIXELS
    assert list(drawing.pixels) == [value for row in PIXELS for value in row]


def test_cookie_comes_with_the_first_drawing_and_out_of_reach_of_scripts(client, seven):
    assert "Set-Cookie" not in client.get("/").headers
    assert "Set-Cookie" not in client.get("/api/drawings/mine").headers
    cookie = give(client, seven).headers["Set-Cookie"]
    assert cookie.startswith(f"{COOKIE}=")
    for part in ("HttpOnly", "SameSite=Lax", "Max-Age=31536000", "Path=/"):
        assert part in cookie
    assert "Set-Cookie" not in give(client, seven, consent=None, key="next").headers


@pytest.mark.parametrize("consent", [None, "", "false", "0", "perhaps", "<b>true</b>"])
def test_nothing_is_kept_without_consent(app, client, seven, consent):
    answer = give(client, seven, consent=consent)
    assert error(answer) == (403, "consent_missing")
    assert "Set-Cookie" not in answer.headers
    assert nothing_is_kept(app)


def test_consent_is_asked_once(client, pngs):
    for number, consent in enumerate(("1", None, "false")):
        assert give(client, pngs[number][1], consent=consent).json["given"] == number + 1


def test_unknown_device_is_refused_until_it_agrees(app, client, seven):
    for token in ("somebody", "x" * 3000, "a\0b", "é"):
        client.set_cookie(COOKIE, token)
        assert error(give(client, seven, consent=None)) == (403, "unknown_participant")
    answer = give(client, seven)
    assert answer.status_code == 201
    assert f"{COOKIE}={participants(app)[0].token}" in answer.headers["Set-Cookie"]


def test_blocked_participant_is_refused_even_with_consent(app, client, seven):
    give(client, seven, device=DEVICE)
    with app.extensions["database"].writing() as db:
        db.execute(sa.update(Participant).values(blocked=True))
    assert error(give(client, seven, key="other")) == (403, "blocked")
    client.delete_cookie(COOKIE)
    assert error(give(client, seven, key="other", device=DEVICE)) == (403, "blocked")
    assert len(kept(app)) == 1


def test_same_key_is_kept_once(app, client, seven):
    first, again = (give(client, seven, key="k") for _ in range(2))
    assert (first.status_code, again.status_code) == (201, 200)
    assert first.json == again.json
    assert len(kept(app)) == 1


def test_same_drawing_without_a_key_is_kept_once(app, client, seven):
    answers = [give(client, seven, label=label) for label in (7, 7, 1)]
    answers += [give_pixels(client, label=label) for label in (1, "1")]
    assert [answer.status_code for answer in answers] == [201, 200, 201, 201, 200]
    assert len(kept(app)) == 3


def test_same_key_of_others_is_another_drawing(app, client, seven):
    answers = [give(each, seven, key="k") for each in (client, app.test_client())]
    assert [(each.status_code, each.json["given"]) for each in answers] == [(201, 1)] * 2
    assert len({each.token for each in participants(app)}) == 2
    assert all(len(each.token) >= 32 for each in participants(app))


def test_same_key_with_another_label_corrects_it_until_it_is_checked(app, client, seven):
    for label, status in ((1, 201), (7, 200)):
        assert give(client, seven, label=label, key="k").status_code == status
    with app.extensions["database"].writing() as db:
        db.execute(sa.update(Drawing).values(status=Drawing.APPROVED))
    assert error(give(client, seven, label=1, key="k")) == (409, "already_checked")
    assert give(client, seven, label=7, key="k").status_code == 200
    assert [drawing.label for drawing in kept(app)] == [7]


def test_same_key_for_another_drawing_is_refused(app, client, pngs):
    give(client, pngs[0][1], key="k")
    assert error(give(client, pngs[1][1], key="k")) == (409, "key_reused")
    assert [drawing.picture for drawing in kept(app)] == [pngs[0][1]]


def test_same_key_eight_times_at_once_is_kept_once(app, client, seven):
    give(client, seven, key="before")
    token = client.get_cookie(COOKIE).value

    def send(_):
        one = app.test_client()
        one.set_cookie(COOKIE, token)
        return give(one, seven, consent=None, key="at-once").status_code

    with ThreadPoolExecutor(8) as threads:
        statuses = sorted(threads.map(send, range(8)))
    assert statuses == [200] * 7 + [201]
    assert len(kept(app)) == 2


def test_device_whose_first_answer_was_lost_is_the_same_participant(app, seven):
    """It has no cookie yet and sends again: the number it made itself says who it is."""
    answers = [give(app.test_client(), seven, key="k", device=DEVICE) for _ in range(2)]
    assert [answer.status_code for answer in answers] == [201, 200]
    assert len({answer.headers["Set-Cookie"] for answer in answers}) == 1
    assert (len(kept(app)), len(participants(app))) == (1, 1)
    assert DEVICE not in participants(app)[0].token


@pytest.fixture
def _two_each(settings):
    settings["max_drawings"] = 2


@pytest.mark.usefixtures("_two_each")
def test_participant_with_enough_drawings_can_only_send_them_again(app, client):
    answers = [give_pixels(client, key=str(k), consent=True) for k in range(3)]
    assert answers[1].json == {"id": 2, "given": 2, "limit": 2}
    assert error(answers[2]) == (429, "too_many_drawings")
    assert "2 drawings" in answers[2].json["error"]["message"]
    again = give_pixels(client, key="1")
    assert (again.status_code, again.json["given"]) == (200, 2)
    assert len(kept(app)) == 2
    assert give_pixels(app.test_client(), consent=True).status_code == 201  # others may


def test_at_most_so_many_a_minute_of_one_participant(app, client, monkeypatch):
    monkeypatch.setattr(limits, "PER_MINUTE", 3)
    statuses = [give_pixels(client, key=str(k), consent=True).status_code for k in range(4)]
    assert statuses == [201, 201, 201, 429]
    assert give_pixels(app.test_client(), consent=True).status_code == 201
    monkeypatch.setattr(limits, "now", lambda: tables.now() + timedelta(seconds=61))
    assert give_pixels(client, key="3").status_code == 201


def test_clock_that_is_set_back_locks_no_device_out(client, monkeypatch):
    monkeypatch.setattr(limits, "PER_MINUTE", 1)
    assert give_pixels(client, key="1", consent=True).status_code == 201
    assert give_pixels(client, key="2").status_code == 429
    monkeypatch.setattr(limits, "now", lambda: tables.now() - timedelta(days=1))
    assert give_pixels(client, key="2").status_code == 201


@pytest.fixture
def _small_room(settings):
    settings |= {"max_room_drawings": 3, "max_newcomers": 2}


@pytest.mark.usefixtures("_small_room")
def test_room_keeps_so_many_drawings_of_so_many_new_devices_a_minute(app, monkeypatch):
    first, second, third = (app.test_client() for _ in range(3))
    assert [give_pixels(c, consent=True).status_code for c in (first, second)] == [201, 201]
    refused = give_pixels(third, consent=True)
    assert error(refused) == (429, "too_many_newcomers")
    assert "Wait a minute" in refused.json["error"]["message"]
    assert len(participants(app)) == 2  # a device that is refused leaves nothing behind
    monkeypatch.setattr(limits, "now", lambda: tables.now() + timedelta(seconds=61))
    assert give_pixels(third, consent=True).status_code == 201
    full = give_pixels(first, key="2")
    assert error(full) == (429, "room_full")
    assert full.json["error"]["message"].startswith("No more drawings fit in here: 3 are kept.")
    first.delete("/api/drawings/mine")
    assert give_pixels(second, key="2").status_code == 201


def test_room_keeps_so_many_bytes_of_pictures(app, client, seven):
    app.config["LIMITS"] = dataclasses.replace(app.config["LIMITS"], bytes=2 * len(seven))
    statuses = [give(client, seven, key=str(k)).status_code for k in range(3)]
    assert statuses == [201, 201, 429]


def test_room_is_counted_once_a_second_and_before_it_says_that_it_is_full(
    app, client, seven, monkeypatch
):
    app.config["LIMITS"] = dataclasses.replace(app.config["LIMITS"], drawings=3)
    counted = []
    sa.event.listen(
        app.extensions["database"].engine,
        "before_cursor_execute",
        lambda *call: counted.append(call[2]) if "sum(drawing.size)" in call[2] else None,
    )
    monkeypatch.setattr(limits, "_COUNTED_EVERY", 1000)
    for key in "ab":
        assert give(client, seven, key=key).status_code == 201
    assert len(counted) == 1
    client.delete("/api/drawings/mine")
    statuses = [give(client, seven, key=key).status_code for key in "cdef"]
    assert statuses == [201, 201, 201, 429]
    assert len(counted) == 3


LABELS = ["10", "-1", "7.0", "", "seven", "٧", "07", "<script>alert(1)</script>", "7" * 999]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        *[("label", label) for label in [*LABELS, True, 1.5, None, [1], {"a": 1}, 10, -1]],
        *[
            ("key", key)
            for key in ("k" * 65, "<b>key</b>", "a b", "a\0", "a\ud800", "ключ", [1])
        ],
        *[("device", device) for device in ("short", "x" * 65, "<b>0123456789abcdef</b>", 7)],
    ],
    ids=lambda value: str(value)[:20].encode("ascii", "replace").decode(),
)
def test_wrong_field_is_named_with_its_value_and_limits(app, client, field, value):
    answer = give_pixels(client, **{"label": 1, "consent": True, field: value})
    assert error(answer) == (422, f"bad_{field}")
    message = answer.json["error"]["message"]
    assert {"label": "from 0 to 9", "key": "up to 64", "device": "16 to 64"}[field] in message
    if not isinstance(value, (list, dict)):
        assert json.dumps(value)[:40] in message
    if value == "k" * 65:
        assert "65 characters" in message
    assert nothing_is_kept(app)


@pytest.mark.parametrize("field", ["label", "key", "device"])
def test_wrong_field_of_a_form_is_refused_as_well(app, client, seven, field):
    assert error(give(client, seven, **{field: "a b"})) == (422, f"bad_{field}")
    assert nothing_is_kept(app)


def test_missing_label_is_refused(app, client, seven):
    answer = give(client, seven, label=None)
    assert error(answer) == (422, "bad_label")
    assert "missing" in answer.json["error"]["message"]
    assert nothing_is_kept(app)


@pytest.mark.parametrize(
    ("body", "kind", "status", "code"),
    [
        (b"hello", "image/png", 400, "not_a_picture"),
        (b"label=7&consent=true", "application/x-www-form-urlencoded", 415, None),
        (b"x", "multipart/form-data", 400, "missing_image"),
        (b'{"label": 7, "consent": true}', "application/json", 400, "bad_json"),
        (b'{"pixels": [], "label": 7}', "application/json", 422, "bad_pixels"),
        (b"x" * (17 * 2**20), "image/png", 413, "request_entity_too_large"),
    ],
)
def test_label_without_a_drawing_gets_a_sentence(app, client, body, kind, status, code):
    answer = client.post("/api/drawings?label=7&consent=true", data=body, content_type=kind)
    assert error(answer) == (status, code or "unsupported_content_type")
    assert nothing_is_kept(app)


def test_empty_picture_is_not_kept_and_makes_nobody_known(app, client):
    blank = encoded(Image.new("L", (280, 280), "white"))
    answer = give(client, blank)
    assert error(answer) == (422, "blank")
    assert "Set-Cookie" not in answer.headers
    assert nothing_is_kept(app)


def test_picture_too_large_to_be_kept_is_refused(app, client):
    rng = np.random.default_rng(0)
    grain = rng.integers(200, 256, (800, 800), dtype=np.uint8)
    grain[100:700, 380:420] = 0
    noise = encoded(Image.fromarray(grain))
    assert len(noise) > limits.MAX_PICTURE
    assert error(give(client, noise)) == (413, "picture_too_large")
    assert nothing_is_kept(app)


def test_own_drawings_are_counted(app, client, pngs):
    nobody = {"given": 0, "limit": 40, "known": False}
    answer = client.get("/api/drawings/mine")
    assert (answer.json, answer.headers["Cache-Control"]) == (nobody, "no-store")
    for digit, png in pngs[:3]:
        give(client, png, label=digit)
    give(app.test_client(), pngs[0][1])
    assert client.get("/api/drawings/mine").json == {"given": 3, "limit": 40, "known": True}
    assert app.test_client().get("/api/drawings/mine").json == nobody


def test_withdrawing_removes_all_of_ones_own_and_no_others(app, client, pngs):
    other = app.test_client()
    for digit, png in pngs[:3]:
        give(client, png, label=digit)
    give(other, pngs[0][1])
    with app.extensions["database"].writing() as db:
        db.execute(sa.update(Drawing).values(status=Drawing.APPROVED))
    assert client.delete("/api/drawings/mine").json == {"withdrawn": 3}
    assert client.delete("/api/drawings/mine").json == {"withdrawn": 0}
    [left] = kept(app)
    assert left.participant_id == 2
    with app.extensions["database"].reading() as db:
        pools = drawings.teaching_set(db)[1], drawings.held_out_set(db)[1]
        assert sum(map(len, pools)) == 1
        log = [str(each) for each in db.scalars(sa.select(AuditEntry.sentence))]
    assert log == ["A participant withdrew 3 drawings."]
    assert client.get("/api/drawings/mine").json == {"given": 0, "limit": 40, "known": True}


def test_device_whose_first_answer_was_lost_is_known_by_its_number(app, client, seven):
    give(app.test_client(), seven, device=DEVICE)  # and the cookie never arrived
    mine = f"/api/drawings/mine?device={DEVICE}"
    assert client.get(mine).json["given"] == 1
    assert client.get("/api/drawings/mine").json["given"] == 0
    client.set_cookie(COOKIE, "somebody")
    for stranger in ("", f"?device={DEVICE[::-1]}"):
        assert client.delete(f"/api/drawings/mine{stranger}").json == {"withdrawn": 0}
    assert client.delete(mine).json == {"withdrawn": 1}
    assert kept(app) == []


def test_who_gave_nothing_withdraws_nothing_while_others_write(app, client):
    client.set_cookie(COOKIE, "somebody")
    with app.extensions["database"].writing() as db:
        db.connection()
        assert client.delete("/api/drawings/mine").json == {"withdrawn": 0}


@pytest.mark.parametrize("method", ["get", "delete"])
def test_number_of_a_device_that_is_none_is_refused(client, method):
    answer = getattr(client, method)("/api/drawings/mine?device=short")
    assert error(answer) == (422, "bad_device")


def test_blocked_participant_may_withdraw(app, client, seven):
    give(client, seven)
    with app.extensions["database"].writing() as db:
        db.execute(sa.update(Participant).values(blocked=True))
    assert client.delete("/api/drawings/mine").json == {"withdrawn": 1}


FOREIGN = [
    {"Origin": "https://elsewhere.example"},
    {"Origin": "http://localhost:8001"},
    {"Origin": "null"},
    {"Origin": "http://["},
    {"Origin": ""},
    {"Sec-Fetch-Site": "cross-site"},
    {"Origin": "http://localhost", "Sec-Fetch-Site": "cross-site"},
]


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_other_sites_can_neither_give_nor_withdraw(app, client, seven, headers):
    give(client, seven)
    answer = give(client, seven, key="foreign", headers=headers)
    assert error(answer) == (403, "foreign_origin")
    answer = client.delete("/api/drawings/mine", headers=headers)
    assert error(answer) == (403, "foreign_origin")
    assert len(kept(app)) == 1


@pytest.mark.parametrize(
    "headers",
    [{}, {"Origin": "http://localhost"}, {"Origin": "https://LOCALHOST"},
     {"Origin": "http://localhost", "Sec-Fetch-Site": "same-origin"}],
)  # fmt: skip
def test_own_page_and_programs_can_give(client, seven, headers):
    assert give(client, seven, headers=headers).status_code == 201


def test_every_fifth_participant_is_held_out(database):
    with database.writing() as session:
        people = [drawings.new_participant(session) for _ in range(6)]
        assert [each.held_out for each in people] == [False] * 4 + [True, False]


def test_client_cannot_set_what_the_server_finds_out(app, client, seven):
    form = {"predicted": "3", "verdict": "torn", "certainty": "0", "version": "9"}
    give(client, seven, status="approved", **form)
    [drawing] = kept(app)
    assert (drawing.predicted, drawing.verdict, drawing.status) == (7, "sure", "pending")
    assert drawing.version_id == 1
