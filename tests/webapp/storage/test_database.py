import sqlite3
import threading

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext

from tests.conftest import config
from webapp.learning import versions
from webapp.storage import database, tables
from webapp.storage.database import Base, Database
from webapp.storage.first_start import prepare
from webapp.storage.tables import Setting


def older_database(settings, revision="0001"):
    """A database as an Inkling of that revision left it, with a row in it."""
    database = Database(settings)
    database.upgrade(revision)
    with database.writing() as session:
        session.add(Setting(name="kept", value="from before"))
    database.close()


def test_first_start_creates_every_table_as_the_models_have_it(database):
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": False})
        assert compare_metadata(context, Base.metadata) == []


def test_reader_goes_on_while_another_writes(database):
    with database.writing() as writer:
        writer.add(Setting(name="new", value="x"))
        writer.flush()
        with database.reading() as reader:
            assert reader.get(Setting, "new") is None
    with database.reading() as reader:
        assert reader.get(Setting, "new").value == "x"


def test_failed_block_leaves_nothing_behind(database):
    def fail():
        with database.writing() as session:
            session.add(Setting(name="new", value="x"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with database.reading() as session:
        assert session.get(Setting, "new") is None


def test_two_that_read_and_then_write_take_turns(database):
    """Each adds 1 to what it read, many times at once: nothing is lost."""
    with database.writing() as session:
        session.add(Setting(name="count", value="0"))

    def add():
        for _ in range(20):
            with database.writing() as session:
                row = session.get(Setting, "count")
                row.value = str(int(row.value) + 1)

    threads = [threading.Thread(target=add) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with database.reading() as session:
        assert session.get(Setting, "count").value == "80"


@pytest.mark.sqlite
def test_older_database_is_upgraded_at_start_with_a_copy_beside_it(settings):
    older_database(settings)
    prepare(settings)
    database = Database(settings)
    with database.reading() as session:
        assert session.get(Setting, "kept").value == "from before"
        assert session.scalars(sa.select(tables.Drawing)).all() == []
    database.close()
    [copy] = settings["data_dir"].glob("inkling.before-*.db")
    with sqlite3.connect(copy) as connection:
        assert connection.execute("SELECT value FROM setting").fetchall() == [("from before",)]
    connection.close()


@pytest.mark.sqlite
def test_database_of_a_newer_inkling_is_refused_with_a_sentence(settings):
    prepare(settings)
    prepare(settings)
    assert list(settings["data_dir"].glob("inkling.before-*")) == []  # it was up to date
    with sqlite3.connect(settings["data_dir"] / database.FILE) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")
    connection.close()
    with pytest.raises(config.ConfigError, match="newer Inkling"):
        prepare(settings)


@pytest.mark.sqlite
def test_file_that_is_no_database_is_refused_with_a_sentence(settings):
    (settings["data_dir"] / database.FILE).write_bytes(b"no database at all" * 100)
    with pytest.raises(config.ConfigError, match="not a database"):
        prepare(settings)


@pytest.mark.parametrize(
    ("url", "says"),
    [
        ("nonsense", "not an address"),
        ("oracle://host/name", "is not installed"),
        ("postgresql://user:secret@127.0.0.1:1/none", "cannot be used"),
    ],
)
def test_wrong_database_url_gets_a_sentence_without_its_password(settings, url, says):
    with pytest.raises(config.ConfigError, match=says) as caught:
        prepare(settings | {"database_url": url})
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql"])
def test_addresses_as_database_hosts_write_them_find_the_driver(settings, scheme):
    database = Database(settings | {"database_url": f"{scheme}://user@host/name"})
    assert database.url.drivername == "postgresql+psycopg"


@pytest.mark.parametrize("harm", ["deleted", "damaged"])
def test_server_starts_where_the_live_version_is_gone(settings, harm, caplog):
    prepare(settings)
    database = Database(settings)
    with database.writing() as session:
        for name in ("Second", "Third"):
            versions.publish(session, versions.load(session, 1), name, "upload")
        versions.promote(session, 3)
        lost = session.get(tables.ModelVersion, 3)
        if harm == "deleted":
            lost.weights, lost.deleted_at = None, tables.now()
        else:
            lost.weights = b"no model"
    for _ in range(2):
        prepare(settings)
    with database.reading() as session:
        assert versions.live(session).version_id == 2
    database.close()
    sentence = "Version 3 was live and cannot be used any more. Version 2, “Second”, is live"
    assert caplog.text.count(sentence) == 1
