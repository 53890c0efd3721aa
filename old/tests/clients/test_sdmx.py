"""A real SDMX client reads tables by year with their structure: the same figures, dimensions and codes as in the CSV."""

from __future__ import annotations

import csv
import io

import pytest
import sdmx

from tests.api.test_by_year import FINANCIAL, PARTS, SERIES

RELEASE = "release=2.1.0"


@pytest.fixture(scope="module")
def structure(real):
    answer = real.client.get(f"/v1/structure.xml?{RELEASE}")
    assert answer.headers["content-type"] == "application/vnd.sdmx.structure+xml; version=3.0.0"
    return sdmx.read_sdmx(io.BytesIO(answer.content))


def observations(body: bytes, flow) -> list[tuple[dict[str, str], str, dict[str, str]]]:
    """The key, the value and the attributes of each observation, as the client reads them."""
    [data] = sdmx.read_sdmx(io.BytesIO(body), format="CSV", structure=flow).data
    return [
        (
            {name: one.value for name, one in found.key.values.items()},
            found.value,
            {name: one.value for name, one in found.attached_attribute.items()},
        )
        for found in data.obs
    ]


def test_an_sdmx_client_reads_the_values_dimensions_and_codes_of_the_csv(real, structure):
    answer = real.client.get(f"/v1/allegations/by-year.sdmx?{RELEASE}")
    assert answer.headers["content-type"] == "application/vnd.sdmx.data+csv; version=2.0.0"
    text = real.client.get(f"/v1/allegations/by-year.csv?shape=long&{RELEASE}").text
    rows = list(csv.DictReader(io.StringIO(text, newline="")))
    names = {
        "MEASURE": "measure", "CATEGORY": "category", "REF_AREA": "area", "POPULATION": "population",
        "COUNTING_UNIT": "counting_unit", "UNIT_MEASURE": "unit", "TIME_PERIOD": "year",
    }  # fmt: skip
    read = observations(answer.content, structure.dataflow["ALLEGATIONS"])
    assert [
        ({name: key[name] for name in names}, value, attributes["FIGURE"], attributes["GAP"], attributes["SERIES"])
        for key, value, attributes in read
    ] == [
        ({name: row[column] for name, column in names.items()}, row["value"], row["id"], row["gap"], row["series"])
        for row in rows
    ]
    keys = [tuple(key.values()) for key, _, _ in read]
    assert len(set(keys)) == len(keys) > 0


def test_every_code_is_in_the_list_that_the_structure_names(real, structure):
    dsd = structure.structure["BY_YEAR"]
    lists = {
        one.id: one.local_representation.enumerated
        for one in (*dsd.dimensions.components, *dsd.attributes.components)
        if one.local_representation.enumerated is not None
    }
    assert {"MEASURE", "REF_AREA", "SOURCE", "OBS_STATUS", "GAP"} <= {*lists}
    body = real.client.get(f"/v1/observations/by-year.sdmx?{RELEASE}").content
    for key, _, attributes in observations(body, structure.dataflow["OBSERVATIONS"]):
        for name, codes in lists.items():
            code = (key | attributes)[name]
            assert code == "" or code in codes, (name, code)
    labels = real.client.get(f"/v1/codelists/measure?{RELEASE}").json()["data"]["codes"]
    found = structure.codelist["CL_MEASURE"]
    assert {one["code"]: one["label"] for one in labels} == {one.id: str(one.name) for one in found}


def test_the_structure_has_a_dataflow_for_each_dataset(real, structure):
    datasets = real.client.get(f"/v1/datasets?{RELEASE}").json()["data"]
    wanted = {one["id"].replace("-", "_").upper() for one in datasets} | {"OBSERVATIONS"}
    assert {*structure.dataflow} == wanted
    assert {str(flow.version) for flow in structure.dataflow.values()} == {"2.1.0"}
    assert {flow.structure for flow in structure.dataflow.values()} == {structure.structure["BY_YEAR"]}


def test_sdmx_csv_says_which_structure_it_has(real):
    answer = real.client.get(f"/v1/duty-status/by-year.sdmx?{RELEASE}")
    header = answer.text.splitlines()[0].split(",")
    assert header == [
        "STRUCTURE", "STRUCTURE_ID", "ACTION",
        "CATEGORY", "MEASURE", "STATISTIC", "POPULATION", "COUNTING_UNIT", "REF_AREA", "UNIT_MEASURE", "STATED_BY",
        "SOURCE", "VARIANT", "TIME_PERIOD", "OBS_VALUE",
        "OBS_STATUS", "QUALIFIER", "COVERAGE", "GAP", "VALUE_ABSENT", "PRINTED", "FIGURE", "PART_OF", "REPEATS", "SERIES",
    ]  # fmt: skip
    text = real.client.get(f"/v1/allegations/by-year.sdmx?{RELEASE}").text
    assert {tuple(row[:3]) for row in csv.reader(io.StringIO(text, newline=""))} == {
        tuple(header[:3]), ("dataflow", "MISCONDUCT:ALLEGATIONS(2.1.0)", "I")
    }  # fmt: skip
    assert f'<{real.service.base_url}/v1/structure.xml?{RELEASE}>; rel="describedby"' in answer.headers["link"]


def sdmx_rows(api) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(api.get("/v1/observations/by-year.sdmx").text, newline="")))


def test_a_gap_is_a_missing_value_and_a_magnitude_too(api, publish):
    publish(SERIES)
    found = {(row["FIGURE"], row["OBS_VALUE"], row["OBS_STATUS"], row["GAP"]) for row in sdmx_rows(api)}
    assert ("bbbb3", "0", "A", "") in found
    assert ("bbbb7", "", "O", "") in found
    assert ("", "", "O", "not_stated") in found
    (row,) = [row for row in sdmx_rows(api) if row["FIGURE"] == "bbbb8"]
    assert (row["VARIANT"], row["OBS_VALUE"]) == ("2", "502")


def test_financial_years_are_time_ranges(api, publish):
    publish(FINANCIAL)
    assert [(row["TIME_PERIOD"], row["OBS_VALUE"]) for row in sdmx_rows(api)][:4] == [
        ("2018-04-01/P1Y", ""), ("2019-04-01/P1Y", "11"), ("2020-04-01/P1Y", "12"), ("2021-04-01/P1Y", "13")
    ]  # fmt: skip


UNLIKE = """
    id    | source | category | period_type | period_start | value
    bbbb2 | paper  | assault  | year        | 2020-04      | 1
    bbbb3 | paper  | assault  | year        | 2023-04      | 2
    bbbb4 | letter | assault  | year        | 2020-10      | 3
    bbbb5 | letter | assault  | year        | 2022-10      | 4
"""


def test_each_figure_has_its_own_period_whatever_else_is_there(api, publish):
    publish(UNLIKE)
    letter = [(row["TIME_PERIOD"], row["FIGURE"], row["GAP"]) for row in sdmx_rows(api) if row["SOURCE"] == "letter"]
    assert letter == [
        ("2020-10-01/P1Y", "bbbb4", ""), ("2021-10-01/P1Y", "", "not_stated"),
        ("2022-10-01/P1Y", "bbbb5", ""), ("2023-10-01/P1Y", "", "outside_window"),
    ]  # fmt: skip
    assert next(row["TIME_PERIOD"] for row in sdmx_rows(api) if row["SOURCE"] == "paper") == "2020-04-01/P1Y"


def test_a_part_of_a_year_says_so(api, publish):
    publish(PARTS)
    assert {(row["FIGURE"], row["TIME_PERIOD"], row["COVERAGE"]) for row in sdmx_rows(api)} >= {
        ("bbbb2", "2015", "part"), ("bbbb5", "2017", "part")
    }  # fmt: skip


@pytest.mark.parametrize("path", ["/v1/sources", "/v1/observations/k7m3q", "/v1/allegations", "/v1/codelists"])
@pytest.mark.parametrize("chosen", ["by suffix", "by Accept"])
def test_sdmx_of_what_is_no_data_by_year_is_refused_with_what_is(real, path, chosen):
    headers = {} if chosen == "by suffix" else {"Accept": "application/vnd.sdmx.data+csv;version=2.0.0"}
    answer = real.client.get(f"{path}.sdmx" if chosen == "by suffix" else path, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert "/v1/observations/by-year.sdmx" in answer.json()["detail"]


def test_sdmx_is_negotiated_too(real):
    answer = real.client.get(
        "/v1/allegations/by-year", headers={"Accept": "application/vnd.sdmx.data+csv; version=2.0.0"}
    )
    assert answer.text.startswith("STRUCTURE,STRUCTURE_ID,ACTION,")


def test_the_structure_of_an_earlier_release_has_its_codes(real):
    codes = {
        number: {
            *sdmx.read_sdmx(io.BytesIO(real.client.get(f"/v1/structure.xml?release={number}").content))
            .codelist["CL_CATEGORY"]
            .items
        }
        for number in ("1.0.0", "2.0.0")
    }
    assert codes["1.0.0"] <= codes["2.0.0"]


def test_pages_of_sdmx_together_are_the_whole(api, publish):
    publish(SERIES)
    whole = sdmx_rows(api)
    found, address = [], "/v1/observations/by-year.sdmx?limit=3"
    while address:
        page = api.get(address)
        assert page.headers["content-type"] == "application/vnd.sdmx.data+csv; version=2.0.0"
        found += csv.DictReader(io.StringIO(page.text, newline=""))
        address = page.links.get("next", {}).get("url", "").removeprefix("http://localhost:8000")
    assert found == whole
    assert len(whole) == 4 * 5
