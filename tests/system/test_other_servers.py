"""PostgreSQL and Redis in place of SQLite: real ones, started here."""

import itertools
import json
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from urllib.error import HTTPError
from urllib.request import Request, urlopen

import numpy as np
import pytest
import sqlalchemy as sa
from redis import Redis

from nn.refusal import Refusal
from tests.support.given import give
from tests.support.presenter import Presenter
from tests.support.server import running_server, wait_until
from tests.support.session import SMALL
from webapp.exchange import capsule
from webapp.learning import readiness, rereading, runs, trainer, versions
from webapp.room import drawings, readings
from webapp.room.limits import number_kept
from webapp.storage import first_start
from webapp.storage.database import Database
from webapp.storage.tables import Drawing, Participant, Reading, now


def healthy(url):
    with urlopen(f"{url}/healthz") as answer:
        return json.load(answer)


def predict(url):
    body = json.dumps({"pixels": [[8] * 8] * 8}).encode()
    headers = {"Content-Type": "application/json"}
    with urlopen(Request(f"{url}/api/predict", body, headers)) as answer:
        return json.load(answer)


def finish(presenter, run):
    """Wait until a run has finished."""
    for kind, data in presenter.run_events(run):
        if kind == "run" and (data["id"], data["status"]) == (run, "finished"):
            return


def test_training_on_postgresql_and_redis(postgresql, database_url, redis, tmp_path, capfd):
    data_dir = tmp_path / "data"
    variables = {"DATABASE_URL": database_url, "REDIS_URL": redis}
    with running_server(data_dir=data_dir, variables=variables) as server:
        presenter = Presenter(server)
        presenter.send("/admin/train", "/admin/train", preset="article")
        finish(presenter, 1)
        presenter.send("/admin/versions/2/promote", "/admin/versions", sure="yes")
        assert "Version 2" in presenter.get("/admin/")
        for _ in range(3):
            presenter.send("/admin/train", "/admin/train", preset="article")
        Redis.from_url(redis).flushall()  # the queue is lost, the runs are not
        finish(presenter, 4)
        with postgresql.hanging():
            for _ in range(10):
                began = time.monotonic()
                assert healthy(server.url)["status"] == "ok"
                assert predict(server.url)["verdict"]
                assert time.monotonic() - began < 2
            with pytest.raises(HTTPError) as refused:
                presenter.get("/admin/versions")
            assert refused.value.code == 503
            refused.value.close()
        assert "Version 2" in presenter.get("/admin/")
    lines = capfd.readouterr().err.splitlines()
    assert sum("cannot be read" in line for line in lines) in (1, 2, 3)  # one for each process
    assert not [line for line in lines if "Traceback" in line]
    assert [path.name for path in data_dir.iterdir()] == ["running.lock"]


@pytest.mark.sqlite
def test_capsule_of_postgresql_is_a_data_folder_like_any_other(
    database_url, settings, tmp_path
):
    first_start.prepare(settings | {"database_url": database_url})
    database = Database(settings | {"database_url": database_url})
    with database.writing() as session:
        versions.publish(session, versions.load(session, 1), "Another", "upload")
        give(session)

    def render(_summary):  # meanwhile, somebody draws
        with database.writing() as session:
            give(session)
        return ""

    with capsule.make(database, render, now()) as file, zipfile.ZipFile(file) as archive:
        archive.extractall(tmp_path)
    database.close()
    first_start.prepare(settings)
    copy = Database(settings)
    with copy.writing() as session:
        assert versions.version(session, 2).name == "Another"
        assert session.scalar(sa.select(sa.func.count()).select_from(Drawing)) == 1
    copy.close()


@pytest.fixture
def nodes(database_url, settings):
    """The database as two servers see it, after a first start."""
    first_start.prepare(settings | {"database_url": database_url})
    nodes = [Database(settings | {"database_url": database_url}) for _ in range(2)]
    yield nodes
    for node in nodes:
        node.close()


def at_once(nodes, *actions, owner=None):
    """Do the actions at one moment, in turns on each node; the refusals' codes."""
    barrier = threading.Barrier(len(actions))

    def act(node, action):
        barrier.wait()
        try:
            with node.writing(owner) as session:
                action(session)
        except Refusal as error:
            return error.code
        return None

    with ThreadPoolExecutor(len(actions)) as pool:
        return list(pool.map(act, itertools.cycle(nodes), actions))


def test_two_nodes_decide_one_after_the_other(nodes):
    """What a session has read stays true until it has written, on whichever machine."""
    for _ in range(10):
        with nodes[0].writing() as session:
            number = versions.publish(session, versions.load(session, 1), "New", "upload").id
        refusals = at_once(
            nodes,
            lambda session, n=number: versions.promote(session, n),
            lambda session, n=number: versions.delete(session, n),
        )
        assert refusals.count(None) == 1
        with nodes[0].reading() as session:
            assert versions.live(session).version.weights


def test_roll_back_on_two_nodes_goes_one_step(nodes):
    with nodes[0].writing() as session:
        for name in "AB":
            versions.publish(session, versions.load(session, 1), name, "upload")
    for _ in range(10):
        with nodes[0].writing() as session:
            versions.promote(session, 2)
            versions.promote(session, 3)
            seen = versions.live(session).id

        def roll_back(session, seen=seen):
            versions.roll_back(session, seen)

        assert at_once(nodes, roll_back, roll_back).count(None) == 1
        with nodes[0].writing() as session:
            assert versions.live(session).version_id == 2
            versions.promote(session, 1)


def test_first_drawings_of_a_device_may_come_all_at_once(nodes):
    def begin(session):
        drawings.participant_of(session, None, True, "a device of 16 letters")

    assert at_once(nodes, *[begin] * 12, owner="this device") == [None] * 12
    with nodes[0].reading() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Participant)) == 1


def waiting_in(node):
    """How many sessions wait for a lock."""
    with node.reading() as session:
        return session.scalar(sa.text("SELECT count(*) FROM pg_locks WHERE NOT granted"))


def test_a_participant_who_names_several_devices_gives_one_drawing_after_the_other(nodes):
    """Or the same drawing would be kept twice, and limits would be passed."""
    with nodes[0].writing() as session:
        token = drawings.new_participant(session).token

    def count(device):
        with nodes[1].writing(drawings.token_of(device)) as session:
            participant, _ = drawings.participant_of(session, token, True, device)
            return number_kept(session, participant)

    with ThreadPoolExecutor(1) as pool:
        with nodes[0].writing(drawings.token_of("one")) as session:
            participant, _ = drawings.participant_of(session, token, True, "one")
            counted = pool.submit(count, "another")
            wait_until(lambda: waiting_in(nodes[0]) or counted.done(), "the other one begins")
            give(session, participant=participant)
        assert counted.result(timeout=30) == 1


def test_a_drawing_is_withdrawn_while_a_version_reads_it(nodes):
    with nodes[0].writing() as session:
        drawing = give(session)
        number, owner = drawing.id, drawing.participant_id
        answer = versions.load(session, 1).judge(
            np.frombuffer(drawing.pixels, np.uint8)[None], 1
        )
        found = [readings.columns(number, answer[0])]
        session.execute(sa.delete(Reading))

    def store():
        with nodes[1].writing("readings") as session:
            rereading._store(session, found)

    with ThreadPoolExecutor(1) as pool:
        with nodes[0].writing("its owner") as session:
            drawings.withdraw(session, session.get(Participant, owner))
            stored = pool.submit(store)
            wait_until(lambda: waiting_in(nodes[0]), "the reading waits")
        stored.result(timeout=30)
    with nodes[0].reading() as session:
        assert not session.scalars(sa.select(Reading)).all()


def test_readiness_is_looked_up_while_people_give(nodes, settings):
    with nodes[0].writing("one person") as session:
        session.connection()
        assert "can be read and written" in readiness._database(nodes[1], settings)


def test_people_give_at_the_same_time_and_the_presenter_decides_alone(nodes):
    first, second = nodes

    def write(owner):
        with second.writing(owner) as session:
            session.connection()

    with ThreadPoolExecutor(2) as pool:
        with first.writing("one person") as session:
            session.connection()
            write("another person")
            waiting = [pool.submit(write, owner) for owner in ("one person", None)]
            wait_until(lambda: waiting_in(second) == 2, "both wait")
            assert not any(each.done() for each in waiting)
        for each in waiting:
            each.result(timeout=30)


def test_two_workers_train_each_run_once(nodes):
    with nodes[0].writing() as session:
        waiting = [runs.create(session, SMALL, "article").id for _ in range(5)]
    with ThreadPoolExecutor(2) as pool:
        for run in waiting:
            barrier = threading.Barrier(2)

            def begin(node, run=run, barrier=barrier):
                barrier.wait()
                return trainer._begin(node, run, None)

            assert sorted(pool.map(begin, nodes)) == [False, True]
