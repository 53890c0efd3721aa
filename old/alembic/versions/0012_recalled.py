"""Releases that are never the latest any more.

Revision ID: 0012
Revises: 0011
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("releases", sa.Column("recalled", sa.Text()))


def downgrade() -> None:
    op.drop_column("releases", "recalled")
