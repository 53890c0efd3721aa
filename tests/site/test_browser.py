"""What only a browser can tell: no page scrolls sideways, pages of figures are short, and axe finds no fault."""

from pathlib import Path

import pytest

from .browser import start_browser

KINDS = """/ /look-up /look-up?q=nearly+1,000 /look-up?q=dismissed /observations/k7m3q /observations/h6xgz?release=1.0.0
/datasets /datasets/allegations /disagreements /disagreements/how-many-were-accused /unpublished /unpublished/dismissals
/corrections /sources /sources/eye-of-media-2024-disclosure /codelists /codelists/measure /releases /changes /about
/charts /charts/how-many-were-accused /compare /compare?id=k7m3q&id=gb7nr /docs /docs/start /nothing""".split()
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true })"
FAULTS = "axe.run().then(found => found.violations.map(one => `${one.id}: ${one.nodes[0].html}`))"
SMALLEST = """[...document.querySelectorAll("svg.picture")].filter(one => one.getBoundingClientRect().width).map(one =>
    Math.min(...[...one.querySelectorAll("g")].map(text => text.getAttribute("font-size")))
    * one.getBoundingClientRect().width / one.viewBox.baseVal.width)"""
"""How large the smallest text of each picture is that is shown, in pixels."""

HEIGHT, TOP_OF_CHART = "document.body.scrollHeight", "document.querySelector('.chart').getBoundingClientRect().top"


@pytest.fixture(scope="module")
def browser():
    with start_browser() as found:
        yield found


@pytest.mark.parametrize("path", KINDS)
def test_no_page_scrolls_sideways(browser, service, path):
    browser.open(f"{service.url}{path}", 320)
    assert browser.evaluate(f"{UNFOLD}; document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(
    ("path", "what", "most"),
    [
        ("/", TOP_OF_CHART, 2 * 667),
        ("/observations/k7m3q", HEIGHT, 2_500),  # the figure in the most disagreements
        ("/observations/gb7nr?release=2.2.0", HEIGHT, 2_500),
        ("/datasets/allegations?release=2.2.0", HEIGHT, 4_000),  # 31 figures
    ],
)
def test_pages_are_short_on_a_phone(browser, service, path, what, most):
    browser.open(f"{service.url}{path}", 375)
    assert 600 < browser.evaluate(what) <= most


@pytest.mark.parametrize("width", [320, 375, 768, 1024, 1440])
@pytest.mark.parametrize(
    "path", "/ /charts/deaths-in-custody-by-year /datasets/after-contact /observations/k7m3q".split()
)
def test_a_picture_in_a_page_has_the_width_that_can_be_read(browser, service, path, width):
    browser.open(f"{service.url}{path}", width)
    (smallest,) = browser.evaluate(f"{UNFOLD}; {SMALLEST}")
    assert smallest >= 11


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.skipif(not AXE.is_file(), reason="axe is not installed: npm install --prefix tests/site axe-core")
def test_axe_finds_no_fault(browser, service, path):
    for width, scheme in ((375, "light"), (1280, "dark")):
        browser.open(f"{service.url}{path}", width, scheme)
        assert browser.evaluate(f"{AXE.read_text()}; {UNFOLD}; {FAULTS}") == []
