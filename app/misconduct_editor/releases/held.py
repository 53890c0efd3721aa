"""Count what a release holds of each area and of each indicator, as the load does."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from typing import Any

from misconduct.model.catalogue import AREA_COUNTS, Catalogue, RecordsByKind
from misconduct.model.figure import Row, complete
from misconduct.releases.folder import Release


def make_catalogue(release: Release, records: RecordsByKind) -> Catalogue:
    """Return the records of a release with what is held of them, for the lists of its folder."""
    uses = Counter(caveat for row in release.figures for caveat in row["caveats"])
    areas = count_areas([*release.table, *release.others])
    indicators = count_indicators(release.figures, records)
    held = {**records, AREA_COUNTS: areas, "indicator": indicators}
    return Catalogue(held, uses)


def count_areas(rows: Iterable[Row]) -> dict[str, Row]:
    """Return how much is held of each area: indicators, rows of default tables, and the last year."""
    of_area = defaultdict[str, list[Row]](list)
    for row in rows:
        of_area[row["area_code"]].append(row)
    return {
        f"area/{area}": {
            "indicators": len({row["indicator"] for row in held}),
            "rows": sum(row["default"] for row in held),
            "last": max((row["year"] for row in held if row["year"]), default=None),
        }
        for area, held in of_area.items()
    }


def count_indicators(
    figures: Iterable[Row], records: RecordsByKind
) -> dict[str, Mapping[str, Any]]:
    """Return the indicators with how many figures are held of each, for which years, of which areas."""
    years, areas = defaultdict[str, set[str]](set), defaultdict[str, set[str]](set)
    counts = Counter[str]()
    for row in figures:
        indicator = row["indicator"]
        published = records["source"][row["source"]].get("published")
        counts[indicator] += 1
        areas[indicator].add(row["area"])
        year = complete(row, published, (), ())["year"]
        years[indicator] |= {year} if year else set()
    return {
        identity: {
            **record,
            "figures": counts[identity],
            "years": sorted(years[identity]),
            "areas": sorted(areas[identity]),
        }
        for identity, record in records.get("indicator", {}).items()
    }
