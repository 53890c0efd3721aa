"""Connections that end, and poolers that drop what protects the database."""

import asyncio
import os
import shutil
import subprocess
import tempfile
import time
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest

from misconduct.api.current import Releases
from misconduct.db.embedded import EmbeddedPostgres
from misconduct.db.engine import Database
from misconduct.db.load import load
from misconduct.errors import DatabaseUnavailable
from misconduct.releases.folder import read_release
from misconduct.settings import Settings
from misconduct_editor.releases.write import add_to_list

from ..conftest import SMALL, Service

PGBOUNCER = shutil.which("pgbouncer")
PORT = 6432  # of a socket in a folder of its own, so no other one has it


@pytest.fixture(scope="module")
def postgres(small_home):
    with EmbeddedPostgres(small_home) as server:
        yield server


def test_a_connection_that_the_server_ended_is_replaced(postgres):
    """All connections of the pool are dead, as after a restart of Postgres, and eight statements come at once."""

    async def ask():
        database = Database(f"{postgres.url}&application_name=replaced", 4)
        await asyncio.gather(*(database.rows("SELECT pg_sleep(0.1)") for _ in range(4)))
        with psycopg.connect(
            postgres.url.replace("misconduct@", "postgres@"), autocommit=True
        ) as owner:
            ended = owner.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = 'replaced'"
            ).fetchall()
        found = await asyncio.gather(
            *(database.rows("SELECT %(n)s::int AS n", {"n": n}) for n in range(8))
        )
        await database.close()
        return ended, found

    ended, found = asyncio.run(ask())
    assert ended == [(True,)] * 4
    assert found == [[{"n": n}] for n in range(8)]


def test_readers_that_use_all_connections_do_not_make_the_database_unready(postgres):
    load(postgres.url, SMALL, may_drop=True)

    async def ask():
        database, watch = Database(postgres.url, 1), Database(postgres.url, 1)
        releases = Releases(database, watch, Settings(data=SMALL))
        reading = asyncio.ensure_future(database.rows("SELECT pg_sleep(3)"))
        await asyncio.sleep(0.1)
        await releases.refresh()
        with pytest.raises(DatabaseUnavailable, match="in use"):
            await database.rows("SELECT 1")
        await reading
        await database.close()
        await watch.close()
        return releases.is_ready

    assert asyncio.run(ask())


@contextmanager
def pooled(postgres, *settings, role="misconduct"):
    """Run PgBouncer before a Postgres, with a connection for each transaction. Yield the address to use."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-pooler-"))
    folder.chmod(0o777)
    host = psycopg.conninfo.conninfo_to_dict(postgres.url)["host"]
    pooler = [
        f"unix_socket_dir = {folder}",
        f"listen_port = {PORT}",
        "listen_addr =",
        "auth_type = any",
        *settings,
    ]
    lines = [
        "[databases]",
        f"misconduct = host={host} port=5432 user={role}",
        "[pgbouncer]",
        *pooler,
    ]
    (folder / "pgbouncer.ini").write_text(
        "\n".join([*lines, "pool_mode = transaction", ""])
    )
    account = ["--user=postgres"] if os.geteuid() == 0 else []
    command = [PGBOUNCER, "--quiet", *account, folder / "pgbouncer.ini"]
    process = subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + 10
        while (
            not (folder / f".s.PGSQL.{PORT}").exists() and time.monotonic() < deadline
        ):
            time.sleep(0.05)
        yield f"postgresql://misconduct@/misconduct?host={folder}&port={PORT}"
    finally:
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(folder)


@pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed")
@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        (["ignore_startup_parameters = options"], "no time limit for statements"),
        ([], "unsupported startup parameter"),
    ],
)
def test_a_pooler_that_drops_our_limits_is_refused_with_a_sentence(
    postgres, settings, reason
):
    async def ask(url):
        database = Database(url, 1)
        try:
            return await database.rows("SELECT 1")
        finally:
            await database.close()

    with (
        pooled(postgres, *settings) as url,
        pytest.raises(DatabaseUnavailable) as error,
    ):
        asyncio.run(ask(url))
    assert reason in str(error.value.__cause__)


@pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed")
def test_a_load_behind_a_pooler_leaves_no_lock(postgres, small):
    with pooled(postgres, "ignore_startup_parameters = options") as url:
        load(url, SMALL)
        with psycopg.connect(postgres.url, autocommit=True) as direct:
            held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory'"
            for _ in range(
                100
            ):  # another service of these tests may be starting, and holds it for a moment
                if (locks := direct.execute(held).fetchone()) == (0,):
                    break
                time.sleep(0.1)
    assert locks == (0,)


READER = """
    DROP ROLE IF EXISTS pooled_reader;
    CREATE ROLE pooled_reader LOGIN;
    GRANT pg_read_all_data TO pooled_reader;
    ALTER ROLE pooled_reader SET statement_timeout = '4s';
    ALTER ROLE pooled_reader SET default_transaction_read_only = on;
    ALTER ROLE pooled_reader SET timezone = 'UTC'"""


@pytest.mark.skipif(PGBOUNCER is None, reason="PgBouncer is not installed")
def test_services_of_two_releases_share_the_connections_of_a_pooler(
    postgres, small, small_home, tmp_path
):
    """Each statement names its schema, so it does not matter who had the connection before."""
    data = tmp_path / "data"
    for number in ("1.0.0", "1.1.0"):
        copied = shutil.copytree(
            SMALL / f"releases/{number}", data / f"releases/{number}"
        )
        add_to_list(data, read_release(copied))
    shutil.copyfile(SMALL / "removals.csv", data / "removals.csv")
    load(postgres.url, data)
    with psycopg.connect(
        postgres.url.replace("misconduct@", "postgres@"), autocommit=True
    ) as owner:
        owner.execute(READER)
    settings = ("ignore_startup_parameters = options", "default_pool_size = 2")
    with ExitStack() as stack:
        url = stack.enter_context(pooled(postgres, *settings, role="pooled_reader"))
        services = []
        for files in (SMALL, data):
            service = Service(small_home, files, MISCONDUCT_DATABASE_URL=url)
            stack.callback(service.stop)
            services.append(service.wait())
        for offset in range(20):
            for service, release in zip(services, ("2.0.0", "1.1.0"), strict=True):
                answer = service.client.get(f"/v1/figures?offset={offset}").json()
                assert answer["meta"]["release"] == release
