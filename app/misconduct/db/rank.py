"""Rank figures in SQL: in one number, all keys of what comes first that no question changes.

The first key is the highest digit: of two keys with 2 and 10 values, 1 and 3 make 13. The other keys are in
`misconduct.queries.order`. A figure keeps its rank until a release changes something in it, so that a release costs
only what it changes.
"""

from functools import reduce
from typing import Any, NamedTuple

from misconduct.model.catalogue import PEOPLE, Catalogue
from misconduct.model.places import find_around, find_country
from misconduct.model.side_by_side import ENTRY

MANY_TIMES = 5  # of which a series is one to follow; with fewer figures it comes later


class Key(NamedTuple):
    """A key: an expression in SQL, less for what comes first, and how many values it may have."""

    sql: str
    values: int = 2


_KEYS = (
    Key("(value IS NULL)::int"),
    Key(
        "coalesce(caveats && %(no_lead)s::text[], false)::int"
    ),  # nobody should print it without what explains it
    Key("(is_headline IS NOT true)::int"),
    Key("(counting_unit IS DISTINCT FROM usual_unit)::int"),
    Key("coalesce(position, 999)", 1_000),  # of its indicator
    Key(
        "coalesce(population <> plain_people, false)::int"
    ),  # the people of whom its indicator is, if no name says so
    Key("(is_nation IS NOT true)::int"),
    Key("coalesce(country, 999)", 1_000),
    Key(f"(count(*) OVER (PARTITION BY {', '.join(ENTRY)}) < {MANY_TIMES})::int"),
    Key("(statistic <> 'count')::int"),
    Key("least(depth, 9)", 10),  # how many places include its place
)

RANK = reduce(
    lambda before, key: f"({before}) * {key.values} + {key.sql}",
    _KEYS[1:],
    f"{_KEYS[0].sql}::bigint",
)

RANKED_BY = """
    LEFT JOIN unnest(%(areas)s::text[], %(countries)s::int[], %(depths)s::int[], %(nations)s::bool[])
        AS inside (area, country, depth, is_nation) USING (area)
    LEFT JOIN unnest(%(indicators)s::text[], %(positions)s::int[], %(headlines)s::bool[], %(units)s::text[],
        %(people)s::text[]) AS about (indicator, position, is_headline, usual_unit, plain_people) USING (indicator)"""
"""What the keys read of areas and indicators."""


def list_values(catalogue: Catalogue) -> dict[str, Any]:
    """Return what the keys read, as lists side by side."""
    areas, indicators = (
        catalogue.codelists.get("area", {}),
        catalogue.of_kind("indicator").values(),
    )
    return {
        "areas": [*areas],
        "countries": [find_country(one, catalogue) for one in areas],
        "depths": [len(find_around(one, catalogue)) for one in areas],
        "nations": [bool(one.get("position")) for one in areas.values()],
        "indicators": [one["id"] for one in indicators],
        "positions": [one["position"] for one in indicators],
        "headlines": [bool(one.get("headline")) for one in indicators],
        "units": [one["counting_unit"][0] for one in indicators],
        "people": [
            None if PEOPLE in one["name"] else one["population"][0]
            for one in indicators
        ],
        "no_lead": [
            one for one in catalogue.of_kind("caveat") if catalogue.fact("no_lead", one)
        ],
    }
