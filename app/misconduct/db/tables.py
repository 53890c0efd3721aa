"""The tables. `alembic/` creates them; a test compares the two."""

from typing import Any

from sqlalchemy import Column, Date, Index, Integer, MetaData, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from misconduct.model import figure

METADATA = MetaData()

RELEASES = Table(
    "releases",
    METADATA,
    Column("number", Text, primary_key=True),
    Column("day", Date, nullable=False),
    Column("summary", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("previous", Text),
    Column("earlier_digest", Text),
    Column("figures", Integer, nullable=False),
)

_TYPES: dict[str, Any] = {"text": Text, "code": Text, "number": Numeric, "day": Date, "list": ARRAY(Text)}

OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("release", Text, primary_key=True),
    *(
        Column(name, _TYPES[figure.COLUMNS[name].holds], primary_key=name == "id", nullable=name != "id")
        for name in figure.TABLE_COLUMNS
    ),
    Column("words", TSVECTOR, nullable=False),
    Index(
        "observations_by_period",
        "release",
        text("(coverage = 'unstated')"),
        text("period_end DESC NULLS LAST"),
        text("period_start DESC NULLS LAST"),
        "id",
    ),
    Index("observations_by_area", "release", "area"),
    Index("observations_by_source", "release", "source"),
    Index("observations_by_value", "release", "value", "id"),
    Index("observations_by_whole", "part_of", postgresql_using="gin"),
    Index("observations_by_claim", "repeats", postgresql_where=text("repeats IS NOT NULL")),
    Index("observations_by_words", "words", postgresql_using="gin"),
    Index("observations_by_series", "release", "series"),
)

RECORDS = Table(
    "records",
    METADATA,
    Column("release", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("words", TSVECTOR, nullable=False),
)

CHANGES = Table(
    "changes",
    METADATA,
    Column("release", Text, primary_key=True),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("action", Text, nullable=False),
    Column("reason", Text),
    Column("replaced_by", Text),
)
