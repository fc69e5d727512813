import re
from datetime import timedelta

import pytest
import sqlalchemy as sa

from nn.refusal import Refusal
from tests.support.given import give
from webapp.room import drawings, wall
from webapp.storage.tables import Drawing, Participant, now

PENDING, APPROVED, REJECTED = Drawing.STATUSES


@pytest.fixture
def room(database):
    """A session that writes."""
    with database.writing() as session:
        yield session


def ids(session):
    return [drawing["id"] for drawing in wall.view(session)["drawings"]]


# What is shown


def test_rejected_drawings_never_appear_and_pending_ones_only_without_holding(room):
    pending, _, approved = (give(room, status=s).id for s in (PENDING, REJECTED, APPROVED))
    assert ids(room) == [approved]
    wall.switch(room, "hold", False)
    assert ids(room) == [approved, pending]
    wall.switch(room, "hold", True)
    assert ids(room) == [approved]


def test_drawings_of_a_blocked_participant_disappear_and_do_not_count(room):
    give(room, label=1, predicted=7)
    room.execute(sa.update(Participant).values(blocked=True))
    empty = {"total": 0, "right": 0, "confused": [], "per_minute": 0}
    assert (ids(room), wall.statistics(room)) == ([], empty)


def test_the_newest_sixty_are_sent(room):
    numbers = [give(room).id for _ in range(wall.SENT + 3)]
    assert ids(room) == numbers[: -wall.SENT - 1 : -1]


def test_nothing_that_leads_to_a_participant_is_sent(room):
    give(room, label=4, predicted=9, certainty=0.8764)
    [shown] = wall.view(room)["drawings"]
    assert re.fullmatch("[0-9a-g]{64}", shown.pop("pixels"))
    assert shown == {"id": 1, "predicted": 9, "certainty": 0.876, "verdict": "sure", "label": 4}


def test_paused_wall_keeps_what_it_shows_and_takes_nothing_new(room):
    waiting, first = give(room, status=PENDING), give(room)
    wall.switch(room, "frozen", True)
    waiting.status = APPROVED
    give(room)
    wall.switch(room, "frozen", True)  # a second time changes nothing
    assert ids(room) == [first.id]
    assert wall.view(room)["frozen"] is True
    assert wall.statistics(room)["total"] == 1
    wall.switch(room, "frozen", False)
    assert len(ids(room)) == wall.statistics(room)["total"] == 3


@pytest.mark.parametrize("paused", [True, False])
def test_rejected_and_withdrawn_drawings_disappear_even_from_a_paused_wall(room, paused):
    rejected, withdrawn, stays = give(room), give(room), give(room)
    wall.switch(room, "frozen", paused)
    rejected.status = REJECTED
    drawings.withdraw(room, withdrawn.participant)
    assert ids(room) == [stays.id]


def test_holding_takes_unapproved_drawings_off_a_paused_wall(room):
    wall.switch(room, "hold", False)
    give(room, status=PENDING)
    wall.switch(room, "frozen", True)
    wall.switch(room, "hold", True)
    assert ids(room) == []


def test_blank_wall_sends_no_drawing_and_no_figure(room):
    wall.show_large(room, give(room).id)
    wall.switch(room, "blank", True)
    nothing = {"large": None, "drawings": [], "statistics": None}
    assert wall.view(room) == {"frozen": False, "blank": True, **nothing}
    wall.switch(room, "blank", False)
    assert wall.view(room)["large"]["id"] == 1


def test_one_drawing_is_shown_large_however_many_follow_until_it_is_put_back(room):
    number = give(room).id
    assert wall.view(room)["large"] is None
    wall.show_large(room, number)
    for _ in range(wall.SENT):
        give(room)
    assert number not in ids(room)
    assert wall.view(room)["large"]["id"] == number
    wall.show_large(room, None)
    assert wall.view(room)["large"] is None


@pytest.mark.parametrize("status", [PENDING, REJECTED])
def test_what_the_wall_does_not_show_cannot_be_shown_large(room, status):
    for number in (give(room, status=status).id, 999, 10**20, -1):
        with pytest.raises(Refusal, match="does not show this drawing"):
            wall.show_large(room, number)


def test_large_drawing_disappears_when_it_is_rejected(room):
    drawing = give(room)
    wall.show_large(room, drawing.id)
    drawing.status = REJECTED
    assert wall.view(room)["large"] is None


def test_unknown_switch_is_refused(room):
    with pytest.raises(Refusal, match="no switch 'explode', only hold"):
        wall.switch(room, "explode", True)


# Statistics


def test_statistics_count_what_may_be_shown(room):
    give(room, label=4, predicted=4)
    give(room, label=4, predicted=9)
    give(room, label=1, predicted=7, status=PENDING)
    give(room, label=1, predicted=7, status=REJECTED)
    held = wall.statistics(room)
    assert (held["right"], held["total"]) == (1, 2)
    wall.switch(room, "hold", False)
    open_to_all = wall.statistics(room)
    assert (open_to_all["right"], open_to_all["total"]) == (1, 3)


def test_most_confused_pairs_are_label_answer_and_times_the_most_frequent_first(room):
    for label, predicted, times in ((4, 9, 1), (9, 4, 3), (7, 1, 2), (5, 6, 1), (3, 3, 5)):
        for _ in range(times):
            give(room, label=label, predicted=predicted)
    assert wall.statistics(room)["confused"] == [(9, 4, 3), (7, 1, 2), (4, 9, 1)]


def test_drawings_per_minute_count_pending_ones_but_no_rejected_and_no_older_ones(room):
    for status in (PENDING, APPROVED, REJECTED):
        give(room, status=status)
    give(room).created_at = now() - timedelta(seconds=61)
    assert wall.statistics(room)["per_minute"] == 2


def test_counting_reads_no_pictures(database):
    statements = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda *a: statements.append(a[2:4])
    )
    with database.reading() as session:
        wall.statistics(session)
        plans = [
            session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            for sql, parameters in list(statements)
            if "count" in sql
        ]
        details = " ".join(row.detail for plan in plans for row in plan)
    for index in ("ix_drawing_counted", "ix_drawing_created_at"):
        assert f"COVERING INDEX {index}" in details
