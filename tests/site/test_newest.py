"""Pages name the newest numbers that the table has: each is the row that the address of its area answers with."""

import re
from html import unescape

import pytest

from .test_pages import BROWSER

INDICATORS = ("complaints", "suspended_on_a_day", "dismissed", "vetting_not_valid", "cases_open")  # fmt: skip
MOST_AREAS = 100  # of one request
DATASETS = ("suspensions", "vetting", "deaths")


def read_newest(client, path):
    """Return the rows of the newest numbers of a page: the figures that each names, and its words."""
    text = client.get(path, headers=BROWSER).raise_for_status().text
    tables = re.findall(r"The newest numbers</caption>.*?</table>", text, re.DOTALL)
    found = []
    for row in re.findall(r"<tr.*?</tr>", "".join(tables), re.DOTALL):
        if ids := re.findall(r"/figures/(\w+)", row):
            words = re.sub("<[^>]+>", " ", row)
            found.append((ids, " ".join(unescape(words).split())))
    return found


def ask_areas(client):
    """Return the newest rows of each area that has some."""
    areas = client.get("/v1/areas").raise_for_status().json()["data"]
    held = [area["area_code"] for area in areas if area["rows"]]
    rows = {area: [] for area in held}
    for first in range(0, len(held), MOST_AREAS):
        codes = ",".join(held[first : first + MOST_AREAS])
        answer = client.get(f"/v1/areas/{codes}").raise_for_status()
        for row in answer.json()["data"]:
            rows[row["area_code"]].append(row)
    return rows


def name_ids(row):
    return [one for one in (row["id"], row["earlier_id"]) if one]


def check_words(row, words):
    said = [row["shown"], row["name"], row["time"], row["publisher"]]
    said += [(row["note"] or "")[1:], row["earlier_shown"], row["earlier_time"]]
    for one in filter(None, said):
        assert " ".join(one.split()) in words, row["id"]


@pytest.mark.parametrize("register", ["client", "small"])
def test_the_numbers_of_the_page_of_an_area_are_those_of_its_address(register, request):
    """An app that shows an area needs one request, and shows what our page shows."""
    service = request.getfixturevalue(register)
    client = getattr(service, "client", service)
    rows = ask_areas(client)
    assert len(rows) == {"client": 170, "small": 22}[register]  # with no known place
    for area, of_area in rows.items():
        found = {ids[0]: (ids, words) for ids, words in read_newest(client, f"/areas/{area}")}  # fmt: skip
        assert sorted(found) == sorted(row["id"] for row in of_area), area
        for row in of_area:
            ids, words = found[row["id"]]
            assert ids == name_ids(row)
            check_words(row, words)


@pytest.mark.parametrize(
    "path",
    [
        "/",
        *(f"/indicators/{one}" for one in INDICATORS),
        *(f"/datasets/{one}" for one in DATASETS),
    ],
)
def test_a_number_that_a_page_names_is_the_newest_of_its_area(client, path):
    rows = {row["id"]: row for some in ask_areas(client).values() for row in some}
    found = read_newest(client, path)
    assert len(found) > 8
    for ids, words in found:
        row = rows[ids[0]]
        check_words(row, words)
        assert row["area"] in words
        before = name_ids(row)
        assert ids[: len(before)] == before
        assert {*ids[len(before) :]} <= {*rows}  # of other places beside it


def test_an_indicator_has_the_newest_number_of_each_area(client):
    rows = [row for some in ask_areas(client).values() for row in some]
    for indicator in INDICATORS:
        found = [ids[0] for ids, _ in read_newest(client, f"/indicators/{indicator}")]
        held = [row["id"] for row in rows if row["indicator"] == indicator]
        assert sorted(found) == sorted(held)


def test_what_is_of_no_known_place_is_no_newest_number(small):
    assert small.client.get("/v1/areas/unstated").json()["data"] == []
    assert read_newest(small.client, "/areas/unstated") == []
