"""Anybody can check a figure: its words stand at its place, in the document with its SHA-256."""

from hashlib import sha256

import pytest


@pytest.fixture(scope="module")
def documents(shared):
    """The articles by the SHA-256 of their files."""
    files = [path.read_bytes() for path in sorted(shared.glob("documents/*.txt"))]
    return {sha256(content).hexdigest(): content.decode() for content in files}


def test_every_figure_stands_where_its_evidence_says(client, documents):
    ids = [row["id"] for row in client.get("/v1/observations?release=2.2.0&limit=1000&columns=id").json()["data"]]
    assert len(ids) == 68
    for identity in ids:
        figure = client.get(f"/v1/observations/{identity}?release=2.2.0").json()["data"]
        evidence = figure["evidence"]
        text, selector = documents[evidence["sha256"]], evidence["selector"]
        start, end = selector["start"], selector["end"]
        assert (selector["type"], evidence["exact"]) == ("TextPositionSelector", figure["printed"])
        assert text[start:end] == evidence["exact"], identity
        before, after = evidence["before"], evidence["after"]
        assert text[start - len(before) : end + len(after)] == before + evidence["exact"] + after, identity
