"""What a source must say of itself: its identity where it was held, and why whatever is null is null."""

from __future__ import annotations

from collections.abc import Iterator

from app.domain.records import Source
from app.register.entries import Entry
from app.register.files import Layout
from app.register.mistakes import Mistakes, Place, Refused
from app.register.yaml_files import Path

_OF_A_COPY = ("length", "sha256", "retrieved")
"""What only a source has of which a copy was read."""

_EXPLAINED = tuple(key for key in Source.model_fields if key not in ("id", "version", "held", "notes"))
"""The keys that are either given or explained by a note."""


def check_source(entry: Entry, mistakes: Mistakes) -> None:
    """Reports what one source leaves out, or says though it cannot know it."""
    if entry.content:
        for path, refused in _faults(entry.content["held"], entry):
            mistakes.report_at(entry.locate(path), refused)


def _faults(held: bool, entry: Entry) -> Iterator[tuple[Path, Refused]]:
    notes = entry.content["notes"]
    for key in _EXPLAINED:
        is_null = entry.content[key] is None
        if held and is_null and key in ("length", "sha256"):
            yield (
                (key,),
                Refused(
                    "missing_key",
                    f"the key {key!r} is missing",
                    "length and sha256 of the text that was read, or held: false",
                ),
            )
        elif not held and not is_null and key in _OF_A_COPY:
            yield (key,), Refused("not_held", f"{key} of a source that was not held", "held: true, or no such key")
        elif is_null and key not in notes and (held or key not in _OF_A_COPY):
            yield (key,), Refused("no_note", f"{key} is null and no note says why", f"a sentence under notes: {key}")
    for key in notes:
        if key not in Source.model_fields:
            yield (
                ("notes", key),
                Refused("unknown_key", f"there is no key {key!r} to note", near=(key, Source.model_fields)),
            )


_MAY_BE_UNKNOWN = {
    "correction": ("other_at", "other_printed", "publisher_told"),
    "non_publication": ("since", "until"),
}


def check_notes(entry: Entry, mistakes: Mistakes) -> None:
    """Reports what is null in a correction or a non-publication without a note that says why."""
    for key in _MAY_BE_UNKNOWN.get(entry.kind, ()) if entry.content else ():
        if entry.content[key] is None and key not in entry.content["notes"]:
            refused = Refused("no_note", f"{key} is null and no note says why", f"a sentence under notes: {key}")
            mistakes.report_at(entry.locate((key,)), refused)


def check_files_of_sources(layout: Layout, held: dict[str, bool], mistakes: Mistakes) -> None:
    """Reports files of figures or other numbers that belong to no source, or to one that nobody has read."""
    for file in (*layout["observations"], *layout["not-statistics"]):
        if file.stem not in held:
            refused = Refused(
                "unknown_source", f"there is no source {file.stem!r}", "the slug of a source", near=(file.stem, held)
            )
        elif not held[file.stem]:
            refused = Refused(
                "not_held",
                f"the source {file.stem!r} is not held",
                "figures with places only of sources that were read",
            )
        else:
            continue
        mistakes.report_at(Place(file.name), refused)
