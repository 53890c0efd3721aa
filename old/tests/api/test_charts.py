"""Charts over HTTP: of the register and of any figures, what is sent, with which headers; embeds and oEmbed."""

from __future__ import annotations

import csv
import io
import json
import re
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from urllib.parse import quote
from xml.etree import ElementTree

import httpx
import psutil
import pytest
from PIL import Image

from misconduct.api import encoder
from misconduct.errors import RegisterRefused
from misconduct.publish.load import load_register
from misconduct.settings import Settings
from tests.api.test_exports import wait_for
from tests.conftest import create_database, drop_database, urls_of
from tests.registers import chart_file, disagreement_reasons, seal, write_register
from tests.serving import serve

FIGURES = """
    category       | year | value | counting_unit
    sexual_assault | 2018 |    10 | people
    other          | 2018 |     7 | people
"""
REVISED = """
    version | id    | category       | year | value | counting_unit
    1       | bbbbb | sexual_assault | 2018 |    10 | people
    1       | bbbbc | other          | 2018 |     7 | people
    2       | bbbbb | sexual_assault | 2018 |    11 | people
"""
HERE = "http://localhost:8000"
SVG = "{http://www.w3.org/2000/svg}"
VEGA_LITE = "application/vnd.vegalite.v6+json"

OF_FIGURES = ("/v1/allegations", "/v1/observations", "/v1/allegations/by-year", "/v1/observations/by-year")
PLACES = ("/v1/charts/shown", "/v1/observations/bbbbb", *OF_FIGURES)
"""An address of each kind that has charts."""

DISAGREEMENT = {
    "id": "how-many",
    "version": 1,
    "title": "5 or 7",
    "question": "How many?",
    "members": ["bbbbb", "bbbbc"],
    "reasons": ["definition"],
    "explanation": "They differ.",
}


def words_in(svg: bytes) -> str:
    """All that can be read in a picture, lines joined by a space."""
    return " ".join(" ".join(text.itertext()) for text in ElementTree.fromstring(svg).iter(f"{SVG}text"))


@pytest.fixture(scope="module")
def charted(postgres, tmp_path_factory):
    """A service with one chart, for tests that only ask."""
    name = create_database(postgres, "misconduct")
    urls = urls_of(postgres, name)
    register = write_register(tmp_path_factory.mktemp("charted") / "data", FIGURES, **chart_file())
    seal(register, "1.0.0")
    load_register(urls.owner, register)
    settings = Settings(
        database_url=urls.reader,
        owner_url=urls.owner,
        port=8000,
        look_seconds=0.05,
        hosts="figures.example:8000",
    )
    with serve(settings) as running:
        yield running
    drop_database(postgres, name)


# Charts of the register ------------------------------------------------------------------------------------------


def test_the_record_of_a_chart_says_where_its_pictures_are(charted):
    answer = charted.client.get("/v1/charts/shown")
    assert answer.headers["content-type"] == "application/json"
    assert answer.json()["data"]["links"] == {
        "page": f"{HERE}/charts/shown",
        "svg": f"{HERE}/v1/charts/shown.svg",
        "png": f"{HERE}/v1/charts/shown.png",
        "json": f"{HERE}/v1/charts/shown.json",
        "html": f"{HERE}/v1/charts/shown.html",
        "csv": f"{HERE}/v1/charts/shown.csv",
        "oembed": f"{HERE}/oembed?url=http%3A%2F%2Flocalhost%3A8000%2Fcharts%2Fshown",
        "figures": f"{HERE}/v1/observations?measure=accused&narrower=0",
    }
    assert [one["id"] for one in charted.client.get("/v1/charts").json()["data"]] == ["shown"]
    assert charted.client.get("/v1/charts.csv").text.splitlines()[1].startswith("shown,1,What was counted,")


@pytest.mark.parametrize("form", ["csv", "xlsx", "parquet", "jsonl"])
def test_a_chart_as_a_table_is_its_figures(charted, form):
    answer = charted.client.get(f"/v1/charts/shown.{form}")
    assert answer.status_code == 200
    assert "attachment" in answer.headers["content-disposition"]
    if form == "csv":
        rows = list(csv.DictReader(io.StringIO(answer.text)))
        assert {(row["id"], row["value"], row["category_label"]) for row in rows} == {
            ("bbbbb", "10", "Sexual assault"),
            ("bbbbc", "7", "Other"),
        }
    if form == "jsonl":
        assert {json.loads(line)["id"] for line in answer.text.splitlines()} == {"bbbbb", "bbbbc"}


def test_the_data_of_a_chart_by_year_has_a_row_for_each_year_with_the_gaps(api, publish):
    publish(
        """
        category       | year | value
        sexual_assault | 2018 |    10
        sexual_assault | 2020 |    12
        """,
        "1.0.0",
        files=chart_file(mark="column"),
    )
    rows = list(csv.DictReader(io.StringIO(api.get("/v1/charts/shown.csv").text)))
    assert [(row["year"], row["value"], row["gap"]) for row in rows] == [
        ("2018", "10", ""),
        ("2019", "", "not_stated"),
        ("2020", "12", ""),
    ]
    assert api.get("/v1/charts/shown").json()["data"]["links"]["figures"].startswith(f"{HERE}/v1/observations/by-year?")
    embed = api.get("/v1/charts/shown.html").text
    assert embed.index("2018</th>") < embed.index("2019</th>") < embed.index("2020</th>")
    assert embed.count("not stated") == 1
    assert 'href="/observations/' in embed  # pages, for people
    assert 'href="/v1/observations/' not in embed


def test_a_chart_of_a_disagreement_shows_its_members_under_its_title(api, publish):
    publish(
        """
        category       | value | hedge  | qualifier
        sexual_assault |     5 | about  | about
        misconduct     |     7 | nearly | just_under
        other          |     9 |        |
        """,
        files={
            **chart_file(query={"disagreement": ["how-many"]}),
            "disagreements.yaml": json.dumps([DISAGREEMENT]),
            **disagreement_reasons(),
        },
    )
    drawn = api.get("/v1/charts/shown.vl.json").json()
    of_query = api.get("/v1/observations.vl.json?disagreement=how-many").json()
    assert {row["id"] for row in rows_of(drawn)} == {row["id"] for row in rows_of(of_query)} == {"bbbbb", "bbbbc"}
    words = words_in(api.get("/v1/observations.svg?disagreement=how-many").content)
    assert "5 or 7" in words
    assert "How many?" in words
    assert "What was counted" in words_in(api.get("/v1/charts/shown.svg").content)
    found = api.get("/oembed", params={"url": f"{HERE}/disagreements/how-many"}).json()
    assert found["title"] == "5 or 7"
    assert f'src="{HERE}/v1/observations.html?disagreement=how-many"' in found["html"]
    assert f'href="{HERE}/disagreements/how-many"' in found["html"]


@pytest.mark.parametrize(
    ("asked", "shown", "title"),
    [
        (
            "value_to=690",
            ["689"],
            "689: Serving employees reassessed or reinvestigated, domestic and sexual offences, cases counted, now",
        ),
        ("value_from=690", ["700", "700"], "700: Officers (printed as cops) to be removed, sexual and domestic abuse"),
        ("", ["700", "700", "689"], "A further 700 officers and 689 cases"),
        ("value_from=600", ["700", "700", "689"], "A further 700 officers and 689 cases"),
    ],
)
def test_a_chart_of_some_members_has_not_the_title_of_all(real, asked, shown, title):
    address = f"/v1/observations.vl.json?disagreement=further-700-and-689&{asked}"
    specification = real.client.get(address).json()
    assert [row["shown"] for row in rows_of(specification)] == shown
    assert " ".join(specification["title"]["text"]) == title


def rows_of(specification: dict) -> list[dict]:
    """The figures of a Vega-Lite specification."""
    return [row for row in specification["data"]["values"] if row["id"] is not None]


def test_the_figures_of_a_specification_are_those_of_the_listing(real):
    chart = real.client.get("/v1/charts/how-many-were-accused").json()["data"]
    rows = rows_of(real.client.get("/v1/charts/how-many-were-accused.json").json())
    listed = real.client.get("/v1/observations", params={**chart["query"], "detail": "full"}).json()["data"]
    assert {row["id"]: (row.get("value"), row["printed"], row.get("hedge")) for row in rows} == {
        one["id"]: (one["value"], one["printed"], one["hedge"]) for one in listed
    }


@pytest.mark.parametrize("form", ["svg", "json", "csv"])
def test_no_chart_names_the_service_that_it_is_got_from(real, form):
    for one in real.client.get("/v1/charts").json()["data"]:
        drawn = real.client.get(f"/v1/charts/{one['id']}.{form}")
        assert drawn.status_code == 200, drawn.text
        assert "localhost" not in drawn.text


def test_what_a_chart_of_the_register_asks_for_must_exist(tmp_path, database):
    files = chart_file(query={"measure": ["acused"]}, dataset="alegations")
    register = write_register(tmp_path / "data", "category | value\nsexual_assault | 5", **files)
    with pytest.raises(RegisterRefused) as refused:
        load_register(database.owner, register, drafts=True)
    told = str(refused.value)
    assert "charts.yaml:1:" in told
    assert "there is no measure 'acused'" in told
    assert "there is no dataset 'alegations'" in told


# Pictures --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PLACES)
@pytest.mark.parametrize(
    ("suffix", "media_type"), [("svg", "image/svg+xml"), ("png", "image/png"), ("vl.json", VEGA_LITE)]
)
def test_every_form_of_a_chart_is_sent_as_what_it_is(charted, path, suffix, media_type):
    answer = charted.client.get(f"{path}.{suffix}")
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == media_type
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-security-policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    assert "content-disposition" not in answer.headers
    assert 'rel="canonical"' in answer.headers["link"]
    again = charted.client.get(f"{path}.{suffix}", headers={"If-None-Match": answer.headers["etag"]})
    assert again.status_code == 304


def test_a_picture_is_negotiated_and_a_charts_json_is_its_specification(charted):
    for accept, media_type in (
        ("image/png", "image/png"),
        ("image/svg+xml", "image/svg+xml"),
        ("*/*", "application/json"),
    ):
        for path in PLACES:
            assert charted.client.get(path, headers={"Accept": accept}).headers["content-type"] == media_type
    named = charted.client.get("/v1/charts/shown.json")
    assert named.headers["content-type"] == VEGA_LITE
    assert named.json() == charted.client.get("/v1/charts/shown.vl.json").json()


def test_only_embeds_may_be_framed(charted):
    for path in PLACES:
        assert charted.client.get(f"{path}.html").headers["content-security-policy"] == (
            "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
            "frame-ancestors *; base-uri 'none'; form-action 'none'"
        )
    for page in ("/", "/charts", "/charts/shown", "/v1/charts", "/v1/charts/shown"):
        assert "frame-ancestors 'none'" in charted.client.get(page).headers["content-security-policy"], page
        assert "unsafe-inline" not in charted.client.get(page).headers["content-security-policy"], page


def test_size_and_theme_choose_the_picture(charted):
    widths = {
        size: ElementTree.fromstring(charted.client.get(f"/v1/allegations.svg?size={size}").content).get("width")
        for size in ("narrow", "medium", "wide", "card")
    }
    assert widths == {"narrow": "320", "medium": "480", "wide": "640", "card": "1200"}
    light, dark, auto = (charted.client.get(f"/v1/charts/shown.svg?theme={one}") for one in ("light", "dark", "auto"))
    assert charted.client.get("/v1/charts/shown.svg").content == light.content != dark.content
    assert b"prefers-color-scheme" in auto.content
    assert b"prefers-color-scheme" not in light.content
    of_all = Image.open(io.BytesIO(charted.client.get("/v1/allegations.png").content))
    of_one = Image.open(io.BytesIO(charted.client.get("/v1/observations/bbbbb.png").content))
    assert (of_all.width, of_one.size) == (1280, (1200, 630))


def test_a_title_of_the_request_is_shown_as_text_and_no_markup(charted):
    title = "<script>alert(1)</script> & \u05e9\u05dc\u05d5\u05dd {datum.x}"
    answer = charted.client.get("/v1/allegations.svg", params={"title": title, "subtitle": "Cases"})
    assert answer.status_code == 200
    assert not [one for one in ElementTree.fromstring(answer.content).iter() if one.tag.endswith("script")]
    assert "alert(1)" in words_in(answer.content)
    assert "Cases" in words_in(answer.content)
    embed = charted.client.get("/v1/allegations.html", params={"title": title})
    assert "<script>alert" not in embed.text
    assert "&lt;script&gt;alert(1)" in embed.text
    found = charted.client.get("/oembed", params={"url": f"{HERE}/v1/allegations.svg?title={quote(title)}"}).json()
    assert found["title"] == title
    assert "<script>" not in found["html"]


@pytest.mark.parametrize("title", ["", "%20%20", "a" * 501, "a%00b", "a%0Ab", "a%E2%80%AEb", "a%C2%85b", "%ff"])
def test_what_is_no_title_is_refused(charted, title):
    for path in PLACES:
        refused = charted.client.get(f"{path}.svg?title={title}")
        assert refused.status_code == 422, path
        assert [fault["parameter"] for fault in refused.json()["errors"]] == ["title"]
    assert charted.client.get(f"/v1/allegations.svg?title={'a' * 500}").status_code == 200


def test_mistakes_in_how_a_chart_looks_are_told_with_what_is_allowed(charted):
    mistaken = charted.client.get("/v1/charts/shown.svg?theme=drak&size=2&form=pie")
    assert mistaken.status_code == 422
    assert [fault["parameter"] for fault in mistaken.json()["errors"]] == ["theme", "size", "form"]
    assert mistaken.json()["errors"][0]["did_you_mean"] == "dark"
    assert (
        charted.client.get("/v1/allegations.csv?theme=dark&title=A").text
        == charted.client.get("/v1/allegations.csv").text
    )
    assert charted.client.get("/v1/sources.svg").status_code == 406


def test_a_chart_has_no_pages(charted):
    refused = charted.client.get("/v1/allegations.svg?limit=1")
    assert (refused.status_code, refused.json()["errors"][0]["parameter"]) == (422, "limit")
    assert "shows all matching figures" in refused.json()["errors"][0]["detail"]


def test_no_figure_is_a_picture_that_says_so(charted):
    for path in OF_FIGURES:
        answer = charted.client.get(f"{path}.svg?value=404")
        assert answer.status_code == 200
        assert "No published figure matches" in words_in(answer.content)
        assert charted.client.get(f"{path}.html?value=404").status_code == 200


def test_words_without_a_number_are_drawn(api, publish):
    publish("printed\nHundreds\nDozens")
    assert "Hundreds" in words_in(api.get("/v1/allegations.svg").content)


def test_figures_that_may_not_share_an_axis_are_refused_with_the_reason(api, publish):
    publish("""
        statistic | unit    | year | value | printed
        count     | count   | 2018 |    10 | 10
        share     | percent | 2018 |    42 | 42%
    """)  # fmt: skip
    for form in ("svg", "png", "vl.json", "html"):
        refused = api.get(f"/v1/allegations.{form}")
        assert (refused.status_code, refused.json()["code"]) == (422, "no_such_chart")
        assert "unit=count or unit=percent" in refused.json()["detail"]
    assert api.get("/v1/allegations.svg?unit=percent").status_code == 200
    refused = api.get("/oembed", params={"url": f"{HERE}/datasets/allegations"})
    assert (refused.status_code, refused.json()["code"]) == (422, "no_such_chart")


def test_too_many_figures_are_refused_with_their_number(api, publish):
    publish("\n".join(["category | year | value", *(f"kind_{n} | {1900 + n % 60} | {n}" for n in range(300))]))
    for path in ("/v1/allegations", "/v1/observations"):
        refused = api.get(f"{path}.svg")
        assert (refused.status_code, refused.json()["code"]) == (422, "no_such_chart")
        assert "300 figures match" in refused.json()["detail"]
        assert "300 series match" in api.get(f"{path}/by-year.svg").json()["detail"]
    assert "23 figures match" in api.get("/v1/allegations.svg?value_from=0&value_to=22").json()["detail"]
    assert api.get("/v1/allegations.svg?value_from=0&value_to=9").status_code == 200


@pytest.mark.parametrize("form", ["columns", "grid"])
def test_figures_for_no_year_are_no_empty_chart_by_year(real, form):
    """The hotline's three figures have no year: a chart of them by year would say that nothing matches."""
    refused = real.client.get(f"/v1/charts/hotline.svg?form={form}")
    assert refused.status_code == 422
    assert "A chart by year has no place for 3 of the 3 figures" in refused.json()["detail"]
    rows = real.client.get("/v1/charts/hotline.csv").text
    assert len(rows.splitlines()) == 4
    for asked in (form, "bars"):  # a table of its figures has no form
        assert real.client.get(f"/v1/charts/hotline.csv?form={asked}").text == rows
    by_year = real.client.get("/v1/observations/by-year.svg?measure=pursued")
    assert (by_year.status_code, by_year.json()["errors"][0]["code"]) == (422, "without_year")


def test_a_chart_by_year_never_says_that_nothing_matches_what_its_table_has(real):
    drawn = real.client.get("/v1/reports/by-year.svg")
    said = words_in(drawn.content)
    assert drawn.status_code == 200
    assert ("1,000" in said, "No published figure" in said) == (True, False)
    assert real.client.get("/v1/reports/by-year.svg?form=grid").json()["errors"][0]["code"] == "without_year"
    assert real.client.get("/v1/vetting-checks/by-year.svg").json()["errors"][0]["code"] == "not_on_one_axis"
    for dataset in (one["id"] for one in real.client.get("/v1/datasets").json()["data"]):
        assert b"No published figure" not in real.client.get(f"/v1/{dataset}/by-year.svg").content, dataset


def test_a_chart_by_year_names_the_warnings_of_its_table_and_links_what_it_leaves_out(real):
    asked = "/v1/observations/by-year{}?category=sexual_assault"
    table, picture = (real.client.get(asked.format(suffix)) for suffix in (".csv", ".svg"))
    assert table.headers["Misconduct-Warnings"]
    assert picture.headers["Misconduct-Warnings"] == table.headers["Misconduct-Warnings"]
    listed = real.client.get("/v1/duty-status/by-year.csv")
    drawn = real.client.head("/v1/duty-status/by-year.svg")
    assert listed.status_code == drawn.status_code == 200
    address = drawn.links["related"]["url"].removeprefix(real.service.base_url)
    left_out = real.client.get(address.replace(".svg", "")).json()
    assert drawn.links["related"]["title"] == listed.links["related"]["title"]
    assert drawn.links["related"]["title"].startswith(f"{left_out['meta']['total']} figures")


def test_a_chart_without_room_is_refused_in_every_format(api, publish):
    rows = (
        f"a_kind_of_misconduct_with_a_long_name_{n} | {n * 37 + 1} | the_population_number_{n % 7}" for n in range(22)
    )
    publish("\n".join(["category | value | population", *rows]))
    for suffix in (".svg", ".png", ".vl.json", ".html"):
        refused = api.get(f"/v1/observations{suffix}", headers={"Accept": "application/json"})
        assert (refused.status_code, refused.json()["code"]) == (422, "no_such_chart"), suffix
        [fault] = refused.json()["errors"]
        assert (fault["parameter"], fault["code"]) == ("form", "too_many")
        assert refused.json()["detail"] == fault["detail"]
        assert fault["detail"].startswith("22 figures match, and with their names in full they are too many to be read")


def test_an_unknown_chart_is_a_404_and_its_form_is_told(charted):
    for path in ("/v1/charts/shwn.svg", "/v1/charts/shwn.html", "/v1/charts/shwn", "/v1/charts/shown.gif"):
        answer = charted.client.get(path)
        assert answer.status_code == 404, path
        assert answer.headers["content-type"] == "application/problem+json"
    assert "Did you mean shown?" in charted.client.get("/v1/charts/shwn.svg").json()["detail"]
    assert charted.client.get("/v1/observations/zzzzz.svg").status_code == 404
    for path in ("/v1/nothing.svg", "/v1/nothing.html", "/v1/sources.html"):
        assert charted.client.get(path).status_code in (404, 406), path


# Named releases --------------------------------------------------------------------------------------------------


def test_a_pinned_chart_stays_and_says_with_a_notice_that_it_was_revised(api, publish):
    publish(FIGURES, "1.0.0", "2024-05-01", files=chart_file())
    pinned = ("/v1/charts/shown.svg?release=1.0.0", "/v1/allegations.svg?release=1.0.0")
    before = [api.get(one).content for one in pinned]
    for one in pinned:
        assert "revised" not in words_in(api.get(f"{one}&notice=1").content)
    publish(REVISED, "1.1.0", "2024-06-01", files=chart_file(), reasons=["bbbbb=Read again."])
    assert [api.get(one).content for one in pinned] == before
    for one in pinned:
        assert "revised since release 1.0.0" in words_in(api.get(f"{one}&notice=1").content)
        assert "s-maxage=86400" in api.get(one).headers["cache-control"]
        assert "s-maxage=86400" not in api.get(f"{one}&notice=1").headers["cache-control"]
        latest = api.get(one.partition("?")[0])
        assert "11" in words_in(latest.content)
        assert "revised since" not in words_in(api.get(f"{one.partition('?')[0]}?notice=1").content)
    card = "/v1/observations/bbbbb.svg?release=1.0.0&notice=1"
    assert "revised since release 1.0.0" in words_in(api.get(card).content)
    assert "revised" not in words_in(api.get(card.replace("bbbbb", "bbbbc")).content)
    for path in ("/v1/charts/shown.html", "/v1/allegations.html"):
        told = api.get(f"{path}?release=1.0.0&notice=1").text
        assert told.count("revised since release 1.0.0") == 1  # in words with a link, not in the picture too
        assert "notice=1" not in told.partition("<picture>")[2].partition("</picture>")[0]
        assert "revised since release" not in api.get(f"{path}?release=1.0.0").text


def test_what_a_refused_chart_by_year_advises_is_a_chart(real):
    address = "/v1/allegations/by-year.svg?year_to=2016"
    refused = real.client.get(address)
    assert refused.status_code == 422
    advised = re.findall(r"form=(\w+)", refused.json()["detail"])
    assert advised == ["dots", "numbers"]
    assert [real.client.get(f"{address}&form={one}").status_code for one in advised] == [200, 200]
    assert real.client.get("/v1/allegations/by-year.svg?form=dots").status_code == 422


def test_the_figures_that_a_chart_by_year_links_to_are_its_own(api, publish):
    query = {"measure": ["accused"], "period_type": ["year"]}
    lines = """
        id    | category | period_type | period_start | period_end | value
        bbbbb | other    | year        | 2021         |            | 116
        bbbbc | other    | year        | 2022         |            | 120
        bbbbd | other    | window      | 2014         | 2020       | 900
    """
    publish(lines, "1.0.0", "2024-05-01", files=chart_file(form="columns", query=query))
    there = api.get("/v1/charts/shown").json()["data"]["links"]["figures"].removeprefix(HERE)
    assert there == "/v1/observations?measure=accused&period_type=year&narrower=0"
    assert {one["id"] for one in api.get(there).json()["data"]} == {"bbbbb", "bbbbc"}


def test_a_chart_whose_figures_were_only_moved_has_no_notice(api, publish):
    lines = "\n version | id | year | value | printed | at\n 1 | bbbbb | 2022 | 116 | 116 | char=10,13\n"
    moved = lines + " 2 | bbbbb | 2022 | 116 | 116 | char=50,53\n"
    publish(lines, "1.0.0", "2024-05-01", files=chart_file())
    publish(moved, "1.1.0", "2024-06-01", files=chart_file(), reasons=["bbbbb=Another copy."])
    for path in ("allegations", "charts/shown", "observations/bbbbb"):
        address = f"/v1/{path}.svg?release=1.0.0&notice=1"
        assert "revised" not in words_in(api.get(address).content)
    revised = moved + " 3 | bbbbb | 2022 | 117 | 117 | char=50,53\n"
    publish(revised, "1.2.0", "2024-07-01", files=chart_file(), reasons=["bbbbb=Another copy."])
    assert "revised since release 1.0.0" in words_in(api.get(address).content)


def test_a_chart_whose_figures_stand_has_no_notice_when_others_were_revised(api, publish):
    of_other = chart_file(query={"category": ["other"]})
    publish(FIGURES, "1.0.0", "2024-05-01", files=of_other)
    publish(REVISED, "1.1.0", "2024-06-01", files=of_other, reasons=["bbbbb=Read again."])
    assert "revised" not in words_in(api.get("/v1/charts/shown.svg?release=1.0.0&notice=1").content)


def test_the_card_of_a_figure_that_ended_says_so(api, publish):
    publish(FIGURES, "1.0.0", "2024-05-01")
    publish(FIGURES, "2.0.0", "2024-06-01", ended=["bbbbb=Withdrawn."])
    assert "no longer in force" in words_in(api.get("/v1/observations/bbbbb.svg").content)
    assert "no longer in force" not in words_in(api.get("/v1/observations/bbbbb.svg?release=1.0.0").content)


# Documents for frames --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", PLACES)
def test_a_document_has_the_picture_for_every_width_its_table_and_its_evidence(charted, path):
    embed = charted.client.get(f"{path}.html").text
    for size in ("narrow", "medium", "wide"):
        assert f"{path}.svg?size={size}&amp;theme=light" in embed
    assert "dark" not in embed
    assert "http://" not in embed.partition("<body>")[2]
    assert "theme=dark" in charted.client.get(f"{path}.html?theme=dark").text
    both = charted.client.get(f"{path}.html?theme=auto").text
    assert both.count("(prefers-color-scheme: dark)") == 3
    for source in both.partition("<picture>")[2].split('srcset="')[1:]:
        address = source.partition('"')[0].replace("&amp;", "&")
        assert charted.client.get(address).status_code == 200
    assert "Evidence and data" in embed
    page = embed.partition('<div class="foot">\n<a href="')[2].partition('"')[0].replace("&amp;", "&")
    assert charted.client.get(page).status_code == 200
    assert 'href="/observations/bbbbb"' in embed


def test_the_size_that_a_document_says_is_that_of_the_picture(charted):
    embed = charted.client.get("/v1/allegations.html").text
    for source in embed.partition("<picture>")[2].partition("<img")[0].split("<source ")[1:]:
        values = dict(part.split("=", 1) for part in source.replace('"', "").split(" ") if part[:1] in "swh")
        drawn = ElementTree.fromstring(charted.client.get(values["srcset"].replace("&amp;", "&")).content)
        assert (drawn.get("width"), drawn.get("height")) == (values["width"], values["height"].rstrip(">\n"))


# oEmbed ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("address", "document"),
    [
        ("/charts/shown", "/v1/charts/shown.html"),
        ("/charts/shown/", "/v1/charts/shown.html"),
        ("/charts/%73hown", "/v1/charts/shown.html"),
        ("/charts/shown#figures", "/v1/charts/shown.html"),
        ("/charts/shown?utm_source=mail", "/v1/charts/shown.html"),
        ("/v1/charts/shown", "/v1/charts/shown.html"),
        ("/v1/charts/shown.html", "/v1/charts/shown.html"),
        ("/v1/charts/shown.svg?theme=dark", "/v1/charts/shown.html?theme=dark"),
        ("/v1/charts/shown.json", "/v1/charts/shown.html"),
        ("/v1/charts/shown.png?release=1.0.0", "/v1/charts/shown.html?release=1.0.0"),
        ("/datasets/allegations", "/v1/allegations.html"),
        ("/datasets/allegations?category=other&sort=-value", "/v1/allegations.html?category=other"),
        ("/v1/allegations.svg?category=other", "/v1/allegations.html?category=other"),
        ("/v1/allegations/by-year.vl.json", "/v1/allegations/by-year.html"),
        ("/v1/observations.png", "/v1/observations.html"),
        ("/observations/bbbbb", "/v1/observations/bbbbb.html"),
        ("/chart/observations?category=other", "/v1/observations.html?category=other"),
        ("/chart/observations/bbbbb", "/v1/observations/bbbbb.html"),
        ("/chart/allegations/by-year?title=Ours&look=dark&way=oembed", "/v1/allegations/by-year.html?title=Ours"),
    ],
)
def test_oembed_knows_every_address_of_a_chart(charted, address, document):
    found = charted.client.get("/oembed", params={"url": HERE + address}).json()
    assert found["type"] == "rich"
    assert found["version"] == "1.0"
    assert found["width"] == 640
    assert f'<iframe src="{HERE}{document}"' in found["html"]
    assert 'sandbox="allow-scripts' in found["html"]
    assert "allow-same-origin" not in found["html"]
    assert charted.client.get(document).status_code == 200


@pytest.mark.parametrize(
    "origin",
    [
        "https://localhost:8000",
        "HTTP://LOCALHOST:8000",
        "http://127.0.0.1:8000",
        "http://figures.example:8000",
        "https://FIGURES.example:8000",
    ],
)
def test_oembed_knows_every_spelling_of_this_service(charted, origin):
    found = charted.client.get("/oembed", params={"url": f"{origin}/charts/shown"}).json()
    assert f'src="{HERE}/v1/charts/shown.html"' in found["html"]


def test_who_asks_for_oembed_through_a_proxy_is_the_client_of_its_charts(charted, monkeypatch):
    """Taken for one, all behind a proxy would queue behind one another."""
    clients, measure = set(), encoder.Encoder.measure

    async def note(self, chart, client):
        clients.add(client)
        return await measure(self, chart, client)

    monkeypatch.setattr(encoder.Encoder, "measure", note)
    params = {"url": f"{HERE}/v1/allegations.svg?title=Another"}
    with serve(charted.settings.model_copy(update={"trusted_proxies": 1})) as behind:
        behind.wait_for_release("1.0.0")
        answer = behind.client.get("/oembed", params=params, headers={"X-Forwarded-For": "203.0.113.9"})
    assert (answer.status_code, clients) == (200, {"203.0.113.9"})


def test_oembed_keeps_within_the_room_that_there_is(charted):
    def ask(**most: str) -> dict:
        return charted.client.get("/oembed", params={"url": f"{HERE}/charts/shown", **most}).json()

    found = ask(maxwidth="300", maxheight="200")
    assert (found["width"], found["height"]) == (300, 200)
    assert "thumbnail_url" not in found
    assert ask()["thumbnail_width"] == 1200
    assert ask(maxwidth="700")["thumbnail_width"] == 640
    for most in ({}, {"maxwidth": "700"}, {"maxwidth": "1000", "maxheight": "900"}):
        found = ask(**most)
        drawn = Image.open(io.BytesIO(charted.client.get(found["thumbnail_url"].removeprefix(HERE)).content))
        assert drawn.size == (found["thumbnail_width"], found["thumbnail_height"])
        assert drawn.width <= int(most.get("maxwidth", 10_000))
        assert drawn.height <= int(most.get("maxheight", 10_000))


@pytest.mark.parametrize(
    "url",
    [
        "http://evil.example/charts/shown",
        "http://localhost:8000.evil.example/charts/shown",
        "http://localhost:8000@evil.example/charts/shown",
        "//localhost:8000/charts/shown",
        "ftp://localhost:8000/charts/shown",
        "http://localhost:8000/charts/../v1/observations",
        "http://localhost:8000/charts/shown/more",
        "http://localhost:8000/charts/unknown",
        "http://localhost:8000/observations/zzzzz",
        "http://localhost:8000/datasets/unknown",
        "http://localhost:8000/sources/paper",
        "http://localhost:8000/v1/sources",
        "http://localhost:8000/",
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
    mistaken = charted.client.get("/oembed", params={"url": f"{HERE}/datasets/allegations?category=othr"})
    assert (mistaken.status_code, mistaken.json()["errors"][0]["did_you_mean"]) == (422, "other")


def test_pages_and_embeds_name_the_oembed_answer_and_a_picture_for_cards(charted):
    for path in ("/charts/shown", *(f"{place}.html" for place in PLACES)):
        page = charted.client.get(path).text
        found = page.partition('type="application/json+oembed" href="')[2].partition('"')[0].replace("&amp;", "&")
        assert charted.client.get(found.removeprefix(HERE)).status_code == 200, path
    page = charted.client.get("/charts/shown").text
    assert '<meta name="twitter:card" content="summary_large_image">' in page
    assert f'<meta property="og:image" content="{HERE}/v1/charts/shown.png' in page


@pytest.mark.parametrize("address", ["/v1/charts/nope.html", "/v1/observations.html?form=pie", "/v1/nonsense.html"])
def test_a_frame_says_in_words_that_there_is_no_chart(charted, address):
    told = charted.client.get(address, headers={"Accept": "text/html"})
    assert told.status_code in (404, 422)
    assert "This chart cannot be shown" in told.text
    assert "frame-ancestors *" in told.headers["content-security-policy"]
    assert "x-frame-options" not in told.headers
    assert charted.client.get(address).headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("address", ["/", "/charts/shown", "/datasets", "/v1/charts/shown.html", "/sources"])
def test_what_newsletters_add_to_links_changes_no_page(charted, address):
    assert charted.client.get(f"{address}?utm_source=letter&fbclid=abc", follow_redirects=True).status_code == 200
    assert charted.client.get(f"{address}?colour=blue", follow_redirects=True).status_code == 422


def test_the_oembed_link_of_a_document_with_a_long_title_works(charted):
    page = charted.client.get(f"/v1/charts/shown.html?title={quote('ж' * 400)}").text
    found = page.partition('type="application/json+oembed" href="')[2].partition('"')[0].replace("&amp;", "&")
    assert charted.client.get(found.removeprefix(HERE)).status_code == 200


def test_pages_are_laid_out_by_the_process_that_draws(served, api, own_drawer):
    """The layout of a chart with a title of its own takes as long as its drawing, and others must not wait for it."""
    own_drawer.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as threads:
            shown = threads.submit(api.get, "/v1/allegations.html?title=new")
            wait_for(served.service.encoder._page_turns.locked)
            assert api.get("/v1/allegations?limit=9").status_code == 200
            assert not shown.done()
            own_drawer.send_signal(signal.SIGCONT)
            assert shown.result().status_code == 200
    finally:
        own_drawer.send_signal(signal.SIGCONT)


# Drawing ---------------------------------------------------------------------------------------------------------


@pytest.fixture
def own_drawer(served, publish) -> psutil.Process:
    """The process that draws for a service with a register."""
    publish(FIGURES, files=chart_file())
    assert served.client.get("/v1/charts/shown.svg").status_code == 200
    return psutil.Process(served.service.encoder._kept._process.pid)


def test_a_drawing_that_gets_stuck_is_ended_and_the_next_is_drawn(served, api, own_drawer, monkeypatch):
    monkeypatch.setattr(encoder, "DRAWING_SECONDS", 0.2)
    monkeypatch.setattr(encoder, "CHART_TURN_SECONDS", 0.2)
    own_drawer.send_signal(signal.SIGSTOP)
    refused = api.get("/v1/allegations.png")
    assert (refused.status_code, refused.json()["code"]) == (503, "overloaded")
    assert int(refused.headers["retry-after"]) > 0
    wait_for(lambda: served.service.encoder._kept._process.returncode is not None)
    monkeypatch.undo()
    assert api.get("/v1/allegations.png").status_code == 200


def test_a_drawing_process_that_is_killed_costs_at_most_one_picture(api, own_drawer):
    own_drawer.kill()
    statuses = [api.get(f"/v1/allegations.svg?title={number}").status_code for number in range(4)]
    assert set(statuses) <= {200, 503}
    assert statuses[1:] == [200, 200, 200]
    assert api.get("/v1/charts/shown.svg").status_code == 200


def test_listings_are_answered_while_a_chart_is_drawn(served, api, own_drawer):
    own_drawer.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor() as threads:
            drawn = threads.submit(api.get, "/v1/allegations.png")
            wait_for(served.service.encoder._page_turns.locked)
            assert api.get("/v1/allegations?limit=7").status_code == 200
            assert not drawn.done()
            own_drawer.send_signal(signal.SIGCONT)
            assert drawn.result().status_code == 200
    finally:
        own_drawer.send_signal(signal.SIGCONT)


def test_the_charts_of_a_page_wait_for_each_other_and_a_crowd_is_refused_at_once(served, api, own_drawer):
    shared = served.service.encoder
    own_drawer.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(60) as threads:
            asked = [threads.submit(api.get, f"/v1/allegations.svg?title=page{number}") for number in range(33)]
            wait_for(
                lambda: shared._picture_turns.waiting == 32
            )  # half of the requests that a worker handles at once; one is drawn
            assert api.get("/v1/allegations.svg?title=crowd").status_code == 503
            assert api.get("/v1/allegations?limit=3").status_code == 200
            own_drawer.send_signal(signal.SIGCONT)
            assert {one.result().status_code for one in asked} == {200}
    finally:
        own_drawer.send_signal(signal.SIGCONT)


def goes_before_waiting_pictures(served, api, own_drawer, ask, turns) -> None:
    """Fills the queue with one client's pictures; what is then asked for is answered after two of them at most."""
    own_drawer.send_signal(signal.SIGSTOP)
    try:
        with ThreadPoolExecutor(60) as threads:
            asked = [threads.submit(api.get, f"/v1/allegations.png?title=page{number}") for number in range(33)]
            wait_for(lambda: served.service.encoder._picture_turns.waiting == 32)
            assert api.get("/v1/allegations.png?title=crowd").status_code == 503
            clients = len(turns._waiting)
            first = threads.submit(ask)
            wait_for(lambda: len(turns._waiting) == clients + 1)
            own_drawer.send_signal(signal.SIGCONT)
            assert first.result().status_code == 200
            assert sum(one.done() for one in asked) < 16  # at most two were drawn first
            assert {one.result().status_code for one in asked} <= {200, 503}
    finally:
        own_drawer.send_signal(signal.SIGCONT)


@contextmanager
def asking_as(api, paths: str) -> Iterator[Callable[[int], Future[httpx.Response]]]:
    """Ask for a path that has a number in it, as a client of its own for each number."""
    with ThreadPoolExecutor(100) as threads, ExitStack() as asking:

        def ask(number: int, path: str = paths) -> Future[httpx.Response]:
            address = httpx.HTTPTransport(local_address=f"127.0.0.{number}")
            client = asking.enter_context(httpx.Client(base_url=api.base_url, transport=address, timeout=30))
            return threads.submit(client.get, path.format(number))

        yield ask


def test_a_client_who_asks_for_many_pictures_keeps_no_other_client_waiting(served, api, own_drawer):
    turns, address = served.service.encoder._picture_turns, httpx.HTTPTransport(local_address="127.0.0.2")
    with httpx.Client(base_url=api.base_url, transport=address, timeout=30) as other:
        goes_before_waiting_pictures(
            served, api, own_drawer, lambda: other.get("/v1/allegations.png?title=other"), turns
        )


def test_a_page_gets_the_sizes_of_its_charts_before_the_pictures_that_wait(served, api, own_drawer):
    turns = served.service.encoder._page_turns
    goes_before_waiting_pictures(served, api, own_drawer, lambda: api.get("/v1/allegations.html?title=page"), turns)


def test_a_client_who_asks_for_many_pages_keeps_no_picture_or_page_from_others(served, api, own_drawer):
    """Forty-six pages at a time of one client had all places of the pictures of others."""
    turns = served.service.encoder._page_turns
    own_drawer.send_signal(signal.SIGSTOP)
    try:
        with asking_as(api, "/v1/allegations.{}?title=other") as ask:
            asked = [ask(2, f"/v1/allegations.html?title={number}") for number in range(46)]
            wait_for(lambda: turns.waiting == 16 and sum(one.done() for one in asked) == 29)
            others = [ask(3, "/v1/allegations.png?title=picture"), ask(4, "/v1/allegations.html?title=page")]
            wait_for(lambda: {*turns._waiting} == {"127.0.0.2", "127.0.0.4", encoder.PICTURES})
            assert turns.waiting == 16
            own_drawer.send_signal(signal.SIGCONT)
            assert [one.result().status_code for one in others] == [200, 200]
            assert {one.result().status_code for one in asked} == {200, 503}
    finally:
        own_drawer.send_signal(signal.SIGCONT)


def test_clients_with_a_picture_each_keep_no_page_from_others(served, api, own_drawer):
    turns = served.service.encoder._picture_turns
    own_drawer.send_signal(signal.SIGSTOP)
    try:
        with asking_as(api, "/v1/allegations.png?title={}") as ask:
            asked = [ask(number) for number in range(2, 35)]
            wait_for(lambda: turns.waiting == 32)
            assert ask(43).result().status_code == 503
            page = ask(44, "/v1/allegations.html?title=page")
            wait_for(lambda: "127.0.0.44" in served.service.encoder._page_turns._waiting)
            own_drawer.send_signal(signal.SIGCONT)
            assert page.result().status_code == 200
            assert {one.result().status_code for one in asked} <= {200, 503}
    finally:
        own_drawer.send_signal(signal.SIGCONT)


def test_clients_who_had_many_pictures_let_the_next_ones_go_before(served, api, own_drawer):
    turns = served.service.encoder._picture_turns
    for number in range(2, 35):
        turns._spent.add(f"127.0.0.{number}", 1.5)
    own_drawer.send_signal(signal.SIGSTOP)
    try:
        with asking_as(api, "/v1/allegations.png?title={}") as ask:
            asked = [ask(number) for number in range(2, 35)]
            wait_for(lambda: turns.waiting == 32)
            first = ask(44)  # instead of one of them
            wait_for(lambda: "127.0.0.44" in turns._waiting)
            assert turns.waiting == 32
            own_drawer.send_signal(signal.SIGCONT)
            assert first.result().status_code == 200
            assert sum(one.done() for one in asked) < 16  # at most two were drawn first, and one was refused
            assert sorted({one.result().status_code for one in asked}) == [200, 503]
    finally:
        own_drawer.send_signal(signal.SIGCONT)
    assert turns._spent("127.0.0.44") > 0


def test_fifty_charts_at_once_are_pictures_or_503_while_listings_go_on(served, api, own_drawer):
    with ThreadPoolExecutor(60) as threads:
        asked = [threads.submit(api.get, f"/v1/allegations.{'svg' if n % 2 else 'png'}?title={n}") for n in range(50)]
        listed = [threads.submit(api.get, f"/v1/observations?limit={n + 1}") for n in range(10)]
    assert {one.result().status_code for one in listed} == {200}
    assert {one.result().status_code for one in asked} <= {200, 503}
    assert all("retry-after" in one.result().headers for one in asked if one.result().status_code == 503)
    assert any(one.result().status_code == 200 for one in asked)


def test_a_drawing_that_wants_too_much_memory_ends_its_process_and_nothing_else():
    code = """
import io, pickle, sys
from misconduct.formats import FORMATS, process
from misconduct.formats.picture import Picture

def too_much(_picture):
    yield bytes(2 * process.DRAWING_BYTES)

FORMATS["svg"] = FORMATS["svg"]._replace(encode=too_much)
process.encode_orders(io.BytesIO(pickle.dumps(Picture("svg", None, "wide", "light"))), io.BytesIO())
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert ended.returncode != 0
    assert "MemoryError" in ended.stderr


def test_nothing_that_serves_imports_what_draws():
    code = (
        "import sys, misconduct.main, misconduct.cli, misconduct.publish.load; from misconduct.settings import Settings;"
        "api = misconduct.main.create_api(Settings(port=8000));"
        "from misconduct.api.documentation import make_openapi; make_openapi(api, '');"
        "print(json.dumps([n for n in ('altair','vl_convert','PIL','pandas') if n in sys.modules]))"
    )
    ran = subprocess.run([sys.executable, "-c", f"import json; {code}"], capture_output=True, text=True, check=True)
    assert json.loads(ran.stdout) == []


def test_a_picture_takes_few_statements(charted):
    for path in ("/v1/charts/shown.svg", "/v1/allegations/by-year.svg", "/v1/observations/bbbbb.svg"):
        with charted.statements() as seen:
            assert charted.client.get(f"{path}?release=1.0.0&size=narrow").status_code == 200
        assert len(seen) <= 2, path


def test_a_document_for_iframes_confirms_its_validator_whether_it_is_kept_or_not(real):
    charts = [one["id"] for one in real.client.get("/v1/charts").json()["data"]]
    path = f"/v1/charts/{charts[0]}.html"
    etag = real.client.get(path).headers["etag"]
    for condition, status in (("If-None-Match", 304), ("If-Match", 200)):
        real.cache.store.drop(lambda _: True)
        assert (condition, real.client.get(path, headers={condition: etag}).status_code) == (condition, status)
