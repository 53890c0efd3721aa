"""The `misconduct` command: what it prints, where, and with which status it ends."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest
import typer

from misconduct import cli
from misconduct.register.editors import writing_alone
from misconduct.register.verify import verify_documents
from tests.register.reading import replace
from tests.registers import seal, source_text, write_register

TABLE = "id | value\n bbbb2 | 5\n bbbb3 | 6"
PAPER = "observations/paper.csv"


@pytest.fixture
def data(tmp_path):
    return write_register(tmp_path / "data", TABLE)


@pytest.fixture
def misconduct(tmp_path):
    """Runs the command in the folder that holds the register."""

    def run(*arguments, **environment):
        command = [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')", *arguments]
        done = subprocess.run(command, check=False, cwd=tmp_path, capture_output=True, encoding="utf-8", errors="backslashreplace", env={"PATH": "", "PYTHONPATH": ":".join(sys.path), **environment})  # fmt: skip
        return done.returncode, done.stdout, done.stderr

    return run


def test_check_says_that_a_register_is_in_order(data, misconduct):
    assert misconduct("check") == (0, "data is in order: 2 observations, all of them drafts.\n", "")
    seal(data, "1.0.0")
    assert misconduct("check") == (0, "data is in order: 2 observations, released up to 1.0.0.\n", "")


def test_check_shows_all_mistakes_on_stderr_one_to_a_line_with_their_number(data, misconduct):
    path = data / PAPER
    path.write_text(path.read_text().replace("accused", "acused"))
    status, out, err = misconduct("check")
    assert (status, out) == (1, "")
    assert err == (
        "data/observations/paper.csv:2:9: there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?\n"
        "data/observations/paper.csv:3:9: there is no measure 'acused'; an id of codelists/measure.csv; did you mean accused?\n"
        "2 mistakes.\n"
    )


@pytest.mark.parametrize(
    "arguments",
    [
        "release --summary Another.",
        "release --undo",
        "import nothing --documents . --write",
        "verify --documents . --write",
        "quote --documents .",
        "draft letter.txt --source letter",
        "code area fenmoor --label Fenmoor --definition There. --by Us --write",
    ],
)
def test_while_a_command_writes_another_says_so_and_writes_nothing(data, misconduct, arguments):
    seal(data, "1.0.0")
    (data / "caveats.yaml").write_text("- {id: new, version: 1, text: A draft.}\n")
    before = {path: path.read_bytes() for path in data.rglob("*.*")}
    with writing_alone(data):
        status, out, err = misconduct(*arguments.split(" "))
    assert (status, out) == (1, "")
    assert err == (
        "Another command writes into data just now, so this one wrote nothing.\nWhen it has ended, try again.\n"
    )
    assert {path: path.read_bytes() for path in data.rglob("*.*")} == before


@pytest.mark.parametrize("name", ["../decisions", "../observations/paper", "/outside"])
def test_codes_are_written_into_code_lists_alone(data, misconduct, name):
    seal(data, "1.0.0")
    before = {path: path.read_bytes() for path in data.rglob("*.*")}
    given = ["--label", "a", "--definition", "b", "--by", "c", "--write"]
    status, out, err = misconduct("code", name if name[0] != "/" else f"{data.parent}{name}", "x", *given)
    assert (status, out) == (1, "")
    assert "is not the name of a code list: " in err
    assert {path: path.read_bytes() for path in data.rglob("*.*")} == before
    assert not (data.parent / "outside.csv").exists()


def test_bytes_that_are_no_text_are_told_in_a_line(data, misconduct):
    before = sorted(data.rglob("*"))
    given = ["--definition", "b", "--by", "c", "--write"]
    status, _, err = misconduct("code", "measure", "x", "--label", "a\udcff", *given)
    assert status == 1
    assert re.fullmatch(
        r"This is not UTF-8: '.*a\\udcff.*'; an argument or a setting has it; nothing was changed\.\n", err
    )
    assert sorted(data.rglob("*")) == before


@pytest.mark.parametrize(("reason", "told"), [("Wrong.\x1b[2J", "control character"), ("x" * 2_001, "2,001")])
def test_a_reason_for_a_recall_is_a_text_as_the_register_has_them(misconduct, reason, told):
    """It stays for good, and stands in every list of the releases."""
    status, _, err = misconduct("recall", "1.0.0", "--reason", reason, MISCONDUCT_HOME="/nowhere/at/all")
    assert (status, told in err) == (1, True)


def test_a_reason_for_a_recall_has_no_direction_of_its_own(misconduct):
    status, _, err = misconduct(
        "recall", "1.0.0", "--reason", "Wrong \u202e figures", MISCONDUCT_HOME="/nowhere/at/all"
    )
    assert status == 1
    assert err.startswith("--reason: this text contains U+202E, a direction control.\n")


def test_what_only_reads_does_so_meanwhile(data, misconduct):
    with writing_alone(data):
        assert misconduct("release")[0] == 0


def test_places_are_not_written_into_a_register_that_changed_while_it_was_verified(data, monkeypatch, tmp_path, capsys):
    def edit(*given, **more):
        found = verify_documents(*given, **more)
        (data / "quotes.yaml").write_text("# None yet.\n")
        return found

    monkeypatch.setattr("misconduct.register.verify.verify_documents", edit)
    with pytest.raises(typer.Exit):
        cli.verify(tmp_path, data, write=True)
    assert capsys.readouterr().err == (
        f"Somebody else changed {data}/quotes.yaml meanwhile, so nothing was written.\nTry again; that change then counts too.\n"
    )


def test_editing_one_character_of_a_released_row_makes_check_fail_with_its_place(data, misconduct):
    seal(data, "1.0.0")
    replace(data / PAPER, "char=1000,1001", "char=1001,1002")
    status, _, err = misconduct("check")
    assert status == 1
    assert err.startswith("data/observations/paper.csv:3:1: this record is not what data/releases/1.0.0.csv:")


def test_mistakes_beyond_a_thousand_are_counted(data, misconduct):
    with (data / PAPER).open("a") as file:
        file.writelines("x\n" for _ in range(1200))
    status, _, err = misconduct("check")
    assert status == 1
    assert len(err.splitlines()) == 1001
    assert err.splitlines()[-1] == "1,200 mistakes (the first 1,000 are shown)."


def test_the_register_may_stand_elsewhere(data, misconduct, tmp_path):
    data.rename(tmp_path / "elsewhere")
    assert misconduct("check", "--register", "elsewhere")[0] == 0
    assert misconduct("check", MISCONDUCT_REGISTER_PATH="elsewhere")[0] == 0
    status, _, err = misconduct("check")
    assert status == 1
    assert err == "There is no folder data.\nName the register's folder with --register.\n"


def test_release_shows_what_it_would_say_and_writes_it_only_with_a_summary(data, misconduct):
    status, out, _ = misconduct("release")
    assert status == 0
    assert "added   observation bbbb2\n" in out
    assert "Proposed number: 1.0.0 (addition)\n" in out
    assert not (data / "releases").exists()
    status, out, _ = misconduct("release", "--summary", "The first.", "--released", "2024-05-01")
    assert (status, out.splitlines()[-1]) == (0, "Wrote data/releases/1.0.0.csv.")
    assert (
        data / "releases" / "1.0.0.yaml"
    ).read_text() == 'id: "1.0.0"\nversion: 1\nreleased: "2024-05-01"\nsummary: "The first."\n'
    assert misconduct("check")[0] == 0


def test_release_says_when_there_is_nothing_to_release(data, misconduct):
    seal(data, "1.0.0")
    assert misconduct("release") == (1, "", "There is nothing to release: every record is in a manifest already.\n")


def test_release_ends_a_statement_with_a_reason(data, misconduct):
    seal(data, "1.0.0")
    status, out, _ = misconduct("release", "--end", "bbbb2=It was withdrawn", "--summary", "One withdrawal.")
    assert status == 0
    assert out.startswith("ended   observation bbbb2: It was withdrawn\nProposed number: 2.0.0 after 1.0.0 (meaning)\n")
    assert re.search(r"^observation,bbbb2,1,ended,[0-9a-f]{64},It was withdrawn,$", (data / "releases/2.0.0.csv").read_text(), re.MULTILINE)  # fmt: skip


@pytest.mark.parametrize(
    "arguments",
    [
        ("chekc",),
        ("check", "--regster", "x"),
        ("verify",),
        ("release", "--end", "bbbb2"),
        ("release", "--released", "May"),
        ("id", "0"),
        ("check-links", "--pause", "-1"),
    ],
)
def test_wrong_usage_ends_with_status_2(data, misconduct, arguments):
    status, out, err = misconduct(*arguments)
    assert (status, out) == (2, "")
    assert "Usage: misconduct" in err


@pytest.mark.parametrize("command", ["check", "release", "id", "check-links"])
def test_a_register_that_is_not_there_is_told_in_a_sentence(misconduct, command):
    assert misconduct(command, "--register", "nowhere") == (
        1, "", "There is no folder nowhere.\nName the register's folder with --register.\n",
    )  # fmt: skip


def test_openapi_says_that_it_cannot_write_there(data, misconduct):
    assert misconduct("openapi", "data/datasets.yaml/x/openapi.json")[::2] == (
        1, "Not a directory: data/datasets.yaml/x\n",
    )  # fmt: skip


def test_openapi_keeps_what_it_cannot_replace_whole(misconduct, tmp_path):
    kept, pipe = tmp_path / "openapi.json", tmp_path / "pipe"
    kept.write_text("of another version")
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000))"
    code = f"{limit}; from misconduct.cli import app; app(['openapi', {str(kept)!r}])"
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (1, "File too large\n")
    assert (kept.read_text(), [*tmp_path.iterdir()]) == ("of another version", [kept])
    os.mkfifo(pipe)
    (tmp_path / "loop").symlink_to("loop")
    for path in (pipe, tmp_path / "loop"):
        assert misconduct("openapi", str(path))[::2] == (1, f"{path} is not a file.\nFor standard output: -\n")


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--number", ""], "--number is empty"),
        (["--force"], "--force is for --again and --undo"),
        (["--held"], "--held is for --documents"),
    ],
)
def test_an_option_of_a_release_that_would_change_nothing_is_refused(data, misconduct, options, said):
    status, out, err = misconduct("release", "--summary", "A release.", *options)
    assert (status, out) == (2, "")
    assert said in " ".join(err.replace("│", "").split())
    assert not (data / "releases").exists()


@pytest.mark.parametrize("command", [("load",), ("serve",), ("check-links",), ("openapi", "-")])
def test_a_setting_that_cannot_be_is_named(data, misconduct, command):
    status, out, err = misconduct(*command, MISCONDUCT_POOL_SIZE="abc")
    assert (status, out) == (1, "")
    assert err.startswith("MISCONDUCT_POOL_SIZE: Input should be a valid integer")
    assert len(err.splitlines()) == 1


def test_the_version_is_told(misconduct):
    status, out, _ = misconduct("--version")
    assert status == 0
    assert re.fullmatch(r"misconduct \d+\.\d+\.\d+\n", out)


def test_verify_says_what_is_missing(data, misconduct, tmp_path):
    (tmp_path / "documents").mkdir()
    status, _, err = misconduct("verify", "--documents", "documents")
    assert status == 1
    assert "data/sources/paper.yaml:9:2: no file in the folder is the document paper" in err
    assert misconduct("verify", "--documents", "nowhere") == (
        1, "", "There is no folder nowhere.\nName the folder that holds the documents.\n",
    )  # fmt: skip


def test_ids_are_new_and_well_formed(data, misconduct):
    _, out, _ = misconduct("id", "50")
    made = out.splitlines()
    assert len(set(made)) == 50
    assert all(re.fullmatch(r"[bcdfghjkmnpqrstvwxz][bcdfghjkmnpqrstvwxz2-9]{4}", identity) for identity in made)
    assert not {"bbbb2", "bbbb3"} & set(made)


def test_ids_of_removed_observations_are_not_made_again(data, monkeypatch):
    from misconduct.register import observation_columns

    seal(data, "1.0.0")
    (data / PAPER).write_text("id,version\n")
    letters = iter("bbbb2bbbb3bbbb4")
    monkeypatch.setattr(observation_columns.secrets, "choice", lambda _: next(letters))
    assert observation_columns.make_ids(data, 1) == ["bbbb4"]


def test_a_register_that_has_used_its_short_ids_gets_longer_ones(data, monkeypatch, misconduct):
    from misconduct.register import observation_columns

    assert observation_columns.MOST_SHORT == 9_592_510  # 95 % of 19 × 27⁴ = 10,097,379
    monkeypatch.setattr(observation_columns, "MOST_SHORT", 4)  # two are used
    assert [len(one) for one in observation_columns.make_ids(data, 2)] == [5, 5]
    assert [len(one) for one in observation_columns.make_ids(data, 3)] == [8, 8, 8]
    (made,) = observation_columns.make_ids(data, 3)[:1]
    file = data / PAPER
    file.write_text(file.read_text().replace("bbbb3,", f"{made},"))
    assert misconduct("check")[0] == 0
    assert [len(one) for one in observation_columns.make_ids(data, 3)] == [5, 5, 5]  # long ones use up no short ones


def test_check_links_says_what_came_of_each_address_and_what_it_wrote(data, misconduct):
    notes = dict.fromkeys(("byline", "published", "licence", "retrieved"), "Not known.")
    (data / "sources" / "paper.yaml").write_text(source_text("paper", url="http://127.0.0.1:1/page", notes=notes))
    (data / "sources" / "letter.yaml").write_text(source_text("letter", held=False))
    asked = "paper: http://127.0.0.1:1/page\nAddresses asked: 1; sources without one: 1.\n"
    assert misconduct("check-links") == (
        0,
        f"refused_address     {asked}Wrote data/link-checks.yaml; records: 1.\n",
        "",
    )
    assert misconduct("check-links", "--allow-private", "--pause", "0") == (
        0, f"unreachable         {asked}Wrote data/link-checks.yaml; records: 1.\n", "",
    )  # fmt: skip
    assert misconduct("check")[0] == 0
    assert "added   link_check paper\n" in misconduct("release")[1]


def test_check_links_has_nothing_to_ask_where_no_source_has_an_address(data, misconduct):
    assert misconduct("check-links", "--archive") == (
        0, "Addresses asked: 0; sources without one: 1.\nNothing new to note.\n", "",
    )  # fmt: skip
    assert not (data / "link-checks.yaml").exists()


def test_check_links_leaves_a_register_with_mistakes_alone(data, misconduct):
    (data / "caveats.yaml").write_text("- {id: rounded}\n")
    status, out, err = misconduct("check-links")
    assert (status, out) == (1, "")
    assert err.endswith("2 mistakes; nothing was changed.\n")


def test_every_command_has_a_help_with_an_example(misconduct):
    commands = re.findall(r"^  (\w+)  ", misconduct("--help")[1], re.MULTILINE)
    assert {"check", "verify", "release", "id"} <= set(commands)
    for command in commands:
        assert "Example" in misconduct(command, "--help")[1], command


def test_help_is_shown_without_loading_what_it_does_not_need():
    code = "import sys; from misconduct.cli import app; print([m for m in ('pydantic', 'yaml', 'sqlalchemy', 'fastapi', 'polars') if m in sys.modules])"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_only_what_takes_long_has_a_bar(capsys, monkeypatch):
    monkeypatch.setenv("FORCE_COLOR", "1")  # as on a terminal
    for total, is_shown in ((9, False), (10, True)):
        with cli._progress({"Reading": 10}) as tell:
            tell("Reading", 5, total)
        assert ("Reading" in capsys.readouterr().err) is is_shown


def test_a_load_reads_no_code_that_it_does_not_need():
    code = "import sys, misconduct.db.migrate, misconduct.publish.load; print([m for m in ('alembic', 'asyncpg', 'fastapi', 'jinja2', 'limits', 'polars', 'rich', 'structlog') if m in sys.modules])"  # fmt: skip
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_a_service_reads_no_code_for_drawn_tracebacks():
    code = (
        "import sys, misconduct.main; print([m for m in ('alembic', 'polars', 'pygments', 'rich') if m in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


@pytest.mark.parametrize("command", ["load", "serve"])
@pytest.mark.parametrize("url", ["postgresql://owner:p@ssw0rd@127.0.0.1:5432/misconduct", "ssw0rd", ""])
def test_an_address_that_cannot_be_read_is_told_without_what_it_holds(data, misconduct, command, url):
    status, _, err = misconduct(command, MISCONDUCT_OWNER_URL=url)
    assert status == 1
    assert err.startswith("MISCONDUCT_OWNER_URL ")
    assert "ssw0rd" not in err
    assert len(err.splitlines()) <= 2


@pytest.mark.parametrize(
    "url", ["figures.example", "http://a b", "https://figures.example/?a", "ftp://figures.example"]
)
def test_links_begin_with_an_address(data, misconduct, url):
    status, _, err = misconduct("load", MISCONDUCT_BASE_URL=url)
    assert status == 1
    assert "MISCONDUCT_BASE_URL" in err
    assert "such as https://figures.example.org" in err


def test_the_help_of_serve_says_what_signals_do_and_where_links_come_from(misconduct):
    said = " ".join(misconduct("serve", "--help")[1].split())
    assert "SIGTERM finishes the requests that are running, then stops. SIGHUP replaces the workers one by one" in said
    assert "Links begin with MISCONDUCT_BASE_URL." in said


def test_the_help_of_load_says_that_it_keeps_files(misconduct):
    said = " ".join(misconduct("load", "--help")[1].split())
    assert "Files of releases are built once and kept." in said


def test_release_with_documents_writes_nothing_that_they_contradict(data, misconduct, tmp_path):
    (tmp_path / "articles").mkdir()
    status, _, err = misconduct("release", "--summary", "More.", "--documents", str(tmp_path / "articles"))
    assert status == 1
    assert "no file in the folder is the document paper" in err
    assert not (data / "releases").exists()


def test_the_statuses_of_verify(data, misconduct, tmp_path):
    (tmp_path / "documents").mkdir()
    status, out, err = misconduct("verify", "--documents", "documents", "--held")
    assert (status, err) == (0, "")
    assert out == (
        "No document was compared.\nNot verified, because the folder does not have their documents: paper.\n"
    )
    assert misconduct("verify", "--documents", "documents", "--source", "paper")[0] == 1
    assert misconduct("verify", "--documents", "documents", "--source", "papr", "--held") == (
        1, "", "There is no source 'papr'.\nDid you mean paper?\n",
    )  # fmt: skip
    assert misconduct("verify", "--documents", "documents", "--sources", "paper")[0] == 2


def test_release_says_what_it_did_not_verify(data, misconduct, tmp_path):
    (tmp_path / "documents").mkdir()
    assert "Not verified, because no --documents are given: paper.\n" in misconduct("release")[1]
    status, out, _ = misconduct("release", "--documents", "documents", "--held", "--summary", "The first.")
    assert status == 0
    assert "Not verified, because the folder does not have their documents: paper.\n" in out
    write_register(data, f"{TABLE}\n bbbb4 | 7", **{"sources/letter.yaml": source_text("letter", held=False)})
    assert "Not verified, because no --documents are given: paper.\n" in misconduct("release")[1]


def test_release_verifies_only_the_sources_of_what_it_adds(data, misconduct, tmp_path):
    (tmp_path / "documents").mkdir()
    seal(data, "1.0.0")
    (data / "sources" / "letter.yaml").write_text(source_text("letter", held=False))
    status, out, _ = misconduct("release", "--documents", "documents", "--summary", "A letter.")
    assert (status, out.splitlines()[-1]) == (0, "Wrote data/releases/1.1.0.csv.")
    assert "erified" not in out


@pytest.fixture
def without_database(misconduct, tmp_path):
    return lambda *arguments: misconduct(*arguments, MISCONDUCT_HOME=str(tmp_path / "no-database"))


def test_a_release_is_undone_and_its_command_is_told(data, without_database):
    assert without_database("release", "--undo") == (
        1, "", "Nothing is released: all records are drafts.\nA draft is changed or deleted where it is.\n",
    )  # fmt: skip
    seal(data, "1.0.0", summary="The first.")
    write_register(data, f"{TABLE}\n bbbb4 | 7")
    seal(data, "2.0.0", summary="It's the second.", ended=["bbbb2=Withdrawn, it says;bbbb4"], reasons=["bbbb4=It came"])
    sealed = (data / "releases" / "2.0.0.csv").read_text()
    status, out, _ = without_database("release", "--undo")
    assert (status, out.splitlines()) == (0, [
        "To release again:",
        "  misconduct release --summary 'It'\"'\"'s the second.' --released 2024-05-01",
        "Deleted release 2.0.0, which was sealed and not public. What it added is drafts again.",
        "Its ends and reasons wait in data/decisions.csv.",
    ])  # fmt: skip
    assert (data / "decisions.csv").read_text() == (
        "kind,id,version,action,reason,replaced_by\n"
        'observation,bbbb2,1,ended,"Withdrawn, it says",bbbb4\n'
        "observation,bbbb4,1,added,It came,\n"
    )
    assert without_database("release", "--summary", "It's the second.", "--released", "2024-05-01")[0] == 0
    assert (data / "releases" / "2.0.0.csv").read_text() == sealed
    out = without_database("release", "--undo", "--force")[1]
    assert out.splitlines()[2] == "Deleted release 2.0.0. What it added is drafts again."
    assert without_database("release", "--summary", "It's the second.", "--released", "2024-05-01")[0] == 0
    assert not (data / "decisions.csv").exists()


@pytest.mark.parametrize(
    "more",
    ["--again", "--summary=S", "--number=3.0.0", "--released=2024-05-02", "--end=bbbb2=Gone", "--remove=bbbb2=A court", "--reason=bbbb2=Why", "--documents=.", "--held", "--none-removed"],
)  # fmt: skip
def test_what_a_withdrawal_would_not_use_is_refused(data, without_database, more):
    seal(data, "1.0.0")
    status, out, err = without_database("release", "--undo", more)
    assert (status, out) == (2, "")
    assert "--undo takes nothing but --register and --force: it only deletes a release" in " ".join(
        err.replace("│", "").split()
    )
    assert (data / "releases" / "1.0.0.csv").exists()


def test_a_reason_given_with_again_takes_the_place_of_the_one_that_the_release_has(data, without_database):
    seal(data, "1.0.0")
    write_register(data, f"{TABLE}\n bbbb4 | 7\n bbbb5 | 8")
    seal(data, "1.1.0", reasons=["bbbb4=It cmae", "bbbb5=It came, too"])
    status, out, _ = without_database("release", "--again", "--reason", "bbbb4=It came")
    assert (status, out.splitlines()[:2]) == (
        0,
        ["added   observation bbbb4: It came", "added   observation bbbb5: It came, too"],
    )


def test_what_a_terminal_cannot_show_is_written_otherwise(misconduct, data):
    (data / "observations" / "paper.csv").write_text("id,version,\u2013\n", encoding="utf-8")
    status, out, err = misconduct("check", PYTHONIOENCODING="latin-1")
    assert (status, out) == (1, "")
    assert "there is no column '\\u2013'" in err
    out = misconduct("doctor", PYTHONIOENCODING="latin-1", MISCONDUCT_HOME=str(data / "home"))[1]
    assert "\\u2192 Set MISCONDUCT_BASE_URL" in out


def test_an_undone_release_of_which_a_figure_has_a_later_draft_says_what_to_put_right(data, without_database):
    versions = [f" bbbb2 | {version} | {value}" for version, value in ((1, 5), (2, 6), (3, 7))]
    for last in (1, 2):
        write_register(data, "\n".join(["id | version | value", *versions[:last]]))
        seal(data, f"{last}.0.0", reasons=["bbbb2=It was wrong"] * (last > 1))
    write_register(data, "\n".join(["id | version | value", *versions]))
    status, out, _ = without_database("release", "--undo")
    assert (status, out.splitlines()[-2]) == (0, "Before you release again, put right what `misconduct check` says:")
    wrong = "data/observations/paper.csv:4:7: bbbb2@3 is added, but no earlier release added bbbb2@2; "
    assert out.splitlines()[-1].startswith(wrong)


def test_a_removal_by_law_is_told_to_be_made_again(data, without_database):
    seal(data, "1.0.0")
    replace(data / PAPER, (data / PAPER).read_text().splitlines()[-1] + "\n", "")
    seal(data, "2.0.0", removed=["bbbb3@1=A court order"])
    out = without_database("release", "--undo")[1]
    assert out.splitlines() == [
        "To release again:",
        "  misconduct release --remove 'bbbb3@1=A court order' --summary 'A release.' --released 2024-05-01",
        "Deleted release 2.0.0, which was sealed and not public. What it added is drafts again.",
        "Until it is released again, `misconduct check`, `load` and `serve` refuse this register: it lacks what the release removed.",
    ]
    assert without_database("check")[0] == 1
    assert "bbbb3@1" in without_database("check")[2]
    assert without_database("release", "--remove", "bbbb3@1=A court order", "--summary", "A release.")[0] == 0
    assert without_database("check")[0] == 0
    assert not (data / "decisions.csv").exists()


BACK = "If nothing of what was removed is in it: --none-removed. Otherwise delete it (docs/removal.md)."


def test_a_version_after_one_that_the_law_removed_is_released_only_if_that_is_said(data, misconduct):
    """A merge brings it from a branch that has it as a draft, without a conflict."""
    caveat = "- {id: known, version: %s, text: Some words %s.}\n"
    (data / "caveats.yaml").write_text(caveat % (1, 1))
    seal(data, "1.0.0")
    (data / "caveats.yaml").unlink()
    replace(data / PAPER, removed := (data / PAPER).read_text().splitlines()[-1] + "\n", "")
    seal(data, "2.0.0", removed=["bbbb3@1=A court order", "caveat/known@1=A court order"])
    (data / "caveats.yaml").write_text(caveat % (2, 2))
    (data / PAPER).write_text((data / PAPER).read_text() + removed.replace("bbbb3,1,", "bbbb3,2,"))
    reasons = ("--reason=bbbb3=A caveat.", "--reason=caveat/known=Plainer.")
    said = [
        "The law removed the version before caveat/known@2, bbbb3@2: a merge may have brought it back.",
        BACK,
    ]
    status, _, err = misconduct("release", *reasons)
    assert (status, err.splitlines()) == (0, said)
    status, _, err = misconduct("release", *reasons, "--summary=Next.")
    assert (status, err.splitlines()) == (1, said)
    assert not (data / "releases" / "3.0.0.csv").exists()
    assert misconduct("release", *reasons, "--summary=Next.", "--none-removed")[0::2] == (0, "")
    status, out, err = misconduct("release", "--again", "--summary=Once more.")
    assert (status, err) == (0, "")  # it was said of these
    assert out.splitlines()[-1] == "Wrote data/releases/3.0.0.csv instead of 3.0.0."
    told = misconduct("release", "--undo")[1].splitlines()[1]
    assert misconduct(*shlex.split(told)[1:])[0::2] == (0, "")
    (data / "caveats.yaml").write_text(caveat % (2, 2) + caveat % (3, 3))
    status, _, err = misconduct("release", "--reason=caveat/known=Plainer.", "--summary=Third.")
    assert (status, err) == (0, "")  # the version before is not removed


REASONS = """\
Reasons about what is removed stay for ever, as do summaries (docs/removal.md):
bbbb2@2 in release 2.0.0: It was wrong
bbbb2@3 in release 3.0.0: It was wrong
"""


def test_versions_that_stay_of_what_is_removed_are_named(data, misconduct):
    others = ["id | version | value", " bbbb3 | 1 | 9"]
    versions = [f" bbbb2 | {version} | {value}" for version, value in ((1, 5), (2, 6), (3, 7), (4, 8))]
    for last in (1, 2, 3):
        write_register(data, "\n".join([*others, *versions[:last]]))
        seal(data, f"{last}.0.0", reasons=["bbbb2=It was wrong"] * (last > 1))
    write_register(data, "\n".join([*others, *versions[:2]]))
    status, out, err = misconduct("release", "--remove", "bbbb2=A court", "--summary", "One figure less.")
    assert (status, out.splitlines()[-1]) == (0, "Wrote data/releases/4.0.0.csv.")
    assert err == (
        "Other versions of what is removed stay: bbbb2@1, bbbb2@2. "
        "To remove one too, delete it and add: --remove 'bbbb2@1=REASON'\n" + REASONS
    )
    write_register(data, "\n".join(others))
    both = ("--remove", "bbbb2@1=A court", "--remove", "bbbb2@2=A court")
    status, _, err = misconduct("release", *both)
    assert (status, err) == (0, REASONS)  # the third was removed before
    write_register(data, "\n".join([*others, versions[3]]))
    status, out, err = misconduct("release", *both)
    assert status == 0
    assert err.splitlines()[-1] == BACK  # the fourth is a draft, and shown as that
    assert "added   observation bbbb2 version 4\n" in out


def test_a_record_of_which_another_version_stays_is_named_with_its_kind(data, misconduct):
    caveat = "- {id: %s, version: %s, text: Some words %s.}\n"
    both = caveat % ("known", 1, 1) + caveat % ("known", 2, 2)
    for number, text in (("1.0.0", caveat % ("known", 1, 1)), ("2.0.0", both)):
        (data / "caveats.yaml").write_text(text)
        seal(data, number, reasons=["caveat/known=It was wrong"] * (number == "2.0.0"))
    (data / "caveats.yaml").write_text(caveat % ("known", 2, 2))
    status, _, err = misconduct("release", "--remove", "caveat/known@1=A court")
    assert status == 0
    assert err == (
        "Other versions of what is removed stay: caveat/known@2. "
        "To remove one too, delete it and add: --remove 'caveat/known@2=REASON'\n"
        "Reasons about what is removed stay for ever, as do summaries (docs/removal.md):\n"
        "caveat/known@2 in release 2.0.0: It was wrong\n"
    )


def test_reasons_about_what_is_removed_are_named_before_they_are_sealed(data, misconduct):
    head, other, first, second = (
        "id | version | value | at",
        " bbbb3 | 1 | 9 | char=0,1",
        " bbbb2 | 1 | 5 | char=2,3",
        " bbbb2 | 2 | 6 | char=4,5",
    )
    fourth = " bbbb4 | 1 | 7 | char=6,7"
    seal(write_register(data, f"{head}\n{other}\n{first}\n{fourth}"), "1.0.0")
    seal(data, "2.0.0", ended=["bbbb4=It is 5 now;bbbb2"])
    write_register(data, f"{head}\n{other}\n{fourth}\n{second}")
    status, _, err = misconduct("release", "--remove", "bbbb2@1=A court", "--reason", "bbbb2=It was 5")
    assert (status, err.splitlines()) == (
        0,
        [
            "Reasons about what is removed stay for ever, as do summaries (docs/removal.md):",
            "bbbb4@1 in release 2.0.0: It is 5 now",
            "bbbb2@2 in this release: It was 5",
        ],
    )


def test_a_release_is_written_again(data, without_database):
    seal(data, "1.0.0", summary="The first.")
    write_register(data, f"{TABLE}\n bbbb4 | 7")
    status, out, _ = without_database("release", "--again", "--released", "2024-05-02")
    assert (status, out.splitlines()[-1]) == (0, "Wrote data/releases/1.0.0.csv instead of 1.0.0.")
    assert 'summary: "The first."' in (data / "releases" / "1.0.0.yaml").read_text()
    assert "observation,bbbb4,1,added" in (data / "releases" / "1.0.0.csv").read_text()


def test_a_release_that_is_written_again_keeps_the_number_that_was_chosen(data, without_database):
    seal(data, "1.0.0", summary="The first.")
    write_register(data, f"{TABLE}\n bbbb4 | 7")
    seal(data, "3.0.0", summary="The third.")
    status, out, _ = without_database("release", "--again", "--released", "2024-05-02")
    assert (status, out.splitlines()[-4:]) == (0, [
        "Proposed number: 1.1.0 after 1.0.0 (addition)",
        "It keeps its number, 3.0.0. For another: --number.",
        "Not verified, because no --documents are given: paper.",
        "Wrote data/releases/3.0.0.csv instead of 3.0.0.",
    ])  # fmt: skip
    again = ("release", "--again", "--number", "2.0.0", "--released", "2024-05-02")
    assert without_database(*again)[1].endswith("Wrote data/releases/2.0.0.csv instead of 3.0.0.\n")
    out = without_database("release", "--undo")[1]
    assert out.splitlines()[-1] == "That makes 1.1.0. To keep its number: --number 2.0.0"


def test_a_release_that_is_written_again_keeps_its_day(data, without_database):
    seal(data, "1.0.0", "2020-05-04")
    again = ("release", "--again", "--summary", "Without a slip.")
    status, out, _ = without_database(*again)
    assert (status, out.splitlines()[-3:]) == (0, [
        "Not verified, because no --documents are given: paper.",
        "It keeps its day, 2020-05-04. For another: --released.",
        "Wrote data/releases/1.0.0.csv instead of 1.0.0.",
    ])  # fmt: skip
    text = (data / "releases" / "1.0.0.yaml").read_text()
    assert 'released: "2020-05-04"\nsummary: "Without a slip."\n' in text
    out = without_database(*again, "--released", "2020-05-05")[1]
    assert "its day" not in out
    assert 'released: "2020-05-05"' in (data / "releases" / "1.0.0.yaml").read_text()


def test_a_release_that_is_written_again_after_a_later_one_says_that_it_is_of_today(data, without_database):
    seal(data, "1.0.0", "2020-05-04")
    for number, day, row in (("1.1.0", "2020-05-06", " bbbb4 | 7"), ("1.2.0", "2020-05-07", " bbbb4 | 7\n bbbb5 | 8")):
        seal(write_register(data, f"{TABLE}\n{row}"), number, day)
    record = data / "releases" / "1.2.0.yaml"
    replace(record, "2020-05-07", "2020-05-05")  # as after a merge: it was made before 1.1.0
    status, out, _ = without_database("release", "--again")
    assert (status, out.splitlines()[-2:]) == (0, [
        "Its day was 2020-05-05, before that of 1.1.0. It is today now; for another: --released.",
        "Wrote data/releases/1.2.0.csv instead of 1.2.0.",
    ])  # fmt: skip
    assert f'released: "{datetime.now(UTC):%Y-%m-%d}"' in record.read_text()


def test_a_release_that_is_written_again_is_verified_as_any_other(data, without_database, tmp_path):
    (tmp_path / "documents").mkdir()
    seal(data, "1.0.0")
    for number, day, row in (("1.1.0", "2024-06-01", " bbbb4 | 7"), ("1.2.0", "2024-06-02", " bbbb4 | 7\n bbbb5 | 8")):
        seal(write_register(data, f"{TABLE}\n{row}"), number, day)
    for suffix in (".csv", ".yaml"):
        (data / "releases" / f"1.1.0{suffix}").unlink()
    assert "the chain is broken" in without_database("check")[2]
    status, _, err = without_database("release", "--again", "--documents", "documents")
    assert (status, "no file in the folder is the document paper" in err) == (1, True)
    assert (data / "releases" / "1.2.0.csv").exists()
    status, out, _ = without_database("release", "--again", "--documents", "documents", "--held")
    assert (status, out.splitlines()[-1]) == (0, "Wrote data/releases/1.1.0.csv instead of 1.2.0.")
    assert without_database("check")[0] == 0


def test_the_owner_whose_address_is_in_a_file_takes_a_release_back(misconduct, database, tmp_path):
    data = write_register(tmp_path / "data", "year | value\n2000 | 1")
    seal(data, "1.0.0", "2024-05-01")
    seal(write_register(tmp_path / "data", "year | value\n2000 | 1\n2001 | 2"), "1.1.0", "2024-05-02")
    (tmp_path / "address").write_text(f"{database.owner}\n")
    owner = {"MISCONDUCT_DATABASE_URL": database.reader, "MISCONDUCT_OWNER_URL_FILE": str(tmp_path / "address")}
    status, _, err = misconduct("load", **owner)
    assert status == 0, err
    status, _, err = misconduct("recall", "1.1.0", "--reason", "Wrong.", **owner)
    to_do = (
        "run `misconduct purge` where MISCONDUCT_PURGE is set. "
        "If there is no shared cache, or you emptied it: `misconduct purge --none`."
    )
    assert (status, err.splitlines()) == (
        0,
        [
            "Release 1.1.0 is recalled; the latest is 1.0.0.",
            "Shared caches: purge the tag register.",
            f"That is owed from now on: {to_do}",
        ],
    )
    assert misconduct("purge", "--none", **owner)[0] == 0
    assert misconduct("recall", "1.0.0", "--reason", "Wrong.", **owner)[0] == 1
    status, _, err = misconduct("recall", "1.1.0", "--reason", "Another.", **owner)
    assert (status, err.splitlines()[0]) == (1, "Release 1.1.0 is recalled already: Wrong.")
    assert misconduct("load", **owner)[2].endswith(": nothing new; current is 1.0.0.\n")


def test_a_cache_that_cannot_be_purged_is_told_before_a_release_is_loaded(misconduct, database, tmp_path):
    seal(write_register(tmp_path / "data", "year | value\n2000 | 1"), "1.0.0", "2024-05-01")
    urls = {"MISCONDUCT_DATABASE_URL": database.reader, "MISCONDUCT_OWNER_URL": database.owner}
    status, _, err = misconduct("load", MISCONDUCT_PURGE="varnish:8080", **urls)
    assert (status, err.splitlines()[0]) == (1, "'varnish:8080' is not a cache.")
    assert "added 1.0.0" in misconduct("load", **urls)[2]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("command", ["check", "--help", "--version", "id", "release --summary First.", "code area"])
@pytest.mark.parametrize("buffered", ["", "1"])
def test_what_cannot_be_said_on_a_full_disk_is_told_in_a_line_and_the_command_goes_on(
    data, tmp_path, command, buffered
):
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')", *command.split(" ", 2)],
            check=False, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True,
            env={"PATH": "", "PYTHONPATH": ":".join(sys.path), "PYTHONUNBUFFERED": buffered},
        )  # fmt: skip
    told = "Standard output: No space left on device. The command goes on, but what it says is lost.\n"
    assert (done.returncode, done.stderr) == (1, told)
    assert (data / "releases/1.0.0.csv").exists() == command.startswith("release")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
@pytest.mark.parametrize("is_closed", [False, True])
def test_a_release_is_not_undone_where_what_makes_it_again_cannot_be_said(data, tmp_path, is_closed):
    """Its summary, its day and the reasons of its removals would be nowhere. Closed it may be where none looks on."""
    seal(data, "1.0.0", "2024-05-01", summary="The first.")
    with Path("/dev/full").open("wb") as full:
        done = subprocess.run(
            [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')", "release", "--undo"],
            check=False, cwd=tmp_path, stdout=full, stderr=subprocess.PIPE, text=True,
            env={"PATH": "", "PYTHONPATH": ":".join(sys.path), "MISCONDUCT_HOME": str(tmp_path / "no-database")},
            preexec_fn=(lambda: os.close(1)) if is_closed else None,
        )  # fmt: skip
    assert (done.returncode, done.stderr.splitlines()[-1]) == (
        1,
        "So release 1.0.0 stays: nothing else says what would make it again.",
    )
    assert [(data / "releases" / f"1.0.0.{suffix}").exists() for suffix in ("csv", "yaml")] == [True, True]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="there is no /dev/full")
def test_a_load_whose_messages_cannot_be_written_is_completed(data, database, tmp_path):
    seal(data, "1.0.0")
    urls = {"MISCONDUCT_DATABASE_URL": database.reader, "MISCONDUCT_OWNER_URL": database.owner}
    command = [sys.executable, "-c", "from misconduct.cli import app; app(prog_name='misconduct')", "load"]

    def load() -> int:
        with Path("/dev/full").open("wb") as full:
            settings = {"PATH": "", "PYTHONPATH": ":".join(sys.path), **urls}
            return subprocess.run(command, check=False, cwd=tmp_path, stderr=full, env=settings).returncode

    assert load() == 0
    lines = (data / PAPER).read_text().splitlines(keepends=True)
    (data / PAPER).write_text("".join(line for line in lines if not line.startswith("bbbb2")))
    seal(data, "2.0.0", "2024-06-01", removed=["bbbb2@1=By order."])
    assert load() == 0
    with psycopg.connect(database.owner) as owner:
        kept = "SELECT (SELECT count(*) FROM observations), (SELECT count(*) FROM files), (SELECT count(*) FROM owed_purges)"
        assert owner.execute(kept).fetchall() == [(1, 10, 1)]


OF_ANOTHER_POSTGRES = {
    "PGCLIENTENCODING": "SQL_ASCII",
    "PGDATESTYLE": "German",
    "PGHOSTADDR": "192.0.2.1",
    "PGOPTIONS": "-c search_path=mine",
    "PGREQUIREAUTH": "none",
    "PGTARGETSESSIONATTRS": "standby",
}


@pytest.mark.parametrize("name", OF_ANOTHER_POSTGRES)
def test_variables_of_libpq_for_another_postgres_change_nothing(data, database, misconduct, name):
    seal(data, "1.0.0")
    urls = {"MISCONDUCT_DATABASE_URL": database.reader, "MISCONDUCT_OWNER_URL": database.owner}
    status, out, err = misconduct("load", **urls, **{name: OF_ANOTHER_POSTGRES[name]})
    assert (status, out, err) == (0, "", "Register data: added 1.0.0 with 2 observations; current is 1.0.0.\n")
    status, out, err = misconduct("doctor", **urls, **{name: OF_ANOTHER_POSTGRES[name]})
    assert (status, err) == (0, ""), out
