"""Declare the tables, which `alembic/` creates."""

from typing import Any

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from misconduct.model import figure

REVISION = "16_43d6a87bfea2"
"""Databases of another revision are loaded again. Raise its first number when the load computes something else for the
same tables. The rest is a hash of the tables, which a test tells."""

OPEN = 2_147_483_647
"""The `until` of what the newest release has: the greatest integer of Postgres."""

HOLDS = "first <= %(release)s AND %(release)s < until"
"""The condition that a release has a row. The ordinal of a release is the number of its line in releases.csv."""

METADATA = MetaData()

TEXT = Text(collation="C")  # so that texts have the same order in every database

RELEASES = Table(
    "releases",
    METADATA,
    Column("number", TEXT, primary_key=True),
    Column("ordinal", Integer, nullable=False, unique=True),
    Column("day", Date, nullable=False),
    Column("summary", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("previous", TEXT),
    Column("figures", Integer, nullable=False),
)

TEXTS = ARRAY(TEXT)
_TYPES: dict[str, Any] = {
    "text": TEXT,
    "code": TEXT,
    "number": Numeric,
    "day": Date,
    "list": TEXTS,
}


def _of_releases() -> tuple[Column[Any], Column[Any]]:
    """Return the columns that say which releases a row belongs to: from `first` to the one before `until`."""
    return Column("first", Integer, primary_key=True, autoincrement=False), Column(
        "until", Integer, nullable=False
    )


OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("id", TEXT, primary_key=True),
    *_of_releases(),  # before the others: Postgres reads a row up to the last column that a condition names
    *(
        Column(name, _TYPES[figure.COLUMNS[name].holds])
        for name in figure.TABLE_COLUMNS
        if name != "id"
    ),
    Index("observations_by_recency", text("recency DESC"), "place"),
    Index(
        "observations_by_area", "area"
    ),  # rows are in this order, which Postgres sees of an index of one column
    Index("observations_by_indicator", "indicator", "until"),
    Index("observations_by_source", "source", "until"),
    Index("observations_by_value", "value", "place"),
    Index("observations_by_whole", "part_of", postgresql_using="gin"),
    Index(
        "observations_by_claim", "repeats", postgresql_where=text("repeats IS NOT NULL")
    ),
    Index("observations_by_series", "series", "until"),
    Index("observations_by_release", "until", "first"),
)
"""Figures. A row is written when something in it differs from the release before."""

SEARCH_TEXTS = Table(
    "search_texts",
    METADATA,
    Column("id", TEXT, primary_key=True),
    *_of_releases(),
    Column("words", TSVECTOR, nullable=False),
    Index("search_texts_by_words", "words", postgresql_using="gin"),
)
"""The words of figures. They change with labels and titles, and the figures do not."""

RECORDS = Table(
    "records",
    METADATA,
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    *_of_releases(),
    Column("content", JSONB, nullable=False),
    Column("words", TSVECTOR, nullable=False),
)

CHANGES = Table(
    "changes",
    METADATA,
    Column("release", Integer, primary_key=True, autoincrement=False),
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
    Column("release", Integer, primary_key=True, autoincrement=False),
    Column("weight", TEXT, nullable=False),
    Column("changed", TEXTS, nullable=False),
    Column("revised", TEXTS, nullable=False),
    Column("former", Numeric),
    Index("versions_by_release", "release", postgresql_where=text("weight <> 'added'")),
    Index("versions_by_former", "former", postgresql_where=text("former IS NOT NULL")),
)
"""What each release changed: see `misconduct.db.history`."""
