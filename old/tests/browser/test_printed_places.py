"""Links to printed figures, followed by a real browser in a page that has the text of the document."""

from __future__ import annotations

import html

import pytest
import yaml
from playwright.sync_api import Browser

from misconduct.model.locator import Around, Span, text_fragment
from tests.browser.hosting import Host
from tests.conftest import DOCUMENTS, PROJECT
from tests.tools import cannot

IN_VIEW = """() => [...document.querySelectorAll("p")].filter((one) => {
    const { top, bottom } = one.getBoundingClientRect();
    return one.textContent && bottom > 0 && top < innerHeight;
}).map((one) => one.textContent.slice(0, 24))"""

PLACES = [
    ("003", "eye-of-media-2023-major-shake-up", Span(207, 215), "Hundreds\u00a0 of Met Police "),  # no headline
    ("003", "eye-of-media-2023-major-shake-up", Span(5731, 5734), "The Police National Comp"),  # the second 161
    ("003", "eye-of-media-2023-major-shake-up", Span(5630, 5636), "Those figures are expect"),  # 50,000-strong
    ("001", "eye-of-media-2024-disclosure", Span(3504, 3507), "Sexual assaults in the 1"),
    ("001", "eye-of-media-2024-disclosure", Span(3439, 3440), "The stats revealed that "),  # a 4 among many
    ("004", "police-oracle-2023-met-review", Span(1762, 1767), "It's estimated that the "),  # the second 1,071
]


@pytest.mark.parametrize(("document", "source", "span", "paragraph"), PLACES)
def test_a_link_to_a_printed_figure_leads_to_its_paragraph(browser: Browser, host: Host, document, source, span, paragraph):  # fmt: skip
    if not DOCUMENTS.is_dir():
        cannot(f"no documents in {DOCUMENTS}: no link to a printed figure was followed")
    [path] = DOCUMENTS.glob(f"{document}_*.txt")
    text = path.read_text(encoding="utf-8")
    records = yaml.safe_load((PROJECT / "data" / "quotes.yaml").read_text(encoding="utf-8"))
    [around] = [
        Around(one["prefix"], one["suffix"])
        for record in records
        if record["id"] == source
        for one in record["places"]
        if one["at"] == str(span)
    ]
    paragraphs = "".join(f'<p style="margin: 0 0 1500px">{html.escape(line)}</p>' for line in text.split("\n"))
    address = host.show(paragraphs) + text_fragment(text[slice(*span)], around)
    context = browser.new_context()  # only the first address of a window may scroll to words
    try:
        page = context.new_page()
        page.goto(address)
        page.wait_for_function("scrollY > 0")
        assert page.evaluate(IN_VIEW) == [paragraph]
    finally:
        context.close()
