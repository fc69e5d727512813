"""joblib's work, done by the workers of a Dask cluster.

The package distributed is imported here only: those who have no cluster do without it.
"""

import asyncio
import contextlib
import importlib
import logging
from collections.abc import Iterator
from concurrent.futures import CancelledError, ThreadPoolExecutor
from typing import Any

import joblib

from nn.refusal import Refusal

_PATIENCE = 10  # seconds to wait for a scheduler, and for its first worker


class ClusterError(Refusal):
    """A cluster that cannot do the work; the message says why."""

    code = "bad_cluster"


@contextlib.contextmanager
def working(address: str) -> Iterator[None]:
    """Within it, joblib gives its work to the cluster of the scheduler at `address`.

    What a worker was doing when it died, another one does again.

    Raises ClusterError if distributed is not installed, if no scheduler answers, if its workers
    cannot do the work, and, from within, if the cluster is lost.
    """
    try:
        from distributed import Client, KilledWorker
    except ImportError as error:
        raise ClusterError(
            "A search on a cluster needs the package distributed, which is not installed here."
        ) from error
    # What goes wrong is said in a sentence below.
    logging.getLogger("distributed.client").setLevel(logging.CRITICAL)
    _check_scheduler(address)
    with Client(address, set_as_default=False) as client:  # type: ignore[no-untyped-call]
        _check_workers(client, address)
        try:
            with joblib.parallel_config("dask", client=client):
                yield
        except (CancelledError, KilledWorker) as error:
            raise ClusterError(
                "The Dask cluster at {address} was lost during the search. See that its "
                "scheduler and workers run, and start the search again.",
                address=address,
            ) from error


def _check_scheduler(address: str) -> None:
    """ClusterError if no Dask scheduler answers.

    Client would wait without end for a server of another kind.
    """
    try:
        with ThreadPoolExecutor(1) as thread:  # a notebook has an event loop in this one
            thread.submit(asyncio.run, _greet(address)).result()
    except (OSError, MemoryError) as error:  # the latter from what other servers say
        raise ClusterError(
            "No Dask scheduler answers at {address} within {seconds} seconds. Start one with "
            "`python -m dask scheduler`, or check the address.",
            address=address,
            seconds=_PATIENCE,
        ) from error


async def _greet(address: str) -> None:
    from distributed.comm.core import connect

    async with asyncio.timeout(_PATIENCE):
        connection = await connect(address, _PATIENCE)  # type: ignore[no-untyped-call]
        await connection.close()


def _check_workers(client: Any, address: str) -> None:
    """ClusterError unless there are two threads or more that can import nn."""
    try:
        client.wait_for_workers(1, timeout=_PATIENCE)
    except TimeoutError as error:
        raise ClusterError(
            "The Dask scheduler at {address} has no workers. Start some with "
            "`python -m dask worker {address}`.",
            address=address,
        ) from error
    try:
        client.run(importlib.import_module, "nn.classifier")
    except ImportError as error:
        raise ClusterError(
            "The workers of {address} cannot import nn ({reason}). Start them where Inkling is "
            "installed.",
            address=address,
            reason=error,
        ) from error
    if sum(client.ncores().values()) < 2:  # joblib would do the work of one thread itself
        raise ClusterError(
            "The Dask cluster at {address} has one thread, which is no faster than this "
            "computer. Start another worker, or leave the scheduler out.",
            address=address,
        )
