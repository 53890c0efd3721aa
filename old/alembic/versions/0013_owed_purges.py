"""Purges of shared caches that are owed, until they are done.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "owed_purges",
        sa.Column("id", sa.Integer, sa.Identity(), nullable=False),
        sa.Column("paths", ARRAY(sa.Text), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("id", name="owed_purges_pkey"),
    )
    op.execute("GRANT SELECT ON owed_purges TO misconduct_reader")


def downgrade() -> None:
    op.drop_table("owed_purges")
