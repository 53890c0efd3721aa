"""Create the tables that `misconduct.db.tables` declares, which also has the revision.

Postgres is a cache of `data/releases`, so nothing is migrated: a program of another revision loads its releases into
schemas of its own.
"""

from alembic import op

from misconduct.db.tables import METADATA, REVISION

revision = REVISION
down_revision = None


def upgrade() -> None:
    METADATA.create_all(op.get_bind())


def downgrade() -> None:
    METADATA.drop_all(op.get_bind())
