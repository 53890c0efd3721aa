"""The code that embeds a chart, in a browser, in columns of a page of another origin; oEmbed, and cards of pages."""

import html
import io
import json
import re
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest
from PIL import Image

from tests.charts import SVG, read_svg
from tests.conftest import NEWEST

BROWSER = (
    shutil.which("chromium")
    or shutil.which("chromium-browser")
    or shutil.which("google-chrome")
)
COLUMNS = {280: "narrow", 320: "narrow", 430: "medium", 640: "wide", 1000: "wide"}
"""The width of each column of the page in pixels, and the picture that it has room for."""

PAGE = "<!doctype html><meta charset=utf-8><style>body{{margin:0;background:#fff}}div.column{{float:left}}</style>{}"
REPORT = """<script>addEventListener("load", () => {
    const columns = [...document.querySelectorAll("div.column")].map(column => {
        const shown = [...column.querySelectorAll("img")].filter(image => image.getBoundingClientRect().width > 0)
        const place = ({x, y, width, height}) => [x, y, width, height]
        const say = image => [image.currentSrc, image.naturalWidth, ...place(image.getBoundingClientRect())]
        return {width: column.clientWidth, needs: column.scrollWidth, shown: shown.map(say)}
    })
    document.title = JSON.stringify({dark: matchMedia("(prefers-color-scheme: dark)").matches, columns})
})</script>"""


@pytest.fixture
def browse(tmp_path):
    """Show the body of a page of another origin to a reader who prefers dark; return what is seen, and a picture."""
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path)
    )
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def open_page(body):
        (tmp_path / "page.html").write_text(
            PAGE.format(body + REPORT), encoding="utf-8"
        )
        options = [
            "--headless=new",
            "--no-sandbox",
            "--disable-gpu",
            "--virtual-time-budget=8000",
            "--hide-scrollbars",
        ]
        options += [
            f"--user-data-dir={tmp_path / 'profile'}",
            "--window-size=2800,1600",
        ]
        options += [
            "--blink-settings=preferredColorScheme=0",
            f"http://127.0.0.1:{server.server_port}/page.html",
        ]
        seen = subprocess.check_output(
            [BROWSER, "--dump-dom", *options], text=True, timeout=60
        )
        subprocess.check_call(
            [BROWSER, f"--screenshot={tmp_path / 'seen.png'}", *options], timeout=60
        )
        found = json.loads(html.unescape(re.search("<title>(.*?)</title>", seen)[1]))
        return found, Image.open(tmp_path / "seen.png").convert("RGB")

    yield open_page
    server.shutdown()
    server.server_close()


def in_columns(code):
    """Return a page that shows embed code in each of the columns."""
    return "".join(
        f'<div class="column" style="width:{width}px">{code}</div>' for width in COLUMNS
    )


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
@pytest.mark.parametrize("query", ["hotline", "deaths-in-custody-by-year"])
def test_a_page_of_another_origin_shows_one_legible_picture_in_every_column(
    client, browse, query
):
    code = client.get(f"/v1/charts/{query}").json()["chart"]["embed"]
    found, seen = browse(in_columns(code))
    assert found["dark"]
    for column, (width, size) in zip(found["columns"], COLUMNS.items(), strict=True):
        assert (column["width"], column["needs"]) == (width, width)  # nothing overflows
        ((address, natural, x, y, shown, high),) = column["shown"]
        assert f"size={size}&" in address, width
        assert shown == width
        svg = read_svg(client.get(address).text)
        _, _, wide, tall = map(float, svg.get("viewBox").split())
        assert (natural, high / shown) == (
            int(svg.get("width")),
            pytest.approx(tall / wide, abs=0.01),
        )
        smallest = min(float(group.get("font-size")) for group in svg.iter(f"{SVG}g"))
        assert smallest * shown / wide >= 11, width
        assert "prefers-color-scheme" not in ElementTree.tostring(svg, "unicode")
        assert seen.getpixel((round(x + 4), round(y + 4))) == (255, 255, 255)


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
def test_a_page_that_removes_style_sheets_shows_the_narrow_picture(client, browse):
    code = client.get("/v1/charts/hotline").json()["chart"]["embed"]
    found, _ = browse(in_columns(re.sub("<style>.*?</style>", "", code)))
    forbidden, _ = browse(
        in_columns(re.sub('<style>.*?</style>| style="[^"]*"', "", code))
    )  # by the page's policy
    assert all(
        [address for address, *_ in one["shown"] if "size=narrow&" not in address] == []
        for one in forbidden["columns"]
    )
    for column in found["columns"]:
        ((address, _, _, _, shown, _),) = column["shown"]
        assert ("size=narrow&" in address, shown) == (True, min(column["width"], 480))


def test_the_code_is_a_link_around_pictures_with_every_figure_in_words(client):
    code, pinned = (
        client.get(f"/v1/charts/hotline{query}").json()["chart"]["embed"]
        for query in ("", f"?release={NEWEST}")
    )
    assert re.search(
        r'<a href="[^"]+/charts/hotline"><img class="narrow" src="[^"]+size=narrow&amp;theme=light"',
        code,
    )
    sizes = re.findall(r'class="(\w+)" src="[^"]+size=(\w+)', code)
    assert sizes == [("narrow", "narrow"), ("medium", "medium"), ("wide", "wide")]
    assert pinned.count(f"release={NEWEST}") == 4
    for alt in re.findall(r'alt="([^"]+)"', pinned):
        assert all(
            printed in alt
            for printed in ("1,000", "350", "A fifth", "Source: Commissioner")
        )
    assert "script" not in code
    assert "iframe" not in code


@pytest.mark.parametrize("query", ["", f"?release={NEWEST}"])
@pytest.mark.parametrize("page", ["/charts/hotline", "/figures/k7m3q"])
def test_the_card_of_a_pinned_page_is_pinned(service, client, page, query):
    text = client.get(f"{page}{query}").raise_for_status().text
    about = dict(
        re.findall(r'<meta property="(og:image[^"]*)" content="([^"]+)">', text)
    )
    address = html.unescape(about["og:image"])
    assert (f"release={NEWEST}" in address) is bool(query)
    card = Image.open(io.BytesIO(client.get(address).raise_for_status().content))
    assert (
        card.size
        == (int(about["og:image:width"]), int(about["og:image:height"]))
        == (1200, 630)
    )
    assert re.search(r"\d", about["og:image:alt"])
    oembed = html.unescape(
        re.search(r'type="application/json\+oembed" href="([^"]+)"', text)[1]
    )
    picture = client.get(oembed).raise_for_status().json()["url"]
    assert (f"release={NEWEST}" in picture) is bool(query)
    assert client.get(picture).headers["content-type"] == "image/png"


@pytest.mark.parametrize(
    "path",
    [
        "indicators/suspended_on_a_day?area=E23000001,gb_nir",
        "figures/k7m3q",
        "charts/hotline",
    ],
)
def test_oembed_has_the_size_of_its_picture(client, service, path):
    told = (
        client.get("/oembed", params={"url": f"{service.url}/v1/{path}"})
        .raise_for_status()
        .json()
    )
    drawn = read_svg(
        client.get(told["url"].replace(".png", ".svg")).raise_for_status().text
    )
    assert (told["width"], told["height"]) == (
        int(drawn.get("width")),
        int(drawn.get("height")),
    )


@pytest.mark.parametrize(
    "limits",
    [{"maxwidth": 300, "maxheight": 100}, {"maxheight": 150}, {"maxwidth": 200}],
)
def test_oembed_keeps_the_shape_of_a_picture_and_takes_the_one_that_fits_best(
    client, service, limits
):
    address = f"{service.url}/v1/indicators/deaths_in_custody?area=gb_eaw"
    told = (
        client.get("/oembed", params={"url": address, **limits})
        .raise_for_status()
        .json()
    )
    scales = {}
    for size in ("narrow", "medium", "wide"):
        drawn = read_svg(
            client.get(f"{address}&size={size}".replace("?", ".svg?"))
            .raise_for_status()
            .text
        )
        width, height = int(drawn.get("width")), int(drawn.get("height"))
        scale = min(
            limits.get("maxwidth", width) / width,
            limits.get("maxheight", height) / height,
        )
        scales[size] = scale, (round(width * scale), round(height * scale))
    best = max(scales, key=lambda size: scales[size][0])
    assert f"size={best}" in told["url"]
    assert (told["width"], told["height"]) == scales[best][1]


@pytest.mark.parametrize(
    ("page", "picture"),
    [
        (
            "/indicators/complaints?area=gb_nir",
            "/v1/indicators/complaints.png?area=gb_nir&size=",
        ),
    ],
)
def test_oembed_of_a_page_is_the_picture_of_its_list(client, service, page, picture):
    text = client.get(page, headers={"Accept": "text/html"}).raise_for_status().text
    if found := re.search(r'type="application/json\+oembed" href="([^"]+)"', text):
        assert (
            client.get(html.unescape(found[1]))
            .raise_for_status()
            .json()["url"]
            .startswith(f"{service.url}{picture}")
        )
    told = (
        client.get("/oembed", params={"url": f"{service.url}{page}"})
        .raise_for_status()
        .json()
    )
    assert told["url"].startswith(f"{service.url}{picture}")
    assert client.get(told["url"]).headers["content-type"] == "image/png"


def test_the_code_of_an_indicator_has_its_places_and_is_live_or_pinned(client, service):
    path = "/indicators/complaints?area=gb_nir"
    for query in ("", f"&release={NEWEST}"):
        text = (
            client.get(f"{path}{query}", headers={"Accept": "text/html"})
            .raise_for_status()
            .text
        )
        code = html.unescape(re.search(r'<p class="copy">(&lt;div.*?)</p>', text)[1])
        assert f'href="{service.url}{html.escape(path + query)}"' in code
        addresses = [html.unescape(one) for one in re.findall(r'src="([^"]+)"', code)]
        assert len(addresses) == 3
        assert all((f"release={NEWEST}" in one) is bool(query) for one in addresses)
        assert {client.get(one).status_code for one in addresses} == {200}


@pytest.mark.parametrize(
    "path", ["indicators/complaints", "indicators/dismissed?area=gb_eaw,E23000001"]
)
def test_the_embed_code_of_an_indicator_has_the_sizes_of_its_pictures(client, path):
    page = html.unescape(
        client.get(f"/{path}", headers={"Accept": "text/html"}).raise_for_status().text
    )
    images = re.findall(
        r'src="(http[^"]+[.]svg[^"]*)" loading="lazy" width="(\d+)" height="(\d+)"',
        page,
    )
    assert len(images) == 3
    for address, width, height in images:
        assert (
            f'width="{width}" height="{height}"'
            in client.get(html.unescape(address)).raise_for_status().text[:300]
        )
