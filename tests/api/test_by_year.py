"""By-year tables. Facts are typed from the article of 2024, and from an invented register with two editions."""

import csv
import io
import re
import tempfile
from pathlib import Path

import pytest
from pydantic import TypeAdapter

from misconduct.model.figure import REGISTER_COLUMNS, read_cells
from misconduct.model.shapes import ByYearAnswer
from misconduct.releases.folder import Release
from misconduct_editor.releases.write import add_to_list, write_release

from ..conftest import Service

ARTICLES = ",".join(
    (
        "brit-brief-1000-officers-accused",
        "eye-of-media-2023-another-1000-cases",
        "eye-of-media-2023-major-shake-up",
        "eye-of-media-2024-disclosure",
        "police-oracle-2023-met-review",
    )
)
ALLEGATIONS = f"/v1/allegations/by-year{{}}?source={ARTICLES}"
ASSAULTS = f"{ALLEGATIONS}&category=sexual_assault"
SAME = {
    "measure": "alleged",
    "category": "any",
    "area": "gb",
    "population": "officers",
    "counting_unit": "people",
}
SAME |= {
    "statistic": "count",
    "unit": "count",
    "printed": "n",
    "stated_by": "force",
    "counted": "complaints",
}
COUNTED = {"printed": "", "stated_by": ""}
PAGE = {"counted": "cases on a page", "at": "row=1"}
FIGURES = {
    "bbbbb": {"period": "2018-04/2019-03", "value": "10", "source": "first"},
    "ccccc": {"period": "2019-04/2020-03", "value": "20", "source": "first"},
    "ddddd": {"period": "2019-04/2020-03", "value": "21", "source": "second"},
    "fffff": {
        "period": "2021-04/2022-03",
        "value_absent": "suppressed",
        "source": "second",
    },
    "ggggg": {"period": "2022-01/2022-06", "value": "2", "source": "article"},
    "hhhhh": {"period": "2022", "value": "5", "source": "article"},
    "jjjjj": {"period": "2010-05", "value": "6", "source": "article"},
    "vvvvv": {
        "period": "2022-03-31",
        "value": "12",
        "source": "article",
        "counted": "on a day",
    },
    "kkkkk": {
        "period": "2018-07/2019-06",
        "value": "8",
        "source": "article",
        "counted": "twelve months from July",
    },
    "qqqqq": {"period": "2018-07/2019-06", "value": "11", "source": "first"},
    "rrrrr": {"period": "2017-07/2019-06", "value": "30", "source": "first"}
    | {"qualifier": "about", "mark": "provisional"},
    "sssss": {
        "period": "2018-04/2019-03",
        "value": "1.5",
        "source": "article",
        "per": "officers",
    }
    | {"unit": "per_thousand", "statistic": "rate"},
    "mmmmm": {"period": "2021-04/2022-03", "value": "7", "source": "second", **COUNTED},
    "ttttt": {
        "period": "2018-04/2019-03",
        "value": "50",
        "source": "page-2019",
        **PAGE,
    },
    "wwwww": {
        "period": "2018-04/2019-03",
        "value": "52",
        "source": "page-2020",
        **PAGE,
    },
    "xxxxx": {
        "period": "2019-04/2020-03",
        "value": "60",
        "source": "page-2020",
        **PAGE,
    },
    "zzzzz": {
        "period": "2019-04/2020-03",
        "value": "70",
        "source": "page-of-others",
        **PAGE,
    },
    "nnnnn": {
        "period": "2020-04/2021-03",
        "value": "4",
        "source": "second",
        **COUNTED,
        "mark": "provisional",
    }
    | {"counted": "cases"},
    "ppppp": {
        "period": "2018-04/2022-03",
        "value": "9",
        "source": "second",
        **COUNTED,
        "counted": "all years",
    },
}
SOURCES = {
    "first": {"published": "2020-10", "work": "report"},
    "second": {"published": "2022-10", "work": "report"},
}
SOURCES |= {
    "article": {"published": "2023-05"},
    "page-of-others": {"published": "2020-11", "publisher": "Others"},
}
SOURCES |= {
    f"page-{year}": {"published": f"{year}-10", "publisher": "Board"}
    for year in (2019, 2020)
}


@pytest.fixture(scope="module")
def invented():
    """A client of a service with the invented register. `mmmmm`, `nnnnn` and `ppppp` are counted from a file."""
    empty = dict.fromkeys(REGISTER_COLUMNS, "")
    rows = [
        read_cells(empty | SAME | cells | {"id": identity})
        for identity, cells in FIGURES.items()
    ]
    records = {"source": {one: {"id": one} | about for one, about in SOURCES.items()}}
    about = {
        "number": "1.0.0",
        "day": "2026-11-20",
        "summary": "Two editions.",
        "changes": [],
        "excluded": [],
    }
    with tempfile.TemporaryDirectory(prefix="misconduct-by-year-") as folder:
        Path(folder).chmod(0o755)  # the account of the server must be able to enter it
        data = Path(folder) / "data"
        add_to_list(
            data,
            write_release(
                data / "releases/1.0.0", Release(figures=rows, records=records, **about)
            ),
        )
        service = Service(Path(folder), data)
        try:
            yield service.wait().client
        finally:
            service.stop()


def rows_of(client, address):
    return list(
        csv.DictReader(
            io.StringIO(client.get(address).raise_for_status().text, newline="")
        )
    )


def gaps(series):
    return {
        year: one["gap"]["code"] for year, one in series["years"].items() if one["gap"]
    }


def test_a_series_has_its_years_its_window_and_reasons_for_the_rest(client):
    """116 in 2021, 169 in 2022, 157 in 2023 and 23 in 2024, of 944 in ten years; the article is of 2024."""
    answer = client.get(ASSAULTS.format("")).json()
    [series] = answer["data"]
    shown = {
        year: (one["value"], one["coverage"]["code"])
        for year, one in series["years"].items()
        if one["id"]
    }
    assert shown == {
        "2024": (23, "part"),
        "2023": (157, "whole"),
        "2022": (169, "whole"),
        "2021": (116, "whole"),
    }
    assert (series["window"]["value"], series["window"]["period_start"]) == (
        944,
        "2014-01-01",
    )
    assert gaps(series) == dict.fromkeys(map(str, range(2014, 2021)), "not_stated")
    assert answer["meta"]["years"] == [str(year) for year in range(2024, 2013, -1)]


def test_a_figure_that_filters_leave_out_is_a_gap_with_that_reason(client):
    answer = client.get(f"{ASSAULTS}&value=116&value=157".format("")).json()
    assert answer["meta"]["years"] == ["2023", "2022", "2021"]
    assert gaps(answer["data"][0]) == {"2022": "filtered_out"}
    rows = rows_of(
        client, f"{ASSAULTS}&value=116&value=157&shape=long&labels=1".format(".csv")
    )
    of_years = [(row["year"], row["value"], row["gap_label"]) for row in rows]
    assert of_years == [
        ("2023", "157", ""),
        ("2022", "", "Left out by your filters"),
        ("2021", "116", ""),
    ]


def test_years_choose_columns_and_no_series_vanishes(client):
    every, one, some = (
        client.get(ALLEGATIONS.format("") + asked).json()
        for asked in ("", "&year=2023", "&year_from=2022&year_to=2023")
    )
    assert (one["meta"]["years"], some["meta"]["years"]) == (["2023"], ["2023", "2022"])
    ids = [[row["series"] for row in answer["data"]] for answer in (every, one, some)]
    assert ids[0] == ids[1] == ids[2]


@pytest.mark.parametrize(("shape", "left_out"), [("wide", 17), ("long", 31)])
def test_figures_for_no_year_are_counted(client, shape, left_out):
    """Of 40 allegations, 9 are for years, 14 for windows, and 17 have no period or are for one time."""
    answer = client.get(f"{ALLEGATIONS}&shape={shape}".format(""))
    warnings = answer.json()["warnings"]
    [warning] = [one for one in warnings if one["code"] == "undated_left_out"]
    assert warning["detail"].startswith(f"{left_out} figures")


def test_a_part_of_a_year_is_told(client):
    """The table has 23 sexual assaults for 2024, beside 157 for 2023."""
    for table in ("sexual_assault", "sexual_assault&year=2023"):
        answer = client.get(f"{ALLEGATIONS}&category={table}".format("")).json()
        codes = [one["code"] for one in answer["warnings"]]
        assert ("part_years" in codes) == ("2024" in answer["meta"]["years"])
        assert (
            "whole_and_parts" in codes
        )  # the window of ten years stands beside the years
    long = client.get(
        "/v1/allegations/by-year?source=eye-of-media-2024-disclosure"
        "&category=sexual_assault&shape=long&year=2023"
    ).json()
    assert {one["code"] for one in long["warnings"]} == {
        "undated_left_out",
        "caveat",
    }  # that window


@pytest.mark.parametrize(
    ("years", "figures", "mark"),
    [("2020,2021", 39, "provisional"), ("2016,2017,2018,2019", 100, None)],
)
def test_numbers_of_unfinished_years_are_provisional(client, years, figures, mark):
    """27% of the findings of 2020, and 93% of those of 2021, are pending: 29 and 10 figures."""
    answer = client.get(
        f"/v1/observations?source=philadelphia-complaint-findings&columns=mark&year={years}"
    ).json()
    assert answer["meta"]["total"] == figures
    assert {one["mark"] and one["mark"]["code"] for one in answer["data"]} == {mark}
    assert ("provisional" in [one["code"] for one in answer["warnings"]]) == (
        mark is not None
    )


def test_twelve_months_sort_among_calendar_years(invented):
    answer = invented.get("/v1/observations/by-year")
    TypeAdapter(ByYearAnswer).validate_json(answer.content)
    years = [
        "2022",
        "2021/22",
        "2020/21",
        "2019/20",
        "2018/19(July)",
        "2018/19",
        "2017/18(July)",
    ]
    assert answer.json()["meta"]["years"] == years
    assert [
        name
        for name in rows_of(invented, "/v1/observations/by-year.csv")[0]
        if name[0].isdigit()
    ] == years
    assert invented.get("/v1/observations/by-year?year_from=2020&year_to=2021").json()[
        "meta"
    ]["years"] == ["2020/21"]


def test_editions_continue_a_series_and_a_second_figure_for_a_year_has_a_variant(
    invented,
):
    rows = {
        row["ids"]: row for row in rows_of(invented, "/v1/observations/by-year.csv")
    }
    newest, older = (
        rows["2021/22:fffff 2019/20:ddddd 2018/19:bbbbb"],
        rows["2019/20:ccccc"],
    )
    assert older["series"] == f"{newest['series']}-2"
    assert (
        rows["2022:ggggg"]["series"] == f"{rows['2022:hhhhh']['series']}-2"
    )  # half a year, after the whole
    assert (newest["2019/20"], newest["source"], older["2019/20"], older["source"]) == (
        "21",
        "second",
        "20",
        "first",
    )
    later = "2018/19(July):other_year 2017/18(July):other_year"
    assert (
        newest["gaps"]
        == f"2022:other_year 2021/22:suppressed 2020/21:not_stated {later}"
    )  # 2022 begins in its last
    outside = "2022:outside_window 2021/22:outside_window 2020/21:outside_window"
    before = "2017/18(July):outside_window"
    assert (
        older["gaps"]
        == f"{outside} 2018/19(July):other_year 2018/19:outside_window {before}"
    )
    gaps = f"{outside} 2019/20:other_year 2018/19:other_year {before}"  # its year runs from July
    assert rows["2018/19(July):kkkkk"]["gaps"] == gaps


def test_years_with_other_first_days_share_neither_a_series_nor_a_column(invented):
    """The same words of one publication: 10 from April 2018, 11 from July 2018, and 30 in two years from July."""
    rows = {
        row["ids"]: row
        for row in rows_of(invented, "/v1/observations/by-year.csv?source=first,second")
    }
    april, july = (
        rows["2021/22:fffff 2019/20:ddddd 2018/19:bbbbb"],
        rows["2018/19(July):qqqqq"],
    )
    assert april["series"] != july["series"]
    assert [one["2018/19"] for one in (april, july)] == ["10", ""]
    assert [one["2018/19(July)"] for one in (april, july)] == ["", "11"]
    assert (july["window_value"], july["window_start"], april["window_value"]) == (
        "30",
        "2017-07-01",
        "",
    )
    assert (july["window_qualifier"], july["marks"]) == (
        "about",
        "window:provisional",
    )  # the hedge once
    alone = rows_of(invented, "/v1/observations/by-year.csv?id=qqqqq&year=2018/19")
    assert [(row["2018/19"], row["ids"]) for row in alone] == [("11", "2018/19:qqqqq")]
    chosen = invented.get("/v1/observations/by-year?year=2018/19").json()["meta"][
        "years"
    ]
    assert chosen == ["2018/19(July)", "2018/19"]
    long = rows_of(
        invented, "/v1/observations/by-year.csv?shape=long&source=first&year=2018/19"
    )
    found = {
        (row["year"], row["id"], row["gap"])
        for row in long
        if row["counted"] == "complaints"
    }
    assert {
        ("2018/19", "bbbbb", ""),
        ("2018/19(July)", "qqqqq", ""),
        ("2018/19", "", "other_year"),
    } <= found


def test_a_series_says_last_what_is_counted_and_a_rate_of_what(client):
    ask = "/v1/observations/by-year.csv?indicator=complaints&area=au_vic&statistic=rate"
    rows = rows_of(client, ask)
    assert [*rows[0]][-6:] == [
        "indicator",
        "subcategory",
        "scope",
        "base",
        "title",
        "sources",
    ]
    bases = {row["base"]: row["title"] for row in rows}
    assert bases["100,000 people"] == "Complaints about the police, per 100,000 people"
    assert bases["100 officers"] == "Complaints about the police, per 100 officers"
    long = rows_of(client, f"{ask}&shape=long")[0]
    assert [*long][-6:] == [
        "indicator",
        "subcategory",
        "scope",
        "base",
        "denominator",
        "title",
    ]
    [series, *_] = client.get(ask.replace(".csv", "")).json()["data"]
    assert series["indicator"]["code"] == "complaints"
    assert series["title"] in bases.values()


def test_a_file_has_none_in_the_years_that_it_covers_in_all_editions(invented):
    """2020/21 is unfinished, and a count of several years has no years of its own."""
    rows = {
        row["ids"] or row["window_id"]: row["gaps"]
        for row in rows_of(invented, "/v1/observations/by-year.csv")
    }
    finished = "2019/20:not_counted 2018/19(July):other_year 2018/19:not_counted"
    finished += " 2017/18(July):other_year"
    assert rows["2021/22:mmmmm"] == f"2022:other_year 2020/21:none_so_far {finished}"
    assert rows["2020/21:nnnnn"] == f"2022:other_year 2021/22:not_counted {finished}"
    assert {one.partition(":")[2] for one in rows["ppppp"].split()} == {"not_stated"}


MIXED = "/v1/observations/by-year?area=us_pa_philadelphia,{}&category=dishonesty,{}"


def explain(client, area, category, counted):
    """Return the gaps of a series in a table of Philadelphia and another area, and what they say."""
    data = client.get(MIXED.format(area, category)).json()["data"]
    [series] = [one for one in data if one["counted"] == counted]
    return gaps(series), {
        one["gap"]["detail"] for one in series["years"].values() if one["gap"]
    }


def test_none_in_the_file_is_not_outside_the_file(client):
    """Falsification was sustained twice in 2018 and once in 2020; the file has cases of 2016 to 2021."""
    codes, details = explain(
        client, "E23000001", "sexual_assault", "Falsification … Sustained Finding"
    )
    outside = dict.fromkeys(["2024", "2023", "2022", "2015", "2014"], "outside_window")
    covered = dict.fromkeys(["2019", "2017", "2016"], "not_counted")
    assert codes == outside | covered | {"2021": "none_so_far"}  # the file is of 2021
    assert details == {"The file covers 2016 to 2021.", None}


def test_years_that_begin_in_another_month_are_neither_none_nor_outside(client):
    """The IOPC counts from April 2004 to March 2020, and Philadelphia by calendar year."""
    table = (client, "E23000032", "detention")
    deaths, details = explain(*table, "Deaths in or following police custody")
    assert deaths == dict.fromkeys(
        ["2020", "2019", "2018", "2017", "2016"], "other_year"
    )
    assert details == {None}
    findings, _ = explain(*table, "Falsification … Sustained Finding")
    expected = {
        f"20{year:02}/{year + 1:02}": "outside_window" if year < 15 else "other_year"
        for year in range(4, 20)
    }
    assert findings == expected | dict.fromkeys(["2016", "2017", "2019"], "not_counted")


def test_figures_of_a_source_name_the_years_that_they_are_for(client):
    """The deaths that the IOPC counts are for April 2004 to March 2020."""
    answer = client.get(
        "/v1/observations/by-year?area=E23000001&measure=occurred,recorded"
    ).json()
    deaths = next(
        one
        for one in answer["data"]
        if one["source"]["id"] == "iopc-deaths-in-custody-by-force"
    )
    assert deaths["years"]["2024"]["gap"] == {
        "code": "outside_window",
        "label": "Outside the period",
        "detail": "These figures cover 2004/05 to 2019/20.",
    }


def test_rows_are_in_the_order_of_the_document_and_a_total_comes_first(client):
    """The board prints kinds of force by the number of their row, and the total last."""
    place = "source=ccrb-force-allegations"
    cells = rows_of(client, f"/v1/observations.csv?{place}&columns=at,counted")
    numbers = {row["counted"]: int(re.search(r"\d+", row["at"])[0]) for row in cells}
    printed = [words.rpartition(" … ")[2] for words in sorted(numbers, key=numbers.get)]
    assert printed[:3] + printed[-2:] == [
        "Animal",
        "Gun fired",
        "Gun pointed",
        "Other (Force)",
        "Total",
    ]
    shown = [
        row["counted"].rpartition(" … ")[2]
        for row in rows_of(client, f"/v1/observations/by-year.csv?{place}")
    ]
    assert shown == ["Total", *printed[:-1]]
    pages = [
        row["counted"].rpartition(" … ")[2]
        for offset in range(0, len(shown), 5)
        for row in client.get(
            f"/v1/observations/by-year?{place}&limit=5&offset={offset}"
        ).json()["data"]
    ]
    assert pages == shown


def test_a_country_comes_before_its_forces_whose_order_is_that_of_the_document(client):
    rows = rows_of(client, "/v1/deaths/by-year.csv?category=detention")
    assert [row["area"] for row in rows if row["source"] == "iopc-deaths-in-custody-by-force"][:4] == [
        "gb_eaw", "E23000036", "E23000026", "E23000023",
    ]  # fmt: skip


def test_years_without_any_figure_can_be_left_out(client):
    """Of 2014 to 2020 the article has no figure by year, only one for ten years."""
    every, found = (
        client.get(ASSAULTS.format("") + asked).json() for asked in ("", "&years=found")
    )
    assert found["meta"]["years"] == ["2024", "2023", "2022", "2021"]
    assert found["data"][0]["years"] == {
        year: every["data"][0]["years"][year] for year in found["meta"]["years"]
    }
    long = rows_of(
        client, ASSAULTS.format(".csv") + "&years=found&shape=long&value=116&value=157"
    )
    assert [row["year"] for row in long] == ["2023", "2021"]
    chosen = client.get("/v1/observations/by-year?years=2019")
    assert (chosen.status_code, "use year=2019" in chosen.json()["detail"]) == (
        422,
        True,
    )


def test_what_a_row_lacks_is_said_once_beside_it(client):
    """Avon and Somerset Police has complaints of 2018 only, and IOPC referrals from 2017 to 2019."""
    address = "/v1/allegations/by-year?area=E23000036&category=sexual"
    every, found = (
        client.get(address + asked).json()["data"] for asked in ("", "&years=found")
    )
    numbers = [
        {year: cell["value"] for year, cell in row["years"].items()} for row in found
    ]
    assert (numbers[0], numbers[4]) == ({"2018": 5}, {"2019": 6, "2018": 6, "2017": 6})
    assert found[0]["gap"] == every[0]["gap"] == every[0]["years"]["2019"]["gap"]
    assert found[0]["gap"]["detail"] == "These figures cover 2018."


def test_a_year_that_is_suppressed_is_found_and_years_from_july_have_their_own(
    invented,
):
    found = invented.get(
        "/v1/observations/by-year?years=found&id=bbbbb,fffff,qqqqq"
    ).json()["meta"]["years"]
    assert found == ["2021/22", "2018/19(July)", "2018/19"]


MET = "/v1/workforce/by-year{}?area=E23000001&population=officers"


def test_days_are_columns_if_they_are_asked_for(client):
    """The Home Office counted 30,136 and 30,940 full-time equivalents on the last days of September 2018 and 2019."""
    answer = client.get(MET.format("") + "&days=1").json()
    assert answer["meta"]["years"] == [
        "2025-03-31", "2019-09-30", "2019-03-31", "2018-09-30", "2017-09-30", "2016-09-30", "2015-09-30",
    ]  # fmt: skip
    newest = next(
        row
        for row in answer["data"]
        if row["source"]["id"] == "police-officers-by-force"
    )
    shown = {day: one["value"] for day, one in newest["years"].items() if one["value"]}
    assert (shown["2019-09-30"], shown["2018-09-30"]) == (30940, 30136)
    assert gaps(newest) == dict.fromkeys(
        ["2025-03-31", "2017-09-30", "2016-09-30", "2015-09-30"], "outside_window"
    )
    [row] = [
        row
        for row in rows_of(client, MET.format(".csv") + "&days=1")
        if "2019-09-30:" in row["ids"]
    ]
    assert (row["2019-09-30"], row["2017-09-30"]) == ("30940", "")
    long = rows_of(client, MET.format(".csv") + "&days=1&shape=long&year_from=2019")
    assert ("2019-09-30", "30940") in [(row["year"], row["value"]) for row in long]


def test_a_table_without_years_says_that_days_can_be_asked_for(client):
    answer = client.get(MET.format("")).json()
    assert (answer["data"], answer["meta"]["years"]) == ([], [])
    [warning] = [one for one in answer["warnings"] if one["code"] == "undated_left_out"]
    assert "8 of a day or month, ask for days=1" in warning["detail"]
    assert "found_nothing" not in [one["code"] for one in answer["warnings"]]
    both = client.get(MET.format("") + "&days=1").json()["warnings"]
    assert "days=1" not in "".join(
        one["detail"] for one in both if one["code"] == "undated_left_out"
    )


def test_days_and_years_say_why_the_other_has_none(invented):
    """12 is of a day in 2022; 4 is for 2020/21."""
    answer = invented.get("/v1/observations/by-year?id=vvvvv,nnnnn&days=1").json()
    assert answer["meta"]["years"] == ["2022-03-31", "2020/21"]
    assert [gaps(row) for row in answer["data"]] == [
        {"2020/21": "other_period"},
        {"2022-03-31": "other_period"},
    ]
    assert invented.get("/v1/observations/by-year?id=vvvvv").json()["data"] == []


def test_a_by_year_table_can_be_searched(client):
    """In New York, 233 chokeholds were alleged in 2013."""
    [series] = client.get("/v1/allegations/by-year?q=chokehold").json()["data"]
    assert (series["counted"], series["years"]["2013"]["value"]) == (
        "type_of_force_allegation … Chokehold",
        233,
    )


def test_pages_of_one_publisher_are_one_series_and_of_two_numbers_the_newest_stands(
    invented,
):
    rows = {
        row["ids"]: row
        for row in rows_of(
            invented, "/v1/observations/by-year.csv?source=page-2019,page-2020"
        )
    }
    newest, older = rows["2019/20:xxxxx 2018/19:wwwww"], rows["2018/19:ttttt"]
    assert older["series"] == f"{newest['series']}-2"
    assert [(row["2018/19"], row["sources"]) for row in (newest, older)] == [
        ("52", "page-2020"),
        ("50", "page-2019"),
    ]
    assert (newest["2019/20"], older["2019/20"]) == ("60", "")  # nothing is filled in
    [others] = rows_of(invented, "/v1/observations/by-year.csv?source=page-of-others")
    assert others["series"] != newest["series"]


BARRED = "/v1/observations/by-year{}?publisher=College%20of%20Policing&q=regular"


def test_a_number_that_a_later_page_repeats_is_in_a_row_of_its_own(client):
    """Regular officers on the barred list: each page has its year, and most have the year before again."""
    first, again = client.get(BARRED.format("")).json()["data"]
    shown = {year: one["value"] for year, one in first["years"].items()}
    assert shown == {"2024/25": 735, "2023/24": 593, "2022/23": 394, "2021/22": 299}
    assert first["sources"] == [
        f"college-barred-list-{year}" for year in (2025, 2024, 2023)
    ]
    assert first["source"]["id"] == first["sources"][0]
    assert {
        year: one["value"] for year, one in again["years"].items() if one["id"]
    } == {"2023/24": 593, "2022/23": 394}
    [once] = client.get(BARRED.format("") + "&count_once=1").json()["data"]
    assert once == first


def test_months_of_a_year_stand_in_no_row_of_years(client):
    """The Ombudsman’s bulletins: 3,353 complaints in 2023/24, of which 2,543 came by December 2023."""
    area = "/v1/observations/by-year?area=gb_nir&q=office+received+complaints"
    data = [
        {year: one["value"] for year, one in row["years"].items() if one["id"]}
        for row in client.get(area).json()["data"]
    ]
    assert {"2024/25": 3085, "2023/24": 3353, "2022/23": 3185} in data
    assert {"2023": 2543} in data
