"""Search engines and assistants find the pages, and what their figures are."""

import json
import re
from importlib import import_module
from pkgutil import iter_modules
from xml.etree import ElementTree

import pytest
from fastapi import APIRouter

from misconduct import site

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
NEEDED = {
    *(
        "@type",
        "name",
        "description",
        "url",
        "version",
        "dateModified",
        "license",
        "creator",
        "distribution",
    ),
    *("temporalCoverage", "spatialCoverage", "isAccessibleForFree"),
}
LEFT_OUT = {
    "/figures/{id}",
    "/embed/charts/{id}",
    "/embed/indicators/{id}",
}  # other pages lead to a figure and hold a frame
ALL = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.mark.parametrize(
    ("path", "name", "days", "place", "file"),
    [
        ("/", "all figures", None, "England and Wales", "figures.csv?"),
        ("/indicators/suspended_on_a_day", "Officers suspended from duty", "2010-01-01/2025-06-06",
         "Metropolitan Police", "figures.csv?indicator=suspended_on_a_day&"),
        ("/charts/how-many-were-accused", "Met: 1,492 officers accused", "2014-01-01/2024-12-31",
         "Metropolitan Police", "figures.csv?id=k7m3q"),
        ("/sources/police-oracle-2023-met-review", "figures from Met reviewing", None,
         "Metropolitan Police", "figures.csv?source=police-oracle-2023-met-review&"),
        ("/allegations", "Allegations", None, "New York City", "figures.csv?topic=allegations&"),
        ("/areas/E23000001", "Figures about Metropolitan Police", None,
         "Metropolitan Police", "figures.csv?area=E23000001&"),
    ],
)  # fmt: skip
def test_a_page_says_what_its_data_are(client, service, path, name, days, place, file):
    text = client.get(path, headers=BROWSER).raise_for_status().text
    described = json.loads(
        re.search('<script type="application/ld.json">(.*?)</script>', text, re.DOTALL)[
            1
        ]
    )
    assert described["@type"] == "Dataset"
    assert {*described} >= NEEDED
    assert described["name"].startswith(f"Misconduct Register: {name}")
    assert 50 <= len(described["description"]) <= 5_000  # what search engines take
    assert place in described["spatialCoverage"]
    assert re.fullmatch(
        days or r"\d{4}-\d\d-\d\d/\d{4}-\d\d-\d\d", described["temporalCoverage"]
    )
    [table] = [
        one["contentUrl"]
        for one in described["distribution"]
        if one["encodingFormat"] == "text/csv"
    ]
    assert table.startswith(f"{service.url}/v1/{file}")
    assert client.get(table).raise_for_status().text.count("\n") > 1


def test_the_map_has_every_kind_of_page_and_robots_names_it(client, service):
    [address] = re.findall("(?m)^Sitemap: (.*)$", client.get("/robots.txt").text)
    assert address == f"{service.url}/sitemap.xml"
    paths = [
        one.text.removeprefix(service.url)
        for one in ElementTree.fromstring(client.get(address).text).iter(f"{ALL}loc")
    ]
    assert len(paths) == len({*paths}) > 500
    modules = [
        import_module(f"misconduct.site.{one.name}")
        for one in iter_modules(site.__path__)
    ]
    kinds = {
        route.path
        for one in modules
        for route in getattr(one, "router", APIRouter()).routes
    }
    pages = {one for one in kinds if "." not in one} - LEFT_OUT
    forms = {one: re.compile(re.sub(r"\{\w+\}", "[^/]+", one)) for one in pages}
    assert len(pages) > 20
    assert [
        one for one, form in forms.items() if not any(map(form.fullmatch, paths))
    ] == []
    assert {
        client.get(one, headers=BROWSER).status_code
        for one in paths[:: len(paths) // 40]
    } == {200}


def test_assistants_are_told_where_to_start_and_how_to_cite(client, service):
    guide = client.get("/llms.txt").raise_for_status()
    assert guide.headers["content-type"].startswith("text/plain")
    assert "cite_as" in guide.text
    links = re.findall(r"\]\((.*?)\)", guide.text)
    assert f"{service.url}/v1/indicators" in links
    assert {client.get(one).status_code for one in links} == {200}
