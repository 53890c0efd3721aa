"""What only a browser can tell: no page scrolls sideways, pages of figures are short, and axe finds no fault."""

import re
from pathlib import Path

import pytest

from .browser import start_browser

KINDS = """/ /check /search /search?q=nearly+1,000 /search?q=dismissed /figures/k7m3q
/figures/h6xgz /datasets /datasets/allegations /disagreements /disagreements/how-many-were-accused
/unpublished /unpublished/dismissals /corrections /sources /sources/eye-of-media-2024-disclosure /codelists
/codelists/measure /areas /areas?q=Yorkshire /areas/E23000001 /areas/us_ny_new_york /areas/in /releases /changes
/about /gaps /charts /indicators /indicators/complaints /indicators/penalties /areas/E23000032,E23000031
/areas/us_ny_new_york,us_pa_philadelphia /charts/how-many-were-accused /compare /compare?id=k7m3q&id=gb7nr /docs
/docs/start /nothing""".split()
AXE = Path(__file__).parent / "node_modules/axe-core/axe.min.js"
UNFOLD = "document.querySelectorAll('details').forEach(one => { one.open = true })"
FAULTS = """axe.run({rules: {"target-size": {enabled: true}}}).then(found =>
    found.violations.map(one => `${one.id}: ${one.nodes[0].html}`))"""
PICTURES = """[...document.querySelectorAll(".chart svg, .chart img")].filter(one => one.clientWidth).map(one =>
    [one.clientWidth, one.currentSrc || one.getAttribute("src") || one.outerHTML])"""
"""How wide each picture is that is shown, and its address or itself."""


def find_smallest_text(service, width, picture):
    """Return how large the smallest text of a picture is that is shown in this width, in pixels."""
    text = picture if picture.startswith("<svg") else service.client.get(picture).text
    sizes = [float(one) for one in re.findall(r'font-size="([\d.]+)"', text)]
    return min(sizes) * width / int(re.search(r'viewBox="0 0 (\d+)', text)[1])


HEIGHT = """Promise.all([...document.images].filter(one => one.getClientRects().length).map(one => {
    one.loading = "eager";
    return one.decode();
})).then(() => document.body.scrollHeight)"""
"""Pictures that are on a page count, also those that it loads only when readers come near."""

TOP_OF_NUMBERS = (
    "document.querySelector('#headlines + table tbody').getBoundingClientRect().top"
)


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
        ("/", TOP_OF_NUMBERS, 667),
        ("/gaps", HEIGHT, 5_000),
        ("/figures/k7m3q", HEIGHT, 2_500),  # the figure in the most disagreements
        ("/figures/gb7nr", HEIGHT, 2_500),
    ],
)
def test_pages_are_short_on_a_phone(browser, service, path, what, most):
    browser.open(f"{service.url}{path}", 375)
    assert 300 < browser.evaluate(what) <= most


@pytest.mark.parametrize("path", [*KINDS, "/codelists/area", "/codelists/category"])
@pytest.mark.parametrize("width", [375, 1280])
def test_no_page_is_longer_than_can_be_leafed_through(browser, service, path, width):
    browser.open(f"{service.url}{path}", width)
    assert browser.evaluate(HEIGHT) <= 5_000


@pytest.mark.parametrize("width", [320, 375, 768, 1024, 1440])
@pytest.mark.parametrize(
    "path",
    "/charts/suspended-in-ireland /charts/deaths-in-custody-by-year /charts/new-york-allegations".split(),
)
def test_a_picture_in_a_page_has_the_width_that_can_be_read(
    browser, service, path, width
):
    browser.open(f"{service.url}{path}", width)
    shown = browser.evaluate(f"{UNFOLD}; {PICTURES}")
    assert shown
    assert min(find_smallest_text(service, *one) for one in shown) >= 11


SCALES = f"""{UNFOLD}; Promise.all([...document.querySelectorAll(".kind img")].map(one => {{
    one.loading = "eager";
    return one.decode().then(() => one.clientWidth / one.naturalWidth);
}}))"""
"""How many times as wide as they were drawn the pictures of a place are."""


@pytest.mark.parametrize("width", [320, 375, 470, 500, 700, 740, 1024, 1440])
def test_the_pictures_of_a_place_are_shown_about_as_wide_as_they_are_drawn(
    browser, service, width
):
    browser.open(f"{service.url}/areas/E23000032", width)
    scales = browser.evaluate(SCALES)
    assert len(scales) > 3
    assert all(0.79 <= one <= 1.45 for one in scales), scales


CUT = """Promise.all([...document.querySelectorAll(".previews img")].map(one => {
    one.loading = "eager";
    return one.decode().then(() => [getComputedStyle(one).objectFit, one.currentSrc.includes("size=narrow")]);
}))"""
"""How the small pictures fit into their boxes, and whether each is the picture and not its card."""


@pytest.mark.parametrize("width", [320, 375, 900, 1280])
def test_no_picture_in_the_list_of_charts_is_cut(browser, service, width):
    browser.open(f"{service.url}/charts", width)
    cut = browser.evaluate(CUT)
    assert len(cut) >= 8
    assert {*map(tuple, cut)} == {("contain", True)}


LONGEST = """/ /indicators /indicators/complaints
/areas /areas/E23000001 /areas/E23000032 /areas/E23000034 /areas/gb_eaw /areas/several_forces
/areas/in_mh /areas/in /areas/E23000001,E23000014 /areas/us_ny_new_york /areas/us_pa_philadelphia
/datasets/deaths
/datasets/allegations /datasets/cases /datasets/suspensions
/datasets/complaints /datasets/vetting /datasets/workforce
/datasets/deaths?area=gb_eaw&year=2019/20 /charts/how-many-were-accused /figures/rpg77
/disagreements/how-many-were-accused /search?q=dismissed /search?q=1000""".split()


@pytest.mark.parametrize("path", LONGEST)
def test_no_page_of_figures_is_higher_than_seven_screens_on_a_phone(
    browser, service, path
):
    """Whatever is longer is folded, or scrolls in its own box."""
    browser.open(f"{service.url}{path}", 375)
    assert 600 < browser.evaluate(HEIGHT) <= 5_000


def test_a_link_to_a_dataset_of_a_place_unfolds_it(browser, service):
    browser.open(f"{service.url}/areas/E23000001", 375)
    is_open = "document.querySelector('#deaths').closest('details').open"
    assert browser.evaluate(is_open) is False
    assert browser.evaluate(
        "document.querySelector('a[href=\"#deaths\"]').click(); true"
    )
    assert (
        browser.evaluate(f"new Promise(done => setTimeout(() => done({is_open}), 500))")
        is True
    )


BESIDE = """[document.querySelector("header").offsetHeight, ...["h1", ".side"].flatMap(one => {
    const box = document.querySelector(one).getBoundingClientRect();
    return [Math.round(box.left), Math.round(box.top)];
})]"""
"""How high the head of a page is; where its title begins, and where what is beside its text."""


@pytest.mark.parametrize(
    "path",
    ["/datasets/allegations", "/figures/k7m3q", "/charts/hotline", "/docs/start"],
)
def test_a_wide_screen_has_two_columns_and_a_phone_one(browser, service, path):
    browser.open(f"{service.url}{path}", 1280)
    _, title, _, side, top = browser.evaluate(BESIDE)
    assert side > title + 700
    assert top < 120
    browser.open(f"{service.url}{path}", 375)
    head, title, below, side, top = browser.evaluate(BESIDE)
    assert head <= 90
    assert side == 16
    assert top > below + 300


def test_paper_has_no_list_of_more_than_forty_rows(browser, service):
    browser.open(f"{service.url}/datasets/deaths", 800)
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
