"""Compile statements for `engine`, without the driver: a load, which has another one, compiles them too."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, DateTime, Select, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect

RELEASE = "having_release"
"""The parameter of every statement for the digest of the release that the database must hold; "": none."""

BUILT = "having_built"
"""The parameter for when its releases must have been written, at least: a rebuild writes all of them anew."""

EVER = datetime(1970, 1, 1, tzinfo=UTC)

_HOLDS_RELEASE = text(
    f"CASE :{RELEASE} WHEN '' THEN true ELSE 1 / (EXISTS"
    f" (SELECT FROM releases WHERE digest = :{RELEASE} AND loaded_at >= :{BUILT}))::integer = 1 END"
).bindparams(bindparam(RELEASE, "", Text), bindparam(BUILT, EVER, DateTime(timezone=True)))

_DIALECT = dialect()  # type: ignore[no-untyped-call]

Statement = Select[Any] | CompoundSelect[Any]


class Query(NamedTuple):
    """A compiled statement: its SQL, the names of its parameters in order, and their default values."""

    sql: str
    names: tuple[str, ...]
    values: Mapping[str, Any]


def compile_statement(statement: Statement) -> Query:
    """Compile a statement, with the condition, evaluated first and once, that the database holds a release.

    Compile a frequent statement once, and run it with different values.
    """
    single = select(statement.subquery()) if isinstance(statement, CompoundSelect) else statement
    compiled: Any = single.where(_HOLDS_RELEASE).compile(dialect=_DIALECT, compile_kwargs={"render_postcompile": True})
    return Query(compiled.string, tuple(compiled.positiontup), compiled.params)
