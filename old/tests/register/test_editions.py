"""A table published again: the same figures keep their ids, others get versions with one reason, those gone can end."""

from __future__ import annotations

import csv
import hashlib
from itertools import chain

import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import MisconductError, RegisterRefused
from misconduct.register.editors import RegisterInUse
from misconduct.register.import_table import CHECKING
from tests.register.reading import mistakes_of, read, replace
from tests.register.tables import MAPPING, SLUG, TABLE, TERMS, contents, refused, rows, run, verified, write_table
from tests.registers import seal, source_text

REVISED = 'Year,Kind,Cases,Note\n2021,Rudeness,9,\n2021,Theft,12,a\n2022,Rudeness,"1,204",\n2022,Theft,3,\n'
MOVED = TABLE.replace("2021,Theft", "2020,Theft,1,\n2021,Theft")
SHORTER = TABLE.replace("2021,Theft,12,a\n", "")
REASON = "Fenmoor revised 2021."


@pytest.fixture
def released(tmp_path):
    """A register whose first release has the three figures of the table."""
    write_table(tmp_path)
    run(tmp_path)
    seal(tmp_path / "data")
    return tmp_path


def publish(folder, table):
    """The publisher puts another table at the address: version 2 of the source."""
    before = (folder / "data" / "sources" / f"{SLUG}.yaml").read_text()
    kept = {name: (folder / "data" / name).read_bytes() for name in ("codelists/category.csv", "caveats.yaml")}
    write_table(folder, table, TERMS)
    after = (folder / "data" / "sources" / f"{SLUG}.yaml").read_text().replace('"version": 1', '"version": 2')
    (folder / "data" / "sources" / f"{SLUG}.yaml").write_text(f"{before}\n---\n{after}")
    for name, text in kept.items():
        (folder / "data" / name).write_bytes(text)


def ids(folder):
    return {(row["period_start"], row["category"]): row["id"] for row in rows(folder)}


def manifest(folder, number):
    return (folder / "data" / "releases" / f"{number}.csv").read_text().splitlines()


def test_the_same_table_has_nothing_new(released):
    assert (run(released).same, run(released).files) == (3, {})


def test_another_value_is_the_next_version_with_one_reason(released):
    before = ids(released)
    publish(released, REVISED)
    preview = run(released, write=False)
    assert (preview.new, preview.same, preview.revised, preview.moved, preview.gone) == (1, 2, 1, 0, [])
    with pytest.raises(MisconductError, match=r"1 released figure would have another version, and nothing says why"):
        run(released)
    run(released, reason=REASON)
    figure = before["2021", "fen_rudeness"]
    assert [(row["version"], row["value"]) for row in rows(released) if row["id"] == figure] == [("1", "8"), ("2", "9")]
    assert {key: ids(released)[key] for key in before} == before
    assert mistakes_of(released / "data") == []
    assert verified(released) == []
    again = run(released)
    assert (again.same, again.files) == (4, {})
    seal(released / "data", "2.0.0")
    assert any(
        line.startswith(f"observation,{figure},2,added,") and line.endswith(f",{REASON},")
        for line in manifest(released, "2.0.0")
    )
    assert not (released / "data" / "decisions.csv").exists()
    assert run(released).same == 4


@pytest.mark.parametrize("file", [f"observations/{SLUG}.csv", "decisions.csv"])
def test_an_import_replaces_nothing_that_came_while_it_ran(released, file):
    publish(released, REVISED)
    path = released / "data" / file
    before = path.read_text() if path.exists() else ""

    def edit(stage, *_):
        if stage == CHECKING:
            path.write_text(f"{before}By hand\n")

    with pytest.raises(RegisterInUse, match=f"Somebody else changed {path} meanwhile, so nothing was written"):
        run(released, reason=REASON, on_progress=edit)
    assert path.read_text() == f"{before}By hand\n"


def test_a_figure_that_stands_elsewhere_is_the_same_one_at_another_place(released):
    before = ids(released)
    publish(released, MOVED)
    preview = run(released, write=False)
    assert (preview.new, preview.same, preview.revised, preview.moved) == (1, 1, 0, 2)
    run(released, reason="A row was inserted.")
    assert {key: ids(released)[key] for key in before} == before
    assert verified(released) == []


def test_figures_that_only_moved_have_a_reason_of_their_own(released):
    before = ids(released)
    publish(released, MOVED.replace(",12,", ",13,"))
    done = run(released, reason="The force revised its table.")
    assert (done.revised, done.moved) == (1, 1)
    with (released / "data" / "decisions.csv").open() as file:
        reasons = {row["id"]: row["reason"] for row in csv.DictReader(file)}
    assert reasons.pop(before["2021", "any_misconduct"]) == "The force revised its table."
    assert [*reasons.values()] == ["It stands elsewhere in the table."]


def test_a_reason_that_was_given_stays_when_another_is_given_for_others(released):
    publish(released, REVISED)
    run(released, reason=REASON)
    decisions = (released / "data" / "decisions.csv").read_bytes()
    done = run(released, reason="A typing error.")
    assert (done.kept, done.files) == (1, {})
    assert (released / "data" / "decisions.csv").read_bytes() == decisions
    assert run(released, reason=REASON).kept == 0


def test_an_edition_in_which_figures_only_moved_needs_no_reason(released):
    publish(released, MOVED)
    done = run(released)
    assert (done.moved, done.unexplained) == (2, 0)
    assert mistakes_of(released / "data") == []


def test_figures_that_are_gone_are_listed_and_can_end(released):
    figure = ids(released)["2021", "any_misconduct"]
    publish(released, SHORTER)
    done = run(released, reason="A row was deleted.")
    assert done.gone == [figure]
    assert "0 new, 1 as before, 0 revised, 1 moved, 1 gone" in [*done.describe()][-1]
    assert "  gone            1 of 2021" in [*done.describe()]
    assert done.unended == 1
    assert [mistake.partition(": ")[2].partition(";")[0] for mistake in verified(released)] == [
        "table does not have this figure"
    ]
    assert run(released, end="No longer published.").unended == 0
    assert verified(released) == []
    assert [o.id for o in read(released / "data").observations if o.ended_in < 2**31 - 1 and o.id == figure] == [figure]
    seal(released / "data", "2.0.0")
    assert any(line.startswith(f"observation,{figure},1,ended,") for line in manifest(released, "2.0.0"))
    assert verified(released) == []


@pytest.mark.parametrize("end", ["", "The table goes back two years only."])
def test_what_is_gone_leaves_its_cell_to_another_figure(tmp_path, end):
    head, *years = "Year,Kind,Cases,Note\n", "2021,Rudeness,8,\n", "2022,Rudeness,9,\n", "2023,Rudeness,7,\n"
    write_table(tmp_path, "".join([head, *years[:2]]), TERMS)
    run(tmp_path)
    seal(tmp_path / "data")
    before = ids(tmp_path)
    publish(tmp_path, "".join([head, *years[1:]]))
    assert run(tmp_path, write=False).gone == [before["2021", "fen_rudeness"]]
    assert run(tmp_path, write=False, end=end).in_the_way == (not end)
    if not end:
        command = ["import", SLUG, "--documents", str(tmp_path / "documents"), "--register", str(tmp_path / "data")]
        assert "cells of 1 that are gone: --write needs --end." in CliRunner().invoke(app, command).output
        kept = contents(tmp_path / "data")
        with pytest.raises(MisconductError, match=r"1 released figure would be gone, and others .*\n.* --end"):
            run(tmp_path)
        assert contents(tmp_path / "data") == kept
        end = "No longer published."
    done = run(tmp_path, end=end)
    assert (done.new, done.moved, done.unended) == (1, 1, 0)
    assert mistakes_of(tmp_path / "data") == []
    seal(tmp_path / "data", "2.0.0")
    assert verified(tmp_path) == []
    assert {(row["period_start"], row["version"]) for row in rows(tmp_path)} == {
        ("2021", "1"),
        ("2022", "1"),
        ("2022", "2"),
        ("2023", "1"),
    }


def test_what_is_gone_and_in_nobodys_way_needs_no_word(released):
    publish(released, "".join(TABLE.splitlines(True)[:-1]))
    done = run(released)
    assert (len(done.gone), done.unended, done.in_the_way) == (1, 1, 0)


def test_all_that_is_not_said_is_told_at_once(tmp_path):
    head, *years = "Year,Kind,Cases,Note\n", "2021,Rudeness,8,\n", "2022,Rudeness,9,\n", "2023,Rudeness,7,\n"
    data = write_table(tmp_path, "".join([head, *years[:2]]), TERMS)
    run(tmp_path)
    seal(data)
    publish(tmp_path, "".join([head, years[1].replace("9", "6"), years[2]]))
    file = data / "observations" / f"{SLUG}.csv"
    typed = file.read_text().splitlines(True)[1].replace(",2021,", ",2019,").replace("cell=2,3", "cell=7,3")
    file.write_text(file.read_text() + typed.replace(typed.partition(",")[0], "bcdfghjk"))
    with pytest.raises(MisconductError) as told:
        run(tmp_path)
    found = [line.partition(",")[0].partition(":")[0] for line in str(told.value).splitlines()[::2]]
    assert found == [
        "1 released figure would have another version",
        "1 released figure would be gone",
        "Drafts say what the table does not",
    ]
    assert str(told.value).count("--") == 3
    run(tmp_path, reason="Revised.", end="No longer published.", drop_drafts=True)
    assert mistakes_of(data) == []


def test_a_figure_that_comes_back_before_the_release_does_not_end(released):
    publish(released, SHORTER)
    run(released, reason="A row was deleted.", end="No longer published.")
    path = released / "data" / "sources" / f"{SLUG}.yaml"
    path.write_text(path.read_text().partition("\n---\n")[0])
    (released / "documents" / "table").write_text(TABLE)
    done = run(released)
    assert (done.same, done.gone) == (3, [])
    assert (released / "data" / "decisions.csv").read_text() == "kind,id,version,action,reason,replaced_by\n"
    assert done.no_longer_end == [f"{ids(released)['2021', 'any_misconduct']} (No longer published.)"]
    assert verified(released) == []


def test_what_an_editor_wrote_into_decisions_outlives_an_import(released):
    """An end with what replaces it, of a figure that the table has or has no more; and words of one's own."""
    old, new = ids(released)["2021", "any_misconduct"], ids(released)["2021", "fen_rudeness"]
    path, head = released / "data" / "decisions.csv", "kind,id,version,action,reason,replaced_by\n"
    path.write_text(by_hand := f"{head}observation,{old},1,ended,A slip of ours.,{new}\n")
    assert (run(released).files, path.read_text()) == ({}, by_hand)
    publish(released, SHORTER)
    run(released, reason="Revised.", end="No longer published.")
    assert f"observation,{old},1,ended,A slip of ours.,{new}\n" in path.read_text()
    assert mistakes_of(released / "data") == []


@pytest.mark.parametrize("table", [TABLE, SHORTER])
def test_a_next_version_that_somebody_typed_is_not_deleted_without_a_word(released, table):
    """Also where the table states the figure as it was released, and is imported for the sake of others."""
    figure = ids(released)["2021", "any_misconduct"]
    file, decisions = released / "data" / "observations" / f"{SLUG}.csv", released / "data" / "decisions.csv"
    row = next(line for line in file.read_text().splitlines(True) if line.startswith(figure))
    file.write_text(file.read_text() + row.replace(f"{figure},1,", f"{figure},2,").replace(",A,", ",P,"))
    reasons = f"observation,{figure},1,added,It is new.,\nobservation,{figure},2,added,It is provisional.,\n"
    decisions.write_text("kind,id,version,action,reason,replaced_by\n" + reasons.split("\n", 1)[1])
    if table != TABLE:
        publish(released, table)
    before = contents(released / "data")
    told = rf"Drafts say what the table does not, .*: obs_status of 1 draft: {figure}@2\.\n.* --drop-drafts"
    with pytest.raises(MisconductError, match=told):
        run(released)
    assert contents(released / "data") == before
    done = run(released, drop_drafts=True)
    assert "  dropped         1 draft that the table does not make, or that are there twice" in [*done.describe()]
    assert f"  not kept        obs_status of 1 draft: {figure}@2" in [*done.describe()]
    assert f"  says no more    why there is {figure}@2: It is provisional." in [*done.describe()]
    assert [row["version"] for row in rows(released) if row["id"] == figure] == ["1"]
    assert "It is provisional." not in decisions.read_text()
    assert mistakes_of(released / "data") == []


def test_the_reason_of_a_first_version_outlives_an_import(tmp_path):
    write_table(tmp_path)
    run(tmp_path)
    path = tmp_path / "data" / "decisions.csv"
    reason = f"observation,{ids(tmp_path)['2021', 'fen_rudeness']},1,added,Counted for the first time.,\n"
    path.write_text(by_hand := f"kind,id,version,action,reason,replaced_by\n{reason}")
    assert (run(tmp_path).files, path.read_text()) == ({}, by_hand)
    write_table(tmp_path, REVISED)
    run(tmp_path, drop_drafts=True)
    assert path.read_text() == by_hand
    seal(tmp_path / "data")
    assert "Counted for the first time." in "".join(manifest(tmp_path, "1.0.0"))


def correct(folder, table):
    """The publisher corrects the file of version 2 of the source before it is released."""
    path = folder / "data" / "sources" / f"{SLUG}.yaml"
    before, _, newest = path.read_text().partition("\n---\n")
    was = (folder / "documents" / "table").read_text()
    (folder / "documents" / "table").write_text(table)
    newest = newest.replace(*(hashlib.sha256(text.encode()).hexdigest() for text in (was, table)))
    newest = newest.replace(*(f'"length": {len(text)}' for text in (was, table)))
    path.write_text(f"{before}\n---\n{newest}")


def waiting(folder):
    with (folder / "data" / "decisions.csv").open() as file:
        return {row["id"]: row["reason"] for row in csv.DictReader(file)}


def test_a_figure_that_moved_in_one_import_and_is_revised_by_the_next_needs_a_reason(released):
    figure, other = ids(released)["2021", "any_misconduct"], ids(released)["2022", "fen_rudeness"]
    publish(released, MOVED)
    run(released)
    correct(released, MOVED.replace(",12,", ",13,"))
    with pytest.raises(MisconductError, match=r"1 released figure would have another version, and nothing says why"):
        run(released)
    run(released, reason=REASON, drop_drafts=True)
    assert waiting(released) == {figure: REASON, other: "It stands elsewhere in the table."}
    assert mistakes_of(released / "data") == []


def test_a_figure_that_was_revised_and_only_moves_by_the_next_import_says_so(released):
    figure = ids(released)["2021", "any_misconduct"]
    publish(released, MOVED.replace(",12,", ",13,"))
    run(released, reason=REASON)
    correct(released, MOVED)
    done = run(released, drop_drafts=True)
    assert (done.unexplained, done.no_longer_said) == (0, {REASON: [f"{figure}@2"]})
    assert f"  says no more    why there is {figure}@2: {REASON}" in [*done.describe()]
    assert waiting(released)[figure] == "It stands elsewhere in the table."
    assert run(released).files == {}


def test_a_revision_that_waits_with_the_reason_of_a_move_needs_another(released):
    """As the program left it before it asked again."""
    figure = ids(released)["2021", "any_misconduct"]
    publish(released, TABLE.replace(",12,", ",13,"))
    run(released, reason="It stands elsewhere in the table.")
    assert run(released, write=False).unexplained == 1
    run(released, reason=REASON)
    assert waiting(released) == {figure: REASON}


def test_the_reason_of_a_figure_that_moved_may_be_changed(released):
    publish(released, MOVED)
    run(released)
    path = released / "data" / "decisions.csv"
    path.write_text(changed := path.read_text().replace("It stands elsewhere in the table.", "A row was inserted."))
    assert (run(released).files, path.read_text()) == ({}, changed)


@pytest.mark.parametrize("line", ["caveat,early,1,ende,It is wrong.,", "<<<<<<< HEAD", "observation,bbbbb,1,ended,,"])
def test_an_import_deletes_no_decision_that_it_cannot_read(released, line):
    publish(released, REVISED)
    path = released / "data" / "decisions.csv"
    path.write_text(before := f"kind,id,version,action,reason,replaced_by\n{line}\n")
    told = refused(released, reason=REASON)
    assert [one.partition(":")[0] for one in told] == ["data/decisions.csv"] * len(told) != []
    assert path.read_text() == before


def test_drafts_are_replaced_and_need_no_reason(tmp_path):
    write_table(tmp_path)
    run(tmp_path)
    before = ids(tmp_path)
    write_table(tmp_path, REVISED)
    done = run(tmp_path, drop_drafts=True)
    assert (done.new, done.revised, done.same) == (1, 1, 2)
    assert [row["version"] for row in rows(tmp_path)] == ["1"] * 4
    assert {key: ids(tmp_path)[key] for key in before} == before
    write_table(tmp_path, SHORTER)
    assert (run(tmp_path, drop_drafts=True).gone, len(rows(tmp_path))) == ([], 2)


UNREADABLE = {
    "a cell too many": lambda text: text.replace("\nTYPED", "\nTYPED,Checked by Anna"),
    "an open quote": lambda text: text.replace("\nTYPED", '\n"TYPED'),
    "a merge conflict": lambda text: text.replace("\nTYPED", "\n<<<<<<< HEAD\nTYPED\n=======\n>>>>>>> ben"),
    "another column": lambda text: text.replace("qualifier", "qualifer", 1),
}


@pytest.mark.parametrize("name", UNREADABLE)
def test_rows_that_cannot_be_read_are_told_and_stay(tmp_path, name):
    """The file is written anew from what is read of it."""
    write_table(tmp_path)
    run(tmp_path)
    file = tmp_path / "data" / "observations" / f"{SLUG}.csv"
    [header, first, *others] = file.read_text().splitlines()
    typed = first.replace(first.split(",")[0], "bcdfghjk")
    text = UNREADABLE[name]("\n".join([header, *others, "TYPED", ""])).replace("TYPED", typed)
    file.write_text(text)
    for is_written in (False, True):
        with pytest.raises(RegisterRefused) as told:
            run(tmp_path, write=is_written)
        assert [mistake.file for mistake in told.value.mistakes] == [f"data/observations/{SLUG}.csv"]
    assert file.read_text() == text


@pytest.mark.parametrize("version", ["v1", "", "1.0", "01"])
def test_a_version_that_is_none_is_told_at_its_row(tmp_path, version):
    """Nothing else says which row is the newest of a figure, here of one that the table has otherwise."""
    write_table(tmp_path)
    run(tmp_path)
    replace(tmp_path / "data" / "observations" / f"{SLUG}.csv", ',"cell=3,3",', ',"cell=3,9",')
    figure = ids(tmp_path)["2021", "any_misconduct"]
    replace(tmp_path / "data" / "observations" / f"{SLUG}.csv", f"{figure},1,", f"{figure},{version},")
    [mistake] = refused(tmp_path)
    assert mistake.startswith(f"data/observations/{SLUG}.csv:3:10: {version!r} is not a version; 1, 2, 3")


def test_rows_that_somebody_typed_are_not_deleted_without_a_word(tmp_path):
    data = write_table(tmp_path)
    run(tmp_path)
    file = data / "observations" / f"{SLUG}.csv"
    typed = file.read_text().splitlines(True)[1].replace(",2021,", ",2019,").replace("cell=2,3", "cell=2,4")
    file.write_text(file.read_text() + typed.replace(typed[:8], "bcdfghjk"))
    before = contents(data)
    assert "  not kept        all of 1 draft: bcdfghjk@1" in [*run(tmp_path, write=False).describe()]
    with pytest.raises(MisconductError, match=r"would go: all of 1 draft: bcdfghjk@1\.\n.* --drop-drafts"):
        run(tmp_path)
    assert contents(data) == before
    assert run(tmp_path, drop_drafts=True).unkept == {"all": ["bcdfghjk@1"]}
    assert [row["value"] for row in rows(tmp_path)] == ["8", "12", "1204"]


def write_caveats(folder, rows, caveated=()):
    """Write rows of observations; into those whose places among them are given, somebody types a caveat."""
    (folder / "data" / "caveats.yaml").write_text("- {id: early, version: 1, text: The figures are early.}\n")
    with (folder / "data" / "observations" / f"{SLUG}.csv").open("w") as written:
        writer = csv.DictWriter(written, [*dict.fromkeys([*chain.from_iterable(rows), "caveats"])], lineterminator="\n")
        writer.writeheader()
        writer.writerows({**row, "caveats": "early"} if at in caveated else row for at, row in enumerate(rows))


def asked(folder, **said):
    """What an import asks about drafts, before it writes anything."""
    before = contents(folder / "data")
    with pytest.raises(MisconductError, match="Drafts say what the table does not") as told:
        run(folder, **said)
    assert contents(folder / "data") == before
    return str(told.value).partition("would go: ")[2].partition(".\n")[0]


def test_of_drafts_that_a_mapping_now_reads_in_another_way_it_is_told_what_else_they_said(tmp_path):
    data = write_table(tmp_path)
    run(tmp_path)
    first, second, third = rows(tmp_path)
    write_caveats(tmp_path, [first, second, third], [2])
    terms = TERMS.replace("broadMatch\tany_misconduct", "exactMatch\tsexual_misconduct")
    (data / "mappings" / f"{MAPPING}.sssom.tsv").write_text(terms)
    assert asked(tmp_path) == f"category, caveats of 1 draft: {third['id']}@1"
    done = run(tmp_path, drop_drafts=True)
    assert (done.new, done.dropped, len(rows(tmp_path))) == (2, 2, 3)
    assert f"  not kept        category of 1 draft: {first['id']}@1" in [*done.describe()]  # which needs no word


def test_what_somebody_typed_into_a_draft_of_the_table_is_asked_for(tmp_path):
    data = write_table(tmp_path)
    run(tmp_path)
    before = rows(tmp_path)
    figure, changed = before[1]["id"], before[0]["id"]
    write_caveats(tmp_path, before, [1])
    assert mistakes_of(data) == []
    caveats = (data / "caveats.yaml").read_bytes()
    write_table(tmp_path, TABLE.replace(",8,", ",9,").replace("1,204", "1,205"))
    (data / "caveats.yaml").write_bytes(caveats)
    numbers = f"value, printed of 2 drafts: {changed}@1, {before[2]['id']}@1"
    assert asked(tmp_path) == f"caveats of 1 draft: {figure}@1"
    done = [*run(tmp_path, drop_drafts=True).describe()]
    assert done[done.index(f"  not kept        caveats of 1 draft: {figure}@1") + 1] == f"  not kept        {numbers}"
    assert [row["value"] for row in rows(tmp_path)] == ["9", "12", "1205"]


def test_a_draft_that_only_moves_is_not_asked_for(tmp_path):
    write_table(tmp_path)
    run(tmp_path)
    write_table(tmp_path, MOVED)
    done = run(tmp_path)
    assert (done.moved, done.unkept) == (2, {})


@pytest.mark.parametrize("caveated", [1, 4])
def test_of_two_imports_of_one_edition_that_were_merged_no_words_go_unasked(tmp_path, caveated):
    """The same figures have other ids on each branch, and on one of them somebody typed a caveat."""
    write_table(tmp_path)
    run(tmp_path)
    ours = rows(tmp_path)
    theirs = [{**row, "id": name} for row, name in zip(ours, ["bcdfghjk", "ccdfghjk", "dcdfghjk"], strict=True)]
    both = [*ours, *theirs]
    write_caveats(tmp_path, both, [caveated])
    assert asked(tmp_path) == f"caveats of 1 draft: {both[caveated]['id']}@1"
    done = run(tmp_path, drop_drafts=True)
    assert (done.new, done.gone, done.dropped) == (0, [], 3)
    assert rows(tmp_path) == ours
    write_caveats(tmp_path, both)
    done = run(tmp_path)
    assert (done.same, done.dropped, done.unkept, rows(tmp_path)) == (3, 3, {}, ours)


@pytest.mark.parametrize("is_first", [True, False])
def test_of_a_released_figure_and_a_draft_of_it_from_another_branch_the_released_one_stays(released, is_first):
    ours = rows(released)
    theirs = [{**row, "id": name} for row, name in zip(ours, ["bcdfghjk", "ccdfghjk", "dcdfghjk"], strict=True)]
    write_caveats(released, [*theirs, *ours] if is_first else [*ours, *theirs], [1 if is_first else 4])
    assert asked(released) == "caveats of 1 draft: ccdfghjk@1"
    done = run(released, drop_drafts=True)
    assert (done.gone, done.dropped, rows(released)) == ([], 3, ours)


@pytest.mark.parametrize("table", [TABLE, REVISED.replace(",9,", ",8,").replace(",12,", ",13,"), SHORTER])
@pytest.mark.parametrize("caveated", [2, 3])
def test_of_two_drafts_with_one_id_and_version_both_are_compared(released, table, caveated):
    """As a merge leaves them: of a figure that the table has as released, in another way, or no more."""
    first, second, third = rows(released)
    draft = {**second, "version": "2", "value": "13", "printed": "13"}
    write_caveats(released, [first, second, draft, draft, third], [caveated])
    caveats = (released / "data" / "caveats.yaml").read_bytes()
    if table != TABLE:
        publish(released, table)
    (released / "data" / "caveats.yaml").write_bytes(caveats)
    said = {"reason": REASON, "end": "No longer published."}
    key = f"{second['id']}@2"
    revised = f"caveats of 1 draft: {key}"
    otherwise = f"value, printed, caveats of 1 draft: {key}; value, printed of 1 draft: {key}"
    is_revised = ",13," in table
    assert sorted(asked(released, **said).split("; ")) == sorted((revised if is_revised else otherwise).split("; "))
    run(released, drop_drafts=True, **said)
    kept = [row["version"] for row in rows(released) if row["id"] == second["id"]]
    assert kept == (["1", "2"] if is_revised else ["1"])
    assert mistakes_of(released / "data") == []


def test_other_bytes_under_an_old_version_of_the_source_are_refused(released):
    (released / "documents" / "table").write_text(REVISED)
    [mistake] = refused(released)
    assert mistake.startswith(f"data/sources/{SLUG}.yaml:")
    assert mistake.endswith(
        "table looks like it, but has other bytes; the bytes that were read; "
        "if the publisher changed them, the next version of the source"
    )


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("observation,ID,1,end,Gone.,", "data/decisions.csv:2:24: there is no action 'end'; added, ended; did you mean ended?"),
        ("release,1.0.0,1,ended,Gone.,", "data/decisions.csv:2:1: there is no kind 'release'"),
        ("figure,ID,1,ended,Gone.,", "data/decisions.csv:2:1: there is no kind 'figure'"),
        ("observation,ID,1,ended,,", "data/decisions.csv:2:30: reason is empty"),
        ("observation,ID,x,ended,Gone.,", "data/decisions.csv:2:22: 'x' is not a version; 1, 2, 3, …"),
    ],
)  # fmt: skip
def test_decisions_that_say_nothing_are_refused(released, line, found):
    figure = ids(released)["2021", "any_misconduct"]
    (released / "data" / "decisions.csv").write_text(
        f"kind,id,version,action,reason,replaced_by\n{line.replace('ID', figure)}\n"
    )
    [mistake] = mistakes_of(released / "data")
    assert mistake.startswith(found)


def test_two_reasons_for_one_version_are_a_mistake_of_the_second_and_none_is_lost(released):
    """As of two editors who revised the same figure: a merge by union keeps both lines without a conflict."""
    publish(released, REVISED)
    run(released, reason=REASON)
    path = released / "data" / "decisions.csv"
    figure = ids(released)["2021", "fen_rudeness"]
    path.write_text(both := path.read_text() + f"observation,{figure},2,added,The force wrote.,\n")
    told = (
        f"data/decisions.csv:3:13: line 2 says already why observation {figure}@2 is added, "
        "with another reason or replacement; one of the two lines"
    )
    assert mistakes_of(released / "data") == [told]
    assert refused(released, reason=REASON) == [told]
    with pytest.raises(RegisterRefused, match="line 2 says already why"):
        seal(released / "data", "2.0.0")
    assert path.read_text() == both


@pytest.mark.parametrize(("first", "second"), [("Gone.,", "Left out.,"), ("Gone.,", "Gone.,ID")])
def test_two_ends_of_one_figure_are_one_mistake(released, first, second):
    figure, other = ids(released)["2021", "any_misconduct"], ids(released)["2021", "fen_rudeness"]
    lines = (f"observation,{figure},1,ended,{said.replace('ID', other)}\n" for said in (first, second))
    (released / "data" / "decisions.csv").write_text("kind,id,version,action,reason,replaced_by\n" + "".join(lines))
    [mistake] = read(released / "data").mistakes
    assert mistake.startswith(f"data/decisions.csv:3:13: line 2 says already why observation {figure}@1 is ended, ")


def test_the_same_decision_twice_is_one(released):
    """As a merge by union brings it: nobody wrote anything else."""
    publish(released, SHORTER.replace(",8,", ",9,"))
    run(released, reason=REASON, end="No longer published.")
    path = released / "data" / "decisions.csv"
    head, *lines = path.read_text().splitlines(keepends=True)
    path.write_text(twice := head + "".join(lines * 2))
    assert read(released / "data").mistakes == []
    assert (run(released).files, path.read_text()) == ({}, twice)
    seal(released / "data", "2.0.0")
    assert sum(REASON in line for line in manifest(released, "2.0.0")) == 1
    assert not path.exists()


def test_what_no_release_has_cannot_end(released):
    (released / "data" / "decisions.csv").write_text(
        "kind,id,version,action,reason,replaced_by\nobservation,bbbbb,1,ended,Gone.,\n"
    )
    [mistake] = read(released / "data").mistakes
    assert mistake == "data/decisions.csv:2:13: no release has the observation bbbbb@1, so it cannot be ended"


def test_what_the_law_removed_does_not_come_back_with_the_next_import(released):
    data, figure = released / "data", ids(released)["2021", "any_misconduct"]
    path = data / "observations" / f"{SLUG}.csv"
    path.write_text("".join(line for line in path.read_text().splitlines(True) if not line.startswith(figure)))
    seal(data, "2.0.0", removed=[f"{figure}@1=A court."])
    told = rf"The law removed {figure}@1, and 1 figure would be new\.(\n.*)--none-removed"
    with pytest.raises(MisconductError, match=told):
        run(released)
    assert run(released, write=False).removed == [f"{figure}@1"]
    layout = data / "tables" / f"{SLUG}.yaml"
    layout.write_text(f"{layout.read_text()}---\n{layout.read_text().replace('version: 1', 'version: 2')}")
    layout.write_text(f"{layout.read_text()}skip: {{'cell=3,3': A court.}}\n")
    done = run(released)
    assert (done.new, done.same, done.files) == (0, 2, {})
    assert "  note            left out: cell=3,3" in [*done.describe()]
    assert verified(released) == []
    seal(data, "2.1.0")
    kept = layout.read_text()
    publish(released, TABLE + "2023,Theft,7,\n")
    layout.write_text(kept)
    run(released, none_removed=True)
    assert [row["value"] for row in rows(released)] == ["8", "1204", "7"]
    assert (verified(released), mistakes_of(data)) == ([], [])


@pytest.mark.parametrize("cell", ["cell=2,2", "cell=4,4", "cell=9,3", "cell=1,3"])
def test_a_cell_that_is_left_out_has_a_figure(tmp_path, cell):
    write_table(tmp_path, skip={cell: "A court."})
    (said,) = refused(tmp_path)
    assert said.startswith("data/tables/fenmoor.yaml:")
    assert said.endswith(f"table has no figure at {cell} to skip; a cell of a column of figures that states something")


def test_a_cell_that_states_no_number_is_left_out_with_a_reason(tmp_path):
    write_table(tmp_path, TABLE.replace(",12,", ",#VALUE!,"), skip={"cell=3,3": "The publisher's formula failed."})
    done = run(tmp_path)
    assert "  note            left out: cell=3,3" in [*done.describe()]
    assert [row["value"] for row in rows(tmp_path)] == ["8", "1204"]
    assert verified(tmp_path) == []


def test_a_decision_that_a_release_has_in_the_same_words_is_no_mistake_and_goes_with_the_next(released):
    """As after a release that was stopped at its end, or a merge with a branch that still had it."""
    figure = ids(released)["2021", "any_misconduct"]
    decisions = released / "data" / "decisions.csv"
    stale = f"kind,id,version,action,reason,replaced_by\nobservation,{figure},1,ended,Withdrawn.,\n"
    seal(released / "data", "2.0.0", ended=[f"{figure}=Withdrawn."])
    decisions.write_text(stale)
    assert read(released / "data").mistakes == []
    (released / "data" / "sources" / "later.yaml").write_text(source_text("later", held=False))
    seal(released / "data", "3.0.0")
    assert not decisions.exists()
    decisions.write_text(stale.replace("Withdrawn", "Another reason"))
    [mistake] = read(released / "data").mistakes
    assert f"{figure}@1 was no longer in force" in mistake


def test_a_reason_for_a_version_that_a_release_has_already_is_a_mistake_unless_the_release_says_it(released):
    """As of two editors who revised the same figure: that of the second would be in no release, nor in the file."""
    figure = ids(released)["2021", "fen_rudeness"]
    publish(released, REVISED)
    run(released, reason=REASON)
    seal(released / "data", "2.0.0")
    path = released / "data" / "decisions.csv"
    path.write_text(f"kind,id,version,action,reason,replaced_by\nobservation,{figure},2,added,{REASON},\n")
    assert mistakes_of(released / "data") == []
    path.write_text(f"kind,id,version,action,reason,replaced_by\nobservation,{figure},2,added,The force wrote.,\n")
    [mistake] = mistakes_of(released / "data")
    assert f"release 2.0.0 has {figure}@2 already, and says no such reason" in mistake
    (released / "data" / "sources" / "later.yaml").write_text(source_text("later", held=False))
    with pytest.raises(RegisterRefused):
        seal(released / "data", "3.0.0")
    assert "The force wrote." in path.read_text()


@pytest.mark.parametrize("key", ["observation,ID,2", "caveat,nobody,7"])
def test_a_reason_for_a_version_that_nobody_has_is_a_mistake(released, key):
    """As after an import that was stopped between decisions and rows: a release would take the ends and drop it."""
    key = key.replace("ID", ids(released)["2021", "any_misconduct"])
    path = released / "data" / "decisions.csv"
    path.write_text(f"kind,id,version,action,reason,replaced_by\n{key},added,Revised.,\n")
    kind, identity, version = key.split(",")
    [mistake] = mistakes_of(released / "data")
    assert (
        f"there is no {kind} {identity}@{version}, for which this is a reason; what is there; after an import"
        in mistake
    )
    if kind == "observation":
        publish(released, TABLE.replace(",12,", ",13,"))
        run(released)
        assert mistakes_of(released / "data") == []
        assert f"{key},added,Revised.," in path.read_text()


def test_a_draft_of_a_figure_that_has_ended_gives_its_id_to_no_other(released):
    """As a merge with a branch on which it was revised leaves it: an end is for good."""
    figure = ids(released)["2021", "any_misconduct"]
    seal(released / "data", "2.0.0", ended=[f"{figure}=Withdrawn."])
    first, second, third = rows(released)
    write_caveats(released, [first, second, {**second, "version": "2", "value": "13", "printed": "13"}, third])
    done = run(released, drop_drafts=True)
    assert (done.new, done.dropped) == (1, 1)
    [now] = (row for row in rows(released) if row["value"] == "12" and row["id"] != figure)
    assert now["version"] == "1"
    assert [row["version"] for row in rows(released) if row["id"] == figure] == ["1"]
    assert mistakes_of(released / "data") == []


def test_of_two_drafts_with_one_id_and_version_neither_counts_as_a_move_of_the_other(released):
    """As a merge leaves them, with the reason of a revision, which would be forgotten."""
    first, second, third = rows(released)
    draft = {**second, "version": "2", "value": "13", "printed": "13"}
    write_caveats(released, [first, second, draft, {**draft, "at": "cell=9,3"}, third])
    decisions = released / "data" / "decisions.csv"
    decisions.write_text(f"kind,id,version,action,reason,replaced_by\nobservation,{second['id']},2,added,{REASON},\n")
    before = decisions.read_bytes()
    caveats = (released / "data" / "caveats.yaml").read_bytes()
    publish(released, TABLE.replace(",12,", ",13,"))
    (released / "data" / "caveats.yaml").write_bytes(caveats)
    done = run(released, reason="Another reason.")
    assert (done.no_longer_said, decisions.read_bytes()) == ({}, before)


def test_a_figure_that_two_tables_of_a_source_state_is_a_mistake_of_the_second(released):
    layout = (released / "data" / "tables" / f"{SLUG}.yaml").read_text()
    (released / "data" / "tables" / f"{SLUG}-2.yaml").write_text(layout.replace(SLUG, f"{SLUG}-2", 1))
    places = [f"table#cell={row},3: {ids(released)[key]} in line {row} states the same thing at cell={row},3"
              for row, key in ((2, ("2021", "fen_rudeness")), (3, ("2021", "any_misconduct")), (4, ("2022", "fen_rudeness")))]  # fmt: skip
    assert [mistake.partition(";")[0] for mistake in refused(released)] == places
