"""Figures keep their ids over editions, and `verify` names what the table does not give."""

import csv
from collections import Counter

import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import RegisterError, ReleaseError
from misconduct.releases.folder import read_release
from tests.desk.editor import FROM_APRIL, LAYOUT, ROWS, change, changes_of, is_named
from tests.registers import make_release

NOTHING = "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
LINES = "Against the register"


def title(words, cell="A1"):
    """Return what the table's file says of figures that quote a title."""
    return {"figure": LAYOUT["figure"] | {"counted": {cell: words}}}


def ids(editor, *cells):
    """Return the ids of figures by their cells, or of some in their order."""
    found = {cell: row["id"] for cell, row in editor.figures().items()}
    return [found[cell] for cell in cells] if cells else found


def release_first(editor, **keys):
    """Add the first edition, release it, and return the ids of its figures."""
    editor.add(**keys)
    make_release(editor.data, "The first edition.", "2024-01-01")
    return ids(editor)


def release_next(editor):
    """Release the next edition; return the release, and what was done to each figure."""
    made = make_release(editor.data, "Another edition.", "2024-02-01")
    done = [one for one in made.changes if one["kind"] == "observation"]
    return made, {one["id"]: one["action"] for one in done}


def rewrite_ids(editor, ids):
    """Write ids into the figures in place of others, as an editor does."""
    text = editor.observations.read_text()
    for new, old in ids.items():
        text = text.replace(new, old)
    editor.observations.write_text(text)


def test_the_next_edition_keeps_ids_and_its_release_shows_what_was_revised(editor):
    before = release_first(editor)
    rows = [*ROWS[:2], ["Metropolitan", 3, 4, 7], ["Kent", 3, "5~", 8]]
    source = {"title": "Allegations, revised"}
    editor.write([*rows, ["Total", 6, 9, 15]], source=source, signs={"~": "revised"})
    words = ["add", str(editor.document), "--slug", "report"]
    done = CliRunner().invoke(app, [*words, "--data", str(editor.data)])
    assert "3 new, 5 revised, 0 recoded, 1 moved, 3 gone" in done.output
    assert "2022/23 (April 2022 to March 2023): 4 → 5" in done.output
    with pytest.raises(ReleaseError, match=r"3 ended without a reason") as error:
        release_next(editor)  # the editor must say why
    assert "one that has ended, in other words, write the id" in str(error.value)
    with (editor.data / "reasons.csv").open("a") as file:
        file.write("observation,*,ended,North Yorkshire is no longer in the table.,\n")
    made, done = release_next(editor)
    after = ids(editor)
    assert {cell: after[cell] for cell in ("4,2", "4,3", "5,2")} == {
        now: before[then]
        for now, then in [("4,2", "3,2"), ("4,3", "3,3"), ("5,2",) * 2]
    }
    assert {after["3,2"], after["3,3"], after["3,4"]}.isdisjoint(before.values())
    revised, ended = before["3,3"], before["4,2"]
    assert (done[revised], done[ended]) == ("revised", "ended")
    reasons = [one["reason"] for one in made.changes if one["action"] == "revised"]
    assert all("Allegations, revised" in reason for reason in reasons)
    first = read_release(editor.data / "releases/1.0.0")
    found = [one for of in (first, made) for one in of.figures if one["id"] == revised]
    printed = [(one["printed"], one["mark"]) for one in found]
    assert printed == [("4", None), ("5", "revised")]


def test_the_preview_of_an_edition_and_its_release_use_the_same_words(editor):
    release_first(editor, **title("Allegations"))
    rows = [["All numbers are final"], ROWS[0], [*ROWS[1][:3], "2023/24", "Total"]]
    rows += [[*row[:3], 0, row[3]] for row in ROWS[2:]]
    keys = {"header": [3], "rows": "4-5", "totals": {"6": {"area": "gb"}}}
    keys |= title("Allegations", "A2")
    # published before the added year had ended
    assert "in unfinished" in str(editor.add(rows, **keys).mistakes)
    outcome = editor.add(rows, **keys, source={"published": "2024-05"})
    # the totals are over another year
    assert changes_of(outcome) == "3 new, 3 revised, 0 recoded, 6 moved, 0 gone"
    made, done = release_next(editor)
    assert Counter(done.values()) == {"added": 3, "revised": 3}
    assert made.number == "1.1.0"


def test_other_words_for_a_period_in_other_cells_are_no_revision(editor):
    """Of an edition that gives the same years in other words, only the number that changed is revised."""
    before = release_first(editor)
    days = {
        "1 April 2021 to 31 March 2022": "2021-04/2022-03",
        "1 April 2022 to 31 March 2023": "2022-04/2023-03",
    }
    rows = [ROWS[0], ["All numbers are final"], ["Police force", *days, "Total"]]
    rows += [["Kent", 3, 5, 8], ["North Yorkshire", 1, 2, 3], ["Total", 4, 7, 11]]
    keys = {"header": [3], "rows": "4-5", "totals": {"6": {"area": "gb"}}}
    keys["columns"] = {"Police force": "area", "1 April*": {"year": "financial"}}
    keys["columns"] |= {"Total": "total"}
    outcome = editor.add(rows, **keys, periods=days)
    assert outcome.mistakes == []
    assert changes_of(outcome) == "0 new, 4 revised, 0 recoded, 5 moved, 0 gone"
    revised = [before[cell] for cell in ("3,3", "3,4", "5,3", "5,4")]
    assert release_next(editor)[1] == dict.fromkeys(revised, "revised")


def test_a_new_title_and_a_revised_number_keep_the_ids_of_all_figures(editor):
    until = "Allegations to {}".format
    before = release_first(editor, table=change(A1=until(2023)), **title(until(2023)))
    rows = [[until(2024)], [*ROWS[1][:3], "2023/24", "Total"], ["Sussex", 0, 0, 1, 1]]
    rows += [["Kent", 3, 5, 2, 10], ["North Yorkshire", 1, 2, 0, 3]]
    keys = {"rows": "3-5", "totals": {"6": {"area": "gb"}}, **FROM_APRIL}
    keys |= title(until(2024)) | {"words": {"Sussex": "gb_sussex"}}
    with (editor.data / "codelists/area.csv").open("a") as file:
        file.write("gb_sussex,Sussex Police,gb,,\n")
    rows.append(["Total", 4, 7, 3, 14])
    outcome = editor.add(rows, **keys, source={"published": "2024-11"})
    assert changes_of(outcome) == "7 new, 5 revised, 4 recoded, 0 moved, 0 gone"
    kept = {"3,2": "4,2", "3,3": "4,3", "3,4": "4,5", "4,3": "5,3"}
    kept |= {"5,3": "6,3", "5,4": "6,5"}
    assert ids(editor, *kept.values()) == [before[cell] for cell in kept]
    made, _ = release_next(editor)
    changed = [one for one in made.changes if one["action"] != "added"]
    edition = "publisher's new edition (November 2024): Allegations."
    assert Counter(one.get("reason") for one in changed) == {
        f"The {edition}": 6,  # and the source
        f"Described in another way since the {edition}": 4,
    }
    assert made.number == "1.1.0"  # nobody need correct anything


REPLY = "- id: reply\n  text: It says that 4 is too many.\n  routine: true\n  reply_by: the_force\n  replied: 2024-02\n"


def test_a_reply_stands_on_one_figure_and_goes_with_it_to_the_next_edition(editor):
    editor.add()
    with (editor.data / "caveats.yaml").open("a") as file:
        file.write(REPLY)
    (identity,) = ids(editor, "3,3")
    replied = {"caveats": {identity: ["reply"]}}
    outcome = editor.add(**replied)
    assert changes_of(outcome) == "0 new, 0 revised, 1 recoded, 0 moved, 0 gone"
    assert changes_of(editor.run()) == NOTHING
    assert editor.verify() == []
    kent = {"A4": "Kent", "B4": 3, "C4": 5, "D4": 8, "C5": 7, "D5": 11}
    moved = change(A3="Metropolitan", B3=1, C3=2, D3=3, **kent)
    assert editor.add(moved, **replied).mistakes == []
    rows = editor.figures()
    assert [cell for cell, row in rows.items() if row["caveats"]] == ["4,3"]
    assert (rows["4,3"]["id"], rows["4,3"]["caveats"]) == (identity, "reply")
    assert editor.verify() == []


def test_what_an_editor_says_of_series_stands_on_its_figure_in_each_run(editor):
    editor.add()
    (identity,) = ids(editor, "3,3")
    said = {"leads": "Newer than the other", "break": "From here it counts cases"}
    told = editor.add(**{key: {identity: why} for key, why in said.items()})
    assert changes_of(told) == "0 new, 0 revised, 1 recoded, 0 moved, 0 gone"
    assert changes_of(editor.run()) == NOTHING
    for column, why in said.items():
        rows = editor.figures().values()
        assert {row["id"]: row[column] for row in rows if row[column]} == {
            identity: why
        }
    assert editor.verify() == []


UNKNOWN = {
    # a key, what it says (k7m3q is the figure of C3), its column, and words of the mistake
    "caveat of no figure": ("caveats", {"zzzz9": ["not_a_finding"]}, 11, "no figure"),
    "caveat of a cell": ("caveats", {"D3": ["not_a_finding"]}, 11, "k7m3q"),
    "no caveat": ("caveats", {"k7m3q": ["not_a_findin"]}, 21, "mean not_a_finding?"),
    "lead of no figure": ("leads", {"zzzz9": "It counts cases"}, 9, "no figure"),
    "lead without a reason": ("leads", {"k7m3q": "yes"}, 9, "no reason"),
    "break of no figure": ("break", {"zzzz9": "It counts cases"}, 9, "no figure"),
    "break without a reason": ("break", {"k7m3q": "yes"}, 9, "no reason"),
}


@pytest.mark.parametrize(("key", "says", "at", "word"), UNKNOWN.values(), ids=UNKNOWN)
def test_words_on_a_figure_are_told_at_their_line(editor, key, says, at, word):
    editor.add()
    (identity,) = ids(editor, "3,3")
    says = {identity if one == "k7m3q" else one: why for one, why in says.items()}
    mistakes = editor.add(**{key: says}).mistakes
    assert is_named(mistakes, f"tables/report.yaml:8:{at}", word), mistakes


WORDS = {"totals": {}, "columns": {"Tactic": "words", "20*": {"year": "financial"}}}
WORDS["figure"] = LAYOUT["figure"] | {"area": "gb"}
TACTICS = [["Uses"], ["Tactic", "2021/22", "2022/23"]]
TACTICS += [["Baton", 3, 4], ["Irritant", 8, 9]]


def test_a_renamed_row_keeps_its_id_if_the_editor_writes_it(editor):
    editor.add(TACTICS, **WORDS)
    before = ids(editor, "3,2", "3,3")
    rows = [*TACTICS[:2], ["Baton drawn", 3, 4], ["Irritant", 8, 7]]
    outcome = editor.add(rows, **WORDS)
    assert changes_of(outcome) == "2 new, 1 revised, 0 recoded, 0 moved, 2 gone"
    told = outcome.sections[LINES][-1]
    assert "write the id that is gone in place of its new one" in told
    rewrite_ids(editor, dict(zip(ids(editor, "3,2", "3,3"), before, strict=True)))
    assert changes_of(editor.run()) == NOTHING
    assert ids(editor, "3,2", "3,3") == before


def test_a_mark_that_comes_before_a_label_loses_no_id(editor):
    before = release_first(editor, table=TACTICS, **WORDS)
    marked = change(TACTICS, A3="*Baton")
    outcome = editor.add(marked, **WORDS, signs={"*": "ignore"})
    assert (changes_of(outcome), ids(editor)) == (NOTHING, before)


def test_every_id_that_is_gone_is_listed(editor):
    kinds = [[f"Kind {chr(65 + one)}", 2 * one + 61, 2 * one + 62] for one in range(26)]
    keys = WORDS | {"rows": "3-28"}
    before = release_first(editor, table=[*TACTICS[:2], *kinds], **keys)
    renamed = [[f"{label} in all", *numbers] for label, *numbers in reversed(kinds)]
    lines = editor.add([*TACTICS[:2], *renamed], **keys).sections[LINES]
    gone = {line.split()[1] for line in lines if line.startswith("gone: ")}
    assert gone == {*before.values()}


SURE = {"words": {"Kent": "E23000001"}, "sure": {"Kent as E23000001": "a test"}}


def test_other_codes_for_the_same_document_keep_the_ids(editor):
    editor.add()
    before = ids(editor)
    codes = {"figure": title("Allegations")["figure"] | {"measure": "proven"}}
    outcome = editor.add(**SURE, **codes)
    assert changes_of(outcome) == "0 new, 0 revised, 9 recoded, 0 moved, 0 gone"
    assert ids(editor) == before


def test_an_editor_who_adds_a_column_and_changes_a_code_keeps_the_ids(editor):
    columns = {"Police force": "area", "2021*": {"year": "financial"}}
    columns |= {"2022*": "ignore", "Total": "ignore"}
    editor.add(columns=columns)
    before = ids(editor)
    outcome = editor.add(columns=columns | {"2022*": {"year": "financial"}}, **SURE)
    assert changes_of(outcome) == "3 new, 0 revised, 1 recoded, 0 moved, 0 gone"
    assert before.items() <= ids(editor).items()


def test_a_second_run_and_a_return_to_the_old_file_are_compared_with_the_release(
    editor,
):
    before = release_first(editor)
    assert changes_of(editor.run()) == NOTHING
    other = change(A4="Metropolitan", B4=5, C4=6, D4=11, B5=8, C5=10, D5=18)
    first = editor.add(other)
    assert changes_of(first) == "3 new, 3 revised, 0 recoded, 0 moved, 3 gone"
    others = ids(editor)
    assert editor.run().sections == first.sections
    assert ids(editor) == others
    assert changes_of(editor.add()) == NOTHING
    assert ids(editor) == before


def test_revised_numbers_stand_before_totals_of_more_years(editor):
    editor.add()
    rows = [ROWS[0], [*ROWS[1][:3], "2023/24", "Total"], ["Kent", 3, 4, 1, 8]]
    rows += [["North Yorkshire", 1, 5, 1, 7], ["Total", 4, 9, 2, 15]]
    lines = editor.add(rows, source={"published": "2024-05"}).sections[LINES]
    revised = [line.partition("April")[2] for line in lines if line[:7] == "revised"]
    assert revised == [
        " 2022 to March 2023): 2 → 5 (value, printed)",
        " 2022 to March 2023): 6 → 9 (value, printed)",
        " 2021 to March 2024: 7 → 8 (period, value, printed)",
        " 2021 to March 2024: 3 → 7 (period, value, printed)",
        " 2021 to March 2024: 10 → 15 (period, value, printed)",
    ]


OTHER = {
    # each column of a figure, and a cell that its table does not give
    "value": "9",
    "printed": "9",
    "measure": "proven",
    "category": "sexual",
    "area": "gb",
    "unit": "percent",
    "population": "staff",
    "period": "2020",
    "counting_unit": "people",
    "period_printed": "2021-22",
    "mark": "",
    "at": "cell=9,9",
    "period_at": "cell=9,9",
    "counted": "forces",
    "counted_at": "cell=1,2",
    "part_of": "",
    "statistic": "share",
    "stated_by": "the_news",
    "fit": "close",
    "qualifier": "about",
    "stock_or_flow": "stock",
}


def test_verify_names_each_cell_of_the_figures_that_the_table_does_not_give(editor):
    keys = {"signs": {"~": "revised"}, **title("Allegations")}
    editor.add(change(B3="3~"), **keys)
    header, first, *lines = csv.reader(editor.observations.read_text().splitlines())
    assert OTHER.keys() == {*header} - {"id"}, header
    for name, cell in OTHER.items():
        changed = dict(zip(header, first, strict=True)) | {name: cell}
        with editor.observations.open("w", newline="") as file:
            csv.writer(file).writerows([header, [*changed.values()], *lines])
        try:
            found = editor.verify()
        except RegisterError as error:
            found = str(error).splitlines()
        # `check` compares printed and value
        number = header.index("value" if name == "printed" else name) + 1
        place = f"observations/report.csv:2:{number}: "
        assert any(line.startswith(place) for line in found), (name, found)
