"""The first version of a table's file proposes what can be seen in the table, and is always valid."""

import re

import pytest
import yaml

from misconduct.errors import RegisterError
from misconduct_editor.tables.add import add_table, layout_path
from tests.desk.editor import ROWS
from tests.desk.spreadsheets import write_ods


def draft(editor, rows=None, text=None):
    """Return the first version for a sheet with rows, or for the text of a CSV file, and its lines."""
    editor.layout.unlink(missing_ok=True)
    if text is not None:
        editor.document = editor.document.with_suffix(".csv")
        editor.document.write_text(text)
    else:
        write_ods(editor.document, {"Table_1": rows})
    add_table(editor.data, editor.document, None, "report")
    written = editor.layout.read_text()
    return yaml.load(written, yaml.BaseLoader), written.splitlines()


NUMBERS = [["Police force", "Number"], ["Kent", 31], ["Metropolitan", 12]]
OFFERED = {
    # a title, what the draft quotes of it, and the period that it offers
    "Officers, year ending March 2020": (
        "Officers",
        "{cell: A1, printed: year ending March 2020, means: decide}",
    ),
    "Officers, January to March 2020": (
        "Officers",
        "{cell: A1, printed: January to March 2020, means: decide}",
    ),
    "Officers as at 30 September 2019": (
        "Officers",
        "{cell: A1, printed: 30 September 2019, means: decide}",
    ),
    "Officers in 2020 by force": (
        "Officers in 2020 by force",
        "{cell: A1, printed: '2020'}",
    ),
    "Officers": ("Officers", "none"),
}


@pytest.mark.parametrize(
    ("title", "quoted", "period"), [(title, *said) for title, said in OFFERED.items()]
)
def test_the_periods_in_a_title_are_offered(editor, title, quoted, period):
    found, lines = draft(editor, [[title], *NUMBERS])
    assert (found["figure"]["period"], found["figure"]["counted"]) == (
        "decide",
        {"A1": quoted},
    )
    assert [line for line in lines if line.startswith("# period")] == [
        f"# period may be {period}"
    ]


def test_a_table_with_years_is_not_asked_for_a_period(editor):
    assert "period" not in draft(editor, ROWS)[0]["figure"]


def test_a_part_of_a_year_inside_a_heading_is_asked_about(editor):
    heading = ["Police force", "April-June 2009 Firings", "July-Sept 2009 Firings"]
    found, _ = draft(
        editor, [["TASER"], heading, ["Kent", 3, 4], ["Metropolitan", 5, 6]]
    )
    assert found["columns"] == {"Police force": "area"} | {
        one: {"year": "decide"} for one in heading[1:]
    }


def test_notes_in_titles_and_columns_ask_for_their_meaning(editor):
    rows = [["Officers in 2020 [note 1]"], ["Police force", "Number", "Notes"]]
    found, _ = draft(
        editor, [*rows, ["Kent", 31, "[note 1] [note 2]"], ["Metropolitan", 12, ""]]
    )
    assert found["signs"] == {"[note 1]": "decide", "[note 2]": "decide"}


VALID = {
    "odd headings": 'Force: name,2021,#,- a,"it\'s, so",[x],{y}\nKent,1,2,3,4,5,6\nDurham,1,2,3,4,5,6\n',
    "trailing empty rows": "Police force,Number\nKent,31\nMetropolitan,12\n,\n,\n,\n",
    "a subtotal in the middle": "Police force,Number\nKent,31\nDurham,12\nTotal South,43\nYork,5\nTotal,48\n",
    "cases": "discipline_id,kind\n"
    + "\n".join(f"D{number},sexual" for number in range(40)),
    "cases without a known column": "discipline_id,kind\n"
    + "\n".join(f"D{number},x" for number in range(40)),
    "cases with numbers": "ObjectId,Age,CCR,kind\n"
    + "\n".join(f"{n},30,{n * 7},sexual" for n in range(250)),
}


@pytest.mark.parametrize("text", VALID.values(), ids=VALID)
def test_the_first_version_is_valid_and_its_remedies_can_be_followed(editor, text):
    found, _ = draft(editor, text=text)
    assert found["columns"]
    outcome = add_table(editor.data, editor.document, None, "report")
    assert outcome.mistakes
    assert all(
        re.search(r"^tables/report.yaml:\d+:\d+: decide ", one)
        for one in outcome.mistakes
    ), outcome.mistakes


def test_cases_with_numbers_of_people_are_counted_and_not_added_up(editor):
    found, _ = draft(editor, text=VALID["cases with numbers"])
    assert editor.script.exists()
    assert found["columns"] == {"year": "year", "count": "value"}


TITLED = """Allegations by month,,,
Police force,2021/22,2022/23,Total
Kent,31,40,71
Metropolitan,12,20,32
Total,43,60,103
* Kent has no dogs.,,,
"""


@pytest.mark.parametrize("first", ["sep=;", "# published by the force"])
def test_the_headings_of_a_csv_file_may_follow_a_line_about_the_file(editor, first):
    rows = [
        f"Kent;{year};Officers;Rudeness;{year - 2000}" for year in range(2010, 2020)
    ]
    found, _ = draft(
        editor, text="\n".join([first, "Force;Year;Who;About;Number", *rows])
    )
    assert (found["header"], found["rows"], found["columns"]["Number"]) == (
        ["2"],
        "3-12",
        "value",
    )


def test_a_csv_file_with_a_comment_that_looks_like_headings_is_refused_with_that_line(
    editor,
):
    with pytest.raises(
        RegisterError,
        match="no numbers under a heading; we took row 1 for the headings",
    ):
        draft(
            editor,
            text="# published by X, 2021\nPolice force,2021/22,2022/23\nKent,3,4\nMetropolitan,5,6\n",
        )


def test_a_csv_file_with_a_title_is_a_table_like_a_sheet(editor):
    found, _ = draft(editor, text=TITLED)
    assert (found["header"], found["rows"], found["totals"]) == (
        ["2"],
        "3-4",
        {"5": {"area": "decide"}},
    )
    assert found["figure"]["counted"] == {"A1": "Allegations by month"}
    assert found["columns"] == {
        "Police force": "area",
        "*": {"year": "financial"},
        "Total": "decide",
    }


def test_a_sign_means_what_it_usually_does_or_is_asked_about(editor):
    rows = [
        ["Officers"],
        ["Police force", "2021/22", "2022/23"],
        ["Kent †", "3 [r]", "[x]"],
        ["Durham", "4 [p]", 5],
    ]
    found, _ = draft(editor, rows)
    assert found["signs"] == {
        "†": "decide",
        "[r]": "revised",
        "[x]": "not_available",
        "[p]": "provisional",
    }


def test_what_each_of_several_totals_adds_up_is_asked(editor):
    rows = [
        ["Officers"],
        ["Police force", "2021/22"],
        ["Kent", 31],
        ["South total", 30],
        ["York", 7],
        ["Total", 39],
    ]
    assert [one["of"] for one in draft(editor, rows)[0]["totals"].values()] == [
        "decide",
        "decide",
    ]
    assert draft(editor, [*rows[:3], ["Total", "[c]"]])[0]["totals"] == {
        "4": {"area": "decide"}
    }


NAMES = {
    "deaths-2019-20": "deaths", "cases 2019": "cases", "summary2024": "summary", "2021": "table",
    "by-month-2019-2024": "by-month",
}  # fmt: skip


@pytest.mark.parametrize(("name", "slug"), NAMES.items())
def test_the_name_of_a_file_is_without_its_year(editor, name, slug):
    assert (
        layout_path(editor.data, editor.document.with_stem(name), None, None).stem
        == slug
    )


LONG = """Police force,Year,Kind,Cases,Charged %
Kent,2021/22,Sexual,3,40%
Kent,2021/22,Drugs,4,0%
Kent,2021/22,LABEL,7,17%
Kent,2022/23,Sexual,5,20%
Kent,2022/23,Drugs,6,30%
Kent,2022/23,LABEL,11,25%
"""


@pytest.mark.parametrize(
    "label", ["Total", "Sub-total", "All offences", "9. Total (1 to 8)"]
)
def test_rows_whose_label_is_called_a_total_are_proposed_as_totals(editor, label):
    found, _ = draft(editor, text=LONG.replace("LABEL", label))
    assert [(row, one["category"], one["of"]) for row, one in found["totals"].items()] == [
        ("4", "any", "decide"), ("7", "any", "decide"),
    ]  # fmt: skip
    assert label not in found["words"]
    assert "totals" not in draft(editor, text=LONG.replace("LABEL", "All other"))[0]


def test_a_column_that_is_called_a_total_is_asked_about_for_each_year(editor):
    rows = [["Kent", "31", "20", "44", "34"], ["Yorkshire", "40%", "45%", "45%", "60%"]]
    heading = "Police force,Arrest.2022,Arrest.2021,Total.2022,Total.2021"
    columns = draft(editor, text="\n".join([heading, *map(",".join, rows)]))[0][
        "columns"
    ]
    assert columns["Arrest.*"] == {"year": "calendar"}
    assert (columns["Total.2022"], columns["Total.2021"]) == ("decide", "decide")


NULLS = "Area,Year,Kind,Cases,Charged,Logged,Complaint number\n" + "\n".join(
    f"Kent,{year},{kind},{'NULL' if year == 2015 else year - 2000},{'NULL' if year == 2016 else 5},,{year}{len(kind)}"
    for year in range(2010, 2020)
    for kind in ("Sexual", "Drugs", "Speeding")
)


@pytest.mark.parametrize("rows", [6, 30])
def test_null_is_a_sign_empty_columns_are_left_out_and_ids_are_ignored(editor, rows):
    text = "\n".join([NULLS.splitlines()[0], *NULLS.splitlines()[-rows:]]).replace(
        "2019,Drugs,19", "2019,Drugs,NULL"
    )
    found, _ = draft(editor, text=text)
    names = ("Cases", "Charged", "Logged", "Complaint number")
    assert [found["columns"].get(name) for name in names] == [
        "value",
        "value",
        None,
        "ignore",
    ]
    assert found["signs"] == {"NULL": "not_available"}


def test_a_column_of_numbers_that_are_no_ids_is_a_value(editor):
    text = "Police force,Year,Number,Referred\nKent,2019,31,4\nMetropolitan,2019,12,5\n"
    columns = draft(editor, text=text)[0]["columns"]
    assert (columns["Number"], columns["Referred"]) == ("value", "value")


def test_numbers_of_cases_that_are_repeated_in_a_long_file_are_no_counts(editor):
    cases = "\n".join(f"{67000 + number // 3},sexual" for number in range(250))
    found, _ = draft(editor, text=f"CCR,kind\n{cases}")
    assert editor.script.exists()
    assert found["columns"] == {"year": "year", "count": "value"}


@pytest.mark.parametrize(
    ("sheet", "named"), [("Table 1", "Table 1"), (None, "the only sheet")]
)
def test_another_sheet_than_that_of_the_file_is_refused_with_a_remedy(
    editor, sheet, named
):
    editor.write(sheet=sheet)
    (said,) = add_table(editor.data, editor.document, "Table 9", "report").mistakes
    assert said == (
        f"tables/report.yaml is for {named}, but you gave Table 9: leave --sheet out, or choose another --slug"
    )


def test_a_title_that_names_three_days_is_quoted_without_them(editor):
    """Else figures of the last day would quote the first: the workforce of September 2018."""
    title = "Officers by area, England and Wales, 30 September 2017, 31 March 2018 and 30 September 2018"
    found, _ = draft(
        editor, [[title], ["Area", "Officers"], ["Kent", 3], ["North Yorkshire", 12]]
    )
    assert found["figure"]["counted"] == {"A1": "Officers by area, England and Wales"}


def list_forces(total):
    """Return a table of regions and forces with one number each, and totals of regions and of all."""
    rows, found = [["Table 12: Incidents"], [], ["Region", "Police force", "Total"]], []
    for region in ("North East", "London", "Wales"):
        numbers = [100 + 7 * (len(found) + one) for one in range(4)]
        rows += [
            [region, f"Force {len(found) + one}", number]
            for one, number in enumerate(numbers)
        ]
        rows.append([*total(region), sum(numbers)])
        found += numbers
    return [*rows, ["Total", "", sum(found)], ["Notes"], ["1. These 5 are not all."]]


@pytest.mark.parametrize(
    "total", [lambda one: [f"Total {one}", ""], lambda one: [one, f"Total {one}"]]
)
def test_one_number_beside_two_labels_is_a_table(editor, total):
    write_ods(editor.document, {"Table 1": list_forces(total)})
    outcome = editor.run()
    layout = yaml.load(editor.layout.read_text(), yaml.BaseLoader)
    assert outcome.sections["Found"] != [
        "there is no column of counts, so a script counts each row as a case"
    ]
    assert (layout["header"], layout["columns"]["Total"]) == (["3"], "decide")
    assert "count" not in layout
    assert [*layout["totals"]] == ["8", "13", "18", "19"]


def test_rows_of_words_with_an_id_and_a_year_are_still_cases(editor):
    cases = [[f"2019-{number}", "Kent", "Sexual", 2019] for number in range(20)]
    write_ods(
        editor.document,
        {"Table 1": [["Case number", "Police force", "Kind", "Year"], *cases]},
    )
    assert editor.run().sections["Found"] == [
        "there is no column of counts, so a script counts each row as a case"
    ]


def test_a_decimal_comma_is_named_in_the_first_run(editor):
    editor.document = editor.document.with_suffix(".csv")
    editor.document.write_text("Police force;Share\nKent;12,5\nNorth Yorkshire;13,1\n")
    with pytest.raises(RegisterError, match=r"'12,5' may have a comma for decimals"):
        editor.run()


TITLES = {
    "Suspensions and suspension in the police": [
        "suspended_on_a_day",
        "suspended_in_period",
        "punished",
    ],
    "Complaints upheld by force": ["upheld", "complaints"],
    "Grievances": ["complaints"],
    "Stops": [],
}


@pytest.mark.parametrize(("title", "offered"), TITLES.items())
def test_indicators_are_offered_by_their_words_and_names_the_longest_first(
    offering, title, offered
):
    found, lines = draft(offering, [[title], *NUMBERS])
    assert {name: found["figure"][name] for name in ("indicator", "fit")} == {
        "indicator": "decide",
        "fit": "decide",
    }
    assert [line.split(":")[0] for line in lines if "# indicator" in line] == [
        f"# indicator may be {one}" for one in offered
    ]


def test_each_stage_in_a_table_asks_for_its_indicator(offering):
    rows = [
        ["Cases"],
        ["Police force", "Outcome", "Number"],
        ["Kent", "Upheld", 31],
        ["Metropolitan", "Suspension", 12],
    ]
    found, lines = draft(offering, [*rows, ["Kent", "Reprimand", 4]])
    assert "indicator" not in found["figure"]
    assert found["words"] == {
        "Reprimand": {"measure": "other_sanction", "indicator": "decide"},
        "Suspension": {"measure": "decide", "indicator": "decide"},
        "Upheld": {"measure": "proven", "indicator": "decide"},
    }
    (upheld,), (suspension,) = (
        [one for one in lines if word in one] for word in ("  Upheld", "  Suspension")
    )
    assert upheld.endswith("# indicator may be upheld")
    both = "indicator may be suspended_on_a_day or suspended_in_period or punished; "
    assert suspension.endswith(f"# {both}it may mean suspended or other_sanction")


def test_force_may_be_a_kind_or_whoever_counted(editor):
    codes = "code,label,words\nany,Any kind,\nuse_of_force,Use of force,Force\nsexual,Sexual,\n"
    (editor.data / "codelists/category.csv").write_text(codes)
    rows = [
        ["Cases"],
        ["Police force", "Kind", "Number"],
        ["Kent", "Sexual", 31],
        ["Metropolitan", "Force", 12],
    ]
    found, lines = draft(editor, rows)
    assert (found["columns"]["Kind"], found["words"]) == (
        "category",
        {"Force": "decide"},
    )
    assert "  Force: decide   # category; it may mean use_of_force or any" in lines
