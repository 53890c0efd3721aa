"""Create the tables.

Postgres is a cache of `data/releases`, so nothing is migrated: when the tables change, or what the load computes for
them, change this file. Its revision is a hash of `upgrade`, which a test tells. Databases of another revision are then
loaded again.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "bfff4af79518"
down_revision = None


def upgrade() -> None:
    text = sa.Text(collation="C")
    op.create_table(
        "changes",
        sa.Column("release", text, nullable=False),
        sa.Column("kind", text, nullable=False),
        sa.Column("id", text, nullable=False),
        sa.Column("action", text, nullable=False),
        sa.Column("reason", text, nullable=True),
        sa.Column("replaced_by", text, nullable=True),
        sa.PrimaryKeyConstraint("release", "kind", "id"),
    )
    op.create_table(
        "observations",
        sa.Column("release", text, nullable=False),
        sa.Column("id", text, nullable=False),
        sa.Column("counted", text, nullable=True),
        sa.Column("measure", text, nullable=True),
        sa.Column("category", text, nullable=True),
        sa.Column("fit", text, nullable=True),
        sa.Column("area", text, nullable=True),
        sa.Column("population", text, nullable=True),
        sa.Column("counting_unit", text, nullable=True),
        sa.Column("period", text, nullable=True),
        sa.Column("year", text, nullable=True),
        sa.Column("period_start", sa.Date(), nullable=True),
        sa.Column("period_end", sa.Date(), nullable=True),
        sa.Column("value", sa.Numeric(), nullable=True),
        sa.Column("value_absent", text, nullable=True),
        sa.Column("unit", text, nullable=True),
        sa.Column("qualifier", text, nullable=True),
        sa.Column("printed", text, nullable=True),
        sa.Column("coverage", text, nullable=True),
        sa.Column("part_of", postgresql.ARRAY(text), nullable=True),
        sa.Column("repeats", text, nullable=True),
        sa.Column("stated_by", text, nullable=True),
        sa.Column("source", text, nullable=True),
        sa.Column("vetting_check", text, nullable=True),
        sa.Column("vetting_result", text, nullable=True),
        sa.Column("stock_or_flow", text, nullable=True),
        sa.Column("counted_at", text, nullable=True),
        sa.Column("hedge", text, nullable=True),
        sa.Column("hedge_at", text, nullable=True),
        sa.Column("period_printed", text, nullable=True),
        sa.Column("period_at", text, nullable=True),
        sa.Column("dated_by", text, nullable=True),
        sa.Column("value_low", sa.Numeric(), nullable=True),
        sa.Column("value_high", sa.Numeric(), nullable=True),
        sa.Column("statistic", text, nullable=True),
        sa.Column("mark", text, nullable=True),
        sa.Column("basis", text, nullable=True),
        sa.Column("at", text, nullable=True),
        sa.Column("also_at", postgresql.ARRAY(text), nullable=True),
        sa.Column("denominator", text, nullable=True),
        sa.Column("origin", text, nullable=True),
        sa.Column("caveats", postgresql.ARRAY(text), nullable=True),
        sa.Column("disagreements", postgresql.ARRAY(text), nullable=True),
        sa.Column("datasets", postgresql.ARRAY(text), nullable=True),
        sa.Column("read_from", text, nullable=True),
        sa.Column("within", postgresql.ARRAY(text), nullable=True),
        sa.Column("shared_subject", text, nullable=True),
        sa.Column("series", text, nullable=True),
        sa.Column("place", sa.Numeric(), nullable=True),
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
            "place",
        ],
        unique=False,
    )
    op.create_index("observations_by_series", "observations", ["release", "series"], unique=False)
    op.create_index("observations_by_value", "observations", ["release", "value", "place"], unique=False)
    op.create_index("observations_by_whole", "observations", ["part_of"], unique=False, postgresql_using="gin")
    op.create_index(
        "observations_by_claim",
        "observations",
        ["repeats"],
        unique=False,
        postgresql_where=sa.text("repeats IS NOT NULL"),
    )
    op.create_index("observations_by_words", "observations", ["words"], unique=False, postgresql_using="gin")
    # Words are plain (misconduct.model.plain_words): Scotland Yard is one word. Former codes are left out.
    # A year is found by the year in which it ends, too. Synonyms of measures and of kinds of misconduct have a weight
    # of their own.
    # The content of a record includes what the load computes: the counts of datasets, and what sources cover.
    op.create_table(
        "records",
        sa.Column("release", text, nullable=False),
        sa.Column("kind", text, nullable=False),
        sa.Column("id", text, nullable=False),
        sa.Column("content", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("words", postgresql.TSVECTOR(), nullable=False),
        sa.PrimaryKeyConstraint("release", "kind", "id"),
    )
    op.create_table(
        "releases",
        sa.Column("number", text, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("summary", text, nullable=False),
        sa.Column("digest", text, nullable=False),
        sa.Column("previous", text, nullable=True),
        sa.Column("earlier_digest", text, nullable=True),
        sa.Column("figures", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("number"),
    )


def downgrade() -> None:
    for table in ("changes", "observations", "records", "releases"):
        op.drop_table(table)
