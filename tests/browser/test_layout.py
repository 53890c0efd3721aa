"""Pages fit: on a small telephone, enlarged twice, on paper, and for who wants nothing to move."""

from __future__ import annotations

import pytest

TOO_WIDE = """() => {
    const root = document.scrollingElement;
    if (root.scrollWidth <= root.clientWidth) return [];
    const wide = [...document.querySelectorAll('main *, header *, footer *')]
        .filter(part => part.getBoundingClientRect().right > root.clientWidth + 1)
        .map(part => part.outerHTML.slice(0, 120));
    return [`${root.scrollWidth} px in ${root.clientWidth} px`, ...wide.slice(0, 3)];
}"""
"""What makes a page scroll sideways. What scrolls by itself (a wide table in its own box) does not."""

MOVING = """() => [
    ...document.getAnimations().map(animation => `an animation of ${animation.effect?.target?.tagName}`),
    ...[...document.querySelectorAll('*')].flatMap(part => {
        const style = getComputedStyle(part);
        const slow = [style.transitionDuration, style.animationDuration].join().split(',').some(t => parseFloat(t) > .01);
        return slow || style.scrollBehavior === 'smooth' ? [part.outerHTML.slice(0, 120)] : [];
    }),
]"""

TOLD = "main :is(h1, h2, td, th, dd, p):not(form *)"
"""What a page tells; a form is of no use on paper."""
SHOWN = f"() => [...document.querySelectorAll('{TOLD}')].map(part => part.checkVisibility())"
LOST_IN_PRINT = f"""shown => [...document.querySelectorAll('{TOLD}')]
    .filter((part, i) => shown[i] && !part.checkVisibility()).map(part => part.outerHTML.slice(0, 120))"""

DARK_PAPER = """() => {
    const [ink, paper] = ['color', 'backgroundColor'].map(of => getComputedStyle(document.body)[of].match(/[\\d.]+/g));
    const bright = ([r, g, b, a]) => a === '0' ? 255 : (r * 299 + g * 587 + b * 114) / 1000;
    return bright(paper) < 250 || bright(ink) > 100 ? [`ink ${ink}, paper ${paper}`] : [];
}"""


def gather(page, addresses, find):
    """What a script finds on each page, where it finds anything."""
    found = {}
    for address in addresses:
        page.goto(address)
        found[address] = find()
    return {address: faults for address, faults in found.items() if faults}


@pytest.mark.parametrize(("width", "scale"), [(320, 2), (640, 2)], ids=["320-px", "200-percent"])
def test_no_page_scrolls_sideways(site, open_page, width, scale):
    """WCAG 1.4.10 and 1.4.4. A window of 1280 px, enlarged to 200 %, has 640 px."""
    page = open_page(viewport={"width": width, "height": 800}, device_scale_factor=scale)
    assert gather(page, site.sample(10, pinned=1), lambda: page.evaluate(TOO_WIDE)) == {}


def test_nothing_moves_for_who_wants_no_motion(site, open_page):
    page = open_page(reduced_motion="reduce")
    assert gather(page, site.sample(1), lambda: page.evaluate(MOVING)) == {}


def test_paper_shows_what_the_screen_shows(site, page):
    def find():
        page.emulate_media(media="screen")
        shown = page.evaluate(SHOWN)
        page.emulate_media(media="print")
        return page.evaluate(LOST_IN_PRINT, shown)

    assert gather(page, site.sample(2), find) == {}


def test_print_is_dark_on_light_in_either_theme(site, open_page):
    page = open_page(color_scheme="dark")
    page.emulate_media(media="print")
    assert gather(page, site.sample(1), lambda: page.evaluate(DARK_PAPER)) == {}
