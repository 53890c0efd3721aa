"""What a saved file says, read by the programs that people open it with."""

import io
import json
import shutil
import subprocess
import time
import zipfile
from datetime import date
from decimal import Decimal

import openpyxl
import polars
import pytest

from ..contract.answers import read
from .tables import ask, row

SAID = {
    "warnings": [{"code": "part_years", "detail": "2024 is not a whole year."}],
    "notes": [{"id": "closed", "type": "caveat", "text": "=Closed cases.\nOnly."}],
    "missing": [{"reason": "not_held", "area_code": "nz"}],
}
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


@pytest.mark.parametrize(("form", "sheet"), [("parquet", "rows"), ("xlsx", "data")])
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
    cells = [book["data"][f"E{line}"] for line in range(2, 5)]
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
        cell = book["data"][place]
        assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


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
    cells = [book["data"][f"B{line}"] for line in range(2, 2 + len(SIGNS))]
    assert [(one.value, one.data_type) for one in cells] == [
        (text, "s") for text in SIGNS
    ]


def read_about(form):
    """Return what a file says of itself, by its names."""
    answer = ask(form, FIGURES, said=SAID)
    if form == "zip":
        with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
            lines = files.read("README.txt").decode().splitlines()
        return dict(line.split(": ", 1) for line in lines if ": " in line)
    found = read(answer)
    if form == "parquet":
        return found["metadata"]
    return {row["name"]: row["text"] for row in found["about"]}


@pytest.mark.parametrize("form", ["parquet", "xlsx", "zip"])
def test_a_file_says_where_it_is_from_and_what_it_means(form):
    about = read_about(form)
    pinned = "http://register/v1/figures?year=2022&release=3.1.0"
    assert (about["release"], about["day"], about["digest"]) == (
        "3.1.0",
        "2027-01-31",
        "d" * 64,
    )
    assert "CC BY 4.0" in about["licence"]
    assert (about["cite_as"], pinned in about["how_to_cite"]) == (pinned, True)
    assert about["warning part_years"] == "2024 is not a whole year."
    assert about["note closed"].startswith("=Closed cases.")
    assert about["column value"] == "The number."


def test_a_zip_has_the_csv_and_all_that_json_says_beside_the_rows():
    answer = ask("zip", FIGURES, said=SAID)
    with zipfile.ZipFile(io.BytesIO(answer.content)) as files:
        assert files.namelist() == ["README.txt", "figures.csv", "metadata.json"]
        assert files.read("figures.csv") == ask("csv", FIGURES).content
        found = json.loads(files.read("metadata.json"))
    assert {name: found[name] for name in SAID} == SAID
    assert [(one["name"], one["type"]) for one in found["columns"]] == [
        ("id", "string"), ("counted", "string"), ("category", "string"),
        ("value", "number"), ("period_start", "date"), ("part_of", "string"),
    ]  # fmt: skip


@pytest.mark.parametrize("form", ["xlsx", "zip"])
def test_the_same_table_has_the_same_bytes_on_another_day(form, monkeypatch):
    first = ask(form, FIGURES).content
    tomorrow = time.time() + 86_400
    monkeypatch.setattr(time, "time", lambda: tomorrow)
    assert ask(form, FIGURES).content == first


def test_xlsx_can_be_read_filtered_and_followed(client):
    book = openpyxl.load_workbook(io.BytesIO(ask("xlsx", FIGURES).content))
    assert book.sheetnames == ["data", "about"]
    for sheet in book:
        assert sheet.freeze_panes == "A2"
        assert sheet.auto_filter.ref == sheet.dimensions
        assert sheet.column_dimensions["A"].width > 10
    cited = client.get(
        "/v1/figures.xlsx?id=k7m3q&columns=cite_as&release=2.0.0"
    ).content
    link = openpyxl.load_workbook(io.BytesIO(cited))["data"]["A2"].hyperlink
    assert link.target.endswith("/figures/k7m3q?release=2.0.0")
    assert [name.value for name, text in book["about"] if text.hyperlink] == [
        "cite_as",
        "address",
    ]
    assert book.properties.created.date() == date(
        2027, 1, 31
    )  # not the day of the request


def test_a_long_table_is_sent_in_pieces():
    for form, sheet in (
        ("csv", "rows"),
        ("parquet", "rows"),
        ("xlsx", "data"),
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
    assert polars.read_parquet(io.BytesIO(ask("parquet", []).content)).shape == (0, 6)
    assert (
        openpyxl.load_workbook(io.BytesIO(ask("xlsx", []).content))["data"].dimensions
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
