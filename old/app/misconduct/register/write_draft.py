"""Draft the files of a new source from its document: everything that the program can know, and nothing decided."""

from __future__ import annotations

import codecs
import csv
import hashlib
import io
import json
import os
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

from misconduct.errors import MisconductError
from misconduct.model.kinds import FORMS, SLUG, Source
from misconduct.model.locator import Span
from misconduct.model.number_words import find_numbers, read_number
from misconduct.register.editors import SeenFiles
from misconduct.register.excluded_numbers import COLUMNS as EXCLUDED
from misconduct.register.files import scan_folder
from misconduct.register.grid import MEDIA_TYPES as TABLES
from misconduct.register.grid import XLSX
from misconduct.register.mistakes import Mistakes, Refused
from misconduct.register.observation_columns import COLUMNS, make_ids
from misconduct.register.records import check_word
from misconduct.register.verify import MOST_BYTES

MEDIA_TYPES = {
    ".csv": "text/csv",
    ".htm": "text/html",
    ".html": "text/html",
    ".md": "text/markdown",
    ".tsv": "text/tab-separated-values",
    ".txt": "text/plain",
    ".xlsx": XLSX,
}
"""By the end of a file's name. Any other is left to the editor."""

_TO_FILL_IN = "# Fill in every null key. Of what is not known, notes say why."


class NotDrafted(MisconductError):
    """A source whose files cannot be drafted. Nothing was written."""


class DraftReport(NamedTuple):
    """The files that were written, and how many numbers are to be decided."""

    files: list[Path]
    numbers: int
    is_table: bool


def write_draft(root: Path, document: Path, slug: str) -> DraftReport:
    """Write the source's file, and a row for each number of its text: all files, or none. No file is ever replaced.

    Raises NotDrafted, or RegisterInUse if somebody makes one of the files meanwhile.
    """
    seen = SeenFiles(root)
    if not any((root / needed).exists() for needed in ("codelists", "datasets.yaml")):
        raise NotDrafted(
            f"{root} is no register: it has neither codelists nor datasets.yaml.", hint="--register FOLDER"
        )
    if not document.is_file():
        raise NotDrafted(f"{document} is not a file.")
    if (size := document.stat().st_size) > MOST_BYTES:
        raise NotDrafted(f"{document} has {size:,} bytes; a document has at most {MOST_BYTES:,}.")
    media_type, content = MEDIA_TYPES.get(document.suffix.lower()), document.read_bytes()
    is_table = media_type in TABLES
    try:
        text = content.decode(_encoding_of(content, media_type))
    except UnicodeDecodeError as error:
        hint = "Save its text as UTF-8; places count in that file."
        raise NotDrafted(f"{document} is not text in UTF-8 at byte {error.start + 1}.", hint=hint) from error
    sha256 = hashlib.sha256(content).hexdigest()
    _require_new(root, slug, sha256)
    places = [*find_figures(text)] if not is_table else []
    ids = make_ids(root, len(places)) if places else []
    rows = (
        {"id": one, "version": "1", "printed": text[slice(*span)], "at": str(span)}
        for one, span in zip(ids, places, strict=True)
    )
    source = {
        **dict.fromkeys(Source.model_fields),
        "id": slug,
        "version": 1,
        "media_type": media_type,
        "held": True,
        "length": len(text),
        "sha256": sha256,
    }
    texts = {"sources": _format_source(source)}
    if not is_table:
        texts |= {"observations": _as_csv(COLUMNS, rows), "not-statistics": _as_csv(EXCLUDED, ())}
    written = _files(root, slug, texts)
    last = sorted(written, key=lambda path: path.parent.name == "sources")  # without it they are no draft
    seen.put({path.relative_to(root).as_posix(): texts[path.parent.name] for path in last})
    return DraftReport(written, len(places), is_table)


def _encoding_of(content: bytes, media_type: str | None) -> str:
    """Return an encoding in which a document is as long as it says: an XLSX file has as many characters as bytes.

    That of a table is in its `dialect`, which nobody has written yet; most that are not UTF-8 have a byte for each.
    """
    if media_type in TABLES and content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    if media_type == XLSX:
        return "latin-1"
    try:
        content.decode()
    except UnicodeDecodeError:
        return "latin-1" if media_type in TABLES else "utf-8"
    return "utf-8"


def find_figures(text: str) -> Iterator[Span]:
    """Yield the places of the numbers in a text; words that are one number together (`two hundred`) have one place."""
    before: Span | None = None
    for span, _ in find_numbers(text):
        if before and text[before.end : span.start] in (" ", "-") and read_number(text[before.start : span.end]):
            before = Span(before.start, span.end)
            continue
        if before:
            yield before
        before = span
    if before:
        yield before


def _require_new(root: Path, slug: str, sha256: str) -> None:
    """Raise NotDrafted if the register has the source, one of its files, or the document."""
    try:
        check_word(slug)
    except Refused as refused:
        raise NotDrafted(f"{refused.found}.", hint=f"Allowed is {refused.allowed}.") from refused
    if not re.fullmatch(SLUG, slug):
        raise NotDrafted(f"{slug!r} is not a slug: {FORMS[SLUG]}.")
    for path in _files(root, slug, ("sources", "observations", "not-statistics")):
        if path.parent.is_symlink():
            raise NotDrafted(f"{path.parent} is a link, which a register may not have.", hint="Put a folder there.")
        if os.path.lexists(path):
            raise NotDrafted(f"{path} exists, and nothing is replaced.", hint="Choose another slug, or move it away.")
    for file in scan_folder(root, Mistakes())["sources"]:  # in their bytes: one with a slip may have no records
        if sha256.encode() in file.path.read_bytes():
            raise NotDrafted(f"This document is the source {file.stem} already.")


def _files(root: Path, slug: str, folders: Iterable[str]) -> list[Path]:
    return [root / folder / f"{slug}{'.yaml' if folder == 'sources' else '.csv'}" for folder in folders]


def _format_source(source: dict[str, object]) -> str:
    """Write a source, above each key that is to be filled in what it means. Until it is, the key is a mistake.

    Behind the key, a comment would cut off a text that is filled in.
    """
    lines = [_TO_FILL_IN]
    for key, value in source.items():
        description = Source.model_fields[key].description
        if key == "notes":
            lines += [f"# {description}", f"{key}: {{}}"]
        elif value is not None:
            lines.append(f"{key}: {json.dumps(value)}")
        elif key != "work":
            lines += [f"# {description}", f"{key}: null"]
    return "\n".join([*lines, ""])


def _as_csv(columns: tuple[str, ...], rows: Iterable[Mapping[str, str]]) -> str:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
