"""A release that the law changed (removals.csv) is loaded again, in place of the one that has its number."""

import shutil
from dataclasses import replace

import psycopg

from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.load import load
from misconduct.releases.folder import read_release
from misconduct.releases.write import add_to_list, write_release

from ..conftest import ROOT


def test_a_release_that_was_written_again_is_loaded_again(home, service, tmp_path):
    before = replace(read_release(ROOT / "data/releases/2.2.0"), previous=None)
    removed = replace(before, figures=[row for row in before.figures if row["id"] != "h6xgz"])
    with EmbeddedPostgres(home) as postgres:
        with psycopg.connect(postgres.url, autocommit=True) as owner:
            owner.execute("CREATE DATABASE reloaded")
        url = postgres.url.replace("/misconduct?", "/reloaded?")
        for release, figures in ((before, 68), (removed, 67)):
            shutil.rmtree(tmp_path, ignore_errors=True)
            add_to_list(tmp_path, write_release(tmp_path / "releases/2.2.0", release))
            assert (load(url, tmp_path), load(url, tmp_path)) == (["2.2.0"], [])
            with psycopg.connect(url) as connection:
                assert connection.execute("SELECT count(*) FROM observations").fetchone() == (figures,)
