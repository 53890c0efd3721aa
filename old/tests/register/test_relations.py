"""Relations between figures and classifications: everything that figures contradict is reported at its place, at once."""

from __future__ import annotations

import json

import pytest

from misconduct.register import references
from tests.register.reading import mistakes_of
from tests.registers import disagreement_reasons, observation_id, seal, write_register

TABLE = """
    id    | value | source | counting_unit | origin
    bbbb2 | 10    | paper  |               | paper
    bbbb3 | 4     | paper  |               | paper
    bbbb4 | 12    | paper  |               | paper
    bbbb5 | 10    | letter |               | paper
    bbbb6 | 10    | letter | cases         | letter
"""


@pytest.fixture
def register(tmp_path):
    """Writes a register with this file of relations or classifications."""

    def written(name: str, text: str):
        stages = "code,version,label,definition,broader,defined_by\nallegation,1,Allegation,Said.,,This register\n"
        return write_register(tmp_path / "data", TABLE, **{f"{name}.yaml": text, "codelists/stage.csv": stages})

    return written


def relation(slug: str, kind: str, figures: str, of: str, explanation: str = "") -> str:
    more = f"  explanation: {explanation}\n" if explanation else ""
    return f"- id: {slug}\n  version: 1\n  type: {kind}\n  figures: [{figures}]\n  of: {of}\n{more}"


def test_relations_that_figures_bear_out_are_accepted(register):
    sound = relation("parts", "part_of", "bbbb3", "bbbb2") + relation("again", "repeats", "bbbb5", "bbbb2")
    assert mistakes_of(register("relations", sound)) == []


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (relation("a", "part_of", "bbbb3, bbbb4", "bbbb2"), ["relations.yaml:4:20: bbbb4 (12) is said to be a part of bbbb2 (10), and is larger"]),
        (relation("a", "part_of", "bbbb2", "bbbb2"), ["relations.yaml:4:13: bbbb2 is related to itself"]),
        (relation("a", "repeats", "bbbb3, bbbb6", "bbbb2"), [
            "relations.yaml:4:13: bbbb3 (4) does not repeat bbbb2 (10)",
            "relations.yaml:4:20: bbbb6 and bbbb2 have different origins (letter, paper)",
        ]),
        (relation("a", "denominator", "bbbb3", "bbbb2"), ["relations.yaml:4:13: bbbb3 is a count; a share"]),
        (relation("a", "part_of", "bbbb3", "bbbb2") + relation("b", "part_of", "bbbb2", "bbbb3"), [
            "relations.yaml:4:13: following part_of from bbbb3 leads back to it",
            "relations.yaml:9:13: following part_of from bbbb2 leads back to it",
            "relations.yaml:9:13: bbbb2 (10) is said to be a part of bbbb3 (4)",
        ]),
        (relation("a", "repeats", "bbbb5", "bbbb2") + relation("b", "repeats", "bbbb5", "bbbb6"), [
            "relations.yaml:4:13: bbbb5 is in several relations of type repeats",
            "relations.yaml:9:13: bbbb5 is in several relations of type repeats",
        ]),
        (relation("a", "part_of", "bbbb9", "bbbb2"), ["relations.yaml:4:13: there is no observation 'bbbb9'"]),
        (relation("a", "parts_of", "bbbb3", "bbbb2"), ["relations.yaml:3:3: type: 'parts_of'"]),
    ],
)  # fmt: skip
def test_a_relation_that_the_figures_contradict_is_refused(register, text, expected):
    found = mistakes_of(register("relations", text))
    for wanted in expected:
        assert any(wanted in one for one in found), found


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (relation("a", "repeats", "bbbb5", "bbbb2") + relation("b", "part_of", "bbbb2", "bbbb5"), "relations.yaml:9:13: following part_of from bbbb2 leads back to it"),
        (relation("a", "part_of", "bbbb3, bbbb3", "bbbb2"), "relations.yaml:4:13: bbbb3 is in several relations of type part_of"),
        (relation("a", "part_of", "bbbb3", "bbbb7"), "relations.yaml:4:13: bbbb3 (4) is said to be a part of bbbb7 (0), and is larger"),
        (relation("a", "repeats", "bbbb8", "bbbb2"), "relations.yaml:4:13: bbbb8 states suspended (count), and bbbb2 accused (count)"),
    ],
)  # fmt: skip
def test_circles_over_both_types_repeated_parts_nothing_as_a_whole_and_other_measures_are_refused(
    tmp_path, text, expected
):
    table = TABLE + "    bbbb7 | 0 | paper | | paper\n    bbbb8 | 10 | paper | cases | paper\n"
    table = table.replace("counting_unit | origin", "counting_unit | origin | measure")
    lines = [
        line + (" | suspended" if "bbbb8" in line else " |") if "bbbb" in line else line for line in table.split("\n")
    ]
    found = mistakes_of(write_register(tmp_path / "data", "\n".join(lines), **{"relations.yaml": text}))
    assert any(expected in one for one in found), found


def test_circles_of_shares_and_parts_are_refused_in_drafts_and_loaded_if_released(tmp_path, monkeypatch):
    table = "id | value | unit | statistic\n bbbb2 | 20 | percent | share\n bbbb3 | 5 | count | count"
    around = relation("a", "denominator", "bbbb2", "bbbb3") + relation("b", "part_of", "bbbb3", "bbbb2")
    root = write_register(tmp_path / "data", table, **{"relations.yaml": around})
    assert mistakes_of(root) == [
        "data/relations.yaml:4:13: following parts and shares from bbbb2 leads back to it",
        "data/relations.yaml:9:13: following parts and shares from bbbb3 leads back to it",
    ]
    check = references._check_relations
    with monkeypatch.context() as patch:
        patch.setattr(
            references, "_check_relations", lambda found, _, mistakes: check(found, -1, mistakes)
        )  # as before
        seal(root, "1.0.0")
    write_register(root, f"{table}\n bbbb4 | 7 | count | count", **{"relations.yaml": around})
    assert mistakes_of(root) == []


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ("{measure: [accused]}", "classifications.yaml:8:18: accused has a code of stage already, by first"),
        ("{category: [any_misconduct]}", "classifications.yaml:8:8: stage is already given by measure"),
    ],
)
def test_a_figure_cannot_get_two_codes_of_one_list(register, second, expected):
    text = "- id: {}\n  version: 1\n  code: stage/allegation\n  of: {}\n"
    both = text.format("first", "{measure: [accused]}") + text.format("second", second)
    assert any(expected in one for one in mistakes_of(register("classifications", both)))


def test_a_repetition_of_a_repetition_is_refused(register):
    chain = relation("a", "repeats", "bbbb5", "bbbb2") + relation("b", "repeats", "bbbb6", "bbbb5")
    assert any(
        "relations.yaml:10:3: bbbb5 itself repeats bbbb2" in one for one in mistakes_of(register("relations", chain))
    )


def test_a_part_that_is_larger_than_its_whole_needs_an_explanation(register):
    explained = relation("a", "part_of", "bbbb4", "bbbb2", "The paper prints both and does not say why.")
    assert mistakes_of(register("relations", explained)) == []


@pytest.mark.parametrize(
    ("code", "of", "expected"),
    [
        ("stage/allegation", "{measure: [acused]}", "classifications.yaml:4:18: there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?"),
        ("stage/alegation", "{measure: [accused]}", "classifications.yaml:3:3: there is no stage 'alegation'; an id of codelists/stage.csv; did you mean allegation?"),
        ("unit/count", "{measure: [accused]}", "the lists are population_group, vetting_check, vetting_result, stock_or_flow, stage"),
        ("count", "{measure: [accused]}", "a list and a code of it, stage/allegation"),
        ("stage/allegation", "{observation: [bbbb9]}", "there is no observation 'bbbb9'"),
        ("stage/allegation", "{colour: [red]}", "classifications.yaml:4:"),
        ("stage/allegation", "{measure: [accused], category: [any_misconduct]}", "classifications.yaml:4:3: of:"),
    ],
)  # fmt: skip
def test_an_invalid_classification_is_refused(register, code, of, expected):
    found = mistakes_of(register("classifications", f"- id: group\n  version: 1\n  code: {code}\n  of: {of}\n"))
    assert any(expected in one for one in found), found


def disagreement(number: int, members: list[str]) -> dict[str, object]:
    words = {"title": "Two", "question": "Which?", "explanation": "Both.", "reasons": ["population"]}
    return {"id": f"two-{number}", "version": 1, "members": members, **words}


def test_a_figure_is_in_so_many_disagreements_because_its_page_shows_them_all(tmp_path, monkeypatch):
    monkeypatch.setattr(references, "MOST_MENTIONS", 3)
    several = [disagreement(n, ["bbbb2", "bbbb4"]) for n in range(4)]
    files = disagreement_reasons() | {"disagreements.yaml": json.dumps(several[:3])}
    assert mistakes_of(write_register(tmp_path / "data", TABLE, **files)) == []
    files["disagreements.yaml"] = "\n".join(f"- {json.dumps(one)}" for one in several)
    assert [one.partition(": ")[2] for one in mistakes_of(write_register(tmp_path / "data", TABLE, **files))] == [
        f"{one} is in more than 3 records of the kind disagreement; fewer" for one in ("bbbb2", "bbbb4")
    ]


def test_a_disagreement_has_so_many_figures_because_they_are_compared(tmp_path):
    members = [observation_id(n) for n in range(1_001)]
    table = "id | value\n" + "\n".join(f"{one} | {n}" for n, one in enumerate(members))
    files = disagreement_reasons() | {"disagreements.yaml": json.dumps([disagreement(1, members[:1_000])])}
    assert mistakes_of(write_register(tmp_path / "data", table, **files)) == []
    files["disagreements.yaml"] = json.dumps([disagreement(1, members)])
    [told] = mistakes_of(write_register(tmp_path / "data", table, **files))
    assert "at most 1000 items" in told


def test_a_register_has_so_many_datasets_because_their_files_are_written_at_once(tmp_path):
    def dataset(number: int) -> dict[str, object]:
        return {"id": f"d-{number}", "version": 1, "title": "D", "description": "D.", "measures": ["accused"]}

    files = {"datasets.yaml": json.dumps([dataset(n) for n in range(32)])}
    assert mistakes_of(write_register(tmp_path / "data", TABLE, **files)) == []
    files["datasets.yaml"] = json.dumps([dataset(n) for n in range(33)])
    [told] = mistakes_of(write_register(tmp_path / "data", TABLE, **files))
    assert told.endswith("there are 33 datasets; at most 32")


def test_a_code_has_so_many_levels_above_it_because_answers_follow_them(tmp_path):
    def codes(many: int) -> dict[str, str]:
        head = "code,version,label,definition,broader,defined_by\nany_misconduct,1,Any,.,,Us\n"
        return {
            "codelists/category.csv": head
            + "".join(f"c_{n},1,C,.,{f'c_{n - 1}' if n else ''},Us\n" for n in range(many))
        }

    assert mistakes_of(write_register(tmp_path / "data", TABLE, **codes(21))) == []
    assert mistakes_of(write_register(tmp_path / "data", TABLE, **codes(30))) == [
        "data/codelists/category.csv:24:12: category/c_21 has 21 levels of codes above it; at most 20"
    ]
