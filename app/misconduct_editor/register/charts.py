"""Check the words of charts against their figures."""

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from misconduct.model.figure import Row
from misconduct.model.kinds import Chart, Code, Indicator, NumberInWords
from misconduct.model.number_words import find_numbers, read_number

from .reading import Mistake, Table
from .yaml_files import KeyPath, LocatedRecord, select

YEAR = r"(?:19|20)\d\d(?:[/–]\d\d(?:\d\d)?)?"
MONTHS = "|".join(f"{date(2000, month, 1):%B}" for month in range(1, 13))
TIME = re.compile(rf"\b\d{{1,2}} (?:{MONTHS})\b|(?<![\d,.])\b{YEAR}\b(?![,.]?\d|%)")
"""Years and days, which no figure needs to have: 2024, 2024/25, 2014–2024, 19 September."""


def check_charts(
    records: list[LocatedRecord], tables: list[Table]
) -> Iterator[Mistake]:
    """Yield the numbers of titles and annotations that are not drawn, what is marked and not drawn, and false leads."""
    rows = {row["id"]: row for table in tables for row in table.rows()}
    charts = select(records, Chart)
    for located in records:
        found = list[tuple[KeyPath, str]]()
        if isinstance(located.record, Chart):
            found += _check_chart(located.record, rows)
        if isinstance(located.record, Indicator):
            found += _check_lead(located.record, charts, rows)
        for path, message in found:
            yield located.places.mistake(path, message)


def _check_lead(
    indicator: Indicator, charts: Mapping[str, Chart], rows: Mapping[str, Row]
) -> Iterator[tuple[KeyPath, str]]:
    """Yield that a chart is to show an indicator first and draws none of its figures."""
    chart = charts.get(indicator.lead_chart or "")
    if not chart:  # that there is none, references say
        return
    drawn = {rows[figure]["indicator"] for figure in chart.ids if figure in rows}
    if indicator.id not in drawn:
        yield ("lead_chart",), f"{chart.id} draws no figure of {indicator.id}"


def _check_chart(
    chart: Chart, rows: Mapping[str, Row]
) -> Iterator[tuple[KeyPath, str]]:
    drawn = [*chart.ids, *filter(None, [chart.against])]
    marked = [*chart.highlight]
    texts: list[tuple[KeyPath, str]] = [(("title",), chart.title)]
    if chart.annotation:
        marked.append(chart.annotation.at)
        texts.append((("annotation", "text"), chart.annotation.text))
    for figure in marked:
        if figure not in chart.ids:
            yield ("ids",), f"{figure} is marked, and it is none of these"
    proven = _find_held(rows, drawn)
    for place, entry in enumerate(chart.numbers):
        proven |= _read(entry.number)
        if message := _judge(entry, rows, drawn):
            yield ("numbers", place), message
    for path, text in texts:
        for number in sorted(_read(text) - proven):
            message = f"none of the figures that are drawn is {float(number):,g}"
            yield path, f"{message}; draw it, or say in `numbers` what has it"


def _judge(
    entry: NumberInWords, rows: Mapping[str, Row], drawn: Collection[str]
) -> str:
    """Return what is wrong with the proof of a number; nothing if it is one."""
    if entry.id and not _read(entry.number) <= _find_held(rows, [entry.id]):
        return f"the figure {entry.id} is not {entry.number}"
    if entry.id not in drawn and not entry.why:
        return f"no figure that is drawn is to have {entry.number}: say why it stands there"
    return ""


def _read(text: str) -> set[Fraction]:
    """Return the numbers of a text, but for years and days."""
    words = [word for _, _, word in find_numbers(TIME.sub(" ", text))]
    readings = [read_number(word) for word in words]
    return {reading.value for reading in readings if reading}


def _find_held(rows: Mapping[str, Row], figures: Iterable[str]) -> set[Fraction]:
    """Return the numbers that figures have: as printed, as values, and rounded, as the size of a force is shown."""
    held = set[Fraction]()
    for row in (rows[figure] for figure in figures if figure in rows):
        held |= _read(row["printed"])
        if row["value"]:
            value = Fraction(row["value"])
            held |= {value, Fraction(round(value))}
    return held


def warn_of_charts(
    records: list[LocatedRecord], figures: list[Row], today: str
) -> Iterator[str]:
    """Yield charts that are due, and those whose title says a wider kind than they draw."""
    codes = select(records, Code)
    category = {row["id"]: row["category"] for row in figures}
    for chart in select(records, Chart).values():
        if chart.review_by and chart.review_by <= today:
            yield f"{chart.id}: a newer edition is due since {chart.review_by}"
        drawn = {f"category/{category[figure]}" for figure in chart.ids}
        title = chart.title
        for kind in drawn & codes.keys():
            title = _find_name(codes[kind]).sub("", title)
        for kind in sorted(_list_wider(drawn, codes)):
            if _find_name(codes[kind]).search(title):
                yield f"{chart.id}: its title says {codes[kind].label}, and what it draws is narrower"


def _list_wider(kinds: set[str], codes: Mapping[str, Code]) -> set[str]:
    """Return the kinds that are wider than some, and none of these."""
    wider = set[str]()
    for kind in kinds:
        code = codes.get(kind)
        while code and code.broader:
            wider.add(f"category/{code.broader}")
            code = codes.get(f"category/{code.broader}")
    return wider - kinds


def _find_name(code: Code) -> re.Pattern[str]:
    """Return a pattern of the names of a kind."""
    names = [code.label, *(word.replace("_", " ") for word in code.words)]
    return re.compile(rf"\b(?:{'|'.join(map(re.escape, names))})\b", re.IGNORECASE)
