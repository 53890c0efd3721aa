"""Parameters are read strictly, and every mistake is told at once."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from misconduct.api.cursors import decode_cursor, encode_cursor
from misconduct.api.parameters import (
    LISTING_PARAMETERS,
    PARAMETERS,
    describe_faults,
    read_query,
)
from misconduct.errors import Fault, InvalidCursor, RequestTooLong
from misconduct.http.limits import LONGEST_QUERY
from misconduct.model import suggestions
from misconduct.model.suggestions import suggest


def faults_of(query: str) -> dict[str, str]:
    return {fault.parameter: fault.code for fault in read_query(query.encode(), LISTING_PARAMETERS)[1]}


def test_values_of_one_parameter_are_collected_in_their_order():
    values, faults = read_query(b"value=1071&value=0.02&year=2022", LISTING_PARAMETERS)
    assert faults == []
    assert values == {"value": [Decimal(1071), Decimal("0.02")], "year": ["2022"]}


@pytest.mark.parametrize(
    "query",
    [
        "value=1_071",
        "value=%201071",
        "value=1e3",
        "value=1e999",
        "value=NaN",
        "value=18446744073709551616",
        "value=0.1234567890123456789",
        "value=1234567890.12345678",
        "value=inf",
        "value=",
        "value=١٠٧١",
        "value=１０７１",
        "year=22",
        "year=0000",
        "year=2022-01",
        "limit=0",
        "limit=1001",
        "limit=1_0",
        "limit=-1",
        "limit=99999999999999999999",
        "period_from=2023-02-30",
        "period_from=yesterday",
        "as_of=2024",
        "as_of=2024-13-01",
        "category=%00",
        "category=%FF",
        "category=" + "a" * 600,
        "sort=random",
        "qualifier=exactly",
        "limit=1&limit=2",
    ],
)
def test_a_value_that_is_not_exactly_right_is_refused(query):
    assert list(faults_of(query)) == [query.partition("=")[0]]


def test_all_mistakes_are_told_at_once():
    found = faults_of("categroy=x&limit=0&year=abc&release=1.0.0&as_of=2024-01-01")
    assert found == {
        "categroy": "unknown_parameter",
        "limit": "out_of_range",
        "year": "unreadable",
        "as_of": "contradiction",
    }


def test_a_misspelt_name_gets_the_right_one_suggested():
    (fault,) = read_query(b"catgory=x", LISTING_PARAMETERS)[1]
    assert fault.did_you_mean == "category"
    assert "counting_unit" in (fault.allowed or ())


@pytest.mark.parametrize(("printed", "plain"), [("1,071", "1071"), ("one in 50", "0.02"), ("42%", "42"), ("abc", None)])
def test_a_number_as_it_is_printed_gets_the_plain_one_suggested(printed, plain):
    (fault,) = read_query(f"value={printed}".encode().replace(b"%", b"%25"), LISTING_PARAMETERS)[1]
    assert fault.did_you_mean == plain


def test_a_range_that_nothing_can_be_in_is_refused():
    assert faults_of("value_from=2&value_to=1") == {"value_to": "contradiction"}
    assert faults_of("period_from=2023&period_to=2022") == {"period_to": "contradiction"}


def test_a_query_beyond_the_limit_is_not_even_read():
    with pytest.raises(RequestTooLong):
        read_query(b"a" * (LONGEST_QUERY + 1), LISTING_PARAMETERS)


@given(st.binary(max_size=300))
def test_no_query_string_is_an_accident(raw):
    values, _faults = read_query(raw, LISTING_PARAMETERS)
    assert set(values) <= set(PARAMETERS)


@given(st.lists(st.text(st.characters(categories=["L", "N", "P"]), max_size=20), min_size=2, max_size=2))
def test_a_cursor_brings_its_position_back(position):
    assert decode_cursor(encode_cursor(position, "question"), "question", 2) == position


def test_a_cursor_of_another_question_is_refused():
    with pytest.raises(InvalidCursor):
        decode_cursor(encode_cursor(["2022", "k7m3q"], "one question"), "another question", 2)


@given(st.text(max_size=60))
def test_a_made_up_cursor_is_refused(cursor):
    with pytest.raises(InvalidCursor):
        decode_cursor(cursor, "question", 2)


@given(st.integers(0, 200), st.characters(categories=["L", "N"]))
def test_a_cursor_with_one_character_changed_is_refused(place, character):
    cursor = encode_cursor(["2022-01-01", "k7m3q"], "question")
    place %= len(cursor)
    tampered = cursor[:place] + character + cursor[place + 1 :]
    if tampered != cursor:
        with pytest.raises(InvalidCursor):
            decode_cursor(tampered, "question", 2)


def misspelt(count: int) -> bytes:
    """As many mistakes of three kinds, each of them like something that is known."""
    kinds = ("categroy{}=x", "statistic=cuont{}", "measrue{}=x")
    return "&".join(kinds[number % 3].format(number) for number in range(count)).encode()


def test_the_first_mistakes_come_with_a_suggestion_and_all_of_them_are_told():
    _, faults = read_query(misspelt(150), LISTING_PARAMETERS)
    assert len(faults) == 150
    assert [fault.did_you_mean for fault in faults[:5]] == ["category", "count", "measure", "category", "count"]
    assert not any(fault.did_you_mean for fault in faults[5:])
    problem = describe_faults(faults)
    assert "Only the first 5 have suggestions" in problem.detail
    assert [fault.detail for fault in problem.faults] == [fault.detail for fault in faults]
    assert sum(fault.allowed is not None for fault in problem.faults) == 2, "one list of names, one of statistics"


def test_few_mistakes_say_all_that_is_known_of_each():
    _, faults = read_query(misspelt(5), LISTING_PARAMETERS)
    assert list(describe_faults(faults).faults) == faults


def test_of_thousands_of_mistakes_the_first_are_listed():
    problem = describe_faults([Fault("id", "empty", f"The value {n} is empty.") for n in range(8000)])
    assert [fault.detail for fault in problem.faults] == [f"The value {n} is empty." for n in range(500)]
    assert problem.detail.endswith("7,500 more are not listed.")


def test_a_suggestion_compares_closely_with_few_words_however_many_there_are(monkeypatch):
    compared = []
    close = suggestions.get_close_matches

    def note(word, words, **rest):
        compared.extend(words)
        return close(word, words, **rest)

    monkeypatch.setattr(suggestions, "get_close_matches", note)
    known = [f"police-times-{year}-{name}" for year in range(1900, 2100) for name in ("review", "report", "letter")]
    assert suggest("polcie-times-2023-reviw", known) == "police-times-2023-review"
    assert len(compared) == 50
    assert suggest("polcie", (name for name in ["police", *known * 100])) == "police"


def test_an_answer_with_many_mistakes_is_no_longer_than_they_are(real):
    sources = [f"source=police-oracle-2023-met-{number}" for number in range(100)]
    offices = [f"stated_by=metropolitan-polic{number}" for number in range(99)]
    answer = real.client.get("/v1/observations?" + "&".join(sources + offices))
    errors = answer.json()["errors"]
    assert (answer.status_code, len(errors)) == (422, 199)
    assert [error["parameter"] for error in errors if error["allowed"]] == ["source", "stated_by"]
    assert len([error for error in errors if error["did_you_mean"]]) <= 5
    assert len(answer.content) < 50_000


@pytest.mark.parametrize(
    ("sent", "meant"),
    [
        ("per_page=5", "limit"),
        ("page_size=5", "limit"),
        ("page=2", "cursor"),
        ("offset=20", "cursor"),
        ("order_by=value", "sort"),
        ("catgory=x", "category"),
        ("format=csv", None),
    ],
)
def test_the_names_that_other_services_use_are_understood_as_mistakes(real, sent, meant):
    (error,) = real.client.get(f"/v1/observations?{sent}").json()["errors"]
    assert (error["code"], error["did_you_mean"]) == ("unknown_parameter", meant)


def test_a_format_belongs_to_the_path(real):
    (error,) = real.client.get("/v1/observations?format=csv").json()["errors"]
    assert "/v1/observations.csv" in error["detail"]


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/v1/Observations", "observations"),
        ("/v1/observation", "observations"),
        ("/v1/Allegations", "allegations"),
        ("/v1/allegation.csv", "allegations"),
        ("/v1/source", "sources"),
        ("/v1/SOURCES", "sources"),
        ("/v1/observations/", "/v1/observations"),
        ("/v1/Observations/k7m3q.csv", "/v1/observations/k7m3q.csv"),
        ("/v1/observation/k7m3q", "/v1/observations/k7m3q"),
        ("/v1/zzz", None),
        ("/v1/zzz/zzz", None),
    ],
)
def test_a_path_in_capitals_in_the_singular_or_with_a_slash_gets_the_right_one(real, path, meant):
    answer = real.client.get(path)
    assert (answer.status_code, answer.json()["code"], answer.json()["did_you_mean"]) == (404, "not_found", meant)
    assert meant is None or f"Did you mean {meant}?" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/v1/allegations.tsv", "/v1/observations.tsv"])
def test_an_unknown_suffix_gets_the_formats(real, path):
    answer = real.client.get(path)
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
    assert "csv" in answer.json()["formats"]
