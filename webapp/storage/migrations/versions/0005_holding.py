"""Sessions that end, runs that know their worker, and how much room drawings take."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    op.create_table(
        "admin_session",
        sa.Column("id", sa.String(length=64), nullable=False),
        sa.Column("began", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.add_column("training_run", sa.Column("worker_id", sa.Integer(), nullable=True))
    size = sa.Column("size", sa.Integer(), nullable=False, server_default="0")
    op.add_column("drawing", size)
    op.execute("UPDATE drawing SET size = length(picture)")
    op.create_index("ix_drawing_size", "drawing", ["size"])
    op.create_index("ix_participant_created_at", "participant", ["created_at"])
