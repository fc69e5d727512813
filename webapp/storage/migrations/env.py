"""Alembic's entry: upgrades the database on the connection that `Database.upgrade` opens."""

from alembic import context

from webapp.storage import tables  # noqa: F401  (so that Base knows the tables)
from webapp.storage.database import Base

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot change tables otherwise
)
with context.begin_transaction():
    context.run_migrations()
