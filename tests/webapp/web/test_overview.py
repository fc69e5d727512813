"""The overview: what it says to do next, through a workshop."""

import dataclasses
import html
import re

import pytest

from tests.support.given import give
from tests.support.pages import messages, sign_in
from tests.support.session import SMALL
from tests.support.shipped import DIGITS
from webapp.learning import rereading, runs, trainer, versions
from webapp.room import drawings, joining, moderation
from webapp.storage.tables import Drawing, TrainingRun
from webapp.web import invitation, overview


@pytest.fixture
def presenter(client):
    sign_in(client)
    return client


def step(database):
    with database.reading() as session:
        return overview.state(session)["step"]


def give_some(database, number):
    with database.writing() as session:
        person = drawings.new_participant(session)
        for _ in range(number):
            give(session, 3, 7, Drawing.PENDING, person)


def train(database, **settings):
    """A finished run, and its version."""
    with database.writing() as session:
        run = runs.create(session, dataclasses.replace(SMALL, **settings), "article").id
    trainer.execute(database, run)


def test_next_step_leads_through_the_recipe(database):
    assert step(database)["label"] == "Open the wall"
    give_some(database, 1)
    assert step(database)["label"] == "1 drawing waits: look at them"
    with database.writing() as session:
        moderation.decide_all(session, 1, "approved")
    assert step(database) == {"kind": "train", "label": "Train Quick on 1 drawing", "number": 0}
    with database.writing() as session:
        runs.create(session, SMALL, "article")
    assert step(database)["label"] == "Run 1 is training: watch it"
    with database.writing() as session:
        runs.cancel(session, 1)
    train(database, room_share=0.5)
    assert step(database)["label"] == "Open the wall"  # it is worse, and has learned them all


def test_better_version_is_offered_until_it_was_live(database):
    train(database, epochs=1)
    with database.writing() as session:
        versions.promote(session, 2)
    train(database)
    assert step(database) == {
        "kind": "promote",
        "label": "Version 3 is better: promote it",
        "number": 3,
    }
    with database.writing() as session:
        versions.promote(session, 3)
        versions.roll_back(session)
    assert step(database)["kind"] == "wall"


def test_version_that_learned_from_the_room_is_offered_if_it_is_hardly_worse(database):
    """Quick forgets a little: without held-out people, the sample shows nothing else."""
    with database.writing() as session:
        give(session, 3, 7, Drawing.APPROVED)
    train(database, room_share=0.5)

    def say(judgement, before, now):
        with database.writing() as session:
            figures = {"judgement": judgement, "before": before, "now": now, "sentence": "."}
            session.get(TrainingRun, 1).outcome = {"people": figures, "digits": figures}

    say("worse", 0.982, 0.970)
    assert step(database) == {
        "kind": "promote",
        "label": "Version 2 has learned from the room: promote it",
        "number": 2,
    }
    say("worse", 0.982, 0.872)
    assert step(database)["kind"] == "wall"


def test_figures_begin_with_people(database):
    def figures():
        with database.reading() as session:
            return overview.state(session)["figures"]

    assert figures() == [[DIGITS, "of the held-out digits"]]
    rereading.reread(database)
    (percent, of), digits = figures()
    assert (digits[0], of) == (DIGITS, "of 600 sample drawings by 12 people")
    assert float(percent[:-1]) > 90
    with database.writing() as session:
        person = drawings.new_participant(session)
        person.held_out = True
        give(session, 3, 3, Drawing.APPROVED, person)
        give(session, 3, 7, Drawing.APPROVED, person)
        give(session, 3, 7, Drawing.PENDING, person)
    assert figures()[0] == ["50.0%", "of 2 drawings by people it never met"]


def test_page_shows_what_the_stream_will_send(app, presenter):
    database = app.extensions["database"]
    give_some(database, 12)
    page = html.unescape(presenter.get("/admin/").text)
    [(kind, state)] = messages(presenter.get("/admin/overview/events").text)
    assert kind == "overview"
    assert state["step"]["label"] == "12 drawings wait: look at them"
    assert re.findall(r'data-step="(\w+)"(?![^>]*hidden)', page) == ["look"]
    for text in [*state["texts"].values(), *state["figures"][0], state["log"][0][2]]:
        assert text in page


def test_one_press_trains_quick(app, presenter):
    page = presenter.get("/admin/").text
    form = re.search(r'data-step="train".*?</form>', page, re.S)[0]
    fields = dict(re.findall(r'name="(\w+)" value="([^"]*)"', form))
    assert presenter.post("/admin/train", data=fields).status_code == 303
    with app.extensions["database"].reading() as session:
        assert [run.name for run in session.query(TrainingRun)] == ["quick"]


def test_without_a_network_there_is_a_command_and_no_code(presenter, monkeypatch):
    monkeypatch.setattr(invitation, "command", lambda: "make run HOST=0.0.0.0 PORT=8123")
    page = presenter.get("/admin/").text
    assert ">make run HOST=0.0.0.0 PORT=8123<" in page
    assert "<svg" not in page


def test_with_a_network_there_is_an_address_and_its_code(app, presenter, monkeypatch):
    monkeypatch.setattr(joining, "of_this_machine", lambda: ["192.0.2.7"])
    app.config["LISTENS_ON"] = "0.0.0.0", 8123
    page = presenter.get("/admin/").text
    assert 'class="address">192.0.2.7:8123<' in page
    assert "QR code of http://192.0.2.7:8123" in page
    assert "HOST=" not in page
