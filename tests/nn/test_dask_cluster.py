"""Clusters that cannot be used. `test_sweep.py` and `test_scikit_learn_docs.py` use others."""

import asyncio
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from nn import dask_cluster
from tests.support.dask_cluster import running_cluster
from tests.support.server import free_port


def use(address):
    with dask_cluster.working(address):
        pytest.fail("there is no cluster to work with")


def test_cluster_that_cannot_do_the_work_is_told(tmp_path, monkeypatch):
    with running_cluster(tmp_path) as cluster:
        monkeypatch.setattr(dask_cluster, "_PATIENCE", 3)
        with pytest.raises(
            dask_cluster.ClusterError, match=f"at {cluster.address} has no workers"
        ):
            use(cluster.address)
        monkeypatch.undo()
        cluster.add_worker("elsewhere", with_nn=False)
        with pytest.raises(
            dask_cluster.ClusterError, match=r"cannot import nn \(No module named 'nn'"
        ):
            use(cluster.address)
        cluster.kill("elsewhere")
        cluster.add_worker("single")
        with pytest.raises(
            dask_cluster.ClusterError, match="has one thread, which is no faster"
        ):
            use(cluster.address)


@pytest.fixture
def _impatient(monkeypatch):
    monkeypatch.setattr(dask_cluster, "_PATIENCE", 0.2)


@pytest.mark.usefixtures("_impatient")
def test_scheduler_out_of_reach_is_told_soon():
    address = f"tcp://127.0.0.1:{free_port()}"
    with pytest.raises(dask_cluster.ClusterError) as caught:
        use(address)
    assert str(caught.value) == (
        f"No Dask scheduler answers at {address} within 0.2 seconds. Start one with "
        "`python -m dask scheduler`, or check the address."
    )


@pytest.mark.usefixtures("_impatient")
def test_server_that_says_nothing_is_no_scheduler():
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(dask_cluster.ClusterError, match="No Dask scheduler answers"):
            use(address)


def test_server_that_greets_in_another_way_is_no_scheduler():
    with socket.create_server(("127.0.0.1", 0)) as server, ThreadPoolExecutor(1) as thread:

        def greet():
            with server.accept()[0] as connection:
                connection.sendall(b"220 mail.example.com ESMTP at your service\r\n")
                connection.recv(1)

        thread.submit(greet)
        address = f"tcp://127.0.0.1:{server.getsockname()[1]}"
        with pytest.raises(dask_cluster.ClusterError, match="No Dask scheduler answers"):
            use(address)


@pytest.mark.usefixtures("_impatient")
def test_event_loop_as_notebooks_have_one_does_not_matter():
    async def cell():
        with pytest.raises(dask_cluster.ClusterError, match="No Dask scheduler answers"):
            use(f"tcp://127.0.0.1:{free_port()}")

    asyncio.run(cell())
