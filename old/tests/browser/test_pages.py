"""Every page that links lead to is there, and is whole."""

from __future__ import annotations

import itertools
import re
from html.parser import HTMLParser

KINDS = {
    "/",
    "/look-up",
    "/datasets",
    "/datasets/{}",
    "/observations/{}",
    "/compare",
    "/sources",
    "/sources/{}",
    "/disagreements",
    "/disagreements/{}",
    "/checks",
    "/checks/{}",
    "/corrections",
    "/corrections/{}",
    "/non-publications",
    "/non-publications/{}",
    "/codelists",
    "/codelists/{}",
    "/releases",
    "/releases/{}",
    "/releases/{}/changes",
    "/charts",
    "/charts/{}",
    "/chart/{}",
    "/docs",
    "/about",
    "/contact",
    "/not-published",
}


class Outline(HTMLParser):
    """Which elements a page has, in order, and which ids."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.ids: list[str] = []
        self.attributes: dict[str, dict[str, str | None]] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes.setdefault(tag, dict(attrs))
        self.ids += [value for name, value in attrs if name == "id" and value]


def faults_of(html: str) -> list[str]:
    """What a page lacks."""
    outline, title = Outline(html), re.search(r"<title>([^<]*)</title>", html)
    wrong = [f"{outline.tags.count(tag)} × {tag}" for tag in ("h1", "main", "title") if outline.tags.count(tag) != 1]
    wrong += [f"no {tag}" for tag in ("header", "nav", "footer") if tag not in outline.tags]
    wrong += [f"two with id={name}" for name in set(outline.ids) if outline.ids.count(name) > 1]
    levels = [int(tag[1]) for tag in outline.tags if re.fullmatch("h[1-6]", tag)]
    wrong += [f"h{b} after h{a}" for a, b in itertools.pairwise(levels) if b > a + 1]
    if outline.attributes["html"].get("lang") != "en":
        wrong.append("no language")
    if title is None or len(title[1].strip()) < 8:
        wrong.append("no title that says what it is")
    return wrong


def test_every_kind_of_page_is_linked_from_the_home_page(site):
    reached = {kind.removesuffix("?release") for kind in site.by_kind()}
    assert sorted(KINDS - reached) == []


def test_every_page_that_a_link_leads_to_answers(site):
    missing = {page: (status, site.linked_from[page]) for page, status in site.statuses.items() if status != 200}
    assert missing == {}


def test_every_download_that_a_page_links_to_answers(site, real):
    answers = {link: real.client.head(link).status_code for link in sorted(site.machines)}
    assert {link: (status, site.linked_from[link]) for link, status in answers.items() if status != 200} == {}


def test_every_page_has_one_heading_a_language_a_title_and_landmarks(site):
    assert {page: wrong for page, html in site.html.items() if (wrong := faults_of(html))} == {}


def test_two_pages_have_two_titles(site):
    """But for the same page of another release."""
    titles = {
        page: re.search(r"<title>([^<]*)</title>", site.html[page])[1]
        for kind, pages in site.by_kind().items()
        for page in pages
        if "?" not in page
    }
    assert sorted(titles.values()) == sorted(set(titles.values()))


def test_links_of_a_pinned_page_stay_pinned(site):
    pinned = [page for page in site.pages if re.search(r"[?&]release=", page)]
    loose = {page: unpinned_links(site.html[page], page) for page in pinned}
    assert pinned
    assert {page: links for page, links in loose.items() if links} == {}


def unpinned_links(html: str, page: str) -> list[str]:
    """Links to pages of the register that forget the release; the page itself as it now is may be one."""
    named = re.findall(
        r'<a\b[^>]*?href="(/(?:observations|datasets|sources|charts|compare|checks|codelists)\b[^"]*)"', html
    )
    return sorted({link for link in named if "release=" not in link and link != page.partition("?")[0]})
