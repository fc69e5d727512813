import re
from datetime import timedelta

import pytest

from tests.support.pages import send, sign_in, token
from tests.support.server import PASSWORD
from webapp import create_app
from webapp.storage import first_start, tables
from webapp.storage.tables import AuditEntry, Setting, SignInAttempt
from webapp.web import auth

ADMIN_PAGES = [
    "/admin/",
    "/admin/train",
    "/admin/versions",
    "/admin/versions/1",
    "/admin/versions/1.npz",
    "/admin/compare",
    "/admin/runs/1/result",
    "/admin/wall",
    "/admin/wall/events",
    "/admin/capsule",
    "/admin/capsule.zip",
    "/admin/drawings",
    "/admin/drawings/new",
    "/admin/drawings.csv",
    "/admin/drawings.npz",
    "/admin/drawings/1.png",
    "/admin/log",
]


@pytest.fixture
def later(monkeypatch):
    """A function that lets time go on."""

    def later(delta):
        then = auth.time.time() + delta.total_seconds()
        monkeypatch.setattr(auth.time, "time", lambda: then)
        monkeypatch.setattr(auth, "now", lambda: tables.now() + delta)

    return later


def test_right_password_opens_the_admin_page(client):
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert client.get("/admin/").status_code == 200


def test_answer_to_a_wrong_password_gives_nothing_else_away(client):
    answer = sign_in(client, "guess")
    assert answer.status_code == 403
    assert re.findall(r'role="alert">(.*?)<', answer.text) == ["Wrong password."]
    assert client.get("/admin/").status_code == 302


@pytest.mark.parametrize("password", ["", "x" * 100_000, "pässwörd\0", PASSWORD + " "])
def test_odd_passwords_are_wrong_passwords(client, password):
    assert sign_in(client, password).status_code == 403


@pytest.mark.parametrize("path", ADMIN_PAGES)
def test_pages_send_strangers_to_the_sign_in_page_and_then_back(client, path):
    answer = client.get(path)
    assert (answer.status_code, answer.location) == (302, f"/admin/sign-in?next={path}")
    answer = client.post(
        answer.location, data={"password": PASSWORD, "csrf_token": token(client)}
    )
    assert answer.location == path


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/admin/"])
def test_sign_in_never_leads_elsewhere(client, target):
    form = {"password": PASSWORD, "csrf_token": token(client)}
    answer = client.post("/admin/sign-in", query_string={"next": target}, data=form)
    assert answer.location == "/admin/"


def test_event_stream_is_closed_to_strangers(client):
    answer = client.get("/admin/events", headers={"Accept": "text/event-stream"})
    assert answer.status_code == 401


def test_only_who_was_signed_in_may_send_large_bodies(client, app):
    def may(cookies):
        return auth.is_of_presenter(app, cookies)

    client.get("/admin/sign-in")
    before = client.get_cookie("inkling").value
    sign_in(client)
    signed = client.get_cookie("inkling").value
    assert may(f"other=1; inkling={signed}")
    for strange in ("", "inkling=", "inkling=x", f"inkling={before}", f"inkling={signed[:-2]}"):
        assert not may(strange)


CHANGES = [
    "/admin/train",
    "/admin/runs/1/cancel",
    "/admin/versions",
    "/admin/versions/1/promote",
    "/admin/versions/1/rename",
    "/admin/versions/1/delete",
    "/admin/roll-back",
    "/admin/wall",
    "/admin/wall/large",
    "/admin/wall/first",
    "/admin/wall/address",
    "/admin/drawings/changes",
    "/admin/drawings/people/1/decide",
    "/admin/drawings/people/1/block",
    "/admin/drawings/delete",
    "/admin/drawings/import",
    "/admin/sign-out",
]


@pytest.mark.parametrize("path", CHANGES)
def test_changes_without_csrf_token_are_refused(client, path):
    sign_in(client)
    answer = client.post(path, data={"preset": "article", "name": "x"})
    assert answer.status_code == 403
    assert "no longer valid" in answer.text


@pytest.mark.parametrize("path", CHANGES)
def test_changes_without_session_are_refused_even_with_a_token(client, path, app):
    answer = client.post(path, data={"preset": "article", "csrf_token": token(client)})
    assert answer.status_code == 401
    with app.extensions["database"].reading() as db:
        assert db.query(tables.TrainingRun).count() == 0
        assert db.query(AuditEntry).count() == 0


def test_every_change_of_the_app_is_in_the_list_above(app):
    posts = {
        re.sub("<.*?>", "1", rule.rule)
        for rule in app.url_map.iter_rules()
        if "POST" in rule.methods and rule.rule.startswith("/admin/")
    }
    assert posts == {*CHANGES, "/admin/sign-in"}


def test_session_expires(client, later):
    sign_in(client)
    later(timedelta(hours=auth.SESSION_HOURS, seconds=1))
    assert client.get("/admin/").status_code == 302


def test_sign_out_ends_the_session(client):
    sign_in(client)
    send(client, "/admin/sign-out", page="/admin/")
    assert client.get("/admin/").status_code == 302


def test_sign_in_asks_for_its_own_csrf_token(client):
    assert client.post("/admin/sign-in", data={"password": PASSWORD}).status_code == 403


def test_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client):
    cookie = sign_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def wrong_attempts(client, number):
    for _ in range(number):
        assert sign_in(client, "guess").status_code == 403


def test_after_ten_wrong_passwords_an_attempt_is_told_when_to_come_back(client):
    wrong_attempts(client, 10)
    for password in ("guess", PASSWORD):  # or the answer would tell the right one
        answer = sign_in(client, password)
        assert answer.status_code == 429
        assert 290 <= int(answer.headers["Retry-After"]) <= 300
        [sentence] = re.findall(r'role="alert">(.*?)<', answer.text)
        assert sentence == "Too many wrong passwords. Try again in 5 minutes."


def test_only_the_browser_that_guesses_has_to_wait(app, client):
    presenter, guesser = client, app.test_client()
    sign_in(presenter)
    wrong_attempts(guesser, 10)
    assert sign_in(guesser).status_code == 429
    assert presenter.get("/admin/").status_code == 200
    assert sign_in(app.test_client()).status_code == 303


def test_right_password_clears_the_wrong_ones_before_it(client):
    for _ in range(2):
        wrong_attempts(client, 9)
        assert sign_in(client).status_code == 303
        send(client, "/admin/sign-out", page="/admin/")


def test_many_browsers_together_have_a_limit_too(app, client):
    sign_in(client)
    with app.extensions["database"].writing() as db:
        for i in range(100):
            db.add(SignInAttempt(visitor=f"browser {i}", at=tables.now()))
    assert sign_in(app.test_client()).status_code == 429
    assert client.get("/admin/").status_code == 200  # who is signed in notices nothing


def test_wrong_attempts_are_forgotten_after_five_minutes(client, later):
    wrong_attempts(client, 10)
    later(timedelta(minutes=5, seconds=1))
    assert sign_in(client).status_code == 303


def test_password_is_checked_while_others_can_write(app, client, monkeypatch):
    database = app.extensions["database"]

    def check(*_):
        with database.writing() as db:  # would wait for sign_in's own session
            db.add(Setting(name="written", value="meanwhile"))
        return True

    monkeypatch.setattr(auth, "_matches", check)
    assert sign_in(client).status_code == 303


def test_first_start_makes_a_password_once_and_keeps_only_its_hash(settings):
    settings["admin_password"] = None
    password = first_start.prepare(settings)
    assert first_start.prepare(settings) is None
    apps = [create_app(settings) for _ in range(2)]
    assert len(password) >= 12
    assert sign_in(apps[1].test_client(), password).status_code == 303
    with apps[0].extensions["database"].reading() as db:
        assert password not in " ".join(row.value for row in db.query(Setting))
    for path in settings["data_dir"].iterdir():
        assert password.encode() not in path.read_bytes()
    for app in apps:
        app.extensions["database"].close()


def test_new_password_ends_older_sessions(settings):
    settings["admin_password"] = None
    first_start.prepare(settings)
    app = create_app(settings)
    database = app.extensions["database"]
    for password in ("the first one", "the second one"):
        with database.writing() as db:
            auth.set_password(db, password)
        if password == "the first one":
            client = app.test_client()
            sign_in(client, password)
            assert client.get("/admin/").status_code == 200
    assert client.get("/admin/").status_code == 302
    assert sign_in(client, "the first one").status_code == 403
    assert sign_in(client, "the second one").status_code == 303
    database.close()


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_password_of_wrong_length_is_refused(database, password):
    with database.writing() as db, pytest.raises(ValueError, match="8 to 200 characters"):
        auth.set_password(db, password)


def test_draw_page_sets_no_cookie(client):
    assert "Set-Cookie" not in client.get("/").headers


def test_sign_ins_and_failures_stand_in_the_log(client):
    sign_in(client, "guess")
    sign_in(client)
    log = client.get("/admin/log").text
    assert "The presenter signed in." in log
    assert "wrong password" in log
