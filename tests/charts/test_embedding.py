"""Pictures at their addresses, frames for other pages, oEmbed, and cards of pages."""

import html
import io
import re

import pytest
from PIL import Image

from misconduct.pictures.canvas import COLOURS
from tests.charts import ids_of, marks_of, read_svg, words_of
from tests.conftest import NEWEST
from tests.site.browser import start_browser

AS_PAGE = {"Accept": "text/html"}
FRAMES = ("charts/complaints-by-year", "indicators/complaints?area=gb_eaw")


def ask(client, path, **query):
    answer = client.get(path, params=query or None)
    return read_svg(answer.raise_for_status().text)


@pytest.mark.parametrize(
    "query",
    [
        "complaints?area=gb_eaw",
        "allegations?area=met&by=kind&year=2024",
        "allegations?area=within:gb_eaw&year=2024",
        "suspended_on_a_day?area=met&all=1",
    ],
)
def test_a_picture_draws_the_rows_of_the_table_at_its_address_or_counts_them(
    client, query
):
    path, _, filters = query.partition("?")
    table = client.get(f"/v1/indicators/{query}").raise_for_status().json()["data"]
    ids = {row["id"] for row in table if row["id"]}
    for size in ("wide", "narrow"):
        svg = ask(client, f"/v1/indicators/{path}.svg?{filters}&size={size}")
        drawn = {*ids_of(svg)}
        assert drawn <= ids
        left = len(ids - drawn)
        assert (f"{left:,} more" in " ".join(words_of(svg))) is (left > 0)


def test_a_place_that_is_asked_and_not_held_stands_there_in_words(client):
    path = "/v1/indicators/allegations.svg?area=met,gmp,west+midlands+police&year=2024"
    answer = client.get(path.replace(".svg", "")).json()
    absent = {row["area"] for row in answer["data"] if not row["id"]}
    words = " ".join(words_of(ask(client, path)))
    assert absent
    assert all(area in words for area in absent)


def test_no_band_stands_where_another_count_is_held(client):
    """393 deaths are held for 2022/23, of another count."""
    svg = ask(client, "/v1/indicators/deaths_police_action.svg", area="za")
    rows = client.get("/v1/figures?indicator=deaths_police_action&area=za").json()
    held = {row["year"] for row in rows["data"]}
    assert held
    for band in marks_of(svg, "tint"):
        years = {int(year) for year in re.findall(r"\d{4}", band[0].text)}
        assert not years & held


@pytest.mark.parametrize("suffix", ["svg", "png"])
@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("complaints?area=gb_eaw&year=1901", "94,940"),
        ("complaints?area=gb_eaw,gb_sct", "England and Wales and Scotland"),
        ("complaints?area=gb_eaw,gb_sct", "67,732 in 2020/21"),  # the title of a chart
        ("allegations?area=within:gb_eaw&year=2024&size=card", "size=wide"),
    ],
)
def test_what_cannot_be_drawn_is_refused_with_what_is_held_or_drawn(
    client, suffix, query, said
):
    answer = client.get(f"/v1/indicators/{query.replace('?', f'.{suffix}?')}")
    assert answer.status_code == 404
    assert said in answer.json()["detail"]


@pytest.mark.parametrize(
    ("query", "is_drawn"), [("area=gb_eaw", True), ("area=gb_eaw,gb_sct", False)]
)
def test_a_table_names_its_picture_only_if_there_is_one(client, query, is_drawn):
    table = client.get(f"/v1/indicators/complaints?{query}&latest=1").json()
    picture = table["links"]["picture"]
    assert bool(picture) is is_drawn
    if is_drawn:
        assert {*ids_of(ask(client, picture))} <= {row["id"] for row in table["data"]}


@pytest.mark.parametrize(
    ("query", "held"),
    [
        ("deaths_in_custody?area=in_ar", "Complaints about the police"),  # of the place
        ("allegations?area=us_il_chicago", "Allegations upheld"),
        ("complaints?area=gb_eaw&year=1901", "94,940"),  # another year
    ],
)
def test_a_refused_frame_is_one_paragraph_that_says_what_is_held(client, query, held):
    answer = client.get(f"/embed/indicators/{query}", headers=AS_PAGE)
    assert answer.status_code == 404
    assert held in answer.text
    assert "/v1/" not in answer.text
    assert "<nav" not in answer.text
    assert "frame-ancestors *" in answer.headers["content-security-policy"]


@pytest.mark.parametrize("path", FRAMES)
def test_others_may_frame_a_frame_and_no_other_page(client, path):
    answer = client.get(f"/embed/{path}", headers=AS_PAGE).raise_for_status()
    policy = answer.headers["content-security-policy"]
    assert "frame-ancestors *" in policy
    assert "script-src" not in policy
    assert "<script" not in answer.text
    assert "<details" in answer.text
    assert "94,940" in answer.text
    page = client.get(f"/{path}", headers=AS_PAGE).raise_for_status()
    assert "frame-ancestors 'none'" in page.headers["content-security-policy"]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_frame_has_the_theme_that_is_asked_for(client, theme):
    page = client.get(f"/embed/{FRAMES[0]}?theme={theme}", headers=AS_PAGE).text
    address = html.unescape(re.search(r'href="(/static/pictures.css[^"]*)"', page)[1])
    styles = client.get(address).text
    assert f"color-scheme:{theme}" in styles
    assert COLOURS[theme]["high"] in styles
    assert "prefers-color-scheme" not in styles


@pytest.mark.parametrize("path", FRAMES)
@pytest.mark.parametrize("query", ["", f"release={NEWEST}"])
def test_the_embed_code_is_a_frame_that_is_live_or_pinned(client, path, query):
    sign = "&" if "?" in path else "?"
    page = client.get(f"/{path}{sign}{query}", headers=AS_PAGE).raise_for_status()
    code = html.unescape(
        re.search(r'<p class="copy">(&lt;iframe.*?)</p>', page.text)[1]
    )
    address = html.unescape(re.search(r'src="([^"]+)"', code)[1])
    assert (f"release={NEWEST}" in address) is bool(query)
    assert client.get(address, headers=AS_PAGE).status_code == 200
    assert "94,940" in re.search(r'title="([^"]+)"', code)[1]


@pytest.mark.parametrize(
    ("path", "number"),
    [
        ("indicators/complaints?area=gb_eaw", "94,940"),
        ("charts/complaints-by-year", "94,940"),
        ("figures/k7m3q", "1,492"),
    ],
)
@pytest.mark.parametrize("limits", [{}, {"maxwidth": 300}, {"maxheight": 200}])
def test_oembed_is_rich_and_has_the_number_in_its_title(
    client, service, path, number, limits
):
    address = f"{service.url}/{path}"
    told = client.get("/oembed", params={"url": address, **limits})
    told = told.raise_for_status().json()
    assert told["type"] == "rich"
    assert number in told["title"]
    assert told["width"] <= limits.get("maxwidth", 720)
    assert told["height"] <= limits.get("maxheight", 10_000)
    inside = html.unescape(re.search(r'src="([^"]+)"', told["html"])[1])
    assert client.get(inside, headers=AS_PAGE).status_code == 200
    card = client.get(told["thumbnail_url"]).raise_for_status()
    size = told["thumbnail_width"], told["thumbnail_height"]
    assert Image.open(io.BytesIO(card.content)).size == size


@pytest.mark.parametrize(
    "path",
    ["charts/none", "indicators/none", "search?q=x", "indicators/cases?colour=x"],
)
def test_what_is_no_picture_is_not_embedded(client, service, path):
    told = client.get("/oembed", params={"url": f"{service.url}/{path}"})
    assert told.status_code == 404


@pytest.mark.parametrize("query", ["", f"?release={NEWEST}"])
@pytest.mark.parametrize("page", ["/charts/complaints-by-year", "/figures/k7m3q"])
def test_the_card_of_a_pinned_page_is_pinned(client, page, query):
    text = client.get(f"{page}{query}", headers=AS_PAGE).raise_for_status().text
    about = dict(
        re.findall(r'<meta property="(og:image[^"]*)" content="([^"]+)">', text)
    )
    address = html.unescape(about["og:image"])
    assert (f"release={NEWEST}" in address) is bool(query)
    card = client.get(address).raise_for_status()
    assert Image.open(io.BytesIO(card.content)).size == (1200, 630)
    assert re.search(r"\d", about["og:image:alt"])


SHOWN = """[document.documentElement.scrollWidth, [...document.querySelectorAll("figure svg")]
    .filter(one => one.clientWidth).map(one => one.getAttribute("class"))]"""
"""How wide a page is, and which of its pictures are shown."""


@pytest.fixture(scope="module")
def browser():
    with start_browser() as found:
        yield found


@pytest.mark.parametrize(
    ("width", "size"), [(320, "narrow"), (460, "narrow"), (720, "wide"), (1000, "wide")]
)
def test_a_frame_shows_one_picture_that_fits_its_width(browser, service, width, size):
    browser.open(f"{service.url}/embed/{FRAMES[0]}", width)
    assert browser.evaluate(SHOWN) == [width, [size]]
