"""Single ranges of bytes of every whole answer (RFC 9110, 14), cached or not."""

from __future__ import annotations

import gzip
import subprocess

import httpx
import pytest

from tests.api.test_listings import FIVE

TABLES = (
    "/v1/observations.csv?sort=id",
    "/v1/observations.parquet?limit=2",
    "/v1/observations.jsonl",
    "/v1/observations.xlsx",
    "/v1/observations?value_from=1",
    "/v1/allegations/by-year.parquet",
    "/v1/allegations/by-year.jsonstat",
    "/v1/codelists.csv",
    "/v1/sources.csv",
)
PLAIN = {"Accept-Encoding": "identity"}


def test_a_range_is_served_before_and_after_the_answer_is_cached(served, publish):
    publish(FIVE)
    for address in TABLES:
        served.cache.store.drop(lambda _kept: True)
        first = served.client.get(address, headers={**PLAIN, "Range": "bytes=0-99"})
        again = served.client.get(address, headers={**PLAIN, "Range": "bytes=100-"})
        whole = served.client.get(address, headers=PLAIN)
        assert (first.status_code, again.status_code, whole.status_code) == (206, 206, 200), address
        assert "hit" not in first.headers["cache-status"]
        assert "hit" in again.headers["cache-status"]
        assert first.content + again.content == whole.content
        length = len(whole.content)
        assert first.headers["content-range"] == f"bytes 0-99/{length}"
        assert again.headers["content-range"] == f"bytes 100-{length - 1}/{length}"
        assert first.headers["etag"] == again.headers["etag"] == whole.headers["etag"]
        assert whole.headers["accept-ranges"] == "bytes"
        for part in (first, again):
            assert {*whole.headers} <= {*part.headers}
            assert int(part.headers["content-length"]) == len(part.content)


@pytest.fixture(params=["kept", "not kept"])
def ask(request, served, publish):
    """Asks for the same table, which the service has in memory or has not."""
    publish(FIVE)

    def get(**headers: str):
        served.cache.store.drop(lambda _kept: True)
        if request.param == "kept":
            served.client.get(TABLES[0], headers=PLAIN)
        return served.client.get(TABLES[0], headers={**PLAIN, **headers})

    return get


def test_a_range_after_the_end_is_416(ask):
    length = len(ask().content)
    for asked in (f"bytes={length}-", "bytes=-0"):
        answer = ask(Range=asked)
        assert (answer.status_code, answer.json()["code"]) == (416, "range_not_satisfiable")
        assert answer.headers["content-range"] == f"bytes */{length}"
        assert answer.headers["access-control-allow-origin"] == "*"
        assert answer.headers["x-request-id"] == answer.json()["request_id"]


@pytest.mark.parametrize("asked", ["bytes=0-1,3-4", "bytes=", "bytes=-", "lines=1-2", "bytes=2-1x", "bytes=5-2"])
def test_anything_but_a_single_range_gets_the_whole(ask, asked):
    answer = ask(Range=asked)
    assert (answer.status_code, answer.content) == (200, ask().content)


def test_a_range_of_another_version_gets_the_whole(ask):
    whole = ask()
    same = {"Range": "bytes=0-1", "If-Range": whole.headers["etag"]}
    assert (ask(**same).status_code, ask(**same).content) == (206, whole.content[:2])
    other = ask(**{"Range": "bytes=0-1", "If-Range": '"other"'})
    assert (other.status_code, other.content) == (200, whole.content)
    assert ask(**{"Range": "bytes=0-1", "If-None-Match": whole.headers["etag"]}).status_code == 304


def test_head_gives_the_length_and_accepts_ranges(served, publish):
    publish(FIVE)
    for address in TABLES:
        before = served.client.head(address, headers={**PLAIN, "Range": "bytes=0-9"})
        whole = served.client.get(address, headers=PLAIN)
        after = served.client.head(address, headers={**PLAIN, "Range": "bytes=0-9"})
        for headed in (before, after):
            assert (headed.status_code, headed.content) == (200, b"")
            assert headed.headers["content-length"] == whole.headers["content-length"]
            assert headed.headers["accept-ranges"] == "bytes"


def test_a_range_of_a_compressed_answer_counts_compressed_bytes(served, publish):
    publish(FIVE)
    with served.client.stream("GET", TABLES[0], headers={"Accept-Encoding": "gzip"}) as answer:
        whole = b"".join(answer.iter_raw())
    asked = {"Accept-Encoding": "gzip", "Range": "bytes=10-19"}
    with served.client.stream("GET", TABLES[0], headers=asked) as answer:
        assert (answer.status_code, answer.headers["content-encoding"]) == (206, "gzip")
        assert b"".join(answer.iter_raw()) == whole[10:20]


def test_problems_have_no_ranges(api, publish):
    publish(FIVE)
    answer = api.get("/v1/observations.csv?category=nonsense", headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_request")


EXPORTS = ("/v1/observations.csv?sort=id", "/v1/observations.jsonl", "/v1/observations/by-year.csv")


@pytest.fixture
def in_pieces(monkeypatch):
    monkeypatch.setattr("misconduct.api.v1.observations.ROWS_OF_A_PIECE", 2)
    monkeypatch.setattr("misconduct.api.v1.observations.SERIES_OF_A_PIECE", 1)


@pytest.mark.parametrize("address", EXPORTS)
def test_an_export_that_is_streamed_has_ranges_too(served, publish, in_pieces, address):
    publish(FIVE)
    for encoding in ("identity", "gzip"):
        headers = {"Accept-Encoding": encoding}
        whole, sent = raw(served, address, headers)
        assert "content-length" not in sent.headers
        assert sent.headers.get("content-encoding", "identity") == encoding
        headed = served.client.head(address, headers=headers)
        assert int(headed.headers["content-length"]) == len(whole)
        parts = [raw(served, address, {**headers, "Range": asked}) for asked in ("bytes=0-99", "bytes=100-")]
        assert b"".join(part for part, _ in parts) == whole
        assert [answer.status_code for _, answer in parts] == [206, 206]
        answers = (sent, headed, *(answer for _, answer in parts))
        assert {answer.headers["etag"] for answer in answers} == {sent.headers["etag"]}
        assert {answer.headers["accept-ranges"] for answer in answers} == {"bytes"}
        assert {answer.headers["vary"] for answer in answers} == {"Accept-Encoding"}
    assert gzip.decompress(whole) == served.client.get(address, headers=PLAIN).content


def raw(served, address: str, headers: dict[str, str]) -> tuple[bytes, httpx.Response]:
    """The bytes of an answer as they are sent, and the answer."""
    with served.client.stream("GET", address, headers=headers) as answer:
        return b"".join(answer.iter_raw()), answer


@pytest.mark.parametrize("is_long", [False, True])
def test_a_table_that_was_built_is_sent_compressed_and_in_parts(real, monkeypatch, is_long):
    address = "/v1/observations.csv?detail=full"
    real.cache.store.drop(lambda _kept: True)
    if is_long:
        monkeypatch.setattr("misconduct.api.v1.observations.BYTES_AT_ONCE", 1)
    built = real.client.get(address, headers=PLAIN).content
    whole, sent = raw(real, address, {"Accept-Encoding": "gzip"})
    assert (sent.headers["content-encoding"], sent.headers["vary"]) == ("gzip", "Accept-Encoding")
    assert ("content-length" in sent.headers) is not is_long
    assert gzip.decompress(whole) == built
    assert len(whole) < len(built) / 4
    part, answer = raw(real, address, {"Accept-Encoding": "gzip", "Range": "bytes=7-99"})
    assert (answer.status_code, part) == (206, whole[7:100])


@pytest.mark.parametrize("address", EXPORTS)
def test_an_export_too_large_to_cut_does_not_accept_ranges(served, publish, in_pieces, monkeypatch, address):
    monkeypatch.setattr("misconduct.api.v1.observations.MOST_ROWS_CUT", 1)
    publish(FIVE)
    answer = served.client.get(address, headers={"Range": "bytes=0-9"})
    assert (answer.status_code, answer.headers["accept-ranges"]) == (200, "none")
    assert answer.content == served.client.get(address).content
    assert served.client.head(address).headers["accept-ranges"] == "none"


def test_curl_resumes_a_filtered_table(real, tmp_path):
    address = f"{real.url}/v1/allegations.csv?category=sexual_assault"
    whole = real.client.get(address).content
    half = tmp_path / "half.csv"
    half.write_bytes(whole[: len(whole) // 2])
    subprocess.run(["curl", "-sS", "--fail", "-C", "-", "-o", str(half), address], check=True)
    assert half.read_bytes() == whole
