"""The documentation of the API: questions with their answers first, and each thing said once; the root leads there."""

from __future__ import annotations

import csv
import io
import re
import shutil
import subprocess
from html import unescape

import pandas
import pytest

from misconduct.api.documentation import problems
from misconduct.api.parameters import PARAMETERS
from misconduct.api.quick_start import ANSWERED_IN, STARTS
from misconduct.site.snippets import write_start

HERE = "http://localhost:8000"
BEFORE = 142_038
"""Characters of text on the page when a problem was described under every path."""

starts = pytest.mark.parametrize("start", STARTS, ids=[one.question for one in STARTS])


def text_of(html: str) -> str:
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", re.sub(r"</?code>", "", html))).split())


@pytest.fixture(scope="module")
def page(real) -> str:
    answer = real.client.get("/docs")
    assert answer.status_code == 200
    return answer.text


# Quick start


@starts
def test_the_answer_to_a_question_is_the_real_one(real, page, start):
    answer = real.client.get(start.path)
    assert answer.text.splitlines() == start.answer.splitlines()
    assert answer.headers["content-disposition"].count(ANSWERED_IN) == 1
    assert text_of(start.answer) in text_of(page)
    assert start.question in text_of(page)


@starts
def test_curl_gets_the_answer(real, page, start):
    code = dict(write_start(f"{real.url}{start.path}"))["curl"]
    assert text_of(code.replace(real.url, HERE)) in text_of(page)
    found = subprocess.run(code, shell=True, check=True, capture_output=True, text=True)
    assert found.stdout.splitlines() == start.answer.splitlines()


@starts
def test_python_gets_the_answer(real, page, start):
    code = dict(write_start(f"{real.url}{start.path}"))["Python"]
    assert text_of(code.replace(real.url, HERE)) in text_of(page)
    names: dict[str, pandas.DataFrame] = {}
    exec(code, names)
    assert names["figures"].equals(pandas.read_csv(io.StringIO(start.answer)))


@pytest.mark.skipif(shutil.which("Rscript") is None, reason="R is not installed")
@starts
def test_r_gets_the_answer(real, start):
    code = dict(write_start(f"{real.url}{start.path}"))["R"] + "\nwrite.csv(figures, row.names = FALSE, na = '')"
    found = subprocess.run(["Rscript", "-e", code], check=True, capture_output=True, text=True)
    assert [*csv.reader(found.stdout.splitlines())] == [*csv.reader(start.answer.splitlines())]


def test_r_reads_the_same_address(page):
    for start in STARTS:
        assert f'figures <- read.csv("{HERE}{start.path}")' in text_of(page)


# The page


def test_the_page_has_less_than_half_of_its_characters_and_begins_with_the_questions(page):
    assert len(text_of(page)) < BEFORE / 2
    order = ['id="quick-start"', 'id="figures"', 'id="list_datasets"', 'id="list_dataset_observations"',
             'id="list_observations"', 'id="register"', 'id="evidence"', 'id="releases"', 'id="charts"',
             'id="metadata"', 'id="operations"', 'id="filters"', 'id="columns"', 'id="problems"']  # fmt: skip
    places = [page.index(one) for one in order]
    assert places == sorted(places)


def test_a_problem_and_a_parameter_are_described_once(page):
    text = text_of(page)
    for problem in problems():
        assert text.count(problem.__doc__.replace("`", "")) == 1, problem.code
    for one in PARAMETERS.values():
        assert page.count(f'id="p-{one.name}"') == 1, one.name


def test_every_parameter_with_a_default_says_it_in_the_usual_words(real, page):
    text = text_of(page)
    assert "Maximum rows per page. Default: 100. 1 to 1000." in text
    assert "Default: latest." in text
    documented = {
        one["name"]: one
        for methods in real.client.get("/openapi.json").json()["paths"].values()
        for one in methods["get"].get("parameters", [])
        if one["in"] == "query"
    }
    assert len(documented) > 30
    for name, one in documented.items():
        schema = one["schema"].get("items", one["schema"])
        if "default" in schema:
            assert one["description"].endswith(f" Default: {schema['default']}."), name
            assert one["description"].count("Default:") == 1, name


def test_every_place_that_the_page_links_to_is_on_it(page):
    wanted = set(re.findall(r'href="#([^"]+)"', page))
    ids = re.findall(r' id="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    assert wanted <= set(ids)
    assert len(wanted) > 30


def test_every_path_is_on_the_page(real, page):
    for path, methods in real.client.get("/openapi.json").json()["paths"].items():
        assert f"GET {path}" in text_of(page)
        assert f'id="{methods["get"]["operationId"]}"' in page


# The root


def test_the_root_says_where_to_go(real):
    answer = real.client.get("/v1")
    assert answer.headers["content-type"] == "application/json"
    data = answer.json()["data"]
    assert [one["question"] for one in data["questions"]] == [one.question for one in STARTS]
    assert {"figures", "datasets", "columns", "codelists", "caveats", "files", "docs", "openapi"} <= data.keys()
    assert len(data) <= 14
    addresses = [one["url"] for one in data.pop("questions")] + [*data.values()]
    for address in addresses:
        assert real.client.get(address.removeprefix(HERE)).status_code == 200, address
    assert real.client.get("/v1/").json()["data"] == answer.json()["data"]


BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize("address", ["/v1", "/v1/"])
def test_a_browser_gets_the_same_as_a_page(real, address):
    answer = real.client.get(address, headers={"Accept": BROWSER})
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert "Accept" in answer.headers["vary"].split(", ")
    for one in STARTS:
        assert one.question in text_of(answer.text)
        assert one.path in unescape(answer.text)
    again = {"Accept": BROWSER, "If-None-Match": answer.headers["etag"]}
    assert real.client.get(address, headers=again).status_code == 304
    assert real.client.get(address).headers["etag"] != answer.headers["etag"]


def test_the_root_has_no_other_format(real):
    answer = real.client.get("/v1", headers={"Accept": "text/csv"})
    assert (answer.status_code, answer.json()["code"]) == (406, "not_acceptable")
