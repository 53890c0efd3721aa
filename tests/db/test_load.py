"""A database is a cache of the releases: a schema for each, with nothing that `releases.csv` does not vouch for."""

import re
import shutil
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from hashlib import sha256

import psycopg
import pytest

from misconduct.db import load as loading
from misconduct.db.load import load
from misconduct.db.schema import name_schema, read_revision
from misconduct.db.tables import METADATA, REVISION
from misconduct.errors import DatabaseError, ReleaseError
from misconduct.model.documents import DRAFT
from misconduct.releases.folder import list_releases, read_release
from misconduct_editor.releases.remove import Target, remove
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL, Service

BEFORE = replace(read_release(SMALL / "releases/2.0.0"), previous=None)
REMOVED = replace(
    BEFORE, figures=[row for row in BEFORE.figures if row["id"] != "h6xgz"]
)
OLDER = "17_000000000000"  # the revision of another program


def write(data, release, before=None):
    """Write a register of one release; `before` is the digest that it had before a removal by law."""
    shutil.rmtree(data, ignore_errors=True)
    written = write_release(data / "releases/2.0.0", release)
    add_to_list(data, written)
    line = f"2026-11-27,2.0.0,{before},{written.digest},Section 47\n" if before else ""
    (data / "removals.csv").write_text(f"day,release,before,after,law\n{line}")
    return written.digest


def copy(data, *numbers):
    """Write a register of some of the small one's releases."""
    shutil.rmtree(data, ignore_errors=True)
    for number in numbers:
        folder = data / "releases" / number
        shutil.copytree(SMALL / "releases" / number, folder)
        add_to_list(data, read_release(folder))
    shutil.copyfile(SMALL / "removals.csv", data / "removals.csv")
    return data


def find_schemas(connection):
    """Return the schemas with releases, and the release of each."""
    found = {}
    names = connection.execute("SELECT nspname FROM pg_namespace").fetchall()
    for (name,) in names:
        if read_revision(name):
            statement = f"SELECT number FROM {name}.release"
            found[name] = connection.execute(statement).fetchone()[0]
    return found


def list_loaded(url):
    """Return the numbers of the releases that this program can read."""
    with psycopg.connect(url) as connection:
        found = find_schemas(connection)
    return sorted(found[name] for name in found if read_revision(name) == REVISION)


def read(url, number):
    """Return all rows that a release has."""
    with psycopg.connect(url) as connection:
        [schema] = [
            name for name, of in find_schemas(connection).items() if of == number
        ]
        return {
            name: sorted(
                connection.execute(f"SELECT t::text FROM {schema}.{name} t").fetchall()
            )
            for name in METADATA.tables
        }


def count_figures(url):
    return len(read(url, "2.0.0")["observations"])


def test_the_two_newest_releases_are_loaded_each_as_if_it_were_alone(url, tmp_path):
    assert load(url, copy(tmp_path / "all", "1.0.0", "1.1.0", "2.0.0")) == [
        *("1.1.0", "2.0.0")
    ]
    together = {number: read(url, number) for number in list_loaded(url)}
    assert together.keys() == {"1.1.0", "2.0.0"}
    with psycopg.connect(url, autocommit=True) as owner:
        for name in find_schemas(owner):
            owner.execute(f"DROP SCHEMA {name} CASCADE")
    for number, rows in together.items():
        load(url, copy(tmp_path / "alone", number))
        alone = read(url, number)
        for name in METADATA.tables:
            assert (name, alone[name]) == (name, rows[name])


def test_the_rows_of_a_table_stand_in_the_order_of_its_file(url):
    load(url, SMALL)
    with psycopg.connect(url) as connection:
        [schema] = [
            name for name, of in find_schemas(connection).items() if of == "2.0.0"
        ]
        rows = connection.execute(f"SELECT id FROM {schema}.points ORDER BY nth")
        ids = [identity for (identity,) in rows]
    assert ids == [row["id"] for row in (*BEFORE.table, *BEFORE.others)]


def test_a_load_drops_all_but_the_two_newest_and_leaves_what_other_programs_need(
    url, tmp_path
):
    """Also what is not ours, though its name begins with the same word."""
    load(url, copy(tmp_path, "1.0.0", "1.1.0"))
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute("CREATE SCHEMA release_notes")
        for name in find_schemas(owner):
            other = name.replace(REVISION, OLDER)
            owner.execute(f"CREATE SCHEMA {other}")
            owner.execute(
                f"CREATE TABLE {other}.release AS SELECT * FROM {name}.release"
            )
    load(url, copy(tmp_path, "1.0.0", "1.1.0", "2.0.0"))
    with psycopg.connect(url, autocommit=True) as owner:
        found = find_schemas(owner)
        names = owner.execute("SELECT nspname FROM pg_namespace").fetchall()
    assert ("release_notes",) in names
    of_other = [number for name, number in found.items() if OLDER in name]
    assert of_other == ["1.1.0"]
    assert list_loaded(url) == ["1.1.0", "2.0.0"]
    load(url, copy(tmp_path, "1.0.0", "1.1.0", "2.0.0"), may_drop=True)
    with psycopg.connect(url) as owner:
        assert {read_revision(name) for name in find_schemas(owner)} == {REVISION}


def test_of_two_loads_at_once_one_loads_all(url):
    with ThreadPoolExecutor(2) as pool:
        loaded = [*pool.map(lambda _: load(url, SMALL), range(2))]
    assert sorted(loaded) == [[], ["1.1.0", "2.0.0"]]


def test_a_load_that_is_ended_leaves_the_releases_before_it(url, tmp_path, monkeypatch):
    load(url, copy(tmp_path, "1.0.0", "1.1.0"))
    before = {number: read(url, number) for number in list_loaded(url)}

    def end(*_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(loading, "derive_records", end)
        with pytest.raises(KeyboardInterrupt):
            load(url, SMALL)
    assert {number: read(url, number) for number in list_loaded(url)} == before
    assert load(url, SMALL) == ["2.0.0"]


def test_a_load_does_not_wait_for_somebody_who_reads_what_it_drops(url, tmp_path):
    load(url, copy(tmp_path, "1.0.0", "1.1.0"))
    said = []
    with psycopg.connect(url) as reader:
        [oldest] = [name for name, of in find_schemas(reader).items() if of == "1.0.0"]
        reader.execute(f"SELECT FROM {oldest}.observations")  # and does not end
        assert load(url, SMALL, progress=said.append) == ["2.0.0"]
        assert [line for line in said if "1.0.0 is in use" in line]
        assert list_loaded(url) == ["1.0.0", "1.1.0", "2.0.0"]
    assert load(url, SMALL) == []
    assert list_loaded(url) == ["1.1.0", "2.0.0"]


def test_a_draft_replaces_the_former_draft_and_no_release(url, tmp_path):
    data = copy(tmp_path / "data", "1.1.0")
    load(url, data, may_drop=True)
    before = read(url, "1.1.0")
    for figures in (BEFORE.figures[:9], BEFORE.figures[:5]):
        shutil.rmtree(tmp_path / DRAFT, ignore_errors=True)
        draft = replace(BEFORE, number=DRAFT, figures=figures)
        write_release(tmp_path / DRAFT, draft)
        assert load(url, data, may_drop=True, draft=tmp_path / DRAFT) == [DRAFT]
        assert len(read(url, DRAFT)["observations"]) == len(figures)
    assert read(url, "1.1.0") == before
    data = copy(tmp_path / "data", "1.1.0", "2.0.0")  # a release beside the draft
    assert load(url, data, may_drop=True, draft=tmp_path / DRAFT) == ["2.0.0"]
    assert list_loaded(url) == ["2.0.0", DRAFT]


def test_a_release_is_replaced_only_if_a_removal_by_law_explains_it(url, tmp_path):
    digest = write(tmp_path, BEFORE)
    assert load(url, tmp_path) == ["2.0.0"]
    assert load(url, tmp_path) == []
    assert count_figures(url) == 263
    write(tmp_path, REMOVED)
    with pytest.raises(ReleaseError, match=r"no removal in removals\.csv"):
        load(url, tmp_path)
    write(tmp_path, REMOVED, before=digest)
    assert load(url, tmp_path) == ["2.0.0"]
    assert load(url, tmp_path) == []
    assert count_figures(url) == 262
    write(tmp_path, BEFORE)  # an old image that starts again
    with pytest.raises(ReleaseError, match=r"no removal in removals\.csv"):
        load(url, tmp_path)
    assert count_figures(url) == 262


def test_after_a_removal_no_row_of_any_release_has_the_figure(url, tmp_path):
    data = shutil.copytree(SMALL, tmp_path / "data")
    load(url, data)
    remove(data, Target(frozenset(["k7m3q"]), frozenset()), "Section 47", "2026-12-01")
    assert load(url, data) == ["1.1.0", "2.0.0"]
    with psycopg.connect(url) as connection:
        assert len(find_schemas(connection)) == 2
    for number in ("1.1.0", "2.0.0"):
        assert "k7m3q" not in str(read(url, number))


def test_files_that_releases_csv_does_not_vouch_for_are_refused(url, tmp_path):
    write(tmp_path, BEFORE)
    folder = tmp_path / "releases/2.0.0"
    figures = (folder / "figures.csv").read_text().replace(',"1,492",', ',"9,492",')
    (folder / "figures.csv").write_text(figures)
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    new = sha256(figures.encode()).hexdigest()
    sums = [
        f"{new}  figures.csv" if line.endswith("  figures.csv") else line
        for line in sums
    ]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    with pytest.raises(ReleaseError, match=list_releases(tmp_path)[0].digest):
        load(url, tmp_path)
    assert list_loaded(url) == []


@pytest.mark.parametrize("name", ["table.csv", "others.csv", "versions.jsonl"])
def test_a_release_that_lacks_a_file_is_refused_with_a_sentence(url, tmp_path, name):
    write(tmp_path, BEFORE)
    (tmp_path / "releases/2.0.0" / name).unlink()
    with pytest.raises(ReleaseError, match=rf"2\.0\.0/{name}: This file is missing"):
        load(url, tmp_path)
    assert list_loaded(url) == []


def test_a_table_with_other_columns_is_refused_with_a_sentence(url, tmp_path):
    """As of a program that had others: all its files are as they were released."""
    write(tmp_path, BEFORE)
    folder = tmp_path / "releases/2.0.0"
    table = (folder / "table.csv").read_text().replace("indicator,name,", "what,name,")
    (folder / "table.csv").write_text(table)
    new = sha256(table.encode()).hexdigest()
    sums = re.sub(
        r"\w+  table\.csv", f"{new}  table.csv", (folder / "SHA256SUMS").read_text()
    )
    (folder / "SHA256SUMS").write_text(sums)
    (tmp_path / "releases.csv").unlink()
    add_to_list(tmp_path, read_release(folder, is_whole=False))
    with pytest.raises(ReleaseError, match=r"table\.csv: The first line must be"):
        load(url, tmp_path)
    assert list_loaded(url) == []


def test_a_file_that_changed_after_the_load_is_noticed(url, tmp_path):
    write(tmp_path, BEFORE)
    load(url, tmp_path)
    with (tmp_path / "releases/2.0.0/figures.csv").open("a") as file:
        file.write("x")
    with pytest.raises(ReleaseError, match=r"figures\.csv"):
        load(url, tmp_path)


def test_the_schema_of_a_release_is_named_by_its_digest_and_the_revision():
    names = {name_schema(listed.digest) for listed in list_releases(SMALL)}
    assert len(names) == 3
    assert {read_revision(name) for name in names} == {REVISION}
    assert read_revision("release_notes_of_2026") is None
    assert read_revision("public") is None


def test_a_load_needs_no_encoding_and_no_options_of_the_environment(
    url, tmp_path, monkeypatch
):
    monkeypatch.setenv("PGCLIENTENCODING", "LATIN1")
    monkeypatch.setenv("PGOPTIONS", "-c default_transaction_read_only=on")
    write(tmp_path, BEFORE)
    assert load(url, tmp_path) == ["2.0.0"]


@pytest.mark.parametrize("host", ["%FF", "x" * 70, "localhost:99999"])
def test_an_address_that_cannot_be_read_is_one_sentence(tmp_path, host):
    write(tmp_path, BEFORE)
    with pytest.raises(DatabaseError) as error:
        load(f"postgresql://somebody:secret@{host}/register", tmp_path)
    assert re.fullmatch(r"The releases cannot be loaded: .+", str(error.value))
    assert "secret" not in str(error.value)


def test_a_role_that_may_not_create_schemas_is_told_so_without_the_statement(
    url, tmp_path
):
    write(tmp_path, BEFORE)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(
            f"ALTER DATABASE {owner.info.dbname} SET default_transaction_read_only = on"
        )
    with pytest.raises(DatabaseError) as error:
        load(url, tmp_path)
    assert "cannot execute CREATE SCHEMA in a read-only transaction" in str(error.value)
    assert "Run `misconduct load`" in str(error.value)
    assert "alembic" not in str(error.value)


def test_settings_for_another_postgres_do_not_reach_our_own(small_home, small):
    other = {
        "PGHOSTADDR": "127.0.0.1",
        "PGOPTIONS": "-c default_transaction_read_only=on",
        "PGTZ": "Asia/Tokyo",
    }
    running = Service(
        small_home,
        SMALL,
        **other,
        PGCLIENTENCODING="LATIN1",
        PGREQUIREAUTH="scram-sha-256",
        PGSERVICE="none",
    )
    try:
        running.wait()
    finally:
        running.stop()
