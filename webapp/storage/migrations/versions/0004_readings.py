"""What each version makes of each drawing; what runs and promotions changed."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.create_table(
        "reading",
        sa.Column("drawing_id", sa.Integer(), nullable=False),
        sa.Column("version_id", sa.Integer(), nullable=False),
        sa.Column("predicted", sa.Integer(), nullable=True),
        sa.Column("verdict", sa.String(length=20), nullable=False),
        sa.Column("certainty", sa.Double(), nullable=False),
        sa.Column("probabilities", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["drawing_id"], ["drawing.id"], ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["version_id"], ["model_version.id"], ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("drawing_id", "version_id"),
        sqlite_with_rowid=False,
    )
    op.add_column("active_model", sa.Column("outcome", sa.JSON(), nullable=True))
    op.add_column("training_run", sa.Column("outcome", sa.JSON(), nullable=True))
    op.add_column("epoch", sa.Column("people_accuracy", sa.Double(), nullable=True))
