"""Read the chain of releases: their own records, the lines of their manifests, and the digests that link them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Iterator
from datetime import date
from functools import partial
from operator import ge
from typing import NamedTuple

from misconduct.model.kinds import KINDS
from misconduct.model.records import ManifestLine, Release, chain_digest
from misconduct.register.csv_files import Cells, Rows, Table, parse_version
from misconduct.register.files import Layout, RegisterFile
from misconduct.register.ledger import Chain, Ledger, find_circles
from misconduct.register.mistakes import Mistakes, Place, Refused
from misconduct.register.records import WrittenRecord

COLUMNS = ("kind", "id", "version", "action", "sha256", "reason", "replaced_by")
RECORDED = (*KINDS, "observation")
"""Every kind of record that a manifest may name."""

_FIRST_VERSION = {"kind": "observation", "version": "1", "action": "added", "reason": "", "replaced_by": ""}
"""What most lines say."""

_AFTER_A_STOP = (
    "its manifest; after a release that was stopped, misconduct release --again, "
    "with the --number, --summary, --released, --end, --remove and --reason that it was given, and the removals that "
    "it named; where two lack theirs, misconduct release --undo first"
)
_AFTER_A_MERGE = "the manifests as they were; after a merge of two releases, misconduct release --again"
ACTIONS = ("added", "ended", "removed")
_BLOCK = 1 << 20


class Replacement(NamedTuple):
    """A record that was ended, and the one that replaces it."""

    line: ManifestLine
    place: Place


class Manifests:
    """Everything the manifests say, read in the order of the releases."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.chain = Chain()
        self.ledgers = {kind: Ledger(kind, self.chain) for kind in RECORDED}
        self.notable: list[ManifestLine] = []
        self._replacements: dict[tuple[str, str], Replacement] = {}
        self._mistakes = mistakes

    def read(self, number: str, file: RegisterFile) -> None:
        """Read the manifest of the next release."""
        self.chain.append(number, file.name)
        table = Table(file, COLUMNS, COLUMNS[:5], self._mistakes)
        before = ("", "", 0)
        for rows in table.batches():
            if self._add_all(rows, before):
                before = ("observation", rows.columns["id"][-1], 1)
                continue
            for row in rows:
                try:
                    line = self._parse(row.cells)
                    before = _in_order(line, before)
                    self.apply(line, row.line, table.place(row, "replaced_by") if line.replaced_by else None)
                except Refused as refused:
                    table.refuse(row, refused.column, refused)
                    self._mistakes.manifests_incomplete = True
        self._mistakes.manifests_incomplete |= file.name in self._mistakes.unreadable_files

    def _add_all(self, rows: Rows, before: tuple[str, str, int]) -> bool:
        """Add many lines at once if each adds the first version of a figure, and nothing is wrong with any of them."""
        ids, columns = rows.columns["id"], rows.columns
        if any(set(columns[name]) != {cell} for name, cell in _FIRST_VERSION.items()):
            return False
        if before >= ("observation", ids[0], 1) or any(map(ge, ids, ids[1:])):
            return False
        keys = [f"{identity}@1" for identity in ids]
        return self.ledgers["observation"].add_all(keys, len(self.chain.numbers), columns["sha256"], rows.lines)

    def add_draft_release(self, lines: Iterable[ManifestLine]) -> None:
        """Apply lines that are in no file as the next release. Those that do not fit are reported with their record."""
        self.chain.append("the next release", "the next release")
        self.chain.has_draft = True
        for line in lines:
            try:
                self.apply(line, 0, None)
            except Refused as refused:
                self.ledgers[line.kind].exclude_draft(f"{line.id}@{line.version}", refused)

    def apply(self, line: ManifestLine, at: int, replaced_by: Place | None) -> None:
        """Apply one line to the ledger of its kind. Raises Refused if it contradicts an earlier line."""
        ledger, key = self.ledgers[line.kind], f"{line.id}@{line.version}"
        if line.action == "added":
            ledger.add(key, line.release, line.sha256, at)
        elif line.action == "ended":
            ledger.end(key, line.release, line.sha256)
        else:
            ledger.remove(key, line.release, line.sha256)
        if line.is_notable:
            self.notable.append(line)
        if replaced_by:
            self._replacements[line.kind, line.id] = Replacement(line, replaced_by)

    def _parse(self, cells: Cells) -> ManifestLine:
        kind, identity, version, action, sha256, reason, replaced_by = cells
        if kind not in self.ledgers:
            raise Refused(
                "unknown_kind", f"there is no kind {kind!r}", ", ".join(RECORDED), near=(kind, RECORDED), column="kind"
            )
        if action not in ACTIONS:
            raise Refused(
                "unknown_action",
                f"there is no action {action!r}",
                ", ".join(ACTIONS),
                near=(action, ACTIONS),
                column="action",
            )
        if action != "added" and not reason:
            raise Refused("no_reason", f"{action} without a reason", "a sentence that says why", column="reason")
        if action == "added" and replaced_by:
            raise Refused("replaced_by", "only what is ended or removed has a replacement", column="replaced_by")
        release = len(self.chain.numbers)
        return ManifestLine(
            release, kind, identity, parse_version(version), action, sha256, reason or None, replaced_by or None
        )

    def find_cycles(self, more: Iterable[tuple[str, str, str | None]] = ()) -> set[tuple[str, str]]:
        """Return the kinds and ids of records whose replacements lead back to them: those in the manifests, and `more`,
        each a kind, an id and the id of what replaces it.
        """
        following = {of: line.replaced_by for of, (line, _) in self._replacements.items()}
        following |= {(kind, identity): by for kind, identity, by in more if by}
        circle = find_circles({f"{kind}/{identity}": [f"{kind}/{by}"] for (kind, identity), by in following.items()})
        both = ((of, f"{of[0]}/{of[1]}", f"{of[0]}/{by}") for of, by in following.items())
        return {of for of, here, there in both if circle[here] == circle[there]}

    def check_replacements(self) -> None:
        """Report replacements that were never released, and those that form a cycle."""
        back = self.find_cycles()
        for (kind, _), (line, place) in self._replacements.items():
            if f"{line.replaced_by}@1" not in self.ledgers[kind]:
                found = f"no release added {kind} {line.replaced_by!r}"
                self._mistakes.report_at(place, Refused("unknown_record", found, "the id of a released record"))
            elif (kind, line.id) in back:
                found = f"following the replacements of {line.id} leads back to it"
                self._mistakes.report_at(place, Refused("replacement_cycle", found))


def _in_order(line: ManifestLine, before: tuple[str, str, int]) -> tuple[str, str, int]:
    """Return the line's sort key. Raises Refused if it does not follow the line before it."""
    here = order(line)
    if here <= before:
        raise Refused(
            "disorder",
            f"{line.kind} {line.id} comes after {' '.join(before[:2])}",
            "the release's own record first, then by kind, id and version",
            column="kind",
        )
    return here


def order(line: ManifestLine) -> tuple[str, str, int]:
    """Return the sort key of a manifest line: the release's own record comes first."""
    return "" if line.kind == "release" else line.kind, line.id, line.version


def format_manifest(lines: Iterable[ManifestLine]) -> bytes:
    """Return the bytes of a manifest with these lines."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(line[1:] for line in sorted(lines, key=order))
    return text.getvalue().encode()


def file_digest(previous: str, file: RegisterFile) -> str:
    """Return a release's digest, over the digest before it and a manifest of any length."""
    with file.path.open("rb") as stream:
        return chain_digest(previous, iter(partial(stream.read, _BLOCK), b""))


def read_releases(
    layout: Layout, entries: list[WrittenRecord], manifests: Manifests, mistakes: Mistakes
) -> list[Release]:
    """Read all manifests, in the order of their numbers, and return their releases.

    A manifest whose release has no readable record is read all the same: what it sealed stays sealed.
    """
    records = {entry.id: entry for entry in entries if entry.kind == "release"}
    files = {file.stem: file for file in layout["releases"] if file.path.suffix == ".csv"}
    _check_pairs(layout, mistakes)
    releases: list[Release] = []
    for number in sorted(files, key=as_numbers):
        manifests.read(number, files[number])
        record, before = records.get(number), releases[-1] if releases else None
        content = record.content if record else {}
        if record is not None:
            for path, refused in _faults(record, before):
                mistakes.report_at(record.locate((path,)), refused)
        previous = content.get("previous") or (
            before.digest if before else ""
        )  # so that a broken link is reported once
        digest = file_digest(previous, files[number])
        released = date.fromisoformat(content.get("released", "0001-01-01"))
        releases.append(Release(len(releases) + 1, number, released, content.get("summary", ""), digest))
    manifests.check_replacements()
    return releases


def as_numbers(number: str) -> tuple[int, ...]:
    """Parse a release number, so that 1.10.0 sorts after 1.9.0; empty, and sorted first, if it is not one."""
    parts = number.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()


def _check_pairs(layout: Layout, mistakes: Mistakes) -> None:
    names = {file.path.name for file in layout["releases"]}
    for file in layout["releases"]:
        is_manifest = file.path.suffix == ".csv"
        other = f"{file.stem}{'.yaml' if is_manifest else '.csv'}"
        if other not in names:
            found, allowed = f"{other} is missing beside this file", "" if is_manifest else _AFTER_A_STOP
            mistakes.report_at(Place(file.name), Refused("half_a_release", found, allowed))


def _faults(record: WrittenRecord, before: Release | None) -> Iterator[tuple[str, Refused]]:
    if not record.content:
        return
    expected = before.digest if before else None
    if record.content["previous"] != expected:
        found = "the chain is broken: a manifest before this one was edited, added or taken away"
        yield "previous", Refused("broken_chain", found, _AFTER_A_MERGE)
    if before and record.content["released"] < before.released.isoformat():
        found = f"released {record.content['released']}, before {before.number} ({before.released})"
        yield "released", Refused("backwards", found, "a day not before that of the release before")
