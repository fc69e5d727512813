"""Opens the database of the settings, with everything in it that a first start puts there."""

from webapp import auth, registry
from webapp.db import Database


def open_database(settings):
    """The Database, ready to use; prints the admin password if it had to make one.

    Raises ConfigError if the database cannot be used.
    """
    database = Database(settings)
    database.prepare()
    with database.reading() as session:
        if auth.is_set_up(session, settings) and registry.is_set_up(session):
            return database
    with database.writing() as session:
        registry.register_shipped(session)
        password = auth.set_up(session, settings)
    if password:
        print(f"Admin password, shown this once: {password}", flush=True)
    return database
