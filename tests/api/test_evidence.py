"""Anybody can check a figure: its words stand at its place, in the document with its SHA-256."""

import os
from hashlib import sha256

import pytest

from ..conftest import ROOT

FOLDER = ROOT.parent / "shared" / "documents"


@pytest.fixture(scope="module")
def documents():
    """The articles by the SHA-256 of their files. They are not public, so they are not part of this repository."""
    files = [path.read_bytes() for path in sorted(FOLDER.glob("*.txt"))]
    if not files:
        assert "CI" not in os.environ, f"the articles are not in {FOLDER}"
        pytest.skip(f"the articles are not in {FOLDER}")
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
