"""A cursor opens only the page that it was made for."""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from misconduct.api.cursors import decode_cursor, encode_cursor
from misconduct.errors import InvalidCursor

POSITION = st.lists(st.text(st.characters(exclude_categories=["C", "Z"]), max_size=100), min_size=1, max_size=10)


@pytest.fixture(scope="module")
def cursor(real) -> str:
    address = real.client.get("/v1/observations?limit=5&release=1.0.0").json()["links"]["next"]
    [found] = parse_qs(urlsplit(address).query)["cursor"]
    return found


def ask(real, cursor: str, path: str = "/v1/observations", **others: str):
    parameters = {"limit": "5", "release": "1.0.0", "cursor": cursor, **others}
    return real.client.get(path, params={name: value for name, value in parameters.items() if value})


def test_a_cursor_opens_its_page(real, cursor):
    assert ask(real, cursor).status_code == 200
    assert ask(real, cursor, limit="7").status_code == 200


@pytest.mark.parametrize(
    ("path", "others"),
    [
        ("/v1/observations", {"release": "1.1.0"}),
        ("/v1/observations", {"release": ""}),
        ("/v1/observations", {"sort": "value"}),
        ("/v1/observations", {"sort": "-period"}),
        ("/v1/observations", {"measure": "accused"}),
        ("/v1/allegations", {}),
        ("/v1/observations/by-year", {}),
    ],
)
def test_a_cursor_opens_no_page_of_another_question(real, cursor, path, others):
    answer = ask(real, cursor, path, **others)
    assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor")


def test_no_changed_or_shortened_or_lengthened_cursor_opens_anything(real, cursor):
    changed = {cursor[:at] + ("A" if cursor[at] != "A" else "B") + cursor[at + 1 :] for at in range(len(cursor))}
    shortened = {cursor[:at] for at in range(1, len(cursor))}
    others = {cursor + "A", cursor + "=", cursor * 2, cursor[::-1], cursor.swapcase(), cursor + "\u200b", f" {cursor}"}
    for tampered in sorted((changed | shortened | others) - {cursor}):
        answer = ask(real, tampered)
        assert (answer.status_code, answer.json()["code"]) == (422, "invalid_cursor"), tampered


@given(position=POSITION, question=st.text(st.characters(exclude_categories=["Cs"])))
@settings(derandomize=True)
def test_whatever_is_sealed_comes_back_for_its_own_question_alone(position, question):
    cursor = encode_cursor(position, question)
    assert decode_cursor(cursor, question, len(position)) == position
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, question + "x", len(position))
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, question, len(position) + 1)


@given(
    cursor=st.one_of(
        st.text(st.characters(exclude_categories=["Cs"])),
        st.text("ABCDEFabcdef0123456789-_=", max_size=200),
        st.binary(max_size=200).map(lambda raw: raw.hex()),
    )
)
@settings(derandomize=True, max_examples=300)
def test_whatever_was_made_up_is_refused(cursor):
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, "question", 2)
