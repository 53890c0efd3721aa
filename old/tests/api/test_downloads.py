"""A release's files: built once, the same bytes for ever, resumable, and never half."""

from __future__ import annotations

import asyncio
import hashlib
import http.client
import io
import subprocess
import zipfile

import httpx
import psycopg
import pytest

from misconduct.api.state import Service
from misconduct.db.engine import Database
from misconduct.db.statements import Query
from misconduct.db.turns import CLIENT
from misconduct.queries import files
from misconduct.settings import Settings
from tests.api.test_listings import FIVE
from tests.serving import serve
from tests.test_serve import eventually

PINNED = "public, max-age=3600, s-maxage=86400, stale-if-error=604800"
FILE = "/v1/releases/1.0.0/files/observations.csv"


def test_every_dataset_is_there_as_csv_and_parquet_beside_the_bundle(real):
    names = {file["name"] for file in real.client.get("/v1/releases/1.0.0/files").json()["data"]}
    slugs = ["allegations", "duty-status", "vetting-checks", "case-reviews", "reports", "workforce", "public-trust"]
    assert names == {f"{slug}.{form}" for slug in [*slugs, "observations"] for form in ("csv", "parquet")} | {
        "bundle.zip"
    }


def test_length_and_hash_are_what_is_sent(real):
    for file in real.client.get("/v1/releases/1.0.0/files").json()["data"]:
        answer = real.client.get(f"/v1/releases/1.0.0/files/{file['name']}")
        assert int(answer.headers["content-length"]) == len(answer.content) == file["length"]
        assert hashlib.sha256(answer.content).hexdigest() == file["sha256"]
        assert answer.headers["cache-control"] == PINNED


def test_what_was_built_is_what_would_be_built_now(api, publish):
    publish(FIVE)
    built = api.get("/v1/observations.csv")
    live = api.get("/v1/observations.csv?sort=period")
    assert built.headers["accept-ranges"] == "bytes"
    assert built.content == live.content
    assert api.get("/v1/allegations.csv").content == api.get("/v1/allegations.csv?sort=period").content


@pytest.mark.parametrize(
    ("address", "name"),
    [
        ("/v1/allegations.csv?release=1.0.0", "1.0.0-allegations.csv"),
        ("/v1/allegations.csv?release=1.0.0&detail=full", "1.0.0-allegations-full.csv"),
        ("/v1/allegations.parquet?release=1.0.0&detail=full", "1.0.0-allegations-full.parquet"),
        ("/v1/allegations.csv?columns=id,value", "2.2.0-allegations-part.csv"),
        ("/v1/releases/1.0.0/files/allegations.csv", "1.0.0-allegations-full.csv"),
        ("/v1/releases/latest/files/allegations.parquet", "2.2.0-allegations-full.parquet"),
        ("/v1/releases/1.1.0/bundle.zip", "1.1.0-bundle.zip"),
        ("/v1/allegations.csv?limit=5", "2.2.0-allegations-part.csv"),
        ("/v1/allegations.xlsx?category=sexual_assault&release=1.1.0", "1.1.0-allegations-part.xlsx"),
        ("/v1/allegations.jsonl?bom=0", "2.2.0-allegations.jsonl"),
        ("/v1/allegations/by-year.csv", "2.2.0-allegations-by-year.csv"),
        ("/v1/changes.csv?since=1.0.0", "2.2.0-changes-part.csv"),
        ("/v1/codelists.csv", "2.2.0-codelists.csv"),
        ("/v1/observations/k7m3q.csv", "2.2.0-observations-k7m3q.csv"),
    ],
)
def test_the_name_of_a_saved_table_has_its_release_and_says_if_it_is_a_part(real, address, name):
    saved = real.client.get(address).headers["content-disposition"]
    assert saved == f'attachment; filename="misconduct-register-{name}"'


@pytest.mark.parametrize("address", ["/v1/allegations", "/v1/allegations/by-year.jsonstat", "/v1/dcat"])
def test_a_document_is_shown_and_not_saved(real, address):
    assert "content-disposition" not in real.client.get(address).headers


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [("bytes=0-9", 0, 10), ("bytes=10-", 10, None), ("bytes=-7", -7, None), ("bytes=5-99999999", 5, None)],
)
def test_a_range_is_that_part_of_the_file(api, publish, asked, start, end):
    publish(FIVE)
    whole = api.get(FILE).content
    part = api.get(FILE, headers={"Range": asked})
    assert (part.status_code, part.content) == (206, whole[start:end])
    first = start if start >= 0 else len(whole) + start
    assert part.headers["content-range"] == f"bytes {first}-{first + len(part.content) - 1}/{len(whole)}"


def test_only_get_has_ranges(api, publish):
    publish(FIVE)
    head = api.head(FILE, headers={"Range": "bytes=0-9"})
    assert (head.status_code, head.headers["content-length"]) == (200, str(len(api.get(FILE).content)))


def test_a_range_behind_the_end_is_416(api, publish):
    publish(FIVE)
    answer = api.get(FILE, headers={"Range": "bytes=99999999-"})
    length = len(api.get(FILE).content)
    assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
    assert answer.headers["content-range"] == f"bytes */{length}"


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "bytes=", "bytes=-", "lines=1-2", "bytes=2-1x", "bytes=5-2"])
def test_what_is_no_single_range_gets_the_whole(api, publish, asked):
    publish(FIVE)
    answer = api.get(FILE, headers={"Range": asked})
    assert (answer.status_code, answer.content) == (200, api.get(FILE).content)


def test_a_part_of_another_version_is_not_sent(api, publish):
    publish(FIVE)
    etag = api.get(FILE).headers["etag"]
    assert api.get(FILE, headers={"Range": "bytes=0-1", "If-Range": etag}).status_code == 206
    assert api.get(FILE, headers={"Range": "bytes=0-1", "If-Range": '"other"'}).status_code == 200
    assert api.get(FILE, headers={"If-None-Match": etag}).status_code == 304


@pytest.mark.parametrize("more", [{}, {"Range": "bytes=0-1"}, {"Range": "bytes=99999999-"}, {"If-None-Match": "*"}])
@pytest.mark.parametrize("address", [FILE, "/v1/observations.csv", "/v1/observations.csv?detail=full", "/v1/observations?limit=1", "/", "/static/site.css"])  # fmt: skip
def test_another_version_than_the_one_to_match_is_412(api, publish, address, more):
    """A resumed download would otherwise join the parts of two versions."""
    publish(FIVE)
    etag = api.get(address).headers["etag"]
    for wanted in ('"wrong"', f'"wrong", W/{etag}'):
        answer = api.get(address, headers={"If-Match": wanted, "Accept": "*/*", **more})
        assert (answer.status_code, answer.json()["code"]) == (412, "precondition_failed")
        assert "etag" not in answer.headers
        assert api.head(address, headers={"If-Match": wanted, **more}).status_code == 412


WHOLE = ("/v1/observations.csv?detail=full", "/v1/allegations.parquet?detail=full")


@pytest.mark.parametrize("wanted", ["*", "{}", '"other", {}'])
@pytest.mark.parametrize("address", [FILE, *WHOLE])
def test_the_version_to_match_is_sent(api, publish, address, wanted):
    publish(FIVE)
    plain = {"Accept-Encoding": "identity"}
    whole = api.get(address, headers=plain)
    conditions = {"If-Match": wanted.format(whole.headers["etag"]), **plain}
    assert api.get(address, headers=conditions).content == whole.content
    part = api.get(address, headers={"Range": "bytes=2-5", **conditions})
    assert (part.status_code, part.content) == (206, whole.content[2:6])
    unchanged = {"If-None-Match": whole.headers["etag"], **plain}
    assert api.get(address, headers=unchanged).status_code == 304


def test_head_tells_length_and_reads_no_piece(served, publish):
    publish(FIVE)
    whole = served.client.get(FILE)
    with served.statements() as seen:
        headed = served.client.head(FILE)
    assert headed.headers["content-length"] == whole.headers["content-length"]
    assert not any("file_contents" in statement for statement in seen)


def test_curl_resumes_a_download(real, tmp_path):
    whole = real.client.get("/v1/releases/1.0.0/bundle.zip").content
    half = tmp_path / "bundle.zip"
    half.write_bytes(whole[: len(whole) // 2])
    command = ["curl", "-sS", "--fail", "-C", "-", "-o", str(half), f"{real.url}/v1/releases/1.0.0/bundle.zip"]
    subprocess.run(command, check=True)
    assert half.read_bytes() == whole


def test_a_client_with_many_downloads_keeps_no_other_from_theirs(database, publish):
    publish(FIVE)
    read, turns = [], Service(Settings(database_url=database.reader, pool_size=1), None).piece_turns

    async def download(client: str, file: files.File, database: Database) -> None:
        CLIENT.set(client)
        read.extend([client async for _ in files.read_bytes(database, file, 0, file.length, turns)])

    async def download_all() -> None:
        reads = Database(database.reader, pool_size=1, pool_seconds=20, query_seconds=20)
        file = await files.find_file(reads, 1, "observations.csv")
        async with asyncio.TaskGroup() as downloading:
            for client in ("busy",) * 6 + ("other",):
                downloading.create_task(download(client, file, reads))
        await reads.close()

    asyncio.run(download_all())
    assert sorted(read) == ["busy"] * 6 + ["other"]
    assert read.index("other") == 1


@pytest.mark.parametrize("pool", [8, 4, 2])
def test_downloads_that_wait_for_connections_of_their_client_keep_no_other_from_theirs(database, publish, pool):
    publish(FIVE)
    turns = Service(Settings(database_url=database.reader, pool_size=pool), None).piece_turns
    count = Query("SELECT count(*) FROM observations", (), {})

    async def download_all() -> None:
        reads = Database(database.reader, pool_size=pool, pool_seconds=20, query_seconds=20)
        file = await files.find_file(reads, 1, "observations.csv")

        async def ask(client: str, asked: Query | None = None) -> None:
            CLIENT.set(client)
            if asked is not None:
                await reads.rows(asked)
            else:
                assert b"".join([piece async for piece in files.read_bytes(reads, file, 0, file.length, turns)])

        with psycopg.connect(database.owner) as owner:
            owner.execute("LOCK TABLE observations IN ACCESS EXCLUSIVE MODE")
            async with asyncio.TaskGroup() as asking:
                busy = [asking.create_task(ask("busy", asked)) for asked in [count] * (pool // 2) + [None] * 3]
                await asyncio.to_thread(eventually, lambda: turns.waiting > 0, 20)
                async with asyncio.timeout(10):
                    await ask("other")
                assert not any(task.done() for task in busy)
                owner.rollback()
        await reads.close()

    asyncio.run(download_all())


def test_a_bundle_holds_what_its_sums_say(real):
    with zipfile.ZipFile(io.BytesIO(real.client.get("/v1/releases/1.0.0/bundle.zip").content)) as bundle:
        sums = dict(reversed(line.split("  ")) for line in bundle.read("SHA256SUMS").decode().splitlines())
        assert set(sums) == set(bundle.namelist()) - {"SHA256SUMS"}
        for name, digest in sums.items():
            assert hashlib.sha256(bundle.read(name)).hexdigest() == digest


def test_a_file_that_a_removal_takes_away_while_it_is_sent_breaks_off_and_is_one_line_in_the_log(
    served, publish, database, capfd, monkeypatch
):
    publish(FIVE)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("DELETE FROM file_contents WHERE number > 0")
    monkeypatch.setattr(files, "PIECE_BYTES", 1_000)
    with serve(served.settings) as logged, pytest.raises(httpx.RemoteProtocolError):  # it writes to where this reads
        logged.client.get(FILE)
    said = capfd.readouterr().err
    assert said.count("observations.csv was replaced while it was sent. Please ask for it again.") == 1
    assert "Traceback" not in said


def test_a_file_of_which_nothing_could_be_read_is_no_broken_answer(api, publish, database):
    publish(FIVE)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute("DELETE FROM file_contents")
    answer = api.get(FILE)
    assert (answer.status_code, answer.json()["code"], answer.headers["retry-after"]) == (503, "not_ready", "2")


@pytest.mark.parametrize(
    "damage",
    ["set_byte(bytes, 30, 255 - get_byte(bytes, 30))", "substring(bytes FOR 30)", "''"],
    ids=["a changed byte", "cut", "empty"],
)
def test_a_damaged_file_is_no_mistake_of_the_program(served, publish, database, damage, capfd):
    publish(FIVE)
    with psycopg.connect(database.owner, autocommit=True) as owner:
        owner.execute(f"UPDATE file_contents SET bytes = {damage}")
    with serve(served.settings) as logged:  # it writes to where this reads
        for headers in ({}, {"Range": "bytes=5-20"}):
            answer = logged.client.get("/v1/releases/1.0.0/files/allegations.csv", headers=headers)
            assert (answer.status_code, answer.json()["code"]) == (503, "database_unavailable")
            told = "allegations.csv is damaged in the database. Its operator has to mend that."
            assert (answer.json()["detail"], answer.headers["cache-control"]) == (told, "no-store")
    said = capfd.readouterr().err
    assert said.count("a file is damaged in the database") == 2
    assert "Traceback" not in said


def test_an_unknown_file_or_release_is_404(api, publish):
    publish(FIVE)
    for address in (
        "/v1/releases/1.0.0/files/nothing.csv",
        "/v1/releases/9.9.9/bundle.zip",
        "/v1/releases/1.0.0/files/%00",
    ):
        assert api.get(address).status_code == 404, address


@pytest.mark.parametrize("address", [FILE, "/v1/observations", "/v1/observations.csv?sort=id", "/healthz", "/nowhere"])
def test_a_connection_survives_head(served, publish, address):
    publish(FIVE)
    connection = http.client.HTTPConnection("127.0.0.1", int(served.url.rpartition(":")[2]), timeout=10)
    connection.connect()
    first = connection.sock
    for method in ("HEAD", "HEAD", "GET"):
        connection.request(method, address)
        answer = connection.getresponse()
        body = answer.read()
        assert bool(body) == (method == "GET")
    assert connection.sock is first
    connection.close()
