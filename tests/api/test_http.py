"""What the service says in HTTP beside its answers."""

import asyncio
import csv
import socket

import polars
import pytest
from fastapi import FastAPI
from fastapi.responses import StreamingResponse

from misconduct.api.metrics import Metrics
from misconduct.api.problems import answer_problems
from misconduct.errors import DatabaseUnavailable

FILE = "/v1/releases/2.0.0/figures.csv"
TABLE = "/v1/indicators/suspended_on_a_day.csv"
PLAIN = {"Accept-Encoding": "identity"}


@pytest.fixture(scope="module")
def client(small):
    """A client of the service with the small register."""
    return small.client


def exchange(url, request):
    """Send bytes on a connection of its own, and return everything that comes back before it is closed."""
    host, _, port = url.removeprefix("http://").partition(":")
    with socket.create_connection((host, int(port)), timeout=10) as connection:
        connection.sendall(request)
        connection.settimeout(20)
        received = b""
        try:
            while piece := connection.recv(65_536):
                received += piece
        except TimeoutError:
            received += b"(still open)"
        return received


@pytest.mark.parametrize("protocol", [b"websocket", b"h2c"])
def test_a_request_behind_an_upgrade_is_not_answered(small, protocol):
    hidden = b"GET /v1/figures/k7m3q HTTP/1.1\r\nHost: x\r\n\r\n"
    upgrade = b"GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: %b\r\nContent-Length: %d\r\n\r\n%b"
    received = exchange(small.url, upgrade % (protocol, len(hidden), hidden))
    assert received.count(b"HTTP/1.1 ") == 1
    assert b"k7m3q" not in received
    assert not received.endswith(b"(still open)")


@pytest.mark.parametrize("form", ["csv", "parquet", "xlsx", "zip"])
def test_a_table_is_sent_whole_or_in_part_as_a_file_is(client, form):
    """Clients ask for the length first, and then for parts: of what is not compressed, whatever they accept."""
    address = f"/v1/indicators/suspended_on_a_day.{form}"
    length = client.head(address, headers=PLAIN).headers["content-length"]
    whole = client.get(address, headers=PLAIN)
    assert (length, whole.headers["accept-ranges"]) == (
        str(len(whole.content)),
        "bytes",
    )
    for accepted in (PLAIN, {"Accept-Encoding": "gzip"}):
        part = client.get(address, headers={"Range": "bytes=10-19"} | accepted)
        assert (part.status_code, part.content) == (206, whole.content[10:20])
        assert part.headers["content-range"] == f"bytes 10-19/{length}"
        assert (part.headers["content-length"], part.headers["etag"]) == (
            "10",
            whole.headers["etag"],
        )


def test_a_client_that_reads_ranges_reads_a_table_by_its_address(small):
    """polars asks for the length of a file, and then for ranges: it refuses what has none."""
    address = f"{small.url}/v1/indicators/suspended_on_a_day"
    rows = [*csv.DictReader(small.client.get(TABLE).text.splitlines())]
    for frame in (
        polars.read_csv(f"{address}.csv"),
        polars.read_parquet(f"{address}.parquet"),
        polars.scan_parquet(f"{address}.parquet").select("id", "value").collect(),
    ):
        assert frame["id"].to_list() == [row["id"] for row in rows]
        assert frame["value"].to_list() == [float(row["value"]) for row in rows]


@pytest.mark.parametrize(
    "address", [FILE, TABLE, "/static/site.css", "/static/fonts/OFL.txt"]
)
def test_an_etag_never_joins_parts_of_a_compressed_and_a_plain_file(client, address):
    begun = client.get(address, headers={"Accept-Encoding": "gzip"})
    rest = {
        "Range": "bytes=100-",
        "If-Range": begun.headers["etag"],
        "Accept-Encoding": "gzip",
    }
    resumed = client.get(address, headers=rest)
    whole = (
        begun.content[:100] + resumed.content
        if resumed.status_code == 206
        else resumed.content
    )
    plain = client.get(address, headers=PLAIN)
    assert whole == plain.content
    assert begun.headers["etag"] != plain.headers["etag"] or (
        "content-encoding" not in begun.headers
    )
    assert (
        client.get(
            address, headers={"If-None-Match": begun.headers["etag"]}
        ).status_code
        == 304
    )


def test_files_of_a_release_are_never_compressed_so_that_they_have_parts_and_a_length(
    client,
):
    plain = client.get(FILE, headers=PLAIN)
    asked = client.get(FILE, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in asked.headers
    assert (asked.headers["etag"], asked.headers["content-length"]) == (
        plain.headers["etag"],
        str(len(plain.content)),
    )


@pytest.mark.parametrize(
    "refused", ["gzip;q=0", "br, GZIP ; q=0.000, *", "gzip;q=0,deflate", "identity"]
)
@pytest.mark.parametrize("address", ["/v1/figures", "/v1/figures.csv", "/indicators"])
def test_gzip_is_not_sent_to_clients_that_refuse_it(client, address, refused):
    for accepted in ("gzip", "gzip;q=0.5", refused):  # the first two fill the cache
        found = client.get(address, headers={"Accept-Encoding": accepted})
        assert ("content-encoding" in found.headers) == (accepted != refused)


@pytest.mark.parametrize("unit", ["items=0-1", "bytes", "lines=1"])
@pytest.mark.parametrize("address", [FILE, TABLE, "/static/site.css"])
def test_a_range_in_an_unknown_unit_is_ignored(client, address, unit):
    found = client.get(address, headers={"Range": unit} | PLAIN)
    assert (found.status_code, found.content) == (200, client.get(address).content)


@pytest.mark.parametrize("address", [FILE, TABLE, "/static/site.css"])
def test_head_of_a_part_describes_the_whole_file(client, address):
    whole = client.get(address, headers=PLAIN)
    head = client.head(address, headers={"Range": "bytes=10-19"} | PLAIN)
    assert (head.status_code, head.headers["content-length"]) == (
        200,
        str(len(whole.content)),
    )


@pytest.mark.parametrize("address", [FILE, TABLE])
def test_a_range_that_a_file_does_not_have_is_refused(client, address):
    length = client.head(address, headers=PLAIN).headers["content-length"]
    answer = client.get(address, headers={"Range": "bytes=999999999-"})
    assert (answer.status_code, answer.headers["content-range"]) == (
        416,
        f"bytes */{length}",
    )


LONG_PART, MANY_PARTS = f"{'9' * 5000}-", ",".join(["0-1"] * 100)


@pytest.mark.parametrize(
    "part",
    ["5-2", "x", "0--1", "0x1-", "-", "", "1", "0-1,x", "1-2-3", LONG_PART, MANY_PARTS],
)
def test_a_range_that_cannot_be_read_is_ignored(client, part):
    """RFC 9110, 14.2."""
    assert client.get(FILE, headers={"Range": f"bytes={part}"}).status_code == 200


@pytest.mark.parametrize("part", ["0-0", "-5", " 7-", "0-1, 4-5", "3-3,-1"])
def test_every_usual_range_is_read(client, part):
    assert client.get(FILE, headers={"Range": f"bytes={part}"}).status_code == 206


@pytest.mark.parametrize(
    ("part", "places"),
    [
        ("0-0", slice(0, 1)),
        ("-5", slice(-5, None)),
        (" 7-", slice(7, None)),
        ("3-999999", slice(3, None)),
        ("-999999", slice(None)),
        (
            "0-1, 4-5",
            None,
        ),  # several are allowed to be sent as the whole (RFC 9110, 14.2)
    ],
)
def test_a_table_has_one_range_at_a_time(client, part, places):
    answer = client.get(TABLE, headers={"Range": f"bytes={part}"})
    whole = client.get(TABLE).content
    assert answer.status_code == (206 if places else 200)
    assert answer.content == (whole[places] if places else whole)


@pytest.mark.parametrize("told", ['"another"', "Thu, 01 Jan 1970 00:00:00 GMT"])
def test_a_table_that_has_changed_since_is_sent_whole(client, told):
    answer = client.get(TABLE, headers={"Range": "bytes=5-9", "If-Range": told})
    assert (answer.status_code, answer.content) == (200, client.get(TABLE).content)


@pytest.mark.parametrize(
    ("address", "names"),
    [
        (FILE, "ETag Content-Length Accept-Ranges Last-Modified"),
        (
            TABLE,
            "ETag Link Content-Length Accept-Ranges Misconduct-Release Content-Disposition",
        ),
        (f"{TABLE}?release=1.1.0", "Last-Modified"),
    ],
)
def test_scripts_of_other_pages_may_read_what_is_sent(client, address, names):
    headers = client.get(
        address, headers={"Origin": "https://news.example"} | PLAIN
    ).headers
    exposed = {
        name.strip().lower()
        for name in headers["access-control-expose-headers"].split(",")
    }
    assert {*names.lower().split()} <= exposed & headers.keys()
    assert {"content-range", "retry-after"} <= exposed


def test_a_client_that_has_a_file_since_it_was_written_gets_it_no_more(client):
    day = client.get(FILE).headers["last-modified"]
    for since, status in (
        (day, 304),
        ("Thu, 01 Jan 1970 00:00:00 GMT", 200),
        ("yesterday", 200),
    ):
        assert (
            client.get(FILE, headers={"If-Modified-Since": since}).status_code == status
        )
    stale = {"If-Modified-Since": day, "If-None-Match": '"another"'}
    assert client.get(FILE, headers=stale).status_code == 200


@pytest.mark.parametrize(
    "address", [FILE, "/v1/releases/2.0.0/all.zip", "/v1/notes", "/indicators"]
)
def test_any_etag_is_that_of_what_there_is(client, address):
    found = client.get(address, headers={"If-None-Match": "*"})
    assert (found.status_code, found.content) == (304, b"")
    assert found.headers["etag"] == client.get(address).headers["etag"]


def test_an_address_that_does_not_exist_is_never_unmodified(client):
    etag = client.get("/v1/notes").headers["etag"]
    for address in ("/v1/nothing", "/v1/figures/bcdfg"):
        assert (
            client.get(
                address, headers={"If-None-Match": f'{etag}, "*", *'}
            ).status_code
            == 404
        )


def test_links_do_not_follow_the_host_of_the_request(client, small):
    answer = client.get(
        "/v1/figures/k7m3q",
        headers={"Host": "evil.example", "X-Forwarded-Host": "evil.example"},
    )
    assert "evil.example" not in answer.text
    assert small.url in answer.text


def test_a_repeated_header_is_one_list(client):
    """A cache that read only one of its lines would give the next client the wrong format or coding."""
    path = "/v1/figures?value=1492&limit=7"
    lines = [
        ("Accept", "text/csv"),
        ("Accept", "application/json"),
        ("Accept-Encoding", "gzip"),
        ("Accept-Encoding", "br"),
    ]
    client.get(path, headers=lines)
    plain = client.get(
        path, headers={"Accept": "application/json", "Accept-Encoding": "identity"}
    )
    assert plain.headers["content-type"] == "application/json"
    assert "content-encoding" not in plain.headers


def test_no_address_minds_what_platforms_add(client):
    added = "utm_source=chatgpt.com&utm_id=1&mc_eid=1&msclkid=1&igshid=1&gbraid=x&srsltid=x&mibextid=x&_gl=1"
    for path in (
        "/v1/charts/how-many-were-accused.svg",
        "/figures/jqnc4",
        "/v1/figures/jqnc4",
        "/v1/vetting",
    ):
        assert client.get(f"{path}?{added}").status_code == 200, path


def test_pictures_pages_feeds_and_files_ignore_more_than_programs_may_add(client):
    added = "ref=x&s=09&share=1&v=2&ver=2&cb=3&t=4"
    for path in (
        "/v1/charts/how-many-were-accused.svg",
        "/indicators",
        "/v1/changes.atom",
        "/v1/releases/2.0.0/SHA256SUMS",
    ):
        assert (
            client.get(f"{path}?{added}").content
            == client.get(path).raise_for_status().content
        )
    refused = {
        one["parameter"] for one in client.get(f"/v1/vetting?{added}").json()["errors"]
    }
    assert refused == {one.partition("=")[0] for one in added.split("&")}


@pytest.mark.parametrize("path", ["/areas/E23000001", "/figures/jqnc4", "/indicators"])
def test_a_page_is_the_same_with_a_stroke_at_its_end(client, path):
    asked = {"headers": {"Accept": "text/html"}}
    assert client.get(f"{path}/", **asked).status_code == 200
    wrong = client.get("/figures/jqnc4/x", **asked)
    assert (wrong.status_code, "/figures//v1" in wrong.text) == (404, False)


def test_a_value_longer_than_any_name_is_not_compared_with_all_names(client):
    for value, has_guess in (
        ("Kent Police!", True),
        (f"Kent Police{'!' * 200}", False),
    ):
        [fault] = client.get("/v1/figures", params={"area": value}).json()["errors"]
        assert (fault["code"], bool(fault["did_you_mean"])) == (
            "unknown_value",
            has_guess,
        )


def test_an_answer_that_the_database_cuts_off_is_not_completed_and_leaves_no_traceback():
    api, sent = FastAPI(), []

    @api.get("/cut")
    async def cut():
        async def pieces():
            yield b"half of it"
            raise DatabaseUnavailable("gone")

        return StreamingResponse(pieces())

    async def receive():
        await asyncio.sleep(60)

    async def send(message):
        sent.append(message)

    answer_problems(api)
    scope = {
        "type": "http",
        "method": "GET",
        "path": "/cut",
        "query_string": b"",
        "headers": [],
    }
    scope["state"] = {"base_url": "http://localhost"}
    metrics = Metrics(api, {})
    asyncio.run(metrics(scope, receive, send))
    assert [(one["type"], one.get("more_body")) for one in sent] == [
        ("http.response.start", None), ("http.response.body", True),
    ]  # fmt: skip
