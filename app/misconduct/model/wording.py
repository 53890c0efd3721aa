"""Name figures, documents and periods in sentences."""

from calendar import month_name
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import COLUMNS, Row, write_cell
from misconduct.model.number_words import with_hedge


def as_printed(row: Row) -> str:
    """Return a figure in the words to print: with its hedge, or its value if this register counted it."""
    return with_hedge(row["hedge"], row["printed"] or write_cell(row["value"]))


def name_figure(row: Row, catalogue: Catalogue) -> str:
    """Return a figure and its document: 1,492 (The Eye Of Media.Com, 2024)."""
    return f"{as_printed(row)} ({name_source(catalogue.of_kind('source').get(row['source'], {}))})"


def describe_figure(row: Row, catalogue: Catalogue) -> str:
    """Return a title: 1,492: accused, any sexual allegation, officers (Metropolitan Police, 2014 to 2024)."""
    codes = [name for name in ("measure", "category", "population") if row[name] not in ("not_applicable", "unstated")]
    what = row["counted"] or ", ".join(_label(name, row, catalogue) for name in codes)
    where = [_label("area", row, catalogue)] * (row["area"] != "unstated") + [period_words(row)] * bool(row["period"])
    return f"{as_printed(row)}: {what}" + (f" ({', '.join(where)})" if where else "")


def name_source(source: Mapping[str, Any]) -> str:
    """Return who published a document, and when."""
    year = (source.get("published") or "")[: len("2024")] or "undated"
    return f"{source.get('publisher') or source.get('title') or 'a document'}, {year}"


def period_words(row: Row) -> str:
    """Return the period of a figure: its dates, or the source's words for it."""
    if not row["period"]:
        return "not stated"
    dates = dates_in_words(row["period"])
    return dates if row["dated_by"] == "source" else row["period_printed"] or dates


def dates_in_words(period: str, between: str = " to ") -> str:
    """Return the dates of a period in words: 2022, April 2004 to March 2019, since November 2022."""
    start, slash, end = period.partition("/")
    first, last = date_words(start), date_words(end)
    if not slash:
        return first
    return f"{first}{between}{last}" if first and last else f"since {first}" if first else f"until {last}"


def date_words(text: str) -> str:
    """Return a date in words, as precise as it is: 2023, April 2023, 5 April 2023. An open side (`..`) is empty."""
    year, *rest = text.strip(".").split("-")
    month = [month_name[int(rest[0])]] if rest else []
    day = [str(int(rest[1]))] if rest[1:] else []
    return " ".join([*day, *month, year])


def name_dimension(name: str) -> str:
    """Return what a dimension is called in a sentence."""
    return _DIMENSIONS.get(name, name)


_DIMENSIONS = {
    "counted": "wording of what is counted",
    "counting_unit": "counting unit",
    "fit": "fit of the codes",
    "statistic": "kind of number",
    "vetting_check": "vetting check",
    "vetting_result": "result of the check",
}


def contrast(name: str, relation: str, rows: Sequence[Row], catalogue: Catalogue) -> str:
    """Say how figures relate in a dimension, as part of a sentence."""
    word, labels = name_dimension(name), [f"'{_label(name, row, catalogue)}'" for row in rows]
    if relation == "unstated":
        return f"the {word} is not always stated"
    if relation in ("narrower", "broader") and len(rows) == 2 and name != "fit":
        return f"{labels[0]} is a {relation} {word} than {labels[1]}"
    different = list(dict.fromkeys(labels))
    return f"the {word} differs ({', '.join(different)}{'' if different[1:] else ', said at different times'})"


def _label(name: str, row: Row, catalogue: Catalogue) -> str:
    """Return what a figure says in a dimension, as it stands inside a sentence."""
    if name == "period":
        return period_words(row)
    if row[name] is None:
        return "not stated"
    label = catalogue.label(name, row[name]) if COLUMNS[name].codelist else row[name]
    is_name = name == "area" or label[1:] != label[1:].lower()
    return label if is_name else label[:1].lower() + label[1:]


def join(parts: Iterable[str]) -> str:
    """Join parts by commas, and the last one by `and`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
