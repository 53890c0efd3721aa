"""JSON-stat readers read by-year tables as they are meant: cells by series and year, and why one is empty."""

from __future__ import annotations

import math
import warnings

import jsonstat_validator
import pytest
from pyjstat import pyjstat

ADDRESSES = [
    "/v1/allegations/by-year.jsonstat?release=1.1.0",
    "/v1/observations/by-year.jsonstat?release=1.1.0&limit=1000",
    "/v1/allegations/by-year.jsonstat?release=1.1.0&category=sexual_assault&year=2022",
]


@pytest.mark.parametrize("address", ADDRESSES)
def test_a_strict_validator_passes_it(real, address):
    assert jsonstat_validator.validate_jsonstat(real.client.get(address).json())


def test_pyjstat_reads_cells_and_statuses(real):
    text = real.client.get("/v1/allegations/by-year.jsonstat?release=1.1.0&category=sexual_assault").text
    dataset = pyjstat.Dataset.read(text)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # pyjstat calls its own former functions
        frame = dataset.write("dataframe", naming="id")
    cells = dict(zip(frame["year"], frame["value"], strict=True))
    assert [cells[year] for year in ("2021", "2022", "2023", "2024")] == [116, 169, 157, 23]
    assert math.isnan(cells["2014"])
    assert {*frame["category"]} == {"sexual_assault"}
    assert dataset["status"]["0"] == "not_stated"
    assert dataset["status"]["7"] == "A"


def test_pyjstat_reads_a_cube_that_can_be_cut_by_its_dimensions(real):
    address = "/v1/allegations/by-year.jsonstat?release=1.1.0&measure=recorded&stated_by=metropolitan_police"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        frame = pyjstat.Dataset.read(real.client.get(address).text).write("dataframe", naming="id")
    in_2022 = frame[(frame["year"] == "2022") & frame["value"].notna()]
    assert dict(zip(in_2022["category"], in_2022["value"], strict=True)) == {
        "all_sexual_conduct": 1571, "other_sexual_assault": 81, "sexual_assault": 169
    }  # fmt: skip


def test_a_table_without_series_is_valid_too(real):
    answer = real.client.get("/v1/reports/by-year.jsonstat?release=1.1.0")
    assert (answer.status_code, answer.json()["size"], answer.json()["value"]) == (200, [0] * 11, {})
