"""Figures that this register counted: they are printed nowhere, and say by which table they were counted.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("observations", sa.Column("derivation", sa.Text))
    for name in ("printed", "at"):
        op.alter_column("observations", name, nullable=True)


def downgrade() -> None:
    op.drop_column("observations", "derivation")
    for name in ("printed", "at"):
        op.alter_column("observations", name, nullable=False)
