"""The files of a release: each dataset's CSV and Parquet, and the bundle, in pieces of about 1 MB.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "files",
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("media_type", sa.Text, nullable=False),
        sa.Column("length", sa.BigInteger, nullable=False),
        sa.Column("sha256", sa.Text, nullable=False),
        sa.PrimaryKeyConstraint("release", "name", name="files_pkey"),
        sa.ForeignKeyConstraint(["release"], ["releases.ordinal"], name="files_release_fkey"),
    )
    op.create_table(
        "file_pieces",
        sa.Column("release", sa.Integer, nullable=False),
        sa.Column("name", sa.Text, nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("bytes", sa.LargeBinary, nullable=False),
        sa.PrimaryKeyConstraint("release", "name", "number", name="file_pieces_pkey"),
        sa.ForeignKeyConstraint(
            ["release", "name"], ["files.release", "files.name"], name="file_pieces_release_name_fkey"
        ),
    )
    op.execute("ALTER TABLE file_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL")  # compressed already, or read in part
    for table in ("files", "file_pieces"):
        op.execute(f"GRANT SELECT ON {table} TO misconduct_reader")


def downgrade() -> None:
    op.drop_table("file_pieces")
    op.drop_table("files")
