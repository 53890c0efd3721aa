"""Places side by side: a row for each thing that is counted, and whether its numbers may be compared."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import NamedTuple

from fastapi import Request, Response

from misconduct.api.current import Current
from misconduct.api.problems import NotFound
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.points import is_part
from misconduct.model.relate import find_reason, say_reason
from misconduct.queries.points import Wanted, find_rows
from misconduct.site.newest import SIZES, alleges_nothing
from misconduct.site.pages import send

SMALL = 10
"""Numbers below this are not drawn as bars: that they differ may be chance, and a bar would look like more."""

MAX_BESIDE = 3
"""Places that stand side by side, as many as a telephone has room for."""


class Beside(NamedTuple):
    """The rows of an indicator by place. Those that must not be compared say why; others share a scale."""

    indicator: str
    rows: Mapping[str, Row]
    why_not: str
    top: float


async def show_beside(
    request: Request, codes: Sequence[str], current: Current
) -> Response:
    """Show two or three places side by side. Raises NotFound for more."""
    if len(codes) > MAX_BESIDE:
        detail = f"At most {MAX_BESIDE} places stand side by side. /areas finds places by name."
        raise NotFound(detail)
    rows = await find_rows(current.tables, Wanted(areas=codes))
    beside = put_beside(rows, current.catalogue)
    topics = current.catalogue.of_kind("dataset")
    events = {one for one in topics if alleges_nothing(topics[one])}
    known = current.catalogue.of_kind("indicator")
    several = [one for one in beside if len(one.rows) > 1]
    return send(
        request,
        "beside.html",
        current,
        codes=codes,
        both=[one for one in several if known[one.indicator]["topic"] not in events],
        events=[one for one in several if known[one.indicator]["topic"] in events],
        alone=[one for one in beside if len(one.rows) == 1],
    )


def put_beside(rows: Sequence[Row], catalogue: Catalogue) -> list[Beside]:
    """Return a row for each indicator: first those of sizes, then others in the order in which people ask for them."""
    known = catalogue.of_kind("indicator")
    held = defaultdict[str, dict[str, list[Row]]](lambda: defaultdict(list))
    for row in rows:
        if row["value"] is not None and row["indicator"] in known:
            held[row["indicator"]][row["area_code"]].append(row)

    def rank(indicator: str) -> tuple[bool, int]:
        record = known[indicator]
        return record["topic"] != SIZES, record["position"]

    ordered = sorted(held, key=rank)
    return [_make(one, _choose(held[one]), catalogue) for one in ordered]


def _choose(held: Mapping[str, Sequence[Row]]) -> dict[str, Row]:
    """Return a row of each place: for the newest time that all of them have, or else the newest of each."""
    times = [{_find_key(row) for row in of_area} for of_area in held.values()]
    shared = set.intersection(*times)
    chosen = dict[str, Row]()
    for area, of_area in held.items():
        alike = [row for row in of_area if _find_key(row) in shared]
        chosen[area] = min(alike or of_area, key=_come_first)
    return chosen


def _find_key(row: Row) -> tuple[str, ...]:
    return row["name"], row["time"], row["unit"]


def _come_first(row: Row) -> tuple[bool, int, bool]:
    last = row["period_end"]
    return is_part(row), -last.toordinal() if last else 0, not row["latest"]


def _make(indicator: str, rows: Mapping[str, Row], catalogue: Catalogue) -> Beside:
    compared = [*rows.values()]
    most = float(max(row["value"] for row in compared))
    if len(compared) < 2:
        return Beside(indicator, rows, "", 0)
    reason = find_reason(compared, catalogue)
    why_not = say_reason(reason, compared, catalogue)
    return Beside(indicator, rows, why_not, 0 if reason or most < SMALL else most)
