"""The room around a wall: what participants and moderators do, straight in the database."""

from tests.support.given import give
from webapp import config
from webapp.learning import runs
from webapp.room import wall
from webapp.storage.database import Database
from webapp.storage.tables import Drawing

LIVE = 2000  # ms within which a wall shows what has happened
# The sign of a connection shows nothing while all is well.
CONNECTED = "body:has(#connection[data-state=connected])"


class Room:
    """A server, and its database from outside: what participants and moderators do."""

    def __init__(self, server):
        self.server = server
        settings = config.from_environment({"INKLING_DATA_DIR": str(server.data_dir)})
        self.database = Database(settings)

    @property
    def wall(self):
        """The address of the wall, with its token."""
        with self.database.reading() as session:
            return f"{self.server.url}/wall?token={wall.token(session)}"

    def give(self, *args, **kwargs):
        """A drawing is given; its id."""
        with self.database.writing() as session:
            return give(session, *args, **kwargs).id

    def change(self, change):
        """`change(session)`, in one piece; what it returns."""
        with self.database.writing() as session:
            return change(session)

    def wait_for_worker(self):
        """Wait for the training worker: at its start it ends runs that nobody trains."""
        worker_is_there = False
        while not worker_is_there:
            assert self.server.process.poll() is None
            with self.database.reading() as session:
                worker_is_there = runs.worker_is_there(session)

    def decide(self, number, status):
        """A moderator decides on a drawing."""
        self.change(lambda session: setattr(session.get(Drawing, number), "status", status))


def press(admin, name):
    admin.get_by_role("button", name=name, exact=True).click()
    admin.wait_for_load_state()


def fill(room):
    """Forty drawings, some of them wrong."""
    wrong = {3: 8, 9: 4, 19: 4, 29: 4, 37: 1, 14: 9}
    for i in range(40):
        verdict = "torn" if i in wrong else "sure"
        predicted, certainty = wrong.get(i, i % 10), 0.62 if i in wrong else 0.8 + 0.0049 * i
        room.give(label=i % 10, predicted=predicted, certainty=certainty, verdict=verdict)
