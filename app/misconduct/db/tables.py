"""Declare the tables of a release, which `alembic/` creates in a schema of its own."""

from typing import Any

from sqlalchemy import (
    Column,
    Date,
    Identity,
    Index,
    Integer,
    MetaData,
    Numeric,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, TSVECTOR

from misconduct.model import figure, points

REVISION = "30_727531e9d4ef"
"""Databases of another revision are loaded again. Raise its first number when the load computes something else for the
same tables. The rest is a hash of the tables, which a test tells."""

METADATA = MetaData()

TEXT = Text(collation="C")  # so that texts have the same order in every database

RELEASE = Table(
    "release",
    METADATA,
    Column("number", TEXT, primary_key=True),
    Column("day", Date, nullable=False),
    Column("summary", TEXT, nullable=False),
    Column("digest", TEXT, nullable=False),
    Column("previous", TEXT),
    Column("figures", Integer, nullable=False),
    Column("first_year", Integer),
    Column("last_year", Integer),
)
"""The release, with how many figures it has, and the years that its documents name."""

TEXTS = ARRAY(TEXT)
_TYPES: dict[str, Any] = {
    "text": TEXT,
    "code": TEXT,
    "number": Numeric,
    "integer": Integer,
    "day": Date,
    "list": TEXTS,
}
"""The types of columns in Postgres by what they hold."""

OBSERVATIONS = Table(
    "observations",
    METADATA,
    Column("id", TEXT, primary_key=True),
    *(
        Column(name, _TYPES[figure.COLUMNS[name].holds])
        for name in figure.TABLE_COLUMNS
        if name != "id"
    ),
    Column("words", TSVECTOR, nullable=False),
    Index("observations_by_recency", text("recency DESC"), "place"),
    Index(
        "observations_by_age", text("(recency < 1)"), text("trunc(recency)"), "place"
    ),
    Index("observations_by_words", "words", postgresql_using="gin"),
    Index("observations_by_area", "area", "indicator"),
    Index("observations_by_indicator", "indicator", "year"),
    Index("observations_by_measure", "measure", "year"),
    Index("observations_by_category", "category", "year"),
    Index("observations_by_year", "year"),
    Index("observations_by_days", "period_start", "period_end"),
    Index("observations_by_statistic", "statistic"),
    Index("observations_by_source", "source"),
    Index("observations_by_value", "value", "place"),
    Index("observations_by_value_down", text("value DESC NULLS LAST"), "place"),
    Index(
        "observations_by_lists",
        *("part_of", "datasets", "disagreements", "caveats"),
        postgresql_using="gin",
    ),
    Index(
        "observations_by_claim", "repeats", postgresql_where=text("repeats IS NOT NULL")
    ),
)
"""Figures, each with the words by which search finds it."""

FIRST = "rank, recency DESC, place"
"""The order in which figures are written: what comes first stands first."""

RECORDS = Table(
    "records",
    METADATA,
    Column("kind", TEXT, primary_key=True),
    Column("id", TEXT, primary_key=True),
    Column("content", JSONB, nullable=False),
    Column("words", TSVECTOR, nullable=False),
)

VERSIONS = Table(
    "versions",
    METADATA,
    Column("nth", Integer, primary_key=True, autoincrement=False),
    Column("release", TEXT, nullable=False),
    Column("day", Date, nullable=False),
    Column("kind", TEXT, nullable=False),
    Column("id", TEXT, nullable=False),
    Column("action", TEXT, nullable=False),
    Column("reason", TEXT),
    Column("replaced_by", TEXT),
    Column("weight", TEXT),
    Column("revised", TEXTS, nullable=False),
    Column("was", JSONB),
    Column("former", Numeric),
    Index("versions_by_id", "id"),
    Index("versions_by_former", "former", postgresql_where=text("former IS NOT NULL")),
)
"""What each public release changed, oldest first.

`was` is the row of a figure before the change, `former` the number that it had if it has another one. `weight` is what
the change means to somebody who printed the figure (`misconduct.model.versions`), and `revised` has the periods of its
parts that were revised while it ran longer."""

_ASKED = (
    *("area_code", "topic", "category", "kind", "people", "statistic"),
    *("vetting_check", "vetting_result", "source", "publisher", "said_by", "year"),
)
"""The columns that filters ask for a few values, in the order of the table."""

POINTS = Table(
    "points",
    METADATA,
    Column("nth", Integer, Identity(), primary_key=True),
    *(Column(column.name, _TYPES[column.holds]) for column in points.OTHERS),
    *(Index(f"points_by_{name}", name, "nth") for name in _ASKED),
    Index("points_by_indicator", "indicator", "area_code", "nth"),
    Index("points_by_start", "period_start"),
    Index("points_by_value", "value", "nth"),
    Index("points_by_value_down", text("value DESC NULLS LAST"), "nth"),
    Index("points_by_end_down", text("period_end DESC NULLS LAST"), "nth"),
    Index("points_by_id", "id"),
    Index("points_by_point", "point", postgresql_where=text("point IS NOT NULL")),
)
"""The rows of the table, in its order, and after them the figures that were not chosen, which have a `point`."""
