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

TOLD = "main :is(h1, h2, td, th, dd, p):not(form *, .on-screen, .on-screen *)"
"""What a page tells; a form, code to embed and links to go on are of no use on paper."""
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


STACKED = ("/corrections/murder-dated-2022", "/sources", "/releases/2.2.0", "/releases/2.2.0/changes", "/observations/k7m3q", "/datasets/allegations")  # fmt: skip
HIDDEN_ASIDE = """() => [...document.querySelectorAll('.wide:has(.restack)')]
    .filter(one => one.checkVisibility() && one.scrollWidth > one.clientWidth + 1).map(one => one.ariaLabel)"""


@pytest.mark.parametrize("width", [320, 768])
def test_no_column_of_a_stacked_table_is_off_the_screen(open_page, width):
    page = open_page(viewport={"width": width, "height": 800})
    assert gather(page, STACKED, lambda: page.evaluate(HIDDEN_ASIDE)) == {}


def test_paper_has_tables_with_columns_and_nothing_beyond_its_edge(open_page):
    """A sheet of A4 with margins is as wide as a small tablet, on which tables are stacked."""
    page = open_page(viewport={"width": 680, "height": 960})
    page.emulate_media(media="print")
    for address in STACKED[:4]:
        page.goto(address)
        assert {"table-cell"} == {*page.locator(".restack td:visible").evaluate_all("all => all.map(one => getComputedStyle(one).display)")}, address  # fmt: skip
        assert page.evaluate("() => document.documentElement.scrollWidth") == 680, address


@pytest.mark.parametrize(("address", "most"), [("/charts/allegations-by-year", 2), ("/observations/k7m3q", 5)])
def test_paper_is_short(open_page, address, most):
    page = open_page()
    page.goto(address, wait_until="networkidle")
    margins = dict.fromkeys(("top", "right", "bottom", "left"), "15mm")
    sheets = page.pdf(format="A4", margin=margins).count(b"/Type /Page\n")
    assert 0 < sheets <= most


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


SHIFTED = """() => new Promise(done => {
    let sum = 0;
    new PerformanceObserver(list => {
        for (const one of list.getEntries()) if (!one.hadRecentInput) sum += one.value;
    }).observe({type: 'layout-shift', buffered: true});
    requestAnimationFrame(() => setTimeout(() => done(sum), 50));
})"""
MOST_SHIFT = 0.05
"""Half of what browsers call good (0.1)."""


@pytest.mark.parametrize("width", [320, 1280])
def test_nothing_moves_when_a_picture_arrives_late(site, charts, open_page, width):
    """Every page with a picture, which arrives after everything else has been laid out."""
    page = open_page(viewport={"width": width, "height": 900})
    held = []
    page.route(
        "**/v1/**", lambda route: held.append(route) if route.request.resource_type == "image" else route.continue_()
    )
    shifted = {}
    for address in ("/", "/charts", "/datasets/allegations", "/datasets/duty-status", f"/charts/{charts[0]}"):
        held.clear()
        page.goto(address, wait_until="domcontentloaded")
        page.evaluate("() => new Promise(requestAnimationFrame)")
        page.wait_for_function("() => [...document.images].length > 0")
        page.evaluate("() => new Promise(done => setTimeout(done, 100))")
        assert held, f"{address} has no picture"
        for route in held:
            route.continue_()
        page.wait_for_load_state("load")
        shifted[address] = page.evaluate(SHIFTED)
    assert {address: by for address, by in shifted.items() if by > MOST_SHIFT} == {}


@pytest.mark.parametrize("javascript", [True, False])
def test_a_choice_brings_its_figures_into_view_and_has_a_short_address(open_page, javascript):
    page = open_page(viewport={"width": 1280, "height": 800}, java_script_enabled=javascript, reduced_motion="reduce")
    page.goto("/datasets/allegations")
    page.locator("#filter-category summary").click()
    page.get_by_label("Sexual harassment").check()
    page.get_by_role("button", name="Apply filters").click()
    page.wait_for_url("**/datasets/allegations?category=sexual_harassment#figures")
    result = page.get_by_role("status").first.bounding_box()
    assert 0 <= result["y"] < 400
    assert page.locator("td, th").first.is_visible()


def test_a_comparison_shows_every_figure_on_a_telephone(open_page):
    """All columns of one dimension are in the window, below each other, each with its figure."""
    page = open_page(viewport={"width": 320, "height": 800})
    page.goto("/compare?id=k7m3q&id=gb7nr&id=mw44s&id=cxqbc&id=frdkf&id=rxctb&id=w2rmd&id=wrgv2&id=w7vf8")
    row = page.locator("table.compared tbody tr").first
    cells = row.locator("td:not(.relation)").all()
    assert [cell.get_attribute("data-label") for cell in cells][:2] == ["1,492", "1,131"]
    boxes = [cell.bounding_box() for cell in cells]
    assert all(box["x"] >= 0 and box["x"] + box["width"] <= 320 for box in boxes)
    assert boxes[-1]["y"] + boxes[-1]["height"] - row.bounding_box()["y"] < 500


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_pictures_on_paper_are_light_and_fit(open_page, theme):
    page = open_page(viewport={"width": 1280, "height": 900}, color_scheme=theme)
    page.goto("/charts")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": 718, "height": 1000})  # what A4 leaves between its margins
    page.wait_for_function("() => [...document.images].every(one => one.complete)")
    seen = page.evaluate("() => [...document.images].map(one => [one.currentSrc, one.getBoundingClientRect().height])")
    assert seen
    assert [source for source, _ in seen if "theme=dark" in source] == []
    assert max(height for _, height in seen) <= 900


def test_a_wide_comparison_fits_on_paper(open_page):
    page = open_page(viewport={"width": 718, "height": 1000})
    page.goto("/compare?id=k7m3q&id=gb7nr&id=mw44s&id=cxqbc&id=frdkf&id=rxctb&id=w2rmd&id=wrgv2&id=w7vf8")
    page.emulate_media(media="print")
    assert (
        page.evaluate(
            "() => Math.max(...[...document.querySelectorAll('td')].map(one => one.getBoundingClientRect().right))"
        )
        <= 718
    )
