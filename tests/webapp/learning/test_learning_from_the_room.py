"""Drawings that people gave, through a training run, to what it changed."""

import dataclasses

import numpy as np
import pytest

from nn.presets import PRESETS
from nn.words import Sentence
from tests.support.given import give as give_one
from tests.support.pages import sign_in
from webapp.learning import runs, trainer, versions
from webapp.room import drawings
from webapp.storage import audit
from webapp.storage.tables import Drawing, TrainingRun

QUICK = dataclasses.replace(PRESETS["quick"], epochs=1, copies=0)


@pytest.fixture
def database(app):
    return app.extensions["database"]


@pytest.fixture
def give(database, plain_pixels, sample_drawings):
    """A function by which a number of new people give some recorded drawings each, approved."""

    def give(people=5, each=5, status=Drawing.APPROVED):
        with database.writing() as session:
            for person in range(people):
                participant = drawings.new_participant(session)
                for i in range(person * each, (person + 1) * each):
                    label, pixels = sample_drawings[i][0], plain_pixels[i]
                    give_one(session, label, 1, status, participant, pixels=pixels)

    return give


def sets(database):
    with database.reading() as session:
        return drawings.teaching_set(session), drawings.held_out_set(session)


def run(database, preset=QUICK):
    with database.writing() as session:
        run_id = runs.create(session, preset, "quick").id
    trainer.execute(database, run_id)
    with database.reading() as session:
        found = session.get(TrainingRun, run_id)
        assert found.status == "finished", found.reason
        return found, found.version


def test_every_fifth_person_is_kept_for_testing(database, give, plain_pixels, sample_drawings):
    give(people=6, each=5)
    (teaching, labels), (tests, _) = sets(database)
    np.testing.assert_array_equal(teaching, plain_pixels[[*range(20), *range(25, 30)]])
    np.testing.assert_array_equal(tests, plain_pixels[20:25])
    assert labels.tolist() == [sample_drawings[i][0] for i in [*range(20), *range(25, 30)]]


@pytest.mark.parametrize("status", [Drawing.PENDING, Drawing.REJECTED])
def test_only_approved_drawings_train_or_test(database, give, status):
    give(status=status)
    assert [len(labels) for _, labels in sets(database)] == [0, 0]


def test_withdrawn_drawings_are_gone_from_the_pool(database, give):
    give()
    with database.writing() as session:
        first = session.get(drawings.Participant, 1)
        assert drawings.withdraw(session, first) == 5
    assert [len(labels) for _, labels in sets(database)] == [15, 5]


def test_run_learns_from_the_room_but_not_from_held_out_people(database, give):
    give(people=6)  # the fifth is held out
    _, with_room = run(database)
    assert "25 of the room's drawings" in with_room.trained_on
    _, without = run(database, dataclasses.replace(QUICK, room_share=0.0))
    assert "room" not in without.trained_on
    with database.reading() as session:
        a, b = (versions.load(session, v.id).network.parameters for v in (with_room, without))
    assert not np.array_equal(a, b)


def test_result_and_comparison_begin_with_other_people(client, database, give):
    give()
    finished, version = run(database)
    sign_in(client)
    page = client.get(f"/admin/runs/{finished.id}/result").text
    assert "5 drawings by held-out people" in page
    assert "297 held-out digits" in page
    assert "Version 1, before" in page
    assert f"Version {version.id}, after" in page
    page = client.get(f"/admin/compare?a=1&b={version.id}").text
    assert page.index('id="people"') < page.index('id="right"')


def test_result_says_what_it_lacks(client, database):
    sign_in(client)
    answer = client.get("/admin/runs/1/result")
    assert (answer.status_code, "Run 1 has no version." in answer.text) == (404, True)
    finished, _ = run(database)
    page = client.get(f"/admin/runs/{finished.id}/result").text
    assert "No approved drawings of" in page


def test_run_is_measured_on_people_at_every_epoch_and_at_its_end(database, give):
    without_room, _ = run(database, dataclasses.replace(QUICK, epochs=2))
    give()
    with_room, _ = run(database)
    assert without_room.outcome["people"]["n"] == 600
    assert with_room.outcome["people"]["name"] == Sentence("drawings by held-out people")
    assert with_room.outcome["people"]["n"] == 5
    assert str(with_room.outcome["people"]["sentence"]).startswith(
        "On people it never met: before"
    )
    with database.reading() as session:
        epochs = session.get(TrainingRun, without_room.id).epochs
        assert [0.9 < epoch.people_accuracy <= 1 for epoch in epochs] == [True, True]
        assert str(audit.latest(session)[0].sentence).startswith(
            f"Run {with_room.id} finished as version {with_room.version.id}. On people it "
        )
