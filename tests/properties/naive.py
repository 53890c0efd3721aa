"""A second implementation of lists of figures: plain loops over the files of a release, as slow as can be.

It shares no code with the program, so that both are seldom wrong in the same way.
"""

import csv
import json
from calendar import monthrange
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
RELEASES = ROOT / "tests/register/made/releases"
NEWEST = (ROOT / "data/releases.csv").read_text().splitlines()[-1].partition(",")[0]
"""The newest release of data/, whose numbers are none of the small register."""
CODES = ("measure", "category", "area", "population", "counting_unit", "statistic", "unit", "qualifier", "stated_by",
         "vetting_check", "vetting_result", "stock_or_flow")  # fmt: skip
KINDS = ("measure", "category", "area", "population", "counting_unit", "statistic")
SAME_THING = (
    *KINDS,
    "unit",
    "vetting_check",
    "vetting_result",
    "stock_or_flow",
    "period",
)
PRINTED = ("value", "value_absent", "printed", "hedge", "qualifier", "unit", "period")


def folder_of(release):
    """Return the folder of a release of the small register, or of data/."""
    is_small = (RELEASES / release).exists()
    return (RELEASES if is_small else ROOT / "data/releases") / release


@cache
def figures(release):
    """Return the rows of a release, sorted by id."""
    with (folder_of(release) / "observations.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return sorted(csv.DictReader(file), key=lambda row: row["id"])


@cache
def records(release):
    """Return the records of a release by kind and id."""
    found = {}
    for line in (
        (folder_of(release) / "records.jsonl").read_text(encoding="utf-8").splitlines()
    ):
        record = json.loads(line)
        found.setdefault(record["record"], {})[record["id"]] = record
    return found


@cache
def figures_of(dataset, release):
    """Return the ids of the figures of a dataset."""
    return {*records(release)["dataset"][dataset].get("figures", ())}


def find(release, dataset=None, count_once=False, **asked):
    """Return the ids of the figures that meet every filter; each filter has a list of values."""
    found = []
    for row in figures(release):
        in_dataset = dataset is None or row["id"] in figures_of(dataset, release)
        if in_dataset and all(
            meets(row, name, values, release) for name, values in asked.items()
        ):
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
        return row["value"] != "" and any(
            float(row["value"]) == float(value) for value in values
        )
    if name == "publisher":
        return records(release)["source"][row["source"]].get("publisher") in values
    if name == "disagreement":
        groups = records(release).get("disagreement", {})
        return any(row["id"] in groups[value]["members"] for value in values)
    if name == "part_of":
        return any(value in row["part_of"].split() for value in values)
    if name == "year":
        return year_of(row) in values
    if name in ("year_from", "year_to"):
        first, last = years_between(row, release)
        is_inside = (
            first
            and last
            and (
                first >= int(values[0])
                if name == "year_from"
                else last <= int(values[0])
            )
        )
        return bool(is_inside)
    return row[name] in values


def is_within(code, above, codelist, release):
    """Tell whether a code is another one, or below it."""
    while code and code != above:
        code = records(release)["code"].get(f"{codelist}/{code}", {}).get("broader")
    return code == above and bool(code)


def year_of(row):
    """Return the label of the year of a figure: 2022, also for months of it, or 2019/20 for twelve months."""
    first, _, last = row["period"].partition("/")
    if not first[:4].isdigit() or not (
        last[:4].isdigit() if last else len(first) == len("2022")
    ):
        return None
    if first[:4] == (last or first)[:4]:
        return first[:4]
    follows = (int(last[:4]) * 12 + int(last[5:7] or 12)) - (
        int(first[:4]) * 12 + int(first[5:7] or 1)
    ) == 11
    are_months = first[8:] in ("", "01") and last[8:] in (
        "",
        str(monthrange(int(last[:4]), int(last[5:7] or 12))[1]),
    )
    return f"{first[:4]}/{last[2:4]}" if follows and are_months else None


def years_between(row, release):
    """Return the years of the first and of the last day that a period can mean; None if that day is not known."""
    published = records(release)["source"][row["source"]].get("published", "")
    newest = int(published[:4]) if published else None
    first, _, last = row["period"].partition("/")
    if first in ("", "now"):
        return newest if first else None, newest
    if first == "..":  # some time until then
        return None, int(last[:4])
    if first.startswith("P"):  # P3M: the three months before the document
        months = int(first[1:-1]) * (12 if first.endswith("Y") else 1)
        return (
            12 * newest + int(published[5:7] or 1) - 1 - months
        ) // 12 if newest else None, newest
    return int(first[:4]), newest if last == ".." else int((last or first)[:4])


def last_day(row, release):
    """Return the last day that a period can mean: 2019-12-31 for 2019; None if that is not known."""
    published = records(release)["source"][row["source"]].get("published")
    first, _, last = row["period"].partition("/")
    text = (
        published
        if first in ("", "now") or first.startswith("P") or last == ".."
        else last or first
    )
    if not text:
        return None
    year, month, *day = (*text.split("-"), "12")[: max(2, len(text.split("-")))]
    return f"{year}-{month}-{day[0] if day else monthrange(int(year), int(month))[1]}"


def newness(row, release):
    """Return a key of which the newest figure has the largest: its day, twelve months, and how little includes it.

    What is of one moment may be as old as the first day that this can mean. A share is as a part of its whole. Without
    a period only the publication has a day.
    """
    period, published = (
        row["period"],
        records(release)["source"][row["source"]].get("published"),
    )
    if period == "now" or (
        len(period) > len("2023") and period[:4].isdigit() and "/" not in period
    ):
        text = published if period == "now" else period
        day = (
            text and f"{text}-01-01"[: len("2023-09-19")]
            if len(text or "") != len("2023-09")
            else f"{text}-01"
        )
    else:
        day = last_day(row, release)
    year, first, last = (
        year_of(row) or "",
        period.partition("/")[0][5:],
        period.partition("/")[2][5:],
    )
    is_twelve_months = "/" in year or (
        bool(year) and (first, last) in (("", ""), ("01", "12"), ("01-01", "12-31"))
    )
    depth = len(includes_it(row, release)) + (row["statistic"] != "count")
    return (
        (day is not None and period != "", period != "", day or ""),
        is_twelve_months,
        -depth,
    )


@cache
def claims(release):
    """Return the figures of a release by the claim that they print."""
    found = {}
    for row in figures(release):
        found.setdefault(row["repeats"] or row["id"], []).append(row)
    return found


@cache
def rows_of(release):
    """Return the rows of a release by id."""
    return {row["id"]: row for row in figures(release)}


def includes_it(row, release):
    """Return the ids of the figures that count what a figure counts: its wholes, and earlier prints of its claim."""
    same = claims(release)[row["repeats"] or row["id"]]
    found = (
        {one["id"] for one in same if one["repeats"] == "" or one["id"] < row["id"]}
        if row["repeats"]
        else set()
    )
    wholes, seen = {whole for one in same for whole in one["part_of"].split()}, set()
    while wholes:
        whole = wholes.pop()
        seen.add(whole)
        prints = claims(release)[rows_of(release)[whole]["repeats"] or whole]
        found |= {one["id"] for one in prints}
        wholes |= {above for one in prints for above in one["part_of"].split()} - seen
    return found - {row["id"]}


def warnings(release, dataset=None, count_once=False, **asked):
    """Return the codes of the warnings that a list of figures must have; `caveat` once for each that all share."""
    ids = {*find(release, dataset, count_once, **asked)}
    rows = [row for row in figures(release) if row["id"] in ids]
    all_ids = {*find(release, dataset, **asked)}
    whole = [row for row in figures(release) if row["id"] in all_ids]
    found = about_sums(rows, ids, release) if len(rows) > 1 else set()
    days = {
        last_day(row, release) for row in rows if row["stock_or_flow"] == "stock"
    } - {None}
    found |= {"several_days"} if len(days) > 1 else set()
    found |= (
        {"part_years"}
        if any(is_for_part_of_year(row, release) for row in rows)
        else set()
    )
    found |= (
        {"provisional"} if any(row["mark"] == "provisional" for row in rows) else set()
    )
    found |= {"superseded"} if any(is_revised(row, release) for row in rows) else set()
    groups = records(release).get("disagreement", {}).values()
    found |= (
        {"look_alikes"}
        if any(len(ids.intersection(one["members"])) > 1 for one in groups)
        else set()
    )
    wrong = {
        one
        for record in records(release).get("correction", {}).values()
        for one in record.get("affects", ())
    }
    found |= {"publisher_error"} if wrong & ids else set()
    found |= (
        {"found_nothing"} if finds_nothing(whole, dataset, asked, release) else set()
    )
    found |= (
        {"undated_left_out"}
        if is_left_out(release, dataset, count_once, asked)
        else set()
    )
    shared = (
        set.intersection(*({*row["caveats"].split()} for row in rows))
        if rows
        else set()
    )
    return [*found, *("caveat" for _ in shared)]


def finds_nothing(whole, dataset, asked, release):
    """Tell whether a request finds nothing, or a filter has a value that finds nothing beside others that do."""
    if not whole:
        return bool(dataset or asked)
    several = {name: values for name, values in asked.items() if len(values) > 1}
    return any(
        not any(meets(row, name, [value], release) for row in whole)
        for name, values in several.items()
        for value in values
    )


def is_left_out(release, dataset, count_once, asked):
    """Tell whether the filters by year leave out a figure that may be about these years."""
    inside = {*find(release, dataset, **asked)}
    outside = {*find(release, dataset, **without_years(asked))} - inside
    left_out = [rows_of(release)[one] for one in outside]
    if count_once:
        left_out = [row for row in left_out if not includes_it(row, release) & inside]
    return any(may_be_about(row, asked, release) for row in left_out)


def without_years(asked):
    """Return the filters of a request that do not choose years."""
    return {
        name: values
        for name, values in asked.items()
        if name not in ("year", "year_from", "year_to")
    }


def may_be_about(row, asked, release):
    """Tell whether a figure may be for a year that is asked for, has no dates, or begins or ends outside a range."""
    if any(may_be_for(row, year) for year in asked.get("year", ())):
        return True
    first, last = years_between(row, release)
    names = [name for name in ("year_from", "year_to") if name in asked]
    if not first or not last:
        return bool(names)
    return any(
        first <= edge < last
        for edge in (int(asked[one][0]) - (one == "year_from") for one in names)
    )


@cache
def files_of(release):
    """Return the figures of a release by source and then by year."""
    found = {}
    for row in figures(release):
        found.setdefault(row["source"], {}).setdefault(year_of(row), []).append(row)
    return found


@cache
def words_of(release):
    """Return the figures of a release by the words that say what they count."""
    found = {}
    for row in figures(release):
        found.setdefault(row["counted"], []).append(row)
    return found


def gap(row, found, release):
    """Return why a series that was counted from a file has no figure for a year; None if a source states the series.

    `row` has the source, `counted` and the year, and `found` are the ids of the figures that a request finds.
    """
    of_file = files_of(release)[row["source"]]
    same = [
        one
        for one in words_of(release)[row["counted"]]
        if one["source"] == row["source"]
    ]
    if any(one["printed"] for one in same):
        return None
    begins = int(row["year"][:4])
    near = {str(begins), str(begins + 1)} if "/" in row["year"] else {str(begins)}
    if any(year_of(one) in near and one["id"] not in found for one in same):
        return "filtered_out"
    rows = [one for year in near for one in of_file.get(year, ())]
    if not rows or "/" in row["year"]:
        return "other_year" if rows else "outside_window"
    is_unfinished = all(
        one["mark"] == "provisional" or is_for_part_of_year(one, release)
        for one in rows
    )
    return "none_so_far" if is_unfinished else "not_counted"


def may_be_for(row, year):
    """Tell whether a figure is not for a year, or for one that begins in another month and shares some with this."""
    label = year_of(row)
    if not label or ("/" in label) == ("/" in year):
        return not label
    begins, plain = (
        (int(label[:4]), int(year)) if "/" in label else (int(year[:4]), int(label))
    )
    return plain in (begins, begins + 1)


def is_for_part_of_year(row, release):
    """Tell whether a figure is for months of a year, or a year that was not over when its source was published."""
    published = records(release)["source"][row["source"]].get("published", "9999")
    first, _, last = row["period"].partition("/")
    months = (first[5:] or "01", (last or first)[5:] or "12")
    if (
        year_of(row)
        and first[:4] == (last or first)[:4]
        and months not in (("01", "12"), ("01-01", "12-31"))
    ):
        return True
    published = (
        f"{published}-12" if len(published) == len("2024") else published
    )  # it may be from its last day
    return bool(year_of(row)) and published[: len(last or first)] <= (last or first)


def about_sums(rows, ids, release):
    """Return the codes of the warnings of what would go wrong in a sum of several figures."""
    units = {(row["unit"], row["counting_unit"]) for row in rows}
    kinds = {(row["measure"], row["category"], row["population"]) for row in rows}
    found = (
        {"mixed_units"}
        if len(units) > 1 or any(row["statistic"] != "count" for row in rows)
        else set()
    )
    found |= {"unlike_kinds"} if len(kinds) > 1 else set()
    for row in rows:
        for other in includes_it(row, release) & ids:
            is_one_claim = claim_of(row) == claim_of(rows_of(release)[other])
            found.add("repeated_claims" if is_one_claim else "totals_and_parts")
    return found | ({"stated_by_several"} if are_stated_twice(rows) else set())


def are_stated_twice(rows):
    """Tell whether several sources count the same thing, and not because one repeats another."""
    things = {}
    for row in rows:
        if row["period"][:4].isdigit() and ".." not in row["period"]:
            things.setdefault(tuple(row[name] for name in SAME_THING), []).append(row)
    pairs = [
        (one, other) for alike in things.values() for one in alike for other in alike
    ]
    return any(
        one["source"] != other["source"] and claim_of(one) != claim_of(other)
        for one, other in pairs
    )


def claim_of(row):
    """Return the id of the figure that first printed the claim of a figure."""
    return row["repeats"] or row["id"]


@cache
def recoded(release):
    """Return the ids of the figures that were recoded in a release."""
    with (folder_of(release) / "changes.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        return {one["id"] for one in csv.DictReader(file) if one["action"] == "recoded"}


@cache
def releases():
    """Return the numbers of the releases, oldest first."""
    return sorted(
        (path.name for path in RELEASES.iterdir()),
        key=lambda one: [int(part) for part in one.split(".")],
    )


def is_revised(row, release):
    """Tell whether a figure was revised until the newest release, or is gone. Other codes alone do not matter."""
    numbers = releases()
    before, last, has_changed = row, release, False
    for number in numbers[numbers.index(release) + 1 :]:
        today = rows_of(number).get(row["id"])
        if today is None:
            return True
        names = PRINTED + (() if row["id"] in recoded(number) else KINDS)
        if any(before[name] != today[name] for name in names):
            has_changed |= not only_runs_longer(before, today, last, number)
        before, last = today, number
    return has_changed and any(row[name] != before[name] for name in PRINTED + KINDS)


def only_runs_longer(before, today, last, number):
    """Tell whether a figure of a table has a later end than in the last release, and no part of it was revised."""
    (start, _, end), (same_start, _, later) = (
        before["period"].partition("/"),
        today["period"].partition("/"),
    )
    is_of_table = today["at"].startswith("cell=") or not today["printed"]
    if not is_of_table or start != same_start or later <= end:
        return False
    for part in figures(last):
        now = rows_of(number).get(part["id"], part)
        is_revised_part = now["period"] == part["period"] and any(
            now[name] != part[name] for name in PRINTED
        )
        if is_revised_part and before["id"] in includes_it(part, last):
            return False
    return all(before[name] == today[name] for name in (*KINDS, "unit"))
