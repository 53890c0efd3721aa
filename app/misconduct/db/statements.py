"""Compile statements for `engine`, without the driver: a load, which has another one, compiles them too."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from sqlalchemy import CompoundSelect, Select, Text, bindparam, select, text
from sqlalchemy.dialects.postgresql.asyncpg import dialect

RELEASE = "having_release"
"""The parameter of every statement for the digest of the release that the database must hold; "": none."""

_HOLDS_RELEASE = text(
    f"CASE :{RELEASE} WHEN '' THEN true"
    f" ELSE 1 / (EXISTS (SELECT FROM releases WHERE digest = :{RELEASE}))::integer = 1 END"
).bindparams(bindparam(RELEASE, "", Text))

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
