"""Services, programs and releases that share one database, and what happens while a release is loaded."""

import os
import random
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from misconduct.db.load import load
from misconduct.db.tables import REVISION
from misconduct.releases.folder import read_release
from misconduct_editor.releases.remove import Target, remove
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import ROOT, SMALL, Service

FIGURE = "/v1/figures/k7m3q"
FORMER = "4.0.0"


@pytest.fixture
def folder():
    """A folder that the account of Postgres may enter."""
    made = Path(tempfile.mkdtemp(prefix="misconduct-services-"))
    made.chmod(0o755)
    yield made
    shutil.rmtree(made, ignore_errors=True)


@pytest.fixture
def serve(folder):
    """Return a function that starts a service."""
    with ExitStack() as stack:

        def start(data, **settings):
            service = Service(folder, data, **settings)
            stack.callback(service.stop)
            return service.wait()

        yield start


def copy(data, *numbers):
    """Write a register of some of the small one's releases."""
    for number in numbers:
        place = data / "releases" / number
        shutil.copytree(SMALL / "releases" / number, place)
        add_to_list(data, read_release(place))
    shutil.copyfile(SMALL / "removals.csv", data / "removals.csv")
    return data


def newest(service):
    return service.client.get("/readyz").json()["release"]


def code(service, path):
    answer = service.client.get(path)
    return answer.status_code, answer.json().get("code")


def test_a_service_with_older_files_shows_its_own_newest_release(url, folder, serve):
    """A service with the newer files shares its database, and each shows only what its files have."""
    newer = serve(SMALL, MISCONDUCT_DATABASE_URL=url)
    older = serve(copy(folder / "old", "1.0.0", "1.1.0"), MISCONDUCT_DATABASE_URL=url)
    assert (newest(newer), newest(older)) == ("2.0.0", "1.1.0")
    assert code(older, f"{FIGURE}?release=2.0.0") == (404, "unknown_release")
    for service, release in ((newer, "2.0.0"), (older, "1.1.0")):
        assert service.client.get(FIGURE).json()["meta"]["release"] == release
    assert newest(newer) == "2.0.0"


def test_two_programs_share_a_database(url, folder, serve):
    """A program with other tables loads its releases beside those of ours, and each goes on."""
    other = folder / "program"
    for name in ("app", "alembic"):
        shutil.copytree(ROOT / name, other / name)
    tables = other / "app/misconduct/db/tables.py"
    revision = f"{int(REVISION.partition('_')[0]) + 1}_fedcba987654"
    text = tables.read_text().replace(REVISION, revision)
    column = 'Column("summary", TEXT, nullable=False),'
    assert column in text
    new = 'Column("since_then", TEXT),'
    tables.write_text(text.replace(column, f"{column}\n    {new}"))
    queries = other / "app/misconduct/queries/releases.py"
    queries.write_text(
        queries.read_text().replace(
            "    schema: str", "    since_then: str | None\n    schema: str"
        )
    )
    data = copy(folder / "old", "1.0.0", "1.1.0")
    ours = serve(data, MISCONDUCT_DATABASE_URL=url)
    theirs = serve(SMALL, MISCONDUCT_DATABASE_URL=url, PYTHONPATH=str(other / "app"))
    with psycopg.connect(url) as connection:
        names = [
            name for (name,) in connection.execute("SELECT nspname FROM pg_namespace")
        ]
    assert {
        name.rpartition("_")[0].rpartition("_")[2]
        for name in names
        if name.startswith("release_")
    } == {REVISION.partition("_")[0], revision.partition("_")[0]}
    assert (newest(ours), newest(theirs)) == ("1.1.0", "2.0.0")
    for service, release in ((ours, "1.1.0"), (theirs, "2.0.0")):
        assert service.client.get(FIGURE).json()["meta"]["release"] == release
    assert ours.client.get("/v1/figures?offset=40").status_code == 200


LETTERS = "bcdfghjkmnpqrstvwxz23456789"


def write_large(data, number, rows):
    small = read_release(SMALL / "releases/2.0.0")
    table = [small.table[0] | {"id": row["id"], "time": row["id"]} for row in rows]
    release = replace(
        small, number=number, figures=rows, table=table, others=[], versions=[],
        previous=None,
    )  # fmt: skip
    add_to_list(data, write_release(data / "releases" / number, release))


def test_a_slow_download_ends_in_the_release_in_which_it_began(url, folder, serve):
    """Of 5,000 figures, which move to another place in the order while somebody reads them."""
    rows = [
        row for row in read_release(SMALL / "releases/2.0.0").figures if row["period"]
    ]
    drawn = random.Random(1)
    ids = set()
    while len(ids) < 5_000:
        ids.add("".join(drawn.choices(LETTERS, k=5)))
    alone = {"part_of": [], "repeats": None, "denominator": None}
    figures = [
        rows[place % len(rows)] | alone | {"id": identity}
        for place, identity in enumerate(sorted(ids))
    ]
    data = folder / "data"
    write_large(data, FORMER, figures)
    shutil.copyfile(SMALL / "removals.csv", data / "removals.csv")
    service = serve(data, MISCONDUCT_DATABASE_URL=url)
    with socket.socket() as client:
        client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        client.connect(("127.0.0.1", service.client.base_url.port))
        client.settimeout(60)
        client.sendall(
            b"GET /v1/figures.csv?columns=id,sentence,source_title,source_url HTTP/1.1\r\n"
            b"Host: localhost\r\nConnection: close\r\n\r\n"
        )
        received = client.recv(1_000)
        turned = [row | {"id": row["id"][::-1], "at": "char=1,2"} for row in figures]
        write_large(data, "5.0.0", sorted(turned, key=lambda row: row["id"]))
        assert load(url, data) == ["5.0.0"]
        deadline = time.monotonic() + 60
        while newest(service) != "5.0.0" and time.monotonic() < deadline:
            time.sleep(0.1)
        assert newest(service) == "5.0.0"
        while part := client.recv(1_000_000):
            received += part
    assert received.startswith(b"HTTP/1.1 200")
    downloaded = re.findall(rb"^(\w{5}),", received, re.MULTILINE)
    assert sorted(one.decode() for one in downloaded) == sorted(ids)


def test_a_load_that_is_killed_leaves_the_former_release_served(url, folder, serve):
    data = copy(folder / "data", "1.0.0", "1.1.0")
    service = serve(data, MISCONDUCT_DATABASE_URL=url)
    before = service.client.get("/v1/figures.csv").content
    copied = shutil.copytree(SMALL / "releases/2.0.0", data / "releases/2.0.0")
    add_to_list(data, read_release(copied))
    environment = os.environ | {
        "MISCONDUCT_DATABASE_URL": url,
        "MISCONDUCT_DATA": str(data),
    }
    with psycopg.connect(url, autocommit=True) as watching:
        working = subprocess.Popen(
            [sys.executable, "-m", "misconduct", "load"], env=environment
        )
        creating = (
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND pid <> pg_backend_pid() AND query ~ 'staged_figures|CREATE'"
        )
        while watching.execute(creating).fetchone() == (0,):
            assert working.poll() is None
        working.send_signal(signal.SIGKILL)
        assert working.wait() == -signal.SIGKILL
    assert service.client.get("/v1/figures.csv?limit=1000").status_code == 200
    assert newest(service) == "1.1.0"
    assert service.client.get("/v1/figures.csv").content == before
    assert load(url, data) == ["2.0.0"]


def test_a_running_service_shows_nothing_of_a_removed_figure(url, folder, serve):
    """One that is started with the files as they are after the removal; the releases keep their numbers."""
    data = shutil.copytree(SMALL, folder / "data")
    service = serve(data, MISCONDUCT_DATABASE_URL=url)
    assert service.client.get(FIGURE).json()["data"]["value"] == 1492
    remove(data, Target(frozenset(["k7m3q"]), frozenset()), "Section 47", "2026-12-01")
    assert load(url, data) == ["1.1.0", "2.0.0"]
    service.wait_for(FIGURE, lambda answer: answer.status_code == 404)
    assert newest(service) == "2.0.0"
    for path in (f"{FIGURE}?release=1.1.0", "/v1/standing?id=k7m3q:1492"):
        assert "1,492" not in service.client.get(path).text
    assert "k7m3q" not in service.client.get("/v1/figures.csv").text


def test_which_releases_answer(url, folder, serve):
    """The one before the newest; of an older one the address of its files; of one before the first, that it is gone."""
    data = shutil.copytree(SMALL, folder / "data")
    former = f"number,day,digest,summary\n0.9.0,2026-11-01,{'0' * 64},The first.\n"
    (data / "releases-before-6.csv").write_text(former)
    service = serve(data, MISCONDUCT_DATABASE_URL=url)
    for path in ("/v1/figures", "/v1/figures.csv", "/v1/gaps"):
        assert service.client.get(f"{path}?release=1.1.0").status_code == 200
        answer = service.client.get(f"{path}?release=1.0.0")
        assert (answer.status_code, answer.json()["code"]) == (410, "not_in_tables")
        assert "/v1/releases/1.0.0" in answer.json()["detail"]
        assert code(service, f"{path}?release=0.9.0") == (410, "former_release")
        assert code(service, f"{path}?release=7.0.0") == (404, "unknown_release")
    assert service.client.get("/v1/releases/1.0.0").status_code == 200
    assert service.client.get("/v1/releases/1.0.0/table.csv").status_code == 200


@pytest.mark.parametrize("is_loaded_first", [False, True])
def test_a_release_is_shown_when_it_is_both_loaded_and_in_the_folder(
    url, folder, serve, is_loaded_first
):
    """In whichever order. Until then it is unknown, and never gone: a cache may keep 410 for long."""
    data = copy(folder / "data", "1.0.0", "1.1.0")
    service = serve(data, MISCONDUCT_DATABASE_URL=url)
    newer = copy(folder / "newer", "1.0.0", "1.1.0", "2.0.0")

    def add_files():
        shutil.copytree(newer / "releases/2.0.0", data / "releases/2.0.0")

    steps = [add_files, lambda: load(url, newer)]
    if is_loaded_first:
        steps.reverse()
    steps[0]()
    time.sleep(3)  # it looks every two seconds
    assert code(service, "/v1/figures?release=2.0.0") == (404, "unknown_release")
    assert code(service, f"{FIGURE}?release=2.0.0") == (404, "unknown_release")
    assert newest(service) == "1.1.0"
    steps[1]()
    service.wait_for("/readyz", lambda answer: answer.json()["release"] == "2.0.0")
