"""The service under another name than MISCONDUCT_BASE_URL: on the machine itself, in a LAN, behind a proxy."""

from __future__ import annotations

import re
from collections.abc import Iterator
from urllib.parse import urlsplit

import pytest

from tests.browser.conftest import STRANGE_NAME
from tests.browser.watching import Watch

FOR_PROGRAMS = ("canonical", "alternate")
"""Links that programs elsewhere read: they begin with the address that people use."""


@pytest.fixture(params=["the machine's address", "another name"])
def elsewhere(request, browser, real) -> Iterator[Watch]:
    """Whatever a page asks for must come from the address that it was opened at, and no policy may block it."""
    assert urlsplit(real.url).hostname == "127.0.0.1"
    assert urlsplit(real.settings.public_url).hostname == "localhost"
    watch = Watch(real.url if request.param == "the machine's address" else f"http://{STRANGE_NAME}")
    watch.expect("Cross-Origin-Opener-Policy header has been ignored")  # a name needs HTTPS for it; 127.0.0.1 does not
    yield watch
    assert watch.faults == []
    assert watch.strangers == []


def test_every_kind_of_page_is_whole_under_another_name(browser, real, site, elsewhere):
    context = browser.new_context()
    elsewhere.attach(context)
    page = context.new_page()
    for address in site.sample(1, pinned=1):
        page.goto(elsewhere.origins[0] + address, wait_until="load")
        assert page.evaluate("() => [...document.styleSheets].every(sheet => sheet.cssRules.length > 0)"), address
        assert page.evaluate("() => document.styleSheets.length") > 0, address
        assert page.evaluate("() => [...document.images].every(one => !one.complete || one.naturalWidth > 0)"), address
    context.close()


@pytest.mark.parametrize("query", ["", "?release=1.2.0&notice=1", "?theme=auto"])
def test_a_frame_is_whole_under_another_name(browser, real, charts, elsewhere, query):
    context = browser.new_context()
    elsewhere.attach(context)
    page = context.new_page()
    there = [chart for chart in charts if real.client.get(f"/v1/charts/{chart}{query}").is_success]
    assert len(there) >= 5
    for chart in there:
        page.goto(f"{elsewhere.origins[0]}/v1/charts/{chart}.html{query}", wait_until="load")
        assert page.evaluate("() => document.styleSheets[0].cssRules.length > 0")
        assert page.evaluate("() => document.images[0].naturalWidth > 300")
        assert page.evaluate("() => document.scripts.length === 1")
    assert any(url.endswith("/embed.js") for url in elsewhere.requests)
    context.close()


def test_no_page_and_no_frame_leads_or_sends_to_a_name_of_the_service(site, real, charts):
    html = dict(site.html)
    for chart in charts:
        html[f"{chart}.html"] = real.client.get(f"/v1/charts/{chart}.html?release=1.2.0&notice=1").text
    found = {page: tied for page, text in html.items() if (tied := tied_to(text, real.settings.public_url))}
    assert found == {}


def tied_to(html: str, base_url: str) -> list[str]:
    """The elements that load, lead or send to an address that begins with `base_url`."""
    tags = re.findall(r"<(?!meta)[a-z][^>]*>", html)
    tied = [tag for tag in tags if re.search(rf'\b(href|src|srcset|action|data-\w+)="{re.escape(base_url)}', tag)]
    return [tag for tag in tied if not any(f'rel="{rel}"' in tag for rel in FOR_PROGRAMS)]
