"""A text can be sent in every usual way, has limits that are said, and is compared in few places at once."""

import json
import socket
from concurrent.futures import ThreadPoolExecutor

import pytest

from misconduct.api.received import MAX_CHARACTERS
from misconduct.api.turns import CLASSES

from .texts import CASES, TEXTS, check

TEXT = TEXTS[0]["text"]


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("application/x-www-form-urlencoded", TEXT),
        ("text/plain; charset=utf-8", TEXT),
        ("application/octet-stream", TEXT),
        (None, TEXT),
    ],
)
def test_a_text_is_read_as_it_is_whatever_its_type(client, content_type, body):
    headers = {"Content-Type": content_type} if content_type else {}
    answer = client.post("/v1/check", content=body.encode(), headers=headers)
    assert answer.json()["data"] == check(client, TEXT)["data"]
    assert answer.headers["cache-control"] == "no-store"
    assert "etag" not in answer.headers


def test_a_text_that_names_no_place_is_told_so(client):
    words = "officers were accused of sexual misconduct between 2014 and 2024."
    without, with_it = (
        check(client, f"{begin} {words}") for begin in ("1,492", "In the Met, 1,492")
    )
    assert ([one["code"] for one in without["warnings"]], with_it["warnings"]) == (
        ["no_place"],
        [],
    )


def test_places_are_code_points_of_the_text_as_it_was_sent(client):
    before = "“Genug” \N{POLICE OFFICER}\r\n\r\n"
    at = check(
        client,
        f"{before}1,131 Met staff have been accused of sexual and domestic offences.",
    )["data"][0]["at"]
    assert at == f"char={len(before)},{len(before) + 5}"


@pytest.mark.parametrize(
    "printed", ["1,\u2060131", "1\u200b,131", "1,1\u00ad31", "\ufeff1,131"]
)
def test_signs_without_width_belong_to_a_number_and_are_not_read(client, printed):
    text = f"In 2023 the\u200d Met said {printed} sta\u00adff were accused of sexual and domestic offences.\u200b"
    answer = check(client, text)
    [number], digits = answer["data"], printed.lstrip("\ufeff")
    start = text.index(digits)
    assert (number["at"], number["printed"]) == (
        f"char={start},{start + len(digits)}",
        digits,
    )
    assert (number["value"], number["figures"][0]["id"], number["near"]) == (
        1131,
        "gb7nr",
        [],
    )
    assert [one["at"] for one in answer["meta"]["passed_over"]] == ["char=3,7"]


@pytest.mark.parametrize("between", [" ", ", ", "'", "’", "\u2008"])
def test_what_may_be_the_end_of_a_longer_number_is_no_slip_of_it(client, between):
    def near(printed):
        text = f"In 2023 the Met said {printed} staff were accused of sexual and domestic offences."
        return [
            one["why"]
            for number in check(client, text)["data"]
            for one in number["near"]
        ]

    assert (near("131"), near(f"of 2021, {131}")) == (["left_out"], ["left_out"])
    assert near(f"1{between}131") == []


@pytest.mark.parametrize(
    ("unit", "times", "kind", "status", "code", "words"),
    CASES["a_text_that_cannot_be_compared_is_refused"],
)
def test_a_text_that_cannot_be_compared_is_refused_and_not_quoted(
    client, unit, times, kind, status, code, words
):
    headers = {"Content-Type": kind}
    answer = client.post("/v1/check", content=unit * times, headers=headers)
    problem = answer.json()
    assert (answer.status_code, problem["code"]) == (status, code)
    assert words in problem["detail"]
    parameters = [one["parameter"] for one in problem["errors"]]
    assert parameters == (["text"] if status == 422 else [])
    assert answer.headers["cache-control"] == "no-store"


def test_keys_beside_the_text_are_refused_and_sent_to_the_address(client):
    problem = client.post("/v1/check", json={"text": TEXT, "page": 1}).json()
    assert (problem["code"], len(problem["errors"])) == ("invalid_parameters", 1)
    assert "/v1/check?published=" in problem["detail"]


def test_parameters_are_refused_as_everywhere(client):
    assert client.post("/v1/check?release=9.9.9", content=TEXT).status_code == 404
    assert client.post("/v1/check?text=1,131", content=TEXT).status_code == 422
    assert client.post("/v1/check.csv", content=TEXT).status_code == 406


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "PATCH", "DELETE"])
def test_only_post_is_answered(client, method):
    answer = client.request(method, "/v1/check")
    assert (answer.status_code, answer.headers["allow"]) == (405, "POST, OPTIONS")


@pytest.mark.parametrize(
    "path",
    [
        "/check",
        "/v1/check",
        "/v1/check.json",
        "/v1/figures",
        "/v1/figures.csv",
        "/",
        "/static/site.css",
    ],
)
def test_a_refused_method_names_those_that_options_names(client, path):
    allowed = client.options(path).headers["allow"]
    assert ("POST" in allowed, "GET" in allowed) == (
        "check" in path,
        "/v1/check" not in path,
    )
    for method in ("PUT", "PATCH", "DELETE"):
        answer = client.request(method, path)
        assert (answer.status_code, answer.headers["allow"]) == (405, allowed)


def test_a_page_of_another_site_may_send_a_text(client):
    allowed = client.options(
        "/v1/check", headers={"Access-Control-Request-Method": "POST"}
    )
    assert (allowed.status_code, allowed.headers["access-control-allow-methods"]) == (
        204,
        "POST",
    )
    assert client.options("/check").headers["allow"] == "GET, HEAD, POST, OPTIONS"
    assert client.options("/v1/standing").headers["allow"] == "GET, HEAD, OPTIONS"


def test_a_few_texts_are_compared_at_once_and_others_wait_or_are_told_to(client):
    long = " ".join([TEXT] * 40)[:MAX_CHARACTERS]
    with ThreadPoolExecutor(12) as pool:
        answers = list(
            pool.map(lambda _: client.post("/v1/check", content=long), range(12))
        )
    refused = [one for one in answers if one.status_code == 503]
    assert sum(one.status_code == 200 for one in answers) + len(refused) == 12
    assert len(refused) <= 12 - CLASSES["comparison"].turns
    assert {one.headers["retry-after"] for one in refused} <= {"5"}


def test_the_answer_says_what_was_passed_over_and_which_figures_to_watch(client):
    answer = check(
        client,
        "In May 2023, 1,131 Met staff, one aged 49, had been accused of sexual or domestic abuse; £3m.",
    )
    assert [(one["printed"], one["reason"]) for one in answer["meta"]["passed_over"]] == [
        ("May 2023", "date"), ("one", "decide"), ("aged 49", "age"), ("3m", "money"),
    ]  # fmt: skip
    assert answer["links"]["watch"].endswith("/changes.atom?id=gb7nr")
    assert client.get("/changes.atom?id=gb7nr").status_code == 200
    assert answer["meta"]["newest_document"] == "2026-05-01"


@pytest.mark.parametrize("printed", ["9223372036854775808", "99999999999999999999"])
def test_a_number_of_any_length_is_answered(client, printed):
    [number] = check(client, f"There were {printed} officers.")["data"]
    assert (number["printed"], number["value"], number["figures"]) == (
        printed,
        float(printed),
        [],
    )


def test_a_text_of_the_longest_characters_may_be_escaped(client):
    escaped = json.dumps({"text": "\N{POLICE OFFICER}" * MAX_CHARACTERS})
    answer = client.post(
        "/v1/check", content=escaped, headers={"Content-Type": "application/json"}
    )
    assert (answer.status_code, answer.json()["data"]) == (200, [])


@pytest.mark.parametrize("way", ["earlier", "later"])
def test_years_that_no_calendar_has_are_answered(client, way):
    answer = check(
        client,
        f"In 2019 the Met suspended 144 officers, {f'a year {way}, ' * 3_000} and 12 in all.",
    )
    assert [one["printed"] for one in answer["data"]] == ["144", "12"]


def test_a_sender_who_goes_away_is_no_fault_of_the_service(service, client):
    def count_faults():
        return [
            line
            for line in client.get("/metrics").text.splitlines()
            if 'count{status="5xx"}' in line
        ]

    before = count_faults()
    with socket.create_connection(
        ("127.0.0.1", int(service.url.rpartition(":")[2]))
    ) as sender:
        sender.sendall(
            b"POST /v1/check HTTP/1.1\r\nHost: register\r\nContent-Length: 500\r\n\r\nThe Met"
        )
    assert client.post("/v1/check", content=TEXT).status_code == 200
    assert count_faults() == before


@pytest.mark.parametrize(
    "text",
    ["PSNI 6 suspend", "In the PSNI, 36 officers were suspended.", "WYP 5 suspended"],
)
def test_a_figure_without_a_first_or_a_last_day_can_be_compared(client, text):
    assert client.post("/v1/check", content=text).status_code == 200
