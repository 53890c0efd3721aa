"""Totals that ran to March 2019 in release 1.0.0, and run to March 2020 since 1.1.0: their numbers are right for 2019.

In the edition of 2018/19, the Metropolitan Police has 50 deaths and Kent has 9; in that of 2019/20, 53 and 9. The new
edition revises 2018/19: England and Wales from 16 to 17.
"""

import csv
import shutil
from collections import Counter

import pytest

from ..conftest import SMALL
from ..register import copy_releases

MET, KENT, COUNTRY, COUNTRY_2018 = "rqbmz", "xj87s", "v4536", "rpg77"
TO_2019 = "for April 2004 to March 2019."
AND_2018 = "The figure now runs to March 2020, and 2018/19 has been revised."


@pytest.fixture(scope="module")
def client(small):
    """A client of the service with the small register."""
    return small.client


@pytest.fixture(scope="module")
def both(serve, tmp_path_factory):
    """A client of a service that has both editions in its tables, since its newest release is 1.1.0."""
    data = tmp_path_factory.mktemp("longer") / "data"
    copy_releases(SMALL, data)
    shutil.rmtree(data / "releases/2.0.0")
    lines = (data / "releases.csv").read_text().splitlines(keepends=True)
    (data / "releases.csv").write_text("".join(lines[:-1]))
    return serve(data).client


def stand(client, cited):
    return client.get(f"/v1/standing?id={cited}").json()["data"]


@pytest.mark.parametrize(
    ("cited", "status", "instead", "detail"),
    [
        (
            f"{MET}:50",
            "continued",
            None,
            f"50 is {TO_2019} The figure now runs to March 2020: 53.",
        ),
        (
            MET,
            "continued",
            None,
            f"50 is {TO_2019} The figure now runs to March 2020: 53.",
        ),
        (f"{MET}:53", "unchanged", None, None),
        (
            f"{KENT}:9",
            "continued",
            None,
            f"9 is {TO_2019} The figure now runs to March 2020: 9.",
        ),
        (f"{COUNTRY_2018}:16", "revised", "17", None),
        (f"{COUNTRY}:292", "revised", None, f"292 was {TO_2019} {AND_2018}"),
    ],
)
def test_how_a_number_of_the_edition_before_stands(
    client, cited, status, instead, detail
):
    [found] = stand(client, cited)
    assert (found["status"], found["print_instead"], found["detail"]) == (
        status,
        instead,
        detail,
    )
    assert found["since"] == "1.1.0"


def test_of_the_changed_figures_two_are_revised(client):
    with (SMALL / "releases/1.1.0/changes.csv").open(
        encoding="utf-8", newline=""
    ) as file:
        revised = [
            row
            for row in csv.DictReader(file)
            if (row["kind"], row["action"]) == ("observation", "revised")
        ]
    rows = stand(client, ",".join(row["id"] for row in revised))
    assert Counter(row["status"] for row in rows) == {
        "continued": 2,
        "revised": 2,
    }
    found = {row["id"] for row in rows if row["status"] == "revised"}
    assert found == {COUNTRY_2018, COUNTRY}


@pytest.mark.parametrize(
    ("ids", "codes"),
    [
        (f"{MET},{KENT}", []),
        (f"{MET},{COUNTRY}", ["superseded"]),  # their years are not in the answer
        (f"{KENT},{COUNTRY_2018}", ["superseded"]),
    ],
)
def test_a_list_is_only_superseded_by_a_revision(both, ids, codes):
    answer = both.get(f"/v1/figures?id={ids}&columns=id&release=1.0.0").json()
    assert [
        one["code"] for one in answer["warnings"] if one["code"] == "superseded"
    ] == codes


def test_changes_say_what_the_release_said(client):
    changes = client.get(f"/v1/changes?since=1.0.0&id={MET}").json()["data"]
    assert [(one["release"], one["type"]) for one in changes] == [
        ("1.1.0", "continued"),
    ]
