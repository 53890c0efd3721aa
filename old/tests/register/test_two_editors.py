"""Two editors on two branches, merged by git itself: what merges, what is a conflict, and what is said of it."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import shutil
import subprocess
import threading
import time
import zlib
from contextlib import ExitStack, suppress
from datetime import date
from itertools import chain, repeat
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import yaml
from typer.testing import CliRunner

from misconduct.cli import app
from misconduct.errors import MisconductError, RegisterRefused
from misconduct.publish import withdraw
from misconduct.publish.withdraw import PublicationUnknown, find_publication
from misconduct.register import editors
from misconduct.register.editors import RegisterInUse, SeenFiles, writing_alone
from misconduct.register.make_release import (
    ReleaseRefused,
    delete_release,
    parse_decision,
    propose_release,
    read_newest_release,
    write_release,
)
from misconduct.register.temporary_folder import unfinished_files
from misconduct.settings import Settings
from tests.conftest import PROJECT
from tests.register.reading import mistakes_of, read
from tests.registers import seal, source_text, write_register

TABLE = "id | value | source\n bbbb2 | 5 | paper\n bbbb3 | 6 | paper"
ANNA = "\n bbbb4 | 7 | annas-paper"
BEN = "\n bbbb5 | 8 | bens-paper"
CAVEAT = """\
- id: {name}
  version: 1
  text: >-
    {name} says it in a line of its own.
"""


@pytest.fixture
def git(tmp_path):
    """Runs git in a repository with a register of one release, on the branch main."""

    def run(*arguments, ok=True):
        names = ("-c", "user.name=Editor", "-c", "user.email=editor@example.org", "-c", "commit.gpgsign=false")
        done = subprocess.run(["git", *names, *arguments], check=False, cwd=tmp_path, capture_output=True, text=True)
        assert (done.returncode == 0) is ok, done.stdout + done.stderr
        return done.stdout

    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0", "2024-05-01")
    (data / "caveats.yaml").write_text(CAVEAT.format(name="common"))
    seal(data, "1.1.0", "2024-05-02")
    shutil.copy(PROJECT / ".gitattributes", tmp_path)
    run("init", "--quiet", "--initial-branch=main", ".")
    run("add", "--all")
    run("commit", "--quiet", "--message=The register")
    return run


def code(root, name, label):
    with (root / "codelists" / "area.csv").open("a") as file:
        file.write(f"{name},1,{label},Where it is.,,The tests\n")


def on_branch(git, tmp_path, name, rows, **release):
    """Somebody's branch: a source with a figure and an area, and a release if one is asked for."""
    git("checkout", "--quiet", "-b", name, "main")
    data = tmp_path / "data"
    lists = {f"codelists/{file.name}": file.read_text() for file in (data / "codelists").iterdir()}
    kept = {
        "caveats.yaml": (data / "caveats.yaml").read_text(),
        "sources/paper.yaml": (data / "sources/paper.yaml").read_text(),
    }
    write_register(data, TABLE + rows, **lists, **kept)
    code(data, name, name.capitalize())
    if release:
        seal(data, **release)
    git("add", "--all")
    git("commit", "--quiet", f"--message={name}")
    git("checkout", "--quiet", "main")
    return data


def test_code_lists_of_two_branches_are_merged(git, tmp_path):
    on_branch(git, tmp_path, "anna", ANNA)
    data = on_branch(git, tmp_path, "ben", BEN)
    git("merge", "--quiet", "anna")
    git("merge", "--quiet", "ben")
    assert mistakes_of(data) == []
    areas = (data / "codelists" / "area.csv").read_text()
    assert "\nanna,1,Anna,Where it is.,,The tests\nben,1,Ben,Where it is.,,The tests\n" in areas
    assert propose_release(data).number == "1.2.0"


def test_one_code_on_two_branches_is_found(git, tmp_path):
    for name in ("anna", "ben"):
        git("checkout", "--quiet", "-b", name, "main")
        code(tmp_path / "data", "north", f"The north of {name}")
        git("commit", "--quiet", "--all", f"--message={name}")
    git("merge", "--quiet", "anna")
    [mistake] = mistakes_of(tmp_path / "data")
    assert mistake.startswith(
        "data/codelists/area.csv:4:1: area/north in this version is already in data/codelists/area.csv:3"
    )


def test_a_draft_code_that_comes_back_beside_an_addition_is_named_before_it_is_released(git, tmp_path):
    data = tmp_path / "data"
    areas = data / "codelists" / "area.csv"
    without = areas.read_text()
    code(data, "slip", "A slip")
    git("commit", "--quiet", "--all", "--message=A slip")
    git("checkout", "--quiet", "-b", "anna")
    areas.write_text(without)
    git("commit", "--quiet", "--all", "--message=No slip")
    git("checkout", "--quiet", "main")
    code(data, "south", "South")
    git("commit", "--quiet", "--all", "--message=South")
    git("merge", "--quiet", "--no-edit", "anna")
    assert [line.id for line in propose_release(data).lines if line.kind == "code"] == ["area/slip", "area/south"]


@pytest.mark.parametrize("was_there", [True, False])
def test_an_end_that_one_editor_took_back_does_not_return_beside_an_addition(git, tmp_path, was_there):
    data = tmp_path / "data"
    decisions, header = data / "decisions.csv", END.splitlines(keepends=True)[0]
    if was_there:
        decisions.write_text(END)
        git("add", "--all")
        git("commit", "--quiet", "--message=An end")
    for name, text in (
        ("anna", f"{header}source,paper,1,added,Anna's.\n"),
        ("ben", (END if was_there else header) + "observation,bbbb2,1,ended,Ben's.\n"),
    ):
        git("checkout", "--quiet", "-b", name, "main")
        decisions.write_text(text)
        git("add", "--all")
        git("commit", "--quiet", f"--message={name}")
    git("merge", "anna", ok=False)
    [mistake] = mistakes_of(data)
    assert mistake.startswith(
        "data/decisions.csv:2:1: merge conflict: two branches changed these lines, and git kept both"
    )


def test_lists_of_records_are_a_conflict_that_is_one_mistake(git, tmp_path):
    """Their records have lines in common, so a union of both sides can mix them."""
    for name in ("anna", "ben"):
        git("checkout", "--quiet", "-b", name, "main")
        with (tmp_path / "data" / "caveats.yaml").open("a") as file:
            file.write(CAVEAT.format(name=name))
        git("commit", "--quiet", "--all", f"--message={name}")
    git("merge", "anna", ok=False)
    [mistake] = mistakes_of(tmp_path / "data")
    assert mistake == (
        "data/caveats.yaml:5:1: merge conflict: two branches changed these lines, and git kept both; "
        "the lines that are right, without those that begin with <<<<<<<, ======= and >>>>>>>"
    )
    caveats = tmp_path / "data" / "caveats.yaml"
    lines = [
        line
        for line in caveats.read_text().splitlines(keepends=True)
        if line[:7] not in ("<<<<<<<", "=======", ">>>>>>>")
    ]
    caveats.write_text("".join(lines))
    assert mistakes_of(tmp_path / "data") == []


@pytest.mark.parametrize(
    ("file", "behind", "is_said"),
    [
        ("caveats.yaml", "  text: By both.\n", True),
        ("caveats.yaml", "- id: next\n  version: 1\n  text: Another.\n", False),
        ("caveats.yaml", "# The end.\n", False),
        ("caveats.yaml", "<<<<<<< HEAD\n=======\n>>>>>>> ben\n", False),
        ("caveats.yaml", "", False),
        ("sources/paper.yaml", "title: By both\n", True),
        ("sources/paper.yaml", "---\nid: next\n", False),
        ("releases/1.1.0.yaml", "previous: By both\n", False),
        ("codelists/area.csv", "north,1,North,Where it is.,,The tests\n", False),
    ],
)
def test_a_conflict_says_which_lines_end_both_records(git, tmp_path, file, behind, is_said):
    """Git takes lines that both sides end with alike out of the conflict."""
    conflict = "<<<<<<< HEAD\n- id: anna\n=======\n- id: ben\n>>>>>>> ben\n"
    path = tmp_path / "data" / file
    path.write_text(f"{path.read_text().splitlines()[0]}\n{conflict}{behind}")
    said = "; of two new records each ends with the lines from 7 up to the next record: copy them to the first"
    found = [mistake for mistake in mistakes_of(tmp_path / "data") if mistake.startswith(f"data/{file}:2:1: merge")]
    assert [mistake.endswith(f"======= and >>>>>>>{said if is_said else ''}") for mistake in found] == [True]


def test_what_git_says_once_of_two_new_records_is_said(git, tmp_path):
    for name in ("anna", "ben"):
        git("checkout", "--quiet", "-b", name, "main")
        with (tmp_path / "data" / "caveats.yaml").open("a") as file:
            file.write(f"- id: {name}\n  version: 1\n  text: >-\n    It is by {name}.\n    Nobody says when.\n")
        git("commit", "--quiet", "--all", f"--message={name}")
    git("merge", "anna", ok=False)
    [mistake] = mistakes_of(tmp_path / "data")
    assert mistake.endswith("each ends with the lines from 16 up to the next record: copy them to the first")
    assert (tmp_path / "data" / "caveats.yaml").read_text().splitlines()[14:] == [
        ">>>>>>> anna",
        "    Nobody says when.",
    ]


def test_a_union_of_lists_of_records_would_mix_them(git, tmp_path):
    """Why .gitattributes has no lists of records."""
    with (tmp_path / ".gitattributes").open("a") as file:
        file.write("data/*.yaml merge=union\n")
    git("commit", "--quiet", "--all", "--message=Union")
    for name in ("anna", "ben"):
        git("checkout", "--quiet", "-b", name, "main")
        with (tmp_path / "data" / "caveats.yaml").open("a") as file:
            file.write(f"- id: {name}\n  version: 1\n  text: By {name}.\n  asserted: true\n")
        git("commit", "--quiet", "--all", f"--message={name}")
    git("merge", "--quiet", "anna")
    merged = yaml.safe_load((tmp_path / "data" / "caveats.yaml").read_text())
    assert [sorted(record) for record in merged[1:]] == [
        ["id", "text", "version"],
        ["asserted", "id", "text", "version"],
    ]


@pytest.mark.parametrize(
    "file", ["codelists/measure.csv", "observations/paper.csv", "sources/paper.yaml", "datasets.yaml", "releases/1.1.0.csv", "releases/1.1.0.yaml"]
)  # fmt: skip
def test_each_conflict_is_one_mistake_in_any_file(git, tmp_path, file):
    path = tmp_path / "data" / file
    lines = path.read_text().splitlines()
    conflict = ["<<<<<<< HEAD", *lines[1:], "=======", *lines[1:], ">>>>>>> ben"]
    path.write_text("\n".join([lines[0], *conflict, "<<<<<<< HEAD", "=======", ">>>>>>> ben", ""]))
    end = 2 + len(conflict)
    found = mistakes_of(tmp_path / "data")
    assert [mistake.partition(" ")[0] for mistake in found] == [f"data/{file}:2:1:", f"data/{file}:{end}:1:"], found


def test_a_conflict_of_two_releases_of_one_number_ends_well(git, tmp_path):
    on_branch(git, tmp_path, "anna", ANNA, number="1.2.0", released="2024-06-01", summary="Anna's.")
    data = on_branch(git, tmp_path, "ben", BEN, number="1.2.0", released="2024-06-02", summary="Ben's.", reasons=["source/bens-paper=It came."])  # fmt: skip
    git("merge", "--quiet", "anna")
    git("checkout", "--quiet", "ben")
    git("merge", "main", ok=False)
    assert [mistake.partition(";")[0] for mistake in mistakes_of(data)] == [
        "data/releases/1.2.0.csv:2:1: merge conflict: two branches changed these lines, and git kept both",
        "data/releases/1.2.0.yaml:3:1: merge conflict: two branches changed these lines, and git kept both",
    ]
    with pytest.raises(ReleaseRefused, match=r"The files of release 1\.2\.0 cannot be read"):
        read_newest_release(data)
    git("merge", "--abort")
    sealed = read_newest_release(data)
    delete_release(SeenFiles(data), sealed.number)
    git("commit", "--quiet", "--all", "--message=Drafts")
    git("merge", "--quiet", "--no-edit", "main")
    assert mistakes_of(data) == []
    write_release(
        data, propose_release(data, sealed.decisions), sealed.summary, read(data).register.releases[-1].released
    )
    assert [release.summary for release in read(data, drafts=False).register.releases[-2:]] == ["Anna's.", "Ben's."]


def test_two_releases_of_different_numbers_merge_into_a_broken_chain_that_again_mends(git, tmp_path):
    on_branch(git, tmp_path, "anna", ANNA, number="1.2.0", released="2024-06-01", summary="Anna's.")
    decisions = ["bbbb2=It was withdrawn;bbbb3"]
    data = on_branch(
        git, tmp_path, "ben", BEN, number="2.0.0", released="2024-06-02", summary="Ben's.", ended=decisions
    )
    git("merge", "--quiet", "anna")
    git("merge", "--quiet", "--no-edit", "ben")
    [mistake] = mistakes_of(data)
    assert mistake == (
        "data/releases/2.0.0.yaml:5:1: the chain is broken: a manifest before this one was edited, added or taken away; "
        "the manifests as they were; after a merge of two releases, misconduct release --again"
    )
    sealed = read_newest_release(data)
    assert (sealed.number, sealed.is_chained, [*map(str, sealed.decisions)]) == (
        "2.0.0",
        False,
        ["bbbb2@1=It was withdrawn;bbbb3"],
    )
    proposal = propose_release(data, sealed.decisions, instead_of="2.0.0")
    assert proposal.previous.number == "1.2.0"
    write_release(data, proposal, sealed.summary, read(data).register.releases[-1].released, instead_of="2.0.0")
    found = read(data, drafts=False)
    assert found.mistakes == []
    assert [(release.number, release.summary) for release in found.register.releases[2:]] == [
        ("1.2.0", "Anna's."),
        ("2.0.0", "Ben's."),
    ]
    assert (
        yaml.safe_load((data / "releases" / "2.0.0.yaml").read_text())["previous"] == found.register.releases[2].digest
    )
    ended = [line for line in found.register.lines if line.action == "ended"]
    assert [(line.id, line.reason, line.replaced_by) for line in ended] == [("bbbb2", "It was withdrawn", "bbbb3")]


def test_a_release_is_written_again_under_the_number_that_fits(git, tmp_path):
    on_branch(git, tmp_path, "anna", "", number="2.0.0", released="2024-06-01", ended=["bbbb2=It was withdrawn"])
    data = on_branch(git, tmp_path, "ben", BEN, number="2.1.0", released="2024-06-02", summary="Ben's.")
    git("merge", "--quiet", "anna")
    git("merge", "--quiet", "--no-edit", "ben")
    sealed = read_newest_release(data)
    with pytest.raises(ReleaseRefused, match=r"2\.0\.0 does not come after the last release"):
        write_release(
            data,
            propose_release(data, instead_of="2.1.0"),
            "Ben's.",
            read(data).register.releases[-1].released,
            "2.0.0",
            instead_of="2.1.0",
        )
    written = write_release(data, propose_release(data, instead_of="2.1.0"), sealed.summary, read(data).register.releases[-1].released, "2.0.1", instead_of="2.1.0")  # fmt: skip
    assert written.name == "2.0.1.csv"
    assert sorted(path.name for path in (data / "releases").glob("2.*")) == [
        "2.0.0.csv",
        "2.0.0.yaml",
        "2.0.1.csv",
        "2.0.1.yaml",
    ]
    assert mistakes_of(data) == []


def test_a_decision_that_both_made_changes_nothing(git, tmp_path):
    decisions = ["bbbb2=It was withdrawn"]
    on_branch(git, tmp_path, "anna", ANNA, number="2.0.0", released="2024-06-01", ended=decisions)
    data = on_branch(git, tmp_path, "ben", BEN, number="3.0.0", released="2024-06-02", ended=decisions)
    git("merge", "--quiet", "anna")
    git("merge", "--quiet", "--no-edit", "ben")
    before = {path: path.read_bytes() for path in data.rglob("*.*")}
    with pytest.raises(ReleaseRefused, match="bbbb2 cannot be ended: bbbb2@1 was no longer in force"):
        propose_release(data, read_newest_release(data).decisions, instead_of="3.0.0")
    assert {path: path.read_bytes() for path in data.rglob("*.*")} == before


@pytest.mark.parametrize(
    "text", ["bbbb2=It was withdrawn", "bbbb2@2=It was withdrawn;bbbb3", "code/measure/accused=Unused", "source/paper@1=Why not;other"]
)  # fmt: skip
def test_a_decision_reads_back_as_it_was_written(text):
    assert str(parse_decision("ended", text)) == text


def test_a_release_on_a_branch_of_a_remote_is_public(git, tmp_path):
    data, settings = tmp_path / "data", Settings(home=tmp_path / "no-database")
    sealed = read_newest_release(data)
    assert find_publication(settings, data, sealed) is None
    git("tag", "v1")
    git("rm", "-r", "--quiet", "--cached", "data/releases")
    git("commit", "--quiet", "--message=Nothing is released")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert find_publication(settings, data, sealed) is None
    for branch in ("origin/anna", "origin/trunk", "upstream/main"):
        git("update-ref", f"refs/remotes/{branch}", "v1")
        assert find_publication(settings, data, sealed) == branch
        git("update-ref", "-d", f"refs/remotes/{branch}")
    git("symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/main")
    git("update-ref", "refs/remotes/origin/anna", "v1")  # which the main branch, as it is known, does not have yet
    assert find_publication(settings, data, sealed) is None
    git("update-ref", "refs/remotes/origin/main", "v1")
    assert find_publication(settings, data, sealed) == "origin/main"
    assert find_publication(settings, data, sealed._replace(is_chained=False)) is None
    first = data / "releases" / "1.0.0.csv"
    for change in (lambda: first.write_bytes(first.read_bytes().replace(b"\n", b"\r\n")), first.unlink):
        change()
        found = find_publication(settings, data, sealed._replace(is_chained=False))
        assert found == "origin/main, whose releases/1.0.0.csv is not the one that is here"
    for file in ("csv", "yaml"):  # another editor's of the same number
        (data / "releases" / f"1.1.0.{file}").write_text("another\n")
    assert find_publication(settings, data, sealed) is None


def test_a_public_release_stays_if_its_manifest_is_edited(git, tmp_path):
    data, settings = tmp_path / "data", Settings(home=tmp_path / "no-database")
    manifest = data / "releases" / "1.1.0.csv"
    git("update-ref", "refs/remotes/origin/main", "main")
    manifest.write_text(manifest.read_text().replace(",added,", ",ended,"))
    sealed = read_newest_release(data)
    said = (
        "origin/main, whose releases/1.1.0.csv is not the one that is here "
        "(git show origin/main:data/releases/1.1.0.csv)"
    )
    assert find_publication(settings, data, sealed) == said
    assert find_publication(settings, data, sealed._replace(is_chained=False)) == said
    manifest.write_text(git("show", "origin/main:data/releases/1.1.0.csv"))
    git("rm", "--quiet", "--cached", "data/releases/1.1.0.csv")
    git("commit", "--quiet", "--message=Without the manifest, as if it was stopped")
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    assert find_publication(settings, data, sealed) is None


def test_another_editors_public_release_of_the_same_number_lets_ones_own_be_withdrawn(git, tmp_path):
    on_branch(git, tmp_path, "anna", ANNA, number="1.2.0", released="2024-06-01", summary="Anna's.")
    data = on_branch(git, tmp_path, "ben", BEN, number="1.2.0", released="2024-06-01", summary="Ben's.")
    git("update-ref", "refs/remotes/origin/main", "anna")
    git("checkout", "--quiet", "ben")
    assert find_publication(Settings(home=tmp_path / "no-database"), data, read_newest_release(data)) is None


def test_a_public_release_stays_though_the_register_has_another_name_here(git, tmp_path):
    settings = Settings(home=tmp_path / "no-database")
    git("update-ref", "refs/remotes/origin/main", "main")
    git("mv", "data", "register")
    data = tmp_path / "register"
    sealed = read_newest_release(data)
    assert find_publication(settings, data, sealed) == "origin/main"
    (data / "releases" / "1.0.0.csv").unlink()
    assert find_publication(settings, data, sealed._replace(is_chained=False)) == (
        "origin/main, whose releases/1.0.0.csv is not the one that is here"
    )


def test_a_public_release_stays_where_one_that_was_not_pushed_comes_before_it(git, tmp_path):
    settings = Settings(home=tmp_path / "no-database")
    on_branch(git, tmp_path, "pushed", ANNA, number="1.2.0", released="2024-06-01", summary="Pushed.")
    data = on_branch(git, tmp_path, "own", BEN, number="1.1.1", released="2024-05-03", summary="Own.")
    git("update-ref", "refs/remotes/origin/main", "pushed")
    git("merge", "--quiet", "own")
    git("merge", "--quiet", "--no-edit", "pushed")
    public = {path: path.read_bytes() for path in (data / "releases").glob("1.2.0.*")}
    [mistake] = mistakes_of(data)
    assert mistake.startswith("data/releases/1.2.0.yaml:5:1: the chain is broken")
    assert find_publication(settings, data, read_newest_release(data)) == (
        "origin/main, which does not have releases/1.1.1.csv"
    )
    delete_release(SeenFiles(data), "1.1.1")
    assert mistakes_of(data) == []
    assert find_publication(settings, data, read_newest_release(data)) == "origin/main"
    write_release(data, propose_release(data), "Own.", date(2024, 6, 2))
    found = read(data, drafts=False)
    assert found.mistakes == []
    assert [release.number for release in found.register.releases[2:]] == ["1.2.0", "1.3.0"]
    assert {path: path.read_bytes() for path in (data / "releases").glob("1.2.0.*")} == public


def test_of_two_releases_that_were_pushed_in_a_broken_chain_the_newest_is_not_public(git, tmp_path):
    settings = Settings(home=tmp_path / "no-database")
    on_branch(git, tmp_path, "pushed", ANNA, number="1.2.0", released="2024-06-01", summary="Pushed.")
    data = on_branch(git, tmp_path, "own", BEN, number="1.1.1", released="2024-05-03", summary="Own.")
    git("merge", "--quiet", "own")
    git("merge", "--quiet", "--no-edit", "pushed")
    git("update-ref", "refs/remotes/origin/main", "main")
    assert find_publication(settings, data, read_newest_release(data)) is None


def test_a_public_release_stays_if_its_own_record_is_edited(git, tmp_path):
    data, record = tmp_path / "data", tmp_path / "data" / "releases" / "1.1.0.yaml"
    git("update-ref", "refs/remotes/origin/main", "main")
    record.write_text(re.sub("^previous: .*", f'previous: "{"0" * 64}"', record.read_text(), flags=re.MULTILINE))
    sealed = read_newest_release(data)
    assert not sealed.is_chained
    assert find_publication(Settings(home=tmp_path / "no-database"), data, sealed) == (
        "origin/main, whose releases/1.1.0.yaml is not the one that is here"
    )


def test_of_a_remote_from_which_nothing_was_fetched_nothing_is_known(git, tmp_path):
    data, settings = tmp_path / "data", Settings(home=tmp_path / "no-database")
    git("rm", "-r", "--quiet", "--cached", "data/releases")
    git("commit", "--quiet", "--message=Nothing is released")
    git("remote", "add", "origin", "nowhere")
    for fetched, other in (("origin", "upstream"), ("upstream", "backup")):
        with pytest.raises(
            PublicationUnknown, match=f"not known: the main branch of {fetched} is not known: git fetch"
        ):
            find_publication(settings, data, read_newest_release(data))
        git("update-ref", f"refs/remotes/{fetched}/main", "HEAD")
        assert find_publication(settings, data, read_newest_release(data)) is None
        git("remote", "add", other, "nowhere")


def clone(git, tmp_path, *options):
    """Returns the folder of a register in a clone of the repository, and what runs git there."""
    git("clone", "--quiet", *options, f"file://{tmp_path}", "clone")
    return tmp_path / "clone" / "data", lambda *arguments: git("-C", "clone", *arguments)


@pytest.mark.parametrize("options", [["--branch=ben", "--single-branch"], ["--branch=ben", "--depth=1"], ["--depth=1"]])
def test_a_clone_of_one_branch_does_not_show_what_is_public(git, tmp_path, options):
    """It has what was pulled from the main branch, and not that branch."""
    settings = Settings(home=tmp_path / "no-database")
    git("branch", "ben")
    data, in_clone = clone(git, tmp_path, *options)
    on_branch(git, tmp_path, "anna", ANNA, number="1.2.0", released="2024-06-01", summary="Anna's.")
    git("merge", "--quiet", "anna")
    in_clone("pull", "--quiet", f"file://{tmp_path}", "main")
    sealed = read_newest_release(data)
    assert sealed.number == "1.2.0"
    said = r"not every branch of origin is fetched: git remote set-branches origin '\*' && git fetch origin\."
    with pytest.raises(PublicationUnknown, match=said):
        find_publication(settings, data, sealed)
    in_clone("remote", "set-branches", "origin", "*")
    in_clone("fetch", "--quiet", "origin")
    in_clone("remote", "set-head", "origin", "--auto")
    assert find_publication(settings, data, sealed) == "origin/main"


def test_a_remote_of_which_a_branch_is_left_out_does_not_show_what_is_public(git, tmp_path):
    data, in_clone = clone(git, tmp_path)
    in_clone("config", "--add", "remote.origin.fetch", "^refs/heads/main")
    in_clone("rm", "-r", "--quiet", "--cached", "data/releases")
    in_clone("commit", "--quiet", "--message=Nothing is released")
    in_clone("update-ref", "refs/remotes/origin/main", "HEAD")
    with pytest.raises(PublicationUnknown, match="not every branch of origin is fetched"):
        find_publication(Settings(home=tmp_path / "no-database"), data, read_newest_release(data))


def test_a_release_is_public_though_the_remote_gave_its_main_branch_another_name(git, tmp_path):
    settings = Settings(home=tmp_path / "no-database")
    git("branch", "--move", "main", "master")
    data, in_clone = clone(git, tmp_path)
    git("branch", "--move", "master", "main")
    on_branch(git, tmp_path, "anna", ANNA, number="1.2.0", released="2024-06-01", summary="Anna's.")
    git("merge", "--quiet", "anna")
    in_clone("fetch", "--quiet")
    in_clone("checkout", "--quiet", "main")
    assert in_clone("symbolic-ref", "refs/remotes/origin/HEAD") == "refs/remotes/origin/master\n"
    assert find_publication(settings, data, read_newest_release(data)) == "origin/main"


def test_a_remote_whose_name_begins_with_that_of_another_is_not_that(git, tmp_path):
    settings = Settings(home=tmp_path / "no-database")
    on_branch(git, tmp_path, "anna", ANNA, number="1.2.0", released="2024-06-01", summary="Anna's.")
    data, in_clone = clone(git, tmp_path)
    in_clone("checkout", "--quiet", "anna")
    sealed = read_newest_release(data)
    assert find_publication(settings, data, sealed) is None
    in_clone("config", "remote.origin/public.fetch", "+refs/heads/*:refs/remotes/origin/public/*")
    in_clone("update-ref", "refs/remotes/origin/public/main", "HEAD")
    assert find_publication(settings, data, sealed) == "origin/public/main"


def test_where_the_known_main_branch_is_gone_or_elsewhere_each_branch_counts(git, tmp_path):
    settings = Settings(home=tmp_path / "no-database")
    on_branch(git, tmp_path, "anna", ANNA, number="1.2.0", released="2024-06-01", summary="Anna's.")
    data, in_clone = clone(git, tmp_path)
    in_clone("checkout", "--quiet", "anna")
    sealed = read_newest_release(data)
    assert find_publication(settings, data, sealed) is None  # whose draft it is
    for target in ("remotes/origin/gone", "heads/main"):
        in_clone("symbolic-ref", "refs/remotes/origin/HEAD", f"refs/{target}")
        assert find_publication(settings, data, sealed) == "origin/anna"


def test_a_repository_from_a_stranger_runs_nothing(git, tmp_path):
    """One that says it is a part of another, which git would get the rest of by a program of the stranger's choice."""
    data, settings = tmp_path / "data", Settings(home=tmp_path / "no-database")
    git("update-ref", "refs/remotes/origin/main", "main")
    for name, value in (
        ("core.repositoryFormatVersion", "1"),
        ("extensions.partialClone", "origin"),
        ("remote.origin.promisor", "true"),
        ("remote.origin.url", "ssh://nowhere/at/all"),
        ("core.sshCommand", f"touch {tmp_path / 'ran'}"),
        ("protocol.ssh.allow", "always"),
    ):
        git("config", name, value)
    sealed = read_newest_release(data)
    drop(tmp_path, git("rev-parse", f"main:data/releases/{sealed.number}.csv"))
    assert find_publication(settings, data, sealed) == "origin/main"
    drop(tmp_path, git("rev-parse", "main:data/releases"))
    with pytest.raises(PublicationUnknown):
        find_publication(settings, data, sealed)
    assert not (tmp_path / "ran").exists()


def drop(repository, name):
    (repository / ".git" / "objects" / name[:2] / name[2:].strip()).unlink()


def huge(repository, name):
    """A list of files that is 200 MB of zeros, in 1 MB. Its name is not asked for before it is read."""
    (repository / ".git/objects" / name[:2]).mkdir(exist_ok=True)
    (repository / ".git/objects" / name[:2] / name[2:]).write_bytes(
        zlib.compress(b"tree 200000000\0" + bytes(200_000_000), 1)
    )
    (repository / ".git/refs/remotes/origin/main").write_text(f"{name}\n")


def another_owner(repository, _):
    for path in (repository, repository / ".git"):
        os.chown(path, 65_534, 65_534)


BROKEN = {
    "a setting cut short": ("bad config line", lambda at, _: (at / ".git/config").write_text("[core\n")),
    "a branch cut short": ("broken ref", lambda at, _: (at / ".git/refs/remotes/origin/main").write_text("")),
    "no head": ("not a git repository", lambda at, _: (at / ".git/HEAD").unlink()),
    "a list of files lost": ("not a tree object", lambda at, git: drop(at, git("rev-parse", "main^{tree}"))),
    "a huge list of files": ("attempting to allocate", lambda at, _: huge(at, "11" * 20)),
    "no work tree": ("not in the repository", lambda _, git: git("config", "core.bare", "true")),
    "a setting that never ends": ("git does not answer", lambda at, _: (at / ".git/config").unlink() or os.mkfifo(at / ".git/config")),
    "another owner": ("dubious ownership", another_owner),
    "no git": ("git is not installed", lambda at, _: os.environ.update(PATH="")),
}  # fmt: skip


@pytest.mark.parametrize(("said", "damage"), BROKEN.values(), ids=BROKEN)
def test_a_release_of_which_git_cannot_say_that_it_is_not_public_stays(git, tmp_path, monkeypatch, said, damage):
    if damage is another_owner and os.geteuid() != 0:
        pytest.skip("only root gives files away")
    monkeypatch.setattr(withdraw, "_GIT_SECONDS", 1)
    monkeypatch.setenv("PATH", os.environ["PATH"])
    data, settings = tmp_path / "data", Settings(home=tmp_path / "no-database")
    git("update-ref", "refs/remotes/origin/main", "main")
    sealed = read_newest_release(data)
    assert find_publication(settings, data, sealed) == "origin/main"
    damage(tmp_path, git)
    with pytest.raises(PublicationUnknown, match=f"Whether the release was pushed is not known: .*{said}.*\n.*--force"):
        find_publication(settings, data, sealed)


@pytest.mark.parametrize("kind", ["tag", "branch"])
def test_what_has_the_name_of_the_remote_branch_hides_nothing(git, tmp_path, kind):
    git("commit", "--quiet", "--allow-empty", "--message=Later")
    git("update-ref", "refs/remotes/origin/main", "main")
    git("rm", "-r", "--quiet", "data/releases", "--cached")
    git("commit", "--quiet", "--message=Nothing is released")
    git(kind, "origin/main", "HEAD")
    sealed = read_newest_release(tmp_path / "data")
    assert find_publication(Settings(home=tmp_path / "no-database"), tmp_path / "data", sealed) == "origin/main"


def test_nothing_but_a_file_is_read_as_a_release(tmp_path):
    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0")
    os.mkfifo(data / "decisions.csv")
    with pytest.raises(ReleaseRefused, match=r"decisions\.csv is not a file"):
        delete_release(SeenFiles(data), "1.0.0", [parse_decision("ended", "bbbb2=Why")])
    for name, make in (("9.9.9.csv", os.mkfifo), ("9.9.8.yaml", lambda path: path.symlink_to("/dev/zero"))):
        make(data / "releases" / name)
        with pytest.raises(RegisterRefused):
            read_newest_release(data)
        (data / "releases" / name).unlink()
    assert read_newest_release(data).number == "1.0.0"


def test_a_public_release_that_lost_its_manifest_is_public(git, tmp_path):
    data, settings = tmp_path / "data", Settings(home=tmp_path / "no-database")
    newest = read_newest_release(data).number
    git("update-ref", "refs/remotes/origin/main", "HEAD")
    (data / "releases" / f"{newest}.csv").unlink()
    orphaned = read_newest_release(data)
    assert orphaned.number == newest
    assert find_publication(settings, data, orphaned) == "origin/main"
    (data / "releases" / f"{newest}.yaml").write_text("another\n")
    assert find_publication(settings, data, orphaned) is None


def test_a_database_that_does_not_answer_is_said(tmp_path):
    data = write_register(tmp_path / "data", TABLE)
    seal(data)
    settings = Settings(database_url="postgresql://nobody@127.0.0.1:1/none")
    with pytest.raises(MisconductError, match="Whether the database has loaded the release is not known"):
        find_publication(settings, data, read_newest_release(data))


def test_a_release_that_was_stopped_between_its_files_is_what_is_undone(tmp_path):
    data = write_register(tmp_path / "data", TABLE, **{"sources/letter.yaml": source_text("letter", held=False)})
    for number in ("1.0.0", "2.0.0"):
        seal(data, number, summary=number)
        (data / "releases" / f"{number}.csv").unlink()
        stopped = read_newest_release(data)
        assert (stopped.number, stopped.summary) == (number, number)
        delete_release(SeenFiles(data), stopped.number)
        assert not list((data / "releases").glob(f"{number}*"))
        seal(data, number)
        (data / "sources" / "another.yaml").write_text(source_text("another", held=False))
    assert read_newest_release(data).number == "2.0.0"


def stopping(step, folder, steps):
    """Make a step that is interrupted in a folder from the first of the `steps` on that is false."""

    def stop(path, *arguments, **more):
        if path.is_relative_to(folder) and not next(steps):
            raise KeyboardInterrupt
        return step(path, *arguments, **more)

    return stop


@pytest.mark.parametrize(
    ("number", "instead_of"), [("2.0.0", None), ("2.0.0", "2.0.0"), ("3.0.0", "2.0.0"), ("2.0.0", "3.0.0")]
)
@pytest.mark.parametrize("at", range(10))
def test_a_release_that_is_stopped_loses_no_end_and_no_reason(tmp_path, monkeypatch, at, number, instead_of):
    """It is stopped before its nth step, and made again: as it was if no decisions wait, else without giving any."""
    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0", "2024-05-01")
    write_register(data, TABLE + "\n bbbb4 | 7 | paper")
    if instead_of:
        seal(data, instead_of, "2024-05-01", ended=["bbbb2=Anna's"])
    steps = chain(repeat(True, at), repeat(False))

    def newest():
        return {path.name for path in (data / "releases").glob("[23]*")}

    def make(*decisions):
        sealed = read_newest_release(data) if newest() else None
        replaced = sealed and sealed.number
        proposal = propose_release(data, [*(sealed.decisions if sealed else []), *decisions], instead_of=replaced)
        write_release(data, proposal, "Two.", date(2024, 5, 1), number, instead_of=replaced)

    given = [parse_decision("ended", "bbbb3=Withdrawn;bbbb4"), parse_decision("added", "bbbb4=It came")]
    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        for name in ("replace", "unlink", "hardlink_to"):
            patched.setattr(Path, name, stopping(getattr(Path, name), data, steps))
        make(*given)
    again = [] if (data / "decisions.csv").exists() else given
    if newest() == {"2.0.0.yaml", "3.0.0.yaml"}:
        with pytest.raises(RegisterRefused, match="where two lack theirs, misconduct release --undo first"):
            make(*again)
        delete_release(SeenFiles(data), "3.0.0")
    make(*again)
    assert newest() == {f"{number}.yaml", f"{number}.csv"}
    lines = [line.split(",") for line in (data / "releases" / f"{number}.csv").read_text().splitlines()[2:]]
    assert [[line[1], line[3], *line[5:]] for line in lines] == [
        *([["bbbb2", "ended", "Anna's", ""]] if instead_of else []),
        ["bbbb3", "ended", "Withdrawn", "bbbb4"],
        ["bbbb4", "added", "It came", ""],
    ]
    assert not (data / "decisions.csv").exists()
    assert mistakes_of(data) == []


def test_what_a_stopped_command_left_is_swept_after_a_day_and_nothing_else(tmp_path):
    theirs = [".import-scripts", ".release-notes", ".misconduct-notes", "misconduct-aaaaaaaa"]
    for name, age in (
        (".misconduct-aaaaaaaa", 90_000),
        (".misconduct-bbbbbbb_", 60),
        *((one, 90_000) for one in theirs),
    ):
        (tmp_path / name).mkdir()
        (tmp_path / name / "file").touch()
        os.utime(tmp_path / name, (time.time() - age,) * 2)
    with unfinished_files(tmp_path) as made:
        assert re.fullmatch(r"\.misconduct-[a-z0-9_]{8}", made.name)
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([".misconduct-bbbbbbb_", *theirs])


@pytest.mark.skipif(os.geteuid() != 0, reason="another account needs root")
def test_what_another_account_left_in_a_shared_folder_stays(tmp_path):
    deepest = tmp_path / ".misconduct-aaaaaaaa"
    deepest.mkdir()
    os.chown(deepest, 65_534, 65_534)
    os.utime(deepest, (time.time() - 90_000,) * 2)
    with unfinished_files(tmp_path):
        pass
    assert deepest.is_dir()


# Two editors on one folder


END = "kind,id,version,action,reason\nobservation,bbbb3,1,ended,Ben: it was withdrawn.\n"


@pytest.fixture
def data(tmp_path):
    """A register with a release, and a draft."""
    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0")
    (data / "caveats.yaml").write_text(CAVEAT.format(name="annas"))
    return data


@pytest.mark.skipif(not Path("/dev/shm").is_dir(), reason="there is no other drive")
def test_a_file_of_another_drive_is_put_in_place_like_any_other(data):
    with TemporaryDirectory(dir="/dev/shm") as drive:
        files = [Path(drive) / "made", Path(drive) / "replaced"]
        if files[0].parent.stat().st_dev == data.stat().st_dev:
            pytest.skip("it is the same drive")
        for file in files:
            file.write_text(f"{file.name}\n")
        SeenFiles(data).put({"decisions.csv": END, "datasets.yaml": files[1], "sources/new.yaml": files[0]})
    assert (data / "datasets.yaml").read_text() == "replaced\n"
    assert (data / "sources" / "new.yaml").read_text() == "made\n"
    assert not list(data.rglob(".*"))


def test_a_folder_that_cannot_be_written_to_keeps_everything_as_it_was(data):
    """A release would else write its decisions, and one that replaces another would already have deleted that."""
    file = data.parent / "made"
    file.write_text("made\n")
    before, seen = contents(data), SeenFiles(data)
    (data / "mappings").symlink_to("/proc")  # where root, too, can make no file
    with pytest.raises(OSError, match=r"mappings/new\.sssom\.tsv"):
        seen.put({"decisions.csv": END, "releases/1.0.0.csv": None, "mappings/new.sssom.tsv": file})
    (data / "mappings").unlink()
    assert contents(data) == before


def contents(data):
    return {path.relative_to(data).as_posix(): path.read_text() for path in data.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    ("file", "edit"),
    [
        ("decisions.csv", lambda data: (data / "decisions.csv").write_text(END)),
        ("releases/1.1.0.csv", lambda data: seal(data, "1.1.0", summary="Ben's.")),
        ("codelists/area.csv", lambda data: code(data, "south", "South")),
        ("quotes.yaml", lambda data: (data / "quotes.yaml").write_text("# None yet.\n")),
    ],
)
def test_a_release_replaces_nothing_that_came_while_it_was_made(data, file, edit):
    proposal = propose_release(data)
    edit(data)
    before = contents(data)
    with pytest.raises(RegisterInUse) as refused:
        write_release(data, proposal, "Anna's.", date(2024, 6, 1))
    assert str(refused.value) == (
        f"Somebody else changed {data / file} meanwhile, so nothing was written.\nTry again; that change then counts too."
    )
    assert contents(data) == before


def test_an_end_that_somebody_saves_while_the_release_is_written_stays(data, monkeypatch):
    sync, record = os.fsync, data / "releases" / "1.1.0.yaml"

    def save(file):
        if record.exists() and not (data / "decisions.csv").exists():
            (data / "decisions.csv").write_text(END)
        sync(file)

    monkeypatch.setattr(os, "fsync", save)
    done = CliRunner().invoke(app, ["release", "--register", str(data), "--summary", "Anna's."])
    assert (done.exit_code, done.stdout.splitlines()[-2:]) == (
        0,
        [
            f"Wrote {data / 'releases' / '1.1.0.csv'}.",
            f"Somebody else changed {data / 'decisions.csv'} meanwhile, so it stays.",
        ],
    )
    assert (data / "decisions.csv").read_text() == END
    assert "bbbb3" not in (data / "releases" / "1.1.0.csv").read_text()


@pytest.mark.parametrize("suffix", ["csv", "yaml"])
def test_a_release_that_somebody_changed_since_it_was_read_is_not_deleted(data, suffix):
    sealed = read_newest_release(data)
    with (data / "releases" / f"1.0.0.{suffix}").open("a") as file:
        file.write("\n")
    before = contents(data)
    with pytest.raises(RegisterInUse, match=rf"releases/1\.0\.0\.{suffix} meanwhile, so nothing was written"):
        delete_release(sealed.seen, "1.0.0")
    proposal = propose_release(data, instead_of="1.0.0", seen=sealed.seen)
    with pytest.raises(RegisterInUse, match=rf"releases/1\.0\.0\.{suffix} meanwhile, so nothing was written"):
        write_release(data, proposal, "Anna's.", date(2024, 6, 1), instead_of="1.0.0")
    assert contents(data) == before


NEW = {"caveats.yaml": "# New.\n", "decisions.csv": "new", "codelists/area.csv": None}


@pytest.mark.parametrize(
    ("name", "edit"),
    [
        ("caveats.yaml", lambda path: path.write_text("# By hand.\n")),
        ("caveats.yaml", Path.unlink),
        ("decisions.csv", lambda path: path.write_text("By hand")),
        ("codelists/area.csv", lambda path: path.write_text("By hand")),
        ("codelists/area.csv", Path.unlink),
    ],
)
def test_of_several_files_none_is_written_if_one_was_saved_since_they_were_seen(data, name, edit):
    seen = SeenFiles(data)
    edit(data / name)
    before = contents(data)
    with pytest.raises(RegisterInUse, match=f"Somebody else changed {data / name} meanwhile, so nothing was written"):
        seen.put(NEW)
    assert contents(data) == before
    SeenFiles(data).put(NEW)
    after = contents(data)
    assert [after.get(one) for one in NEW] == [*NEW.values()]


@pytest.mark.parametrize(
    ("order", "stays", "said"),
    [
        ("decisions.csv caveats.yaml", {}, "meanwhile, so nothing was written"),
        (
            "codelists/area.csv decisions.csv caveats.yaml",
            {"codelists/area.csv": "new"},
            "meanwhile; it stays, but these were written before it: codelists/area.csv.",
        ),
        (
            "decisions.csv codelists/area.csv caveats.yaml",
            {"decisions.csv": "new", "codelists/area.csv": "new"},
            "meanwhile; it stays, but these were written before it: decisions.csv, codelists/area.csv.",
        ),
    ],
)
def test_what_is_saved_while_others_are_renamed_stays_and_is_told(data, monkeypatch, order, stays, said):
    """New files before it are taken back, unless an older one was replaced after them."""
    before, saved = contents(data), {"caveats.yaml": "By hand, meanwhile"}
    monkeypatch.setattr(
        editors, "write_out_folder", lambda _: (data / "caveats.yaml").write_text(saved["caveats.yaml"])
    )
    with pytest.raises(RegisterInUse, match=f"{data / 'caveats.yaml'} {said}"):
        SeenFiles(data).put(dict.fromkeys(order.split(), "new"))
    assert contents(data) == before | stays | saved


def test_what_a_command_wrote_counts_as_found(data):
    seen = SeenFiles(data)
    for text in ("One", "More", None, "Again"):
        seen.put({"decisions.csv": text})
    (data / "decisions.csv").write_text("By hand")
    with pytest.raises(RegisterInUse):
        seen.put({"decisions.csv": None})
    assert (data / "decisions.csv").read_text() == "By hand"


def test_decisions_are_taken_into_the_release_that_read_them(data):
    (data / "decisions.csv").write_text(END)
    seal(data, "2.0.0")
    assert not (data / "decisions.csv").exists()
    assert "observation,bbbb3,1,ended," in (data / "releases" / "2.0.0.csv").read_text()


def test_one_command_writes_at_a_time(data):
    with writing_alone(data):
        with pytest.raises(RegisterInUse) as refused, writing_alone(data):
            pass
        assert str(refused.value) == (
            f"Another command writes into {data} just now, so this one wrote nothing.\nWhen it has ended, try again."
        )
    before = contents(data)
    with writing_alone(data):
        assert contents(data) == before


def test_a_command_may_wait_for_another(data):
    with writing_alone(data), pytest.raises(RegisterInUse), writing_alone(data, 0.2):
        pass
    with ExitStack() as other:
        other.enter_context(writing_alone(data))
        threading.Timer(0.3, other.close).start()
        with writing_alone(data, 60):
            pass


def test_a_kind_that_there_is_not_makes_a_release_unreadable(data):
    with (data / "releases" / "1.0.0.csv").open("a") as manifest:
        manifest.write(f"weird,bbbb2,1,ended,{'0' * 64},Why,\n")
    with pytest.raises(ReleaseRefused, match=r"The files of release 1\.0\.0 cannot be read"):
        read_newest_release(data)


def test_where_nothing_can_be_locked_nobody_is_kept_out(data, monkeypatch):
    def refuse(*_):
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", refuse)
    with writing_alone(data), writing_alone(data), writing_alone(data / "nowhere"):
        pass


@pytest.mark.parametrize(
    "waiting",
    [
        "kind,id,version,action,reason\nobservation,bbbb3,1,ended,Ben's.\n",
        "kind,id,version,action,reason,replaced_by\nobservation,bbbb3,1,ended,Ben's.,",  # no end of the line
        "action,version,id,kind,reason\nended,1,bbbb3,observation,Ben's.\n",
        "kind,id,version,action,reason\nobservation,bbbb3,1,ended,Ben's.\nobservation,bbbb2,1,ended,Anna's.\n",  # again
    ],
)
def test_decisions_wait_once_beside_those_that_were_written_by_hand(data, waiting):
    (data / "decisions.csv").write_text(waiting)
    given = [parse_decision("ended", "bbbb2@1=Anna's."), parse_decision("removed", "bbbb4@1=A court.")]
    delete_release(SeenFiles(data), "2.0.0", given)
    assert (data / "decisions.csv").read_text() == (
        "kind,id,version,action,reason,replaced_by\n"
        "observation,bbbb3,1,ended,Ben's.,\n"
        "observation,bbbb2,1,ended,Anna's.,\n"
    )


def test_decisions_that_cannot_be_read_stay_as_they_are(data):
    (data / "decisions.csv").write_text(wrong := END + "observation,bbbb2,1,ending,Why,\n")
    with pytest.raises(RegisterRefused, match=r"data/decisions.csv:3"):
        delete_release(SeenFiles(data), "1.0.0", [parse_decision("ended", "bbbb2@1=Anna's.")])
    assert (data / "decisions.csv").read_text() == wrong


def test_nothing_is_deleted_before_what_replaces_it_is_on_the_disk(tmp_path, monkeypatch):
    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0")
    delete_release(SeenFiles(data), "2.0.0", [parse_decision("ended", "bbbb2@1=It was withdrawn")])
    flush, unlink, flushed, at_deletion = os.fsync, Path.unlink, set(), {}

    def flush_and_note(descriptor):
        flushed.add(os.fstat(descriptor).st_ino)
        flush(descriptor)

    def note_and_unlink(path, missing_ok=False):
        at_deletion[path.name] = {one.name for one in (data, *data.rglob("*")) if one.stat().st_ino in flushed}
        unlink(path, missing_ok)

    monkeypatch.setattr(os, "fsync", flush_and_note)
    monkeypatch.setattr(Path, "unlink", note_and_unlink)
    write_release(data, propose_release(data), "A withdrawal.", date(2024, 6, 1), "2.0.0")
    assert at_deletion["decisions.csv"] >= {"2.0.0.csv", "2.0.0.yaml", "releases"}
    flushed.clear()
    delete_release(SeenFiles(data), "2.0.0", read_newest_release(data).decisions)
    assert at_deletion["2.0.0.csv"] >= {"decisions.csv", "data"}


def test_what_is_saved_while_a_release_is_withdrawn_leaves_nothing_written(tmp_path, monkeypatch):
    data = write_register(tmp_path / "data", TABLE)
    seal(data, "1.0.0")
    seal(data, "2.0.0", ended=["bbbb2=Withdrawn"])
    before, sealed, flush = contents(data), read_newest_release(data), os.fsync

    def save(descriptor):
        (data / "releases" / "2.0.0.yaml").write_text("Ben's")
        flush(descriptor)

    monkeypatch.setattr(os, "fsync", save)
    with pytest.raises(RegisterInUse, match=r"2\.0\.0\.yaml meanwhile, so nothing was written"):
        delete_release(sealed.seen, "2.0.0", sealed.decisions)
    assert contents(data) == {**before, "releases/2.0.0.yaml": "Ben's"}


def test_without_a_release_there_is_nothing_to_withdraw(tmp_path):
    data = write_register(tmp_path / "data", TABLE, **{"sources/letter.yaml": source_text("letter", held=False)})
    with pytest.raises(ReleaseRefused, match="Nothing is released: all records are drafts"):
        read_newest_release(data)
