"""Sentences of the log and reasons of runs keep their values, to be said in any language."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("training_run", sa.Column("reason_values", sa.JSON(), nullable=True))
    op.add_column("audit_entry", sa.Column("sentence_values", sa.JSON(), nullable=True))
