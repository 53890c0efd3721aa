"""A second implementation of lists of figures: plain loops over the files of a release, as slow as can be.

It shares no code with the program, so that both are seldom wrong in the same way.
"""

import csv
import json
from functools import cache
from pathlib import Path

RELEASES = Path(__file__).parents[2] / "data/releases"
CODES = ("measure", "category", "area", "population", "counting_unit", "statistic", "unit", "qualifier", "stated_by",
         "vetting_check", "vetting_result", "stock_or_flow")  # fmt: skip
KINDS = ("measure", "category", "area", "population", "counting_unit", "statistic")
SAME_THING = (*KINDS, "unit", "vetting_check", "vetting_result", "stock_or_flow", "period")
PRINTED = ("value", "value_absent", "printed", "hedge", "qualifier", "unit", "period")


@cache
def figures(release):
    """Return the rows of a release, sorted by id."""
    with (RELEASES / release / "observations.csv").open(encoding="utf-8", newline="") as file:
        return sorted(csv.DictReader(file), key=lambda row: row["id"])


@cache
def records(release):
    """Return the records of a release by kind and id."""
    found = {}
    for line in (RELEASES / release / "records.jsonl").read_text(encoding="utf-8").splitlines():
        record = json.loads(line)
        found.setdefault(record["record"], {})[record["id"]] = record
    return found


def find(release, dataset=None, count_once=False, **asked):
    """Return the ids of the figures that meet every filter; each filter has a list of values."""
    found = []
    for row in figures(release):
        in_dataset = dataset is None or row["id"] in records(release)["dataset"][dataset].get("figures", ())
        if in_dataset and all(meets(row, name, values, release) for name, values in asked.items()):
            found.append(row)
    if count_once:
        ids = {row["id"] for row in found}
        found = [row for row in found if not includes_it(row, release) & ids]
    return [row["id"] for row in found]


def meets(row, name, values, release):
    """Tell whether a figure meets one filter."""
    if name in CODES:
        return any(is_within(row[name], value, name, release) for value in values)
    if name == "value":
        return row["value"] != "" and any(float(row["value"]) == float(value) for value in values)
    if name == "publisher":
        return records(release)["source"][row["source"]].get("publisher") in values
    if name == "disagreement":
        groups = records(release).get("disagreement", {})
        return any(row["id"] in groups[value]["members"] for value in values)
    if name == "part_of":
        return any(value in row["part_of"].split() for value in values)
    if name == "year":
        return row["period"] in values
    return row[name] in values


def is_within(code, above, codelist, release):
    """Tell whether a code is another one, or below it."""
    while code and code != above:
        code = records(release)["code"].get(f"{codelist}/{code}", {}).get("broader")
    return code == above and bool(code)


def includes_it(row, release):
    """Return the ids of the figures that count what a figure counts: its wholes, and earlier prints of its claim."""
    rows = {one["id"]: one for one in figures(release)}

    def claim(one):
        return rows[one["id"]]["repeats"] or one["id"]

    same = [one for one in rows.values() if claim(one) == claim(row)]
    found = {one["id"] for one in same if one["repeats"] == "" or one["id"] < row["id"]} if row["repeats"] else set()
    wholes, seen = {whole for one in same for whole in one["part_of"].split()}, set()
    while wholes:
        whole = wholes.pop()
        seen.add(whole)
        prints = [one for one in rows.values() if claim(one) == claim(rows[whole])]
        found |= {one["id"] for one in prints}
        wholes |= {above for one in prints for above in one["part_of"].split()} - seen
    return found - {row["id"]}


def warnings(release, dataset=None, count_once=False, **asked):
    """Return the codes of the warnings that a list of figures must have."""
    ids = {*find(release, dataset, count_once, **asked)}
    rows = [row for row in figures(release) if row["id"] in ids]
    found = {code for row in rows for other in rows for code in about_pair(row, other, release)}
    found |= {"part_years"} if any(is_for_part_of_year(row, release) for row in rows) else set()
    found |= {"superseded"} if any(is_revised(row, release) for row in rows) else set()
    groups = records(release).get("disagreement", {}).values()
    found |= {"look_alikes"} if any(len(ids.intersection(one["members"])) > 1 for one in groups) else set()
    if "year" in asked:
        others = find(release, dataset, **{name: values for name, values in asked.items() if name != "year"})
        without_year = {row["id"] for row in figures(release) if not row["period"].isdigit()}
        found |= {"undated_left_out"} if without_year.intersection(others) else set()
    return found


def is_for_part_of_year(row, release):
    """Tell whether a figure is for a year that was not over when its source was published."""
    published = records(release)["source"][row["source"]].get("published", "9999")
    return row["period"].isdigit() and published[:4] <= row["period"]


def about_pair(row, other, release):
    """Return the codes of the warnings that two figures of a list bring with them."""
    if row is other:
        return set()
    is_one_claim = (row["repeats"] or row["id"]) == (other["repeats"] or other["id"])
    found = {"unlike_units"} if {row["statistic"], other["statistic"]} != {"count"} else set()
    if (row["unit"], row["counting_unit"]) != (other["unit"], other["counting_unit"]):
        found.add("unlike_units")
    if any(row[name] != other[name] for name in ("measure", "category", "population")):
        found.add("unlike_kinds")
    if other["id"] in includes_it(row, release):
        found.add("repeated_claims" if is_one_claim else "whole_and_parts")
    is_dated = row["period"][:4].isdigit() and ".." not in row["period"]
    if is_dated and all(row[name] == other[name] for name in SAME_THING) and row["source"] != other["source"]:
        found |= set() if is_one_claim else {"stated_by_several"}
    return found


def is_revised(row, release):
    """Tell whether a figure says something else in the newest release, or is gone. Other codes alone do not matter."""
    numbers = sorted((path.name for path in RELEASES.iterdir()), key=lambda one: [int(part) for part in one.split(".")])
    before, has_changed = row, False
    for number in numbers[numbers.index(release) + 1 :]:
        today = next((one for one in figures(number) if one["id"] == row["id"]), None)
        if today is None:
            return True
        with (RELEASES / number / "changes.csv").open(encoding="utf-8", newline="") as file:
            is_recoded = any(one["id"] == row["id"] and one["action"] == "recoded" for one in csv.DictReader(file))
        has_changed |= any(before[name] != today[name] for name in PRINTED + (() if is_recoded else KINDS))
        before = today
    return has_changed and any(row[name] != before[name] for name in PRINTED + KINDS)
