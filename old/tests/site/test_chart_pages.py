"""The page of a chart, of the register or of any query: the picture, the code to embed it, its figures and its card."""

from __future__ import annotations

import html
import re
from urllib.parse import parse_qs, urlsplit

import pytest

from misconduct.site import charts
from tests.site.reading import Page, read_page

CHART = "/charts/how-many-were-accused"
QUERY = "/chart/allegations?category=sexual_assault"
HERE = "http://localhost:8000"


def code_of(page: Page) -> str:
    """The code to paste."""
    [code] = [one for one in page.main.all("code") if one.attributes.get("id") == "code"]
    return "".join(one.own_text for one in code.walk())


def metas(page: Page) -> dict[str, str]:
    found = [one.attributes for one in page.root.all("meta")]
    return {one.get("property", one.get("name", "")): one.get("content", "") for one in found}


def newest(real) -> str:
    return real.service.releases.releases[-1].number


def of_iframe(code: str) -> dict[str, str]:
    [tag] = re.findall(r"<iframe .*?>", code)
    return {name: html.unescape(text) for name, text in re.findall(r'([\w-]+)="([^"]*)"', tag)}


@pytest.mark.parametrize("address", [CHART, QUERY, "/chart/observations/k7m3q", "/chart/allegations/by-year?category=sexual_assault"])  # fmt: skip
def test_the_frame_is_live_and_light_by_default_lazy_and_brings_its_listener(real, address):
    page = read_page(real.client, address)
    frame = of_iframe(code_of(page))
    assert frame["src"].startswith(f"{HERE}/v1/")
    assert ("release=" in frame["src"], "theme=" in frame["src"], "notice=" in frame["src"]) == (False, False, False)
    assert (frame["loading"], frame["width"], frame["title"]) == ("lazy", "640", page.main.all("h1")[0].text)
    assert "iframe.resize" in code_of(page)
    sent = real.client.get(frame["src"].removeprefix(HERE))
    assert (sent.status_code, sent.headers["content-type"]) == (200, "text/html; charset=utf-8")


@pytest.mark.parametrize(
    ("path", "asked"),
    [
        (CHART, ["look=dark", "release=2.1.0", "way=picture"]),
        ("/chart/allegations", ["category=sexual_assault", "notice=1", "statistic=count", "version=frozen"]),
        ("/chart/allegations/by-year", ["category=sexual_assault", "look=auto", "release=2.2.0"]),
        ("/chart/observations", ["category=sexual_assault", "release=2.1.0", "theme=dark"]),
    ],
)
def test_in_any_order_parameters_are_one_page_which_its_own_validator_finds(real, path, asked):
    def ask(parameters: list[str], **headers: str):
        real.cache.store.drop(lambda _: True)
        return real.client.get(f"{path}?{'&'.join(parameters)}", headers=headers)

    one, other = ask(asked), ask(asked[::-1])
    assert (one.status_code, one.text) == (200, other.text)
    assert one.headers["etag"] == other.headers["etag"]
    assert ask(asked[:-1]).headers["etag"] != one.headers["etag"]
    assert ask(asked, **{"If-None-Match": one.headers["etag"]}).status_code == 304
    assert ask(asked, **{"If-Match": one.headers["etag"]}).status_code == 200


@pytest.mark.parametrize("address", [CHART, QUERY])
@pytest.mark.parametrize(
    ("version", "kept"),
    [("live", ()), ("frozen", ("release",)), ("notice", ("release", "notice"))],
)
@pytest.mark.parametrize("look", ["light", "dark", "auto"])
def test_version_and_colours_are_in_the_address(real, address, version, kept, look):
    page = read_page(real.client, f"{address}{'&' if '?' in address else '?'}version={version}&look={look}")
    query = parse_qs(urlsplit(of_iframe(code_of(page))["src"]).query)
    query.pop("category", None)
    every = {"release": [newest(real)], "notice": ["1"]}
    assert query == {name: every[name] for name in kept} | ({} if look == "light" else {"theme": [look]})
    chosen = {one.attributes["value"] for one in page.main.all("input") if "checked" in one.attributes}
    assert chosen == {version, look, "iframe"}


def test_a_long_description_becomes_its_first_figures_in_code(real):
    alt = re.search(r'alt="([^"]*)"', html.unescape(code_of(read_page(real.client, f"{CHART}?way=picture"))))[1]
    assert 200 < len(alt) <= 300
    assert alt.startswith("“1,000”, 1,071, 1,131 or 1,492 accused?")
    assert re.search(r"; and \d+ more; the table is at the link\.$", alt)
    own = html.unescape(code_of(read_page(real.client, f"/chart/duty-status?form=dots&title={'A' * 250}&way=picture")))
    assert re.search(rf'alt="{NOT_OURS} A+\. and \d+ more; the table', own)


def test_a_picture_has_three_sizes_with_their_sides_and_all_that_it_says(real):
    page = read_page(real.client, f"{QUERY}&way=picture&version=frozen")
    code = html.unescape(code_of(page))
    sizes = re.findall(r'(?:srcset|src)="([^"]*)" width="(\d+)" height="(\d+)"', code)
    assert [(re.search(r"size=(\w+)", link)[1], width) for link, width, _ in sizes] == [
        ("narrow", "320"),
        ("medium", "480"),
        ("wide", "640"),
    ]
    for link, width, height in sizes:
        drawn = real.client.get(link.removeprefix(HERE)).text
        assert re.search(rf'<svg[^>]* width="{width}" height="{height}"', drawn), link
    assert 'loading="lazy"' in code
    alt = re.search(r'alt="([^"]*)"', code)[1]
    assert all(number in alt for number in ("944", "116", "169", "157", "23"))
    assert f'<a href="{HERE}/datasets/allegations?category=sexual_assault&release={newest(real)}">' in code


@pytest.mark.parametrize("named", ["release=latest", "release=2.x", "release=2", "as_of=2026-11-25", "release=2.2.0"])
@pytest.mark.parametrize(("path", "there"), [(QUERY, "/datasets/allegations?category=sexual_assault&"), (f"{CHART}?", f"{CHART}?")])  # fmt: skip
def test_what_is_cited_is_in_the_very_release_however_it_was_asked_for(real, named, path, there):
    page = read_page(real.client, f"{path}&{named}&way=picture&version=frozen".replace("?&", "?"))
    [citation] = [one.text for one in page.main.all("code") if one.attributes.get("id") == "citation"]
    assert citation.endswith(f" {HERE}{there}release=2.2.0")
    assert real.client.get(f"{there}release=2.2.0").status_code == 200
    if path == QUERY:
        assert f'<a href="{HERE}{there}release=2.2.0">' in html.unescape(code_of(page))


def test_the_link_for_wordpress_is_one_that_oembed_knows(real):
    for address in (f"{CHART}?way=oembed", f"{QUERY}&way=oembed&version=frozen&look=dark"):
        link = code_of(read_page(real.client, address))
        told = real.client.get("/oembed", params={"url": link})
        assert told.status_code == 200
        assert html.escape(link) in told.json()["html"]


def test_the_files_are_there_in_every_size(real):
    page = read_page(real.client, f"{CHART}?way=file&look=dark")
    files = {name: link for name, link in page.links.items() if name.startswith(("SVG", "PNG"))}
    assert sorted(files) == [f"{kind}, {size}" for kind in ("PNG", "SVG") for size in ("card", "medium", "narrow", "wide")]  # fmt: skip
    assert real.client.get(files["SVG, narrow"]).headers["content-type"] == "image/svg+xml"
    assert all("theme=dark" in link for link in files.values())


def test_a_title_of_ones_own_is_in_the_code_and_never_markup(real):
    page = read_page(real.client, f'{QUERY}&title="><script>alert(1)</script>')
    assert page.main.all("h1")[0].text == '"><script>alert(1)</script>'
    assert "title=%22%3E%3Cscript%3E" in of_iframe(code_of(page))["src"]
    assert "<script>alert" not in page.html


def test_figures_that_share_no_axis_are_refused_with_the_reason(real):
    page = read_page(real.client, "/chart/duty-status", 422)
    assert page.main.all("h1")[0].text == "These figures cannot be drawn like this"
    assert page.links["Back to the figures"] == "/datasets/duty-status"
    assert "=" not in page.main.all("p")[0].text
    offered = [one for one in page.addresses if one.startswith("/chart/duty-status?")]
    assert "/chart/duty-status?form=dots" in offered
    assert "/chart/duty-status?stock_or_flow=stock" in offered
    assert read_page(real.client, "/chart/duty-status?form=dots").links["The figures, with their evidence"]
    too_many = read_page(real.client, "/chart/allegations?form=dots", 422).main.all("p")[0].text
    assert too_many == "29 figures match, and a chart shows at most 22. Choose fewer by filters."


ACCUSED, FURTHER = "disagreement=how-many-were-accused", "disagreement=further-700-and-689"


@pytest.mark.parametrize(
    ("path", "query", "there"),
    [
        ("/observations", ACCUSED, "/disagreements/how-many-were-accused"),
        ("/observations", f"{ACCUSED}&title=Ours&theme=dark", "/disagreements/how-many-were-accused"),
        ("/observations", f"{ACCUSED}&release=2.1.0", "/disagreements/how-many-were-accused?release=2.1.0"),
        ("/observations", f"category=sexual_assault&{ACCUSED}", f"/v1/observations?category=sexual_assault&{ACCUSED}"),
        ("/observations", f"{ACCUSED}&{FURTHER}&form=dots", f"/v1/observations?{ACCUSED},further-700-and-689"),
        ("/allegations", ACCUSED, f"/datasets/allegations?{ACCUSED}"),
        ("/allegations/by-year", ACCUSED, f"/datasets/allegations?{ACCUSED}"),
    ],
)
def test_the_evidence_for_a_chart_is_that_of_its_figures(real, path, query, there):
    page = read_page(real.client, f"/chart{path}?{query}")
    assert page.links["The figures, with their evidence"] == there
    assert f'href="{html.escape(there)}"' in real.client.get(f"/v1{path}.html?{query}").text
    if there.startswith("/datasets"):
        shown = {one for one in read_page(real.client, there).addresses if one.startswith("/observations/")}
        listed = real.client.get(f"/v1/allegations?{ACCUSED}").json()["data"]
        assert shown == {f"/observations/{one['id']}" for one in listed}
        assert len(shown) == 9


def test_a_form_that_cannot_show_the_figures_offers_another(real):
    address = "/chart/observations?disagreement=figures-of-1000"
    page = read_page(real.client, f"{address}&form=divided", 422)
    assert "Ask for" not in page.main.text
    assert page.links["Let the figures choose the form"] == address


NOT_OURS = "Headline: not by the Misconduct Register."


@pytest.mark.parametrize("own", ["title=Crooked", "subtitle=Crooked"])
@pytest.mark.parametrize(
    "path",
    [
        "/allegations{}?category=sexual_assault",
        "/allegations/by-year{}?category=sexual_assault",
        "/observations/k7m3q{}?theme=light",
        "/charts/how-many-were-accused{}?theme=light",
    ],
)
def test_a_headline_of_a_readers_own_is_never_the_registers(real, path, own):
    restyled = ".vl.json" if "allegations" in path else ".json" if "charts" in path else ".svg"
    for suffix in (".svg", ".html", restyled):
        address = "/v1" + path.format(suffix)
        answers = [real.client.get(one) for one in (f"{address}&{own}", address)]
        assert [one.status_code for one in answers] == [200, 200]
        assert [NOT_OURS in one.text for one in answers] == [True, False], suffix
    drawn = real.client.get("/v1" + path.format(".svg") + "&" + own).text.partition("</desc>")[2]
    assert NOT_OURS in " ".join(html.unescape(re.sub(r"<[^>]+>", " ", drawn)).split())


def test_the_page_of_a_chart_does_not_credit_the_register_with_a_headline_of_a_readers_own(real):
    page = read_page(real.client, f"{QUERY}&title=Crooked")
    [title] = page.root.all("title")
    assert title.text == "Crooked (chart) – headline not by the Misconduct Register"
    assert metas(page)["og:title"] == title.text
    assert "a headline that is not the register's, “Crooked”" in page.under("Cite this chart")


def test_the_registers_own_headline_is_its_own_though_it_is_asked_for(real):
    title = read_page(real.client, CHART).main.all("h1")[0].text
    assert NOT_OURS not in real.client.get(f"/v1{CHART}.svg", params={"title": title}).text


@pytest.mark.parametrize(("address", "page"), [(CHART, CHART), (QUERY, "/datasets/allegations")])
def test_code_leads_to_the_release_that_it_shows(real, address, page):
    first = "&" if "?" in address else "?"
    for version, of_release in (("live", False), ("frozen", True), ("notice", True)):
        for asked in ("", "&release=2.0.0"):
            code = html.unescape(
                code_of(read_page(real.client, f"{address}{first}way=picture&version={version}{asked}"))
            )
            [link] = re.findall(r'<a href="([^"]*)">', code)
            number = asked.removeprefix("&release=") or newest(real)
            assert urlsplit(link).path == page
            assert (f"release={number}" in link, "release=" in link) == (of_release, of_release), link


def test_a_frame_is_as_high_as_the_picture_of_its_width(real):
    """Narrower ones get theirs by the script: a frame of 640 px without one has no hole below the chart."""
    for chart in (CHART, "/charts/allegations-by-year"):
        drawn = real.client.get(f"/v1{chart}.svg?size=wide").text
        height = int(re.search(r'<svg[^>]* height="(\d+)"', drawn)[1])
        assert int(of_iframe(code_of(read_page(real.client, chart)))["height"]) == height + 28


def test_the_chooser_says_what_is_to_know_about_colours_and_about_systems_without_scripts(real):
    page = read_page(real.client, CHART)
    assert "“Follows the reader” is light or dark as the reader's own device is set." in page.text
    assert "If your system strips scripts, choose Picture" in page.text


def test_what_the_form_does_not_know_is_as_if_nothing_was_chosen(real):
    page = read_page(real.client, f"{CHART}?version=x&look=%3Cb%3E&way=y")
    assert {one.attributes["value"] for one in page.main.all("input") if "checked" in one.attributes} == {"live", "light", "iframe"}  # fmt: skip


def test_links_of_a_chart_to_its_figures_stay_here_and_as_live_as_it_is(real):
    page = read_page(real.client, CHART)
    assert "/observations/k7m3q" in page.addresses
    assert [one for one in page.main.all("a") if "target" in one.attributes] == []
    pinned = f"release={newest(real)}"
    assert f"/observations/k7m3q?{pinned}" in read_page(real.client, f"{CHART}?{pinned}").addresses
    copied = {one.attributes["data-copies"] for one in page.main.all("button") if "data-copies" in one.attributes}
    assert copied == {"code", "citation"}
    assert f"{HERE}{CHART}?{pinned}" in page.under("Cite this chart")


CARDS = [
    ("/observations/k7m3q", "/v1/observations/k7m3q.png?size=card"),
    ("/observations/k7m3q?release=1.2.0", "/v1/observations/k7m3q.png?release=1.2.0&size=card"),
    ("/disagreements/figures-of-1000", "/v1/observations.png?disagreement=figures-of-1000&size=card"),
    (CHART, "/v1/charts/how-many-were-accused.png?size=card"),
    (QUERY, "/v1/allegations.png?category=sexual_assault&size=card"),
    ("/datasets/allegations?category=sexual_assault", "/v1/allegations.png?category=sexual_assault&size=card"),
]


@pytest.mark.parametrize(("address", "card"), CARDS)
def test_what_is_shared_has_a_card_and_its_own_words(real, address, card):
    told = metas(read_page(real.client, address))
    assert told["og:image"] == f"{HERE}{card}"
    assert (told["og:image:width"], told["og:image:height"]) == ("1200", "630")
    assert told["twitter:card"] == "summary_large_image"
    assert told["og:image:alt"]
    assert told["og:description"] != metas(read_page(real.client, "/about"))["og:description"]
    drawn = real.client.get(card)
    assert drawn.headers["content-type"] == "image/png"
    assert (int.from_bytes(drawn.content[16:20]), int.from_bytes(drawn.content[20:24])) == (1200, 630)


def test_a_dataset_and_the_front_page_have_the_card_of_a_chart(real):
    for address in ("/", "/datasets/allegations"):
        assert re.fullmatch(
            rf"{HERE}/v1/charts/[\w-]+\.png\?size=card", metas(read_page(real.client, address))["og:image"]
        )


def test_every_listing_has_the_chart_of_exactly_its_figures(real):
    page = read_page(real.client, "/datasets/allegations?category=sexual_assault&sort=-value")
    [picture] = page.main.all("img")
    assert picture.attributes["src"] == "/v1/allegations.svg?category=sexual_assault&size=wide"
    assert page.links["Chart these: embed code, other forms and data: " + title_of(real)] == QUERY
    assert page.links["Chart these years"] == "/chart/allegations/by-year?category=sexual_assault"


def test_figures_that_may_not_share_an_axis_are_offered_on_axes_of_their_own(real):
    page = read_page(real.client, "/datasets/duty-status")
    [offered] = [one for one in page.addresses if one.startswith("/chart/duty-status")]
    assert offered == "/chart/duty-status?form=dots"
    assert "These figures may not share an axis." in page.text
    assert code_of(read_page(real.client, offered)).count("form=dots") == 1


DATASETS = ("allegations", "case-reviews", "duty-status", "public-trust", "reports", "vetting-checks", "workforce")


def test_every_condition_that_a_refused_chart_names_draws_one(real):
    refused = {}
    for dataset in DATASETS:
        answer = real.client.get(f"/v1/{dataset}.svg")
        if answer.status_code == 422:
            refused[dataset] = re.findall(r"\b(?:unit|statistic|stock_or_flow|form)=[\w=&]+", answer.json()["detail"])
            for mend in refused[dataset]:
                assert real.client.get(f"/v1/{dataset}.svg?{mend}").status_code == 200, (dataset, mend)
    assert refused["allegations"] == ["unit=count&stock_or_flow=stock", "unit=proportion"]  # the others are too many
    assert sorted(refused) == ["allegations", "case-reviews", "duty-status", "vetting-checks", "workforce"]


def test_what_a_page_offers_in_place_of_a_chart_has_one(real):
    page = read_page(real.client, "/datasets/allegations")
    offered = {words: link for words, link in page.links.items() if words.startswith("Only ")}
    assert "/datasets/allegations?stock_or_flow=stock&unit=count" in offered.values()
    assert len(offered) == 2
    for link in offered.values():
        assert "may not share an axis" not in read_page(real.client, link).text


def title_of(real) -> str:
    return read_page(real.client, QUERY).main.all("h1")[0].text


def test_a_disagreement_shows_its_chart(real):
    page = read_page(real.client, "/disagreements/figures-of-1000")
    [picture] = page.main.all("img")
    assert picture.attributes["src"] == "/v1/observations.svg?disagreement=figures-of-1000&size=wide"
    sides = picture.attributes["width"], picture.attributes["height"]
    drawn = real.client.get(picture.attributes["src"]).text
    assert re.search(r'<svg[^>]* width="(\d+)" height="(\d+)"', drawn).groups() == sides
    assert "/chart/observations?disagreement=figures-of-1000" in page.addresses


def test_of_many_charts_some_are_drawn_and_all_are_named(real, monkeypatch):
    every = real.client.get("/charts").text
    monkeypatch.setattr(charts, "CHARTS_SHOWN", 3)
    some = real.client.get("/charts?utm_source=test").text
    assert some.count("<figure") == 3 < every.count("<figure")
    assert some.count("<section") == every.count("<section")
