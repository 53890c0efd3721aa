"""What pictures keep apart, and what they leave out for want of room."""

import pytest

from tests.charts import SVG, words_of
from tests.charts.invented import REPORT, figure, figures, heights, read, shapes, texts
from tests.charts.test_rules import ask, say, title

# What may not be joined, added or compared


def test_counts_of_moments_by_many_publishers_are_rows_with_their_days_and_publishers(
    client,
):
    """The Met’s 52, 7, 144, 183 and 201 on single days were printed by five publishers: no axis may join them."""
    svg = ask(client, "indicators/suspended_on_a_day?area=E23000001")
    assert "19 September 2023 201 The Week" in say(svg)
    assert "31 March 2022 7 UK Parliament" in say(svg)
    assert not [
        path
        for path in svg.iter(f"{SVG}path")
        if path.get("class") in ("mr-accent", "mr-hollow")
    ]
    ireland = ask(
        client, "indicators/suspended_on_a_day?area=ie"
    )  # five of ten are from one article
    assert [
        path for path in ireland.iter(f"{SVG}path") if path.get("class") == "mr-hollow"
    ]


@pytest.mark.parametrize("path", ["indicators/complaints?area=gb_eaw"])
def test_a_year_of_another_publisher_before_a_gap_is_named_and_not_drawn(client, path):
    """The 31,671 of 2017/18, from a newspaper, are from before “complaint” got another meaning in February 2020."""
    svg = ask(client, path)
    assert len(heights(svg)) == 5
    assert "Another publisher has earlier numbers" in say(svg)
    assert "31,671 in 2017/18 (Huddersfield Examiner)" in say(svg)


def test_years_of_one_publisher_are_joined_over_a_gap():
    rows = [*figures("5 6", 2010), *figures("9", 2020, start=2)]
    assert len(heights(read(rows)[1])) == 3
    rows[2]["source"] = "sun"
    assert not heights(read(rows, records={"sun": REPORT | {"publisher": "Sun"}})[1])


def test_parts_that_are_less_than_half_of_their_whole_are_not_drawn():
    whole = figure("bbbb2", "90")
    kind = {"category": "use_of_force", "part_of": ["bbbb2"]}
    parts = [
        figure("bbbb3", "20", subcategory="3", **kind),
        figure("bbbb4", "20", subcategory="4", **kind),
    ]
    assert not heights(read([whole, *parts])[1])
    parts += [figure("bbbb5", "20", subcategory="5", **kind)]
    assert len(heights(read([whole, *parts])[1])) == 3


def test_what_is_held_of_other_people_is_not_named_for_a_year(client):
    """For 2022/23 the 170 are staff, for 2020/21 the 25 are of the watchdog’s investigations."""
    words = say(ask(client, "indicators/dismissed?area=gb_eaw"))
    assert "Hatched: no such figure held; this does not mean zero." in words
    assert "170" not in words


def test_other_units_of_several_years_are_counted_below():
    rows = figures("8 9", 2015) + figures("7", 2021, start=2)
    rows += figures("3 4 5 6", 2017, start=3, counting_unit="cases")
    words = say(read(rows)[1])
    assert "Hatched: no such figure held; this does not mean zero." in words
    assert "Also held: 4 more figures on" in words


def test_places_of_which_other_people_are_counted_share_no_scale():
    rows = [
        figure("bbbb2", "9", area="aurora"),
        figure("bbbb3", "30", area="joliet", population="staff"),
    ]
    picture, svg = read(rows, areas=["aurora", "joliet"])
    assert not heights(svg)
    assert "They may count different people." in picture.description


def test_a_place_with_something_smaller_says_what_it_is(client):
    words = say(
        ask(client, "indicators/complaints_not_accepted?area=ca_on_toronto,ca_rcmp,ie")
    )
    assert "Toronto: better dealt with under another law 19 2023" in words


# What has room


def test_more_than_eighteen_places_that_were_asked_for_have_one_line_each(client):
    states = ",".join(f"in_{code}" for code in STATES.split())
    svg = ask(client, f"indicators/complaints?area={states}")
    assert int(svg.get("height")) < 1000
    assert (
        title(svg)
        == "Complaints about the police, 28 states and territories in India, 2010"
    )
    assert {"Uttar Pradesh", "12,119", "Manipur", "0"} <= {*words_of(svg)}


STATES = "ap ar as br ct dl ga gj hp hr jh jk ka kl mh ml mn mp mz nl or pb rj sk tn tr up wb"


def test_kinds_without_any_number_are_named_and_not_drawn(client):
    svg = ask(
        client,
        "indicators/officer_allegations_not_upheld?area=us_la_new_orleans&year=2019",
    )
    assert len(heights(svg)) == 4
    assert not shapes(svg, "hatch")
    assert "And 9 more: hidden to protect people: Discourtesy, Dishonesty, " in say(svg)


def test_a_card_of_places_over_time_has_their_newest_numbers_if_columns_have_no_room(
    client,
):
    svg = ask(
        client, "indicators/cases_sent_for_trial?area=in_as,in_jk,in_ct", size="card"
    )
    assert {"Assam", "2", "Chhattisgarh", "30", "Jammu and Kashmir", "35"} <= {
        *words_of(svg)
    }
    assert title(svg).endswith("Jammu and Kashmir, 2010")


@pytest.mark.parametrize("size", ["wide", "narrow"])
def test_a_picture_of_an_indicator_takes_the_filters_of_a_list(client, size):
    svg = ask(client, "indicators/complaints?area=gb_eaw&year_from=2022", size=size)
    assert (
        title(svg)
        == "Complaints about the police, England and Wales, 2022/23 to 2024/25"
    )
    refused = client.get("/v1/indicators/complaints.svg?indicator=cases")
    assert (refused.status_code, "The address names the indicator" in refused.text) == (
        422,
        True,
    )


def test_kinds_of_which_some_include_others_have_no_bars(client):
    svg = ask(client, "indicators/accused?area=E23000001")
    assert {"1,492", "248", "69"} <= {*words_of(svg)}
    assert not shapes(svg, "accent")
    assert "Some of these kinds may include others." in say(svg)


def test_the_whole_of_ranks_is_called_total_and_not_a_kind(client):
    words = words_of(ask(client, "indicators/suspended_on_a_day?area=E23000014"))
    assert "Total" in words
    assert "Kind not stated" not in words


def test_a_number_stands_below_a_ring_that_is_far_above_its_column():
    rows = figures("8 31 25", 2019)
    other = figure("cccc2", "41", period="2020", source="sun")
    _, svg = read([*rows, other], records={"sun": REPORT | {"publisher": "Sun"}})
    [number] = [text for text in texts(svg) if text.words == "31"]
    ring = svg.find(".//*[@class='mr-ring']").get("d")
    assert float(ring.split()[1].partition("a")[0]) < number.y - 10
