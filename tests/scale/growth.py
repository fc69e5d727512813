"""What takes longer the more drawings there are."""

import contextlib
import time

from bench.table import Table
from webapp import config
from webapp.room.limits import Counted
from webapp.storage.database import Database
from webapp.web import channels

MANY = 100_000  # drawings
# Copies of all drawings, whose keys differ.
_MORE = """
INSERT INTO drawing (participant_id, key, picture, size, pixels, said, verdict, certainty,
                     neighbours, version_id, label, status, created_at)
SELECT participant_id, key || '-' || i, picture, size, pixels, said, verdict, certainty,
       neighbours, version_id, label, status, created_at
FROM drawing, generate_series(1, {times}) AS i
"""
_GROWS = {
    "a look at what is new: 5 a second of each process that a wall or a presenter follows": (
        channels.mark
    ),
    "a count of the room: 1 a second of each process": lambda session: Counted().kept(
        session, is_exact=True
    ),
}


def table(cluster):
    """What takes longer the more drawings there are, before and after many more came."""
    settings = config.from_environment({"DATABASE_URL": cluster.postgresql.url("inkling")})
    with contextlib.closing(Database(settings)) as database:
        few, before = _number(cluster), [_shortest(database, do) for do in _GROWS.values()]
        cluster.execute(_MORE.format(times=MANY // few))
        cluster.execute("VACUUM ANALYZE drawing")
        many, after = _number(cluster), [_shortest(database, do) for do in _GROWS.values()]
    rows = [
        (name, *(f"{1000 * seconds:.1f}" for seconds in took))
        for name, *took in zip(_GROWS, before, after, strict=True)
    ]
    columns = ("what", f"ms at {few:,} drawings", f"ms at {many:,} drawings")
    return Table("What grows", "tests.scale", columns, rows)


def _number(cluster):
    [[number]] = cluster.rows("SELECT count(*) FROM drawing")
    return number


def _shortest(database, do):
    """Seconds that reading takes, in its quickest round."""
    found = []
    for _ in range(5):
        with database.reading() as session:
            session.connection()
            begin = time.perf_counter()
            do(session)
            found.append(time.perf_counter() - begin)
    return min(found)
