"""A whole stays a whole: also when it is rounded, explained, or a total of totals."""

import re

import pytest
import yaml

from tests.desk.editor import FORCE, LAYOUT, SOURCE, change, is_named

YEARS = FORCE | {"20*": {"year": "financial"}, "Total": "total"}
ROUNDED = [
    ["Officers by force"],
    ["Police force", "2021/22", "2022/23"],
    ["Kent", 3, 4],
    ["Metropolitan", 5, 2],
    ["North Yorkshire", 1, 2],
    ["Total", 10, 8],
]
KEYS = {
    "rows": "3-5",
    "totals": {"6": {"area": "gb"}},
    "columns": FORCE | {"20*": {"year": "financial"}},
}


def parts_of(figures, cell):
    """Return the cells whose figures are a part of a figure."""
    return sorted(
        other
        for other, row in figures.items()
        if figures[cell]["id"] in row["part_of"].split()
    )


def test_totals_of_rounded_numbers_may_differ_by_half_of_the_rounding_for_each_part(
    editor,
):
    assert is_named(
        editor.add(ROUNDED, **KEYS).mistakes, "report.ods#B6", "published as 10", "9"
    )
    assert editor.add(ROUNDED, **KEYS, rounding=1).mistakes == []
    figures = editor.figures()
    assert parts_of(figures, "6,2") == ["3,2", "4,2", "5,2"]
    assert (figures["6,2"]["caveats"], figures["6,3"]["caveats"]) == (
        "report_rounding",
        "",
    )
    assert editor.verify() == []
    assert is_named(
        editor.add(change(ROUNDED, B6=11), **KEYS, rounding=1).mistakes,
        "report.ods#B6",
        "published as 11",
    )
    hundreds = [
        [100 * cell if isinstance(cell, int) else cell for cell in row]
        for row in ROUNDED
    ]
    assert editor.add(hundreds, **KEYS, rounding=100).mistakes == []
    assert len(editor.add(hundreds, **KEYS, rounding=10).mistakes) == 1


def test_a_total_without_cells_is_zero(editor):
    rows, keys = (
        change(ROUNDED, B3="", B4="", B5="", B6=0, C6=8),
        KEYS | {"signs": {"": "ignore"}},
    )
    assert editor.add(rows, **keys).mistakes == []
    assert editor.figures()["6,2"]["value"] == "0"
    mistakes = editor.add(change(rows, B6=1), **keys).mistakes
    assert is_named(
        mistakes, "report.ods#B6", "published as 1, but blank cells add up to 0"
    )


NESTED = [
    ["Tactics"],
    ["Tactic", "2021/22"],
    ["All tactics", 21],
    ["Baton, of which", 12],
    ["Drawn", 7],
    ["Used", 5],
    ["Irritant", 9],
]


def test_totals_of_totals_keep_their_labels_and_their_parts(editor):
    keys = {"rows": "5-7", "totals": {"3": {"of": "4, 7"}, "4": {"of": "5-6"}}}
    keys |= {
        "columns": {"Tactic": "words", "20*": {"year": "financial"}},
        "figure": LAYOUT["figure"] | {"area": "gb"},
    }
    assert editor.add(NESTED, **keys).mistakes == []
    figures = editor.figures()
    assert [row["counted"] for row in figures.values()] == [
        row[0] for row in NESTED[2:]
    ]
    assert parts_of(figures, "3,2") == ["4,2", "7,2"]
    assert parts_of(figures, "4,2") == ["5,2", "6,2"]
    keys["totals"]["3"]["of"] = "4-7"  # the same, and nothing is added up twice
    assert editor.add(NESTED, **keys).mistakes == []
    assert parts_of(editor.figures(), "3,2") == ["4,2", "7,2"]
    keys["totals"]["3"]["of"] = "4, 9"
    assert is_named(
        editor.add(NESTED, **keys).mistakes,
        "report.ods#B3",
        "published as 21, but rows 4 add up to 12",
    )


def test_the_label_of_a_total_gives_its_codes_unless_the_file_does(editor):
    rows = [
        ["Outcomes"],
        ["Police force", "Kind", "2021/22"],
        ["Kent", "Sexual", 3],
        ["Kent", "Drugs", 4],
        ["Kent", "All kinds", 7],
    ]
    columns = {"Police force": "area", "Kind": "category", "20*": {"year": "financial"}}
    keys = {
        "rows": "3-4",
        "columns": columns,
        "words": {"Drugs": "sexual", "Sexual": "sexual"},
        "totals": {"5": {}},
    }
    figure = {
        name: code for name, code in LAYOUT["figure"].items() if name != "category"
    }
    mistakes = editor.add(rows, **keys, figure=figure).mistakes
    assert is_named(
        mistakes,
        "report.ods#B5",
        "'All kinds' is not a known category",
        "or give it in totals",
    )
    assert (
        editor.add(
            rows, **keys | {"totals": {"5": {"category": "any"}}}, figure=figure
        ).mistakes
        == []
    )
    total = editor.figures()["5,3"]
    assert (total["area"], total["category"], total["counted"]) == (
        "E23000032",
        "any",
        "All kinds",
    )


COLUMNS = [
    ["Uses of TASER"],
    ["Police force", "Drawn", "Aimed", "Not fired", "Fired", "All uses"],
    ["Kent", 30, 40, 70, 20, 90],
    ["Metropolitan", 10, 20, 30, 5, 35],
]
OF = {
    "Drawn": "value",
    "Aimed": "value",
    "Not fired": {"is": "total", "of": ["Drawn", "Aimed"]},
    "Fired": "value",
}
OF |= {"All uses": {"is": "total", "of": ["Not fired", "Fired"]}}
USES = {
    "rows": "3-4",
    "totals": {},
    "figure": LAYOUT["figure"] | {"period": {"from": "title", "means": "2022"}},
}


def test_columns_of_totals_can_add_up_totals(editor):
    assert editor.add(COLUMNS, **USES, columns=FORCE | OF).mistakes == []
    figures = editor.figures()
    assert (parts_of(figures, "3,4"), parts_of(figures, "3,6")) == (
        ["3,2", "3,3"],
        ["3,4", "3,5"],
    )
    assert [figures[f"3,{column}"]["counted"] for column in range(2, 7)] == COLUMNS[1][
        1:
    ]


def test_a_name_in_of_that_is_no_column_is_a_mistake(editor):
    of = {"All uses": {"is": "total", "of": ["Not fired", "Fierd"]}}
    mistakes = editor.add(COLUMNS, **USES, columns=FORCE | OF | of).mistakes
    assert is_named(
        mistakes,
        "report.ods#F3",
        "published as 90, but columns D add up to 70; name in of",
    ), mistakes


def test_what_a_figure_counts_is_quoted_whole_and_the_title_goes_first(editor):
    header = [["Alleged"], ["On duty"], ["By force"], ["Men"], ["Young"]]
    rows = [
        ["Allegations"],
        *(["", words] for (words,) in header[:4]),
        ["Police force", "Young"],
        ["Kent", 3],
    ]
    figure = LAYOUT["figure"] | {
        "counted": {"A1": "Allegations"},
        "period": {"from": "title", "means": "2022"},
    }
    keys = {"header": [2, 3, 4, 5, 6], "rows": "7", "totals": {}, "figure": figure}
    keys["columns"] = {
        "Police force": "area",
        "* Young": {"is": "value", "population": "staff"},
    }
    assert editor.add(rows, **keys).mistakes == []
    assert (
        editor.figures()["7,2"]["counted"]
        == "Alleged … On duty … By force … Men … Young"
    )
    rows = [
        ["Allegations"],
        *(["", "", words] for (words,) in header[:4]),
        ["Police force", "Role", "Young"],
    ]
    keys["columns"] |= {"Role": "words"}
    mistakes = editor.add([*rows, ["Kent", "Dogs", 3]], **keys).mistakes
    assert is_named(mistakes, "report.ods#C7", "6 cells say what this counts")


def test_only_the_smallest_total_names_a_part_and_all_parts_of_a_total_add_up_to_it(
    editor,
):
    rows = [
        ["Officers"],
        ["Police force", "2021/22"],
        ["South", 400],
        ["Kent", 300],
        ["Metropolitan", 100],
    ]
    rows += [["All forces", 400], ["Railways", 9], ["Everybody", 409]]
    keys = {
        "rows": "4-5, 7",
        "columns": {
            "Police force": "area",
            "20*": {"year": "financial", "from": "April"},
        },
    }
    keys["totals"] = {"3": {"area": "gb", "of": "4-5"}, "6": {"area": "gb", "of": "3"}}
    keys["totals"] |= {"8": {"area": "gb", "fit": "narrower", "of": "6-7"}}
    keys["words"] = {"Railways": "us"}
    assert editor.add(rows, **keys).mistakes == []
    figures = editor.figures()
    assert [parts_of(figures, f"{row},2") for row in (3, 6, 8)] == [
        ["4,2", "5,2"],
        ["3,2"],
        ["6,2", "7,2"],
    ]
    assert [figures[f"{row},2"]["fit"] for row in (6, 8)] == ["exact", "narrower"]
    assert [figures[f"{row},2"]["counted"] for row in (3, 6, 8)] == [
        "South",
        "All forces",
        "Everybody",
    ]


LONG = [
    ["Police force", "Year", "Kind", "Cases"],
    ["Kent", "2021/22", "Sexual", 3],
    ["Kent", "2021/22", "Drugs", 4],
    ["Kent", "2021/22", "9. Total (1 to 8)", 7],
    ["Kent", "2022/23", "9. Total (1 to 8)", 11],
    ["Kent", "2022/23", "Sexual", 5],
    ["Kent", "2022/23", "Drugs", 6],
    ["Metropolitan", "2021/22", "Sexual", 20],
    ["Metropolitan", "2021/22", "9. Total (1 to 8)", 20],
]
OF_KENT = {"4": {"of": "2-3"}, "5": {"of": "6-7"}}
BY_KIND = {
    "header": None,
    "sheet": None,
    "rows": None,
    "totals": OF_KENT | {"9": {"of": "8"}},
}
BY_KIND["words"] = {
    "Drugs": {"category": "sexual", "fit": "close"},
    "Sexual": "sexual",
    "9. Total (1 to 8)": "any",
}
BY_KIND["columns"] = {
    "Police force": "area",
    "Year": "year",
    "Kind": "category",
    "Cases": "value",
}
BY_KIND["figure"] = {
    name: code for name, code in LAYOUT["figure"].items() if name != "category"
}


def as_csv(editor):
    editor.document = editor.document.with_suffix(".csv")
    return editor


def test_totals_between_rows_add_up_the_rows_that_they_name(editor):
    outcome = as_csv(editor).add(LONG, **BY_KIND)
    assert (outcome.mistakes, outcome.sections["Totals"]) == (
        [],
        ["3 of 3 totals add up"],
    )
    figures = editor.figures()
    assert [parts_of(figures, f"{row},4") for row in (4, 5, 9)] == [
        ["2,4", "3,4"],
        ["6,4", "7,4"],
        ["8,4"],
    ]
    total = figures["5,4"]
    assert (total["value"], total["category"], total["counted"]) == (
        "11",
        "any",
        "9. Total (1 to 8)",
    )
    assert editor.verify() == []
    wrong = [*LONG[:3], [*LONG[3][:3], 8], *LONG[4:]]
    assert is_named(
        editor.add(wrong, **BY_KIND).mistakes,
        "report.csv#D4",
        "published as 8, but rows 2-3 add up to 7",
    )
    said = BY_KIND | {"explain": {"D4": "Kent added one."}}
    assert editor.add(wrong, **said).mistakes == []
    assert parts_of(editor.figures(), "4,4") == ["2,4", "3,4"]


def test_a_number_that_a_law_removed_stays_out_and_its_total_says_so(editor):
    """The editor follows docs/removal.md: a copy has a sign for the number, and readers see why parts are missing."""
    keys = BY_KIND | {
        "signs": {"[removed]": "ignore"},
        "source": {"notes": SOURCE["notes"] | {"url": "A copy."}},
    }
    published = as_csv(editor).document
    editor.write(LONG, **BY_KIND)
    original = published.read_bytes()
    rows = [LONG[0], ["Kent", "2021/22", "Sexual", "[removed]"], *LONG[2:]]
    (mistake,) = editor.add(rows, **keys).mistakes
    assert is_named(
        [mistake], "report.csv#D4", "published as 7, but rows 3 add up to 4"
    )
    explain = re.search(r"explain: \{.+?\}", mistake)[0]
    keys |= yaml.safe_load(explain.replace("…", "A part is not shown."))
    assert editor.add(rows, **keys).mistakes == []
    figures = editor.figures()
    assert ("2,4" in figures, figures["4,4"]["caveats"], parts_of(figures, "4,4")) == (
        False,
        "report_total_1",
        ["3,4"],
    )
    assert editor.verify() == []
    published.write_bytes(original)
    assert any("report.csv has another SHA-256" in one for one in editor.run().mistakes)
    (mistake,) = editor.add(
        LONG, **keys
    ).mistakes  # a new edition brings the number back
    assert "D4 add up, so remove" in mistake


def test_a_total_without_its_parts_is_a_figure(editor):
    keys = BY_KIND | {"totals": BY_KIND["totals"] | {"10": {"of": "none"}}}
    outcome = as_csv(editor).add(
        [*LONG, ["Metropolitan", "2022/23", LONG[3][2], 9]], **keys
    )
    assert (outcome.mistakes, outcome.sections["Totals"]) == (
        [],
        ["3 of 3 totals add up"],
    )
    assert (editor.figures()["10,4"]["value"], parts_of(editor.figures(), "10,4")) == (
        "9",
        [],
    )


def test_totals_that_are_left_out_are_added_up_and_are_no_figures(editor):
    words = BY_KIND["words"] | {"9. Total (1 to 8)": "ignore"}
    outcome = as_csv(editor).add(LONG, **BY_KIND | {"words": words})
    assert (outcome.mistakes, outcome.sections["Totals"][0]) == (
        [],
        "3 of 3 totals add up",
    )
    figures = editor.figures()
    assert (list(figures), "part_of" in figures["2,4"]) == (
        [f"{row},4" for row in (2, 3, 6, 7, 8)],
        False,
    )


@pytest.mark.parametrize(
    "label", ["Total", "Sub-total", "All offences", "9. Total (1 to 8)", "Kent total"]
)
def test_a_total_by_its_name_that_is_not_declared_is_a_mistake_with_a_right_remedy(
    editor, label
):
    rows = [[label if cell == LONG[3][2] else cell for cell in row] for row in LONG]
    words = {
        label if word == LONG[3][2] else word: code
        for word, code in BY_KIND["words"].items()
    }
    (mistake,) = (
        as_csv(editor).add(rows, **BY_KIND | {"totals": {}, "words": words}).mistakes
    )
    assert mistake.startswith(f"report.csv#C4: {label!r} is called a total")
    assert "and 2 more cells, such as C9" in mistake
    remedy, otherwise = (yaml.safe_load(one) for one in re.findall(r"\{.*?\}", mistake))
    assert (remedy.keys(), otherwise) == ({"of"}, {"of": "none"})
    assert editor.add(rows, **BY_KIND | {"words": words}).mistakes == []
    totals = dict.fromkeys(("4", "5", "9"), otherwise)
    assert (
        editor.add(rows, **BY_KIND | {"totals": totals, "words": words}).mistakes == []
    )


def test_a_label_that_says_all_other_is_no_total(editor):
    rows = [
        [cell if cell != "Drugs" else "All other kinds" for cell in row] for row in LONG
    ]
    words = {
        word if word != "Drugs" else "All other kinds": code
        for word, code in BY_KIND["words"].items()
    }
    assert as_csv(editor).add(rows, **BY_KIND | {"words": words}).mistakes == []


WRONG_WORDS = {
    "a label": ({"Kind": {"category": "any"}}, "Kind must be a whole number"),
    "a word for a row": ({"4": "any"}, "4 must have keys"),
    "an unknown key": ({"4": {"areas": "gb"}}, "there is no key 'areas'"),
}


@pytest.mark.parametrize(("totals", "message"), WRONG_WORDS.values(), ids=WRONG_WORDS)
def test_a_wrong_name_in_totals_is_a_mistake_at_its_line(editor, totals, message):
    mistakes = as_csv(editor).add(LONG, **BY_KIND | {"totals": totals}).mistakes
    assert any(
        one.startswith("tables/report.yaml:2:") and message in one for one in mistakes
    ), mistakes


WRONG_SUMS = {
    "Kind": (9, "the total Kind is published as 9, but no row has that word"),
    "all": ("any", "all must be a whole number"),
}


@pytest.mark.parametrize("name", WRONG_SUMS)
def test_a_wrong_sum_in_published_is_a_mistake_at_its_line(editor, name):
    number, message = WRONG_SUMS[name]
    (mistake,) = (
        as_csv(editor).add(LONG, **BY_KIND | {"published": {name: number}}).mistakes
    )
    assert mistake.startswith("tables/report.yaml:")
    assert message in mistake


BY_YEAR = [
    [
        "Police force",
        "Arrest.2022",
        "Arrest.2021",
        "Search.2022",
        "Search.2021",
        "Total.2022",
        "Total.2021",
    ],
    ["Kent", 1, 3, 3, 4, 4, 7],
    ["Metropolitan", 12, 20, 22, 25, 34, 45],
]
OWN_YEAR = {
    "header": None,
    "sheet": None,
    "rows": None,
    "totals": None,
    "source": {"published": "2023-11"},
}
COUNTED = FORCE | {"Arrest.*": {"year": "calendar"}, "Search.*": {"year": "calendar"}}
NAMES_OF_PARTS = {
    "all of the year": {},
    "names of columns": {"of": ["Arrest.*", "Search.*"]},
    "a pattern of headings": {"of": ["*rch.*", "Arr*.202*"]},
}


@pytest.mark.parametrize("of", NAMES_OF_PARTS.values(), ids=NAMES_OF_PARTS)
def test_a_column_of_totals_with_a_year_adds_up_its_own_year_only(editor, of):
    columns = COUNTED | {"Total.*": {"is": "total", "year": "calendar"} | of}
    outcome = as_csv(editor).add(BY_YEAR, **OWN_YEAR, columns=columns)
    assert (outcome.mistakes, outcome.sections["Totals"]) == (
        [],
        ["4 of 4 totals add up"],
    )
    figures = editor.figures()
    assert (parts_of(figures, "2,6"), parts_of(figures, "2,7")) == (
        ["2,2", "2,4"],
        ["2,3", "2,5"],
    )
    wrong = [*BY_YEAR[:1], [*BY_YEAR[1][:5], 5, 7], *BY_YEAR[2:]]
    mistakes = editor.add(wrong, **OWN_YEAR, columns=columns).mistakes
    assert is_named(
        mistakes, "report.csv#F2", "published as 5, but columns B D add up to 4"
    )


def test_a_pattern_in_of_can_name_headings_and_one_that_names_none_is_a_mistake(editor):
    total = {"is": "total", "year": "calendar", "of": ["Arrest.2022", "Search.2022"]}
    columns = COUNTED | {
        "Total.2022": {"is": "total", "year": "calendar", "of": ["*.2022"]},
        "Total.2021": "ignore",
    }
    assert as_csv(editor).add(BY_YEAR, **OWN_YEAR, columns=columns).mistakes == []
    assert parts_of(editor.figures(), "2,6") == ["2,2", "2,4"]
    columns["Total.2022"] = total | {"of": ["*.2023"]}
    mistakes = editor.add(BY_YEAR, **OWN_YEAR, columns=columns).mistakes
    assert is_named(
        mistakes,
        "report.csv#F2",
        "published as 4, but blank cells add up to 0; name in of",
    ), mistakes
