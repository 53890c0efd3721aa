"""A database is a cache of the releases: it has nothing that `releases.csv` does not vouch for."""

import re
import shutil
from dataclasses import replace
from hashlib import sha256

import psycopg
import pytest

from misconduct.db.load import load
from misconduct.errors import DatabaseError, ReleaseError
from misconduct.releases.folder import list_releases, read_release
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import SMALL, Service

BEFORE = replace(read_release(SMALL / "releases/2.0.0"), previous=None)
REMOVED = replace(
    BEFORE, figures=[row for row in BEFORE.figures if row["id"] != "h6xgz"]
)


def write(data, release, before=None):
    """Write a register of one release; `before` is the digest that it had before a removal by law."""
    shutil.rmtree(data, ignore_errors=True)
    written = write_release(data / "releases/2.0.0", release)
    add_to_list(data, written)
    line = f"2026-11-27,2.0.0,{before},{written.digest},Section 47\n" if before else ""
    (data / "removals.csv").write_text(f"day,release,before,after,law\n{line}")
    return written.digest


def count_figures(url):
    with psycopg.connect(url) as connection:
        return connection.execute("SELECT count(*) FROM observations").fetchone()[0]


def test_a_release_is_replaced_only_if_a_removal_by_law_explains_it(url, tmp_path):
    digest = write(tmp_path, BEFORE)
    assert (load(url, tmp_path), load(url, tmp_path), count_figures(url)) == (
        ["2.0.0"],
        [],
        263,
    )
    write(tmp_path, REMOVED)
    with pytest.raises(ReleaseError, match=r"no removal in removals\.csv"):
        load(url, tmp_path)
    write(tmp_path, REMOVED, before=digest)
    assert (load(url, tmp_path), load(url, tmp_path), count_figures(url)) == (
        ["2.0.0"],
        [],
        262,
    )
    write(tmp_path, BEFORE)  # an old image that starts again
    with pytest.raises(ReleaseError, match=r"no removal in removals\.csv"):
        load(url, tmp_path)
    assert count_figures(url) == 262


def test_an_earlier_release_from_which_something_was_removed_is_replaced(url):
    load(url, SMALL)
    with psycopg.connect(url) as connection:
        connection.execute(
            "UPDATE releases SET digest = 'before the removal' WHERE number = '1.1.0'"
        )
    assert load(url, SMALL, may_drop=True) == ["1.1.0", "2.0.0"]
    assert load(url, SMALL, may_drop=True) == []


def test_files_that_releases_csv_does_not_vouch_for_are_refused(url, tmp_path):
    write(tmp_path, BEFORE)
    folder = tmp_path / "releases/2.0.0"
    figures = (
        (folder / "observations.csv").read_text().replace(',"1,492",', ',"9,492",')
    )
    (folder / "observations.csv").write_text(figures)
    sums = (folder / "SHA256SUMS").read_text().splitlines()
    new = sha256(figures.encode()).hexdigest()
    sums = [
        f"{new}  observations.csv" if line.endswith("  observations.csv") else line
        for line in sums
    ]
    (folder / "SHA256SUMS").write_text("\n".join(sums) + "\n")
    with pytest.raises(ReleaseError, match=list_releases(tmp_path)[0].digest):
        load(url, tmp_path)
    assert count_figures(url) == 0


def test_a_file_that_changed_after_the_load_is_noticed(url, tmp_path):
    write(tmp_path, BEFORE)
    load(url, tmp_path)
    with (tmp_path / "releases/2.0.0/observations.csv").open("a") as file:
        file.write("x")
    with pytest.raises(ReleaseError, match=r"observations\.csv"):
        load(url, tmp_path)


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


def test_a_role_that_may_not_create_tables_is_told_so_without_the_statement(
    url, tmp_path
):
    write(tmp_path, BEFORE)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(
            f"ALTER DATABASE {owner.info.dbname} SET default_transaction_read_only = on"
        )
    with pytest.raises(DatabaseError) as error:
        load(url, tmp_path)
    assert "cannot execute CREATE TABLE in a read-only transaction" in str(error.value)
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
