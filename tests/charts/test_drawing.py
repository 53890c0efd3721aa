"""What pictures show, typed from the documents; that all of it can be read; and what is refused."""

from __future__ import annotations

import io
from xml.etree import ElementTree as ET

import pytest
from PIL import Image

from app.charts.chart import arrange
from app.charts.svg import draw_png, draw_svg
from app.errors import NoSuchChart

SVG = "{http://www.w3.org/2000/svg}"


def told(svg: bytes) -> str:
    return " ".join(" ".join(text.itertext()) for text in ET.fromstring(svg).iter(f"{SVG}text"))


def test_look_alikes_are_dots_and_bands_with_the_words_of_their_sources(released):
    chart = arrange(released.members("how-many-were-accused"), released.catalogue)
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


def test_exact_figures_are_bars(released):
    chart = arrange(released.choose("jqnc4", "vfwwp"), released.catalogue)
    assert chart.form == "bars"
    assert [(row["shown"], row["label"]) for row in chart.marks] == [
        ("701", "On restricted duties"),
        ("144", "Suspended"),
    ]


def test_one_figure_is_a_number_with_what_it_counts(released):
    chart = arrange(released.choose("gb7nr"), released.catalogue)
    assert chart.form == "number"
    said = told(draw_svg(chart, "narrow", "light"))
    assert "1,131" in said
    assert "Serving employees accused" in said


def test_no_figure_is_a_picture_that_says_so(released):
    assert "No published figure matches" in told(draw_svg(arrange([], released.catalogue), "wide", "dark"))


def test_unlike_units_are_refused_with_the_reason_and_the_mend(released):
    with pytest.raises(NoSuchChart) as refused:
        arrange(released.choose("s7xm4", "gb7nr"), released.catalogue)
    assert "count, percent" in refused.value.detail
    assert "unit=count or unit=percent" in refused.value.detail
    assert refused.value.status == 422


def test_ten_thousand_figures_are_refused_with_their_number(released):
    figure = released.figures["gb7nr"]
    many = [figure._replace(id=f"b{number:05}") for number in range(10_000)]
    with pytest.raises(NoSuchChart, match="10,000 figures match, and a chart shows at most 40"):
        arrange(many, released.catalogue)


def test_a_png_has_twice_the_pixels(released):
    drawn = draw_png(arrange(released.choose("gb7nr"), released.catalogue), "narrow", "light")
    assert Image.open(io.BytesIO(drawn)).width == 640
