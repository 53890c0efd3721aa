"""The contract as a table: what users ask, the facts they are told (requests.yaml), the whole answer (recorded/).

It is asked of the small register: its figures stay as they are, and it has three releases.
"""

import json
from pathlib import Path

import pytest
import yaml

from .answers import has_words, is_fact, look_up, read, write_out

HERE = Path(__file__).parent
TABLE = yaml.safe_load((HERE / "requests.yaml").read_text(encoding="utf-8"))
OF_THE_BODY = {
    "content-type",
    "content-length",
    "content-encoding",
    "content-disposition",
    "accept-ranges",
}
OF_THE_BODY |= {"last-modified", "link"}
"""Headers that a 304 does not repeat: a client has them with the body. All others it must (RFC 9110, 15.4.5)."""

HEADERS = (
    "content-type",
    "content-disposition",
    "cache-control",
    "vary",
    "location",
    "allow",
    "retry-after",
)


def ask(client, row, method=None, **headers):
    return client.request(
        method or row.get("method", "GET"),
        row["ask"],
        headers={**row.get("headers", {}), **headers},
    )


@pytest.mark.parametrize("row", TABLE, ids=lambda row: row["name"])
def test_answer(small, row, request):
    client = small.client
    answer = ask(client, row)
    assert answer.status_code == row.get("status", 200), answer.text[:500]
    for name, words in row.get("sends", {}).items():
        assert words in answer.headers[name]
    found = read(answer) if answer.content else {}
    if "json" in answer.headers.get("content-type", ""):
        found = json.loads(answer.text.replace(small.url, "http://register"))
    for path, fact in row.get("says", {}).items():
        if path == "words":
            assert has_words(found, fact)
        else:
            assert is_fact(look_up(found, path), fact), path
    recorded = HERE / "recorded" / f"{row['name']}.txt"
    text = write_out(answer, HEADERS, small.url)
    if request.config.getoption("--record"):
        recorded.parent.mkdir(exist_ok=True)
        recorded.write_text(text, encoding="utf-8")
    assert text == recorded.read_text(encoding="utf-8"), (
        "if it is meant: pytest --record, and read the diff"
    )


@pytest.mark.parametrize(
    "row", [row for row in TABLE if "method" not in row], ids=lambda row: row["name"]
)
def test_promises_of_http(small, row):
    """HEAD is GET without a body, any page may read it, no type is guessed, and what a client has is not sent again."""
    client = small.client
    first, head, again = ask(client, row), ask(client, row, "HEAD"), ask(client, row)
    assert first.headers["access-control-allow-origin"] == "*"
    assert first.headers["x-content-type-options"] == "nosniff"
    assert (head.status_code, head.content) == (first.status_code, b"")
    assert again.content == first.content
    if first.status_code == 200 and "public" in first.headers["cache-control"]:
        etag = first.headers["etag"]
        known, other = (
            ask(client, row, **{"If-None-Match": one})
            for one in (f'W/"x", {etag}', '"x"')
        )
        assert (known.status_code, known.content) == (304, b"")
        lasting = {
            name: text
            for name, text in first.headers.items()
            if name not in OF_THE_BODY | {"date"}
        }
        assert lasting.items() <= known.headers.items()
        assert "date" in known.headers
        assert (other.status_code, other.content) == (200, first.content)


def test_every_recorded_answer_has_a_request():
    assert {path.stem for path in (HERE / "recorded").glob("*.txt")} == {
        row["name"] for row in TABLE
    }
