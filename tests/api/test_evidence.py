"""Anybody can check a figure: its words stand at its place, in the document with its SHA-256."""

from collections import Counter
from hashlib import sha256

import pytest

from ..site.test_pages import read

PHILADELPHIA = "philadelphia-complaint-findings"
ARTICLES = ",".join(
    (
        "brit-brief-1000-officers-accused",
        "eye-of-media-2023-another-1000-cases",
        "eye-of-media-2023-major-shake-up",
        "eye-of-media-2024-disclosure",
        "police-oracle-2023-met-review",
    )
)


@pytest.fixture(scope="module")
def documents(shared):
    """The articles by the SHA-256 of their files."""
    files = [path.read_bytes() for path in sorted(shared.glob("documents/*.txt"))]
    return {sha256(content).hexdigest(): content.decode() for content in files}


def test_every_figure_stands_where_its_evidence_says(client, documents):
    asked = f"/v1/observations?source={ARTICLES}&limit=100&columns=id"
    ids = [row["id"] for row in client.get(asked).json()["data"]]
    assert len(ids) == 68
    for identity in ids:
        figure = client.get(f"/v1/observations/{identity}").json()["data"]
        evidence = figure["evidence"]
        text, selector = documents[evidence["sha256"]], evidence["selector"]
        start, end = selector["start"], selector["end"]
        assert (selector["type"], evidence["exact"]) == (
            "TextPositionSelector",
            figure["printed"],
        )
        assert text[start:end] == evidence["exact"], identity
        before, after = evidence["before"], evidence["after"]
        assert (
            text[start - len(before) : end + len(after)]
            == before + evidence["exact"] + after
        ), identity


@pytest.mark.parametrize(
    ("year", "then", "today"),
    [
        ("2017", {"2018-07": 164, "2020-08": 238}, 245),
        ("2018", {"2018-07": 0, "2020-08": 476}, 469),
        ("2019", {"2020-08": 514}, 635),
    ],
)
def test_a_figure_says_what_earlier_editions_gave_for_it(client, year, then, today):
    """Sustained findings in Philadelphia, as counted in its files of July 2018, August 2020 and 2021."""
    asked = f"/v1/observations?source={PHILADELPHIA}&measure=proven&year={year}&columns=id,value"
    rows, found = client.get(asked).json()["data"], Counter()
    assert sum(row["value"] for row in rows) == today
    for row in rows:
        for one in client.get(f"/v1/observations/{row['id']}").json()["data"][
            "earlier_counts"
        ]:
            assert one["source"]["id"] == f"{PHILADELPHIA}-{one['day'][:4]}"
            found[one["day"]] += int(one["number"])
    assert dict(found) == then  # a day without a count is not zero


def test_an_earlier_count_of_a_year_that_was_not_over_is_of_a_part_of_it(client):
    """Physical abuse, not sustained, in 2018: 3 by July of that year, and 202 two years later."""
    counts = client.get("/v1/observations/jz39x").json()["data"]["earlier_counts"]
    assert [(one["number"], (one["coverage"] or {}).get("code")) for one in counts] == [
        ("3", "part"),
        ("202", None),
    ]
    assert (
        "July 2018: 3 (part); August 2020: 202."
        in read(client, "/observations/jz39x").text
    )
    workforce = read(
        client, "/observations/h3jft"
    ).text  # of the Home Office, complete and corrected
    assert "January 2016: 31,793." in workforce
    assert "decided then" not in workforce


def test_earlier_counts_are_no_figures(client):
    """Only the figure and its page have them: d564m, domestic abuse sustained in 2018, was 0 and then 1."""
    page = read(client, "/observations/d564m")
    assert "July 2018: none so far; August 2020: 1." in page.text
    assert f"/sources/{PHILADELPHIA}-2018" in page.links
    for edition in ("2018", "2020"):
        asked = f"/v1/observations?source={PHILADELPHIA}-{edition}"
        assert client.get(asked).json()["meta"]["total"] == 0
    asked = f"/v1/observations?source={PHILADELPHIA}&limit=1000"
    found = client.get(asked).json()["data"]
    assert (len(found), sum(row["value"] for row in found)) == (139, 8_839)
