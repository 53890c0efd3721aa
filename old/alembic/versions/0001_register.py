"""The register: releases, records, manifest lines, observations; and what the reader may see.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import ARRAY, JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

TABLES = ("releases", "records", "manifest_lines", "observations")


def text(name: str, nullable: bool = False) -> sa.Column[str]:
    return sa.Column(name, sa.Text, nullable=nullable)


def integer(name: str) -> sa.Column[int]:
    return sa.Column(name, sa.Integer, nullable=False)


def release_of(table: str, column: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["releases.ordinal"], name=f"{table}_{column}_fkey")


def upgrade() -> None:
    op.create_table(
        "releases",
        integer("ordinal"),
        text("number"),
        sa.Column("released", sa.Date, nullable=False),
        text("summary"),
        text("digest"),
        sa.Column("loaded_at", sa.DateTime(timezone=True), nullable=False, server_default=sa.func.now()),
        sa.PrimaryKeyConstraint("ordinal", name="releases_pkey"),
        sa.UniqueConstraint("number", name="releases_number_key"),
    )
    op.create_table(
        "records",
        text("kind"),
        text("id"),
        integer("version"),
        sa.Column("content", JSONB, nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        integer("added_in"),
        integer("ended_in"),
        sa.PrimaryKeyConstraint("kind", "id", "version", name="records_pkey"),
        release_of("records", "added_in"),
    )
    op.create_table(
        "manifest_lines",
        integer("release"),
        text("kind"),
        text("id"),
        integer("version"),
        text("action"),
        text("sha256"),
        text("reason", nullable=True),
        text("replaced_by", nullable=True),
        sa.PrimaryKeyConstraint("release", "kind", "id", "version", "action", name="manifest_lines_pkey"),
        release_of("manifest_lines", "release"),
    )
    op.create_index("manifest_lines_kind_id_idx", "manifest_lines", ["kind", "id"])
    create_observations()
    for table in TABLES:
        op.execute(f"GRANT SELECT ON {table} TO misconduct_reader")


def create_observations() -> None:
    op.create_table(
        "observations",
        text("id"),
        integer("version"),
        *map(text, ("source", "measure", "statistic", "category", "area", "population", "counting_unit")),
        text("period_type"),
        *(text(name, nullable=True) for name in ("period_start", "period_end", "duration")),
        *(text(name, nullable=True) for name in ("period_printed", "period_at")),
        sa.Column("period_from", sa.Date),
        sa.Column("period_until", sa.Date),
        sa.Column("value", sa.Numeric),
        text("value_absent", nullable=True),
        *map(text, ("unit", "qualifier")),
        *(text(name, nullable=True) for name in ("hedge", "hedge_at")),
        *map(text, ("printed", "at")),
        sa.Column("also_at", ARRAY(sa.Text), nullable=False),
        *map(text, ("obs_status", "stated_by", "origin")),
        sa.Column("caveats", ARRAY(sa.Text), nullable=False),
        sa.Column("sha256", sa.LargeBinary, nullable=False),
        integer("added_in"),
        integer("ended_in"),
        sa.PrimaryKeyConstraint("id", "version", name="observations_pkey"),
    )
    for column in ("measure", "category", "area", "source", "value"):
        op.create_index(f"observations_{column}_id_idx", "observations", [column, "id"])
    op.create_index(
        "observations_period_order_id_idx",
        "observations",
        [sa.text("COALESCE(period_from, 'infinity'::date)"), "id"],
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
