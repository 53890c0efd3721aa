"""Fill tables whose rows belong to a range of releases: from `first` to the one before `until`.

Releases are loaded one after another. What begins or ends with one is staged first. A row ends where the next row with
its key begins, or where its key ends. Some columns are derived from all rows of the release: where these change, a row
ends and begins again.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Table

from misconduct.db.engine import Connection
from misconduct.db.tables import OBSERVATIONS, OPEN, RECORDS, SEARCH_TEXTS
from misconduct.model.search_texts import WEIGHTS

_BESIDE = {
    "texts": "text[]",
    "weight": "text",
    "changed": "text[]",
    "former": "numeric",
    "is_end": "boolean",
}
"""What is staged with rows: their texts, what they change (`misconduct.db.history`), and whether a key ends."""

_PLACES = dict(enumerate(WEIGHTS, 1))
_WORDS = " || ".join(
    f"setweight(text{place}.words, '{weight}')" for place, weight in _PLACES.items()
)
_PARSED = " ".join(
    f"JOIN parsed AS text{place} ON text{place}.text = texts[{place}]"
    for place in _PLACES
)


@dataclass(frozen=True)
class Ranges:
    """A table of ranges: its key within a release, the order of its rows, and its derived columns.

    What begins and ends is in the table `staged`: with `is_end` a key that ends; else a row, if the column `has` has a
    value, and texts, if there are new ones. Of a table T, `derived_T` has the derived columns of the release.
    """

    table: Table
    key: Sequence[str]
    order: str
    staged: str
    has: str
    derived: Sequence[str] = ()

    @cached_property
    def columns(self) -> list[str]:
        """The columns without `first` and `until`."""
        return [
            column.name
            for column in self.table.columns
            if column.name not in ("first", "until")
        ]

    @cached_property
    def read(self) -> list[str]:
        """The columns that files give, and those of `staged` that are in no table of ranges."""
        return [*(name for name in self.columns if name != "words"), *_BESIDE]

    @property
    def _is_same(self) -> str:
        return " AND ".join(f"stored.{name} = new.{name}" for name in self.key)

    def stage(self, connection: Connection) -> None:
        """Create the tables for what begins and ends with a release, and for what is derived."""
        columns = [
            *self.read[: -len(_BESIDE)],
            *(f"NULL::{kind} AS {name}" for name, kind in _BESIDE.items()),
        ]
        connection.execute(f"DROP TABLE IF EXISTS {self.staged}, derived_{self.table}")
        connection.execute(f"""
            CREATE TEMP TABLE {self.staged} ON COMMIT DROP AS
            SELECT {", ".join(columns)} FROM {self.table} WITH NO DATA""")  # noqa: S608
        connection.execute(f"""
            CREATE TEMP TABLE derived_{self.table} ON COMMIT DROP AS
            SELECT {", ".join([*self.key, *self.derived])} FROM {self.table} WITH NO DATA""")  # noqa: S608

    def end(self, connection: Connection, release: int) -> None:
        """End the rows whose key begins again with a release, or ends."""
        connection.execute(f"ANALYZE {self.staged} ({', '.join(self.key)}, is_end)")
        connection.execute(f"""
            UPDATE {self.table} AS stored SET until = {release} FROM {self.staged} AS new
            WHERE {self._is_same} AND until = {OPEN} AND (is_end OR new.{self.has} IS NOT NULL)""")  # noqa: S608

    def select(self, columns: Sequence[str]) -> str:
        """Return the statement that reads columns of all rows of the release: those that begin, and those that stay."""
        names = ", ".join(columns)
        return f"""(
            SELECT {names} FROM {self.staged} WHERE {self.has} IS NOT NULL
            UNION ALL SELECT {names} FROM {self.table} WHERE until = {OPEN})"""  # noqa: S608

    def write(self, connection: Connection, release: int) -> None:
        """Write the rows that begin with a release, and anew those of which a derived column changes."""
        names, derived = ", ".join(self.columns), f"derived_{self.table} AS new"
        insert = f"INSERT INTO {self.table} ({names}, first, until) SELECT"
        begun = {name: _WORDS if name == "words" else name for name in self.columns}
        begun |= {name: f"coalesce(new.{name}, staged.{name})" for name in self.derived}
        joined = (
            f"LEFT JOIN {derived} USING ({', '.join(self.key)})" if self.derived else ""
        )
        if (
            "words" in begun
        ):  # each text is parsed once, since figures share most of them
            connection.execute("DROP TABLE IF EXISTS parsed")
            connection.execute(f"""
                CREATE TEMP TABLE parsed ON COMMIT DROP AS SELECT text, to_tsvector('english', text) AS words
                FROM (SELECT DISTINCT unnest(texts) AS text FROM {self.staged})""")  # noqa: S608
            connection.execute("ANALYZE parsed")
            joined = f"{joined} {_PARSED}"
        connection.execute(f"""
            {insert} {", ".join(begun.values())}, {release}, {OPEN} FROM {self.staged} AS staged {joined}
            WHERE staged.{self.has} IS NOT NULL ORDER BY {self.order}""")
        if self.derived:
            again = ", ".join(
                f"{'new' if name in self.derived else 'stored'}.{name}"
                for name in self.columns
            )
            was, now = (
                ", ".join(f"{of}.{name}" for name in self.derived)
                for of in ("stored", "new")
            )
            connection.execute(f"""
                WITH again AS (
                    UPDATE {self.table} AS stored SET until = {release} FROM {derived}
                    WHERE {self._is_same} AND until = {OPEN} AND ROW({was}) IS DISTINCT FROM ROW({now})
                    RETURNING {again})
                {insert} {names}, {release}, {OPEN} FROM again""")  # noqa: S608

    def sort(self, connection: Connection) -> None:
        """Put the rows in their order, those of the newest release first, since most requests read these."""
        connection.execute(f"""
            CREATE TEMP TABLE sorted ON COMMIT DROP AS
            SELECT * FROM {self.table} ORDER BY until DESC, {self.order}""")  # noqa: S608
        connection.execute(f"TRUNCATE {self.table}")
        connection.execute(f"INSERT INTO {self.table} SELECT * FROM sorted")  # noqa: S608
        connection.execute("DROP TABLE sorted")


_DERIVED = ("series", "within", "shared_subject", "recency", "rank")
FIGURES = Ranges(
    OBSERVATIONS, ["id"], "area, place", "staged_figures", "source", _DERIVED
)
FIGURE_TEXTS = Ranges(SEARCH_TEXTS, ["id"], "id", "staged_figures", "texts")
ALL_RECORDS = Ranges(
    RECORDS, ["kind", "id"], "kind, id", "staged_records", "content", ["content"]
)
EACH = (FIGURES, FIGURE_TEXTS, ALL_RECORDS)
