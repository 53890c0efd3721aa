"""Making a release: its number, which follows from the changes, and its files."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest
import yaml

from misconduct.errors import RegisterRefused
from misconduct.register.make_release import (
    Change,
    Decision,
    ReleaseRefused,
    next_number,
    parse_decision,
    propose_release,
    write_release,
)
from tests.register.reading import mistakes_of, read, replace
from tests.registers import seal, source_text, write_register

TABLE = "id | value | caveats\n bbbb2 | 5 | rounded\n bbbb3 | 6 | "
PAPER = "observations/paper.csv"


@pytest.fixture
def data(tmp_path):
    """A register with one release."""
    seal(write_register(tmp_path / "data", TABLE), "1.0.0", "2024-05-01")
    return tmp_path / "data"


def revise(root, old="", new=""):
    """Adds version 2 of bbbb2, in which something is different."""
    rows = (root / PAPER).read_text().splitlines()
    row = next(row for row in rows if row.startswith("bbbb2,1,")).replace("bbbb2,1,", "bbbb2,2,").replace(old, new)
    (root / PAPER).write_text("\n".join([*rows, row]) + "\n")


def test_the_first_release_is_1_0_0_and_names_every_record(tmp_path):
    proposal = propose_release(write_register(tmp_path / "data", TABLE))
    assert proposal.number == "1.0.0"
    named = [(line.kind, line.id) for line in proposal.lines]
    assert ("observation", "bbbb2") in named
    assert ("code", "measure/accused") in named
    assert ("caveat", "rounded") in named
    assert ("source", "paper") in named
    assert ("dataset", "allegations") in named
    assert named == sorted(named)


def test_a_release_of_a_day_far_ahead_is_a_slip(data):
    """Every later one would have to be of a day after it."""
    revise(data, ",5,", ",6,")
    proposal, year = propose_release(data), datetime.now(UTC).year
    with pytest.raises(ReleaseRefused, match=r"-11-22 is more than 10 years from now\.\n.*Is the year right\?"):
        write_release(data, proposal, "A slip.", date(year + 12, 11, 22))  # eleven, if a year begins just now
    assert write_release(data, proposal, "Planned.", date(year + 10, 11, 22)).name == "2.0.0.csv"


def test_a_manifest_has_the_releases_own_record_first_and_the_rest_in_order(data):
    lines = (data / "releases" / "1.0.0.csv").read_text().splitlines()
    assert lines[0] == "kind,id,version,action,sha256,reason,replaced_by"
    assert lines[1].startswith("release,1.0.0,1,added,")
    assert [line.split(",")[:2] for line in lines[2:]] == sorted(line.split(",")[:2] for line in lines[2:])
    assert yaml.safe_load((data / "releases" / "1.0.0.yaml").read_text()) == {
        "id": "1.0.0",
        "version": 1,
        "released": "2024-05-01",
        "summary": "A release.",
    }


def test_a_second_release_names_the_digest_of_the_first(data):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    seal(data, None, "2024-06-01")
    first = read(data, drafts=False).register.releases[0]
    assert yaml.safe_load((data / "releases" / "1.1.0.yaml").read_text())["previous"] == first.digest


@pytest.mark.parametrize(
    ("old", "new", "number"),
    [
        (",rounded", ",", "1.0.1"),
        (",officers,", ",staff,", "2.0.0"),
        ("char=0,1", "char=1,2", "1.0.1"),
    ],
)
def test_a_new_version_that_says_something_else_is_major_and_one_with_other_caveats_or_places_a_patch(
    data, old, new, number
):
    revise(data, old, new)
    if new == ",staff,":
        with (data / "codelists" / "population.csv").open("a") as file:
            file.write("staff,1,Staff,Staff.,,Us\n")
    assert propose_release(data).number == number


def test_something_new_is_minor(data):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    assert propose_release(data).number == "1.1.0"


@pytest.mark.parametrize(
    ("file", "record", "number"),
    [
        ("caveats.yaml", {"id": "rounded", "version": 2, "text": "Rounded."}, "1.0.1"),
        ("datasets.yaml", {"id": "allegations", "version": 2, "title": "All", "description": "All.", "measures": ["accused"]}, "1.0.1"),
        ("datasets.yaml", {"id": "allegations", "version": 2, "title": "All", "description": "All.", "measures": ["accused", "suspended"]}, "1.1.0"),
    ],
)  # fmt: skip
def test_wording_of_records_is_a_patch_and_a_further_measure_an_addition(data, file, record, number):
    (data / file).write_text(yaml.safe_dump([*yaml.safe_load((data / file).read_text()), record]))
    if number == "1.1.0":
        with (data / "codelists" / "measure.csv").open("a") as codes:
            codes.write("suspended,1,Suspended,Suspended.,,Us\n")
    assert propose_release(data).number == number


KINDS = """\
code,version,label,definition,broader,defined_by,scheme,notation,close,narrower
any_misconduct,1,Any,Any kind.,,Us,,,,
crime,1,Crime,A crime.,,Us,,,,theft
theft,1,Theft,A theft.,,Us,,,,
"""


@pytest.mark.parametrize(
    ("row", "number"),
    [
        ("crime,2,Crime,A crime.,,Us,iccs,0901,,theft", "1.0.1"),
        ("crime,2,Crime,A crime.,,Us,,,any_misconduct,theft", "1.0.1"),
        ("crime,2,Crime,A crime.,any_misconduct,Us,,,,theft", "1.1.0"),
        ("crime,2,Crime,A crime.,,Us,,,,theft any_misconduct", "1.1.0"),
        ("crime,2,Crime,A crime.,,Us,,,,any_misconduct", "2.0.0"),
        ("crime,2,Crime,An offence.,any_misconduct,Us,,,,theft", "2.0.0"),
    ],
)
def test_a_notation_is_wording_and_a_place_in_a_hierarchy_an_addition(tmp_path, row, number):
    data = write_register(tmp_path / "data", TABLE, **{"codelists/category.csv": KINDS})
    seal(data, "1.0.0", "2024-05-01")
    (data / "codelists" / "category.csv").write_text(f"{KINDS}{row}\n")
    assert propose_release(data).number == number


def test_another_copy_of_a_source_is_a_patch_and_another_title_is_not(data):
    path = data / "sources" / "paper.yaml"
    first = path.read_text()
    path.write_text(first + "\n---\n" + source_text("paper", version=2, length=7, sha256="1" * 64))
    assert propose_release(data).number == "1.0.1"
    path.write_text(first + "\n---\n" + source_text("paper", version=2, length=7, sha256="1" * 64, title="Other"))
    assert propose_release(data).number == "2.0.0"


def test_something_that_ended_is_major_and_its_line_has_the_reason(data):
    proposal = propose_release(data, [parse_decision("ended", "bbbb2=It was withdrawn;bbbb3")])
    assert proposal.number == "2.0.0"
    [line] = proposal.lines
    assert (line.kind, line.id, line.version, line.action, line.reason, line.replaced_by) == (
        "observation", "bbbb2", 1, "ended", "It was withdrawn", "bbbb3",
    )  # fmt: skip


def test_a_new_version_may_say_why(data):
    revise(data, "char=0,1", "char=1,2")
    [line] = propose_release(data, [parse_decision("added", "bbbb2=The place was wrong")]).lines
    assert (line.version, line.reason) == (2, "The place was wrong")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("k7m3q=Wrong", Decision("ended", "observation", "k7m3q", None, "Wrong", None)),
        ("k7m3q@2=Wrong; tc7ks", Decision("ended", "observation", "k7m3q", 2, "Wrong", "tc7ks")),
        ("code/measure/accused=Unused", Decision("ended", "code", "measure/accused", None, "Unused", None)),
        ("source/some-paper=Gone = away", Decision("ended", "source", "some-paper", None, "Gone = away", None)),
    ],
)
def test_a_decision_is_written_in_a_line(text, expected):
    assert parse_decision("ended", text) == expected


@pytest.mark.parametrize("text", ["", "k7m3q", "k7m3q=", "=x", "k7m3q@x=y", "k7m3q@0=y"])
def test_a_decision_without_its_parts_is_refused(text):
    with pytest.raises(ValueError, match="is not of the form"):
        parse_decision("ended", text)


def test_a_reason_is_released_with_its_semicolons(data):
    """Only what ends or is removed has a replacement, so that nothing of the sentence is one."""
    revise(data, "char=0,1", "char=1,2")
    said = "The words say calls; the force confirmed it; bbbb3"
    proposal = propose_release(data, [parse_decision("added", f"bbbb2@2={said}")])
    write_release(data, proposal, "Calls.", date(2024, 6, 1))
    assert (data / "releases" / "1.0.1.csv").read_text().endswith(f",{said},\n")


@pytest.mark.parametrize(("action", "text"), [("ended", "bbbb3=x; y; z"), ("removed", "bbbb2@1=x; y; z")])
def test_what_follows_a_semicolon_where_something_ends_is_an_id_or_refused(data, action, text):
    rows = (data / PAPER).read_text().splitlines(keepends=True)
    (data / PAPER).write_text("".join(row for row in rows if action == "ended" or not row.startswith("bbbb2,")))
    with pytest.raises(ReleaseRefused, match="cannot be replaced by 'y; z': there is no such record"):
        propose_release(data, [parse_decision(action, text)])


@pytest.mark.parametrize(
    ("action", "text", "expected"),
    [
        ("ended", "zzzzz=x", "No release has the observation zzzzz"),
        ("ended", "bbbb2@2=x", "No release has the observation bbbb2"),
        ("ended", "bbbb2=x;zzzzz", "cannot be replaced by 'zzzzz': there is no such record"),
        ("added", "bbbb2=x", "There is nothing to release"),
        ("removed", "bbbb2=x", "this record was removed from every release; delete it"),
    ],
)
def test_a_decision_that_cannot_be_is_refused(data, action, text, expected):
    with pytest.raises((ReleaseRefused, RegisterRefused), match=expected):
        propose_release(data, [parse_decision(action, text)])


def test_a_reason_for_nothing_new_is_refused(data):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    with pytest.raises(ReleaseRefused, match="Nothing new to give a reason for: bbbb2"):
        propose_release(data, [parse_decision("added", "bbbb2=x")])


@pytest.mark.parametrize(
    ("ends", "reasons", "told"),
    [
        ([], ["bbbb2@1=Why it was so"], "Nothing new to give a reason for: bbbb2@1."),
        (["bbbb3=Gone"], ["bbbb3=By letter"], "Nothing new to give a reason for: bbbb3."),
        ([], ["bbbb2=First", "bbbb2@2=Second"], "'bbbb2@2=First' and 'bbbb2@2=Second'."),
        (["bbbb3=Gone", "bbbb3@1=Wrong"], [], "'bbbb3@1=Gone' and 'bbbb3@1=Wrong'."),
        (["bbbb3=Gone", "bbbb3=Gone;bbbb2"], [], "'bbbb3@1=Gone' and 'bbbb3@1=Gone;bbbb2'."),
    ],
)
def test_no_decision_of_the_command_line_goes_without_a_word(data, ends, reasons, told):
    revise(data, "char=0,1", "char=1,2")
    decisions = [parse_decision("ended", one) for one in ends] + [parse_decision("added", one) for one in reasons]
    with pytest.raises(ReleaseRefused) as refused:
        propose_release(data, decisions)
    said = str(refused.value).splitlines()[0]
    assert said in (told, f"Two decisions say otherwise of the same version: {told}")


def test_a_decision_that_is_given_twice_in_the_same_words_is_one(data):
    revise(data, "char=0,1", "char=1,2")
    (data / "decisions.csv").write_text("kind,id,version,action,reason\nobservation,bbbb2,2,added,Moved\n")
    seal(data, "2.0.0", ended=["bbbb3=Gone", "bbbb3@1=Gone"], reasons=["bbbb2=Moved", "bbbb2@2=Moved"])
    lines = [line.split(",") for line in (data / "releases" / "2.0.0.csv").read_text().splitlines()[2:]]
    assert [[*line[1:4], line[5]] for line in lines] == [
        ["bbbb2", "2", "added", "Moved"],
        ["bbbb3", "1", "ended", "Gone"],
    ]


def test_a_decision_in_other_words_than_one_that_waits_is_refused_and_both_are_kept(data):
    revise(data, "char=0,1", "char=1,2")
    waiting = "kind,id,version,action,reason\nobservation,bbbb2,2,added,Moved\nobservation,bbbb3,1,ended,Gone\n"
    (data / "decisions.csv").write_text(waiting)
    with pytest.raises(ReleaseRefused, match="'bbbb2@2=Moved' and 'bbbb2@2=Typo'"):
        propose_release(data, [parse_decision("added", "bbbb2=Typo")])
    told = r"decisions\.csv:3:13: the end of observation bbbb3@1 is also given with another reason or replacement"
    with pytest.raises(RegisterRefused, match=told):
        propose_release(data, [parse_decision("ended", "bbbb3=Wrong")])
    assert (data / "decisions.csv").read_text() == waiting


def test_what_ended_cannot_end_again(data):
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb2=Wrong"])
    with pytest.raises(ReleaseRefused, match="bbbb2 cannot be ended: bbbb2@1 was no longer in force"):
        propose_release(data, [parse_decision("ended", "bbbb2=Wrong")])


def test_what_is_removed_is_not_ended_as_well(data):
    rows = (data / PAPER).read_text().splitlines(keepends=True)
    (data / PAPER).write_text("".join(row for row in rows if not row.startswith("bbbb2,")))
    decisions = [parse_decision("ended", "bbbb2=Wrong"), parse_decision("removed", "bbbb2@1=By order of a court")]
    with pytest.raises(ReleaseRefused, match="observation/bbbb2@1 would be ended and removed in one release"):
        propose_release(data, decisions)


def test_a_register_with_mistakes_is_not_released(data):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    replace(data / PAPER, ",7,,count", ",8,,count")
    with pytest.raises(RegisterRefused, match="value is 8, but '7' says 7"):
        propose_release(data)


@pytest.mark.parametrize("number", ["1.0.0", "0.9.0", "1.0", "v2", "../../etc", "01.0.0", "1.1.0\n", "١.١.٠"])
def test_a_release_number_must_be_valid_and_higher(data, number):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    with pytest.raises(ReleaseRefused):
        write_release(data, propose_release(data), "More.", date(2024, 6, 1), number)
    assert sorted(path.name for path in (data / "releases").iterdir()) == ["1.0.0.csv", "1.0.0.yaml"]


def test_release_numbers_are_incremented_as_numbers():
    from misconduct.model.records import Release

    previous = Release(1, "1.9.9", date(2024, 1, 1), "", "")
    assert [next_number(previous, change) for change in Change] == ["1.9.10", "1.10.0", "2.0.0"]


def test_releases_are_read_in_the_order_of_their_numbers(data):
    for count in range(10):
        rows = "".join(f"\n bbbc{digit} | 7 |" for digit in "bcdfghjkmnp"[: count + 1])
        seal(write_register(data, TABLE + rows), f"1.{count + 1}.0", "2024-06-01")
    found = read(data, drafts=False)
    assert found.mistakes == []
    assert [release.number for release in found.register.releases] == [f"1.{minor}.0" for minor in range(11)]


def releases_of(root):
    return sorted(path.name for path in (root / "releases").iterdir())


@pytest.mark.parametrize("summary", ["1e5", "0o7", "yes", "null", "a: b", "# no comment", "'", "\u2028x", "é – “x”"])
def test_a_summary_reads_back_as_it_was_given(data, summary):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    seal(data, "1.1.0", "2024-06-01", summary=summary)
    found = read(data, drafts=False)
    assert found.mistakes == []
    assert found.register.releases[-1].summary == summary.strip()


@pytest.mark.parametrize(
    ("summary", "expected"),
    [
        ("  ", "at least one character"),
        ("caf\udce9", "is not UTF-8"),
        ("a\0b", "control character"),
        ("bell \x07", "control character"),
    ],
)
def test_a_summary_that_cannot_be_written_is_refused_and_nothing_is_written(data, summary, expected):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    with pytest.raises((ReleaseRefused, RegisterRefused), match=expected):
        seal(data, "1.1.0", "2024-06-01", summary=summary)
    assert releases_of(data) == ["1.0.0.csv", "1.0.0.yaml"]


def test_a_release_is_not_dated_before_the_one_before(data):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    with pytest.raises((ReleaseRefused, RegisterRefused), match=r"released 2024-04-30, before 1\.0\.0 \(2024-05-01\)"):
        seal(data, "1.1.0", "2024-04-30")
    assert releases_of(data) == ["1.0.0.csv", "1.0.0.yaml"]


def test_a_cycle_of_replacements_is_refused_and_nothing_is_written(data):
    told = "observation bbbb2 cannot be replaced by 'bbbb3': following the replacements leads back to it"
    with pytest.raises(ReleaseRefused, match=told):
        propose_release(data, [parse_decision("ended", one) for one in ("bbbb2=x;bbbb3", "bbbb3=x;bbbb2")])
    with pytest.raises(ReleaseRefused, match=told):
        seal(data, "2.0.0", "2024-06-01", ended=["bbbb2=x;bbbb3", "bbbb3=x;bbbb2"])
    assert releases_of(data) == ["1.0.0.csv", "1.0.0.yaml"]


def test_a_reason_that_cannot_be_written_is_refused(data):
    with pytest.raises(ReleaseRefused, match="is not UTF-8"):
        seal(data, "2.0.0", "2024-06-01", ended=["bbbb2=caf\udce9"])
    assert releases_of(data) == ["1.0.0.csv", "1.0.0.yaml"]


@pytest.mark.parametrize("action", ["ended", "removed", "added"])
def test_decisions_about_a_release_are_refused(action):
    with pytest.raises(ValueError, match="a release itself is never ended, removed or given a reason"):
        parse_decision(action, "release/1.0.0=It was wrong")


@pytest.mark.parametrize(
    ("table", "caveats"),
    [
        ("id | version | value\n bbbb2 | 1 | 5\n bbbb2 | 2 | 5", "[]"),
        (
            "id | value\n bbbb2 | 5",
            '[{"id": "a", "version": 1, "text": "A."}, {"id": "a", "version": 2, "text": "B."}]',
        ),
    ],
)
def test_a_second_draft_beside_the_first_is_refused_by_check_and_release_alike(tmp_path, table, caveats):
    data = write_register(tmp_path / "data", table, **{"caveats.yaml": caveats})
    [checked] = mistakes_of(data)
    with pytest.raises(RegisterRefused) as refused:
        propose_release(data)
    [mistake] = map(str, refused.value.mistakes)
    assert checked.split(" ")[0] == mistake.split(" ")[0]
    assert "@2 is " in checked
    assert "@2 is " in mistake


@pytest.mark.parametrize(
    ("rows", "found"),
    [
        (["bbbb2,1,ended,x,bbbb2"], ["following the replacements of bbbb2 leads back to it"]),
        (["bbbb2,1,ended,x,zzzz9"], ["there is no observation 'zzzz9'"]),
        (["bbbb2,1,ended,x,bbbb4"], []),  # a draft
        (["bbbb4,1,added,x,bbbb2"], ["only what ends has a replacement; no replaced_by beside added"]),
        (["bbbb2,1,ended,x,bbbb3", "bbbb3,1,ended,x,bbbb4"], []),
        (["bbbb2,1,ended,x,bbbb3", "bbbb3,1,ended,x,bbbb2"], [f"following the replacements of bbbb{n} leads back to it" for n in (2, 3)]),
    ],
)  # fmt: skip
def test_the_replacements_of_decisions_that_wait_are_checked(data, rows, found):
    write_register(data, TABLE + "\n bbbb4 | 7 |")
    lines = ["kind,id,version,action,reason,replaced_by", *(f"observation,{row}" for row in rows)]
    (data / "decisions.csv").write_text("\n".join(lines) + "\n")
    assert [one.partition(": ")[2] for one in read(data, drafts=False).mistakes] == found
