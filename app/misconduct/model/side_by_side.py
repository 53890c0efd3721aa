"""Say which figures may stand side by side: what they share, and which say less than others."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.places import find_around
from misconduct.model.wording import find_source, publisher, say_in_short

RECENT_YEARS = 6

TOTALS = ("any", "not_applicable")
"""The categories of what is of every kind. Beside kinds, what is of a kind that is not stated is no total."""

OF_ALL_KINDS = (*TOTALS, "unstated")
"""The categories of what is not of one kind."""

STATISTIC = ("indicator", "statistic", "base", "unit", "counting_unit")
"""What figures share that count the same, of whatever kind, place and time."""

OTHER_PEOPLE = "They may count different people."
OF_PARTS = "Some count only a part of what others count."
UNLIKE_KINDS = "Not all count the same kind."
OTHER_KINDS = "Some of these kinds may include others."

ENTRY = (*STATISTIC, "area", "category", "subcategory", "scope", "population")
"""What figures share that differ only in their time and their source."""


def entry_of(row: Row) -> tuple[Any, ...]:
    """Return what a figure shares with those of other times and other sources."""
    return tuple(row[name] for name in ENTRY)


def statistic_of(row: Row) -> tuple[Any, ...]:
    """Return what a figure shares with those of other kinds, places, times and sources."""
    return tuple(row[name] for name in STATISTIC)


def kind_of(row: Row) -> tuple[Any, ...]:
    """Return the kind of misconduct, and the smaller scope, of which a figure is."""
    return tuple(row[name] for name in ("category", "subcategory", "scope"))


def is_recent(end: date | None, day: date) -> bool:
    """Tell whether a time ended in the six years before a day."""
    since = day.year - RECENT_YEARS, day.month, day.day
    return end is not None and (end.year, end.month, end.day) >= since


def is_of_kind(row: Row, asked: Collection[str], catalogue: Catalogue) -> bool:
    """Tell whether a figure is of one kind of misconduct; of the kinds that are asked for it is the total."""
    allowed = (
        catalogue.of_kind("indicator").get(row["indicator"], {}).get("category", ())
    )
    says_nothing = len(allowed) < 2 or row["category"] in {
        *TOTALS,
        *allowed[:1],
        *asked,
    }
    return bool(row["subcategory"]) or not says_nothing


def says_less(row: Row, catalogue: Catalogue, day: date) -> bool:
    """Tell whether a number is old, no count, or of less than all that its indicator counts."""
    return (
        not is_recent(row["period_end"], day)
        or row["statistic"] != "count"
        or bool(row["scope"])
        or is_of_kind(row, (), catalogue)
    )


def is_nation(area: str, catalogue: Catalogue) -> bool:
    """Tell whether a place is a country, or has a police law of its own."""
    return is_listed(area, catalogue) or not find_around(area, catalogue)


def is_listed(area: str, catalogue: Catalogue) -> bool:
    """Tell whether a place has a position of its own: a country, or a nation of the United Kingdom."""
    return bool(catalogue.codelists.get("area", {}).get(area, {}).get("position"))


def why_not_together(rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Return why figures of several places or kinds may not stand on one scale; nothing if they may."""
    areas, indicators = (
        {row["area"] for row in rows},
        {row["indicator"] for row in rows},
    )
    barring = find_barring(rows, catalogue)
    said = say_in_short(barring, catalogue) if barring else ""
    if len(areas) < 2:
        return OTHER_KINDS if _are_nested(rows, catalogue) else ""
    if len(indicators) > 1:
        return said
    indicator = catalogue.of_kind("indicator").get(indicators.pop(), {})
    numbers = {
        "source": len({publisher(find_source(row, catalogue)) for row in rows}),
        "country": len(_find_countries(areas, catalogue)),
    }
    kinds = [{kind_of(row) for row in rows if row["area"] == area} for area in areas]
    if not set.intersection(*kinds):
        with_whole = {
            row["area"]
            for row in rows
            if not row["scope"] and not is_of_kind(row, (), catalogue)
        }
        return OF_PARTS if with_whole not in (set(), areas) else UNLIKE_KINDS
    if numbers.get(indicator.get("together", "never")) != 1:
        return str(indicator.get("why") or "What they count differs.")
    return said or (
        OTHER_PEOPLE if len({row["population"] for row in rows}) > 1 else ""
    )


def _are_nested(rows: Iterable[Row], catalogue: Catalogue) -> bool:
    """Tell whether a kind includes another one which the register does not have as its part."""
    apart = [row for row in rows if not row["within"]]
    wholes, kinds = (
        {row["category"] for row in apart if not row["subcategory"]},
        {row["category"] for row in apart},
    )
    narrower = catalogue.findable("category")
    return any(
        kinds.intersection(narrower.get(kind, ())) - {kind}
        for kind in wholes.difference(TOTALS)
    )


def find_barring(rows: Iterable[Row], catalogue: Catalogue) -> str:
    """Return the caveat that says not to rank figures; nothing if they have none."""
    return min(
        (
            one
            for row in rows
            for one in row["caveats"] or ()
            if catalogue.fact("no_ranking", one)
        ),
        default="",
    )


def _find_countries(areas: Iterable[str], catalogue: Catalogue) -> set[str]:
    """Return the countries whose police law some places have; of bodies of a whole kingdom it is that of the others."""
    found = set[str]()
    for area in areas:
        around = [area, *find_around(area, catalogue)]
        found.add(
            next((code for code in around if is_listed(code, catalogue)), around[-1])
        )
    wider = {code for area in found for code in find_around(area, catalogue)}
    return found - wider
