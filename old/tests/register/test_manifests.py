"""The chain of releases: released records never change, and a change is reported at its place."""

from __future__ import annotations

import hashlib

import pytest
import yaml

from misconduct.errors import RegisterRefused
from misconduct.model.observation import OPEN
from tests.register.reading import mistakes_of, read, replace
from tests.registers import seal, write_register

TABLE = """
    id    | value | caveats
    bbbb2 | 5     | rounded
    bbbb3 | 6     |
"""
MANIFEST = "releases/1.0.0.csv"
PAPER = "observations/paper.csv"


@pytest.fixture
def data(tmp_path):
    """A register with one release."""
    write_register(tmp_path / "data", TABLE)
    seal(tmp_path / "data", "1.0.0", "2024-05-01")
    return tmp_path / "data"


def spans(root):
    """The releases that bound each observation."""
    return {
        (found.id, found.version): (found.added_in, found.ended_in) for found in read(root, drafts=False).observations
    }


def append(path, text):
    with path.open("a") as file:
        file.write(text)


def line_of(path, start):
    return next(line for line in path.read_text().splitlines() if line.startswith(start))


def revise(root, **cells):
    """Adds version 2 of bbbb2, with other cells."""
    row = line_of(root / PAPER, "bbbb2,1,").replace("bbbb2,1,", "bbbb2,2,")
    for old, new in cells.items():
        row = row.replace(old, new)
    append(root / PAPER, row + "\n")


def test_a_released_register_is_valid_and_its_records_are_of_that_release(data):
    assert mistakes_of(data) == []
    assert spans(data) == {("bbbb2", 1): (1, OPEN), ("bbbb3", 1): (1, OPEN)}
    assert {record.added_in for record in read(data, drafts=False).register.records} == {1}


def test_the_digest_of_a_release_is_over_the_one_before_and_the_bytes_of_its_manifest(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    seal(data, "1.1.0", "2024-06-01")
    first = hashlib.sha256((data / MANIFEST).read_bytes()).hexdigest()
    second = hashlib.sha256(first.encode() + (data / "releases/1.1.0.csv").read_bytes()).hexdigest()
    assert [release.digest for release in read(data, drafts=False).register.releases] == [first, second]


def test_records_in_no_manifest_are_drafts_that_are_shown_only_when_asked_for(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    assert spans(data).keys() == {("bbbb2", 1), ("bbbb3", 1)}
    with_drafts = read(data)
    assert [release.number for release in with_drafts.register.releases] == ["1.0.0", "draft"]
    assert {(found.id, found.added_in) for found in with_drafts.observations} == {
        ("bbbb2", 1),
        ("bbbb3", 1),
        ("bbbb4", 2),
    }


def test_a_draft_is_checked_like_any_other_row(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    replace(data / PAPER, ",7,,count", ",8,,count")
    assert any("value is 8, but '7' says 7" in mistake for mistake in mistakes_of(data))


def test_a_draft_version_ends_the_one_before_it_among_the_drafts_only(data):
    revise(data)
    assert spans(data) == {("bbbb2", 1): (1, OPEN), ("bbbb3", 1): (1, OPEN)}
    assert {(found.version, found.added_in, found.ended_in) for found in read(data).observations if found.id == "bbbb2"} == {
        (1, 1, 2), (2, 2, OPEN),
    }  # fmt: skip


def test_versions_follow_each_other_release_by_release(data):
    revise(data, rounded="")
    seal(data, "1.0.1", "2024-06-01")
    assert mistakes_of(data) == []
    assert spans(data) == {("bbbb2", 1): (1, 2), ("bbbb2", 2): (2, OPEN), ("bbbb3", 1): (1, OPEN)}


def test_an_ended_record_is_in_the_releases_before(data):
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb2=It was never said;bbbb3"])
    assert mistakes_of(data) == []
    assert spans(data) == {("bbbb2", 1): (1, 2), ("bbbb3", 1): (1, OPEN)}
    [line] = read(data, drafts=False).register.lines
    assert (line.release, line.id, line.action, line.reason, line.replaced_by) == (
        2,
        "bbbb2",
        "ended",
        "It was never said",
        "bbbb3",
    )


def test_a_removed_record_is_in_no_release(data):
    path = data / PAPER
    path.write_text("".join(row for row in path.read_text().splitlines(keepends=True) if not row.startswith("bbbb2")))
    seal(data, "2.0.0", "2024-06-01", removed=["bbbb2@1=A court ordered it"])
    assert mistakes_of(data) == []
    assert spans(data) == {("bbbb3", 1): (1, OPEN)}
    assert [(line.action, line.reason) for line in read(data, drafts=False).register.lines] == [
        ("removed", "A court ordered it")
    ]


@pytest.mark.parametrize("version", [1, 2, 3])
def test_a_version_that_figures_need_is_not_removed_without_them(data, version):
    """A caveat of three versions; a figure names it in each release."""
    caveats = yaml.safe_load((data / "caveats.yaml").read_text())
    versions = [caveats[0] | {"version": number, "text": f"About {number}."} for number in (2, 3)]
    for number, caveat in enumerate(versions, 1):
        caveats.append(caveat)
        (data / "caveats.yaml").write_text(yaml.safe_dump(caveats))
        seal(data, f"1.0.{number}", f"2024-06-0{number}")
    (data / "caveats.yaml").write_text(yaml.safe_dump([one for one in caveats if one["version"] != version]))
    with pytest.raises(RegisterRefused) as refused:
        seal(data, "2.0.0", "2024-07-01", removed=[f"caveat/rounded@{version}=A court ordered it"])
    left = {
        1: "from 1.0.1 on",
        2: "from 1.0.0 to before 1.0.1 and from 1.0.2 on",
        3: "from 1.0.0 to before 1.0.2",
    }
    assert str(refused.value) == (
        f"data/{PAPER}:2:123: the caveat 'rounded' is not in force in every release of this record; "
        f"rounded is in force {left[version]}"
    )
    if version == 3:
        caveats.append(caveats[0] | {"version": 4, "text": "About 4."})
        (data / "caveats.yaml").write_text(yaml.safe_dump([one for one in caveats if one["version"] != version]))
    revise(data)
    first = line_of(data / PAPER, "bbbb2,1,") + "\n"
    replace(data / PAPER, first, "")
    seal(data, "2.0.0", "2024-07-01", removed=[f"caveat/rounded@{version}=A court ordered it", "bbbb2@1=It had this"])
    assert mistakes_of(data) == []
    assert spans(data) == {("bbbb2", 2): (4, OPEN), ("bbbb3", 1): (1, OPEN)}


@pytest.mark.parametrize(
    ("file", "old", "new", "expected"),
    [
        (PAPER, "rounded", "", "data/observations/paper.csv:2:1: this record is not what data/releases/1.0.0.csv:"),
        ("codelists/area.csv", "E23000001.", "Another.", "data/codelists/area.csv:2:1: this record is not what data/releases/1.0.0.csv:"),
        ("caveats.yaml", "About rounded.", "About.", "data/caveats.yaml:1:3: this record is not what data/releases/1.0.0.csv:"),
        ("sources/paper.yaml", '"The publisher"', '"A publisher"', "data/sources/paper.yaml:2:2: this record is not what data/releases/1.0.0.csv:"),
        ("datasets.yaml", "Who was", "Who is", "data/datasets.yaml:1:3: this record is not what data/releases/1.0.0.csv:"),
        ("releases/1.0.0.yaml", "A release.", "The release.", "data/releases/1.0.0.yaml:1:1: this record is not what data/releases/1.0.0.csv:2 sealed"),
    ],
)  # fmt: skip
def test_an_edited_released_record_is_reported_with_its_manifest(data, file, old, new, expected):
    replace(data / file, old, new)
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


def test_one_edited_character_of_a_released_row_is_found(data):
    replace(data / PAPER, "char=1000,1001", "char=1001,1002")
    sealed = next(n for n, line in enumerate((data / MANIFEST).read_text().splitlines(), 1) if "bbbb3" in line)
    assert mistakes_of(data) == [
        (
            f"data/observations/paper.csv:3:1: this record is not what data/releases/1.0.0.csv:{sealed} sealed; "
            "restore it; a correction is a new record with the next version"
        )
    ]


def test_a_wrong_copy_of_a_released_row_is_reported_and_the_row_itself_is_not(data):
    header, row, *_ = (data / PAPER).read_text().splitlines()
    (data / "observations" / "letter.csv").write_text(f"{header}\n{row}\n")
    (data / "sources" / "letter.yaml").write_text(
        (data / "sources" / "paper.yaml").read_text().replace('"paper"', '"letter"')
    )
    [mistake] = mistakes_of(data)
    assert mistake.startswith("data/observations/letter.csv:2:1: this record is not what data/releases/1.0.0.csv:")


def test_a_deleted_released_record_is_reported_at_the_line_of_its_manifest(data):
    path = data / PAPER
    path.write_text("".join(row for row in path.read_text().splitlines(keepends=True) if not row.startswith("bbbb3")))
    sealed = next(n for n, line in enumerate((data / MANIFEST).read_text().splitlines(), 1) if "bbbb3" in line)
    assert mistakes_of(data) == [
        f"data/releases/1.0.0.csv:{sealed}:1: observation bbbb3@1 was released and is in no file; restore it: released records stay"
    ]  # fmt: skip


def test_moving_a_version_to_another_source_is_refused(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    header, *_ = (data / PAPER).read_text().splitlines(keepends=True)
    row = line_of(data / PAPER, "bbbb2,1,").replace("bbbb2,1,", "bbbb2,2,")
    (data / "observations" / "letter.csv").write_text(header + row + "\n")
    (data / "sources" / "letter.yaml").write_text(
        (data / "sources" / "paper.yaml").read_text().replace('"paper"', '"letter"')
    )
    assert mistakes_of(data) == [
        "data/observations/letter.csv:2:1: bbbb2@2 is here, and the version before it is in data/observations/paper.csv:2; all versions in one file"
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("kind,id,version", "kind,ident,version", "1.0.0.csv:1:1: the column 'id' is missing"),
        ("observation,bbbb3", "observatoin,bbbb3", "did you mean observation?"),
        ("bbbb3,1,added", "bbbb3,1,aded", "there is no action 'aded'; added, ended, removed; did you mean added?"),
        ("bbbb3,1,added", "bbbb3,x,added", "'x' is not a version"),
        ("bbbb3,1,added", "bbbb3,2,added", "bbbb3@2 is added, but no earlier release added bbbb3@1"),
        ("bbbb3,1,added", "bbbb2,1,added", "observation bbbb2 comes after observation bbbb2; the release's own record first"),
        ("bbbb3,1,added", "bbbb1,1,added", "observation bbbb1 comes after observation bbbb2"),
        ("bbbb3,1,added", "bbbb3,1,ended", "ended without a reason; a sentence that says why"),
        ("bbbb3,1,added,", "bbbb3,1,added,x", "is not a SHA-256 hash; 64 hexadecimal digits"),
        ("release,1.0.0", "release,1.0.1", "data/releases/1.0.0.yaml:1:1: the manifest of this release does not name the release's own record"),
    ],
)  # fmt: skip
def test_an_invalid_line_of_a_manifest_is_reported(data, old, new, expected):
    replace(data / MANIFEST, old, new)
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("observation,bbbb7,1,ended,{sha},Wrong.,", "no release added observation bbbb7@1"),
        ("observation,bbbb2,1,added,{sha},,", "bbbb2@1 was added before; see data/releases/1.0.0.csv:"),
        ("observation,bbbb2,1,ended,{other},Wrong.,", "this is not the hash with which the record was added"),
        ("observation,bbbb2,1,ended,{sha},Wrong.,bbbb9", "no release added observation 'bbbb9'; the id of a released record"),
        ("observation,bbbb2,1,ended,{sha},Wrong.,bbbb2", "following the replacements of bbbb2 leads back to it"),
        ("observation,bbbb2,3,added,{sha},,", "bbbb2@3 is added, but no earlier release added bbbb2@2"),
        ("observation,bbbb2,1,removed,{sha},A court.,", "data/observations/paper.csv:2:1: this record was removed from every release; delete it"),
        ("observation,bbbb2,2,added,{sha},,", "data/releases/1.1.0.csv:3:1: observation bbbb2@2 was released and is in no file"),
    ],
)  # fmt: skip
def test_a_line_that_contradicts_an_earlier_release_is_reported(data, line, expected):
    write_register(data, TABLE + "bbbb4 | 7 |")
    seal(data, "1.1.0", "2024-06-01")
    sha = line_of(data / MANIFEST, "observation,bbbb2").split(",")[4]
    last = (data / "releases/1.1.0.csv").read_text().splitlines()
    (data / "releases/1.1.0.csv").write_text(
        "\n".join([*last[:2], line.format(sha=sha, other="0" * 64), *last[2:]]) + "\n"
    )
    found = mistakes_of(data)
    assert any(expected in mistake for mistake in found), found


def test_two_versions_of_a_record_are_not_released_at_once(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    last = seal(data, "1.1.0", "2024-06-01")
    append(last, line_of(last, "observation,bbbb4,1,").replace("bbbb4,1,", "bbbb4,2,") + "\n")
    found = mistakes_of(data)
    assert any("bbbb4@2 is added, but no earlier release added bbbb4@1" in mistake for mistake in found), found


def test_an_edited_manifest_breaks_the_chain(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    seal(data, "1.1.0", "2024-06-01")
    append(data / MANIFEST, "source,zzz,1,added," + "0" * 64 + ",,\n")
    assert (
        "data/releases/1.1.0.yaml:5:1: the chain is broken: a manifest before this one was edited, added or taken away; "
        "the manifests as they were; after a merge of two releases, misconduct release --again"
    ) in mistakes_of(data)


def test_a_broken_link_of_the_chain_is_reported_once(data):
    for day, number, row in ((1, "1.1.0", "bbbb4 | 7 |"), (2, "1.2.0", "bbbb4 | 7 |\n bbbb5 | 8 |")):
        write_register(data, TABLE + row)
        seal(data, number, f"2024-06-0{day}")
    with (data / MANIFEST).open("a") as file:
        file.write("\n")
    assert [mistake.partition("; ")[0] for mistake in mistakes_of(data)] == [
        "data/releases/1.0.0.csv:46:1: this row has 0 cells",
        "data/releases/1.1.0.yaml:5:1: the chain is broken: a manifest before this one was edited, added or taken away",
    ]


def test_a_gap_in_the_chain_is_reported(data):
    for day, number, row in ((1, "1.1.0", "bbbb4 | 7 |"), (2, "1.2.0", "bbbb4 | 7 |\n bbbb5 | 8 |")):
        write_register(data, TABLE + row)
        seal(data, number, f"2024-06-0{day}")
    for suffix in (".csv", ".yaml"):
        (data / "releases" / f"1.1.0{suffix}").unlink()
    assert any("data/releases/1.2.0.yaml:5:1: the chain is broken" in mistake for mistake in mistakes_of(data))


def test_releases_do_not_go_back_in_time(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    seal(data, "1.1.0", "2024-06-01")
    replace(data / "releases" / "1.1.0.yaml", "2024-06-01", "2024-04-30")
    assert mistakes_of(data)[1:] == [
        "data/releases/1.1.0.yaml:3:1: released 2024-04-30, before 1.0.0 (2024-05-01); a day not before that of the release before"
    ]


@pytest.mark.parametrize(("gone", "left"), [("1.0.0.yaml", "1.0.0.csv"), ("1.0.0.csv", "1.0.0.yaml")])
def test_half_a_release_is_reported(data, gone, left):
    (data / "releases" / gone).unlink()
    told = (
        "; its manifest; after a release that was stopped, misconduct release --again, with the --number, --summary, --released, --end, --remove and --reason that it was given, and the removals that it named; where two lack theirs, misconduct release --undo first"
        if "csv" in gone
        else ""
    )
    assert f"data/releases/{left}:0:0: {gone} is missing beside this file{told}" in mistakes_of(data)


def test_a_release_with_a_wrong_number_is_reported(data):
    for suffix in (".csv", ".yaml"):
        (data / "releases" / f"1.0.0{suffix}").rename(data / "releases" / f"01.0{suffix}")
    replace(data / "releases" / "01.0.yaml", 'id: "1.0.0"', "id: '01.0'")
    assert any("id: '01.0'; three numbers: 1.0.0" in mistake for mistake in mistakes_of(data))


def test_a_row_mentions_only_records_in_force_for_as_long(data):
    with pytest.raises(RegisterRefused) as refused:
        seal(data, ended=["caveat/rounded=It was not"])
    assert str(refused.value) == (
        "data/observations/paper.csv:2:123: the caveat 'rounded' is not in force in every release of this record; "
        "rounded is in force from 1.0.0 to before the next release"
    )


def test_an_ended_record_gets_no_further_version(data):
    seal(data, "2.0.0", "2024-06-01", ended=["bbbb2=Wrong"])
    revise(data)
    assert any("bbbb2@2 follows bbbb2@1, which was ended; a new id" in mistake for mistake in mistakes_of(data))


def test_a_draft_is_edited_where_it_is_and_gets_no_further_version(data):
    write_register(data, TABLE + "bbbb4 | 7 |")
    append(data / PAPER, line_of(data / PAPER, "bbbb4,1,").replace("bbbb4,1,", "bbbb4,2,") + "\n")
    assert any("bbbb4@2 is here, but no release has bbbb4@1; the next version of a released record" in mistake for mistake in mistakes_of(data))  # fmt: skip
