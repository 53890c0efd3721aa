"""Name what a picture counts, its rows, its places and its numbers."""

from collections import Counter
from collections.abc import Collection, Sequence
from typing import NamedTuple

from misconduct.charts.times import Time, name_span
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.number_words import with_hedge
from misconduct.model.places import find_around, name_several
from misconduct.model.wording import UNKNOWN, capitalise, join, lower, write_number

MAX_PLACES, MAX_NAMES = 3, 2  # of a title
TOGETHER = ("several_forces",)
"""Places that are named only as a part of others."""


class Names(NamedTuple):
    """What figures count together, and what each of them counts beside that, in their order."""

    shared: str
    own: Sequence[str]


def name_rows(rows: Sequence[Row], catalogue: Catalogue) -> Names:
    """Return what figures have in common, by kind if they are of several kinds, and the kind of each."""
    wholes = {row["whole"] for row in rows}
    told = [row if len(wholes) == 1 else row | {"whole": None} for row in rows]
    if any(row["statistic"] == "change" for row in rows) and rows[1:]:
        told = [row | {"value": None} for row in told]  # one may be an increase and one a decrease
    names = [name_counted(row, catalogue) for row in told]
    if len({*names}) == 1:
        return Names(names[0], [""] * len(rows))
    if len({row["indicator"] for row in rows}) > 1 or not rows[0]["indicator"]:
        return Names(_name_topic(rows, names, catalogue), names)
    bare = [name_counted(_without_kind(row, catalogue), catalogue) for row in told]
    common = max(bare, key=bare.count)
    counts = [name_counted(row | {"statistic": "count"}, catalogue) for row in told]
    count = name_counted(_without_kind(told[bare.index(common)], catalogue) | {"statistic": "count"}, catalogue)
    own = [one.removeprefix(count).lstrip(":, ") if one.startswith(count) else one for one in counts]
    of_kinds = " by kind" if len({row["subcategory"] or row["category"] for row in rows}) > 1 else ""
    return Names(f"{count}{of_kinds}{common.removeprefix(count)}", [capitalise(one) for one in own])


def _without_kind(row: Row, catalogue: Catalogue) -> Row:
    category = catalogue.of_kind("indicator").get(row["indicator"], {}).get("category", ["any"])[0]
    return row | {"subcategory": None, "scope": None, "category": category}


def _name_topic(rows: Sequence[Row], names: Sequence[str], catalogue: Catalogue) -> str:
    """Return the title of the dataset under which all are listed; else the first names."""
    if len({*names}) <= MAX_NAMES:
        first, *others = dict.fromkeys(names)
        return join([first, *map(lower, others)])
    indicators, datasets = catalogue.of_kind("indicator"), catalogue.of_kind("dataset")
    topics = {indicators.get(row["indicator"], {}).get("topic") for row in rows}
    topic = str(topics.pop() if len(topics) == 1 else "")
    return str(datasets[topic]["title"]) if topic in datasets else f"{names[0]} and what else was counted"


def name_place(area: str, catalogue: Catalogue) -> str:
    return "Force not stated" if area in UNKNOWN else catalogue.label("area", area)


def name_places(areas: Collection[str], catalogue: Catalogue) -> str:
    """Return the places of a title: up to three of them, one and its parts, or how many of which kind."""
    known = [area for area in dict.fromkeys(areas) if area not in UNKNOWN]
    if len(known) <= MAX_PLACES:
        return join(catalogue.label("area", area) for area in known) if known else ""
    whole = [area for area in known if all(area in (one, *find_around(one, catalogue)) for one in known)]
    parts = [area for area in known if area not in whole and area not in TOGETHER]
    several = f"{len(parts)} {name_several(parts, catalogue)}"
    return f"{catalogue.label('area', whole[0])} and {several.partition(' in ')[0]}" if whole else several


def name_lines(keys: Sequence[Row | None], areas: Sequence[str], catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return the heading and the label of each row: its place, its kind, or both. Some have no figure."""
    own = iter(name_rows([row for row in keys if row], catalogue).own)
    kinds, several = [next(own) if row else "" for row in keys], Counter(areas)
    total = "Total" if len({*kinds}) > 1 else ""
    if len(several) == 1:
        return [("", kind or total) for kind in kinds]
    places = [name_place(area, catalogue) for area in areas]
    if max(several.values()) > 1:
        return [(place, kind or total) for place, kind in zip(places, kinds, strict=True)]
    both = zip(places, kinds, strict=True)
    return [("", ": ".join(filter(None, (place, lower(kind))))) for place, kind in both]


def say_number(row: Row, catalogue: Catalogue) -> str:
    """Return a number in our style, with its hedge: 1,492; 42%; about 1,000; or why there is none.

    A star marks one that its publisher revised. The sign of a change is said by its name.
    """
    if row["value"] is None:
        known = row["value_low"] is not None or row["value_high"] is not None
        printed = (
            with_hedge(row["hedge"], write_number(row)) if known or row["value_absent"] == "magnitude_only" else ""
        )
        return capitalise(printed) or catalogue.label("value_absent", row["value_absent"])
    if row["unit"] == "proportion" and row["printed"]:
        number = capitalise(row["printed"])
    else:
        number = f"{row['value'] * (100 if row['unit'] == 'proportion' else 1):,f}"
        number += "%" if row["unit"] in ("percent", "proportion") else ""
    if row["qualifier"] not in ("exact", None):
        hedge = "est." if row["qualifier"] == "estimated" else (row["hedge"] or "").lower()
        number = with_hedge(hedge or catalogue.label("qualifier", row["qualifier"]).lower(), number)
    return f"{number}*" if row["mark"] == "revised" else number


def say_in_full(row: Row, time: Time, catalogue: Catalogue) -> str:
    """Return a figure in words, as printed: Complaints about the police, Kent Police, 2024/25: 1,492."""
    named = ", ".join([name_counted(row, catalogue), name_place(row["area"], catalogue), time.label])
    return f"{named}: {with_hedge(row['hedge'], write_number(row, 'no number'))}"


def make_title(name: str, areas: Collection[str], times: Sequence[Time], catalogue: Catalogue) -> str:
    """Return a title: what is counted, where, and from when to when."""
    return ", ".join(filter(None, (name, name_places(areas, catalogue), name_span(times))))
