"""What a source must say of itself: its identity where it was held, and why whatever is null is null."""

from __future__ import annotations

from app.domain.kinds import KINDS, NOTED
from app.register.entries import Entry
from app.register.files import Layout
from app.register.mistakes import Mistakes, Place, Refused

_OF_A_COPY = ("length", "sha256", "retrieved")
"""What only a source has of which a copy was read."""


def check_notes(entry: Entry, mistakes: Mistakes) -> None:
    """Report what is null in a record without a note that says why, and what a source says though it cannot know it."""
    if not entry.content:
        return
    for key in KINDS[entry.kind].marked(NOTED):
        value = entry.content[key]
        if key in _OF_A_COPY and not entry.content["held"]:
            if value is not None:
                refused = Refused("not_held", f"{key} of a source that was not held", "held: true, or no such key")
                mistakes.report_at(entry.locate((key,)), refused)
        elif value is None and key in ("length", "sha256"):
            allowed = "length and sha256 of the text that was read, or held: false"
            mistakes.report_at(entry.locate((key,)), Refused("missing_key", f"the key {key!r} is missing", allowed))
        elif value is None and key not in entry.content["notes"]:
            refused = Refused("no_note", f"{key} is null and no note says why", f"a sentence under notes: {key}")
            mistakes.report_at(entry.locate((key,)), refused)
    if entry.kind == "source":
        _check_keys_of_notes(entry, mistakes)


def _check_keys_of_notes(entry: Entry, mistakes: Mistakes) -> None:
    keys = KINDS[entry.kind].keys
    for key in entry.content["notes"]:
        if key not in keys:
            refused = Refused("unknown_key", f"there is no key {key!r} to note", near=(key, keys))
            mistakes.report_at(entry.locate(("notes", key)), refused)


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
