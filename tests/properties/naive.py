"""A second implementation of tables: plain loops over the files of a release, as slow as can be.

It shares no code with the program, so that both are seldom wrong in the same way.
"""

import csv
import json
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / "tests/register/made/releases"
NEWEST = (ROOT / "data/releases.csv").read_text().splitlines()[-1].partition(",")[0]
"""The newest release of data/, whose number none of the small register has."""
LISTS = {
    "category": "category",
    "people": "population",
    "statistic": "statistic",
    "vetting_check": "vetting_check",
    "vetting_result": "vetting_result",
}
"""The code list of each column whose codes a filter takes."""
COLUMNS = {
    "area": ["area_code"],
    "category": ["category", "kind"],
    "source": ["source", "publisher", "said_by"],
}
"""The columns of which one has what a filter asks for. The others have the name of their column."""
NUMBERS = ("value", "value_low", "value_high", "year", "latest", "stretch")


def folder_of(release):
    """Return the folder of a release of the small register, or of data/."""
    is_small = (RELEASES / release).exists()
    return (RELEASES if is_small else ROOT / "data/releases") / release


@cache
def read(release, name):
    with (folder_of(release) / f"{name}.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return list(csv.DictReader(file))


@cache
def figures(release):
    """Return all figures: the rows of the table, and after them those that were not chosen."""
    return read(release, "table") + read(release, "others")


@cache
def records(release):
    """Return the records of a release by kind and id."""
    found = {}
    lines = (folder_of(release) / "records.jsonl").read_text(encoding="utf-8")
    for line in lines.splitlines():
        record = json.loads(line)
        found.setdefault(record["record"], {})[record["id"]] = record
    return found


def codes(release, codelist):
    """Return the codes of a list."""
    known = records(release)["code"]
    start = f"{codelist}/"
    return [one.removeprefix(start) for one in known if one.startswith(start)]


def find(rows, release, asked):
    """Return the rows that meet every filter; each filter has a list of values."""
    for name, values in asked.items():
        rows = [
            row
            for row in rows
            if any(meets(row, name, value, release) for value in values)
        ]
    return rows


def meets(row, name, value, release):
    """Tell whether a row has one value of a filter."""
    cells = [row[column] for column in COLUMNS.get(name, [name])]
    if name == "year":
        return is_in_years(row, value)
    if name == "value":
        return row["value"] != "" and float(row["value"]) == float(value)
    if name == "area" and value.startswith("within:"):
        place = value.removeprefix("within:")
        inside = list_narrower("area", place, release)
        return row["area_code"] in inside and row["area_code"] != place
    if name in LISTS:
        return not {*cells}.isdisjoint(list_words(LISTS[name], value, release))
    return value in cells


@cache
def list_words(codelist, value, release):
    """Return a word, or the words of a code, and those of all that are narrower."""
    words = {
        code: records(release)["code"][f"{codelist}/{code}"]["label"].lower()
        for code in codes(release, codelist)
    }
    of_value = [code for code, word in words.items() if value in (code, word)]
    narrower = [list_narrower(codelist, code, release) for code in of_value]
    return [value, *(words[code] for several in narrower for code in several)]


@cache
def list_narrower(codelist, above, release):
    """Return a code and all that are below it."""
    found = [above]
    for code in codes(release, codelist):
        broader = code
        while broader and broader != above:
            broader = records(release)["code"][f"{codelist}/{broader}"].get("broader")
        found += [code] if broader and code != above else []
    return found


def is_in_years(row, span):
    """Tell whether a row is for a year of a span, or for a part of one: 2024, 2024/25, 2020..2024, ..2010."""
    year, ends = row["year"], [row["period_start"][:4], row["period_end"][:4]]
    if not year and ends[0] == ends[1]:
        year = ends[0]
    first, _, last = span.partition("..")
    if ".." not in span:
        last = first
    return bool(year) and int(first[:4] or 0) <= int(year) <= int(last[:4] or 9999)


def sort(rows, by):
    """Return rows in the order of a column, of which empty cells come last; ties are in the order of the table."""
    name = by.removeprefix("-")
    held = [row for row in rows if row[name]]
    held.sort(key=lambda row: key_of(row, name), reverse=by.startswith("-"))
    return held + [row for row in rows if not row[name]]


def key_of(row, name):
    return float(row[name]) if name in NUMBERS else row[name].encode()
