"""Charts over HTTP: what is sent, to whom, with which headers; embeds and oEmbed."""

from __future__ import annotations

import io
import json
import subprocess
import sys
from xml.etree import ElementTree

import pytest
from PIL import Image

from app.publish.load import load_register
from app.settings import Settings
from tests.charts.reading import all_text, read
from tests.charts.test_truth import chart
from tests.conftest import create_database, drop_database, urls_of
from tests.registers import seal, write_register
from tests.serving import serve

FIGURES = """
    category       | year | value
    sexual_assault | 2018 |    10
    other          | 2018 |     7
"""
HERE = "http://localhost:8000"


@pytest.fixture(scope="module")
def charted(postgres, tmp_path_factory):
    """A service with one chart, for tests that only ask."""
    name = create_database(postgres, "misconduct")
    urls = urls_of(postgres, name)
    register = write_register(tmp_path_factory.mktemp("charted") / "data", FIGURES, **chart())
    seal(register, "1.0.0")
    load_register(urls.owner, register)
    with serve(Settings(database_url=urls.reader, owner_url=urls.owner, port=8000, look_seconds=0.05)) as running:
        yield running
    drop_database(postgres, name)


def test_the_record_of_a_chart_says_where_its_pictures_are(charted):
    links = charted.client.get("/v1/charts/shown").json()["data"]["links"]
    assert links == {
        "page": f"{HERE}/charts/shown",
        "svg": f"{HERE}/v1/charts/shown.svg",
        "png": f"{HERE}/v1/charts/shown.png",
        "json": f"{HERE}/v1/charts/shown.json",
        "html": f"{HERE}/v1/charts/shown.html",
        "oembed": f"{HERE}/oembed?url=http%3A%2F%2Flocalhost%3A8000%2Fcharts%2Fshown",
        "figures": f"{HERE}/v1/observations?measure=accused&narrower=0",
    }
    assert [one["id"] for one in charted.client.get("/v1/charts").json()["data"]] == ["shown"]
    csv = charted.client.get("/v1/charts/shown").json()["links"]["csv"]
    assert csv == f"{HERE}/v1/charts/shown.csv"
    assert charted.client.get(csv.removeprefix(HERE)).text.splitlines()[1].startswith("shown,1,What was counted,")
    assert charted.client.get("/v1/charts.csv").text.splitlines()[1].startswith("shown,1,What was counted,")


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("svg", "image/svg+xml"),
        ("png", "image/png"),
        ("json", "application/json"),
        ("html", "text/html; charset=utf-8"),
    ],
)
def test_every_form_of_a_chart_is_sent_as_what_it_is(charted, suffix, media_type):
    answer = charted.client.get(f"/v1/charts/shown.{suffix}")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "content-disposition" not in answer.headers
    again = charted.client.get(f"/v1/charts/shown.{suffix}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_only_embeds_may_be_framed_and_pictures_run_nothing(charted):
    assert charted.client.get("/v1/charts/shown.svg").headers["content-security-policy"] == (
        "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    )
    assert charted.client.get("/v1/charts/shown.html").headers["content-security-policy"] == (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
        "frame-ancestors *; base-uri 'none'; form-action 'none'"
    )
    for page in ("/", "/charts", "/charts/shown", "/v1/charts", "/v1/charts/shown"):
        assert "frame-ancestors 'none'" in charted.client.get(page).headers["content-security-policy"], page
        assert "unsafe-inline" not in charted.client.get(page).headers["content-security-policy"], page


def test_size_and_theme_choose_the_picture(charted):
    wide, narrow = (
        read(charted.client.get(f"/v1/charts/shown.svg?size={size}").content) for size in ("wide", "narrow")
    )
    assert (wide.get("width"), narrow.get("width")) == ("640", "320")
    dark = charted.client.get("/v1/charts/shown.svg?theme=dark").text
    assert 'fill="#16181b"' in dark
    assert 'fill="#ffffff"' in charted.client.get("/v1/charts/shown.svg").text
    drawn = Image.open(io.BytesIO(charted.client.get("/v1/charts/shown.png").content))
    assert drawn.width == 1280


def test_a_pinned_chart_stays_and_says_with_a_notice_that_it_was_revised(api, publish):
    publish(FIGURES, "1.0.0", "2024-05-01", files=chart())
    before = api.get("/v1/charts/shown.svg?release=1.0.0").content
    quiet = all_text(read(api.get("/v1/charts/shown.svg?release=1.0.0&notice=1").content))
    assert "revised" not in quiet
    revised = """
        version | id    | category       | year | value
        1       | bbbbb | sexual_assault | 2018 |    10
        1       | bbbbc | other          | 2018 |     7
        2       | bbbbb | sexual_assault | 2018 |    11
    """
    publish(revised, "1.1.0", "2024-06-01", files=chart(), reasons=["bbbbb=Read again."])
    assert api.get("/v1/charts/shown.svg?release=1.0.0").content == before
    told = all_text(read(api.get("/v1/charts/shown.svg?release=1.0.0&notice=1").content))
    assert "Figures in this chart have been revised since release 1.0.0." in told
    assert "revised since" not in all_text(read(api.get("/v1/charts/shown.svg?notice=1").content))
    assert "revised since release 1.0.0" in api.get("/v1/charts/shown.html?release=1.0.0&notice=1").text
    assert "revised since release" not in api.get("/v1/charts/shown.html?release=1.0.0").text


def test_a_chart_whose_figures_stand_has_no_notice_when_others_were_revised(api, publish):
    of_other = chart(query={"category": ["other"]})
    publish(FIGURES, "1.0.0", "2024-05-01", files=of_other)
    publish("""
        version | id    | category       | year | value
        1       | bbbbb | sexual_assault | 2018 |    10
        1       | bbbbc | other          | 2018 |     7
        2       | bbbbb | sexual_assault | 2018 |    11
    """, "1.1.0", "2024-06-01", files=of_other, reasons=["bbbbb=Read again."])  # fmt: skip
    assert "revised" not in all_text(read(api.get("/v1/charts/shown.svg?release=1.0.0&notice=1").content))


def test_an_unknown_chart_is_a_404_and_its_form_is_told(charted):
    for path in ("/v1/charts/shwn.svg", "/v1/charts/shwn.html", "/v1/charts/shwn", "/v1/charts/shown.gif"):
        answer = charted.client.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert "Did you mean shown?" in charted.client.get("/v1/charts/shwn.svg").json()["detail"]
    mistaken = charted.client.get("/v1/charts/shown.svg?theme=drak&size=2")
    assert mistaken.status_code == 422
    assert [fault["parameter"] for fault in mistaken.json()["errors"]] == ["theme", "size"]
    assert mistaken.json()["errors"][0]["did_you_mean"] == "dark"


@pytest.mark.parametrize(
    "address",
    [
        "/charts/shown",
        "/v1/charts/shown",
        "/v1/charts/shown.html",
        "/v1/charts/shown.svg",
        "/v1/charts/shown.png?release=1.0.0",
    ],
)
def test_oembed_knows_every_address_of_a_chart(charted, address):
    found = charted.client.get("/oembed", params={"url": HERE + address}).json()
    kept = "?release=1.0.0" if "release" in address else ""
    assert found["type"] == "rich"
    assert found["version"] == "1.0"
    assert found["width"] == 640
    assert f'src="{HERE}/v1/charts/shown.html{kept}"' in found["html"]
    assert 'sandbox="allow-scripts' in found["html"]
    assert "allow-same-origin" not in found["html"]
    assert found["thumbnail_url"] == f"{HERE}/v1/charts/shown.png{kept}"


def test_oembed_keeps_within_the_room_that_there_is(charted):
    found = charted.client.get(
        "/oembed", params={"url": f"{HERE}/charts/shown", "maxwidth": "300", "maxheight": "200"}
    ).json()
    assert (found["width"], found["height"]) == (300, 200)


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/charts/shown",
        "http://localhost:8000.evil.example/charts/shown",
        "http://localhost:8000@evil.example/charts/shown",
        "//localhost:8000/charts/shown",
        "https://localhost:8000/charts/shown",
        "http://localhost:8000/charts/../v1/observations",
        "http://localhost:8000/charts/shown/more",
        "http://localhost:8000/observations/bbbbb",
        "http://localhost:8000/charts/unknown",
        "http://[::1",
        "javascript:alert(1)",
        "file:///etc/passwd",
    ],
)
def test_oembed_knows_no_other_address(charted, url):
    answer = charted.client.get("/oembed", params={"url": url})
    assert answer.status_code == 404, answer.text
    assert answer.json()["code"] == "not_found"


def test_oembed_is_json_or_xml_and_tells_what_is_missing(charted):
    asked = {"url": f"{HERE}/charts/shown"}
    written = charted.client.get("/oembed", params={**asked, "format": "xml"})
    assert written.headers["content-type"].startswith("text/xml")
    root = ElementTree.fromstring(written.content)
    as_json = charted.client.get("/oembed", params=asked).json()
    assert {child.tag: child.text for child in root} == {name: str(value) for name, value in as_json.items()}
    mistaken = charted.client.get("/oembed", params={"format": "yaml"})
    assert mistaken.status_code == 422
    assert [fault["parameter"] for fault in mistaken.json()["errors"]] == ["format", "url"]


def test_pages_and_embeds_name_the_oembed_answer_and_a_picture_for_cards(charted):
    for path in ("/charts/shown", "/v1/charts/shown.html"):
        assert 'type="application/json+oembed"' in charted.client.get(path).text, path
    page = charted.client.get("/charts/shown").text
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert f'<meta property="og:image" content="{HERE}/v1/charts/shown.png' in page


def test_the_table_of_an_embed_has_every_figure_and_every_gap(api, publish):
    publish(
        """
        category       | year | value
        sexual_assault | 2018 |    10
        sexual_assault | 2020 |    12
        """,
        "1.0.0",
        files=chart("column"),
    )
    embed = api.get("/v1/charts/shown.html").text
    assert embed.index("2018</th>") < embed.index("2019</th>") < embed.index("2020</th>")
    assert embed.count("not stated") == 1
    assert 'href="/observations/' in embed  # pages, for people
    assert 'href="/v1/observations/' not in embed


def test_nothing_that_serves_imports_what_draws():
    code = (
        "import sys, app.main, app.cli, app.publish.load; from app.settings import Settings;"
        "app.main.create_api(Settings(port=8000)).openapi();"
        "print(json.dumps([n for n in ('altair','vl_convert','PIL','pandas') if n in sys.modules]))"
    )
    ran = subprocess.run([sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == []


def test_a_picture_takes_few_statements(charted):
    with charted.statements() as seen:
        charted.client.get("/v1/charts/shown.svg?release=1.0.0&size=narrow")
    assert len(seen) <= 2
