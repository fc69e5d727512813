"""Alembic's entry: upgrades the database on the connection that webapp.db hands over."""

from alembic import context

from webapp import models
from webapp.db import Base

assert models  # imported so that Base knows the tables

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    render_as_batch=True,  # SQLite cannot change tables otherwise
)
with context.begin_transaction():
    context.run_migrations()
