"""The year of a figure, and on which basis; the least and the greatest value that its printed words allow.

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

BOUNDS = """
UPDATE observations SET
  value_low = CASE
    WHEN qualifier = 'more_than' THEN value + CASE WHEN statistic = 'count' AND value = trunc(value) THEN 1 ELSE 0 END
    WHEN qualifier = 'at_least' THEN value
    WHEN value IS NULL AND qualifier = 'magnitude' THEN
      2 * CASE substring(lower(printed) FROM '^(tens|hundreds) of ')
        WHEN 'tens' THEN 10 WHEN 'hundreds' THEN 100 ELSE 1 END
      * CASE regexp_replace(lower(printed), '^(tens|hundreds) of ', '')
        WHEN 'tens' THEN 10 WHEN 'dozens' THEN 12 WHEN 'hundreds' THEN 100 WHEN 'thousands' THEN 1000
        WHEN 'millions' THEN 1000000 WHEN 'billions' THEN 1000000000 END
  END,
  value_high = CASE
    WHEN qualifier = 'just_under' THEN value - CASE WHEN statistic = 'count' AND value = trunc(value) THEN 1 ELSE 0 END
  END
WHERE qualifier IN ('more_than', 'at_least', 'just_under', 'magnitude')
"""


def upgrade() -> None:
    for name in ("year", "year_basis"):
        op.add_column("observations", sa.Column(name, sa.Text))
    for name in ("value_low", "value_high"):
        op.add_column("observations", sa.Column(name, sa.Numeric))
    op.execute(FILL)
    op.execute(BOUNDS)


def downgrade() -> None:
    for name in ("year", "year_basis", "value_low", "value_high"):
        op.drop_column("observations", name)
