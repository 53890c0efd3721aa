"""What only a browser can tell: no page scrolls sideways, pages of figures are short, and axe finds no fault."""

import re
from pathlib import Path

import pytest

from .browser import start_browser

KINDS = """/ /check /search /search?q=nearly+1,000 /search?q=dismissed /figures/k7m3q /figures?area=E23000001
/figures/h6xgz /complaints /suspensions /deaths /disagreements /disagreements/how-many-were-accused
/unpublished /unpublished/dismissals /corrections /sources /sources/eye-of-media-2024-disclosure /codelists
/codelists/measure /areas /areas?q=Yorkshire /areas/E23000001 /areas/E23000032 /areas/gb_sct /areas/us_ny_new_york
/areas/ke /areas/in /releases /about /gaps /charts /charts?area=elsewhere /indicators
/indicators/complaints /indicators/allegations /indicators/suspended_on_a_day /indicators/penalties
/indicators/deaths_in_custody /areas/E23000032,E23000031
/areas/us_ny_new_york,us_pa_philadelphia /charts/how-many-were-accused /charts/complaints-by-year /compare
/compare?id=k7m3q&id=gb7nr /docs /docs/start /nothing""".split()
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true })"
FAULTS = """axe.run({rules: {"target-size": {enabled: true}}}).then(found =>
    found.violations.map(one => `${one.id}: ${one.nodes[0].html}`))"""
PICTURES = """[...document.querySelectorAll(".chart svg")].filter(one => one.clientWidth).map(one =>
    [one.clientWidth, one.outerHTML])"""
"""How wide each picture is that is shown, and the picture."""


def find_smallest_text(width, picture):
    """Return how large the smallest text of a picture is that is shown in this width, in pixels."""
    sizes = [float(one) for one in re.findall(r'font-size="([\d.]+)"', picture)]
    return min(sizes) * width / int(re.search(r'viewBox="0 0 (\d+)', picture)[1])


HEIGHT = """Promise.all([...document.images].filter(one => one.getClientRects().length).map(one => {
    one.loading = "eager";
    return one.decode();
})).then(() => document.body.scrollHeight)"""
"""Pictures that are on a page count, also those that it loads only when readers come near."""

TOP_OF_PICTURE = """[...document.querySelectorAll(".chart svg, .chart table")]
    .filter(one => one.getClientRects().length)[0].getBoundingClientRect().top"""
PHONE, SCREEN = 390, 844
"""How wide and how high the screen of a phone is, in pixels."""


@pytest.fixture(scope="module")
def browser():
    with start_browser() as found:
        yield found


@pytest.mark.parametrize("path", KINDS)
def test_no_page_scrolls_sideways(browser, service, path):
    browser.open(f"{service.url}{path}", 320)
    assert browser.evaluate(f"{UNFOLD}; document.documentElement.scrollWidth") == 320


@pytest.mark.parametrize(
    ("path", "most"),
    [
        ("/", 2_500),
        ("/indicators/complaints", 2_500),
        ("/indicators/allegations", 2_500),
        ("/indicators/suspended_on_a_day", 2_500),
        ("/indicators/deaths_in_custody", 2_500),
        ("/areas/E23000001", 4_200),
        ("/areas/E23000032", 4_200),
        ("/areas/gb_sct", 4_200),
        ("/areas/us_ny_new_york", 4_200),
    ],
)
def test_a_page_is_short_on_a_phone_and_begins_with_a_picture(
    browser, service, path, most
):
    browser.open(f"{service.url}{path}", PHONE)
    assert 300 < browser.evaluate(HEIGHT) <= most
    assert browser.evaluate(TOP_OF_PICTURE) < SCREEN


@pytest.mark.parametrize("path", [*KINDS, "/codelists/area", "/codelists/category"])
@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_is_longer_than_can_be_leafed_through(browser, service, path, width):
    browser.open(f"{service.url}{path}", width)
    assert browser.evaluate(HEIGHT) <= 5_000


@pytest.mark.parametrize("width", [320, 375, 768, 1024, 1440])
@pytest.mark.parametrize(
    "path",
    "/ /areas/E23000001 /indicators/allegations /charts /charts/deaths-in-custody-by-year".split(),
)
def test_a_picture_in_a_page_has_the_width_that_can_be_read(
    browser, service, path, width
):
    browser.open(f"{service.url}{path}", width)
    shown = browser.evaluate(f"{UNFOLD}; {PICTURES}")
    assert shown
    assert min(find_smallest_text(*one) for one in shown) >= 11


BESIDE = """[document.querySelector("header").offsetHeight, ...["h1", ".side"].flatMap(one => {
    const box = document.querySelector(one).getBoundingClientRect();
    return [Math.round(box.left), Math.round(box.top)];
})]"""
"""How high the head of a page is; where its title begins, and where what is beside its text."""


@pytest.mark.parametrize(
    "path",
    ["/figures/k7m3q", "/charts/hotline", "/docs/start"],
)
def test_a_wide_screen_has_two_columns_and_a_phone_one(browser, service, path):
    browser.open(f"{service.url}{path}", 1280)
    _, title, _, side, top = browser.evaluate(BESIDE)
    assert side > title + 700
    assert top < 120
    browser.open(f"{service.url}{path}", 375)
    head, title, below, side, top = browser.evaluate(BESIDE)
    assert head <= 130  # with its search
    assert side == 16
    assert top > below + 300


def test_paper_has_no_list_of_more_than_forty_rows(browser, service):
    browser.open(f"{service.url}/indicators/complaints", 800)
    heights = "[...document.querySelectorAll('details.unprinted')].map(one => one.offsetHeight)"
    browser.ask("Emulation.setEmulatedMedia", media="print")
    printed = browser.evaluate(heights)
    browser.ask("Emulation.setEmulatedMedia", media="screen")
    assert printed
    assert max(printed) < 100


@pytest.mark.parametrize("path", KINDS)
@pytest.mark.skipif(
    not AXE.is_file(),
    reason="axe is not installed: npm install --prefix tests/site axe-core",
)
def test_axe_finds_no_fault(browser, service, path):
    for width, scheme in ((375, "light"), (1280, "dark")):
        browser.open(f"{service.url}{path}", width, scheme)
        assert browser.evaluate(f"{AXE.read_text()}; {UNFOLD}; {FAULTS}") == []
