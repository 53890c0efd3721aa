"""What the law removes is gone at once from every answer, also from those that somebody was told to keep."""

from __future__ import annotations

import asyncio
import io
import json
import socket
import threading
import time
import zipfile
from collections.abc import AsyncIterator, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import asynccontextmanager, contextmanager, suppress

import httpx
import psycopg
import pytest

from misconduct.api import release_watcher
from misconduct.api.encoder import Encoder
from misconduct.publish.load import load_register
from tests.registers import observation_id
from tests.serving import Served
from tests.test_serve import eventually

BEFORE = """
    id    | source | year | value
    bbbb2 | paper  | 2021 | 116
    bbbb3 | sheet  | 2022 | 170
"""
AFTER = """
    id    | source | year | value
    bbbb2 | paper  | 2021 | 116
"""


@pytest.fixture
def removed(api, publish, tmp_path):
    """A register from which a source and its figure were removed; answers of before by address."""
    publish(BEFORE, "1.0.0", "2024-05-01")
    addresses = (
        "/v1/observations?release=1.0.0",
        "/v1/observations/bbbb3?release=1.0.0",
        "/v1/observations.csv?release=1.0.0",
        "/v1/observations/by-year?release=1.0.0",
        "/v1/sources?release=1.0.0",
        "/v1/sources/sheet?release=1.0.0",
        "/v1/releases/1.0.0/files/observations.csv",
        "/v1/releases/1.0.0/bundle.zip",
    )
    before = {address: api.get(address) for address in addresses}
    assert {answer.status_code for answer in before.values()} == {200}
    (tmp_path / "register" / "observations" / "sheet.csv").unlink()
    (tmp_path / "register" / "sources" / "sheet.yaml").unlink()
    publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    return before


def _without_manifests(answer):
    """What was sent; of a bundle the tables. (In manifests the line of what was removed stays, with its hash.)"""
    if not answer.content.startswith(b"PK"):
        return answer.content
    with zipfile.ZipFile(io.BytesIO(answer.content)) as bundle:
        return b"".join(bundle.read(name) for name in bundle.namelist() if not name.startswith("releases/"))


def test_no_answer_of_before_is_confirmed(api, removed):
    for address, before in removed.items():
        answer = api.get(address, headers={"If-None-Match": before.headers["etag"]})
        assert answer.status_code in (200, 410), address
        assert b"bbbb3" not in _without_manifests(answer), address


def test_who_reads_a_release_by_pages_goes_on_after_a_removal(api, served, publish, tmp_path):
    publish(BEFORE, "1.0.0", "2024-05-01")
    first = api.get("/v1/observations?limit=1&release=1.0.0&sort=-value").json()
    assert [one["id"] for one in first["data"]] == ["bbbb3"]
    (tmp_path / "register" / "observations" / "sheet.csv").unlink()
    (tmp_path / "register" / "sources" / "sheet.yaml").unlink()
    publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    then = api.get(first["links"]["next"].removeprefix(served.service.base_url)).json()
    assert ([one["id"] for one in then["data"]], then["meta"]["total"]) == (["bbbb2"], 1)


def test_an_answer_that_was_being_made_when_something_was_removed_is_kept_by_nobody(
    api, served, publish, tmp_path, monkeypatch
):
    publish(BEFORE, "1.0.0", "2024-05-01")
    address = "/v1/observations.xlsx?release=1.0.0"
    begun, go_on, encode = threading.Event(), threading.Event(), Encoder.encode_page

    async def encode_slowly(*given: object) -> bytes:
        encoded = await encode(*given)
        begun.set()
        await asyncio.get_running_loop().run_in_executor(other, go_on.wait)
        return encoded

    with monkeypatch.context() as patched, ThreadPoolExecutor(2) as other:
        patched.setattr(Encoder, "encode_page", encode_slowly)
        made = other.submit(httpx.get, served.url + address, timeout=60)
        try:
            assert begun.wait(60)
            (tmp_path / "register" / "observations" / "sheet.csv").unlink()
            (tmp_path / "register" / "sources" / "sheet.yaml").unlink()
            publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
        finally:
            go_on.set()
        answer = made.result()
    assert (answer.status_code, answer.headers["cache-control"]) == (200, "no-store")
    assert "s-maxage" in api.get(address).headers["cache-control"]


@contextmanager
def waiting_for_its_turn(
    served: Served, address: str, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Future[httpx.Response]]:
    """Asks for what takes long, which waits for its turn until the block ends."""
    begun, go_on, turn_of_long = threading.Event(), threading.Event(), Encoder.turn_of_long

    @asynccontextmanager
    async def wait_long(encoder: Encoder, client: str, **_is_file: bool) -> AsyncIterator[None]:
        begun.set()
        await asyncio.get_running_loop().run_in_executor(other, go_on.wait)
        async with turn_of_long(encoder, client):
            yield

    with monkeypatch.context() as patched, ThreadPoolExecutor(2) as other:
        patched.setattr(Encoder, "turn_of_long", wait_long)
        asked = other.submit(httpx.get, served.url + address, timeout=60)
        try:
            assert begun.wait(60)
            yield asked
        finally:
            go_on.set()


def test_what_is_counted_of_a_catalogue_from_before_a_removal_is_kept_as_of_then(
    api, served, publish, tmp_path, monkeypatch
):
    publish(BEFORE, "1.0.0", "2024-05-01")
    address = "/v1/observations/by-year?release=1.0.0&limit=1000"
    with waiting_for_its_turn(served, address, monkeypatch) as asked:
        (tmp_path / "register" / "observations" / "sheet.csv").unlink()
        (tmp_path / "register" / "sources" / "sheet.yaml").unlink()
        publish(AFTER, "2.0.0", "2024-06-01", removed=["bbbb3@1=A court.", "source/sheet@1=A court."])
    assert asked.result().headers["cache-control"] == "no-store"
    assert api.get(address).json()["meta"]["total"] == 1


def test_so_is_what_is_read_of_a_release_that_goes_away_as_where_an_older_backup_is_restored(
    api, served, publish, database, tmp_path, monkeypatch
):
    publish(AFTER, "1.0.0", "2024-05-01")
    publish(BEFORE, "1.1.0", "2024-06-01")
    address, epoch = "/v1/observations/by-year?release=1.1.0&limit=1000", served.service.releases.epoch
    monkeypatch.setattr(release_watcher, "BEHIND_SECONDS", 0.0)
    with waiting_for_its_turn(served, address, monkeypatch) as asked:
        with psycopg.connect(database.owner) as owner:
            for table in ("observations", "records"):
                owner.execute(f"DELETE FROM {table} WHERE added_in = 2")
            for table in ("assessments", "files", "manifest_lines"):
                owner.execute(f"DELETE FROM {table} WHERE release = 2")
            owner.execute("DELETE FROM releases WHERE ordinal = 2")
        eventually(lambda: served.service.releases.known[-1].number == "1.0.0", seconds=20)
    assert asked.result().headers["cache-control"] == "no-store"
    assert served.service.releases.epoch == epoch + 1
    load_register(database.owner, tmp_path / "register")
    served.wait_for_release("1.1.0")
    assert served.service.releases.epoch == epoch + 1
    assert api.get(address).json()["meta"]["total"] == 2


def test_a_long_answer_that_is_on_its_way_when_something_is_removed_does_not_end_whole(served, publish, tmp_path):
    rows = "\n".join(f"paper | {number}" for number in range(3_000))
    publish(f"source | value\n{rows}\nsheet | 170", "1.0.0")
    address = ("127.0.0.1", httpx.URL(served.url).port)
    request = b"GET /v1/observations.jsonl?release=1.0.0 HTTP/1.1\r\nHost: a\r\n\r\n"

    def read_rest(client: socket.socket) -> bytes:
        with client.makefile("rb") as answer, suppress(ConnectionResetError):
            return b"".join(iter(lambda: answer.read1(65_536), b""))
        return b""

    with socket.socket() as slow:
        slow.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
        slow.settimeout(60)
        slow.connect(address)
        slow.sendall(request)
        head = slow.recv(1_000)
        assert b" 200 OK" in head
        assert b"s-maxage=86400" in head
        (tmp_path / "register" / "observations" / "sheet.csv").unlink()
        (tmp_path / "register" / "sources" / "sheet.yaml").unlink()
        removed = [f"{observation_id(3_000)}@1=A court.", "source/sheet@1=A court."]
        publish(f"source | value\n{rows}", "2.0.0", "2024-06-01", removed=removed)
        assert not read_rest(slow).endswith(b"0\r\n\r\n")
    with socket.create_connection(address, timeout=60) as quick:
        quick.sendall(request.replace(b"Host: a", b"Host: a\r\nConnection: close"))
        assert read_rest(quick).endswith(b"0\r\n\r\n")


def test_a_process_that_may_not_know_a_removal_lets_shared_caches_keep_nothing_for_long(
    served, api, publish, monkeypatch
):
    publish(AFTER, "1.0.0")
    book, pinned = served.service.releases, "/v1/observations?release=1.0.0"
    assert "s-maxage=86400" in api.get(pinned).headers["cache-control"]

    async def stuck(_book, _number):
        await asyncio.sleep(0.05)

    monkeypatch.setattr(type(book), "look", stuck)
    time.sleep(0.2)  # the last look ends
    book._current_at = time.monotonic() - 60
    etag = api.get(pinned).headers["etag"]
    asked = [(pinned, {}), (pinned, {"If-None-Match": etag}), (f"{pinned}&limit=1", {}), ("/v1/releases/1.0.0", {})]
    answers = [api.get(address, headers=headers) for address, headers in asked]
    assert [(one.status_code, one.headers["cache-control"]) for one in answers] == [
        (status, "public, max-age=3600, s-maxage=5") for status in (200, 304, 200, 200)
    ]
    monkeypatch.setattr(book, "_look_seconds", 600)  # who loads does not know that
    book._current_at = time.monotonic() - 4
    assert "s-maxage=5" in api.get(pinned).headers["cache-control"]
    monkeypatch.undo()
    eventually(lambda: "s-maxage=86400" in api.get(pinned).headers["cache-control"], 20)


def test_totals_and_lists_are_those_of_what_is_left(api, removed):
    answer = api.get("/v1/observations?release=1.0.0").json()
    assert (answer["meta"]["total"], [figure["id"] for figure in answer["data"]]) == (1, ["bbbb2"])
    assert [source["id"] for source in api.get("/v1/sources?release=1.0.0").json()["data"]] == ["paper"]


@pytest.mark.parametrize("query", ["", "?release=1.0.0", "?release=2.0.0"])
@pytest.mark.parametrize("path", ["/v1/observations/bbbb3", "/v1/observations/bbbb3/evidence", "/v1/sources/sheet"])
def test_what_was_removed_says_so(api, removed, path, query):
    answer = api.get(path + query)
    assert (answer.status_code, answer.json()["code"], answer.json()["removed_in"]) == (410, "removed", "2.0.0")


def test_the_standing_of_what_was_removed_is_an_answer(api, removed):
    answer = api.get("/v1/observations/bbbb3/standing?value=170")
    assert (answer.status_code, answer.json()["data"]["status"]) == (200, "removed")


VERSIONS = """
    id    | version | source | year | value | at
    bbbb2 | 1       | paper  | 2021 | 116   | char=0,3
    bbbb4 | 1       | paper  | 2020 | 50    | char=40,42
    bbbb3 | 1       | paper  | 2022 | 71    | char=10,12
    bbbb3 | 2       | paper  | 2022 | 72    | char=20,22
    bbbb3 | 3       | paper  | 2022 | 73    | char=30,32
"""
*FOUR, FIFTH, SIXTH = VERSIONS.strip("\n").splitlines()


@pytest.fixture
def twice_removed(publish):
    """1.0.0 to 3.0.0 each have a version of bbbb3; 4.0.0 removed the first, 5.0.0 the third. Of the check, 4.0.0 removed
    the first version, and an editor ended the second in 5.0.0."""
    first, second = (
        {"id": "adds-up", "version": version, "type": "subset", "title": f"{version}?", "whole": "bbbb2"}
        | {"parts": ["bbbb4"], "explanation": "It is."}
        for version in (1, 2)
    )
    steps = [
        (FOUR, [first], {}),
        ([*FOUR, FIFTH], [first, second], {}),
        ([*FOUR, FIFTH, SIXTH], [first, second], {}),
        ([*FOUR[:3], FIFTH, SIXTH], [second], {"removed": ["bbbb3@1=Order A.", "check/adds-up@1=Order A."]}),
        ([*FOUR[:3], FIFTH], [second], {"removed": ["bbbb3@3=Order B."], "ended": ["check/adds-up=It is moot."]}),
    ]
    for number, (rows, checks, decided) in enumerate(steps, 1):
        files = {"checks.yaml": json.dumps(checks)}
        publish("\n".join(rows), f"{number}.0.0", f"2024-0{number}-01", files=files, **decided)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("?release=1.0.0", "Removed in release 4.0.0: Order A."),
        ("?release=3.0.0", "Removed in release 5.0.0: Order B."),
        ("", "Removed in release 5.0.0: Order B."),
    ],
)
def test_a_release_names_the_removal_of_what_it_had(api, twice_removed, database, query, expected):
    path = "/v1/observations/bbbb3"
    with psycopg.connect(database.owner) as owner:
        statement = "SELECT sha256 FROM manifest_lines WHERE id = 'bbbb3' AND action = 'removed' AND reason = %s"
        ((sha256,),) = owner.execute(statement, [expected.partition(": ")[2]]).fetchall()
    answer = api.get(path + query)
    assert (answer.status_code, answer.json()["detail"], answer.json()["sha256"]) == (410, expected, sha256)
    for suffix in ("/standing", "/history", ".csv", ".svg"):
        assert expected in api.get(path + suffix + query).text, suffix
    assert expected in api.get(f"/observations/bbbb3{query}").text
    assert api.get(f"{path}?release=2.0.0").json()["data"]["value"] == 72


@pytest.mark.parametrize(
    ("query", "status"),
    [("?release=1.0.0", 410), ("?release=2.0.0", 200), ("?release=4.0.0", 200), ("?release=5.0.0", 404), ("", 404)],
)
@pytest.mark.parametrize("path", ["/v1/checks/adds-up", "/checks/adds-up"])
def test_what_an_editor_ended_is_not_said_to_be_removed(api, twice_removed, path, query, status):
    assert api.get(path + query).status_code == status


@pytest.mark.parametrize("path", ["/v1/observations/bbbb3/standing?release=2.0.0&value=71", "/v1/standing?release=2.0.0&cited=bbbb3:71"])  # fmt: skip
def test_who_printed_what_was_removed_is_not_told_that_it_never_was(api, twice_removed, path):
    found = api.get(path).json()["data"]
    [told] = found if isinstance(found, list) else [found]
    assert told["status"] == "unknown"
    assert told["explanation"] == (
        "No version of this figure that is left showed that value. Version 1 may have, and the law removed it."
        " The latest is “72”."
    )


def test_a_file_that_is_being_built_again_is_answered_503_and_kept_by_nobody(api, publish, database):
    publish(BEFORE, "1.0.0", "2024-05-01")
    publish(BEFORE + "    bbbb4 | paper | 2022 | 5\n", "1.1.0", "2024-05-02")
    with psycopg.connect(database.owner) as owner:
        owner.execute("DELETE FROM files WHERE release = 1 AND name LIKE 'allegations.%'")
    paths = ("files/allegations.csv", "files/allegations.parquet", "files", "dcat", "schema-org")
    for path in (f"/v1/releases/1.0.0/{path}" for path in paths):
        answer = api.get(path)
        assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "not_ready", "2"), (
            path
        )
        assert answer.headers["cache-control"] == "no-store"
    for form in ("csv", "parquet"):
        answer = api.get(f"/v1/allegations.{form}?release=1.0.0&detail=full")
        assert (answer.status_code, answer.headers["cache-control"]) == (503, "no-store"), form
    assert api.get("/releases/1.0.0").status_code == 503
    assert api.get("/v1/releases/1.0.0/files/none.csv").status_code == 404
    assert api.get("/v1/releases/1.0.0/files/observations.csv").status_code == 200
    assert api.get("/v1/releases/1.1.0/files").status_code == 200
