"""An index of the words that figures are printed in; most are printed in digits.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


WORDS = "(to_tsvector('english'::regconfig, printed) || to_tsvector('english'::regconfig, coalesce(hedge, '')))"


def upgrade() -> None:
    op.create_index(
        "observations_printed_words_idx",
        "observations",
        [sa.text(WORDS)],
        postgresql_using="gin",
        postgresql_where=sa.text("printed ~ '[[:alpha:]]' OR hedge IS NOT NULL"),
    )


def downgrade() -> None:
    op.drop_index("observations_printed_words_idx")
