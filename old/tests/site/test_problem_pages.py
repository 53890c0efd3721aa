"""Who comes with a browser to a page that fails gets a page; whoever speaks to the API gets a problem document."""

from __future__ import annotations

import pytest

from tests.site.reading import read_page

BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
PROBLEM = "application/problem+json"


def test_an_address_without_a_page_says_so_and_where_to_go(real):
    page = read_page(real.client, "/nowhere", 404)
    assert page.main.all("h1")[0].text == "Not found"
    assert {"/look-up", "/datasets", "/sources", "/"} <= set(page.addresses)


@pytest.mark.parametrize(
    ("address", "status"), [("/?release=9.9.9", 404), ("/?colour=red", 422), ("/datasets/nonsense", 404)]
)
def test_a_page_that_fails_has_the_right_status_and_is_kept_by_nobody(real, address, status):
    answer = real.client.get(address, headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (status, "text/html; charset=utf-8")
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["vary"] == "Accept"
    assert answer.headers["x-request-id"] in answer.text


def test_a_release_that_is_not_there_leads_to_the_newest(real):
    page = read_page(real.client, "/datasets/allegations?release=9.9.9&year=2022", 404)
    assert page.links["See this page in the latest release"] == "/datasets/allegations?year=2022"


def test_what_an_earlier_release_has_not_leads_to_the_newest(real):
    page = read_page(real.client, "/charts/case-review-split?release=1.0.0", 404)
    assert page.links["See this page in the latest release"] == "/charts/case-review-split"


def test_a_page_that_is_not_there_speaks_to_readers_and_keeps_the_whole_navigation(real):
    page = read_page(real.client, "/dataset", 404)
    assert "There is nothing at this address. Did you mean /datasets? Go to /datasets" in page.text
    assert page.links["Go to /datasets"] == "/datasets"
    assert "openapi" not in page.text
    here = read_page(real.client, "/")
    names = [[one.text for one in each.root.all("nav")[0].all("a")] for each in (page, here)]
    assert names[0] == names[1]


def test_the_icon_is_found_where_browsers_look_for_it(real):
    assert real.client.get("/favicon.ico").headers["content-type"] == "image/svg+xml"
    assert real.client.get("/static/touch-icon.png").headers["content-type"] == "image/png"


def test_what_was_meant_is_one_link_away(real):
    page = read_page(real.client, "/?releas=1.0.0", 422)
    assert page.links["release"] == "/?release=1.0.0"


@pytest.mark.parametrize(
    "address",
    ["/v1/nothing", "/v1/observations?colour=red", "/v1", "/healthz/x", "/openapi.json/x", "/static/nothing"],
)
def test_the_api_never_answers_with_a_page(real, address):
    answer = real.client.get(address, headers=BROWSER)
    assert answer.status_code == 200 or answer.headers["content-type"] == PROBLEM


@pytest.mark.parametrize(
    "accept", ["*/*", "", "application/json", "application/json, text/html;q=0.5", "text/html;q=0"]
)
def test_who_does_not_prefer_html_gets_a_problem_document(real, accept):
    answer = real.client.get("/nowhere", headers={"Accept": accept})
    assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)


def test_another_method_is_refused_in_words_too(real):
    answer = real.client.post("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD, OPTIONS")
    assert answer.headers["content-type"] == "text/html; charset=utf-8"


def test_a_failure_of_ours_is_a_page_without_a_traceback(served, publish, monkeypatch):
    publish("""
        category       | year | value
        sexual_assault | 2021 |   116
    """)

    async def fail(*_args, **_more):
        raise RuntimeError("a secret")

    monkeypatch.setattr("misconduct.queries.observations.find", fail)
    answer = served.client.get("/datasets/allegations", headers=BROWSER)
    assert (answer.status_code, answer.headers["content-type"]) == (500, "text/html; charset=utf-8")
    assert "secret" not in answer.text
    assert "default-src 'none'" in answer.headers["content-security-policy"]


def test_before_the_first_release_a_page_says_when_to_try_again(served):
    answer = served.client.get("/", headers=BROWSER)
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "2")
    assert "Try again in 2 seconds" in answer.text


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", '"><img src=x onerror=alert(2)>'])
def test_what_was_asked_is_escaped_where_it_is_repeated(real, text):
    for address in ("/nowhere", f"/datasets/{text}", "/datasets/allegations", "/look-up", "/"):
        answer = real.client.get(address, params={"value": text, "category": text, text: "1"}, headers=BROWSER)
        assert text not in answer.text
        assert "<img" not in answer.text.partition("<main")[2].partition("/v1/charts")[0]
