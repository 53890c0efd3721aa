"""Whatever `check` and `release` accept can be loaded, and so can releases from before a rule existed."""

from __future__ import annotations

import json
import tempfile
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misconduct.charts.chart import MOST_FIGURES, MOST_SERIES, MOST_YEARS, arrange
from misconduct.charts.svg import draw_svg
from misconduct.errors import RegisterRefused
from misconduct.model.kinds import is_by_year
from misconduct.publish.load import load_register
from misconduct.register.make_release import ReleaseRefused
from tests.charts.conftest import read_release
from tests.register.reading import mistakes_of, read
from tests.registers import observation_id, seal, source_text, write_register

REVERSED, NO_CHARACTER = "\u202e", "\uffff"


def charts(*versions: dict[str, Any]) -> dict[str, str]:
    """The file of a chart in these versions."""
    first = {
        "id": "shown",
        "title": "What was counted",
        "description": "All figures.",
        "mark": "bar",
        "query": {"measure": ["accused"]},
    }
    return {
        "charts.yaml": json.dumps([first | {"version": n} | given for n, given in enumerate(versions, 1)], indent=0)
    }


def kinds(count: int, *, year: int = 2018) -> str:
    """A figure for each of so many kinds of misconduct."""
    return "\n".join(["category | year | value", *(f"kind_{number} | {year} | 5" for number in range(count))])


def draw_all(register: Path) -> int:
    """Draws every chart of the last release; returns how many there are."""
    figures, catalogue = read_release(register)
    found = list(catalogue.kind("chart").values())
    for one in found:
        shown = [o for o in figures.values() if all(getattr(o, name) in codes for name, codes in one["query"].items())]
        chart = arrange(shown, catalogue, form="columns" if is_by_year(one) else None)
        assert chart.marks
        ElementTree.fromstring(draw_svg(chart, "narrow", "light"))
    return len(found)


def seal_unchecked(register: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Releases as a version of this program did that knew neither limits of charts nor unfit characters."""
    with monkeypatch.context() as patched:
        patched.setattr("misconduct.register.drawable_charts.DrawableCharts._excesses", lambda *_: iter(()))
        patched.setattr("misconduct.register.reader.disallowed_text", lambda _: iter(()))
        patched.setattr("misconduct.register.observations.find_disallowed_character", lambda _: None)
        seal(register)


def test_a_draft_chart_with_too_many_figures_is_refused_at_its_place(tmp_path):
    register = write_register(tmp_path / "data", kinds(MOST_FIGURES + 1), **charts({}))
    told = (
        "data/charts.yaml:7:1: the chart 'shown' cannot be drawn in the next release: it matches 23 figures; "
        "at most 22; narrow its query"
    )
    assert mistakes_of(register) == [told]
    with pytest.raises(RegisterRefused) as refused:
        seal(register)
    assert str(refused.value) == told
    assert not (register / "releases").exists()


def test_a_growing_register_may_not_break_a_chart_that_nobody_touched(tmp_path, database):
    register = write_register(tmp_path / "data", kinds(MOST_FIGURES), **charts({}))
    seal(register)
    write_register(register, kinds(MOST_FIGURES + 1), **charts({}))
    told = (
        "data/charts.yaml:7:1: the chart 'shown' cannot be drawn in the next release: it matches 23 figures; "
        "at most 22; narrow its query, in its next version"
    )
    assert mistakes_of(register) == [told]
    with pytest.raises(RegisterRefused) as refused:
        seal(register)
    assert str(refused.value) == told
    narrower = {"query": {"category": [f"kind_{number}" for number in range(MOST_FIGURES)]}}
    write_register(register, kinds(MOST_FIGURES + 1), **charts({}, narrower))
    assert mistakes_of(register) == []
    seal(register)
    draw_all(register)


def test_a_figure_that_a_release_ends_makes_room_for_another(tmp_path):
    register = write_register(tmp_path / "data", kinds(MOST_FIGURES), **charts({}))
    seal(register)
    write_register(register, kinds(MOST_FIGURES + 1), **charts({}))
    seal(register, ended=[f"{observation_id(0)}=Withdrawn"])
    assert read(register).mistakes == []


def test_a_new_version_replaces_the_one_before_in_a_chart(tmp_path):
    rows = [
        f"{observation_id(n)} | 1 | accused | kind_{n} | 5 | char={n + 1}000,{n + 1}001" for n in range(MOST_FIGURES)
    ]
    first = "\n".join(["id | version | measure | category | value | at", *rows])
    register = write_register(tmp_path / "data", first, **charts({}))
    seal(register)
    moved = f"{observation_id(0)} | 2 | suspended | kind_0 | 5 | char=1000,1001"
    added = f"{observation_id(90)} | 1 | accused | kind_40 | 5 | char=90000,90001"
    write_register(register, "\n".join([first, moved, added]), **charts({}))
    assert mistakes_of(register) == []
    seal(register)
    assert read(register).mistakes == []


@pytest.mark.parametrize("mark", ["column", "line"])
@pytest.mark.parametrize(
    ("table", "told"),
    [
        (kinds(MOST_SERIES + 1), "it matches 13 series; at most 12"),
        ("year | value\n 1822 | 5\n 2022 | 6", "it covers 201 years (1822 to 2022); at most 50"),
        ("year | value\n 1800 | 5\n 2099 | 6", "it covers 300 years (1800 to 2099); at most 50"),
        (
            f"year | value | hedge | qualifier\n 2022 | 5 | {'about ' * 40} | about",
            "a figure in it is 240 characters long",
        ),
    ],
)
def test_a_draft_of_a_chart_that_nobody_could_read_is_refused(tmp_path, mark, table, told):
    register = write_register(tmp_path / "data", table, **charts({"mark": mark}))
    assert told in "\n".join(mistakes_of(register))


def test_a_draft_of_a_chart_whose_figures_may_not_share_an_axis_is_refused(tmp_path):
    table = "category | year | value | unit\nsexual_assault | 2018 | 5 | count\nother | 2018 | 7 | percent"
    register = write_register(tmp_path / "register", table, **charts({"form": "bars"}))
    (told,) = mistakes_of(register)
    assert "may not share an axis" in told
    assert "charts.yaml" in told
    assert mistakes_of(write_register(tmp_path / "dots", table, **charts({"form": "dots"}))) == []


def test_a_draft_of_a_chart_of_long_texts_is_refused(tmp_path):
    head, label = "code,version,label,definition,broader,defined_by\n", "A long label. " * 115
    codes = head + "".join(f"kind_{n},1,{label.strip()},What it is.,,Us\n" for n in range(20))
    register = write_register(tmp_path / "data", kinds(20), **charts({}), **{"codelists/category.csv": codes})
    assert "its texts have 33,176 characters" in "\n".join(mistakes_of(register))


def test_the_largest_charts_can_be_drawn(database, tmp_path):
    rows = "\n".join(f"kind_{kind} | {1970 + year} | 5" for kind in range(MOST_SERIES) for year in range(MOST_YEARS))
    table = f"category | year | value\n{rows}"
    register = write_register(tmp_path / "data", table, **charts({"mark": "column"}))
    seal(register)
    assert draw_all(register) == 1


def test_a_released_chart_that_cannot_be_drawn_is_loaded_and_says_why(served, database, tmp_path, monkeypatch):
    register = write_register(tmp_path / "data", kinds(MOST_FIGURES + 1), **charts({}))
    seal_unchecked(register, monkeypatch)
    assert read(register).mistakes == []
    load_register(database.owner, register)
    served.wait_for_release("1.0.0")
    for form in ("svg", "png", "json", "html"):
        refused = served.client.get(f"/v1/charts/shown.{form}")
        assert (refused.status_code, refused.json()["code"]) == (422, "no_such_chart")
        assert "23 figures match, and a chart shows at most 22" in refused.json()["detail"]
    assert served.client.get("/v1/charts/shown").json()["data"]["title"] == "What was counted"
    assert [served.client.get(page).status_code for page in ("/charts/shown", "/charts", "/")] == [422, 200, 200]
    assert len(served.client.get("/v1/observations").json()["data"]) == MOST_FIGURES + 1

    narrower = {"query": {"category": ["kind_1", "kind_2"]}}
    write_register(register, kinds(MOST_FIGURES + 1), **charts({}, narrower))
    seal(register, released="2024-06-01")
    load_register(database.owner, register)
    served.wait_for_release(read(register).register.releases[-1].number)
    assert served.client.get("/v1/charts/shown.svg").status_code == 200


def test_a_released_chart_that_cannot_be_drawn_does_not_block_a_release(tmp_path, monkeypatch):
    register = write_register(tmp_path / "data", kinds(MOST_FIGURES + 1), **charts({}))
    seal_unchecked(register, monkeypatch)
    write_register(register, kinds(MOST_FIGURES + 2), **charts({}))
    found = read(register, drafts=False)
    assert found.mistakes == []
    assert [str(warning) for warning in found.warnings] == [
        (
            "data/charts.yaml:7:1: the chart 'shown' cannot be drawn in a release: it matches 23 figures; at most 22; "
            "its address says so instead; its next version can have a narrower query"
        )
    ]
    seal(register)


TEXTS = [
    ("sources/paper.yaml", lambda text: {"sources/paper.yaml": source_text("paper", title=text)}, ":4:2"),
    ("charts.yaml", lambda text: charts({"title": text}), ":4:1"),
    ("caveats.yaml", lambda text: {"caveats.yaml": json.dumps([{"id": "so", "version": 1, "text": text}])}, ":1:29"),
]


@pytest.mark.parametrize(("name", "files", "place"), TEXTS)
@pytest.mark.parametrize(
    ("character", "told"),
    [
        (NO_CHARACTER, "this text contains U+FFFF, not a Unicode character"),
        ("\ufffe", "this text contains U+FFFE"),
        (REVERSED, "this text contains U+202E, a direction control"),
        ("\u2066", "this text contains U+2066"),
    ],
)
def test_a_draft_may_not_have_noncharacters_or_direction_controls(tmp_path, name, files, place, character, told):
    register = write_register(tmp_path / "data", "value\n5", **files(f"A {character}title"))
    (mistake,) = mistakes_of(register)
    assert mistake.startswith(f"data/{name}{place}: {told}")
    with pytest.raises(RegisterRefused, match="U\\+"):
        seal(register)


@pytest.mark.parametrize("character", [NO_CHARACTER, REVERSED])
@pytest.mark.parametrize("column", ["printed", "hedge", "period_printed"])
def test_a_draft_figure_may_not_have_them_either(tmp_path, column, character):
    cells = {"printed": "", "hedge": "about", "period_printed": "now"} | {column: f"now{character}"}
    table = f"qualifier | printed | hedge | period_printed\nabout | {cells['printed'] or 'Hundreds'} | {cells['hedge']} | {cells['period_printed']}"
    register = write_register(tmp_path / "data", table)
    (mistake,) = mistakes_of(register)
    assert mistake.startswith("data/observations/paper.csv:2:")
    assert f"this text contains U+{ord(character):04X}" in mistake


def test_direction_marks_are_allowed(tmp_path):
    register = write_register(
        tmp_path / "data", "value\n5", **{"sources/paper.yaml": source_text("paper", title="\u200fשלום\u200e \u061c")}
    )
    assert mistakes_of(register) == []


@pytest.mark.parametrize("said", ["summary", "ended"])
def test_a_release_may_not_have_them_either(tmp_path, said):
    register = write_register(tmp_path / "data", "value\n5")
    seal(register)
    write_register(register, "value\n5\n6")
    words = {"summary": f"A{NO_CHARACTER}"} if said == "summary" else {"ended": [f"bbbbb=With{NO_CHARACTER}drawn"]}
    with pytest.raises(ReleaseRefused, match="this text contains U\\+FFFF"):
        seal(register, **words)


def test_a_released_text_that_a_comment_cuts_off_stays_as_it_is(tmp_path, monkeypatch):
    text = "- id: four\n  version: 1\n  text: The figures of district #4 are of nine months.\n"
    register = write_register(tmp_path / "data", "value\n5", **{"caveats.yaml": text})
    seal_unchecked(register, monkeypatch)
    found = read(register)
    assert found.mistakes == []
    assert [record.content["text"] for record in found.register.records if record.kind == "caveat"] == [
        "The figures of district"
    ]
    assert [str(warning) for warning in found.warnings] == [
        (
            "data/caveats.yaml:3:33: a comment begins here, which is no part of the text before it; "
            "the whole text in quotes, or the comment in a line of its own"
        )
    ]


def test_released_records_with_them_are_loaded_and_drawn(served, database, tmp_path, monkeypatch):
    title = f"A {NO_CHARACTER}{REVERSED}title"
    files = charts({"title": title, "note": title}) | {
        "sources/paper.yaml": source_text("paper", title=title, publisher=title)
    }
    register = write_register(tmp_path / "data", f"printed\nHundreds {NO_CHARACTER}", **files)
    seal_unchecked(register, monkeypatch)
    found = read(register)
    assert found.mistakes == []
    assert sorted({(warning.file, warning.found[:25].split()[-1]) for warning in found.warnings}) == [
        ("data/charts.yaml", "U+FFFF"),
        ("data/observations/paper.csv", "U+FFFF"),
        ("data/sources/paper.yaml", "U+FFFF"),
    ]
    load_register(database.owner, register)
    served.wait_for_release("1.0.0")
    drawn = ElementTree.fromstring(served.client.get("/v1/charts/shown.svg").content)
    assert drawn[0].text == "A \ufffd\ufffdtitle"
    assert served.client.get("/v1/sources/paper").json()["data"]["title"] == title
    assert served.client.get("/charts/shown").status_code == 200


def test_a_draft_that_skips_a_version_is_refused_by_every_command(tmp_path, database):
    table = "id | version | value | at\nbbbb2 | 1 | 5 | char=0,1\nbbbb2 | 2 | 6 | char=0,1"
    register = write_register(tmp_path / "data", table)
    told = ["data/observations/paper.csv:3:7: bbbb2@2 "]
    assert [mistake[: len(told[0])] for mistake in mistakes_of(register)] == told
    assert [mistake[: len(told[0])] for mistake in read(register, drafts=True).mistakes] == told
    with pytest.raises(RegisterRefused, match="bbbb2@2 is added, but no earlier release added bbbb2@1"):
        seal(register)
    with pytest.raises(RegisterRefused, match="bbbb2@2"):
        load_register(database.owner, register, drafts=True)


def test_a_draft_of_a_record_that_does_not_fit_is_refused_by_release(tmp_path):
    caveats = [{"id": "so", "version": number, "text": "So."} for number in (1, 2)]
    register = write_register(tmp_path / "data", "value\n5", **{"caveats.yaml": json.dumps(caveats)})
    assert "so@2" in "".join(mistakes_of(register))
    with pytest.raises(RegisterRefused, match="so@2 is added, but no earlier release added so@1"):
        seal(register)


def test_an_id_fits_into_a_database_index(tmp_path, database):
    caveats = [{"id": "so" * 1500, "version": 1, "text": "So."}]
    register = write_register(tmp_path / "data", "value\n5", **{"caveats.yaml": json.dumps(caveats)})
    assert mistakes_of(register) == [
        "data/caveats.yaml:1:3: the id " + "so" * 20 + "… is 3,000 characters long; at most 200"
    ]


STEP = st.tuples(
    st.sampled_from(["accused", "suspended"]), st.integers(1, 30), st.integers(1990, 2045), st.integers(1, 3)
)
"""A measure, how many kinds of misconduct, and from which year on for how many years."""

ALL_CHARTS = [
    {"id": f"{mark}-{measure}", "version": 1, "title": "Figures", "description": "Figures.", "mark": mark, "query": {"measure": [measure]}}
    for mark in ("bar", "column", "line")
    for measure in ("accused", "suspended")
]  # fmt: skip


def grow(
    register: Path, steps: list[tuple[str, int, int, int]], charted: list[dict[str, Any]]
) -> list[list[tuple[str, str, int]]]:
    """Releases each step that `check` accepts; returns the figures (measure, kind, year) of every release."""
    rows: list[tuple[str, str, int]] = [("accused", "first", 2018), ("suspended", "first", 2018)]
    released = []
    for measure, count, first, lasting in [("accused", 0, 0, 0), *steps]:
        added = [(measure, f"kind_{kind}", year) for kind in range(count) for year in range(first, first + lasting)]
        tried = list(dict.fromkeys([*rows, *added]))
        table = "\n".join(f"{measure} | {kind} | {year} | 5" for measure, kind, year in tried)
        write_register(register, f"measure | category | year | value\n{table}", **{"charts.yaml": json.dumps(charted)})
        if read(register, drafts=False).mistakes:
            with pytest.raises(RegisterRefused):
                seal(register)
        elif tried != rows or not released:
            seal(register)
            rows = tried
            released.append(rows)
    table = "\n".join(f"{measure} | {kind} | {year} | 5" for measure, kind, year in rows)
    (register / "observations" / "paper.csv").unlink()
    write_register(register, f"measure | category | year | value\n{table}")
    return released


def can_be_drawn(mark: str, figures: list[tuple[str, str, int]]) -> bool:
    """Counts anew what docs/register.md says that a chart shows."""
    if mark == "bar":
        return len(figures) <= 22
    years = [year for _, _, year in figures]
    return len({kind for _, kind, _ in figures}) <= 12 and max(years) - min(years) < 50


@given(st.lists(STEP, max_size=5))
@settings(max_examples=15, deadline=None)
def test_every_released_chart_can_be_drawn(steps):
    with tempfile.TemporaryDirectory() as folder:
        for figures in grow(Path(folder) / "data", steps, ALL_CHARTS):
            for one in ALL_CHARTS:
                shown = [figure for figure in figures if [figure[0]] == one["query"]["measure"]]
                assert can_be_drawn(one["mark"], shown)


def test_a_register_that_grew_by_what_check_accepts_is_loaded_with_every_chart_drawn(database, tmp_path):
    steps = [("accused", 5, 2018, 3), ("accused", 30, 2019, 1), ("suspended", 2, 1968, 1)]
    released = grow(tmp_path / "data", steps, ALL_CHARTS[:1])
    assert len(released) == 3
    assert len(load_register(database.owner, tmp_path / "data").added) == 3
    assert draw_all(tmp_path / "data") == 1


# What a chart says


def test_a_title_is_short_enough_for_two_lines(tmp_path):
    register = write_register(tmp_path / "data", kinds(2), **charts({"title": "a" * 71}))
    assert mistakes_of(register) == ["data/charts.yaml:4:1: the title has 71 characters; at most 70"]
    seal_with_older_rules(register)
    assert mistakes_of(register) == []


def seal_with_older_rules(register: Path) -> None:
    """Releases as a version of this program did that did not read the words of charts."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("misconduct.register.drawable_charts.DrawableCharts._check_words", lambda *_: None)
        seal(register)


COUNTED = "id | value | hedge | qualifier | year\n bbbb2 | 1131 | | exact | 2023\n bbbb3 | 0 | | exact | 2022"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ({"title": "Most of the 1131 in 2023"}, []),
        ({"subtitle": "Since 2014, and until 1999"}, []),
        ({"title": "Most of the 1,132"}, ["4:1: no figure of the chart 'shown' prints the '1,132' in its title; years, and numbers that its figures print"]),
        ({"title": "Three in five of the 1131"}, ["the 'Three' in its title", "the 'five' in its title"]),
        ({"subtitle": "Among 45,000"}, ["the '45,000' in its subtitle"]),
        ({"emphasis": ["bbbb2"]}, []),
        ({"emphasis": ["bbbb3"], "query": {"id": ["bbbb2"]}}, ["the chart 'shown' does not show 'bbbb3'; ids of figures that its query chooses"]),
    ],
)  # fmt: skip
def test_words_of_a_chart_say_what_its_figures_print(tmp_path, words, told):
    register = write_register(tmp_path / "data", COUNTED, **charts(words))
    found = mistakes_of(register)
    assert len(found) == len(told)
    assert all(part in mistake for part, mistake in zip(told, found, strict=True)), found


def test_a_revised_figure_may_not_leave_a_released_title_wrong(tmp_path):
    register = write_register(tmp_path / "data", COUNTED, **charts({"title": "Most of the 1131"}))
    seal(register)
    revised = COUNTED.replace("| year", "| year | version").replace("2023", "2023 | 1").replace("2022", "2022 | 1")
    revised += "\n bbbb2 | 1132 | | exact | 2023 | 2"
    write_register(register, revised, **charts({"title": "Most of the 1131"}))
    told = "data/charts.yaml:4:1: no figure of the chart 'shown' prints the '1131' in its title; years, and numbers that its figures print"  # fmt: skip
    assert mistakes_of(register) == [told]
    write_register(register, revised, **charts({"title": "Most of the 1131"}, {"title": "Most of the 1132"}))
    assert mistakes_of(register) == []


def test_a_released_title_that_was_wrong_already_is_left(tmp_path):
    register = write_register(tmp_path / "data", COUNTED, **charts({"title": "Most of the 1132"}))
    seal_with_older_rules(register)
    assert mistakes_of(register) == []


def test_a_released_mapping_that_says_something_twice_stays_as_it_is(tmp_path, monkeypatch):
    text = (
        "#license: MIT\n#license: CC0\nsubject_label\tcomment\tpredicate_id\tobject_id\tcomment\n"
        "a\tfirst\tskos:closeMatch\tany_misconduct\tlast\n"
    )
    register = write_register(tmp_path / "data", "value\n5", **{"mappings/kinds.sssom.tsv": text})
    seal_unchecked(register, monkeypatch)
    found = read(register)
    assert found.mistakes == []
    [mapping] = [record.content for record in found.register.records if record.kind == "mapping"]
    assert (mapping["license"], mapping["mappings"][0]["comment"]) == ("CC0", "last")
    assert [str(warning) for warning in found.warnings] == [
        "data/mappings/kinds.sssom.tsv:2:1: the key 'license' is already in line 1; each key once",
        "data/mappings/kinds.sssom.tsv:3:46: the column 'comment' appears more than once",
    ]


LONG = {
    "sources/paper.yaml": [source_text("paper", **{name: text + "x" * 2_000}) for name, text in (("url", "https://example.org/"), ("media_type", "text/"), ("language", "en-"))],
    "codelists/category.csv": [
        "code,version,label,definition,scheme,notation,same_as,defined_by\nany_misconduct,1,Any,Any.,gss," + cells + ",Us\n"
        for cells in ("N" * 2_001 + ",", "N,https://example.org/" + "x" * 2_000)
    ],
    "mappings/kinds.sssom.tsv": [f"subject_label\tpredicate_id\tobject_id\n{'a' * 2_001}\tskos:closeMatch\tany_misconduct\n"],
}  # fmt: skip


@pytest.mark.parametrize(("name", "text"), [(name, text) for name, texts in LONG.items() for text in texts])
def test_a_text_without_a_limit_of_its_own_is_limited_in_drafts_and_a_warning_in_a_release(
    tmp_path, monkeypatch, name, text
):
    register = write_register(tmp_path / "data", "value\n5", **{name: text})
    (mistake,) = mistakes_of(register)
    assert mistake.startswith(f"data/{name}:")
    assert mistake.endswith("; at most 2,000")
    seal_unchecked(register, monkeypatch)
    found = read(register)
    assert (found.mistakes, len(found.warnings)) == ([], 1)


def test_a_code_may_have_many_narrower_codes_and_a_record_a_long_explanation(tmp_path):
    names = [f"kind_of_misconduct_with_a_long_name_{number}" for number in range(60)]
    head = "code,version,label,definition,narrower,defined_by\n"
    codes = "".join(f"{name},1,A label,What it is.,,Us\n" for name in names)
    whole = f"any_misconduct,1,Any,Any.,{' '.join(names)},Us\n"
    checks = [{"id": "one", "version": 1, "type": "subset", "title": "Less?", "whole": "bbbbc", "parts": ["bbbbb"], "explanation": "x" * 9_000}]  # fmt: skip
    files = {"codelists/category.csv": head + whole + codes, "checks.yaml": json.dumps(checks)}
    assert mistakes_of(write_register(tmp_path / "data", "value\n5\n6", **files)) == []
