"""The forms: a list, and a table of series whose cells are columns."""

import itertools
import re

import pytest

from tests.charts import words_of
from tests.charts.invented import (
    REPORT,
    figure,
    figures,
    place_of,
    read,
    said,
    shapes,
    texts,
)


def numbers(svg):
    """Return the words of a picture that are numbers, without the years."""
    return [word for word in words_of(svg) if word.replace(",", "").isdecimal() and not word.startswith("20")]


def highest(svg):
    """Return the height of the highest column of each row, from top to bottom."""
    rows = {}
    for shape in (*shapes(svg, "pale"), *shapes(svg, "accent")):
        base = round(shape.y + shape.height)
        rows[base] = max(rows.get(base, 0), shape.height)
    return [rows[base] for base in sorted(rows)]


def kinds(words, first=2021, **cells):
    """Return figures for years on end of several kinds, each with its name: {"force": "12 15"}."""
    pairs = enumerate(words.items())
    return [row for start, (kind, printed) in pairs for row in figures(printed, first, start, category=kind, **cells)]


# A list


def test_a_list_below_columns_has_no_marks_and_its_figures_say_what_they_are():
    single = [figure(f"bbbb{number}", number, measure="proven", area=f"force_{number}") for number in "19"]
    _, svg = read([*figures("10 10 30"), *single])
    assert len(shapes(svg, "accent")) == 3  # the columns
    assert {"Chicago: Officers accused", "Force_9"} <= {*words_of(svg)}
    assert "Force_9, Officers found proven, 2022: 9" in said(svg)


def test_parts_stand_below_their_whole_and_parts_of_parts_below_these():
    rows = [figure("bbbb5", "150", area="force_3", part_of=["bbbb3"]) | {"within": ["bbbb3", "bbbb2"]}]
    rows += [figure("bbbb2", "900")]
    rows += [figure("bbbb4", "300", area="force_2", part_of=["bbbb2"]), figure("bbbb6", "80", area="elsewhere")]
    rows += [figure("bbbb3", "600", area="force_1", part_of=["bbbb2"])]
    _, svg = read(rows)
    assert numbers(svg) == ["900", "600", "150", "300", "80"]
    assert len({place_of(svg, number).x for number in ("900", "600", "150", "300", "80")}) == 1  # right-aligned
    names = "Chicago", "Force_1", "Force_3", "Force_2", "Elsewhere"
    assert [place_of(svg, name).x - place_of(svg, "Chicago").x for name in names] == [0, 14, 28, 14, 0]


def test_a_part_stands_below_what_repeats_its_whole():
    """The 13 are of 300 that another paper gives, of which only the first is drawn: v1/vetting-checks?area=gb_eaw."""
    repeated = figure("bbbb2", "300", repeats="bbbb4", category="sexual") | {"within": ["bbbb4"]}
    part = figure("bbbb3", "13", part_of=["bbbb2"]) | {"within": ["bbbb2", "bbbb4"]}
    _, svg = read([repeated, part, figure("bbbb4", "300", category="sexual")])
    assert numbers(svg) == ["300", "13"]
    assert place_of(svg, "Sexual").x < place_of(svg, "Use of force").x


def test_each_place_of_a_list_and_each_source_of_several_rows_stand_once():
    rows = [
        figure(
            f"bb{area}{kind}", f"{area}{kind}", area=f"force_{area}", category=f"kind_{kind}", source=f"paper_{area}"
        )
        for area in (1, 2)
        for kind in (1, 2, 3)
    ]
    papers = {f"paper_{one}": REPORT | {"publisher": f"Paper {one}"} for one in (1, 2)}
    _, svg = read(rows, records=papers)
    assert [words_of(svg).count(one) for one in ("Force_1", "Force_2", "Paper 1, June 2024")] == [1, 1, 1]
    assert place_of(svg, "Force_1").y < place_of(svg, "11").y < place_of(svg, "13").y < place_of(svg, "Force_2").y
    assert "Kind_2, Force_2" in said(svg)


def test_places_of_a_list_are_in_the_order_of_the_alphabet():
    """They differ in size, so that only a request may rank them."""
    forces = [figure(f"bbbb{number}", str(number), area=f"force_{number}") for number in range(2, 6)]
    assert numbers(read(forces)[1]) == ["2", "3", "4", "5"]
    kinds = [figure(f"bbbb{number}", str(number), category=f"kind_{number}") for number in range(2, 6)]
    assert numbers(read(kinds[::-1])[1]) == ["5", "4", "3", "2"]


def test_a_list_has_60_rows_and_says_how_many_more_there_are():
    rows = [figure(f"bbb{number:02}", str(100 + number), category=f"kind_{number:02}") for number in range(66)]
    _, svg = read(rows, total=80)
    assert numbers(svg) == [str(100 + number) for number in range(6, 66)]  # the largest
    assert "60 of 80 figures" in said(svg)


def test_a_list_of_unlike_figures_has_18_wholes_before_parts_and_names_the_others():
    rows = [figure(f"bbb{number:02}", str(100 + number), category=f"kind_{number:02}") for number in range(33)]
    unlike = [row | {"source": "news"} if place % 2 else row for place, row in enumerate(rows)]
    news = {"news": REPORT | {"publisher": "Tribune"}}
    assert numbers(read(unlike, records=news)[1]) == [str(100 + number) for number in range(15, 33)]  # the largest
    assert "18 of 33 figures" in said(read(unlike, records=news)[1])
    assert "Not drawn: 15 more figures (accusation or complaint)." in said(read(unlike, records=news)[1])
    unlike[32] = unlike[32] | {"within": [unlike[0]["id"]]}
    assert "100" in numbers(read(unlike, records=news)[1])  # after-contact?year=2015/16 began with one territory


def test_a_list_of_places_has_all_of_them():
    rows = [figure(f"bbb{number:02}", str(100 + number), area=f"force_{number:02}") for number in range(48, 0, -1)]
    assert numbers(read(rows)[1]) == [str(100 + number) for number in range(1, 49)]


def test_a_single_figure_is_very_large_and_says_what_and_when():
    picture, svg = read([figure("bbbb2", "1,492", counted="officers accused of force")])
    assert place_of(svg, "1,492").colour == "accent"
    assert "“officers accused of force”, 2022" in words_of(svg)
    assert max(float(group.get("font-size")) for group in svg if group.get("font-size")) == 76
    assert picture.headline.endswith("“officers accused of force”, 2022: 1,492")


def test_a_figure_beside_a_series_is_not_drawn_very_large():
    _, svg = read([*figures("12 15 9"), figure("wwww2", "77", measure="proven")])
    assert max(float(group.get("font-size")) for group in svg if group.get("font-size")) < 40
    assert {"12", "15", "9", "77"} <= {*numbers(svg)}


FORMER = dict.fromkeys(("years", "columns", "grid"), "table") | dict.fromkeys(
    ("bars", "divided", "numbers", "timeline"), "list"
)


# Years


def test_one_series_has_columns_from_zero():
    _, svg = read(figures("90 30 0 60", 2019))
    high, low, middle = [shape.height for shape in sorted(shapes(svg, "accent")) if shape.height > 1]
    assert (low, middle) == (pytest.approx(high / 3, abs=0.2), pytest.approx(2 * high / 3, abs=0.2))
    assert len({round(shape.y + shape.height) for shape in shapes(svg, "accent")}) == 1
    assert [word for word in words_of(svg) if word.startswith("20")] == ["2019", "2020", "2021", "2022"]
    assert "2019: 90; 2020: 30; 2021: 0; 2022: 60." in said(svg)


@pytest.mark.parametrize(("former", "form"), FORMER.items())
def test_former_names_draw_the_form_that_took_their_place(former, form):
    """A timeline has a heading, too. Numbers have no bars; here, no list has any, since the years differ."""
    rows = kinds({"force": "12 15 9", "sexual": "30 25 22"})
    pictures = [read(rows, form=one)[1] for one in (former, form)]
    one, other = ([text for text in words_of(svg) if text != "June 2024"] for svg in pictures)
    assert one == other
    assert [len(shapes(svg, "pale")) for svg in pictures] == [6 * (form == "table")] * 2


@pytest.mark.parametrize(("printed", "ratio"), [("9 30 90", 1), ("2 3 9", 10)])
def test_rows_that_may_be_compared_share_a_scale_if_the_lower_one_can_be_seen_on_it(printed, ratio):
    _, svg = read(kinds({"force": "9 30 90", "sexual": printed}))
    high, low = highest(svg)
    assert high / low == pytest.approx(ratio, rel=0.05)
    assert "scale of its own" not in said(svg)


def test_rows_without_a_scale_in_common_have_numbers_only():
    """126,327 officers were drawn as high as 1,198."""
    _, svg = read(kinds({"force": "9 30 90", "sexual": "1 1 9000"}))
    assert not shapes(svg, "pale")
    assert not shapes(svg, "accent")
    assert {"9", "30", "90", "9000"} <= {*words_of(svg)}


@pytest.mark.parametrize(
    "other",
    [{"source": "news"}, {"unit": "percent"}, {"statistic": "average"}],
    ids=lambda other: next(iter(other)),
)
def test_rows_that_may_not_be_compared_have_scales_of_their_own(other):
    rows = [*figures("12 15 14"), *figures("30 25 20", start=2, category="sexual", **other)]
    _, svg = read(rows, records={"news": REPORT | {"publisher": "Tribune"}})
    assert len({*highest(svg)}) == 1
    assert {"12", "15", "14"} <= {*words_of(svg)}


@pytest.mark.parametrize(("printed", "ratio"), [("30 25 20", 0.5), ("9000 9 9", 1)])
def test_counts_of_one_source_and_place_share_a_scale_in_whatever_unit(printed, ratio):
    """Seven incidents were drawn five times as high as seven deaths."""
    incidents = figures(printed, start=2, category="sexual", counting_unit="incidents")
    _, svg = read([*figures("12 15 14"), *incidents])
    high, low = highest(svg)
    assert high / low == pytest.approx(ratio, rel=0.05)
    assert ("Each table and each total has a scale of its own." in said(svg)) is (ratio == 1)


def test_places_of_one_source_share_a_scale():
    apart = [*figures("40 20"), *figures("80 60", start=2, area="force_1")]
    high, low = highest(read(apart)[1])
    assert high / low == pytest.approx(0.5, rel=0.05)


def test_places_that_differ_in_size_have_no_columns_beside_each_other():
    apart = [*figures("50 20"), *figures("90 70", start=2, area="force_1")]
    assert not shapes(read(apart)[1], "accent")
    assert not shapes(read(apart)[1], "shade4")


def test_columns_whose_numbers_have_no_room_beside_each_other_follow_below():
    many = " ".join(str(100_000 + year) for year in range(12))
    pictures = [read(figures(many, 2001), size)[1] for size in ("wide", "narrow")]
    assert [len({shape.y + shape.height for shape in shapes(svg, "accent")}) for svg in pictures] == [1, 2]
    assert all({*many.split()} <= {*words_of(svg)} for svg in pictures)


def test_columns_of_parts_of_years_are_dashed_and_those_of_hedged_numbers_hollow():
    first = figure("bbbb1", "35", period="2019-04/2019-12", category="sexual")
    hedged = figure("bbbb2", "50", period="2021", category="sexual", qualifier="estimated", hedge="estimated")
    rows = [first, figure("bbbb3", "40", period="2020", category="sexual"), hedged]
    rows.append(figure("bbbb4", "45", period="2022", category="sexual", mark="provisional"))
    rows.append(figure("bbbb5", "43", period="2023", category="sexual"))
    _, svg = read(rows)
    assert [len(shapes(svg, mark)) for mark in ("part", "hollow", "accent")] == [2, 1, 2]
    assert "Hollow: an estimate, or a number with a hedge." in said(svg)
    assert "Dashed: part of a year (April–December 2019). Dashed: 2022 may still change." in said(svg)


def test_gaps_of_each_series_are_hatched_with_the_reason():
    window = figure("bbbb2", "900", period="2018/2023", category="sexual")
    one = [*figures("60 30", 2018, category="sexual"), *figures("90 70", 2022, 3, category="sexual")]
    other = [row for row in figures("12 15 9 20 30 11", 2018, 2) if row["period"] != "2021"]
    _, svg = read([window, *one, *other, figure("bbbb3", "200", period="2018/2023")], form="table")
    year = shapes(svg, "pale")[0].width / 0.84
    assert [shape.width + 2 for shape in shapes(svg, "hatch")] == pytest.approx([year, year, year], abs=0.5)
    assert "Hatched or missing: no figure printed, which does not mean zero." in said(svg)
    assert "900 between 2018 and 2023; 2018: 60; 2019: 30; 2020–2021: no figure printed; 2022: 90; 2023: 70." in said(
        svg
    )


def test_the_printed_total_of_a_series_stands_in_its_picture():
    window = {"period": "2021/2022"}
    _, one = read([*figures("12 15"), figure("bbbb2", "31", **window)])
    assert "people, 31 between 2021 and 2022" in words_of(one)
    rows = [*figures("12 15"), figure("bbbb2", "31", **window), *figures("30 25", start=2, category="sexual")]
    assert place_of(read(rows)[1], "31").y > place_of(read(rows)[1], "2021–2022").y


def test_a_scale_says_if_the_source_does_not_say_what_it_counts():
    for more in ([], figures("30 25", start=2, category="sexual", counting_unit="unstated")):
        assert "Unit not stated" in words_of(read([*figures("12 15", counting_unit="unstated"), *more])[1])


def test_a_revised_number_has_a_star_and_a_note():
    rows = figures("40 30")
    for more in ([], figures("50 60", start=2, category="sexual")):
        _, svg = read([rows[0], rows[1] | {"mark": "revised"}, *more])
        assert "30*" in words_of(svg)
        assert "* Revised by the publisher (2022)." in said(svg)
    assert "Revised" not in read(rows)[0].alt


@pytest.mark.parametrize("series", [1, 6])
def test_where_the_publisher_counted_in_another_way_there_is_a_line_and_a_note(series):
    years = figures("90 50 20 9", 2019)
    years[1]["mark"] = years[3]["mark"] = "break"
    more = [row for start in range(2, series + 1) for row in figures("60 50 60 70", 2019, start, category=f"x{start}")]
    _, svg = read(years + more)
    lines = [shape for shape in shapes(svg, "ink") if shape.width == 1]
    assert len(lines) == 2
    assert all(shape.height > 15 for shape in lines)
    assert "Line: counted in another way from 2020 and 2022 on." in said(svg)


def test_a_list_names_what_was_counted_in_another_way_and_has_no_line():
    _, svg = read([figure("bbbb2", "55", mark="break", area="force_1"), figure("bbbb3", "30", area="force_2")])
    assert "Line:" not in said(svg)
    assert "Counted in another way than before: 55." in said(svg)
    assert not [shape for shape in shapes(svg, "ink") if shape.width == 1]


def test_the_words_below_explain_only_marks_that_are_drawn():
    """Figures without bars have no colours, and a total is only printed."""
    below = figure("bbbb2", "1,000", period="2023", qualifier="just_under", hedge="nearly")
    assert "Hollow" in read([*figures("12 15"), below])[0].alt
    estimated = {"qualifier": "estimated", "hedge": "estimated"}
    total, _ = read([*figures("12 15"), figure("bbbb3", "29", period="2021/2022", **estimated)])
    unlike, _ = read([figure("bbbb4", "12", **estimated), figure("bbbb5", "5%", unit="percent", area="force_1")])
    assert ("Hollow" in total.alt, "Hollow" in unlike.alt) == (False, False)


# A table


FORCES = [row for one in range(7) for row in figures(f"{90 - 10 * one} 0 {one + 1}", start=one, area=f"force_{one}")]


def rows_of(svg, names):
    """Return the words of each row of a table that begins with one of some names, from left to right."""
    found, lines = {}, texts(svg)
    for name in names:
        found[name] = [text.words for text in lines if text.y == pytest.approx(place_of(svg, name).y, abs=2)][1:]
    return found


def test_years_that_begin_in_april_and_in_january_do_not_have_two_scales():
    rows = [*figures("81 72"), figure("bbbb4", "8", period="2020-04/2021-03", measure="proven")]
    _, svg = read([*rows, figure("bbbb5", "9", period="2021-04/2022-03", measure="proven")])
    assert {"81", "72", "8", "9"} <= {*words_of(svg)}
    assert {"Officers accused", "Officers found proven", "2021", "2020/21"} <= {*words_of(svg)}


def test_places_stand_in_the_order_of_the_alphabet_on_one_scale():
    _, svg = read(FORCES[::-1])
    names = [word for word in words_of(svg) if word.startswith("Force_")]
    assert names == [f"Force_{number}" for number in range(7)]
    rows = {}
    for number in ("90", "80", "70", "60", "50", "40", "30"):
        rows[number] = max(shape.height for shape in shapes(svg, "pale") if 0 < shape.y - place_of(svg, number).y < 8)
    assert rows["90"] / rows["30"] == pytest.approx(3, rel=0.05)
    assert {text.colour for text in texts(svg) if text.words == "0"} == {"muted"}
    assert not any(shapes(svg, f"shade{step}") for step in range(1, 5))


def test_a_country_stands_first_and_strong_above_its_forces_with_every_total_as_printed():
    total = figure("wwww2", "1,234", area="illinois", period="2021/2023")
    country = [*figures("500 400 300", start=7, area="illinois"), total]
    wholes = {row["period"]: row["id"] for row in country}
    forces = [row | {"within": [wholes[row["period"]]]} for row in FORCES]
    picture, svg = read([*forces, *country, figure("wwww3", "99", area="force_0", period="2021/2023")])
    assert len(shapes(svg, "accent")) == 3
    assert place_of(svg, "Illinois").y < place_of(svg, "Force_0").y
    totals = [text for text in texts(svg) if text.words in ("99", "1,234")]
    assert {(text.anchor, text.x) for text in totals} == {("end", 640 - 16)}
    assert place_of(svg, "2021–2023").x == 640 - 16
    assert picture.title == "Use of force: officers accused, Illinois and its places, 2021 to 2023"
    printed = {"500", "400", "300", "99", "0", *(str(90 - 10 * one) for one in range(7)), *map(str, range(1, 8))}
    assert {*numbers(svg)} == printed | {"1,234"}  # nothing is added up


def test_kinds_of_one_place_are_in_the_order_of_their_document():
    rows = kinds({f"kind_{one}": f"50 {10 * one + 10}" for one in range(6)})
    part = figure("wwww2", "9", period="2023-01/2023-03", category="kind_0")
    _, svg = read([*rows, part, *figures("400 5", start=6, category="kind_9")])
    names = [word for word in words_of(svg) if word.startswith("Kind_")]
    assert names == [f"Kind_{number}" for number in (0, 1, 2, 3, 4, 5, 9)]
    assert len(shapes(svg, "part")) == 1


def test_only_a_request_that_sorts_by_value_ranks_places():
    names = [word for word in words_of(read(FORCES, is_ranked=True)[1]) if word.startswith("Force_")]
    assert names == [f"Force_{number}" for number in range(6, -1, -1)]


def test_a_part_of_a_year_is_not_the_newest_number_of_a_series():
    part = figure("wwww2", "2", period="2023-01/2023-03", category="kind_1")
    for last in (part, figure("wwww2", "2", period="2023", category="kind_1", mark="provisional")):
        _, svg = read([*kinds({"kind_0": "20 30", "kind_1": "50 60"}), last], form="table", is_ranked=True)
        assert [word for word in words_of(svg) if word.startswith("Kind_")] == ["Kind_1", "Kind_0"]


@pytest.mark.parametrize(("first", "is_drawn"), [("2021", True), ("2015", False)])
def test_totals_of_different_years_do_not_stand_under_one_heading(first, is_drawn):
    rows = kinds({f"kind_{one}": "50 40" for one in range(6)})
    total = figure("wwww2", "777", category="kind_0", period="2021/2022")
    _, svg = read([*rows, total, figure("wwww3", "888", category="kind_1", period=f"{first}/2022")])
    assert [text.words for text in texts(svg) if text.words in ("777", "888")] == ["777", "888"] * is_drawn
    assert ("2021–2022" in words_of(svg)) is is_drawn


@pytest.mark.parametrize(("last", "heading"), [("2022-03", "3 years"), ("2021-03", "April 2019–March 2021")])
def test_a_heading_counts_the_years_only_if_the_totals_are_for_all_of_them(last, heading):
    periods = ["2019-04/2020-03", "2020-04/2021-03", "2021-04/2022-03"]
    rows = [
        figure(f"bb{one}{place}", "50", category=f"kind_{one}", period=period)
        for one in range(6)
        for place, period in enumerate(periods)
    ]
    _, svg = read([*rows, figure("wwww2", "777", category="kind_0", period=f"2019-04/{last}")])
    assert place_of(svg, heading).x == place_of(svg, "777").x


def test_cells_tell_hedges_from_parts_of_years_and_gaps_are_hatched():
    window = figure("wwww2", "200", period="2021/2023", category="kind_0")
    rows = kinds({"kind_0": "50 40", **{f"kind_{one}": "50 40 30" for one in range(1, 6)}})
    rows[1] |= {"qualifier": "estimated", "hedge": "estimated"}
    _, svg = read([window, *rows, figure("wwww3", "7", period="2024-01/2024-03", category="kind_1")])
    assert (len(shapes(svg, "hollow")), len(shapes(svg, "part")), len(shapes(svg, "hatch"))) == (1, 1, 1)
    assert "Hatched or missing: no figure printed, which does not mean zero." in said(svg)


@pytest.mark.parametrize(("size", "width"), [("narrow", 280), ("medium", 430), ("wide", 640)])
def test_years_that_do_not_fit_beside_each_other_follow_below(size, width):
    many = " ".join(str(10_000 + year) for year in range(30))
    _, svg = read(kinds({f"kind_{one}": many for one in range(6)}, 1990), size)
    found = [text for text in texts(svg) if text.words.isdecimal() and len(text.words) == 5]
    assert sorted(text.words for text in found) == sorted(many.split() * 6)
    half = 16  # pixels of half of a number
    assert all(text.x - half >= 16 and text.x + half <= width - 16 for text in found)
    by_line = {}
    for text in found:
        by_line.setdefault(text.y, []).append(text.x)
    assert all(right - left >= 2 * half for line in by_line.values() for left, right in itertools.pairwise(line))
    parts = [word for word in words_of(svg) if word.startswith("Kind_0")]
    assert len(parts) == len(found) / 6 / max(map(len, by_line.values()))


def test_a_table_has_60_whole_series():
    forces = [row for number in range(70) for row in figures("6 9", start=number, area=f"force_{number:02}")]
    _, svg = read(forces)
    assert [word for word in words_of(svg) if word.startswith("Force_")] == [f"Force_{one:02}" for one in range(60)]
    assert (numbers(svg).count("6"), numbers(svg).count("9")) == (60, 60)
    assert "120 of 140 figures" in said(svg)


def test_series_of_different_units_are_tables_each_below_its_unit():
    forces = [row for one in range(16) for row in figures(f"6 {30 + one}", start=one, area=f"force_{one:02}")]
    unlike = [row | {"counting_unit": "people" if place < 26 else "allegations"} for place, row in enumerate(forces)]
    single = [figure(f"wwww{one}", "77", measure="proven", category=f"x{one}") for one in "234"]
    _, svg = read([*unlike, *single])
    assert (numbers(svg).count("6"), len(numbers(svg))) == (16, 32)
    assert words_of(svg).count("Allegations") == 1
    assert len(shapes(svg, "pale")) == 32
    assert "77" not in numbers(svg)  # below a long table no single figures: v1/duty-status?measure=dismissed
    assert "32 of 35 figures" in said(svg)


def test_of_too_many_forces_only_their_country_is_drawn():
    """The first ones in the alphabet would say nothing."""
    country = figures("500 400", start=70, area="illinois")
    forces = [row for number in range(61) for row in figures("6 9", start=number, area=f"force_{number:02}")]
    forces = [row | {"within": [country[place % 2]["id"]]} for place, row in enumerate(forces)]
    picture, svg = read([*forces, *country])
    assert numbers(svg) == ["500", "400"]
    assert picture.title == "Use of force: officers accused, Illinois, 2021 to 2022"
    assert "2 of 124 figures" in said(svg)


def test_zeros_of_a_list_stand_in_one_sentence():
    rows = [figure(f"bbbb{place}", "0" if place > 3 else "7", area=f"force_{place}") for place in range(2, 8)]
    picture, svg = read(rows)
    assert numbers(svg) == ["7", "7"]
    assert "0 in Force_4, Force_5, Force_6 and Force_7." in words_of(svg)
    assert "Force_6: 0" in picture.alt
    withheld = {"value_absent": "suppressed", "qualifier": None}
    hidden = [figure(f"bbbc{place}", "[c]", area=f"x{place}", **withheld) for place in range(2, 6)]
    _, svg = read([*rows, *hidden])  # which is not zero; v1/outcomes?area=us_la_new_orleans&year=2021
    assert {"0 in Force_4, Force_5, Force_6 and Force_7.", "Suppressed in X2, X3, X4 and X5."} <= {*words_of(svg)}


def test_of_a_long_list_of_zeros_as_many_are_counted_as_are_not_named():
    rows = [figure(f"bbb{place:02}", "0", area=f"constabulary_{place:02}") for place in range(10, 69)]
    sentence = " ".join(words_of(read([figure("bbbb9", "7", area="force_9"), *rows])[1]))
    assert "0: Constabulary_10; " in sentence
    assert sentence.count("Constabulary_") + int(re.search(r"; and (\d+) more\.", sentence)[1]) == 59


def test_a_row_of_a_list_is_20_pixels_high():
    rows = [figure(f"bbb{number:02}", str(100 + number), area=f"force_{number:02}") for number in range(30)]
    _, svg = read(rows)
    lines = [text.y for text in texts(svg) if text.words.startswith("Force_")]
    assert {below - above for above, below in itertools.pairwise(lines)} <= {20, 21}


def test_a_picture_says_once_what_is_not_to_be_calculated_and_explains_no_mark_that_it_does_not_draw():
    part = figure("wwww2", "7", period="2024-01/2024-03", category="kind_00")
    rows = kinds({"kind_00": "50 40 30", "kind_01": "90000 80000 70000"})
    _, svg = read([*rows, part])  # without a scale in common
    assert not shapes(svg, "part")
    assert "Part of a year (January–March 2024)." in said(svg)
    zeros = [*figures("0 0", 2018), *figures("0 0", 2022, 2)]
    _, svg = read([*zeros, figure("bbbb2", "0", period="2018/2023")])
    assert not shapes(svg, "hatch")
    assert "Hatched" not in said(svg)
