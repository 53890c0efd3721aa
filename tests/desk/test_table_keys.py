"""Each key of the file of a table has an effect, or is named with what to do instead."""

import pytest

from tests.desk.editor import FORCE, LAYOUT, NO_TOTALS, PLAIN, change, is_named

YEARS = {"20*": {"year": "financial"}}
UNITS = [
    ["Complaints"],
    ["Police force", "Unit", "Value"],
    ["Kent", "Number", 30],
    ["Kent", "Rate per 100 officers", 31],
    ["North Yorkshire", "Number", 12],
    ["North Yorkshire", "Rate per 100 officers", "6.5"],
]
OF_UNITS = {
    "rows": "3-6",
    "totals": {},
    "figure": LAYOUT["figure"] | {"period": {"from": "title", "means": "2022"}},
}
RATE = {"unit": "per_hundred_thousand", "statistic": "rate", "per": "inhabitants"}


def is_at_line(mistake, line, *words):
    return mistake.startswith(f"tables/report.yaml:{line}:") and all(
        word in mistake for word in words
    )


def units(column, **keys):
    return OF_UNITS | {"columns": FORCE | {"Unit": column, "Value": "value"}} | keys


@pytest.mark.parametrize("means", ["ignore", RATE, {"measure": "proven"}, "proven"])
def test_a_line_of_words_for_a_column_that_is_only_quoted_is_refused(editor, means):
    rows = change(UNITS, B4="Half", B6="Half", C6="6")
    (mistake,) = editor.add(rows, **units("words", words={"Half": means})).mistakes
    assert is_at_line(
        mistake, 8, "'Half'", "words in totals and in columns of words have no codes"
    )
    assert (
        editor.add(rows, **units({"is": "words", "words": {"Half": "ignore"}})).mistakes
        == []
    )
    assert [*editor.figures()] == ["3,3", "5,3"]


WITHOUT_EFFECT = {
    # what a column says, and the key that has no effect there
    "a code for quoted words": (
        {"is": "words", "words": {"Kent": "proven"}},
        "words are only quoted",
    ),
    "codes of a column of words": (
        {"is": "words", "measure": "proven"},
        "measure has no effect",
    ),
    "a fit of a column of places": (
        {"is": "area", "fit": "close"},
        "fit has no effect",
    ),
    "words of a column of numbers": (
        {"is": "value", "words": {"Kent": "gb"}},
        "words has no effect",
    ),
    "words of a column of years": (
        {"is": "year", "words": {"Kent": "gb"}},
        "words has no effect",
    ),
    "a year of a column of places": (
        {"is": "area", "year": "financial"},
        "year has no effect",
    ),
    "parts of what is no total": ({"is": "value", "of": ["20*"]}, "of has no effect"),
    "caveats of a column of places": (
        {"is": "area", "caveats": ["not_a_finding"]},
        "caveats has no effect",
    ),
    "words to ignore": (
        {"is": "ignore", "words": {"Kent": "gb"}},
        "words has no effect",
    ),
}


@pytest.mark.parametrize(("says", "word"), WITHOUT_EFFECT.values(), ids=WITHOUT_EFFECT)
def test_a_key_without_effect_in_its_column_is_refused_at_its_line(editor, says, word):
    (mistake,) = editor.add(
        PLAIN, **NO_TOTALS | {"columns": {"Police force": says} | YEARS}
    ).mistakes
    assert is_at_line(mistake, 7, "Police force", word)


KINDS = [["Allegations"], ["Police force", "Kind", "2021/22"], ["Kent", "Sexual", 3]]
OF_KINDS = NO_TOTALS | {"rows": "3", "columns": FORCE | {"Kind": "category"} | YEARS}
ELSEWHERE = {
    # keys of the file, the line of the mistake, and words of it
    "a code that labels give": (
        {
            "columns": FORCE
            | {"Kind": "category", "20*": {"year": "financial", "category": "any"}}
        },
        "labels give the category",
    ),
    "words of a column that no cell has": (
        {
            "columns": FORCE
            | {"Kind": {"is": "category", "words": {"Sexuall": "sexual"}}}
            | YEARS
        },
        "the column 'Kind' does not have the word 'Sexuall'",
    ),
    "a period that nothing prints": (
        {"periods": {"Sep-18": "2018-09-30"}},
        "does not have the period 'Sep-18'",
    ),
    "a period without a place": (
        {"figure": LAYOUT["figure"] | {"period": {"from": "nowhere", "means": "2022"}}},
        "means and printed need a place",
    ),
}


@pytest.mark.parametrize(("keys", "word"), ELSEWHERE.values(), ids=ELSEWHERE)
def test_other_keys_without_effect_are_named(editor, keys, word):
    assert editor.add(KINDS, **OF_KINDS).mistakes == []
    (mistake,) = editor.add(KINDS, **OF_KINDS | keys).mistakes
    assert mistake.startswith("tables/report.yaml:")
    assert word in mistake


def test_a_word_whose_codes_totals_give_is_named(editor):
    (mistake,) = editor.add(
        change(A5="*Total Wales"), words={"*Total Wales": "gb"}, signs={"*": "ignore"}
    ).mistakes
    assert is_at_line(
        mistake, 8, "'*Total Wales' where it has an effect", "words in totals"
    )


def test_a_column_of_units_gives_each_row_its_unit_and_is_not_quoted(editor):
    outcome = editor.add(
        UNITS, **units("unit", words={"Number": "count", "Rate*": RATE})
    )
    assert outcome.mistakes == []
    names = ("value", "unit", "statistic", "per", "stock_or_flow")
    rate = ["per_hundred_thousand", "rate", "inhabitants", "not_applicable"]
    assert {
        cell: [row[name] for name in names] for cell, row in editor.figures().items()
    } == {
        "3,3": ["30", "count", "count", "", "flow"],
        "4,3": ["31", *rate],
        "5,3": ["12", "count", "count", "", "flow"],
        "6,3": ["6.5", *rate],
    }
    assert editor.verify() == []


@pytest.mark.parametrize("lacking", ["statistic", "per"])
def test_a_word_for_a_rate_says_of_what(editor, lacking):
    rate = {name: code for name, code in RATE.items() if name != lacking}
    mistakes = editor.add(
        UNITS, **units("unit", words={"Number": "count", "Rate*": rate})
    ).mistakes
    assert any(
        f"{lacking}: " in one and one.startswith("report.ods#") for one in mistakes
    )


@pytest.mark.parametrize(
    "label",
    ["Rate per 100 officers", "Per cent", "Share of all", "Complaints per officer"],
)
def test_a_whole_number_that_a_label_calls_a_rate_is_no_count_in_silence(editor, label):
    rows = change(UNITS, B4=label, B6=label, C6=6)
    (mistake,) = editor.add(rows, **units("words")).mistakes
    assert is_named(
        [mistake],
        "report.ods#C4",
        f"{label!r} seems to have no counts",
        "unit for the column",
        "1 more",
    )
    figure = OF_UNITS["figure"] | {"unit": "count"}
    assert editor.add(rows, **units("words", figure=figure)).mistakes == []


def test_labels_with_per_that_are_counts_stay_counts(editor):
    rows = change(UNITS, B4="One row per complaint", B6="Persons", C6=6)
    assert editor.add(rows, **units("words")).mistakes == []


def test_a_title_that_names_rates_is_asked_about(editor):
    figure = LAYOUT["figure"] | {"counted": {"A1": "Complaints per 1,000 officers"}}
    rows = change(PLAIN, A1="Complaints per 1,000 officers")
    (mistake,) = editor.add(rows, **NO_TOTALS | {"figure": figure}).mistakes
    assert "'Complaints per 1,000 officers' seems to have no counts" in mistake
    assert (
        editor.add(rows, **NO_TOTALS | {"figure": figure | {"unit": "count"}}).mistakes
        == []
    )


PERCENT = {"is": "value", "unit": "percent"}


def test_percentages_of_less_than_one_are_asked_about_under_any_heading(editor):
    rows = [
        ["Officers"],
        ["Police force", "Of all officers"],
        ["Kent", "0.42"],
        ["North Yorkshire", "0.1"],
    ]
    keys = OF_UNITS | {"rows": "3-4", "columns": FORCE | {"Of all officers": PERCENT}}
    (mistake,) = editor.add(rows, **keys).mistakes
    assert is_named(
        [mistake],
        "report.ods#B2",
        "may be 42%: write unit: proportion",
        "save a copy with % behind them",
    )
    assert editor.add(change(rows, B3="0.42%", B4="0.1%"), **keys).mistakes == []
    assert editor.figures()["3,2"]["value"] == "0.42"
    assert editor.add(change(rows, B3=1, B4=0), **keys).mistakes == []
