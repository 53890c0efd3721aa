"""No statistics of columns with whole texts: nothing is planned by them, and they kept what the law removed.

Revision ID: 0014
Revises: 0013
"""

from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

CONTENTS = (("records", "content"), ("assessments", "content"), ("counts", "content"), ("file_contents", "bytes"))


def upgrade() -> None:
    # Only a change of its type deletes what a column has of them; to the same type it writes no row again. The view
    # of the version before is in its way.
    op.execute("DROP VIEW file_pieces")
    for table, column in CONTENTS:
        op.execute(f"ALTER TABLE {table} ALTER {column} TYPE {'bytea' if column == 'bytes' else 'jsonb'}")
        op.execute(f"ALTER TABLE {table} ALTER {column} SET STATISTICS 0")
    op.execute("ALTER TABLE file_contents ALTER bytes SET STORAGE EXTERNAL")  # which that change took away
    op.execute(
        "CREATE VIEW file_pieces AS"
        " SELECT f.release, f.name, p.number, p.bytes FROM files f JOIN file_contents p USING (sha256)"
        " WHERE p.length = octet_length(p.bytes)"
    )
    op.execute("GRANT SELECT ON file_pieces TO misconduct_reader")


def downgrade() -> None:
    for table, column in CONTENTS:
        op.execute(f"ALTER TABLE {table} ALTER {column} SET STATISTICS -1")
