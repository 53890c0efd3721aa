"""Figures keep their ids over editions, and `verify` names what the table does not give."""

import csv
from collections import Counter

import pytest
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import RegisterError, ReleaseError
from misconduct.releases.folder import read_release
from tests.desk.editor import (
    FROM_APRIL,
    LAYOUT,
    ROWS,
    change,
    changes_of,
    is_named,
)
from tests.registers import make_release


def test_the_next_edition_keeps_ids_and_its_release_shows_what_was_revised(editor):
    editor.add()
    make_release(editor.data, "The first edition.", "2024-01-01")
    before = editor.figures()
    rows = [
        ["Allegations by force"],
        ["Police force", "2021/22", "2022/23", "Total"],
        ["Metropolitan", 3, 4, 7],
        ["Kent", 3, "5~", 8],
        ["Total", 6, 9, 15],
    ]
    editor.write(rows, source={"title": "Allegations, revised"}, signs={"~": "revised"})
    words = [
        "add",
        str(editor.document),
        "--slug",
        "report",
        "--data",
        str(editor.data),
    ]
    done = CliRunner().invoke(app, words)
    assert "3 new, 5 revised, 0 recoded, 1 moved, 3 gone" in done.output
    assert "2022/23 (April 2022 to March 2023): 4 → 5" in done.output
    with pytest.raises(
        ReleaseError, match=r"3 ended without a reason \(kind observation\)"
    ) as error:
        make_release(editor.data, "Revised.", "2024-02-01")  # the editor must say why
    assert (
        "if an added figure is one that has ended, in other words, write the id"
        in str(error.value)
    )
    with (editor.data / "reasons.csv").open("a") as file:
        file.write("observation,*,ended,North Yorkshire is no longer in the table.,\n")
    make_release(editor.data, "Revised.", "2024-02-01")
    after = editor.figures()
    assert (after["4,2"]["id"], after["4,3"]["id"], after["5,2"]["id"]) == tuple(
        before[one]["id"] for one in ("3,2", "3,3", "5,2")
    )
    assert {after[f"3,{column}"]["id"] for column in (2, 3, 4)}.isdisjoint(
        row["id"] for row in before.values()
    )
    first, second = (
        read_release(editor.data / "releases" / number) for number in ("1.0.0", "2.0.0")
    )
    actions = {
        one["id"]: one["action"]
        for one in second.changes
        if one["kind"] == "observation"
    }
    assert actions[before["3,3"]["id"]] == "revised"
    assert actions[before["4,2"]["id"]] == "ended"
    assert all(
        "Allegations, revised" in one["reason"]
        for one in second.changes
        if one["action"] == "revised"
    )
    revised = [
        next(one for one in made.figures if one["id"] == before["3,3"]["id"])
        for made in (first, second)
    ]
    assert [(one["printed"], one["mark"]) for one in revised] == [
        ("4", None),
        ("5", "revised"),
    ]


def test_the_preview_of_an_edition_and_its_release_use_the_same_words(editor):
    editor.add(figure=LAYOUT["figure"] | {"counted": {"A1": "Allegations"}})
    make_release(editor.data, "The first edition.", "2024-01-01")
    rows = [
        ["All numbers are final"],
        ["Allegations by force"],
        ["Police force", "2021/22", "2022/23", "2023/24", "Total"],
        ["Kent", 3, 4, 0, 7],
        ["North Yorkshire", 1, 2, 0, 3],
        ["Total", 4, 6, 0, 10],
    ]
    keys = {"header": [3], "rows": "4-5", "totals": {"6": {"area": "gb"}}}
    keys["figure"] = LAYOUT["figure"] | {"counted": {"A2": "Allegations"}}
    assert "in unfinished" in str(
        editor.add(rows, **keys).mistakes
    )  # published before the added year had ended
    keys["source"] = {"published": "2024-05"}
    outcome = editor.add(rows, **keys)
    assert (
        changes_of(outcome) == "3 new, 3 revised, 0 recoded, 6 moved, 0 gone"
    )  # the totals are over another year
    made = make_release(editor.data, "Another year.", "2024-02-01")
    actions = Counter(
        one["action"] for one in made.changes if one["kind"] == "observation"
    )
    assert (actions, made.number) == ({"added": 3, "revised": 3}, "1.1.0")


def test_other_words_for_a_period_in_other_cells_are_no_revision(editor):
    """Of an edition that gives the same years in other words, only the number that changed is revised."""
    editor.add()
    make_release(editor.data, "The first edition.", "2024-01-01")
    before = editor.figures()
    rows = [
        ["Allegations by force"],
        ["All numbers are final"],
        [
            "Police force",
            "1 April 2021 to 31 March 2022",
            "1 April 2022 to 31 March 2023",
            "Total",
        ],
        ["Kent", 3, 5, 8],
        ["North Yorkshire", 1, 2, 3],
        ["Total", 4, 7, 11],
    ]
    columns = {
        "Police force": "area",
        "1 April*": {"year": "financial"},
        "Total": "total",
    }
    days = {
        "1 April 2021 to 31 March 2022": "2021-04/2022-03",
        "1 April 2022 to 31 March 2023": "2022-04/2023-03",
    }
    keys = {
        "header": [3],
        "rows": "4-5",
        "totals": {"6": {"area": "gb"}},
        "columns": columns,
        "periods": days,
    }
    outcome = editor.add(rows, **keys)
    assert outcome.mistakes == []
    assert changes_of(outcome) == "0 new, 4 revised, 0 recoded, 5 moved, 0 gone"
    made = make_release(editor.data, "Another edition.", "2024-02-01")
    revised = {
        one["id"]: one["action"] for one in made.changes if one["kind"] == "observation"
    }
    assert revised == {
        before[place]["id"]: "revised" for place in ("3,3", "3,4", "5,3", "5,4")
    }


REPLY = "- id: reply\n  text: It says that 4 is too many.\n  routine: true\n  reply_by: the_force\n  replied: 2024-02\n"


def test_a_reply_stands_on_one_figure_and_goes_with_it_to_the_next_edition(editor):
    editor.add()
    (editor.data / "caveats.yaml").write_text(
        (editor.data / "caveats.yaml").read_text() + REPLY
    )
    identity = editor.figures()["3,3"]["id"]
    replied = {"caveats": {identity: ["reply"]}}
    assert (
        changes_of(editor.add(**replied))
        == "0 new, 0 revised, 1 recoded, 0 moved, 0 gone"
    )
    assert {
        cell: row["caveats"] for cell, row in editor.figures().items() if row["caveats"]
    } == {"3,3": "reply"}
    assert changes_of(editor.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert editor.verify() == []
    moved = change(
        A3="Metropolitan", B3=1, C3=2, D3=3, A4="Kent", B4=3, C4=5, D4=8, C5=7, D5=11
    )
    assert editor.add(moved, **replied).mistakes == []
    assert {
        cell: row["caveats"] for cell, row in editor.figures().items() if row["caveats"]
    } == {"4,3": "reply"}
    assert editor.figures()["4,3"]["id"] == identity
    assert editor.verify() == []


def test_a_caveat_of_no_figure_or_that_is_none_is_told_at_its_line(editor):
    editor.add()
    identity = editor.figures()["3,3"]["id"]
    assert is_named(
        editor.add(caveats={"zzzz9": ["not_a_finding"]}).mistakes,
        "tables/report.yaml:8:11",
        "no figure",
    )
    unknown = editor.add(caveats={identity: ["not_a_findin"]}).mistakes
    assert is_named(unknown, "tables/report.yaml:8:21", "did you mean not_a_finding?")
    assert is_named(
        editor.add(caveats={"D3": ["not_a_finding"]}).mistakes,
        "tables/report.yaml:8:11",
        "k7m3q",
    )


def test_what_an_editor_says_of_series_stands_on_its_figure_in_each_run(editor):
    editor.add()
    identity = editor.figures()["3,3"]["id"]
    said = {
        "leads": {identity: "Newer than the other"},
        "break": {identity: "From here it counts cases"},
    }
    told = editor.add(**said)
    assert changes_of(told) == "0 new, 0 revised, 1 recoded, 0 moved, 0 gone"
    assert changes_of(editor.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    for column, reasons in said.items():
        rows = editor.figures().values()
        assert {row["id"]: row[column] for row in rows if row[column]} == reasons
    assert editor.verify() == []


@pytest.mark.parametrize("key", ["leads", "break"])
def test_words_on_series_need_a_figure_and_a_reason(editor, key):
    editor.add()
    identity = editor.figures()["3,3"]["id"]
    unknown = editor.add(**{key: {"zzzz9": "From here it counts cases"}}).mistakes
    column = len(key) + 4
    assert is_named(unknown, f"tables/report.yaml:8:{column}", "no figure")
    unsaid = editor.add(**{key: {identity: "yes"}}).mistakes
    assert is_named(unsaid, f"tables/report.yaml:8:{column}", "no reason")


def test_a_new_title_and_a_revised_number_keep_the_ids_of_all_figures(editor):
    titles = {"figure": LAYOUT["figure"] | {"counted": {"A1": "Allegations to 2023"}}}
    editor.add(change(A1="Allegations to 2023"), **titles)
    make_release(editor.data, "The first edition.", "2024-01-01")
    before = editor.figures()
    rows = [
        ["Allegations to 2024", "", ""],
        ["Police force", "2021/22", "2022/23", "2023/24", "Total"],
        ["Sussex", 0, 0, 1, 1],
        ["Kent", 3, 5, 2, 10],
        ["North Yorkshire", 1, 2, 0, 3],
        ["Total", 4, 7, 3, 14],
    ]
    titles = {"figure": LAYOUT["figure"] | {"counted": {"A1": "Allegations to 2024"}}}
    keys = titles | {
        "rows": "3-5",
        "totals": {"6": {"area": "gb"}},
        "words": {"Sussex": "gb_sussex"},
    }
    with (editor.data / "codelists/area.csv").open("a") as file:
        file.write("gb_sussex,Sussex Police,gb,,\n")
    outcome = editor.add(rows, **keys, **FROM_APRIL, source={"published": "2024-11"})
    assert changes_of(outcome) == "7 new, 5 revised, 4 recoded, 0 moved, 0 gone"
    after = editor.figures()
    kept = {
        "3,2": "4,2",
        "3,3": "4,3",
        "3,4": "4,5",
        "4,3": "5,3",
        "5,3": "6,3",
        "5,4": "6,5",
    }
    assert {one: after[now]["id"] for one, now in kept.items()} == {
        one: before[one]["id"] for one in kept
    }
    made = make_release(editor.data, "Another year.", "2025-01-01")
    reasons = Counter(
        one.get("reason") for one in made.changes if one["action"] != "added"
    )
    edition = "publisher's new edition (November 2024): Allegations."
    assert reasons == {
        f"The {edition}": 6,
        f"Described in another way since the {edition}": 4,
    }  # and the source
    assert made.number == "1.1.0"  # nobody need correct anything


def test_a_figure_in_other_words_keeps_its_id_if_the_editor_writes_it_into_its_row(
    editor,
):
    columns = {
        "columns": LAYOUT["columns"] | {"Police force": "words"},
        "figure": LAYOUT["figure"] | {"area": "gb"},
    }
    editor.add(**columns)
    before = editor.figures()["3,2"]["id"]
    outcome = editor.add(change(A3="Kent Police", B3=2, B5=3, D3=6, D5=9), **columns)
    assert changes_of(outcome) == "3 new, 2 revised, 0 recoded, 0 moved, 3 gone"
    assert (
        "write the id that is gone in place of its new one"
        in outcome.sections["Against the register"][-1]
    )
    text = editor.observations.read_text()
    editor.observations.write_text(text.replace(editor.figures()["3,2"]["id"], before))
    assert changes_of(editor.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert editor.figures()["3,2"]["id"] == before


def test_other_codes_for_the_same_document_keep_the_ids(editor):
    editor.add()
    before = editor.figures()
    figure = LAYOUT["figure"] | {"measure": "proven", "counted": {"A1": "Allegations"}}
    sure = {"Kent as E23000001": "a test"}
    outcome = editor.add(words={"Kent": "E23000001"}, figure=figure, sure=sure)
    assert changes_of(outcome) == "0 new, 0 revised, 9 recoded, 0 moved, 0 gone"
    assert {cell: row["id"] for cell, row in editor.figures().items()} == {
        cell: row["id"] for cell, row in before.items()
    }


def test_an_editor_who_adds_a_column_and_changes_a_code_keeps_the_ids(editor):
    columns = {
        "Police force": "area",
        "2021*": {"year": "financial"},
        "2022*": "ignore",
        "Total": "ignore",
    }
    editor.add(columns=columns)
    before = editor.figures()
    outcome = editor.add(
        columns=columns | {"2022*": {"year": "financial"}},
        words={"Kent": "E23000001"},
        sure={"Kent as E23000001": "a test"},
    )
    assert changes_of(outcome) == "3 new, 0 revised, 1 recoded, 0 moved, 0 gone"
    after = editor.figures()
    assert {cell: after[cell]["id"] for cell in before} == {
        cell: row["id"] for cell, row in before.items()
    }


def test_verify_names_each_cell_of_the_figures_that_the_table_does_not_give(editor):
    columns = LAYOUT["columns"]
    editor.add(
        change(B3="3~"),
        signs={"~": "revised"},
        columns=columns,
        figure=LAYOUT["figure"] | {"counted": {"A1": "Allegations"}},
    )
    header, *lines = [*csv.reader(editor.observations.read_text().splitlines())]
    other = {
        "value": "9",
        "printed": "9",
        "measure": "proven",
        "category": "sexual",
        "area": "gb",
        "unit": "percent",
    }
    other |= {
        "population": "staff",
        "counting_unit": "people",
        "period": "2020",
        "period_printed": "2021-22",
        "mark": "",
    }
    other |= {
        "at": "cell=9,9",
        "period_at": "cell=9,9",
        "counted": "forces",
        "counted_at": "cell=1,2",
        "part_of": "",
    }
    other |= {
        "statistic": "share",
        "stated_by": "the_news",
        "fit": "close",
        "qualifier": "about",
    }
    other |= {"stock_or_flow": "stock"}
    assert other.keys() == {*header} - {"id"}, header
    for name, cell in other.items():
        changed = [
            cell if column == name else one
            for column, one in zip(header, lines[0], strict=True)
        ]
        with editor.observations.open("w", newline="") as file:
            csv.writer(file).writerows([header, changed, *lines[1:]])
        try:
            found = editor.verify()
        except RegisterError as error:
            found = str(error).splitlines()
        number = (
            header.index("value" if name == "printed" else name) + 1
        )  # `check` compares these two
        assert any(
            line.startswith(f"observations/report.csv:2:{number}: ") for line in found
        ), (name, found)


def test_verify_names_rows_that_are_missing_or_too_many(editor):
    editor.add()
    editor.document = editor.document.rename(
        editor.document.with_name("under-another-name.ods")
    )
    assert editor.verify() == []
    lines = editor.observations.read_text().splitlines()
    editor.observations.write_text("\n".join([lines[0], *lines[2:]]))
    found = editor.verify()
    assert is_named(found, "under-another-name.ods#B3", "'3'")


def test_a_renamed_row_keeps_its_id_if_the_editor_writes_it(editor):
    rows = [
        ["Uses"],
        ["Tactic", "2021/22", "2022/23"],
        ["Baton", 3, 4],
        ["Irritant", 8, 9],
    ]
    keys = {"totals": {}, "columns": {"Tactic": "words", "20*": {"year": "financial"}}}
    keys["figure"] = LAYOUT["figure"] | {"area": "gb"}
    editor.add(rows, **keys)
    before = editor.figures()
    outcome = editor.add(
        [["Uses, revised"], rows[1], ["Baton drawn", 3, 4], ["Irritant", 8, 7]], **keys
    )
    said, after = outcome.sections["Against the register"], editor.figures()
    assert said[0] == "2 new, 1 revised, 0 recoded, 0 moved, 2 gone"
    text = editor.observations.read_text()
    for cell in ("3,2", "3,3"):
        text = text.replace(after[cell]["id"], before[cell]["id"])
    editor.observations.write_text(text)
    assert changes_of(editor.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert [editor.figures()[cell]["id"] for cell in ("3,2", "3,3")] == [
        before[cell]["id"] for cell in ("3,2", "3,3")
    ]


def release_first_edition(editor, **keys):
    editor.add(**keys)
    make_release(editor.data, "The first edition.", "2024-01-01")
    return editor.figures()


def test_a_second_run_and_a_return_to_the_old_file_are_compared_with_the_release(
    editor,
):
    before = release_first_edition(editor)
    assert changes_of(editor.run()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    other = change(A4="Metropolitan", B4=5, C4=6, D4=11, B5=8, C5=10, D5=18)
    first = editor.add(other)
    assert changes_of(first) == "3 new, 3 revised, 0 recoded, 0 moved, 3 gone"
    ids = {cell: row["id"] for cell, row in editor.figures().items()}
    assert editor.run().sections == first.sections
    assert {cell: row["id"] for cell, row in editor.figures().items()} == ids
    assert changes_of(editor.add()) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert editor.figures() == before


WORDS = {"totals": {}, "columns": {"Tactic": "words", "20*": {"year": "financial"}}}
WORDS["figure"] = LAYOUT["figure"] | {"area": "gb"}
TACTICS = [
    ["Uses"],
    ["Tactic", "2021/22", "2022/23"],
    ["Baton", 3, 4],
    ["Irritant", 8, 9],
]


def test_a_mark_that_comes_before_a_label_loses_no_id(editor):
    before = release_first_edition(editor, table=TACTICS, **WORDS)
    outcome = editor.add(change(TACTICS, A3="*Baton"), **WORDS, signs={"*": "ignore"})
    assert changes_of(outcome) == "0 new, 0 revised, 0 recoded, 0 moved, 0 gone"
    assert [row["id"] for row in editor.figures().values()] == [
        row["id"] for row in before.values()
    ]


def test_every_id_that_is_gone_is_listed(editor):
    labels = [f"Kind {chr(65 + number)}" for number in range(26)]
    rows = [
        *TACTICS[:2],
        *(
            [label, 2 * number + 1, 2 * number + 2]
            for number, label in enumerate(labels, 30)
        ),
    ]
    before = release_first_edition(editor, table=rows, **WORDS | {"rows": "3-28"})
    renamed = [
        *rows[:2],
        *([f"{label} in all", *numbers] for label, *numbers in reversed(rows[2:])),
    ]
    said = editor.add(renamed, **WORDS | {"rows": "3-28"}).sections[
        "Against the register"
    ]
    assert {line.split()[1] for line in said if line.startswith("gone: ")} == {
        row["id"] for row in before.values()
    }


def test_revised_numbers_stand_before_totals_of_more_years(editor):
    editor.add()
    rows = [ROWS[0], ["Police force", "2021/22", "2022/23", "2023/24", "Total"]]
    rows += [
        ["Kent", 3, 4, 1, 8],
        ["North Yorkshire", 1, 5, 1, 7],
        ["Total", 4, 9, 2, 15],
    ]
    lines = editor.add(rows, source={"published": "2024-05"}).sections[
        "Against the register"
    ]
    revised = [line.partition(", ")[2] for line in lines if line.startswith("revised")]
    assert [line.partition("April")[2] for line in revised] == [
        " 2022 to March 2023): 2 → 5 (value, printed)",
        " 2022 to March 2023): 6 → 9 (value, printed)",
        " 2021 to March 2024: 7 → 8 (period, value, printed)",
        " 2021 to March 2024: 3 → 7 (period, value, printed)",
        " 2021 to March 2024: 10 → 15 (period, value, printed)",
    ]
