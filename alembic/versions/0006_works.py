"""Sources may be editions of a work.

Revision ID: 0006
Revises: 0005
"""

from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.execute("""UPDATE records SET content = content || '{"work": null}' WHERE kind = 'source'""")


def downgrade() -> None:
    op.execute("UPDATE records SET content = content - 'work' WHERE kind = 'source'")
