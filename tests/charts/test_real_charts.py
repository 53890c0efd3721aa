"""The charts of the real register: what stands in them is typed from the documents."""

from __future__ import annotations

import altair
import pytest

from tests.charts.reading import all_text, lengths, marks, read, texts

CHARTS = (
    "allegations-by-year",
    "case-review-split",
    "how-many-were-accused",
    "suspended-and-restricted",
    "vetting-check-results",
)


def picture(real, slug: str, **asked: str):
    answer = real.client.get(f"/v1/charts/{slug}.svg", params=asked)
    assert answer.status_code == 200, answer.text
    return read(answer.content)


def test_the_competing_claims_stand_side_by_side_each_with_its_hedge(real):
    drawn = picture(real, "how-many-were-accused")
    assert texts(drawn, bold=True) == [
        "1,492",
        "1,131",
        "1,071 (“It's estimated”)",
        "1,071 (“It's estimated”)",
        "some 1,000",
        "about 1,000",
        "nearly 1,000",
        "approximately 1,000",
        "“Hundreds”: no number printed",
    ]
    said = all_text(drawn)
    for population in ("Officers", "Serving employees", "Officers and staff", "Serving officers"):
        assert population in said
    for window in ("2014–2024", "the last 10 years", "the past 10 years", "past decade", "currently"):
        assert window in said


def test_bars_begin_at_zero_and_are_as_long_as_their_figures(real):
    found = lengths(picture(real, "how-many-were-accused"))
    longest = found[0]
    stated = (1492, 1131, 1071, 1071, 1000, 1000, 1000, 1000)
    assert [round(one / longest, 2) for one in found] == [round(value / 1492, 2) for value in stated]


def test_what_has_no_number_is_drawn_as_missing_and_not_as_zero(real):
    drawn = picture(real, "how-many-were-accused")
    assert len([mark for mark in marks(drawn, "rect") if mark.dashes]) == 1  # Hundreds
    assert "Dashed: no number is printed." in all_text(drawn)


def test_years_without_a_figure_are_gaps(real):
    drawn = picture(real, "allegations-by-year")
    said = texts(drawn)
    # eleven years; 2 + 3 + 4 of them are printed for three of the five kinds
    assert said.count("?") == 5 * 11 - 2 - 3 - 4
    assert len([mark for mark in marks(drawn, "rect") if mark.dashes]) == 46
    printed = [text for text in said if text in {"1,571", "2,074", "81", "72", "4", "116", "169", "157", "23"}]
    assert printed == ["1,571", "2,074", "81", "72", "4", "116", "169", "157", "23"]
    assert "it is not zero" in all_text(drawn)


def test_a_part_year_is_hollow(real):
    hollow = [m for m in marks(picture(real, "allegations-by-year"), "rect") if m.fill_opacity == "0" and not m.dashes]
    assert len(hollow) == 2  # the 4 and the 23 of 2024, from an article of that year


@pytest.mark.parametrize(
    ("slug", "figures"),
    [
        ("suspended-and-restricted", ["701", "144"]),
        ("vetting-check-results", ["1,131", "161", "55", "38"]),
        ("case-review-split", ["1,131", "689", "246", "196"]),
    ],
)
def test_the_figures_stand_from_the_largest_to_the_smallest(real, slug, figures):
    assert texts(picture(real, slug), bold=True) == figures


@pytest.mark.parametrize("size", ["wide", "narrow"])
@pytest.mark.parametrize("slug", CHARTS)
def test_every_picture_names_its_sources_its_release_and_the_licence(real, slug, size):
    said = all_text(picture(real, slug, size=size))
    newest = real.client.get("/v1/charts").json()["meta"]["release"]
    assert "Sources: " in said
    assert f"Misconduct Register, release {newest}" in said
    assert "CC BY 4.0" in said
    assert f",chart{slug}." in said.replace(" ", "")  # by which it is found, whoever serves it
    assert "://" not in said


@pytest.mark.parametrize("slug", CHARTS)
def test_every_specification_is_valid_vega_lite(real, slug):
    specification = real.client.get(f"/v1/charts/{slug}.json").json()
    altair.VConcatChart.from_dict(specification, validate=True)


@pytest.mark.parametrize("slug", CHARTS)
def test_a_picture_has_a_title_and_its_figures_in_words(real, slug):
    drawn = picture(real, slug)
    assert drawn.get("role") == "img"
    title, description = list(drawn)[:2]
    assert drawn.get("aria-labelledby") == f"{title.get('id')} {description.get('id')}"
    about = real.client.get(f"/v1/charts/{slug}").json()["data"]
    assert title.text == about["title"]
    assert (description.text or "").startswith(about["description"])
    for figure in texts(drawn, bold=True):
        assert figure in (description.text or "")


def test_the_figures_of_a_specification_are_those_of_the_listing(real):
    chart = real.client.get("/v1/charts/how-many-were-accused").json()["data"]
    rows = real.client.get("/v1/charts/how-many-were-accused.json").json()["datasets"]["figures"]
    listed = real.client.get("/v1/observations", params={**chart["query"], "detail": "full"}).json()["data"]
    assert {row["id"]: (row["value"], row["printed"], row["hedge"]) for row in rows} == {
        one["id"]: (one["value"], one["printed"], one["hedge"]) for one in listed
    }
