"""A picture has one subject, whatever a request finds: the first figures, called what they are, and the rest named."""

import re

import pytest

from tests.charts import SVG, read_svg, words_of
from tests.charts.invented import texts

SUBJECTS = {
    "indicators/complaints?area=gb_eaw": "Complaints about the police, England and Wales, 2020/21 to 2024/25",
    "indicators/complaints?area=in_mh,in_tn": (
        "Complaints about the police, Maharashtra and Tamil Nadu, 2001 to 2010"
    ),
    "figures/x9w6n": (
        "Allegations against the police: racism, share of 4,575 allegations of discrimination, England and Wales"
    ),
    "indicators/cases_finalised?area=us_ca_san_francisco": "Cases closed, San Francisco",
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


def test_a_share_has_its_whole_also_on_a_card(client):
    for size in ("narrow", "card"):
        words = " ".join(
            text.words for text in texts(ask(client, "figures/x9w6n", size=size))
        )
        assert "50% of 4,575 allegations of discrimination" in words


def test_places_without_a_figure_and_countries_that_may_not_be_compared(client):
    svg = ask(client, "indicators/complaints?area=gb_eaw,E23000032,ie")
    assert {"94,940", "2,226", "no such figure held"} <= {*words_of(svg)}
    assert "Not to be compared: Countries, and bodies" in " ".join(words_of(svg))
    assert not [
        path for path in svg.iter(f"{SVG}path") if path.get("class") == "mr-accent"
    ]
