"""Write into `quotes.yaml` which words stand around the figures in the documents of their sources.

Released records are not changed: where the words differ from those released, the next version has them.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

from misconduct.model.records import Record
from misconduct.register.editors import SeenFiles
from misconduct.register.grid import MEDIA_TYPES
from misconduct.register.mistakes import Mistakes, Refused
from misconduct.register.quotes import QuotedPlaces
from misconduct.register.reader import open_register
from misconduct.register.record_files import Content, Key, merge_records, read_blocks
from misconduct.register.verify import DocumentFolder, TextDocument, read_document

FILE = "quotes.yaml"


class QuoteReport(NamedTuple):
    """How many places have words around them now, in how many sources; and how many records changed."""

    places: int
    sources: int
    changed: int


def write_quotes(root: Path, documents: Path) -> QuoteReport:
    """Find the words around the figures of each source whose document is in the folder, and record them.

    Raises RegisterRefused, FileUnwritable, or RegisterInUse if somebody changes the register meanwhile; nothing is then
    written.
    """
    seen, folder, mistakes, places = SeenFiles(root), DocumentFolder(documents), Mistakes(), QuotedPlaces()
    opened = open_register(root, mistakes, drafts=True)
    register = opened.finish(places.watch)
    mistakes.raise_if_any()
    blocks = read_blocks(root / FILE)
    drafts = {(line.id, line.version) for line in register.drafts if line.kind == "quote"}
    newest = {record.id: record for record in sorted(register.records) if record.kind == "quote"}
    ledger = register.manifests.ledgers["quote"]
    quoted, changes = dict[str, list[dict[str, str]]](), dict[Key, Content | None]()
    for slug, source in sorted(register.sources.items()):
        if ledger.is_ended(slug):
            continue
        path = folder.find(source.content["sha256"]) if source.content["held"] else None
        is_text = path is not None and source.content["media_type"] not in MEDIA_TYPES
        try:
            document = read_document(path, source.content["media_type"]) if path and is_text else None
        except Refused as refused:
            mistakes.report_at(source.locate(("media_type",)), refused)
            continue
        if isinstance(document, TextDocument) and (found := places.quote(slug, document.text)):
            quoted[slug] = found
            changes |= _changes(slug, found, newest.get(slug), ledger.latest(slug), drafts)
    mistakes.raise_if_any()
    if changes:
        seen.require_unwritten()
        seen.put({FILE: merge_records(blocks, changes)})
    return QuoteReport(sum(map(len, quoted.values())), len(quoted), len(changes))


def _changes(
    slug: str, found: list[dict[str, str]], before: Record | None, latest: int, drafts: set[Key]
) -> dict[Key, Any]:
    if before and before.version == latest and before.content["places"] == found:
        return {}
    version = latest + ((slug, latest) not in drafts)  # also after one that the law removed, which is in no file
    return {(slug, version): {"id": slug, "version": version, "places": found}}
