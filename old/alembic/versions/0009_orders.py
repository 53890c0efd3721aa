"""An index for each order of a listing, one for the series of a table by year, and what each code counts.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

ORDERS = {
    "period_descending": "coalesce(period_from, '-infinity'::date)",
    "value_order": "coalesce(value, 'NaN'::numeric)",
    "value_descending": "coalesce(value, '-infinity'::numeric)",
}
SERIES = ["category", "measure", "statistic", "population", "counting_unit"]


def upgrade() -> None:
    op.create_table(
        "counts",
        sa.Column("release", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("code", sa.Text, primary_key=True),
        sa.Column("content", JSONB, nullable=False),
        sa.ForeignKeyConstraint(["release"], ["releases.ordinal"], ondelete="CASCADE"),
    )
    op.execute("GRANT SELECT ON counts TO misconduct_reader")
    for name, order in ORDERS.items():
        op.create_index(f"observations_{name}_id_idx", "observations", [sa.text(order), "id"])
    op.create_index("observations_series_idx", "observations", SERIES)
    op.drop_index("observations_value_id_idx")  # last, because it locks readers out


def downgrade() -> None:
    op.drop_table("counts")
    op.create_index("observations_value_id_idx", "observations", ["value", "id"])
    op.drop_index("observations_series_idx")
    for name in ORDERS:
        op.drop_index(f"observations_{name}_id_idx")
