"""Importing a published table: its cells become rows, its words codes, and nothing is retyped."""

from __future__ import annotations

import hashlib
import os
import re
import shutil
from pathlib import Path

import pytest

from misconduct.errors import RegisterRefused
from misconduct.register import tables
from misconduct.register.draft_codes import read_codes
from misconduct.register.import_table import import_table
from tests.register.reading import mistakes_of, replace
from tests.register.tables import (
    MAPPING,
    SLUG,
    TABLE,
    TERMS,
    VIRTUAL,
    as_table,
    code_list,
    contents,
    dataset,
    refused,
    rows,
    run,
    without_notes,
    write_table,
)
from tests.registers import seal, write_register

TABLES = Path(__file__).parents[2].parent / "shared" / "tables"


def test_each_cell_becomes_a_figure_with_its_place_and_its_characters(tmp_path):
    write_table(tmp_path)
    done = run(tmp_path)
    assert (done.new, done.same, done.revised, done.gone) == (3, 0, 0, [])
    first, second, third = rows(tmp_path)
    assert re.fullmatch("[bcdfghjkmnpqrstvwxz][bcdfghjkmnpqrstvwxz2-9]{7}", first.pop("id"))
    assert first == {
        "version": "1", "measure": "accused", "statistic": "count", "category": "fen_rudeness", "area": "fenmoor",
        "population": "officers", "counting_unit": "people", "period_type": "year", "period_start": "2021",
        "period_printed": "2021", "period_at": "cell=2,1", "value": "8", "unit": "count", "qualifier": "exact",
        "printed": "8", "at": "cell=2,3", "obs_status": "A", "stated_by": "force", "origin": SLUG,
    }  # fmt: skip
    assert (second["category"], second["value"], second["at"]) == ("any_misconduct", "12", "cell=3,3")
    assert (third["value"], third["printed"], third["period_start"]) == ("1204", "1,204", "2022")
    assert mistakes_of(tmp_path / "data") == []


def test_a_word_under_a_shared_code_gets_a_code_of_the_tables_own(tmp_path):
    write_table(tmp_path)
    done = run(tmp_path)
    assert [*done.tables[SLUG].codes] == [("category", "fen_rudeness")]
    text = (tmp_path / "data" / "codelists" / "category.csv").read_text()
    drafted = (
        "fen_rudeness,1,Rudeness,Printed as Rudeness; the table does not define it.,any_misconduct,The publisher\n"
    )
    assert text == code_list(["any_misconduct", "sexual_misconduct", "unstated"]) + drafted


def test_a_word_without_a_term_is_unstated_with_a_caveat(tmp_path):
    write_table(tmp_path, terms=TERMS + "#VALUE!\tskos:exactMatch\tsssom:NoTermFound\tA spreadsheet error.\n",
                table=TABLE + "2022,#VALUE!,3,\n")  # fmt: skip
    run(tmp_path)
    assert [(row["category"], row["caveats"]) for row in rows(tmp_path)[3:]] == [("unstated", "fen_category_value")]
    assert "A spreadsheet error." in (tmp_path / "data" / "caveats.yaml").read_text()


NO_TERM = "#VALUE!\tskos:exactMatch\tsssom:NoTermFound\t"


def two_columns(folder, comment):
    """A table with a spreadsheet error in both its columns of words, the second with this comment."""
    columns = [{"name": "period", "titles": "Year"}, {"name": "category", "titles": "Kind"},
               {"name": "value", "titles": "Cases"}, {"name": "measure", "titles": "Finding"}]  # fmt: skip
    table = "Year,Kind,Cases,Finding\n2021,#VALUE!,8,#VALUE!\n2022,#VALUE!,9,Yes\n2023,Theft,7,#VALUE!\n"
    mappings = {"category": MAPPING, "measure": "fenmoor-finding"}
    keys = [{"columnReference": name, "reference": {"resource": one}} for name, one in mappings.items()]
    virtual = {name: code for name, code in VIRTUAL.items() if name != "measure"}
    root = write_table(
        folder, table, f"{TERMS}{NO_TERM}A spreadsheet error.\n", columns=columns, keys=keys, virtual=virtual
    )
    terms = TERMS.replace(MAPPING, "fenmoor-finding").replace(
        "Rudeness\tskos:broadMatch\tany_misconduct", "Yes\tskos:exactMatch\taccused"
    )
    terms = terms.replace("any_misconduct", "cleared") + f"{NO_TERM}{comment}\n"
    (root / "mappings" / "fenmoor-finding.sssom.tsv").write_text(terms)
    return root


@pytest.mark.parametrize(
    ("comment", "caveats"),
    [
        ("A spreadsheet error.", ["fen_category_value", "fen_category_value", "fen_category_value"]),
        ("Unknown.", ["fen_category_value fen_measure_value", "fen_category_value", "fen_measure_value"]),
    ],
)
def test_a_word_without_a_term_in_two_columns_has_a_caveat_for_each_comment(tmp_path, comment, caveats):
    root = two_columns(tmp_path, comment)
    assert refused(tmp_path) == [
        "data/mappings/fenmoor-finding.sssom.tsv:6:25: there is no measure 'unstated'; a line of codelists/measure.csv: unstated,1,Not stated,The source does not state it.,,Editors"
    ]
    measures = root / "codelists" / "measure.csv"
    measures.write_text(measures.read_text() + "unstated,1,Not stated,The source does not state it.,,Editors\n")
    replace(root / "datasets.yaml", '["accused"]', '["accused", "unstated"]')
    run(tmp_path)
    assert [row["caveats"] for row in rows(tmp_path)] == caveats
    assert mistakes_of(root) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("- id: a\n  text: b\n", "version"),
        ("- version: 1\n  text: b\n", "id"),
        ("- id: [a]\n  version: 1\n  text: b\n", "id"),
        ("- id: a\n  version: 1\n  text: \xe9\n", "UTF-8"),
        ("- id: 2024-02-31\n  version: 1\n  text: b\n", "id"),
        (f"- id: a\n  version: {'9' * 5_000}\n  text: b\n", "9999"),
        (f"- id: {'[' * 3_000}{']' * 3_000}\n  version: 1\n", "more than 8 levels"),
        (None, "not a file"),
    ],
    ids=["no version", "no id", "a list", "Latin-1", "a day", "a long number", "many brackets", "a pipe"],
)
def test_caveats_that_cannot_be_read_are_told_and_none_is_drafted_beside_them(tmp_path, text, found):
    root = write_table(tmp_path, TABLE + "2022,#VALUE!,3,\n", f"{TERMS}{NO_TERM}A spreadsheet error.\n")
    (root / "caveats.yaml").unlink(missing_ok=True)
    if text is None:
        os.mkfifo(root / "caveats.yaml")
    else:
        (root / "caveats.yaml").write_bytes(text.encode("latin-1"))
    with pytest.raises(RegisterRefused, match=f"^data/caveats.yaml:.*({found})"):
        run(tmp_path)
    assert not (root / "observations" / f"{SLUG}.csv").exists()


def test_two_words_do_not_write_one_caveat(tmp_path):
    statements = f"N/A\t{NO_TERM[8:]}Not asked.\nn.a.\t{NO_TERM[8:]}{{}}\n"
    table = TABLE + "2022,N/A,3,\n2023,n.a.,4,\n"
    root = write_table(tmp_path, table, TERMS + statements.format("Not answered."))
    said = "the caveat fen_category_n_a says otherwise: 'Not asked.'; one comment for words that make one caveat; in caveats.yaml its text, or its next version"
    assert refused(tmp_path) == [f"data/mappings/{MAPPING}.sssom.tsv:7:40: {said}"]
    mapping = root / "mappings" / f"{MAPPING}.sssom.tsv"
    mapping.write_text(TERMS + statements.format("Not asked."))
    run(tmp_path)
    assert [row["caveats"] for row in rows(tmp_path)[3:]] == ["fen_category_n_a", "fen_category_n_a"]


def test_a_caveat_whose_comment_has_changed_is_reported_until_it_is_revised(tmp_path):
    root = write_table(tmp_path, TABLE + "2022,#VALUE!,3,\n", f"{TERMS}{NO_TERM}A spreadsheet error.\n")
    run(tmp_path)
    seal(root)
    terms = (root / "mappings" / f"{MAPPING}.sssom.tsv").read_text()
    mapping = root / "mappings" / f"{MAPPING}.2.sssom.tsv"
    mapping.write_text(terms.replace("A spreadsheet error.", "Not known."))
    [mistake] = refused(tmp_path)
    assert "the caveat fen_category_value says otherwise: 'A spreadsheet error.'" in mistake
    with (root / "caveats.yaml").open("a") as caveats:
        caveats.write("- id: fen_category_value\n  version: 2\n  text: Not known.\n")
    assert (run(tmp_path).same, mistakes_of(root)) == (4, [])


def test_two_tables_of_a_source_do_not_write_one_caveat(tmp_path):
    root = write_table(tmp_path, TABLE + "2022,#VALUE!,3,\n", f"{TERMS}{NO_TERM}A spreadsheet error.\n")
    (root / "mappings" / "other.sssom.tsv").write_text(
        f"{TERMS}{NO_TERM}Unknown.\n".replace(f"mapping_set_id: {MAPPING}", "mapping_set_id: other")
    )
    again = (root / "tables" / f"{SLUG}.yaml").read_text().replace(f"id: {SLUG}\n", "id: again\n")
    again = again.replace("default: accused", "default: cleared").replace(MAPPING, "other")
    (root / "tables" / "again.yaml").write_text(again)
    [mistake] = refused(tmp_path)
    assert mistake.endswith("another table of the source makes another fen_category_value; two prefixes")


def test_nothing_is_written_without_write(tmp_path):
    write_table(tmp_path)
    before = contents(tmp_path)
    done = run(tmp_path, write=False)
    assert [*done.files] == ["codelists/category.csv", f"observations/{SLUG}.csv"]
    assert contents(tmp_path) == before


def test_an_import_again_changes_nothing(tmp_path):
    write_table(tmp_path)
    run(tmp_path)
    before = contents(tmp_path)
    done = run(tmp_path)
    assert (done.new, done.same, done.files) == (0, 3, {})
    assert contents(tmp_path) == before


def test_the_files_that_an_import_writes_anew_keep_their_modes(tmp_path):
    write_table(tmp_path)
    codes = tmp_path / "data" / "codelists" / "category.csv"
    codes.chmod(0o664)
    before = codes.read_text()
    run(tmp_path)
    assert codes.read_text() != before
    assert codes.stat().st_mode & 0o777 == 0o664


def test_mistakes_are_located_in_the_table_and_in_its_mapping_all_at_once(tmp_path):
    table = TABLE + "2022,Thefft,7,\n2023,Thefft,#VALUE!,\n2023,Theft,1.5,\n2021,Theft,4,\n,Theft,5,\n"
    terms = TERMS.replace("Theft\tskos:exactMatch\tany_misconduct", "Theft\tskos:exactMatch\tany_misconducts")
    write_table(tmp_path, terms=terms, virtual={"area": "fenmor", "measure": "accused"}, **without_notes(table))
    of_cells = [
        f"data/mappings/{MAPPING}.sssom.tsv:5:23: there is no category 'any_misconducts'; an id of codelists/category.csv; did you mean any_misconduct?",
        "table#cell=5,2: the category 'Thefft' is not in mappings/fenmoor-kind.sssom.tsv (in 2 cells, of which this is the first); a line for it; did you mean Theft?",
        "table#cell=6,3: '#VALUE!' is not a number; a number; or list it under null or symbols, or skip its row",
        "table#cell=7,3: '1.5' is not a count; a whole number from 0 on: 1204 or 1,204 (1.204 needs a format with groupChar); or another statistic",
        "table#cell=8,3: the same figure is already at cell=3,3; one figure for each combination of its columns",
        "table#cell=9,1: there is no period here; a word in each cell of a column that is read",
    ]
    of_layout = [
        "data/tables/fenmoor.yaml:6:3: nothing says the counting_unit of the figures; a column, or a virtual one with a default",
        "data/tables/fenmoor.yaml:6:3: nothing says the population of the figures; a column, or a virtual one with a default",
        "data/tables/fenmoor.yaml:6:3: nothing says the stated_by of the figures; a column, or a virtual one with a default",
        "data/tables/fenmoor.yaml:15:5: there is no area 'fenmor'; a code of codelists/area.csv, or a foreign key to a mapping; did you mean fenmoor?",
    ]
    without_duplicate = [mistake for mistake in of_cells if "the same figure" not in mistake]
    assert refused(tmp_path) == [
        of_cells[0],
        *of_layout,
        *without_duplicate[1:],
    ]  # a code that lacks may tell them apart
    write_table(tmp_path, terms=terms, **without_notes(table))
    assert refused(tmp_path) == of_cells
    write_table(tmp_path, TABLE + "2021,Theft,4,\n")
    assert refused(tmp_path) == [
        "table#cell=5,3: the same figure is already at cell=3,3; one figure for each combination of its columns"
    ]


def test_what_the_register_refuses_is_not_written(tmp_path):
    """A measure that a mapping drafts is in no dataset yet."""
    write_table(tmp_path)
    replace(tmp_path / "data" / "tables" / f"{SLUG}.yaml", "  - name: category\n", "  - name: measure\n")
    replace(tmp_path / "data" / "tables" / f"{SLUG}.yaml", "columnReference: category", "columnReference: measure")
    replace(tmp_path / "data" / "tables" / f"{SLUG}.yaml", "name: measure\n    virtual: true\n    default: accused",
            "name: category\n    virtual: true\n    default: any_misconduct")  # fmt: skip
    terms = tmp_path / "data" / "mappings" / f"{MAPPING}.sssom.tsv"
    terms.write_text(TERMS.replace("any_misconduct", "accused"))
    assert refused(tmp_path) == [
        "data/datasets.yaml:1:1: no dataset shows what this import drafts: fen_rudeness; first, in measures of a dataset: [fen_rudeness]; the import then drafts their codes"
    ]
    document = tmp_path / "documents" / "table"
    text, source = document.read_text(), tmp_path / "data" / "sources" / f"{SLUG}.yaml"
    wrong = text.replace("2021,Theft", "2021,Thef2")
    hashes = [hashlib.sha256(one.encode()).hexdigest() for one in (text, wrong)]
    document.write_text(wrong)
    replace(source, *hashes)
    assert len(refused(tmp_path)) == 2  # both at once
    document.write_text(text)
    replace(source, *hashes[::-1])
    replace(tmp_path / "data" / "datasets.yaml", '["accused"]', '["accused", "fen_rudeness"]')
    assert run(tmp_path).new == 3
    assert mistakes_of(tmp_path / "data") == []


def test_codes_that_another_table_makes_of_the_same_word_are_counted(tmp_path):
    root = write_table(tmp_path)
    other = (root / "tables" / f"{SLUG}.yaml").read_text().replace("id: fenmoor", "id: fenmoor-other")
    other = other.replace("\nsource: fenmoor", "\nsource: fenmoor-other")
    (root / "tables" / "fenmoor-other.yaml").write_text(other)
    source = (root / "sources" / f"{SLUG}.yaml").read_text()
    (root / "sources" / "fenmoor-other.yaml").write_text(source.replace(f'"{SLUG}"', '"fenmoor-other"'))
    assert "  category        2 codes, 1 drafted, 1 of another table too" in [*run(tmp_path, write=False).describe()]


@pytest.fixture
def philadelphia(tmp_path):
    """A register with the layout and the mappings of Philadelphia's complaints, 2015 to 2021, and nothing imported."""
    if not TABLES.is_dir():
        assert not os.environ.get("CI"), "CI must import the real tables, which are not there"
        pytest.skip("NOT RUN: the real tables are not beside the project, so none was imported")
    measures = ["finding_not_sustained", "finding_sustained", "investigation_pending", "finding_not_applicable"]
    measures += ["finding_unreadable"]
    root = write_register(
        tmp_path / "data",
        **{
            "codelists/category.csv": code_list(["any_misconduct", "sexual_misconduct", "unstated"]),
            "codelists/measure.csv": code_list(["accused", *measures]),
            "codelists/area.csv": code_list(["E23000001", "us_pa_philadelphia"]),
            "codelists/counting_unit.csv": code_list(["people", "allegations"]),
            "codelists/stated_by.csv": code_list(["force", "financial_times"]),
            "caveats.yaml": "",
            "datasets.yaml": f"[{dataset('findings', 'accused', *measures)}]",
        },
    )
    return shutil.copytree(Path(__file__).parent / "philadelphia", root, dirs_exist_ok=True)


def test_the_complaints_of_philadelphia_come_in(philadelphia):
    done = import_table(philadelphia, "philadelphia-findings", TABLES, write=True)
    derived = done.tables["philadelphia-findings"]
    assert done.new == len(derived.rows) == 161
    assert [(total.published, total.computed) for total in derived.totals] == [(9618, 9618)]
    assert derived.counts["small"] == 60
    assert len(derived.codes) == 16
    assert mistakes_of(philadelphia) == []
    lines = (philadelphia / "observations" / "philadelphia-complaints.csv").read_text().splitlines()
    first = lines[1].split(",", 2)
    assert len(first[0]) == 8
    assert first[2].rstrip(",") == (
        "finding_not_sustained,count,phl_civil_rights_complaint,us_pa_philadelphia,officers,allegations,window,2015-04,2015-12,,"
        '2015,"cell=2,1",8,,count,exact,,,8,"cell=2,6",,A,financial_times,philadelphia-complaints'
    )
    # 98: 2019,#VALUE!,#VALUE!,…,1
    assert lines[97].split(",", 2)[2].rstrip(",") == (
        "finding_unreadable,count,unstated,us_pa_philadelphia,officers,allegations,year,2019,,,"
        '2019,"cell=98,1",1,,count,exact,,,1,"cell=98,6",,A,financial_times,philadelphia-complaints,phl_category_value'
    )


def test_a_police_force_that_the_program_knows_is_drafted_with_the_areas_above_it(tmp_path):
    table = "Year,Kind,Cases,Force\n2021,Theft,8,West Midlands\n2021,Theft,9,Gwent\n"
    columns = [
        {"name": "period", "titles": "Year", "datatype": "gYear"},
        {"name": "category", "titles": "Kind"},
        {"name": "value", "titles": "Cases", "datatype": "integer"},
        {"name": "area", "titles": "Force"},
    ]
    terms = f"{TERMS}West Midlands\tskos:exactMatch\tE23000014\t\nGwent\tskos:exactMatch\tW15000002\t\n"
    keys = [
        {"columnReference": name, "reference": {"resource": f"{MAPPING}.sssom.tsv"}} for name in ("category", "area")
    ]
    virtual = {name: code for name, code in VIRTUAL.items() if name != "area"}
    write_table(tmp_path, table, terms, columns=columns, keys=keys, virtual=virtual)
    done = run(tmp_path)
    assert done.new == 2
    drafted = {row["code"]: row for row in read_codes(tmp_path / "data", "area")}
    assert list(drafted)[2:] == ["gb", "gb_eaw", "gb_eng", "E23000014", "gb_wls", "W15000002"]
    assert drafted["E23000014"]["label"] == "West Midlands Police"
    assert (drafted["W15000002"]["notation"], drafted["W15000002"]["broader"]) == ("W15000002", "gb_wls")
    assert mistakes_of(tmp_path / "data") == []
    assert run(tmp_path).files == {}


def test_codes_above_and_beside_a_shared_one_get_the_columns_that_the_list_lacks(tmp_path):
    terms = TERMS.replace("skos:broadMatch", "skos:narrowMatch").replace("skos:exactMatch", "skos:closeMatch")
    write_table(tmp_path, terms=terms)
    run(tmp_path)
    header, *lines = (tmp_path / "data" / "codelists" / "category.csv").read_text().splitlines()
    columns = header.split(",")
    drafted = {line.partition(",")[0]: dict(zip(columns, line.split(","), strict=True)) for line in lines}
    assert (drafted["fen_rudeness"]["narrower"], drafted["fen_rudeness"]["broader"]) == ("any_misconduct", "")
    assert (drafted["fen_theft"]["close"], drafted["fen_theft"]["broader"]) == ("any_misconduct", "")
    assert mistakes_of(tmp_path / "data") == []


HEAD = "subject_label\tpredicate_id\tobject_id\tcomment\n"


def test_a_word_that_makes_the_code_of_another_word_is_a_mistake(tmp_path):
    data = write_table(
        tmp_path, "Year,Kind,Cases,Note\n2021,A-B,12,\n", HEAD + "A-B\tskos:broadMatch\tany_misconduct\t\n"
    )
    run(tmp_path)
    assert rows(tmp_path)[0]["category"] == "fen_a_b"
    mapping = data / "mappings" / "fenmoor-kind.sssom.tsv"
    table = "Year,Kind,Cases,Note\n2021,A B,12,\n"
    (tmp_path / "again").mkdir()
    write_table(tmp_path / "again", table)
    source = (tmp_path / "again" / "data" / "sources" / "fenmoor.yaml").read_text()
    (data / "sources" / "fenmoor.yaml").write_text(source)
    (tmp_path / "documents" / "table").write_text(table)
    for parent in ("sexual_misconduct", "any_misconduct"):
        mapping.write_text(HEAD + f"A B\tskos:broadMatch\t{parent}\t\n")
        (said,) = refused(tmp_path)
        assert "'A B' makes the code fen_a_b, which is another: 'A-B'" in said


def test_a_word_does_not_make_a_shared_code(tmp_path):
    terms = HEAD + "Misconduct\tskos:broadMatch\tany_misconduct\t\n"
    write_table(tmp_path, "Year,Kind,Cases,Note\n2021,Misconduct,12,\n", terms, prefix="any")
    (said,) = refused(tmp_path)
    assert "'Misconduct' makes the code any_misconduct, which is another: 'Any_Misconduct'" in said


def test_two_tables_of_a_source_draft_an_equal_code_once(tmp_path):
    data = write_table(tmp_path)
    file = data / "tables" / "fenmoor.yaml"
    (data / "tables" / "again.yaml").write_text(
        file.read_text().replace("id: fenmoor\n", "id: again\n").replace("default: accused", "default: cleared")
    )
    assert run(tmp_path).new == 6
    text = (data / "codelists" / "category.csv").read_text()
    assert text.count("fen_rudeness,") == 1
    assert mistakes_of(data) == []


def test_a_row_of_a_code_list_that_cannot_be_read_is_reported_before_what_follows_from_it(tmp_path):
    data = write_table(tmp_path)
    file = data / "codelists" / "category.csv"
    file.write_text(file.read_text() + "theft,1,Theft,Theft,Tests\n")
    [said] = refused(tmp_path)
    assert said.startswith("data/codelists/category.csv:5:1: this row has 5 cells; 6, as in the header")


def test_a_mapping_is_gone_through_once_and_not_for_each_word(tmp_path, monkeypatch):
    gone_through, terms_of = [], tables._terms_of

    def count(mapping):
        gone_through.append(mapping.id)
        return terms_of(mapping)

    monkeypatch.setattr(tables, "_terms_of", count)
    words = [f"Kind {number}" for number in range(50)]
    terms = "".join(f"{word}\tskos:broadMatch\tany_misconduct\n" for word in words)
    table = as_table([("Year", "Kind", "Cases", "Note"), *((2021, word, 8, "") for word in words)])
    write_table(tmp_path, table, f"subject_label\tpredicate_id\tobject_id\n{terms}")
    assert run(tmp_path).new == 50
    assert gone_through == [MAPPING]


def test_a_code_list_that_is_not_utf8_is_reported(tmp_path):
    data = write_table(tmp_path)
    file = data / "codelists" / "category.csv"
    file.write_bytes(file.read_bytes() + "theft,1,Théft,Theft,,Tests\n".encode("latin-1"))
    [said] = refused(tmp_path)
    assert said.startswith("data/codelists/category.csv:5:11: byte 11 of this line (0xe9) is not UTF-8")
