"""Say a figure in words, as the table prints it: its name and kind, its unit, its number, and a sentence."""

from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from misconduct.model.catalogue import Catalogue
from misconduct.model.doubt import find_doubt
from misconduct.model.figure import Row, place_of, write_cell
from misconduct.model.names import Name, find_name
from misconduct.model.number_words import read_bounds
from misconduct.model.points import NAMES
from misconduct.model.times import Time, find_time
from misconduct.model.wording import find_source, publisher, say_number

UNITS = {
    "percent": "percent",
    "proportion": "proportion",
    "per_hundred": "per 100",
    "per_thousand": "per 1,000",
    "per_hundred_thousand": "per 100,000",
    "per_million": "per million",
}
"""What is said of units that are no things to count; a count is of its counting unit."""

COUNTED = {"unstated": "not stated", "other": "other things"}
"""What is said of counting units that are no things."""

NAMED_BY = (
    "indicator",
    "category",
    "subcategory",
    "scope",
    "population",
    "counting_unit",
    "statistic",
    "base",
)
"""What decides the name of a series: its rows share it, so it has no whole and no sign of a change."""


class Words(NamedTuple):
    """What is said of a figure. `kind` is empty where nothing says it, `doubt` where nothing doubts the value.

    `place` is by what figures are sorted.
    """

    name: str
    kind: str
    said_unit: str
    said_number: str
    sentence: str
    value_low: str
    value_high: str
    doubt: str
    print_instead: str
    place: str


def say_all(
    figures: Iterable[Row], catalogue: Catalogue
) -> Iterator[tuple[Row, Words, Time]]:
    """Yield figures with what is said of them, and when they are for."""
    sources, names = catalogue.of_kind("source"), dict[tuple[Any, ...], Name]()
    for row in figures:
        key = tuple(row[name] for name in NAMED_BY)
        if key not in names:
            names[key] = find_name({**row, "value": None, "whole": None}, catalogue)
        time = find_time(
            row["period"] or "",
            sources[row["source"]].get("published"),
            row["period_printed"] or "",
            is_stock=row["stock_or_flow"] == "stock",
        )
        yield row, say_figure(row, names[key], time, catalogue), time


def write_row(row: Row, catalogue: Catalogue, release: str) -> Row:
    """Return a figure of a release that has no table as the columns of a table say it. Nothing is chosen of it."""
    [(_, words, time)] = say_all([row], catalogue)
    source = find_source(row, catalogue)
    return dict.fromkeys(NAMES) | {
        **{name: row[name] for name in NAMES if name in row},
        "name": words.name,
        "area": catalogue.label("area", row["area"]),
        "area_code": row["area"],
        "kind": words.kind or "all",
        "scope": row["scope"] or "all",
        "year": time.year,
        "time": time.time,
        "period_start": time.period_start,
        "period_end": time.period_end,
        "unit": words.said_unit,
        "shown": words.said_number,
        "latest": 0,
        "publisher": publisher(source),
        "cite_as": f"/figures/{row['id']}?release={release}",
        "category": catalogue.label("category", row["category"]).lower(),
        "people": catalogue.label("population", row["population"]).lower(),
        "coverage": time.coverage,
        "part_of": " ".join(row["part_of"]) or None,
        "doubt": words.doubt or None,
        "sentence": words.sentence,
        "source_title": source.get("title"),
        "published": source.get("published"),
        "source_url": source.get("url"),
        "said_by": catalogue.label("stated_by", row["stated_by"]),
        "note_ids": " ".join(row["caveats"]) or None,
        "default": 0,
        "lead": 0,
        "total": 0,
    }


def say_figure(row: Row, name: Name, time: Time, catalogue: Catalogue) -> Words:
    """Return what is said of a figure. `name` is that of its series."""
    number = _say_number(row, catalogue)
    said = _say_with_name(row, str(name), number)
    area = catalogue.label("area", row["area"])
    printed_by = publisher(find_source(row, catalogue))
    doubt = find_doubt(row, catalogue)
    low, high = read_bounds(
        row["value"], row["qualifier"], row["printed"], row["statistic"], row["unit"]
    )
    return Words(
        name=str(name),
        kind=name.kind,
        said_unit=say_unit(row),
        said_number=number,
        sentence=f"{said}, {area}, {time.time} ({printed_by})",
        value_low=write_cell(low),
        value_high=write_cell(high),
        doubt=doubt.code if doubt else "",
        print_instead=(doubt.print_instead if doubt else None) or "",
        place=place_of(row),
    )


def say_unit(row: Row) -> str:
    """Return what the value of a figure counts: complaints, percent, per 100,000."""
    if row["unit"] in UNITS:
        return UNITS[row["unit"]]
    counted = row["counting_unit"]
    said = COUNTED.get(counted, counted.replace("_", " "))
    return f"average of {said}" if row["statistic"] == "mean" else said


def _say_number(row: Row, catalogue: Catalogue) -> str:
    """Return a number as it is printed, without a star, which `note` explains, and without a sign.

    A sign would make a formula of a change.
    """
    number = say_number({**row, "mark": None}, catalogue)
    if row["statistic"] != "change" or not row["value"]:
        return number
    return f"{'up' if row['value'] > 0 else 'down'} {number}"


def _say_with_name(row: Row, name: str, number: str) -> str:
    """Return a number and what it counts: 201 officers suspended from duty. Of others the name stands first."""
    is_thing = row["unit"] not in UNITS and row["counting_unit"] not in COUNTED
    if row["value"] is None:
        return f"{name}: {number[:1].lower()}{number[1:]}"
    if row["statistic"] == "count" and is_thing and row["value"] != 1:  # “1 deaths”
        is_acronym = name[1:2].isupper()
        return f"{number} {name if is_acronym else name[:1].lower() + name[1:]}"
    unit = f" {say_unit(row)}" if row["statistic"] == "rate" else ""
    return f"{name}: {number}{unit}"
