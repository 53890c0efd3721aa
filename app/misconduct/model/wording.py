"""Say in words what a figure is: its number, who published it, when it was, and what it counts.

`phrases.csv` has the codes whose labels, and the columns whose names, do not fit inside a sentence.
"""

import re
from calendar import month_name
from collections.abc import Iterable, Mapping
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

from misconduct.model.catalogue import Catalogue, Content
from misconduct.model.codes import read_words
from misconduct.model.dates import NOW, read_duration
from misconduct.model.figure import Row
from misconduct.model.names import name_counted
from misconduct.model.number_words import read_number, with_hedge

UNKNOWN = (None, "unstated", "not_applicable")
QUARTER = re.compile(r"\bQ[1-4]\b|\bquarter\b", re.IGNORECASE)  # as periods are printed
MAX_QUOTED = 95  # characters of the source's words that a picture or a line of a page has room for
READ_IN_PART = "read_in_part"
"""The caveat of figures from a page of which only a part was read. It is routine: it says nothing of what is counted,
so a picture says it behind the source."""

NO_NUMBER = "no number"  # what sentences and pages say of a figure that has none
PHRASES = read_words(Path(__file__).with_name("phrases.csv"))
"""What codes, and the names of columns, are called inside a sentence."""


def write_number(row: Mapping[str, Any], absent: str = "") -> str:
    """Return a number as printed, or the value that this register counted; `absent` or why it is hidden if neither."""
    if row["printed"] or row["value"] is not None:
        return row["printed"] or f"{Decimal(str(row['value'])):,f}"
    return PHRASES["value_absent"].get(row["value_absent"], absent) if absent else ""


def as_printed(row: Mapping[str, Any], absent: str = "") -> str:
    """Return a number with its hedge: nearly 1,000."""
    return with_hedge(row["hedge"], write_number(row, absent))


def with_unit(number: str, row: Mapping[str, Any], catalogue: Catalogue) -> str:
    """Return a printed number with its unit, unless it has that: 42%; six per cent; half; 6.6 per hundred."""
    read = read_number(number)
    if read is None or read.unit != "count":
        return number
    if row["unit"] == "percent":
        return f"{number}%" if number[-1:].isdecimal() else f"{number} per cent"
    is_rate = str(row["unit"]).startswith("per_")
    return (
        f"{number} {lower(catalogue.label('unit', row['unit']))}" if is_rate else number
    )


def full_number(row: Row, catalogue: Catalogue) -> str:
    """Return a number with its hedge and its unit: nearly 50%."""
    return with_hedge(
        row["hedge"], with_unit(write_number(row, NO_NUMBER), row, catalogue)
    )


def say_number(row: Row, catalogue: Catalogue, *, is_signed: bool = False) -> str:
    """Return a number in our style, with its hedge: 1,492; 42%; about 1,000; or why there is none.

    A star marks one that its publisher revised. Of one change alone its name says the sign.
    """
    if row["value"] is None:
        has_words = row["value_absent"] in ("magnitude_only", "range_only")
        printed = with_hedge(row["hedge"], write_number(row)) if has_words else ""
        return capitalise(printed) or catalogue.label(
            "value_absent", row["value_absent"]
        )
    value, is_change = (
        row["value"] * (100 if row["unit"] == "proportion" else 1),
        row["statistic"] == "change",
    )
    number = (
        f"{value:+,f}".replace("-", "−")
        if is_change and is_signed
        else f"{abs(value) if is_change else value:,f}"
    )
    number += "%" if row["unit"] in ("percent", "proportion") else ""
    number = (
        row["printed"] if row["unit"] == "proportion" and row["printed"] else number
    )
    if row["qualifier"] not in ("exact", None):
        hedge = (
            "est." if row["qualifier"] == "estimated" else (row["hedge"] or "").lower()
        )
        number = with_hedge(
            hedge or catalogue.label("qualifier", row["qualifier"]).lower(), number
        )
    return f"{number}*" if row["mark"] == "revised" else number


def describe_figure(row: Row, catalogue: Catalogue, aside: str = "") -> str:
    """Return a title: 1,492: Officers accused of wrongdoing: sexual misconduct (Metropolitan Police, 2014 to 2024).

    `aside` comes after the number.
    """
    area = "" if row["area"] == "unstated" else catalogue.label("area", row["area"])
    dates = dates_for_later(row, catalogue) if row["period"] else ""
    around = ", ".join(
        filter(
            None, (area, dates, "provisional" if row["mark"] == "provisional" else "")
        )
    )
    return f"{full_number(row, catalogue)}{aside}: {name_counted(row, catalogue)}" + (
        f" ({around})" if around else ""
    )


def dates_for_later(row: Row, catalogue: Catalogue) -> str:
    """Return the period of a figure so that it is right whenever it is read: April 2023 for "currently".

    A repeated claim is as old as the document that first stated it.
    """
    first = catalogue.of_kind("source").get(row["origin"], {}) if row["repeats"] else {}
    published = first.get("published") or find_source(row, catalogue).get("published")
    if row["coverage"] == "part" and row["period"] == row["year"]:
        return f"part of {row['year']}"
    if row["dated_by"] != "publication" or not published:
        return period_in_sentence(row)
    date = date_in_words(published[: len("2023-04")])
    return date if row["period"] == NOW else f"to {date}"


def why_unpublished(record: Content) -> str:
    """Return why there is no figure: no document says it, or its publication was refused, until when."""
    why = PHRASES["unpublished"][record.get("kind", "unanswered")]
    until = date_in_words(record["until"]) if record.get("until") else ""
    return f"{why.removesuffix('.')} until {until}." if until else why


def find_source(row: Row, catalogue: Catalogue) -> Content:
    return catalogue.of_kind("source").get(row["source"], {})


def publisher(source: Content) -> str:
    """Return who published a document, or its title."""
    return source.get("publisher") or source.get("title") or "a document"


def published(source: Content) -> str:
    """Return when a document was published, in words: May 2024; or, if it has no date, by when: by March 2010."""
    known_by = (source.get("known_by") or "")[: len("2010-03")]
    return date_in_words(source.get("published") or "") or (
        f"by {date_in_words(known_by)}" if known_by else "undated"
    )


def how_read(row: Row, source: Content) -> str:
    """Return how a figure came from its document, before the name of that: Printed in."""
    if row["read_from"] == "page":
        return (
            f"Typed from the page (read in {source['read']})"
            if source["read"] == "part"
            else "Typed from the page"
        )
    return "Printed in" if row["printed"] else "Counted from"


def name_source(source: Content) -> str:
    """Return who published a document, and in which year: Sky News, 2024."""
    year = (source.get("published") or "")[: len("2024")] or published(source)
    return f"{publisher(source)}, {year}"


def say_late(source: Content, day: date) -> str | None:
    """Return that a later edition of a document was due before the month of a day; None if none was."""
    due = source.get("due") or ""
    is_late = "" < due < str(day)[: len("2021-10")]
    return (
        f"A later edition was due {when_in_words(due)}; it has not been read here."
        if is_late
        else None
    )


def say_caveat(identity: str, catalogue: Catalogue) -> str:
    """Return a note on a figure; of a reply, also who gave it and when: Metropolitan Police, 5 May 2026: …"""
    note = catalogue.of_kind("caveat").get(identity, {"text": ""})
    by = note.get("reply_by")
    said = (
        f"{catalogue.label('stated_by', by)}, {date_in_words(note['replied'])}: "
        if by
        else ""
    )
    return f"{said}{note['text']}"


def say_in_short(identity: str, catalogue: Catalogue) -> str:
    """Return what readers of a picture must know of a note; of a routine one nothing."""
    return catalogue.of_kind("caveat").get(identity, {}).get("short") or ""


def voice(row: Row, catalogue: Catalogue) -> str:
    """Return who stated or counted a figure, and who published it if others: Commissioner, in Sky News."""
    stated_by = row["stated_by"]
    is_named = stated_by not in (*UNKNOWN, "oversight_body", "publisher")
    said = catalogue.label("stated_by", stated_by).partition(",")[0] if is_named else ""
    printed_in = publisher(find_source(row, catalogue))
    if not row["printed"]:
        return f"Counted by this register from {printed_in}"
    return printed_in if said in ("", printed_in) else f"{said}, in {printed_in}"


def publication(row: Row, catalogue: Catalogue) -> str:
    """Return who stated a figure, who published it, and when: Commissioner, in Sky News, May 2024."""
    return f"{voice(row, catalogue)}, {published(find_source(row, catalogue))}"


def date_in_words(day: str | date) -> str:
    """Return a date in words, as precise as it is: 2023, 5 April 2023. An open side (`..`) is empty."""
    year, *rest = str(day).strip(".").split("-")
    month = [month_name[int(rest[0])]] if rest else []
    number = [str(int(rest[1]))] if rest[1:] else []
    return " ".join([*number, *month, year])


def dates_in_words(period: str, between: str = " to ") -> str:
    """Return a period in words: 2022, April 2004 to March 2019, since November 2022."""
    start, slash, end = period.partition("/")
    first, last = date_in_words(start), date_in_words(end)
    if not slash:
        return first
    if first and last:
        return f"{first}{between}{last}"
    return f"since {first}" if first else f"until {last}"


def when_in_words(period: str) -> str:
    """Return when something was, for a sentence: on 5 April 2023, in 2022, between 2014 and 2024, since 2019."""
    if "/" in period:
        dates = dates_in_words(period, " and ")
        return dates if ".." in period else f"between {dates}"
    return (
        f"{'on' if len(period) == len('2023-04-05') else 'in'} {date_in_words(period)}"
    )


def period_in_sentence(row: Row) -> str:
    """Return the period of a figure: its dates (2014 to 2024), or the source's words for it."""
    if not row["period"]:
        return "not stated"
    dates = dates_in_words(row["period"])
    return dates if row["dated_by"] == "source" else row["period_printed"] or dates


def period_label(row: Row) -> str:
    """Return when: 2022, 2014–2024, since November 2022, “the last 10 years”; nothing for now or if it is not said."""
    period = row["period"] or ""
    if row["year"]:
        return part_of_year(row) if row["coverage"] == "part" else str(row["year"])
    if period in ("", NOW):
        return ""
    return (
        f"“{row['period_printed']}”"
        if read_duration(period)
        else dates_in_words(period, "–")
    )


def part_of_year(row: Row) -> str:
    """Return which part of a year: January–March 2021; if its source came before the year ended, 2024 (part)."""
    if "/" not in row["period"]:
        return f"{row['period']} (part)"
    return months_of_part(row["period"], row["period_printed"] or "")


def months_of_part(period: str, printed: str, between: str = "–") -> str:
    """Return the months of a part of a year: January–March 2021.

    A quarter that can be either of two has no months. `printed` are the source's words.
    """
    first, _, last = period.partition("/")
    if QUARTER.search(printed) and int(last[5:7]) - int(first[5:7]) > 2:
        return f"a quarter of {first[:4]}"
    start = date_in_words(first).removesuffix(f" {first[:4]}")
    return f"{start}{between}{date_in_words(last)}"


def moment_in_words(first: date, last: date) -> str:
    """Return the day, the month or the year that two days are the ends of."""
    if first == last:
        return date_in_words(first)
    is_month = (first.year, first.month) == (last.year, last.month)
    return date_in_words(str(first)[: len("2023-04") if is_month else len("2023")])


def window_in_words(period: str, first: date, last: date) -> str:
    """Return the start and the end of a window, also of one that its source calls “since 2012” or “ten years”."""
    start, _, end = period.partition("/")
    if end.strip("."):
        unknown = "" if start.strip(".") else " (start not given)"
        return f"{dates_in_words(period)}{unknown}"
    known = str(first)[: len("2023-04")] if start.startswith("P") else start
    return f"{date_in_words(known)} to {date_in_words(str(last)[: len('2023-04')])}"


def name_dimension(name: str) -> str:
    """Return what a column is called in a sentence: counting unit."""
    return PHRASES["dimension"].get(name, name.replace("_", " "))


def quote(text: str, most: int = MAX_QUOTED) -> str:
    """Return the source's words in quotation marks, shortened if they are longer than `most`.

    Words from several places are quotations of their own: `counted` has them in another order than the source.
    """
    if len(text) > most:
        text = f"{text[:most].rpartition(' ')[0].removesuffix(' …')} …"
    return f"“{text.replace('“', '‘').replace('”', '’').replace(' … ', '” … “')}”"


def lower(label: str) -> str:
    """Return a label inside a sentence. One with another capital is a name: Police National Computer."""
    return label if label[1:] != label[1:].lower() else label[:1].lower() + label[1:]


def capitalise(text: str) -> str:
    return text[:1].upper() + text[1:]


def join(parts: Iterable[str]) -> str:
    """Join parts by commas, and the last one by `and`."""
    *first, last = parts
    return f"{', '.join(first)} and {last}" if first else last
