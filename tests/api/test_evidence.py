"""Anybody can check a figure: its words stand at its place, in the document with its SHA-256."""

from hashlib import sha256

import pytest

PHILADELPHIA = "philadelphia-complaint-findings"
ARTICLES = (
    "brit-brief-1000-officers-accused",
    "eye-of-media-2023-another-1000-cases",
    "eye-of-media-2023-major-shake-up",
    "eye-of-media-2024-disclosure",
    "police-oracle-2023-met-review",
)


@pytest.fixture(scope="module")
def documents(shared):
    """The articles by the SHA-256 of their files."""
    files = [path.read_bytes() for path in sorted(shared.glob("documents/*.txt"))]
    return {sha256(content).hexdigest(): content.decode() for content in files}


def test_every_figure_stands_where_its_evidence_says(client, documents):
    sources = "&".join(f"source={one}" for one in ARTICLES)
    asked = f"/v1/figures?{sources}&columns=id"
    ids = [row["id"] for row in client.get(asked).json()["data"]]
    assert len(ids) == 68
    for identity in ids:
        figure = client.get(f"/v1/figures/{identity}").json()["data"]
        evidence = figure["evidence"]
        text, selector = documents[evidence["sha256"]], evidence["selector"]
        start, end = selector["start"], selector["end"]
        exact, before, after = (evidence[one] for one in ("exact", "before", "after"))
        assert (selector["type"], exact) == ("TextPositionSelector", figure["printed"])
        around = text[start - len(before) : end + len(after)]
        assert around == f"{before}{exact}{after}", identity


def test_earlier_counts_are_no_figures(client):
    for edition, figures in (("-2018", 0), ("-2020", 0), ("", 139)):
        asked = f"/v1/figures?source={PHILADELPHIA}{edition}&columns=value"
        rows = client.get(asked).json()["data"]
        assert len(rows) == figures
    assert sum(row["value"] for row in rows) == 8_839
