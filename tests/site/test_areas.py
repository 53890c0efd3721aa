"""A place is found by what people call it; its page has what is held of it, and what is not."""

import re
from html import unescape

import pytest

from .test_pages import BROWSER, read

CALLED = {
    "Kent": "E23000032",
    "the met": "E23000001",
    "NYPD": "us_ny_new_york",
    "New York": "us_ny_new_york",
    "maharashtra": "in_mh",
    "Kent police force": "E23000032",
    "City of London": "E23000034",
    "Alaska": "us_ak",
    "Scotland Yard": "E23000001",
    "Police Scotland": "gb_sct",
    "PSNI": "gb_nir",
    "Garda": "ie",
    "SAPS": "za",
    "gb_nir": "gb_nir",
}
BESIDE = (
    "E23000032,E23000031",
    "E23000001,E23000014",
    "us_pa_philadelphia,us_ny_new_york,us_mi_detroit",
    "in_mh,in_up,in_dl",
)


@pytest.mark.parametrize("words", CALLED)
def test_a_place_is_found_by_what_people_call_it(client, words):
    answer = client.get("/areas", params={"q": words}, headers=BROWSER)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/areas/{CALLED[words]}"


def test_a_name_that_several_places_have_leads_to_all_of_them(client):
    for found in ("E23000001", "E23000034", "E12000007"):
        assert read(client, "/areas?q=London").links.count(f"/areas/{found}") == 2
    named = client.get("/areas/met", headers=BROWSER)
    assert named.headers["location"] == "/areas/E23000001"


@pytest.mark.parametrize("words", ["York", "Jersey"])
def test_a_part_of_a_name_that_is_another_place_leads_nowhere(client, words):
    """York and Jersey are not New York and New Jersey."""
    links = read(client, f"/areas?q={words}").links
    assert links.count("/areas/us_ny_new_york") == 1  # in the list of all


def test_the_list_has_every_place_with_figures_once_and_the_home_country_first(client):
    held = client.get("/v1/areas").json()["data"]
    codes = {row["area_code"] for row in held if row["rows"]} - {"unstated"}
    links = read(client, "/areas").links
    found = re.findall(r"/areas/(\w+)", " ".join(links))
    assert codes <= {*found}
    assert len(found) == len({*found})
    assert found.index("E23000032") < found.index("in_mh")


@pytest.mark.parametrize(
    ("region", "forces"),
    [
        ("E12000005", {"E23000014"}),
        ("E12000007", {"E23000001", "E23000034"}),
    ],  # West Midlands, and London
)
def test_a_region_leads_to_the_forces_that_may_be_meant(client, region, forces):
    links = read(client, f"/areas/{region}").links
    assert {f"/areas/{force}" for force in forces} <= {*links}


def test_a_place_without_figures_leads_to_what_includes_it(client):
    links = read(client, "/areas/gb_eng").links
    assert {"/areas/gb_eaw", "/areas/E23000032"} <= {*links}
    read(client, "/areas/camelot", 404)


@pytest.mark.parametrize("code", ["E23000031", "E23000032", "gb_sct", "gb_nir"])
def test_a_force_has_a_request_for_each_question_without_a_number(client, code):
    gaps = client.get(f"/v1/gaps?area={code}").json()["data"]
    page = read(client, f"/areas/{code}")
    asked = [gap for gap in gaps if not gap["id"]]
    assert asked
    for gap in asked:
        assert gap["request_url"] in page.links
        assert gap["request"].splitlines()[0] in page.text
    held = {gap["request_url"] for gap in gaps if gap["id"]}
    assert held.isdisjoint(page.links)


@pytest.mark.parametrize(
    "code", ["E23000001", "gb_eaw", "us_ny_new_york", "in_mh", BESIDE[0]]
)
def test_deaths_are_folded_apart_from_what_alleges_something(client, code):
    rows = client.get(f"/v1/areas/{code}?columns=id,topic").json()["data"]
    deaths = {row["id"] for row in rows if row["topic"] == "deaths"}
    text = client.get(f"/areas/{code}", headers=BROWSER).text
    top, _, folded = text.partition('<div class="folds">')
    for one in deaths:
        assert f"/figures/{one}" not in top
        assert f"/figures/{one}" in folded


def rows_beside(client, codes):
    """Return the rows of places side by side: the ids of their figures, and whether they have bars."""
    text = client.get(f"/areas/{codes}", headers=BROWSER).raise_for_status().text
    found = []
    for row in re.findall(r"<tbody>(.*?)</tbody>", text, re.DOTALL):
        ids = re.findall(r"/figures/(\w+)", row)
        found.append((ids, "<svg" in row, unescape(row)))
    return found


@pytest.mark.parametrize("codes", BESIDE)
def test_numbers_that_must_not_be_compared_have_no_bars(client, codes):
    """A row has bars only if the API says that its numbers may stand together, and else says why not."""
    rows = rows_beside(client, codes)
    assert len(rows) > 3
    for ids, has_bars, words in rows:
        if len(ids) < 2:
            assert not has_bars
            continue
        asked = client.get("/v1/figures", params={"id": ",".join(ids)}).json()
        together = asked["meta"]["together"]
        assert together["ok"] or not has_bars
        assert together["ok"] or together["why"] in words


def test_places_stand_side_by_side_with_numbers_of_the_same_time(client):
    for ids, has_bars, _ in rows_beside(client, "E23000001,E23000014"):
        rows = client.get("/v1/figures", params={"id": ",".join(ids)}).json()["data"]
        times = {row["time"] for row in rows}
        assert len(times) == 1 or not has_bars


def test_small_numbers_of_deaths_have_no_bars(client):
    rows = rows_beside(client, "E23000032,E23000031")
    small = [row for row in rows if "deaths" in row[2].lower()]
    assert small
    assert not any(has_bars for _, has_bars, _ in small)


def test_another_place_is_put_beside_one_by_its_name(client):
    path = "/areas?q=E23000032&beside=Essex"
    answer = client.get(path, headers=BROWSER)
    assert answer.headers["location"] == "/areas/E23000032,E23000028"
    read(client, "/areas/E23000032,E23000028,E23000001,E23000014", 404)
