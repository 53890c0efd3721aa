"""The releases of a register: their own records, their manifests, and the digests that chain them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from app.domain.records import Release
from app.register.entries import Entry
from app.register.files import Layout
from app.register.manifests import Manifests, file_digest
from app.register.mistakes import Mistakes, Place, Refused


def read_releases(layout: Layout, entries: list[Entry], manifests: Manifests, mistakes: Mistakes) -> list[Release]:
    """Reads all manifests, in the order of their numbers, and returns the releases that they make.

    A manifest whose release has no record that can be read is read all the same: what it sealed stays sealed.
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
        previous = content.get("previous") or (before.digest if before else "")  # a broken link is told once
        digest = file_digest(previous, files[number])
        released = date.fromisoformat(content.get("released", "0001-01-01"))
        releases.append(Release(len(releases) + 1, number, released, content.get("summary", ""), digest))
    manifests.check_replacements()
    return releases


def as_numbers(number: str) -> tuple[int, ...]:
    """Read a release's number, so that 1.10.0 comes after 1.9.0; what is no number is empty, and comes first."""
    parts = number.split(".")
    return tuple(map(int, parts)) if all(part.isdecimal() for part in parts) else ()


def _check_pairs(layout: Layout, mistakes: Mistakes) -> None:
    names = {file.path.name for file in layout["releases"]}
    for file in layout["releases"]:
        other = f"{file.stem}{'.yaml' if file.path.suffix == '.csv' else '.csv'}"
        if other not in names:
            mistakes.report_at(Place(file.name), Refused("half_a_release", f"{other} is missing beside this file"))


def _faults(record: Entry, before: Release | None) -> Iterator[tuple[str, Refused]]:
    if not record.content:
        return
    expected = before.digest if before else None
    if record.content["previous"] != expected:
        found = "the chain is broken: a manifest before this one was edited, added or taken away"
        yield "previous", Refused("broken_chain", found, f"previous: {expected or 'null'}")
    if before and record.content["released"] < before.released.isoformat():
        found = f"released {record.content['released']}, before {before.number} ({before.released})"
        yield "released", Refused("backwards", found, "a day not before that of the release before")
