"""Whether a printed figure still stands, against what the first program answered. All of this goes with `old/`."""

import csv
import io

import pytest

from .test_oracle import RELEASES, read

DIFFERENCES = {
    ("hhp68", "55"): ("revised", "current"),  # only its mark changed: provisional
    ("rc2q5", "38"): ("revised", "current"),
    ("hnmzc", "1000"): ("revised", "current"),  # only the document that first stated it is another
    ("h6xgz", ""): ("current", "revised"),  # without a number and a release, it may be from before the revision
    ("nzzhq", ""): ("current", "revised"),
    ("qzchn", ""): ("current", "revised"),
    ("rhgzg", ""): ("current", "revised"),
}
"""Old and new status, for figures that may be from any release."""

REVISED_SINCE = {"h6xgz", "nzzhq", "qzchn", "rhgzg"}
"""Figures of 1.0.0 to 1.2.0 whose meaning changed in 2.0.0: two measures, a period, an area. The first program took the
release of the question for today, and so called them current."""


@pytest.fixture(scope="module")
def stand(client):
    """What the service answers, by id and number as given."""

    def ask(cited, **release):
        found = {}
        for start in range(0, len(cited), 100):
            batch = [f"{identity}:{number}" for identity, number in cited[start : start + 100]]
            text = client.get("/v1/standing.csv", params={"cited": batch, **release}).text
            found |= {(row["id"], row["cited"]): row for row in csv.DictReader(io.StringIO(text, newline=""))}
        return found

    return ask


def test_figures_of_any_release_stand_as_they_did(stand):
    expected = {(row["id"], row["cited"]): row for row in read("standing") if "2.2.0" in row["releases"].split()}
    found = stand(list(expected))
    differences = {}
    for key, row in expected.items():
        status = found[key]["status"]
        if status != row["status"]:
            differences[key] = (row["status"], status)
        elif status == "revised":
            assert found[key]["print_instead"] == f"{row['print_instead_hedge']} {row['print_instead']}".strip()
    assert differences == DIFFERENCES


@pytest.mark.parametrize("release", RELEASES)
def test_a_pinned_figure_says_how_it_stands_today(stand, release):
    cited = [(row["id"], row["cited"]) for row in read("standing") if release in row["releases"].split()]
    found = {key: row["status"] for key, row in stand(cited, release=release).items()}
    assert {key for key, status in found.items() if status == "unknown"} == {key for key in cited if key[1] == "999999"}
    revised = REVISED_SINCE if release < "2.0.0" else set()
    assert {identity for (identity, _), status in found.items() if status == "revised"} == revised
    assert set(found.values()) <= {"current", "revised", "unknown"}
