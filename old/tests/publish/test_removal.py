"""What the law removes is gone from the database before files are built, and only files that had it are built again."""

from __future__ import annotations

import json

import psycopg
import pytest

from misconduct import cli
from misconduct.publish import load
from misconduct.publish.load import load_register
from misconduct.publish.owed import find_owed
from misconduct.publish.removal import Removed
from misconduct.settings import Settings
from tests.conftest import create_database, drop_database, urls_of
from tests.publish.test_load import contents, files_of
from tests.registers import as_csv, disagreement_reasons, seal, write_register

FIRST = """
    id    | measure   | source | year | value | at
    bbbb2 | accused   | paper  | 2021 | 116   | char=0,3
    bbbb4 | suspended | other  | 2021 | 12    | char=0,2
"""
SECOND = f"{FIRST}    bbbb3 | accused   | sheet  | 2022 | 170   | char=0,3\n"
THIRD = f"{SECOND}    bbbb5 | suspended | other  | 2022 | 13    | char=9,11\n"
AFTER = THIRD.replace("    bbbb3 | accused   | sheet  | 2022 | 170   | char=0,3\n", "")
ACCUSED = ["allegations.csv", "allegations.parquet", "bundle.zip", "observations.csv", "observations.parquet"]


@pytest.fixture
def removed(database, tmp_path):
    """The addresses of a database with three releases, and a register that then removed a figure of the last two."""
    register = tmp_path / "register"
    for number, table in (("1.0.0", FIRST), ("1.1.0", SECOND), ("1.2.0", THIRD)):
        seal(write_register(register, table), number, "2024-05-01")
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, AFTER)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    return register


def test_only_the_files_that_had_it_are_built_again_and_as_in_an_empty_database(database, removed, monkeypatch):
    before, built = files_of(database.owner), []
    build = load.build_files

    def note(connection, catalogue, releases, seals, wanted, **others):
        built.append((catalogue.release.number, sorted(wanted)))
        build(connection, catalogue, releases, seals, wanted, **others)

    monkeypatch.setattr(load, "build_files", note)
    loaded = load_register(database.owner, removed)
    every = sorted([*ACCUSED, "duty-status.csv", "duty-status.parquet"])
    assert built == [("2.0.0", every), ("1.2.0", ACCUSED), ("1.1.0", ACCUSED)]
    assert (loaded.added, loaded.rebuilt) == (("2.0.0",), ("1.1.0", "1.2.0"))
    after = files_of(database.owner)
    changed = {(release, name) for release, name in before if before[release, name] != after[release, name]}
    assert changed == {(release, name) for release in (2, 3) for name in ACCUSED}
    assert not any(b"bbbb3" in content for (_, name), content in after.items() if name.endswith(".csv"))
    rows = contents(database)
    with psycopg.connect(database.owner) as owner:
        owner.execute(
            "TRUNCATE releases, records, manifest_lines, assessments, files, file_contents, observations, counts"
        )
    load_register(database.owner, removed)
    assert contents(database) == rows
    assert files_of(database.owner) == after


def test_rows_are_gone_and_the_release_is_there_before_files_are_built(database, removed):
    seen = []

    def look(_removed: Removed) -> None:
        with psycopg.connect(database.reader) as reader:
            seen.append(reader.execute("SELECT count(*) FROM observations WHERE id = 'bbbb3'").fetchone())
            seen.append(reader.execute("SELECT max(number) FROM releases").fetchone())
            unused = "SELECT count(*) FROM file_contents WHERE sha256 NOT IN (SELECT sha256 FROM files)"
            seen.append(reader.execute(unused).fetchone())
            there = reader.execute("SELECT release, name FROM files ORDER BY 1, 2").fetchall()
            duty = ["duty-status.csv", "duty-status.parquet"]
            first = sorted([*ACCUSED, *duty])
            assert there == [*((1, name) for name in first), *((release, name) for release in (2, 3) for name in duty)]

    load_register(database.owner, removed, on_removed=look)
    assert seen == [(0,), ("2.0.0",), (0,)]


def test_nothing_of_it_is_left_in_the_statistics_that_the_reader_sees(database, tmp_path):
    register = tmp_path / "register"
    caveats = [{"id": f"c{number}", "version": 1, "text": f"Unmistakable {number}."} for number in range(4)]
    seal(write_register(register, SECOND, **{"caveats.yaml": json.dumps(caveats)}), "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("ANALYZE")  # as the server does by itself
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, FIRST, **{"caveats.yaml": json.dumps(caveats[1:])})
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "caveat/c0@1=A court."])
    load_register(database.owner, register)
    with psycopg.connect(database.reader) as reader:
        found = "SELECT attname, concat(most_common_vals, histogram_bounds, most_common_elems) AS kept FROM pg_stats"
        texts = (
            "kept LIKE '%Unmistakable%' OR attname IN ('content', 'bytes') OR attname = 'value' AND kept LIKE '%170%'"
        )
        assert reader.execute(f"SELECT * FROM ({found}) AS s WHERE {texts}").fetchall() == []


def test_a_load_that_ends_before_the_files_are_built_is_made_good_by_the_next(database, removed):
    def stop(_removed: Removed) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        load_register(database.owner, removed, on_removed=stop)
    loaded = load_register(database.owner, removed)
    assert (loaded.added, loaded.rebuilt, loaded.removed) == ((), ("1.1.0", "1.2.0", "2.0.0"), None)
    assert load_register(database.owner, removed).rebuilt == ()


def test_records_whose_words_have_a_removed_number_are_told(database, tmp_path):
    register = tmp_path / "register"
    texts = ["170 people.", "1,170 people, or 170.5.", "Of 170, 3.", "None."]
    caveats = [{"id": f"c{number}", "version": 1, "text": text} for number, text in enumerate(texts)]
    said = {"caveats.yaml": json.dumps(caveats)}
    seal(write_register(register, SECOND, **said), "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    seal(write_register(register, FIRST, **said), "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    assert load_register(database.owner, register).removed.named_in == ["caveat/c0@1", "caveat/c2@1"]


def test_a_removed_number_is_found_in_other_spellings_but_in_no_other_number(database, tmp_path):
    register = tmp_path / "register"
    texts = ["7341.", "It was 7,341", "7 341 and 7\u00a0341", "7341.0 people", "17,341", "7,3415", "7341.5", "7342", "12.50%",
             "12.5 per cent", "12.51", "2022 7341"]  # fmt: skip
    caveats = [{"id": f"c{number:02}", "version": 1, "text": text} for number, text in enumerate(texts)]
    said = {"caveats.yaml": json.dumps(caveats)}
    rows = (
        "    bbbb3 | accused | sheet | 2022 | 7341 | char=0,5\n    bbbb6 | accused | sheet | 2021 | 12.50 | char=9,14\n"
    )
    seal(write_register(register, FIRST + rows, **said), "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    gone = ["bbbb3@1=A court.", "bbbb6@1=A court."]
    seal(write_register(register, FIRST, **said), "2.0.0", "2024-06-01", removed=gone)
    named = load_register(database.owner, register).removed.named_in
    assert named == [f"caveat/c{number:02}@1" for number in (0, 1, 2, 3, 8, 9, 11)]


@pytest.mark.parametrize("rebuild", [False, True])
def test_reasons_and_summaries_with_a_removed_number_are_told_as_what_stays(database, tmp_path, rebuild):
    register, told = tmp_path / "register", []
    head = "id | version | source | year | value | at"
    other, first, second = (
        "bbbb2 | 1 | paper | 2021 | 116 | char=0,3",
        "bbbb3 | 1 | sheet | 2022 | 7341 | char=0,5",
        "bbbb3 | 2 | sheet | 2022 | 8452 | char=9,14",
    )
    seal(write_register(register, f"{head}\n{other}\n{first}"), "1.0.0", "2024-05-01", summary="Of 7 341 accused.")
    write_register(register, f"{head}\n{other}\n{first}\n{second}")
    seal(register, "2.0.0", "2024-05-02", reasons=["bbbb3=It was 7,341 and is 8,452."])
    load_register(database.owner, register)
    write_register(register, f"{head}\n{other}\n{second}")
    seal(register, "3.0.0", "2024-06-01", removed=["bbbb3@1=A court."])
    load_register(database.owner, register, rebuild=rebuild, on_named=told.append)
    what = "They are sealed and stay: where one states it, only a register that begins anew is without it"
    named = "the reason of bbbb3@2 in 2.0.0, the summary of 1.0.0"
    assert told == [f"Reasons and summaries with a number that was removed: {named}. {what} (docs/removal.md)."]


def test_they_are_told_before_the_removal_can_be_in_doubt(database, tmp_path):
    register, told = tmp_path / "register", []
    said = {"caveats.yaml": json.dumps([{"id": "c0", "version": 1, "text": "170 people."}])}
    seal(write_register(register, SECOND, **said), "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    seal(write_register(register, FIRST, **said), "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])

    def note(line: str) -> None:
        with psycopg.connect(database.reader) as reader:
            told.append(
                (
                    line.partition(".")[0],
                    *reader.execute("SELECT count(*) FROM observations WHERE id = 'bbbb3'").fetchone(),
                )
            )

    load_register(database.owner, register, on_named=note)
    assert told == [("Records with a number that was removed: caveat/c0@1", 1)]


def test_they_are_told_by_a_load_that_is_stopped_while_files_are_built(database, tmp_path, monkeypatch, capsys):
    register = tmp_path / "register"
    said = {"caveats.yaml": json.dumps([{"id": "c0", "version": 1, "text": "170 people."}])}
    seal(write_register(register, SECOND, **said), "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    seal(write_register(register, FIRST, **said), "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."])

    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(load, "build_files", stop)
    with pytest.raises(KeyboardInterrupt):
        cli._load_once(database.owner, register, Settings(), drafts=False)
    told = [line.partition(":")[0] for line in capsys.readouterr().err.splitlines()]
    assert told[0] == "Records with a number that was removed"
    assert told[-2:] == ["Shared caches", "That is owed from now on"]


def test_what_copies_elsewhere_may_have_is_listed(database, removed):
    found = load_register(database.owner, removed).removed
    assert found.records == [("observation", "bbbb3")]
    assert found.releases == ["1.1.0", "1.2.0"]
    assert found.files == [(number, name) for number in ("1.1.0", "1.2.0") for name in ACCUSED]


def test_a_rebuild_that_brings_a_removal_owes_a_purge_of_the_same_addresses(database, postgres, removed):
    name = psycopg.conninfo.conninfo_to_dict(database.owner)["dbname"]
    other = create_database(postgres, name)  # a copy of it: the same three releases
    plain = load_register(urls_of(postgres, other).owner, removed).removed
    [(_, expected)] = find_owed(urls_of(postgres, other).owner)
    drop_database(postgres, other)
    assert "/v1/observations/bbbb3?release=1.1.0" in expected
    assert load_register(database.owner, removed, rebuild=True).removed == plain
    assert [one.paths for one in find_owed(database.owner)] == [expected]
    load_register(database.owner, removed, rebuild=True)  # it was removed before
    assert [one.paths for one in find_owed(database.owner)] == [expected, []]


def test_a_removed_record_takes_all_files_of_its_releases_with_it(database, removed):
    load_register(database.owner, removed)
    (removed / "sources" / "sheet.yaml").unlink()
    seal(removed, "3.0.0", "2024-07-01", removed=["source/sheet@1=A court."])
    loaded = load_register(database.owner, removed)
    assert loaded.rebuilt == ("1.1.0", "1.2.0", "2.0.0")
    assert loaded.removed.releases == ["1.1.0", "1.2.0", "2.0.0"]


def test_a_disagreement_takes_the_other_figures_datasets_with_it(database, tmp_path):
    check = "- {id: adds-up, version: 1, type: sum_of_parts, title: Do they?, whole: bbbb3, parts: [bbbb4], explanation: Two subjects.}"
    register = write_register(tmp_path / "register", SECOND, **{"checks.yaml": check})
    seal(register, "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, FIRST)
    seal(register, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court."], ended=["check/adds-up=Its whole is gone."])
    found = load_register(database.owner, register).removed
    assert [name for _, name in found.files] == sorted([*ACCUSED, "duty-status.csv", "duty-status.parquet"])


def test_a_removed_code_by_which_figures_were_compared_is_no_sign_of_a_changed_database(database, tmp_path):
    columns = ("code", "version", "label", "definition", "broader", "defined_by")
    city = dict(zip(columns, ("E23000001", "1", "A city", "A city.", "", "The tests"), strict=True))
    ward = dict(zip(columns, ("ward", "1", "A ward", "A ward.", "E23000001", "The tests"), strict=True))
    both, one = ({"codelists/area.csv": as_csv(columns, areas)} for areas in ([city, ward], [city]))
    question = "{id: all-or-some, version: 1, title: Which?, question: How many?, members: [bbbb2, bbbb3]"
    asked = f"- {question}, reasons: [population], explanation: Of the city or of the ward.}}"
    others = {"disagreements.yaml": asked, **disagreement_reasons()}
    table = "id    | source | value | area\n bbbb2 | paper | 116 |\n"
    register = write_register(tmp_path / "register", f"{table} bbbb3 | sheet | 12 | ward", **others, **both)
    seal(register, "1.0.0", "2024-05-01")
    load_register(database.owner, register)
    with psycopg.connect(database.reader) as reader:
        ((found,),) = reader.execute("SELECT content -> 'dimensions' ->> 'area' FROM assessments").fetchall()
        assert found == "narrower"
    (register / "observations" / "sheet.csv").unlink()
    write_register(register, table, **others, **one)
    gone = ["bbbb3@1=A court.", "code/area/ward@1=A court."]
    seal(register, "2.0.0", "2024-06-01", removed=gone, ended=["disagreement/all-or-some=One is left."])
    loaded = load_register(database.owner, register)
    assert (loaded.added, loaded.rebuilt) == (("2.0.0",), ("1.0.0",))
