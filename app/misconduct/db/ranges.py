"""Fill tables whose rows belong to a range of releases: from `first` to the one before `until`.

Rows that begin or end with the releases being loaded are staged first. A row ends where the next row with its key
begins, or where its key ends. Some columns are derived from all rows of a release: where they change, a row ends and
begins again. Of a table T

* `staged_T` has the rows that begin, and with `is_end` the keys that end;
* `spans_T` has from when to when each of them is, and each stored row that belongs to any of the releases;
* `derived_T` has the derived columns of such a row, as they are in some of its releases;
* `pieces_T` has these rows, cut where a derived column changes: from `since` to the one before `until`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from sqlalchemy import Table

from misconduct.db.engine import Connection
from misconduct.db.tables import OBSERVATIONS, OPEN, RECORDS, SEARCH_TEXTS
from misconduct.model.search_texts import WEIGHTS


@dataclass(frozen=True)
class Ranges:
    """A table of ranges: its key within a release, its derived columns, and the order in which rows are written."""

    table: Table
    key: Sequence[str]
    derived: Sequence[str]
    order: str

    @cached_property
    def columns(self) -> list[str]:
        """The columns without `first` and `until`."""
        return [column.name for column in self.table.columns if column.name not in ("first", "until")]

    @property
    def staged(self) -> list[str]:
        """The columns that are staged: the texts of figures with these, since one file has both."""
        return [*self.columns, *({"words"} - {*self.columns})]

    def stage(self, connection: Connection) -> None:
        """Create the table for what begins and ends. Its texts are numbers."""
        columns = ", ".join("NULL::int[] AS words" if name == "words" else name for name in self.staged)
        connection.execute(f"""
            CREATE TEMP TABLE staged_{self.table} ON COMMIT DROP AS
            SELECT {columns}, first, false AS is_end FROM {self.table} WITH NO DATA""")  # noqa: S608

    def take_from(self, connection: Connection, others: "Ranges") -> None:
        """Move the search texts out of what was staged for figures. New texts alone begin no row of a figure."""
        connection.execute(f"""
            CREATE TEMP TABLE staged_{self.table} ON COMMIT DROP AS
            SELECT {", ".join(self.columns)}, first, is_end FROM staged_{others.table}
            WHERE is_end OR words IS NOT NULL""")  # noqa: S608
        connection.execute(f"DELETE FROM staged_{others.table} WHERE NOT is_end AND source IS NULL")  # noqa: S608

    def end(self, connection: Connection, since: int) -> None:
        """End the stored rows whose key begins again, or ends; find from when to when rows are from a release on."""
        key, is_same = ", ".join(self.key), " AND ".join(f"stored.{name} = staged.{name}" for name in self.key)
        kept = f"SELECT {key}, first{{}} FROM {self.table} WHERE until > {since}"  # noqa: S608
        connection.execute(f"ANALYZE staged_{self.table} ({key}, first, is_end)")
        connection.execute(f"""
            UPDATE {self.table} AS stored SET until = staged.first
            FROM (SELECT {key}, min(first) AS first FROM staged_{self.table} GROUP BY {key}) AS staged
            WHERE {is_same} AND until = {OPEN}""")  # noqa: S608
        connection.execute(f"""
            CREATE TEMP TABLE spans_{self.table} ON COMMIT DROP AS
            SELECT {key}, first, until, false AS is_stored
            FROM (SELECT *, lead(first, 1, {OPEN}) OVER (PARTITION BY {key} ORDER BY first) AS until
                  FROM (SELECT {key}, first, is_end FROM staged_{self.table})) AS staged
            WHERE NOT is_end
            UNION ALL {kept.format(", until, true")}""")  # noqa: S608
        connection.execute(f"""
            CREATE TEMP TABLE derived_{self.table} ON COMMIT DROP AS
            {kept.format("".join([", first AS release", *(f", {name}" for name in self.derived)]))}""")
        connection.execute(f"ANALYZE spans_{self.table}")

    def select(self, release: int, columns: Sequence[str]) -> str:
        """Return the statement that reads columns of all rows that a release has: staged ones, and stored ones."""
        key, names = ", ".join([*self.key, "first"]), ", ".join(columns)
        is_here = f"first <= {release} AND {release} < spans.until"
        return f"""(
            SELECT {names} FROM staged_{self.table} JOIN spans_{self.table} AS spans USING ({key})
            WHERE NOT is_end AND NOT is_stored AND {is_here}
            UNION ALL
            SELECT {names} FROM {self.table} JOIN spans_{self.table} AS spans USING ({key})
            WHERE is_stored AND {is_here})"""  # noqa: S608

    def write(self, connection: Connection) -> None:
        """Cut the rows where a derived column changes, and write them; rows without derived columns as they are."""
        key, derived = ", ".join([*self.key, "first"]), "".join(f", {name}" for name in self.derived)
        is_same = " AND ".join(f"stored.{name} = pieces.{name}" for name in [*self.key, "first"])
        changes = [f"{name} IS DISTINCT FROM lag({name}) OVER of_row" for name in self.derived]
        differs = " OR ".join(["lag(release) OVER of_row IS NULL", *changes])
        cut = f"""
            SELECT {key}, release AS since{derived}, {differs} AS differs
            FROM derived_{self.table} WINDOW of_row AS (PARTITION BY {key} ORDER BY release)"""  # noqa: S608
        whole = f"SELECT {key}, first AS since, true AS differs FROM spans_{self.table}"  # noqa: S608
        connection.execute(f"""
            CREATE TEMP TABLE pieces_{self.table} ON COMMIT DROP AS
            SELECT {key}, is_stored, since{derived},
                lead(since, 1, until) OVER (PARTITION BY {key} ORDER BY since) AS until
            FROM ({cut if self.derived else whole}) AS cut JOIN spans_{self.table} USING ({key}) WHERE differs""")  # noqa: S608
        connection.execute(f"ANALYZE pieces_{self.table}")
        columns = {name: f"pieces.{name}" if name in self.derived else f"stored.{name}" for name in self.columns}
        insert = f"INSERT INTO {self.table} ({', '.join(columns)}, first, until) SELECT"
        connection.execute(f"""
            {insert} {", ".join(columns.values())}, since, pieces.until
            FROM pieces_{self.table} AS pieces JOIN {self.table} AS stored USING ({key})
            WHERE is_stored AND since > first""")
        connection.execute(f"""
            UPDATE {self.table} AS stored SET until = pieces.until FROM pieces_{self.table} AS pieces
            WHERE is_stored AND since = pieces.first AND {is_same} AND stored.until <> pieces.until""")  # noqa: S608
        joins = ""
        if "words" in columns:
            places = range(1, len(WEIGHTS) + 1)
            columns["words"] = " || ".join(f"text{place}.words" for place in places)
            joins = " ".join(
                f"JOIN texts AS text{place} ON text{place}.number = stored.words[{place}]" for place in places
            )
        connection.execute(f"""
            {insert} {", ".join(columns.values())}, since, pieces.until
            FROM pieces_{self.table} AS pieces JOIN staged_{self.table} AS stored USING ({key}) {joins}
            WHERE NOT is_stored AND NOT is_end ORDER BY pieces.until DESC, {self.order}""")


FIGURES = Ranges(OBSERVATIONS, ["id"], ["series", "within", "shared_subject", "recency"], "area, place")
FIGURE_TEXTS = Ranges(SEARCH_TEXTS, ["id"], [], "id")
ALL_RECORDS = Ranges(RECORDS, ["kind", "id"], ["content"], "kind, id")
EACH = (FIGURES, FIGURE_TEXTS, ALL_RECORDS)
