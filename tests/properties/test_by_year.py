"""Whatever is asked, a long by-year table has the figures of the list that are for a year, and each of them once."""

import csv
import io

import pytest
from hypothesis import example, given, settings

from . import naive
from .test_against_naive import EXAMPLES, NUMBERS, SETTINGS, requests


@pytest.fixture(scope="module")
def client(small):
    """A client of the service with the small register."""
    return small.client


def rows_of(client, address, parameters):
    answer = client.get(address, params=parameters)
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


@settings(SETTINGS, max_examples=EXAMPLES * 2 // 3)
@given(request=requests().filter(lambda request: request[2]))
@example(
    request=(NUMBERS[-1], "deaths", {}, True)
)  # a whole dataset; all others have a filter
def test_long_tables_have_the_figures_of_the_list(client, request):
    release, dataset, asked, once = request
    parameters = {**asked, "release": release, "count_once": str(int(once))}
    table = rows_of(
        client,
        f"/v1/{dataset or 'observations'}/by-year.csv",
        {**parameters, "shape": "long"},
    )
    listed = rows_of(
        client, f"/v1/{dataset or 'observations'}.csv", parameters | {"count_once": "0"}
    )
    of_years = {row["id"]: row for row in listed if row["year"]}
    if once:  # a window that includes a year is not in the way of it
        wholes = {
            one: naive.includes_it(naive.rows_of(release)[one], release)
            for one in of_years
        }
        of_years = {
            one: row
            for one, row in of_years.items()
            if not wholes[one] & of_years.keys()
        }
    figures = [row for row in table if row["id"]]
    assert sorted(row["id"] for row in figures) == sorted(of_years)
    for (
        row
    ) in figures:  # of two kinds of years, those that begin later say so: 2024/25(July)
        plain = row | {"year": row["year"].partition("(")[0]}
        assert {
            name: plain[name] for name in of_years[row["id"]] if name in row
        } == of_years[row["id"]]
        assert row["gap"] == ("" if row["value"] else row["value_absent"])
    found = {*naive.find(release, dataset, **naive.without_years(asked))}
    for row in table:
        if not row["id"]:
            assert row["gap"] == (naive.gap(row, found, release) or row["gap"])
            assert (row["gap"] != "", row["value"]) == (True, "")
    assert len({(row["series"], row["year"]) for row in table}) == len(table)
