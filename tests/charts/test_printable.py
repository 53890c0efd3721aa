"""What an editor who knew nothing of the register would have misread in its pictures."""

import re

import pytest

from tests.charts import words_of
from tests.charts.invented import REPORT, figure, figures, heights, read, said, shapes
from tests.charts.test_rules import ask, say, title

NUMBER = re.compile(
    r"(?<![\d/,])(?!(?:19|20)\d\d\b)\d+(?:,\d{3})*"
)  # but years, which columns shorten


def test_how_many_figures_are_also_held_cannot_be_read_as_numbers_of_people():
    rows = [
        figure("bbbb2", "9"),
        figure("bbbb3", "3", indicator="dismissed"),
        *figures("4 5", 2015, subcategory="3"),
    ]
    words = say(read(rows)[1])
    assert "1 figure on officers dismissed" in words
    assert "(1)" not in words


@pytest.mark.parametrize(
    ("chart", "says"),
    [
        ("deaths-in-custody-by-year", "England and Wales, 2004/05 to 2019/20."),
        ("barred-by-year", "England and Wales, 2021/22 to 2024/25."),
        ("dismissed-in-india", "in India, 2010. 5 of 35 places shown."),
        ("deaths-by-kind-and-year", "England and Wales, 2019/20."),
    ],
)
def test_a_card_of_a_registered_chart_names_its_places_and_times_and_how_many_rows_it_has(
    client, chart, says
):
    assert says in say(ask(client, f"charts/{chart}", size="card"))


def test_the_only_row_of_a_card_is_as_high_as_there_is_room(client):
    """An address with a release in it would take a line of that room."""
    newest = client.get("/v1").json()["release"]
    assert (
        max(
            heights(
                ask(
                    client,
                    "charts/deaths-in-custody-by-year",
                    size="card",
                    release=newest,
                )
            )
        )
        > 60
    )


def test_each_number_in_the_title_of_a_chart_is_drawn_and_each_note_says_of_what(
    client,
):
    charts = client.get("/v1/charts").json()["data"]
    assert len(charts) > 20
    for chart in charts:
        svg = ask(client, f"charts/{chart['id']}")
        drawn = {*NUMBER.findall(say(svg).replace(chart["title"], "", 1))}
        assert {*NUMBER.findall(chart["title"])} <= drawn, chart["id"]
        assert ". : " not in said(svg), chart["id"]


def test_a_chart_of_several_days_draws_each_of_them():
    """A title names two days, so the older number must be there, too."""
    days = {"stock_or_flow": "stock", "counting_unit": "people"}
    rows = [
        figure("bbbb2", "144", period="2023-04-01", **days),
        figure("bbbb3", "201", period="2023-09-19", **days),
        figure("bbbb4", "701", period="2023-04-01", indicator="dismissed", **days),
        figure("bbbb5", "860", period="2023-09-19", indicator="dismissed", **days),
    ]
    _, svg = read(rows, title="Suspended: 144 in April, 201 in September")
    assert {"144", "201", "701", "860"} <= {*words_of(svg)}


def test_a_note_on_rows_that_only_their_times_tell_apart_names_the_times():
    """Three days and a year of one count: no row has a name of its own."""
    rows = [
        figure("bbbb2", "19", period="2022-02-04", stock_or_flow="stock"),
        figure("bbbb3", "32", period="2023-01-20", stock_or_flow="stock"),
        figure("bbbb4", "34", period="2023-01-20", stock_or_flow="stock"),
        figure("bbbb5", "30", period="2024", stock_or_flow="stock"),
    ]
    for row in rows[1:3]:
        row["disagreements"] = ["x"]
    note = {"x": {"warning": "34 and 32 are printed for the same day."}}
    words = said(read(rows, title="From 19 to 34", disagreements=note)[1])
    assert "20 January 2023: 34 and 32 are printed" in words


@pytest.mark.parametrize("size", ["wide", "card"])
@pytest.mark.parametrize(
    ("path", "differ"),
    [
        (
            "indicators/suspended_on_a_day?area=E23000001",
            "pages print 201 or 183 suspended",
        ),
        (
            "indicators/under_investigation?area=E23000001",
            "A spokesperson spoke of 1,071 people under review",
        ),
    ],
)
def test_what_others_have_is_the_first_note_on_figures_that_a_disagreement_concerns(
    client, path, differ, size
):
    words = say(ask(client, path, size=size))
    assert differ in words
    assert (
        size == "card"
        or "1,071" in differ
        or "in another way: the numbers show no rise" in words
    )
    assert "2,500" not in say(
        ask(client, "indicators/vetting_not_valid?area=gb", size=size)
    )  # one rounds the other
    others = [
        words.find(note)
        for note in (
            "Not to be compared",
            "Not an exact",
            "Do not",
            "do not",
            "Also held",
        )
    ]
    assert all(place == -1 or place > words.index(differ) for place in others)


@pytest.mark.parametrize("size", ["wide", "card"])
def test_figures_that_count_more_than_their_indicator_have_their_note_instead_of_its_definition(
    client, size
):
    """The 426 are “dismissed or had their contracts terminated”, as workforce statistics count them."""
    words = say(ask(client, "indicators/dismissed?area=gb_eaw", size=size))
    note = words.index(
        "From workforce statistics: includes contracts that were terminated"
    )
    assert "lost their job because of misconduct" not in words
    assert size == "card" or note < words.index("164")
    assert "lost their job because of misconduct" in say(
        ask(client, "indicators/dismissed?area=in_dl", size=size)
    )


def test_each_place_has_its_first_figure_and_names_a_kind_that_others_do_not_count(
    client,
):
    """England and Wales have 426 of all kinds, Northern Ireland only 9 dismissed over sexual misconduct or abuse."""
    svg = ask(client, "indicators/dismissed?area=gb_eaw,gb_nir")
    assert "England and Wales 426 2024/25" in say(svg)
    assert "Northern Ireland: sexual 9 2022 misconduct or domestic abuse" in say(svg)
    assert not heights(svg)


def test_places_that_have_no_kind_in_common_share_no_scale():
    rows = [
        figure("bbbb2", "9", area="aurora"),
        figure("bbbb3", "30", area="joliet", category="use_of_force"),
    ]
    picture, svg = read(rows, areas=["aurora", "joliet"])
    assert not heights(svg)
    assert "Some count only a part of what others count." in picture.description
    assert heights(
        read([rows[0], rows[1] | {"category": "any"}], areas=["aurora", "joliet"])[1]
    )


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize(
    ("path", "first"),
    [
        ("charts/dismissed-in-india", "Andaman"),
        ("indicators/complaints?area=au", "Queensland"),
    ],
)
def test_rows_with_a_scale_of_their_own_say_so_above_them(client, path, first, size):
    """Goa’s 9 is as high as Delhi’s 182."""
    words = say(ask(client, path, size=size))
    assert words.index("Each row has its own scale") < words.index(first)
    assert "own scale" not in say(
        ask(client, "charts/deaths-by-kind-and-year", size=size)
    )


@pytest.mark.parametrize("size", ["wide", "card"])
def test_a_list_of_unlike_times_says_that_they_are_not_to_be_compared(client, size):
    svg = ask(client, "indicators/complaints?area=us", size=size)
    assert "Not to be compared: Times differ." in say(svg)
    assert title(svg).endswith(
        ", Los Angeles, New York City, San Francisco and Seattle, 2019 to 2025"
    )
    assert "San Francisco 226 January–March 2025" in say(svg)


def test_the_number_of_a_whole_stands_only_with_its_place(client):
    """The 10% of 2019 are of 3,763 complaints about Los Angeles."""
    svg = ask(
        client,
        "indicators/complaints_upheld?area=us_ca_los_angeles,us_ny_new_york",
    )
    assert "3,763" not in title(svg)
    assert "Los Angeles only about 10% of 3,763 complaints" in say(svg)
    share = {"statistic": "share", "base": "cases", "unit": "percent"}
    two = [
        figure("bbbb2", "9", area="aurora", whole="80", **share),
        figure("bbbb3", "30", area="joliet", **share),
    ]
    assert "of 80" not in title(read(two)[1])
    assert "9% of 80 cases" in say(read(two)[1])


@pytest.mark.parametrize(
    ("path", "note"),
    [
        ("indicators/deaths_police_action?area=za", "KwaZulu-Natal"),
        ("indicators/complaints?area=in_mh", "Do not rank them"),
        ("indicators/complaints?area=au_qld", "Do not rank them"),
    ],
)
def test_a_note_on_places_that_are_not_drawn_is_left_out(client, path, note):
    assert note not in say(ask(client, path))


def test_a_note_on_what_another_source_has_is_left_out():
    rows = [
        *figures("9 8", 2021),
        figure("bbbb2", "7", period="2021", source="sun", caveats=["lost"]),
    ]
    assert (
        "Damaged"
        not in read(
            rows, records={"sun": REPORT}, caveats={"lost": {"text": "Damaged."}}
        )[0].description
    )


@pytest.mark.parametrize("size", ["wide", "narrow", "card"])
def test_each_year_of_a_gap_has_its_place(size):
    rows = [*figures("9 8 7", 2000), *figures("5", 2015, start=2)]
    assert len(shapes(read(rows, size=size)[1], "hatch")) == 12  # 2003 to 2014
