"""Record in `link-checks.yaml` whether the sources' addresses still answer.

Released records are not changed; a result that differs from the released one is appended as the next version. The same
result again changes nothing but the day of a draft.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, NamedTuple

from misconduct.register.editors import RegisterInUse, SeenFiles, writing_alone
from misconduct.register.link_checker import LinkChecker, LinkCheckOptions, LinkResult, open_link_checker
from misconduct.register.mistakes import Mistakes
from misconduct.register.reader import OpenRegister, open_register
from misconduct.register.record_files import Content, Key, merge_records, read_blocks

FILE = "link-checks.yaml"
PATIENCE = 600  # seconds to wait for a command that writes: what was asked took long
_TRIES = 10  # for the same reason: each reads the register, and somebody may save the file meanwhile


class Noted(NamedTuple):
    """What is recorded of one source: the last released check, the draft after it, the hash of the body, and the last
    version that a release had. That is not the check's if the law removed it.
    """

    released: Content | None = None
    draft: Content | None = None
    body_sha256: str | None = None
    last: int = 0


@dataclass(frozen=True)
class LinkReport:
    """The record of each source that was checked; how many have no address; and how many records changed."""

    checked: list[Content]
    without_address: int
    changed: int


def check_links(root: Path, options: LinkCheckOptions, day: date, on_checked: Callable[[Content], None]) -> LinkReport:
    """Check the address of each source in force, drafts too, and record the results.

    Raises RegisterRefused or FileUnwritable, before any request or if the register is so after them, and RegisterInUse,
    also if somebody saves the file again and again; the register is then unchanged.
    """
    register, noted, _ = _read(root)
    addresses = _addresses(register)
    without_address = len(register.sources) - len(addresses)
    asked = asyncio.run(_ask_all(addresses, noted, options, day, on_checked))
    with writing_alone(root, PATIENCE):
        for _ in range(_TRIES - 1):
            with suppress(RegisterInUse):
                return _record(root, asked, without_address, day)
        return _record(root, asked, without_address, day)


def _record(root: Path, asked: Sequence[Asked], without_address: int, day: date) -> LinkReport:
    """Read the register again, because others may have written or released meanwhile, and record what was found."""
    seen = SeenFiles(root)
    register, noted, blocks = _read(root)
    now = _addresses(register)
    checked = [one.record(noted, day) for one in asked if now.get(one.slug) == one.address]
    changes: dict[Key, Content | None] = {}
    for record in checked:
        changes |= _changes(record, noted.get(record["id"], Noted()))
    if changes:
        seen.put({FILE: merge_records(blocks, changes)})
    return LinkReport(checked, without_address, len(changes))


def _read(root: Path) -> tuple[OpenRegister, dict[str, Noted], dict[Key | None, str]]:
    mistakes = Mistakes()
    register = open_register(root, mistakes, drafts=True)
    mistakes.raise_if_any()
    return register, _noted(register), read_blocks(root / FILE)


def _addresses(register: OpenRegister) -> dict[str, str]:
    """Return the address of each source that has one, and whose link check may have another version."""
    urls = {slug: entry.content["url"] for slug, entry in sorted(register.sources.items())}
    ledger = register.manifests.ledgers["link_check"]
    return {slug: url for slug, url in urls.items() if url and not ledger.is_ended(slug)}


async def _ask_all(
    addresses: Mapping[str, str],
    noted: Mapping[str, Noted],
    options: LinkCheckOptions,
    day: date,
    on_checked: Callable[[Content], None],
) -> list[Asked]:
    asked: list[Asked] = []
    async with open_link_checker(options) as web:
        for slug, address in addresses.items():
            asked.append(await _ask(web, slug, address, noted.get(slug, Noted())))
            on_checked(asked[-1].record(noted, day))
    return asked


async def _ask(web: LinkChecker, slug: str, address: str, noted: Noted) -> Asked:
    """Check one address."""
    finding = await web.check(address)
    last = noted.draft or noted.released or {}
    archived = last.get("archived") if last.get("address") == address else None
    if archived is None and finding.status != "refused_address":  # private addresses stay private
        archived = await web.find_copy(address)
    return Asked(slug, address, finding, archived)


class Asked(NamedTuple):
    """What was found at the address of a source."""

    slug: str
    address: str
    finding: LinkResult
    archived: str | None

    def record(self, noted: Mapping[str, Noted], day: date) -> Content:
        """Return the record of it, after what is noted."""
        before = noted.get(self.slug, Noted())
        finding = _compare(self.finding, before)
        return {
            "id": self.slug,
            "version": before.last + 1,
            "checked": day.isoformat(),
            "address": self.address,
            "status": finding.status,
            "final_address": finding.final_address,
            "archived": self.archived,
            "body_sha256": finding.body_sha256,
        }


def _compare(finding: LinkResult, noted: Noted) -> LinkResult:
    """Return the result, as `changed` if the body differs from the one recorded before."""
    is_other = finding.body_sha256 and noted.body_sha256 and finding.body_sha256 != noted.body_sha256
    return finding._replace(status="changed") if is_other else finding


# What is noted


def _noted(register: OpenRegister) -> dict[str, Noted]:
    drafts = {(line.id, line.version) for line in register.drafts if line.kind == "link_check"}
    ledger, noted = register.manifests.ledgers["link_check"], dict[str, Noted]()
    for slug in register.sources:
        latest = ledger.latest(slug)
        noted[slug] = Noted(last=latest - ((slug, latest) in drafts))
    records = sorted(record for record in register.records if record.kind == "link_check")
    for record in records:
        before = noted.get(record.id, Noted())
        if (record.id, record.version) not in drafts:
            sha256 = record.content["body_sha256"] or before.body_sha256
            released = record.content if record.version == before.last else None
            noted[record.id] = before._replace(released=released, body_sha256=sha256)
        else:
            sha256 = before.body_sha256 or record.content["body_sha256"]
            noted[record.id] = before._replace(draft=record.content, body_sha256=sha256)
    return noted


def _changes(record: Content, noted: Noted) -> dict[Key, Content | None]:
    """Return what the record changes in the file, by key; None deletes a draft that no longer applies."""
    key = (record["id"], record["version"])
    if noted.released and _finding(noted.released) == _finding(record):
        return {key: None} if noted.draft else {}
    return {} if record == noted.draft else {key: record}


def _finding(record: Content) -> dict[str, Any]:
    return {name: value for name, value in record.items() if name not in ("version", "checked")}
