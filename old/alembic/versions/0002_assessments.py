"""What checks and disagreements come to in each release.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "assessments",
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("kind", sa.Text, nullable=False),
        sa.Column("id", sa.Text, nullable=False),
        sa.Column("content", JSONB, nullable=False),
        sa.PrimaryKeyConstraint("release", "kind", "id", name="assessments_pkey"),
        sa.ForeignKeyConstraint(["release"], ["releases.ordinal"], name="assessments_release_fkey"),
    )
    op.execute("GRANT SELECT ON assessments TO misconduct_reader")


def downgrade() -> None:
    op.drop_table("assessments")
