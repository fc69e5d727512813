"""Sixty people at once, and the wall on three screens.

    .venv/bin/python -m bench.room [--seconds 110]

Starts a server of its own. Each of 60 people gives 20 drawings within the time; every drawing
that the server says it has kept must be there exactly once, without an error, and on every
screen within 2 s. People and screens share the machine with the server.
"""

import argparse

import numpy as np
import sqlalchemy as sa

from bench.load import pngs
from tests.support.room import fill
from tests.support.server import database_of, running_server
from webapp.storage.tables import Drawing

PEOPLE, EACH = 60, 20


def main():
    parser = argparse.ArgumentParser(prog="python -m bench.room", description=__doc__)
    parser.add_argument("--seconds", type=float, default=110)
    seconds = parser.parse_args().seconds
    with running_server() as server:
        room, threads = fill(server, pngs(), PEOPLE, EACH, seconds)
        for thread in threads:
            thread.join()
        room.wait_until_shown()
        with database_of(server) as database, database.reading() as session:
            stored = session.scalars(sa.select(Drawing.id)).all()
    delays = room.delays()
    print(f"given        {PEOPLE * EACH}")
    print(f"acknowledged {len(room.acknowledged)}")
    print(f"stored       {len(stored)}, the same ones: {set(stored) == set(room.acknowledged)}")
    print(f"errors       {len(room.failures)} {room.failures[:1]}")
    print(f"shown        {len(delays)} of {3 * PEOPLE * EACH}")
    print(f"delay        median {np.median(delays):.2f} s, longest {max(delays):.2f} s")


if __name__ == "__main__":
    main()
