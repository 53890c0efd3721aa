"""Figures that this register counted: nobody stated them, nor how firmly.

Revision ID: 0008
Revises: 0007
"""

from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name in ("qualifier", "stated_by"):
        op.alter_column("observations", name, nullable=True)


def downgrade() -> None:
    for name in ("qualifier", "stated_by"):
        op.alter_column("observations", name, nullable=False)
