"""Entries of the log that count events; attempts to sign in by visitor."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("audit_entry", sa.Column("kind", sa.String(length=40), nullable=True))
    op.add_column("audit_entry", sa.Column("count", sa.Integer(), nullable=True))
    # The attempts of the last five minutes are not worth keeping.
    op.drop_table("sign_in_attempt")
    op.create_table(
        "sign_in_attempt",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("visitor", sa.String(length=64), nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_index("ix_sign_in_attempt_visitor", "sign_in_attempt", ["visitor"])
