"""No figure of a table is without a time that somebody gave, and a month is never a year."""

import pytest
import yaml

from tests.desk.editor import FORCE, LATER, LAYOUT, NO_TOTALS, PLAIN, change, is_named
from tests.desk.spreadsheets import write_ods

NUMBER = [
    ["Allegations"],
    ["Police force", "Number"],
    ["Kent", 3],
    ["North Yorkshire", 1],
]
UNDATED = NO_TOTALS | {"columns": FORCE | {"Number": "value"}}


def dated(**period):
    return UNDATED | {"figure": LAYOUT["figure"] | {"period": period}}


STATED = {
    # what the file says, and the period, its words and its place that the figures then have
    "elsewhere": (
        dated(**{"from": "web page", "means": "2017-04/2018-03"}),
        "2017-04/2018-03",
        "",
        "",
    ),
    "a cover sheet": (
        dated(**{"from": "cover sheet", "printed": "2022/23"}),
        "2022-04/2023-03",
        "",
        "",
    ),
    "this sheet": (
        dated(cell="A1", printed="Allegations", means="2022"),
        "2022",
        "Allegations",
        "cell=1,1",
    ),
    "a day": (
        dated(**{"from": "file name", "means": "2018-09-30"}),
        "2018-09-30",
        "",
        "",
    ),
}


@pytest.mark.parametrize(
    ("keys", "period", "words", "place"), STATED.values(), ids=STATED
)
def test_the_period_of_a_table_can_be_stated_anywhere(
    editor, keys, period, words, place
):
    write_ods(editor.document, {"Table 1": NUMBER})
    editor.describe(**keys)
    assert editor.run().mistakes == []
    figure = editor.figures()["3,2"]
    assert [
        figure.get(name, "") for name in ("period", "period_printed", "period_at")
    ] == [period, words, place]
    assert figure["stock_or_flow"] == ("stock" if period == "2018-09-30" else "flow")
    assert editor.verify() == []


def test_what_may_last_is_no_flow_until_an_editor_says_so(editor):
    """Cases that were pending in a year may be those that were pending at its end."""
    path = editor.data / "codelists/measure.csv"
    head, *lines = path.read_text().splitlines()
    path.write_text(
        "\n".join(
            [
                f"{head},lasts",
                *(f"{one},{str('alleged' in one).lower()}" for one in lines),
                "",
            ]
        )
    )
    outcome = editor.add()
    assert {row["stock_or_flow"] for row in editor.figures().values()} == {"unstated"}
    assert "stock_or_flow: unstated)" in outcome.sections["Some of the figures"][0]
    outcome = editor.add(figure=LAYOUT["figure"] | {"stock_or_flow": "flow"})
    assert {row["stock_or_flow"] for row in editor.figures().values()} == {"flow"}
    assert "stock_or_flow: flow)" in outcome.sections["Some of the figures"][0]


def test_a_publisher_who_states_no_period_gets_a_caveat_that_says_so(editor):
    assert (
        editor.add(
            NUMBER, **UNDATED | {"figure": LAYOUT["figure"] | {"period": "none"}}
        ).mistakes
        == []
    )
    figure = editor.figures()["3,2"]
    assert (figure.get("period", ""), figure["caveats"], figure["stock_or_flow"]) == (
        "",
        "report_period",
        "unstated",
    )
    assert editor.verify() == []


REFUSED = {
    # the file, and the line of it that is named with a word
    "no period": (UNDATED, 6, "2 figures have no time"),
    "a period of no place": (dated(means="2022"), 6, "say where it is stated"),
    "an unknown place": (
        dated(**{"from": "hearsay", "means": "2022"}),
        6,
        "cover sheet",
    ),
    "a place without a period": (dated(**{"from": "title"}), 6, "means is missing"),
    "words that do not stand there": (
        dated(cell="A1", printed="2021/22"),
        6,
        "A1 contains 'Allegations'",
    ),
    "another year than the words": (
        dated(cell="A1", printed="2022/23", means="2021"),
        6,
        "names 2022",
    ),
    "a word": (
        UNDATED | {"figure": LAYOUT["figure"] | {"period": "2022"}},
        6,
        "say where",
    ),
}


@pytest.mark.parametrize(("keys", "line", "word"), REFUSED.values(), ids=REFUSED)
def test_a_table_without_a_time_is_refused(editor, keys, line, word):
    write_ods(editor.document, {"Table 1": NUMBER})
    editor.describe(**keys)
    mistakes = editor.run().mistakes
    assert [
        one
        for one in mistakes
        if one.startswith(f"tables/report.yaml:{line}:") and word in one
    ], mistakes


def by_year(*years):
    """Return a table and its file, with a row for each year."""
    rows = [
        ["Allegations"],
        ["Police force", "Year", "Number"],
        *(["Kent", one, 3] for one in years),
    ]
    columns = {"Police force": "area", "Year": "year", "Number": "value"}
    return rows, NO_TOTALS | {"columns": columns, "rows": f"3-{len(rows)}"}


@pytest.mark.parametrize(
    "word", ["Oct-09", "Sep-18", "01/09/2010", "2009-10-01", "10-Sep", "1.10.2009"]
)
def test_a_date_among_years_may_have_been_made_of_one_and_is_no_month(editor, word):
    rows, keys = by_year(word, "2010-11", "2013/14")
    [mistake] = editor.add(rows, **keys).mistakes
    assert is_named([mistake], "report.ods#B3", f"{word!r}", "to periods, and say w")
    assert ("as Oct-09 of 2009-10" in mistake) == (
        word in ("Oct-09", "Sep-18", "2009-10-01")
    )
    assert (
        editor.add(rows, **keys | {"periods": {word: "2009-04/2010-03"}}).mistakes == []
    )
    assert editor.figures()["3,3"]["period"] == "2009-04/2010-03"


@pytest.mark.parametrize(
    ("years", "cell"), [(("Oct-09", "2010-11"), "B4"), (("2009-10", "Dec-11"), "B3")]
)
def test_years_that_a_file_calls_months_are_not_made_into_months_in_silence(
    editor, years, cell
):
    rows, keys = by_year(*years)
    keys["columns"] |= {"Year": {"is": "year", "year": "month"}}
    [mistake] = editor.add(rows, **keys).mistakes
    assert is_named(
        [mistake], f"report.ods#{cell}", "may be a year or a month: add it to periods"
    )


@pytest.mark.parametrize(
    "months", [("2010-09", "2010-10", "2010-12"), ("Oct-09", "Nov-10")]
)
def test_months_among_months_are_months(editor, months):
    rows, keys = by_year(*months)
    rows[-1][0] = "North Yorkshire"
    keys["columns"] |= {"Year": {"is": "year", "year": "month"}}
    assert editor.add(rows, **keys).mistakes == []


@pytest.mark.parametrize(
    "word",
    [
        "January",
        "Q1",
        "H1",
        "Dec",
        "April to June",
        "Jan–Mar",
        "first half",
        "31 March",
    ],
)
def test_a_month_that_the_file_calls_words_is_refused_once(editor, word):
    rows = [["Allegations"], ["Year", "Month", "Police force", "Number"]]
    rows += [
        ["2020", one, "Kent", number]
        for number, one in enumerate((word, "March", "April"), 1)
    ]
    columns = {
        "Year": "year",
        "Month": "words",
        "Police force": "area",
        "Number": "value",
    }
    mistakes = editor.add(
        rows, **NO_TOTALS | {"columns": columns, "rows": "3-5"}
    ).mistakes
    assert len(mistakes) == 1
    assert is_named(
        mistakes, "report.ods#B3", "not for the whole year", "2 more cells, such as B5"
    )


@pytest.mark.parametrize("says", ["value", {"year": "month"}])
def test_months_beside_a_column_of_years_are_never_the_whole_year(editor, says):
    rows = [
        ["Allegations"],
        ["Police force", "Year", "Jan", "Q1"],
        ["Kent", "2020", 3, 4],
    ]
    keys = NO_TOTALS | {"rows": "3", "columns": FORCE | {"Year": "year", "*": says}}
    mistakes = editor.add(rows, **keys).mistakes
    assert is_named(
        mistakes, "report.ods#C2", "'Jan' is a part of a year", "as Mar-20", "D2"
    )


def test_months_in_headings_are_months(editor):
    rows = change(PLAIN, B2="Mar-20", C2="April 2020")
    assert (
        editor.add(
            rows, **NO_TOTALS | {"columns": FORCE | {"*": {"year": "month"}}}
        ).mistakes
        == []
    )
    assert [row["period"] for row in editor.figures().values()] == [
        "2020-03",
        "2020-04",
    ] * 2


def test_a_year_in_a_heading_is_not_passed_over_for_that_of_the_row(editor):
    rows = [
        ["Allegations"],
        ["Police force", "Year", "Closed in 2021"],
        ["Kent", "2020", 3],
    ]
    columns = FORCE | {"Year": "year", "*": {"year": "calendar"}}
    (mistake,) = editor.add(
        rows, **NO_TOTALS | {"rows": "3", "columns": columns}
    ).mistakes
    assert is_named([mistake], "report.ods#C2", "the rows have years, too")


def test_a_day_in_a_heading_is_a_stock(editor):
    rows = change(PLAIN, B2="Sep-18", C2="Mar-19")
    days = {"Sep-18": "2018-09-30", "Mar-19": "2019-03-31"}
    assert (
        editor.add(
            rows,
            **NO_TOTALS
            | {"columns": FORCE | {"*": {"year": "month"}}, "periods": days},
        ).mistakes
        == []
    )
    figure = editor.figures()["3,2"]
    assert (figure["period"], figure["period_printed"], figure["stock_or_flow"]) == (
        "2018-09-30",
        "Sep-18",
        "stock",
    )


def test_a_year_without_a_heading_can_be_said_in_periods(editor):
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text("Police force,\nKent,5\n")
    columns = {"Police force": "area", "column B": {"year": "calendar"}}
    editor.describe(
        sheet=None,
        header=None,
        rows=None,
        totals=None,
        columns=columns,
        periods={"column B": "2021"},
    )
    assert editor.run().mistakes == []
    assert [row["period"] for row in editor.figures().values()] == ["2021"]


def marked(editor):
    return {
        row["period"]
        for row in editor.figures().values()
        if row.get("mark") == "provisional"
    }


@pytest.mark.parametrize("year", ["2020-04/2021-03", "2019-10/2020-09"])
def test_an_unfinished_year_is_one_of_the_table_whichever_month_it_ends_in(
    editor, year
):
    rows, periods = (
        change(PLAIN, B2="Year A", C2="Year B"),
        {"Year A": "2010-04/2011-03", "Year B": year},
    )
    label = f"{year[:4]}/{int(year[2:4]) + 1}"
    columns = FORCE | {"Year*": {"year": "financial"}}
    keys = NO_TOTALS | {"columns": columns, "periods": periods}
    assert editor.add(rows, **keys, unfinished=[label]).mistakes == []
    assert marked(editor) == {year}


def test_months_of_an_unfinished_financial_year_are_provisional(editor):
    rows = change(PLAIN, B2="Mar-20", C2="April 2020")
    keys = NO_TOTALS | {"columns": FORCE | {"*": {"year": "month"}}}
    assert editor.add(rows, **keys, unfinished=["2020/21"]).mistakes == []
    assert marked(editor) == {"2020-04"}
    (mistake,) = editor.add(rows, **keys, unfinished=["2021"]).mistakes
    assert "no figure for the year 2021" in mistake


IN_JULY = FORCE | {"20*": {"year": "financial", "from": "July"}}
STATES = [
    ["Allegations"],
    ["Police force", "2013-14", "2014-15"],
    ["Queensland", 3, 4],
    ["Kent", 1, 2],
]
AMERICAN = [
    ["Allegations"],
    ["Police force", "2013-14", "2014-15"],
    ["Kentucky", 3, 4],
    ["Maine", 1, 2],
]
AFTER = {"published": "2016"}


def periods(editor):
    return {cell: row["period"] for cell, row in editor.figures().items()}


def test_a_financial_year_begins_where_the_area_says_or_its_country(editor):
    outcome = editor.add(STATES, **NO_TOTALS, words=ELSEWHERE)
    assert outcome.mistakes == []
    assert periods(editor) == {
        "3,2": "2013-07/2014-06", "3,3": "2014-07/2015-06", "4,2": "2013-04/2014-03", "4,3": "2014-04/2015-03",
    }  # fmt: skip
    shown = "\n".join(outcome.sections["Some of the figures"])
    assert ", 2013-14 (July 2013 to June 2014): 3. " in shown
    assert ", 2013-14 (April 2013 to March 2014): 1. " in shown
    assert editor.verify() == []


def test_a_financial_year_of_an_area_without_a_month_is_asked_for_once(editor):
    (mistake,) = editor.add(AMERICAN, **NO_TOTALS, country="us").mistakes
    asked = "a financial year of 'Kentucky' begins in which month? write {year: financial, from: July}"
    assert is_named([mistake], "report.ods#B3", asked, "3 more cells")
    assert (
        editor.add(AMERICAN, **NO_TOTALS | {"columns": IN_JULY}, country="us").mistakes
        == []
    )
    assert periods(editor)["4,3"] == "2014-07/2015-06"
    assert editor.verify() == []


def test_a_financial_year_in_a_label_is_asked_for_once_and_its_remedy_is_right(editor):
    rows = [
        ["Allegations"],
        ["Police force", "Year", "Number"],
        ["Maine", "2013-14", 3],
        ["Maine", "2014-15", 4],
    ]
    keys = NO_TOTALS | {"columns": FORCE | {"Year": "year", "Number": "value"}}
    keys["country"] = "us"
    (mistake,) = editor.add(rows, **keys).mistakes
    assert is_named(
        [mistake],
        "report.ods#C3",
        "'Maine' begins in which month? write {is: year, from: July}",
    )
    keys["columns"] |= {"Year": {"is": "year", "from": "October"}}
    assert editor.add(rows, **keys).mistakes == []
    assert periods(editor) == {"3,3": "2013-10/2014-09", "4,3": "2014-10/2015-09"}


ELSEWHERE = {"Queensland": "au_qld"}
FIXED = [
    ["Allegations, 2013-14"],
    ["Police force", "Number"],
    ["Queensland", 3],
    ["Kent", 1],
]


@pytest.mark.parametrize(
    "period",
    [{"cell": "A1", "printed": "2013-14"}, {"from": "web page", "printed": "2013-14"}],
    ids=str,
)
def test_a_stated_financial_year_begins_where_the_area_says_and_else_means_is_asked_for(
    editor, period
):
    assert editor.add(FIXED, **dated(**period), words=ELSEWHERE).mistakes == []
    assert periods(editor) == {"3,2": "2013-07/2014-06", "4,2": "2013-04/2014-03"}
    assert editor.verify() == []
    (mistake,) = editor.add(
        change(FIXED, A3="Maine"), **dated(**period), words={"Maine": "us_me"}
    ).mistakes
    assert is_named(
        [mistake],
        "report.ods#B3",
        "of 'Maine' begins in which month? write means: 2013-07/2014-06",
    )
    assert (
        editor.add(
            change(FIXED, A3="Maine"),
            **dated(**period, means="2013-07/2014-06"),
            words={"Maine": "us_me"},
        ).mistakes
        == []
    )


def test_an_unfinished_financial_year_from_july_is_found_by_its_label(editor):
    assert (
        editor.add(
            STATES,
            **NO_TOTALS,
            source={"published": "2015"},
            unfinished=["2014/15"],
            words=ELSEWHERE,
        ).mistakes
        == []
    )
    assert marked(editor) == {"2014-07/2015-06", "2014-04/2015-03"}


FROM = {
    "no month in which such a year begins": (
        {"year": "financial", "from": "July 1"},
        "from must be 'February'",
    ),
    "of calendar years": (
        {"year": "calendar", "from": "July"},
        "from is for financial years",
    ),
}


@pytest.mark.parametrize(("column", "word"), FROM.values(), ids=FROM)
def test_a_month_in_which_no_financial_year_begins_is_refused(editor, column, word):
    (mistake,) = editor.add(
        STATES, **NO_TOTALS | {"columns": FORCE | {"20*": column}}
    ).mistakes
    assert is_named(
        [mistake.replace(":37:", ":1:").replace(":38:", ":1:")],
        mistake.partition(": ")[0],
        word,
    )


QUARTERS = [
    ["TASER"],
    [
        "Police force",
        "April-June 2009 Fired",
        "April-June 2009 Aimed",
        "July-Sept 2009 Fired",
    ],
]
QUARTERS += [["Kent", 3, 4, 5]]
OF_QUARTERS = {
    "April-June 2009": "2009-04/2009-06",
    "July-Sept 2009": "2009-07/2009-09",
}
KINDS = FORCE | {"* Fired": {"year": "calendar"}, "* Aimed": {"year": "calendar"}}


def test_a_quarter_inside_a_heading_is_read_and_the_rest_is_quoted(editor):
    keys = NO_TOTALS | {"columns": KINDS, "rows": "3"}
    mistakes = editor.add(QUARTERS, **keys).mistakes
    assert is_named(
        mistakes,
        "report.ods#B2",
        "cannot read 'April-June 2009 Fired'",
        "its words for the time to periods",
    )
    assert editor.add(QUARTERS, **keys, periods=OF_QUARTERS).mistakes == []
    found = [
        [row[name] for name in ("period", "period_printed", "counted")]
        for row in editor.figures().values()
    ]
    assert found == [
        ["2009-04/2009-06", "April-June 2009", "Fired"],
        ["2009-04/2009-06", "April-June 2009", "Aimed"],
        ["2009-07/2009-09", "July-Sept 2009", "Fired"],
    ]
    assert editor.verify() == []


@pytest.mark.parametrize(
    "heading", ["April-June 2009/10 Fired", "April-June 2009 to May 2010 Fired"]
)
def test_a_period_inside_a_longer_one_is_not_read(editor, heading):
    rows = change(QUARTERS, B2=heading)
    mistakes = editor.add(
        rows, **NO_TOTALS | {"columns": KINDS, "rows": "3"}, periods=OF_QUARTERS
    ).mistakes
    assert is_named(mistakes, "report.ods#B2", "cannot read", heading)


def test_of_two_periods_in_a_heading_the_longer_words_are_read(editor):
    rows = change(QUARTERS, B2="Wave 1 and 2 Fired", D2="July-Sept 2009 Aimed")
    periods = OF_QUARTERS | {
        "Wave 1": "2009-04/2009-06",
        "Wave 1 and 2": "2009-04/2009-09",
    }
    assert (
        editor.add(
            rows, **NO_TOTALS | {"columns": KINDS, "rows": "3"}, periods=periods
        ).mistakes
        == []
    )
    figure = editor.figures()["3,2"]
    assert (figure["period"], figure["period_printed"]) == (
        "2009-04/2009-09",
        "Wave 1 and 2",
    )


def test_a_year_that_had_not_ended_when_the_file_was_first_seen_is_unfinished(editor):
    """The file has no date, but somebody had it in July 2023, so it cannot have all of 2023."""
    source = {
        "published": None,
        "known_by": "2023-07-25",
        "notes": {"published": "None.", "url": "None."},
    }
    source["notes"]["licence"] = "None is stated."
    rows = [
        ["Allegations"],
        ["Police force", "2022", "2023"],
        ["Kent", 3, 4],
        ["North Yorkshire", 1, 2],
    ]
    keys = {
        "source": source,
        "totals": None,
        "columns": FORCE | {"20*": {"year": "calendar"}},
    }
    (mistake,) = editor.add(rows, **keys).mistakes
    assert "2023-07-25" in mistake
    assert "name the year in unfinished" in mistake
    assert editor.add(rows, **keys, unfinished=["2023"]).mistakes == []


def test_years_below_a_heading_that_is_taken_for_numbers_are_named(editor):
    rows = [
        ["Allegations"],
        ["Police force", "year", "Cases"],
        ["Kent", "2020/21", 4],
        ["Kent", "2021/22", 2],
    ]
    columns = FORCE | {"year": {"year": "financial"}, "Cases": "value"}
    mistakes = editor.add(rows, totals=None, columns=columns).mistakes
    assert any(
        "is a year, not a number: write year for its column" in one for one in mistakes
    ), mistakes


ONE_YEAR = [["Complaints"], ["Police force", "Year", "Cases"], ["Kent", "2022", 3]]
OF_ROWS = {
    "rows": "3",
    "totals": {},
    "columns": FORCE | {"Year": "year", "Cases": "value"},
}


@pytest.mark.parametrize(
    ("text", "sign"),
    [
        ("2022p", "p"),
        ("2020e", "e"),
        ("p2022", "p"),
        ("2022 target", "target"),
        ("2022 est.", "est."),
        ("2022 f", "f"),
    ],
)
def test_letters_and_words_at_a_year_are_asked_for_as_signs(editor, text, sign):
    rows = change(ONE_YEAR, B3=text)
    (mistake,) = editor.add(rows, **OF_ROWS).mistakes
    assert is_named([mistake], "report.ods#B3", repr(text), repr(sign), "signs")
    assert editor.add(rows, **OF_ROWS, signs={sign: "provisional"}).mistakes == []
    assert [editor.figures()["3,3"][name] for name in ("period", "mark")] == [
        "".join(filter(str.isdigit, text)),
        "provisional",
    ]


@pytest.mark.parametrize(
    "text", ["Year 2022", "FY2022", "Calendar year 2022", "2022", "(2022)"]
)
def test_other_years_have_no_signs(editor, text):
    assert editor.add(change(ONE_YEAR, B3=text), **OF_ROWS).mistakes == []


@pytest.mark.parametrize(
    "heading",
    [
        "2023 target",
        "2023 forecast",
        "Planned 2023",
        "2023p",
        "2023 provisional",
        "2023 e",
    ],
)
def test_a_heading_with_a_plan_or_a_letter_at_its_year_is_never_a_fact_in_silence(
    editor, heading
):
    rows = [["Complaints"], ["Police force", "2022", heading], ["Kent", 3, 4]]
    keys = {
        "rows": "3",
        "totals": {},
        "source": LATER,
        "columns": FORCE | {"*20*": {"year": "calendar"}},
    }
    assert is_named(
        editor.add(rows, **keys).mistakes, "report.ods#C2", repr(heading), "signs"
    )


def test_a_draft_asks_about_a_letter_at_years(editor):
    editor.write(change(ONE_YEAR, B3="2022p"))
    editor.layout.unlink()
    editor.run()
    assert yaml.load(editor.layout.read_text(), yaml.BaseLoader)["signs"] == {
        "p": "decide"
    }


def test_a_blank_year_below_a_merged_cell_is_told_with_the_right_remedy(editor):
    rows = [*ONE_YEAR, ["North Yorkshire", "", 4]]
    (mistake,) = editor.add(rows, **OF_ROWS | {"rows": "3-4"}).mistakes
    assert is_named(
        [mistake],
        "report.ods#B4",
        "this year is blank",
        "save a copy with it in each of them",
    )
    assert "periods" not in mistake
