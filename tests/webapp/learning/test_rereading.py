"""The room's drawings, read again by every version that goes live."""

import time

import numpy as np
import pytest
import sqlalchemy as sa

from nn.model import Model
from nn.network import SigmoidNetwork
from tests.support.given import give
from tests.support.shipped import DIGITS
from webapp.learning import versions
from webapp.learning.rereading import reread, state
from webapp.room import drawings, readings
from webapp.storage.tables import Drawing, Participant, Reading


def one_digit(digit):
    """A model that reads everything as this digit."""
    network = SigmoidNetwork([64, 10], random_state=0, dtype=np.float32)
    network.parameters[:] = 0
    network.biases[-1][digit] = 5
    return Model(network)


@pytest.fixture
def promote(database):
    """A function that publishes a model and promotes it; returns its number."""

    def promote(model):
        with database.writing() as session:
            number = versions.publish(session, model, "new", "upload").id
            versions.promote(session, number)
        return number

    return promote


@pytest.fixture
def given(database):
    """Ids of a drawn 3 that was read as a 5, and of a drawn 5 that was read as a 5."""
    with database.writing() as session:
        three = give(session, label=3, predicted=5)
        five = give(session, label=5, predicted=5)
        return three.id, five.id


def now(database):
    with database.reading() as session:
        return state(session)


def test_given_drawing_keeps_what_its_version_made_of_it(database, given):
    with database.reading() as session:
        reading = session.get(Reading, (given[0], 1))
        probabilities = np.frombuffer(reading.probabilities, np.float32)
    assert (reading.predicted, reading.verdict, reading.certainty) == (5, "sure", 0.9)
    assert probabilities.argmax() == 5
    assert probabilities.sum() == pytest.approx(1)


def test_promotion_and_roll_back_flip_drawings(database, given, promote):
    three, five = given
    number = promote(one_digit(3))
    assert not now(database).done
    assert now(database).shown == 1
    reread(database)
    found = now(database)
    assert (found.done, found.version, found.before, found.shown) == (True, number, 1, number)
    assert (found.newly_right, found.newly_wrong) == ([three], [five])
    with database.writing() as session:
        versions.roll_back(session)
    reread(database)
    found = now(database)
    assert (found.version, found.before) == (1, number)
    assert (found.newly_right, found.newly_wrong) == ([five], [three])


def test_figures_of_the_change_are_kept(database, promote):
    reread(database)
    first = now(database)
    assert first.before is None
    assert first.people["before"] is None
    assert str(first.people["sentence"]).startswith(
        "On a sample of 600 drawings by 12 people: 9"
    )
    promote(one_digit(3))
    reread(database)
    found = now(database)
    assert found.people["judgement"] == "worse"
    assert found.people["now"] == pytest.approx(0.1)
    assert f"{found.digits['before']:.1%}" == DIGITS
    assert str(found.digits["sentence"]).startswith(
        f"On the digits test set: before {DIGITS}, now "
    )


def test_drawings_that_were_never_read_are_read_whatever_their_status(database, promote):
    number = promote(one_digit(3))
    with database.writing() as session:
        for status in Drawing.STATUSES:
            give(session, label=3, status=status)
        session.execute(sa.delete(Reading))  # as they come from an older Inkling
    reread(database)
    with database.reading() as session:
        for version in (1, number):
            assert readings.unread(session, version, 10) == []


def test_answers_fall_back_to_what_the_participant_was_told(database, given, promote):
    number = promote(one_digit(3))
    with database.reading() as session:
        everything = session.scalars(sa.select(Drawing).order_by(Drawing.id)).all()
        before = readings.by_version(session, number, everything)
        column, on = readings.predicted_by(number)
        query = sa.select(column).select_from(Drawing).join(Reading, on, isouter=True)
        assert [before[i].predicted for i in given] == [5, 5]
        assert session.scalars(query).all() == [5, 5]
    reread(database)
    with database.reading() as session:
        after = readings.by_version(session, number, everything)
        assert [after[i].predicted for i in given] == [3, 3]
        assert session.scalars(query).all() == [3, 3]


def test_drawing_withdrawn_while_it_is_read_does_no_harm(database, given, monkeypatch):
    """It is withdrawn after it was looked up, and before its reading is stored."""
    three, five = given
    judge = Model.judge

    def withdraw_then_judge(self, pixels, version):
        with database.writing() as session:
            owner = session.get(Drawing, three).participant_id
            drawings.withdraw(session, session.get(Participant, owner))
        return judge(self, pixels, version)

    with database.writing() as session:
        session.execute(sa.delete(Reading))
    monkeypatch.setattr(Model, "judge", withdraw_then_judge)
    reread(database)
    with database.reading() as session:
        assert session.scalars(sa.select(Reading.drawing_id)).all() == [five]


def test_readings_go_with_their_drawing_and_with_their_version(database, given, promote):
    number = promote(one_digit(3))
    reread(database)
    with database.writing() as session:
        versions.roll_back(session)
        versions.delete(session, number)
        session.execute(sa.delete(Drawing).where(Drawing.id == given[0]))
    with database.reading() as session:
        found = session.execute(sa.select(Reading.drawing_id, Reading.version_id)).all()
    assert found == [(given[1], 1)]
    assert now(database).before is None


def test_two_thousand_drawings_are_read_within_two_seconds(database, shipped, promote):
    with database.writing() as session:
        one = give(session, label=3)
        names = [attribute.key for attribute in sa.inspect(Drawing).column_attrs]
        columns = {name: getattr(one, name) for name in names if name != "id"}
        session.execute(sa.insert(Drawing), [columns | {"key": str(i)} for i in range(2000)])
    reread(database)
    promote(shipped)
    began = time.monotonic()
    reread(database)
    assert time.monotonic() - began < 2
    assert now(database).done
