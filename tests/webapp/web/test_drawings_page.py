import html
import io
import re

import numpy as np
import pytest
from sklearn.datasets import load_digits

from tests.support.given import give
from tests.support.pages import messages, send, sign_in, token
from webapp.room import drawings, moderation, pictures, review
from webapp.storage.tables import AuditEntry, Drawing, Participant
from webapp.web.views.moderation import MAX_BODY

PAGE = "/admin/drawings"
SEEN = {"status": "pending", "label": 0}
APPROVE = {"changes": [{"id": 1, "seen": SEEN, "status": "approved"}]}


@pytest.fixture
def writing(app):
    """A function that opens a session which writes."""
    return app.extensions["database"].writing


@pytest.fixture(autouse=True)
def _room(writing, client):
    """Two people, the second for tests only, with three drawings each; a presenter."""
    sign_in(client)
    with writing() as session:
        people = [drawings.new_participant(session) for _ in range(2)]
        people[1].held_out = True
        for n in range(6):
            predicted = (n + n % 2) % 10
            drawing = give(session, n, predicted, Drawing.PENDING, people[n % 2])
            drawing.neighbours = predicted
            drawing.picture = pictures.digit_png(list(drawing.pixels))


def post(client, path, body, **headers):
    headers = {"X-CSRFToken": token(client, PAGE)} | headers
    return client.post(f"{PAGE}/{path}", json=body, headers=headers)


def cards(answer):
    """What stands on each card, in words."""
    found = re.findall(
        r'role="gridcell"[^>]*>(.*?)</div>\s*(?=<div role|</div>)', answer.text, re.S
    )
    return [words(card) for card in found]


def words(source):
    source = re.sub(r'<img[^>]*alt="([^"]*)"[^>]*>', r"[\1]", source)
    return html.unescape(" ".join(re.sub("<[^>]+>", " ", source).split()))


def notices(answer):
    return [html.unescape(n) for n in re.findall(r'class="notice"[^>]*>([^<]+)<', answer.text)]


def statuses(writing):
    with writing() as session:
        return [drawing.status for drawing in session.query(Drawing).order_by(Drawing.id)]


def test_card_tells_everything_in_words(client):
    first, second, *_ = cards(client.get(PAGE))
    shown = "Pending [As the network sees it] [As it was drawn]"
    assert first == f"0 {shown} predicted 0 (90%) Person 1"
    doubt = "Network and neighbours see a 2."
    assert second == f"1 {shown} predicted 2 (90%) Person 2 tests only {doubt}"


def test_filters_work_without_scripts_and_stay_in_the_form(client):
    answer = client.get(PAGE, query_string={"status": "all", "wrong": "1", "digit": "3"})
    assert [card[0] for card in cards(answer)] == ["3"]
    assert re.search(r'name="wrong" value="1" checked', answer.text)
    assert re.search(r"<option selected>3</option>", answer.text)
    assert re.search(r'value="all" selected', answer.text)


@pytest.mark.parametrize(
    "query",
    [
        {"status": "<b>", "digit": "x", "participant": "1e9", "after": "-5"},
        {"digit": "10", "participant": "99999999999999999999", "after": "99999999999999999999"},
        {"participant": "77"},
        {"after": "6"},
    ],
)
def test_odd_addresses_show_a_page(client, query):
    for path in (PAGE, f"{PAGE}/new"):
        answer = client.get(path, query_string=query)
        assert answer.status_code == 200
        assert "<b>&" not in answer.text


def test_page_tells_how_many_more_there_are_and_leads_to_them(client, monkeypatch):
    monkeypatch.setattr(review, "AT_ONCE", 4)
    answer = client.get(PAGE)
    assert len(cards(answer)) == 4
    assert "2 more follow." in answer.text
    following = html.unescape(re.search(r'href="([^"]*after=4[^"]*)"', answer.text)[1])
    assert len(cards(client.get(following))) == 2


def test_page_with_nothing_to_decide_says_so(client, writing):
    with writing() as session:
        for number in (1, 2):
            moderation.decide_all(session, number, "approved")
    assert "Nothing is pending: every drawing is decided." in client.get(PAGE).text
    with writing() as session:
        moderation.delete_all(session)
    assert "No drawings yet." in client.get(PAGE).text


def test_change_answers_with_the_new_state_and_with_what_undoes_it(client, writing):
    seen = SEEN | {"label": 1}
    right = {"id": 2, "seen": seen, "status": "approved", "label": 2}
    answer = post(client, "changes", {"changes": [right, {"id": 99, "seen": SEEN, "label": 1}]})
    assert answer.status_code == 200
    assert answer.json["before"] == [
        {"id": 2, "seen": {"status": "approved", "label": 2}, "status": "pending", "label": 1}
    ]
    assert answer.json["gone"] == [99]
    assert answer.json["drawings"] == [
        {"id": 2, "label": 2, "status": "approved", "right": True, "doubt": ""}
    ]
    assert answer.json["totals"]["counts"]["approved"] == 1
    assert answer.json["totals"]["people"]["2"] == "2 pending, 1 approved, 0 rejected"
    post(client, "changes", {"changes": answer.json["before"]})
    assert set(statuses(writing)) == {"pending"}


@pytest.mark.parametrize(
    ("body", "status", "code", "says"),
    [
        *[
            (body, 400, "bad_json", "not JSON of the form")
            for body in (b"", b"[]", b"[" * 100_000, b"\xff")
        ],
        (b"{}", 422, "bad_changes", "a list of 1 to 1,000 changes"),
        (b" " * 300_000, 413, "request_entity_too_large", "256 KiB"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_wrong_body_is_refused_in_json(client, body, status, code, says):
    headers = {"X-CSRFToken": token(client, PAGE), "Content-Type": "application/json"}
    answer = client.post(f"{PAGE}/changes", data=body, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (status, code)
    assert says in answer.json["error"]["message"]


GOOD = {"id": 1, "seen": SEEN, "status": "approved"}


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        *[(wrong, "a list of 1 to 1,000") for wrong in (None, {}, [], [GOOD] * 1001, 7)],
        ([GOOD, 7], "such as"),
        ([GOOD, {"seen": SEEN, "id": 2}], "a status, a label or both"),
        ([GOOD, {"status": "approved"}], "such as"),
        ([GOOD, {"seen": SEEN, "id": 2, "status": "approved", "held_out": True}], "such as"),
        ([GOOD, {"seen": SEEN, "id": "2", "status": "approved"}], "'id' is \"2\""),
        ([GOOD, {"seen": SEEN, "id": True, "status": "approved"}], "'id' is true"),
        (
            [GOOD, {"seen": SEEN, "id": 2**63, "status": "approved"}],
            "'id' is 9223372036854775808",
        ),
        (
            [GOOD, {"seen": SEEN, "id": 2, "status": "perfect"}],
            "'status' is \"perfect\"; it must be one of",
        ),
        ([GOOD, {"seen": SEEN, "id": 2, "status": None}], "'status' is null"),
        (
            [GOOD, {"seen": SEEN, "id": 2, "status": ["approved"]}],
            "'status' is a list of length 1; it must be one of",
        ),
        (
            [GOOD, {"seen": SEEN, "id": 2, "label": 10}],
            "'label' is 10; it must be a whole number",
        ),
        ([GOOD, {"seen": SEEN, "id": 2, "label": 7.5}], "'label' is 7.5"),
        ([GOOD, {"seen": SEEN, "id": 2, "label": "7"}], "'label' is \"7\""),
        ([GOOD, {"seen": SEEN, "id": 2, "label": "x" * 1000}], "'label' is \"xxx"),
        ([GOOD, {"id": 2, "status": "approved"}], "such as"),
        ([GOOD, {"id": 2, "seen": {"label": 1}, "status": "approved"}], "'seen' is an object"),
        ([GOOD, {"id": 2, "seen": SEEN | {"status": 7}, "label": 1}], "'status' is 7"),
        ([GOOD, {"seen": SEEN, "id": 1, "label": 3}], "twice"),
    ],
    ids=lambda value: str(value)[:30],
)
def test_one_wrong_change_and_nothing_is_changed(client, writing, changes, says):
    answer = post(client, "changes", {"changes": changes})
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "bad_changes")
    assert says in answer.json["error"]["message"]
    assert len(answer.json["error"]["message"]) < 200
    assert set(statuses(writing)) == {"pending"}


@pytest.mark.parametrize("path", ["changes", "people/1/decide"])
def test_change_needs_the_token_and_the_session_and_says_so_in_json(client, app, writing, path):
    answer = post(client, path, APPROVE, **{"X-CSRFToken": ""})
    assert (answer.status_code, answer.json["error"]["code"]) == (403, "csrf")
    stranger = app.test_client()
    headers = {"X-CSRFToken": token(stranger)}
    answer = stranger.post(f"{PAGE}/{path}", json=APPROVE, headers=headers)
    assert (answer.status_code, answer.json["error"]["code"]) == (401, "not_signed_in")
    assert set(statuses(writing)) == {"pending"}


def test_all_by_a_person_are_decided_at_once(client, writing):
    answer = post(client, "people/2/decide", {"status": "rejected"})
    assert [before["id"] for before in answer.json["before"]] == [2, 4, 6]
    assert statuses(writing) == ["pending", "rejected"] * 3
    assert post(client, "people/9/decide", {"status": "rejected"}).status_code == 404
    for body in ({}, {"status": "perfect"}):
        answer = post(client, "people/1/decide", body)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "bad_changes")


def test_news_count_what_came_after_the_page(client, writing):
    news = html.unescape(re.search(r'data-news="([^"]+)"', client.get(PAGE).text)[1])
    assert client.get(news).json["new"] == 0
    with writing() as session:
        give(session, 8, status=Drawing.PENDING)
        give(session, 8, status=Drawing.APPROVED)
    assert client.get(news).json["new"] == 1
    assert client.get(news).json["totals"]["counts"]["pending"] == 7


def test_news_tell_what_became_of_the_drawings_on_the_page(client):
    post(client, "changes", APPROVE)
    answer = client.get(f"{PAGE}/new?shown=1,2,77,x,{10**30}").json
    assert [(d["id"], d["status"]) for d in answer["drawings"]] == [
        (1, "approved"),
        (2, "pending"),
    ]
    assert answer["gone"] == [77]


def test_decision_that_came_too_late_is_told_with_what_is_decided(client):
    post(client, "changes", APPROVE)
    late = {"id": 1, "seen": SEEN, "status": "rejected"}
    answer = post(client, "changes", {"changes": [late]}).json
    assert (answer["overtaken"], answer["before"]) == ([1], [])
    assert answer["drawings"][0]["status"] == "approved"


def test_all_that_are_not_flagged_are_approved(client, writing):
    answer = post(client, "approve?digit=2", {"newest": 6})
    assert [before["id"] for before in answer.json["before"]] == [3]
    post(client, "approve", {"newest": 6})
    assert statuses(writing) == ["approved", "pending"] * 3
    assert post(client, "approve", {}).json["error"]["code"] == "bad_changes"


def test_stream_tells_that_something_was_decided(client):
    def told():
        return messages(client.get(f"{PAGE}/events").text)

    before = told()
    assert [kind for kind, _ in before] == ["moderated"]
    assert told() == before
    post(client, "changes", APPROVE)
    assert told() != before


def test_person_is_blocked_and_unblocked(client, writing):
    answer = send(client, f"{PAGE}/people/1/block", PAGE, blocked="1")
    assert "Person 1 is blocked" in notices(answer)[0]
    assert ">blocked<" in answer.text
    with writing() as session:
        assert session.get(Participant, 1).blocked
    answer = send(client, f"{PAGE}/people/1/block", PAGE, blocked="")
    assert notices(answer) == ["Person 1 may send drawings again."]
    assert ">blocked<" not in answer.text
    answer = send(client, f"{PAGE}/people/99999999999999/block", PAGE, blocked="1")
    assert "There is no person" in notices(answer)[0]


@pytest.mark.parametrize("typed", ["", "delete", "DELETE ALL"])
def test_nothing_is_deleted_unless_the_word_is_typed(client, writing, typed):
    answer = send(client, f"{PAGE}/delete", PAGE, confirmation=typed)
    assert notices(answer) == ["Nothing was deleted. To delete all drawings, type DELETE."]
    assert len(statuses(writing)) == 6


def test_all_drawings_are_deleted(client, writing):
    assert "This cannot be undone." in client.get(PAGE).text
    answer = send(client, f"{PAGE}/delete", PAGE, confirmation=" DELETE ")
    assert notices(answer) == ["Deleted: 6 drawings."]
    assert statuses(writing) == []


def test_picture_is_a_png_that_only_this_browser_may_keep(client):
    answer = client.get(f"{PAGE}/1.png")
    assert (answer.status_code, answer.mimetype) == (200, "image/png")
    assert answer.data.startswith(b"\x89PNG")
    assert "private" in answer.headers["Cache-Control"]
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize("number", [99, 10**30])
def test_picture_that_is_gone_is_a_404(client, number):
    assert client.get(f"{PAGE}/{number}.png").status_code == 404


def load(client, data, name="drawings.npz"):
    return send(client, f"{PAGE}/import", PAGE, file=(io.BytesIO(data), name))


def test_csv_is_for_a_spreadsheet_and_cannot_be_imported(client, writing):
    answer = client.get(f"{PAGE}.csv")
    assert answer.mimetype == "text/csv"
    assert "filename=inkling-drawings.csv" in answer.headers["Content-Disposition"]
    assert answer.data.count(b"\n") == 1 + 6
    assert "A CSV file cannot be imported." in notices(load(client, answer.data))[0]
    assert len(statuses(writing)) == 6


def test_npz_holds_the_approved_and_comes_back_to_be_approved(client, writing):
    post(client, "changes", APPROVE)
    answer = client.get(f"{PAGE}.npz")
    assert "filename=inkling-drawings.npz" in answer.headers["Content-Disposition"]
    send(client, f"{PAGE}/delete", PAGE, confirmation="DELETE")
    assert notices(load(client, answer.data)) == ["Stored: 1 drawing by 1 person."]
    assert statuses(writing) == ["pending"]


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "Choose a file of drawings first"),
        (b"PK\x03\x04 no archive", "not a complete .npz file"),
    ],
)
def test_wrong_file_is_refused_with_a_sentence(client, writing, data, says):
    answer = load(client, data)
    [notice] = notices(answer)
    assert says in notice
    assert len(statuses(writing)) == 6


def test_too_large_file_is_refused_with_its_limit(client):
    body = b"x" * (MAX_BODY + 1)
    answer = client.post(
        f"{PAGE}/import", data=body, content_type="multipart/form-data; boundary=b"
    )
    assert answer.status_code == 413
    assert f"larger than {MAX_BODY // 2**20} MiB" in answer.text


def test_whole_load_digits_is_taken(client):
    buffer = io.BytesIO()
    np.savez(buffer, **{name: load_digits()[name] for name in ("data", "target", "images")})
    assert notices(load(client, buffer.getvalue(), "digits.npz")) == [
        "Stored: 1,791 drawings by 1 person; 6 drawings were here already."
    ]


def test_log_tells_what_was_done(client, writing):
    post(client, "changes", APPROVE)
    with writing() as session:
        latest = session.query(AuditEntry).order_by(AuditEntry.id.desc()).first()
        assert str(latest.sentence) == "The presenter moderated 1 drawing."
