"""What a picture editor who had never seen the register found wrong, kind by kind."""

import itertools

import pytest

from tests.charts import SVG, words_of
from tests.charts.invented import figure, figures, heights, read, shapes, texts
from tests.charts.test_rules import ask, say, title


@pytest.fixture
def draw(client):
    return lambda path, **query: ask(client, path, **query)


# 1. What a picture is of


def test_of_a_place_without_a_whole_the_longest_part_is_drawn(draw):
    """70 accounts under caution are fewer than 312 investigations, which are also for the year of New South Wales."""
    svg = draw("indicators/cases_finalised?area=gb_eaw,au_nsw", size="card")
    assert {"312", "17"} <= {*words_of(svg)}
    assert "70" not in words_of(svg)
    assert title(svg) == "Cases closed, England and Wales and New South Wales, 2022/23"


def test_places_share_the_room_if_each_has_kinds(draw):
    svg = draw("indicators/officer_allegations_not_upheld?year=2017", size="narrow")
    assert {"Chicago", "Detroit", "New Orleans", "New York City", "Philadelphia"} <= {
        *words_of(svg)
    }
    card = draw(
        "indicators/officer_allegations_closed?area=us_il_chicago,us_ny_new_york",
        size="card",
    )
    assert {"Chicago", "New York City"} <= {*words_of(card)}


# 2. Rows and columns


def test_kinds_with_numbers_for_fewer_than_half_of_their_years_are_named_and_not_drawn(
    draw,
):
    svg = draw("indicators/officer_allegations_upheld?area=us_il_chicago")
    assert {
        "Breach of operating rules",
        "Use of force",
        "Verbal abuse",
        "Domestic violence",
    } <= {*words_of(svg)}
    assert not {"Notification of taser use", "Traffic matters"} & {*words_of(svg)}
    assert "5 of 19 rows shown, those with numbers for most years." in say(svg)
    assert len(shapes(svg, "hatch")) < len(
        [*shapes(svg, "accent"), *shapes(svg, "part")]
    )


def test_few_such_kinds_stay_and_are_hatched():
    rows = [
        *figures("9 8 7 6", 2019, subcategory="0"),
        *figures("8 7 6 5", 2019, start=2, subcategory="1"),
    ]
    rows += figures("5", 2019, start=3, subcategory="rare")
    assert len(shapes(read(rows)[1], "hatch")) == 3


def test_a_kind_that_is_named_has_its_newest_number_and_its_year():
    rows = figures("90 80 70 60", 2019, subcategory="0")
    for place in range(1, 5):
        rows += figures("5", 2019 + place % 2, start=place + 1, subcategory=str(place))
    assert (
        "And 4 more: 1: 5 (2020); 3: 5 (2020); 2: 5 (2019); 4: 5 (2019)."
        in read(rows)[0].description
    )


def test_days_are_no_columns(draw):
    """March 2025 would stand beside September 2019 as this beside March 2019."""
    areas = "W15000002,W15000004,E23000029"
    svg = draw(f"indicators/full_time_equivalents?area={areas}")
    assert title(svg).endswith("Thames Valley Police, 31 March 2025")
    assert len(shapes(svg, "accent")) == 3  # bars


def test_numbers_of_columns_do_not_touch(draw):
    """17, 41, 18, 45 and 28 read as one number."""
    rows = [
        text
        for text in texts(draw("indicators/penalties?area=us_il_chicago"))
        if text.words.isdecimal()
    ]
    assert {"796", "242", "45"} <= {text.words for text in rows}
    for one, other in itertools.pairwise(rows):
        assert one.y != other.y or other.box[0] - one.box[1] >= 2, (
            one.words,
            other.words,
        )


def test_a_row_whose_numbers_have_no_room_has_columns_however_low():
    high, low = (" ".join([number] * 30) for number in ("9000", "30"))
    rows = [
        *figures(high, 1990, subcategory="high"),
        *figures(low, 1990, start=2, subcategory="low"),
    ]
    svg = read(rows, size="narrow")[1]
    assert len(heights(svg)) == 60
    assert (
        len(heights(read(rows[:3] + rows[30:33], size="narrow")[1])) == 3
    )  # numbers have room, and say more


def test_a_card_whose_rows_have_no_room_has_the_newest_number_of_each(draw):
    svg = draw("indicators/officer_allegations_upheld?area=us_il_chicago", size="card")
    assert title(svg).endswith("by kind, Chicago, 2018")
    assert len(shapes(svg, "accent")) >= 4  # and a note
    assert "123" not in words_of(svg)  # of 2019, which is provisional
    toronto = draw("indicators/complaints_not_accepted?area=ca_on_toronto", size="card")
    assert [text.words for text in texts(toronto) if text.words.isdecimal()][:4] == [
        "405",
        "65",
        "64",
        "25",
    ]


# 3. Words


def test_what_all_rows_share_is_in_the_title_and_what_tells_them_apart_in_the_rows(
    draw,
):
    penalties = draw("indicators/penalties?area=us_il_chicago&year=2006", size="medium")
    assert {"Suspension of up to 30 days", "Reprimand"} <= {*words_of(penalties)}
    assert say(penalties).count("Penalties after a complaint") == 1
    dismissed = draw(
        "indicators/dismissed?category=sexual_or_domestic&area=gb_nir,E23000001"
    )
    assert title(dismissed).startswith(
        "Officers dismissed: sexual misconduct or domestic abuse, Northern Ireland and"
    )
    assert "Northern Ireland" in words_of(dismissed)
    assert "Allegations upheld, once for each officer, by kind, Chicago" in title(
        draw("indicators/officer_allegations_upheld?area=us_il_chicago")
    )


def test_the_day_of_printing_is_in_the_title_if_all_have_it(draw):
    assert title(draw("indicators/database_check_matters?area=gb")).endswith(
        "United Kingdom, printed 30 January 2024"
    )
    assert title(draw("indicators/suspended_on_a_day?area=E23000028")).endswith(
        "Essex Police"
    )  # no date at all


def test_a_period_without_a_beginning_says_so(draw):
    words = words_of(draw("indicators/serious_misconduct_reports?area=us_ca"))
    assert "until 10 June 2025 (start not given)" in words


def test_a_rate_stands_above_its_base(draw):
    svg = draw("figures/pt7g2", size="narrow")
    assert {"34.8", "per 100 officers"} <= {*words_of(svg)}


def test_that_nobody_is_said_to_have_done_wrong_is_said_once(draw):
    words = say(draw("indicators/deaths_police_action?area=za,fr,jm"))
    assert "Not said to be unlawful." in words
    assert "No misconduct is alleged" not in words


def test_a_bar_takes_the_room_that_words_leave(draw):
    svg = draw("indicators/penalties?area=us_il_chicago&year=2006", size="medium")
    assert max(shape.width for shape in shapes(svg, "accent")) > 100


# Of a second one


def test_a_row_is_named_by_what_the_title_does_not_say(draw):
    svg = draw("indicators/vetting_handled?area=gb_sct,E23000001")
    assert title(svg).startswith(
        "Vetting applications received or dealt with, Scotland and Metropolitan Police"
    )
    assert "Scotland" in words_of(svg)
    forces = say(
        draw("indicators/vetting_not_valid?area=E23000026,E23000030,E23000031")
    )
    assert "Constabulary: officers and staff" in forces


def test_countries_that_count_differently_have_their_years_on_scales_of_their_own(draw):
    svg = draw("indicators/complaints?area=gb_eaw,gb_nir,gb_sct")
    assert {"67,732", "94,940", "3,185", "3,085", "7,099"} <= {*words_of(svg)}
    assert "Each row has its own scale, so do not compare rows by height." in say(svg)


def test_a_quarter_that_can_be_either_of_two_has_no_months(client):
    svg = ask(client, "indicators/complaints?area=ca_on_toronto&year=2025")
    assert title(svg) == "Complaints about the police, Toronto, a quarter of 2025"
    assert "2025-Q1" not in say(svg)
    assert "January–June" not in title(svg)


def test_where_there_is_nothing_to_draw_it_is_said_what_would_find_something(client):
    answer = client.get(
        "/v1/indicators/complaints_in_hand.svg?area=au_vic&year=2022/23"
    )
    assert answer.status_code == 404
    assert "without year: 1; with 2023: 1." in answer.json()["detail"]


# Of a third one


def test_a_disagreement_warns_if_several_of_its_numbers_are_drawn(draw):
    words = say(draw("indicators/suspended_on_a_day?area=ie"))
    assert (
        "with and perhaps without the Garda Reserve: no rise or fall is shown." in words
    )
    assert "Garda Reserve" not in say(
        draw("indicators/suspended_on_a_day?area=ie,E23000001")
    )


def test_what_a_later_report_repeats_is_the_column(draw):
    """One report has 2,573 in its text and 2,413 in its table; the next has 2,413."""
    svg = draw("indicators/complaints_accepted?area=ca_rcmp")
    assert "2,413" in words_of(svg)
    assert "2,573" not in words_of(svg)
    assert "Ring: also printed: 2,573 in 2021/22" in say(svg)


def test_why_rows_are_not_to_be_compared_is_said_of_these_rows(draw):
    part = say(draw("indicators/suspended_on_a_day?area=ie,gb_nir&year_from=2023"))
    assert "Not to be compared: Some count only a part of what others count." in part
    assert "by kind" not in part
    assert "kind not stated" not in part
    times = say(draw("indicators/restricted_on_a_day?area=E23000001,gb_sct"))
    assert "Not to be compared: Times differ." in times
    assert "Scotland 159 11 May 2015" in times


def test_newer_numbers_are_named_if_places_share_an_older_year(draw):
    svg = draw("indicators/complaints?area=gb_eaw,gb_sct,gb_nir,ie")
    assert title(svg).startswith(
        "Complaints about the police, England and Wales, Ireland, Northern Ireland and Scotland"
    )
    assert (
        "Newer: England and Wales 94,940 (2024/25); Northern Ireland 3,085 (2024/25)."
        in say(svg)
    )


def test_no_row_has_a_bar_if_one_has_only_words(draw):
    svg = draw("indicators/kept_in_job?area=E23000001")
    assert {"8", "Hundreds"} <= {*words_of(svg)}
    assert not shapes(svg, "accent")


def test_many_rows_have_no_scales_of_their_own(draw):
    svg = draw(
        "indicators/officer_allegations_cleared?area=us_il_chicago,us_mi_detroit"
    )
    assert int(svg.get("height")) < 2000
    assert not heights(svg)


def test_a_count_of_no_known_day_is_no_dot():
    days = {"2021-03-31": "40", "2023-03-31": "30", "2023": "35"}
    rows = [
        figure(f"bbbb{n}", days[day], period=day, stock_or_flow="stock")
        for n, day in enumerate(days)
    ]
    svg = read(rows)[1]
    assert (
        "".join(path.get("d") for path in svg.iter(f"{SVG}path")).count("a5 5") == 2 * 2
    )
    assert "2023: 35." in words_of(svg)


def test_the_body_that_counted_is_named_before_several_newspapers(draw):
    assert "Sources: Independent Police Investigative Directorate, in " in say(
        draw("indicators/cases?area=za")
    )


def test_that_a_year_finds_no_days_is_said_with_what_finds_them(client):
    answer = client.get(
        "/v1/indicators/suspended_on_a_day.svg?area=E23000001&year=2023"
    )
    assert answer.status_code == 404
    assert "with year_from=2023&year_to=2023: 5" in answer.json()["detail"]
    found = client.get(
        "/v1/indicators/suspended_on_a_day.svg?area=E23000001&year_from=2023&year_to=2023"
    )
    assert ">201<" in found.text


# Of a fourth one


def test_a_number_that_is_probably_a_slip_is_no_column(client):
    """3,206 and 3,026 are printed of one year; with 3,026 the increase that is printed is right."""
    svg = ask(client, "indicators/complaints?area=nz")
    assert "3,026" in words_of(svg)
    assert "3,206" not in words_of(svg)
    assert "Ring: also printed: 3,206 in 2018/19" in say(svg)


def test_rows_are_the_highest_only_if_no_other_is_higher(draw):
    words = say(draw("indicators/officer_allegations_closed?area=us_il_chicago"))
    assert "the highest" not in words
    assert "rows shown, those with numbers for most years." in words


def test_what_is_newer_is_said_only_of_kinds_and_places(draw):
    assert "Newer" not in say(
        draw("indicators/suspended_on_a_day?area=E23000001", size="narrow")
    )


def test_rows_of_other_people_are_named_by_these(client):
    words = say(
        ask(
            client,
            "indicators/vetting_inspected?area=E23000012,E23000030",
        )
    )
    assert "Humberside Police: officers and staff" in words
    removed = say(ask(client, "indicators/facing_removal?area=E23000001"))
    assert "People in the police, kind not stated Hundreds" in removed


def test_rows_that_do_not_add_up_to_their_total_say_so(client):
    """Of 742 complaints in hand 567, 18 and 6 are named; 4,445 allegations are the sum of eleven kinds."""
    words = say(ask(client, "indicators/complaints_in_hand?area=ca_on_toronto"))
    assert {"742", "567"} <= {*words.split()}
    assert "The rows do not add up to the total." in words
    kinds = say(ask(client, "indicators/allegations?area=E23000003"))
    assert "4,445" in kinds
    assert "add up" not in kinds
    card = say(
        ask(
            client,
            "indicators/allegations?area=E23000003",
            size="card",
        )
    )
    assert (
        " of 12 rows shown, the highest." in card
    )  # and so they are not all of the total
    assert "add up" not in card
