"""Tables as statistical offices publish them: XLSX, years as columns, several heading lines, signs, totals."""

from __future__ import annotations

import csv
import io
import zipfile
from datetime import date

import pytest
import xlsxwriter
from openpyxl import Workbook

from misconduct.register.grid import XLSX, show_cell
from tests.register.reading import mistakes_of, replace
from tests.register.tables import COLUMNS, SLUG, TABLE, TERMS, VIRTUAL, refused, rows, run, verified, write_table

HEADING = [
    ["Table 2: Officers accused, by kind"],
    [],
    [None, "Year ending", None, None, None],
    ["Kind of allegation", "March 2022", "March 2023", "March 2024", "Note"],
]
BODY = [
    ["Rudeness", 1204, 1310, "[c]", None],
    ["Theft", "-", "[x]", "1,402 [p]", "b"],
    [],
    ["All kinds", 1204, 1310, 1500, None],
    ["Source: Fenmoor, 12 of 13 returns"],
]


def layout(**more):
    columns = [
        {"name": "category", "titles": "Kind of allegation"},
        {"name": "v1", "titles": ["Year ending", "March 2022"], "datatype": {"base": "integer", "format": "#,##0"}},
        {"name": "v2", "titles": ["Year ending", "March 2023"], "datatype": {"base": "integer", "format": "#,##0"}},
        {"name": "v3", "titles": ["Year ending", "March 2024"], "datatype": {"base": "integer", "format": "#,##0"}},
        {"name": "_note", "titles": "Note", "suppressOutput": True, "dc:description": "Footnotes."},
    ]
    years = {f"v{n}": {"period": f"{2020 + n}-04/{2021 + n}-03", "at": f"cell=4,{n + 1}"} for n in (1, 2, 3)}
    return {
        "dialect": {"sheetName": "Table_2", "skipRows": 2, "headerRowCount": 2},
        "columns": columns,
        "unpivot": years,
        "symbols": {"[c]": "suppressed", "[x]": "not_stated", "[p]": "provisional", "-": "zero"},
        "skip": {"8": "The total, which is checked below.", "9-*": "The source."},
        "totals": [{"title": "All kinds, 2022/23", "where": {"period": "2022-04/2023-03"}, "at": "cell=8,3"}],
        **more,
    }


def workbook(body=BODY, change=None, heading=HEADING):
    """The bytes of an XLSX file; `change` may alter its sheet."""
    book = Workbook()
    book.active.title = "Cover"
    sheet = book.create_sheet("Table_2")
    for row in [*heading, *body]:
        sheet.append(row)
    for row in sheet.iter_rows(min_row=5):
        for cell in row:
            cell.number_format = "#,##0"
    sheet.merge_cells("B3:D3")
    if change:
        change(sheet)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def write(folder, body=BODY, change=None, terms=TERMS, heading=HEADING, **more):
    root = write_table(folder, workbook(body, change, heading), terms, media_type=XLSX, **layout(**more))
    statuses = root / "codelists" / "obs_status.csv"
    statuses.write_text(statuses.read_text() + "".join(f"{one},1,{one},{one},,Tests\n" for one in "OPQ"))
    return root


def test_years_as_columns_become_financial_years(tmp_path):
    write(tmp_path)
    done = run(tmp_path)
    assert [(total.published, total.computed) for total in done.tables[SLUG].totals] == [(1310, 1310)]
    assert (done.new, done.tables[SLUG].counts["empty rows"], done.tables[SLUG].counts["skipped rows"]) == (6, 1, 2)
    first, *others = rows(tmp_path)
    names = ("category", "period_type", "period_start", "period_printed", "period_at", "value", "printed", "at")
    assert [first[name] for name in names] == [
        "fen_rudeness", "year", "2021-04", "March 2022", "cell=4,2", "1204", "1,204", "cell=5,2",
    ]  # fmt: skip
    names = ("at", "printed", "value", "value_absent", "obs_status")
    assert [[row.get(name) for name in names] for row in others] == [
        ["cell=5,3", "1,310", "1310", None, "A"],
        ["cell=5,4", "[c]", None, "suppressed", "Q"],
        ["cell=6,2", "-", "0", None, "A"],
        ["cell=6,3", "[x]", None, "not_stated", "O"],
        ["cell=6,4", "1,402", "1402", None, "P"],
    ]
    assert mistakes_of(tmp_path / "data") == []
    assert verified(tmp_path) == []
    assert run(tmp_path).same == 6


def test_a_number_without_a_percent_sign_among_others_with_one_is_told(tmp_path):
    table = "Year,Kind,Cases,Note\n2020,Theft,42%,\n2021,Theft,0,\n2022,Theft,0.63,\n2023,Theft,51%,\n"
    share = {**VIRTUAL, "statistic": "share", "unit": "percent"}
    columns = [{**one, "datatype": None} if one.get("name") == "value" else one for one in COLUMNS]
    write_table(tmp_path, table, virtual=share, columns=columns)
    note = "numbers without % in column 3, unlike the others: 1, the first is row 4"
    assert run(tmp_path).tables[SLUG].notes == [note]
    assert f"  note            {note}" in run(tmp_path).describe()
    write_table(tmp_path, table.replace("%", ""), virtual=share, columns=columns)
    assert run(tmp_path, reason="Corrected.").tables[SLUG].notes == []


def test_a_total_that_does_not_come_out_is_refused_until_it_is_explained(tmp_path):
    totals = [{"title": "All kinds, 2023/24", "where": {"period": "2023-04/2024-03"}, "at": "cell=8,4"}]
    write(tmp_path, totals=totals)
    [mistake] = refused(tmp_path)
    assert mistake.startswith("data/tables/fenmoor.yaml:")
    assert mistake.endswith(
        ": All kinds, 2023/24: the cells come to 1,402, and 1,500 is published; "
        "explain: a sentence that says why; and comes_to: 1402 of 1500"
    )
    explained = {**totals[0], "explain": "98 are suppressed for rudeness."}
    write(tmp_path, totals=[explained])
    assert refused(tmp_path) == [mistake]
    explained |= {"comes_to": "1402 of 1500"}
    for other, now in (({"where": {}}, "3916 of 1500"), ({"at": "cell=8,3"}, "1402 of 1310")):
        write(tmp_path, totals=[explained | other])
        [changed] = refused(tmp_path)
        assert "what is explained is 1402 of 1500; explain: a sentence that says why" in changed
        assert changed.endswith(f"and comes_to: {now}")
    write(tmp_path, totals=[explained])
    done = run(tmp_path)
    assert done.tables[SLUG].totals[0].explanation == "98 are suppressed for rudeness."
    assert "1,402, published 1,500: 98 are suppressed for rudeness." in "\n".join(done.describe())


def test_all_that_is_wrong_with_totals_is_told_at_once(tmp_path):
    period = "2022-04/2023-03"
    root = write(
        tmp_path,
        totals=[
            {"title": "Right", "where": {"period": period}, "is": 1310},
            {"title": "Wrong", "where": {"period": period}, "is": 1311},
            {"title": "Not stated", "where": {"period": period}},
            {"title": "Twice", "where": {"period": period}, "is": 1310, "at": "cell=8,3"},
            {"title": "No number", "where": {"period": period}, "at": "cell=4,1"},
            {"title": "No such kind", "where": {"category": "fen_rudenes"}, "is": 1310},
            {
                "title": "Comes out",
                "where": {"period": period},
                "is": 1310,
                "explain": "None.",
                "comes_to": "1310 of 1310",
            },
            {"title": "Comes out, too", "where": {"period": period}, "is": 1310, "comes_to": "1310 of 1310"},
        ],
    )
    said = refused(tmp_path)
    once = (
        "its number is named nowhere, or twice; a total names one of: is (a number), at (a cell), observation (an id)"
    )
    for words in (
        "Wrong: the cells come to 1,310, and 1,311 is published; explain",
        f": Not stated: {once}",
        f": Twice: {once}",
        "is not a number; the number of the total",
        "no figure of the table has category: fen_rudenes",
        "Comes out: the cells come to 1,310, and 1,310 is published: it comes out; neither explain nor comes_to",
        "Comes out, too: the cells come to 1,310, and 1,310 is published: it comes out; neither explain nor comes_to",
    ):
        assert sum(words in one for one in said) == 1, words
    assert len(said) == 7
    assert [once in one for one in mistakes_of(root) if "nowhere, or twice" in one] == [True, True]


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("2022/23", "'2022/23' is not a period"),
        ("banana", "'banana' is not a period"),
        ("2031-04/2032-03", "the period begins 2031-04"),
        ("2019-04/2020-03", "no figure of the table has period: 2019-04/2020-03"),
    ],
)
def test_a_period_of_a_total_is_one_that_its_figures_have(tmp_path, period, said):
    write(tmp_path, totals=[{"title": "All kinds", "where": {"period": period}, "is": 0}])
    [mistake] = refused(tmp_path)
    assert said in mistake
    assert mistake.startswith("data/tables/fenmoor.yaml:")


def test_a_total_may_be_a_figure_of_the_register(tmp_path):
    write(tmp_path)
    run(tmp_path)
    figure = rows(tmp_path)[1]["id"]
    write(tmp_path, totals=[{"title": "Another", "where": {"category": "fen_rudeness"}, "observation": figure}])
    [mistake] = refused(tmp_path)
    assert "Another: the cells come to 2,514, and 1,310 is published" in mistake


@pytest.mark.parametrize(
    ("version", "value", "column", "said"),
    [
        ("1", "1310 officers", 100, "'1310 officers' is not a plain number; digits with a point where needed"),
        ("v1", "1310", 10, "'v1' is not a version; 1, 2, 3"),
    ],
)
def test_a_figure_of_the_register_that_a_total_cannot_read_is_told_at_its_cell(tmp_path, version, value, column, said):
    data = write(tmp_path)
    run(tmp_path)
    figure = rows(tmp_path)[1]["id"]
    write(tmp_path, totals=[{"title": "Another", "where": {"category": "fen_rudeness"}, "observation": figure}])
    replace(data / "observations" / f"{SLUG}.csv", f"{figure},1,", f"{figure},{version},")
    replace(data / "observations" / f"{SLUG}.csv", ",1310,,count", f",{value},,count")
    [mistake] = refused(tmp_path)
    assert mistake.startswith(f"data/observations/{SLUG}.csv:3:{column}: {said}")


def test_years_of_other_twelve_months_may_be_words_of_a_column(tmp_path):
    table = "Year,Kind,Cases,Note\n2021/22,Theft,8,\n2022/23,Theft,9,\n"
    write_table(tmp_path, table, partial={"2021/22": "2021-04/2022-03", "2022/23": "2022-04/2022-09"})
    run(tmp_path)
    dates = [
        (row["period_type"], row["period_start"], row.get("period_end"), row["period_printed"])
        for row in rows(tmp_path)
    ]
    assert dates == [("year", "2021-04", None, "2021/22"), ("window", "2022-04", "2022-09", "2022/23")]


def test_each_word_over_a_column_that_is_read_is_one_of_its_titles_so_that_no_edition_has_another_unseen(tmp_path):
    years = ",2019/20,,2020/21,\nKind,Number,Percent,Number,Percent\nRudeness,10,40,11,50\nTheft,15,60,11,50\n"

    def write_years(table, former, latter):
        percent = {"titles": "Percent", "suppressOutput": True, "dc:description": "Computed."}
        numbers = [{"name": "former", "titles": former}, percent, {"name": "latter", "titles": latter}, {**percent}]
        periods = {"former": {"period": "2019-04/2020-03"}, "latter": {"period": "2020-04/2021-03"}}
        write_table(tmp_path, table, columns=[COLUMNS[1], *numbers], dialect={"headerRowCount": 2}, unpivot=periods)

    write_years(years, "Number", "Number")
    allowed = "each heading of a column that is read, in all lines; or dialect: skipRows"
    assert refused(tmp_path) == [
        f"table#cell=2,2: '2019/20' stands over this column, and is none of its titles; {allowed}",
        f"table#cell=2,4: '2020/21' stands over this column, and is none of its titles; {allowed}",
    ]
    named = (["2019/20", "Number"], ["2020/21", "Number"])
    write_years(years, *named)
    assert run(tmp_path).new == 4
    write_years(years.replace("2020/21", "2021/22").replace("2019/20", "2020/21"), *named)
    unknown = "no column of the mapping is headed '2021/22 / Number'; each column, with suppressOutput: true where it states nothing"
    assert f"table#cell=2,4: {unknown}" in refused(tmp_path)


@pytest.mark.parametrize(
    ("table", "media_type", "dialect"),
    [
        ("\ufeff" + TABLE.replace("\n", "\r\n"), "text/csv", {}),
        (TABLE.replace("\n", "\n,,,\n\n"), "text/csv", {}),
        (TABLE.replace('"1,204"', "1.204").replace(",", "\t").replace("1.204", "1,204"), "text/tab-separated-values", {}),
        (TABLE.replace("1,204", "1204").replace(",", "\t"), "text/tab-separated-values", {"quoteChar": '"'}),
        (TABLE.replace('"1,204"', "1.204").replace(",", ";").replace("1.204", "1,204"), "text/csv", {"delimiter": ";"}),
    ],
)  # fmt: skip
def test_files_are_read_as_they_are_written(tmp_path, table, media_type, dialect):
    write_table(tmp_path, table, media_type=media_type, dialect=dialect)
    run(tmp_path)
    assert [(row["period_start"], row["value"]) for row in rows(tmp_path)] == [
        ("2021", "8"), ("2021", "12"), ("2022", "1204"),
    ]  # fmt: skip
    assert verified(tmp_path) == []


@pytest.mark.parametrize(
    ("datatype", "partial", "period", "label"),
    [
        ("gYearMonth", {}, ("window", "2009-10", "2009-10"), "2009-10"),
        (None, {"2009-10": "2009-10"}, ("window", "2009-10", "2009-10"), "2009-10"),
        (None, {"2009-10": "2009-04/2010-03"}, ("year", "2009-04", None), "2009/10"),
    ],
)
def test_a_period_with_two_meanings_has_the_one_that_is_said(tmp_path, datatype, partial, period, label):
    columns = [{"name": "period", "titles": "Year", "datatype": datatype}, *COLUMNS[1:]]
    write_table(tmp_path, "Year,Kind,Cases,Note\n2009-10,Theft,8,\n", columns=columns, partial=partial)
    done = run(tmp_path)
    [row] = rows(tmp_path)
    assert (row["period_type"], row["period_start"], row.get("period_end")) == period
    assert f"  period          1 period: {label}" in [*done.describe()]


STRAY = """\
Year,Kind,Cases,Note
2019,Rudeness,5,"provisional
2020,Rudeness,6,
2021,Rudeness,7,revised"
2022,Rudeness,8,"One note,
of two lines"
"""


def test_quotation_marks_in_a_tab_separated_file_are_characters_of_its_cells(tmp_path):
    table = STRAY.replace(',\nof two lines"', "").replace(",", "\t")
    write_table(tmp_path, table, media_type="text/tab-separated-values")
    done = run(tmp_path)
    assert [(row["period_start"], row["value"]) for row in rows(tmp_path)] == [
        ("2019", "5"), ("2020", "6"), ("2021", "7"), ("2022", "8"),
    ]  # fmt: skip
    assert not [line for line in done.describe() if "note" in line]


def test_a_cell_whose_lines_look_like_rows_is_told(tmp_path):
    write_table(tmp_path, STRAY)
    done = run(tmp_path)
    assert [row["period_start"] for row in rows(tmp_path)] == ["2019", "2022"]  # as the file says
    assert [line for line in done.describe() if "note" in line] == [
        "  note            cells with lines like rows: 1, the first is cell=2,4; is a quotation mark left open?"
    ]


@pytest.mark.parametrize(
    ("value", "code", "shown"),
    [
        (1234, "#,##0", "1,234"),
        (1234.0, "General", "1234"),
        (0.1 + 0.2, "General", "0.3"),
        (0, '_-* #,##0_-;\\-* #,##0_-;_-* "-"??_-;_-@_-', "-"),
        (1234.0, '_-* #,##0_-;\\-* #,##0_-;_-* "-"??_-;_-@_-', "1,234"),
        (0.425, "0.0%", "42.5%"),
        (2.5, "0", "3"),
        (-5, "0", "-5"),
        (7, "000", "007"),
        (4, "[Red]0", "4"),
        (1200, "#,##0,", None),
        (0.5, "# ?/?", None),
        (0, "#,##0", "0"),
        (0.4, "#,##0", "0"),
        (7, "0,000", None),
        (0, '0;[=0]"[c]"', None),
        (0, '#,##0;[<5]"[c]";0', None),
        (12, '[<5]"c";0;0', None),
        (date(2021, 1, 1), '[<43831]yyyy-mm-dd;"n/a"', None),
        (44197, '[<43831]yyyy-mm-dd;"n/a"', None),
        (5, '0"[Red]"', "5[Red]"),
        (5, '0\\";"x"', '5"'),
        (-5, '0\\";-0', "-5"),
        (date(2021, 1, 1), "mmm-yy", "2021-01"),
        (date(2021, 1, 1), "[$-809]mmmm yyyy;@", "2021-01"),
        (date(2021, 1, 1), "yyyy;@", "2021"),
        (date(2021, 1, 1), '"FY" mmm yyyy', None),
        (date(2021, 1, 1), "yy", None),
        (date(2021, 1, 1), "d-mmm-yy", "2021-01-01"),
        (" Theft ", "General", "Theft"),
    ],
)
def test_a_number_is_read_as_its_spreadsheet_shows_it(value, code, shown):
    assert show_cell(value, code) == shown


def hide(sheet):
    sheet.sheet_state = "hidden"


def formula(sheet):
    sheet["B5"] = "=1200+4"


def merge(sheet):
    sheet.merge_cells("A5:A6")


def scale(sheet):
    sheet["B5"].number_format = "#,##0,"


def date_as_year(sheet):
    sheet["B5"].value, sheet["B5"].number_format = 12, "yyyy"


def hide_headings(sheet):
    sheet.row_dimensions[4].hidden = True


def hide_years(sheet):
    sheet.row_dimensions[3].hidden = True


def hide_total(sheet):
    sheet.row_dimensions[8].hidden = True


def hide_column(sheet):
    sheet.column_dimensions["C"].hidden = True


@pytest.mark.parametrize(
    ("change", "found"),
    [
        (hide, "data/tables/fenmoor.yaml:53:1: the sheet 'Table_2' is hidden: nobody has published it; Cover"),
        (formula, "table#cell=5,2: this cell has a formula without a result; a file that a spreadsheet has saved"),
        (merge, "table#cell=6,1: this cell is merged with cell=5,1; one word or number in each cell that is read"),
        (scale, "table#cell=5,2: this has a format that cannot be shown (not shown, as columns of the table are suppressed); a column without it"),
        (date_as_year, "table#cell=5,2: this cell is a date of which its format shows the year; a number; or list it under null or symbols, or skip its row"),
        (hide_column, "table#cell=4,3: this cell is hidden: nobody has published it (in 3 cells, of which this is the first); suppressOutput for its column, or skip its row"),
        (hide_headings, "table#cell=4,1: this cell is hidden: nobody has published it (in 4 cells, of which this is the first); suppressOutput for its column, or skip its row"),
        (hide_years, "table#cell=3,2: this cell is hidden: nobody has published it; suppressOutput for its column, or skip its row"),
        (hide_total, "table#cell=8,3: this cell is hidden: nobody has published it; suppressOutput for its column, or skip its row"),
    ],
)  # fmt: skip
def test_a_cell_that_does_not_say_what_a_reader_sees_is_refused(tmp_path, change, found):
    write(tmp_path, change=change)
    assert refused(tmp_path) == [found]


def test_a_heading_that_is_merged_over_a_hidden_column_and_others_is_seen_over_these(tmp_path):
    def hide_first_year(sheet):
        sheet.column_dimensions["B"].hidden = True

    said = layout()
    columns, years = [*said["columns"]], {**said["unpivot"]}
    columns[1] = {"titles": "March 2022", "suppressOutput": True, "dc:description": "Not shown."}
    del years["v1"]
    write(tmp_path, change=hide_first_year, columns=columns, unpivot=years)
    assert [row["at"] for row in (run(tmp_path), rows(tmp_path))[1]] == ["cell=5,3", "cell=5,4", "cell=6,3", "cell=6,4"]


@pytest.mark.parametrize(("cell", "new"), [("A1", 3), ("C2", None)])
def test_what_lies_over_a_heading_that_the_layout_names_is_in_nobodys_way(tmp_path, cell, new):
    with xlsxwriter.Workbook(tmp_path / "book.xlsx") as opened:
        sheet = opened.add_worksheet()
        for at, row in enumerate(csv.reader(TABLE.splitlines())):
            sheet.write_row(at, 0, row)
        sheet.insert_textbox(cell, "Fenmoor Constabulary", {"width": 60, "height": 18})
    write_table(tmp_path, (tmp_path / "book.xlsx").read_bytes(), media_type=XLSX)
    if new:
        assert run(tmp_path).new == new
    else:
        assert ["a picture or a shape lies over this cell" in one for one in refused(tmp_path)] == [True]


def test_a_sheet_that_is_not_there_is_named(tmp_path):
    write(tmp_path, dialect={"sheetName": "Table_3", "skipRows": 2, "headerRowCount": 2})
    assert refused(tmp_path) == [
        "data/tables/fenmoor.yaml:53:1: there is no sheet 'Table_3'; Cover, Table_2; did you mean Table_2?"
    ]


def test_what_would_fill_the_memory_is_refused_before_it_is_unpacked(tmp_path):
    bomb = io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/worksheets/sheet1.xml", bytes(200_000_000))
    assert len(bomb.getvalue()) < 300_000
    write_table(tmp_path, bomb.getvalue(), media_type=XLSX)
    [mistake] = refused(tmp_path)
    assert "table would be 200,000,000 bytes in 1 parts when unpacked; at most 180,000,000 bytes" in mistake


@pytest.mark.parametrize(
    ("workbook", "told"),
    [
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "table declares entities, which no XLSX file needs"),
        (b'<?xml version="1.0" encoding="UTF-9"?><a/>', "table cannot be read as XLSX: unknown encoding: UTF-9"),
        (
            b'<?xml version="1.0" encoding="base64"?><a/>',
            "table cannot be read as XLSX: 'base64' is not a text encoding",
        ),
    ],
)
def test_odd_xml_is_refused(tmp_path, workbook, told):
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w") as archive:
        archive.writestr("xl/workbook.xml", workbook)
    write_table(tmp_path, written.getvalue(), media_type=XLSX)
    [mistake] = refused(tmp_path)
    assert told in mistake


def test_other_files_are_refused(tmp_path):
    write_table(tmp_path, b"PK\x03\x04 no archive", media_type=XLSX)
    [mistake] = refused(tmp_path)
    assert "table cannot be read as XLSX" in mistake


def test_what_a_layout_says_wrongly_is_named_at_its_line(tmp_path):
    write(tmp_path)
    path = tmp_path / "data" / "tables" / f"{SLUG}.yaml"
    replace(path, "at: cell=4,2", "at: cell=40,2")
    replace(path, "'[c]': suppressed", "'[c]': supressed")
    said = [mistake.partition(": ")[2] for mistake in refused(tmp_path)]
    assert said == [
        "the table has nothing at cell=40,2; cell=ROW,COLUMN of the words",
        "'[c]' cannot say 'supressed'; zero, withheld, suppressed, not_stated, not_applicable, provisional, estimated, break, A, O, P, Q; did you mean suppressed?",
    ]


@pytest.mark.parametrize(
    ("signs", "printed", "value"),
    [
        ({"groupChar": ".", "decimalChar": ","}, "1.204", "1204"),
        ({"groupChar": ".", "decimalChar": ","}, "12.345.678", "12345678"),
        ({"groupChar": ".", "decimalChar": ","}, "1204", "1204"),
        ({"groupChar": "\u2009"}, "1\u2009204", "1204"),
        ({"groupChar": "\u00a0", "decimalChar": ","}, "−1\u00a0204,5", "-1204.5"),
        ({"groupChar": "'"}, "1'204.25", "1204.25"),
        ({"groupChar": ".", "decimalChar": ","}, "42,5 %", "42.5"),
    ],
)
def test_numbers_are_written_as_the_datatype_says(tmp_path, signs, printed, value):
    """The numbers of columns of which nothing is said are written as ever, and those of a total as in its column."""
    is_count, unit = value.isdecimal(), "percent" if "%" in printed else "count"
    columns = [
        {"name": "period", "titles": "Year"},
        {"name": "a", "titles": "A", "datatype": {"base": "decimal", "format": signs}},
        {"name": "b", "titles": "B"},
    ]
    kind = {} if is_count else {"statistic": "change"}
    of_all = {name: code for name, code in VIRTUAL.items() if name != "measure"}
    virtual = {**of_all, "category": "any_misconduct", **kind, "unit": unit}
    more = {
        "columns": columns, "virtual": virtual, "keys": [], "dialect": {"delimiter": ";"},
        "unpivot": {"a": {"measure": "accused"}, "b": {"measure": "cleared"}}, "skip": {"3": "The total."},
        "totals": [{"title": "All", "where": {"measure": "accused"}, "at": "cell=3,2"}],
    }  # fmt: skip
    root = write_table(tmp_path, f"Year;A;B\n2022;{printed};1,512\nAll;{printed};\n", **more)
    run(tmp_path)
    assert [(row["value"], row["printed"]) for row in rows(tmp_path)] == [(value, printed), ("1512", "1,512")]
    assert mistakes_of(root) == []
    assert verified(tmp_path) == []


def test_a_number_in_another_format_than_its_column_says_is_refused(tmp_path):
    columns = [*COLUMNS[:2], {**COLUMNS[2], "datatype": {"base": "integer", "format": {"groupChar": "."}}}]
    write_table(tmp_path, "Year,Kind,Cases\n2021,Theft,12\n", columns=columns)
    assert "groupChar and decimalChar are both '.'" in refused(tmp_path)[0]
    columns[2]["datatype"]["format"]["decimalChar"] = ","
    write_table(tmp_path, 'Year,Kind,Cases\n2021,Theft,"1,204"\n2022,Theft,1204.5\n2023,Theft,"3,5"\n', columns=columns)
    assert [one.partition(";")[0] for one in refused(tmp_path)] == [
        "table#cell=2,3: '1,204' is not a count",
        "table#cell=3,3: '1204.5' is not a number",
        "table#cell=4,3: '3,5' is not a count",
    ]


def test_virtual_columns_alone_need_no_mapping(tmp_path):
    table = "Year,E,W\n2021,5,6\n"
    columns = [{"name": "period", "titles": "Year"}, {"name": "e", "titles": "E"}, {"name": "w", "titles": "W"}]
    unpivot = {"e": {"area": "fenmoor"}, "w": {"area": "E23000001"}}
    virtual = {name: code for name, code in VIRTUAL.items() if name != "area"} | {"category": "any_misconduct"}
    write_table(tmp_path, table, columns=columns, virtual=virtual, keys=[], unpivot=unpivot)
    run(tmp_path)
    assert [(row["area"], row["value"], row["at"]) for row in rows(tmp_path)] == [
        ("fenmoor", "5", "cell=2,2"), ("E23000001", "6", "cell=2,3"),
    ]  # fmt: skip
