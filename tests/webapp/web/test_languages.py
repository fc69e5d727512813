"""Pages and sentences in the reader's language, and the switch."""

import pytest

from nn.training import Diverged
from nn.words import Sentence
from tests.support import prepared
from tests.support.pages import messages, send, sign_in
from webapp import config, create_app
from webapp.learning import versions
from webapp.storage import audit
from webapp.storage.tables import AuditEntry, TrainingRun, now
from webapp.web import channels, languages


@pytest.mark.parametrize(
    ("accepted", "tag"),
    [
        ("zh-CN,zh;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh", "zh-Hans"),
        ("zh-CN,en;q=0.8", "zh-Hans"),
        ("zh-Hant-TW,en;q=0.5", "zh-Hans"),
        ("de-DE,ZH-CN;q=0.9,en;q=0.8", "zh-Hans"),
        ("zh;q=0,en", "en"),
        ("en-US", "en"),
        ("fr-FR,fr;q=0.9,zh;q=0.5,en;q=0.4", "zh-Hans"),
        ("fr", "en"),
        ("", "en"),
        (";;q=x, ,", "en"),
    ],
)
def test_page_speaks_the_language_that_the_browser_prefers(client, accepted, tag):
    answer = client.get("/", headers={"Accept-Language": accepted})
    assert f'<html lang="{tag}"' in answer.text
    assert answer.headers["Content-Language"] == tag
    assert {"Accept-Language", "Cookie"} <= set(answer.vary)


def test_switch_is_remembered_and_leads_back_to_the_page(client):
    origin = "http://localhost"
    headers = {"Origin": origin, "Referer": f"{origin}/admin/sign-in?next=/admin/log"}
    answer = client.post("/language", data={"language": "zh"}, headers=headers)
    assert (answer.status_code, answer.location) == (303, "/admin/sign-in?next=/admin/log")
    assert "HttpOnly" in answer.headers["Set-Cookie"]
    assert 'lang="zh-Hans"' in client.get("/", headers={"Accept-Language": "en"}).text
    client.post("/language", data={"language": "en"}, headers=headers)
    assert 'lang="en"' in client.get("/", headers={"Accept-Language": "zh"}).text


@pytest.mark.parametrize(
    ("page", "leads_to"),
    [
        ("/inside/cost?x=1", "/inside/cost?x=1"),
        ("/admin/versions/1/promote", "/admin/versions/1"),  # answers forms only
        ("/admin/nothing/here", "/admin/"),
        ("/nothing", "/"),
        ("//evil.example/x", "/"),
        ("/\\evil.example/x", "/"),
    ],
)
def test_switch_leads_to_a_page_that_can_be_opened(client, page, leads_to):
    headers = {"Origin": "http://localhost", "Referer": f"http://localhost{page}"}
    answer = client.post("/language", data={"language": "zh"}, headers=headers)
    assert answer.location == leads_to


@pytest.mark.parametrize("data", [{}, {"language": "xx"}, {"language": "pseudo"}])
def test_language_that_is_not_offered_gets_a_sentence(client, data):
    answer = client.post("/language", data=data)
    assert answer.status_code == 400
    assert "Inkling does not speak this language here." in answer.text


def test_other_sites_cannot_switch(client):
    answer = client.post(
        "/language", data={"language": "zh"}, headers={"Origin": "http://evil.example"}
    )
    assert answer.status_code == 403


def test_sentences_come_in_the_language_of_the_request(settings):
    app = create_app(settings | {"languages": "pseudo"})
    answer = app.test_client().post("/api/predict", data=b"x", content_type="image/png")
    assert answer.json["error"]["message"].startswith("⟦")
    assert languages.current() == "en"  # outside of the request
    prepared.close(app)


def test_values_are_said_in_the_language_too():
    inner = config.ConfigError("{text!r} is wrong.", text="x")
    with languages.speaking("pseudo"):
        assert languages.say("{source}: {error}", source="A", error=inner) == (
            "⟦A: ⟦'x' is wrong.⟧⟧"
        )


def test_unknown_language_is_refused_at_the_start():
    with pytest.raises(config.ConfigError, match=r"'xx' is none of .* en, zh"):
        config.from_environment({"INKLING_LANGUAGES": "en,xx"})


@pytest.fixture
def pseudo(settings, compiled_templates):
    """A client of an application that speaks the pseudo language, and its database."""
    prepared.fill(settings["data_dir"])
    app = create_app(settings | {"languages": "pseudo"})
    app.jinja_env.bytecode_cache = compiled_templates
    yield app.test_client(), app.extensions["database"]
    prepared.close(app)


def written(database, change):
    with database.writing() as session:
        return change(session)


def test_log_is_said_in_the_readers_language_with_its_values(pseudo):
    client, database = pseudo
    sign_in(client)
    written(database, lambda session: versions.rename(session, 1, "{Ours}"))
    page = client.get("/admin/log").text
    assert "⟦Version 1, “⟦Original⟧”, was renamed “{Ours}”.⟧" in page
    assert "⟦The presenter signed in.⟧" in page


def test_entries_of_older_inklings_are_shown_as_they_are(pseudo):
    client, database = pseudo
    sign_in(client)
    table = AuditEntry.__table__
    columns = {"sentence": "Version 2, “{50%}”, went live.", "at": now()}
    written(database, lambda session: session.execute(table.insert(), columns))
    assert "<td>Version 2, “{50%}”, went live.</td>" in client.get("/admin/log").text


def test_counted_entry_is_said_by_its_number(database):
    for number in (1, 2):
        with database.writing() as session:
            audit.note_counted(session, "drops", 1, "{count} drop", "{count} drops")
        with database.reading() as session, languages.speaking("pseudo"):
            said = languages.say(audit.latest(session)[0].sentence)
        assert said == ("⟦1 drop⟧", "⟦2 drops⟧")[number - 1]


def test_reason_of_a_run_is_said_to_each_listener_in_their_language(database):
    run = TrainingRun(name="quick", settings={"epochs": 9}, status="failed")
    run.reason = Diverged("It stopped at epoch {epoch}.", epoch=3).sentence
    run.outcome = {"people": {"sentence": Sentence("On {where}.", where=Sentence("people"))}}
    written(database, lambda session: session.add(run))

    def heard(language):
        with database.reading() as session, languages.speaking(language):
            stream = b"".join(message for _, message in channels.CHANNELS["admin"](session))
        return dict(messages(stream.decode()))["run"]

    english, pseudo = heard("en"), heard("pseudo")
    assert english["reason"] == "It stopped at epoch 3."
    assert pseudo["reason"] == "⟦It stopped at epoch 3.⟧"
    assert english["outcome"]["people"]["sentence"] == "On people."
    assert pseudo["outcome"]["people"]["sentence"] == "⟦On ⟦people⟧.⟧"


@pytest.mark.parametrize(
    ("path", "page", "fields", "says"),
    [
        ("/admin/versions/1/rename", "versions", {"name": "Best"}, "⟦Renamed.⟧"),
        ("/admin/versions/1/promote", "versions", {"sure": 1}, "⟦Version 1 is live already.⟧"),
        (
            "/admin/drawings/people/9/block",
            "drawings",
            {"blocked": 1},
            "⟦⟦There is no person 9.⟧ Nothing was changed.⟧",
        ),
        (
            "/admin/train",
            "train",
            {"preset": "quick", "epochs": "x"},
            "⟦⟦Epochs⟧: &#39;x&#39; is not a whole number from 1 to 1000.⟧",
        ),
    ],
)
def test_what_came_of_a_form_is_said_in_the_language(pseudo, path, page, fields, says):
    client, _ = pseudo
    sign_in(client)
    assert says in send(client, path, f"/admin/{page}", **fields).text


def test_overview_says_its_texts_in_the_language(pseudo):
    client, _ = pseudo
    sign_in(client)
    state = dict(messages(client.get("/admin/overview/events").text))["overview"]
    assert state["step"]["label"] == "⟦Open the wall⟧"
    assert state["texts"]["version"] == "⟦Version 1⟧"
    assert state["texts"]["name"] == "⟦Original⟧"
    assert state["log"][0][2] == "⟦The presenter signed in.⟧"
    assert all(what.startswith("⟦") for _, what in state["figures"])


def test_making_of_a_version_is_said_in_the_language(pseudo):
    client, _ = pseudo
    sign_in(client)
    page = client.get("/admin/versions").text
    assert "⟦⟦1500 of scikit-learn&#39;s digits⟧, 110000 pictures of handwriting⟧" in page
    assert "⟦workshop⟧; ⟦hidden layers 384, 96⟧" in page


@pytest.mark.parametrize(
    ("path", "body", "says"),
    [
        ("/api/predict", {"pixels": 3}, "⟦'pixels' is 3; it must be ⟦8 rows of 8 numbers"),
        (
            "/api/game",
            {"right": []},
            "⟦'right' is ⟦a list of length 0⟧; it must be ⟦true or false⟧.⟧",
        ),
        ("/nowhere", {}, "⟦There is nothing at this address. Check it for typing errors.⟧"),
    ],
)
def test_refusals_say_their_values_in_the_language(pseudo, path, body, says):
    client, _ = pseudo
    assert client.post(path, json=body).json["error"]["message"].startswith(says)


def test_sentence_that_is_no_message_stays_empty():
    with languages.speaking("zh"):
        assert languages.say("") == ""  # gettext would describe its catalogue
