"""The tables of a database are those that the program declares, and its revision changes with them."""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import psycopg
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import create_engine, create_mock_engine, text

from misconduct.db.load import load
from misconduct.db.schema import name_schema
from misconduct.db.tables import METADATA, REVISION
from misconduct.releases.folder import list_releases

from ..conftest import SMALL


def test_a_load_leaves_the_declared_tables(url):
    load(url, SMALL)
    engine = create_engine(
        "postgresql+psycopg://", creator=lambda: psycopg.connect(url)
    )
    for listed in list_releases(SMALL)[-2:]:
        schema = name_schema(listed.digest)
        with engine.connect() as connection:
            connection.execute(text(f"SET search_path = {schema}"))
            context = MigrationContext.configure(connection)
            assert context.get_current_revision() == REVISION
            assert compare_metadata(context, METADATA) == []
    engine.dispose()


def test_the_program_may_be_in_a_folder_with_a_percent_sign(url, tmp_path):
    program = tmp_path / "a%b"
    program.mkdir()
    for name in ("app", "alembic"):
        (program / name).symlink_to(Path(__file__).parents[2] / name)
    environment = os.environ | {
        "PYTHONPATH": str(program / "app"),
        "MISCONDUCT_DATABASE_URL": url,
    }
    command = [sys.executable, "-m", "misconduct", "load", "--data", SMALL]
    assert (
        b"Loaded: "
        in subprocess.run(
            command, env=environment, capture_output=True, check=True
        ).stdout
    )


def test_the_revision_ends_with_a_hash_of_the_tables():
    """So that no database keeps the tables of an earlier program unnoticed."""
    statements = []
    engine = create_mock_engine(
        "postgresql+psycopg://",
        lambda one, *_: statements.append(str(one.compile(dialect=engine.dialect))),
    )
    METADATA.create_all(engine, checkfirst=False)
    assert any("CREATE INDEX" in one for one in statements)
    digest = hashlib.sha256("\n".join(sorted(statements)).encode()).hexdigest()
    assert REVISION.partition("_")[2] == digest[:12]
