"""What comes first is one figure: of a question, a search, an indicator and a picture, for all headlines and places.

A question about a place, a year and an indicator is answered about these, or says what of it is not held.
"""

import pytest

from . import naive

RELEASE = naive.NEWEST
HEADLINES = sorted(
    (one for one in naive.records(RELEASE)["indicator"].values() if one["headline"]),
    key=lambda one: one["position"],
)
CODES = naive.records(RELEASE)["code"]
PLACES = (
    "gb_eaw",
    "gb_sct",
    "gb_nir",
    "E23000001",
    "E23000032",
    "ie",
    "au_qld",
    "in_dl",
    "us_ny_new_york",
    "za",
)
YEARS = ("2024/25", "2023", "2019/20")


def name(indicator):
    people = (
        CODES.get(f"population/{indicator['population'][0]}", {}).get("in_names") or ""
    )
    return indicator["name"].replace("{people}", people)


def around(area):
    """Return a place and those that include it."""
    broader = CODES[f"area/{area}"].get("broader")
    return [area, *(around(broader) if broader else ())]


def search(client, text):
    """Return the answer to a question."""
    asked = {"q": text, "release": RELEASE, "columns": "all"}
    answer = client.get("/v1/search", params=asked)
    return answer.raise_for_status().json()


@pytest.mark.parametrize("number", range(len(HEADLINES)))
def test_the_first_figure_of_a_place_is_one_everywhere(client, number):
    """Each headline is asked of up to eight of the places that have it, the next headline of others."""
    indicator = HEADLINES[number]
    path = f"/v1/indicators/{indicator['id']}"
    asked = {"release": RELEASE, "latest": "1", "columns": "all"}
    rows = client.get(path, params=asked).raise_for_status().json()["data"]
    places = [row for row in rows if row["lead"]]
    for one in places[number % 3 :: 3][:8]:
        area, label = one["area_code"], one["area"]
        picture = client.get(f"{path}.svg", params={"release": RELEASE, "area": area})
        text = f"{name(indicator)} {label}"
        asked = {
            "q": text,
            "limit": "1",
            "columns": "id",
            "release": RELEASE,
            "area": area,
        }
        [found] = (
            client.get("/v1/figures", params=asked).raise_for_status().json()["data"]
        )
        first = search(client, text)["data"][0]["id"]
        assert (found["id"], first) == (one["id"], one["id"]), text
        if picture.status_code == 404:  # what fits no form has no picture
            assert picture.json()["errors"][0]["code"], text
        elif one["value"] is not None:
            assert f"{one['value']:,}" in picture.text, text


@pytest.mark.parametrize("place", PLACES)
@pytest.mark.parametrize("year", YEARS)
def test_a_question_is_answered_about_its_place_year_and_indicator_or_says_what_is_not_held(
    client, place, year
):
    figures = {row["id"]: row for row in naive.figures(RELEASE)}
    start = PLACES.index(place) + YEARS.index(year)
    for indicator in HEADLINES[start % 4 :: 4]:
        label = CODES[f"area/{place}"]["label"]
        text = f"{name(indicator)} {label} {year}"
        answer = search(client, text)
        assert place in [one["code"] for one in answer["read"]["area"]], text
        for row in answer["data"]:
            assert place in around(row["area_code"]), text
        if not answer["data"]:
            assert answer["missing"], text
            continue
        first, missing = figures[answer["data"][0]["id"]], answer["missing"]
        assert first["indicator"] == indicator["id"] or missing, text
        is_told = any(year in one["detail"] for one in missing)
        assert is_in(first, year) or is_told, text


def is_in(row, year):
    """Tell whether a figure is for a year, a part of it, or a time that overlaps it."""
    first, last = row["period_start"][:4], row["period_end"][:4]
    begins = int(year[:4])
    ends = begins + ("/" in year)
    return bool(first and last) and int(first) <= ends and int(last) >= begins


def test_a_number_that_nobody_should_print_never_comes_first(client):
    """Only a headline has the 1,000 cases (f8sd7)."""
    assert search(client, "open cases Metropolitan Police")["data"][0]["id"] == "k2gqj"
