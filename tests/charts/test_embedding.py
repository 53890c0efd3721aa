"""The code that embeds a chart, in a browser, on a page of another origin."""

import re
import shutil
import subprocess
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from xml.etree import ElementTree

import pytest

BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
REPORT = """<script>addEventListener("load", () => {
    const image = document.querySelector("img")
    document.title = [image.currentSrc.match("size=[a-z]+"), image.naturalWidth, image.getBoundingClientRect().width]
})</script>"""


@pytest.fixture
def page(tmp_path):
    """The folder and the address of a page on another port."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=tmp_path))
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield tmp_path / "page.html", f"http://127.0.0.1:{server.server_port}/page.html"
    server.shutdown()
    server.server_close()


@pytest.mark.skipif(BROWSER is None, reason="there is no Chromium")
@pytest.mark.parametrize(("width", "shown"), [(500, "size=narrow,320,320"), (900, "size=wide,640,640")])
def test_a_page_of_another_origin_shows_the_picture(client, page, tmp_path, width, shown):
    file, address = page
    code = client.get("/v1/charts/hotline?release=2.2.0").json()["data"]["embed"]
    file.write_text(f"<!doctype html><meta charset=utf-8><body>{code}{REPORT}", encoding="utf-8")
    options = ["--headless=new", "--no-sandbox", "--disable-gpu", "--virtual-time-budget=8000", "--dump-dom"]
    profile = [f"--user-data-dir={tmp_path / 'profile'}", f"--window-size={width},800"]
    found = subprocess.check_output([BROWSER, *options, *profile, address], text=True, timeout=60)
    assert f"<title>{shown}</title>" in found


def test_the_code_is_a_link_around_a_picture_with_every_figure_in_words(client):
    code, pinned = (
        client.get(f"/v1/charts/hotline{query}").json()["data"]["embed"] for query in ("", "?release=2.2.0")
    )
    assert re.match(r'<a href="[^"]+/charts/hotline"><picture><source media=', code)
    assert pinned.count("release=2.2.0") == 3
    alt = re.search(r'alt="([^"]+)"></picture></a>$', pinned)[1]
    assert all(printed in alt for printed in ("1,000", "350", "A fifth", "Source: Commissioner"))
    assert "script" not in code
    assert "iframe" not in code


def test_a_search_with_characters_that_xml_cannot_have_is_drawn(client):
    picture = client.get("/v1/observations.svg?q=%01suspended%EF%BF%BF")
    assert picture.status_code == 200
    ElementTree.fromstring(picture.content)
    assert client.get("/v1/observations.png?q=%01suspended").status_code == 200
