import io

import pytest
from PIL import Image

from nn.refusal import Refusal
from tests.support.given import give
from webapp.room import drawings, moderation, review
from webapp.room.moderation import Change, Seen
from webapp.room.review import Filters
from webapp.storage.tables import AuditEntry, Drawing, Participant

ALL = review.ALL


@pytest.fixture
def room(database):
    """A session that writes, with two people and six drawings, all of them pending."""
    with database.writing() as session:
        people = [drawings.new_participant(session) for _ in range(2)]
        people[1].held_out = True
        for label, predicted, *answer in [
            (7, 7, 0.99, "sure"),
            (7, 1, 0.9, "sure"),
            (4, 4, 0.5, "torn"),
            (9, 4, 0.55, "torn"),
            (8, 8, 0.95, "unfamiliar"),
            (0, 0, 1.0, "sure"),
        ]:
            person = people[label % 2]
            drawing = give(session, label, predicted, Drawing.PENDING, person, *answer)
            drawing.neighbours = predicted
        yield session


def shown(session, **filters):
    return [drawing.id for drawing in review.queue(session, Filters(**filters))[0]]


def states(session):
    return [(d.status, d.label) for d in session.query(Drawing).order_by(Drawing.id)]


@pytest.mark.parametrize(
    ("filters", "expected"),
    [
        ({}, [1, 2, 3, 4, 5, 6]),
        ({"status": "approved"}, []),
        ({"status": ALL}, [1, 2, 3, 4, 5, 6]),
        ({"digit": 7}, [1, 2]),
        ({"digit": 0}, [6]),
        ({"participant": 1}, [3, 5, 6]),
        ({"wrong": True}, [2, 4]),
        ({"unsure": True}, [3, 4, 5]),
        ({"wrong": True, "unsure": True}, [4]),
        ({"flagged": True}, [2, 4]),
    ],
)
def test_filters_choose_what_the_queue_shows(room, filters, expected):
    assert shown(room, **filters) == expected


def test_drawing_is_flagged_only_if_network_and_neighbours_disagree_with_the_label(room):
    room.get(Drawing, 2).neighbours = 7
    room.flush()
    assert shown(room, flagged=True) == [4]
    assert [d.id for d in room.query(Drawing) if d.is_doubtful] == [4]


def test_drawing_without_an_answer_counts_as_wrong(room):
    room.get(Drawing, 1).predicted = None
    room.flush()
    assert shown(room, wrong=True) == [1, 2, 4]


@pytest.mark.parametrize(
    ("label", "predicted", "neighbours", "sentence"),
    [
        (7, 1, 1, "Network and neighbours see a 1."),
        (7, 8, 1, "The network sees an 8, the neighbours a 1."),
        (7, None, 8, "The neighbours see an 8."),
        (7, 7, 1, ""),
        (7, 1, 7, ""),
    ],
)
def test_doubt_is_a_sentence(label, predicted, neighbours, sentence):
    drawing = Drawing(label=label, predicted=predicted, neighbours=neighbours)
    assert str(moderation.doubt(drawing) or "") == sentence


def test_queue_is_cut_and_tells_how_many_follow(room, monkeypatch):
    monkeypatch.setattr(review, "AT_ONCE", 4)
    first, more = review.queue(room, Filters())
    assert ([d.id for d in first], more) == ([1, 2, 3, 4], 2)
    second, more = review.queue(room, Filters(), after=4)
    assert ([d.id for d in second], more) == ([5, 6], 0)


def test_arrivals_are_those_that_fit_the_filters(room):
    assert review.newest(room) == 6
    give(room, 3, status=Drawing.PENDING)
    give(room, 5, status=Drawing.PENDING)
    assert review.arrived(room, Filters(), 6) == 2
    assert review.arrived(room, Filters(digit=3), 6) == 1


LABELS = {1: 7, 2: 7, 3: 4, 4: 9, 5: 8, 6: 0}  # of the drawings of `room`


def pending(number):
    """What a presenter sees of a drawing on which nobody has decided."""
    return Seen("pending", LABELS.get(number, 0))


def to(number, *fields, **named):
    """A Change of a drawing on which nobody has decided."""
    return Change(number, pending(number), *fields, **named)


def approve(*numbers):
    return [to(number, "approved") for number in numbers]


def test_counts_tell_teaching_from_testing(room):
    moderation.decide_all(room, 2, "approved")
    moderation.change(room, [*approve(3), to(5, "rejected")])
    counts = review.counts(room)
    assert (counts["pending"], counts["approved"], counts["rejected"]) == (1, 4, 1)
    assert (counts["teaching"], counts["testing"]) == (1, 3)
    assert len(drawings.teaching_set(room)[1]) == 1
    assert len(drawings.held_out_set(room)[1]) == 3


def test_changes_and_what_undoes_them(room):
    before = states(room)
    outcome = moderation.change(room, [*approve(1), to(2, "rejected", 1)])
    assert states(room)[:2] == [("approved", 7), ("rejected", 1)]
    assert outcome.before == [
        Change(1, Seen("approved", 7), "pending"),
        Change(2, Seen("rejected", 1), "pending", 7),
    ]
    moderation.change(room, outcome.before)
    assert states(room) == before


def test_decision_on_what_looks_otherwise_by_now_is_told_and_not_made(room):
    moderation.change(room, [to(1, "rejected"), to(2, label=1)])
    outcome = moderation.change(room, approve(1, 2, 3))
    assert outcome.overtaken == [1, 2]
    assert states(room)[:3] == [("rejected", 7), ("pending", 1), ("approved", 4)]
    assert [each.id for each in outcome.before] == [3]


def test_two_who_decide_alike_do_not_quarrel(room):
    moderation.change(room, approve(1))
    outcome = moderation.change(room, approve(1))
    assert (outcome.overtaken, outcome.before) == ([], [])


def test_undo_leaves_what_another_presenter_changed_meanwhile(room):
    outcome = moderation.change(room, approve(1, 2))
    moderation.change(room, [Change(1, Seen("approved", 7), label=2)])
    undone = moderation.change(room, outcome.before)
    assert undone.overtaken == [1]
    assert states(room)[:2] == [("approved", 2), ("pending", 7)]


def test_change_that_changes_nothing_needs_no_undo_and_no_log(room):
    assert moderation.change(room, [to(1, "pending", 7)]).before == []
    assert room.query(AuditEntry).count() == 0


def test_all_that_are_not_flagged_are_approved_at_once(room):
    moderation.change(room, [to(1, "rejected")])
    outcome = moderation.approve_unflagged(room, Filters(), newest=5)  # 6 is not known yet
    assert [status for status, _ in states(room)] == [
        *("rejected", "pending", "approved", "pending", "approved", "pending")
    ]
    moderation.change(room, outcome.before)
    assert [status for status, _ in states(room)] == ["rejected", *["pending"] * 5]


def test_only_what_fits_the_filters_is_approved_at_once(room):
    moderation.approve_unflagged(room, Filters(status=ALL, participant=1, unsure=True), 6)
    assert [n for n, (status, _) in enumerate(states(room), 1) if status == "approved"] == [
        3,
        5,
    ]


def test_drawings_that_are_gone_are_named_and_the_others_changed(room):
    drawings.withdraw(room, room.get(Participant, 1))
    outcome = moderation.change(room, approve(1, 3, 2, 99))
    assert outcome.gone == [3, 99]
    assert [d.id for d in outcome.drawings] == [1, 2]


@pytest.mark.parametrize(
    ("wrong", "says"), [(to(1, label=3), "twice"), (to(2), "needs a status, a label")]
)
def test_one_wrong_change_and_nothing_is_changed(room, wrong, says):
    before = states(room)
    with pytest.raises(Refusal, match=says):
        moderation.change(room, [*approve(1), wrong])
    assert states(room) == before


def test_all_pending_drawings_of_a_person_are_decided_at_once(room):
    moderation.change(room, [to(1, "rejected")])
    outcome = moderation.decide_all(room, 2, "approved")
    assert [before.id for before in outcome.before] == [2, 4]
    assert [status for status, _ in states(room)] == [
        *("rejected", "approved", "pending", "approved", "pending", "pending")
    ]


@pytest.mark.parametrize("number", [0, 3, -1, 2**40])
def test_person_who_is_not_there_is_named(room, number):
    with pytest.raises(Refusal, match=f"no person {number}"):
        moderation.decide_all(room, number, "approved")
    with pytest.raises(Refusal, match=f"no person {number}"):
        moderation.block(room, number, True)


def test_blocked_person_can_send_nothing_until_unblocked(room):
    token = room.get(Participant, 1).token
    moderation.block(room, 1, True)
    with pytest.raises(Refusal, match="No further drawings"):
        drawings.participant_of(room, token, has_agreed=True)
    assert [person.blocked for person in review.people(room)] == [True, False]
    moderation.block(room, 1, False)
    assert drawings.participant_of(room, token, has_agreed=True)[0].id == 1


def test_people_are_those_with_drawings_and_the_blocked_ones(room):
    drawings.new_participant(room)
    blocked = drawings.new_participant(room)
    moderation.block(room, blocked.id, True)
    moderation.decide_all(room, 1, "approved")
    people = review.people(room)
    assert [person.id for person in people] == [2, 1, blocked.id]  # who waits comes first
    assert (people[0].pending, people[1].approved, people[1].rejected) == (3, 3, 0)
    assert [person.held_out for person in people[:2]] == [True, False]


def test_delete_all_leaves_no_drawing_and_says_so_in_the_log(room):
    assert moderation.delete_all(room) == 6
    assert states(room) == []
    assert str(room.query(AuditEntry).one().sentence) == "All drawings were deleted: 6."


@pytest.mark.parametrize(("mode", "kind"), [("RGBA", "PNG"), ("L", "BMP"), ("RGB", "JPEG")])
def test_picture_is_written_anew_as_a_png_on_white_paper(room, mode, kind):
    sent = io.BytesIO()
    Image.new(mode, (800, 400)).save(sent, kind)
    room.get(Drawing, 1).picture = sent.getvalue()
    room.flush()
    image = Image.open(io.BytesIO(moderation.picture(room, 1)))
    assert (image.format, image.size) == ("PNG", (280, 140))
    assert image.getpixel((100, 100)) == (255 if mode == "RGBA" else 0)


@pytest.mark.parametrize("number", [1, 0, 99, 2**70])
def test_what_is_no_picture_is_not_shown(room, number):
    room.get(Drawing, 1).picture = b"<svg onload=alert(1)>"
    room.flush()
    with pytest.raises(Refusal):
        moderation.picture(room, number)
