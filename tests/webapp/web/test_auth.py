import html
import re
from datetime import timedelta

import pytest

from tests.support import prepared
from tests.support.pages import send, sign_in, token
from tests.support.server import PASSWORD
from webapp import create_app
from webapp.storage import first_start, tables
from webapp.storage.tables import AuditEntry, Setting, SignInAttempt
from webapp.web import auth


@pytest.fixture
def later(monkeypatch):
    """A function that lets time go on."""

    def later(delta):
        then = auth.time.time() + delta.total_seconds()
        monkeypatch.setattr(auth.time, "time", lambda: then)
        monkeypatch.setattr(auth, "now", lambda: tables.now() + delta)

    return later


def addresses(app, method):
    """All that answers to a method below /admin, but the sign-in page; numbers are 1."""
    return {
        re.sub("<.*?>", "1", rule.rule)
        for rule in app.url_map.iter_rules()
        if method in rule.methods and rule.rule.startswith("/admin/")
    } - {"/admin/sign-in"}


def alert(answer):
    [sentence] = re.findall(r'role="alert">(.*?)<', answer.text)
    return sentence


def test_right_password_opens_the_admin_page_until_one_signs_out(client):
    answer = sign_in(client)
    assert (answer.status_code, answer.location) == (303, "/admin/")
    assert client.get("/admin/").status_code == 200
    send(client, "/admin/sign-out", page="/admin/")
    assert client.get("/admin/").status_code == 302


def test_copy_of_a_cookie_ends_with_its_session_and_no_other_does(app):
    clients = presenter, copy, second = [app.test_client() for _ in range(3)]
    for client in (presenter, second):
        sign_in(client)
    name = app.config["SESSION_COOKIE_NAME"]
    copy.set_cookie(name, presenter.get_cookie(name).value)
    assert [client.get("/admin/").status_code for client in clients] == [200, 200, 200]
    send(presenter, "/admin/sign-out", page="/admin/")
    assert [client.get("/admin/").status_code for client in clients] == [302, 302, 200]


@pytest.mark.parametrize("password", ["guess", "", "x" * 100_000, "pässwörd\0", PASSWORD + " "])
def test_answer_to_a_wrong_password_gives_nothing_else_away(client, password):
    answer = sign_in(client, password)
    assert (answer.status_code, alert(answer)) == (403, "Wrong password.")
    assert client.get("/admin/").status_code == 302


def test_pages_send_strangers_to_the_sign_in_page_and_then_back(app, client):
    pages = addresses(app, "GET")
    assert {"/admin/", "/admin/versions/1.npz", "/admin/drawings.csv"} <= pages
    for path in pages:
        answer = client.get(path)
        assert (answer.status_code, answer.location) == (302, f"/admin/sign-in?next={path}")
    form = {"password": PASSWORD, "csrf_token": token(client)}
    assert client.post(answer.location, data=form).location == path


@pytest.mark.parametrize("target", ["https://elsewhere.example/", "//elsewhere.example/admin/"])
def test_sign_in_never_leads_elsewhere(client, target):
    form = {"password": PASSWORD, "csrf_token": token(client)}
    answer = client.post("/admin/sign-in", query_string={"next": target}, data=form)
    assert answer.location == "/admin/"


def test_address_to_go_on_to_cannot_break_out_of_its_header(client):
    form = {"password": PASSWORD, "csrf_token": token(client)}
    answer = client.post("/admin/sign-in?next=/admin/%0D%0AX", data=form)
    assert (answer.status_code, answer.location) == (303, "/admin/")


def test_no_view_has_to_tell_reading_from_changing(app, client):
    """Flask answers HEAD where it answers GET; CSRF protection looks at POST alone."""
    for rule in app.url_map.iter_rules():
        assert not {"HEAD", "POST"} <= rule.methods, rule
    answer = client.head("/admin/sign-in", data={"password": PASSWORD})
    assert answer.status_code == 200
    assert client.head("/admin/").status_code == 302


def test_admin_pages_are_not_stored(client):
    sign_in(client)
    for path in ("/admin/", "/admin/sign-in", "/admin/nothing", "/admin/drawings.csv"):
        assert "no-store" in client.get(path).headers["Cache-Control"]


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
    assert may(f"other=1; inkling_8000={signed}")
    for strange in ("", "x", before, signed[:-2]):
        assert not may(f"inkling_8000={strange}")
    assert not may(f"inkling_participant={signed}; inkling_123456={signed}")


def test_few_cookies_are_checked_of_many(client, app):
    """Anybody can send thousands, and each check takes time."""
    client.get("/admin/sign-in")
    sign_in(client)
    signed = client.get_cookie("inkling").value
    many = "; ".join(f"inkling_{port}=a.b.c" for port in range(1, 9))
    assert auth.is_of_presenter(app, f"inkling={signed}; {many}")
    assert not auth.is_of_presenter(app, f"{many}; inkling={signed}")


def test_changes_without_session_are_refused_even_with_a_token(app, client):
    changes = addresses(app, "POST")
    assert {"/admin/train", "/admin/versions/1/promote", "/admin/drawings/delete"} <= changes
    csrf = token(client)
    for path in changes:
        answer = client.post(path, data={"preset": "article", "csrf_token": csrf})
        assert answer.status_code == 401, path
    with app.extensions["database"].reading() as db:
        assert db.query(tables.TrainingRun).count() == 0
        assert db.query(AuditEntry).count() == 0


def test_changes_without_csrf_token_are_refused(app, client):
    assert client.post("/admin/sign-in", data={"password": PASSWORD}).status_code == 403
    sign_in(client)
    for path in addresses(app, "POST"):
        answer = client.post(path, data={"preset": "article", "name": "x"})
        assert (answer.status_code, "no longer valid" in answer.text) == (403, True), path


def test_refused_form_says_why(app, client):
    def answer(client, csrf):
        return client.post("/admin/train", data={"csrf_token": csrf}).text

    sign_in(client)
    csrf = token(client, "/admin/train")
    sign_in(client)
    assert "You signed in or out after" in answer(client, csrf)
    client.set_cookie("inkling", "of another key")
    sentences = {
        "sent no cookie": app.test_client(),
        "before Inkling was started with other data": client,
    }
    for sentence, browser in sentences.items():
        page = browser.post("/admin/sign-in", data={"csrf_token": csrf, "password": "x"}).text
        assert sentence in page


FORM = {"preset": "article", "epochs": "33", "password": "secret"}
OWN = {"Origin": "http://localhost", "Referer": "http://localhost/admin/train?run=1"}


def hidden(answer):
    """The hidden fields of a page's form, by name, and where it leads."""
    form = re.search(
        r'<form method="post" action="([^"]*)" class="card.*?</form>', answer.text, re.S
    )
    fields = re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', form[0])
    return dict(fields), html.unescape(form[1])


def start(client, csrf, headers=OWN):
    """Send the train page's form, as a browser does."""
    return client.post("/admin/train", data={**FORM, "csrf_token": csrf}, headers=headers)


def run_settings(app):
    with app.extensions["database"].reading() as db:
        return [(run.name, run.settings["epochs"]) for run in db.query(tables.TrainingRun)]


def test_form_of_a_session_that_ended_goes_through_sign_in_and_is_sent_once_more(
    app, client, later
):
    sign_in(client)
    csrf = token(client, "/admin/train")
    later(timedelta(hours=auth.SESSION_HOURS, seconds=1))
    answer = start(client, csrf)
    assert (answer.status_code, "nothing that you typed is lost" in answer.text) == (401, True)
    for password in ("guess", PASSWORD):
        fields, action = hidden(answer)
        answer = client.post(action, data={**fields, "password": password})
    assert run_settings(app) == []  # signing in alone sends nothing
    assert '<dt>Epochs</dt><dd translate="no">33</dd>' in answer.text
    assert 'href="/admin/train?run=1"' in answer.text  # back without sending
    fields, action = hidden(answer)
    assert (action, fields["epochs"], "password" in fields) == ("/admin/train", "33", False)
    assert client.post(action, data=fields).status_code == 303
    assert run_settings(app) == [("custom", 33)]


def test_form_of_who_signed_out_and_in_again_elsewhere_is_asked_for_again(app, client):
    sign_in(client)
    csrf = token(client, "/admin/train")
    send(client, "/admin/sign-out", page="/admin/")
    assert "kept" in hidden(start(client, csrf))[0]
    sign_in(client)
    answer = start(client, csrf)
    fields, action = hidden(answer)
    assert (answer.status_code, action, fields["epochs"]) == (403, "/admin/train", "33")
    assert run_settings(app) == []


def test_forms_of_other_sites_and_of_programs_are_not_kept(client):
    for origin in ({"Origin": "http://elsewhere.example"}, {"Origin": "null"}, {}):
        answer = start(client, token(client), origin)
        assert (answer.status_code, "kept" in hidden(answer)[0]) == (401, False)
        assert hidden(answer)[1] == "/admin/sign-in?next=/admin/train"


def test_only_what_the_server_kept_is_asked_for(client):
    form = {"password": PASSWORD, "csrf_token": token(client), "kept": "made up"}
    assert client.post("/admin/sign-in", data=form).status_code == 303


def test_sign_in_page_of_an_earlier_session_lets_one_try_again_or_go_on(client):
    csrf = token(client)
    sign_in(client)
    form = {"password": PASSWORD, "csrf_token": csrf}
    answer = client.post("/admin/sign-in?next=/admin/log", data=form)
    assert (answer.status_code, answer.location) == (303, "/admin/log")
    send(client, "/admin/sign-out", page="/admin/")
    answer = client.post("/admin/sign-in?next=/admin/log", data=form)
    assert (answer.status_code, alert(answer)) == (
        403,
        "This page was too old. Type the password once more.",
    )


def test_session_expires(client, later):
    sign_in(client)
    later(timedelta(hours=auth.SESSION_HOURS, seconds=1))
    assert client.get("/admin/").status_code == 302


def test_cookie_is_out_of_reach_of_scripts_and_of_other_sites(client):
    assert "Set-Cookie" not in client.get("/").headers  # drawing needs none
    cookie = sign_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def wrong_attempts(client, number):
    for _ in range(number):
        assert sign_in(client, "guess").status_code == 403


def test_after_ten_wrong_passwords_an_attempt_is_told_when_to_come_back(client, later):
    wrong_attempts(client, 10)
    for password in ("guess", PASSWORD):  # or the answer would tell the right one
        answer = sign_in(client, password)
        assert answer.status_code == 429
        assert 240 < int(answer.headers["Retry-After"]) <= 300
        assert alert(answer) == "Too many wrong passwords. Try again in 5 minutes."
    later(timedelta(minutes=5, seconds=1))
    assert sign_in(client).status_code == 303


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


def fail_elsewhere(app, number):
    """So many wrong passwords of other browsers."""
    with app.extensions["database"].writing() as db:
        for i in range(number):
            db.add(SignInAttempt(visitor=f"browser {i}", at=tables.now()))


def test_room_that_guesses_does_not_keep_the_presenter_out(app, client):
    fail_elsewhere(app, 150)
    wrong_attempts(client, 1)  # a typing error
    assert sign_in(client).status_code == 303
    guesser = app.test_client()
    wrong_attempts(guesser, 2)
    assert sign_in(guesser).status_code == 429


def test_many_browsers_together_have_a_limit_too(app, client):
    sign_in(client)
    fail_elsewhere(app, 3000)
    assert sign_in(app.test_client()).status_code == 429
    assert client.get("/admin/").status_code == 200  # who is signed in notices nothing


def test_clock_that_is_set_back_keeps_nobody_out(client, later):
    wrong_attempts(client, 10)
    later(timedelta(days=-1))
    assert sign_in(client).status_code == 303


def test_password_is_checked_while_others_can_write(app, client, monkeypatch):
    def check(*_):
        with app.extensions["database"].writing() as db:  # would wait for sign_in's own session
            db.add(Setting(name="written", value="meanwhile"))
        return True

    monkeypatch.setattr(auth, "_matches", check)
    assert sign_in(client).status_code == 303


def test_first_start_makes_a_password_once_and_keeps_only_its_hash(settings):
    settings["admin_password"] = None
    password = first_start.prepare(settings)
    assert len(password) >= 12
    assert first_start.prepare(settings) is None
    app = create_app(settings)
    assert sign_in(app.test_client(), password).status_code == 303
    prepared.close(app)
    for path in settings["data_dir"].iterdir():
        assert password.encode() not in path.read_bytes()


def test_new_password_ends_older_sessions(settings):
    settings["admin_password"] = None
    first_start.prepare(settings)
    client = create_app(settings).test_client()
    database = client.application.extensions["database"]
    with database.writing() as db:
        auth.set_password(db, "the first one")
    sign_in(client, "the first one")
    assert client.get("/admin/").status_code == 200
    with database.writing() as db:
        auth.set_password(db, "the second one")
    assert client.get("/admin/").status_code == 302
    assert sign_in(client, "the first one").status_code == 403
    assert sign_in(client, "the second one").status_code == 303
    prepared.close(client.application)


@pytest.mark.parametrize("password", ["", "short", "x" * 201])
def test_password_of_wrong_length_is_refused(database, password):
    with database.writing() as db, pytest.raises(ValueError, match="8 to 200 characters"):
        auth.set_password(db, password)


def test_sign_ins_and_failures_stand_in_the_log(client):
    sign_in(client, "guess")
    sign_in(client, "guess again")
    sign_in(client)
    log = client.get("/admin/log").text
    assert "The presenter signed in." in log
    assert "Sign-in with a wrong password, 2 times." in log
