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


def test_published_version_is_measured_and_not_live(database, add):
    number = add()
    assert live(database) == 1
    with database.reading() as session:
        figures = versions.version(session, number).figures
    assert 0 <= figures["test_accuracy"] <= 0.4  # it has learnt nothing
    assert 0 <= figures["calibration_error"] <= 1


def test_roll_back_goes_back_step_by_step(database, add, do):
    for number in (add(1), add(2)):
        do(versions.promote, number)
    went = []
    for _ in range(2):
        do(versions.roll_back)
        went.append(live(database))
    assert went == [2, 1]
    with pytest.raises(versions.RegistryError, match="no earlier"):
        do(versions.roll_back)


def test_promote_after_roll_back_can_be_rolled_back(database, add, do):
    first, second = add(1), add(2)
    do(versions.promote, first)
    do(versions.roll_back)
    do(versions.promote, second)
    do(versions.roll_back)
    assert live(database) == 1


def test_roll_back_pressed_twice_goes_back_once(database, add, do):
    for number in (add(1), add(2)):
        do(versions.promote, number)
    with database.reading() as session:
        seen = versions.live(session).id
    do(versions.roll_back, seen)
    with pytest.raises(versions.RegistryError, match="Look again"):
        do(versions.roll_back, seen)
    assert live(database) == 2


def test_roll_back_passes_over_deleted_versions(database, add, do):
    first, second = add(1), add(2)
    for number in (first, second):
        do(versions.promote, number)
    do(versions.delete, first)
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


def test_unknown_version_is_refused(do):
    with pytest.raises(versions.RegistryError, match="There is no version 77"):
        do(versions.promote, 77)


def test_periods_tell_when_each_version_was_live(database, add, do):
    number = add()
    do(versions.promote, number)
    do(versions.roll_back)
    with database.reading() as session:
        periods = versions.periods(session)
    (first, again), [(since, until)] = periods[1], periods[number]
    assert first[1] == since
    assert until == again[0]
    assert again[1] is None


@pytest.mark.parametrize("name", ["", "   ", "x" * 61, "bell\a"])
def test_wrong_name_is_refused(add, do, name):
    with pytest.raises(versions.RegistryError, match="1 to 60 characters"):
        do(versions.rename, add(), name)


def test_rename_keeps_the_number(database, add, do):
    number = add()
    do(versions.rename, number, "  After the  break ")
    with database.reading() as session:
        assert versions.version(session, number).name == "After the break"


def test_upload_of_a_strangers_file_is_checked(do):
    with pytest.raises(files.ModelFileError):
        do(versions.upload, b"PK\x03\x04 nonsense", "bad")
    assert do(versions.upload, files.to_bytes(any_model()), "good").id == 2


def test_figures_of_an_upload_are_measured_not_believed(do):
    model = any_model()
    model.figures["test_accuracy"] = 1.0
    assert do(versions.upload, files.to_bytes(model), "boast").figures["test_accuracy"] < 0.5


def test_changes_stand_in_the_log(database, add, do):
    number = add()
    do(versions.promote, number)
    do(versions.roll_back)
    do(versions.delete, number)
    with database.reading() as session:
        log = " ".join(session.scalars(sa.select(AuditEntry.sentence)))
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

    def away():
        raise sa.exc.OperationalError("SELECT", {}, Exception("disk I/O error"))

    monkeypatch.setattr(database, "reading", away)
    answer = recogniser.recognise(np.full((8, 8), 9, np.uint8))
    assert answer.version == 1
    assert "could not be read" in caplog.text
