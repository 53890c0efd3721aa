"""Pages in every format: whoever follows `rel="next"` collects every row, and in the format of the first page."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable

import httpx
import openpyxl
import polars
import pytest

from misconduct.formats import FORMATS
from tests.serving import Served


def read_sheet(body: bytes) -> list[str]:
    header, *rows = openpyxl.load_workbook(io.BytesIO(body))["figures"].iter_rows(values_only=True)
    return [str(row[header.index("id")]) for row in rows]


IDS: dict[str, Callable[[bytes], list[str]]] = {
    "json": lambda body: [one["id"] for one in json.loads(body)["data"]],
    "csv": lambda body: [row["id"] for row in csv.DictReader(io.StringIO(body.decode(), newline=""))],
    "jsonl": lambda body: [json.loads(line)["id"] for line in body.splitlines()],
    "parquet": lambda body: polars.read_parquet(io.BytesIO(body))["id"].to_list(),
    "xlsx": read_sheet,
}
"""How the ids of a page are read, by format."""


def follow(served: Served, address: str, headers: dict[str, str] | None = None) -> list[httpx.Response]:
    """The page at this address and all that come after it; only the first request has the headers."""
    pages = [served.client.get(address, headers=headers)]
    while following := pages[-1].links.get("next"):
        pages.append(served.client.get(following["url"].removeprefix(served.service.base_url)))
    return pages


@pytest.mark.parametrize("form", IDS)
@pytest.mark.parametrize("chosen", ["by suffix", "by Accept"])
def test_pages_of_a_listing_are_all_of_one_format_and_hold_all_figures(real, form, chosen):
    address, headers = "/v1/observations", {"Accept": FORMATS[form].media_type}
    if chosen == "by suffix":
        address, headers = f"{address}.{form}", {}
    pages = follow(real, f"{address}?limit=30&release=2.1.0", headers)
    assert {page.headers["content-type"] for page in pages} == {FORMATS[form].content_type}
    found = [one for page in pages for one in IDS[form](page.content)]
    assert (len(pages), len(found), len(set(found))) == (3, 68, 68)


@pytest.mark.parametrize("form", [*IDS, "jsonstat"])
def test_pages_of_series_are_all_of_one_format(real, form):
    pages = follow(real, f"/v1/observations/by-year.{form}?limit=6")
    assert {page.headers["content-type"] for page in pages} == {FORMATS[form].content_type}
    assert len(pages) == 3


def test_pages_of_series_have_the_columns_of_the_whole_table(real):
    header, *others = {page.text.splitlines()[0] for page in follow(real, "/v1/observations/by-year.csv?limit=1")}
    assert others == []
    assert header == real.client.get("/v1/observations/by-year.csv").text.splitlines()[0]


@pytest.mark.parametrize("form", [*IDS, "jsonstat"])
def test_the_address_that_a_table_gives_for_itself_has_its_format(real, form):
    answer = real.client.get(f"/v1/observations/by-year.{form}")
    canonical = answer.links["canonical"]["url"].removeprefix(real.service.base_url)
    assert canonical == f"/v1/observations/by-year.{form}?release=2.2.0"
    assert real.client.get(canonical).content.count(b"mw44s") == answer.content.count(b"mw44s")


def test_what_has_the_first_format_without_asking_is_linked_without_a_suffix(real):
    page = real.client.get("/v1/observations?limit=30", headers={"Accept": "text/plain, */*"})
    assert page.json()["links"]["next"].startswith(f"{real.service.base_url}/v1/observations?cursor=")
    assert page.json()["links"]["next"] == page.links["next"]["url"]


def test_a_json_stat_dataset_names_its_own_address(real):
    dataset = real.client.get("/v1/observations/by-year.jsonstat").json()
    address = dataset["href"].removeprefix(real.service.base_url)
    assert real.client.get(address).json()["href"] == dataset["href"]


SOURCES = "&".join(["source=eye-of-media-2024-disclosure&source=eye-of-media-2023-major-shake-up"] * 50)
EMOJI, ACCENT = "%F0%9F%98%80", "%C3%A9"


@pytest.mark.parametrize(
    "address",
    [
        f"/v1/observations?limit=1&{SOURCES}",
        f"/v1/observations/by-year?limit=1&{SOURCES}",
        "/v1/observations?limit=1&" + "&".join(f"columns={name}" for name in ("id", *["caveat_texts"] * 99)),
        "/v1/standing?" + "&".join(["cited=k7m3q:1492"] * 100),
        "/v1/observations?limit=1&" + "&".join(["value=1492&value=544"] * 50 + ["publisher=The+Eye+Of+Media.Com"] * 99),
        f"/v1/observations?limit=1&title={EMOJI * 490}&subtitle={ACCENT * 347}",  # 7,986 bytes
    ],
    ids=["sources", "by year", "columns", "cited", "two hundred parameters", "eight kilobytes"],
)
def test_each_link_of_the_longest_questions_can_be_followed(real, address):
    first = real.client.get(address)
    links, base_url = first.json()["links"], real.service.base_url
    assert real.client.get(links["self"].removeprefix(base_url)).content == first.content
    for name in {"pinned", "csv", "next"} & links.keys():
        if links[name] is not None:
            answer = real.client.get(links[name].removeprefix(base_url))
            assert (name, answer.status_code) == (name, 200)
            assert name != "pinned" or answer.json()["data"] == first.json()["data"]
    path, _, query = address.partition("?")
    assert {page.status_code for page in follow(real, f"{path}.csv?{query}")} == {200}


def test_a_series_with_the_longest_codes_has_a_next_page(api, publish):
    about = " | ".join(letter * 180 for letter in "apc")
    rows = [f"{letter * 180} | {about} | 2022 | 5" for letter in "kl"]
    publish("\n".join(["category | area | population | counting_unit | year | value", *rows]))
    first = api.get("/v1/observations/by-year?limit=1")
    second = api.get(first.links["next"]["url"].removeprefix("http://localhost:8000"))
    assert (second.status_code, second.json()["data"][0]["category"]["code"]) == (200, "l" * 180)
