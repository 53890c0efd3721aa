"""Checks, disagreements, corrections and refusals: every mistake is reported at its place, all at once."""

from __future__ import annotations

import csv
from datetime import date

import pytest

from misconduct.errors import RegisterRefused
from misconduct.register import assessments
from misconduct.register.make_release import ReleaseRefused, parse_decision, propose_release, write_release
from tests.register.reading import mistakes_of, read, replace
from tests.registers import as_csv, disagreement_reasons, seal, source_text, write_register

TABLE = """
    id    | value | source | counting_unit
    bbbb2 | 10    | paper  |
    bbbb3 | 4     | paper  |
    bbbb4 | 6     | paper  |
    bbbb5 | 10    | letter |
    bbbb6 | 10    | letter | cases
"""

CHECK = """\
- id: ten-of-four-and-six
  version: 1
  type: sum_of_parts
  title: Do the 4 and the 6 make up the 10?
  whole: bbbb2
  parts: [bbbb3, bbbb4]
  asserted: true
"""

DISAGREEMENT = """\
- id: ten-or-four
  version: 1
  title: Ten or four
  question: How many were there?
  members: [bbbb2, bbbb3]
  reasons: [definition, unknown]
  explanation: Nobody knows.
  answers:
    - question: How many does the paper print first?
      observation: bbbb2
"""

CORRECTION = """\
- id: ten-misprinted
  version: 1
  source: paper
  at: "char=0,2"
  printed: "10"
  reading: There were ten.
  other_source: letter
  other_at: "char=3000,3002"
  other_printed: "10"
  other_reading: There were ten in all.
  explanation: The paper left something out.
  affects: [bbbb2]
  publisher_told: 2024-01-05
"""

REFUSAL = """\
- id: not-this-year
  version: 1
  asked: force
  asked_by: A paper
  law: Freedom of Information Act 2000
  ground: Section 22
  since: 2024-02
  until: "2024"
  source: paper
  at: "char=10,20"
  printed: section 22
  what: Figures by year.
  explanation: They were to be published later.
  covers: {area: [E23000001], measure: [accused], category: [any_misconduct], years: [2021]}
"""


@pytest.fixture
def register(tmp_path):
    """Writes the register of the table with further files."""

    def write(table: str = TABLE, **files: str):
        named = {f"{name.replace('_', '-')}.yaml": text for name, text in files.items()}
        return write_register(tmp_path / "data", table, **disagreement_reasons(), **named)

    return write


def test_valid_records_have_no_mistakes(register):
    found = read(register(checks=CHECK, disagreements=DISAGREEMENT, corrections=CORRECTION, non_publications=REFUSAL))
    assert found.mistakes == []
    assert [(one.release, one.kind, one.id) for one in found.register.assessments] == [
        (1, "check", "ten-of-four-and-six"),
        (1, "disagreement", "ten-or-four"),
    ]


# Checks


def test_the_result_of_a_check_is_computed(register):
    [assessed] = read(register(checks=CHECK)).register.assessments
    assert assessed.content == {
        "result": "holds", "stated": 10, "computed": 10, "unlike": [], "missing_years": [],
    }  # fmt: skip


def test_a_check_that_fails_without_an_explanation_is_refused_at_its_place(register):
    failing = CHECK.replace("[bbbb3, bbbb4]", "[bbbb3]")
    assert mistakes_of(register(checks="\n" + failing)) == [
        "data/checks.yaml:2:3: this check fails (4 against 10) and has no explanation; an explanation, or corrected figures"
    ]


def test_a_check_that_fails_with_an_explanation_is_accepted(register):
    failing = CHECK.replace("[bbbb3, bbbb4]", "[bbbb3]") + "  explanation: The paper leaves the others out.\n"
    found = read(register(checks=failing))
    assert found.mistakes == []
    [assessed] = found.register.assessments
    assert (assessed.content["result"], assessed.content["stated"], assessed.content["computed"]) == (
        "fails", 10, 4,
    )  # fmt: skip


UNLIKE = CHECK.replace("sum_of_parts", "subset").replace("bbbb2", "bbbb3").replace("[bbbb3, bbbb4]", "[bbbb6]")
UNASSERTED = CHECK.replace("[bbbb3, bbbb4]", "[bbbb3]").replace("  asserted: true\n", "")


@pytest.mark.parametrize(
    ("undecidable", "why"),
    [
        (UNLIKE, "unlike in counting_unit"),
        (UNASSERTED, "no source states the identity"),
        (UNLIKE.replace("  asserted: true\n", ""), "unlike in counting_unit; no source states the identity"),
    ],
)
def test_an_undecidable_draft_without_an_explanation_is_refused_at_its_place(register, undecidable, why):
    assert mistakes_of(register(checks="\n" + undecidable)) == [
        (
            f"data/checks.yaml:2:3: this check is undecidable ({why}) and has no explanation; "
            "an explanation, or `asserted: true` where a source states the identity"
        )
    ]
    found = read(register(checks=undecidable + "  explanation: Nobody knows.\n"))
    assert found.mistakes == []
    assert found.register.assessments[0].content["result"] == "undecidable"


def test_a_missing_number_and_missing_years_are_given_as_reasons(register):
    table = """
        id    | value | period_type | period_start | period_end
        bbbb2 | 10    | window      | 2020         | 2022
        bbbb3 | 4     | year        | 2020         |
        bbbb4 |       | year        | 2021         |
    """
    years = CHECK.replace("sum_of_parts", "yearly_parts")
    [found] = mistakes_of(register(table, checks=years.replace("[bbbb3, bbbb4]", "[bbbb3]")))
    assert "this check is undecidable (no source states 2021, 2022) and has no explanation" in found
    [found] = mistakes_of(register(table, checks=years))
    assert "this check is undecidable (a number is missing; no source states 2022) and has no explanation" in found


def test_a_released_check_that_is_undecidable_and_does_not_say_why_is_loaded(register, monkeypatch):
    with monkeypatch.context() as earlier:
        earlier.setattr("misconduct.register.assessments._lacks_explanation", lambda *_: [])
        root = seal(register(checks=UNLIKE), "1.0.0", "2024-05-01").parents[1]
    found = read(root)
    assert found.mistakes == []
    assert [(one.release, one.content["result"]) for one in found.register.assessments] == [(1, "undecidable")]
    write_register(root, TABLE + "bbbb7 | 1 | paper |\n", **disagreement_reasons(), **{"checks.yaml": UNLIKE})
    assert mistakes_of(root) == []


def test_a_draft_that_makes_a_released_check_undecidable_needs_an_explanation_first(register):
    held = CHECK.replace("  asserted: true\n", "")
    root = seal(register(checks=held), "1.0.0", "2024-05-01").parents[1]
    rows = (root / "observations/paper.csv").read_text()
    row = next(line for line in rows.splitlines() if line.startswith("bbbb4,1,"))
    (root / "observations/paper.csv").write_text(rows + row.replace("bbbb4,1,", "bbbb4,2,").replace(",6,", ",5,") + "\n")  # fmt: skip
    [found] = mistakes_of(root)
    assert found.startswith(
        "data/checks.yaml:1:3: this check is undecidable (no source states the identity) and has no"
    )
    explained = held.replace("version: 1", "version: 2") + "  explanation: One is missing.\n"
    (root / "checks.yaml").write_text(held + explained)
    assert mistakes_of(root) == []


def test_a_broader_code_counts_from_the_release_that_has_it(register):
    table = """
        id    | value | category
        bbbb2 | 10    | crime
        bbbb3 | 4     | theft
    """
    subset = (
        CHECK.replace("sum_of_parts", "subset").replace("[bbbb3, bbbb4]", "[bbbb3]").replace("  asserted: true\n", "")
    )
    root = register(table, checks=subset + "  explanation: Whether theft is a crime is not said.\n")
    assert [one.content["unlike"] for one in read(seal(root, "1.0.0", "2024-05-01").parents[1]).register.assessments] == [["category"]]  # fmt: skip
    codes = (root / "codelists/category.csv").read_text()
    row = next(line for line in codes.splitlines() if line.startswith("theft,1,"))
    cells = row.split(",")
    cells[1], cells[-2] = "2", "crime"
    (root / "codelists/category.csv").write_text(codes + ",".join(cells) + "\n")
    seal(root, "2.0.0", "2024-06-01", reasons=["code/category/theft=It is one."])
    assert [(one.release, one.content["result"], one.content["unlike"]) for one in read(root).register.assessments] == [
        (1, "undecidable", ["category"]), (2, "holds", []),
    ]  # fmt: skip


@pytest.mark.parametrize("cells", ["theft2,1,,What it is.", "theft2,1,Theft,  ", ",1,Theft,What it is."])
def test_a_code_that_cannot_be_read_is_a_mistake_beside_checks_that_can(register, cells):
    root = register(checks=CHECK)
    with (root / "codelists/category.csv").open("a") as file:
        file.write(f"{cells},,This register\n")
    (mistake,) = mistakes_of(root)
    assert mistake.startswith("data/codelists/category.csv:")


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("whole: bbbb2", "whole: bbbb9", "checks.yaml:5:3: there is no observation 'bbbb9'; did you mean bbbb"),
        ("parts: [bbbb3, bbbb4]", "parts: [bbbb3, zzzzz]", "checks.yaml:6:18: there is no observation 'zzzzz'"),
        ("whole: bbbb2", "whole: ten", "checks.yaml:5:3: whole: 'ten'"),
        ("  whole: bbbb2\n", "", "checks.yaml:1:3: the key 'whole' is missing"),
        ("parts: [bbbb3, bbbb4]", "parts: []", "checks.yaml:6:3: parts: []"),
        ("sum_of_parts", "sum_of_part", "checks.yaml:3:3: type: 'sum_of_part'"),
        ("sum_of_parts", "share", "checks.yaml:1:3: share names an observation in checks of the type share, and in no others"),
        ("whole: bbbb2", "whole: bbbb2\n  share: bbbb5", "share names an observation in checks of the type share"),
        ("sum_of_parts", "share\n  share: bbbb5", "checks.yaml:1:3: a share has one part"),
        ("id: ten-of-four-and-six", "id: Ten", "words of lower-case letters and digits joined by -"),
        ("version: 1", "version: 2", "ten-of-four-and-six@2 is here, but no release has ten-of-four-and-six@1"),
    ],
)  # fmt: skip
def test_an_invalid_check_is_reported(register, old, new, expected):
    root = register(checks=CHECK)
    replace(root / "checks.yaml", old, new)
    found = mistakes_of(root)
    assert any(expected in mistake for mistake in found), found


def test_two_checks_that_claim_the_same_key_are_reported(register):
    assert mistakes_of(register(checks=CHECK + CHECK)) == [
        "data/checks.yaml:8:3: ten-of-four-and-six in this version is already in data/checks.yaml:1; each id and version once"
    ]


# Disagreements


def test_the_dimensions_in_which_members_differ_are_computed(register):
    written = DISAGREEMENT.replace("members: [bbbb2, bbbb3]", "members: [bbbb2, bbbb6]")
    [assessed] = read(register(disagreements=written)).register.assessments
    assert assessed.content["dimensions"] == {
        "measure": "same", "statistic": "same", "category": "same", "area": "same",
        "population": "same", "counting_unit": "different", "unit": "same", "period": "same",
    }  # fmt: skip
    assert assessed.content["evidence"] == [
        {"origin": "paper", "observations": ["bbbb2"]},
        {"origin": "letter", "observations": ["bbbb6"]},
    ]
    assert [(one["id"], one["value"], one["source"], one["at"]) for one in assessed.content["figures"]] == [
        ("bbbb2", 10, "paper", "char=0,2"),
        ("bbbb6", 10, "letter", "char=4000,4002"),
    ]


@pytest.mark.parametrize(
    ("close", "relation"), [({}, "different"), ({"theft": "fraud"}, "close"), ({"fraud": "theft"}, "close")]
)
def test_members_of_which_the_register_says_that_they_are_close_are_said_to_be(register, close, relation):
    root = register(
        "id | value | category\n bbbb2 | 10 | theft\n bbbb3 | 4 | fraud\n bbbb4 | 5 | theft", disagreements=DISAGREEMENT
    )
    codes = root / "codelists" / "category.csv"
    with codes.open(newline="") as lines:
        rows = [{**row, "close": close.get(row["code"], "")} for row in csv.DictReader(lines)]
    codes.write_text(as_csv([*rows[0]], rows))
    found = read(root)
    assert found.mistakes == []
    assert found.register.assessments[0].content["dimensions"] == {
        "measure": "same", "statistic": "same", "category": relation, "area": "same",
        "population": "same", "counting_unit": "same", "unit": "same", "period": "same",
    }  # fmt: skip


def test_a_disagreement_whose_members_do_not_differ_is_refused(register):
    alike = DISAGREEMENT.replace("members: [bbbb2, bbbb3]", "members: [bbbb2, bbbb5]")
    assert mistakes_of(register(disagreements=alike)) == [
        "data/disagreements.yaml:5:3: the members of this disagreement do not differ"
    ]


def test_a_question_of_a_draft_that_no_member_answers_is_refused_and_a_released_one_is_loaded(register, monkeypatch):
    root = register(disagreements=DISAGREEMENT.replace("observation: bbbb2", "observation: bbbb4"))
    assert mistakes_of(root) == [
        "data/disagreements.yaml:10:7: bbbb4 is not a member of this disagreement; one of its members"
    ]
    with monkeypatch.context() as patch:
        patch.setattr(assessments, "_answered_by_others", lambda _: ())  # as in versions before this rule
        seal(root, "1.0.0")
    write_register(root, TABLE + "bbbb7 | 1 | paper |\n", **disagreement_reasons())
    assert mistakes_of(root) == []


def test_members_with_an_unstated_dimension_do_differ(register):
    table = TABLE + "bbbb7 | 10 | letter | unstated\n"
    open_ended = DISAGREEMENT.replace("members: [bbbb2, bbbb3]", "members: [bbbb2, bbbb7]")
    assert mistakes_of(register(table, disagreements=open_ended)) == []


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("members: [bbbb2, bbbb3]", "members: [bbbb2, bbbbz]", "disagreements.yaml:5:20: there is no observation 'bbbbz'; did you mean bbbb"),
        ("observation: bbbb2", "observation: bbbbz", "disagreements.yaml:10:7: there is no observation 'bbbbz'"),
        ("members: [bbbb2, bbbb3]", "members: [bbbb2]", "disagreements.yaml:5:3: members: "),
        ("reasons: [definition, unknown]", "reasons: [defnition]", "disagreements.yaml:6:13: there is no disagreement_reason 'defnition'; an id of codelists/disagreement_reason.csv; did you mean definition?"),
        ("reasons: [definition, unknown]", "reasons: []", "disagreements.yaml:6:3: reasons: []"),
        ("  explanation: Nobody knows.\n", "", "disagreements.yaml:1:3: the key 'explanation' is missing"),
    ],
)  # fmt: skip
def test_an_invalid_disagreement_is_reported(register, old, new, expected):
    root = register(disagreements=DISAGREEMENT)
    replace(root / "disagreements.yaml", old, new)
    found = mistakes_of(root)
    assert any(expected in mistake for mistake in found), found


# Corrections and non-publications


@pytest.mark.parametrize(
    ("name", "text", "old", "new", "expected"),
    [
        ("corrections", CORRECTION, "affects: [bbbb2]", "affects: [bbbbz]", "corrections.yaml:12:13: there is no observation 'bbbbz'; did you mean bbbb"),
        ("corrections", CORRECTION, "other_source: letter", "other_source: lettre", "corrections.yaml:7:3: there is no source 'lettre'; an id of sources/; did you mean letter?"),
        ("corrections", CORRECTION, '  source: paper', '  source: papr', "corrections.yaml:3:3: there is no source 'papr'; an id of sources/; did you mean paper?"),
        ("corrections", CORRECTION, '  at: "char=0,2"', '  at: "char=2,1"', "corrections.yaml:4:3: at: char=2,1 is empty"),
        ("corrections", CORRECTION, '  other_at: "char=3000,3002"\n', "", "corrections.yaml:1:3: other_at is null and no note says why; a sentence under notes: other_at"),
        ("corrections", CORRECTION, '"10"\n  other_reading', "null\n  other_reading", "corrections.yaml:9:3: other_printed is null and no note says why"),
        ("corrections", CORRECTION, "publisher_told: 2024-01-05", "publisher_told: null", "corrections.yaml:13:3: publisher_told is null and no note says why"),
        ("corrections", CORRECTION, "publisher_told: 2024-01-05", "publisher_told: 2024-01", "a day: YYYY-MM-DD"),
        ("non-publications", REFUSAL, "  since: 2024-02\n", "", "non-publications.yaml:1:3: since is null and no note says why; a sentence under notes: since"),
        ("non-publications", REFUSAL, 'until: "2024"', "until: null", "non-publications.yaml:8:3: until is null and no note says why"),
        ("non-publications", REFUSAL, "asked: force", "asked: forse", "non-publications.yaml:3:3: there is no stated_by 'forse'; an id of codelists/stated_by.csv; did you mean force?"),
        ("non-publications", REFUSAL, "[accused]", "[acused]", "non-publications.yaml:14:41: there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?"),
        ("non-publications", REFUSAL, "[any_misconduct]", "[misconduct]", "there is no category 'misconduct'"),
        ("non-publications", REFUSAL, "[E23000001]", "[E23000002]", "there is no area 'E23000002'"),
        ("non-publications", REFUSAL, "years: [2021]", "years: []", "years: []"),
        ("non-publications", REFUSAL, "area: [E23000001], ", "", "the key 'area' is missing"),
    ],
)  # fmt: skip
def test_an_invalid_correction_or_non_publication_is_reported(register, name, text, old, new, expected):
    root = register(**{name.replace("-", "_"): text})
    replace(root / f"{name}.yaml", old, new)
    found = mistakes_of(root)
    assert any(expected in mistake for mistake in found), found


@pytest.mark.parametrize(
    ("name", "text", "key", "old"),
    [
        ("corrections", CORRECTION, "publisher_told", "publisher_told: 2024-01-05"),
        ("non_publications", REFUSAL, "since", "since: 2024-02"),
    ],
)
def test_null_with_a_note_is_accepted(register, name, text, key, old):
    noted = text.replace(old, f"{key}: null") + f"  notes: {{{key}: Not known.}}\n"
    assert mistakes_of(register(**{name: noted})) == []


# Releases


@pytest.fixture
def released(register):
    """A register whose check and disagreement are released."""
    return seal(register(checks=CHECK, disagreements=DISAGREEMENT), "1.0.0", "2024-05-01").parents[1]


def test_an_observation_may_not_end_before_the_record_that_mentions_it(released):
    seal(released, "2.0.0", "2024-06-01", ended=["check/ten-of-four-and-six=Gone", "disagreement/ten-or-four=Gone", "bbbb3=Gone"])  # fmt: skip
    assert mistakes_of(released) == []
    assert [(one.release, one.id) for one in read(released, drafts=False).register.assessments] == [
        (1, "ten-of-four-and-six"),
        (1, "ten-or-four"),
    ]


def test_an_ended_observation_is_reported_where_a_record_mentions_it(released):
    manifest = released / "releases" / "1.0.0.csv"
    digest = next(line for line in manifest.read_text().splitlines() if line.startswith("observation,bbbb3")).split(",")[4]  # fmt: skip
    write_register(released, TABLE + "bbbb7 | 1 | paper |\n", **disagreement_reasons())
    second = seal(released, "2.0.0", "2024-06-01")
    replace(second, "observation,bbbb7", f"observation,bbbb3,1,ended,{digest},Gone.,\nobservation,bbbb7")
    assert mistakes_of(released) == [
        f"data/{place}: the observation 'bbbb3' is not in force in every release of this record; its next version, or an end"
        for place in ("checks.yaml:6:11", "disagreements.yaml:5:20")
    ]


def test_a_check_uses_the_version_in_force(released):
    table = TABLE + "bbbb4 | 5 | paper |\n"
    table = table.replace("counting_unit\n", "counting_unit | version | at\n").replace("|\n", "| | |\n").replace("| cases\n", "| cases | |\n")  # fmt: skip
    explained = CHECK.replace("version: 1", "version: 2") + "  explanation: One is missing.\n"
    write_register(released, table[: table.rindex("bbbb4")] + "bbbb4 | 5 | paper | | 2 | char=2000,2001\n", **{"checks.yaml": CHECK + explained}, **disagreement_reasons())  # fmt: skip
    seal(released, "2.0.0", "2024-06-01")
    assert [(one.release, one.content["result"]) for one in read(released, drafts=False).register.assessments if one.kind == "check"] == [
        (1, "holds"), (2, "fails"),
    ]  # fmt: skip


def test_a_new_version_that_makes_a_check_fail_needs_an_explanation_first(released):
    rows = (released / "observations/paper.csv").read_text()
    row = next(line for line in rows.splitlines() if line.startswith("bbbb4,1,"))
    (released / "observations/paper.csv").write_text(rows + row.replace("bbbb4,1,", "bbbb4,2,").replace(",6,", ",5,") + "\n")  # fmt: skip
    assert mistakes_of(released) == [
        "data/checks.yaml:1:3: this check fails (9 against 10) and has no explanation; an explanation, or corrected figures"
    ]  # fmt: skip


def test_removed_observations_may_still_be_mentioned_but_are_not_assessed(released):
    path = released / "observations/paper.csv"
    path.write_text("".join(row for row in path.read_text().splitlines(keepends=True) if not row.startswith("bbbb3")))
    seal(released, "2.0.0", "2024-06-01", removed=["bbbb3=A court"])
    found = read(released, drafts=False)
    assert (found.mistakes, found.register.assessments) == ([], [])


@pytest.mark.parametrize(
    ("name", "old", "new", "place"),
    [
        ("checks", "Do the 4", "Do the four", "checks.yaml:1:3"),
        ("disagreements", "Nobody knows.", "Somebody knows.", "disagreements.yaml:1:3"),
    ],
)
def test_one_edited_character_of_a_released_assessment_is_reported(released, name, old, new, place):
    replace(released / f"{name}.yaml", old, new)
    found = mistakes_of(released)
    assert any(f"data/{place}: this record is not what data/releases/1.0.0.csv:" in mistake for mistake in found), found


# Chains that lead back


def test_a_cycle_of_origins_is_reported_at_each_row(register):
    table = """
        id    | value | source | origin
        bbbb2 | 1     | paper  | letter
        bbbb3 | 2     | letter | poll
        bbbb4 | 3     | poll   | paper
        bbbb5 | 4     | poll   | poll
    """
    assert mistakes_of(register(table)) == [
        f"data/observations/{source}.csv:2:{column}: following origins from '{source}' through '{origin}' leads back to '{source}'; "
        "the source where the claim first stood"
        for source, origin, column in (("letter", "poll", 123), ("paper", "letter", 117), ("poll", "paper", 123))
    ]  # fmt: skip


def test_origins_that_meet_are_not_a_cycle(register):
    table = """
        id    | value | source | origin
        bbbb2 | 1     | paper  | letter
        bbbb3 | 2     | second | letter
        bbbb4 | 3     | second | paper
        bbbb5 | 4     | letter | letter
    """
    assert mistakes_of(register(table)) == []


def test_a_cycle_of_replacements_across_releases_is_reported_at_both_ends(register):
    root = register()
    seal(root, "1.0.0", "2024-05-01")
    seal(root, "2.0.0", "2024-06-01", ended=["bbbb3=Wrong;bbbb4"])
    with pytest.raises(
        ReleaseRefused, match="bbbb4 cannot be replaced by 'bbbb3': following the replacements leads back"
    ):
        seal(root, "3.0.0", "2024-07-01", ended=["bbbb4=Wrong too;bbbb3"])
    seal(root, "3.0.0", "2024-07-01", ended=["bbbb4=Wrong too;bbbb2"])
    replace(root / "releases" / "3.0.0.csv", ",Wrong too,bbbb2", ",Wrong too,bbbb3")
    found = mistakes_of(root)
    assert [mistake.split(": ")[1] for mistake in found] == [
        "following the replacements of bbbb3 leads back to it",
        "following the replacements of bbbb4 leads back to it",
    ]
    assert [mistake.split(":")[0] for mistake in found] == ["data/releases/2.0.0.csv", "data/releases/3.0.0.csv"]


def test_every_mistake_of_every_kind_is_reported_at_once(register):
    root = register(
        checks=CHECK.replace("[bbbb3, bbbb4]", "[bbbb3]"),
        disagreements=DISAGREEMENT.replace("bbbb3]", "bbbbz]"),
        corrections=CORRECTION.replace("other_source: letter", "other_source: lettre"),
        non_publications=REFUSAL.replace('until: "2024"', "until: null"),
    )
    (root / "sources" / "letter.yaml").write_text(source_text("letter", publisher=None))
    assert [mistake.split(":")[0] for mistake in mistakes_of(root)] == [
        "data/checks.yaml",
        "data/corrections.yaml",
        "data/disagreements.yaml",
        "data/non-publications.yaml",
        "data/sources/letter.yaml",
    ]


def test_checks_use_a_draft_instead_of_the_version_before_it(released):
    rows = (released / "observations/paper.csv").read_text()
    row = next(line for line in rows.splitlines() if line.startswith("bbbb4,1,"))
    (released / "observations/paper.csv").write_text(rows + row.replace("bbbb4,1,", "bbbb4,2,").replace(",6,", ",5,") + "\n")  # fmt: skip
    explained = CHECK.replace("version: 1", "version: 2") + "  explanation: One is missing.\n"
    (released / "checks.yaml").write_text(CHECK + explained)
    assert mistakes_of(released) == []


def test_a_correction_may_name_a_figure_that_it_ends(register):
    root = register()
    seal(root, "1.0.0")
    (root / "corrections.yaml").write_text(CORRECTION)
    proposal = propose_release(root, [parse_decision("ended", "bbbb2=The publisher corrected it;bbbb5")])
    write_release(root, proposal, "A correction.", date(2024, 6, 1))
    assert mistakes_of(root) == []
    (root / "corrections.yaml").write_text(CORRECTION + CORRECTION.replace("ten-misprinted", "told-later"))
    assert mistakes_of(root) == []


def test_a_correction_does_not_name_a_figure_that_came_after_it(register):
    root = register()
    rows = (root / "observations" / "letter.csv").read_text().splitlines()
    (root / "corrections.yaml").write_text(CORRECTION.replace("[bbbb2]", "[bbbb6]"))
    (root / "observations" / "letter.csv").write_text("\n".join(rows[:2]) + "\n")
    assert [mistake.partition("; ")[0] for mistake in mistakes_of(root)] == [
        "data/corrections.yaml:12:13: there is no observation 'bbbb6'"
    ]
    (root / "observations" / "letter.csv").write_text("\n".join(rows) + "\n")
    assert mistakes_of(root) == []


def test_what_else_names_a_figure_names_one_in_force(register):
    root = register(checks=CHECK)
    seal(root, "1.0.0")
    with pytest.raises(
        RegisterRefused, match="the observation 'bbbb2' is not in force in every release of this record"
    ):
        propose_release(root, [parse_decision("ended", "bbbb2=Wrong")])
