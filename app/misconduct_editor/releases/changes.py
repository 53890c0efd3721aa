"""Find what has changed since a release.

A figure is `recoded` if only its codes changed: who printed it need not check it again. An editor who corrects a wrong
code writes `revised` in reasons.csv. A figure that only moved, in its document or in a new edition, has not changed.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from misconduct.model.figure import REGISTER_COLUMNS, Row, write_cell
from misconduct.model.kinds import KINDS
from misconduct.releases.folder import Records, Release

from ..tables.editions import name_change

GROWING = (
    "code",
    "source",
)  # kinds that get fields: a field that no record had in the last release is no change

Change = dict[str, str]
Changes = list[Change]


def find_changes(
    last: Release | None, figures: Iterable[Row], records: Records
) -> Changes:
    was = _states(last.figures, last.records) if last else {}
    now = _states(figures, records)
    had = {
        kind: {name for one in last.records.get(kind, {}).values() for name in one}
        for kind in GROWING
        if last
    }
    found = []
    for kind, identity in sorted({*was, *now}):
        before, after = was.get((kind, identity)), now.get((kind, identity))
        if before and after and kind in GROWING:
            after = {name: value for name, value in after.items() if name in had[kind]}
        if before == after:
            continue
        action = "added" if before is None else "ended" if after is None else "revised"
        if before and after and kind == "observation":
            action = name_change(before, after)
        if action != "moved":
            found.append({"kind": kind, "id": identity, "action": action})
    return found


def find_new_editions(last: Release, records: Records) -> set[str]:
    """Return the sources that are another file now. Rows typed from a page are no new edition."""
    files = {
        one: source.get("sha256")
        for one, source in last.records["source"].items()
        if source["held"]
    }
    return {
        one
        for one, source in records["source"].items()
        if files.get(one) not in (None, source.get("sha256"))
    }


def _states(
    figures: Iterable[Row], records: Records
) -> dict[tuple[str, str], Mapping[str, Any]]:
    states = dict[tuple[str, str], Mapping[str, Any]]()
    for kind in records.keys() & KINDS.keys():
        for identity, record in records[kind].items():
            # the digest of a page that was typed is that of its rows
            computed = ("sha256",) if record.get("read") else KINDS[kind].computed
            states[kind, identity] = {
                name: value for name, value in record.items() if name not in computed
            }
    for row in figures:
        states["observation", row["id"]] = {
            name: write_cell(row.get(name)) for name in REGISTER_COLUMNS
        }
    return states
