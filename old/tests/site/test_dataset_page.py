"""The page of a dataset: its figures with all hedges, filters that are addresses, years with their gaps, and code."""

from __future__ import annotations

import html
import io
import subprocess
import sys
from pathlib import Path

import duckdb
import polars
import pytest

from misconduct.site import filter_form, observation
from misconduct.site.static import static_url
from tests.clients.test_dataframes import load_httpfs
from tests.registers import source_text
from tests.site.reading import Page, read_page

FILTERED = "/datasets/allegations?category=sexual_assault"


def rows(page: Page) -> list[str]:
    return [row[0] for row in page.table("The figures of Allegations")[1:]]


def snippet(page: Page, name: str) -> str:
    [code] = [one for one in page.main.all("code") if one.attributes.get("id") == f"code-{name}"]
    return "".join(one.own_text for one in code.walk())


def field_names(page: Page) -> set[str]:
    return {one.attributes["name"] for one in page.main.all("input", "select") if one.attributes.get("name")}


def test_the_figures_stand_as_printed_with_their_hedges(real):
    page = read_page(real.client, "/datasets/allegations")
    figures = rows(page)
    assert len(figures) == 20
    figures += rows(read_page(real.client, page.links["Next page"]))
    assert len(figures) == 31
    assert figures[2] == "1,492, k7m3q"
    assert "about 1,000, rxctb About" in figures
    assert "nearly 1,000, w2rmd Just under" in figures
    assert "Hundreds, w7vf8 a word, no number" in figures


def test_what_is_chosen_stands_first_and_ticked(real):
    page = read_page(real.client, "/datasets/allegations?year=2023&category=sexual_assault")
    for name, code in (("year", "2023"), ("category", "sexual_assault")):
        boxes = [one.attributes for one in page.main.all("input") if one.attributes["name"] == name]
        assert (boxes[0]["value"], "checked" in boxes[0]) == (code, True)
        assert [one["value"] for one in boxes[1:] if "checked" in one] == []


def test_a_page_with_mistakes_has_no_figures_and_no_chart(real):
    page = read_page(real.client, "/datasets/allegations?year=22&categroy=x", 422)
    assert "There is a problem" in page.text
    assert [head.text for head in page.main.all("h2")][1:] == ["Limits of these figures", "Choose figures"]
    assert page.main.all("img") == []


def test_figures_of_more_than_a_page_still_have_their_chart(api, publish):
    publish("category | year | value\n" + "\n".join(f"stalking | {year} | {year - 1990}" for year in range(2000, 2025)))
    page = read_page(api, "/datasets/allegations")
    assert (len(rows(page)), "Next page" in page.links) == (20, True)
    [picture] = page.main.all("img")
    drawn = api.get(picture.attributes["src"]).text
    assert all(f">{year - 1990}<" in drawn for year in (2000, 2012, 2024))


def test_what_the_figures_cannot_say_stands_above_them(real):
    page = read_page(real.client, "/datasets/allegations")
    assert page.under("Limits of these figures").startswith("An accusation is not a finding.")
    assert page.text.index("Limits of these figures") < page.text.index("1,492")
    assert "4 more limits" in page.text


def test_the_filters_stand_above_one_chart_and_the_other_charts_are_linked(real):
    page = read_page(real.client, "/datasets/allegations")
    order = [one.name for one in page.main.all("form", "img", "table")]
    assert order[:3] == ["form", "img", "table"]
    charts = [one["id"] for one in real.client.get("/v1/charts").json()["data"] if one["dataset"] == "allegations"]
    assert len(charts) > 1
    assert {f"/charts/{one}" for one in charts} <= {*page.addresses}


def test_a_filter_is_an_address_and_the_page_shows_what_was_chosen(real):
    page = read_page(real.client, FILTERED)
    assert [one.partition(",")[0] for one in rows(page)] == ["944", "116", "169", "157", "23"]
    assert "5 figures match." in page.text
    [box] = [one for one in page.main.all("input") if one.attributes.get("value") == "sexual_assault"]
    assert (box.attributes["name"], "checked" in box.attributes) == ("category", True)
    assert page.links["Kind of misconduct: Sexual assault × (remove)"] == "/datasets/allegations#figures"


def test_in_any_order_filters_are_one_page(real):
    one, other = (
        real.client.get(f"/datasets/allegations?{asked}", headers={"Cache-Control": "no-cache"})
        for asked in (
            "source=eye-of-media-2023-major-shake-up&category=sexual_assault&year_from=2021",
            "year_from=2021&category=sexual_assault&source=eye-of-media-2023-major-shake-up",
        )
    )
    assert one.headers["etag"] == other.headers["etag"]
    real.cache.store.drop(lambda _: True)
    again = real.client.get(str(other.url))
    assert again.text == one.text


def test_what_a_form_sends_empty_was_not_asked_for(real):
    sent = real.client.get("/datasets/allegations?category=sexual_assault&value=&value_from=&period_from=&sort=")
    assert (sent.status_code, sent.headers["location"]) == (303, FILTERED)
    assert real.client.get("/datasets/allegations?category=sexual_assault&value").headers["location"] == FILTERED
    assert rows(read_page(real.client, sent.headers["location"])) == rows(read_page(real.client, FILTERED))


def test_the_form_and_every_link_of_a_choice_lead_to_the_figures(real):
    page = read_page(real.client, FILTERED)
    [form] = [one for one in page.main.all("form") if one.attributes.get("class") == "filters"]
    assert form.attributes["action"] == "/datasets/allegations#figures"
    assert [one.attributes["id"] for one in page.main.all("h2") if one.text == "The figures"] == ["figures"]
    [picture] = page.main.all("img")  # no chart of other figures stands above those that were chosen
    assert picture.attributes["src"] == "/v1/allegations.svg?category=sexual_assault&size=wide"


def test_a_table_is_sorted_by_the_heads_of_its_columns(real):
    page = read_page(real.client, FILTERED)
    heads = {one.text: one.attributes.get("aria-sort") for one in page.main.all("table")[0].all("th")[:5]}
    assert heads == {
        "As printed": None,
        "What it counts": None,
        "When ▲": "ascending",
        "Stated by": None,
        "Notes": None,
    }
    page = read_page(real.client, page.links["As printed"].removesuffix("#figures"))
    assert [one.partition(",")[0] for one in rows(page)] == ["23", "116", "157", "169", "944"]
    page = read_page(real.client, page.links["As printed ▲"].removesuffix("#figures"))
    assert [one.partition(",")[0] for one in rows(page)] == ["944", "169", "157", "116", "23"]
    assert page.links["As printed ▼"] == f"{FILTERED}&sort=value#figures"
    assert page.main.all("th")[0].attributes["aria-sort"] == "descending"


def test_only_codes_that_figures_of_the_dataset_have_can_be_chosen(real):
    page = read_page(real.client, "/datasets/duty-status")
    chosen = {one.attributes["value"] for one in page.main.all("input") if one.attributes.get("name") == "measure"}
    there = {one["measure"]["code"] for one in real.client.get("/v1/duty-status?limit=1000").json()["data"]}
    assert chosen == there
    assert "sexual_assault" not in {one.attributes.get("value") for one in page.main.all("input")}


@pytest.mark.parametrize(("query", "figures"), [("", "18 figures"), ("?narrower=0", "1 figure")])
def test_the_number_beside_a_choice_is_of_the_figures_that_it_finds(real, query, figures):
    page = read_page(real.client, f"/datasets/allegations{query}")
    assert f"Sexual misconduct ({figures})" in page.text


def test_the_form_speaks_of_parameters_of_the_api_only(real):
    names = field_names(read_page(real.client, "/datasets/allegations"))
    listing = real.client.get("/openapi.json").json()["paths"]["/v1/observations"]["get"]["parameters"]
    assert names <= {one["name"] for one in listing}
    assert {"category", "measure", "year", "source", "value_from", "sort"} <= names


def test_an_unknown_code_is_told_in_words_beside_its_field_and_nothing_is_shown(real):
    page = read_page(
        real.client, "/datasets/allegations?category=sexual_asault&value=1,071&colour=red&release=1.1.0", 422
    )
    [beside] = [one for one in page.main.all("div") if one.attributes.get("id") == "error-category"]
    assert beside.text == "'sexual_asault' is not a category in release 1.1.0. Did you mean sexual_assault?"
    [typed] = [one for one in page.main.all("input") if one.attributes.get("name") == "value"]
    assert (typed.attributes["value"], typed.attributes["aria-invalid"]) == ("1,071", "true")
    assert "'1,071' is not a plain decimal number" in page.text
    assert "Unknown parameter 'colour'." in page.text
    assert page.links["sexual_assault"].endswith("?value=1%2C071&colour=red&release=1.1.0&category=sexual_assault")
    assert page.main.all("table") == []


@pytest.mark.parametrize(
    "query", ["release=1.0.0&as_of=2026-11-20", "as_of=never", "limit=0", "sort=colour", "disagreement=x"]
)
def test_every_mistake_has_a_page_that_tells_it(real, query):
    page = read_page(real.client, f"/datasets/allegations?{query}", 422)
    [told] = [one for one in page.main.all("div") if one.attributes.get("class") == "problem"]
    assert len(told.all("li")) == 1


def test_where_nothing_matches_the_page_says_what_there_is(real):
    page = read_page(real.client, f"{FILTERED}&year=1999")
    assert "0 figures match." in page.text
    assert "No figure matches this year." in page.text
    assert page.links["2022"] == "/datasets/allegations?category=sexual_assault&year=2022"


def test_a_gap_is_a_gap_with_its_reason_and_never_zero(real):
    head, row = read_page(real.client, FILTERED).table("Allegations by year")
    assert head == ["Series", *(str(year) for year in range(2014, 2025)), "Whole period"]
    assert row[1:] == [*["not stated"] * 7, "116", "169", "157", "23 part of the year", "944 total"]


def test_a_year_outside_of_a_series_is_no_gap(api, publish):
    publish("""
        category       | year | value
        sexual_assault | 2020 |   116
        stalking       | 2021 |    12
        stalking       | 2023 |    14
    """)
    head, assault, stalking = read_page(api, "/datasets/allegations").table("Allegations by year")
    assert head[1:5] == ["2020", "2021", "2022", "2023"]
    assert assault[1:5] == ["116", "outside the series", "outside the series", "outside the series"]
    assert stalking[1:5] == ["outside the series", "12", "not stated", "14"]


def test_a_page_that_is_not_the_last_leads_to_the_next_one(real):
    first = read_page(real.client, "/datasets/allegations?limit=20&sort=id")
    second = read_page(real.client, first.links["Next page"])
    assert (len(rows(first)), len(rows(second))) == (20, 11)
    assert not set(rows(first)) & set(rows(second))
    assert "Next page" not in second.links


@pytest.mark.parametrize("form", ["CSV", "PARQUET", "XLSX", "JSON", "JSONL"])
def test_the_downloads_hold_exactly_the_figures_of_the_page(real, form):
    page = read_page(real.client, f"{FILTERED}&year=2022")
    answer = real.client.get(page.links[f"{form} of Allegations"])
    assert answer.status_code == 200
    assert page.links[f"{form} of Allegations"] == f"/v1/allegations.{form.lower()}?category=sexual_assault&year=2022"
    if form == "CSV":
        assert polars.read_csv(io.BytesIO(answer.content))["printed"].to_list() == [169]


def test_the_curl_command_fetches_exactly_the_figures_of_the_page(real, tmp_path):
    command = snippet(read_page(real.client, FILTERED), "curl").replace("http://localhost:8000", real.url)
    subprocess.run(["bash", "-c", command], cwd=tmp_path, check=True, capture_output=True)
    wanted = real.client.get("/v1/allegations.csv?category=sexual_assault").content
    assert (tmp_path / "allegations.csv").read_bytes() == wanted


def test_the_pandas_code_reads_exactly_the_figures_of_the_page(real, tmp_path):
    code = snippet(read_page(real.client, FILTERED), "pandas").replace("http://localhost:8000", real.url)
    script = Path(tmp_path, "figures.py")
    script.write_text(code + "\nprint(*figures['printed'], *figures['time_period'])\n")
    said = subprocess.run([sys.executable, script], check=True, capture_output=True, text=True).stdout
    assert said.split() == ["944", "116", "169", "157", "23", "2014/2024", "2021", "2022", "2023", "2024"]


def test_the_duckdb_code_reads_exactly_the_figures_of_the_page(real):
    code = snippet(read_page(real.client, FILTERED), "duckdb").replace("http://localhost:8000", real.url)
    connection = duckdb.connect()
    load_httpfs(connection)
    found = connection.execute(code.rstrip(";") + " ORDER BY value").fetchall()
    connection.close()
    assert len(found) == 5


def test_the_code_and_the_citation_name_the_release(real):
    page = read_page(real.client, FILTERED)
    newest = real.service.releases.releases[-1].number
    assert f"release={newest}" in snippet(page, "curl")
    page = read_page(real.client, f"{FILTERED}&release=1.1.0")
    for name in ("curl", "pandas", "r", "duckdb"):
        assert "release=1.1.0" in snippet(page, name)
    assert (
        "Misconduct Register (2026). Police misconduct: allegations. Release 1.1.0 of 2026-11-20, CC BY 4.0."
        in page.text
    )
    assert "http://localhost:8000/datasets/allegations?category=sexual_assault&release=1.1.0" in page.links


def test_the_links_of_a_pinned_page_stay_in_its_release(real):
    page = read_page(real.client, "/datasets/allegations?release=1.0.0")
    inner = [one for one in page.addresses if one.startswith(("/observations/", "/sources/", "/v1/allegations."))]
    assert len(inner) > 50
    assert all("release=1.0.0" in one for one in inner)


def test_a_dataset_that_is_not_there_has_a_page_that_says_what_is_meant(real):
    page = read_page(real.client, "/datasets/allegation", 404)
    assert "Did you mean allegations?" in page.text


def test_a_page_takes_five_statements_at_most(real):
    with real.statements() as seen:
        real.client.get("/datasets/allegations?year=2021", headers={"Accept": "text/html"})
    assert len(seen) <= 5


def test_what_can_be_chosen_is_counted_once_for_each_release(served, publish):
    seen = []
    for number, areas in (("1.0.0", ["britain", "london"]), ("1.1.0", ["britain", "london", "kent"])):
        publish("area | value\n" + "\n".join(f"{area} | 5" for area in areas), number, f"2024-05-0{len(areas)}")
        for least in (1, 2):
            with served.statements() as statements:
                page = read_page(served.client, f"/datasets/allegations?value_from={least}")
            boxes = (one.attributes for one in page.main.all("input"))
            assert sorted(one["value"] for one in boxes if one.get("name") == "area") == sorted(areas)
            seen.append(len(statements))
    assert seen == [4, 3, 4, 3]  # besides: the figures, what a sum would get wrong, the table by year


def test_the_page_needs_no_script_of_its_own(real):
    answer = real.client.get("/datasets/allegations")
    assert answer.text.count("<script") == 1
    assert f'<script src="{static_url("site.js")}" defer></script>' in answer.text
    assert real.client.get(static_url("site.js")).headers["content-type"] == "text/javascript; charset=utf-8"
    assert "unsafe-inline" not in answer.headers["content-security-policy"]
    assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
    assert "style=" not in html.unescape(answer.text)


@pytest.mark.parametrize(
    "query", ["category=sexual_misconduct", "period_from=2023&period_to=2023", "measure=dismissed", "measure=recorded"]
)
def test_every_value_that_a_warning_offers_leads_to_a_page(real, query):
    page = read_page(real.client, f"/datasets/allegations?{query}")
    chips = [one for one in page.main.all("ul") if one.attributes.get("class") == "chips"]
    offered = [link.attributes["href"] for one in chips for link in one.all("a")]
    assert offered
    for address in offered:
        assert real.client.get(address, headers={"Accept": "text/html"}).status_code == 200, address


def test_of_many_codes_the_form_offers_those_with_the_most_figures_and_those_chosen(api, publish, monkeypatch):
    monkeypatch.setattr(filter_form, "MOST_CHOICES", 2)
    publish(
        "category | year | value\nfirst | 2020 | 3\nfirst | 2021 | 4\nsecond | 2020 | 5\nsecond | 2021 | 6\nthird | 2020 | 7"
    )
    page = read_page(api, "/datasets/allegations?category=third")
    boxes = [one for one in page.main.all("input") if one.attributes.get("name") == "category"]
    assert [(one.attributes["value"], "checked" in one.attributes) for one in boxes] == [
        ("third", True), ("first", False), ("second", False),
    ]  # fmt: skip
    assert "fewer figures" not in page.main.text
    boxes = [
        one
        for one in read_page(api, "/datasets/allegations").main.all("input")
        if one.attributes.get("name") == "category"
    ]
    assert [one.attributes["value"] for one in boxes] == ["first", "second"]
    assert (
        "And 1 other with fewer figures, by the code in the address: ?category=…"
        in read_page(api, "/datasets/allegations").main.text
    )


@pytest.mark.parametrize(("limit", "at_once"), [("FIGURES_AT_ONCE", 2), ("CHARACTERS_OF_ONE", 40)])
def test_a_page_of_many_figures_or_of_long_texts_counts_as_an_export(served, publish, monkeypatch, limit, at_once):
    files = {"sources/paper.yaml": source_text("paper", title="Long " * 300)}
    publish("value\n3\n4\n5", files=files)
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    read_page(served.client, "/datasets/allegations?limit=3")
    monkeypatch.setattr(observation, limit, at_once)
    read_page(served.client, "/datasets/allegations?limit=3&release=1.0.0", 503)
    read_page(served.client, "/datasets/allegations?limit=2&release=1.0.0", 200 if limit == "FIGURES_AT_ONCE" else 503)
    monkeypatch.undo()
    assert len(rows(read_page(served.client, "/datasets/allegations?limit=3&release=1.0.0"))) == 3


def test_a_page_with_a_table_of_many_years_counts_as_an_export(served, publish, monkeypatch):
    publish("period_type | period_start | period_end | value\nyear | 2022 | | 3\nwindow | 1800 | 2023 | 9")
    monkeypatch.setattr(served.service.encoder._exports, "_free", 0)
    read_page(served.client, "/datasets/allegations?release=latest")
    monkeypatch.setattr(observation, "CELLS_OF_ONE", 1)
    read_page(served.client, "/datasets/allegations?release=1.0.0", 503)
    monkeypatch.undo()
    read_page(served.client, "/datasets/allegations?release=1.0.0")
