import re
from datetime import timedelta

import numpy as np
import pytest
import sqlalchemy as sa

from nn.refusal import Refusal
from tests.support.given import give
from webapp.room import drawings, shown, wall
from webapp.storage.tables import Drawing, ModelVersion, Participant, Reading, now

PENDING, APPROVED, REJECTED = Drawing.STATUSES
BARS = np.full(10, 0.1, np.float32)


@pytest.fixture
def room(database):
    """A session that writes."""
    with database.writing() as session:
        yield session


def ids(session):
    return [drawing["id"] for drawing in wall.view(session, 1)["drawings"]]


# What is shown


def test_rejected_drawings_never_appear_and_pending_ones_only_without_holding(room):
    pending, _, approved = (give(room, status=s).id for s in (PENDING, REJECTED, APPROVED))
    assert ids(room) == [approved]
    wall.switch(room, "hold", False, 1)
    assert ids(room) == [approved, pending]
    wall.switch(room, "hold", True, 1)
    assert ids(room) == [approved]


def test_drawings_of_a_blocked_participant_disappear_and_do_not_count(room):
    give(room, label=1, predicted=7)
    room.execute(sa.update(Participant).values(blocked=True))
    empty = {"total": 0, "right": 0, "confused": [], "per_minute": 0, "version": 1}
    assert (ids(room), shown.statistics(room, 1)) == ([], empty)


def test_the_newest_sixty_are_sent(room):
    numbers = [give(room).id for _ in range(shown.SENT + 3)]
    assert ids(room) == numbers[: -shown.SENT - 1 : -1]


def test_nothing_that_leads_to_a_participant_is_sent(room):
    give(room, label=4, predicted=9, certainty=0.8764)
    [drawing] = wall.view(room, 1)["drawings"]
    assert re.fullmatch("[0-9a-g]{64}", drawing.pop("pixels"))
    assert drawing == {
        **{"id": 1, "predicted": 9, "certainty": 0.876, "verdict": "sure", "label": 4},
        "handwriting": False,
    }


def test_paused_wall_keeps_what_it_shows_and_takes_nothing_new(room):
    waiting, first = give(room, status=PENDING), give(room)
    wall.switch(room, "frozen", True, 1)
    waiting.status = APPROVED
    give(room)
    wall.switch(room, "frozen", True, 1)  # a second time changes nothing
    assert ids(room) == [first.id]
    assert wall.view(room, 1)["frozen"] is True
    assert shown.statistics(room, 1)["total"] == 1
    wall.switch(room, "frozen", False, 1)
    assert len(ids(room)) == shown.statistics(room, 1)["total"] == 3


@pytest.mark.parametrize("paused", [True, False])
def test_rejected_and_withdrawn_drawings_disappear_even_from_a_paused_wall(room, paused):
    rejected, withdrawn, stays = give(room), give(room), give(room)
    wall.switch(room, "frozen", paused, 1)
    rejected.status = REJECTED
    drawings.withdraw(room, withdrawn.participant)
    assert ids(room) == [stays.id]


def test_holding_takes_unapproved_drawings_off_a_paused_wall(room):
    wall.switch(room, "hold", False, 1)
    give(room, status=PENDING)
    wall.switch(room, "frozen", True, 1)
    wall.switch(room, "hold", True, 1)
    assert ids(room) == []


def test_blank_wall_sends_no_drawing_and_no_figure(room):
    wall.show_large(room, give(room).id)
    wall.switch(room, "blank", True, 1)
    nothing = {"large": None, "drawings": [], "waiting": 0, "statistics": None}
    state = {"frozen": False, "blank": True, "training": False, "wifi": ""}
    assert wall.view(room, 1) == state | nothing
    wall.switch(room, "blank", False, 1)
    assert wall.view(room, 1)["large"]["id"] == 1


def test_one_drawing_is_shown_large_however_many_follow_until_it_is_put_back(room):
    number = give(room).id
    assert wall.view(room, 1)["large"] is None
    wall.show_large(room, number)
    for _ in range(shown.SENT):
        give(room)
    assert number not in ids(room)
    assert wall.view(room, 1)["large"]["id"] == number
    wall.show_large(room, None)
    assert wall.view(room, 1)["large"] is None


@pytest.mark.parametrize("status", [PENDING, REJECTED])
def test_what_the_wall_does_not_show_cannot_be_shown_large(room, status):
    for number in (give(room, status=status).id, 999, 10**20, -1):
        with pytest.raises(Refusal, match="does not show this drawing"):
            wall.show_large(room, number)


def test_large_drawing_disappears_when_it_is_rejected(room):
    drawing = give(room)
    wall.show_large(room, drawing.id)
    drawing.status = REJECTED
    assert wall.view(room, 1)["large"] is None


def test_unknown_switch_is_refused(room):
    with pytest.raises(Refusal, match="no switch 'explode', only hold"):
        wall.switch(room, "explode", True, 1)


def test_wall_says_how_many_drawings_wait_only_while_they_are_held(room):
    for status in (PENDING, PENDING, APPROVED, REJECTED):
        give(room, status=status)
    assert wall.view(room, 1)["waiting"] == 2
    wall.switch(room, "hold", False, 1)
    assert wall.view(room, 1)["waiting"] == 0


# Read again


@pytest.fixture
def read_again(room):
    """A function that lets version 2 read a drawing, by id, as this digit."""
    room.add(ModelVersion(id=2, name="second", origin="upload"))

    def read_again(number, digit):
        answer = {"verdict": "sure", "certainty": 0.7, "probabilities": BARS.tobytes()}
        room.add(Reading(drawing_id=number, version_id=2, predicted=digit, **answer))
        room.flush()

    return read_again


def test_drawings_and_statistics_follow_the_version_that_read_them(room, read_again):
    number = give(room, label=3, predicted=8).id
    unread = give(room, label=5, predicted=5).id
    read_again(number, 3)
    assert (shown.statistics(room, 1)["right"], shown.statistics(room, 2)["right"]) == (1, 2)
    assert shown.statistics(room, 1)["confused"] == [(3, 8, 1)]
    assert [d["predicted"] for d in shown.latest(room, 1)] == [5, 8]
    assert [d["predicted"] for d in shown.latest(room, 2)] == [5, 3]
    wall.show_large(room, number)
    assert shown.large(room, 2)["probabilities"] == BARS.tolist()
    wall.show_large(room, unread)
    assert shown.large(room, 2)["probabilities"] is None


def test_room_sees_what_a_version_reads_otherwise_but_nothing_that_is_hidden(room, read_again):
    for status in (APPROVED, PENDING, REJECTED):
        for label, digit in ((3, 3), (8, 3)):  # newly right, newly wrong
            read_again(give(room, label=label, predicted=8, status=status).id, digit)
    right, wrong = [5, 3, 1], [6, 4, 2]
    seen = shown.turned(room, right, wrong, 2, 1)
    assert (seen["right"], seen["wrong"]) == (1, 1)
    found = [(d["id"], d["before"], d["predicted"]) for d in seen["drawings"]]
    assert found == [(1, 8, 3), (2, 8, 3)]
    room.execute(sa.update(Participant).values(blocked=True))
    nothing = {"right": 0, "wrong": 0, "drawings": []}
    assert shown.turned(room, right, wrong, 2, 1) == nothing


@pytest.mark.parametrize(
    ("right", "wrong", "expected"),
    [(20, 20, "RRRRRRWW"), (20, 1, "RRRRRRRW"), (1, 20, "RWWWWWWW"), (2, 0, "RR")],
)
def test_strip_holds_both_kinds_and_those_that_got_right_come_first(
    room, right, wrong, expected
):
    ids = [give(room).id for _ in range(right + wrong)]
    seen = shown.turned(room, ids[:right], ids[right:], 2, 1)["drawings"]
    assert "".join("R" if d["id"] in ids[:right] else "W" for d in seen) == expected


@pytest.mark.parametrize("name", ["frozen", "blank"])
def test_paused_and_blank_walls_stay_as_they_are_when_a_version_goes_live(
    room, read_again, name
):
    number = give(room, label=3, predicted=8).id
    read_again(number, 3)
    wall.switch(room, name, True, 1)
    assert wall.view(room, 2) == wall.view(room, 1)
    assert shown.turned(room, [number], [], 2, 1)["drawings"] == []


# Statistics


def test_statistics_count_what_may_be_shown(room):
    give(room, label=4, predicted=4)
    give(room, label=4, predicted=9)
    give(room, label=1, predicted=7, status=PENDING)
    give(room, label=1, predicted=7, status=REJECTED)
    held = shown.statistics(room, 1)
    assert (held["right"], held["total"]) == (1, 2)
    wall.switch(room, "hold", False, 1)
    open_to_all = shown.statistics(room, 1)
    assert (open_to_all["right"], open_to_all["total"]) == (1, 3)


def test_most_confused_pairs_are_label_answer_and_times_the_most_frequent_first(room):
    for label, predicted, times in ((4, 9, 1), (9, 4, 3), (7, 1, 2), (5, 6, 1), (3, 3, 5)):
        for _ in range(times):
            give(room, label=label, predicted=predicted)
    assert shown.statistics(room, 1)["confused"] == [(9, 4, 3), (7, 1, 2), (4, 9, 1)]


def test_drawings_per_minute_count_pending_ones_but_no_rejected_and_no_older_ones(room):
    for status in (PENDING, APPROVED, REJECTED):
        give(room, status=status)
    give(room).created_at = now() - timedelta(seconds=61)
    assert shown.statistics(room, 1)["per_minute"] == 2


@pytest.mark.sqlite
def test_counting_reads_no_pictures(database):
    statements = []
    sa.event.listen(
        database.engine, "before_cursor_execute", lambda *a: statements.append(a[2:4])
    )
    with database.reading() as session:
        shown.statistics(session, 1)
        plans = [
            session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {sql}", parameters)
            for sql, parameters in list(statements)
            if "count" in sql
        ]
        details = " ".join(row.detail for plan in plans for row in plan)
    for index in ("ix_drawing_counted", "ix_drawing_created_at"):
        assert f"COVERING INDEX {index}" in details
