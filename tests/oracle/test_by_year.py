"""The first program's by-year tables (by_year.csv), and the second program's, for every release and dataset."""

import csv
import io

import pytest

from .test_oracle import RELEASES, read

TABLES = ("observations", "allegations", "case-reviews", "duty-status", "public-trust", "reports", "vetting-checks",
          "workforce")  # fmt: skip
CODES = ("measure", "category", "area", "population", "counting_unit", "unit", "stated_by", "source")
LONG = (*CODES, "year", "value", "printed", "qualifier", "value_absent", "gap", "coverage", "id", "part_of", "repeats")

# The first program knew no dates of "the last 10 years" in an article of January 2023, so that such a window might
# reach any year. Now the day of publication bounds it. Each line: windows, the years that they cannot reach, and why.
OUTSIDE = {
    "g5kcg gb7nr tkgwx s79rj tc7ks cxqbc mw44s": ({"2024"}, "ten years up to 2023"),
    "f98vd": ({str(year) for year in range(2014, 2023)} | {"2024"}, "three months up to April 2023"),
    "qzchn": ({"2024"}, "from November 2022 to April 2023; earlier years were outside for the first program, too"),
}


@pytest.fixture(scope="module")
def answered(client):
    """The rows of a table that the service answers."""

    def ask(table, release, shape):
        parameters = {"release": release, "shape": shape}
        text = client.get(f"/v1/{table}/by-year.csv", params=parameters).raise_for_status().text
        return list(csv.DictReader(io.StringIO(text, newline="")))

    return ask


def expected(table, release, shape):
    return [
        row
        for row in read("by_year")
        if row["table"] == table and row["shape"] == shape and release in row["releases"].split()
    ]


def by_year(cell):
    """Read `2014:not_stated 2015:not_stated`."""
    return dict(pair.split(":") for pair in cell.split())


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("table", TABLES)
def test_long_tables_have_the_same_rows(answered, table, release):
    before = sorted(tuple(row[name] for name in LONG) for row in expected(table, release, "long"))
    now = sorted(tuple(row[name] for name in LONG) for row in answered(table, release, "long"))
    assert now == before


@pytest.mark.parametrize("release", RELEASES)
@pytest.mark.parametrize("table", TABLES)
def test_wide_tables_have_the_same_windows_figures_and_gaps(answered, table, release):
    before = {}
    for row in expected(table, release, "wide"):
        gaps = by_year(row["gaps"])
        for ids, (years, _) in OUTSIDE.items():
            if row["id"] in ids.split():
                gaps |= dict.fromkeys(years & gaps.keys(), "outside_window")
        codes = tuple(row[name] for name in (*CODES, "statistic"))
        before[row["id"]] = (codes, row["value"], row["printed"], by_year(row["ids"]), gaps)
    now = {}
    for row in answered(table, release, "wide"):
        codes = tuple(row[name] for name in (*CODES, "statistic"))
        window = (row["window_value"], row["window_printed"])
        now[row["window_id"]] = (codes, *window, by_year(row["ids"]), by_year(row["gaps"]))
    assert now == before
