"""Everything works with the keyboard alone: the skip link comes first, focus is seen, nothing is out of reach."""

from __future__ import annotations

import pytest

REACHABLE = """() => [...document.querySelectorAll(
        'a[href], button:not(:disabled), input:not([type=hidden]):not(:disabled), select, textarea, summary, [tabindex="0"]')]
    .filter(part => part.checkVisibility({visibilityProperty: true}) && part.tabIndex >= 0)
    .filter(part => part.type !== 'radio' || part.checked || !part.form.querySelector(`[name="${part.name}"]:checked`))
    .map((part, i) => { part.dataset.place = i; return part.outerHTML.slice(0, 120); })"""

FOCUSED = """() => {
    const part = document.activeElement, style = getComputedStyle(part), box = part.getBoundingClientRect();
    const outlined = style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2 || style.outlineStyle === 'auto';
    const inside = box.bottom > 0 && box.top < innerHeight && box.right > 0 && box.left < innerWidth;
    return {place: part.dataset.place ?? null, html: part.outerHTML.slice(0, 120), seen: outlined && inside && box.width > 0};
}"""

MOST_CONTROLS = 120
"""Of a longer page, so many are tried."""


@pytest.fixture
def page(open_page):
    """Without motion, a page has scrolled to what has the focus by the time one looks."""
    return open_page(viewport={"width": 1280, "height": 800}, reduced_motion="reduce")


def tab_through(page) -> tuple[list[str], list[dict]]:
    """The controls of a page, in the order of the page, and what gets the focus, key by key."""
    controls = page.evaluate(REACHABLE)[:MOST_CONTROLS]
    focused = []
    for _ in controls:
        page.keyboard.press("Tab")
        focused.append(page.evaluate(FOCUSED))
    return controls, focused


def test_the_first_key_leads_past_the_navigation(site, page):
    for address in site.sample(1):
        page.goto(address)
        page.keyboard.press("Tab")
        first = page.evaluate(FOCUSED)
        assert first["seen"], f"{address}: {first['html']}"
        assert 'href="#main"' in first["html"], f"{address}: {first['html']}"
        page.keyboard.press("Enter")
        page.keyboard.press("Tab")
        inside = page.evaluate("() => document.activeElement.closest('main, footer') !== null")
        assert inside, f"{address}: after the skip link focus is not in the content"


def test_every_control_is_reached_in_order_and_its_focus_is_seen(site, page):
    wrong = {}
    for address in site.sample(1):
        page.goto(address)
        controls, focused = tab_through(page)
        missed = [html for i, html in enumerate(controls) if str(i) not in {at["place"] for at in focused}]
        unseen = [at["html"] for at in focused if not at["seen"]]
        if missed or unseen:
            wrong[address] = {"missed": missed[:3], "unseen": unseen[:3]}
    assert wrong == {}


def test_what_is_folded_opens_with_a_key(page):
    page.goto("/docs")
    folded = page.locator("details").nth(1)
    assert folded.get_attribute("open") is None
    folded.locator("summary").focus()
    page.keyboard.press("Enter")
    assert folded.get_attribute("open") is not None
