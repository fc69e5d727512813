from datetime import timedelta

import pytest

from webapp.storage import audit
from webapp.storage.tables import now

MODERATED = (
    "The presenter moderated {count} drawing.",
    "The presenter moderated {count} drawings.",
)


@pytest.fixture
def log(database):
    """A session that writes, and a function that returns the sentences, newest first."""
    with database.writing() as session:

        def sentences():
            session.flush()
            return [str(entry.sentence) for entry in audit.latest(session)]

        yield session, sentences


def test_events_in_a_row_make_one_entry_whose_number_only_grows(log):
    session, sentences = log
    audit.note_counted(session, "moderated", 1, *MODERATED)
    assert sentences() == ["The presenter moderated 1 drawing."]
    first = audit.latest(session)[0].id
    audit.note_counted(session, "moderated", 2, *MODERATED)
    assert sentences() == ["The presenter moderated 3 drawings."]
    assert audit.latest(session)[0].id > first  # streams look at the highest


@pytest.mark.parametrize("between", ["another entry", "another kind", "ten minutes"])
def test_what_comes_between_begins_a_new_entry(log, between):
    session, sentences = log
    audit.note_counted(session, "moderated", 3, *MODERATED)
    session.flush()
    if between == "another entry":
        audit.note(session, "The wall was blanked.")
    elif between == "another kind":
        audit.note_counted(
            session, "wrong_password", 1, "{count} wrong password.", "{count} wrong passwords."
        )
    else:
        audit.latest(session)[0].at = now() - timedelta(minutes=11)
    session.flush()
    audit.note_counted(session, "moderated", 1, *MODERATED)
    found = sentences()
    assert found[0] == "The presenter moderated 1 drawing."
    assert found[-1] == "The presenter moderated 3 drawings."
