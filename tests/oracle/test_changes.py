"""What changed from release to release, against what the first program answered. All of this goes with `old/`."""

import csv
import io
import json

import pytest

from .test_oracle import read

FORMER_RECORDS = {"part_of", "repeats", "vetting_check", "vetting_result", "stock_or_flow"}
"""Columns that were records of their own in the first program, and so no change of a figure."""

RENAMED = {"period_type": "period", "period_start": "period", "obs_status": "mark"}
PERIODS = {("point", None): "now", ("window", "2022-11"): "2022-11/.."}
MARKS = {"A": "", "P": "provisional"}

OTHER_SHAPE = {
    "dataset": ({"measures"}, {"conditions"}),  # a dataset is a list of conditions
    "chart": ({"mark"}, set()),  # charts have no such field any more
    "code": ({"definition"}, {"stage"}),
    "non_publication": ({"explanation"}, set()),  # its record is of the kind `unpublished` now
}
"""Fields that only the first program, or only this one, names for some records of a kind."""


@pytest.fixture(scope="module")
def answered(client):
    """The rows of the service by release, kind and id."""
    text = client.get("/v1/changes.csv?since=1.0.0&release=2.2.0&kind=all").text
    found = {}
    for row in csv.DictReader(io.StringIO(text, newline="")):
        found.setdefault((row["release"], row["kind"], row["id"]), []).append(row)
    return found


@pytest.fixture(scope="module")
def expected():
    """The rows of the first program; its releases were records, too."""
    return {(row["release"], row["kind"], row["id"]): row for row in read("changes") if row["kind"] != "release"}


def test_the_same_records_changed_for_the_same_reasons(answered, expected):
    assert answered.keys() == expected.keys()
    assert len(answered) == 303
    for key, row in expected.items():
        assert {(one["action"], one["reason"]) for one in answered[key]} == {(row["action"], row["reason"])}


def test_figures_changed_in_the_same_fields(answered, expected):
    for key, row in expected.items():
        if key[1] == "observation":
            found = {one["field"]: (one["before"], one["after"]) for one in answered[key]}
            before, after = (plain(json.loads(row[side])) for side in ("before", "after"))
            wanted = {name: (before[name], after[name]) for name in before}
            assert {name: pair for name, pair in found.items() if name not in FORMER_RECORDS} == wanted


def plain(fields):
    """Return fields of the first program as cells of this one."""
    cells = {RENAMED.get(name, name): value for name, value in fields.items()}
    if "period_type" in fields:
        cells["period"] = PERIODS[fields["period_type"], fields["period_start"]]
    if "obs_status" in fields:
        cells["mark"] = MARKS[fields["obs_status"]]
    return {name: " ".join(value) if isinstance(value, list) else value for name, value in cells.items()}


def test_other_records_changed_in_the_same_fields(answered, expected):
    differences = {}
    for key, row in expected.items():
        if key[1] != "observation" and row["action"] == "revised":
            old, new = set(row["fields"].split()), {one["field"] for one in answered[key]} - {""}
            gone, come = differences.setdefault(key[1], (set(), set()))
            gone |= old - new
            come |= new - old
    assert {kind: pair for kind, pair in differences.items() if any(pair)} == OTHER_SHAPE
