"""What the first program answered (the CSV files beside this one, written by write.py), and the second answers, too.

Where they differ, the difference and its reason stand here. All of this goes with `old/`.
"""

import csv
import io
from collections import Counter
from pathlib import Path

import pytest

RELEASES = ("1.0.0", "1.1.0", "1.2.0", "2.0.0", "2.1.0", "2.2.0")

SAME = """value printed qualifier value_absent unit statistic measure category area population counting_unit source
    source_sha256 stated_by origin part_of repeats denominator value_low value_high period_printed year vetting_check
    vetting_result stock_or_flow caveats disagreements datasets also_at hedge""".split()
RENAMED = {"locator": "at", "hedge_locator": "hedge_at", "period_locator": "period_at"}

# The first program had four columns for a period, as precise as printed. Read by a person: what each combination in the
# register means in days, by what it is dated, and how much of its year it covers. The last column of the key is when
# the source was published.
PERIODS = {
    ("point", "", "", "", "2023-01"): ("2023-01-01", "2023-01-31", "publication", "point"),
    ("point", "", "", "", "2023-04"): ("2023-04-01", "2023-04-30", "publication", "point"),
    ("point", "", "", "", "2024"): ("2024-01-01", "2024-12-31", "publication", "point"),
    ("point", "", "", "", ""): ("", "", "", "point"),
    ("unstated", "", "", "", "2023-01"): ("", "2023-01-31", "publication", "unstated"),
    ("unstated", "", "", "", "2023-04"): ("", "2023-04-30", "publication", "unstated"),
    ("unstated", "", "", "", "2024"): ("", "2024-12-31", "publication", "unstated"),
    ("unstated", "", "", "", ""): ("", "", "", "unstated"),
    ("window", "", "", "P10Y", "2023-01"): ("2013-01-01", "2023-01-31", "publication", "window"),
    ("window", "", "", "P10Y", "2023-04"): ("2013-04-01", "2023-04-30", "publication", "window"),
    ("window", "", "", "P10Y", "2024"): ("2014-01-01", "2024-12-31", "publication", "window"),
    ("window", "", "", "P3M", "2023-04"): ("2023-01-01", "2023-04-30", "publication", "window"),
    ("window", "2014", "2024", "P10Y", "2024"): ("2014-01-01", "2024-12-31", "source", "window"),
    ("window", "2022-11", "", "", "2023-04"): ("2022-11-01", "2023-04-30", "publication", "window"),
    ("year", "2021", "", "", "2024"): ("2021-01-01", "2021-12-31", "source", "whole"),
    ("year", "2022", "", "", "2024"): ("2022-01-01", "2022-12-31", "source", "whole"),
    ("year", "2023", "", "", "2024"): ("2023-01-01", "2023-12-31", "source", "whole"),
    ("year", "2024", "", "", "2024"): ("2024-01-01", "2024-12-31", "source", "part"),
}
MARKS = {"A": "", "E": "", "O": "", "P": "provisional"}
"""E is the qualifier `estimated`, O has its reason in `value_absent`, and A says nothing."""


def read(name):
    with (Path(__file__).parent / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def answered(client):
    """The figures that the service answers, by release and id."""
    found = {}
    for number in RELEASES:
        text = client.get("/v1/observations.csv", params={"release": number, "columns": "all"}).text
        found |= {(number, row["id"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}
    return found


@pytest.fixture(scope="module")
def expected():
    """The figures that the first program answered, by release and id."""
    return {(number, row["id"]): row for row in read("figures") for number in row["releases"].split()}


def test_each_release_has_the_same_figures(answered, expected):
    assert answered.keys() == expected.keys()
    assert Counter(number for number, _ in answered) == dict.fromkeys(RELEASES, 68)


@pytest.mark.parametrize("column", [*SAME, *RENAMED])
def test_every_field_is_the_same(answered, expected, column):
    name = RENAMED.get(column, column)
    differ = {
        key: (row[column], answered[key][name]) for key, row in expected.items() if row[column] != answered[key][name]
    }
    assert differ == {}


def test_every_period_means_what_a_person_read(answered, expected):
    differ = {}
    for key, row in expected.items():
        new = answered[key]
        old = (
            *(row[f"{name}"] for name in ("period_type", "period_start", "period_end", "duration")),
            new["source_published"],
        )
        days = tuple(new[name] for name in ("period_start", "period_end", "dated_by", "coverage"))
        if PERIODS[old] != days or (row["coverage"] and row["coverage"] != new["coverage"]):
            differ[key] = (old, days)
    assert differ == {}


def test_every_status_has_become_a_mark_or_stands_elsewhere(answered, expected):
    for key, row in expected.items():
        assert answered[key]["mark"] == MARKS[row["obs_status"]]
        assert row["obs_status"] != "E" or row["qualifier"] == "estimated"
        assert row["obs_status"] != "O" or row["value_absent"]


def test_links_lead_to_the_same_words_of_the_documents(client, expected):
    for number in RELEASES:
        for figure in client.get("/v1/observations", params={"release": number, "limit": "1000"}).json()["data"]:
            assert (figure["links"]["printed_at"] or "") == expected[number, figure["id"]]["printed_at"], figure["id"]


def test_there_are_143_different_rows_of_figures(answered):
    """108 in the first program, which kept relations and classifications in records of their own."""
    shown_elsewhere = {"release", "cite_as", "disagreements", "datasets"}
    states = {
        tuple((name, cell) for name, cell in row.items() if name not in shown_elsewhere) for row in answered.values()
    }
    assert len(states) == 143
