"""The texts by which search finds figures and records."""

import re
from collections.abc import Iterator
from functools import cache, lru_cache
from typing import NamedTuple

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import WORDS
from misconduct.model.figure import CODED_COLUMNS, COLUMNS, Row, write_cell
from misconduct.model.plain_words import plain
from misconduct.model.vocabulary import spoken_words

READ_AS = (
    "measure",
    "category",
)  # the codes that may mean more than the words for them: use of force, for taser
KIND_COLUMNS = (
    *READ_AS,
    "population",
)  # the codes whose labels weigh as much as the source's own words
_OTHER_CODES = tuple(
    name
    for name in CODED_COLUMNS
    if COLUMNS[name].made_by == "register"
    and name not in (*KIND_COLUMNS, "fit", "qualifier", "indicator")
)
DENYING = ("unstated", "not_applicable", "other")
"""Codes whose labels are no words: “Not about a kind of misconduct” is not about misconduct."""
NOT_ACCUSING = "occurred"
ACCUSING = frozenset(map(plain, WORDS["accusing"]["search"]))
"""Words that never lead to a figure that alleges nothing."""
_ALSO = {plain(words): also for words, also in WORDS["also"].items()}
"""What people call what a source counts: killed, for fatal shootings."""


MEANT_CODES = (*KIND_COLUMNS, "vetting_result", "indicator")
"""The codes that words of a search may stand for."""


@lru_cache(10_000)  # most figures share their codes
def code_word(name: str, code: str) -> str:
    """Return the word by which a search finds a code or a year itself, so that one index has words and codes."""
    return re.sub(r"\W|_", "", f"code{name}{code}")


MONTHS_APART = 370  # days; a figure of a longer time is not one for a year
APRIL = 4  # in which years such as 2019/20 begin
_YEARS = frozenset(range(1990, 2050))  # that a search reads as such


class SearchTexts(NamedTuple):
    """Texts by which a figure or a record is found, one for each of `WEIGHTS`.

    `main` is what it counts, in the words of its source and of its name. `around` is what a record says beside it. Of a
    figure there is none: the title of its document, and its notes, need not be about what it counts.
    """

    main: str
    printed: str
    read_as: str
    other_codes: str
    around: str


WEIGHTS = SearchTexts(
    "A", "A", "B", "C", "D"
)  # how much a match counts: Postgres weighs from A, the most, to D


class FigureTexts:
    """Write the texts of the figures of a release."""

    def __init__(self, catalogue: Catalogue) -> None:
        self._catalogue = catalogue
        self._sources = catalogue.of_kind("source")
        self._indicators = catalogue.codelists.get("indicator", {})
        self._name = cache(self._list_words)

    def write(self, row: Row) -> SearchTexts:
        """Return the texts of a figure."""
        printed = row["printed"], write_cell(row["value"]), row["period_printed"]
        return SearchTexts(
            self._write_main(row),
            _join(row["hedge"], *printed, *_write_years(row)),
            self._write_read_as(row),
            self._write_other_codes(row),
            "",
        )

    def _list_words(self, codelist: str, code: str | None, accuses: bool = True) -> str:
        """Return all words for a code."""
        return _label(self._catalogue, codelist, code, accuses=accuses) if code else ""

    def _write_main(self, row: Row) -> str:
        label = self._catalogue.label
        labels = [
            label(name, row[name]) for name in READ_AS if row[name] not in DENYING
        ]
        if not _accuses(row):
            labels = [_without_accusing(_plain(one)) for one in labels]
        indicator = label("indicator", row["indicator"]) if row["indicator"] else None
        people = self._name("population", row["population"])
        parts = (row[name] for name in ("subcategory", "scope", "base"))
        return _join(row["counted"], *labels, people, indicator, *parts)

    def _write_read_as(self, row: Row) -> str:
        counted = _plain(row["counted"] or "")
        also = [
            one for words, some in _ALSO.items() if words in counted for one in some
        ]
        codes = [self._name(name, row[name], _accuses(row)) for name in READ_AS]
        indicator = self._indicators.get(row["indicator"], {})
        return _join(*also, *codes, *indicator.get("words", ()))

    def _write_other_codes(self, row: Row) -> str:
        names = [self._name(name, row[name]) for name in _OTHER_CODES]
        codes = [code_word(name, row[name]) for name in MEANT_CODES if row[name]]
        publisher = self._sources[row["source"]].get("publisher") or ""
        initials = "".join(re.findall(r"\b[A-Z]", publisher))  # NCRB
        said_by = (row["stated_by"] or "").replace("_", " ")  # iopc, for short
        return _join(*names, *codes, publisher, initials, said_by)


def _accuses(row: Row) -> bool:
    return bool(row["measure"] != NOT_ACCUSING)


def _write_years(row: Row) -> list[str]:
    """Return the years of a figure as words, 2019/20 and 2020, and as codes."""
    codes = [code_word("year", one) for one in {*_find_years(row)}]
    named = [row["year"], str(row["period_end"].year)] if row["year"] else []
    return named + codes


def _find_years(row: Row) -> Iterator[str]:
    """Yield the years that find a figure: its own, those that it overlaps, and its number if that may be a year."""
    if row["year"]:
        yield row["year"]
    if row["value"] is not None and row["value"] in _YEARS:
        yield f"{row['value']:.0f}"
    last, first = row["period_end"], row["period_start"] or row["period_end"]
    if not last or (last - first).days >= MONTHS_APART:
        return
    yield from map(str, range(first.year, last.year + 1))
    begun = first.year if first.month >= APRIL else first.year - 1
    if (last.year, last.month) < (begun + 1, APRIL):
        yield f"{begun}/{(begun + 1) % 100:02}"


def texts_of_record(record: Content, catalogue: Catalogue) -> SearchTexts:
    """Return the texts of a record: its title and question, the labels of its codes, and its explanation."""
    labels = [
        _label(catalogue, name, code)
        for name in READ_AS
        for code in record.get(name, ())
    ]
    return SearchTexts(
        _join(record.get("title"), record.get("question")),
        "",
        _join(*labels),
        "",
        _join(record.get("explanation")),
    )


def _label(
    catalogue: Catalogue, codelist: str, code: str, *, accuses: bool = True
) -> str:
    """Return the words for a code; of a figure that accuses nobody without those that do."""
    if code in DENYING:
        return ""
    words = [catalogue.label(codelist, code)]
    if codelist != "area":  # places are read by name: “staff” would find Staffs
        words += spoken_words(catalogue.codelists.get(codelist, {}).get(code, {}))
    return _join(
        *(words if accuses else [_without_accusing(_plain(one)) for one in words])
    )


def _without_accusing(text: str) -> str:
    return (
        ""
        if text in ACCUSING
        else " ".join(word for word in text.split() if word not in ACCUSING)
    )


def _join(*parts: str | None) -> str:
    return " ".join(_plain(part) for part in parts if part)


_plain = lru_cache(100_000)(plain)
