"""Charts in the articles of a real WordPress, written by somebody whose HTML it sanitises."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

import httpx
import pytest
from playwright.sync_api import Page

from misconduct.settings import Settings
from tests.browser.showing import frame_of, wait_for_pictures
from tests.browser.wordpress import WordPress, free_port, start_wordpress
from tests.serving import Served, serve

CHART = "how-many-were-accused"


@pytest.fixture(scope="module")
def wordpress(real: Served) -> Iterator[tuple[WordPress, str]]:
    """A WordPress, and the address at which it finds the service."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    with (
        serve(Settings(database_url=real.settings.database_url, base_url=url), port=port),
        start_wordpress(port) as running,
    ):
        yield running, url


@pytest.fixture
def article(browser, wordpress) -> Iterator[Page]:
    """An author's article with the address of a chart in a line of its own, opened in a browser with a dark scheme."""
    running, url = wordpress
    address = running.write("author", f"Before\n\n{url}/charts/{CHART}\n\nAfter")
    page = browser.new_page(color_scheme="dark", viewport={"width": 800, "height": 900})
    page.goto(address, wait_until="networkidle")
    yield page
    page.close()


def test_an_address_in_an_article_becomes_a_chart_of_the_right_height(article):
    frame = article.locator("iframe.wp-embedded-content")
    frame.scroll_into_view_if_needed()
    wait_for_pictures(frame_of(article, "iframe.wp-embedded-content"), 1)
    article.wait_for_function("() => !document.querySelector('iframe.wp-embedded-content').hasAttribute('style')")
    needed = frame_of(article, "iframe.wp-embedded-content").evaluate("() => document.documentElement.scrollHeight")
    assert needed <= 1_000, "WordPress gives a frame no more"
    assert frame.evaluate("one => one.clientHeight") == pytest.approx(needed, abs=2)


def test_the_link_to_the_evidence_leads_there(article, wordpress):
    article.locator("iframe.wp-embedded-content").scroll_into_view_if_needed()
    inner = frame_of(article, "iframe.wp-embedded-content")
    wait_for_pictures(inner, 1)
    inner.get_by_text("Evidence and data").focus()
    article.keyboard.press("Enter")  # a click waits for frames that a page draws only where they are in view
    article.wait_for_url(f"{wordpress[1]}/charts/{CHART}*")


def test_without_scripts_an_article_leads_to_the_chart(browser, wordpress):
    running, url = wordpress
    page = browser.new_page(java_script_enabled=False)
    page.goto(running.write("author", f"{url}/charts/{CHART}"))
    link = page.locator("blockquote.wp-embedded-content a")
    assert link.is_visible()
    assert link.get_attribute("href") == f"{url}/charts/{CHART}"
    page.close()


def code_of(url: str, way: str) -> str:
    """The code that the page of a chart offers."""
    page = httpx.get(f"{url}/charts/{CHART}", params={"way": way}).text
    (code,) = re.findall(r'<code id="code">(.*?)</code>', page, re.DOTALL)
    return unescape(code).strip()


def test_the_code_of_a_picture_survives_the_sanitiser_and_that_of_a_frame_an_editor(browser, wordpress):
    """Who may write any HTML can use a frame; an author's picture keeps its size, its words and its link."""
    running, url = wordpress
    picture, frame = (code_of(url, way) for way in ("picture", "iframe"))
    page = browser.new_page(color_scheme="dark", viewport={"width": 800, "height": 900})
    page.goto(running.write("author", f"{picture}\n\n{frame}"), wait_until="networkidle")
    assert page.locator(".entry-content iframe").count() == 0, "WordPress allows an author no frame"
    image = page.locator(".entry-content img")
    assert image.evaluate("one => one.naturalWidth") > 300
    assert "1,492" in (image.get_attribute("alt") or "")
    page.goto(running.write("editor", frame), wait_until="networkidle")
    page.locator(".entry-content iframe").scroll_into_view_if_needed()
    inner = frame_of(page, ".entry-content iframe")
    wait_for_pictures(inner, 1)
    assert inner.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.close()
