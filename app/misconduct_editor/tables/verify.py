"""Import the published tables of a register again, and compare every cell with the figures."""

from collections.abc import Iterator
from itertools import chain
from pathlib import Path

from misconduct_editor.register.check import Register
from misconduct_editor.register.layout import LayoutFile, read_layouts
from misconduct_editor.register.reading import Reader, Table
from misconduct_editor.tables.add import compare_with_register
from misconduct_editor.tables.editions import name_place, show_number
from misconduct_editor.tables.importing import import_table
from misconduct_editor.tables.vocabulary import Vocabulary


def verify_tables(root: Path, register: Register, by_digest: dict[str, Path]) -> Iterator[str]:
    """Yield a line for each difference between the figures and their documents."""
    vocabulary = Vocabulary(register.located)
    tables = {table.name: table for table in register.tables if table.file.startswith("observations/")}
    for file in read_layouts(Reader(root)):
        if document := by_digest.get(file.layout.source.sha256):
            yield from _verify_table(root, file, document, vocabulary, tables.get(file.slug))


def _verify_table(
    root: Path, file: LayoutFile, document: Path, vocabulary: Vocabulary, table: Table | None
) -> Iterator[str]:
    imported = import_table(file, document, vocabulary)
    yield from (line if line.startswith("tables/") else f"{file.places.file}:1:1: {line}" for line in imported.mistakes)
    if table is None:
        yield f"{file.places.file}:1:1: this table does not have figures yet; run misconduct add {document.name}"
    if imported.mistakes or table is None:
        return
    places = {identity: number for number, identity in enumerate(table.columns["id"])}
    for row, given in chain.from_iterable(compare_with_register(root, file, imported).values()):
        if not row:
            yield f"{document.name}#{name_place(given)}: {show_number(given)!r} is not in {table.file}"
        elif not given:
            yield str(table.mistake(places[row["id"]], "id", f"the table does not have the figure {row['id']}"))
        for name in (name for name in row if given and row[name] != given[name]):
            message = f"the table has {given[name]!r} for {name}, not {row[name]!r}"
            yield str(table.mistake(places[row["id"]], name, message))
