"""No page keeps anybody out: axe-core finds no breach of WCAG 2.2 AA, in either theme, on a telephone or a desk."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.browser.barriers import find_barriers
from tests.tools import install_packages

HERE = Path(__file__).parent
AS_SEEN = pytest.mark.parametrize(("theme", "width"), [(t, w) for t in ("light", "dark") for w in (320, 1280)])


@pytest.fixture(scope="package")
def axe() -> Path:
    """The script of axe-core."""
    return install_packages(HERE, "no page was searched for barriers") / "axe-core" / "axe.min.js"


@AS_SEEN
def test_no_page_has_a_barrier(site, open_page, axe, theme, width):
    page = open_page(viewport={"width": width, "height": 900}, color_scheme=theme, bypass_csp=True)
    found = {}
    for address in site.sample(2, pinned=1 if (theme, width) == ("light", 320) else 0):
        page.goto(address)
        found[address] = find_barriers(page, axe)
    assert {address: barriers for address, barriers in found.items() if barriers} == {}


@AS_SEEN
def test_no_embed_has_a_barrier(charts, open_page, axe, theme, width):
    """By itself, as a frame shows it, and with its table opened."""
    page = open_page(viewport={"width": width, "height": 900}, bypass_csp=True)
    for slug in charts:
        page.goto(f"/v1/charts/{slug}.html?theme={theme}")
        page.locator("summary").click()
        assert find_barriers(page, axe) == [], slug


@pytest.mark.parametrize(
    ("barrier", "rule"),
    [
        ('<img src="/static/none.svg">', "image-alt"),
        ('<p style="color: #888; background: #999">grey on grey</p>', "color-contrast"),
        ("<h1>One</h1><h4>Four</h4>", "heading-order"),
        ('<button style="width: 9px; height: 9px; padding: 0" aria-label="Small"></button>' * 2, "target-size"),
    ],
)
def test_a_barrier_is_found(host, page, axe, barrier, rule):
    """The search itself works: WCAG's levels up to 2.2, and good practice."""
    page.goto(host.show(f"<main><h1>Host</h1>{barrier.replace('/static/none.svg', 'data:,')}</main>"))
    assert rule in {barrier.partition(":")[0] for barrier in find_barriers(page, axe)}
