"""By which code and libraries the files of a release were built; null: by code that did not note it.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("releases", sa.Column("files_built_by", JSONB))


def downgrade() -> None:
    op.drop_column("releases", "files_built_by")
