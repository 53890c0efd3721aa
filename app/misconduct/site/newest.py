"""The newest rows of places on pages: which come first, and what is drawn of them."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import NamedTuple

from misconduct.api.current import Current
from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import Row
from misconduct.model.places import find_around, list_nations
from misconduct.model.points import is_part
from misconduct.model.side_by_side import is_recent
from misconduct.queries.points import Wanted, find_newest

SIZES = "workforce"
"""The topic that says how large forces are."""


class Newest(NamedTuple):
    """The newest rows of places, those that people ask for first in front: one of each indicator.

    `sizes` say how large a force is, and `events` allege nothing.
    """

    rows: Sequence[Row]
    events: Sequence[Row]
    sizes: Sequence[Row]


def list_home(catalogue: Catalogue) -> list[str]:
    """Return the nations of the readers' country, which come first unasked."""
    return [one for one in list_nations(catalogue) if one in catalogue.home]


def find_country(area: str, catalogue: Catalogue) -> str:
    """Return the country or nation that a place is in, or is."""
    nations = list_nations(catalogue)
    around = [area, *find_around(area, catalogue)]
    return next((one for one in around if one in nations), around[-1])


async def find_first(current: Current, areas: Sequence[str]) -> Newest:
    """Return the newest row of each indicator, of the first area that has one."""
    if not areas:  # without areas, all rows are wanted
        return Newest([], [], [])
    rows = await find_newest(current.tables, Wanted(areas=areas))
    return sort_newest(rows, current)


def sort_newest(rows: Iterable[Row], current: Current) -> Newest:
    """Return of each indicator the first row that is no part and recent, or else the first.

    Rows of which only a part or an old number is held come behind the others, and if places of the readers' country are
    among several, rows of other places last.
    """
    known, home = current.catalogue.of_kind("indicator"), current.catalogue.home

    def says_less(row: Row) -> bool:
        return is_less(row, current)

    by_indicator = defaultdict[str, list[Row]](list)
    for row in rows:
        by_indicator[row["indicator"]].append(row)
    first = [min(some, key=says_less) for some in by_indicator.values()]
    has_home = any(row["area_code"] in home for row in first)

    def rank(row: Row) -> tuple[bool, bool, int]:
        is_abroad = has_home and row["area_code"] not in home
        return is_abroad, says_less(row), known[row["indicator"]]["position"]

    first.sort(key=rank)
    topics = current.catalogue.of_kind("dataset")
    events = {one for one in topics if alleges_nothing(topics[one])}
    return Newest(
        [row for row in first if row["topic"] not in {SIZES, *events}],
        [row for row in first if row["topic"] in events],
        [row for row in first if row["topic"] == SIZES],
    )


def is_less(row: Row, current: Current) -> bool:
    """Tell whether a row says less of today than others: it is a part, old, or no number."""
    last = row["period_end"]
    is_old = last is not None and not is_recent(last, current.release.day)
    return is_part(row) or is_old or row["value"] is None


def alleges_nothing(topic: Content) -> bool:
    """Tell whether a topic has only events, such as deaths, of which nobody is said to have done wrong."""
    return all(one.get("measure") == ["occurred"] for one in topic["conditions"])
