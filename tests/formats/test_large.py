"""A table has every figure that a request finds, once and in order, however many they are."""

import csv
import io
import tempfile
from itertools import islice, product
from pathlib import Path

import polars
import pytest

from misconduct.model.figure import REGISTER_COLUMNS, read_cells
from misconduct.releases.folder import Release
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import Service

IDS = [
    "".join(letters) for letters in islice(product("bcdfghjkmn", repeat=5), 5_001)
]  # one more than a page has
CELLS = {
    "measure": "alleged",
    "category": "any",
    "area": "gb",
    "population": "officers",
    "counting_unit": "people",
}
CELLS |= {
    "statistic": "count",
    "unit": "count",
    "printed": "7",
    "value": "7",
    "source": "report",
    "period": "2022",
}


@pytest.fixture(scope="module")
def client():
    """A client of a service with 5,001 figures that differ in nothing but their ids."""
    empty = dict.fromkeys(REGISTER_COLUMNS, "")
    rows = [read_cells(empty | CELLS | {"id": identity}) for identity in IDS]
    about = {
        "number": "1.0.0",
        "day": "2026-11-20",
        "summary": "Many.",
        "changes": [],
        "excluded": [],
    }
    release = Release(
        figures=rows,
        records={"source": {"report": {"id": "report", "published": "2023"}}},
        **about,
    )
    with tempfile.TemporaryDirectory(prefix="misconduct-large-") as folder:
        Path(folder).chmod(0o755)  # the account of the server must be able to enter it
        data = Path(folder) / "data"
        add_to_list(data, write_release(data / "releases/1.0.0", release))
        service = Service(Path(folder), data)
        try:
            yield service.wait().client
        finally:
            service.stop()


def read_ids(client, query):
    """Return the ids of a table, in its order. One that repeats them would never end, so it is cut."""
    with client.stream("GET", f"/v1/observations.csv?columns=id{query}") as answer:
        lines = [*islice(answer.iter_lines(), 2 * len(IDS))]
    return lines[1:]


@pytest.mark.parametrize(
    "offset", [0, 1, 2, 3]
)  # 5,001 figures are left, 5,000, 4,999, and less than a page
def test_a_table_has_every_figure_from_its_offset_on(client, offset):
    assert read_ids(client, f"&offset={offset}") == IDS[offset:]
    assert read_ids(client, f"&offset={offset}&sort=-id") == IDS[::-1][offset:]


def test_files_and_long_tables_by_year_have_every_figure(client):
    rows = polars.read_parquet(
        io.BytesIO(client.get("/v1/observations.parquet?columns=id&offset=1").content)
    )
    assert rows["id"].to_list() == IDS[1:]
    asked = "/v1/observations/by-year.csv?shape=long&offset={}"
    whole, rest = (
        [*csv.DictReader(io.StringIO(client.get(asked.format(one)).text))]
        for one in (0, 4_999)
    )
    assert sorted(row["id"] for row in whole) == IDS
    assert rest == whole[4_999:]


def test_a_table_begins_and_ends_where_it_is_asked_to(client):
    text = client.get("/v1/observations.csv?columns=id&offset=2&limit=101").text
    assert [row["id"] for row in csv.DictReader(io.StringIO(text))] == IDS[2:103]


def test_json_has_a_page_and_says_how_many_there_are_at_least(client):
    answer = client.get("/v1/observations?columns=id").json()
    meta = answer["meta"]
    told = (meta["total"], meta["total_is_at_least"], meta["returned"])
    assert told == (5_000, True, 100)
    assert [row["id"] for row in answer["data"]] == IDS[:100]
