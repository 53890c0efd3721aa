"""What answers add to the columns of a figure: labels of codes, its document, and addresses."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.figure import (
    COLUMNS,
    PROSE,
    Row,
)
from misconduct.model.locator import text_fragment
from misconduct.model.shapes import SOURCE_KEYS, LabelledCode, SourceOfFigure

DRAFT = "draft"  # the number of what is not released yet. Nobody can cite it
FOUND_BY = 3  # words of a page, at least, by which a browser can find where they stand


@dataclass(frozen=True)
class ReleaseView:
    """A release, its records, and where the service is: this is what an answer adds to the columns of its figures."""

    release: str
    catalogue: Catalogue
    base_url: str
    day: date

    def cite_as(self, identity: str) -> str | None:
        """Return the address of exactly this figure in exactly this release; None for a draft."""
        return (
            None
            if self.release == DRAFT
            else f"{self.base_url}/figures/{identity}?release={self.release}"
        )

    def source(self, row: Row) -> Content:
        return self.catalogue.of_kind("source").get(row["source"], {})


def show(row: Row, columns: Iterable[str], view: ReleaseView) -> Any:
    """Return some columns of a figure as JSON has them."""
    return {
        name: view.cite_as(row["id"])
        if name == "cite_as"
        else _writer(name, view.catalogue)(row[name])
        for name in columns
    }


def shown(name: str, value: Any, catalogue: Catalogue) -> Any:
    """Return the value of a column in JSON: a code with its label, a day as text; a document is its id."""
    return _writer(name, catalogue)(value) if name != "source" else value


def _writer(name: str, catalogue: Catalogue) -> Callable[[Any], Any]:
    """Return a function that returns the value of a column as JSON has it."""
    if name == "source":
        return lambda value: source_document(value, catalogue)
    if codelist := COLUMNS[name].codelist:
        return lambda value: (
            None if value is None else labelled(codelist, value, catalogue)
        )
    if COLUMNS[name].holds == "number":
        return lambda value: None if value is None else number(value)
    if COLUMNS[name].holds == "day":
        return lambda value: None if value is None else value.isoformat()
    return lambda value: value


def labelled(codelist: str, code: str, catalogue: Catalogue) -> LabelledCode:
    return {"code": code, "label": catalogue.label(codelist, code)}


def source_document(identity: str, catalogue: Catalogue) -> SourceOfFigure:
    """Return what a figure says of a document."""
    content = catalogue.of_kind("source").get(identity, {})
    fields: Any = {key: content.get(key) for key in SOURCE_KEYS}
    return {"id": identity, **fields}


def number(value: Decimal) -> int | float:
    """Return a number of JSON: an integer if it is one."""
    return int(value) if value == value.to_integral_value() else float(value)


def find_words_in_page(row: Row, source: Content) -> str | None:
    """Return the address of the document, with a fragment that lets a browser scroll to the printed words."""
    if not source.get("url") or row["read_from"] not in PROSE:
        return None
    if row["read_from"] == "page":
        words = row["counted"].partition(" … ")[0].split()
        return f"{source['url']}{text_fragment(' '.join(words), '', '') if len(words) >= FOUND_BY else ''}"
    before, after = source.get("quotes", {}).get(row["at"], ("", ""))
    return f"{source['url']}{text_fragment(row['printed'], before, after)}"
