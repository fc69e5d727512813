"""PostgreSQL and Redis in place of files. Where they are missing, a test skips and says so."""

import contextlib

import pytest

from tests.support.other_servers import NotInstalled, running_postgresql, running_redis


@pytest.fixture
def postgresql():
    """A PostgreSQL server with an empty database."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_postgresql("-c", "fsync=off"))
        except NotInstalled as error:
            pytest.skip(str(error))
        yield server


@pytest.fixture
def database_url(postgresql):
    """Address of an empty PostgreSQL database, as some hosts of databases write it."""
    return postgresql.url("inkling").replace("postgresql:", "postgres:")


@pytest.fixture
def redis():
    """Address of an empty Redis."""
    with contextlib.ExitStack() as stack:
        try:
            server = stack.enter_context(running_redis())
        except NotInstalled as error:
            pytest.skip(str(error))
        yield server.url
