"""Pages have the facts of the documents, lead to no page that is missing, and run nothing."""

import csv
import io
import json
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import replace
from html import escape, unescape
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import parse_qsl, urldefrag, urljoin, urlsplit
from xml.etree import ElementTree

import pytest

from misconduct.releases.folder import read_release
from misconduct.site.phrases import say_warnings
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import NEWEST, SMALL, Service
from .test_browser import KINDS

BROWSER = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
FACTS = {
    "/": [
        "published figures on the police, each with its source", "forces and places, 1996 to 2025",
        ": United Kingdom, India, South Africa, United States, Australia",
    ],
    "/figures/k7m3q": [
        "1,492 Officers accused of wrongdoing: sexual misconduct. Metropolitan Police, 2014–2024", "char=3063,3068",
        "“ten years between 2014 and 2024”", f"No, it has said the same since release {NEWEST} of",
        f"/figures/k7m3q?release={NEWEST}",
        "18,000 Cases of alleged misconduct recorded: sexual misconduct, 2014–2024",
    ],
    "/figures/w2rmd": [
        "nearly 1,000 Serving officers with past or present allegations: sexual offence. Metropolitan Police",
        "Brit Brief, undated",
    ],
    "/figures/kv58v": [
        "1 figure not to confuse it with", "Cite it",
        "Why they differ: 1,071 under review, or under investigation",
    ],
    "/figures/x9w6n": [
        "50% Allegations against the police: racism, share of 4,575 allegations of discrimination. England and Wales",
    ],
    "/figures/sp6t6": [
        "2,074 Cases of alleged misconduct recorded: sexual misconduct. Metropolitan Police, 2023.",
    ],
    "/figures/qmgmt": [
        "544 Cases of alleged misconduct recorded: other sexual assaults. Metropolitan Police, 2014–2024.",
    ],
    "/figures/wnvm2": [
        "1 Allegations with other results, once for each officer, result unreadable. Philadelphia, 2019.",
    ],
    "/figures/pgtrf": [
        "Philadelphia, 2020, provisional. Counted by this register from City of Philadelphia, 2021."
    ],
    "/figures/kkv6j": [
        "2 People shot dead by the police, City of London Police, 2019/20",
        "3 People shot dead by the police, England and Wales, 2019/20",
    ],
    "/figures/s7j9z": [
        "205 Allegations not upheld, once for each officer: physical abuse, Philadelphia, 2019",
        "1003 Allegations, once for each officer, Hackney, no period given",
    ],
    "/figures/ttp6c": ["a criminal record, “now”, The Eye Of Media.Com, April 2023"],
    "/figures/pwm89": [
        "381 Officers, counted as full-time posts, lent to central services, England and Wales, 30 September 2019"
    ],
    "/figures/s7xm4": [
        "Error of the publisher “massive trust”. The figures, 42% and 47%, are shares of people who distrust",
    ],
    "/unpublished": ["Read for it: 5 documents Brit Brief", "None of the documents in this register says it."],
    "/figures/h6xgz?fbclid=x": ["700 Officers said to face removal from the police"],
    "/datasets/allegations": [
        "Don’t add these up", "151,538", "cover only part of a year",
    ],
    "/datasets/allegations?category=sexual_harassment&measure=&year=": ["2 figures of ", "248"],
    "/indicators/suspended_on_a_day": [
        "The newest number of each place", "201 Officers suspended from duty, Metropolitan Police", "Before: 144,",
        "27 Officers suspended from duty, Essex Police The page shows no day, so it is not known when this was so.",
        "9 Officers suspended from duty, Cleveland Police in May 2024 Cleveland Police, May 2024",
        "16 Officers suspended from duty, ranks up to inspector only, Kent Police No total is held. 1 January 2010",
        "How many officers were under suspension from duty on 31 March 2026, whenever it began?",
    ],
    "/datasets/vetting": [
        "433 Applicants refused vetting clearance, number of applications, Scotland Before: 208, in 2021. in 2022",
        "Some of these figures could still change",
    ],
    "/charts": ["charts to use in articles"],
    f"/charts/hotline?release={NEWEST}": [
        "1,000 people called a hotline", f"Pinned: it always shows release {NEWEST}",
    ],
    "/charts/hotline": ["Live: it shows the newest release, so it can change below a story that is out."],
    "/search?q=1492": ["“1492”: 1 row", "Why others differ", "1,131"],
    "/search?q=9871234": ["“9871234”: no figures found", "No document prints 9871234."],
    "/search?q=xyzzy": ["“xyzzy”: no figures found", "No figure or place here is called “xyzzy”."],
    "/search?q=suspended+Met+video": ["These figures are not about video."],
    "/search?q=dismissed": [
        "426 Officers dismissed, England and Wales",
        "How many people in the Met were dismissed for misconduct in each year?",
    ],
    "/disagreements/how-many-were-accused": ["1,492, 1,131, 1,071 or about 1,000 accused", "some 1,000"],
    "/unpublished/met-sexual-allegation-figures-section-22": ["Sky News", "Section 22", "February 2024"],
    "/corrections": ["errors of publishers", "massive trust", "names nobody to write to"],
    "/sources/police-oracle-2023-met-review": ["Police Oracle", "January 2023", "It's estimated 1,633"],
    "/releases": [f"Release {NEWEST}, "],
    "/compare": ["Two forces or places", "Give the ids of both"],
    "/changes": ["added, revised or withdrew"],
    "/charts/suspended-and-restricted-in-the-met": ["144", "701", "<iframe"],
    "/compare?id=k7m3q&id=gb7nr": ["1,492 and 1,131: not to be compared", "serving Met employees"],
    "/gaps": [
        "8 questions to 45 police forces: the newest number that we hold, or the request for it.", "6 of 45",
        "Kent Police 2 of 8",
        "Officers suspended from duty: 16 officers suspended from duty, ranks up to inspector only, 1 January 2010.",
        "Officers dismissed or barred: not looked for. Ask for it: Officers dismissed or barred, Kent Police, 2024",
        "Officers suspended from duty: 201, 19 September 2023.", "Complaint reviews completed: almost 3,000, ",
    ],
    f"/indicators/suspended_on_a_day?area=E23000001&release={NEWEST}": [
        f"Pinned: it always shows release {NEWEST}, and says if a figure has been revised since. Take the live picture",
    ],
    "/indicators/suspended_on_a_day?area=E23000006": [
        "No figure of Cheshire Constabulary is held. The picture has other places.",
    ],
    "/indicators": [
        "Complaints, allegations and cases are not the same", "Allegations against the police",
        "Complaints and reports Complaints about the police",
        "Deaths after contact with the police. No misconduct is alleged.",
    ],
    "/indicators/complaints": [
        "Complaints about the police Complaints that came in during a period, whether the body calls them received",
        "Not to be confused with complaints upheld, complaint reviews completed or complaints recorded formally.",
        "is also counted as allegations against the police, officers accused of wrongdoing",
        "94,940 Complaints about the police, England and Wales Experimental. Since February 2020 any dissatisfaction",
        "Before: 85,458, year to March 2024. year to March 2025 Independent Office for Police Conduct",
        "7,099 Complaints about the police, Scotland year to March 2024", "Nothing is ranked.",
        "Forces of England and Wales without a number here: 39 Metropolitan Police, Cumbria Constabulary, ",
        "That does not mean that there were none.",
        "You can ask a force: How many complaints about your officers and staff were received in 2025?",
    ],
    "/indicators/penalties": ["Penalties after a complaint", "Chicago", "New York City"],
    "/docs": ["/v1/figures", "area_code", "invalid_parameters", "feeds and files ignore", "msclkid"],
}  # fmt: skip

CHANGED = {  # in the small register, of which release 1.1.0 has a new edition of a table
    "/figures/rpg77": [
        "Yes, 16 until release 1.0.0; 17 since release 1.1.0 of 24 November", "The publisher's new edition (October",
        "the copy that was read", "Deaths · Revised by the publisher",
    ],
    "/figures/rpg77?release=1.0.0": ["release 1.0.0 of 20 November 2026. The figure now says 17. Go to the"],
    "/figures/rqbmz": ["Yes, 50 for April 2004 to March 2019 until release 1.0.0; 53 since release 1.1.0"],
    "/figures/rqbmz?release=1.0.0": [
        "Right for its dates: 50 is for April 2004 to March 2019. The figure now runs to March 2020: 53."
    ],
    "/figures/v4536?release=1.0.0&fbclid=x": ["Yes, revised in release 1.1.0", "and 2018/19 has been revised."],
    "/figures/p9dth": ["Yes, withdrawn in release 2.0.0 of 27 November 2026."],
    "/search?q=292": ["No document prints 292.", "(it was 292 until release 1.0.0, for April 2004 to March 2019)"],
    "/search?q=16+deaths+in+custody": ["(it was 16 until release 1.0.0)"],
    "/releases": ["Release 1.1.0, 24 November 2026: 259 figures"],
    "/changes": [
        "Release 2.0.0, 27 November 2026: 16 revised, 6 added, 2 withdrawn", "p9dth withdrawn", "Value: 44 → 40",
        "Release 1.1.0, 24 November 2026: 16 added, 3 with changed codes or notes, 2 revised, 2 running longer",
        "rpg77 revised", "rqbmz continued",
    ],
}  # fmt: skip


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


@pytest.mark.parametrize("path", FACTS)
def test_a_page_has_its_facts(client, path):
    text = read(client, path).text
    for fact in FACTS[path]:
        assert fact in text, text[:3000]


@pytest.mark.parametrize("path", CHANGED)
def test_a_page_says_what_has_changed(small, path):
    text = read(small.client, path).text
    for fact in CHANGED[path]:
        assert fact in text, text[:3000]


def test_a_dataset_begins_with_what_it_counts_and_its_newest_numbers(client):
    """201 and not the 183 of another page is the Met’s newest number; Scotland’s 159 of 2015 is old."""
    text = client.get("/datasets/suspensions", headers=BROWSER).text
    page = Page(text[text.index("What it counts</h2>") :].partition("<details")[0]).text
    facts = (
        "some 88 Officers suspended from duty, Ireland Before: 91, 24 June 2024. in December 2024",
        "65 Officers suspended during a period, Scotland Before: 44, year to March 2024. Northern Ireland 35,",
        "860 Officers on restricted duties, Metropolitan Police",
        "1,312 Officers sent to disciplinary proceedings, England and Wales Cases that ended in the year",
    )  # fmt: skip
    assert sorted(facts, key=page.index) == [*facts]
    assert not re.search(r"Scotland 159|Philippines|brg49", page)
    assert (
        "What it counts</h2>"
        not in client.get("/datasets/suspensions?area=E23000032", headers=BROWSER).text
    )


def test_a_warning_is_on_pages_unless_a_link_or_the_sentence_about_sums_says_it():
    """A warning that somebody adds needs no line for pages."""
    sentences = {
        "repeated_claims": "…",
        "new_here": "The printer had no ink.",
        "look_alikes": "…",
    }
    given = [{"code": code, "detail": detail} for code, detail in sentences.items()]
    assert say_warnings(given) == [
        "Don’t add these up: some repeat others.",
        "The printer had no ink.",
    ]


def test_the_hedge_that_is_typed_and_the_newest_year_come_first(client):
    def figures(path):  # the picture links them, too, and parts their whole
        text = client.get(path, headers=BROWSER).text
        return re.findall(
            r'<th role="rowheader" scope="row"><a href="/figures/(\w+)', text
        )

    assert (
        figures("/search?q=nearly+1,000")[0] == "w2rmd"
    )  # others are about, some and more than 1,000
    in_2024_to_2021 = [
        "vp3bg",
        "qhftr",
        "zzp6n",
        "pzk5d",
        "sg2n7",
    ]  # the second is for 2014 to 2024
    of_page = figures("/datasets/allegations?category=sexual_assault&area=E23000001")
    assert of_page[-len(in_2024_to_2021) :] == in_2024_to_2021  # the list comes last


def test_a_figure_leads_to_other_years_and_says_what_its_parts_count(client):
    text = client.get("/figures/vpfmj", headers=BROWSER).text
    page = Page(text)
    assert "/indicators/barred?area=gb_eaw" in unescape(text)
    assert (
        "640 Officers barred from policing, constables only, England and Wales, 2024/25"
        in page.text
    )
    assert (
        "40 Officers barred from policing, Thames Valley Police, 2024/25" in page.text
    )
    share = Page(client.get("/figures/x9w6n", headers=BROWSER).text).text
    assert (
        "It is a share of 4,575 Allegations against the police: discrimination, 2023/24"
        in share
    )


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


def test_the_first_page_takes_no_offence_at_what_a_link_to_it_has(client):
    assert (
        "published figures on the police" in read(client, "/?from=newsletter&q=").text
    )
    read(client, "/search?from=newsletter", 422)


@pytest.mark.parametrize(
    ("path", "chart"),
    [
        ("/", "complaints-by-year"),
        ("/datasets/complaints", "complaints-by-year"),
        ("/indicators/complaints", "complaints-by-year"),
        ("/indicators/vetted_again", "met-vetting-reviews"),
    ],
)
def test_a_page_begins_with_the_chart_that_an_editor_chose(client, path, chart):
    title = client.get(f"/v1/charts/{chart}").json()["chart"]["title"]
    page = client.get(path, headers=BROWSER).text
    assert f'<p class="finding">{escape(title)}</p>' in page
    if path.startswith("/indicators/"):
        assert f"/v1/charts/{chart}.png" in page
        asked = client.get(f"{path}?area=gb_sct", headers=BROWSER).text
        assert escape(title) not in asked


def test_the_first_page_begins_with_the_newest_numbers_and_folds_deaths(client):
    """England and Wales come before Scotland and Northern Ireland."""
    text = client.get("/", headers=BROWSER).text
    before, _, folded = text.partition('<h2 id="questions">')[0].partition("<details>")
    page, closed = Page(before).text, Page(folded).text
    nations = "Scotland 7,099, year to March 2024; Northern Ireland 3,085, year to March 2025 year to March 2025"
    facts = (
        "published figures on the police, each with its source", "Search for a number or words",
        "The newest numbers",
        "94,940 Complaints about the police, England and Wales Experimental. Since February 2020",
        f"Before: 85,458, year to March 2024. {nations} Independent Office for Police",
        "426 Officers dismissed, England and Wales From workforce statistics: includes contracts that were terminated",
    )  # fmt: skip
    assert sorted(facts, key=page.index) == [*facts]
    assert not re.search("death|shot|suicide", page, re.IGNORECASE)
    assert closed.startswith("Deaths and shootings. No misconduct is alleged.")
    assert (
        "18 Deaths in or after police custody, England and Wales Before: 17," in closed
    )


def test_the_first_page_has_ten_counts_of_all_kinds_that_are_not_old(client):
    """57 investigations are of one kind and since April 2014, 1,177 cases of one kind, and 12% is a share."""
    page = Page(client.get("/", headers=BROWSER).text.partition("<details>")[0]).text
    numbers = [
        "94,940",
        "426",
        "735",
        "151,538",
        "38,982",
        "65 Officers",
        "1,312",
        "266",
        "81,776",
    ]
    assert sorted(numbers, key=page.index) == numbers
    assert not re.search(r"\b57\b|1,177|12%|since April 2014", page)


def test_a_number_of_no_known_day_has_the_day_of_its_page_among_headlines(client):
    text = read(client, "/areas/E23000001").text
    assert (
        "86 People in the police who lost vetting clearance printed September 2024"
        in text
    )


@pytest.mark.parametrize(
    "path",
    [
        "/areas/E23000001",
        "/datasets/deaths",
        "/areas/in_mh",
        "/charts/deaths-in-custody-new-south-wales",
    ],
)
def test_a_page_is_light_and_has_each_picture_once(client, path):
    text = client.get(path, headers=BROWSER).text
    assert len(text) <= 150_000
    images = re.findall(
        r'<img[^>]* src="([^"]+)"', text
    )  # those of a place are no part of its page
    assert len(images) == len({*images})
    assert text.count('<svg class="wide"') == text.count("<svg") / 2 <= 1


def test_a_page_leads_to_the_errors_of_publishers(client):
    page = read(client, "/datasets/allegations")
    assert "Errors of publishers concern some of these figures." in page.text
    assert "/v1/notes" not in page.text
    assert "/corrections" in page.links


def test_a_comparison_begins_with_what_differs(client):
    text = read(client, "/compare?id=k7m3q&id=gb7nr").text
    names = ["Population narrower", "Period different", "Measure same", "Area same"]
    assert sorted(names, key=text.index) == names


def test_every_table_has_a_caption(client):
    for path in (
        "/datasets/suspensions",
        "/areas/E23000032",
        "/compare?id=k7m3q&id=gb7nr",
        "/search?q=1071",
    ):
        text = client.get(path, headers=BROWSER).text
        assert 0 < text.count("<table") == text.count("<caption"), path


@pytest.mark.parametrize(
    "code", ["internal_error", "invalid_parameters", "unknown_area"]
)
def test_the_type_of_a_problem_leads_to_what_the_reference_says_of_it(client, code):
    assert f' id="{code}">' in client.get("/docs", headers=BROWSER).text


def test_a_question_without_an_answer_comes_after_figures_of_other_places(client):
    """Figures say how many were dismissed or found proven, and not how many in the Met for misconduct."""
    for words, question in (("dismissed", "dismissals"), ("found+proven", "findings")):
        found = [urlsplit(one).path for one in read(client, f"/search?q={words}").links]
        figure = next(
            place for place, one in enumerate(found) if one.startswith("/figures/")
        )
        assert found.index(f"/unpublished/{question}") > figure


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


def test_a_reference_manager_finds_how_to_cite_a_figure(client):
    elements = read(client, "/figures/k7m3q").elements
    named = {one["name"]: one["content"] for tag, one in elements if "name" in one}
    citation = client.get("/v1/figures/k7m3q").json()["data"]["citation"]
    assert named["DC.title"] == citation["title"]
    assert named["DC.identifier"] == citation["URL"]


def test_the_card_of_a_figure_is_described_with_its_place_and_time(client):
    elements = read(client, "/figures/c34c9").elements
    [described] = [
        one["content"] for tag, one in elements if one.get("property") == "og:image:alt"
    ]
    assert (
        described == "732: Allegations, once for each officer, Lambeth, no period given"
    )


@pytest.mark.parametrize(
    ("path", "newest"),
    [
        ("/figures/rpg77?release=1.0.0", "/figures/rpg77"),
        ("/search?q=1%2C071&release=1.1.0", "/search?q=1%2C071"),
        ("/compare?id=k7m3q&id=gb7nr&release=1.1.0", "/compare?id=k7m3q&id=gb7nr"),
        (
            "/datasets/allegations?category=sexual&year=&release=1.1.0",
            "/datasets/allegations?category=sexual",
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


def test_a_part_says_so_also_if_its_whole_is_on_another_page(client):
    asked = "/v1/figures.csv?topic=deaths&columns=id,part_of"
    parts = dict(csv.reader(io.StringIO(client.get(asked).text)))
    page = client.get("/datasets/deaths", headers=BROWSER).text
    listed = page.partition("The first 100</summary>")[2]
    row = r'scope="row"><a href="/figures/(\w+)">(.*?)</tr>'
    words = dict(re.findall(row, listed, re.DOTALL))
    wholes = {one: parts[one].split() for one in words if parts.get(one)}
    elsewhere = [one for one in wholes if words.keys().isdisjoint(wholes[one])]
    assert elsewhere
    for one in elsewhere:
        assert '(part of <a href="/figures/' in words[one]


def test_a_dataset_describes_itself_to_search_engines(client):
    text = client.get("/datasets/allegations", headers=BROWSER).text
    described = json.loads(
        text.partition('<script type="application/ld+json">')[2].partition("</script>")[
            0
        ]
    )
    assert described["@type"] == "Dataset"
    assert {"Metropolitan Police", "New South Wales", "Bihar", "Detroit"} <= {
        *described["spatialCoverage"]
    }
    assert "Kent" not in described["spatialCoverage"]  # no allegations there
    assert {one["encodingFormat"] for one in described["distribution"]} >= {
        "text/csv",
        "application/zip",
    }


def test_the_time_of_a_dataset_is_from_its_first_to_its_last_day(client):
    """The first deaths are of 2004/05, the last of a quarter; the first allegations are of 2000."""
    days = {
        "deaths": "2004-04-01/2025-06-30",
        "allegations": "2000-01-01/2025-09-30",
    }
    for dataset, both in days.items():
        text = client.get(f"/datasets/{dataset}", headers=BROWSER).text
        assert f'"temporalCoverage": "{both}"' in text


LOOKED_AT_AGAIN = "Officers and staff with old cases being looked at again: sexual misconduct or domestic abuse"
WITH_ALLEGATIONS = "Serving officers with past or present allegations: sexual offence"


@pytest.mark.parametrize(
    ("path", "title"),
    [
        (
            "sgdp2",
            "0: Deaths in or after police custody, City of London Police, April 2004–March 2020",
        ),
        (
            "cxqbc",
            f"It&#39;s estimated 1,071: {LOOKED_AT_AGAIN}, Metropolitan Police, “the past 10 years”",
        ),
        (
            "w2rmd",
            f"nearly 1,000: {WITH_ALLEGATIONS}, Metropolitan Police, no period given",
        ),
    ],
)
def test_a_figure_is_named_by_what_where_and_when(client, path, title):
    text = client.get(f"/figures/{path}", headers=BROWSER).text
    assert f"<title>{title} – Misconduct Register</title>" in text
    assert '<meta name="description" content=" ' not in text
    assert '<meta property="og:description" content=" ' not in text


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


ALIKE = 4
"""Addresses that differ only in a code, an id or the values of parameters: so many of them are asked for."""


def shape_of(path):
    """Return what an address has in common with those that differ only in a code, an id or the values of parameters."""
    path, _, query = path.partition("?")
    place = re.sub(r"^(/(?:v1/)?(?!releases|docs)\w+)/(?!by-year)[^/.]+", r"\1/…", path)
    return place, *sorted({name for name, _ in parse_qsl(query)})


def test_no_page_leads_to_a_missing_one(client):
    """Read pages of each kind of the newest release, and ask the addresses that they name, each once.

    Pinned pages are only asked for; of tables in files, only the first row.
    """
    base, asked, alike, ahead = str(client.base_url), {}, Counter(), ["/"]
    figures = client.get("/v1/figures.csv?columns=id&sort=id").text.split()[1:]
    areas = [one["area_code"] for one in client.get("/v1/areas").json()["data"]]
    assert len(figures) > 1_040
    for kind, found in (
        ("areas", areas),
        ("figures", figures),
    ):  # about eight of each, from the first to the last
        ahead += [f"/{kind}/{one}" for one in found[:: len(found) // 8]]
    chosen = {*ahead}
    topics = [one["id"] for one in client.get("/v1").json()["topics"]]
    tables = {"/v1/figures", *(f"/v1/{one}" for one in topics)}
    while ahead:
        path = ahead.pop()
        if path in asked or "all.zip" in path or ".png" in path:
            continue
        alike[shape_of(path)] += path not in chosen
        if alike[shape_of(path)] > ALIKE and path not in chosen:
            continue
        is_table = (
            re.split(r"[.?]", path.removesuffix("/by-year"))[0].removesuffix("/by-year")
            in tables
        )
        first_row = f"{'&' if '?' in path else '?'}limit=1" if is_table else ""
        answer = client.get(f"{path}{first_row}", headers=BROWSER)
        asked[path] = answer.status_code
        if "release=" not in path and answer.headers["content-type"].startswith(
            "text/html"
        ):
            named = (
                unescape(one)
                for one in re.findall(r' (?:href|src|srcset)="([^" ]+)', answer.text)
            )
            targets = (
                urldefrag(
                    urljoin(f"{base}{path}", one.replace("http://localhost:8000", base))
                ).url
                for one in named
            )
            ahead += [one.removeprefix(base) for one in targets if one.startswith(base)]
    assert {path: status for path, status in asked.items() if status != 200} == {}
    assert len(alike) > 80
    assert len(asked) > 250


def test_a_problem_is_a_page_for_browsers_and_a_document_for_programs(client):
    missing = read(client, "/figures/zzzzz", 404)
    assert "This page does not exist" in missing.text
    assert "Status 404: not found" in missing.text
    assert (
        "Or go to Forces and places Figures by subject Charts API reference"
        in missing.text
    )
    refused = read(client, "/datasets/allegations?category=sexual_asault", 422)
    assert "This address has a mistake Unknown category" in refused.text
    assert "Did you mean sexual_assault (Sexual assault)?" in refused.text
    for path, headers in (("/figures/zzzzz", {}), ("/v1/sources/zzzzz", BROWSER)):
        assert (
            client.get(path, headers=headers).headers["content-type"]
            == "application/problem+json"
        )


def read_feed(client, query=""):
    """Return the title of a feed, and its entries: title, link and time."""
    feed = ElementTree.fromstring(client.get(f"/changes.atom{query}").content)
    entries = [
        (
            one.findtext("{*}title"),
            one.find("{*}link").get("href"),
            one.findtext("{*}updated"),
        )
        for one in feed.findall("{*}entry")
    ]
    return feed.findtext("{*}title"), entries


@pytest.mark.parametrize(
    ("query", "title", "told", "day"),
    [
        ("", "Release 1.0.0: no figure changed", "Articles", "2026-11-20"),
        ("?id=p9dth", "Release 2.0.0: 1 withdrawn", "50: ", "2026-11-27"),
        ("?id=d8z2x", "Release 1.1.0: 1 with changed codes or notes", "", "2026-11-24"),
        ("?id=rqbmz", "Release 1.1.0: 1 running longer", "53: ", "2026-11-24"),
        ("?id=rpg77", "Release 1.1.0: 1 revised", "17 (was 16): ", "2026-11-24"),
        ("?type=revised&since=2.0.0", None, "", ""),
    ],
)
def test_the_feed_has_an_entry_for_each_release_that_changed_what_is_chosen(
    small, query, title, told, day
):
    """It names a figure by its number, and calls it revised only if that is not right any more."""
    feed = ElementTree.fromstring(small.client.get(f"/changes.atom{query}").content)
    found = {one.findtext("{*}title"): one for one in feed.findall("{*}entry")}
    if title is None:
        assert found == {}
        return
    assert told in found[title].findtext("{*}summary")
    assert found[title].findtext("{*}updated").startswith(f"{day}T")


def test_the_feed_of_a_dataset_or_an_area_counts_what_each_release_changed_there(
    small,
):
    """Of the deaths in Kent, 1.1.0 has one more year, and a total that runs longer. gb_eaw is wider than Kent."""
    client = small.client
    kent, year = "E23000032", "Release 1.1.0: 1 added, 1 running longer"
    title, entries = read_feed(client, f"?area={kent}")
    assert title == "Misconduct Register: Kent Police"
    [link] = [link for title, link, _ in entries if title == year]
    page = read(
        client,
        link.partition("/changes")[1] + link.partition("/changes")[2].partition("#")[0],
    )
    assert "1 added, 1 running longer" in page.text
    assert "16 added" not in page.text
    assert year in [
        one[0] for one in read_feed(client, f"?topic=deaths&area={kent}")[1]
    ]
    assert read_feed(client, f"?topic=vetting&area={kent}")[1] == []
    assert "Release 1.1.0: 3 added, 2 revised, 2 running longer" in [
        one[0] for one in read_feed(client, "?area=gb_eaw")[1]
    ]
    [(title, *_)] = read_feed(client, f"?id=xj87s,rpg77&area={kent}")[1]
    assert title == "Release 1.1.0: 1 running longer"


def test_no_page_says_that_nobody_has_published_something(client):
    """The register knows what it has read."""
    for path in (
        "/",
        "/unpublished",
        "/unpublished/dismissals",
        "/search?q=dismissed",
        "/docs",
        "/openapi.json",
    ):
        assert not re.search(
            "nobody has|no source",
            client.get(path, headers=BROWSER).text,
            re.IGNORECASE,
        ), path


def test_the_first_note_on_a_figure_is_open(client):
    notes = client.get("/v1/figures/gb7nr").json()["data"]["notes"]
    first = next(one for one in notes if one["type"] == "caveat")
    before_what_is_folded = client.get(
        "/figures/gb7nr", headers=BROWSER
    ).text.partition("<details")[0]
    assert first["text"] in unescape(before_what_is_folded)


@pytest.fixture
def same_day():
    """A client of a service whose two releases are of one day."""
    folder = Path(tempfile.mkdtemp(prefix="misconduct-same-day-"))
    folder.chmod(0o755)  # the account of the server must be able to enter it
    releases = folder / "data/releases"
    releases.mkdir(parents=True)
    previous = None
    for number in ("1.0.0", "1.1.0"):
        release = read_release(SMALL / "releases" / number)
        release = replace(release, day="2026-11-20", previous=previous)
        written = write_release(releases / number, release)
        add_to_list(folder / "data", written)
        previous = written.digest
    service = Service(folder, folder / "data")
    try:
        yield service.wait().client
    finally:
        service.stop()
        shutil.rmtree(folder)


def test_a_later_release_of_the_same_day_is_later_in_the_feed(same_day):
    """A reader that goes by time would miss it otherwise."""
    feed = ElementTree.fromstring(same_day.get("/changes.atom").content)
    entries = feed.findall("{*}entry")
    times = {
        one.find("{*}link").get("href").partition("#")[2]: one.findtext("{*}updated")
        for one in entries
    }
    assert (
        times["1.0.0"] == "2026-11-20T00:00:00+00:00"
    )  # a later time may be in the future when the release comes
    assert times["1.1.0"] == "2026-11-20T00:00:01+00:00"
    newest_first = [*times.values()]
    assert newest_first == sorted({*newest_first}, reverse=True)
    assert feed.findtext("{*}updated") == newest_first[0]
    of_figure = ElementTree.fromstring(same_day.get("/changes.atom?id=rqbmz").content)
    assert "2026-11-20T00:00:01+00:00" in [
        one.text for one in of_figure.findall("{*}entry/{*}updated")
    ]


def test_every_release_has_its_place_on_the_page_of_changes(small):
    client, atom = small.client, "{http://www.w3.org/2005/Atom}"
    page = read(client, "/changes")
    feed = ElementTree.fromstring(client.get("/changes.atom").content)
    entries = [one.get("href") for one in feed.findall(f"{atom}entry/{atom}link")]
    linked = {
        urldefrag(one).fragment
        for one in (*read(client, "/releases").links, *entries)
        if "/changes#" in one
    }
    assert linked == {"1.0.0", "1.1.0", "2.0.0"}
    assert linked <= {attributes.get("id") for _, attributes in page.elements}
    of_figure = read(client, "/changes?id=rpg77").elements
    assert "2.0.0" not in {attributes.get("id") for _, attributes in of_figure}


def test_each_feed_has_an_id_of_its_own_and_an_author(client):
    """Readers merge feeds with the same id; RFC 4287 requires an author. The order of figures makes no other feed."""
    base, atom = str(client.base_url).rstrip("/"), "{http://www.w3.org/2005/Atom}"
    ids = []
    for path, query in (
        ("", ""),
        ("?id=h6xgz", "?id=h6xgz"),
        ("?id=rpg77,h6xgz", "?id=h6xgz&id=rpg77"),
    ):
        feed = ElementTree.fromstring(client.get(f"/changes.atom{path}").content)
        links = {one.get("rel"): one.get("href") for one in feed.findall(f"{atom}link")}
        ids.append(feed.findtext(f"{atom}id"))
        assert links == {
            "alternate": f"{base}/changes{query}",
            "self": f"{base}/changes.atom{query}",
        }
        assert feed.findtext(f"{atom}author/{atom}name") == "Misconduct Register"
    again = ElementTree.fromstring(
        client.get("/changes.atom?id=h6xgz,rpg77").content
    ).findtext(f"{atom}id")
    assert again == ids[-1]
    assert all(one.startswith("urn:uuid:") for one in ids)
    assert len({*ids}) == 3


def test_the_table_of_a_picture_links_each_figure_and_marks_say_what_they_are(client):
    """Without a style sheet of its own, which the policy of pages forbids."""
    text = client.get("/charts/deaths-in-custody-by-year", headers=BROWSER).text
    pictures = [
        ElementTree.fromstring(one)
        for one in re.findall(r"<svg.*?</svg>", text, re.DOTALL)
    ]
    assert [one.get("class") for one in pictures] == ["wide", "narrow"]
    for picture in pictures:
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


def test_a_page_leads_to_the_files_of_its_picture(client):
    files = {
        "/charts/hotline": "/v1/charts/hotline.xlsx",
        "/datasets/allegations?year=2023": "/v1/figures.csv?topic=allegations&year=2023",
    }
    for page, address in files.items():
        text = unescape(client.get(page, headers=BROWSER).text)
        found = re.findall(r'<a href="([^"]*)">(?:CSV|Excel|PNG|SVG)</a>', text)
        assert any(one.startswith(address) for one in found), page
        assert all(client.get(one).status_code == 200 for one in found), found


def test_disagreements_between_most_figures_are_listed_first(client):
    """These are between 8, 4 and 2 figures."""
    text = client.get("/disagreements", headers=BROWSER).text
    names = ["how-many-were-accused", "workforce-size", "almost-200-and-196"]
    assert sorted(names, key=lambda name: text.index(f"/disagreements/{name}")) == names


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("/compare?area=E23000001,E23000032", "/areas/E23000001,E23000032"),
        ("/areas/E23000001?beside=E23000032", "/areas/E23000001,E23000032"),
    ],
)
def test_an_address_that_somebody_guessed_leads_to_the_page_that_was_meant(
    client, path, meant
):
    answer = client.get(path, headers=BROWSER, follow_redirects=True)
    assert (answer.status_code, answer.url.raw_path.decode()) == (200, meant)


def test_an_address_with_the_end_of_a_sentence_is_the_page(client):
    canonical = str(client.base_url.join("/figures/k7m3q"))
    assert canonical in read(client, "/figures/k7m3q.").loads


def test_a_page_for_a_wrong_address_links_to_the_one_that_was_meant(client):
    answer = client.get("/figures/K7M3Q", headers=BROWSER)
    assert answer.status_code == 404
    assert 'href="/figures/k7m3q"' in answer.text.partition("<h1>")[2]
