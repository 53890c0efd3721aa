"""Create the tables.

Postgres is a cache of `data/releases`, so nothing is migrated: when the tables change, or what the load computes for
them, change this file. Its revision is a hash of `upgrade`, which a test tells. Databases of another revision are then
loaded again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "c9242d87d02b"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "changes",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("action", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("replaced_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("release", "kind", "id"),
    )
    op.create_table(
        "observations",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("counted", sa.Text(), nullable=True),
        sa.Column("measure", sa.Text(), nullable=True),
        sa.Column("category", sa.Text(), nullable=True),
        sa.Column("fit", sa.Text(), nullable=True),
        sa.Column("area", sa.Text(), nullable=True),
        sa.Column("population", sa.Text(), nullable=True),
        sa.Column("counting_unit", sa.Text(), nullable=True),
        sa.Column("period", sa.Text(), nullable=True),
        sa.Column("year", sa.Text(), nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("value_absent", sa.Text(), nullable=True),
        sa.Column("unit", sa.Text(), nullable=True),
        sa.Column("qualifier", sa.Text(), nullable=True),
        sa.Column("printed", sa.Text(), nullable=True),
        sa.Column("coverage", sa.Text(), nullable=True),
        sa.Column("part_of", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("repeats", sa.Text(), nullable=True),
        sa.Column("stated_by", sa.Text(), nullable=True),
        sa.Column("source", sa.Text(), nullable=True),
        sa.Column("vetting_check", sa.Text(), nullable=True),
        sa.Column("vetting_result", sa.Text(), nullable=True),
        sa.Column("stock_or_flow", sa.Text(), nullable=True),
        sa.Column("counted_at", sa.Text(), nullable=True),
        sa.Column("hedge", sa.Text(), nullable=True),
        sa.Column("hedge_at", sa.Text(), nullable=True),
        sa.Column("period_printed", sa.Text(), nullable=True),
        sa.Column("period_at", sa.Text(), nullable=True),
        sa.Column("dated_by", sa.Text(), nullable=True),
        sa.Column("value_low", sa.Numeric(), nullable=True),
        sa.Column("value_high", sa.Numeric(), nullable=True),
        sa.Column("statistic", sa.Text(), nullable=True),
        sa.Column("mark", sa.Text(), nullable=True),
        sa.Column("basis", sa.Text(), nullable=True),
        sa.Column("at", sa.Text(), nullable=True),
        sa.Column("also_at", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("denominator", sa.Text(), nullable=True),
        sa.Column("origin", sa.Text(), nullable=True),
        sa.Column("caveats", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("disagreements", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("datasets", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("within", postgresql.ARRAY(sa.Text()), nullable=True),
        sa.Column("shared_subject", sa.Text(), nullable=True),
        sa.Column("series", sa.Text(), nullable=True),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("release", "id"),
    )
    op.create_index("observations_by_area", "observations", ["release", "area"], unique=False)
    op.create_index("observations_by_source", "observations", ["release", "source"], unique=False)
    op.create_index(
        "observations_by_period",
        "observations",
        [
            "release",
            sa.text("(coverage = 'unstated')"),
            sa.text("period_end DESC NULLS LAST"),
            sa.text("period_start DESC NULLS LAST"),
            "id",
        ],
        unique=False,
    )
    op.create_index("observations_by_series", "observations", ["release", "series"], unique=False)
    op.create_index("observations_by_value", "observations", ["release", "value", "id"], unique=False)
    op.create_index("observations_by_whole", "observations", ["part_of"], unique=False, postgresql_using="gin")
    op.create_index(
        "observations_by_claim",
        "observations",
        ["repeats"],
        unique=False,
        postgresql_where=sa.text("repeats IS NOT NULL"),
    )
    op.create_index("observations_by_words", "observations", ["words"], unique=False, postgresql_using="gin")
    # The content of a record includes what the load computes: the counts of datasets, and what sources cover.
    op.create_table(
        "records",
        sa.Column("release", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("id", sa.Text(), nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("release", "kind", "id"),
    )
    op.create_table(
        "releases",
        sa.Column("number", sa.Text(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("digest", sa.Text(), nullable=False),
        sa.Column("previous", sa.Text(), nullable=True),
        sa.Column("earlier_digest", sa.Text(), nullable=True),
        sa.Column("figures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    for table in ("changes", "observations", "records", "releases"):
        op.drop_table(table)
