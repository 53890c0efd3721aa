"""Pictures as newsrooms get them: lists and registered charts, in every size and theme, with every figure in words."""

import io
import itertools
import re
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from PIL import Image

from tests.charts import SVG, read_svg, words_of
from tests.charts.invented import shapes, texts

DC = "{http://purl.org/dc/elements/1.1/}"
DATASETS = "allegations duty-status vetting-checks case-reviews reports workforce public-trust".split()
LISTS = [*DATASETS, "observations", "allegations/by-year", "observations/k7m3q", "observations?count_once=1"]
CHARTS = [
    "allegations-by-year case-review-split category-totals hotline how-many-were-accused published-by-kind-and-year",
    "statements-on-the-accused suspended-and-restricted trust-in-the-met vetting-check-results vetting-pipeline",
]
CHARTS = " ".join(CHARTS).split()
OF_RELEASES = [("2.2.0", name) for name in CHARTS] + [("3.0.0", name) for name in CHARTS if name != "vetting-pipeline"]
PROVEN = "allegations/by-year?source=philadelphia-complaint-findings&category=use_of_force"
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
    width, least = {"narrow": (320, 280), "medium": (480, 430), "wide": (640, 640)}[size]
    _, _, wide, high = map(float, svg.get("viewBox").split())
    assert (svg.get("width"), wide) == (str(width), least)
    assert abs(high * width / wide - int(svg.get("height"))) <= 1
    assert min(float(group.get("font-size")) for group in svg.iter(f"{SVG}g")) >= 11
    for text in texts(svg):
        assert (text.x >= 16, text.y < high) == (True, True), text
    assert len(answer.content) <= 15_000
    assert any(line.startswith("Source: ") for line in words_of(svg))


@pytest.mark.parametrize("form", "list years table bars numbers columns divided grid timeline".split())
def test_every_list_has_every_form_or_the_nearest(client, form):
    for path, size in [(path, size) for path in LISTS for size in ("narrow", "card")]:
        answer = ask(client, path, size=size, form=form)
        assert (answer.status_code, path) == (200, path)


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_text_has_contrast(client, theme):
    def luminance(colour):
        parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
        return sum(weight * part**2.2 for weight, part in zip((0.2126, 0.7152, 0.0722), parts, strict=True))

    def contrast(one, other):
        low, high = sorted((luminance(one), luminance(other)))
        return (high + 0.05) / (low + 0.05)

    drawn = set()
    for path in ("observations/k7m3q", "charts/published-by-kind-and-year"):
        svg = read(ask(client, path, theme=theme, release="3.3.0"))
        colours = dict(re.findall(r"\.(\w+)\{fill:(#\w{6})", svg.find(f"{SVG}style").text))
        drawn |= colours.keys()
        for text in {"ink", "muted", "accent"} & colours.keys():
            assert contrast(colours[text], colours["paper"]) >= 4.5, text
        if "empty" in colours:  # hatching
            assert contrast(colours["empty"], colours["paper"]) >= 3
    assert {"accent", "empty"} <= drawn


@pytest.mark.parametrize(("release", "name"), OF_RELEASES)
def test_describes_every_figure_and_says_where_it_is_from(client, release, name):
    record = ask(client, f"charts/{name}", "json", release=release).json()["data"]
    svg = read(ask(client, f"charts/{name}", release=release))
    description = svg.find(f"{SVG}desc").text
    assert svg.get("role") == "img"
    assert svg.find(f"{SVG}title").text == record["title"]
    if len(record["figures"]) <= 10:
        assert record["alt"] == description
    else:
        assert record["alt"].startswith(record["title"])
        assert record["alt"].endswith(" The linked page has them in a table.")
    for figure in record["figures"]:
        assert (figure["printed"] or "") in description
    metadata = {element.tag.removeprefix(DC): element.text for element in svg.find(f"{SVG}metadata")}
    assert metadata["publisher"] == f"Misconduct Register, release {release}"
    assert metadata["identifier"].endswith(f"/v1/charts/{name}?release={release}")
    assert metadata["rights"] == "CC BY 4.0 for this picture"  # none of the articles states a licence


@pytest.mark.parametrize(("release", "name"), OF_RELEASES)
def test_a_card_has_its_whole_title_and_fits(client, release, name):
    record = ask(client, f"charts/{name}", "json", release=release).json()["data"]
    svg = read(ask(client, f"charts/{name}", size="card", release=release))
    assert (svg.get("width"), svg.get("height")) == ("1200", "630")
    _, _, wide, high = svg.get("viewBox").split()
    assert abs(float(wide) * 630 / 1200 - float(high)) <= 1
    assert record["title"] in " ".join(words_of(svg))
    lines = texts(svg)
    assert all(text.y < float(high) for text in lines)
    assert all(below.y - above.y > 8 for above, below in itertools.pairwise(lines))  # none over another


def test_what_may_not_share_an_axis_is_a_list(client):
    svg = read(ask(client, "duty-status"))
    words = " ".join(words_of(svg))
    assert "Suspensions or restrictions" in words
    assert "do not add them" in words


def test_a_country_is_drawn_without_its_forces(client):
    """In 2019/20 there were 18 deaths in England and Wales, and 3 of them in the Metropolitan Police."""
    for area, numbers in (("gb_eaw", ["18"]), ("gb_eaw,E23000001", ["18", "3"])):
        svg = read(ask(client, "after-contact", release="3.2.0", area=area, year="2019/20"))
        assert [word for word in words_of(svg) if word.isdecimal()] == numbers


def test_parts_stand_below_their_whole_and_are_not_added_to_it(client):
    words = " ".join(words_of(read(ask(client, "observations?id=gb7nr,bbdjq,wtzwf,sn9v2"))))
    assert "Some of these figures are parts of others, so do not add them." in words
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
    assert image.text["Copyright"] == "CC BY 4.0 for this picture"
    assert image.text["Creation Time"] == "2026-11-21"
    assert image.text["Citation"].startswith("Misconduct Register, release 2.2.0 of 2026-11-21: 1,000 people called")
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


XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@pytest.mark.parametrize(
    ("path", "media_type"),
    [
        ("observations.png?release=2.2.0&limit=4", "image/png"),
        ("after-contact.xlsx?release=3.3.0&year_from=200", XLSX),  # about 4,000 figures
    ],
)
def test_many_pngs_or_workbooks_at_once_are_refused_and_other_answers_go_on(service, path, media_type):
    def draw(number):
        return httpx.get(f"{service.url}/v1/{path}{number}", timeout=60)

    with ThreadPoolExecutor(9) as clients:
        pictures = [clients.submit(draw, number) for number in range(8)]
        assert httpx.get(f"{service.url}/v1/observations?limit=3", timeout=30).status_code == 200
        answers = [one.result() for one in pictures]
    refused = [one for one in answers if one.status_code == 503]
    assert 0 < len(refused) < len(answers)
    assert all(one.headers["retry-after"] for one in refused)
    assert all(one.headers["content-type"] == media_type for one in answers if one not in refused)


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
    width, height = Image.open(io.BytesIO(client.get(low["url"]).content)).size
    assert low["width"] / 120 == pytest.approx(width / height, abs=0.02)  # the shape of a size that needs less scaling


DEATHS, NOT_A_FINDING = "No misconduct is alleged.", re.compile(r"\b(allegation|accusation|report) is not a finding\b")
SAID_OF = {
    "charts/allegations-by-year": "finding",
    "charts/case-review-split": "finding",
    "charts/category-totals": "finding",
    "charts/deaths-by-kind-and-year": "deaths",
    "charts/deaths-in-custody-by-year": "deaths",
    "charts/dismissed-in-india": "",
    "charts/hotline": "finding",
    "charts/how-many-were-accused": "finding",
    "charts/new-york-allegations": "finding",
    "charts/published-by-kind-and-year": "finding",
    "charts/statements-on-the-accused": "finding",
    "charts/suspended-and-restricted": "",  # it says “neither figure is a finding of guilt”
    "charts/trust-in-the-met": "",
    "charts/vetting-check-results": "finding",
    "after-contact": "deaths",
    "after-contact/by-year": "deaths",
    "after-contact?year=2019/20": "deaths",
    "allegations": "finding",
    "allegations/by-year": "finding",
    "case-reviews": "finding",
    "public-trust": "",
    "reports": "finding",
    "workforce": "",
    "observations/by-year?category=use_of_force": "deaths finding",
    "observations/k7m3q": "finding",
    "observations?area=E23000001": "deaths finding",
    "observations?area=E23000001&year=2019/20": "deaths",
    "observations?category=detention": "deaths",
    "observations?disagreement=how-many-were-accused": "finding",
    "observations?measure=occurred&category=use_of_force": "deaths",
    "observations?measure=proven": "",
    "observations?measure=under_investigation": "finding",
    "observations?q=rape": "finding",
    "observations?source=brit-brief-1000-officers-accused": "finding",
    "observations?unit=percent": "",
    "observations?year=2023": "finding",
}


@pytest.mark.parametrize(("path", "expected"), SAID_OF.items())
def test_deaths_are_no_misconduct_and_accusations_no_findings(client, path, expected):
    for size in ("narrow", "card"):
        svg = read(ask(client, path, release="3.3.1", size=size))
        words = " ".join(words_of(svg))
        said = {"deaths": DEATHS in words, "finding": bool(NOT_A_FINDING.search(words))}
        assert said == {"deaths": "deaths" in expected, "finding": "finding" in expected}, size
        if expected != "finding":
            assert "Figures on police misconduct" not in words, size


def test_every_registered_chart_is_one_of_those(client):
    charts = client.get("/v1/charts?release=3.3.1").json()["data"]
    assert {f"charts/{one['id']}" for one in charts} == {path for path in SAID_OF if path.startswith("charts/")}


FOOTS = {
    "charts/hotline": ("Source: Commissioner, in The Eye Of Media.Com, April 2023.", "charts/hotline"),
    "after-contact?area=gb_eaw&category=detention": (
        "Source: Independent Office for Police Conduct, October 2020 (Open Government Licence).",
        "v1/after-contact?area=gb_eaw&category=detention",
    ),
    "observations/k7m3q": ("Source: Metropolitan Police, in The Eye Of Media.Com, 2024.", "v1/observations/k7m3q"),
}


@pytest.mark.parametrize(("path", "expected"), FOOTS.items())
def test_the_last_lines_say_the_source_the_month_the_licence_and_the_address(service, client, path, expected):
    newest = client.get("/v1").json()["release"]  # an older one has its number in its address
    for size in ("narrow", "wide", "card"):
        words = " ".join(text.words for text in texts(read(ask(client, path, release=newest, size=size))))
        source, address = expected
        host = service.url.removeprefix("http://")
        said = f"{source} Misconduct Register {newest}, CC BY 4.0, {host}/{address}"
        assert words.replace(" ", "").endswith(said.replace(" ", "")), size  # a long address is broken


def test_the_address_of_an_old_release_leads_to_that_release(client):
    for size in ("medium", "wide"):
        words = "".join(words_of(read(ask(client, "charts/hotline", release="2.2.0", size=size))))
        assert words.endswith("charts/hotline?release=2.2.0")


def test_svg_and_png_say_in_their_metadata_how_to_cite_them(service, client):
    title = "Deaths in or after police custody: 36 in 2004/05, 18 in 2019/20"
    address = f"{service.url}/v1/charts/deaths-in-custody-by-year?release=3.3.0"
    expected = {
        "publisher": "Misconduct Register, release 3.3.0",
        "date": "2026-11-28",
        "identifier": address,
        "source": "Independent Office for Police Conduct",
        "rights": "CC BY 4.0 for this picture; Open Government Licence",
        "bibliographicCitation": f"Misconduct Register, release 3.3.0 of 2026-11-28: {title}. {address}",
    }
    svg = read(ask(client, "charts/deaths-in-custody-by-year", release="3.3.0"))
    assert {element.tag.removeprefix(DC): element.text for element in svg.find(f"{SVG}metadata")} == expected
    png = Image.open(io.BytesIO(ask(client, "charts/deaths-in-custody-by-year", "png", release="3.3.0").content)).text
    names = "Author", "Creation Time", "Comment", "Source", "Copyright", "Citation"
    assert [png[name] for name in names] == [*expected.values()]
    assert (png["Title"], png["Description"]) == (title, svg.find(f"{SVG}desc").text)


def test_the_alternative_text_of_many_figures_has_the_ends_and_the_highest(client):
    name = "deaths-in-custody-by-year"
    alt = ask(client, f"charts/{name}", "json", release="3.3.0").json()["data"]["alt"]
    assert alt == (
        "Deaths in or after police custody: 36 in 2004/05, 18 in 2019/20. England and Wales, in years from April to "
        "March. 16 figures. 36 in 2004/05, 18 in 2019/20; highest 36 in 2004/05. The linked page has them in a table."
    )
    numbers = [36, 28, 27, 22, 15, 17, 21, 15, 15, 11, 18, 14, 14, 23, "17*", 18]
    years = [f"{year}/{year - 1999:02}: {number}" for year, number in zip(range(2004, 2020), numbers, strict=True)]
    assert "; ".join(years) in read(ask(client, f"charts/{name}", release="3.3.0")).find(f"{SVG}desc").text


def test_years_of_revised_and_of_other_counting_are_marked(client):
    """Other deaths, Metropolitan Police: counted in another way in 2010/11 and 2015/16, and 2018/19 was revised."""
    query = "after-contact/by-year?area=E23000001&source=iopc-other-deaths-by-force"
    svg = read(ask(client, query, release="3.3.0"))
    words = " ".join(words_of(svg))
    assert "16*" in words_of(svg)
    assert "* Revised by the publisher (2018/19)." in words
    assert "Line: counted in another way from 2010/11 and 2015/16 on." in words


def test_a_country_stands_above_its_48_forces_and_all_figures_are_drawn_where_there_is_room(client):
    query = "after-contact/by-year?source=iopc-deaths-in-custody-by-force"
    svg = read(ask(client, query, release="3.3.0"))
    words = words_of(svg)
    assert (
        len([word for word in words if re.fullmatch(r"\d{1,3}\*?", word)]) == 45 * 17
    )  # and four rows of zeros in a sentence
    places = [text.words for text in texts(svg) if text.x == 16 and re.search("Wales|Police|Constabulary", text.words)]
    assert [one for one in places if one in ("England and Wales", "Kent Police")] == [
        "England and Wales", "Kent Police"
    ]  # fmt: skip
    narrow = words_of(read(ask(client, query, release="3.3.0", size="narrow")))
    assert not any("Kent" in word for word in narrow)  # a phone has room for the country
    assert "17 of 833 figures" in " ".join(narrow)


def test_where_a_request_sorts_by_value_and_only_there_places_are_ranked(client):
    query = "after-contact/by-year?source=iopc-deaths-in-custody-by-force"
    names = "Avon and Somerset Police", "Kent Police", "Metropolitan Police"
    shown = [text.words for text in texts(read(ask(client, query, release="3.3.0"))) if text.words in names]
    assert shown == [*names]
    ranked = "observations?source=iopc-deaths-in-custody-by-force&year=2019/20&sort=-value"
    numbers = [int(word) for word in words_of(read(ask(client, ranked, release="3.3.0"))) if word.isdecimal()]
    assert numbers == sorted(numbers, reverse=True)
    assert numbers[:3] == [18, 3, 3]


def test_an_accusation_and_what_was_proven_of_it_share_a_scale(client):
    """In Philadelphia in 2016, no allegation of force was sustained in 151 cases, and one was in 6."""
    svg = read(ask(client, PROVEN, release="3.3.0"))
    most, few = (shape.height for shape in shapes(svg, "pale") if shape.x == shapes(svg, "pale")[0].x)
    assert most / few == pytest.approx(151 / 6, rel=0.1)
    assert any(text.words.endswith("No Sustained Findings") for text in texts(svg))


def test_codes_that_count_more_than_the_words_of_a_figure_do_not_name_it(client):
    """The 90 came from elsewhere to help the department, and are not its staff."""
    words = words_of(read(ask(client, "workforce/by-year", release="3.3.0")))
    assert words[0].startswith("“additional officers and staff from these")
    assert not [line for line in words if "Standards" in line]


def test_a_place_is_in_the_title_only_if_it_is_that_of_all_figures(client):
    words = words_of(read(ask(client, "observations?qualifier=magnitude", release="3.3.0")))
    assert words[0] == "Published police figures"
    assert "Force not stated" in words
    assert [line for line in words if line.endswith("Metropolitan Police")]


def test_a_total_of_a_table_is_named_by_what_it_counts(client):
    """The table calls the 732 of Lambeth only “Grand Total”; “Malpractice” says more than a code."""
    for figures, title in (
        ("observations/c34c9", "Allegations made, police in Lambeth"),
        ("allegations?area=E09000022&q=malpractice", "Malpractice: allegations, police in Lambeth"),
    ):
        assert words_of(read(ask(client, figures, release="3.3.1")))[0] == title


def test_a_caveat_of_some_figures_of_a_list_says_of_which(client):
    words = " ".join(words_of(read(ask(client, "observations?id=nzzhq,jqnc4"))))
    assert "700: The source says that removal is threatened, promised or wanted." in words


def test_regions_stand_below_their_country(client):
    """There is no room for their forces, too."""
    svg = read(ask(client, "workforce", release="3.3.0"))
    lines = {text.words: text for text in reversed(texts(svg))}  # the first of the same words
    names = "England and Wales", "North East", "North West"
    assert sorted(names, key=lambda name: lines[name].y) == [*names]
    assert {"124,784", "5,435"} <= lines.keys()
    assert "Cleveland Police" not in lines


def test_a_picture_says_who_counted(client):
    for query in ("allegations?source=philadelphia-complaint-findings&year=2016", PROVEN):
        words = " ".join(words_of(read(ask(client, query, release="3.3.0"))))
        assert "Counted by this register from City of Philadelphia, 2021" in words
        assert "printed by" not in words


def test_an_error_of_a_spreadsheet_is_no_name(client):
    words = words_of(read(ask(client, "allegations/by-year?source=philadelphia-complaint-findings", release="3.3.0")))
    assert "Error in the file (#VALUE!)" in words


def test_no_title_above_deaths_alleges_misconduct(client):
    for query in ("by-year?source=iopc-road-traffic-deaths-by-force", "by-year?measure=occurred&category=use_of_force"):
        svg = read(ask(client, f"after-contact/{query}", release="3.3.0"))
        assert "misconduct" not in svg.find(f"{SVG}title").text


def test_oembed_names_the_first_figures(client, service):
    for path, title in (
        ("charts/hotline", "1,000 people called a hotline about police wrongdoing; 350 reports were being pursued"),
        ("v1/observations/s7xm4", "“said they ‘totally distrusted’ the Met”, Metropolitan Police: 42%"),
        ("observations?disagreement=how-many-were-accused", "1,492, 1,131, 1,071 or about 1,000 accused"),
        (
            "after-contact?category=detention&release=3.3.0",
            "2004/05 to 2019/20: England and Wales, 2004/05: 36; England and Wales, 2005/06: 28",
        ),
    ):
        found = client.get("/oembed", params={"url": f"{service.url}/{path}"}).raise_for_status().json()["title"]
        assert title in found, path
        assert re.search(r"\d", found), path


@pytest.mark.parametrize("kinds", ["use_of_force,discourtesy", "discourtesy,use_of_force"])
def test_a_picture_of_several_kinds_is_not_named_after_the_first(client, kinds):
    asked = f"area=us_pa_philadelphia&measure=proven&category={kinds}&release=3.3.1"
    drawn = client.get(f"/v1/allegations/by-year.svg?{asked}").raise_for_status().text
    for word in ("use of force", "rudeness"):
        assert word not in drawn.lower()


def test_a_picture_says_what_is_not_to_be_ranked(client):
    query = {"source": "india-complaints-against-police", "measure": "dismissed", "year": "2010", "form": "list"}
    svg = read(ask(client, "observations", release="3.3.2", **query))
    assert "Do not rank them" in svg.find(f"{SVG}desc").text
