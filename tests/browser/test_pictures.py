"""The pictures tell the truth: marks, labels and their order, from what the browser has drawn."""

from __future__ import annotations

import pytest

from tests.browser.showing import bars_of, cut_off_or_covered, panels_of, words_of

# Typed from the documents: the figures of each chart with the words that hedge them, the largest first.
LABELS = {
    "how-many-were-accused": [
        "1,492",
        "1,131",
        "1,071 (“It's estimated”)",
        "1,071 (“It's estimated”)",
        "about 1,000",
        "approximately 1,000",
        "nearly 1,000",
        "some 1,000",
        "“Hundreds”: no number printed",
    ],
    "suspended-and-restricted": ["701", "144"],
    "vetting-check-results": ["1,131", "161", "55", "38"],
    "case-review-split": ["1,131", "689", "246", "196"],
}
# What the article states for 2014 … 2024; `?` where it states nothing.
YEARS = {
    "All sexual conduct": ["?"] * 8 + ["1,571", "2,074", "?"],
    "Other sexual assault": ["?"] * 8 + ["81", "72", "4"],
    "Sexual assault": ["?"] * 7 + ["116", "169", "157", "23"],
    "Sexual harassment": ["?"] * 11,
    "Abuse of position": ["?"] * 11,
}
CHARTS = [*LABELS, "allegations-by-year"]
in_both_sizes = pytest.mark.parametrize("size", ["wide", "narrow"])


def open_picture(page, slug: str, size: str = "wide") -> None:
    page.goto(f"/v1/charts/{slug}.svg?size={size}")


def magnitude(label: str) -> float:
    digits = "".join(character for character in label if character.isdigit())
    return float(digits) if digits else 0


@in_both_sizes
@pytest.mark.parametrize("slug", LABELS)
def test_bars_are_labelled_as_printed_the_largest_first(page, slug, size):
    open_picture(page, slug, size)
    labels = [label for label, _ in bars_of(page)]
    assert sorted(labels) == sorted(LABELS[slug])
    assert [magnitude(label) for label in labels] == [magnitude(label) for label in LABELS[slug]]


def test_bars_begin_at_zero_and_are_as_long_as_their_figures(page):
    """701 officers on restricted duties and 144 suspended: 144 / 701 is 0.21."""
    open_picture(page, "suspended-and-restricted")
    bars = [bar for _, bar in bars_of(page)]
    zero = page.locator("g.role-axis-label text").first
    assert zero.text_content() == "0"
    assert {round(bar.x) for bar in bars} == {round(zero.bounding_box()["x"])}
    assert [round(bar.width / bars[0].width, 2) for bar in bars] == [1.0, 0.21]


def test_a_figure_that_is_only_words_is_drawn_as_missing(page):
    open_picture(page, "how-many-were-accused")
    kinds = {label: bar.kind for label, bar in bars_of(page)}
    assert kinds.pop("“Hundreds”: no number printed") == "missing"
    assert set(kinds.values()) == {"bar"}


@in_both_sizes
def test_a_year_without_a_figure_is_drawn_as_missing_and_never_as_zero(page, size):
    open_picture(page, "allegations-by-year", size)
    panels = panels_of(page, years=11)
    assert len(panels) == 5
    for heading, marks, words in panels:
        expected = next(years for name, years in YEARS.items() if heading.startswith(name))
        assert [word.text for word in words] == expected, heading
        assert [mark.kind == "missing" for mark in marks] == [year == "?" for year in expected], heading
    assert "no source states a figure for that year; it is not zero" in words_of(page)


def test_columns_stand_on_one_line_and_are_as_high_as_their_figures(page):
    open_picture(page, "allegations-by-year")
    marks = next(marks for heading, marks, _ in panels_of(page, years=11) if heading.startswith("Sexual assault"))
    stated = marks[7:]
    assert len({round(mark.bottom) for mark in stated}) == 1
    assert [round(mark.height / stated[1].height, 1) for mark in stated] == [0.7, 1.0, 0.9, 0.1]


def test_a_figure_for_part_of_a_year_is_marked(page):
    """The article appeared in 2024."""
    open_picture(page, "allegations-by-year")
    parts = [i for _, marks, _ in panels_of(page, years=11) for i, mark in enumerate(marks) if mark.kind == "part"]
    assert parts == [10, 10]


@in_both_sizes
@pytest.mark.parametrize("slug", CHARTS)
def test_no_words_of_a_picture_are_cut_off_or_covered(page, slug, size):
    open_picture(page, slug, size)
    assert cut_off_or_covered(page) == []


@pytest.mark.parametrize("slug", CHARTS)
def test_a_picture_says_where_it_is_from(page, slug, real):
    """Source, release and licence stand in the picture itself; a title and a description for who does not see it."""
    open_picture(page, slug)
    words, release = words_of(page), real.client.get("/v1/observations?limit=1").json()["meta"]["release"]
    assert f"release {release}" in words
    assert "CC BY 4.0" in words
    assert "The Eye Of Media.Com (2023" in words or "The Eye Of Media.Com (2024" in words
    named = [page.locator(f"svg > {part}").text_content() for part in ("title", "desc")]
    assert all(len(text or "") > 20 for text in named)


def test_every_chart_of_the_register_is_tested_here(charts):
    assert sorted(charts) == sorted(CHARTS)
