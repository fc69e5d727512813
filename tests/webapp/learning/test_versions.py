import threading
import time

import numpy as np
import pytest
import sqlalchemy as sa

from nn import files
from nn.model import Model
from nn.network import SigmoidNetwork
from webapp.learning import versions
from webapp.learning.recognition import Recogniser
from webapp.storage.tables import AuditEntry


def any_model(seed=0):
    return Model(SigmoidNetwork([64, 5, 10], seed, np.float32), trained_on="nothing")


@pytest.fixture
def add(database):
    """A function that publishes a further version and returns its number."""

    def add(seed=0):
        with database.writing() as session:
            return versions.publish(session, any_model(seed), f"seed {seed}", "run").id

    return add


@pytest.fixture
def do(database):
    """A function that calls one of the registry's in a transaction of its own."""

    def do(function, *arguments):
        with database.writing() as session:
            return function(session, *arguments)

    return do


def live(database):
    with database.reading() as session:
        return versions.live(session).version_id


def test_first_start_registers_the_shipped_model_as_version_1_and_live(database, shipped):
    with database.reading() as session:
        [version] = versions.usable(session)
        assert (version.id, version.origin) == (1, "shipped")
        assert version.figures["test_accuracy"] == shipped.figures["test_accuracy"]
        model = versions.load(session, 1)
    np.testing.assert_array_equal(model.network.parameters, shipped.network.parameters)
    assert live(database) == 1


def test_published_version_is_measured_and_not_live(database, add, do):
    figures = do(versions.version, add()).figures
    assert live(database) == 1
    assert 0 <= figures["test_accuracy"] <= 0.4  # it has learnt nothing
    assert 0 <= figures["calibration_error"] <= 1


@pytest.fixture
def promoted(add, do):
    """Versions 2 and 3 were promoted, one after the other."""
    for seed in (1, 2):
        do(versions.promote, add(seed))


@pytest.mark.usefixtures("promoted")
def test_roll_back_goes_back_step_by_step_and_promote_goes_on_from_there(database, do):
    went = []
    for _ in range(2):
        do(versions.roll_back)
        went.append(live(database))
    assert went == [2, 1]
    with pytest.raises(versions.RegistryError, match="no earlier"):
        do(versions.roll_back)
    do(versions.promote, 3)
    do(versions.roll_back)
    assert live(database) == 1


@pytest.mark.usefixtures("promoted")
def test_roll_back_pressed_twice_goes_back_once(database, do):
    seen = do(versions.live).id
    do(versions.roll_back, seen)
    with pytest.raises(versions.RegistryError, match="Look again"):
        do(versions.roll_back, seen)
    assert live(database) == 2


@pytest.mark.usefixtures("promoted")
def test_roll_back_passes_over_deleted_versions(database, do):
    do(versions.delete, 2)
    do(versions.roll_back)
    assert live(database) == 1


def test_live_version_and_version_1_are_never_deleted(database, add, do):
    number = add()
    do(versions.promote, number)
    with pytest.raises(versions.RegistryError, match="is live"):
        do(versions.delete, number)
    with pytest.raises(versions.RegistryError, match="stays"):
        do(versions.delete, 1)
    with database.reading() as session:
        assert len(versions.usable(session)) == 2


def test_deleted_version_is_gone_and_its_number_never_used_again(add, do):
    number = add()
    do(versions.delete, number)
    for function in (versions.promote, versions.load, versions.delete):
        with pytest.raises(versions.RegistryError, match="was deleted"):
            do(function, number)
    assert add() == number + 1
    with pytest.raises(versions.NoSuchVersion, match="There is no version 77"):
        do(versions.promote, 77)


def test_periods_tell_when_each_version_was_live(add, do):
    number = add()
    do(versions.promote, number)
    do(versions.roll_back)
    periods = do(versions.periods)
    (first, again), [(since, until)] = periods[1], periods[number]
    assert first[1] == since
    assert until == again[0]
    assert again[1] is None


def test_name_can_be_changed_to_some_printable_characters(add, do):
    number = add()
    for name in ("", "   ", "x" * 61, "bell\a"):
        with pytest.raises(versions.RegistryError, match="1 to 60 characters"):
            do(versions.rename, number, name)
    do(versions.rename, number, "  After the  break ")
    assert do(versions.version, number).name == "After the break"


def test_uploaded_file_is_checked_and_its_figures_are_measured_not_believed(do):
    with pytest.raises(files.ModelFileError):
        do(versions.upload, b"PK\x03\x04 nonsense", "bad")
    model = any_model()
    model.figures["test_accuracy"] = 1.0
    version = do(versions.upload, files.to_bytes(model), "boast")
    assert (version.id, version.figures["test_accuracy"] < 0.5) == (2, True)


def test_changes_stand_in_the_log(database, add, do):
    number = add()
    do(versions.promote, number)
    do(versions.roll_back)
    do(versions.delete, number)
    with database.reading() as session:
        log = " ".join(map(str, session.scalars(sa.select(AuditEntry.sentence))))
    for word in ("went live", "Rolled back", "deleted"):
        assert word in log


def test_recogniser_follows_a_promotion(database, add, do, monkeypatch):
    monkeypatch.setattr("webapp.learning.recognition.FOLLOWED_WITHIN", 0)
    recogniser, pixels = Recogniser(database), np.full((8, 8), 9, np.uint8)
    number = add()
    assert recogniser.recognise(pixels).version == 1
    do(versions.promote, number)
    assert recogniser.recognise(pixels).version == number


def test_recogniser_answers_on_while_the_database_is_away(database, monkeypatch, caplog):
    monkeypatch.setattr("webapp.learning.recognition.FOLLOWED_WITHIN", 0)
    recogniser = Recogniser(database)

    def away(_session):
        raise sa.exc.OperationalError("SELECT", {}, Exception("disk I/O error"))

    pixels = np.full((8, 8), 9, np.uint8)
    with monkeypatch.context() as broken:
        broken.setattr(versions, "live_key", away)
        assert [recogniser.recognise(pixels).version for _ in range(20)] == [1] * 20
    recogniser.recognise(pixels)
    assert [record.getMessage() for record in caplog.records] == [
        "The database cannot be read: disk I/O error. Inkling tries again.",
        "The database can be read again.",
    ]


def test_recogniser_does_not_wait_for_a_database_that_hangs(database, monkeypatch):
    recogniser, pixels = Recogniser(database), np.full((8, 8), 9, np.uint8)
    hangs = threading.Event()
    monkeypatch.setattr("webapp.learning.recognition.FOLLOWED_WITHIN", 0)
    monkeypatch.setattr(versions, "live_key", lambda _session: hangs.wait() and (1, 1))
    began = time.monotonic()
    for _ in range(20):
        assert recogniser.recognise(pixels).version == 1
    assert time.monotonic() - began < 2
    hangs.set()
