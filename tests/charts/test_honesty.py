"""What a picture must not hide: hedges, bounds, gaps, parts of years, other sources, and what it has no room for.

The figures are invented, because no released figure is zero, withheld, or one of forty forces.
"""

import pytest

from tests.charts import words_of
from tests.charts.invented import (
    REPORT,
    figure,
    figures,
    heights,
    read,
    said,
    shapes,
    texts,
)

# Numbers


def test_hedges_stand_and_their_columns_are_hollow():
    rows = figures("1,131 1,000 1,071 500", 2020)
    rows[1] |= {"qualifier": "about", "hedge": "about"}
    rows[2] |= {"qualifier": "estimated", "hedge": "an estimated"}
    rows[3] |= {"qualifier": "at_least", "hedge": "+"}
    picture, svg = read(rows)
    assert {"1,131", "about 1,000", "est. 1,071", "500+"} <= {*words_of(svg)}
    assert "2021: about 1,000" in picture.alt
    assert (len(heights(svg)), len(heights(svg, "hollow"))) == (1, 3)
    assert "Hollow: not an exact number (2021, 2022 and 2023)." in picture.alt


def test_words_in_place_of_a_number_stand_as_printed():
    rows = figures("1,000 900", 2021)
    rows.append(
        figure(
            "bbbb3",
            "Hundreds",
            qualifier="magnitude",
            value_absent="magnitude_only",
            period="2023",
        )
    )
    assert "Hundreds" in words_of(read(rows)[1])


def test_a_range_is_drawn_to_its_upper_end():
    between = figure(
        "bbbb2", "20–40", qualifier="between", value_absent="range_only", period="2020"
    )
    _, svg = read([between, *figures("40 10", 2021)])
    assert heights(svg, "hollow") == [max(heights(svg))]


def test_numbers_are_in_one_style_however_they_are_printed():
    rows = figures("1438 1342", 2021)
    rows[0]["printed"], rows[1]["printed"] = "1.438", "1 342"
    assert {"1,438", "1,342"} <= {*words_of(read(rows)[1])}


def test_a_zero_has_a_number_and_no_column_and_what_is_hidden_is_hatched_with_the_reason():
    hidden = figure(
        "bbbb2", "[c]", value_absent="suppressed", qualifier=None, period="2023"
    )
    picture, svg = read([*figures("12 0 9", 2020), hidden])
    assert {"12", "0", "9"} <= {*words_of(svg)}
    assert (len(heights(svg)), len(shapes(svg, "hatch"))) == (2, 1)
    assert "2023: hidden to protect people" in picture.alt
    assert "Hatched: hidden to protect people; this does not mean zero." in picture.alt


def test_a_fall_is_no_column_and_keeps_its_sign():
    rows = figures(
        "-5 9 3", 2020, statistic="change", base="the year before", unit="percent"
    )
    _, svg = read(rows)
    assert not heights(svg)
    assert {"−5%", "+9%", "+3%"} <= {*words_of(svg)}
    one, svg = read(rows[:1])
    assert one.title == "Officers accused, decrease on the year before, Chicago, 2020"
    assert "5%" in words_of(svg)


def test_a_share_never_stands_without_its_whole():
    cells = {"statistic": "share", "base": "allegations of force", "unit": "percent"}
    picture, svg = read([figure("bbbb2", "50", whole="4,575", **cells)])
    assert "of 4,575 allegations of force" in words_of(svg)
    assert (
        picture.title
        == "Officers accused, share of 4,575 allegations of force, Chicago, 2022"
    )
    several = figures("50 40", 2021, **cells)
    several[0]["whole"], several[1]["whole"] = "4,575", "5,000"
    picture, _ = read(several)
    assert (
        picture.title
        == "Officers accused, share of allegations of force, Chicago, 2021 to 2022"
    )
    assert "Shares of 4,575 in 2021; 5,000 in 2022." in picture.alt


# Scales


def test_columns_begin_at_zero():
    """So one that is three times as high stands for three times as many."""
    high, low = heights(read(figures("90 30"))[1])
    assert high == pytest.approx(3 * low, abs=0.5)


def test_one_death_is_no_high_column():
    one, ten = (max(heights(read(figures(words))[1])) for words in ("1 0 1", "10 0 10"))
    assert one == pytest.approx(ten / 5)


def forces(printed, **cells):
    return [
        figure(f"bbbb{place}", number, area=f"force_{place}", **cells)
        for place, number in enumerate(printed.split())
    ]


def test_places_have_bars_on_one_scale_only_where_they_may_stand_together():
    high, low = (shape.width for shape in shapes(read(forces("90 30"))[1], "accent"))
    assert high == pytest.approx(3 * low, abs=0.5)
    picture, svg = read(forces("90 30", indicator="dismissed"))
    assert not shapes(svg, "accent")
    assert "Not to be compared: Each force counts its own way." in picture.alt


def test_places_of_two_publishers_share_no_scale_where_each_counts_its_own_way():
    rows = forces("90 30")
    rows[1]["source"] = "other"
    assert not shapes(
        read(rows, records={"other": REPORT | {"publisher": "Sun"}})[1], "accent"
    )
    upheld = [row | {"indicator": "upheld"} for row in rows]
    assert (
        len(
            shapes(
                read(upheld, records={"other": REPORT | {"publisher": "Sun"}})[1],
                "accent",
            )
        )
        == 2
    )


def test_a_number_of_another_time_has_no_bar_and_says_its_time():
    rows = forces("90 30 20")
    rows[2] = figure("bbbb9", "20", area="force_2", period="2021")
    _, svg = read(rows)
    assert len(shapes(svg, "accent")) == 2
    assert "2021" in words_of(svg)


def test_a_whole_stands_above_its_parts_and_has_no_bar():
    rows = [figure("cccc2", "900", area="illinois"), *forces("600 300")]
    _, svg = read(rows)
    assert [text.words for text in texts(svg) if text.words in ("Illinois", "Force_0", "Force_1")] == [
        "Illinois", "Force_0", "Force_1"
    ]  # fmt: skip
    assert len(shapes(svg, "accent")) == 2


def test_a_row_that_one_scale_would_hide_has_numbers_only():
    rows = [
        *figures("900 800", category="use_of_force"),
        *figures("3 2", start=2, subcategory="gun pointed"),
    ]
    _, svg = read(rows)
    assert len(heights(svg)) == 2
    assert {"900", "800", "3", "2"} <= {*words_of(svg)}


# Times


def test_gaps_are_hatched_with_the_reason_and_as_wide_as_years():
    window = figure("bbbb2", "900", period="2017/2022")
    rows = [window, figure("bbbb3", "81", period="2017"), *figures("72 70", 2021)]
    picture, svg = read(rows)
    assert [shape.width for shape in shapes(svg, "hatch")] == [
        shapes(svg, "accent")[0].width
    ] * 3  # 2018 to 2020
    assert (
        "2017: 81; 2018 to 2020: no such figure held; 2021: 72; 2022: 70" in picture.alt
    )
    assert "Hatched: no such figure held; this does not mean zero." in picture.alt
    assert "Printed for 2017 to 2022 together: 900." in picture.alt


def test_a_file_has_none_for_a_year():
    file = REPORT | {
        "covers": {"first": "2016-01-01", "last": "2021-12-31", "unfinished": ["2021"]}
    }
    cells = {"printed": None, "basis": "derived"}
    rows = [
        figure(f"bbbb{year[-1]}", "2", period=year) | cells for year in ("2018", "2020")
    ]
    assert "2018: 2; 2019: none in the file; 2020: 2" in read(rows, source=file)[0].alt


def test_years_that_filters_left_out_are_no_gaps():
    rows = [figure("bbbb2", "81", period="2017"), figure("bbbb3", "72", period="2021")]
    assert not shapes(read(rows, years=["2017", "2021"])[1], "hatch")
    assert "not chosen, or no such figure held" in read(rows, is_cut=True)[0].alt


@pytest.mark.parametrize("printed", ["9", "0"])
def test_a_part_of_a_year_after_whole_ones_is_dashed_and_named(printed):
    rows = [*figures("70 81", 2021), figure("bbbb3", printed, period="2023-01/2023-03")]
    picture, svg = read(rows)
    assert len(shapes(svg, "part")) == (printed != "0")
    assert "Dashed: part of a year (January–March 2023)." in picture.alt


def test_times_of_equal_length_are_columns_that_are_filled():
    rows = [
        figure(f"bbbb{year[-1]}", "9", period=f"{year}-01/{year}-03")
        for year in ("2021", "2022", "2023")
    ]
    picture, svg = read(rows)
    assert (len(heights(svg)), len(shapes(svg, "hatch"))) == (3, 0)
    assert (
        picture.title
        == "Officers accused, Chicago, January–March 2021 to January–March 2023"
    )


def test_numbers_that_may_still_change_are_dashed_and_named():
    rows = figures("81 72 70", 2021)
    rows[1]["mark"] = rows[2]["mark"] = "provisional"
    picture, svg = read(rows)
    assert len(shapes(svg, "part")) == 2
    assert "Dashed: provisional (2022 and 2023)." in picture.alt


def test_a_revised_number_has_a_star_and_another_way_of_counting_a_line():
    rows = figures("81 72 70", 2021)
    rows[1]["mark"], rows[2]["mark"] = "revised", "break"
    picture, svg = read(rows)
    assert "72*" in words_of(svg)
    assert "* Revised by the publisher (2022)." in picture.alt
    assert "Upright line: counted in another way from 2023 on." in picture.alt
    assert len(shapes(svg, "break")) == 1


def test_years_that_begin_in_other_months_are_not_joined():
    rows = [*figures("81 72 70", 2020), figure("cccc2", "8", period="2020-04/2021-03")]
    picture, _ = read(rows)
    assert "2020: 81; 2021: 72; 2022: 70" in picture.alt
    assert "1 more figure on officers accused" in picture.alt


def test_counts_of_moments_are_dots_that_nothing_joins():
    days = {"2021-03-31": "40", "2023-03-31": "30", "2023-09-19": "35"}
    rows = [
        figure(f"bbbb{n}", days[day], period=day, stock_or_flow="stock")
        for n, day in enumerate(days)
    ]
    picture, svg = read(rows)
    assert not heights(svg)
    assert (
        picture.title == "Officers accused, Chicago, 31 March 2021 to 19 September 2023"
    )
    assert (
        "31 March 2021: 40; 31 March 2023: 30; 19 September 2023: 35"
        in picture.description
    )
    assert [word for word in words_of(svg) if len(word) == 2] == [
        "35",
        "40",
        "30",
    ]  # the last first, and each once


# Sources


def test_another_source_of_the_same_time_is_a_ring_and_a_repetition_is_none():
    rows = figures("81 72 70", 2021)
    other = figure("cccc2", "75", period="2022", source="sun")
    again = figure("cccc3", "70", period="2023", source="sun", repeats=rows[2]["id"])
    picture, svg = read(
        [*rows, other, again], records={"sun": REPORT | {"publisher": "Sun"}}
    )
    assert len(heights(svg)) == 3
    assert "Ring: also printed: 75 in 2022 (Sun, June 2024)." in picture.alt
    assert svg.find(".//*[@class='mr-ring']").get("d").count("M") == 1


def test_a_point_is_of_the_publication_that_has_most_times():
    rows = figures("81 72 70", 2021)
    other = figure("cccc2", "75", period="2022", source="sun")
    assert (
        "2022: 72"
        in read([other, *rows], records={"sun": REPORT | {"published": "2025"}})[0].alt
    )


def test_the_last_lines_name_three_documents_or_of_more_each_publisher():
    records = {
        name: {"publisher": name, "published": "2023-05", "licence": None}
        for name in "ABCD"
    }
    rows = [
        row | {"source": name}
        for row, name in zip(figures("1 2 3 4"), "ABCD", strict=True)
    ]
    assert "Sources: A, May 2023; B, May 2023; C, May 2023." in said(
        read(rows[:3], records=records)[1]
    )
    assert "Sources: A, 2023; B, 2023; C, 2023; D, 2023." in said(
        read(rows, records=records)[1]
    )


# What else there is


def test_what_else_is_found_is_named_with_its_number():
    rows = [
        *figures("81 72"),
        *figures("5 4 3", start=2, indicator="upheld"),
        figure("ffff2", "7", scope="constables"),
    ]
    picture, _ = read(rows)
    assert picture.title == "Officers accused, Chicago, 2021 to 2022"
    assert (
        "Also held: 3 figures on cases upheld, 1 more figure on officers accused."
        in picture.alt
    )


def test_a_place_that_was_asked_for_stands_there_without_a_figure():
    picture, svg = read(forces("90 30"), areas=["force_0", "force_1", "elsewhere"])
    assert "Elsewhere: no such figure held" in picture.alt
    assert {"Elsewhere", "no such figure held"} <= {*words_of(svg)}
    assert len(shapes(svg, "hatch")) == 1


def test_what_most_places_have_is_drawn_if_several_were_asked_for():
    rows = [*forces("5 4", indicator="upheld"), figure("cccc2", "9", area="force_0")]
    assert read(rows, areas=["force_0", "force_1"])[0].title.startswith(
        "Cases upheld, Force_0 and Force_1"
    )


def test_of_many_kinds_zeros_are_a_sentence_and_of_places_none_is_left_out():
    rows = [
        figure(f"bbb{place:02}", str(max(0, 30 - place)), area=f"force_{place:02}")
        for place in range(40)
    ]
    shown = [
        text.words for text in texts(read(rows)[1]) if text.words.startswith("Force_")
    ]
    assert shown == [f"Force_{place:02}" for place in range(40)]
    kinds = [
        row | {"area": "chicago", "subcategory": f"{place:02}"}
        for place, row in enumerate(rows)
    ]
    assert "And 22 more: " in read(kinds)[0].alt


def test_each_place_that_was_asked_for_is_a_row():
    areas = [f"force_{place:02}" for place in range(40)]
    rows = [
        figure(f"bbb{place:02}", "7", area=area) for place, area in enumerate(areas)
    ]
    words = words_of(read(rows, areas=areas)[1])
    assert {area.capitalize() for area in areas} <= {*words}


def test_only_a_request_that_sorts_ranks_places():
    rows = forces("10 30 20")
    for is_ranked, names in ((False, "012"), (True, "120")):
        shown = [
            text.words
            for text in texts(read(rows, is_ranked=is_ranked)[1])
            if text.words.startswith("Force_")
        ]
        assert shown == [f"Force_{name}" for name in names]


def test_a_chart_of_the_register_draws_each_of_its_figures_under_its_editors_words():
    rows = [
        *figures("81 72"),
        *figures("5 4", start=2, indicator="upheld"),
        figure("ffff2", "7", period="2015"),
    ]
    picture, svg = read(
        rows, title="What they printed", subtitle="In Chicago", note="A note."
    )
    assert (picture.title, words_of(svg)[0]) == (
        "What they printed",
        "What they printed",
    )
    for words in ("In Chicago", "A note."):
        assert words in words_of(svg)
    for number in ("81", "72", "5", "4", "7"):
        assert number in words_of(svg)


def test_a_wish_that_is_not_followed_is_said():
    """It is said to who asked, and not to the readers of a newspaper."""
    words = "These figures do not suit the form that was asked for, list."
    picture, svg = read(figures("81 72"), form="list")
    assert words in picture.description
    assert "suit" not in " ".join(words_of(svg))
    assert "suit" not in read(figures("81 72"), form="columns")[0].alt


@pytest.mark.parametrize("printed", ["0%", "0% 0% 0%"])
def test_shares_of_which_all_are_zero_are_drawn(printed):
    _, svg = read(
        figures(
            printed, statistic="share", unit="percent", base="cases", indicator="upheld"
        )
    )
    assert "0%" in said(svg)
    assert {*heights(svg)} <= {0}
