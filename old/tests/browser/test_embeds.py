"""Another service shows the charts: as a picture, in a frame, and from a pasted link."""

from __future__ import annotations

import re
from html import unescape

import pytest

from tests.browser.showing import click, frame_of, text_of, wait_for_pictures, words_of
from tests.browser.tampering import slip_in

CHART = "how-many-were-accused"
PRINTED = ["1,492", "1,131", "1,071", "some 1,000", "about 1,000", "nearly 1,000", "approximately 1,000", "Hundreds"]
"""What the articles print, with their hedges (tests/charts/test_drawing.py has what each chart says)."""

LISTEN = """<script>
window.heard = [];
addEventListener('message', ({data, origin}) => {
    heard.push({data, origin});
    const frame = document.querySelector('iframe');
    if (data.message === 'height' && data.secret === 'abc') frame.height = data.value;
});
</script>"""


@pytest.fixture
def pasted(origin, real) -> str:
    """What oEmbed gives for the chart's page: HTML to paste."""
    answer = real.client.get("/oembed", params={"url": f"{origin}/charts/{CHART}", "maxwidth": 600})
    assert answer.status_code == 200
    return answer.json()["html"]


def shown_in(page, selector: str) -> str:
    """The words of an embed, its table opened; its picture must have arrived."""
    frame = frame_of(page, selector)
    (width,) = wait_for_pictures(frame, 1)
    assert width > 300
    click(frame.locator("summary"))
    return text_of(frame)


def test_a_picture_a_frame_and_a_pasted_link_show_three_correct_charts(page, host, origin, pasted):
    address = f"{origin}/v1/charts/{CHART}"
    body = f"""<h1>Host</h1>
        <img src="{address}.svg" alt="A chart" width="640">
        <iframe id="framed" src="{address}.html" sandbox="allow-scripts" width="640" height="900" title="A"></iframe>
        <div id="pasted">{pasted}</div>"""
    page.goto(host.show(body))
    (width,) = wait_for_pictures(page, 1)
    assert width > 600
    for selector in ("#framed", "#pasted iframe"):
        text = shown_in(page, selector)
        assert [label for label in PRINTED if label not in text] == [], selector


def test_the_picture_of_an_img_is_what_the_address_shows(page, host, origin):
    """An image keeps its words to itself; opened by itself the same bytes show them, at the same size."""
    address = f"{origin}/v1/charts/{CHART}.svg"
    page.goto(host.show(f'<img src="{address}" alt="A chart">'))
    size = page.evaluate("() => [document.images[0].naturalWidth, document.images[0].naturalHeight]")
    page.goto(address)
    box = page.evaluate(
        "() => { const b = document.documentElement.getBoundingClientRect(); return [b.width, b.height]; }"
    )
    assert [round(side) for side in box] == size
    words = words_of(page)
    assert [label for label in PRINTED if label not in words] == []


@pytest.mark.parametrize("width", [320, 640])
def test_the_height_message_arrives_and_fits(page, host, origin, width):
    """One message that WordPress and plain listeners understand."""
    source = f"{origin}/v1/charts/{CHART}.html#?secret=abc"
    body = f'{LISTEN}<iframe src="{source}" sandbox="allow-scripts" width="{width}" height="90" title="A"></iframe>'
    page.goto(host.show(body))
    page.wait_for_function("() => heard.length > 0 && document.querySelector('iframe').height > 90")
    told = page.evaluate("() => heard.at(-1)")
    height = told["data"]["height"]
    promised = {"message": "height", "value": height, "secret": "abc", "height": height, "context": "iframe.resize"}
    assert promised.items() <= told["data"].items()
    assert told["origin"] == "null"
    frame = frame_of(page, "iframe")
    whole, body_height = frame.evaluate(
        "() => [document.documentElement.scrollHeight, document.body.getBoundingClientRect().height]"
    )
    assert whole <= height
    assert height <= body_height + 40, "more room than the chart takes"


@pytest.mark.parametrize("width", [320, 400, 480, 560, 640])
def test_a_frame_is_within_what_wordpress_shows_and_its_picture_is_not_shrunk(page, charts, origin, width):
    page.set_viewport_size({"width": width, "height": 600})
    for slug in charts:
        page.goto(f"{origin}/v1/charts/{slug}.html", wait_until="networkidle")
        height, shown, drawn = page.evaluate(
            "() => [document.documentElement.getBoundingClientRect().height,"
            " document.images[0].getBoundingClientRect().width, document.images[0].naturalWidth]"
        )
        assert height <= 1000, slug
        assert shown == drawn, slug


def test_wordpress_opens_the_links_of_a_frame(page, host, origin):
    """Its sandbox allows no windows: it listens for the address."""
    source = f"{origin}/v1/charts/{CHART}.html#?secret=abc"
    body = f'{LISTEN}<iframe src="{source}" sandbox="allow-scripts" width="640" height="900" title="A"></iframe>'
    page.goto(host.show(body), wait_until="networkidle")
    click(frame_of(page, "iframe").get_by_text("Evidence and data"))
    page.wait_for_function("() => heard.some(({data}) => data.message === 'link')")
    followed = page.evaluate("() => heard.map(({data}) => data).find(data => data.message === 'link')")
    assert followed == {"message": "link", "value": f"{origin}/charts/{CHART}", "secret": "abc"}


def test_iframe_resizer_is_answered_in_its_words(page, host, origin):
    source = f"{origin}/v1/charts/{CHART}.html"
    body = f'{LISTEN}<iframe src="{source}" sandbox="allow-scripts" width="640" height="90" title="A"></iframe>'
    page.goto(host.show(body), wait_until="networkidle")
    page.evaluate("() => frames[0].postMessage('[iFrameSizer]chart-1:8:false:true:32:true', '*')")
    page.wait_for_function("() => heard.some(({data}) => typeof data === 'string')")
    said = page.evaluate("() => heard.map(({data}) => data).find(data => typeof data === 'string')")
    name, height, width, kind = said.removeprefix("[iFrameSizer]").split(":")
    assert (name, width, kind) == ("chart-1", "640", "init")
    assert 500 < int(height) <= 1000


def test_the_height_changes_when_the_table_is_opened(page, host, origin):
    source = f"{origin}/v1/charts/{CHART}.html#?secret=abc"
    body = f'{LISTEN}<iframe src="{source}" sandbox="allow-scripts" width="640" height="90" title="A"></iframe>'
    page.goto(host.show(body), wait_until="networkidle")
    closed = page.evaluate("() => heard.at(-1).data.height")
    click(frame_of(page, "iframe").locator("summary"))
    page.wait_for_function(f"() => heard.at(-1).data.height > {closed} + 100")


def test_the_code_to_embed_gives_our_frame_its_height_and_no_other(page, host, origin, real):
    (code,) = re.findall(r'<code id="code">(.*?)</code>', real.client.get(f"/charts/{CHART}").text, re.DOTALL)
    said = "parent.postMessage({ context: 'iframe.resize', height: 777 }, '*')"
    other = f'<iframe id="other" srcdoc="<script>{said}</script>" height="90" title="B"></iframe>'
    page.goto(host.show(f"<script>addEventListener('message', () => window.heard = 1)</script>{unescape(code)}"))
    page.evaluate("() => document.querySelector('iframe').height = 90")
    page.evaluate("html => { heard = 0; document.body.insertAdjacentHTML('beforeend', html) }", other)
    page.wait_for_function("() => heard")
    page.locator("iframe").first.scroll_into_view_if_needed()
    click(frame_of(page, "iframe:not(#other)").locator("summary"))
    page.wait_for_function("() => document.querySelector('iframe').height > 500")
    assert page.locator("#other").get_attribute("height") == "90"


def test_a_frame_without_scripts_shows_the_chart(page, host, origin, watch):
    watch.expect("Blocked script execution")
    body = f'<iframe src="{origin}/v1/charts/{CHART}.html" sandbox width="640" height="900" title="A"></iframe>'
    page.goto(host.show(body), wait_until="networkidle")
    text = shown_in(page, "iframe")
    assert [label for label in PRINTED if label not in text] == []


def test_an_embed_takes_no_cookie_and_stores_nothing(page, host, origin):
    """In a sandbox it could not: it would fail there, and `watch` would see it. By itself it could."""
    address = f"{origin}/v1/charts/{CHART}.html"
    page.goto(
        host.show(f'<iframe src="{address}" sandbox="allow-scripts" title="A"></iframe>'), wait_until="networkidle"
    )
    page.goto(address, wait_until="networkidle")
    assert page.evaluate("() => [document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    assert page.context.cookies() == []


@pytest.mark.parametrize("address", ["/", "/docs", "/charts", f"/charts/{CHART}", "/observations/k7m3q"])
def test_no_other_service_may_frame_a_page(page, host, origin, watch, address):
    watch.expect("frame-ancestors 'none'")
    page.goto(host.show(f'<iframe src="{origin}{address}" title="A"></iframe>'))
    page.frames[1].wait_for_url("chrome-error://chromewebdata/", wait_until="commit")
    assert any("frame-ancestors" in error for error in watch.errors)


def test_a_script_in_a_picture_does_not_run(page, real, watch):
    """Were one ever to slip in, the picture's own headers would stop it."""
    slip_in(page, real.client, f"/v1/charts/{CHART}.svg", "</svg>")
    page.goto(f"/v1/charts/{CHART}.svg")
    assert page.locator("svg script").count() == 1
    assert page.locator("svg[data-ran]").count() == 0
    assert watch.take_errors() != []


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_an_embed_has_the_colours_that_were_asked_for(page, origin, theme):
    """Whatever the reader's own are."""
    page.emulate_media(color_scheme="light" if theme == "dark" else "dark")
    page.goto(f"{origin}/v1/charts/{CHART}.html?theme={theme}")
    paper = page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    bright = sum(int(part) for part in paper.removeprefix("rgb(").removesuffix(")").split(",")) / 3
    assert bright > 240 if theme == "light" else bright < 40


@pytest.mark.parametrize("theme", ["dark", "auto"])
def test_a_dark_embed_is_printed_in_light_colours(open_page, origin, theme):
    page = open_page(color_scheme="dark")
    page.goto(f"{origin}/v1/charts/{CHART}.html?theme={theme}", wait_until="networkidle")
    assert "theme=dark" in page.evaluate("() => document.images[0].currentSrc")
    page.emulate_media(media="print")
    page.wait_for_function("() => document.images[0].currentSrc.includes('theme=light')")
    assert page.evaluate("() => getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"


def test_the_page_of_a_chart_tells_where_its_embed_is(page, origin, real):
    """A pasted link finds its embed and its picture: oEmbed, Open Graph, Twitter."""
    page.goto(f"/charts/{CHART}")
    oembed = page.locator('link[rel="alternate"][type="application/json+oembed"]').get_attribute("href")
    image = page.locator('meta[property="og:image"]').get_attribute("content")
    assert page.locator('meta[name="twitter:card"]').get_attribute("content") == "summary_large_image"
    for address, media_type in ((oembed, "application/json"), (image, "image/png")):
        answer = real.client.get(address.removeprefix(origin))
        assert (answer.status_code, answer.headers["content-type"].partition(";")[0]) == (200, media_type)
