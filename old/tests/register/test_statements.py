"""One printed statement has one id."""

from __future__ import annotations

from tests.register.reading import mistakes_of, read, replace
from tests.registers import seal, write_register

TABLE = """
    id    | value | at       | category | stated_by
    bbbb2 | 5     | char=0,1 | other    | force
    bbbb3 | 5     | char=0,1 | other    | force
"""


def test_one_printed_statement_does_not_get_two_ids(tmp_path):
    assert mistakes_of(write_register(tmp_path / "data", TABLE)) == [
        (
            "data/observations/paper.csv:3:88: bbbb2 in line 2 states the same thing at char=0,1; "
            "one id for each statement; a correction is its next version, and what is gone ends"
        )
    ]


def test_one_place_may_state_several_things_and_one_thing_may_be_stated_by_several(tmp_path):
    table = TABLE + "bbbb4 | 5 | char=0,1 | any_misconduct | force\n bbbb5 | 5 | char=0,1 | other | minister"
    assert len(mistakes_of(write_register(tmp_path / "data", table))) == 1
    two_sources = (
        TABLE.replace("id  ", "source | id").replace("bbbb2", "paper | bbbb2").replace("bbbb3", "letter | bbbb3")
    )
    assert mistakes_of(write_register(tmp_path / "other", two_sources)) == []


def test_versions_of_a_statement_are_one_statement_also_as_drafts(tmp_path):
    data = write_register(tmp_path / "data", TABLE.replace("char=0,1 | other    | force\n    bbbb3", "char=0,1 | x | force\n    bbbb3"))  # fmt: skip
    seal(data, "1.0.0")
    rows = (data / "observations" / "paper.csv").read_text()
    row = next(row for row in rows.splitlines() if row.startswith("bbbb3,1,"))
    (data / "observations" / "paper.csv").write_text(rows + row.replace("bbbb3,1,", "bbbb3,2,") + "\n")
    assert read(data, drafts=False).mistakes == []
    assert read(data, drafts=True).mistakes == []


def test_a_statement_may_get_another_id_when_the_first_one_ends(tmp_path):
    data = seal(write_register(tmp_path / "data", "\n".join(TABLE.splitlines()[:3])), "1.0.0").parents[1]
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb2=It was entered twice"])
    assert mistakes_of(write_register(data, TABLE)) == []
    replace(data / "observations" / "paper.csv", "bbbb3", "bbbb4")
    assert mistakes_of(data) == []
