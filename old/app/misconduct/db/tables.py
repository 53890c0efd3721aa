"""The tables: a cache of the register, rebuilt from `data/` at any time.

A row of `observations` or `records` is in force in every release r with added_in <= r < ended_in (ordinals), so that
releases share one copy of what they have in common.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Identity,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Numeric,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
    func,
    literal_column,
    or_,
    text,
)
from sqlalchemy.dialects import postgresql
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.schema import AddConstraint, CreateIndex

from misconduct.model.observation import FIELDS
from misconduct.model.series import SERIES

metadata = MetaData(
    naming_convention={
        "pk": "%(table_name)s_pkey",
        "fk": "%(table_name)s_%(column_0_N_name)s_fkey",
        "ix": "%(table_name)s_%(column_0_N_name)s_idx",
        "uq": "%(table_name)s_%(column_0_name)s_key",
    }
)

releases = Table(
    "releases",
    metadata,
    Column("ordinal", Integer, primary_key=True, autoincrement=False),
    Column("number", Text, nullable=False, unique=True),
    Column("released", Date, nullable=False),
    Column("summary", Text, nullable=False),
    Column("digest", Text, nullable=False),
    Column("loaded_at", DateTime(timezone=True), nullable=False, server_default=func.now()),
    Column("files_built_by", JSONB),
    Column("recalled", Text),
)

records = Table(
    "records",
    metadata,
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("content", JSONB, nullable=False),
    Column("sha256", LargeBinary, nullable=False),
    Column("added_in", Integer, ForeignKey("releases.ordinal"), nullable=False),
    Column("ended_in", Integer, nullable=False),
)

# The results of checks and disagreements in each release, computed when it is loaded.
assessments = Table(
    "assessments",
    metadata,
    Column("release", Integer, ForeignKey("releases.ordinal"), primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
)

# How many figures and series each code has in each release, counted when it is loaded (see `queries.counts`).
counts = Table(
    "counts",
    metadata,
    Column(
        "release",
        Integer,
        ForeignKey("releases.ordinal", ondelete="CASCADE"),
        primary_key=True,
        autoincrement=False,
    ),
    Column("name", Text, primary_key=True),
    Column("code", Text, primary_key=True),
    Column("content", JSONB, nullable=False),
)

# The files of a release, built once, when it is loaded, and kept. `built_by`: the code and libraries that built it.
files = Table(
    "files",
    metadata,
    Column("release", Integer, ForeignKey("releases.ordinal"), primary_key=True, autoincrement=False),
    Column("name", Text, primary_key=True),
    Column("media_type", Text, nullable=False),
    Column("length", BigInteger, nullable=False),
    Column("sha256", Text, nullable=False),
    Column("built_by", JSONB),
)

# The bytes of files by their hash, in pieces of 1 MB: equal files are stored once. `length` is the length of the piece:
# where fewer bytes are stored, zlib has compressed them (RFC 1950).
file_contents = Table(
    "file_contents",
    metadata,
    Column("sha256", Text, primary_key=True),
    Column("number", Integer, primary_key=True, autoincrement=False),
    Column("length", Integer, nullable=False),
    Column("bytes", LargeBinary, nullable=False),
)

# Purges of shared caches that are owed, and the paths of what was removed (`misconduct.publish.owed`).
owed_purges = Table(
    "owed_purges",
    metadata,
    Column("id", Integer, Identity(), primary_key=True),
    Column("paths", ARRAY(Text), nullable=False),
    Column("since", DateTime(timezone=True), nullable=False, server_default=func.now()),
)

manifest_lines = Table(
    "manifest_lines",
    metadata,
    Column("release", Integer, ForeignKey("releases.ordinal"), primary_key=True, autoincrement=False),
    Column("kind", Text, primary_key=True),
    Column("id", Text, primary_key=True),
    Column("version", Integer, primary_key=True, autoincrement=False),
    Column("action", Text, primary_key=True),
    Column("sha256", Text, nullable=False),
    Column("reason", Text),
    Column("replaced_by", Text),
    Index(None, "kind", "id"),
)

_TYPES: dict[Any, Any] = {
    str: Text(),
    int: Integer(),
    date: Date(),
    Decimal: Numeric(),
    bytes: LargeBinary(),
    list[str]: ARRAY(Text),
}

observations = Table(
    "observations",
    metadata,
    *(
        Column(
            name,
            _TYPES[field.type],
            primary_key=name in ("id", "version"),
            nullable=field.is_optional,
            autoincrement=False,
        )
        for name, field in FIELDS.items()  # in this order, so that a row is an Observation and COPY needs no mapping
    ),
    Index(None, "measure", "id"),
    Index(None, "category", "id"),
    Index(None, "area", "id"),
    Index(None, "source", "id"),
    # few figures have the same: what comes after is sorted as needed
    Index("observations_series_idx", *SERIES[:5]),
)

_days, _values = observations.c.period_from, observations.c.value
period_order = func.coalesce(_days, literal_column("'infinity'::date", Date))
period_descending = func.coalesce(_days, literal_column("'-infinity'::date", Date))
value_order = func.coalesce(_values, literal_column("'NaN'::numeric", Numeric))
value_descending = func.coalesce(_values, literal_column("'-infinity'::numeric", Numeric))
"""The orders of observations by time and by value, up and down: those without a date or a number come last."""

for _name, _order in (
    ("period_order", period_order),
    ("period_descending", period_descending),
    ("value_order", value_order),
    ("value_descending", value_descending),
):
    Index(f"observations_{_name}_id_idx", _order, observations.c.id)

ENGLISH = text("'english'::regconfig")
_hedge = func.coalesce(observations.c.hedge, text("''"))
printed_words = func.to_tsvector(ENGLISH, observations.c.printed).op("||")(func.to_tsvector(ENGLISH, _hedge))
has_letters = or_(
    observations.c.printed.op("~", is_comparison=True)(text("'[[:alpha:]]'")), observations.c.hedge.isnot(None)
)
"""Most figures are printed in digits: only the others are in the index of words."""

Index("observations_printed_words_idx", printed_words, postgresql_using="gin", postgresql_where=has_letters)


def write_indexes() -> dict[str, str]:
    """Return the statement that creates each index and key, by its name."""
    postgres = postgresql.dialect()  # type: ignore[no-untyped-call]
    created = {}
    for table in metadata.sorted_tables:
        keys = [one for one in table.constraints if isinstance(one, PrimaryKeyConstraint | UniqueConstraint)]
        statements: list[CreateIndex | AddConstraint] = [*map(CreateIndex, table.indexes), *map(AddConstraint, keys)]
        for statement in statements:
            created[str(statement.element.name)] = " ".join(str(statement.compile(dialect=postgres)).split())
    return dict(sorted(created.items()))
