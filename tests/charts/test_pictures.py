"""Pictures as newsrooms get them: lists and registered charts, in every size and theme, with every figure in words."""

import io
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from tests.charts import SVG, read_svg, words_of

DC = "{http://purl.org/dc/elements/1.1/}"
DATASETS = "allegations duty-status vetting-checks case-reviews reports workforce public-trust".split()
LISTS = [*DATASETS, "observations", "allegations/by-year", "observations/k7m3q", "observations?count_once=1"]
CHARTS = [
    "allegations-by-year case-review-split category-totals hotline how-many-were-accused published-by-kind-and-year",
    "statements-on-the-accused suspended-and-restricted trust-in-the-met vetting-check-results vetting-pipeline",
]
CHARTS = " ".join(CHARTS).split()
OF_RELEASES = [("2.2.0", name) for name in CHARTS] + [("3.0.0", name) for name in CHARTS if name != "vetting-pipeline"]
ALL = [*LISTS, *(f"charts/{name}" for name in CHARTS)]
NUMBER = re.compile(r"\b(?!20\d\d\b)\d+(?:,\d{3})*")  # but no year


def ask(client, path, suffix="svg", **query):
    path, _, more = path.partition("?")
    named = [pair.split("=") for pair in more.split("&") if pair] + [*({"release": "2.2.0"} | query).items()]
    return client.get(f"/v1/{path}.{suffix}", params=named)


def read(answer):
    assert answer.status_code == 200, answer.text
    return read_svg(answer.text)


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("size", ["narrow", "medium", "wide"])
def test_fits_its_size_and_can_be_read(client, path, size):
    answer = ask(client, path, size=size)
    svg = read(answer)
    width = {"narrow": 320, "medium": 480, "wide": 640}[size]
    assert svg.get("width") == str(width)
    assert svg.get("viewBox") == f"0 0 {width} {svg.get('height')}"
    assert min(float(group.get("font-size")) for group in svg.iter(f"{SVG}g")) >= 11
    assert len(answer.content) <= 15_000
    assert any(line.startswith("Source: ") for line in words_of(svg))


@pytest.mark.parametrize("form", ["bars", "numbers", "columns", "divided", "grid", "timeline"])
def test_every_list_has_every_form_or_the_nearest(client, form):
    for path, size in [(path, size) for path in LISTS for size in ("narrow", "card")]:
        answer = ask(client, path, size=size, form=form)
        assert (answer.status_code, path) == (200, path)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast(client, theme):
    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        return sum(weight * part**2.2 for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    for name in ("case-review-split", "published-by-kind-and-year", "statements-on-the-accused"):
        style = read(ask(client, f"charts/{name}", theme=theme)).find(f"{SVG}style").text
        colours = dict(re.findall(r"\.(\w+)\{fill:(#\w{6})", style))
        for text in {"ink", "muted", "accent", "on_accent"} & colours.keys():
            ground = colours["accent" if text == "on_accent" else "paper"]
            low, high = sorted((luminance(colours[text]), luminance(ground)))
            assert (high + 0.05) / (low + 0.05) >= 4.5, text


@pytest.mark.parametrize(("release", "name"), OF_RELEASES)
def test_describes_every_figure_and_says_where_it_is_from(client, release, name):
    record = ask(client, f"charts/{name}", "json", release=release).json()["data"]
    svg = read(ask(client, f"charts/{name}", release=release))
    description = svg.find(f"{SVG}desc").text
    assert svg.get("role") == "img"
    assert svg.find(f"{SVG}title").text == record["title"]
    assert description == record["alt"]
    for figure in record["figures"]:
        assert (figure["printed"] or "") in description
    metadata = {element.tag.removeprefix(DC): element.text for element in svg.find(f"{SVG}metadata")}
    assert metadata["publisher"] == f"Misconduct Register, release {release}"
    assert metadata["identifier"].endswith(f"/v1/charts/{name}?release={release}")
    assert "rights" not in metadata  # none of the articles states a licence


@pytest.mark.parametrize(("release", "name"), OF_RELEASES)
def test_a_card_shows_what_its_headline_names(client, release, name):
    svg = read(ask(client, f"charts/{name}", size="card", release=release))
    assert (svg.get("width"), svg.get("height")) == ("1200", "630")
    _, _, wide, high = svg.get("viewBox").split()
    assert abs(float(wide) * 630 / 1200 - float(high)) <= 1
    headline, *others = svg.iter(f"{SVG}g")
    numbers = {text.text for group in others if group.get("font-weight") for text in group}
    for number in NUMBER.findall(" ".join(text.text for text in headline)):
        assert any(number in shown for shown in numbers), number


def test_what_may_not_share_an_axis_has_a_scale_of_its_own(client):
    words = " ".join(words_of(read(ask(client, "duty-status"))))
    assert "Each unit has its own scale." in words
    assert "Suspensions or restrictions" in words
    assert "do not add them" in words


def test_a_country_is_drawn_without_its_forces(client):
    """In 2019/20 there were 18 deaths in England and Wales, and 3 of them in the Metropolitan Police."""
    for area, numbers in (("gb_eaw", ["18"]), ("gb_eaw,E23000001", ["18", "3"])):
        svg = read(ask(client, "after-contact", release="3.2.0", area=area, year="2019/20"))
        assert [word for word in words_of(svg) if word.isdecimal()] == numbers


def test_parts_that_come_to_their_whole_may_be_added(client):
    words = " ".join(words_of(read(ask(client, "observations?id=gb7nr,bbdjq,wtzwf,sn9v2"))))
    assert "add" not in words
    assert all(number in words for number in ("1,131", "689", "246", "196"))


def test_the_same_bytes_every_time(client):
    for form in ("svg", "png"):
        one, other = ask(client, "allegations", form), ask(client, "allegations", form, theme="light", size="wide")
        assert one.content == other.content


def test_a_png_is_sharp_and_says_where_it_is_from(client):
    image = Image.open(io.BytesIO(ask(client, "charts/hotline", "png").content))
    svg = read(ask(client, "charts/hotline"))
    assert image.size == (2 * int(svg.get("width")), 2 * int(svg.get("height")))
    assert image.text["Title"] == "1,000 people called the hotline; 350 reports were being pursued"
    assert image.text["Source"] == "The Eye Of Media.Com"
    assert image.text["Comment"].endswith("/v1/charts/hotline?release=2.2.0")
    card = Image.open(io.BytesIO(ask(client, "charts/hotline", "png", size="card").content))
    assert card.size == (1200, 630)


def test_a_revised_figure_says_so(client):
    answer = client.get("/v1/observations/h6xgz.svg?release=1.0.0")
    assert any("revised or withdrawn since release 1.0.0" in line for line in words_of(read(answer)))
    png = client.get("/v1/observations/h6xgz.png?release=1.0.0").content
    amber = (0xFD, 0xEB, 0xD8)  # of the notice
    colours = Image.open(io.BytesIO(png)).convert("RGB").getcolors(1_000_000)
    assert any(max(abs(a - b) for a, b in zip(colour, amber, strict=True)) <= 4 for _, colour in colours)


def test_a_total_that_only_runs_longer_has_no_notice(client):
    words = {one: words_of(read(client.get(f"/v1/observations/{one}.svg?release=3.1.0"))) for one in ("rqbmz", "v4536")}
    has_notice = {one: any("revised or withdrawn" in line for line in lines) for one, lines in words.items()}
    assert has_notice == {"rqbmz": False, "v4536": True}


def test_many_pngs_at_once_are_refused_and_other_answers_go_on(service):
    def draw(number):
        return httpx.get(f"{service.url}/v1/observations.png?limit={number}&release=2.2.0", timeout=30)

    with ThreadPoolExecutor(9) as clients:
        pictures = [clients.submit(draw, number) for number in range(40, 48)]
        assert httpx.get(f"{service.url}/v1/observations?limit=3", timeout=30).status_code == 200
        answers = [one.result() for one in pictures]
    refused = [one for one in answers if one.status_code == 503]
    assert 0 < len(refused) < len(answers)
    assert all(one.headers["retry-after"] for one in refused)
    assert all(one.headers["content-type"] == "image/png" for one in answers if one not in refused)


def test_oembed_names_what_there_is_not_and_keeps_names_with_commas(client, service):
    for query, status in (("measure=nope", 422), ("publisher=Police%20Oracle", 200), ("id=zzzzz", 404)):
        address = f"{service.url}/v1/observations?{query}"
        assert client.get("/oembed", params={"url": address}).status_code == status, query
    for address in (f"{service.url}/", "http://[x", f"{service.url}/v1/nothing"):
        assert client.get("/oembed", params={"url": address}).status_code == 404, address


def test_oembed_knows_an_address_in_any_case_and_by_both_schemes(client, service):
    path, host = "/charts/hotline?release=2.2.0#top", service.url.removeprefix("http://")
    found = client.get("/oembed", params={"url": f"http://{host}{path}"}).raise_for_status().json()
    for other in (f"https://{host}", f"HTTP://{host.upper()}", f"hTTps://{host.capitalize()}"):
        assert client.get("/oembed", params={"url": f"{other}{path}"}).json() == found
    for other in (f"ftp://{host}", f"http://{host}.example.org", f"http://x@{host}", f"//{host}", ""):
        assert client.get("/oembed", params={"url": f"{other}{path}"}).status_code == 404, other


def test_oembed_says_that_it_has_no_xml_and_that_a_width_is_a_number(client, service):
    address = {"url": f"{service.url}/charts/hotline"}
    for name in ("xml", "yaml"):
        refused = client.get("/oembed", params=address | {"format": name})
        assert (refused.status_code, refused.json()["code"]) == (501, "format_not_implemented")
    wrong = client.get("/oembed", params=address | {"maxwidth": "", "maxheight": "tall"})
    assert wrong.status_code == 422
    assert [one["parameter"] for one in wrong.json()["errors"]] == ["maxwidth", "maxheight"]


def test_oembed_fits_what_a_platform_has_room_for(client, service):
    asked = {"url": f"{service.url}/charts/hotline?release=2.2.0", "maxwidth": "500", "dnt": "1", "format": "json"}
    found = client.get("/oembed", params=asked).json()
    assert (found["type"], found["width"]) == ("photo", 480)
    picture = client.get(found["url"])
    assert Image.open(io.BytesIO(picture.content)).size == (2 * found["width"], 2 * found["height"])
    low = client.get("/oembed", params=asked | {"maxheight": "120"}).json()
    assert low["height"] == 120
    assert low["width"] / 120 == pytest.approx(found["width"] / found["height"], abs=0.01)
