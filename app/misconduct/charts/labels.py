"""Name what a picture counts, and its rows."""

from collections import Counter
from collections.abc import Collection, Sequence

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row
from misconduct.model.names import Name, find_name, name_counted, name_people
from misconduct.model.wording import UNKNOWN, capitalise, join, lower

MAX_NAMES = 2  # of a title
UNNAMED = {
    "unstated": "kind not stated",
    "other": "other kinds",
}  # what names of figures do not say


def name_rows(
    rows: Sequence[Row], catalogue: Catalogue, areas: Collection[str] = ()
) -> tuple[str, list[str]]:
    """Return what figures have in common, by kind if they are of several kinds, and the kind of each.

    The number of a whole belongs to one place, so that it is in no name for several `areas`.
    """
    unlike = (
        {"whole": None}
        if len({row["whole"] for row in rows}) > 1 or len({*areas}) > 1
        else {}
    )
    unlike |= (
        {"value": None} if rows[1:] else {}
    )  # of changes, one may be an increase and one a decrease
    told = [row | unlike for row in rows]
    names = [name_counted(row, catalogue) for row in told]
    indicators = {row["indicator"] for row in rows}
    if len({*names}) <= 1:
        return names[0] if names else "", [""] * len(rows)
    if len(indicators) > 1 or not rows[0]["indicator"]:
        return _name_topic(indicators, names, catalogue), names
    found = [find_name(row, catalogue) for row in told]
    several = len({name.kind for name in found} - {""}) > 1
    unnamed = UNNAMED if several or len({row["area"] for row in rows}) == 1 else {}
    kinds = [
        name.kind or unnamed.get(row["category"], "")
        for row, name in zip(rows, found, strict=True)
    ]
    is_by_kind, is_by_scope = len({*kinds}) > 1, len({name.scope for name in found}) > 1
    usual = Name(
        *(Counter(some).most_common(1)[0][0] for some in zip(*found, strict=True))
    )
    own = list[str]()
    for row, name, kind in zip(rows, found, kinds, strict=True):
        is_of_others = (name.counted, name.people) != (usual.counted, usual.people)
        people = (
            name.people or name_people(row["population"], catalogue)
            if is_of_others
            else ""
        )
        said = [people, kind if is_by_kind else "", name.scope if is_by_scope else ""]
        said += [name.unit] if name.unit != usual.unit else []
        said += (
            [name.statistic or "number"] if name.statistic != usual.statistic else []
        )
        own.append(capitalise(", ".join(filter(None, said))))
    shared = usual._replace(
        kind="" if is_by_kind else usual.kind, scope="" if is_by_scope else usual.scope
    )
    by_kind = "by kind" if several else ""
    return str(
        shared._replace(scope=", ".join(filter(None, (by_kind, shared.scope))))
    ), own


def _name_topic(
    indicators: Collection[str], names: Sequence[str], catalogue: Catalogue
) -> str:
    """Return two names, or else the title of the dataset under which all are listed."""
    first, *others = dict.fromkeys(names)
    if len(others) < MAX_NAMES:
        return join([first, *map(lower, others)])
    datasets = catalogue.of_kind("dataset")
    topics = {
        str(catalogue.of_kind("indicator").get(one, {}).get("topic"))
        for one in indicators
    }
    title = datasets.get(topics.pop(), {}).get("title") if len(topics) == 1 else None
    return str(title or f"{first} and {len(others)} other counts")


def name_lines(
    kinds: Sequence[str | None], areas: Sequence[str], catalogue: Catalogue
) -> list[tuple[str, str]]:
    """Return the heading and the label of each row: its place, its kind, or both. One without a figure has no kind."""
    several = Counter(areas)
    total = "Total" if len({*kinds} - {None}) > 1 else ""
    if len(several) == 1:
        return [("", kind or total) for kind in kinds]
    places = [
        "Force not stated" if area in UNKNOWN else catalogue.label("area", area)
        for area in areas
    ]
    both = [*zip(places, kinds, strict=True)]
    if max(several.values()) > 1:
        return [(place, "" if kind is None else kind or total) for place, kind in both]
    return [
        ("", ": ".join(filter(None, (place, lower(kind or "")))))
        for place, kind in both
    ]
