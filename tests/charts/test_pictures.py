"""Pictures as newsrooms get them: lists and registered charts, in every size and theme, with every figure in words."""

import io
import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from tests.charts import SVG, read_svg, words_of
from tests.charts.invented import texts
from tests.conftest import DAY, NEWEST

DC = "{http://purl.org/dc/elements/1.1/}"
LISTS = """
    indicators/complaints indicators/allegations indicators/allegations?area=us_ny_new_york
    indicators/suspended_on_a_day indicators/deaths_in_custody?area=gb_eaw
    indicators/dismissed indicators/criminal_records figures/k7m3q
""".split()
CHARTS = """
    allegations-by-year case-review-split category-totals hotline how-many-were-accused published-by-kind-and-year
    statements-on-the-accused suspended-and-restricted trust-in-the-met vetting-check-results
""".split()
ALL = [*LISTS, *(f"charts/{name}" for name in CHARTS)]
NUMBER = re.compile(r"\b(?!20\d\d\b)\d+(?:,\d{3})*")  # but no year


def ask(client, path, suffix="svg", **query):
    path, _, more = path.partition("?")
    named = [pair.split("=") for pair in more.split("&") if pair] + [*query.items()]
    return client.get(f"/v1/{path}.{suffix}", params=named)


def read(answer):
    assert answer.status_code == 200, answer.text
    return read_svg(answer.text)


@pytest.mark.parametrize("path", ALL)
@pytest.mark.parametrize("size", ["narrow", "medium", "wide"])
def test_fits_its_size_and_can_be_read(client, path, size):
    answer = ask(client, path, size=size)
    svg = read(answer)
    width, least = {"narrow": (320, 280), "medium": (480, 430), "wide": (640, 640)}[
        size
    ]
    _, _, wide, high = map(float, svg.get("viewBox").split())
    assert (svg.get("width"), wide) == (str(width), least)
    assert abs(high * width / wide - int(svg.get("height"))) <= 1
    assert min(float(group.get("font-size")) for group in svg.iter(f"{SVG}g")) >= 11
    check_room(svg)
    assert len(answer.content) <= 15_000
    assert any(line.startswith(("Source: ", "Sources: ")) for line in words_of(svg))


def check_room(svg):
    """Check that no text is outside the picture, or over another one."""
    _, _, wide, high = map(float, svg.get("viewBox").split())
    boxes = [(text, *text.box) for text in texts(svg)]
    for text, left, right, _, bottom in boxes:
        assert (left >= 8, right <= wide - 4, bottom < high) == (True, True, True), text
    for (one, left, right, top, bottom), (other, *box) in itertools.combinations(
        boxes, 2
    ):
        assert left >= box[1] or right <= box[0] or top >= box[3] or bottom <= box[2], (
            one,
            other,
        )


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast(client, theme):
    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        return sum(
            weight * part**2.2
            for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True)
        )

    def contrast(one, other):
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    drawn = set()
    for path in (
        "figures/k7m3q",
        "charts/allegations-by-year",
    ):  # the second has years without a figure
        svg = read(ask(client, path, theme=theme))
        painted = [
            element
            for element in svg.iter()
            if (element.get("fill") or "").startswith("#")
        ]
        colours = {
            element.get("class").removeprefix("mr-"): element.get("fill")
            for element in painted
        }
        assert svg.find(f"{SVG}style") is None  # a strict policy shows the same
        drawn |= colours.keys()
        for text in {"ink", "muted", "accent"} & colours.keys():
            assert contrast(colours[text], colours["paper"]) >= 4.5, text
        for shape in {"empty", "accent"} & colours.keys():  # hatching and columns
            assert contrast(colours[shape], colours["paper"]) >= 3
    assert {"accent", "empty"} <= drawn


@pytest.mark.parametrize("name", CHARTS)
def test_describes_every_figure_and_says_where_it_is_from(client, name):
    answer = ask(client, f"charts/{name}", "json").json()
    record, release = answer["chart"], answer["meta"]["release"]
    svg = read(ask(client, f"charts/{name}"))
    description = svg.find(f"{SVG}desc").text
    assert svg.get("role") == "img"
    assert svg.find(f"{SVG}title").text == record["title"]
    if len(answer["data"]) <= 18:
        assert record["alt"] == description
    else:
        assert record["alt"].startswith(record["title"])
        assert record["alt"].endswith(" The linked page has them in a table.")
    for row in ask(client, f"charts/{name}", "json", columns="printed").json()["data"]:
        assert (row["printed"] or "") in description
    metadata = {
        element.tag.removeprefix(DC): element.text
        for element in svg.find(f"{SVG}metadata")
    }
    assert metadata["publisher"] == f"Misconduct Register, release {release}"
    assert metadata["identifier"].endswith(f"/v1/charts/{name}?release={release}")
    assert (
        metadata["rights"] == "CC BY 4.0 for this picture"
    )  # none of the articles states a licence


@pytest.mark.parametrize("name", CHARTS)
def test_a_card_has_its_whole_title_and_fits(client, name):
    record = ask(client, f"charts/{name}", "json").json()["chart"]
    svg = read(ask(client, f"charts/{name}", size="card"))
    assert (svg.get("width"), svg.get("height")) == ("1200", "630")
    _, _, wide, high = svg.get("viewBox").split()
    assert abs(float(wide) * 630 / 1200 - float(high)) <= 1
    assert record["title"] in " ".join(words_of(svg))
    check_room(svg)
    assert any(
        re.search(r"\d|A fifth", text.words)
        for text in texts(svg)
        if text.style.is_bold
    )  # a number


def test_the_same_bytes_every_time(client):
    for form in ("svg", "png"):
        one, other = (
            ask(client, "indicators/allegations", form),
            ask(client, "indicators/allegations", form, theme="light", size="wide"),
        )
        assert one.content == other.content


def test_pictures_that_stand_in_one_page_have_patterns_of_their_own(client):
    """A page that hides the narrow one would take the hatching of the wide one away, too."""
    address = "/v1/charts/allegations-by-year.svg?size={}&theme={}"
    three = [("narrow", "light"), ("wide", "light"), ("wide", "dark")]
    drawn = [client.get(address.format(*one)).text for one in three]
    ids = [{*re.findall(r'(?:id="|url\(#)(mr-hatch[\w-]+)', one)} for one in drawn]
    assert [len(one) for one in ids] == [1, 1, 1]
    assert len(set.union(*ids)) == 3
    styled = client.get(address.format("wide", "auto")).text
    assert "url(" not in styled.partition("<style>")[2].partition("</style>")[0]


def test_a_png_is_sharp_and_says_where_it_is_from(client):
    image = Image.open(io.BytesIO(ask(client, "charts/hotline", "png").content))
    svg = read(ask(client, "charts/hotline"))
    assert image.size == (2 * int(svg.get("width")), 2 * int(svg.get("height")))
    assert (
        image.text["Title"]
        == "1,000 people called a hotline about police wrongdoing; 350 reports were being pursued"
    )
    assert image.text["Source"] == "The Eye Of Media.Com"
    assert image.text["Comment"].endswith(f"/v1/charts/hotline?release={NEWEST}")
    assert image.text["Copyright"] == "CC BY 4.0 for this picture"
    assert image.text["Creation Time"] == DAY
    assert image.text["Citation"].startswith(
        f"Misconduct Register, release {NEWEST} of {DAY}: 1,000 people called"
    )
    card = Image.open(
        io.BytesIO(ask(client, "charts/hotline", "png", size="card").content)
    )
    assert card.size == (1200, 630)


def test_a_revised_figure_says_so(small):
    """The 44 of release 1.1.0 are 40 since release 2.0.0."""
    client = small.client
    answer = client.get("/v1/figures/c6rq3.svg?release=1.1.0")
    assert any(
        "revised or withdrawn since release 1.1.0" in line
        for line in words_of(read(answer))
    )
    png = client.get("/v1/figures/c6rq3.png?release=1.1.0").content
    amber = (0xFD, 0xEB, 0xD8)  # of the notice
    colours = Image.open(io.BytesIO(png)).convert("RGB").getcolors(1_000_000)
    assert any(
        max(abs(a - b) for a, b in zip(colour, amber, strict=True)) <= 4
        for _, colour in colours
    )


def test_a_picture_of_a_release_that_is_not_loaded_shows_the_number_of_then(small):
    """The 16 of release 1.0.0 are 17 since 1.1.0, and the tables have the two newest releases."""
    answer = ask(small.client, "figures/rpg77", "svg", release="1.0.0")
    words = words_of(read(answer))
    assert "16" in words, words
    assert "17" not in words


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("path", "media_type", "many"),
    [
        ("figures/{}.png", "image/png", 32),
        ("deaths.xlsx?all=1&year=2000..{}", XLSX, 8),  # about 4,000 figures
    ],
)
def test_many_pngs_or_workbooks_at_once_are_refused_and_other_answers_go_on(
    service, path, media_type, many
):
    first = httpx.get(f"{service.url}/v1/figures?limit={many}").json()["data"]
    years = range(2010, 2010 + many)
    asked = [one["id"] for one in first] if path.startswith("figures") else years

    def draw(one):
        return httpx.get(f"{service.url}/v1/{path.format(one)}", timeout=60)

    with ThreadPoolExecutor(many + 1) as clients:
        pictures = [clients.submit(draw, one) for one in asked]
        other = httpx.get(f"{service.url}/v1/figures?limit=3", timeout=30)
        assert other.status_code == 200
        answers = [one.result() for one in pictures]
    refused = [one for one in answers if one.status_code == 503]
    assert 0 < len(refused) < len(answers)
    assert all(one.headers["retry-after"] for one in refused)
    assert all(
        one.headers["content-type"] == media_type
        for one in answers
        if one not in refused
    )


def test_oembed_has_charts_indicators_and_figures_only(client, service):
    for address in (f"{service.url}/", "http://[x", f"{service.url}/v1/figures"):
        assert client.get("/oembed", params={"url": address}).status_code == 404, (
            address
        )


def test_oembed_knows_an_address_in_any_case_and_by_both_schemes(client, service):
    path, host = (
        "/charts/hotline#top",
        service.url.removeprefix("http://"),
    )
    found = (
        client.get("/oembed", params={"url": f"http://{host}{path}"})
        .raise_for_status()
        .json()
    )
    for other in (
        f"https://{host}",
        f"HTTP://{host.upper()}",
        f"hTTps://{host.capitalize()}",
    ):
        assert client.get("/oembed", params={"url": f"{other}{path}"}).json() == found
    for other in (
        f"ftp://{host}",
        f"http://{host}.example.org",
        f"http://x@{host}",
        f"//{host}",
        "",
    ):
        assert (
            client.get("/oembed", params={"url": f"{other}{path}"}).status_code == 404
        ), other


def test_oembed_says_that_it_has_no_xml_and_that_a_width_is_a_number(client, service):
    address = {"url": f"{service.url}/charts/hotline"}
    for name in ("xml", "yaml"):
        refused = client.get("/oembed", params=address | {"format": name})
        assert (refused.status_code, refused.json()["code"]) == (
            501,
            "format_not_implemented",
        )
    wrong = client.get(
        "/oembed", params=address | {"maxwidth": "", "maxheight": "tall"}
    )
    assert wrong.status_code == 422
    assert [one["parameter"] for one in wrong.json()["errors"]] == [
        "maxwidth",
        "maxheight",
    ]


def test_oembed_fits_what_a_platform_has_room_for(client, service):
    asked = {
        "url": f"{service.url}/charts/hotline",
        "maxwidth": "500",
        "dnt": "1",
        "format": "json",
    }
    found = client.get("/oembed", params=asked).json()
    assert (found["type"], found["width"]) == ("photo", 480)
    picture = client.get(found["url"])
    assert Image.open(io.BytesIO(picture.content)).size == (
        2 * found["width"],
        2 * found["height"],
    )
    low = client.get("/oembed", params=asked | {"maxheight": "120"}).json()
    assert low["height"] == 120
    width, height = Image.open(io.BytesIO(client.get(low["url"]).content)).size
    assert low["width"] / 120 == pytest.approx(
        width / height, abs=0.02
    )  # the shape of a size that needs less scaling


SAID_OF = {
    "charts/allegations-by-year": "finding",
    "charts/deaths-by-kind-and-year": "No misconduct is alleged",
    "charts/hotline": "A report is not a finding",
    "charts/suspended-and-restricted": "neither figure is a finding",
    "indicators/deaths_in_custody?area=gb_eaw": "Nobody is said to have done wrong",
    "indicators/complaints": "A complaint is not proof",
    "indicators/suspended_on_a_day?area=E23000001": "under suspension from duty",
    "figures/k7m3q": "An accusation is not proof",
}


@pytest.mark.parametrize(("path", "expected"), SAID_OF.items())
def test_deaths_are_no_misconduct_and_accusations_no_findings(client, path, expected):
    for size in ("narrow", "card"):
        svg = read(ask(client, path, size=size))
        assert expected in " ".join(text.words for text in texts(svg)), size


FOOTS = {
    "charts/hotline": (
        "Source: Commissioner, in The Eye Of Media.Com, April 2023.",
        "charts/hotline",
    ),
    "figures/k7m3q": (
        "Source: Metropolitan Police, in The Eye Of Media.Com, 2024.",
        "v1/figures/k7m3q",
    ),
}


@pytest.mark.parametrize(("path", "expected"), FOOTS.items())
def test_the_last_lines_say_the_source_the_month_the_licence_and_the_address(
    service, client, path, expected
):
    newest = client.get("/v1").json()[
        "release"
    ]  # an older one has its number in its address
    for size in ("narrow", "wide", "card"):
        words = " ".join(
            text.words
            for text in texts(read(ask(client, path, release=newest, size=size)))
        )
        source, address = expected
        host = service.url.removeprefix("http://")
        said = f"{source} Misconduct Register {newest}, CC BY 4.0, {host}/{address}"
        assert words.replace(" ", "").endswith(said.replace(" ", "")), (
            size
        )  # a long address is broken


def test_the_address_of_an_old_release_leads_to_that_release(small):
    for size in ("medium", "wide"):
        words = "".join(
            text.words
            for text in texts(
                read(ask(small.client, "charts/hotline", release="1.1.0", size=size))
            )
        )
        assert words.endswith("charts/hotline?release=1.1.0")


def test_svg_and_png_say_in_their_metadata_how_to_cite_them(service, client):
    title = "Deaths in or after police custody: 36 in 2004/05, 18 in 2019/20"
    address = f"{service.url}/v1/charts/deaths-in-custody-by-year?release={NEWEST}"
    expected = {
        "publisher": f"Misconduct Register, release {NEWEST}",
        "date": DAY,
        "identifier": address,
        "source": "Independent Office for Police Conduct",
        "rights": "CC BY 4.0 for this picture; Open Government Licence",
        "bibliographicCitation": f"Misconduct Register, release {NEWEST} of {DAY}: {title}. {address}",
    }
    svg = read(ask(client, "charts/deaths-in-custody-by-year"))
    assert {
        element.tag.removeprefix(DC): element.text
        for element in svg.find(f"{SVG}metadata")
    } == expected
    png = Image.open(
        io.BytesIO(ask(client, "charts/deaths-in-custody-by-year", "png").content)
    ).text
    names = "Author", "Creation Time", "Comment", "Source", "Copyright", "Citation"
    assert [png[name] for name in names] == [*expected.values()]
    assert (png["Title"], png["Description"]) == (title, svg.find(f"{SVG}desc").text)


def test_the_alternative_text_of_many_figures_has_the_ends_and_the_highest_of_rows(
    client,
):
    answer = ask(client, "charts/deaths-by-kind-and-year", "json").json()
    alt = answer["chart"]["alt"]
    assert "80 figures." in alt
    assert (
        "Deaths in or after police custody: 36 in 2004/05, 18 in 2019/20; highest 36 in 2004/05."
        in alt
    )
    numbers = [36, 28, 27, 22, 15, 17, 21, 15, 15, 11, 18, 14, 14, 23, "17*", 18]
    years = [
        f"{year}/{year - 1999:02}: {number}"
        for year, number in zip(range(2004, 2020), numbers, strict=True)
    ]
    svg = read(ask(client, "charts/deaths-in-custody-by-year"))
    assert "; ".join(years) in svg.find(f"{SVG}desc").text


def test_oembed_has_the_title_of_the_picture(client, service):
    for path, title in (
        (
            "charts/hotline",
            "1,000 people called a hotline about police wrongdoing; 350 reports were being pursued",
        ),
        (
            "v1/figures/s7xm4",
            "share of people asked, Metropolitan Police, printed April 2023",
        ),
        ("indicators/deaths_in_custody", "Deaths in or after police custody"),
    ):
        found = (
            client.get("/oembed", params={"url": f"{service.url}/{path}"})
            .raise_for_status()
            .json()["title"]
        )
        assert title in found, path
