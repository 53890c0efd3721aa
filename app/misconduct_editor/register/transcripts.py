"""Read transcripts: numbers that an editor typed from pages, one a row. A page in one edition is a source.

A row has what the page prints, from `address` to `period_printed`, and then either the codes of a figure or the reason
why it is none. `at: row=3` is the third row of its page in the file, so rows are appended and never renumbered. To take
a row out, empty its cells after `read`: it keeps its number.
"""

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime
from hashlib import sha256
from typing import NamedTuple

from pydantic import ValidationError

from misconduct.model.kinds import Source
from misconduct_editor.register.reading import Cells, Mistake, Reader, Table, encode_rows
from misconduct_editor.register.rules import EXCLUDED_COLUMNS, FIGURE_COLUMNS, PLACES, WORDS_AT
from misconduct_editor.register.yaml_files import LocatedRecord, Places, explain

FOLDER = "transcripts/"
OF_PAGE = ("address", "publisher", "title", "published", "read")  # the same in all rows of a page
OF_NUMBER = ("counted", "printed", "hedge", "period_printed")
PAGE_COLUMNS = (*OF_PAGE, *OF_NUMBER)
CODES = tuple(name for name in FIGURE_COLUMNS if name not in (*PAGE_COLUMNS, *PLACES))
COLUMNS = ("page", *PAGE_COLUMNS, *CODES, "reason", "note")
NEEDED = ("page", *PAGE_COLUMNS, "id", "reason", "note")

READ_IN_PART = "read_in_part"
"""The caveat of figures from a page of which only a part was read."""

NOTES = {"licence": "Only numbers were typed from the page.", "published": "What was read of the page shows no day."}


class Page(NamedTuple):
    """A page: its source, its figures, and its numbers that are none."""

    source: LocatedRecord
    figures: Table
    excluded: Table


def read_pages(reader: Reader) -> Iterator[Page]:
    """Yield the pages of all transcripts; the reader collects what is wrong with them as pages."""
    first: dict[tuple[str, str], Mistake] = {}
    for table in reader.read_tables(FOLDER, COLUMNS, NEEDED):
        for page, rows in group_by_page(table).items():
            if not any(table.columns[name][row] for name in COLUMNS for row in rows):
                reader.mistakes.append(table.mistake(rows[0], "page", "this row is empty: take it out"))
                continue
            here = table.mistake(rows[0], "page", "")
            cells = {name: table.columns[name][rows[0]] for name in OF_PAGE}
            reader.mistakes.extend(_find_contradictions(table, page, rows, cells))
            for kind, key in (("page", page), ("address", f"{cells['address']} of {cells['published']}")):
                earlier = first.setdefault((kind, key), here)
                if earlier is not here:
                    message = f"the {kind} {key} is already in {earlier.file}:{earlier.line}"
                    reader.mistakes.append(here._replace(message=f"{message}: type all of its numbers there"))
            if source := _make_source(reader, table, page, rows, cells):
                yield Page(source, _list_figures(table, page, rows), _list_excluded(table, page, rows))


def group_by_page(table: Table) -> dict[str, list[int]]:
    """Return the rows of each page of a transcript, which count from 0."""
    found = defaultdict[str, list[int]](list)
    for row, page in enumerate(table.columns["page"]):
        found[page].append(row)
    return found


def is_figure(row: Cells) -> bool:
    """Tell whether a row has a figure: no reason why it is none, and not nothing, as one that was taken out."""
    return not row["reason"] and any(row[name] for name in (*OF_NUMBER, *CODES))


def _find_contradictions(table: Table, page: str, rows: list[int], first: Cells) -> Iterator[Mistake]:
    for name in OF_PAGE:
        for row in (row for row in rows if table.columns[name][row] != first[name]):
            said = f"{first[name]!r} in line {table.lines[rows[0]]}"
            message = f"the page {page} has the {name} {said}: a page has one; another edition is another page"
            yield table.mistake(row, name, message)
            break
    today = datetime.now(UTC).date().isoformat()
    if first["published"] > today[: len(first["published"])]:
        yield table.mistake(rows[0], "published", f"{first['published']} is still to come")
    lines: dict[tuple[str, ...], int] = {}
    for row in rows:
        cells = {name: table.columns[name][row] for name in COLUMNS}
        if cells["reason"] and (given := [name for name in CODES if cells[name]]):
            message = f"a row has either a reason why it is not a figure, or codes of one, such as {', '.join(given)}"
            yield table.mistake(row, "reason", f"{message}; empty one or the other")
        line = lines.setdefault(tuple(cell for name, cell in cells.items() if name != "id"), table.lines[row])
        if line != table.lines[row] and is_figure(cells):
            yield table.mistake(row, "counted", f"this row says the same as line {line}: take one of them out")


def _make_source(reader: Reader, table: Table, page: str, rows: list[int], cells: Cells) -> LocatedRecord | None:
    line = table.lines[rows[0]]
    named = {"page": "id", "address": "url"} | {name: name for name in OF_PAGE[1:]}
    places = Places(table.file, {(): (line, 1)})
    places.by_path.update({(name,): (line, table.header.index(column) + 1) for column, name in named.items()})
    content = {named[column]: cell for column, cell in cells.items()} | {"published": cells["published"] or None}
    content |= {"id": page, "licence": None, "sha256": _find_digest(table, rows)}
    try:
        return LocatedRecord("source", page, Source.model_validate(content | {"held": False, "notes": NOTES}), places)
    except ValidationError as error:
        for one in error.errors(include_url=False):
            reader.mistakes.append(places.mistake(one["loc"], explain("source", Source.model_fields, one)))
    return None


def _find_digest(table: Table, rows: list[int]) -> str:
    """Return the SHA-256 of what was typed from a page: its rows, as CSV without a header."""
    cells = [{name: table.columns[name][row] for name in PAGE_COLUMNS} for row in rows]
    return sha256(encode_rows(PAGE_COLUMNS, cells).partition(b"\n")[2]).hexdigest()


def _list_figures(table: Table, page: str, rows: list[int]) -> Table:
    is_part = table.columns["read"][rows[0]] == "part"
    found = Table(table.file, table.header, [], {name: [] for name in FIGURE_COLUMNS}, page)
    for number, row in enumerate(rows, 1):
        cells = {name: table.columns[name][row] for name in COLUMNS}
        if not is_figure(cells):
            continue
        cells |= {place: f"row={number}" for place, words in WORDS_AT.items() if cells[words]}
        if is_part:
            cells["caveats"] = f"{cells['caveats']} {READ_IN_PART}".strip()
        _append(found, table.lines[row], cells)
    return found


def _list_excluded(table: Table, page: str, rows: list[int]) -> Table:
    found = Table(table.file, table.header, [], {name: [] for name in EXCLUDED_COLUMNS}, page)
    for number, row in enumerate(rows, 1):
        if table.columns["reason"][row]:
            cells = {name: table.columns[name][row] for name in ("printed", "reason", "note")}
            _append(found, table.lines[row], cells | {"at": f"row={number}"})
    return found


def _append(table: Table, line: int, cells: Cells) -> None:
    table.lines.append(line)
    for name, column in table.columns.items():
        column.append(cells.get(name, ""))
