"""Pages as a reader without JavaScript has them: words, links, headings, tables; and what every page owes to all."""

from __future__ import annotations

import calendar
import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser
from typing import Any

import httpx

VOID = frozenset(["br", "hr", "img", "input", "link", "meta", "source"])
UNSEEN = frozenset(["style", "script", "title"])
HEADINGS = frozenset(["h1", "h2", "h3", "h4", "h5", "h6"])
INLINE = frozenset(
    ["", "a", "abbr", "b", "button", "code", "del", "em", "i", "ins", "q", "span", "strong", "time", "var"]
)


@dataclass
class Element:
    """An element with what is inside it; a text is an element without a name."""

    name: str
    attributes: dict[str, str] = field(default_factory=dict)
    inside: list[Element] = field(default_factory=list)
    own_text: str = ""

    def all(self, *names: str) -> list[Element]:
        """The elements of these names inside it, in their order."""
        return [one for one in self.walk() if one.name in names]

    def walk(self) -> Iterator[Element]:
        for one in self.inside:
            yield one
            yield from one.walk()

    @property
    def text(self) -> str:
        """Its words, as they are shown."""
        return _squeeze("".join(one if isinstance(one, str) else one.text for one in _tokens(self)))


def _tokens(element: Element) -> Iterator[str | Element]:
    """The texts inside an element, parted by spaces where they stand in blocks of their own; headings whole."""
    yield element.own_text
    for one in element.inside:
        if one.name not in UNSEEN:
            apart = "" if one.name in INLINE else " "
            yield from (apart, *([one] if one.name in HEADINGS else _tokens(one)), apart)


def _squeeze(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip()


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open = [Element("document")]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.open[-1].inside.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_endtag(self, tag: str) -> None:
        assert self.open[-1].name == tag, f"</{tag}> closes <{self.open[-1].name}>"
        self.open.pop()

    def handle_data(self, data: str) -> None:
        self.open[-1].inside.append(Element("", own_text=data))


class Page:
    """A page that was read. Reading it checks that every element is closed where it should be."""

    def __init__(self, html: str) -> None:
        reader = _Reader()
        reader.feed(html)
        reader.close()
        assert [one.name for one in reader.open] == ["document"]
        self.html = html
        [self.root] = reader.open
        [self.main] = self.root.all("main")
        self.text = self.main.text

    @property
    def links(self) -> dict[str, str]:
        """Where the links of the main part lead, by their words."""
        return {one.text: one.attributes["href"] for one in self.main.all("a")}

    @property
    def addresses(self) -> list[str]:
        """Where all links of the main part lead."""
        return [one.attributes["href"] for one in self.main.all("a")]

    def under(self, heading: str) -> str:
        """The words between the heading that begins so and the next heading of its level or a higher one."""
        found, level = "", ""
        for one in _tokens(self.main):
            if isinstance(one, str):
                found += one if level else ""
            elif level and one.name <= level:
                break
            else:
                level = level or (one.name if one.text.startswith(heading) else "")
        assert level, f"no heading begins with {heading!r}"
        return _squeeze(found)

    def table(self, caption: str) -> list[list[str]]:
        """The rows of the table with that caption, its head first."""
        [table] = [one for one in self.main.all("table") if one.all("caption")[0].text == caption]
        return [[cell.text for cell in row.all("th", "td")] for row in table.all("tr")]


def read_page(client: httpx.Client, address: str, status: int = 200) -> Page:
    """The page at an address, which is checked to be well made."""
    answer = client.get(address, headers={"Accept": "text/html"})
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    found = Page(answer.text)
    require_well_made(found)
    return found


def require_well_made(page: Page) -> None:
    """What a person with a screen reader, a keyboard or a small screen needs of every page."""
    everything = list(page.root.walk())
    [html] = page.root.all("html")
    assert html.attributes["lang"] == "en"
    assert page.root.all("title")[0].inside[0].own_text.strip()
    levels = [int(one.name[1]) for one in everything if one.name in HEADINGS]
    assert (levels[0], levels.count(1)) == (1, 1), levels
    assert all(after <= before + 1 for before, after in itertools.pairwise(levels)), levels
    ids = [one.attributes["id"] for one in everything if "id" in one.attributes]
    assert len(ids) == len(set(ids)), sorted(one for one in ids if ids.count(one) > 1)
    _require_tables(page)
    _require_names(page, set(ids))


def _require_tables(page: Page) -> None:
    wide = [one for one in page.root.walk() if "wide" in one.attributes.get("class", "").split()]
    for one in wide:
        assert (one.attributes["tabindex"], one.attributes["role"]) == ("0", "region")
        assert one.attributes["aria-label"]
    tables = page.root.all("table")
    assert [id(one) for region in wide for one in region.all("table")] == [id(one) for one in tables]
    for table in tables:
        assert table.all("caption")[0].text
        assert all("scope" in one.attributes for one in table.all("th"))
        assert all(row.all("th") for row in table.all("tr"))


def _require_names(page: Page, ids: set[str]) -> None:
    assert all(one.text for one in page.root.all("a", "button", *HEADINGS))
    named = {one.attributes["for"] for one in page.root.all("label")}
    fields = [one for one in page.root.all("input", "select") if one.attributes.get("type") != "hidden"]
    assert {one.attributes["id"] for one in fields} <= named
    refers = [one.attributes[name] for one in page.root.walk() for name in ("aria-labelledby", "aria-describedby") if name in one.attributes]  # fmt: skip
    refers += [one.attributes["href"][1:] for one in page.root.all("a") if one.attributes["href"].startswith("#")]
    assert {name for names in refers for name in names.split()} <= ids


def leaves(document: Any, without: tuple[str, ...] = ()) -> Iterator[str]:
    """Every text and number in a document of the API but for those under some keys."""
    if isinstance(document, dict):
        for key, value in document.items():
            if key not in without:
                yield from leaves(value, without)
    elif isinstance(document, list):
        for value in document:
            yield from leaves(value, without)
    elif document is not None and not isinstance(document, bool):
        yield re.sub(r"\s+", " ", str(document))


def untold(page: Page, document: Any, without: tuple[str, ...] = ()) -> list[str]:
    """What a document of the API says and the page neither says nor links to.

    A page has dates in words, and where a text has the id of a record, a link with its title in quotation marks.
    """
    told = " ".join([page.text, *page.addresses])
    titles = {
        link.rpartition("/")[2].partition("?")[0]: title
        for title, link in page.links.items()
        if title[:1] + title[-1:] == "“”"
    }

    def in_words(text: str) -> str:
        for slug, title in titles.items():
            text = re.sub(rf"(?<![\w-]){re.escape(slug)}(?![\w-])", title, text)
        return re.sub(r"(?<![\d-])(\d{4})-(\d\d)(?:-(\d\d))?(?![\d-])", _date_in_words, text)

    return [one for one in leaves(document, without) if one not in told and in_words(one) not in told]


def _date_in_words(found: re.Match[str]) -> str:
    day = f"{int(found[3])} " if found[3] else ""
    return f"{day}{calendar.month_name[int(found[2])]} {found[1]}"
