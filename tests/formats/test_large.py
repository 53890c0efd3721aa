"""A table has every figure that a request finds, once and in order, however many they are."""

import tempfile
from decimal import Decimal
from itertools import islice, product
from pathlib import Path

import pytest

from misconduct.model.figure import REGISTER_COLUMNS, read_cells
from misconduct.model.points import NAMES
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
    }
    point = dict.fromkeys(NAMES) | {
        "indicator": "dismissed", "area_code": "gb", "kind": "all", "scope": "all",
        "unit": "people", "value": Decimal(7), "topic": "outcomes", "latest": 0,
            "default": 1,
    }  # fmt: skip
    release = Release(
        figures=rows,
        table=[point | {"id": identity, "time": identity} for identity in IDS],
        records={
            "source": {"report": {"id": "report", "published": "2023"}},
            "code": {
                "stated_by/report": {"label": "A report"},
                "area/gb": {"label": "United Kingdom"},
            },
        },
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
    with client.stream("GET", f"/v1/figures.csv?columns=id{query}") as answer:
        lines = [*islice(answer.iter_lines(), 2 * len(IDS))]
    return lines[1:]


@pytest.mark.parametrize(
    "offset", [0, 1, 2, 3]
)  # 5,001 figures are left, 5,000, 4,999, and less than a page
def test_a_table_has_every_figure_from_its_offset_on(client, offset):
    assert read_ids(client, f"&offset={offset}") == IDS[offset:]
    assert read_ids(client, f"&offset={offset}&sort=-id") == IDS[::-1][offset:]


def test_a_table_that_is_sent_in_pieces_has_no_ranges(client):
    """Its length is not known when it begins; HEAD says the same."""
    for method in ("HEAD", "GET"):
        answer = client.request(
            method, "/v1/figures.csv", headers={"Range": "bytes=0-9"}
        )
        assert answer.status_code == 200
        assert not {"content-length", "accept-ranges"} & answer.headers.keys()


def test_a_file_that_is_cut_names_the_next_part(client):
    answer = client.get("/v1/figures.csv?columns=id&sort=-id&limit=1000")
    rest = client.get(answer.links["next"]["url"])
    both = [*answer.text.split()[1:], *rest.text.split()[1:]]
    assert both == IDS[::-1][:2_000]


def test_json_has_a_page_and_says_how_many_there_are_at_least(client):
    """Of all figures the release says how many; those that a filter finds are counted up to 5,000."""
    answer = client.get("/v1/figures?columns=id&topic=outcomes").json()
    meta = answer["meta"]
    told = (meta["total"], meta["total_is_at_least"], meta["returned"])
    assert told == (5_000, True, 1_000)
    assert [row["id"] for row in answer["data"]] == IDS[:1_000]
    assert client.get("/v1/figures?columns=id").json()["meta"]["total"] == 5_001
