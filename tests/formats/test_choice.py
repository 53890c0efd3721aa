"""The same figures in every format, chosen by the suffix of the address or by the header Accept."""

from datetime import date

import pytest

JSON, CSV, PARQUET, XLSX = (
    "application/json",
    "text/csv",
    "application/vnd.apache.parquet",
    "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
)
SHOWN = "id,value,shown,year,period_start,part_of,cite_as"


def in_a_cell(value):
    """Return a value of a cell as JSON has it."""
    return value.isoformat() if isinstance(value, date) else value


@pytest.mark.parametrize(
    ("accept", "media_type"),
    [
        (None, JSON),
        ("*/*", JSON),
        ("text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", JSON),
        ("text/csv", CSV),
        ("text/csv, */*", CSV),
        ("application/json;q=0.4, text/csv;q=0.5", CSV),
        ("application/json;q=0, */*;q=0.1", CSV),
        (f"{PARQUET}, {JSON};q=0.9", PARQUET),
        (XLSX.upper(), XLSX),
        (f"{XLSX};q=0", None),
        ("video/mp4, text/csv;q=0", None),
    ],
)
def test_the_format_that_is_accepted_best_is_sent(client, accept, media_type):
    headers = {"Accept": accept} if accept else {}
    request = client.build_request("GET", "/v1/figures?id=k7m3q", headers=headers)
    if not accept:
        del request.headers["accept"]
    answer = client.send(request)
    assert answer.status_code == (200 if media_type else 406)
    assert answer.headers["content-type"].partition(";")[0] == (
        media_type or "application/problem+json"
    )


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/v1/sources/nothing.csv", 404),
        ("/v1/figures/zzzzz.csv", 404),
        ("/v1/charts/nothing.csv", 404),
        ("/v1/sources/police-oracle-2023-met-review.csv", 406),
        ("/v1/figures/k7m3q.csv", 406),
        ("/v1/sources.csv?sort=id", 422),
        ("/v1/sources.png?sort=id", 422),
        ("/v1/sources.png", 406),
        ("/v1/nothing/by-year.doc", 404),
    ],
)
def test_what_is_not_there_is_said_before_what_has_no_format(client, path, status):
    assert client.get(path).status_code == status


def test_the_suffix_counts_more_than_the_header(client):
    assert (
        client.get("/v1/figures.parquet?id=k7m3q", headers={"Accept": CSV}).headers[
            "content-type"
        ]
        == PARQUET
    )
