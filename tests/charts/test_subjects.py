"""A picture has one subject, whatever a request finds: the first figures, called what they are, and the rest named."""

import re

import pytest

from tests.charts import SVG, read_svg, words_of
from tests.charts.invented import texts

SUBJECTS = {
    "complaints?area=gb_eaw": "Complaints about the police, England and Wales, 2020/21 to 2024/25",
    "suspensions?area=E23000001&measure=suspended": (
        "Officers suspended from duty, Metropolitan Police"
    ),
    "allegations?area=us_ny_new_york": "Complaints about the police, New York City, 2012 to 2024",
    "outcomes?area=us_la_new_orleans": "Allegations upheld, once for each officer, by kind, New Orleans",
    "observations?q=racism complaints England Wales": (  # of complaints about racism, only Devon and Cornwall has any
        "Allegations against the police: racism, share of 4,575 allegations of discrimination, England and Wales"
    ),
    "observations?q=barred list": "Officers barred from policing, England and Wales, 2019/20 to 2024/25",
    "deaths?area=gb_eaw": "Deaths after contact with the police, England and Wales, 2004/05 to 2019/20",
    "outcomes?area=in_up": "Outcomes, Uttar Pradesh, 2001 to 2010",
    "deaths?area=au": "Deaths in or after police custody, 8 states and territories in Australia",
    "observations?indicator=complaints&area=in_mh,in_tn": (
        "Complaints about the police, Maharashtra and Tamil Nadu, 2001 to 2010"
    ),
    "allegations/by-year?area=us_ca_san_francisco": (
        "Allegations against the police, San Francisco, January–March 2023 to January–March 2025"
    ),
    "observations/x9w6n": (
        "Allegations against the police: racism, share of 4,575 allegations of discrimination, England and Wales"
    ),
    "observations?indicator=cases_finalised&area=us_ca_san_francisco": "Cases closed, San Francisco",
}


def ask(client, path, **query):
    path, _, more = path.partition("?")
    pairs = dict(pair.split("=") for pair in more.split("&") if pair)
    answer = client.get(f"/v1/{path}.svg", params=pairs | query)
    assert answer.status_code == 200, answer.text
    return read_svg(answer.text)


def numbers(svg):
    return [
        word
        for word in words_of(svg)
        if re.fullmatch(r"[\d,]+\*?", word) and not re.fullmatch(r"(19|20)\d\d", word)
    ]


@pytest.mark.parametrize(("path", "title"), SUBJECTS.items())
def test_a_title_is_name_place_and_time(client, path, title):
    assert ask(client, path).find(f"{SVG}title").text.startswith(title)


def test_the_newest_count_of_suspended_officers_is_drawn_and_what_is_a_part_is_not(
    client,
):
    """The 201 of 19 September 2023 were printed three times; the 12 of 1996 had been suspended for one or two years."""
    svg = ask(client, "suspensions?area=E23000001&measure=suspended")
    words = f"{svg.find(f'{SVG}desc').text} {' '.join(words_of(svg))}"
    days = (
        "19 September 2023",
        "September 2023",
        "April 2023",
        "31 March 2022",
        "27 November 1996",
    )
    for day, number in zip(days, ("201", "183", "144", "7", "52"), strict=True):
        assert f" {day}: {number} (" in words
    also = "5 figures on officers suspended during a period, 1 more figure on officers suspended from duty."
    assert f"Also held: {also}" in words


def test_another_count_of_the_same_year_is_named(client):
    svg = ask(client, "allegations?area=us_ny_new_york")
    assert numbers(svg) == ["5,742", "4,285", "4,487", "3,700", "5,550", "5,663"]
    assert "Ring: also printed: 5,604 in 2023" in " ".join(words_of(svg))


def test_deaths_by_circumstance_are_the_table_of_one_publication(client):
    svg = ask(client, "deaths?area=gb_eaw")
    names = [
        text.words
        for text in texts(svg)
        if text.anchor == "start" and text.style.size == 13
    ]
    assert [
        name for name in names if name.startswith(("Deaths in", "People", "Apparent"))
    ] == [
        "Deaths in or after police custody",
        "People shot dead by the police",
        "Deaths in road incidents involving the police",
        "Apparent suicides after police custody",
    ]
    words = " ".join(words_of(svg))
    assert "Upright line: counted in another way from 2010/11 and 2015/16 on." in words
    assert (
        "311" not in words
    )  # of all sixteen years: five such numbers would be longer than the rows


def test_a_share_has_its_whole_also_on_a_card(client):
    for size in ("narrow", "card"):
        words = " ".join(
            text.words for text in texts(ask(client, "observations/x9w6n", size=size))
        )
        assert "50% of 4,575 allegations of discrimination" in words


def test_places_without_a_figure_and_countries_that_may_not_be_compared(client):
    svg = ask(client, "observations?indicator=complaints&area=gb_eaw,E23000032,ie")
    assert {"94,940", "2,226", "no such figure held"} <= {*words_of(svg)}
    assert "Not to be compared: Countries, and bodies" in " ".join(words_of(svg))
    assert not [
        path for path in svg.iter(f"{SVG}path") if path.get("class") == "mr-accent"
    ]


def test_a_request_for_many_places_is_a_picture(client):
    areas = [
        code["code"]
        for code in client.get("/v1/codelists/area").json()["data"]["codes"]
    ][:80]
    svg = ask(client, "observations", area=",".join(areas))
    assert int(svg.get("height")) <= 2_600


def test_no_picture_but_those_for_readers_who_choose_dark_needs_a_style_sheet(client):
    for theme, number in (("light", 0), ("dark", 0), ("auto", 1)):
        svg = ask(client, "allegations?area=us_ny_new_york", theme=theme)
        assert len(svg.findall(f"{SVG}style")) == number
        assert all(path.get("fill") for path in svg.iter(f"{SVG}path"))


def test_the_words_of_a_search_stand_in_no_picture(client):
    words = "".join(words_of(ask(client, "observations?q=fatal shootings in Kent")))
    assert "fatal" not in words
    assert words.endswith("/v1/indicators/shot_dead?area=E23000032")
    assert "found by" not in words
