"""Read transcripts: numbers that an editor typed from pages, one a row. A page in one edition is a source.

A row has what the page prints, from `address` to `period_printed`, and then either the codes of a figure or the reason
why it is none. `at: row=3` is the third row of its page in the file, so rows are appended and never renumbered. To take
a row out, empty its cells after `read`: it keeps its number. `statement` and `watch` are said once of a page, in any of
its rows.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from misconduct.model.kinds import Source
from misconduct.model.wording import READ_IN_PART

from .reading import Cells, Mistake, Reader, Table, encode_rows
from .rules import EXCLUDED_COLUMNS, FIGURE_COLUMNS, PLACES, WORDS_AT
from .yaml_files import KeyPath, LocatedRecord, Places, find_faults

FOLDER = "transcripts/"
OF_PAGE = (
    "address",
    "publisher",
    "title",
    "published",
    "read",
)  # the same in all rows of a page
OF_NUMBER = ("counted", "printed", "hedge", "period_printed")
PAGE_COLUMNS = (*OF_PAGE, *OF_NUMBER)
CODES = tuple(name for name in FIGURE_COLUMNS if name not in (*PAGE_COLUMNS, *PLACES))
SAID_ONCE = ("statement", "watch")
COLUMNS = ("page", *PAGE_COLUMNS, *CODES, "reason", "note", *SAID_ONCE)
NEEDED = ("page", *PAGE_COLUMNS, "id", "reason", "note")

NOTES = {
    "licence": "Only numbers were typed from the page.",
    "published": "What was read of the page shows no day.",
}


class Page(NamedTuple):
    """A page as a source, if it can be read, its rows, and what is wrong between these."""

    source: LocatedRecord | None
    figures: Table
    excluded: Table
    mistakes: list[Mistake]


def read_pages(reader: Reader) -> Iterator[Page]:
    """Yield the pages of all transcripts. The reader collects mistakes."""
    first: dict[tuple[str, str], Mistake] = {}
    for table in reader.read_tables(FOLDER, COLUMNS, NEEDED):
        for page, numbers in group_by_page(table).items():
            rows = {number: table.row(number) for number in numbers}
            here, cells = table.mistake(numbers[0], "page", ""), rows[numbers[0]]
            if not any(map(any, map(dict.values, rows.values()))):
                reader.mistakes.append(
                    here._replace(message="this row is empty: take it out")
                )
                continue
            mistakes = [*_find_contradictions(table, rows)]
            edition = f"{cells['address']} of {cells['published']}"
            mistakes += _find_page_twice(first, here, page=page, address=edition)
            source = _make_source(reader, table, here.line, [*rows.values()])
            figures, excluded = _list_numbers(table, page, rows)
            yield Page(source, figures, excluded, mistakes)


def _find_page_twice(
    first: dict[tuple[str, str], Mistake], here: Mistake, **named: str
) -> Iterator[Mistake]:
    """Yield that a page, or an address, is already in another place."""
    for kind, key in named.items():
        earlier = first.setdefault((kind, key), here)
        if earlier is not here:
            message = f"the {kind} {key} is already in {earlier.file}:{earlier.line}"
            remedy = "type all of its numbers there"
            yield here._replace(message=f"{message}: {remedy}")


def group_by_page(table: Table) -> dict[str, list[int]]:
    """Return the rows of each page, which count from 0."""
    found = defaultdict[str, list[int]](list)
    for row, page in enumerate(table.columns["page"]):
        found[page].append(row)
    return found


def is_figure(row: Cells) -> bool:
    """Tell whether a row has a figure: no reason why it is none, and not nothing."""
    return not row["reason"] and any(row[name] for name in (*OF_NUMBER, *CODES))


def _find_said(rows: Iterable[Cells], name: str) -> str | None:
    """Return what is said once of a page. One of its rows says so, or several do."""
    return next((row[name] for row in rows if row[name]), None)


def _find_contradictions(table: Table, rows: dict[int, Cells]) -> Iterator[Mistake]:
    top, first = next(iter(rows.items()))
    yield from _find_other_pages(table, rows)
    yield from _find_said_twice(table, rows)
    today = datetime.now(UTC).date().isoformat()
    if first["published"] > today[: len(first["published"])]:
        yield table.mistake(top, "published", f"{first['published']} is still to come")
    lines: dict[tuple[str, ...], int] = {}
    for row, cells in rows.items():
        given = [name for name in CODES if cells[name]]
        if cells["reason"] and given:
            message = f"a row has either a reason why it is not a figure, or codes of one, such as {', '.join(given)}"
            yield table.mistake(row, "reason", f"{message}; empty one or the other")
        line = lines.setdefault(tuple((cells | {"id": ""}).values()), table.lines[row])
        if line != table.lines[row] and is_figure(cells):
            message = f"this row says the same as line {line}: take one of them out"
            yield table.mistake(row, "counted", message)


def _find_other_pages(table: Table, rows: dict[int, Cells]) -> Iterator[Mistake]:
    """Yield the first row of a page that says something else of the page."""
    top, first = next(iter(rows.items()))
    for name in OF_PAGE:
        others = (row for row, cells in rows.items() if cells[name] != first[name])
        for row in [*others][:1]:
            said = f"the page {first['page']} has the {name} {first[name]!r} in line {table.lines[top]}"
            remedy = "a page has one; another edition is another page"
            yield table.mistake(row, name, f"{said}: {remedy}")


def _find_said_twice(table: Table, rows: dict[int, Cells]) -> Iterator[Mistake]:
    for name in SAID_ONCE:
        stated = {cells[name]: row for row, cells in rows.items()}
        first = _find_said(rows.values(), name)
        if others := [*stated.keys() - {"", first}]:
            row = stated[others[0]]
            page = rows[row]["page"]
            message = f"the page {page} is already a {first}: it is one thing"
            yield table.mistake(row, name, message)


def _make_source(
    reader: Reader, table: Table, line: int, rows: list[Cells]
) -> LocatedRecord | None:
    """Return the page as a source. Its SHA-256 is that of its rows, as CSV without a header."""
    named = {"page": "id", "address": "url"} | {name: name for name in OF_PAGE[1:]}
    places = _find_places(table, line, named | {name: name for name in SAID_ONCE})
    typed = encode_rows(PAGE_COLUMNS, rows).partition(b"\n")[2]
    content = {to: rows[0][name] for name, to in named.items()} | {
        "published": rows[0]["published"] or None,
    }
    content |= {name: _find_said(rows, name) for name in SAID_ONCE}
    content |= {"licence": None, "sha256": sha256(typed).hexdigest()}
    try:
        source = Source.model_validate(content | {"held": False, "notes": NOTES})
        return LocatedRecord("source", source.id, source, places)
    except ValidationError as error:
        reader.mistakes.extend(
            find_faults(error, places, "source", Source.model_fields)
        )
    return None


def _find_places(table: Table, line: int, named: Mapping[str, str]) -> Places:
    """Return where the fields of a page stand: in the columns of its first row."""
    at: dict[KeyPath, tuple[int, int]] = {(): (line, 1)}
    for name, field in named.items():
        if name in table.header:
            at[field,] = (line, table.header.index(name) + 1)
    return Places(table.file, at)


def _list_numbers(table: Table, page: str, rows: dict[int, Cells]) -> Iterator[Table]:
    figures, excluded = list[tuple[int, Cells]](), list[tuple[int, Cells]]()
    for number, (row, cells) in enumerate(rows.items(), 1):
        places = {
            place: f"row={number}" for place, words in WORDS_AT.items() if cells[words]
        }
        if cells["reason"]:
            excluded.append((table.lines[row], cells | {"at": f"row={number}"}))
        elif is_figure(cells):
            part = READ_IN_PART if cells["read"] == "part" else ""
            figures.append(
                (
                    table.lines[row],
                    cells | places | {"caveats": f"{cells['caveats']} {part}".strip()},
                )
            )
    for columns, found in ((FIGURE_COLUMNS, figures), (EXCLUDED_COLUMNS, excluded)):
        by_column = {
            name: [cells.get(name, "") for _, cells in found] for name in columns
        }
        yield Table(
            table.file, table.header, [line for line, _ in found], by_column, page
        )
