"""Pages have the facts of the register, lead to no page that is missing, and run nothing."""

import re
from collections import Counter
from html import unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import pytest
import yaml

from ..conftest import NEWEST
from .test_browser import KINDS

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
LIGHT, GAPS = 60_000, 100_000
"""The most bytes of a page, and of the page of each force by each question."""

SAY = yaml.safe_load((Path(__file__).parent / "pages.yaml").read_text("utf-8"))


class Page(HTMLParser):
    """What a page says, where it leads, what it loads, its elements, and its recipes with their answers."""

    def __init__(self, text):
        super().__init__()
        self.words, self.links, self.loads, self.elements = [], [], [], []
        self.section, self.example, self.examples, self.is_seen = None, None, {}, True
        self.feed(text)
        self.text = re.sub(r" ([.,:])", r"\1", " ".join(" ".join(self.words).split()))

    def handle_starttag(self, tag, attributes):
        found = dict(attributes)
        self.is_seen = tag != "script"
        self.elements.append((tag, found))
        self.section = (
            found.get("aria-labelledby") if tag == "section" else self.section
        )
        self.example = found.get("class") if tag == "pre" else None
        self.links += [found["href"]] if tag == "a" else []
        loads = (
            found.get("src"),
            (found.get("srcset") or "").split(" ")[0],
            tag == "link" and found["href"],
        )
        self.loads += [one for one in loads if one]

    def handle_endtag(self, tag):
        self.example, self.is_seen = None, True

    def handle_data(self, data):
        self.words += [data] if self.is_seen else []
        if self.example:
            self.examples.setdefault(self.section, {}).setdefault(self.example, data)


def read(client, path, status=200):
    answer = client.get(path, headers=BROWSER)
    assert answer.status_code == status, (path, answer.text[:300])
    return Page(answer.text)


@pytest.mark.parametrize(("path", "words"), SAY["real"].items())
def test_a_page_has_its_numbers(client, path, words):
    text = read(client, path).text
    assert [one for one in words if one not in text] == []


@pytest.mark.parametrize(("path", "words"), SAY["small"].items())
def test_a_page_says_what_has_changed(small, path, words):
    text = read(small.client, path).text
    assert [one for one in words if one not in text] == []


@pytest.mark.parametrize("path", KINDS)
def test_a_page_is_light_has_one_heading_and_names_its_tables(client, path):
    answer = client.get(path, headers=BROWSER)
    tags = [tag for tag, _ in Page(answer.text).elements]
    assert len(answer.content) <= (GAPS if path == "/gaps" else LIGHT)
    assert tags.count("h1") == 1
    assert tags.count("table") == tags.count("caption")
    assert next(one for one in tags if re.fullmatch("h[1-6]", one)) == "h1"


@pytest.mark.parametrize("path", ["/", "/areas/E23000001", "/indicators/complaints"])
def test_a_page_has_a_picture_with_every_number_in_words(client, path):
    elements = read(client, path).elements
    labels = [
        one["aria-label"]
        for tag, one in elements
        if tag == "svg" and "aria-label" in one
    ]
    assert labels
    assert all(re.search(r"\d", label) for label in labels)


@pytest.mark.parametrize(
    ("path", "chart"),
    [
        ("/", "complaints-by-year"),
        ("/complaints", "complaints-by-year"),
        ("/indicators/complaints", "complaints-by-year"),
        ("/indicators/vetted_again", "met-vetting-reviews"),
    ],
)
def test_a_page_begins_with_the_chart_that_an_editor_chose(client, path, chart):
    title = client.get(f"/v1/charts/{chart}").json()["chart"]["title"]
    page = client.get(path, headers=BROWSER).text
    assert title in Page(page.partition("<svg")[0]).text
    if path.startswith("/indicators/"):
        assert f"/v1/charts/{chart}.png" in page
        assert title not in read(client, f"{path}?area=gb_sct").text


def test_what_does_not_fit_on_a_page_is_behind_few_links(client):
    """The Met has some fifty newest numbers and four hundred figures."""
    links = read(client, "/areas/E23000001").links
    assert "/figures?area=E23000001" in links
    assert len(links) < 160


def test_figures_are_listed_page_by_page_as_the_api_lists_them(client):
    asked = "area=E23000001&topic=deaths"
    rows = client.get(f"/v1/figures?{asked}&limit=40").json()["data"]
    page = read(client, f"/figures?{asked}")
    found = [
        one.removeprefix("/figures/")
        for one in page.links
        if re.fullmatch(r"/figures/\w{5}", one)
    ]
    assert found == [row["id"] for row in rows][: len(found)]
    assert len(found) == 30
    [following] = [one for one in page.links if "offset=30" in one]
    assert rows[30]["id"] in " ".join(read(client, following).links)


def test_a_figure_says_who_printed_it_first_and_what_a_copy_changed(client):
    """A site of which only the month is known may have printed the 201 after the others."""
    family = read(client, "/figures/qx7nq").text.partition("first to last")[2]
    names = ["The Week", "the first here", "WION", "the same", "inews", "changed: time"]
    assert sorted(names, key=family.index) == names


def test_every_number_of_a_table_stands_in_its_column_with_its_hedge_before_it(client):
    text = client.get("/areas/E23000001", headers=BROWSER).text
    rows = text.count('<tr role="row"><th role="rowheader"')
    assert len(re.findall(r'<td[^>]*class="num">', text)) == rows
    assert "<q>about</q> <b>34,000</b>" in text


@pytest.mark.parametrize("place", ["England and Wales", "Scotland", "Elsewhere"])
def test_the_gallery_shows_the_charts_of_a_country(client, place):
    shown = read(client, "/charts")
    text = client.get("/charts", headers=BROWSER).text
    [link] = re.findall(rf'<a href="(/charts\?area=\w+)">{place}</a>', text)
    some = read(client, link)
    cards = [one for one in some.links if re.fullmatch(r"/charts/[\w-]+", one)]
    assert cards
    assert {*cards} <= {
        f"/charts/{one['id']}" for one in client.get("/v1/charts").json()["data"]
    }
    assert some.elements != shown.elements


def test_every_listed_chart_is_in_the_gallery_once(client):
    listed = [
        one["id"]
        for one in client.get("/v1/charts").json()["data"]
        if one["listed"] is not False
    ]
    found, path = [], "/charts"
    while path:
        page = read(client, path)
        found += [
            one.removeprefix("/charts/")
            for one in page.links
            if re.fullmatch(r"/charts/[\w-]+", one)
        ]
        path = next((one for one in page.links if "offset=" in one), "")
    assert sorted(found) == sorted(listed)


def test_a_square_of_the_gaps_is_the_answer_of_the_api(client):
    """A number leads to its figure, what is missing to the place where one can ask for it."""
    rows = client.get("/v1/gaps").json()["data"]
    links = read(client, "/gaps").links
    for row in rows:
        target = (
            f"/figures/{row['id']}"
            if row["id"]
            else f"/areas/{row['area_code']}#missing"
        )
        if row["unpublished"]:
            target = f"/unpublished/{row['unpublished']}"
        assert target in links
    assert len(links) > len(rows)


def test_a_reference_manager_finds_how_to_cite_a_figure(client):
    elements = read(client, "/figures/k7m3q").elements
    named = {
        one["name"]: one["content"]
        for tag, one in elements
        if tag == "meta" and "name" in one
    }
    citation = client.get("/v1/figures/k7m3q").json()["data"]["citation"]
    assert named["DC.title"] == citation["title"]
    assert named["DC.identifier"] == citation["URL"]


@pytest.mark.parametrize("query", ["", f"?release={NEWEST}"])
def test_a_cited_address_leads_people_to_the_page_and_programs_to_json(client, query):
    address = f"/v1/figures/k7m3q{query}"
    page = client.get(address, headers=BROWSER)
    assert (page.status_code, page.headers["location"]) == (
        303,
        f"/figures/k7m3q{query}",
    )
    assert page.headers["vary"] == "Accept"
    assert client.get(page.headers["location"], headers=BROWSER).status_code == 200
    for accept in ("*/*", "application/json", "application/json, text/plain, */*"):
        assert (
            client.get(address, headers={"Accept": accept}).json()["data"]["printed"]
            == "1,492"
        )
    data = client.get(f"/v1/figures/k7m3q.json{query}", headers=BROWSER)
    assert data.json()["data"]["id"] == "k7m3q"


@pytest.mark.parametrize(
    ("given", "path"), [("1492", "1492"), ("nearly 1,000", "nearly+1%2C000")]
)
def test_the_first_page_leads_a_number_to_the_search(client, given, path):
    answer = client.get("/", params={"q": given}, headers=BROWSER)
    assert (answer.status_code, answer.headers["location"]) == (
        303,
        f"/search?q={path}",
    )


@pytest.mark.parametrize(
    "code", ["internal_error", "invalid_parameters", "unknown_area"]
)
def test_the_type_of_a_problem_leads_to_what_the_reference_says_of_it(client, code):
    assert f' id="{code}">' in client.get("/docs", headers=BROWSER).text


def test_the_first_note_on_a_figure_is_open(client):
    notes = client.get("/v1/figures/gb7nr").json()["data"]["notes"]
    first = next(one for one in notes if one["type"] == "caveat")
    before_what_is_folded = client.get(
        "/figures/gb7nr", headers=BROWSER
    ).text.partition("<details")[0]
    assert first["text"] in unescape(before_what_is_folded)


def test_a_figure_is_not_confused_with_the_same_claim_printed_again(client):
    """mw44s prints the 1,071 of cxqbc again; gb7nr, 1,131, is another claim."""
    for figure, others in (
        ("k7m3q", {"gb7nr", "cxqbc"}),
        ("cxqbc", {"gb7nr", "k7m3q"}),
    ):
        links = [urlsplit(one) for one in read(client, f"/figures/{figure}").links]
        compared = {
            dict(parse_qsl(one.query))["id"]
            for one in links
            if one.path == "/compare" and one.query
        }
        assert others <= compared
        assert "mw44s" not in compared


@pytest.mark.parametrize(
    ("path", "newest"),
    [
        ("/figures/rpg77?release=1.0.0", "/figures/rpg77"),
        ("/search?q=1%2C071&release=1.1.0", "/search?q=1%2C071"),
        ("/compare?id=k7m3q&id=gb7nr&release=1.1.0", "/compare?id=k7m3q&id=gb7nr"),
        (
            "/figures?topic=allegations&year=&release=1.1.0",
            "/figures?topic=allegations",
        ),
    ],
)
def test_a_page_is_shared_as_it_was_asked_for_and_leads_to_the_same_of_the_newest_release(
    small, path, newest
):
    page = read(small.client, path)
    shared = {
        one["content"] for tag, one in page.elements if one.get("property") == "og:url"
    }
    assert [one.partition("://")[2].partition("/")[2] for one in shared] == [
        path[1:].replace("&year=", "")
    ]
    assert newest in page.links


def test_an_article_is_told_of_an_error_about_its_figure(client):
    form = {"content-type": "application/x-www-form-urlencoded"}
    page = client.post(
        "/check",
        content=b"text=In+a+poll%2C+42%25+totally+distrusted+the+Met.",
        headers=form,
    ).text
    assert (
        '<a href="/corrections#distrust-called-trust-2023" target="_blank">error of the publisher</a>'
        in page
    )


def test_the_page_of_a_document_lists_its_own_errors_and_no_others(client):
    corrections = client.get("/v1/notes?type=correction").json()["data"]
    sources = {one["source"] for one in corrections}
    assert len(sources) > 2
    for source in (*sources, "brit-brief-1000-officers-accused"):
        own = [
            f"/corrections#{one['id']}"
            for one in corrections
            if one["source"] == source
        ]
        page = read(client, f"/sources/{source}")
        assert [
            link for link in page.links if link.startswith("/corrections#")
        ] == own, source
        assert ("Errors in it" in page.text) is bool(own)


def test_pages_run_nothing_and_load_only_from_this_service(client):
    hosts = {
        client.base_url.netloc.decode(),
        "localhost:8000",
    }  # the second is the public address
    for path in KINDS:
        answer = client.get(path, headers=BROWSER)
        page, policy = Page(answer.text), answer.headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy
        assert {
            urlsplit(urljoin(str(client.base_url), one)).netloc for one in page.loads
        } <= hosts, path
        for tag, attributes in page.elements:
            assert tag not in ("iframe", "object", "style"), path
            assert tag != "script" or attributes["type"] == "application/ld+json", path
            assert not [
                name for name in attributes if name.startswith("on") or name == "style"
            ], path


def test_a_page_that_is_read_again_keeps_its_policy(client):
    """A browser replaces the headers that it has by those of a 304; without styles it would show a bare page."""
    first = client.get("/about", headers=BROWSER)
    again = client.get(
        "/about", headers=BROWSER | {"If-None-Match": first.headers["etag"]}
    )
    assert again.status_code == 304
    assert (
        again.headers["content-security-policy"]
        == first.headers["content-security-policy"]
    )


ALIKE = 8
"""Addresses that differ only in a code, an id or the values of parameters: so many of them are asked for."""


def shape_of(path):
    """Return what an address has in common with those that differ only in a code, an id or the values of parameters."""
    path, _, query = path.partition("?")
    place = re.sub(r"^(/(?:v1/)?(?!releases|docs)\w+)/(?!by-year)[^/.]+", r"\1/…", path)
    return place, *sorted({name for name, _ in parse_qsl(query)})


def list_targets(client, path, text):
    """Return the addresses of this service that a page names."""
    base = str(client.base_url)
    own = text.replace("http://localhost:8000", base)  # the public address
    for named in re.findall(r' (?:href|src|srcset)="([^" ]+)', own):
        target = urldefrag(urljoin(f"{base}{path}", unescape(named))).url
        if target.startswith(base):
            yield target.removeprefix(base)


def test_no_page_leads_to_a_missing_one(client):
    """Read some pages of each kind, and ask the addresses that they name. Pinned pages are only asked for."""
    asked, alike, ahead = {}, Counter(), ["/"]
    while ahead:
        path = ahead.pop()
        is_file = "all.zip" in path or ".png" in path
        if path in asked or is_file or alike[shape_of(path)] == ALIKE:
            continue
        alike[shape_of(path)] += 1
        answer = client.get(path, headers=BROWSER)
        asked[path] = answer.status_code
        is_page = answer.headers["content-type"].startswith("text/html")
        if is_page and "release=" not in path:
            ahead += list_targets(client, path, answer.text)
    assert {path: status for path, status in asked.items() if status != 200} == {}
    assert len(alike) > 80
    assert len(asked) > 250


def test_the_table_of_a_picture_links_each_figure_and_marks_say_what_they_are(client):
    """Without a style sheet of its own, which the policy of pages forbids."""
    text = client.get("/charts/deaths-in-custody-by-year", headers=BROWSER).text
    pictures = [
        ElementTree.fromstring(one)
        for one in re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    ]
    assert [one.get("class") for one in pictures[:2]] == ["wide", "narrow"]
    for picture in pictures[:2]:
        titles = [title.text for title in picture.iter("title")]
        assert len(titles) == 16
        assert "2020: 18" in titles[-1]
        assert "18" in picture.get("aria-label")
        assert not [*picture.iter("style")]
        assert not [one for one in picture.iter() if one.get("style")]
    assert 'href="/figures/xx6h7"' in text
    path = f"/charts/how-many-were-accused?release={NEWEST}"
    pinned = client.get(path, headers=BROWSER).text
    assert f'href="/figures/k7m3q?release={NEWEST}"' in pinned


def test_disagreements_between_most_figures_are_listed_first(client):
    """These are between 8, 4 and 2 figures."""
    text = client.get("/disagreements", headers=BROWSER).text
    names = ["how-many-were-accused", "workforce-size", "almost-200-and-196"]
    assert sorted(names, key=lambda name: text.index(f"/disagreements/{name}")) == names


def test_an_address_with_the_end_of_a_sentence_is_the_page(client):
    canonical = str(client.base_url.join("/figures/k7m3q"))
    assert canonical in read(client, "/figures/k7m3q.").loads


def test_a_page_for_a_wrong_address_links_to_the_one_that_was_meant(client):
    answer = client.get("/figures/K7M3Q", headers=BROWSER)
    assert answer.status_code == 404
    assert 'href="/figures/k7m3q"' in answer.text.partition("<h1>")[2]


def test_a_problem_is_a_page_for_browsers_and_a_document_for_programs(client):
    missing = read(client, "/figures/zzzzz", 404)
    assert {"/areas", "/indicators", "/charts"} <= {*missing.links}
    assert (
        "Brimingham" in read(client, "/indicators/complaints?area=Brimingham", 422).text
    )
    for path, headers in (("/figures/zzzzz", {}), ("/v1/sources/zzzzz", BROWSER)):
        answer = client.get(path, headers=headers)
        assert answer.headers["content-type"] == "application/problem+json"
