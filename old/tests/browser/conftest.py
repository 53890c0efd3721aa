"""One Chromium for all tests of this folder; the service as `localhost:8000`; another origin that shows its charts.

Chromium resolves no name but these two and STRANGE_NAME: a request to any other host would fail, and fails the test.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from tests.browser.chromium import find_chromium, why_no_chromium
from tests.browser.crawl import Site, crawl
from tests.browser.hosting import Host, start_host
from tests.browser.watching import Watch
from tests.serving import Served
from tests.tools import cannot

OpenPage = Callable[..., Page]

STRANGE_NAME = "figures.example.org"
"""A name that leads to the service without its knowing."""


def pytest_runtest_setup(item: pytest.Item) -> None:
    """What cannot be tried without a browser is told in one line: a skip in a fixture would have one for each test."""
    if "browser" in getattr(item, "fixturenames", ()) and (reason := why_no_chromium()):
        cannot(f"no Chromium, and {reason}: nothing was tested in a browser (tests/browser)")


@pytest.fixture(scope="package")
def origin(real: Served) -> str:
    """The service's address as its own links have it. The browser finds it at the port where it runs."""
    return real.settings.public_url


# Of the package, not of the session: Playwright keeps an event loop running, which others must not meet.
@pytest.fixture(scope="package")
def browser(real: Served, origin: str) -> Iterator[Browser]:
    to = urlsplit(real.url).netloc
    rules = f"MAP {urlsplit(origin).netloc} {to}, MAP {STRANGE_NAME} {to}, MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=[f"--host-resolver-rules={rules}"])
        yield browser
        browser.close()


@pytest.fixture(scope="package")
def host() -> Iterator[Host]:
    """A service on another origin, to show ours in its pages."""
    with start_host() as host:
        yield host


@pytest.fixture(scope="package")
def site(real: Served, origin: str) -> Site:
    """Every page of the service that links lead to."""
    with httpx.Client(base_url=real.url, timeout=20) as client:
        return crawl(client, origin)


@pytest.fixture(scope="package")
def charts(real: Served) -> list[str]:
    """The charts of the register."""
    found = [chart["id"] for chart in real.client.get("/v1/charts").json()["data"]]
    assert found, "no release has a chart"
    return found


@pytest.fixture
def watch(origin: str, host: Host) -> Iterator[Watch]:
    """What the browser said and asked for. An error that the test did not expect, or another host, fails it."""
    watch = Watch(origin, host.origin)
    yield watch
    assert watch.faults == []
    assert watch.strangers == []


@pytest.fixture
def open_page(browser: Browser, origin: str, watch: Watch) -> Iterator[OpenPage]:
    """Opens an empty page in a context of its own, with the options that Playwright's contexts have."""
    contexts: list[BrowserContext] = []

    def open_page(**options: Any) -> Page:
        context = browser.new_context(**{"base_url": origin, "service_workers": "block", **options})
        contexts.append(context)
        context.set_default_timeout(10_000)
        watch.attach(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()


@pytest.fixture
def page(open_page: OpenPage) -> Page:
    """An empty page, 1280 px wide, in light colours."""
    return open_page(viewport={"width": 1280, "height": 800})
