"""What a picture must not hide: hedges, bounds, gaps, parts of years, and figures that there is no room for.

The figures are invented, because no released figure is zero, withheld, or one of forty forces.
"""

import pytest

from misconduct.errors import RegisterError
from misconduct_editor.register.check import read_register
from tests.charts import SVG, words_of
from tests.charts.invented import REPORT, figure, figures, read, rectangles, said, shapes
from tests.registers import write_register


def test_hedges_stand_as_printed_and_their_columns_are_hollow():
    rows = figures("1,131 1,000 1,071 500", 2020)
    rows[1] |= {"qualifier": "about", "hedge": "about"}
    rows[2] |= {"qualifier": "estimated", "hedge": "an estimated"}
    rows[3] |= {"qualifier": "at_least", "hedge": "+"}
    picture, svg = read(rows)
    assert {"1,131", "“about 1,000”", "est. 1,071", "“500+”"} <= {*words_of(svg)}
    assert "“about 1,000”" in picture.alt
    assert (len(rectangles(svg, "accent")), len(rectangles(svg, "hollow"))) == (1, 3)
    assert "Hollow: an estimate, or a number with a hedge." in picture.alt


def test_bounds_are_hollow_and_stand_as_printed():
    rows = figures("1,000 900", 2021)
    rows[0] |= {"qualifier": "just_under", "hedge": "nearly"}
    rows.append(figure("bbbb3", "Hundreds", qualifier="magnitude", value_absent="magnitude_only", period="2023"))
    picture, svg = read(rows)
    assert (len(rectangles(svg, "hollow")), len(rectangles(svg, "accent"))) == (2, 1)
    assert {"“nearly 1,000”", "“Hundreds”"} <= {*words_of(svg)}
    assert "Hollow: an estimate, or a number with a hedge." in picture.alt


def test_a_range_is_drawn_to_its_upper_end():
    between = figure("bbbb2", "20–40", qualifier="between", value_absent="range_only", period="2020")
    _, svg = read([between, *figures("40 10", 2021)])
    assert shapes(svg, "hollow")[0].height == shapes(svg, "accent")[0].height


def test_what_is_withheld_is_not_drawn_as_zero_nor_a_fall_as_a_rise():
    hidden = figure("bbbb2", "[c]", value_absent="suppressed", qualifier=None, period="2023")
    _, svg = read([*figures("12 0 9", 2020), hidden])
    assert {"12", "0", "9"} <= {*words_of(svg)}
    assert len(rectangles(svg, "accent")) == 2
    assert "2023: Suppressed" in said(svg)
    _, falls = read(figures("-5 9 3", 2020, statistic="change"))
    assert len(rectangles(falls, "accent")) == 2


def test_columns_begin_at_zero():
    """So one that is three times as high stands for three times as many."""
    _, svg = read(figures("90 30"), form="columns")
    high, low = (shape.height for shape in shapes(svg, "accent"))
    assert high == pytest.approx(3 * low, abs=0.5)


def test_parts_that_do_not_come_to_their_whole_are_not_drawn_as_its_division():
    parts = [figure(f"bbbb{number}", f"{number}00", area=f"force_{number}", part_of=["bbbb2"]) for number in (3, 4)]
    picture, _ = read([figure("bbbb2", "900"), *parts])
    assert "Some of these figures are parts of others, so do not add them." in picture.alt


def test_gaps_are_hatched_to_scale_with_the_reason_and_empty_years_at_both_ends_are_cut():
    window = figure("bbbb2", "900", period="2014/2023")
    years = [figure("bbbb3", "81", period="2017"), figure("bbbb4", "72", period="2021")]
    picture, svg = read([window, *years, figure("bbbb5", "70", period="2022")])
    column = rectangles(svg, "accent")[0] / 0.84
    gaps = rectangles(svg, "hatch")
    assert [gap + 2 for gap in gaps] == pytest.approx([column] * 3, abs=0.5)  # 2018 to 2020
    assert not [word for word in words_of(svg) if word in ("2014", "2016", "2023")]
    assert "Hatched or missing: no figure printed, which does not mean zero." in picture.alt
    assert "people, 900 between 2014 and 2023" in words_of(svg)
    assert "900 between 2014 and 2023; 2017: 81; 2018–2020: no figure printed; 2021: 72" in picture.alt


def test_parts_of_years_are_dashed_and_named():
    picture, svg = read([figure("bbbb2", "81", period="2022"), figure("bbbb3", "9", period="2023-01/2023-03")])
    assert len(rectangles(svg, "part")) == 1
    none_so_far, _ = read([figure("bbbb2", "81", period="2022"), figure("bbbb3", "0", period="2023-01/2023-03")])
    for alt in (picture.alt, none_so_far.alt):
        assert "Dashed: part of a year (January–March 2023)." in alt


def test_numbers_that_may_still_change_are_dashed_and_named():
    years = [figure("bbbb2", "81", period="2022")]
    years += [figure(f"bbbb{year}", "72", period=f"202{year}", mark="provisional") for year in (3, 4)]
    picture, svg = read(years, source=REPORT | {"published": "2025"})
    assert len(rectangles(svg, "part")) == 2
    assert "Dashed: 2023 and 2024 may still change." in picture.alt
    single, _ = read([figure("bbbb2", "55", period="now", mark="provisional")])
    assert "55 may still change." in single.alt


def test_years_from_april_stand_beside_calendar_years():
    rows = [figure("bbbb2", "81", period="2021"), figure("bbbb3", "72", period="2022")]
    rows += [figure("bbbb4", "8", period="2020-04/2021-03", measure="proven")]
    rows += [figure("bbbb5", "9", period="2021-04/2022-03", measure="proven")]
    picture, _ = read(rows)
    assert "2021: 81; 2022: 72." in picture.alt
    assert "2020/21: 8; 2021/22: 9." in picture.alt


def test_long_words_of_a_source_are_cut_between_its_places():
    shown = "officers accused of very, very, very, very, very, very, very, very, very, very, very bad"
    picture, _ = read([figure("bbbb2", "12", fit="narrower", counted=f"{shown} … behaviour, in all of these years")])
    assert f"“{shown} …”" in picture.alt


COUNTED = {"printed": None, "basis": "derived"}


def test_a_list_says_how_many_more_there_are():
    forces = [figure(f"bbb{number:02}", str(100 - number), area=f"force_{number:02}") for number in range(45)]
    picture, svg = read(forces, total=66)
    assert [word for word in words_of(svg) if word.startswith("Force_")] == [f"Force_{one:02}" for one in range(45)]
    assert picture.title == "Use of force: officers accused, 45 places in Illinois"
    assert "2022, as printed in June 2024, " in said(svg)
    assert "45 of 66 figures" in said(svg)
    assert len(picture.svg.encode()) <= 15_000


def test_a_file_has_none_for_a_year_or_does_not_cover_it():
    file = REPORT | {"covers": {"first": "2016-01-01", "last": "2021-12-31", "unfinished": ["2021"]}}
    counted = [figure(f"bbbb{year[-1]}", "2", period=year) | COUNTED for year in ("2018", "2020")]
    stated = [figure(f"bbb{year[-2:]}", "8", period=year, measure="proven") for year in ("2014", "2015", "2022")]
    picture, _ = read([*counted, *stated], source=file)
    none = "2016–2017: none in the file; 2018: 2; 2019: none in the file; 2020: 2; 2021: none in the file so far."
    assert none in picture.alt
    assert "2014: 8; 2015: 8; 2016–2021: no figure printed; 2022: 8." in picture.alt
    gaps = "none in the file or none in the file so far; no figure printed, which does not mean zero"
    assert f"Hatched or missing: {gaps}. " in picture.alt


def test_a_card_has_only_title_and_source_in_one_size():
    forces = [figure(f"bbb{number:02}", str(100 - number), area=f"force_{number:02}") for number in range(45)]
    picture, svg = read(forces, "card")
    _, short = read([figure("bbbb2", "7")], "card")
    assert not [word for word in words_of(svg) if word.startswith("Force_")]
    assert sum(word.startswith("Source: ") for word in words_of(svg)) == 1
    assert {group.get("font-size") for group in svg.iter(f"{SVG}g")} <= {
        group.get("font-size") for group in short.iter(f"{SVG}g")
    }
    assert (picture.width, picture.height) == (1200, 630)


def test_a_title_follows_what_is_counted():
    rows = [figure("bbbb2", "12", measure="proven", counting_unit="allegations", period="2021")]
    rows.append(figure("bbbb3", "14", measure="proven", counting_unit="allegations"))
    assert read(rows)[0].title == "Use of force: allegations found proven, police in Chicago, 2021 to 2022"
    assert "add" not in read(rows)[0].alt


@pytest.mark.parametrize(("measure", "is_said"), [("recorded", True), ("proven", False)])
def test_it_is_said_where_nobody_knows_whether_any_figure_counts_findings(measure, is_said):
    rows = [figure("bbbb2", "12", measure="recorded"), figure("bbbb3", "14", measure=measure, area="force_1")]
    note = "The source does not say whether these are accusations or findings."
    assert (note in read(rows)[0].alt) is is_said


@pytest.mark.parametrize(
    ("category", "title"),
    [
        ("use_of_force", "Use of force: officers linked to misconduct, Chicago"),
        ("any_misconduct", "Officers linked to misconduct, Chicago"),  # the result says it
    ],
)
def test_what_a_check_found_and_of_which_kind(category, title):
    assert (
        read([figure("bbbb2", "12", measure="vetting", vetting_result="misconduct", category=category)])[0].title
        == title
    )


@pytest.mark.parametrize(
    ("other", "is_warned"),
    [
        ({"measure": "proven"}, True),
        ({"category": "sexual"}, True),
        ({"population": "staff"}, True),
        ({"counting_unit": "allegations"}, True),
        ({"stock_or_flow": "stock"}, True),
        ({"area": "force_1"}, False),
    ],
)
def test_figures_of_different_things_are_not_to_be_added(other, is_warned):
    picture, _ = read([figure("bbbb2", "12"), figure("bbbb3", "14", **other)])
    assert ("These figures count different things, so do not add them." in picture.alt) is is_warned


@pytest.mark.parametrize(("licence", "is_said"), [(None, False), ("OGL-3.0", True)])
def test_a_licence_is_named_only_if_the_source_states_one(licence, is_said):
    picture, svg = read([figure("bbbb2", "12")], source=REPORT | {"licence": licence})
    assert ("OGL-3.0" in picture.svg, "OGL-3.0" in picture.metadata["rights"]) == (is_said, is_said)
    assert picture.metadata["rights"].startswith("CC BY 4.0 for this picture")
    assert any("City of Chicago, June 2024" in word for word in words_of(svg))


@pytest.mark.parametrize("form", "list years table bars numbers columns divided grid timeline".split())
def test_every_form_draws_whatever_the_figures(form):
    rows = [figure("bbbb2", "900", period="2014/2023"), figure("bbbb3", "81", period="2022", part_of=["bbbb2"])]
    rows += [figure("bbbb4", "72", period="2021", part_of=["bbbb2"]), figure("bbbb5", "5%", unit="percent")]
    for size in ("narrow", "wide", "card"):
        picture, _ = read(rows, size, form=form)
        assert all(number in picture.alt for number in ("900", "81", "72", "5%")), (form, size)


@pytest.mark.parametrize(
    ("title", "query", "number"),
    [
        ("1,131 in 2022, 1,071 later", "id: [k7m3q]", 1071),
        ("1,131 or nearly 1,000", "id: [k7m3q], disagreement: [how-many]", 1000),  # of its other member
    ],
)
def test_a_title_has_no_number_that_its_figures_do_not_have(tmp_path, title, query, number):
    chart = f"- {{id: accused, title: '{title}', query: {{{query}}}, form: bars}}\n"
    write_register(tmp_path, {"charts.yaml": chart})
    with pytest.raises(RegisterError, match=rf"charts.yaml:1:17: none of the chart's figures has the number {number}"):
        read_register(tmp_path)


@pytest.mark.parametrize("documents", [2, 3, 4, 6])
def test_every_source_is_named(documents):
    records = {f"paper-{one}": {"publisher": f"Paper {one}", "published": "2024-05"} for one in range(documents)}
    rows = [figure(f"bbbb{place}", "9", source=one, area=f"force_{place}") for place, one in enumerate(records, 2)]
    picture, _ = read(rows, records=records)
    source = picture.alt.partition("Source: ")[2]
    date = "May 2024" if documents <= 3 else "2024"  # of many, the year
    assert sum(f"Paper {one}, {date}" in source for one in range(documents)) == documents
    assert "others" not in source


def test_years_with_other_first_days_share_no_scale():
    """They stand below one another, each with years of its own, although their labels are the same."""
    periods = ("2020-04/2021-03", "2021-04/2022-03"), ("2020-07/2021-06", "2021-07/2022-06")
    april, july = (
        [figure(f"bbb{place}{number}", f"{place}{number}", period=period) for number, period in enumerate(of_month, 2)]
        for place, of_month in enumerate(periods, 1)
    )
    picture, svg = read([*april, *(row | {"area": "force_1"} for row in july)])
    assert "2020/21: 12; 2021/22: 13." in picture.alt
    assert "2020/21(July): 22; 2021/22(July): 23." in picture.alt
    assert "Years from April to March and years from July to June" in picture.alt
    assert len({round(shape.y + shape.height) for shape in shapes(svg, "pale")}) == 2
    picture, svg = read([*april, *(row | {"measure": "proven"} for row in april)])
    assert "Years from April to March" in picture.alt
    assert "Years from July to June" in read(july)[0].alt
    assert "2020/21: 22; 2021/22: 23." in read(july)[0].alt
