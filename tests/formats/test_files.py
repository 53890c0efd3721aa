"""What a saved file says, read by the programs that people open it with."""

import io
import shutil
import subprocess
from datetime import date
from decimal import Decimal

import openpyxl
import polars
import pytest

from misconduct.formats import FORMATS

from ..contract.answers import read
from .tables import ask, row

WARNINGS = [
    {"code": "whole_and_parts", "detail": "Some figures are parts of others."},
    {"code": "part_years", "detail": "2024 is not a whole year."},
]
FIGURES = [
    row(
        "k7m3q",
        value=Decimal(1492),
        period_start=date(2014, 1, 1),
        category="sexual",
        part_of=["gb7nr", "hnmzc"],
    ),
    row("w2rmd", counted='=HYPERLINK("http://evil.example")'),
    row("bbdjq", counted="{=1+1}", value=Decimal(0)),
    row(
        "hnmzc",
        counted="@SUM(A1)",
        value=Decimal("0.5"),
        period_start=date(1829, 9, 29),
    ),
]


@pytest.mark.parametrize(("form", "sheet"), [("parquet", "rows"), ("xlsx", "figures")])
def test_numbers_days_and_nulls_have_types(form, sheet):
    first, null, zero, half = read(ask(form, FIGURES))[sheet]
    assert (first["value"], first["period_start"], first["part_of"]) == (
        1492,
        date(2014, 1, 1),
        "gb7nr hnmzc",
    )
    assert (first["counted"], null["value"], null["part_of"], null["period_start"]) == (
        None,
        None,
        None,
        None,
    )
    assert (zero["value"], half["value"]) == (0, 0.5)


def test_days_that_spreadsheets_do_not_have_are_text():
    """Excel shows signs for a day before 1900; LibreOffice counts from another day than Excel until March 1900."""
    days = [date(1829, 9, 29), date(1900, 2, 28), date(1900, 3, 1)]
    figures = [row("k7m3q", period_start=day) for day in days]
    book = openpyxl.load_workbook(io.BytesIO(ask("xlsx", figures).content))
    cells = [book["figures"][f"E{line}"] for line in range(2, 5)]
    assert [(cell.data_type, str(cell.value)) for cell in cells] == [
        ("s", "1829-09-29"),
        ("s", "1900-02-28"),
        ("d", "1900-03-01 00:00:00"),
    ]


def test_no_text_is_run_as_a_formula():
    cells = [one["counted"] for one in read(ask("csv", FIGURES))["rows"]]
    assert cells == ["", '\'=HYPERLINK("http://evil.example")', "{=1+1}", "'@SUM(A1)"]
    book = openpyxl.load_workbook(io.BytesIO(ask("xlsx", FIGURES).content))
    for place, text in (
        ("B3", FIGURES[1]["counted"]),
        ("B4", "{=1+1}"),
        ("B5", "@SUM(A1)"),
    ):
        cell = book["figures"][place]
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)
    assert book["sources"]["B2"].data_type == "s"  # its title is =2+2


SIGNS = {
    "-": "-",
    "+": "+",
    "=": "=",
    "@": "@",
    "\uff0d": "\uff0d",
    "-5": "-5",
    "-5 to -3": "'-5 to -3",
    "--": "'--",
    "=1": "'=1",
}


def test_a_sign_alone_is_no_formula():
    figures = [row("k7m3q", counted=text) for text in SIGNS]
    assert [one["counted"] for one in read(ask("csv", figures))["rows"]] == [
        *SIGNS.values()
    ]
    book = openpyxl.load_workbook(io.BytesIO(ask("xlsx", figures).content))
    cells = [book["figures"][f"B{line}"] for line in range(2, 2 + len(SIGNS))]
    assert [(one.value, one.data_type) for one in cells] == [
        (text, "s") for text in SIGNS
    ]


def test_parquet_says_where_it_is_from():
    about = read(ask("parquet", FIGURES, warnings=WARNINGS))["metadata"]
    assert (about["release"], about["day"], about["digest"]) == (
        "3.1.0",
        "2027-01-31",
        "d" * 64,
    )
    assert "CC BY 4.0" in about["licence"]
    assert about["address"] == "http://register/v1/figures?year=2022"
    assert about["cite_as"] == "http://register/v1/figures?year=2022&release=3.1.0"
    assert about["cite_as"] in about["how_to_cite"]
    assert "whole_and_parts: Some figures are parts of others." in about["warnings"]
    assert [(one["id"], one["licence"]) for one in about["sources"]] == [
        ("news", "not stated")
    ]


def test_xlsx_says_where_it_is_from_and_what_it_means():
    found = read(ask("xlsx", FIGURES, warnings=WARNINGS))
    about = {one["name"]: one["text"] for one in found["about"]}
    parquet = read(ask("parquet", FIGURES, warnings=WARNINGS))["metadata"]
    assert about == {name: text for name, text in parquet.items() if name != "sources"}
    assert {"name": "value", "meaning": "The number."}.items() <= found["columns"][
        3
    ].items()
    assert [(one["title"], one["licence"]) for one in found["sources"]] == [
        ("=2+2", "not stated")
    ]


def test_xlsx_can_be_read_filtered_and_followed(client):
    book = openpyxl.load_workbook(io.BytesIO(ask("xlsx", FIGURES).content))
    assert book.sheetnames == ["figures", "columns", "sources", "about"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.column_dimensions["A"].width > 10
    assert book["sources"]["E2"].hyperlink.target == "https://example.org/"
    cited = client.get(
        "/v1/observations.xlsx?id=k7m3q&columns=cite_as&release=2.0.0"
    ).content
    link = openpyxl.load_workbook(io.BytesIO(cited))["figures"]["A2"].hyperlink
    assert link.target.endswith("/v1/observations/k7m3q?release=2.0.0")
    assert [name.value for name, text in book["about"] if text.hyperlink] == [
        "cite_as",
        "address",
    ]
    assert book.properties.created.date() == date(
        2027, 1, 31
    )  # not the day of the request


@pytest.mark.parametrize("form", FORMATS)
def test_tables_name_their_warnings_in_a_header(form):
    assert (
        ask(form, FIGURES, warnings=WARNINGS).headers["misconduct-warnings"]
        == "whole_and_parts, part_years"
    )
    assert "misconduct-warnings" not in ask(form, FIGURES).headers


def test_what_all_figures_share_stands_in_every_form(client):
    """So nobody concludes from a file that no complaint in Delhi led to a conviction: CSV has it in a header."""
    asked = "/v1/allegations{}?area=in_dl&measure=alleged,convicted"
    sentence, in_header = (
        "Do not calculate shares from these columns.",
        "Misconduct-Caveats",
    )
    said = client.get(asked.format("")).json()["warnings"]
    assert [one["code"] for one in said].count("caveat") == 2
    assert any(sentence in one["detail"] for one in said)
    [kinds] = [one["detail"] for one in said if one["code"] == "unlike_kinds"]
    assert "Do not divide" in kinds
    for form in FORMATS:
        assert sentence in client.get(asked.format(f".{form}")).headers[in_header], form
    for form, place in (("xlsx", "about"), ("parquet", "metadata")):
        assert sentence in str(read(client.get(asked.format(f".{form}")))[place]), form
    assert in_header not in client.get("/v1/allegations.csv?id=k7m3q,t5g5h").headers, (
        "they share none"
    )


def test_a_long_table_is_sent_in_pieces():
    for form, sheet in (
        ("csv", "rows"),
        ("jsonl", "rows"),
        ("parquet", "rows"),
        ("xlsx", "figures"),
    ):
        answer = ask(form, [row("k7m3q")], [row("w2rmd")], [row("bbdjq")])
        assert [one["id"] for one in read(answer)[sheet]] == [
            "k7m3q",
            "w2rmd",
            "bbdjq",
        ], form
        assert ("content-length" in answer.headers) == (form in ("parquet", "xlsx"))


def test_a_table_without_rows_has_its_columns():
    assert ask("csv", []).text == "id,counted,category,value,period_start,part_of\n"
    assert ask("jsonl", []).content == b""
    assert polars.read_parquet(io.BytesIO(ask("parquet", []).content)).shape == (0, 6)
    assert (
        openpyxl.load_workbook(io.BytesIO(ask("xlsx", []).content))[
            "figures"
        ].dimensions
        == "A1:F1"
    )


@pytest.mark.filterwarnings(
    "ignore::pytest.PytestUnraisableExceptionWarning"
)  # XlsxWriter's temporary file
def test_xlsx_has_no_more_than_50000_rows():
    answer = ask("xlsx", [row("k7m3q")] * 50_000, [row("w2rmd")])
    assert (answer.status_code, ".csv" in answer.json()["detail"]) == (413, True)
    assert (
        len(read(ask("csv", [row("k7m3q")] * 50_000, [row("w2rmd")]))["rows"]) == 50_001
    )


@pytest.mark.skipif(
    not shutil.which("soffice"),
    reason="this needs LibreOffice: apt-get install libreoffice-calc-nogui",
)
def test_libreoffice_shows_what_the_file_has(tmp_path):
    edges = [
        row("bbdjq", period_start=date(1900, 2, 28)),
        row("bbdjq", period_start=date(1900, 3, 1)),
    ]
    content = ask("xlsx", [*FIGURES, *edges]).content
    (tmp_path / "figures.xlsx").write_bytes(content)
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    subprocess.run(
        ["soffice", profile, "--headless", "--convert-to", "csv", "figures.xlsx"],
        cwd=tmp_path,
        check=True,
    )
    assert (tmp_path / "figures.csv").read_text().splitlines() == [
        "id,counted,category,value,period_start,part_of",
        "k7m3q,,sexual,1492,2014-01-01,gb7nr hnmzc",
        'w2rmd,"=HYPERLINK(""http://evil.example"")",,,,',
        "bbdjq,{=1+1},,0,,",
        "hnmzc,@SUM(A1),,0.5,1829-09-29,",
        "bbdjq,,,,1900-02-28,",
        "bbdjq,,,,1900-03-01,",
    ]
