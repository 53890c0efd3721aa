"""Write the answers of the first house as CSV files, for the second house to agree with.

Run once, from the project's folder, while the first house runs:

    .venv/bin/python tests/oracle/write.py http://localhost:8000

A row is a state, and `releases` lists the releases that show it. Several values in a cell are separated by spaces;
`evidence`, `before` and `after` are JSON. The bundle of each release goes to `data/earlier-bundles`.
"""

import csv
import io
import itertools
import json
import sys
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import httpx

HERE = Path(__file__).parent
BUNDLES = HERE.parents[1] / "data" / "earlier-bundles"

RELEASES = ("1.0.0", "1.1.0", "1.2.0", "2.0.0", "2.1.0", "2.2.0")
NEWEST = RELEASES[-1]
DATASETS = ("allegations", "case-reviews", "duty-status", "public-trust", "reports", "vetting-checks", "workforce")
KINDS = """
    sources caveats checks disagreements corrections non-publications not-published charts datasets relations
    classifications
"""
DIMENSIONS = "measure statistic category area population counting_unit unit period"
SERIES = "series measure category area population counting_unit statistic unit stated_by source"
WRONG_NUMBER = "999999"
CITED_PER_REQUEST = 100  # the most that the first house takes

Row = dict[str, Any]


class FirstHouse:
    """A client of the running first house, which sends one request at a time."""

    def __init__(self, address: str) -> None:
        self._client = httpx.Client(base_url=address, timeout=30, trust_env=False)

    def file(self, path: str, **query: str | list[str]) -> bytes:
        """Return the bytes of an answer. A list repeats its parameter."""
        return self._client.get(path, params=query or None).raise_for_status().content

    def table(self, path: str, **query: str | list[str]) -> list[Row]:
        """Return the rows of a CSV answer."""
        return list(csv.DictReader(io.StringIO(self.file(path, **query).decode(), newline="")))

    def data(self, path: str, **query: str | list[str]) -> Any:
        """Return `data` of a JSON answer; for a list, of all its pages."""
        answer = json.loads(self.file(path, **query))
        data = answer["data"]
        while following := answer["links"]["next"]:
            answer = json.loads(self.file(following))
            data += answer["data"]
        return data


def figures(house: FirstHouse) -> Iterator[Row]:
    """Yield every figure of every release."""
    for release in RELEASES:
        yield from house.table("/v1/observations.csv", release=release, detail="full", limit="1000")


def records(house: FirstHouse) -> Iterator[Row]:
    """Yield the number and the ids of the records of each kind, and of the codes of each code list."""
    for release in RELEASES:
        ids = {kind: [record["id"] for record in house.data(f"/v1/{kind}", release=release)] for kind in KINDS.split()}
        for codelist in house.data("/v1/codelists", release=release):
            ids[f"codelists/{codelist['id']}"] = [code["code"] for code in codelist["codes"]]
        for kind, found in ids.items():
            yield {"release": release, "kind": kind, "records": len(found), "ids": sorted(found)}


def by_year(house: FirstHouse) -> Iterator[Row]:
    """Yield the long rows, and the windows of the wide rows, of each by-year table."""
    for release, table, shape in itertools.product(RELEASES, ("observations", *DATASETS), ("long", "wide")):
        path = f"/v1/{table}/by-year.csv"
        for row in house.table(path, release=release, shape=shape, detail="full", limit="1000"):
            yield (row if shape == "long" else window(row)) | {"release": release, "table": table, "shape": shape}


def window(row: Row) -> Row:
    """Return the window of a wide row under the names of a long row: `value` is `window_value`."""
    names = (*SERIES.split(), "ids", "gaps", "values_absent", "non_publications")
    values = {name.removeprefix("window_"): text for name, text in row.items() if name.startswith("window_")}
    return {name: row[name] for name in names} | values


def checks(house: FirstHouse) -> Iterator[Row]:
    """Yield each check with its outcome."""
    for release in RELEASES:
        for check in house.data("/v1/checks", release=release):
            yield check | check["outcome"] | {"release": release}


def disagreements(house: FirstHouse) -> Iterator[Row]:
    """Yield each disagreement with the relation along each dimension, and the figures of each origin."""
    for release in RELEASES:
        for record in house.data("/v1/disagreements", release=release):
            computed = record["computed"]
            yield record | computed["dimensions"] | {"evidence": computed["evidence"], "release": release}


def changes(house: FirstHouse) -> Iterator[Row]:
    """Yield every change after the first release, for figures with each changed field before and after."""
    for change in house.data("/v1/changes", since=RELEASES[0]):
        fields = change["changes"]
        row = change | {"fields": [field["field"] for field in fields]}
        if change["kind"] == "observation":
            row["before"] = {field["field"]: field["old"] for field in fields}
            row["after"] = {field["field"]: field["new"] for field in fields}
        yield row


def standing(house: FirstHouse) -> Iterator[Row]:
    """Yield how each figure stands: cited without a number, with its value if it has one, and with a wrong number."""
    for release in RELEASES:
        values = house.table("/v1/observations.csv", release=release, columns="id,value", limit="1000")
        citations = [
            (row["id"], number)
            for row in values
            for number in dict.fromkeys(("", row["value"], WRONG_NUMBER))  # once, if the value is empty
        ]
        for start in range(0, len(citations), CITED_PER_REQUEST):
            batch = citations[start : start + CITED_PER_REQUEST]
            cited = [f"{figure}:{number}" if number else figure for figure, number in batch]
            answers = house.table("/v1/standing.csv", cited=cited, release=release)
            for (figure, number), answer in zip(batch, answers, strict=True):
                assert answer["id"] == figure
                yield answer | {"cited": number, "release": release}


def compare(house: FirstHouse) -> Iterator[Row]:
    """Yield the comparison of every two figures that share a disagreement."""
    pairs: dict[tuple[str, str], list[str]] = {}
    for record in house.data("/v1/disagreements", release=NEWEST):
        for pair in itertools.combinations(sorted(record["members"]), 2):
            pairs.setdefault(pair, []).append(record["id"])
    for pair, shared in pairs.items():
        answer = house.data("/v1/compare", id=list(pair), release=NEWEST)
        relations = {dimension["dimension"]: dimension["relation"] for dimension in answer["dimensions"]}
        yield answer | relations | {"id": pair[0], "other_id": pair[1], "disagreements": shared, "release": NEWEST}


def releases(house: FirstHouse) -> Iterator[Row]:
    """Yield each release."""
    for release in house.data("/v1/releases"):
        yield release | {"release": release["number"], "day": release["released"]}


# What is written: the file, where its rows come from, and its columns, named as in the answers.
FILES: tuple[tuple[str, Callable[[FirstHouse], Iterator[Row]], str], ...] = (
    (
        "figures.csv",
        figures,
        """id releases value printed locator also_at hedge hedge_locator qualifier value_absent unit statistic measure
        category area population counting_unit source source_sha256 stated_by origin part_of repeats denominator
        value_low value_high period_type period_start period_end duration period_printed period_locator year coverage
        obs_status vetting_check vetting_result stock_or_flow stage caveats disagreements datasets printed_at""",
    ),
    ("records.csv", records, "kind releases records ids"),
    (
        "by_year.csv",
        by_year,
        f"""table releases shape {SERIES} year value printed qualifier hedge value_absent gap coverage id part_of
        repeats start end duration period_printed is_total ids gaps values_absent non_publications""",
    ),
    ("checks.csv", checks, "id releases type whole parts share asserted result stated computed unlike missing_years"),
    ("disagreements.csv", disagreements, f"id releases members reasons {DIMENSIONS} evidence"),
    ("changes.csv", changes, "release kind id version action fields before after reason replaced_by"),
    (
        "standing.csv",
        standing,
        """id releases cited status print_instead_id print_instead print_instead_hedge print_instead_value replaced_by
        resembles_others""",
    ),
    ("compare.csv", compare, f"id other_id release disagreements verdict comparable_along reservations {DIMENSIONS}"),
    ("releases.csv", releases, "release day digest summary"),
)


def cell(value: Any) -> str:
    """Return the text of a cell: words as they are, a list of words separated by spaces, anything else as JSON."""
    if value is None or isinstance(value, str):
        return value or ""
    if isinstance(value, list) and not any(isinstance(item, dict) for item in value):
        return " ".join(map(str, value))
    return json.dumps(value, ensure_ascii=False)


def join_releases(rows: Iterable[Row], columns: list[str]) -> Iterator[Row]:
    """Yield equal rows of several releases as one, whose `releases` lists them."""
    states: dict[tuple[str, ...], list[str]] = {}
    shown = [column for column in columns if column != "releases"]
    for row in rows:
        states.setdefault(tuple(cell(row.get(column)) for column in shown), []).append(row["release"])
    for cells, found in states.items():
        yield dict(zip(shown, cells, strict=True)) | {"releases": found}


def write(name: str, rows: Iterable[Row], columns: list[str]) -> None:
    """Write a file in the order of its first column, and print its size."""
    if "releases" in columns:
        rows = join_releases(rows, columns)
    cells = sorted(([cell(row.get(column)) for column in columns] for row in rows), key=lambda line: line[0])
    path = HERE / name
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows([columns, *cells])
    print(f"{name}: {len(cells)} rows, {path.stat().st_size} bytes")


def fetch_bundles(house: FirstHouse) -> None:
    """Keep the bundle of each release as the first house serves it."""
    BUNDLES.mkdir(parents=True, exist_ok=True)
    for release in RELEASES:
        size = (BUNDLES / f"{release}.zip").write_bytes(house.file(f"/v1/releases/{release}/bundle.zip"))
        print(f"{release}.zip: {size} bytes")


if __name__ == "__main__":
    first_house = FirstHouse(sys.argv[1])
    for name, rows, columns in FILES:
        write(name, rows(first_house), columns.split())
    fetch_bundles(first_house)
