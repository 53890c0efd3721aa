"""Prove that a figure that this register counted says so wherever it is shown, and that a hidden one stays hidden."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from threading import Event
from typing import Any

import httpx
import pytest

from misconduct.api import encoder
from misconduct.api.state import StatedTotals
from misconduct.model.catalogue import Catalogue
from misconduct.site import look_up
from tests.conftest import Publish
from tests.register.reading import mistakes_of
from tests.registers import chart_file, write_register
from tests.serving import Served
from tests.test_serve import eventually

COUNTED = """
category       | year    | value | value_absent | obs_status | derivation
any_misconduct | 2021-01 |  1925 |              |            | complaints@1
any_misconduct | 2022-01 |       | suppressed   | Q          | complaints@1
fraud          | 2021-01 |     0 |              |            | complaints@1
fraud          | 2022-01 |   700 |              |            | complaints@1
theft          | 2021-01 |     9 |              |            |
"""
MAPPING = """\
#mapping_set_id: kinds
subject_label\tpredicate_id\tobject_id\tcomment
Larceny\tskos:closeMatch\ttheft\tAlso of cars.
"""
TABLE = {
    "id": "complaints",
    "version": 1,
    "source": "paper",
    "prefix": "own",
    "tableSchema": {
        "columns": [
            {"name": "category", "titles": "kind"},
            {"titles": ["officer", "badge"], "suppressOutput": True, "dc:description": "They name people."},
            {"name": "area", "virtual": True, "default": "E23000001"},
        ],
        "foreignKeys": [{"columnReference": "category", "reference": {"resource": "kinds.sssom.tsv"}}],
    },
    "totals": [{"title": "complaints of 2021 and 2022", "is": 9618, "explain": "With those of no kind."}],
    "aggregate": {"by": ["category"], "covers": "2021/2022", "suppress": {"below": 5}},
}
NUMBER, HIDDEN_ONE, PRINTED = "bbbbb", "bbbbc", "bbbbg"


@pytest.fixture
def counted(publish: Publish, api: httpx.Client) -> httpx.Client:
    tables = {"tables/complaints.yaml": json.dumps(TABLE), "mappings/kinds.sssom.tsv": MAPPING}
    publish(COUNTED, files={**chart_file(), **tables})
    return api


def _figure(api: httpx.Client, path: str) -> dict[str, Any]:
    answer: dict[str, Any] = api.get(f"/v1/observations/{path}").json()
    found: dict[str, Any] = answer["data"]
    return found


def _figure_facets(api: httpx.Client) -> list[dict[str, Any]]:
    dataset = api.get("/v1/datasets/allegations").json()["data"]
    return [*dataset["dimensions"], *dataset["attributes"]]


def test_a_counted_figure_is_derived_and_printed_nowhere(counted: httpx.Client) -> None:
    figure = _figure(counted, NUMBER)
    assert (figure["basis"], figure["derivation"], figure["value"]) == ("derived", "complaints@1", 1925)
    assert (figure["printed"], figure["locator"], figure["also_at"]) == (None, None, [])
    assert figure["links"]["printed_at"] is None
    hidden = _figure(counted, HIDDEN_ONE)
    assert (hidden["value"], hidden["value_absent"], hidden["obs_status"]) == (None, "suppressed", "Q")
    printed = _figure(counted, PRINTED)
    assert (printed["basis"], printed["derivation"], printed["printed"]) == ("reported", None, "9")


def test_nobody_stated_a_counted_figure_nor_how_firmly(counted: httpx.Client) -> None:
    figure = _figure(counted, NUMBER)
    assert (figure["qualifier"], figure["stated_by"], figure["hedge"]) == (None, None, None)
    assert _figure(counted, PRINTED)["stated_by"] == {"code": "force", "label": "Force"}
    chosen = "columns=id,qualifier,stated_by,stated_by_label,basis"
    rows = counted.get(f"/v1/observations.csv?{chosen}").text.splitlines()[1:]
    assert f"{NUMBER},,,,derived" in rows
    assert f"{PRINTED},exact,force,Force,reported" in rows
    long = counted.get(f"/v1/observations/by-year.csv?shape=long&{chosen}").text.splitlines()[1:]
    assert f"{NUMBER},,,,derived" in long


def test_no_filter_and_no_facet_says_that_somebody_stated_it(counted: httpx.Client) -> None:
    for condition in ("stated_by=force", "qualifier=exact"):
        found = counted.get(f"/v1/observations?{condition}").json()["data"]
        assert [one["id"] for one in found] == [PRINTED], condition
    (facet,) = [one for one in _figure_facets(counted) if one["name"] == "stated_by"]
    assert [(one["code"], one["figures"]) for one in facet["codes"]] == [("force", 1)]


def test_a_series_of_counted_figures_is_apart_from_those_that_somebody_states(counted: httpx.Client) -> None:
    series = counted.get("/v1/observations/by-year?limit=2").json()
    assert [one["stated_by"] for one in series["data"]] == [None, None]
    assert {one["cells"]["2021"]["qualifier"] for one in series["data"]} == {None}
    (last,) = counted.get(httpx.URL(series["links"]["next"]).raw_path.decode()).json()["data"]
    assert (last["stated_by"], last["cells"]["2021"]["qualifier"]) == ({"code": "force", "label": "Force"}, "exact")


def test_cubes_say_that_who_stated_it_does_not_apply(counted: httpx.Client) -> None:
    cube = counted.get("/v1/observations/by-year.jsonstat").json()
    assert cube["dimension"]["stated_by"]["category"] == {
        "index": ["_Z", "force"],
        "label": {"force": "Force", "_Z": "Not applicable: counted by this register"},
    }
    lines = list(csv.DictReader(io.StringIO(counted.get("/v1/observations/by-year.sdmx").text)))
    assert {(line["CATEGORY"], line["STATED_BY"]) for line in lines} == {
        ("any_misconduct", "_Z"),
        ("fraud", "_Z"),
        ("theft", "force"),
    }


def test_tables_of_pages_say_who_counted(counted: httpx.Client) -> None:
    for path in ("/datasets/allegations", "/sources/paper", "/charts/shown", f"/compare?id={NUMBER}&id={PRINTED}"):
        page = counted.get(path).text
        assert "counted by this register" in page, path


def test_the_evidence_is_the_file_and_how_it_was_counted(counted: httpx.Client) -> None:
    evidence = _figure(counted, f"{NUMBER}/evidence")
    assert evidence["derivation"] == "complaints@1"
    assert [step["role"] for step in evidence["chain"]] == ["counted_from"]
    assert evidence["annotation"]["target"] == [
        {"id": f"ni:///sha-256;{'A' * 43}?ct=text/plain", "type": "Text", "format": "text/plain"}
    ]
    assert "counted again" in evidence["verify"]["explanation"]
    assert _figure(counted, f"{PRINTED}/evidence")["derivation"] is None


def test_the_provenance_names_the_plan_that_was_followed(counted: httpx.Client) -> None:
    provenance = counted.get(f"/v1/observations/{NUMBER}/prov").json()
    (association,) = provenance["wasAssociatedWith"].values()
    assert association["prov:plan"] == "mr:tables/complaints/1"
    (derived,) = provenance["wasDerivedFrom"].values()
    assert derived["prov:generatedEntity"] == f"mr:observations/{NUMBER}/1"
    assert provenance["entity"][f"mr:observations/{NUMBER}/1"]["prov:label"] == "1,925 (Accused)"
    assert {one["prov:agent"] for one in provenance["wasAttributedTo"].values()} == {
        "mr:register",
    }
    assert {one["prov:entity"] for one in provenance["wasAttributedTo"].values()} == {f"mr:observations/{NUMBER}/1"}
    assert "mr:codelists/stated_by/force" not in json.dumps(provenance)


def test_the_table_that_a_derivation_names_can_be_opened(counted: httpx.Client) -> None:
    address = _figure(counted, NUMBER)["links"]["derivation"]
    assert address.endswith("/v1/tables/complaints")
    assert _figure(counted, PRINTED)["links"]["derivation"] is None
    table = counted.get("/v1/tables/complaints").json()["data"]
    assert (table["source"], table["version"], table["aggregate"]["by"]) == ("paper", 1, ["category"])
    assert table["tableSchema"]["columns"][0]["titles"] == "kind"
    plan = counted.get(f"/v1/observations/{NUMBER}/prov").json()["entity"]["mr:tables/complaints/1"]
    assert plan["terms:cite_as"] == f"{address}?release=1.0.0"
    assert '<a href="/tables/complaints"><code>complaints@1</code></a>' in counted.get(f"/observations/{NUMBER}").text
    page = counted.get("/tables/complaints").text
    for words in ("Paper", "not published: They name people.", "/mappings/kinds", "9,618. With those of no kind."):
        assert words in page, words


def test_the_mapping_of_a_table_can_be_opened(counted: httpx.Client) -> None:
    (term,) = counted.get("/v1/mappings/kinds").json()["data"]["mappings"]
    assert (term["subject_label"], term["predicate_id"], term["object_id"]) == ("Larceny", "skos:closeMatch", "theft")
    assert "Also of cars." in counted.get("/mappings/kinds").text
    for path in ("tables", "mappings"):
        assert counted.get(f"/{path}").status_code == 200
        assert counted.get(f"/v1/{path}").json()["meta"]["total"] == 1
        assert counted.get(f"/v1/{path}.csv").status_code == 200


def test_a_citation_says_who_counted(counted: httpx.Client) -> None:
    for form in ("json", "bib", "ris"):
        text = counted.get(f"/v1/observations/{NUMBER}/citation.{form}").text
        assert "Counted by Misconduct Register from: Paper, The publisher" in text, form
        assert "Printed in" not in text


def test_the_page_says_what_was_counted_and_never_that_it_is_printed(counted: httpx.Client) -> None:
    for identity, words in ((NUMBER, "1,925"), (HIDDEN_ONE, "hidden")):
        page = counted.get(f"/observations/{identity}").text
        assert f"<b>{words}</b>" in page
        assert "Counted by this register from: The publisher." in page
        assert "How it was counted" in page
        assert "<code>complaints@1</code>" in page
        assert "Where it comes from" in page
        stated = ("Printed without a hedge", "How firmly stated", "First published", "first published", "Stated by")
        for wrong in ("Where it is printed", "Printed by", "None", "“1,925”", "Who stated it first", *stated):
            assert wrong not in page
        assert ("This register holds the number back" in page) is (words == "hidden")


SHOWN = {1925, 0, 700, 9}
"""The numbers of COUNTED. No other number of people may be in any answer: it would be computed, and tell of hidden ones."""


def test_nothing_that_is_computed_has_a_number_that_is_in_no_row(counted: httpx.Client) -> None:
    for path in ("/v1/observations.csv?columns=value", "/v1/allegations/by-year.csv"):
        lines = list(csv.DictReader(io.StringIO(counted.get(path).text)))
        cells = [cell for line in lines for name, cell in line.items() if name == "value" or name[:2] == "20"]
        found = {int(cell) for cell in cells if cell and cell.isdecimal()}
        assert found, path
        assert found <= SHOWN, path
    by_year = [*_numbers(counted.get("/v1/observations/by-year").json()["data"])]
    assert {one for name, one in by_year if name != "version"} == SHOWN  # `version` is that of a record: 1
    dataset = counted.get("/v1/datasets/allegations").json()["data"]
    assert {name for name, _ in _numbers(dataset)} == {"figures", "version"}  # how many figures, not what they say


def test_no_chart_has_a_number_that_is_in_no_row(counted: httpx.Client) -> None:
    for path in ("/v1/charts/shown.json", "/v1/charts/shown.vl.json", "/v1/allegations/by-year.vl.json"):
        rows = counted.get(path).json()["data"]["values"]
        numbers = {one for name, one in _numbers(rows) if name not in ("version", "place")}  # of a record, and of a row
        assert numbers <= SHOWN, path
        assert {row["shown"] for row in rows if row.get("id")} == {"1,925", "0", "700", "9", "hidden"}, path
    for path, ticks in (
        ("/v1/charts/shown.svg", {"0", "500", "1,000", "1,500", "2,000"}),
        ("/v1/allegations/by-year.svg", {"0", "2021", "2022"}),
    ):
        texts = re.findall(r">([^<]+)<", counted.get(path).text)
        assert {one for one in texts if re.fullmatch("[0-9,]+", one)} <= {"1,925", "0", "700", "9", *ticks}, path
        described = re.findall(r"(?:^|[.;] )([0-9,]+|hidden): ", texts[0])
        assert {*described} <= {"1,925", "0", "700", "9", "hidden"}, path
    described = re.findall(r"(?:^|[.;] )([0-9,]+|hidden): ", counted.get("/v1/charts/shown.json").json()["description"])
    assert described == ["1,925", "700", "9", "0", "hidden"]


def _numbers(content: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Yield each number of a JSON document, with the key that it is under."""
    if isinstance(content, dict):
        for key, one in content.items():
            yield from _numbers(one, key)
    elif isinstance(content, list):
        for one in content:
            yield from _numbers(one, name)
    elif isinstance(content, int | float) and not isinstance(content, bool):
        yield name, content


PATHS = (
    "/v1/observations?detail=full",
    "/v1/observations.csv?detail=full",
    "/v1/observations.jsonl?detail=full",
    "/v1/observations.xlsx?detail=full",
    "/v1/observations.parquet?detail=full",
    "/v1/observations/by-year",
    "/v1/observations/by-year.csv",
    "/v1/observations/by-year.jsonstat",
    "/v1/allegations/by-year.csv",
    "/v1/charts/shown.svg",
    "/v1/charts/shown.json",
    "/v1/charts/shown.vl.json",
    f"/v1/observations/{NUMBER}.csv",
    f"/v1/observations/{HIDDEN_ONE}.svg",
    f"/v1/observations/{HIDDEN_ONE}/history",
    f"/v1/observations/{HIDDEN_ONE}/standing",
    f"/v1/observations/{HIDDEN_ONE}/changes.atom",
    f"/v1/compare?id={NUMBER},{HIDDEN_ONE}",
    f"/v1/standing?cited={NUMBER}:1925,{HIDDEN_ONE}",
    "/v1/changes",
    "/v1/sources/paper",
    "/v1/releases/1.0.0/files",
    f"/compare?id={NUMBER}&id={HIDDEN_ONE}",
    "/look-up?value=1925",
    "/look-up?value=fraud",
    "/datasets/allegations",
    "/charts/shown",
    "/sources/paper",
    "/releases/1.0.0/changes",
)


def test_nothing_fails_on_figures_without_print(counted: httpx.Client) -> None:
    answers = {path: counted.get(path, follow_redirects=True) for path in PATHS}
    assert {path: answer.text[:200] for path, answer in answers.items() if answer.status_code != 200} == {}
    for path, answer in answers.items():
        if "text" in answer.headers["content-type"] or "json" in answer.headers["content-type"]:
            assert "“None”" not in answer.text, path
            assert ">None<" not in answer.text, path


def test_tables_have_an_empty_cell_where_nothing_is_printed(counted: httpx.Client) -> None:
    lines = counted.get("/v1/observations.csv?columns=id,value,printed,basis,derivation").text.splitlines()
    rows = {line.split(",")[0]: line.split(",")[1:5] for line in lines[1:]}
    assert rows[NUMBER] == ["1925", "", "derived", "complaints@1"]
    assert rows[HIDDEN_ONE] == ["", "", "derived", "complaints@1"]
    assert rows[PRINTED] == ["9", "9", "reported", ""]


def test_an_empty_cell_of_a_table_by_year_says_that_its_number_is_hidden(counted: httpx.Client) -> None:
    rows = {row["category"]["code"]: row for row in counted.get("/v1/allegations/by-year").json()["data"]}
    assert rows["any_misconduct"]["values"] == {"2021": 1925, "2022": None}
    assert rows["any_misconduct"]["gaps"] == {"2022": "suppressed"}
    lines = csv.DictReader(io.StringIO(counted.get("/v1/allegations/by-year.csv").text, newline=""))
    found = {line["category"]: (line["2021"], line["2022"], line["gaps"]) for line in lines}
    assert found["any_misconduct"] == ("1925", "", "2022:suppressed")


LEFT_OUT = """
category       | year    | value | value_absent | obs_status | derivation
any_misconduct | 2019-01 |     7 |              |            | complaints@1
any_misconduct | 2021-01 |    11 |              |            | complaints@1
fraud          | 2020-01 |     8 |              |            | complaints@1
theft          | 2019-01 |     9 |              |            |
theft          | 2021-01 |     6 |              |            |
"""


def test_a_year_that_this_register_did_not_count_is_not_said_of_the_source(publish: Publish, api: httpx.Client) -> None:
    publish(LEFT_OUT, files={"tables/complaints.yaml": json.dumps(TABLE), "mappings/kinds.sssom.tsv": MAPPING})
    rows = {row["category"]["code"]: row["gaps"] for row in api.get("/v1/allegations/by-year").json()["data"]}
    assert rows == {
        "any_misconduct": {"2020": "not_counted"},
        "fraud": {"2019": "not_counted", "2021": "not_counted"},
        "theft": {"2020": "not_stated"},
    }
    long = csv.DictReader(io.StringIO(api.get("/v1/allegations/by-year.csv?shape=long").text, newline=""))
    assert [(row["category"], row["year"]) for row in long if row["gap"] == "not_counted"] == [
        ("any_misconduct", "2020"),
        ("fraud", "2019"),
        ("fraud", "2021"),
    ]
    cube = api.get("/v1/allegations/by-year.jsonstat").json()
    assert sorted(one for one in cube["status"].values() if one.startswith("not_")) == [
        *["not_counted"] * 3,
        "not_stated",
    ]
    sdmx = csv.DictReader(io.StringIO(api.get("/v1/allegations/by-year.sdmx").text, newline=""))
    found = sorted((row["GAP"], row["OBS_STATUS"]) for row in sdmx if row["GAP"])
    assert found == [*[("not_counted", "O")] * 3, ("not_stated", "O")]
    assert ">not counted<" in api.get("/datasets/allegations").text
    drawn = api.get("/v1/allegations/by-year.svg").text
    assert "1 year has no published figure. 3 years have no figure, as this register counted none." in drawn
    assert "no figure given or counted; not to be read as zero" in drawn
    fraud = api.get("/v1/allegations/by-year.svg?category=any_misconduct").text
    assert "1 year has no figure, as this register counted none." in fraud
    assert "no figure counted; not to be read as zero" in fraud
    assert "published figure" not in fraud
    rows = api.get("/v1/allegations/by-year.vl.json").json()["data"]["values"]
    assert {(row["gap"], row["detail"]) for row in rows if row["gap"]} == {
        ("not_counted", "not counted"),
        ("not_stated", ""),
    }


def test_pictures_say_who_counted(counted: httpx.Client) -> None:
    chart = json.loads(counted.get("/v1/charts/shown.json").text)
    assert "counted by this register from The publisher" in json.dumps(chart)
    svg = counted.get("/v1/charts/shown.svg").text
    assert "1,925" in svg
    assert "hidden" in svg


def test_a_look_up_finds_a_counted_number(counted: httpx.Client) -> None:
    page = counted.get("/look-up?value=1925").text
    assert "Counted by this register from" in page
    assert counted.get("/look-up?value=1").text.count("Counted by this register") == 0


def test_a_look_up_leads_from_a_published_total_to_its_table(counted: httpx.Client) -> None:
    for typed in ("9,618", "9618 complaints"):
        page = counted.get("/look-up", params={"value": typed}).text
        assert "1 published total of a table" in page, typed
        assert '<a href="/tables/complaints#totals">complaints of 2021 and 2022</a>' in page, typed
    for typed in ("9,617", "1925", "fraud"):
        assert "published total" not in counted.get("/look-up", params={"value": typed}).text, typed


def test_a_look_up_shows_twenty_published_totals_at_most(publish: Publish, api: httpx.Client) -> None:
    totals = [{"title": f"Total {number}", "is": 7 if number % 2 else "7 cases"} for number in range(30)]
    table = json.dumps(TABLE | {"totals": totals})
    publish(LEFT_OUT, files={"tables/complaints.yaml": table, "mappings/kinds.sssom.tsv": MAPPING})
    page = api.get("/look-up?value=7").text
    assert "30 published totals of tables" in page
    assert page.count("/tables/complaints#totals") == 20
    assert "The first 20 are shown." in page
    assert "published total" not in api.get("/look-up?value=6").text


def test_the_many_published_totals_of_a_release_are_read_once_in_their_turn(
    served: Served, counted: httpx.Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    read, read_totals, go_on = [], look_up._read_totals, Event()

    def take_long(catalogue: Catalogue) -> StatedTotals:
        read.append(catalogue)
        assert go_on.wait(30)
        return read_totals(catalogue)

    monkeypatch.setattr(look_up, "_read_totals", take_long)
    monkeypatch.setattr(encoder, "LONGEST_PAGE", 0)
    with monkeypatch.context() as patched:
        patched.setattr(served.service.encoder._exports, "_free", 0)
        assert counted.get("/look-up?value=9618").status_code == 503
    with ThreadPoolExecutor(2) as pool:
        asked = [pool.submit(counted.get, f"/look-up?value={value}") for value in ("9618", "9,618")]
        try:
            eventually(lambda: bool(served.service.encoder._long_turns._waiting), 30)
        finally:
            go_on.set()
        assert ["1 published total of a table" in one.result().text for one in asked] == [True, True]
    assert len(read) == 1


@pytest.mark.parametrize(
    ("totals", "told"),
    [
        ([{"title": "All", "is": 1}] * 1_001, "at most 1000 items"),
        ([{"title": "All", "is": "1 " * 31}], "at most 60 characters"),
    ],
)
def test_a_table_has_so_many_totals_and_each_is_a_number(tmp_path, totals, told) -> None:
    table = json.dumps(TABLE | {"totals": totals})
    register = write_register(
        tmp_path / "data", LEFT_OUT, **{"tables/complaints.yaml": table, "mappings/kinds.sssom.tsv": MAPPING}
    )
    assert told in "\n".join(mistakes_of(register))


def test_two_counted_figures_are_never_one_claim(counted: httpx.Client) -> None:
    answer = counted.get(f"/v1/compare?id={NUMBER},bbbbd").json()
    assert "printed" not in answer["data"]["sentence"]
    different = counted.get(f"/v1/compare?id={NUMBER},bbbbf").json()["data"]
    assert (different["verdict"], different["sentence"].rpartition(". ")[2]) == (
        "different",
        "They go back to one origin.",
    )
