"""The tables. `alembic/` creates them; a test compares the two."""

from typing import Any

from sqlalchemy import Column, Date, Index, Integer, MetaData, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from misconduct.model import figure

METADATA = MetaData()

TEXT = Text(collation="C")
"""So that texts have the same order in every database."""

RELEASES = Table(
    "releases",
    METADATA,
    Column("number", TEXT, primary_key=True),
    Column("day", Date, nullable=False),
    Column("summary", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("previous", TEXT),
    Column("earlier_digest", TEXT),
    Column("figures", Integer, nullable=False),
)

_TYPES: dict[str, Any] = {"text": TEXT, "code": TEXT, "number": Numeric, "day": Date, "list": ARRAY(TEXT)}

OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("release", TEXT, primary_key=True),
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
        "place",
    ),
    Index("observations_by_area", "release", "area"),
    Index("observations_by_source", "release", "source"),
    Index("observations_by_value", "release", "value", "place"),
    Index("observations_by_whole", "part_of", postgresql_using="gin"),
    Index("observations_by_claim", "repeats", postgresql_where=text("repeats IS NOT NULL")),
    Index("observations_by_words", "words", postgresql_using="gin"),
    Index("observations_by_series", "release", "series"),
)

RECORDS = Table(
    "records",
    METADATA,
    Column("release", TEXT, primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("words", TSVECTOR, nullable=False),
)

CHANGES = Table(
    "changes",
    METADATA,
    Column("release", TEXT, primary_key=True),
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("action", TEXT, nullable=False),
    Column("reason", TEXT),
    Column("replaced_by", TEXT),
)
