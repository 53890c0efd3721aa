"""A change of the schema while people read: it waits for nobody long, and the code from before it goes on working."""

from __future__ import annotations

import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from alembic import command
from sqlalchemy import Engine, create_engine, inspect, make_url

from misconduct.db import migrate as migrations
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.errors import SchemaInUse
from tests.chaos.loading import Growing
from tests.chaos.serving import private_server
from tests.chaos.traffic import eventually, traffic, uncached
from tests.conftest import create_database

EXPANDING = """
from alembic import op

revision, down_revision, branch_labels, depends_on = "next", "{newest}", None, None


def upgrade():
    op.execute("ALTER TABLE observations ADD COLUMN remark text")


def downgrade():
    op.execute("ALTER TABLE observations DROP COLUMN remark")
"""


@pytest.fixture
def own() -> Iterator[EmbeddedPostgres]:
    with private_server() as server:
        yield server


@pytest.fixture
def next_version(tmp_path, monkeypatch) -> None:
    """The migrations of a next version of the code: the present ones, and one that needs the whole table for itself."""
    folder = shutil.copytree(migrations.MIGRATIONS, tmp_path / "alembic")
    (folder / "versions" / "next.py").write_text(EXPANDING.format(newest=migrations.newest_revision()))
    monkeypatch.setattr(migrations, "MIGRATIONS", folder)


def seconds_of(attempt) -> float:
    began = time.monotonic()
    attempt()
    return time.monotonic() - began


@pytest.mark.fault(
    "a migration while reads and a long SELECT run",
    "it fails ≤ 3 s or succeeds; reads < 1 s all the while; the previous version of the code works on the new schema",
)
def test_a_migration_gives_way_to_readers(own, start, tmp_path, next_version, measured):
    with pytest.MonkeyPatch.context() as now:
        now.setattr(migrations, "MIGRATIONS", Path(migrations.__file__).parents[3] / "alembic")
        register = Growing(tmp_path, own, rows=300)
    service = start(reader_url=own.reader_url)
    with psycopg.connect(own.owner_url) as long, traffic(service.port, uncached, clients=4, pause=0.01) as beside:
        long.execute("SELECT count(*) FROM observations")  # its transaction, and so its lock, goes on
        refused = seconds_of(lambda: must_refuse(own))
    with traffic(service.port, uncached, clients=4, pause=0.01) as during:
        time.sleep(0.5)
        done = seconds_of(lambda: migrations.migrate(own.owner_url))
        time.sleep(0.5)
    measured(f"beside a long SELECT refused within {refused:.1f} s, reads ≤ {beside.longest:.2f} s {beside.statuses}")
    measured(f"without it done in {done:.1f} s, reads ≤ {during.longest:.2f} s {during.statuses}")
    assert refused <= 3
    assert done <= 3
    assert beside.statuses.keys() == during.statuses.keys() == {200}
    assert beside.longest < 1
    assert during.longest < 1
    register.grow()
    assert columns(own) >= {"remark"}
    register_loads_and_is_served(register, service)
    measured("the code from before it serves and loads")


def must_refuse(server: EmbeddedPostgres) -> None:
    with pytest.raises(SchemaInUse):
        migrations.migrate(server.owner_url)


def columns(server: EmbeddedPostgres) -> set[str]:
    with psycopg.connect(server.owner_url) as owner:
        found = owner.execute("SELECT column_name FROM information_schema.columns WHERE table_name = 'observations'")
        return {name for (name,) in found}


def register_loads_and_is_served(register: Growing, service) -> None:
    """With the code as it is, which knows nothing of the new column."""
    from misconduct.publish.load import load_register

    load_register(register.server.owner_url, register.path)
    eventually(lambda: service.get("/readyz").json()["release"] == "1.1.0", 10)
    assert service.get("/v1/observations?limit=1000").json()["meta"]["total"] == 600
    assert service.get("/v1/releases/1.1.0/bundle.zip").status_code == 200


def test_no_migration_of_ours_takes_away_what_the_version_before_it_uses(server):
    """Each only adds: every column stays with its type, and what is new may be left out."""
    name = create_database(server, "template0")
    with psycopg.connect(server.url("postgres", name), autocommit=True) as admin:
        admin.execute("GRANT USAGE, CREATE ON SCHEMA public TO misconduct_owner")
    url = make_url(server.url("misconduct_owner", name)).set(drivername="postgresql+psycopg")
    engine, before = create_engine(url), {}
    for _ in range(3):
        with engine.connect() as connection:
            command.upgrade(migrations.migration_config(connection), "+1")
            connection.commit()
        after = shape(engine)
        for table, its_columns in before.items():
            assert {column: after[table].get(column) for column in its_columns} == its_columns
            assert all(
                may_be_left_out for column, (_, may_be_left_out) in after[table].items() if column not in its_columns
            )
        before = after
    engine.dispose()


def shape(engine: Engine) -> dict[str, dict[str, tuple[str, bool]]]:
    """Every table's columns: the type, and whether a row may say nothing there."""
    look = inspect(engine)
    return {
        table: {
            column["name"]: (str(column["type"]), column["nullable"] or column["default"] is not None)
            for column in look.get_columns(table)
        }
        for table in look.get_table_names()
        if table != "alembic_version"
    }
