"""Codes that the program knows and a register may take: police forces of England and Wales, countries, American states.

They are in no register until figures need them: whoever does drafts them, with the codes above them.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Container, Iterable, Mapping
from functools import cache
from itertools import chain
from pathlib import Path

from misconduct.errors import MisconductError
from misconduct.model.kinds import CODE, FORMS
from misconduct.model.text import UNFIT
from misconduct.register.editors import SeenFiles
from misconduct.register.files import CONTROL, find_files, name_character
from misconduct.register.mistakes import Mistakes, suggest
from misconduct.register.records import CODE_COLUMNS, read_code_cells

Cells = Mapping[str, str]

_BESIDE_MEANING = ("broader", "scheme", "notation", "same_as")
_KNOWN = Path(__file__).with_name("known_codes")


def require_list(name: str) -> None:
    """Raise MisconductError unless a code list may have that name, which is also that of its file."""
    if not re.fullmatch(CODE, name):
        raise MisconductError(f"{name!a} is not the name of a code list: {FORMS[CODE]}.")


@cache
def known_codes(list_name: str) -> Mapping[str, Cells]:
    """Return the rows of a list that the program knows, by code; each column is one of a code list."""
    file = _KNOWN / f"{list_name}.csv"
    if not file.exists():
        return {}
    with file.open(encoding="utf-8", newline="") as lines:
        return {row["code"]: row for row in csv.DictReader(lines)}


def draft_codes(list_name: str, code: str, present: Container[str]) -> list[Cells]:
    """Return the rows of a code and of those above it that are not present; none if the program does not know it."""
    known, rows = known_codes(list_name), list[Cells]()
    while code in known and code not in present:
        rows.insert(0, known[code])
        code = known[code]["broader"]
    return rows


def complete_code(list_name: str, code: str, present: Mapping[str, Cells]) -> list[Cells]:
    """Return what a register lacks of a code: its row, or the next version of one that says less, and those above it.

    `present` has the latest version of each code of the list: what that says stays, and only what it lacks is added.
    """
    known = known_codes(list_name)[code]
    if code not in present:
        return draft_codes(list_name, code, present)
    if all(present[code].get(name) for name in _BESIDE_MEANING if known[name]):
        return []
    said = {name: cell for name, cell in present[code].items() if cell}
    added = {name: known[name] for name in _BESIDE_MEANING}
    next_version = {**added, **said, "version": str(int(said["version"]) + 1)}
    return [*draft_codes(list_name, next_version["broader"], present), next_version]


def find_known(list_name: str, wanted: str) -> str:
    """Return the known code that is meant by a code or notation. Raises MisconductError."""
    known = known_codes(list_name)
    noted = {row["notation"]: code for code, row in known.items() if row["notation"]}
    if wanted not in known and wanted not in noted:
        near = suggest((wanted, (*known, *noted)))
        hint = f"Did you mean {near}?" if near else f"misconduct code {list_name} lists those it knows."
        raise MisconductError(f"The program knows no {list_name} {wanted!r}.", hint=hint)
    return wanted if wanted in known else noted[wanted]


def read_codes(root: Path, list_name: str) -> list[dict[str, str]]:
    """Return the non-empty cells of each row of a code list of a register. Raises RegisterRefused."""
    mistakes = Mistakes()
    files = (file for file in find_files(root, "codelists", mistakes) if file.stem == list_name)
    rows = [cells for file in files for cells, _ in read_code_cells(file, mistakes)]
    mistakes.raise_if_any()
    return rows


def add_codes(seen: SeenFiles, list_name: str, rows: Iterable[Cells]) -> Path:
    """Add rows to a code list of a register, with the columns that they need.

    Raises MisconductError for a cell with a character with which the list could not be read, and RegisterInUse if the
    list is no longer as it was seen.
    """
    rows = list(rows)
    for cell in chain.from_iterable(row.values() for row in rows):
        if unfit := CONTROL.search(cell) or UNFIT.search(cell):
            raise MisconductError(f"{cell[:80]!a} contains {name_character(unfit[0])}, which no code list may have.")
    codes = [*read_codes(seen.root, list_name), *rows]
    columns = [name for name in CODE_COLUMNS if name in CODE_COLUMNS[:6] or any(row.get(name) for row in codes)]
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, restval="", extrasaction="ignore", lineterminator="\n")
    writer.writeheader()
    writer.writerows(codes)
    name = f"codelists/{list_name}.csv"
    seen.put({name: text.getvalue()})
    return seen.root / name
