"""Collect the mistakes in a table and its file: one line for each cause, with its first place."""

from collections import defaultdict
from dataclasses import dataclass, field

from misconduct_editor.register.cells import name_cell, name_column
from misconduct_editor.register.layout import LayoutFile
from misconduct_editor.register.yaml_files import KeyPath
from misconduct_editor.tables.grid import Grid


@dataclass
class Mistakes:
    """Messages with their places. Those that only differ in the text of a cell are one."""

    file: LayoutFile
    document: str
    by_cause: dict[str, dict[tuple[int, int] | str, str]] = field(default_factory=lambda: defaultdict(dict))

    def at_key(self, path: KeyPath, message: str) -> None:
        """Report a mistake at a key of the file."""
        here = self.file.places.mistake(path, "")
        self.by_cause[message].setdefault(f"{here.file}:{here.line}:{here.column}", message)

    def at_cell(self, grid: Grid, row: int, column: int, message: str, text: str = "") -> None:
        """Report a mistake at a cell, with the text that the message quotes. A count has no cells."""
        if grid.is_counted:
            self.at_key(("count",), message)
        else:
            self.by_cause[message.replace(repr(text), "") if text else message].setdefault((row, column), message)

    @property
    def lines(self) -> list[str]:
        """Return a line for each cause, with its first place and the number of other places."""
        return [self._describe(found) for found in self.by_cause.values()]

    def _describe(self, found: dict[tuple[int, int] | str, str]) -> str:
        (first, message), *others = found.items()
        names = [place if isinstance(place, str) else name_cell(*place) for place in found]
        place = names[0] if isinstance(first, str) else f"{self.document}#{names[0]}"
        if not others:
            return f"{place}: {message}"
        cells = [place for place in found if not isinstance(place, str)]
        columns, rows = {column for _, column in cells}, {row for row, _ in cells}
        where = f" of column {name_column(min(columns))}" if len(columns) == 1 else ""
        where = f" of row {min(rows)}" if len(rows) == 1 else where
        noun = "cells" if cells else "places"
        return f"{place}: {message} (and {len(others):,} more {noun}{where}, such as {names[-1]})"
