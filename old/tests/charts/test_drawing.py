"""What pictures show, typed from the documents; that all of it can be read; and what is refused."""

from __future__ import annotations

import io
import json
import pickle
import re
import sys
from dataclasses import replace
from datetime import date
from itertools import combinations
from xml.etree import ElementTree as ET

import altair
import pytest
import vl_convert
from PIL import Image, ImageChops

from misconduct.charts import drawing
from misconduct.charts.chart import FORMS, MOST_FIGURES, SHOWN_COLUMNS, Chart, Words, arrange, arrange_years
from misconduct.charts.drawing import HIGHEST, SIZES, Area, Box, Dot, Line, Picture, Text, lay_out
from misconduct.charts.svg import PNG_FONT, THEMES, draw_png, draw_svg
from misconduct.charts.text import width_of, wrap
from misconduct.charts.vega_lite import vega_lite
from misconduct.errors import NoSuchChart
from misconduct.model.figure import COLUMNS
from misconduct.model.period import years_of
from misconduct.model.series import gather_all
from tests.charts.conftest import Release, read_release
from tests.figures import describe, observe
from tests.registers import source_text, write_register

SVG = "{http://www.w3.org/2000/svg}"

KINDS = (
    "abuse_of_position_for_sexual_purpose", "sexual_harassment", "other_sexual_assault", "sexual_assault",
    "all_sexual_conduct",
)  # fmt: skip


def told(svg: bytes) -> str:
    """All that can be read in a picture."""
    return " ".join(" ".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text")).replace("\u00a0", " ")


def by_year(released: Release, form: str = "columns") -> Chart:
    shown = [o for o in released.figures.values() if o.category in KINDS and o.source == "eye-of-media-2024-disclosure"]
    return arrange([o for o in shown if o.measure in ("recorded", "accused")], released.catalogue, form=form)


def pipeline(released: Release, form: str) -> Chart:
    ids = ("gb7nr", "bbdjq", "wtzwf", "sn9v2") + (("jbdhz",) if form == "steps" else ())
    return arrange(released.choose(*ids), released.catalogue, form=form)


def look_alikes(released: Release, form: str | None = None) -> Chart:
    return arrange(released.members("how-many-were-accused"), released.catalogue, form=form)


def every_form(released: Release) -> dict[str, Chart]:
    return {
        "dots": look_alikes(released),
        "bars": arrange(released.choose("jqnc4", "vfwwp"), released.catalogue),
        "columns": by_year(released),
        "divided": pipeline(released, "divided"),
        "steps": pipeline(released, "steps"),
        "grid": by_year(released, "grid"),
        "timeline": look_alikes(released, "timeline"),
        "number": arrange(released.choose("gb7nr"), released.catalogue),
        "numbers": arrange(
            released.members("people-reports-and-calls-to-the-hotline"), released.catalogue, form="numbers"
        ),
    }


FORCES = """
    id    | source | area                 | category | measure   | period_type | year | period_start | value
    bbbb2 | paper  | metropolitan_police  | abuse    | accused   |             | 2021 |              | 40
    bbbb3 | paper  | metropolitan_police  | abuse    | accused   |             | 2022 |              | 45
    bbbb4 | letter | wobbleshire          | assault  | accused   |             | 2021 |              | 7
    bbbb5 | letter | wobbleshire          | assault  | accused   |             | 2022 |              | 8
    bbbb6 | letter | unstated             | theft    | suspended |             | 2021 |              | 3
    bbbb7 | letter | unstated             | theft    | suspended |             | 2022 |              | 4
    bbbb8 | paper  | metropolitan_police  | fraud    | accused   | window      |      | 2018         | 9
"""


@pytest.mark.parametrize("form", ["columns", "grid"])
def test_every_series_names_its_force_where_there_are_several(form):
    figures = observe(FORCES)
    by_year = [one for one in figures.values() if one.year]
    chart = arrange(by_year, describe(figures), form=form)
    assert sorted(name for name, _ in (chart.headings or {}).values()) == [
        "Abuse, Metropolitan police",
        "Assault, Wobbleshire",
        "Theft, force not stated",
    ]
    said = told(draw_svg(chart, "wide", "light"))
    assert "Metropolitan police" in said
    assert "Wobbleshire" in said
    one_force = arrange([one for one in by_year if one.area == "wobbleshire"], describe(figures), form=form)
    assert [name for name, _ in (one_force.headings or {}).values()] == ["Assault"]
    assert "Wobbleshire" in one_force.title
    alike = arrange([one._replace(category="abuse") for one in by_year], describe(figures), form=form)
    assert sorted(name for name, _ in (alike.headings or {}).values()) == [
        "Force not stated", "Metropolitan police", "Wobbleshire",
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["dots", "bars", "timeline", "numbers"])
def test_every_figure_names_its_force_where_there_are_several(form):
    figures = observe(FORCES)
    shown = [figures["bbbb2"], figures["bbbb4"], figures["bbbb6"]]
    labels = {row["id"]: row["label"] for row in arrange(shown, describe(figures), form=form).marks}
    assert "Metropolitan police" in labels["bbbb2"]
    assert "Wobbleshire" in labels["bbbb4"]
    assert "force not stated" in labels["bbbb6"].lower()
    assert arrange(shown[:2], describe(figures), form=form).title.endswith(", Metropolitan police or Wobbleshire")


@pytest.mark.parametrize(
    ("second", "years", "note"),
    [
        ("paper", ("2021",), ""),
        ("letter", ("2021",), "They are from different tables (Paper and Letter), which may count in different ways."),
        ("letter", ("2021", "2022"), "They are from different tables (Paper and Letter), which may count in different ways."),
    ],
)  # fmt: skip
def test_a_note_says_what_a_comparison_of_forces_must_not_leave_out(second, years, note):
    rows = [
        f"{source} | {area} | {year} | {year[-1]}"
        for year in years
        for source, area in (("paper", "one"), (second, "two"))
    ]
    figures = observe("source | area | year | value\n" + "\n".join(rows))
    assert arrange(figures.values(), describe(figures)).note == note


def test_a_note_says_that_forces_of_different_times_may_not_be_compared():
    figures = observe("source | area | year | value\n paper | one | 2021 | 5\n letter | two | 2022 | 6")
    assert arrange(figures.values(), describe(figures)).note == (
        "Forces whose figures may not be compared as they are: they are of different times or tables."
    )


def test_a_note_says_that_years_of_one_label_begin_in_different_months():
    figures = observe(
        "category | period_start | value\n theft | 2020-04 | 5\n theft | 2021-04 | 6\n abuse | 2020-10 | 7"
    )
    said = "Years with one label (2020/21) begin in different months."
    assert arrange(figures.values(), describe(figures), form="columns").note.endswith(said)
    alike = [o for o in figures.values() if o.category == "theft"]
    assert arrange(alike, describe(figures), form="columns").note == ""


def test_a_window_that_is_open_is_not_written_as_the_year_in_which_it_begins():
    figures = observe(FORCES)
    chart = arrange([figures["bbbb8"], figures["bbbb4"]], describe(figures))
    assert {row["label"] for row in chart.marks} == {
        "Fraud, Metropolitan police, since 2018",
        "Assault, Wobbleshire, 2021",
    }
    alone = arrange([figures["bbbb8"]], describe(figures))
    assert "since 2018" in told(draw_svg(alone, "wide", "light"))


# What the forms show -------------------------------------------------------------------------------------------------


def test_look_alikes_are_dots_and_bands_with_the_words_of_their_sources(released):
    chart = look_alikes(released)
    assert chart.form == "dots"
    assert {row["id"]: (row["shown"], row["mark"]) for row in chart.marks} == {
        "k7m3q": ("1,492", "solid"),
        "gb7nr": ("1,131", "solid"),
        "cxqbc": ("est. 1,071", "hollow"),
        "frdkf": ("“some 1,000”", "hollow"),
        "rxctb": ("“about 1,000”", "hollow"),
        "wrgv2": ("“approximately 1,000”", "hollow"),
        "w2rmd": ("“nearly 1,000”", "band"),
        "w7vf8": ("“Hundreds”", "band"),
    }
    said = told(draw_svg(chart, "wide", "light"))
    assert all(row["shown"] in said for row in chart.marks)


@pytest.mark.parametrize("disagreement", ["how-many-face-removal", "who-the-hundreds-are"])
def test_a_speaker_never_stands_where_it_is_said_who_is_counted(released, disagreement):
    rows = arrange(released.members(disagreement), released.catalogue).marks
    assert [(row["label"], row["detail"]) for row in rows if row["id"] == "w6g27"] == [
        ("Who is not said", "Commissioner, in The Eye Of Media.Com, April 2023")
    ]


def test_words_without_a_number_are_not_the_longest_mark(released):
    picture = lay_out(look_alikes(released), SIZES["wide"])
    dots = [one.x for one in picture.items if isinstance(one, Dot) and one.radius == 6]
    hundreds = next(one for one in picture.items if isinstance(one, Text) and one.text == "“Hundreds”")
    assert hundreds.x < min(dots)


@pytest.mark.parametrize("size", SIZES)
def test_a_bound_beyond_which_nothing_is_known_has_an_arrow_of_one_length_at_every_size(released, size):
    items = lay_out(look_alikes(released), SIZES[size]).items
    heads = [one.points for one in items if isinstance(one, Area)]
    reach = [next(abs(x - line.x1) for line in items if isinstance(line, Line) and line.width == 3 and line.colour == "accent" and line.x1 == line.x2 and abs(abs(x - line.x1) - 16) < 0.01 and abs(line.y1 + 6 - y) < 0.01) for (x, y), *_ in heads]  # fmt: skip
    said = told(draw_svg(look_alikes(released), size, "light"))
    assert "at least this; no upper bound" in said
    if size == "card":  # which has room for three figures of eight
        assert [round(one) for one in reach] == [16] * 2  # “Hundreds”, and its key
        return
    assert [round(one) for one in reach] == [16] * 4  # “Hundreds” and “nearly 1,000”, and the key of both
    assert "at most this; no lower bound" in said


def test_marks_of_the_key_are_grey_where_any_mark_is(released):
    chart = arrange(released.members("how-many-were-accused"), released.catalogue, emphasis=["k7m3q"])
    dots = [one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Dot)]
    assert {one.colour for one in dots if one.radius == 5} == {"other"}
    assert [one.colour for one in dots if one.radius == 6].count("accent") == 1
    plain = [one for one in lay_out(look_alikes(released), SIZES["wide"]).items if isinstance(one, Dot)]
    assert {one.colour for one in plain} == {"accent"}


def test_a_timeline_explains_its_hollow_marks(released):
    said = told(draw_svg(look_alikes(released, "timeline"), "narrow", "light"))
    assert "printed without a hedge" in said
    assert "hedged, estimated or in words" in said


def test_figures_of_many_kinds_have_no_axes(released):
    """Six axes for eight figures compare nothing: each figure is large, with what it counts."""
    chart = arrange(released.members("figures-of-1000"), released.catalogue)
    assert chart.form == "numbers"
    assert [(row["shown"], row["group"]) for row in chart.marks][:4] == [
        ("1,000", "Under investigation (cases)"),
        ("“some 1,000”", "Under review (people)"),
        ("“more than 1,000”", "Under review (allegations)"),
        ("1,000", "Under investigation (claims)"),
    ]
    large = [
        one.text for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Text) and one.size > 20 and one.bold
    ]
    assert "“approximately" in large
    assert "…" not in told(draw_svg(chart, "narrow", "light"))


def test_cases_and_people_have_axes_of_their_own(released):
    chart = arrange(released.choose("qmgmt", "k7m3q", "ch9c2", "qhftr"), released.catalogue)
    assert (chart.form, {row["shown"]: row["axis"] for row in chart.marks}) == (
        "bars",
        {"1,492": "People", "248": "People", "944": "Unit not stated", "544": "Cases"},
    )
    bars = [one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Box) and one.fill != "flag"]
    wide = dict(zip([row["shown"] for row in chart.marks], [one.width for one in bars], strict=True))
    assert wide["248"] / wide["1,492"] == pytest.approx(248 / 1492, abs=0.01)
    assert wide["544"] > 2 * wide["248"]  # on a scale of its own


def test_long_labels_that_differ_at_their_end_are_not_cut_to_be_the_same(tmp_path):
    rows = "\n".join(f"a_kind_of_misconduct_with_a_long_name_{n} | {n * 37 + 1}" for n in range(15))
    many = read_release(write_register(tmp_path / "data", f"category | value\n{rows}"), drafts=True)
    items = lay_out(arrange(many.figures.values(), many.catalogue), SIZES["narrow"]).items
    labels = [one.text for one in items if isinstance(one, Text) and one.size == 13 and not one.bold and one.colour == "ink"]  # fmt: skip
    assert sorted(labels) == sorted(f"A kind of misconduct with a long name {n}" for n in range(15))


def test_the_same_statement_is_drawn_once_with_both_papers(released):
    chart = arrange(released.choose("h6xgz", "nzzhq", "wtzwf"), released.catalogue)
    assert [row["shown"] for row in chart.marks] == ["700", "689"]
    assert chart.marks[0]["detail"] == "Commissioner, in The Eye Of Media.Com, April 2023 and 2024"
    assert {row["id"]: row["joined_to"] for row in chart.rows} == {"h6xgz": None, "nzzhq": "h6xgz", "wtzwf": None}


PRINTED_AGAIN = """
    source | category       | value | qualifier | hedge     | origin
    paper  | racism         | 1071  |           |           | paper
    letter | racism         | 1071  | more_than | more than | paper
    blog   | racism         | 1071  | more_than | more than | paper
    paper  | sexual_assault | 500   |           |           | paper
"""


@pytest.mark.parametrize(("claim", "again"), [("bbbbb", ["bbbbc", "bbbbd"]), ("bbbbc", ["bbbbb", "bbbbd"])])
def test_a_claim_that_is_printed_again_with_other_words_has_a_mark_with_these(tmp_path, claim, again):
    repeats = {"id": "again", "version": 1, "type": "repeats", "figures": again, "of": claim}
    files = {"relations.yaml": json.dumps([repeats])}
    files |= {f"sources/{one}.yaml": source_text(one, publisher=f"A {one}") for one in ("paper", "letter", "blog")}
    printed = read_release(write_register(tmp_path / "data", PRINTED_AGAIN, **files), drafts=True)
    chart = arrange(printed.figures.values(), printed.catalogue)
    assert [(row["shown"], row["label"], row["detail"]) for row in chart.marks] == [
        ("1,071", "Racism", "Force, in A paper, undated"),
        ("“more than 1,071”", "Racism", "Force, in A letter, undated; A blog, undated"),
        ("500", "Sexual assault", "Force, in A paper, undated"),
    ]
    assert "“more than 1,071”: Racism" in chart.description


def test_what_is_at_one_time_and_over_ten_years_has_axes_of_its_own(released):
    chart = arrange(released.members("suspended-or-restricted-now-and-over-ten-years"), released.catalogue)
    assert [(row["axis"], row["shown"]) for row in chart.marks] == [
        ("Suspensions or restrictions, over a period", "931"),
        ("People, at one time", "701"),
        ("People, at one time", "144"),
    ]


def test_figures_of_several_years_say_of_which(released):
    chart = arrange(released.members("cases-and-categories-of-sexual-conduct"), released.catalogue)
    assert [(row["shown"], row["label"]) for row in chart.marks][:3] == [
        ("18,000", "All sexual conduct, 2014–2024"),
        ("2,074", "All sexual conduct, 2023"),
        ("1,571", "All sexual conduct, 2022"),
    ]
    assert chart.source.replace("\u00a0", " ").startswith(
        "Source: Metropolitan Police, in The Eye Of Media.Com, 2024 ·"
    )


def test_shares_stand_apart_from_numbers(released):
    chart = arrange(released.members("people-reports-and-calls-to-the-hotline"), released.catalogue)
    assert [(row["axis"], row["shown"]) for row in chart.marks] == [
        ("People, over a period", "1,000"),
        ("Reports, at one time", "350"),
        ("Share", "A fifth"),
    ]


def test_exact_figures_are_bars_and_the_chosen_one_stands_out(released):
    chart = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue, emphasis=["jqnc4"])
    assert chart.form == "bars"
    assert [(row["shown"], row["label"]) for row in chart.marks] == [
        ("701", "On restricted duties"),
        ("144", "Suspended"),
    ]
    bars = [one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Box) and one.fill != "flag"]
    assert [one.fill for one in bars] == ["other", "accent"]
    assert bars[1].width / bars[0].width == pytest.approx(144 / 701, abs=0.01)


def test_each_kind_has_its_years_its_gaps_and_its_total(released):
    chart = by_year(released)
    assert chart.years == tuple(map(str, range(2014, 2025)))
    assert sorted((chart.headings or {}).values()) == [
        ("All sexual conduct", "18,000 in 10 years, cases"),
        ("Other sexual assault", "544 in 10 years, cases"),
        ("Sexual assault", "944 in 10 years, unit not stated"),
    ]
    stated = [(row["panel"], row["year"], row["shown"]) for row in chart.rows if row["year"] and not row["gap"]]
    assert sorted(stated) == [
        ("All sexual conduct", "2022", "1,571"),
        ("All sexual conduct", "2023", "2,074"),
        ("Other sexual assault", "2022", "81"),
        ("Other sexual assault", "2023", "72"),
        ("Other sexual assault", "2024", "4"),
        ("Sexual assault", "2021", "116"),
        ("Sexual assault", "2022", "169"),
        ("Sexual assault", "2023", "157"),
        ("Sexual assault", "2024", "23"),
    ]
    said = told(draw_svg(chart, "wide", "light"))
    assert "69 in 10 years" in said
    assert "248 in 10 years" in said
    assert "no yearly figure printed" in said
    assert "Each panel has its own scale" in said


def test_gaps_are_one_hatched_region_and_part_years_have_a_dashed_outline(released):
    items = lay_out(by_year(released), SIZES["wide"]).items
    boxes = [one for one in items if isinstance(one, Box)]
    regions = [one for one in boxes if one.fill == "hatch" and one.height > 20]
    assert len(regions) == 4  # 2014–2021 and 2024, 2014–2021, 2014–2020
    assert {one.height for one in regions} == {30}  # a quarter of a panel, at its foot: no column
    dashed = [one for one in boxes if one.dashed and one.height != 11]  # not the key
    assert len(dashed) == 2  # the 4 and the 23 of 2024, from an article of that year
    assert {one.fill for one in dashed} == {"paper"}


def test_a_grid_shows_what_is_published_of_each_year(released):
    chart = by_year(released, "grid")
    items = lay_out(chart, SIZES["wide"]).items
    cells = [one for one in items if isinstance(one, Box) and one.height > 20]
    assert len([one for one in cells if one.fill == "accent"]) == 7
    assert len([one for one in cells if one.dashed]) == 2
    assert len([one for one in cells if one.fill == "hatch"]) == 5 * 11 - 9
    said = told(draw_svg(chart, "narrow", "light"))
    for total in ("18,000", "544", "944", "69", "248"):
        assert total in said


REFUSED = {
    "id": "asked",
    "version": 1,
    "asked": "force",
    "asked_by": "A paper",
    "law": "Freedom of Information Act 2000",
    "ground": "Section 22: the information is meant to be published later",
    "since": "2022-02",
    "until": "2024",
    "source": "paper",
    "at": "char=900000,900010",
    "printed": "section 22",
    "what": "Figures.",
    "explanation": "Refused.",
    "covers": {"area": ["E23000001"], "measure": ["accused"], "category": ["sexual_assault"], "years": [2020]},
}

YEARS = """
    category       | value | period_type | period_start | period_end | hedge | qualifier | printed
    sexual_assault |    10 | year        | 2018         |            |       |           |
    sexual_assault |  2000 | year        | 2019         |            |       |           |
    sexual_assault |  1800 | year        | 2021         |            | about | about     | 1,800
    sexual_assault |     0 | year        | 2023         |            |       |           |
    sexual_assault |     5 | window      | 2024-01      | 2024-05    |       |           |
"""


@pytest.fixture
def written(tmp_path) -> Release:
    """A series with a refusal in 2020, a year of none, and five months of 2024."""
    files = {"non-publications.yaml": json.dumps([REFUSED])}
    return read_release(write_register(tmp_path / "data", YEARS, **files), drafts=True)


def test_several_years_of_one_thing_are_columns_without_being_asked(released):
    chart = arrange(released.choose("sg2n7", "pzk5d", "zzp6n", "vp3bg", "qhftr"), released.catalogue)
    assert chart.form == "columns"
    assert [*(chart.headings or {}).values()] == [("Sexual assault", "944 in 10 years, unit not stated")]


def test_a_bar_of_a_part_of_a_year_says_so_and_is_dashed(released):
    chart = arrange(released.choose("sg2n7", "vp3bg"), released.catalogue, form="bars")
    assert [(row["shown"], row["label"]) for row in chart.marks] == [("116", "2021"), ("23", "2024 (part of the year)")]
    bars = [one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Box) and one.height == 16]
    assert [one.dashed for one in bars] == [False, True]


def test_a_refusal_is_a_region_of_its_own_with_its_ground(written):
    chart = arrange(written.figures.values(), written.catalogue, form="columns")
    assert [(row["year"], row["gap"], row["detail"]) for row in chart.rows if row["gap"]] == [
        ("2020", "withheld", "refused (section 22)"),
        ("2022", "not_stated", ""),
    ]
    fills = [one.fill for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Box) and one.height > 20]
    assert fills.count("refused") == 1
    assert fills.count("hatch") == 1
    said = told(draw_svg(chart, "wide", "light"))
    assert "refused (section 22)" in said
    assert "part of the year (2024 to May)" in said


def test_a_hedged_column_is_hollow_and_a_zero_has_a_number_and_no_column(written):
    items = lay_out(arrange(written.figures.values(), written.catalogue, form="columns"), SIZES["wide"]).items
    columns = [one for one in items if isinstance(one, Box) and one.fill in ("accent", "paper") and one.width > 40]
    assert [one.fill for one in columns if not one.radius] == ["accent", "accent", "paper", "paper"]
    assert [one.dashed for one in columns if not one.radius] == [False, False, False, True]  # however low
    texts = [one.text for one in items if isinstance(one, Text)]
    assert "0" in texts
    assert "“about 1,800”" in " ".join(texts)


def test_the_parts_of_a_whole_are_one_divided_bar(released):
    chart = arrange(released.choose("gb7nr", "bbdjq", "wtzwf", "sn9v2"), released.catalogue)
    assert chart.form == "divided"
    parts = [one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Box) and one.height == 44]
    widths = [one.x + one.width - parts[0].x for one in parts]
    assert [round(one / widths[-1], 2) for one in widths] == [0.61, 0.82, 1.0]  # 689, 689 + 246, 1,131
    said = told(draw_svg(chart, "wide", "light"))
    for words in ("689", "246", "196", "printed as cases", "printed as staff", "17% (computed)"):
        assert words in said
    assert said.count("%") == 1  # none of cases or staff among employees


def test_steps_of_years_name_each_year(released):
    found = [o for o in released.figures.values() if o.category == "sexual_assault"]
    chart = arrange(found, released.catalogue, form="steps")
    assert {(row["shown"], row["label"].rpartition(", ")[2]) for row in chart.marks if row["whole"]} == {
        ("116", "2021"),
        ("169", "2022"),
        ("157", "2023"),
        ("23", "2024 (part of the year)"),
    }


@pytest.mark.parametrize("size", ["narrow", "medium", "wide"])
def test_a_picture_that_is_too_high_still_has_its_source(released, size):
    about = released.catalogue.kind("chart")["published-by-kind-and-year"]
    found = [o for o in released.figures.values() if all(getattr(o, name) in to for name, to in about["query"].items())]
    chart = arrange(
        found, released.catalogue, form="steps", words=Words(about["title"], about["subtitle"], "Long. " * 80)
    )
    picture = lay_out(chart, SIZES[size])
    texts = [one for one in picture.items if isinstance(one, Text)]
    assert max(one.box[3] for one in texts) <= picture.height
    assert max(texts, key=lambda one: one.y).text.endswith("4.0")


def test_steps_lead_from_those_to_be_rechecked_to_what_became_of_those_found(released):
    chart = pipeline(released, "steps")
    assert {row["shown"]: row["whole"] for row in chart.marks} == {
        "45,000": None,
        "1,131": None,
        "689": "gb7nr",
        "246": "gb7nr",
        "196": "gb7nr",
    }
    items = lay_out(chart, SIZES["wide"]).items
    assert not [one for one in items if isinstance(one, (Box, Area)) and (isinstance(one, Area) or one.height == 18)]
    assert "45,000" in [one.text for one in items if isinstance(one, Text)]  # a number: no source links it
    written = json.dumps(vega_lite(chart))
    assert written.count('{"filter": {"not": {"field": "id", "oneOf": ["jbdhz"]}}}') == 1


def test_a_share_is_a_step_of_what_it_is_a_share_of(released):
    chart = arrange(released.choose("bwvx4", "rwj9g"), released.catalogue, form="steps")
    done, rest = (one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Box) and one.height == 44)
    assert done.width / (done.width + rest.width) == pytest.approx(0.2, abs=0.01)  # a fifth of the 50,000
    assert rest.dashed
    assert "no figure for the rest" in told(draw_svg(chart, "wide", "light"))


def test_parts_are_named_by_what_makes_them_parts(released):
    chart = arrange(released.choose("rs9xc", "gd5fs", "x22xj"), released.catalogue, form="steps")
    assert {row["shown"]: row["label"] for row in chart.marks} == {
        "161": "Employees, has a criminal record, any offence",
        "76": "Serious traffic offences",
        "49": "Dishonesty or violence",
    }
    assert_legible(chart, "narrow")


def test_a_timeline_is_in_the_order_in_which_it_was_first_said(released):
    chart = look_alikes(released, "timeline")
    assert [(row["group"], row["shown"]) for row in chart.marks] == [
        ("January 2023", "“some 1,000”"),
        ("January 2023", "“about 1,000”"),
        ("January 2023", "est. 1,071"),
        ("April 2023", "1,131"),
        ("April 2023", "“Hundreds”"),
        ("2024", "1,492"),
        ("Undated", "“approximately 1,000”"),
        ("Undated", "“nearly 1,000”"),
    ]


def test_one_figure_is_a_number_with_what_it_counts(released):
    chart = arrange(released.choose("gb7nr"), released.catalogue)
    assert chart.form == "number"
    said = told(draw_svg(chart, "narrow", "light"))
    assert "1,131" in said
    assert "Serving employees accused, found by a check" in said
    assert "Source: The Eye Of Media.Com, April 2023 Misconduct Register 2.2.0 · CC BY 4.0" in said  # in two lines


def test_a_figure_of_part_of_a_year_says_so(released):
    said = told(draw_svg(arrange(released.choose("vp3bg"), released.catalogue), "card", "light"))
    assert "sexual assault, 2024 (part of the year)" in said


def test_a_word_alone_says_what_it_allows(released):
    said = told(draw_svg(arrange(released.choose("w7vf8"), released.catalogue), "card", "light"))
    assert "“Hundreds”" in said
    assert "The words mean at least 200." in said


def test_no_figure_is_a_picture_that_says_so(released):
    assert "No published figure matches" in told(draw_svg(arrange([], released.catalogue), "wide", "dark"))
    with_title = arrange([], released.catalogue, words=Words(title="Dismissals"))
    assert "No published figure matches" in told(draw_svg(with_title, "card", "light"))
    assert "No published figure matches" in told(draw_svg(arrange_years([], [], released.catalogue), "wide", "dark"))


def test_series_of_a_table_by_year_are_those_of_the_figures(released):
    figures = [o for o in released.figures.values() if o.category == "sexual_assault"]
    series = gather_all(figures, released.catalogue.editions)
    years = years_of(days for one in series for days in one.days())
    assert arrange_years(series, years, released.catalogue) == arrange(figures, released.catalogue, form="columns")


@pytest.mark.parametrize("disagreement", [
    "figures-of-1000", "people-reports-and-calls-to-the-hotline", "reinforcement-of-professional-standards",
    "what-the-checks-of-2023-found", "workforce-size",
])  # fmt: skip
def test_every_disagreement_has_a_chart(released, disagreement):
    chart = arrange(released.members(disagreement), released.catalogue)
    assert {row["id"] for row in chart.rows} == {o.id for o in released.members(disagreement)}


# What is refused -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ids", "form", "words"), [
    (("s7xm4", "gb7nr"), None, "in 2 units (count, percent). Add unit=count or unit=percent, or ask for form=dots"),
    (("k7m3q", "bbdjq"), None, "Some are as at one time and some over a period. Add stock_or_flow=stock"),
    (("f98vd", "spfmr", "jqnc4"), None, "3 kinds of number (change, count, mean)"),
    (("k7m3q", "w7vf8"), "bars", "A bar needs a number"),
    (("gb7nr", "bbdjq"), "divided", "which add up to it. Ask for form=bars."),
    (("gb7nr", "jbdhz"), "steps", "among them stated parts or shares of others"),
    (("gb7nr", "jbdhz"), "number", "A number shows one figure, and 2 match."),
    (("wrgv2",), "grid", "no place for 1 of the 1 figures that match: they are for neither a year nor a period"),
    (("k7m3q", "wrgv2"), "columns", "no place for 1 of the 2 figures that match"),
])  # fmt: skip
def test_what_one_chart_cannot_show_is_refused_with_the_reason_and_the_mend(released, ids, form, words):
    with pytest.raises(NoSuchChart) as refused:
        arrange(released.choose(*ids), released.catalogue, form=form)
    assert words in refused.value.detail
    assert refused.value.status == 422


def test_unlike_units_are_shown_on_axes_of_their_own_if_dots_are_asked_for(released):
    chart = arrange(released.choose("s7xm4", "gb7nr"), released.catalogue, form="dots")
    assert len({row["axis"] for row in chart.marks}) == 2


def test_numbers_below_zero_are_refused_but_in_words(tmp_path):
    table = "category | value | statistic\nsexual_assault | -5 | change\nharassment | 7 | change"
    fell = read_release(write_register(tmp_path / "data", table), drafts=True)
    with pytest.raises(NoSuchChart, match="below zero, where no mark can reach"):
        arrange(fell.figures.values(), fell.catalogue)
    assert_legible(arrange(fell.figures.values(), fell.catalogue, form="timeline"), "wide")


PARTS = """
    category       | value | counting_unit | period_type
    any_misconduct |     {whole} | people        | unstated
    sexual_assault |     {first} | people        | unstated
    harassment     |     {second} | people        | unstated
"""

PART_OF = {
    "id": "parts",
    "version": 1,
    "type": "part_of",
    "figures": ["bbbbc", "bbbbd"],
    "of": "bbbbb",
    "explanation": "Stated.",
}


@pytest.mark.parametrize(("whole", "first", "second", "form"), [
    (10, 4, 6, "divided"),
    (10, 4, 5, "bars"),  # they do not add up
    (0, 0, 0, "bars"),
    (10, 8, 9, "bars"),
])  # fmt: skip
def test_parts_that_are_not_the_whole_divide_no_bar(tmp_path, whole, first, second, form):
    table = PARTS.format(whole=whole, first=first, second=second)
    parts = read_release(
        write_register(tmp_path / "data", table, **{"relations.yaml": json.dumps([PART_OF])}), drafts=True
    )
    chart = arrange(parts.figures.values(), parts.catalogue)
    assert chart.form == form
    assert_legible(chart, "narrow")
    if first + second > whole or not whole:
        with pytest.raises(NoSuchChart, match="no more than these"):
            arrange(parts.figures.values(), parts.catalogue, form="steps")
    else:
        assert_legible(arrange(parts.figures.values(), parts.catalogue, form="steps"), "narrow")


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ("id | category | value\n bbbb2 | any | 10\n bbbb3 | theft | 6\n bbbb4 | of_cars | 4", {"bbbb3": "bbbb2", "bbbb4": "bbbb3"}),
        ("id | category | value\n bbbb2 | any | 10\n bbbb3 | theft | 7\n bbbb4 | of_cars | 6\n bbbb5 | of_bikes | 4", {"bbbb4": "bbbb2", "bbbb5": "bbbb3"}),
    ],
)  # fmt: skip
def test_parts_of_parts_and_of_two_wholes_divide_no_bar(table, parts):
    figures = observe(table)
    relations = {one: {"type": "part_of", "figures": [one], "of": of} for one, of in parts.items()}
    catalogue = describe(figures)
    catalogue = replace(catalogue, by_kind={**catalogue.by_kind, "relation": relations})
    assert arrange(figures.values(), catalogue).form == "bars"
    with pytest.raises(NoSuchChart, match="A divided bar needs a figure and its stated parts"):
        arrange(figures.values(), catalogue, form="divided")


@pytest.mark.parametrize("kind", ["denominator", "part_of"])
def test_figures_that_relations_lead_back_to_are_no_steps(kind):
    figures = observe("id | value | unit | statistic\n bbbb2 | 20 | percent | share\n bbbb3 | 5 | | ")
    around = {(kind, "bbbb2"): "bbbb3", ("part_of", "bbbb3"): "bbbb2"}
    relations = {one: {"type": kind, "figures": [one], "of": of} for (kind, one), of in around.items()}
    catalogue = describe(figures)
    catalogue = replace(catalogue, by_kind={**catalogue.by_kind, "relation": relations})
    with pytest.raises(NoSuchChart, match="Steps need numbers"):
        arrange(figures.values(), catalogue, form="steps")


def test_years_outside_those_asked_for_are_not_drawn(released):
    figures = [o for o in released.figures.values() if o.category == "sexual_assault"]
    series = gather_all(figures, released.catalogue.editions)
    years = [year for year in years_of(days for one in series for days in one.days()) if year.label in ("2022", "2023")]
    chart = arrange_years(series, years, released.catalogue)
    assert [row["shown"] for row in chart.rows if row["year"]] == ["169", "157"]
    assert_legible(chart, "narrow")
    assert arrange_years(series, [], released.catalogue).rows == ()


def of_one_year(released: Release, form: str | None = None, year: str = "2022", **shared: str) -> Chart:
    figures = [o for o in released.figures.values() if all(getattr(o, name) == code for name, code in shared.items())]
    series = gather_all(figures, released.catalogue.editions)
    found = years_of(days for one in series for days in one.days())
    return arrange_years(series, [one for one in found if one.label == year], released.catalogue, form=form)


def test_figures_of_one_year_alone_share_a_scale(released):
    kinds = {"source": "eye-of-media-2024-disclosure", "measure": "recorded"}
    chart = of_one_year(released, **kinds)
    assert chart.form == "bars"
    assert sorted(row["shown"] for row in chart.marks) == ["1,571", "169", "81"]
    assert of_one_year(released, "dots", **kinds).form == "dots"
    with pytest.raises(NoSuchChart, match=r"A column alone says nothing\. Ask for more years, for form=grid"):
        of_one_year(released, "columns", **kinds)


@pytest.mark.parametrize("form", ["bars", "dots", "number", "numbers", "timeline", "grid"])
def test_one_year_without_a_figure_shows_that_of_the_whole_time(released, form):
    chart = of_one_year(released, form, year="2021", counting_unit="suspensions_or_restrictions")
    assert (chart.form, [row["shown"] for row in chart.marks if row["shown"]]) == (form, ["931"])
    for size in SIZES:
        assert_legible(chart, size)
    with pytest.raises(NoSuchChart):
        of_one_year(released, "divided", year="2021", counting_unit="suspensions_or_restrictions")


def years_of_table(table: str, form: str | None = None, *, years: tuple[str, ...] = ()) -> Chart:
    """A chart by year of a table of figures; of all their years, unless some are named."""
    figures = observe(table)
    series = gather_all(figures.values(), {})
    found = [one for one in years_of(days for one in series for days in one.days()) if not years or one.label in years]
    return arrange_years(series, found, describe(figures), form=form)


SINCE_AND_UNTIL = """
    id    | category | period_type | period_start | period_end | value
    bbbb2 | theft    | window      | 2022-11      |            |   140
    bbbb3 | fraud    | window      |              | 2023       |    90
"""


@pytest.mark.parametrize("form", [None, "columns", "bars", "dots"])
def test_figures_of_windows_without_both_dates_stand_beside_each_other(form):
    chart = years_of_table(SINCE_AND_UNTIL, form)
    assert [(row["shown"], row["label"]) for row in chart.marks] == [
        ("140", "Theft, since November 2022"),
        ("90", "Fraud, until 2023"),
    ]
    assert chart.title == "Officers accused, E23000001"
    for size in SIZES:
        assert_legible(chart, size)


def test_figures_of_windows_without_both_dates_are_no_grid():
    with pytest.raises(NoSuchChart, match="A chart by year has no place for 2 of the 2 figures that match"):
        years_of_table(SINCE_AND_UNTIL, "grid")


def test_windows_of_other_years_than_those_that_are_asked_for_match_nothing():
    table = f"{SINCE_AND_UNTIL}    bbbb4 | arson | window | 2014 | 2016 | 12\n"
    assert [row["shown"] for row in years_of_table(table, years=("2030",)).marks] == ["140", "90"]
    only_dated = "id | period_type | period_start | period_end | value\n bbbb2 | window | 2014 | 2016 | 12"
    assert years_of_table(only_dated, years=("2030",)).title == "No published figure matches."


def test_beside_the_figures_of_one_year_the_note_has_those_of_the_whole_time():
    table = """
        id    | category | period_type | period_start | period_end | value
        bbbb2 | theft    | year        | 2022         |            |    11
        bbbb3 | fraud    | window      |              | 2022       |     5
        bbbb4 | arson    | window      | 2021-11      |            |   140
    """
    chart = years_of_table(table)
    assert (chart.form, [row["shown"] for row in chart.marks]) == ("number", ["11"])
    assert chart.note == "Printed for the whole time only: Arson: 140, since 2021-11; Fraud: 5, until 2022."
    for size in SIZES:
        assert chart.note in told(draw_svg(chart, size, "light"))
    grid = years_of_table(table, "grid")
    assert sorted(row["shown"] for row in grid.marks if row["shown"]) == ["11", "140", "5"]
    assert "whole time" not in grid.note


def test_a_claim_that_is_printed_twice_stands_once_in_the_note(released):
    figures = [*released.choose("sg2n7", "pzk5d", "zzp6n", "vp3bg"), *released.choose("cxqbc", "mw44s")]
    series = [*gather_all(figures[:4], released.catalogue.editions)]
    years = years_of(days for one in series for days in one.days())
    series += [one for o in figures[4:] for one in gather_all([o], released.catalogue.editions)]
    chart = arrange_years(series, years, released.catalogue)
    assert chart.note.count("1,071") == 1


def test_a_title_says_what_the_figures_share_and_the_subtitle_the_years(released):
    chart = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue)
    assert chart.title == "Officers on restricted duties or suspended, Metropolitan Police"
    assert chart.subtitle == "Officers (printed as cops)"
    columns = by_year(released)
    assert "published figures" not in columns.title
    assert columns.subtitle.endswith("2014–2024")


def test_emphasis_of_what_is_not_in_the_chart_changes_nothing(released):
    plain, other = (
        arrange(released.choose("jqnc4", "vfwwp"), released.catalogue, emphasis=ids) for ids in ([], ["gb7nr"])
    )
    assert draw_svg(plain, "wide", "light") == draw_svg(other, "wide", "light")


def test_ten_thousand_figures_are_refused_with_their_number(released):
    figure = released.figures["gb7nr"]
    many = [figure._replace(id=f"b{number:05}") for number in range(10_000)]
    with pytest.raises(NoSuchChart, match=f"10,000 figures match, and a chart shows at most {MOST_FIGURES}"):
        arrange(many, released.catalogue)


def test_a_thousand_years_are_refused_with_their_number(released):
    one = next(o for o in released.figures.values() if o.id == "sg2n7")
    many = [
        one._replace(
            id=f"b{year}",
            year=str(year),
            period_start=str(year),
            period_from=date(year, 1, 1),
            period_until=date(year, 12, 31),
        )
        for year in range(1000, 2000)
    ]
    with pytest.raises(NoSuchChart, match=r"1,000 years \(1000 to 1999\) match, and a chart shows at most 50"):
        arrange(many, released.catalogue, form="columns")


# Whether it can be read ----------------------------------------------------------------------------------------------


def overlapping(picture: Picture) -> list[tuple[str, str]]:
    """Texts that touch each other, or a dot."""
    texts = [one for one in picture.items if isinstance(one, Text)]
    found = [(one.text, other.text) for one, other in combinations(texts, 2) if _touch(one.box, other.box)]
    for dot in (one for one in picture.items if isinstance(one, Dot)):
        box = (dot.x - dot.radius, dot.y - dot.radius, dot.x + dot.radius, dot.y + dot.radius)
        found += [(one.text, "a dot") for one in texts if _touch(one.box, box)]
    return found


def _touch(one: tuple[float, ...], other: tuple[float, ...]) -> bool:
    return one[0] < other[2] - 1 and other[0] < one[2] - 1 and one[1] < other[3] - 1 and other[1] < one[3] - 1


def assert_legible(chart: Chart, size: str) -> None:
    picture = lay_out(chart, SIZES[size])
    assert overlapping(picture) == []
    for one in picture.items:
        if isinstance(one, Text):
            left, top, right, bottom = one.box
            assert left >= -3, one
            assert right <= picture.width + 0.5, one
            assert top >= 0, one
            assert bottom <= picture.height, one
            assert one.size * (picture.scale if size != "card" else 1) >= 11, one
    assert picture.height * picture.scale <= HIGHEST


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("form", FORMS)
def test_nothing_overlaps_and_nothing_is_wider_or_higher_than_the_picture(released, form, size):
    assert_legible(every_form(released)[form], size)


@pytest.mark.parametrize("size", SIZES)
def test_every_disagreement_is_legible(released, size):
    for disagreement in released.catalogue.kind("disagreement").values():
        chart = arrange(
            released.choose(*disagreement["members"]), released.catalogue, words=Words(disagreement["title"])
        )
        assert_legible(chart, size)


@pytest.mark.parametrize("size", ["narrow", "medium", "wide"])
def test_no_word_of_the_flagship_is_cut(released, size):
    """With the words of its record in release 2.1.0: eight figures on three axes, a title of two sentences, a note."""
    words = Words(
        "“1,000”, 1,071, 1,131 or 1,492 accused? It depends on who is counted",
        "People in the Metropolitan Police accused, under review or under investigation over sexual or domestic misconduct",
        "The figures count different people, offences and times, and must not be added. An accusation is not a finding.",
    )
    chart = arrange(released.members("how-many-were-accused"), released.catalogue, words=words)
    assert_legible(chart, size)
    assert "…" not in told(draw_svg(chart, size, "light"))


def matches(o, query, catalogue) -> bool:
    """Whether a figure is one that the query of a chart chooses."""
    members = {one: catalogue.kind("disagreement")[one]["members"] for one in query.get("disagreement", ())}
    return all(
        o.id in [identity for one in codes for identity in members[one]]
        if name == "disagreement"
        else getattr(o, name) in codes
        for name, codes in query.items()
    )


def of_register(released: Release, slug: str) -> Chart:
    record = released.catalogue.kind("chart")[slug]
    figures = [o for o in released.figures.values() if matches(o, record["query"], released.catalogue)]
    words = Words(record["title"], record["subtitle"], record["note"] or "")
    form = record["form"] or (None if record["mark"] in (None, "bar") else "columns")
    return arrange(figures, released.catalogue, form=form, words=words, emphasis=record["emphasis"])


@pytest.mark.parametrize("size", SIZES)
def test_every_chart_of_the_register_is_legible_and_whole(released, size):
    for slug in released.catalogue.kind("chart"):
        chart = of_register(released, slug)
        assert_legible(chart, size)
        assert size == "card" or "…" not in told(draw_svg(chart, size, "light")), slug


def kinds_of(path, count: int, name: str) -> Release:
    rows = "\n".join(f"{name}_{n} | {n * 37 + 1} | the_population_number_{n % 7}" for n in range(count))
    return read_release(write_register(path, f"category | value | population\n{rows}"), drafts=True)


LONG = Words(title="A long title. " * 40, subtitle="A long subtitle. " * 40, note="A long note. " * 60)


@pytest.mark.parametrize("size", SIZES)
def test_as_many_figures_as_a_chart_may_have_are_legible(tmp_path, size):
    many = kinds_of(tmp_path / "a", 12, "a_kind_of_misconduct_with_a_long_name")
    few = list(many.figures.values())[:8]
    assert_legible(arrange(few, many.catalogue, words=LONG, notice="Revised. " * 30), size)
    assert_legible(arrange(many.figures.values(), many.catalogue, form="timeline"), size)
    rows = "\n".join(f"kind_{n} | {n * 37 + 1}" for n in range(MOST_FIGURES))
    short = read_release(write_register(tmp_path / "c", f"category | value\n{rows}"), drafts=True)
    assert_legible(arrange(short.figures.values(), short.catalogue), size)
    rows = "\n".join(
        f"kind_{n} | {year} | {(n + 1) * (year - 1960) * 7}" for n in range(12) for year in range(1970, 2020)
    )
    years = read_release(write_register(tmp_path / "b", f"category | year | value\n{rows}"), drafts=True)
    for form in ("columns", "grid"):
        assert_legible(arrange(years.figures.values(), years.catalogue, form=form, words=LONG), size)


def test_with_long_names_fewer_figures_are_enough_to_be_refused(tmp_path):
    many = kinds_of(tmp_path, MOST_FIGURES, "a_kind_of_misconduct_with_a_long_name")
    with pytest.raises(NoSuchChart) as refused:
        arrange(many.figures.values(), many.catalogue)
    assert f"{MOST_FIGURES} figures match, and with their names in full they are too many" in refused.value.detail
    assert "Choose fewer by filters." in refused.value.detail


@pytest.mark.parametrize("count", [9, 12, 15])
def test_what_is_not_refused_is_legible_and_no_name_or_value_is_cut(tmp_path, count):
    many = kinds_of(tmp_path, count, "a_kind_of_misconduct_with_a_long_name")
    chart = arrange(many.figures.values(), many.catalogue)
    for size in ("narrow", "medium", "wide"):
        assert_legible(chart, size)
        said = told(draw_svg(chart, size, "light"))
        assert "…" not in said
        assert all(row["label"] in said and row["shown"] in said for row in chart.marks)


@pytest.mark.parametrize(("dataset", "count"), [("allegations", 29), ("case-reviews", 13), ("vetting-checks", 17)])
def test_datasets_of_too_many_figures_are_refused_as_dots(released, dataset, count):
    measures = released.catalogue.kind("dataset")[dataset]["measures"]
    found = [o for o in released.figures.values() if o.measure in measures]
    for form in ("dots", None):
        with pytest.raises(NoSuchChart) as refused:
            arrange(found, released.catalogue, form=form)
        assert "form=dots" not in refused.value.detail  # which is refused as well
    with pytest.raises(NoSuchChart, match=f"{count} figures match"):
        arrange(found, released.catalogue, form="dots")


@pytest.mark.parametrize("size", SIZES)
def test_numbers_of_an_axis_do_not_touch(released, size):
    """Which the boxes of `assert_legible` find; here on the scale of 45,000 with “approximately 1,000” beside it."""
    chart = arrange(released.choose("jbdhz", "gb7nr", "g5kcg", "wrgv2", "bbdjq"), released.catalogue, form="dots")
    assert_legible(chart, size)
    items = lay_out(chart, SIZES[size]).items
    lines = [one for one in items if isinstance(one, Line) and one.colour in ("pale", "accent")]
    left = min(one.x1 for one in lines if one.colour == "pale") if size != "card" else 0
    tips = [x for one in items if isinstance(one, Area) for x, _ in one.points]
    key = max(one.y for one in items if isinstance(one, Dot) and one.radius == 6)
    tips = [x for one in items if isinstance(one, Area) for x, y in one.points if y < key + 10]
    assert all(x >= left - 0.01 for x in tips)  # no arrow goes beyond zero


@pytest.mark.parametrize(("slug", "shown"), [
    ("allegations-by-year", "all"),
    ("case-review-split", "all"),
    ("category-totals", "all"),
    ("how-many-were-accused", "some"),
    ("statements-on-the-accused", "some"),
    ("vetting-pipeline", "all"),
])  # fmt: skip
def test_a_card_has_its_key_and_note_and_counts_what_it_leaves_out(released, slug, shown):
    chart = replace(of_register(released, slug), page="example.org/charts/x")
    picture = lay_out(chart, SIZES["card"])
    said = told(draw_svg(chart, "card", "light"))
    assert min(one.size for one in picture.items if isinstance(one, Text)) * picture.scale > 21.8
    for words in (chart.title, chart.subtitle, chart.note):
        assert words in said
    figures = [row["shown"] for row in chart.marks if row["shown"] and (row["year"] or not chart.headings)]
    left_out = re.search(r"… and (\d+) more at example\.org/charts/x\.", said)
    if shown == "all":
        assert left_out is None
        assert all(figure in said for figure in figures)
    else:
        assert left_out
        written = [one.text for one in picture.items if isinstance(one, Text)]
        assert sum(figure in written for figure in figures) == len(figures) - int(left_out[1])
    if slug in ("category-totals", "allegations-by-year"):
        assert "has its own scale." in said


def test_a_card_without_room_for_figures_is_a_title_that_counts_them(released):
    members = released.members("figures-of-1000")
    chart = arrange(members, released.catalogue, words=Words(note="A note of some length. " * 40))
    said = told(draw_svg(replace(chart, page="example.org/x"), "card", "light"))
    assert "8 figures at example.org/x" in said
    assert "Source:" in said
    assert chart.title in said


@pytest.mark.parametrize("size", SIZES)
def test_a_subtitle_and_a_note_are_never_dropped_or_cut(released, size):
    chart = arrange(released.members("how-many-were-accused"), released.catalogue, words=Words(note="A word. " * 80))
    assert chart.subtitle in told(draw_svg(chart, size, "light"))
    assert chart.note in told(draw_svg(chart, size, "light"))


def test_many_series_without_years_are_counted_in_the_note(released):
    measures = released.catalogue.kind("dataset")["allegations"]["measures"]
    series = gather_all([o for o in released.figures.values() if o.measure in measures], released.catalogue.editions)
    years = years_of(days for one in series for days in one.days())
    chart = arrange_years(series, years, released.catalogue)
    assert re.fullmatch(
        r"The figures .+ must not be added\. Printed for the whole time only: \d+ other series\.", chart.note
    )
    for size in SIZES:
        assert_legible(chart, size)
        assert chart.note in told(draw_svg(chart, size, "light"))


def test_first_and_last_year_have_labels_in_the_narrowest_picture(released):
    found = [o for o in released.figures.values() if o.category == "sexual_assault"]
    said = told(draw_svg(arrange(found, released.catalogue), "narrow", "light"))
    for year in ("21", "22", "23", "24"):
        assert f"\u2019{year}" in said


def test_each_group_with_a_scale_of_its_own_says_so(released):
    said = told(draw_svg(of_register(released, "category-totals"), "wide", "light"))
    assert "Each group has its own scale." in said
    one_scale = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue)
    assert "own scale" not in told(draw_svg(one_scale, "wide", "light"))


def test_a_statement_that_was_first_printed_earlier_has_both_dates(released):
    row = next(row for row in look_alikes(released, "timeline").marks if row["shown"] == "“Hundreds”")
    assert (row["group"], row["detail"]) == ("April 2023", "The Eye Of Media.Com, April 2023 and 2024")


def test_every_picture_names_the_force(released):
    for slug in released.catalogue.kind("chart"):
        chart = of_register(released, slug)
        assert re.search(r"\bMet(ropolitan Police)?\b", f"{chart.title} {chart.subtitle}"), slug
    for about in released.catalogue.kind("disagreement").values():
        words = Words(about["title"], about["question"])
        chart = arrange(released.choose(*about["members"]), released.catalogue, words=words)
        assert re.search(r"\bMet(ropolitan Police)?\b", f"{chart.title} {chart.subtitle}"), about["id"]


def test_titles_are_plain_english(released):
    found = [o for o in released.figures.values() if o.category == "sexual_assault"]
    assert arrange(found, released.catalogue).title == "Sexual assault recorded, Metropolitan Police"
    unlike = arrange(released.choose("jbdhz", "gb7nr", "d5fcj"), released.catalogue, form="numbers")
    assert unlike.title == "Figures that count different things, Metropolitan Police"


@pytest.mark.parametrize("form", ["numbers", "bars"])
def test_figures_that_may_be_one_say_so(released, form):
    chart = arrange(released.choose("d5fcj", "ttp6c", "rs9xc"), released.catalogue, form=form)
    assert "The two figures of 161 may be the same." in chart.note
    thousands = arrange(released.members("figures-of-1000"), released.catalogue, form="numbers")
    assert "1,000 (cases) and 1,000 (claims) may be the same." in thousands.note
    others = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue)
    assert "may be the same" not in others.note


def test_words_of_a_narrow_column_are_spread_evenly():
    lines = wrap("Referred for risk assessment or management measures", 13, 97, bold=True)
    assert lines == ["Referred", "for risk", "assessment or", "management", "measures"]


def drawn(svg: str) -> Image.Image:
    return Image.open(io.BytesIO(vl_convert.svg_to_png(svg))).convert("RGB")


@pytest.mark.parametrize("bold", [False, True])
def test_widths_are_those_of_the_font(bold):
    lines = [
        "Officers, any sexual allegation, 2014–2024", "“approximately 1,000”", "1,492 689 246 196 45,000 £%&",
        "Commissioner, in The Eye Of Media.Com, April 2023", "WQXZJKVMwqxzjkvm@#*+=<>()[]{}", "Größe, façade, Žižek’s “…”",
    ]  # fmt: skip
    for line in lines:
        weight = ' font-weight="bold"' if bold else ""
        words = line.replace("&", "&amp;").replace("<", "&lt;")
        text = f'<text x="10" y="40" font-size="30"{weight}>{words}</text>'
        frame = f'<svg xmlns="http://www.w3.org/2000/svg" width="1400" height="60" font-family="{PNG_FONT}">'
        ground = '<rect width="1400" height="60" fill="white"/>'
        picture = drawn(f"{frame}{ground}{text}</svg>")
        box = ImageChops.difference(picture, Image.new("RGB", picture.size, "white")).getbbox()
        assert box is not None
        assert box[2] - 10 == pytest.approx(width_of(line, 30, bold=bold), rel=0.02, abs=4), line


@pytest.mark.parametrize("form", FORMS)
def test_the_renderer_leaves_the_margins_empty(released, form):
    picture = Image.open(io.BytesIO(draw_png(every_form(released)[form], "narrow", "light"))).convert("RGB")
    for left in (0, picture.width - 18):
        margin = picture.crop((left, 0, left + 18, picture.height))
        assert margin.getcolors() == [(18 * picture.height, (255, 255, 255))]


def contrast(first: str, second: str) -> float:
    """The contrast of two colours (WCAG 2.2, relative luminance)."""

    def luminance(colour: str) -> float:
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        red, green, blue = (p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("theme", THEMES.values(), ids=THEMES)
def test_text_and_marks_have_contrast_in_every_theme(theme):
    on_paper = [(name, "paper") for name in ("ink", "muted", "accent")]
    for text, ground in [*on_paper, ("on_warning", "warning"), ("on_accent", "accent"), ("on_soft", "soft")]:
        assert contrast(theme[text], theme[ground]) >= 4.5, text
    for mark in ("accent", "other", "band", "missing", "flag"):
        assert contrast(theme[mark], theme["paper"]) >= 3, mark


def steps_of(wrapped: str) -> int:
    """How many lines of the program break a text into even ones."""
    steps = 0

    def count(_frame, event, _):
        nonlocal steps
        steps += event == "line"
        return count

    before = sys.gettrace()
    sys.settrace(count)
    try:
        wrap(wrapped, 13, 296)
    finally:
        sys.settrace(before)
    return steps


def test_a_text_four_times_as_long_takes_about_four_times_as_many_steps():
    assert steps_of("i w a " * 320) < 6 * steps_of("i w a " * 80)


def test_names_for_which_no_picture_has_room_are_refused_before_they_are_laid_out(monkeypatch):
    table = "category | value\n" + "\n".join(f"c{number} | {number + 1}" for number in range(9))
    figures = observe(table)
    catalogue = describe(figures)
    for code, about in catalogue.codes["category"].items():
        about["label"] = f"{code} {'i w a ' * 160}"
    monkeypatch.setattr(drawing, "_compose", None)
    with pytest.raises(NoSuchChart, match="too many to be read in one picture"):
        arrange(figures.values(), catalogue, form="dots")


def test_lines_are_even_and_a_cut_has_an_ellipsis():
    lines = wrap("Suspended or on restricted duties in the Metropolitan Police", 19, 500, bold=True)
    assert len(lines) == 2
    assert min(len(line.split()) for line in lines) > 2
    assert wrap("word " * 50, 13, 100, most=2)[1].endswith("…")
    assert all(width_of(line, 13) <= 100 for line in wrap("W" * 80, 13, 100))


def test_no_word_is_alone_in_the_last_line_and_no_line_ends_in_a_separator(released):
    source = arrange(released.members("how-many-were-accused"), released.catalogue).source
    assert [line.replace("\u00a0", " ") for line in wrap(source, 11.5, 296, is_even=False)] == [
        "Source: The Eye Of Media.Com, 2023–24; Brit Brief;",
        "Police Oracle, 2023",
        "Misconduct Register 2.2.0 · CC BY 4.0",
    ]
    note = "The 931 printed for ten years are suspensions and not people."
    assert wrap(note, 11.5, 300, is_even=False)[-1] == "not people."


# SVG, PNG and Vega-Lite ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", FORMS)
def test_a_picture_says_every_figure_to_those_who_do_not_see_it(released, form):
    chart = every_form(released)[form]
    root = ET.fromstring(draw_svg(chart, "wide", "light"))
    title, description = root[0], root[1]
    assert root.get("role") == "img"
    assert root.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    assert title.text == chart.title
    for row in chart.marks:
        assert (row["shown"] or "") in (description.text or "")


def test_titles_are_text_and_no_markup(released):
    title = "<script>alert(1)</script> & {datum.x} ${y} \u202eabc \x00 \ufffe"
    words = Words(title, "<b>bold</b>", "]]> <!-- ")
    svg = draw_svg(arrange(released.choose("gb7nr", "frdkf", "h6xgz"), released.catalogue, form="dots", words=words), "wide", "auto")  # fmt: skip
    root = ET.fromstring(svg)
    assert not [one for one in root.iter() if one.tag in (f"{SVG}script", f"{SVG}b")]
    assert "<script>alert(1)</script> & {datum.x} ${y} \ufffdabc \ufffd \ufffd" in told(svg)
    draw_png(arrange(released.choose("gb7nr"), released.catalogue, words=words), "narrow", "dark")


def test_a_title_from_right_to_left_begins_at_the_right(released):
    words = Words(title="كم عدد ضباط الشرطة المتهمين؟")
    chart = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue, words=words)
    title = next(one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Text))
    assert (title.anchor, title.x) == ("end", 640 - 16)


def test_a_title_of_500_characters_is_cut_in_the_picture_and_whole_for_a_screen_reader(released):
    words = Words(title="accused " * 62)
    chart = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue, words=words)
    for size in SIZES:
        assert_legible(chart, size)
    assert "…" in told(draw_svg(chart, "narrow", "light"))
    assert ET.fromstring(draw_svg(chart, "narrow", "light"))[0].text == ("accused " * 62).strip()


def test_a_notice_stands_above_everything(released):
    chart = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue, notice="Revised since release 1.0.0.")
    texts = [one for one in lay_out(chart, SIZES["wide"]).items if isinstance(one, Text)]
    assert min(texts, key=lambda one: one.y).text == "Revised since release 1.0.0."


def test_auto_follows_the_reader_and_the_others_do_not(released):
    chart = every_form(released)["columns"]
    assert b"prefers-color-scheme:dark" in draw_svg(chart, "wide", "auto")
    assert b"<style>" not in draw_svg(chart, "wide", "dark")
    assert THEMES["dark"]["paper"].encode() in draw_svg(chart, "wide", "dark")
    assert draw_png(chart, "narrow", "auto") == draw_png(chart, "narrow", "light")


@pytest.mark.parametrize(("size", "pixels"), [("narrow", 640), ("medium", 960), ("wide", 1280), ("card", 1200)])
def test_sizes_of_pictures(released, size, pixels):
    chart = every_form(released)["number"]
    assert Image.open(io.BytesIO(draw_png(chart, size, "light"))).width == pixels
    root = ET.fromstring(draw_svg(chart, size, "light"))
    assert root.get("width") == str(pixels if size == "card" else pixels // 2)
    if size == "card":
        assert root.get("height") == "630"


@pytest.mark.parametrize("form", FORMS)
def test_vega_lite_is_valid_tidy_and_can_be_drawn(released, form):
    chart = every_form(released)[form]
    specification = json.loads(json.dumps(vega_lite(chart)))
    kind = next((k for name, k in (("facet", altair.FacetChart), ("layer", altair.LayerChart)) if name in specification), altair.Chart)  # fmt: skip
    kind.from_dict(specification, validate=True)
    rows = specification["data"]["values"]
    assert len(rows) == len(chart.rows)
    assert {*rows[0]} <= {column.name for column in COLUMNS} | {*SHOWN_COLUMNS, "place"}
    assert not re.search(r'"scale": null|"(x|y)2?": {"value"', json.dumps(specification))
    picture = Image.open(io.BytesIO(vl_convert.vegalite_to_png(specification, vl_version="6.4")))
    assert len(picture.convert("RGB").getcolors(100_000)) > 5


def test_vega_lite_draws_one_scale_where_the_picture_has_one_and_says_note_and_source(released):
    chart = arrange(released.members("how-many-were-accused"), released.catalogue, words=Words(note="Do not add them."))
    specification = vega_lite(chart)
    assert specification["resolve"]["scale"]["x"] == "shared"
    below = " ".join(specification["title"]["subtitle"]).replace("\u00a0", " ")
    assert "Do not add them." in below
    assert "Source: The Eye Of Media.Com, 2023–24; Brit Brief; Police Oracle, 2023" in below
    unlike = arrange(released.members("people-reports-and-calls-to-the-hotline"), released.catalogue)
    assert vega_lite(unlike)["resolve"]["scale"]["x"] == "independent"  # numbers of people, and a share
    assert {row["unit"] for row in unlike.marks} == {"count", "proportion"}
    turned = replace(unlike, rows=unlike.rows[::-1])  # the share first
    assert "%" not in json.dumps(vega_lite(turned)["spec"])  # numbers of people would be thousands of per cent


def test_vega_lite_points_away_from_a_bound_beyond_which_nothing_is_known(released):
    layers = vega_lite(look_alikes(released))["spec"]["layer"]
    arrows = {one["mark"]["shape"]: one for one in layers if "shape" in one["mark"]}
    assert {*arrows} == {"triangle-right", "triangle-left"}
    assert arrows["triangle-right"]["transform"] == [
        {"filter": "isValid(datum.value_low) && !isValid(datum.value_high)"}
    ]
    hundreds = next(row for row in vega_lite(look_alikes(released))["data"]["values"] if row["id"] == "w7vf8")
    assert (hundreds["value_low"], hundreds["value_high"]) == (200, None)


def test_gaps_are_rows_of_the_data(released):
    rows = vega_lite(by_year(released))["data"]["values"]
    assert len([row for row in rows if row["gap"]]) == 3 * 11 - 9
    assert {row["value"] for row in rows if row["gap"]} == {None}


def test_a_chart_can_go_to_another_process(released):
    for chart in every_form(released).values():
        assert pickle.loads(pickle.dumps(chart)) == chart


def test_the_words_of_a_table_keep_their_capitals_and_a_part_of_a_year_says_where_it_begins():
    figures = observe("""
        id    | measure           | category     | period_type | period_start | period_end | value
        bbbb2 | sustained_finding | verbal_abuse | window      | 2015-04      | 2015-12    | 5
        bbbb3 | sustained_finding | verbal_abuse | year        | 2016         |            | 6
        bbbb4 | sustained_finding | verbal_abuse | window      | 2017-01      | 2017-03    | 7
    """)
    catalogue = describe(figures)
    catalogue.codes["measure"]["sustained_finding"]["label"] = "Sustained Finding"
    catalogue.codes["category"]["verbal_abuse"]["label"] = "Verbal Abuse"
    chart = arrange(figures.values(), catalogue, form="columns")
    assert chart.title.startswith("Officers, Sustained Finding, Verbal Abuse")
    said = told(draw_svg(chart, "wide", "light"))
    assert "part of the year (2015 April to December, 2017 to March)" in said
