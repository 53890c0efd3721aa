"""The year of a figure, and on which basis: any twelve months, or the calendar year of which a window is a part.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

FILL = """
UPDATE observations SET
  year = CASE WHEN extract(year FROM period_from) = extract(year FROM period_until)
    THEN to_char(period_from, 'YYYY')
    ELSE to_char(period_from, 'YYYY/') || to_char(period_until, 'YY') END,
  year_basis = CASE WHEN extract(year FROM period_from) <> extract(year FROM period_until) THEN 'other'
    WHEN greatest(length(period_start), length(period_end)) > 4 THEN 'calendar'
    ELSE 'unstated' END
WHERE period_type IN ('year', 'window') AND (
  extract(year FROM period_from) = extract(year FROM period_until)
  OR (extract(day FROM period_from) = 1 AND period_until = (period_from + interval '1 year' - interval '1 day')::date)
)
"""


def upgrade() -> None:
    op.add_column("observations", sa.Column("year", sa.Text))
    op.add_column("observations", sa.Column("year_basis", sa.Text))
    op.execute(FILL)


def downgrade() -> None:
    op.drop_column("observations", "year")
    op.drop_column("observations", "year_basis")
