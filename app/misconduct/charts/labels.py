"""Name what a picture counts, its rows, its places and its numbers."""

from collections import Counter
from collections.abc import Collection, Sequence

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.number_words import with_hedge
from misconduct.model.places import find_around, name_several
from misconduct.model.wording import UNKNOWN, capitalise, join, lower, write_number

MAX_PLACES, MAX_NAMES = 3, 2  # of a title
UNNAMED = {"unstated": "Kind not stated", "other": "Other kinds"}  # what names of figures do not say
TOGETHER = "several_forces"  # a place that is named only as a part of others


def name_rows(rows: Sequence[Row], catalogue: Catalogue) -> tuple[str, list[str]]:
    """Return what figures have in common, by kind if they are of several kinds, and the kind of each."""
    unlike = {"whole": None} if len({row["whole"] for row in rows}) > 1 else {}
    unlike |= {"value": None} if rows[1:] else {}  # of changes, one may be an increase and one a decrease
    told = [row | unlike for row in rows]
    names = [name_counted(row, catalogue) for row in told]
    indicators = {row["indicator"] for row in rows}
    if len({*names}) <= 1:
        return names[0] if names else "", [""] * len(rows)
    if len(indicators) > 1 or not rows[0]["indicator"]:
        return _name_topic(indicators, names, catalogue), names
    category = catalogue.of_kind("indicator").get(rows[0]["indicator"], {}).get("category", ["any"])[0]
    bare = [row | {"subcategory": None, "scope": None, "category": category} for row in told]
    common = max(
        (name_counted(row, catalogue) for row in bare), key=[name_counted(row, catalogue) for row in bare].count
    )
    count = next(name_counted(row | {"statistic": "count"}, catalogue) for row in bare
                 if name_counted(row, catalogue) == common)  # fmt: skip
    own = [name_counted(row | {"statistic": "count"}, catalogue) for row in told]
    own = [one.removeprefix(count).lstrip(":, ") if one.startswith(count) else one for one in own]
    own = [one or UNNAMED.get(row["category"], "") for one, row in zip(own, rows, strict=True)]
    by_kind = " by kind" if len({row["subcategory"] or row["category"] for row in rows}) > 1 else ""
    return f"{count}{by_kind}{common.removeprefix(count)}", [capitalise(one) for one in own]


def _name_topic(indicators: Collection[str], names: Sequence[str], catalogue: Catalogue) -> str:
    """Return two names, or else the title of the dataset under which all are listed."""
    first, *others = dict.fromkeys(names)
    if len(others) < MAX_NAMES:
        return join([first, *map(lower, others)])
    datasets = catalogue.of_kind("dataset")
    topics = {str(catalogue.of_kind("indicator").get(one, {}).get("topic")) for one in indicators}
    title = datasets.get(topics.pop(), {}).get("title") if len(topics) == 1 else None
    return str(title or f"{first} and {len(others)} other counts")


def name_lines(keys: Sequence[Row | None], areas: Sequence[str], catalogue: Catalogue) -> list[tuple[str, str]]:
    """Return the heading and the label of each row: its place, its kind, or both. Some have no figure."""
    own, several = iter(name_rows([row for row in keys if row], catalogue)[1]), Counter(areas)
    kinds = [next(own) if row else None for row in keys]
    total = "Total" if len({*kinds} - {None}) > 1 else ""
    if len(several) == 1:
        return [("", kind or total) for kind in kinds]
    places = ["Force not stated" if area in UNKNOWN else catalogue.label("area", area) for area in areas]
    if max(several.values()) > 1:
        return [(place, "" if kind is None else kind or total) for place, kind in zip(places, kinds, strict=True)]
    both = zip(places, kinds, strict=True)
    return [("", ": ".join(filter(None, (place, lower(kind or ""))))) for place, kind in both]


def name_places(areas: Collection[str], catalogue: Catalogue) -> str:
    """Return the places of a title: up to three of them, one and its parts, or how many of which kind."""
    known = [area for area in dict.fromkeys(areas) if area not in UNKNOWN]
    if len(known) <= MAX_PLACES:
        return join(catalogue.label("area", area) for area in known) if known else ""
    whole = next((area for area in known if all(area in (one, *find_around(one, catalogue)) for one in known)), None)
    several = [area for area in known if area not in (whole, TOGETHER)]
    named = f"{len(several)} {name_several(several, catalogue)}"
    return f"{catalogue.label('area', whole)} and {named.partition(' in ')[0]}" if whole else named


def say_number(row: Row, catalogue: Catalogue, *, is_signed: bool) -> str:
    """Return a number in our style, with its hedge: 1,492; 42%; about 1,000; or why there is none.

    A star marks one that its publisher revised. Of one change alone its name says the sign.
    """
    if row["value"] is None:
        has_words = row["value_absent"] in ("magnitude_only", "range_only")
        printed = with_hedge(row["hedge"], write_number(row)) if has_words else ""
        return capitalise(printed) or catalogue.label("value_absent", row["value_absent"])
    value, is_change = row["value"] * (100 if row["unit"] == "proportion" else 1), row["statistic"] == "change"
    number = f"{value:+,f}".replace("-", "−") if is_change and is_signed else f"{abs(value) if is_change else value:,f}"
    number += "%" if row["unit"] in ("percent", "proportion") else ""
    number = row["printed"] if row["unit"] == "proportion" and row["printed"] else number
    if row["qualifier"] not in ("exact", None):
        hedge = "est." if row["qualifier"] == "estimated" else (row["hedge"] or "").lower()
        number = with_hedge(hedge or catalogue.label("qualifier", row["qualifier"]).lower(), number)
    return f"{number}*" if row["mark"] == "revised" else number
