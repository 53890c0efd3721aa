"""The bytes of files by their hash. The version before reads them through the view `file_pieces`.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

PIECES = """CREATE VIEW file_pieces AS
SELECT f.release, f.name, p.number, p.bytes FROM files f JOIN file_contents p USING (sha256)
WHERE p.length = octet_length(p.bytes)"""
"""The version before does not know compressed pieces, which only files built from now on have."""


def upgrade() -> None:
    # Pictures of earlier versions are drawn on demand now.
    op.execute("DELETE FROM file_pieces WHERE name LIKE 'charts/%'")
    op.execute("DELETE FROM files WHERE name LIKE 'charts/%'")
    op.add_column("files", sa.Column("built_by", JSONB))
    op.execute("UPDATE files f SET built_by = r.files_built_by FROM releases r WHERE r.ordinal = f.release")
    op.drop_constraint("file_pieces_release_name_fkey", "file_pieces")
    op.drop_constraint("file_pieces_pkey", "file_pieces")
    op.rename_table("file_pieces", "file_contents")
    for column in (sa.Column("sha256", sa.Text), sa.Column("length", sa.Integer)):
        op.add_column("file_contents", column)
    # The bytes themselves are not written again: they are outside the rows.
    op.execute(
        "UPDATE file_contents p SET sha256 = f.sha256, length = octet_length(bytes)"
        " FROM files f WHERE f.release = p.release AND f.name = p.name"
    )
    op.execute(
        "DELETE FROM file_contents p USING file_contents same"
        " WHERE (same.sha256, same.number) = (p.sha256, p.number) AND (same.release, same.name) < (p.release, p.name)"
    )
    for name in ("release", "name"):
        op.drop_column("file_contents", name)
    for name in ("sha256", "length"):
        op.alter_column("file_contents", name, nullable=False)
    op.create_primary_key("file_contents_pkey", "file_contents", ["sha256", "number"])
    op.execute(PIECES)
    op.execute("GRANT SELECT ON file_pieces TO misconduct_reader")


def downgrade() -> None:
    op.execute("DROP VIEW file_pieces")
    op.execute("ALTER TABLE file_contents RENAME TO contents")
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
    op.execute("ALTER TABLE file_pieces ALTER COLUMN bytes SET STORAGE EXTERNAL")
    # The next load of the version before builds the files with compressed pieces, which it cannot read, again.
    op.execute("DELETE FROM files WHERE sha256 IN (SELECT sha256 FROM contents WHERE length <> octet_length(bytes))")
    op.execute("INSERT INTO file_pieces SELECT release, name, number, bytes FROM files JOIN contents USING (sha256)")
    op.execute("UPDATE releases SET files_built_by = NULL")
    op.execute("GRANT SELECT ON file_pieces TO misconduct_reader")
    op.drop_table("contents")
    op.drop_column("files", "built_by")
