"""A number that the register doubts is never shown as one that is merely unchanged."""

import csv
import io
import re
import subprocess
import sys

import pytest

from ..conftest import ROOT
from ..registers import NEWS, make_release, place, write_counted

CORRECTION = """
- id: {id}
  source: news-2023-report
  at: {at}
  printed: '{printed}'
  reading: It is so.
  other_source: force-report-2022
  other_reading: It is not so.
  explanation: The report of {id} has another one.
  affects: [{figure}]
  {doubts}
  notes:
    other_at: "It is not in one place."
    other_printed: "It is not in one place."
    publisher_told: Not yet.
"""
PLAIN = {"Content-Type": "text/plain"}
CAVEATS = (
    "- id: not_a_finding\n  text: An accusation is not a finding.\n  routine: true\n"
    "- id: not_a_count\n  text: Nobody counted them.\n  short: nobody counted them\n"
    "  doubts: value\n  doubt: no_evidence\n"
)
DOUBTED = {
    "hnmzc": ("probable_slip", "1,131", "Nearly 1,000 · probably 1,131"),
    "gb7nr": ("publisher_error", None, "About 7 per cent · publisher’s error"),
    "w2rmd": ("no_evidence", None, "Hundreds · no evidence given"),
}
UNDOUBTED = {  # of the second one only the name is doubted
    "k7m3q": "1,131 · unchanged in this register",
    "bbdjq": "1,131 · unchanged in this register",
}


def correct(identity, printed, figure, doubts):
    at = place(NEWS, printed)
    return CORRECTION.format(
        id=identity, at=at, printed=printed, figure=figure, doubts=doubts
    )


@pytest.fixture(scope="module")
def doubting(serve, tmp_path_factory):
    """A service whose register doubts three of five numbers, and the name of a fourth."""
    slip = "doubts: value\n  doubt: probable_slip\n  print_instead: 1,131"
    corrections = [
        correct("of-a-name", "officers", "bbdjq", "doubts: name"),
        correct("of-another-name", "officers", "hnmzc", "doubts: name"),
        correct("of-a-slip", "1,000", "hnmzc", slip),
        correct("of-an-error", "10", "gb7nr", "doubts: value"),
    ]
    files = {"corrections.yaml": "".join(corrections), "caveats.yaml": CAVEATS}
    files["removals.csv"] = "day,release,before,after,law\n"
    counted = {"caveats": "not_a_count"}
    data = write_counted(tmp_path_factory.mktemp("doubts"), files, w2rmd=counted)
    make_release(data, "Doubts.", "2024-05-01")
    return serve(data)


def badge(service, cited):
    answer = service.client.get(f"/v1/standing.svg?id={cited}").raise_for_status()
    return re.search("<title>(.*?)</title>", answer.text)[1]


def test_standing_says_what_is_doubted_and_what_to_print(doubting):
    cited = ",".join([*DOUBTED, *UNDOUBTED])
    rows = doubting.client.get(f"/v1/standing?id={cited}").json()["data"]
    found = {one["id"]: one for one in rows}
    for identity, (code, instead, _) in DOUBTED.items():
        standing = found[identity]
        assert standing["status"] == "unchanged"
        assert (standing["doubt"]["code"], standing["print_instead"]) == (code, instead)
    assert (
        found["hnmzc"]["doubt"]["detail"] == "The report of of-a-slip has another one."
    )
    for identity in UNDOUBTED:
        standing = found[identity]
        assert (standing["doubt"], standing["print_instead"]) == (None, None)
    table = doubting.client.get(f"/v1/standing.csv?id={cited}").text
    lines = {one["id"]: one for one in csv.DictReader(io.StringIO(table))}
    assert {one: line["doubt"] for one, line in lines.items()} == {
        one: DOUBTED[one][0] if one in DOUBTED else "" for one in found
    }
    assert lines["w2rmd"]["doubt_detail"] == "Nobody counted them."


def test_a_badge_says_the_doubt_before_the_status(doubting):
    for identity, (*_, text) in DOUBTED.items():
        assert badge(doubting, identity) == text
    for identity, text in UNDOUBTED.items():
        assert badge(doubting, identity) == text
    assert badge(doubting, "hnmzc:1131").endswith(" · never in this register")


def test_a_citation_says_the_doubt_beside_the_number(doubting):
    client = doubting.client
    found = client.get("/v1/figures/hnmzc").json()["data"]
    said = "Nearly 1,000 (probably 1,131): "
    assert found["citation"]["title"].startswith(said)
    assert said in client.get("/v1/figures/hnmzc.bib").text
    page = client.get("/figures/hnmzc").text
    assert said in page[page.index("Cite it") :]
    sure = client.get("/v1/figures/k7m3q").json()["data"]
    assert sure["citation"]["title"].startswith("1,131: ")


def test_a_text_is_told_of_a_number_that_is_doubted(doubting, tmp_path):
    text = "{} officers in E23000001 were accused of sexual misconduct."
    doubted, sure = text.format("Nearly 1,000"), text.format("In 2022, 1,131")
    answer = doubting.client.post("/v1/check", content=doubted, headers=PLAIN).json()
    [standing] = [one["standing"] for one in answer["data"][0]["figures"]]
    assert standing["doubt"]["code"] == "probable_slip"
    assert standing["print_instead"] == "1,131"
    page = doubting.client.post("/check", data={"text": doubted}).text
    assert "Print instead: 1,131." in page
    (tmp_path / "2024-06-01.txt").write_text(doubted)
    done = audit(tmp_path, doubting.url)
    [row] = csv.DictReader(io.StringIO(done.stdout))
    assert (row["change"], row["figure"]) == ("probable_slip", "hnmzc")
    assert (row["print_now"], done.returncode) == ("1,131", 1)
    (tmp_path / "2024-06-01.txt").write_text(sure)
    done = audit(tmp_path, doubting.url)
    assert (done.stdout, done.returncode) == ("", 0), done.stderr


def audit(folder, url):
    command = [sys.executable, ROOT / "examples/audit.py", folder]
    return subprocess.run(
        command,
        env={"BASE": url, "PAUSE": "0.1"},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
