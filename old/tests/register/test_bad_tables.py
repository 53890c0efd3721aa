"""What stands wrongly in published tables, and what it gets: its place, all at once, and nothing is written."""

from __future__ import annotations

import json

import pytest

from misconduct.errors import MisconductError
from misconduct.register import tables
from misconduct.register.import_table import import_table
from tests.register import test_cases
from tests.register.reading import read, replace
from tests.register.tables import (
    COLUMNS,
    MAPPING,
    SLUG,
    TABLE,
    TERMS,
    VIRTUAL,
    layout,
    refused,
    rows,
    run,
    without_notes,
    write_table,
)
from tests.registers import seal

NUMBER = "a number; or list it under null or symbols, or skip its row"


def test_everything_is_found_at_once(tmp_path):
    table = TABLE + (
        "2022,Theft,#VALUE!,\n2023,Theft,NA,\nYear,Kind,Cases,Note\n2099,Theft,1,\n2021,Theft,4,\n23-24,Theft,5,\n2024,,6,\n"
    )
    write_table(tmp_path, published="2025-03", **without_notes(table))
    assert refused(tmp_path) == [
        f"table#cell=5,3: '#VALUE!' is not a number; {NUMBER}",
        f"table#cell=6,3: 'NA' is not a number; {NUMBER}",
        'table#cell=7,1: this row repeats the heading; skip: {"7": a reason}',
        "table#cell=8,1: the period begins 2099, and its source was published 2025-03; a period that had begun by then",
        "table#cell=9,3: the same figure is already at cell=3,3; one figure for each combination of its columns",
        "table#cell=10,1: '23-24' is not a gYear; a year, or partial: {words: 2019-04/2020-03}",
        "table#cell=11,2: there is no category here; a word in each cell of a column that is read",
    ]


def test_what_stands_in_many_cells_is_said_once(tmp_path):
    write_table(tmp_path, **without_notes(TABLE + "".join(f"{year},Arson,{year},\n" for year in range(1900, 2000))))
    assert refused(tmp_path) == [
        "table#cell=5,2: the category 'Arson' is not in mappings/fenmoor-kind.sssom.tsv (in 100 cells, of which this is the first); a line for it"
    ]


def test_a_year_in_the_future_is_refused_even_if_nobody_knows_when_the_table_was_published(tmp_path):
    write_table(tmp_path, **without_notes(TABLE + "2099,Theft,1,\n"))
    [mistake] = refused(tmp_path)
    assert mistake.startswith("table#cell=5,1: the period begins 2099, and its source was published ")


@pytest.mark.parametrize(
    ("table", "found"),
    [
        (
            TABLE.replace("Note", "Note,Officer").replace(",a\n", ",a,Jo Bloggs\n"),
            ["table#cell=1,5: no column of the mapping is headed 'Officer'; each column, with suppressOutput: true where it states nothing"],
        ),
        (
            TABLE.replace(",a\n", ",a,Jo Bloggs\n"),
            ["table#cell=1,5: no column of the mapping is headed ''; each column, with suppressOutput: true where it states nothing"],
        ),
        (
            "Kind,Year,Cases,Note\nTheft,2021,8,\n",
            ["table#cell=1,2: the column 'Year' stands behind 'Kind'; the columns in the order of the mapping"],
        ),
        (
            TABLE.replace("Cases", "Case"),
            [
                "data/tables/fenmoor.yaml:12:5: table has no column 'Cases'; the titles of its columns; did you mean Case?",
                "table#cell=1,3: no column of the mapping is headed 'Case'; each column, with suppressOutput: true where it states nothing; did you mean Cases?",
            ],
        ),
    ],
)  # fmt: skip
def test_a_column_that_appeared_moved_or_is_gone_is_named_and_no_cell_of_it(tmp_path, table, found):
    write_table(tmp_path, table)
    assert refused(tmp_path) == found


def test_no_message_has_a_cell_of_a_column_that_states_nothing(tmp_path):
    table = (
        TABLE.replace(",a\n", ",Jo Bloggs\n")
        + "2022,Thefft,x,Jo Bloggs\nYear,Kind,Cases,Note\n2021,Theft,4,Jo Bloggs\n"
    )
    write_table(tmp_path, table)
    said = refused(tmp_path)
    assert len(said) == 4
    assert "Bloggs" not in "\n".join(said)


def test_a_table_without_a_licence_needs_a_reason_why_it_may_be_copied(tmp_path):
    write_table(tmp_path, licence=None)
    [mistake] = refused(tmp_path)
    assert mistake.endswith(
        f"the source {SLUG} has no licence; dc:rights: a sentence that says why its figures may be copied"
    )
    file = write_table(tmp_path, licence=None) / "sources" / f"{SLUG}.yaml"
    source = json.loads(file.read_text())
    del source["notes"]["licence"]
    file.write_text(json.dumps(source))
    assert [one.partition(": ")[2].partition(";")[0] for one in refused(tmp_path)] == [
        "licence is null and no note says why",
        f"the source {SLUG} has no licence",
    ]
    write_table(tmp_path, licence=None, **{"dc:rights": "Single facts: 3 of some 900 figures."})
    assert run(tmp_path).new == 3


def test_a_percent_is_no_count_and_is_reported_before_the_totals(tmp_path):
    write_table(tmp_path, TABLE.replace("12,a", "12%,"), totals=[{"title": "All", "is": 1224}])
    assert refused(tmp_path) == ["table#cell=3,3: this cell is a percent, not a count"]


def test_other_files_are_no_tables(tmp_path):
    write_table(tmp_path, media_type="text/plain")
    [mistake] = refused(tmp_path)
    assert "the media type text/plain is not that of a table; text/csv, text/tab-separated-values, " in mistake
    write_table(tmp_path, "Année,Kind\n".encode("latin-1"))
    [mistake] = refused(tmp_path)
    assert "table is not utf-8 at byte 4; dialect: {encoding: windows-1252}, or what it is" in mistake
    write_table(tmp_path, dialect={"encoding": "utf-9"})
    [mistake] = refused(tmp_path)
    assert "there is no encoding 'utf-9'; utf-8" in mistake


def test_a_layout_in_wrong_words_is_refused_as_every_record_is(tmp_path):
    write_table(tmp_path)
    path = tmp_path / "data" / "tables" / f"{SLUG}.yaml"
    good = path.read_text()
    for old, new, found in (
        ("prefix: fen", "prefixx: fen", "there is no key 'prefixx'"),
        ("prefix: fen", 'prefix: fen\nskip: {"last": A reason.}', "rows of the file: 49, 49-52, or 49-* to its end"),
        ("prefix: fen", 'prefix: fen\npartial: {"2021": 2021-4}', "'2021-4' is not a date"),
        ("prefix: fen", "prefix: fen\ntotals: [{title: All}]", "a total names one of: is (a number), at (a cell)"),
        (f"{MAPPING}.sssom.tsv", "fenmor-kind.sssom.tsv", "there is no mapping 'fenmor-kind'; an id of mappings/; did you mean fenmoor-kind?"),
        ("name: value", "name: worth", "a figure has no 'worth'"),
        ("columnReference: category", "columnReference: kind", "there is no column 'kind'; the name of a column"),
        ("dc:description: Remarks.", "suppressOutput: true", "is already in line"),
    ):  # fmt: skip
        path.write_text(good)
        replace(path, old, new)
        said = refused(tmp_path)
        assert any(found in mistake for mistake in said), said
        assert all(mistake.startswith("data/tables/fenmoor.yaml:") for mistake in said)


CASES = {"by": ["category"], "covers": "2021/2022", "suppress": {"below": 5}}


@pytest.mark.parametrize(
    ("aggregate", "said"),
    [
        ({**CASES, "bye": 1}, "there is no key 'bye'; by, year, covers, count, zeros, skip, suppress; did you mean by?"),
        ({**CASES, "suppress": {"below": 5, "total": []}}, "there is no key 'total'; below, totals; did you mean totals?"),
        ({**CASES, "suppress": 5}, "suppress: 5; a mapping with the keys below, totals"),
        ({**CASES, "count": "row"}, "count: 'row'; 'rows'; or a mapping with the keys distinct"),
        ({**CASES, "count": {"distinc": "case"}}, "there is no key 'distinc'; distinct; did you mean distinct?"),
        ({**CASES, "suppress": {"below": 5, "totals": [7]}}, "7; a text; a number or date in quotes; or a list"),
        ({**CASES, "covers": 2021}, "covers: 2021; a text; a number or date in quotes"),
        ({**CASES, "covers": "2021"}, "covers: '2021'; the first and the last day or month: 2015-04/2021-03"),
        ({**CASES, "by": []}, "by: []; at least one"),
        ("category", "aggregate: 'category'; a mapping with the keys by, year, covers, count, zeros, skip, suppress"),
    ],
)  # fmt: skip
def test_an_invalid_part_of_a_layout_is_reported_in_words_with_the_keys_of_that_part(tmp_path, aggregate, said):
    write_table(tmp_path, aggregate=aggregate)
    found = [mistake.partition(": ")[2] for mistake in refused(tmp_path)]
    assert said in found
    for raw in ("Input", "valid", "instance", "constrained", "literal", "model"):
        assert raw not in "\n".join(found)


def test_a_wrong_key_of_a_column_gets_the_keys_of_a_column(tmp_path):
    write_table(tmp_path, columns=[{"nme": "period", "titles": "Year"}])
    [mistake] = refused(tmp_path)
    assert mistake.endswith(
        "there is no key 'nme'; name, titles, datatype, virtual, default, suppressOutput, dc:description; did you mean name?"
    )


@pytest.mark.parametrize("column", [
    {"titles": "Year"},
    {"virtual": True, "default": "reported"},
    {"suppressOutput": True, "dc:description": "Names."},
])  # fmt: skip
def test_a_column_without_a_name_is_a_mistake_at_its_line(tmp_path, column):
    write_table(tmp_path, columns=[{"name": "category", "titles": "Kind"}, column])
    [mistake] = refused(tmp_path)
    assert "fenmoor.yaml:" in mistake
    assert "there is no name; one with suppressOutput: true has titles at least" in mistake


@pytest.mark.parametrize(
    ("terms", "found"),
    [
        (TERMS.replace("skos:broadMatch", "skos:brodMatch"), "fenmoor-kind.sssom.tsv:4:10: predicate_id: 'skos:brodMatch'"),
        (TERMS.replace("Theft\t", "Rudeness\t"), "fenmoor-kind.sssom.tsv:5:1: the word 'Rudeness' is already in line 4; each word once"),
        (TERMS.replace("\tcomment", "\tcoment") .replace("misconduct\t\n", "misconduct\tx\n", 1), "there is no key 'coment'"),
        (TERMS.replace("misconduct\t\n", "misconduct\tx\ty\n", 1), "fenmoor-kind.sssom.tsv:4:1: this row has 5 cells; 4, as in the header"),
        (TERMS.replace("#license", "#licence"), "there is no key 'licence'"),
        (f"#version: 1\n{TERMS}", "fenmoor-kind.sssom.tsv:1:1: there is no key 'version'; the version in the file's name"),
        (f"#version: 1.0\n{TERMS}", "fenmoor-kind.sssom.tsv:1:1: there is no key 'version'; the version in the file's name"),
        (TERMS.replace("mapping_set_id", "id").replace("kind", "kin", 1), "fenmoor-kind.sssom.tsv:1:1: the id 'fenmoor-kin' is in the file 'fenmoor-kind'; no id"),
        (TERMS.replace("#license", "# license : MIT\n#license"), "fenmoor-kind.sssom.tsv:3:1: the key 'license' is already in line 2; each key once"),
        (TERMS.replace("\tcomment", "\tcomment\t\t\tcomment"), "fenmoor-kind.sssom.tsv:3:48: the column 'comment' appears more than once"),
        ("", "mappings"),
    ],
)  # fmt: skip
def test_a_mapping_in_wrong_words_is_refused_as_every_record_is(tmp_path, terms, found):
    write_table(tmp_path, terms=terms)
    said = refused(tmp_path)
    assert any(found in mistake for mistake in said), said


def test_what_metadata_say_beside_a_released_mapping_is_no_mistake(tmp_path):
    """Another id could be released, and so could words among the metadata, which are none of the mapping's."""
    data = write_table(tmp_path, keys=[{"columnReference": "category", "reference": {"resource": "other"}}])
    file = data / "mappings" / f"{MAPPING}.sssom.tsv"
    file.rename(data / "mappings" / "other.sssom.tsv")
    run(tmp_path)
    seal(data)
    (data / "mappings" / "other.sssom.tsv").rename(file)
    file.write_text(f"#id: other\n#mappings: none\n{TERMS}")
    found = read(data)
    assert found.mistakes == []
    assert run(tmp_path).files == {}
    assert sorted(warning.found for warning in found.warnings) == [
        "the id 'other' is in the file 'fenmoor-kind'",
        "there is no key 'mappings'",
    ]


def test_a_table_that_is_not_there_is_named(tmp_path):
    write_table(tmp_path)
    with pytest.raises(MisconductError, match=r"There is no table 'fenmor'\.\nDid you mean fenmoor\?"):
        import_table(tmp_path / "data", "fenmor", tmp_path / "documents")


def test_a_layout_is_the_same_in_json(tmp_path):
    """A record is what it says, not how it is written."""
    write_table(tmp_path)
    (tmp_path / "data" / "tables" / f"{SLUG}.yaml").write_text(json.dumps(layout()))
    assert run(tmp_path).new == 3


def test_what_the_rules_of_figures_refuse_is_located_in_the_table(tmp_path):
    """Here the layout leaves out that the numbers of 2022 are percentages."""
    write_table(tmp_path, TABLE.replace('"1,204"', "42%"))
    replace(tmp_path / "data" / "tables" / f"{SLUG}.yaml", "    datatype: integer\n", "")
    assert refused(tmp_path) == ["table#cell=4,3: this cell is a percent, not a count"]
    write_table(tmp_path, TABLE.replace('"1,204"', "98765432109876543"))
    [mistake] = refused(tmp_path)
    assert mistake.startswith("table#cell=4,3: this cell is a number that programs read as another; at most 15")


OFFICERS = [
    {"name": "period", "titles": "Year", "datatype": "gYear"},
    {"name": "category", "titles": "Kind"},
    {"name": "value", "titles": "Cases", "datatype": "integer"},
    {"titles": "Officer", "suppressOutput": True, "dc:description": "Names."},
]


@pytest.mark.parametrize(
    "row",
    [
        "SECRET6,Theft,5,2023",
        "2023,SECRET6,5,Theft",
        "2023,Theft,SECRET6,5",
        "Theft,5,SECRET6",
        ",2023,Theft,5,SECRET6",
        "2023,SECRET6,5,",
        "2023,SECRET1,5,",
        "2023,Theft,SECRET6,",
        "2023,Theft,,SECRET6\n2023,SECRET7,9,",
    ],
)
@pytest.mark.parametrize("is_filled", [True, False])
def test_a_cell_of_a_suppressed_column_is_in_no_message_wherever_it_stands(tmp_path, row, is_filled):
    rest = ["2021,Theft,8,SECRET1", "2022,Theft,9,SECRET2" if is_filled else "2022,Theft,9,", row]
    table = "\n".join(["Year,Kind,Cases,Officer", *rest]) + "\n"
    write_table(tmp_path, table, columns=OFFICERS)
    said = refused(tmp_path)
    assert said
    assert "SECRET" not in "\n".join(said)
    assert any(mistake.startswith("table#cell=") for mistake in said)


def test_words_that_are_not_shown_have_a_place_each_and_the_word_of_the_mapping_that_is_like_them(tmp_path):
    rest = "2023,Arson,9,\n2023,Thefft,9,Jo Bloggs\n2024,Arson,4,\n2099,Theft,1,\n2023,Theft,x,\n20-21,Theft,1,\n,Theft,1,\n"
    write_table(tmp_path, TABLE + rest, published="2025-03")
    hidden = "(not shown, as columns of the table are suppressed)"
    assert refused(tmp_path) == [
        f"table#cell=5,2: this word is not in the mapping {hidden} (in 2 cells, of which this is the first); a line for it",
        f"table#cell=6,2: this word is not in the mapping {hidden}; a line for it; did you mean Theft?",
        f"table#cell=8,1: this period begins after its source was published {hidden}; a period that had begun by then",
        f"table#cell=9,3: this is not a number of the column {hidden}; {NUMBER}",
        f"table#cell=10,1: this is not a period {hidden}; a year, or partial: {{words: 2019-04/2020-03}}",
        "table#cell=11,1: there is no period here; a word in each cell of a column that is read",
    ]


def test_a_row_of_cells_where_the_heading_should_be_is_not_shown(tmp_path):
    write_table(tmp_path, "2021,Theft,8,SECRET1\n2022,Theft,9,SECRET2\n", columns=OFFICERS)
    assert refused(tmp_path) == [
        "table#cell=1,1: this row has 0 of the 4 headings that the table names; dialect: skipRows and headerRowCount"
    ]


def test_a_count_is_a_whole_number_from_0_on(tmp_path):
    """Without a datatype: nothing else says it. Of another statistic, these are numbers."""
    columns = [
        {"name": "period", "titles": "Year"},
        {"name": "category", "titles": "Kind"},
        {"name": "value", "titles": "Cases"},
    ]
    table = TABLE + "2022,Theft,-5,\n2023,Theft,3.5,\n2024,Theft,1.204,\n2025,Theft,0,\n"
    write_table(tmp_path, **{**without_notes(table), "columns": columns})
    allowed = "a whole number from 0 on: 1204 or 1,204 (1.204 needs a format with groupChar); or another statistic"
    assert refused(tmp_path) == [
        f"table#cell=5,3: '-5' is not a count; {allowed}",
        f"table#cell=6,3: '3.5' is not a count; {allowed}",
        f"table#cell=7,3: '1.204' is not a count; {allowed}",
    ]


def test_what_a_layout_says_of_rows_and_words_that_are_not_there_is_a_mistake(tmp_path):
    partial = {"2021*": "2021-04/2021-12", "2022": "2022-01/2022-06"}
    write_table(tmp_path, skip={"3": "A sum.", "9-*": "The source."}, partial=partial)
    assert [mistake.partition(": ")[2] for mistake in refused(tmp_path)] == [
        "table has nothing in 9-* to skip; rows below the heading",
        "no period is printed as '2021*'; as it stands in the table",
    ]


def test_rows_that_are_skipped_again_and_again_are_refused_before_they_are_read(tmp_path):
    """Twenty thousand entries that name sixty thousand rows each would take hours."""
    write_table(tmp_path, TABLE + "x,,,\n" * 60, skip={f"{number}-*": "Notes." for number in range(5, 60)})
    told = [one.partition(": ")[2] for one in refused(tmp_path)]
    assert told[0] == "the entries up to 32-* name each of 64 rows 20 times; each row once"


def test_headings_are_looked_up_and_not_compared_with_every_column(tmp_path, monkeypatch):
    """Of 8,000 columns each heading would be compared with each title: minutes."""
    compared = []
    monkeypatch.setattr(
        tables, "_is_headed", lambda *given, really=tables._is_headed: compared.append(1) or really(*given)
    )
    more = [f"n{number}" for number in range(300)]
    heading, *lines = TABLE.splitlines()
    content = "\n".join([f"{heading},{','.join(more)}", *(line + "," * 300 for line in lines)])
    left_out = [{"titles": title, "suppressOutput": True, "dc:description": "Remarks."} for title in more]
    write_table(tmp_path, content, columns=[*COLUMNS, *left_out])
    run(tmp_path)
    assert len(compared) < 1_000


def test_columns_that_thousands_of_headings_fit_are_refused_before_they_are_compared(tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_MOST_HEADED", 99)
    heading, *lines = TABLE.splitlines()
    content = "\n".join([heading + ",n" * 9, *(line + "," * 9 for line in lines)])
    left_out = [{"titles": "n", "suppressOutput": True, "dc:description": "Remarks."} for _ in range(9)]
    write_table(tmp_path, content, columns=[*COLUMNS, *left_out])
    run(tmp_path)  # 81, and one each
    monkeypatch.setattr(tables, "_MOST_HEADED", 80)
    told = [one.partition(": ")[2] for one in refused(tmp_path)]
    assert told == ["thousands of columns have a title in common; more titles of their own"]


ONE = "one of them: the other would be lost"


def test_what_a_layout_says_of_a_figure_it_says_once(tmp_path):
    period, category, value, note = COLUMNS
    write_table(
        tmp_path,
        columns=[period, category, {**value, "name": "n"}, {"name": "category", "titles": "Note"}],
        virtual={**VIRTUAL, "category": "any_misconduct"},
        keys=[{"columnReference": "category", "reference": {"resource": MAPPING}} for _ in range(2)],
        unpivot={"n": {"period": "2020", "category": "sexual_misconduct", "statistic": "count"}},
        null=["", "-"],
        symbols={"-": "zero"},
    )
    assert [one.partition(": ")[2] for one in refused(tmp_path) if one.endswith(ONE)] == [
        f"two columns have the name 'category'; {ONE}",
        f"two columns have the name 'category'; {ONE}",
        f"the column 'category' has two mappings; {ONE}",
        f"a column says the period of each row; {ONE}",
        f"a column says the category of each row; {ONE}",
        f"'-' is listed under null, too; {ONE}",
    ]
    write_table(tmp_path, columns=[period, category, {**value, "name": "case"}, {**note, "name": "case"}])
    assert not any(ONE in one for one in refused(tmp_path))  # one of them states nothing


def test_two_columns_of_a_table_of_cases_have_two_names(tmp_path):
    case, officer, kind, finding = test_cases.COLUMNS
    test_cases.write_cases(tmp_path, columns=[case, officer, kind, {"name": "category", "titles": finding["titles"]}])
    assert refused(tmp_path)[0].endswith(f": two columns have the name 'category'; {ONE}")


def test_a_figure_has_the_caveats_of_its_column_and_of_its_row(tmp_path):
    period, category, value, note = COLUMNS
    unstated = "Rudeness\tskos:exactMatch\tsssom:NoTermFound\tSome of them are not said to be anything.\n"
    terms = TERMS.replace("Rudeness\tskos:broadMatch\tany_misconduct\t\n", unstated)
    columns = [period, category, {**value, "name": "n"}, note]
    data = write_table(tmp_path, terms=terms, columns=columns, unpivot={"n": {"caveats": "late"}})
    replace(data / "caveats.yaml", "", "- {id: late, version: 1, text: They came late.}\n")
    run(tmp_path)
    assert [row["caveats"] for row in rows(tmp_path)] == [
        "fen_category_rudeness late",
        "late",
        "fen_category_rudeness late",
    ]


def test_rows_that_state_figures_are_not_skipped_with_all_to_the_end(tmp_path):
    below = "2022,Theft,44,\n2021,Everything,64,\nSource: the force.,,,\n"
    skip = {"2": "The force withdrew it.", "4-*": "Notes."}
    write_table(tmp_path, TABLE + below, skip=skip)  # the file has got longer since the table was described
    [said] = refused(tmp_path)
    assert said.partition(": ")[2] == (
        "rows of 4-* that state figures: 2, the first is row 4 of table; a last row in place of *; or the rows that do not"
    )
    write_table(tmp_path, TABLE + below, skip={"2": "The force withdrew it.", "6-*": "Notes."})
    notes = [line for line in run(tmp_path).describe() if "note" in line]
    assert notes == ["  note            skipped rows that state figures: 1, the first is row 2"]


def test_a_row_that_breaks_off_is_told(tmp_path):
    write_table(tmp_path, TABLE + "2022,Theft\n")
    notes = [line for line in run(tmp_path).describe() if "note" in line]
    assert notes == ["  note            rows that end before a column of figures: 1, the first is row 5"]


def test_a_row_with_more_cells_than_headings_is_a_mistake_also_where_those_behind_them_are_empty(tmp_path):
    write_table(tmp_path, TABLE + "2023,Rudeness,1,204,\n2023,Theft,2,016,\n")  # a comma that nobody quoted
    found = "this row has more cells than headings (in 2 cells, of which this is the first)"
    assert refused(tmp_path) == [f'table#cell=5,5: {found}; 4; or skip: {{"5": a reason}}']
    write_table(tmp_path, TABLE + "2023,Rudeness,1,204,\n", skip={"5": "Its comma is not quoted."})
    run(tmp_path)
    assert len(rows(tmp_path)) == 3


def test_a_table_whose_rows_end_with_a_spare_delimiter_is_read(tmp_path):
    heading, *lines = TABLE.splitlines()
    spare = "\n".join([heading, *(f"{line}," for line in lines), ""])
    write_table(tmp_path, spare)
    read = run(tmp_path)
    notes = [line for line in read.describe() if "note" in line]
    assert len(rows(tmp_path)) == 3
    assert notes == ["  note            rows with more cells than headings: 3, the first is row 2"]
    write_table(tmp_path, spare + "2023,Rudeness,1,204,,\n")
    assert [mistake.partition(":")[0] for mistake in refused(tmp_path)] == ["table#cell=5,6"]


YEARS = "Year,Kind,Cases\n2009-10,Rudeness,8\n2019/2020,Rudeness,9\n2022/2021,Rudeness,7\n"
OF_YEARS = "partial, with its dates: 2009-04/2010-03; a column of months has the datatype gYearMonth"


def test_a_printed_period_with_two_meanings_or_of_another_datatype_is_refused(tmp_path):
    plain = [{"name": "period", "titles": "Year"}, *COLUMNS[1:3]]
    write_table(tmp_path, YEARS, columns=plain)
    assert refused(tmp_path) == [
        f"table#cell=2,1: '2009-10' may be twelve months of two years, or a month; {OF_YEARS}",
        f"table#cell=3,1: '2019/2020' may be twelve months of two years, or both years; {OF_YEARS}",
        "table#cell=4,1: '2022/2021' is not a period; a year, or partial: {words: 2019-04/2020-03}",
    ]
    write_table(tmp_path, YEARS, columns=COLUMNS[:3])
    assert [one.partition(";")[0] for one in refused(tmp_path)] == [
        "table#cell=2,1: '2009-10' is not a gYear",
        "table#cell=3,1: '2019/2020' is not a gYear",
        "table#cell=4,1: '2022/2021' is not a gYear",
    ]


@pytest.mark.parametrize(
    "wrong",
    [
        {"partial": {"2021": "2022/2021"}},
        {"columns": COLUMNS[1:], "virtual": {**VIRTUAL, "period": "2022/2021"}},
        {"totals": [{"title": "All", "is": 8, "where": {"period": "2022/2021"}}]},
    ],
)
def test_a_period_that_ends_before_it_begins_is_a_mistake(tmp_path, wrong):
    table = TABLE if "columns" not in wrong else "Kind,Cases,Note\nRudeness,8,\n"
    write_table(tmp_path, table, **wrong)
    [mistake] = refused(tmp_path)
    assert "not a period" in mistake


@pytest.mark.parametrize("row", ['2023,"Theft,4,\n2024,Theft,5,\n', '2023,"Theft,4,\n2024,Theft,"1,205",\n'])
def test_a_quote_that_is_not_closed_is_one_mistake_where_it_opens(tmp_path, row):
    write_table(tmp_path, TABLE + row)
    assert refused(tmp_path) == [
        'table#cell=5,1: a quote in this row does not close its cell; quotes within a cell as ""'
    ]
