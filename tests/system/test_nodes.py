"""Several machines with one database: web nodes, and workers elsewhere."""

import contextlib
import threading
from concurrent.futures import ThreadPoolExecutor

import psutil
import pytest
import sqlalchemy as sa

from tests.support.presenter import Presenter
from tests.support.server import running_server, running_worker
from webapp.__main__ import main
from webapp.storage import first_start
from webapp.storage.database import Database, DatabaseAway
from webapp.storage.tables import ActiveModel, ModelVersion, Setting

NODES = 4


def test_nodes_that_start_at_once_on_an_empty_database_make_everything_once(
    database_url, settings, tmp_path
):
    settings |= {"database_url": database_url, "admin_password": None}
    barrier = threading.Barrier(NODES)

    def start(number):
        barrier.wait()
        while True:  # as a node does that waits for the others for too long
            with contextlib.suppress(DatabaseAway):
                return first_start.prepare(settings | {"data_dir": tmp_path / str(number)})

    with ThreadPoolExecutor(NODES) as pool:
        passwords = list(pool.map(start, range(NODES)))
    assert len([password for password in passwords if password]) == 1
    database = Database(settings)
    with database.reading() as session:
        assert [row.id for row in session.scalars(sa.select(ModelVersion))] == [1]
        assert [row.version_id for row in session.scalars(sa.select(ActiveModel))] == [1]
        assert len(session.scalars(sa.select(Setting)).all()) == 3
    database.close()


def test_web_node_and_worker_share_nothing_but_the_database(database_url, redis, tmp_path):
    variables = {"DATABASE_URL": database_url, "REDIS_URL": redis, "INKLING_WORKERS": "1"}
    web = running_server(1, None, tmp_path / "web", ["--role", "web"], variables)
    with running_worker(tmp_path / "worker", variables) as worker, web as node:
        [process] = psutil.Process(node.process.pid).children()
        assert "webapp.server.worker" not in process.cmdline()
        assert not [
            connection
            for process in psutil.Process(worker.process.pid).children(recursive=True)
            for connection in process.net_connections("tcp")
            if connection.status == psutil.CONN_LISTEN
        ]
        presenter = Presenter(node)
        presenter.send("/admin/train", "/admin/train", preset="article")
        for kind, data in presenter.run_events(1):
            if kind == "run" and data["status"] == "finished":
                break
        presenter.send("/admin/versions/2/promote", "/admin/versions", sure="yes")
        assert "Version 2" in presenter.get("/admin/")
    assert worker.process.returncode == 0


@pytest.mark.parametrize("role", ["web", "worker"])
def test_part_of_inkling_needs_a_database_that_others_reach(role, tmp_path, capsys):
    assert main(["--role", role, "--data-dir", str(tmp_path / "data")]) == 2
    assert "set DATABASE_URL" in capsys.readouterr().err
    assert not (tmp_path / "data").exists()
