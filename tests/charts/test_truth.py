"""A picture joins nothing that is unlike, and hides nothing that is missing."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from app.charts.theme import THEMES
from app.errors import RegisterRefused
from app.publish.load import load_register
from tests.charts.reading import all_text, marks, read, texts
from tests.registers import disagreement_reasons, write_register

PEOPLE_THEN_CASES = """
    category       | year | value | counting_unit | obs_status
    sexual_assault | 2018 |    10 | people        |
    sexual_assault | 2019 |    20 | people        |
    sexual_assault | 2020 |    30 | cases         |
    sexual_assault | 2021 |    40 | cases         |
"""


def chart(mark: str = "bar", **more: Any) -> dict[str, str]:
    """The file of a register that has one chart, of all figures."""
    written = {
        "id": "shown",
        "version": 1,
        "title": "What was counted",
        "description": "All figures.",
        "mark": mark,
        "query": {"measure": ["accused"]},
    }
    return {"charts.yaml": json.dumps([written | more])}


def draw(api, **asked: str):
    answer = api.get("/v1/charts/shown.svg", params=asked)
    assert answer.status_code == 200, answer.text
    return read(answer.content)


def joined(drawn) -> list[int]:
    """How many points each line joins."""
    return sorted(len(re.findall("[ML]", mark.path)) for mark in marks(drawn, "line"))


def test_a_line_joins_years_that_follow_each_other_and_no_others(api, publish):
    publish(
        """
        category       | year | value
        sexual_assault | 2018 |    10
        sexual_assault | 2019 |    20
        sexual_assault | 2021 |    30
        sexual_assault | 2022 |    25
        sexual_assault | 2023 |    27
        """,
        files=chart("line"),
    )
    drawn = draw(api)
    assert joined(drawn) == [2, 3]
    assert texts(drawn).count("?") == 1  # 2020


def test_a_zero_is_drawn_and_a_missing_year_is_not_a_zero(api, publish):
    publish(
        """
        category       | year | value
        sexual_assault | 2018 |     0
        sexual_assault | 2020 |     5
        """,
        files=chart("column"),
    )
    drawn = draw(api)
    assert texts(drawn).count("?") == 1
    assert [text for text in texts(drawn) if text in ("0", "5")] == ["0", "5"]
    assert len([mark for mark in marks(drawn, "rect") if mark.dashes]) == 1


def test_unlike_series_have_panels_of_their_own(api, publish):
    publish(PEOPLE_THEN_CASES, files=chart("line"))
    drawn = draw(api)
    assert joined(drawn) == [2, 2]
    assert texts(drawn).count("?") == 4  # two years of each panel
    assert "break" not in texts(drawn)


def test_breaks_that_are_allowed_are_drawn_as_breaks(api, publish):
    publish(PEOPLE_THEN_CASES, files=chart("line", allow_breaks=True))
    drawn = draw(api)
    assert joined(drawn) == [2, 2]
    assert texts(drawn).count("?") == 0
    assert texts(drawn).count("break") == 1


def test_series_that_overlap_stay_apart_even_if_breaks_are_allowed(api, publish):
    publish(
        """
        category       | year | value | population
        sexual_assault | 2018 |    10 | officers
        sexual_assault | 2019 |    20 | officers
        sexual_assault | 2019 |    30 | staff
        """,
        files=chart("line", allow_breaks=True),
    )
    assert "break" not in texts(draw(api))
    assert texts(draw(api)).count("?") == 1


def test_a_figure_with_status_b_is_not_joined_to_the_one_before(api, publish):
    publish(
        """
        category       | year | value | obs_status
        sexual_assault | 2018 |    10 |
        sexual_assault | 2019 |    20 |
        sexual_assault | 2020 |    90 | B
        sexual_assault | 2021 |    95 |
        """,
        files=chart("line"),
    )
    assert joined(draw(api)) == [2, 2]
    assert texts(draw(api)).count("break") == 1


def test_shares_and_counts_have_scales_of_their_own(api, publish):
    publish(
        """
        category       | year | value | statistic | unit    | printed
        sexual_assault | 2018 |    10 | count     | count   | 10
        sexual_assault | 2018 |    42 | share     | percent | 42%
        """,
        files=chart(),
    )
    assert texts(draw(api), bold=True) == ["42%", "10"]
    assert "Each panel has its own scale, from zero." in all_text(draw(api))


TWO_FORCES = """
    category       | area      | year | value
    sexual_assault | E23000001 | 2018 |    10
    sexual_assault | E23000002 | 2018 |    20
    sexual_assault | E23000002 | 2019 |    30
"""


def test_panels_of_two_forces_name_the_force(api, publish):
    publish(TWO_FORCES, files=chart("column"))
    headings = api.get("/v1/charts/shown.json").json()["usermeta"]["panels"]
    assert [[part for part in heading.split("\u00a0· ") if part.startswith("E23")] for heading in headings] == [
        ["E23000001"],
        ["E23000002"],
    ]
    assert "Sexual assault, E23000001, 2018: 10; " in api.get("/v1/charts/shown.json").json()["description"]
    said = all_text(draw(api))
    assert "E23000001" in said
    assert "E23000002" in said


def test_panels_of_one_force_do_not_repeat_it(api, publish):
    publish(PEOPLE_THEN_CASES, files=chart("column"))
    assert "E23000001" not in "".join(api.get("/v1/charts/shown.json").json()["usermeta"]["panels"])


def test_an_open_window_is_not_drawn_as_the_year_in_which_it_began(api, publish):
    publish(
        """
        category       | period_type | period_start | period_end | value
        sexual_assault | window      | 2018         |            |    10
        sexual_assault | window      |              | 2018       |    20
        sexual_assault | year        | 2018         |            |    30
        sexual_assault | window      | 2014         | 2018       |    40
        """,
        files=chart(),
    )
    rows = api.get("/v1/charts/shown.json").json()["datasets"]["figures"]
    assert [row["lines"][0].split("\u00a0· ")[0] for row in rows] == ["2014–2018", "2018", "until 2018", "since 2018"]
    page = api.get("/charts/shown").text
    assert "<td>since 2018</td>" in page.replace("\n", "")
    assert "<td>until 2018</td>" in page.replace("\n", "")


def test_a_chart_without_figures_says_so(api, publish):
    publish("""
        category       | year | value
        sexual_assault | 2018 |    10
    """, files=chart(query={"measure": ["accused"], "statistic": ["share"]}))  # fmt: skip
    assert "No figure of this release is in this chart." in all_text(draw(api))


def test_a_chart_that_nobody_could_read_is_refused(publish):
    rows = "\n".join(f"kind_{number} | 2018 | 5" for number in range(41))
    with pytest.raises(RegisterRefused, match=r"'shown' cannot be drawn .* it matches 41 figures; at most 40"):
        publish(f"category | year | value\n{rows}", files=chart())


def test_what_a_chart_asks_for_must_exist(tmp_path, database):
    files = chart(query={"measure": ["acused"]}, dataset="alegations")
    register = write_register(tmp_path / "data", "category | value\nsexual_assault | 5", **files)
    with pytest.raises(RegisterRefused) as refused:
        load_register(database.owner, register, drafts=True)
    told = str(refused.value)
    assert "charts.yaml:1:" in told
    assert "there is no measure 'acused'" in told
    assert "there is no dataset 'alegations'" in told


def test_text_of_the_register_is_no_markup_and_no_expression(api, publish):
    title = "<script>alert(1)</script> {datum.x} ${y}"
    publish("category | value\nsexual_assault | 5", files=chart(title=title, description=title, note=title))
    drawn = draw(api)
    assert not [element for element in drawn.iter() if element.tag.endswith("script")]
    assert "<script>alert(1)</script>" in all_text(drawn)
    assert "{datum.x} ${y}" in all_text(drawn)
    embed = api.get("/v1/charts/shown.html").text
    assert "<script>alert" not in embed
    assert "&lt;script&gt;alert(1)" in embed
    assert "<script>alert" not in api.get("/charts/shown").text
    assert "&lt;script&gt;" in api.get("/oembed", params={"url": "http://localhost:8000/charts/shown"}).json()["html"]


def test_a_chart_of_a_disagreement_shows_its_members(api, publish):
    disagreement = {
        "id": "how-many",
        "version": 1,
        "title": "How many",
        "question": "How many?",
        "members": ["bbbbb", "bbbbc"],
        "reasons": ["definition"],
        "explanation": "They differ.",
    }
    publish(
        """
        category       | value | hedge  | qualifier
        sexual_assault |     5 | about  | about
        misconduct     |     7 | nearly | just_under
        other          |     9 |        |
        """,
        files={
            **chart(query={"disagreement": ["how-many"]}),
            "disagreements.yaml": json.dumps([disagreement]),
            **disagreement_reasons(),
        },
    )
    assert texts(draw(api), bold=True) == ["nearly 7", "about 5"]


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
    assert min(contrast(colour, theme.paper) for colour in (theme.ink, theme.muted, theme.notice)) >= 4.5
    assert min(contrast(colour, theme.paper) for colour in (theme.mark, theme.missing)) >= 3
