"""The chain of releases: each manifest's lines, and the digest that seals everything up to it."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable
from functools import partial
from typing import NamedTuple

from app.domain.kinds import KINDS
from app.domain.records import ManifestLine, chain_digest
from app.register.files import RegisterFile
from app.register.ledger import Chain, Ledger
from app.register.mistakes import Mistakes, Place, Refused, leads_to
from app.register.tables import Cells, Table

COLUMNS = ("kind", "id", "version", "action", "sha256", "reason", "replaced_by")
RECORDED = (*KINDS, "observation")
"""Every kind of record that a manifest may name."""

ACTIONS = ("added", "ended", "removed")
_BLOCK = 1 << 20


class Replacement(NamedTuple):
    """A record that was ended, and the one that stands in its stead."""

    line: ManifestLine
    place: Place


class Manifests:
    """What all manifests say, read in the order of the releases."""

    def __init__(self, mistakes: Mistakes) -> None:
        self.chain = Chain()
        self.ledgers = {kind: Ledger(kind, self.chain) for kind in RECORDED}
        self.notable: list[ManifestLine] = []
        self._replacements: dict[tuple[str, str], Replacement] = {}
        self._mistakes = mistakes

    def read(self, number: str, file: RegisterFile) -> None:
        """Reads the manifest of the next release."""
        self.chain.append(number, file.name)
        table = Table(file, COLUMNS, COLUMNS[:5], self._mistakes)
        before = ("", "", 0)
        for row in table.rows():
            try:
                line = self._parse(row.cells)
                before = _in_order(line, before)
                self.apply(line, row.line, table.place(row, "replaced_by") if line.replaced_by else None)
            except Refused as refused:
                table.refuse(row, refused.column, refused)
                self._mistakes.has_unread_lines = True
        self._mistakes.has_unread_lines |= file.name in self._mistakes.unread

    def foretell(self, lines: Iterable[ManifestLine]) -> None:
        """Takes lines of no file as the next release. One that does not fit is left out, and told of its record."""
        self.chain.append("the next release", "the next release")
        self.chain.has_draft = True
        for line in lines:
            try:
                self.apply(line, 0, None)
            except Refused as refused:
                self.ledgers[line.kind].leave_out(f"{line.id}@{line.version}", refused)

    def apply(self, line: ManifestLine, at: int, replaced_by: Place | None) -> None:
        """Enters one line into its kind's ledger. Raises Refused where it contradicts what was said before."""
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

    def check_replacements(self) -> None:
        """Reports replacements that are in no release, and those that lead back to where they came from."""
        following = {
            f"{kind}/{name}": [f"{kind}/{line.replaced_by}"] for (kind, name), (line, _) in self._replacements.items()
        }
        for (kind, _), (line, place) in self._replacements.items():
            if f"{line.replaced_by}@1" not in self.ledgers[kind]:
                found = f"no release added {kind} {line.replaced_by!r}"
                self._mistakes.report_at(place, Refused("unknown_record", found, "the id of a released record"))
            elif leads_to(f"{kind}/{line.replaced_by}", f"{kind}/{line.id}", following):
                found = f"following the replacements of {line.id} leads back to it"
                self._mistakes.report_at(place, Refused("replacement_cycle", found))


def parse_version(text: str) -> int:
    """A version's number. Raises Refused."""
    if not (text.isascii() and text.isdigit()) or text.startswith("0") or len(text) > 6:
        raise Refused("bad_version", f"{text!r} is no version", "1, 2, 3, …", column="version")
    return int(text)


def _in_order(line: ManifestLine, before: tuple[str, str, int]) -> tuple[str, str, int]:
    """The line's place in the order of a manifest, in which the release's own record stands first."""
    here = order(line)
    if here <= before:
        raise Refused(
            "disorder",
            f"{line.kind} {line.id} stands behind {' '.join(before[:2])}",
            "the release's own record first, then by kind, id and version",
            column="kind",
        )
    return here


def order(line: ManifestLine) -> tuple[str, str, int]:
    """By what the lines of a manifest are sorted."""
    return "" if line.kind == "release" else line.kind, line.id, line.version


def format_manifest(lines: Iterable[ManifestLine]) -> bytes:
    """The bytes of a manifest with these lines."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(line[1:] for line in sorted(lines, key=order))
    return text.getvalue().encode()


def file_digest(previous: str, file: RegisterFile) -> str:
    """A release's digest over the digest before it and a manifest of any length."""
    with file.path.open("rb") as stream:
        return chain_digest(previous, iter(partial(stream.read, _BLOCK), b""))
