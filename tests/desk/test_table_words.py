"""What the code lists of a register say of the words of a table."""

import pytest

from tests.conftest import ROOT
from tests.desk.editor import FORCE, LAYOUT, is_named

STAGES = {
    "rows": "3",
    "totals": {},
    "columns": FORCE | {"Stage": "measure", "20*": {"year": "financial"}},
}


def list_stages(*words):
    rows = [["Allegations"], ["Police force", "Stage", "2021/22"]]
    return [*rows, *(["Kent", word, 3 + number] for number, word in enumerate(words))]


def know(editor, word):
    """Let a word stand for what is alleged."""
    path = editor.data / "codelists/measure.csv"
    path.write_text(path.read_text().replace("accused |", f"accused | {word} |"))


def draft(editor, table, **keys):
    """Return the first version of the table's file."""
    editor.write(table, **keys)
    editor.layout.unlink()
    editor.run()
    return editor.layout.read_text()


def test_a_known_word_between_signs_has_no_sign(editor):
    know(editor, "**Pending**")
    rows = list_stages("**Pending**")
    assert editor.add(rows, **STAGES).mistakes == []
    assert editor.figures()["3,3"]["measure"] == "alleged"
    for word, says in {
        "**Closed**": "not a known",
        "Closed**": "ends with '**'",
    }.items():
        mistakes = editor.add(list_stages(word), **STAGES).mistakes
        assert is_named(mistakes, "report.ods#B3", says)
    assert "signs" not in draft(editor, rows, **STAGES)


def use_real_measures(editor):
    real = (ROOT / "data/codelists/measure.csv").read_text()
    (editor.data / "codelists/measure.csv").write_text(real)
    found = "dismissed, warning, other_sanction, suspended"
    (editor.data / "datasets.yaml").write_text(
        f"- {{id: outcomes, title: Outcomes, description: All., conditions: [{{measure: [{found}]}}]}}\n"
        "- {id: officers, title: Officers, description: All., conditions: [{population: [officers]}]}\n"
    )


@pytest.mark.parametrize("word", ["suspensions", "Dismissed", "Fired", "Referred"])
def test_a_known_word_with_two_meanings_is_never_coded_in_silence(editor, word):
    use_real_measures(editor)
    rows, keys = list_stages(word, "Written warning"), STAGES | {"rows": "3-4"}
    (mistake,) = editor.add(rows, **keys).mistakes
    says = (f"{word!r} may mean ", " or ", "add it to words")
    assert is_named([mistake], "report.ods#B3", *says)
    written = draft(editor, rows, **keys)
    assert f"{word}: decide   # measure; it may mean " in written
    assert "Written warning" not in written
    said = {word: {"measure": "other_sanction", "fit": "narrower"}}
    assert editor.add(rows, **keys, words=said).mistakes == []


@pytest.mark.parametrize("word", ["Suspension from duty", "Sacked"])
def test_a_known_word_with_one_meaning_is_coded(editor, word):
    use_real_measures(editor)
    assert editor.add(list_stages(word), **STAGES).mistakes == []


@pytest.mark.parametrize("start", ["Un", "Non-"])
def test_the_opposite_of_a_word_is_not_suggested(editor, start):
    know(editor, "substantiated")
    opposite = list_stages(f"{start}substantiated")
    assert "did you mean" not in editor.add(opposite, **STAGES).mistakes[0]
    misspelt = list_stages("substantiatedt")
    assert "did you mean " in editor.add(misspelt, **STAGES).mistakes[0]


def test_what_may_last_is_no_flow_until_an_editor_says_so(editor):
    """Cases that were pending in a year may be those that were pending at its end."""
    path = editor.data / "codelists/measure.csv"
    head, *lines = path.read_text().splitlines()
    lasting = (f"{one},{str('alleged' in one).lower()}" for one in lines)
    path.write_text("\n".join([f"{head},lasts", *lasting, ""]))
    for code, keys in {"unstated": {}, "flow": {"stock_or_flow": "flow"}}.items():
        outcome = editor.add(figure=LAYOUT["figure"] | keys)
        assert {row["stock_or_flow"] for row in editor.figures().values()} == {code}
        assert f"stock_or_flow: {code})" in outcome.sections["Some of the figures"][0]
