"""Importing a case-level table: only counts leave the machine, and no cell of a suppressed column is shown anywhere."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections.abc import Sequence
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from openpyxl import Workbook
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import MisconductError, RegisterRefused
from misconduct.register.grid import XLSX
from misconduct.register.import_table import import_table
from misconduct.register.make_release import propose_release
from tests.register import tables
from tests.register.reading import mistakes_of
from tests.register.tables import (
    MAPPING,
    SLUG,
    VIRTUAL,
    code_list,
    contents,
    dataset,
    layout,
    refused,
    rows,
    run,
    verified,
    write_table,
)
from tests.register.test_aggregate import TABLES
from tests.registers import seal, source_text, write_register

PLANTED = ("Zorblax", "Quimbly", "Vexnar", "Thraxel")
"""Words that are in suppressed columns only."""

HEADER = "case_no,officer_name,badge,kind,finding,summary\n"


def _cases() -> str:
    """Cases of three years: of rudeness 7, 8 and 9 in 2020, 2021 and 2022, of theft 3, 0 and 6."""
    lines = list[str]()
    for kind, numbers in (("Rudeness", (7, 8, 9)), ("Theft", (3, 0, 6))):
        for year, number in zip(("20", "21", "22"), numbers, strict=True):
            for at in range(number):
                case = f"{year}-{len(lines):04}"
                lines.append(f'{case},{PLANTED[at % 2]} No {at},Vexnar-{at},{kind},Upheld,"Thraxel, and more"')
    return HEADER + "\n".join(lines) + "\n"


COLUMNS: list[dict[str, Any]] = [
    {
        "name": "case",
        "titles": "case_no",
        "datatype": {"base": "string", "format": "^([0-9]{2})-[0-9]{4}$"},
    },
    {"titles": ["officer_name", "badge", "summary"], "suppressOutput": True, "dc:description": "About one person."},
    {"name": "category", "titles": "kind"},
    {"titles": "finding", "suppressOutput": True, "dc:description": "All are upheld."},
]
AGGREGATE: dict[str, Any] = {
    "by": ["category"],
    "year": {"of": "case", "century": 2000},
    "covers": "2020-01/2022-06",
    "zeros": "stated",
    "suppress": {"below": 5, "totals": ["year"]},
}
NOT_STATED = {name: code for name, code in VIRTUAL.items() if name != "stated_by"}
BROAD = "subject_label\tpredicate_id\tobject_id\tcomment\nRudeness\tskos:broadMatch\tany_misconduct\t\n"
TERMS = BROAD + "Theft\tskos:exactMatch\tsexual_misconduct\t\n"


def _without_length(file: Path) -> None:
    source = yaml.safe_load(file.read_text())
    source["notes"]["length"] = "Its rows are counted, and small numbers of them hidden."
    file.write_text(json.dumps({**source, "length": None}, default=str))


def write_cases(folder: Path, table: str | bytes | None = None, terms: str = TERMS, **more: Any) -> Path:
    aggregate = {**AGGREGATE, **more.pop("aggregate", {})}
    written = {"columns": COLUMNS, "virtual": NOT_STATED, "aggregate": aggregate, **more}
    data = write_table(folder, table or _cases(), terms, **written)
    _without_length(data / "sources" / f"{SLUG}.yaml")
    (data / "codelists" / "obs_status.csv").write_text(code_list(["A", "Q"]))
    return data


@pytest.mark.parametrize("below", [1, 5])
def test_the_length_of_a_file_of_which_numbers_are_hidden_is_not_published(tmp_path, below):
    """Of rows with a case number, a year and a kind, it is a sum of the numbers that nobody declared."""
    data = write_cases(tmp_path, aggregate={"suppress": {"below": below, "totals": ["year"]}})
    file = data / "sources" / f"{SLUG}.yaml"
    file.write_text(file.read_text().replace('"length": null', f'"length": {len(_cases())}'))
    if below > 1:
        [said] = refused(tmp_path)
        assert said.partition(": ")[2] == (
            "of rows with few words, the length is a sum of their numbers; "
            "length: null, and under notes, length: Its rows are counted, and small numbers of them hidden."
        )
        (data / "observations").mkdir()
        seal(data, "1.0.0")
        [said] = refused(tmp_path)
        found = "of rows with few words, the length is a sum of their numbers, and a release has it"
        assert said.partition(": ")[2] == f"{found}; below: 1, or the next edition"
        _revise(tmp_path, _cells({("Rudeness", "20"): 9, ("Theft", "20"): 8}), length=None)
    run(tmp_path)
    assert verified(tmp_path) == []


def test_nobody_states_what_this_register_counts(tmp_path):
    write_cases(tmp_path, virtual=VIRTUAL)
    [mistake] = refused(tmp_path)
    assert mistake == (
        "data/tables/fenmoor.yaml:35:5: this register counts the figures, and nobody states them; no stated_by beside aggregate"
    )


def test_rows_are_counted_and_small_numbers_hidden(tmp_path):
    write_cases(tmp_path)
    done = run(tmp_path)
    written = rows(tmp_path)
    found = {(row["category"], row["period_start"], row.get("period_end")): row.get("value") for row in written}
    assert found == {
        ("fen_rudeness", "2020-01", None): None,  # beside the small one: the total of 2020 would give it away
        ("fen_rudeness", "2021-01", None): "8",
        ("fen_rudeness", "2022-01", "2022-06"): "9",
        ("sexual_misconduct", "2020-01", None): None,  # 3
        ("sexual_misconduct", "2021-01", None): "0",
        ("sexual_misconduct", "2022-01", "2022-06"): "6",
    }
    assert {row["derivation"] for row in written} == {f"{SLUG}@1"}
    assert {(row.get("value_absent"), row["obs_status"]) for row in written} == {(None, "A"), ("suppressed", "Q")}
    assert not {"printed", "at", "period_printed"} & {column for row in written for column in row}
    assert {
        "  category        2 codes, 1 drafted",
        "  figures         6 counted",
        "  hidden          2: 1 small, 1 that would give them away",
    } < {*done.describe()}
    assert verified(tmp_path) == []
    assert mistakes_of(tmp_path / "data") == []


def test_a_released_count_is_recounted_and_stays(tmp_path):
    write_cases(tmp_path)
    run(tmp_path)
    seal(tmp_path / "data", "1.0.0")
    assert verified(tmp_path) == []
    before = contents(tmp_path / "data")
    assert (run(tmp_path).same, contents(tmp_path / "data")) == (6, before)


def _cells(numbers: dict[tuple[str, str], int], header: str = HEADER) -> str:
    """Cases of one kind and year each, as many as it says."""
    cases = [one for one, number in numbers.items() for _ in range(number)]
    lines = [f"{year}-{at:04},Zorblax,Vexnar,{kind},Upheld,Thraxel" for at, (kind, year) in enumerate(cases)]
    return header + "\n".join(lines) + "\n"


def _revise(folder: Path, table: str, **more: Any) -> None:
    """Replace the file by another edition, which is the next version of the source."""
    (folder / "documents" / "table").write_text(table)
    file = folder / "data" / "sources" / f"{SLUG}.yaml"
    source = yaml.safe_load_all(file.read_text())
    *_, last = source
    sha256 = hashlib.sha256(table.encode()).hexdigest()
    last |= {"version": last["version"] + 1, "sha256": sha256, **more}
    file.write_text(file.read_text() + "\n---\n" + json.dumps(last, default=str) + "\n")


KINDS_OF_EDITIONS = BROAD + "".join(f"{kind}\tskos:broadMatch\tany_misconduct\t\n" for kind in ("Theft", "Force"))


def test_words_of_one_code_are_not_counted_together_because_the_list_has_it(tmp_path):
    first = {("Theft*", "20"): 9, ("Rudeness", "20"): 8}
    data = write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS.replace("Theft", "Theft*"))
    run(tmp_path)
    seal(data, "1.0.0")
    (data / "mappings" / f"{MAPPING}.2.sssom.tsv").write_text(
        KINDS_OF_EDITIONS + "Theft*\tskos:broadMatch\tany_misconduct\t\n"
    )
    _revise(tmp_path, _cells({**first, ("Theft", "20"): 6}))
    [mistake] = refused(tmp_path, reason="A word more.")
    assert mistake.endswith(
        ": 'Theft' and 'Theft*' make the same code, fen_theft; one word for both, or skos:exactMatch with codes of their own"
    )


def test_what_a_release_hid_stays_hidden_in_the_next_edition(tmp_path):
    first = {("Rudeness", "20"): 7, ("Force", "20"): 8, ("Theft", "20"): 3}
    write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS)
    run(tmp_path)
    seal(tmp_path / "data", "1.0.0")
    _revise(tmp_path, _cells(first | {("Force", "20"): 6}))  # hiding Force would show Rudeness: 18 - 8 - 7 = 3
    run(tmp_path, reason="Revised.")
    assert [
        (row["category"], row["version"], row.get("value")) for row in rows(tmp_path) if row.get("value") != "0"
    ] == [
        ("fen_force", "1", "8"),
        ("fen_force", "2", "6"),
        ("fen_rudeness", "1", None),
        ("fen_theft", "1", None),
    ]
    assert verified(tmp_path) == []
    seal(tmp_path / "data", "1.1.0")
    assert verified(tmp_path) == []


def test_an_import_that_is_stopped_between_its_files_keeps_the_reason(tmp_path, monkeypatch):
    first = {("Rudeness", "20"): 7, ("Theft", "20"): 9}
    data = write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS)
    run(tmp_path)
    seal(data, "1.0.0")
    _revise(tmp_path, _cells(first | {("Theft", "20"): 8}))
    move = Path.replace

    def stop(path: Path, target: Path) -> Path:
        if path.parent.name == "observations":
            raise KeyboardInterrupt
        return move(path, target)

    with monkeypatch.context() as patched:
        patched.setattr(Path, "replace", stop)
        with pytest.raises(KeyboardInterrupt):
            run(tmp_path, reason="Revised.")
    assert "Revised." in (data / "decisions.csv").read_text()
    run(tmp_path)
    assert mistakes_of(data) == []


def test_a_number_that_two_editions_would_give_away_is_refused(tmp_path):
    first = {("Rudeness", "20"): 7, ("Force", "20"): 8, ("Theft", "20"): 6}
    write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS)
    run(tmp_path)
    seal(tmp_path / "data", "1.0.0")
    _revise(tmp_path, _cells(first | {("Theft", "20"): 3}))
    (said,) = refused(tmp_path)
    assert "1 hidden number could be computed from the published totals and from what was released" in said
    assert said.endswith("; skip: their whole year, so that its figures end; or not this edition")


def test_cases_are_not_skipped_with_all_to_the_end(tmp_path):
    notes = 'Source: the city.,"as of, June",,,,\n'
    write_cases(tmp_path, _cases() + notes, skip={"32-*": "Notes."})  # the file has got longer since
    [said] = refused(tmp_path)
    assert said.partition(": ")[2] == (
        "rows of 32-* that are cases: 3, the first is row 32 of table; "
        "the rows that are none; or skip under aggregate, which leaves out the rows of a code or a year"
    )
    write_cases(tmp_path, _cases() + notes, skip={"35-*": "Notes."})
    assert run(tmp_path).new == 6


def test_no_case_is_left_out_by_the_number_of_its_row(tmp_path):
    """What another table of the file counts, less what this one counts, would be their number, which is hidden."""
    first, *others = _cases().splitlines(keepends=True)
    kind = first.split(",").index("kind")
    short = "," * kind + "Rudeness\n"  # no finding is known of it
    write_cases(tmp_path, first + short + "".join(others), skip={"2-4": "They are counted elsewhere."})
    [said] = refused(tmp_path)
    assert said.partition(": ")[2] == (
        "rows of 2-4 that are cases: 3, the first is row 2 of table; "
        "the rows that are none; or skip under aggregate, which leaves out the rows of a code or a year"
    )


def test_no_case_stands_above_the_headings(tmp_path):
    """A file of two parts, each with its headings: those of the second are not the headings of the table."""
    first, *others = _cases().splitlines(keepends=True)
    parts = ["Complaints 2020 to 2022,,,,,\n", first, *others[:3], first, *others[3:]]
    write_cases(tmp_path, "".join(parts), dialect={"skipRows": 5})
    [said] = refused(tmp_path)
    assert said.partition(": ")[2] == (
        "rows above the headings that are cases: 3, the first is row 3 of table; "
        "the first headings of the file, with each of their lines in headerRowCount; "
        "or skip under aggregate, which leaves out the rows of a code or a year, for what stands below them and is no case"
    )
    skip = [{"where": {"category": "kind"}, "reason": "The headings of the second part."}]
    write_cases(tmp_path, "".join(parts), dialect={"skipRows": 1}, aggregate={"skip": skip})
    assert (run(tmp_path).new, verified(tmp_path)) == (6, [])


@pytest.mark.parametrize("above", ["Case,Officer,,Complaint,,\n", "A,B,C,D,E,F\n"])
def test_a_line_of_the_headings_is_no_case_although_it_has_a_cell_in_each_column(tmp_path, above):
    write_cases(tmp_path, above + _cases(), dialect={"headerRowCount": 2})
    assert (run(tmp_path).new, verified(tmp_path)) == (6, [])


def test_no_case_is_a_line_of_the_headings(tmp_path):
    first, *others = _cases().splitlines(keepends=True)
    write_cases(tmp_path, "".join([*others[:3], first, *others[3:]]), dialect={"headerRowCount": 4})
    [said] = refused(tmp_path)
    assert "rows above the headings that are cases: 3, the first is row 1 of table; " in said


def test_the_threshold_is_decided_before_the_first_release(tmp_path):
    first = {("Rudeness", "20"): 7, ("Force", "20"): 8, ("Theft", "20"): 3}
    data = write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS, aggregate=OF_2020)
    run(tmp_path)
    seal(data, "1.0.0")  # Rudeness and Theft are hidden
    _revise(tmp_path, _cells(first | {("Rudeness", "20"): 1}))  # the total is 12 now: the two come to 4
    file = data / "tables" / f"{SLUG}.yaml"
    lower = file.read_text().replace("version: 1", "version: 2", 1).replace("below: 5", "below: 2")
    file.write_text(file.read_text() + "---\n" + lower)
    said = refused(tmp_path)
    assert (
        said[0].partition(": ")[2]
        == f"{OTHERWISE}; below as it was: what is hidden is decided before the first release"
    )
    assert "1 hidden number could be computed" not in said[0]
    lower = lower.replace("below: 2", "below: 9")
    file.write_text(file.read_text().partition("---\n")[0] + "---\n" + lower)
    assert said[0] in refused(tmp_path)


def test_what_somebody_typed_into_a_draft_of_a_count_is_asked_for(tmp_path):
    """A counted row prints nothing, and a table that counts otherwise has no row in its place."""
    data = write_cases(tmp_path)
    run(tmp_path)
    (data / "caveats.yaml").write_text("- {id: early, version: 1, text: The figures are early.}\n")
    written = data / "observations" / f"{SLUG}.csv"
    typed = next(row["id"] for row in rows(tmp_path) if row.get("period_end"))
    with written.open() as file:
        before = [*csv.DictReader(file)]
    with written.open("w") as file:
        writer = csv.DictWriter(file, [*before[0], *({"caveats"} - {*before[0]})], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "caveats": "early" if row["id"] == typed else ""} for row in before)
    table = data / "tables" / f"{SLUG}.yaml"
    table.write_text(table.read_text().replace("covers: 2020-01/2022-06", "covers: 2020-01/2022-05"))
    with pytest.raises(MisconductError, match=f"it would go: all of 1 draft: {typed}@1"):
        run(tmp_path)
    assert run(tmp_path, drop_drafts=True).dropped == 2


def test_a_total_because_of_which_a_number_cannot_be_hidden_is_named(tmp_path):
    theft = {"category": "sexual_misconduct", "year": "2020"}
    totals = [{"title": "All", "is": 33}, {"title": "Theft, 2020", "where": theft, "is": 3}]
    data = write_cases(tmp_path, totals=totals)
    (said,) = refused(tmp_path)
    line = (data / "tables" / f"{SLUG}.yaml").read_text().splitlines().index("  where:") + 1
    assert said.startswith(f"data/tables/{SLUG}.yaml:{line}:")
    assert "hidden number could be computed" in said


def test_columns_of_cases_are_found_by_their_titles_wherever_they_stand(tmp_path):
    order = [3, 0, 5, 4, 1, 2]
    moved = [[row[n] for n in order] for row in csv.reader(io.StringIO(_cases()))]
    write_cases(tmp_path, "\n".join(",".join(f'"{cell}"' for cell in row) for row in moved) + "\n")
    assert sorted(row.get("value", "") for row in _run_rows(tmp_path)) == ["", "", "0", "6", "8", "9"]


def _run_rows(folder: Path) -> list[dict[str, str]]:
    run(folder)
    return rows(folder)


def test_a_figure_that_became_small_ends_with_its_year_and_not_alone(tmp_path):
    """What is left out alone is what remains of a total; with all others of its year, nobody can tell which it is."""
    first = {(kind, year): 7 for kind in ("Rudeness", "Force", "Theft") for year in ("20", "21")}
    data = write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS)
    run(tmp_path)
    seal(data, "1.0.0")
    _revise(tmp_path, _cells(first | {("Theft", "20"): 3}))
    assert "1 hidden number could be computed" in refused(tmp_path)[0]
    file = data / "tables" / f"{SLUG}.yaml"
    before = file.read_text()

    def leave_out(where: dict[str, str]) -> None:
        table = yaml.safe_load(before)
        skip = [{"where": where, "reason": "The force revised its figures."}]
        table |= {"version": 2, "aggregate": {**table["aggregate"], "skip": skip}}
        table["totals"] = [{"title": "all of 2020", "where": {"year": "2020"}, "is": 17}]
        file.write_text(before + "---\n" + yaml.safe_dump(table, sort_keys=False))

    leave_out({"category": "Theft"})
    said = [line.partition(": ")[2] for line in refused(tmp_path)]
    assert f"{OTHERWISE}; skip as it was, but for more of a year" in said
    leave_out({"year": "2020", "category": "Theft"})
    assert "1 hidden number could be computed" in refused(tmp_path)[0]
    leave_out({"year": "2020", "category": ["Theft", "Force"]})  # 17 less the 7 of before, and the 7 that are shown
    assert "1 hidden number could be computed" in refused(tmp_path)[0]
    leave_out({"year": "2020"})
    done = run(tmp_path, end="The force revised its figures.")
    assert (done.same, len(done.gone), dict(done.gone_of)) == (6, 3, {"2020": 3})  # no 0, which is stated
    assert any(line.endswith("all of 2020: 17, as published") for line in done.describe())  # also what is left out
    assert verified(tmp_path) == []
    seal(data, "2.0.0")
    assert run(tmp_path).files == {}
    assert verified(tmp_path) == []


def test_a_part_of_a_year_ends_when_the_file_covers_more_of_it(tmp_path):
    data = write_cases(tmp_path)
    run(tmp_path)
    seal(data, "1.0.0")
    file = data / "tables" / f"{SLUG}.yaml"
    longer = file.read_text().replace("version: 1", "version: 2", 1).replace("/2022-06", "/2022-09")
    file.write_text(file.read_text() + "---\n" + longer)
    preview = run(tmp_path, write=False)
    assert (preview.new, preview.unended, dict(preview.gone_of)) == (2, 2, {"2022-01–2022-06": 2})
    command = ["import", SLUG, "--documents", str(tmp_path / "documents"), "--register", str(data)]
    assert "Figures that are gone stay in force" in CliRunner().invoke(app, command).output
    run(tmp_path, end="The file covers more of 2022.")
    assert verified(tmp_path) == []
    seal(data, "2.0.0")
    assert verified(tmp_path) == []


def test_a_table_that_hid_numbers_counts_by_the_same_columns(tmp_path):
    write_cases(tmp_path)
    run(tmp_path)
    seal(tmp_path / "data", "1.0.0")
    file = tmp_path / "data" / "tables" / f"{SLUG}.yaml"
    other = file.read_text().replace("version: 1", "version: 2", 1).replace("  by:", "  count: {distinct: case}\n  by:")
    file.write_text(file.read_text() + "---\n" + other)
    [said] = refused(tmp_path)
    assert said.partition(": ")[2] == f"{OTHERWISE}; {AS_BEFORE}"


def test_a_column_has_one_of_the_titles_that_it_had(tmp_path):
    data = write_cases(tmp_path)
    run(tmp_path)
    seal(data, "1.0.0")
    _revise(tmp_path, _cases().replace(",kind,", ",sort,"))
    file = data / "tables" / f"{SLUG}.yaml"
    first = file.read_text()
    later = first.replace("version: 1", "version: 2")
    file.write_text(first + "---\n" + later.replace("titles: kind", "titles: sort"))
    [said] = refused(tmp_path)
    assert said.partition(": ")[2] == f"{OTHERWISE}; {AS_BEFORE}"
    file.write_text(first + "---\n" + later.replace("titles: kind", "titles: [kind, sort]"))
    assert (run(tmp_path).same, verified(tmp_path)) == (6, [])


OF_2020 = {"covers": "2020-01/2020-12", "zeros": None}
OTHERWISE = f"{SLUG}@1 counted otherwise in a release, and small numbers are to be hidden: both give some away"
AS_BEFORE = "by, count, the start of the year, one of the titles of each column, and of the same bytes dialect and skip, as they were"


def _terms(**codes: str) -> str:
    """A mapping: the code of each word, or `own` for one of the table's own."""
    lines = [
        f"{word}\tskos:broadMatch\tany_misconduct\t\n" if code == "own" else f"{word}\tskos:exactMatch\t{code}\t\n"
        for word, code in codes.items()
    ]
    return "".join([BROAD.partition("Rudeness")[0], *lines])


@pytest.mark.parametrize(
    ("first", "then", "said"),
    [
        pytest.param(  # 200 was shown
            _terms(Rudeness="own", Theft="own", Force="own"),
            _terms(Rudeness="own", Theft="sexual_misconduct", Force="sexual_misconduct"),
            "a release counted 'Force' as fen_force, with other words than sexual_misconduct has",
            id="coarser: 203 would say that 3 was hidden",
        ),
        pytest.param(
            _terms(Rudeness="own", Theft="sexual_misconduct", Force="sexual_misconduct"),
            _terms(Rudeness="own", Theft="own", Force="own"),
            "a release counted 'Force' as sexual_misconduct, with other words than fen_force has",
            id="finer: 203 was shown and 200 would be, so that 3 is known",
        ),
    ],
)
def test_words_that_a_release_counted_together_stay_together_and_others_apart(tmp_path, first, then, said):
    data = write_cases(
        tmp_path, _cells({("Rudeness", "20"): 9, ("Theft", "20"): 3, ("Force", "20"): 200}), first, aggregate=OF_2020
    )
    run(tmp_path)
    seal(data, "1.0.0")
    (data / "mappings" / f"{MAPPING}.2.sssom.tsv").write_text(then)
    allowed = "words that were counted together stay together, and others apart: else both give numbers away"
    assert f"data/mappings/{MAPPING}.2.sssom.tsv:4:23: {said}; {allowed}" in refused(tmp_path)


@pytest.mark.parametrize("declared", [True, False])
def test_a_later_edition_has_no_totals_by_what_a_release_that_hid_numbers_had_none(tmp_path, declared):
    """The total of 2021 (19 + 4 + 4), with what the first edition says, leaves one value for each number that it hid."""
    numbers = dict(
        zip(product(("20", "21", "22"), ("Rudeness", "Theft", "Force")), (16, 3, 5, 19, 4, 4, 4, 1, 1), strict=True)
    )
    counted = {**SINCE_2020, "covers": "2020-01/2022-12", "suppress": {"below": 3, "totals": ["category"]}}
    numbers = {(kind, year): number for (year, kind), number in numbers.items()}
    data = write_cases(tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate=counted)
    run(tmp_path)
    seal(data, "1.0.0")
    assert any(not row.get("value") for row in rows(tmp_path))
    file = data / "tables" / f"{SLUG}.yaml"
    before = file.read_text()
    [later] = yaml.safe_load_all(before)
    later |= {"version": 2}
    if declared:
        later["aggregate"]["suppress"]["totals"] = ["category", "year"]
    else:
        later["totals"] = [{"title": "All of 2021", "is": 27, "where": {"year": "2021"}}]
    file.write_text(f"{before}---\n{yaml.safe_dump(later, sort_keys=False)}")
    said = [line.partition(": ")[2] for line in refused(tmp_path, reason="The next edition.")]
    assert f"{OTHERWISE}; totals as it was: what is hidden is decided before the first release" in said


def _without_year(columns: list[dict[str, Any]]) -> list[dict[str, Any]]:
    not_read = {"titles": "case_no", "suppressOutput": True, "dc:description": "Not read."}
    return [not_read if column.get("name") == "case" else column for column in columns]


@pytest.mark.parametrize("what", ["by year", "longer", "longer, and nothing is to be hidden"])
def test_a_table_without_a_year_that_was_released_goes_on_over_the_same_days(tmp_path, what):
    """What a release showed of 2020 is known, so that 1 case of theft in 2021 is the difference of the two."""
    numbers = {("Rudeness", "20"): 16, ("Theft", "20"): 8, ("Force", "20"): 9}
    below = 1 if what.endswith("hidden") else 3
    counted = {"by": ["category"], "covers": "2020-01/2020-12", "suppress": {"below": below, "totals": ["category"]}}
    data = write_cases(
        tmp_path,
        _cells(numbers),
        KINDS_OF_EDITIONS,
        aggregate={**counted, "year": None},
        columns=_without_year(COLUMNS),
    )
    run(tmp_path)
    seal(data, "1.0.0")
    _revise(tmp_path, _cells(numbers | {("Rudeness", "21"): 19, ("Theft", "21"): 1, ("Force", "21"): 7}))
    file = data / "tables" / f"{SLUG}.yaml"
    before = file.read_text()
    [later] = yaml.safe_load_all(before)
    later["version"] = 2
    later["aggregate"] |= {"covers": "2020-01/2021-12"}
    if what == "by year":
        later["aggregate"] |= {"year": AGGREGATE["year"]}
        later["tableSchema"]["columns"] = [COLUMNS[0], *later["tableSchema"]["columns"][1:]]
    file.write_text(f"{before}---\n{yaml.safe_dump(later, sort_keys=False)}")
    ways = {"reason": "The next edition.", "end": "By year now."}
    if below == 1:
        run(tmp_path, **ways)
        assert verified(tmp_path) == []
    else:
        said = [line.partition(": ")[2] for line in refused(tmp_path, **ways)]
        why = AS_BEFORE if what == "by year" else "covers as it was: what is hidden is decided before the first release"
        assert f"{OTHERWISE}; {why}" in said


OF_2020_AND_21 = {("Rudeness", "20"): 40, ("Theft", "20"): 30, ("Force", "20"): 20} | {
    ("Rudeness", "21"): 25,
    ("Theft", "21"): 22,
    ("Force", "21"): 18,
}
SKIPPED = {"where": {"year": "2021"}, "reason": "The force counted 2021 in another way."}
SINCE_2020 = {"by": ["category"], "year": {"of": "case", "century": 2000}, "suppress": {"below": 5}}


def _add_version(tmp_path, numbers, *, is_draft=False, **changes):
    """Revise the file, and add a version of the table with these changes of how it counts; or change that draft."""
    if numbers:
        _revise(tmp_path, _cells(numbers))
    file = tmp_path / "data" / "tables" / f"{SLUG}.yaml"
    before = file.read_text()
    *_, last = yaml.safe_load_all(before)
    last |= {"version": last["version"] + (not is_draft), "aggregate": {**last["aggregate"], **changes}}
    before = before.rpartition("---\n")[0] + "---\n" if is_draft else f"{before}---\n"
    file.write_text(f"{before}{yaml.safe_dump(last, sort_keys=False)}")


NEXT_YEAR = {("Rudeness", "22"): 9, ("Theft", "22"): 1, ("Force", "22"): 12}


@pytest.mark.parametrize("when", ["at once", "with the edition in which the year came", "later"])
def test_what_is_left_out_hides_no_number_of_a_further_year(tmp_path, when):
    """The totals of both editions tell how many cases 2022 has: 177 − 155 − 9 − 12 would be its theft."""
    of_2020 = {key: number for key, number in OF_2020_AND_21.items() if key[1] == "20"}
    first, covers = (of_2020, "2020-01/2020-12") if when.startswith("with") else (OF_2020_AND_21, "2020-01/2021-12")
    skip = [SKIPPED] if when == "at once" else []
    data = write_cases(
        tmp_path, _cells(first), KINDS_OF_EDITIONS, aggregate={**SINCE_2020, "covers": covers, "skip": skip}
    )
    run(tmp_path)
    seal(data, "1.0.0")
    revised = OF_2020_AND_21 if when != "later" else OF_2020_AND_21 | {("Theft", "21"): 23}
    if when != "at once":
        _add_version(tmp_path, revised, covers="2020-01/2021-12", skip=[SKIPPED])
        run(tmp_path, reason="Revised.", end="The force revised 2021.")
        seal(data, "2.0.0", "2024-06-01")
    _add_version(tmp_path, revised | NEXT_YEAR, covers="2020-01/2022-12")
    run(tmp_path)
    assert [row["period_start"] for row in rows(tmp_path) if not row.get("value")] == ["2022-01", "2022-01"]
    assert verified(tmp_path) == []
    _add_version(tmp_path, None, skip=[], is_draft=True)
    said = [line.partition(": ")[2].replace("@2", "@1").replace("@3", "@1") for line in refused(tmp_path)]
    assert f"{OTHERWISE}; skip as it was, but for more of a year" in said


def test_what_a_release_hid_stays_hidden_under_another_code(tmp_path):
    first = {("Rudeness", "20"): 7, ("Force", "20"): 8, ("Theft", "20"): 3}
    data = write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS, aggregate=OF_2020)
    run(tmp_path)
    seal(data, "1.0.0")  # Rudeness and Theft are hidden
    file = data / "mappings" / f"{MAPPING}.2.sssom.tsv"
    file.write_text(_terms(Rudeness="sexual_misconduct", Force="own", Theft="own"))
    _revise(tmp_path, _cells(first | {("Force", "20"): 6}))  # hiding Force would show Rudeness: 18 - 8 - 7 = 3
    run(tmp_path, reason="Revised.", end="It is counted under another code.")
    assert [(row["category"], row["version"], row.get("value")) for row in rows(tmp_path)] == [
        ("fen_force", "1", "8"),
        ("fen_force", "2", "6"),
        ("fen_theft", "1", None),
        ("sexual_misconduct", "1", None),
        ("fen_rudeness", "1", None),
    ]
    assert verified(tmp_path) == []
    seal(data, "2.0.0")
    assert (run(tmp_path).files, verified(tmp_path)) == ({}, [])


def test_a_word_of_which_a_release_hid_numbers_keeps_its_line(tmp_path):
    """Without one it cannot occur: its hidden number would be 0, and what is left of the total that of its partner."""
    first = {("Rudeness", "20"): 7, ("Force", "20"): 8, ("Theft", "20"): 3}
    data = write_cases(tmp_path, _cells(first), KINDS_OF_EDITIONS, aggregate=OF_2020)
    run(tmp_path)
    seal(data, "1.0.0")  # Rudeness and Theft are hidden
    file = data / "mappings" / f"{MAPPING}.2.sssom.tsv"
    file.write_text(_terms(Rudeness="own", Thefts="own", Force="own"))
    _revise(tmp_path, _cells({("Rudeness", "20"): 7, ("Force", "20"): 8, ("Thefts", "20"): 9}))
    said, *_ = refused(tmp_path)
    assert said == (
        f"data/mappings/{MAPPING}.2.sssom.tsv:1:1: a release hid numbers of 'Theft', which has no line now, so that they "
        "would be known to be 0; its line as it was; and for a word in its place a line besides, with the code fen_theft"
    )
    file.write_text(_terms(Rudeness="own", Theft="own", Thefts="fen_theft", Force="own"))
    run(tmp_path)
    assert [(row["category"], row["version"], row.get("value")) for row in rows(tmp_path)] == [
        ("fen_force", "1", "8"),
        ("fen_rudeness", "1", None),
        ("fen_theft", "1", None),  # 9 by now
    ]
    assert verified(tmp_path) == []


def test_verify_finds_a_number_that_is_not_the_count(tmp_path):
    write_cases(tmp_path)
    run(tmp_path)
    file = tmp_path / "data" / "observations" / f"{SLUG}.csv"
    text = file.read_text()
    file.write_text(text.replace(",8,,count", ",7,,count"))
    (said,) = verified(tmp_path)
    assert "value is 7, and the count of the table makes it 8" in said


def test_the_next_version_of_a_table_that_counts_the_same_changes_no_figure(tmp_path):
    write_cases(tmp_path)
    run(tmp_path)
    seal(tmp_path / "data", "1.0.0")
    file = tmp_path / "data" / "tables" / f"{SLUG}.yaml"
    file.write_text(file.read_text() + "---\n" + file.read_text().replace("version: 1", "version: 2", 1))
    done = run(tmp_path)
    assert (done.same, done.new, done.revised, done.files) == (6, 0, 0, {})
    assert verified(tmp_path) == []


def test_published_totals_come_out_or_are_explained(tmp_path):
    totals = [
        {"title": "All cases", "is": 33},
        {"title": "2020", "where": {"year": "2020"}, "is": 10},
        {"title": "Rudeness", "where": {"category": "fen_rudeness"}, "is": 25, "explain": "One case came later."},
    ]
    totals[2]["comes_to"] = "24 of 25"
    write_cases(tmp_path, totals=totals)
    done = run(tmp_path)
    assert [(one.computed, one.published) for one in done.tables[SLUG].totals] == [(33, 33), (10, 10), (24, 25)]
    totals[0]["is"] = 34
    write_cases(tmp_path, totals=totals)
    (said,) = refused(tmp_path)
    assert "All cases: the cells come to 33, and 34 is published" in said


@pytest.mark.parametrize("where", [{"category": "fen_rudenes"}, {"year": "2033"}])
def test_a_total_of_cases_is_of_codes_and_years_that_they_have(tmp_path, where):
    write_cases(tmp_path, totals=[{"title": "None", "where": where, "is": 0}])
    [said] = refused(tmp_path)
    [(name, code)] = where.items()
    assert f"no figure of the table has {name}: {code}; what its figures have" in said


def test_cases_are_left_out_with_their_reason(tmp_path):
    skip = [{"where": {"category": "Theft"}, "reason": "Theft is another table."}]
    write_cases(tmp_path, aggregate={"skip": skip, "suppress": {"below": 5}})
    done = run(tmp_path)
    assert [row["value"] for row in rows(tmp_path)] == ["7", "8", "9"]
    assert "  left out        9 rows: Theft is another table." in list(done.describe())
    assert [*done.tables[SLUG].codes] == [("category", "fen_rudeness")]


@pytest.mark.parametrize(
    ("terms", "rudeness"),
    [
        pytest.param(_terms(Rudeness="own", Force="own"), "fen_rudeness", id="no line for Theft"),
        pytest.param(
            _terms(Rudeness="sexual_misconduct", Theft="sexual_misconduct", Force="own"),
            "sexual_misconduct",
            id="Theft is a part of what is counted",
        ),
    ],
)
def test_what_is_left_out_is_protected_whatever_the_mapping_makes_of_it(tmp_path, terms, rudeness):
    cells = _cells({("Rudeness", "20"): 9, ("Theft", "20"): 3, ("Force", "20"): 200})
    skip = [{"where": {"category": "Theft"}, "reason": "Theft is another table."}]
    total = {"title": "all", "where": {"year": "2020"}, "is": 212}  # 209 of 212 in public would say that there are 3
    write_cases(tmp_path, cells, terms, aggregate={**OF_2020, "skip": skip}, totals=[total])
    done = run(tmp_path)
    assert {row["category"]: row.get("value") for row in rows(tmp_path)} == {rudeness: None, "fen_force": "200"}
    assert "  total           all: 212, as published" in list(done.describe())
    assert not [line for line in done.describe() if line.startswith("  known")]


def test_what_is_left_out_without_a_line_and_is_known_anyway_is_told_and_not_refused(tmp_path):
    cells = _cells({("Rudeness", "20"): 9, ("#VALUE!", "20"): 1, ("Force", "20"): 12})
    skip = [{"where": {"category": "#VALUE!"}, "reason": "A spreadsheet failed."}]
    totals = {"suppress": {"below": 5, "totals": [["year", "category"]]}}
    write_cases(tmp_path, cells, _terms(Rudeness="own", Force="own"), aggregate={**OF_2020, **totals, "skip": skip})
    told = list(run(tmp_path).describe())
    assert "  known           1 small number that a word without a line has, from the totals" in told
    assert {row["category"]: row.get("value") for row in rows(tmp_path)} == {"fen_rudeness": "9", "fen_force": "12"}


def _is_counted_by(slug: str) -> str:
    found = f"{slug} counts the same file, and small numbers are to be hidden: both together give some away"
    return f"{found}; one table by the columns of both; or, of all that count the file, below: 1"


@pytest.mark.parametrize("below", [1, 5])
def test_a_file_with_a_threshold_is_counted_by_one_table(tmp_path, below):
    data = write_cases(tmp_path)
    file = data / "tables" / f"{SLUG}.yaml"
    file.write_text(file.read_text().replace("below: 5", f"below: {below}"))
    other = file.read_text().replace(f"id: {SLUG}", "id: again").replace("default: accused", "default: cleared")
    (data / "tables" / "again.yaml").write_text(other)
    if below == 1:
        run(tmp_path)
        assert verified(tmp_path) == []
    else:
        assert [line.partition(": ")[2] for line in refused(tmp_path)] == [
            _is_counted_by(SLUG),
            _is_counted_by("again"),
        ]
        (data / "tables" / "again.yaml").write_text(other.replace("below: 5", "below: 1"))
        assert [line.partition(": ")[2] for line in refused(tmp_path)] == [
            _is_counted_by(SLUG),
            _is_counted_by("again"),
        ]


def test_verify_finds_two_tables_that_a_merge_brings_together(tmp_path):
    data = write_cases(tmp_path)
    run(tmp_path)
    ours, (of_figures,) = contents(data), (data / "observations").iterdir()
    file = data / "tables" / f"{SLUG}.yaml"
    file.rename(data / "tables" / "again.yaml")
    other = ours[f"tables/{SLUG}.yaml"].decode().replace(f"id: {SLUG}", "id: again")
    (data / "tables" / "again.yaml").write_text(other.replace("default: accused", "default: cleared"))
    of_figures.unlink()
    import_table(
        data, "again", tmp_path / "documents", write=True
    )  # the other editor's import, which does not know of ours
    file.write_bytes(ours[f"tables/{SLUG}.yaml"])
    head, *lines = ours[f"observations/{of_figures.name}"].decode().splitlines(keepends=True)
    of_figures.write_text(of_figures.read_text() + "".join(lines))
    assert of_figures.read_text().startswith(head)
    assert len([one for one in verified(tmp_path) if "counts the same file" in one]) == 2


GROUP = {
    "Rudeness": "Conduct",
    "Drink": "Conduct",
    "Theft": "Dishonesty",
    "Fraud": "Dishonesty",
    "Force": "Violence",
}
KINDS_IN_GROUPS = _terms(**dict.fromkeys(GROUP, "own"))


def _write_kinds_and_groups(
    folder: Path, numbers: dict[str, int], *, first: str = "kind", stray: str = "", **more: Any
) -> Path:
    """Write cases of 2020 that have a kind, and the group of the kind, and the layout that counts them by kind."""
    kinds = [kind for kind, number in numbers.items() for _ in range(number)]
    table = "".join(
        ["case_no,group,kind\n", *(f"20-{n:04},{GROUP[one]},{one}\n" for n, one in enumerate(kinds)), stray]
    )
    other = {"kind": "group", "group": "kind"}[first]
    columns = [COLUMNS[0], {"name": "category", "titles": first}, {**COLUMNS[3], "titles": other}]
    keys = [{"columnReference": "category", "reference": {"resource": f"{first}s.sssom.tsv"}}]
    data = write_cases(folder, table, columns=columns, keys=keys, aggregate={**OF_2020, **more})
    (data / "mappings" / "kinds.sssom.tsv").write_text(KINDS_IN_GROUPS)
    (data / "mappings" / "groups.sssom.tsv").write_text(_terms(Conduct="own", Dishonesty="own", Violence="own"))
    return data


def _of_the_other(table: dict[str, Any], slug: str = SLUG) -> dict[str, Any]:
    """The layout by the other of the two columns."""
    swap = {
        "kind": "group",
        "group": "kind",
        "kinds.sssom.tsv": "groups.sssom.tsv",
        "groups.sssom.tsv": "kinds.sssom.tsv",
    }
    schema = table["tableSchema"]
    columns = [one | {"titles": swap.get(one.get("titles", ""), one.get("titles"))} for one in schema["columns"]]
    columns = [{key: value for key, value in one.items() if value is not None} for one in columns]
    [key] = schema["foreignKeys"]
    key = {**key, "reference": {"resource": swap[key["reference"]["resource"]]}}
    return {**table, "id": slug, "tableSchema": {"columns": columns, "foreignKeys": [key]}}


IN_GROUPS = {"Rudeness": 9, "Theft": 3, "Force": 6, "Fraud": 14, "Drink": 12}


@pytest.mark.parametrize("is_later", [False, True])
def test_a_table_by_groups_does_not_give_away_what_a_table_by_kinds_hides(tmp_path, is_later):
    """Conduct is 21, Dishonesty 17 and Violence 6; of 44 cases 3 are of theft, and Force alone would be hidden besides."""
    data = _write_kinds_and_groups(tmp_path, IN_GROUPS, first="group" if is_later else "kind")
    file = data / "tables" / f"{SLUG}.yaml"
    other = _of_the_other(yaml.safe_load(file.read_text()))
    if is_later:  # the next version counts by kind, under the same name
        run(tmp_path)
        seal(data, "1.0.0")
        file.write_text(f"{file.read_text()}\n---\n{yaml.safe_dump({**other, 'version': 2}, sort_keys=False)}")
        [said] = refused(tmp_path, end="It is counted by kind.")
        assert said.partition(": ")[2] == f"{OTHERWISE}; {AS_BEFORE}"
    else:
        (data / "tables" / "by-group.yaml").write_text(yaml.safe_dump({**other, "id": "by-group"}, sort_keys=False))
        assert [line.partition(": ")[2] for line in refused(tmp_path)] == [
            _is_counted_by(SLUG),
            _is_counted_by("by-group"),
        ]


def _by(*names: str, totals: Sequence[str] = (), **more: Any) -> str:
    """The layout that counts cases of 2020 by kind, by finding or by both, as YAML."""
    codes = {"category": "any_misconduct"} | NOT_STATED
    columns = [
        COLUMNS[0],
        *(
            {"name": name, "titles": title}
            if name in names
            else {"titles": title, "suppressOutput": True, "dc:description": "Not counted by."}
            for name, title in (("category", "kind"), ("measure", "finding"))
        ),
    ]
    suppress = {"below": 5, "totals": [["year", *totals]] if totals else []}
    written = layout(
        columns=columns,
        virtual={name: code for name, code in codes.items() if name not in names},
        keys=[{"columnReference": name, "reference": {"resource": f"{name}.sssom.tsv"}} for name in names],
        aggregate={**AGGREGATE, **OF_2020, "by": [*names], "suppress": suppress},
        **more,
    )
    return yaml.safe_dump(written, sort_keys=False)


def _write_two_tables(folder: Path, numbers: dict[tuple[str, str], int]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Write cases of kinds and findings in 2020; return the layouts that count them by kind, and by finding."""
    lines = [f"20-{n:04},{kind},{finding}" for (kind, finding), many in numbers.items() for n in range(many)]
    data = write_cases(folder, "\n".join(["case_no,kind,finding", *lines]) + "\n")
    (data / "mappings" / "category.sssom.tsv").write_text(_terms(Other="own", Rudeness="own", Theft="own"))
    (data / "mappings" / "measure.sssom.tsv").write_text(_terms(Upheld="accused", Cleared="cleared", Other="cleared"))
    by_kind, by_finding = yaml.safe_load(_by("category")), yaml.safe_load(_by("measure", id="two", prefix="two"))
    by_kind["aggregate"]["suppress"]["totals"] = by_finding["aggregate"]["suppress"]["totals"] = ["year"]
    return by_kind, by_finding


@pytest.mark.parametrize("is_gone", [True, False])
def test_what_a_release_counted_by_other_columns_is_known(tmp_path, is_gone):
    """Rudeness is 11 in a release: with 9 that are cleared, 2 that are upheld would be known."""
    numbers = {("Rudeness", "Upheld"): 2, ("Rudeness", "Cleared"): 9, ("Theft", "Upheld"): 14, ("Theft", "Cleared"): 20}
    _write_two_tables(tmp_path, numbers)
    data = tmp_path / "data"
    file = data / "tables" / f"{SLUG}.yaml"
    file.write_text(_by("category"))
    run(tmp_path)
    seal(data, "1.0.0")
    assert [row["value"] for row in rows(tmp_path)] == ["11", "34"]
    if is_gone:
        seal(data, "1.1.0", ended=[*(f"{row['id']}=No longer." for row in rows(tmp_path)), f"table/{SLUG}=No longer."])
    both = _by("category", "measure", id="both" if is_gone else SLUG, version=1 if is_gone else 2)
    place = data / "tables" / ("both.yaml" if is_gone else f"{SLUG}.yaml")
    place.write_text(both if is_gone else f"{file.read_text()}---\n{both}")
    with pytest.raises(RegisterRefused) as told:
        import_table(data, place.stem, tmp_path / "documents", write=True, reason="More.", end="By finding, too.")
    assert [str(one).partition(": ")[2] for one in told.value.mistakes] == [f"{OTHERWISE}; {AS_BEFORE}"]


@pytest.mark.parametrize("where", ["kept", "gone", "more", "years"])
def test_what_a_release_left_out_is_left_out_by_every_later_edition(tmp_path, where):
    """2020 is over: its theft, which was left out of 1.0.0, is the difference of two totals."""
    skip = [{"where": {"category": "Theft"}, "reason": "Theft is another table."}]
    numbers = OF_2020_AND_21 | {("Theft", "20"): 3}
    data = write_cases(
        tmp_path,
        _cells(numbers),
        KINDS_OF_EDITIONS,
        aggregate={**SINCE_2020, "covers": "2020-01/2021-12", "skip": skip},
    )
    run(tmp_path)
    seal(data, "1.0.0")
    further = {
        "kept": skip,
        "gone": [],
        "more": [*skip, {**skip[0], "where": {"category": "Force"}}],
        "years": [*skip, SKIPPED],
    }
    _add_version(tmp_path, numbers | NEXT_YEAR | {("Force", "22"): 4}, covers="2020-01/2022-12", skip=further[where])
    if where in ("gone", "more"):
        said = [line.partition(": ")[2] for line in refused(tmp_path, end="It is left out.")]
        assert f"{OTHERWISE}; skip as it was, but for more of a year" in said
    else:
        run(tmp_path, end="It is left out.")
        assert verified(tmp_path) == []


def test_a_skip_by_year_names_years_and_not_what_the_program_calls_a_date_that_has_none(tmp_path):
    """What is outside of what a table covers is another thing for each: two would leave out other rows."""
    skip = [{"where": {"year": "outside_covers"}, "reason": "Not covered."}]
    write_cases(tmp_path, aggregate={"covers": "2021-01/2022-06", "skip": skip})
    assert "no row is skipped by this" in refused(tmp_path)[0]


@pytest.mark.parametrize("release", [False, True])
def test_tables_that_count_one_file_are_of_one_source(tmp_path, release):
    """An import counts all tables of one source: what that of another hides would not be counted anew."""
    data = _write_kinds_and_groups(tmp_path, IN_GROUPS)
    run(tmp_path)
    if release:
        seal(data, "1.0.0")
    text = (data / "sources" / f"{SLUG}.yaml").read_text()
    (data / "sources" / "copied.yaml").write_text(text.replace(SLUG, "copied"))
    other = _of_the_other(yaml.safe_load((data / "tables" / f"{SLUG}.yaml").read_text()), "by-group")
    file = data / "tables" / "by-group.yaml"
    file.write_text(yaml.safe_dump({**other, "source": "copied"}, sort_keys=False))
    said = [line.partition(": ")[2] for line in _import(tmp_path, "by-group")]
    assert said[0] == (
        f"the table {SLUG} counts the same file under the source {SLUG}; "
        "one source for both: what each hides depends on the other"
    )
    assert _is_counted_by(SLUG) in said
    assert "the table by-group counts the same file under the source copied" in refused(tmp_path)[0]


@pytest.mark.parametrize("source", [SLUG, "copied"])
def test_a_table_that_copies_cells_of_a_file_that_is_counted_is_refused(tmp_path, source):
    data = write_cases(tmp_path)
    text = (data / "sources" / f"{SLUG}.yaml").read_text()
    (data / "sources" / "copied.yaml").write_text(text.replace(SLUG, "copied"))
    columns = [{"name": "value", "titles": "badge"}, {"name": "period", "titles": "case_no"}]
    plain = layout(id="again", source=source, columns=columns, keys=[])
    (data / "tables" / "again.yaml").write_text(yaml.safe_dump(plain, sort_keys=False))
    with pytest.raises(RegisterRefused) as told:
        import_table(data, "again", tmp_path / "documents")
    assert "another table counts the rows of this file" in str(told.value.mistakes)


PRINTED = "Year,Kind,Cases\n2020,Rudeness,7\n2020,Theft,3\n2021,Rudeness,8\n"


def _add_printed(data: Path, **more: Any) -> Path:
    """Add another source, which prints a table of the same figures; return the file of its layout."""
    text = (data / "sources" / f"{SLUG}.yaml").read_text()
    keys = {"sha256": hashlib.sha256(PRINTED.encode()).hexdigest(), "length": len(PRINTED)}
    source = {**yaml.safe_load(text), "id": "printed", **keys}
    (data / "sources" / "printed.yaml").write_text(json.dumps(source, default=str))
    (data.parent / "documents" / "printed.csv").write_text(PRINTED)
    file = data / "tables" / "yearly.yaml"
    table = layout(id="yearly", source="printed", columns=tables.COLUMNS[:3], **more)
    file.write_text(yaml.safe_dump(table, sort_keys=False))
    return file


def _import(folder: Path, slug: str) -> list[str]:
    try:
        import_table(folder / "data", slug, folder / "documents", write=True)
    except RegisterRefused as error:
        return [str(mistake) for mistake in error.mistakes]
    return []


@pytest.mark.parametrize("release", [False, True])
@pytest.mark.parametrize("order", [(SLUG, "yearly"), ("yearly", SLUG)])
def test_a_table_that_shows_what_another_hides_is_refused_until_one_of_them_says_why(tmp_path, order, release):
    data = write_cases(tmp_path)
    file = _add_printed(data)
    assert _import(tmp_path, order[0]) == []
    if release:
        seal(data, "1.0.0")
    (said,) = _import(tmp_path, order[1])
    where, _, what = said.partition(": ")
    assert what == (
        "the source printed shows 2 numbers that the table fenmoor hides, and others may follow from them; "
        "both hidden, or neither; or, in one of the tables, shown_and_hidden: a sentence that says why"
    )
    # of two drafts the mistake is where the numbers are shown; else where the draft is
    assert where.startswith("data/tables/fenmoor.yaml" if release and order[1] == SLUG else "data/tables/yearly.yaml")
    table = {SLUG: data / "tables" / f"{SLUG}.yaml", "yearly": file}[order[1]]
    text = table.read_text()
    before = f"{text}---\n" if release else ""
    says = text.replace("version: 1", "version: 2" if release else "version: 1", 1)
    table.write_text(f"{before}{says}shown_and_hidden: The city printed these numbers itself.\n")
    assert _import(tmp_path, order[1]) == []
    assert mistakes_of(data) == []


@pytest.mark.parametrize(("printed", "qualifier", "value"), [("2", "exact", "2"), ("between 1 and 2", "between", "")])
def test_what_bounds_a_hidden_number_shows_it(tmp_path, printed, qualifier, value):
    data = write_cases(tmp_path)
    assert _import(tmp_path, SLUG) == []
    with (data / "observations" / f"{SLUG}.csv").open() as counted:
        hidden = next(row for row in csv.DictReader(counted) if not row["value"])
    row = hidden | {"id": "bbbbb", "derivation": "", "stated_by": "force", "caveats": "", "origin": "news"}
    row |= {"printed": printed, "at": f"char=0,{len(printed)}", "value": value}
    row |= {"qualifier": qualifier, "value_absent": "" if value else "range_only", "obs_status": "A"}
    (data / "sources" / "news.yaml").write_text(source_text("news"))
    lines = io.StringIO()
    file = csv.DictWriter(lines, row, lineterminator="\n")
    file.writeheader()
    file.writerow(row)
    (data / "observations" / "news.csv").write_text(lines.getvalue())
    for name, code in {"qualifier": qualifier, "value_absent": row["value_absent"], "stated_by": "force"}.items():
        listed = data / "codelists" / f"{name}.csv"
        if code and f"\n{code}," not in listed.read_text():
            listed.write_text(f"{listed.read_text()}{code},1,A label,A definition.,,The tests\n")
    (said,) = map(str, mistakes_of(data))
    assert "the source news shows 1 number that the table fenmoor hides" in said


@pytest.mark.parametrize("what", ["figures", "figures and table", "figures, and the table counts another source"])
def test_what_a_release_hid_stays_hidden_when_it_has_ended(tmp_path, what):
    data = write_cases(tmp_path)
    assert _import(tmp_path, SLUG) == []
    seal(data, "1.0.0")
    ended = [f"{row['id']}=The next file has it." for row in rows(tmp_path)]
    table = data / "tables" / f"{SLUG}.yaml"
    seal(data, "1.1.0", ended=[*ended, *([f"table/{SLUG}=No longer."] if what == "figures and table" else [])])
    if what.endswith("source"):
        _add_printed(data).unlink()
        plain = layout(id=SLUG, source="printed", columns=tables.COLUMNS[:3], version=2)
        table.write_text(f"{table.read_text()}---\n{yaml.safe_dump(plain, sort_keys=False)}")
    else:
        _add_printed(data)
    (said,) = _import(tmp_path, SLUG if what.endswith("source") else "yearly")
    assert "the source printed shows 2 numbers that the table fenmoor hides, and others may follow from them" in said
    assert said.startswith("data/tables/yearly.yaml" if "source" not in what else "data/tables/fenmoor.yaml")


def test_what_a_release_showed_is_known_when_it_has_ended(tmp_path):
    data = write_cases(tmp_path)
    _add_printed(data)
    assert _import(tmp_path, "yearly") == []
    seal(data, "1.0.0")
    ids = [row["id"] for row in csv.DictReader((data / "observations" / "printed.csv").read_text().splitlines())]
    seal(data, "1.1.0", ended=[f"{one}=Withdrawn." for one in ids])
    (said,) = _import(tmp_path, SLUG)
    assert said.startswith("data/tables/fenmoor.yaml")
    assert "the source printed shows 2 numbers that the table fenmoor hides" in said


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ("pertial: {}\n", "there is no key 'pertial'"),
        ('shown_and_hidden: ""\n', "shown_and_hidden"),
        ("prefix: 7\n", "a text"),
    ],
)
@pytest.mark.parametrize("slug", ["yearly", SLUG])
def test_a_table_that_is_not_as_its_schema_has_it_is_told_once_whatever_it_counts(tmp_path, slug, wrong, said):
    data = write_cases(tmp_path)
    yearly = _add_printed(data)
    assert _import(tmp_path, SLUG) == []
    file = {SLUG: data / "tables" / f"{SLUG}.yaml", "yearly": yearly}[slug]
    lines = file.read_text().splitlines(keepends=True)
    file.write_text("".join(line for line in lines if line.split(":")[0] != wrong.split(":")[0]) + wrong)
    (told,) = [line for line in mistakes_of(data) if f"tables/{slug}" in line]
    assert said in told
    with pytest.raises(RegisterRefused) as refusal:
        propose_release(data)
    assert said in str(refusal.value.mistakes)


@pytest.mark.parametrize(
    ("datatype", "said"),
    [
        ({"base": "string", "format": "^((a+)+)+$"}, "no group is repeated"),
        ({"base": "string", "format": "([0-9]{2})[\\\n[](a|a)*x]"}, "no group is repeated"),
        ({"base": "string", "format": "(.*).*.*.*x"}, "may take too long"),
        ({"base": "string", "format": "("}, "is not a pattern"),
        ({"base": "string", "format": "[0-9]{2}-.*"}, "its format has no year"),
        ({"base": "date", "format": "yyyy-yyyy"}, "is not a format of dates"),
        ({"base": "date", "format": "MMM"}, "is not a format of dates"),
        ({"base": "date", "format": "dd"}, "is not a format of dates"),
        ({"base": "datetime"}, "its format has no year"),
    ],
)
def test_a_format_that_cannot_be_read_or_never_ends_is_a_mistake_of_the_table(tmp_path, datatype, said):
    table = _cases().replace("20-0000", "a" * 60 + "!", 1)
    columns = [{**COLUMNS[0], "datatype": datatype}, *COLUMNS[1:]]
    write_cases(tmp_path, table, columns=columns)
    (line,) = refused(tmp_path)
    assert line.startswith(f"data/tables/{SLUG}.yaml:")
    assert said in line


def test_a_file_covers_no_day_after_it_was_published(tmp_path):
    write_cases(tmp_path, aggregate={"covers": "2020/9998-12"}, published="2023-02-01")
    (said,) = refused(tmp_path)
    assert "the span ends after 2023-02-01, when the file was published or retrieved" in said


def test_cases_are_not_written_for_other_tools(tmp_path):
    write_cases(tmp_path)
    folder = tmp_path / "csvw"
    command = ["import", SLUG, "--documents", str(tmp_path / "documents"), "--register", str(tmp_path / "data")]
    done = CliRunner().invoke(app, [*command, "--as-csvw", str(folder)])
    assert done.exit_code
    assert "Only counts of this table leave the machine" in done.output
    assert not folder.exists()


def _workbook(change: Any = None) -> bytes:
    book = Workbook()
    sheet = book.active
    for row in csv.reader(io.StringIO(_cases())):
        sheet.append(row)
    for cell in sheet["C"][1:]:
        cell.value, cell.number_format = 770_000 + cell.row, '[$Vexnar-1]"Vexnar"0'
    if change:
        change(sheet)
    written = io.BytesIO()
    book.save(written)
    return written.getvalue()


def test_cases_are_counted_in_a_spreadsheet_and_what_cannot_be_read_is_reported_without_a_cell(tmp_path):
    write_cases(tmp_path, _workbook(), media_type=XLSX)
    assert run(tmp_path).new == 6

    def hide(sheet: Any) -> None:
        sheet.row_dimensions[3].hidden = True

    write_cases(tmp_path, _workbook(hide), media_type=XLSX)
    said = refused(tmp_path)
    assert said == [
        "table#cell=3,1: this cell cannot be read (in 2 cells, of which this is the first); a value as it is shown"
    ]
    everything = _said(tmp_path)
    assert [word for word in (*PLANTED, "770003") if word in everything] == []


def test_a_row_that_nobody_sees_is_refused_under_whichever_of_its_titles_a_column_stands(tmp_path):
    case, officer, kind, *others = COLUMNS
    columns = [{**case, "titles": ["case_no", "complaint"]}, officer, {**kind, "titles": ["kind", "sort"]}, *others]

    def rename_and_hide(sheet: Any) -> None:
        sheet["A1"], sheet["D1"] = "complaint", "sort"
        sheet.row_dimensions[3].hidden = True

    write_cases(tmp_path, _workbook(rename_and_hide), columns=columns, media_type=XLSX)
    assert refused(tmp_path) == [
        "table#cell=3,1: this cell cannot be read (in 2 cells, of which this is the first); a value as it is shown"
    ]


def _shifted() -> str:
    return _cases() + '22-9999,Zorblax,Quimbly,Vexnar,Rudeness,Upheld,"Thraxel"\n'


NAMES = HEADER.replace("summary", "summary,officer_id")
WRONG: dict[str, dict[str, Any]] = {
    "a column that appeared": {
        "table": _cases().replace(HEADER, NAMES).replace('more"\n', 'more",Zorblax\n'),
    },
    "a column that is gone": {"table": _cases().replace("badge", "number")},
    "a row that is shifted": {"table": _shifted()},
    "a name where the kind is": {"table": _cases() + "22-9999,x,x,Zorblax Quimbly,Upheld,x\n"},
    "a name where the case is": {"table": _cases() + "Vexnar Thraxel,x,x,Theft,Upheld,x\n"},
    "a name where the kind is, like a word": {
        "table": _cases() + "22-9999,x,x,Zorblax,Upheld,x\n",
        "terms": TERMS + "Zorbla\tskos:exactMatch\tany_misconduct\t\n",
    },
    "the heading again": {"table": _cases() + HEADER},
    "an open quotation": {"table": _cases() + '22-9999,Zorblax,"Quimbly,Rudeness,Upheld,Thraxel\n'},
    "a suppressed column by which rows are counted": {"aggregate": {"by": ["category", "officer_name"]}},
    "a suppressed column that is counted": {"aggregate": {"count": {"distinct": "badge"}}},
    "a suppressed column in skip": {"aggregate": {"skip": [{"where": {"officer_name": "x"}, "reason": "None."}]}},
    "a cell as a total": {"totals": [{"title": "Badge", "at": "cell=2,3"}]},
    "a total that does not come out": {"totals": [{"title": "All", "is": 1}]},
    "a total of a code that is none": {"totals": [{"title": "All", "where": {"officer_name": "x"}, "is": 1}]},
    "a small number that cannot be hidden": {"aggregate": {"suppress": {"below": 9, "totals": ["category", "year"]}}},
    "no word of the mapping": {"terms": BROAD},
    "nothing covered": {"aggregate": {"covers": "2010/2011"}},
    "an open quotation in the heading": {"table": _cases().replace("summary", '"summary', 1)},
    "an open quotation in the middle of the heading": {"table": _cases().replace("kind", '"kind', 1)},
    "a cell in the heading": {"table": _cases().replace("summary", "Zorblax No 7", 1)},
    "the encoding": {"dialect": {"encoding": "utf-16"}},
    "another delimiter": {"dialect": {"delimiter": ";"}},
    "two heading lines": {"dialect": {"headerRowCount": 2}},
    "no heading": {"dialect": {"skipRows": 1}},
}


def _said(folder: Path) -> str:
    """Everything that the commands say of a register, and everything that is in its folder afterwards."""
    data, documents = str(folder / "data"), str(folder / "documents")
    said = [
        CliRunner().invoke(app, [*command, "--register", data])
        for command in (
            ["import", SLUG, "--documents", documents],
            ["import", SLUG, "--documents", documents, "--write"],
            ["check"],
            ["verify", "--documents", documents],
        )
    ]
    written = [name.encode() + text for name, text in contents(folder / "data").items()]
    return "".join([one.output + repr(one.exception) for one in said]) + b"".join(written).decode()


@pytest.mark.parametrize("case", WRONG)
def test_a_mistake_is_reported_without_a_cell(tmp_path, case):
    write_cases(tmp_path, **WRONG[case])
    said = refused(tmp_path)
    assert said, "nothing was refused"
    everything = _said(tmp_path) + "".join(said)
    words = [word for word in PLANTED if word not in str(WRONG[case].get("aggregate", ""))]
    assert [word for word in words if word in everything] == []


def test_a_column_that_appears_later_stops_the_import_by_its_heading(tmp_path):
    write_cases(tmp_path, **WRONG["a column that appeared"])
    (said,) = refused(tmp_path)
    assert "cell=1,7" in said
    assert "the table does not name the column 'officer_id'" in said


def test_a_cell_in_the_heading_is_no_suggestion_either(tmp_path):
    write_cases(tmp_path, _cases().replace("officer_name", "officerZorblax7_name", 1))
    said = refused(tmp_path)
    assert any("the file has no column 'officer_name'" in one for one in said)
    assert not [one for one in said if "Zorblax" in one]


def test_what_is_in_order_shows_no_cell_either(tmp_path):
    write_cases(tmp_path)
    run(tmp_path)
    everything = _said(tmp_path)
    assert [word for word in PLANTED if word in everything] == []
    assert "fen_rudeness" in everything
    proposal = propose_release(tmp_path / "data")
    assert [word for word in PLANTED if word in repr(proposal)] == []


def test_a_changed_file_is_missing_and_none_of_it_is_shown(tmp_path):
    write_cases(tmp_path)
    run(tmp_path)
    file = tmp_path / "documents" / "table"
    file.write_text(file.read_text().replace("Rudeness", "Rude", 1))
    everything = _said(tmp_path)
    assert "no file in the folder" in everything
    assert [word for word in PLANTED if word in everything] == []


def test_an_error_of_the_program_shows_no_cell(tmp_path, monkeypatch):
    def fail(*_: Any, **__: Any) -> None:
        raise RuntimeError("a fault")

    write_cases(tmp_path)
    monkeypatch.setattr("misconduct.register.aggregate.protect", fail)
    everything = _said(tmp_path)
    assert [word for word in PLANTED if word in everything] == []


# The real file ----------------------------------------------------------------------------------------------------

KINDS = {
    "Verbal Abuse", "Physical Abuse", "Unprofessional Conduct", "Departmental Violation", "Lack of Service",
    "Harassment", "Domestic", "Drugs", "Falsification", "Criminal Allegation", "Civil Rights Complaint",
    "Sexual Crime/Misconduct", "Other Misconduct", "Disciplinary Code Violation", "Investigation OnGoing",
    "No C.A.P. Investigation", "Referred to Other Agency/C.A.P. Investigation",
}  # fmt: skip
FINDINGS = {
    "No Sustained Findings": ("not_sustained", 6107),
    "Sustained Finding": ("sustained", 1925),
    "Pending": ("pending", 611),
    "Not Applicable": ("not_applicable", 194),
}
YEARS = {"2016": 1560, "2017": 1622, "2018": 1752, "2019": 2257, "2020": 1525, "2021": 123}
NEVER = ["officer_id", "po_race", "po_sex", "po_assigned_unit"]


@pytest.mark.skipif(not TABLES.is_dir(), reason="needs the published tables, which are not part of the project")
def test_the_findings_of_philadelphia_come_in_as_counts(tmp_path):
    """Import the real case-level file: 8,839 rows, of which the counts of two are not known."""
    text = (TABLES / "philadelphia-findings.csv").read_bytes().decode()
    columns: list[dict[str, Any]] = [
        {"name": "complaint", "titles": "complaint_id", "datatype": COLUMNS[0]["datatype"]},
        {"titles": [*NEVER, "disciplinary_findings"], "suppressOutput": True, "dc:description": "Single people."},
        {"name": "category", "titles": "allegations_investigated"},
        {"name": "measure", "titles": "investigative_findings"},
    ]
    totals: list[dict[str, Any]] = [
        {"title": "Rows", "is": 8839},
        *({"title": year, "where": {"year": year}, "is": number} for year, number in YEARS.items()),
        *({"title": word, "where": {"measure": code}, "is": number} for word, (code, number) in FINDINGS.items()),
    ]
    keys = [
        {"columnReference": name, "reference": {"resource": f"{resource}.sssom.tsv"}}
        for name, resource in (("category", "fenmoor-kind"), ("measure", "finding"))
    ]
    head = "subject_label\tpredicate_id\tobject_id\n"
    write_cases(
        tmp_path,
        text,
        head + "".join(f"{kind}\tskos:broadMatch\tany_misconduct\n" for kind in sorted(KINDS)),
        columns=columns,
        keys=keys,
        virtual={name: code for name, code in NOT_STATED.items() if name != "measure"},
        totals=totals,
        aggregate={
            "by": ["category", "measure"],
            "year": {"of": "complaint", "century": 2000},
            "covers": "2016-01/2021-03",
            "skip": [{"where": {"measure": "#VALUE!"}, "reason": "A spreadsheet failed."}],
            "suppress": {"below": 5, "totals": ["year", "measure"]},
        },
    )
    finding = head + "".join(f"{word}\tskos:exactMatch\t{code}\n" for word, (code, _) in FINDINGS.items())
    (tmp_path / "data" / "mappings" / "finding.sssom.tsv").write_text(finding)
    _add_measures(tmp_path / "data", [code for code, _ in FINDINGS.values()])
    done = run(tmp_path)
    assert {one.title: one.computed for one in done.tables[SLUG].totals} == {
        "Rows": 8839, "2016": 1560, "2017": 1622, "2018": 1752, "2019": 2257, "2020": 1525, "2021": 123,
        "No Sustained Findings": 6107, "Sustained Finding": 1925, "Pending": 611, "Not Applicable": 194,
    }  # fmt: skip
    written = rows(tmp_path)
    assert len(written) == 6 * 17 * 4
    values = [int(row["value"]) for row in written if "value" in row]
    assert not {1, 2, 3, 4} & set(values)
    assert done.tables[SLUG].skipped == {"A spreadsheet failed.": 2}
    assert done.tables[SLUG].known == 2
    assert {row.get("period_end") for row in written if row["period_start"] == "2021-01"} == {"2021-03"}
    assert verified(tmp_path) == []
    everything = _said(tmp_path)
    officers = {row["officer_id"] for row in csv.DictReader(io.StringIO(text))} - {"NA"}
    units = {row["po_assigned_unit"] for row in csv.DictReader(io.StringIO(text))} - {"NA"}
    assert len(officers) > 1000
    assert [one for one in (*officers, *units) if one in everything] == []


def _add_measures(data: Path, codes: list[str]) -> None:
    file = data / "codelists" / "measure.csv"
    file.write_text(file.read_text() + "".join(f"{code},1,{code},{code},,Tests\n" for code in codes))
    file = data / "datasets.yaml"
    file.write_text(file.read_text().replace('["cleared"]', str(["cleared", *codes]).replace("'", '"')))


# The guide --------------------------------------------------------------------------------------------------------


def test_the_layout_in_the_guide_counts_cases(tmp_path):
    guide = (Path(__file__).parents[2] / "docs" / "adding-a-table.md").read_text(encoding="utf-8")
    block = guide[guide.index("## 7. A table of single cases") :].split("```")[1].removeprefix("yaml\n")
    table = yaml.safe_load(block)
    lines = [f'{year}-{n:04},{PLANTED[0]},{PLANTED[1]},Rudeness,"{PLANTED[2]}"' for year, n in _harbourton()]
    text = "case_no,officer_name,badge,kind,summary\n" + "\n".join(lines) + "\n"
    (tmp_path / "documents").mkdir()
    (tmp_path / "documents" / "cases.csv").write_text(text)
    slug = table["id"]
    keys = {"sha256": hashlib.sha256(text.encode()).hexdigest(), "licence": "Open"}
    write_register(
        tmp_path / "data",
        **{
            f"sources/{slug}.yaml": source_text(slug, media_type="text/csv", published="2032-08-01", **keys),
            f"tables/{slug}.yaml": block,
            "mappings/harbourton-kind.sssom.tsv": BROAD,
            "codelists/category.csv": code_list(["any_misconduct"]),
            "codelists/measure.csv": code_list(["recorded"]),
            "codelists/area.csv": code_list(["harbourton"]),
            "codelists/population.csv": code_list(["officers"]),
            "codelists/counting_unit.csv": code_list(["allegations"]),
            "datasets.yaml": json.dumps([dataset("complaints", "recorded")]),
        },
    )
    _without_length(tmp_path / "data" / "sources" / f"{slug}.yaml")
    done = import_table(tmp_path / "data", slug, tmp_path / "documents")
    assert done.new == 3
    assert [one.computed for one in done.tables[slug].totals] == [128]


def _harbourton() -> list[tuple[str, int]]:
    """Return the year and the number of each case: 90, 128 as published, and 40 of half a year."""
    return [(year, n) for year, number in (("30", 90), ("31", 128), ("32", 40)) for n in range(number)]


def test_a_period_says_what_its_cells_may_be_and_is_not_a_column_to_count_by(tmp_path):
    write_cases(tmp_path, _cases().replace("\n21-0010,", "\nx21-0010,"))
    [mistake] = refused(tmp_path)
    assert mistake.partition(": ")[2] == (
        "in 1 row: no date in the format of the column; "
        "a year of four digits; or, as the column's datatype, {base: date, format: M/d/yyyy} or a pattern"
    )
    columns = [{**COLUMNS[0], "name": "period"}, *COLUMNS[1:]]
    write_cases(tmp_path, columns=columns, aggregate={"by": ["category", "period"], "year": None})
    assert any("rows are not counted by the words of a period; year: {of: period}" in one for one in refused(tmp_path))


def test_no_cell_of_cases_is_left_out_as_if_it_were_a_figure(tmp_path):
    write_cases(tmp_path, skip={"cell=4,3": "A court."})
    (said,) = refused(tmp_path)
    assert said.endswith(
        "no figure at cell=4,3 to skip; skip under aggregate, which leaves out the rows of a code or a year"
    )


def _move_on(folder: Path, how: str) -> str:
    """Let the source of what was released have another file, or end it; return the file that another source has."""
    data, before = folder / "data", (folder / "documents" / "table").read_text()
    if how == "revised":
        _revise(folder, _cells({("Rudeness", "20"): 70, ("Theft", "20"): 80}))
    else:
        ended = [f"{row['id']}=No longer." for row in rows(folder)]
        seal(data, "1.1.0", ended=[*ended, f"table/{SLUG}=No longer.", f"source/{SLUG}=No longer."])
    (folder / "documents" / "former").write_text(before)
    first = yaml.safe_load((data / "sources" / f"{SLUG}.yaml").read_text().partition("\n---\n")[0])
    (data / "sources" / "former.yaml").write_text(json.dumps({**first, "id": "former"}, default=str))
    return before


@pytest.mark.parametrize("how", ["revised", "ended"])
def test_what_was_counted_of_a_file_is_known_to_another_source_that_has_it_now(tmp_path, how):
    finding = {("Rudeness", "Upheld"): 2, ("Rudeness", "Cleared"): 9, ("Theft", "Upheld"): 14, ("Theft", "Cleared"): 20}
    _write_two_tables(tmp_path, finding)
    data = tmp_path / "data"
    (data / "tables" / f"{SLUG}.yaml").write_text(_by("category"))
    run(tmp_path)
    seal(data, "1.0.0")
    assert [row["value"] for row in rows(tmp_path)] == ["11", "34"]
    _move_on(tmp_path, how)
    both = _by("category", "measure", totals=["measure"], id="both", prefix="two", source="former")
    (data / "tables" / "both.yaml").write_text(both)
    said = [line.partition(": ")[2] for line in _import(tmp_path, "both")]
    assert f"{OTHERWISE}; {AS_BEFORE}" in said  # 11 less 9 would be 2


def test_what_was_counted_of_former_bytes_and_stayed_is_known_to_another_source_that_has_these(tmp_path):
    """No figure changed with the second edition, which the other source has: 32 less 30 would be 2."""
    numbers = OF_2020_AND_21 | {("Theft", "20"): 2, ("Force", "20"): 9, ("Theft", "21"): 30}
    counted = {**SINCE_2020, "covers": "2020-01/2021-12", "suppress": {"below": 5, "totals": ["year"]}}
    data = write_cases(tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate=counted)
    run(tmp_path)
    seal(data, "1.0.0")
    second = _cells(numbers).replace("Zorblax", "Thraxel")
    _revise(tmp_path, second)
    run(tmp_path)
    seal(data, "2.0.0", "2024-06-01")
    ended = [f"{row['id']}=No longer." for row in rows(tmp_path)]
    seal(data, "3.0.0", "2024-06-02", ended=[*ended, f"table/{SLUG}=No longer.", f"source/{SLUG}=No longer."])
    *_, newest = yaml.safe_load_all((data / "sources" / f"{SLUG}.yaml").read_text())
    (data / "sources" / "moved.yaml").write_text(json.dumps({**newest, "id": "moved", "version": 1}, default=str))
    table = yaml.safe_load((data / "tables" / f"{SLUG}.yaml").read_text()) | {"id": "again", "source": "moved"}
    del table["aggregate"]["year"], table["aggregate"]["suppress"]["totals"]
    table["tableSchema"]["columns"] = _without_year(table["tableSchema"]["columns"])
    (data / "tables" / "again.yaml").write_text(yaml.safe_dump(table, sort_keys=False))
    assert f"{OTHERWISE}; {AS_BEFORE}" in [line.partition(": ")[2] for line in _import(tmp_path, "again")]


@pytest.mark.parametrize("below", [1, 5])
@pytest.mark.parametrize("how", ["revised", "ended"])
def test_what_was_hidden_of_a_file_stays_so_when_another_source_has_it(tmp_path, how, below):
    data = write_cases(tmp_path)
    run(tmp_path)
    seal(data, "1.0.0")
    hidden = {(row["category"], row["period_start"]) for row in rows(tmp_path) if "value" not in row}
    table = yaml.safe_load((data / "tables" / f"{SLUG}.yaml").read_text())
    _move_on(tmp_path, how)
    table |= {"id": "again", "source": "former", "shown_and_hidden": "It is the same file."}
    table["aggregate"]["suppress"]["below"] = below
    (data / "tables" / "again.yaml").write_text(yaml.safe_dump(table, sort_keys=False))
    if below == 1:
        said = [line.partition(": ")[2] for line in _import(tmp_path, "again")]
        assert f"{OTHERWISE}; below as it was: what is hidden is decided before the first release" in said
    else:
        assert _import(tmp_path, "again") == []
        with (data / "observations" / "former.csv").open() as file:
            found = {(row["category"], row["period_start"]) for row in csv.DictReader(file) if not row["value"]}
        assert found == hidden != set()
    columns = [{"name": "value", "titles": "badge"}, {"name": "period", "titles": "case_no"}]
    copied = layout(id="again", source="former", columns=columns, keys=[])
    (data / "tables" / "again.yaml").write_text(yaml.safe_dump(copied, sort_keys=False))
    assert "another table counts the rows of this file" in "\n".join(_import(tmp_path, "again"))


@pytest.mark.parametrize("release", [False, True])
def test_what_a_former_version_showed_is_known(tmp_path, release):
    data = write_cases(tmp_path)
    _add_printed(data, symbols={"c": "withheld"})
    assert _import(tmp_path, "yearly") == []
    seal(data, "1.0.0")
    hidden = PRINTED.replace(",3", ",c").replace("2020,Rudeness,7", "2020,Rudeness,c")
    (tmp_path / "documents" / "printed.csv").write_text(hidden)
    file = data / "sources" / "printed.yaml"
    keys = {"sha256": hashlib.sha256(hidden.encode()).hexdigest(), "length": len(hidden), "version": 2}
    file.write_text(f"{file.read_text()}\n---\n{json.dumps(json.loads(file.read_text()) | keys)}\n")
    import_table(data, "yearly", tmp_path / "documents", write=True, reason="It withholds them now.")
    if release:
        seal(data, "1.1.0")
    (said,) = _import(tmp_path, SLUG)
    assert "the source printed shows 2 numbers that the table fenmoor hides" in said


@pytest.mark.parametrize(("theft", "rudeness", "fraud"), [(1, 11, 40), (6, 9, 12), (6, 11, 40)])
def test_of_a_year_of_which_a_part_was_released_nothing_is_hidden(tmp_path, theft, rudeness, fraud):
    """Of 11 cases of rudeness 10 were shown by June: with the total, it would hide no more than one other of theft."""
    kinds = _terms(Rudeness="own", Fraud="own", Theft="own")

    def cases(theft, rudeness, fraud):
        numbers = {"Theft": theft, "Rudeness": rudeness, "Fraud": fraud}
        return _cells({("Rudeness", "21"): 9} | {(kind, "22"): number for kind, number in numbers.items()})

    was_small = theft > 5 and rudeness < 10
    data = write_cases(tmp_path, cases(*((3, 8, 11) if was_small else (0, 10, 10))), kinds, published="2023-02-01")
    run(tmp_path)
    seal(data, "1.0.0")
    _add_version(tmp_path, None, covers="2020-01/2022-12")
    _revise(tmp_path, cases(theft, rudeness, fraud))
    if was_small or theft == 1:
        said = [line.partition(": ")[2] for line in refused(tmp_path, end="It covers more.")]
        assert said[0] == (
            "a release covered other days of 2022, and numbers of that year are hidden; "
            'skip: where: {year: "2022"}, so that its figures end; or the days that it covered'
        )
        skip = [{"where": {"year": "2022"}, "reason": "It was counted in part."}]
        _add_version(tmp_path, None, skip=skip, is_draft=True)
        run(tmp_path, end="It was counted in part.")
    else:
        run(tmp_path, end="The file covers more of 2022.")
    assert verified(tmp_path) == []


@pytest.mark.parametrize("totals", [[], ["year"], ["year", "category"]])
@pytest.mark.parametrize("what", ["hidden", "left out"])
def test_days_of_which_a_release_hid_numbers_stay_covered_unless_all_totals_are_by_year(tmp_path, what, totals):
    """With one total over all years, the 2 of 2020 are the difference of both editions."""
    numbers = OF_2020_AND_21 | {("Theft", "20"): 2, ("Theft", "21"): 60, ("Rudeness", "20"): 7}
    skip = [{"where": {"category": "Theft"}, "reason": "Theft is another table."}] if what == "left out" else []
    suppress = {"below": 5, "totals": totals}
    if totals == ["year", "category"]:
        numbers |= {("Rudeness", "21"): 9, ("Theft", "21"): 8}
    counted = {**SINCE_2020, "covers": "2020-01/2021-12", "skip": skip, "suppress": suppress, "zeros": None}
    write_cases(tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate=counted)
    if what == "left out" and totals == ["year", "category"]:
        return  # nobody can leave it out: its sum over the years is a total
    run(tmp_path)
    seal(tmp_path / "data", "1.0.0")
    _add_version(tmp_path, {key: number for key, number in numbers.items() if key[1] == "21"}, covers="2021-01/2021-12")
    if totals == ["year"]:
        run(tmp_path, reason="The next edition.", end="The file no longer has it.")
        assert verified(tmp_path) == []
    else:
        said = [line.partition(": ")[2] for line in refused(tmp_path, reason="The next edition.", end="Gone.")]
        assert (
            "the days of 2020 are no longer covered, and numbers were hidden or left out; the days that it covered: "
            "else they are what remains of a total over all years"
        ) in said


@pytest.mark.parametrize("what", ["year", "layout"])
def test_of_the_same_bytes_no_other_rows_or_years_are_read(tmp_path, what):
    """By the second year of 20-0001/21, theft of 2022 is the difference of what both count."""
    lines = _cells(OF_2020_AND_21).replace(",Zorblax", "/21,Zorblax")
    pattern = "^([0-9]{2})-[0-9]{4}/([0-9]{2})$"
    columns = [{**COLUMNS[0], "datatype": {"base": "string", "format": pattern}}, *COLUMNS[1:]]
    counted = {**SINCE_2020, "covers": "2020-01/2021-12"}
    data = write_cases(tmp_path, lines, KINDS_OF_EDITIONS, aggregate=counted, columns=columns)
    run(tmp_path)
    seal(data, "1.0.0")
    file = data / "tables" / f"{SLUG}.yaml"
    before = file.read_text()
    later = before.replace("version: 1", "version: 2", 1)
    if what == "year":
        later = later.replace(pattern, "^[0-9][0-9]-[0-9]{4}/([0-9]{2})$")
    else:
        later = f"{later}dialect: {{encoding: ascii}}\n"
    file.write_text(f"{before}---\n{later}")
    said = "\n".join(refused(tmp_path, reason="Otherwise.", end="Otherwise."))
    assert {"year": "another year than a release read", "layout": f"{OTHERWISE}; {AS_BEFORE}"}[what] in said


def test_a_publisher_may_write_case_numbers_otherwise(tmp_path):
    data = write_cases(
        tmp_path, _cells(OF_2020_AND_21), KINDS_OF_EDITIONS, aggregate={**SINCE_2020, "covers": "2020-01/2021-12"}
    )
    run(tmp_path)
    seal(data, "1.0.0")
    _revise(
        tmp_path,
        _cells(OF_2020_AND_21 | NEXT_YEAR | {("Theft", "22"): 30}) + "22-10000,Zorblax,Vexnar,Theft,Upheld,Thraxel\n",
    )
    _add_version(tmp_path, None, covers="2020-01/2022-12")
    file = data / "tables" / f"{SLUG}.yaml"
    before, later = file.read_text().split("---\n")
    file.write_text(f"{before}---\n{later.replace('-[0-9]{4}$', '-[0-9]{4}[0-9]?$')}")
    run(tmp_path)
    assert [row["value"] for row in rows(tmp_path) if row["period_start"] == "2022-01"] == ["12", "9", "31"]
    assert verified(tmp_path) == []


@pytest.mark.parametrize("how", ["taken out by hand", "removed by law"])
def test_what_a_release_lacks_of_what_it_hid_does_not_come_back_shown(tmp_path, how):
    """Of 19 cases 8 are shown: with the 8 of rudeness, 3 would be left for theft."""
    data = write_cases(
        tmp_path,
        _cells({("Rudeness", "20"): 8, ("Force", "20"): 8, ("Theft", "20"): 3}),
        KINDS_OF_EDITIONS,
        aggregate=OF_2020,
    )
    run(tmp_path)
    partner = next(row for row in rows(tmp_path) if not row.get("value") and row["category"] != "fen_theft")
    file = next((data / "observations").iterdir())

    def take_out() -> None:
        file.write_text(
            "".join(line for line in file.read_text().splitlines(keepends=True) if partner["id"] not in line)
        )

    if how == "removed by law":
        seal(data, "1.0.0")
        take_out()
        seal(data, "2.0.0", "2024-06-01", removed=[f"{partner['id']}@1=A court."])
    else:
        take_out()
        seal(data, "1.0.0")
    with pytest.raises(RegisterRefused) as told:
        import_table(data, SLUG, tmp_path / "documents", write=True, none_removed=True)
    assert "1 hidden number could be computed" in str(told.value.mistakes[0])


@pytest.mark.parametrize("how", ["otherwise", "alike", "in a further year"])
def test_a_table_whose_figures_the_law_removed_counts_no_further_edition(tmp_path, how):
    """Who kept what was removed has 30 of the 32 cases of theft: of another year, two are left."""
    numbers = OF_2020_AND_21 | {("Theft", "20"): 2, ("Theft", "21"): 30}
    data = write_cases(
        tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate={**SINCE_2020, "covers": "2020-01/2021-12"}
    )
    run(tmp_path)
    seal(data, "1.0.0")
    removed = [f"{row['id']}@1=A court." for row in rows(tmp_path)]
    next((data / "observations").iterdir()).unlink()
    seal(data, "2.0.0", "2024-06-01", removed=removed)
    if how == "otherwise":
        _add_version(tmp_path, None, year=None, covers="2020-01/2021-12", suppress={"below": 5})
    elif how == "in a further year":
        _revise(tmp_path, _cells(numbers | dict.fromkeys(NEXT_YEAR, 40)))
        _add_version(tmp_path, None, covers="2020-01/2022-12")
    with pytest.raises(RegisterRefused) as told:
        import_table(data, SLUG, tmp_path / "documents", write=True, none_removed=True)
    said = "\n".join(map(str, told.value.mistakes))
    assert ("counted otherwise in a release" if how == "otherwise" else "could be computed") in said
    skip = [{"where": {"year": ["2020", "2021"]}, "reason": "A court."}]
    if how == "in a further year":
        _add_version(tmp_path, None, skip=skip, is_draft=True)
        import_table(data, SLUG, tmp_path / "documents", write=True, none_removed=True)
        assert {row["period_start"]: row["value"] for row in rows(tmp_path)} == {"2022-01": "40"}


@pytest.mark.parametrize("before", [{}, {("Theft", "20"): 2}, {("Theft", "20"): 40}])
def test_of_a_year_that_is_left_out_nothing_protects_a_single_number(tmp_path, before):
    """Of rudeness there were 13 cases in all, and are 14: whatever a release showed of 2020, it has one now."""
    others = {("Theft", "21"): 7, ("Force", "21"): 8, ("Rudeness", "21"): 4}
    others |= {("Theft", "22"): 12, ("Force", "22"): 30, ("Rudeness", "22"): 9}
    totals = {"below": 5, "totals": ["category"]}
    covered = {**SINCE_2020, "covers": "2020-01/2022-12", "suppress": totals, "zeros": None}
    data = write_cases(tmp_path, _cells(others | before), KINDS_OF_EDITIONS, aggregate=covered)
    run(tmp_path)
    seal(data, "1.0.0")
    skip = [{"where": {"year": "2020"}, "reason": "It is long ago."}]
    _add_version(tmp_path, others | before | {("Rudeness", "20"): 1}, skip=skip)
    said = "\n".join(refused(tmp_path, reason="The next edition.", end="Left out."))
    assert "1 hidden number could be computed from the published totals and from what was released" in said


@pytest.mark.parametrize("what", ["a code", "a part of a code"])
def test_what_is_left_out_and_was_shown_hides_nothing(tmp_path, what):
    """Of 34 cases 30 were shown, and are left out now: 4 remain for two hidden numbers."""
    terms = _terms(Rudeness="sexual_misconduct", Force="own", Theft="own", Swearing="sexual_misconduct")
    first = {("Rudeness", "20"): 30, ("Swearing", "20"): 10, ("Force", "20"): 9, ("Theft", "20"): 2}
    if what == "a code":
        del first["Swearing", "20"]
    data = write_cases(tmp_path, _cells(first), terms, aggregate=OF_2020)
    run(tmp_path)
    seal(data, "1.0.0")
    skip = [{"where": {"year": "2020", "category": "Rudeness"}, "reason": "A court."}]
    _add_version(tmp_path, first | {("Force", "20"): 2}, skip=skip)
    said = "\n".join(refused(tmp_path, reason="The next edition.", end="Left out."))
    assert "2 hidden numbers could be computed from the published totals and from what was released" in said


def test_rows_of_no_year_that_is_covered_are_left_out_as_each_edition_has_them(tmp_path):
    """The running year, and a row without a date: they are in no number."""
    until_june = _cells(OF_2020_AND_21 | {("Theft", "20"): 3, ("Theft", "22"): 4})
    skip = [{"where": {"year": "2022"}, "reason": "It is not over."}]
    covered = {**SINCE_2020, "covers": "2020-01/2021-12", "skip": skip}
    data = write_cases(tmp_path, until_june, KINDS_OF_EDITIONS, aggregate=covered)
    run(tmp_path)
    assert verified(tmp_path) == []
    seal(data, "1.0.0")
    whole = _cells(OF_2020_AND_21 | NEXT_YEAR | {("Theft", "20"): 3, ("Theft", "22"): 14})
    without_a_date = [{"where": {"case": ["-", "?"]}, "reason": "They have no date."}]
    _add_version(tmp_path, None, covers="2020-01/2022-12", skip=without_a_date)
    _revise(tmp_path, f"{whole}-,Zorblax,Vexnar,Theft,Upheld,Thraxel\n?,Zorblax,Vexnar,Force,Upheld,Thraxel\n")
    run(tmp_path)
    counted = {row["category"]: row.get("value") for row in rows(tmp_path) if row["period_start"] == "2022-01"}
    assert counted == {"fen_force": "12", "fen_rudeness": "9", "fen_theft": "14"}
    assert verified(tmp_path) == []


@pytest.mark.parametrize("what", ["table", "mapping"])
def test_a_release_verifies_the_source_of_a_table_that_has_another_version(tmp_path, what):
    """Its totals may give away what is hidden, though no figure is new."""
    data = write_cases(tmp_path)
    run(tmp_path)
    seal(data, "1.0.0")
    if what == "table":
        _add_version(tmp_path, None, suppress={"below": 5, "totals": ["year", "category"]})
    else:
        (data / "mappings" / f"{MAPPING}.2.sssom.tsv").write_text(f"{TERMS}Fraud\tskos:broadMatch\tany_misconduct\t\n")
    assert propose_release(data).sources == [SLUG]


def test_what_was_left_out_may_be_gone(tmp_path):
    """The publisher repairs a cell, and the file goes on without its first year."""
    skip = [{"where": {"category": "Theft"}, "reason": "A spreadsheet failed."}, SKIPPED]
    covered = {**SINCE_2020, "covers": "2020-01/2021-12", "skip": skip, "suppress": {"below": 5, "totals": ["year"]}}
    first = OF_2020_AND_21 | {("Force", "22"): 30}
    data = write_cases(tmp_path, _cells(OF_2020_AND_21), KINDS_OF_EDITIONS, aggregate=covered)
    run(tmp_path)
    seal(data, "1.0.0")
    repaired = {key: number for key, number in first.items() if key[0] == "Force" and key[1] != "21"}
    _add_version(tmp_path, repaired, covers="2020-01/2022-12")
    run(tmp_path, reason="The next edition.", end="The next edition.")
    assert verified(tmp_path) == []


def test_a_year_that_is_left_out_has_no_zeros(tmp_path):
    covered = {**SINCE_2020, "covers": "2020-01/2021-12", "zeros": "stated", "skip": [SKIPPED]}
    numbers = {key: number for key, number in OF_2020_AND_21.items() if key != ("Theft", "21")}
    write_cases(tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate=covered)
    run(tmp_path)
    assert {row["period_start"] for row in rows(tmp_path)} == {"2020-01"}


@pytest.mark.parametrize("what", ["days", "a year"])
def test_the_same_bytes_are_settled_by_the_same_days_alone(tmp_path, what):
    """Of January to June, 4,002 are in the total, 4,000 shown: the two that are hidden are 1 each."""
    numbers = {"2020-03-04": (30, 2, 9), "2021-03-04": (4000, 1, 1), "2021-09-04": (0, 2, 10)}
    lines = [
        f"{day},{kind}\n"
        for day, of in numbers.items()
        for kind, number in zip(("Rudeness", "Theft", "Force"), of, strict=True)
        for _ in range(number)
    ]
    columns = [{"name": "date", "titles": "received", "datatype": "date"}, {"name": "category", "titles": "kind"}]
    suppress = {"below": 5, "totals": [] if what == "a year" else ["year"]}
    counted = {
        "by": ["category"],
        "year": {"of": "date"},
        "covers": "2020-01/2021-12",
        "suppress": suppress,
        "zeros": None,
    }
    cases = "".join(["received,kind\n", *lines])
    data = write_cases(tmp_path, cases, KINDS_OF_EDITIONS, columns=columns, aggregate=counted)
    run(tmp_path)
    seal(data, "1.0.0")
    if what == "days":
        skip = [{"where": {"date": "2021-09-04"}, "reason": "After June."}]
        _add_version(tmp_path, None, covers="2020-01/2021-06", skip=skip)
    else:
        skip = [{"where": {"year": "2020"}, "reason": "It is long ago."}]
        _add_version(tmp_path, None, covers="2021-01/2021-12", skip=skip)
    said = "\n".join(refused(tmp_path, reason="Otherwise.", end="Otherwise."))
    told = {
        "days": "a release covered other days of 2021, and numbers of that year are hidden",
        "a year": "the days of 2020 are no longer covered, and numbers were hidden or left out",
    }
    assert told[what] in said


def test_a_year_that_was_never_counted_goes_on_hiding_what_it_hid(tmp_path):
    numbers = {("Theft", "20"): 2, ("Rudeness", "21"): 40, ("Theft", "21"): 30}
    covered = {**SINCE_2020, "covers": "2020-01/2021-12", "skip": [SKIPPED]}
    data = write_cases(tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate=covered)
    run(tmp_path)
    seal(data, "1.0.0")
    _add_version(tmp_path, numbers | NEXT_YEAR | {("Theft", "22"): 30}, covers="2020-01/2022-12")
    run(tmp_path)
    assert [row["period_start"] for row in rows(tmp_path) if not row.get("value")] == ["2020-01"]


def test_a_figure_is_removed_by_law_with_its_documents_and_does_not_come_back_as_a_zero(tmp_path):
    """The layout leaves it out before the release that removes it; then the publisher deletes the cases."""
    covered = {**SINCE_2020, "covers": "2020-01/2021-12", "zeros": "stated"}
    data = write_cases(tmp_path, _cells(OF_2020_AND_21), KINDS_OF_EDITIONS, aggregate=covered)
    run(tmp_path)
    seal(data, "1.0.0")
    gone = next(row for row in rows(tmp_path) if (row["category"], row["period_start"]) == ("fen_theft", "2021-01"))
    file = next((data / "observations").iterdir())
    file.write_text("".join(line for line in file.read_text().splitlines(keepends=True) if gone["id"] not in line))
    skip = [{"where": {"year": "2021", "category": "Theft"}, "reason": "A court."}]
    _add_version(tmp_path, None, skip=skip)
    command = ["release", "--register", str(data), "--documents", str(tmp_path / "documents"), "--summary", "One goes."]
    done = CliRunner().invoke(app, [*command, "--remove", f"{gone['id']}@1=A court.", "--released", "2024-06-01"])
    assert (done.exit_code, done.output.count("1 document: all")) == (0, 1), done.output
    _revise(tmp_path, _cells({key: number for key, number in OF_2020_AND_21.items() if key != ("Theft", "21")}))
    import_table(data, SLUG, tmp_path / "documents", write=True, none_removed=True)
    assert len(rows(tmp_path)) == 5
    assert verified(tmp_path) == []


def test_what_was_left_out_of_a_year_from_the_first_goes_on_hiding(tmp_path):
    """#VALUE! was in no number of any release; the next edition has other bytes alone."""
    skip = [{"where": {"category": "#VALUE!", "year": "2021"}, "reason": "A spreadsheet failed."}]
    covered = {**SINCE_2020, "covers": "2020-01/2021-12", "skip": skip}
    numbers = OF_2020_AND_21 | {("#VALUE!", "21"): 9, ("Theft", "21"): 2}
    data = write_cases(tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate=covered)
    run(tmp_path)
    shown = rows(tmp_path)
    assert sum(not row.get("value") for row in shown) == 1  # the left-out one hides it
    seal(data, "1.0.0")
    _revise(tmp_path, _cells(numbers).replace("Zorblax", "Thraxel"))
    run(tmp_path)
    assert (rows(tmp_path), verified(tmp_path)) == (shown, [])


def test_a_record_that_was_released_before_it_was_imported_settles_nothing(tmp_path):
    """By kind alone, theft is 32 in both years, of which 30 were shown."""
    numbers = OF_2020_AND_21 | {("Theft", "20"): 2, ("Force", "20"): 9, ("Theft", "21"): 30}
    counted = {**SINCE_2020, "covers": "2020-01/2021-12", "suppress": {"below": 5, "totals": ["year"]}}
    data = write_cases(tmp_path, _cells(numbers), KINDS_OF_EDITIONS, aggregate=counted)
    run(tmp_path)
    shown = rows(tmp_path)
    seal(data, "1.0.0")
    file = data / "tables" / f"{SLUG}.yaml"
    before = file.read_text()
    [later] = yaml.safe_load_all(before)
    later["version"] = 2
    del later["aggregate"]["year"], later["aggregate"]["suppress"]["totals"]
    later["tableSchema"]["columns"] = _without_year(later["tableSchema"]["columns"])
    file.write_text(f"{before}---\n{yaml.safe_dump(later, sort_keys=False)}")
    seal(data, "2.0.0", "2024-06-01")
    ways = {"reason": "By kind.", "end": "By kind."}
    assert f"{OTHERWISE}; {AS_BEFORE}" in [line.partition(": ")[2] for line in refused(tmp_path, **ways)]
    third = before.replace("version: 1", "version: 3", 1)
    file.write_text(f"{file.read_text()}---\n{third}")
    run(tmp_path)
    assert (rows(tmp_path), verified(tmp_path)) == (shown, [])


def test_a_word_that_is_left_out_and_loses_its_line_is_known_by_the_one_that_it_had(tmp_path):
    first = {("Rudeness", "20"): 30, ("Force", "20"): 9, ("Theft", "20"): 12}
    data = write_cases(tmp_path, _cells(first), _terms(Rudeness="own", Force="own", Theft="own"), aggregate=OF_2020)
    run(tmp_path)
    seal(data, "1.0.0")
    (data / "mappings" / f"{MAPPING}.2.sssom.tsv").write_text(_terms(Force="own", Theft="own"))
    skip = [{"where": {"year": "2020", "category": "Rudeness"}, "reason": "It is another table."}]
    _add_version(tmp_path, first | {("Rudeness", "20"): 2}, skip=skip)  # of 23 cases, 21 are shown
    [said] = refused(tmp_path, end="It is another table.")
    assert "1 hidden number could be computed from the published totals and from what was released" in said


def test_of_a_year_with_hidden_numbers_no_other_days_are_covered(tmp_path):
    data = write_cases(tmp_path)
    run(tmp_path)
    seal(data, "1.0.0")
    _add_version(tmp_path, None, covers="2020-02/2022-06")
    _revise(tmp_path, _cells({("Rudeness", "21"): 8, ("Theft", "22"): 6}))
    [said] = refused(tmp_path)
    assert said.partition(": ")[2] == (
        "a release covered other days of 2020, and numbers of that year are hidden; "
        'skip: where: {year: "2020"}, so that its figures end; or the days that it covered'
    )


def test_what_lies_between_two_ways_to_take_words_together_is_not_shown(tmp_path):
    """Theft and fraud are 15 here, theft is 12 there, and fraud and rudeness 20: so fraud is 3, which nobody shows."""
    lines = [f"20-{n:04},{kind}" for kind, many in (("Theft", 12), ("Fraud", 3), ("Rudeness", 17)) for n in range(many)]
    data = write_cases(tmp_path, "\n".join(["case_no,kind,finding", *(f"{line},Upheld" for line in lines)]) + "\n")
    ways = {
        "category": _terms(Theft="unstated", Fraud="unstated", Rudeness="any_misconduct"),
        "other": _terms(Theft="own", Fraud="sexual_misconduct", Rudeness="sexual_misconduct"),
    }
    for name, text in ways.items():
        (data / "mappings" / f"{name}.sssom.tsv").write_text(text)
    file = data / "tables" / f"{SLUG}.yaml"
    file.write_text(_by("category"))
    run(tmp_path)
    assert [row["value"] for row in rows(tmp_path)] == ["17", "15"]
    other = _by("category", id="other", prefix="two").replace("category.sssom", "other.sssom")
    (data / "tables" / "other.yaml").write_text(other)
    assert [line.partition(": ")[2] for line in refused(tmp_path)] == [_is_counted_by("other"), _is_counted_by(SLUG)]
