"""Declare the tables, which `alembic/` creates."""

from typing import Any

from sqlalchemy import Column, Date, Index, Integer, MetaData, Numeric, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from misconduct.model import figure

REVISION = "6_008eb77511e0"
"""Databases of another revision are loaded again. Raise its first number when the load computes something else for the
same tables. The rest is a hash of the tables, which a test tells."""

METADATA = MetaData()

TEXT = Text(collation="C")  # so that texts have the same order in every database

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

TEXTS = ARRAY(TEXT)
_TYPES: dict[str, Any] = {"text": TEXT, "code": TEXT, "number": Numeric, "day": Date, "list": TEXTS}

OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("release", TEXT, primary_key=True),
    *(
        Column(name, _TYPES[figure.COLUMNS[name].holds], primary_key=name == "id", nullable=name != "id")
        for name in figure.TABLE_COLUMNS
    ),
    Column("words", TSVECTOR, nullable=False),
    Index("observations_by_recency", "release", text("recency DESC"), "place"),
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

VERSIONS = Table(
    "versions",
    METADATA,
    Column("id", TEXT, primary_key=True),
    Column("release", TEXT, primary_key=True),
    Column("before", TEXT),
    Column("weight", TEXT, nullable=False),
    Column("changed", TEXTS, nullable=False),
    Column("revised", TEXTS, nullable=False),
    Column("former", Numeric),
    Index("versions_by_release", "release", postgresql_where=text("weight <> 'added'")),
    Index("versions_by_former", "former", postgresql_where=text("former IS NOT NULL")),
)
"""What each release changed: see `misconduct.db.history`."""
