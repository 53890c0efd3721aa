"""Find what has changed since a release.

A figure is `recoded` if only its codes changed: who printed it need not check it again. An editor who corrects a wrong
code writes `revised` in reasons.csv. A figure that only moved within a new edition has not changed.
"""

from collections.abc import Collection, Iterable, Mapping
from typing import Any

from misconduct.model.figure import REGISTER_COLUMNS, Row, write_cell
from misconduct.model.kinds import KINDS
from misconduct.releases.folder import Records, Release
from misconduct_editor.register.edition import name_change


def find_changes(last: Release | None, figures: Iterable[Row], records: Records) -> list[dict[str, str]]:
    """Return kind, id and action of what differs from the previous release."""
    was = _states(last.figures, last.records) if last else {}
    now = _states(figures, records)
    editions = find_new_editions(last, records) if last else set[str]()
    states = [(kind, one, was.get((kind, one)), now.get((kind, one))) for kind, one in sorted({*was, *now})]
    found = [
        {"kind": kind, "id": one, "action": _find_action(kind, before, after, editions)}
        for kind, one, before, after in states
        if before != after
    ]
    return [one for one in found if one["action"] != "moved"]


def find_new_editions(last: Release, records: Records) -> set[str]:
    """Return the sources of which the register now has another file."""
    files = {one: source.get("sha256") for one, source in last.records["source"].items()}
    return {one for one, source in records["source"].items() if files.get(one) not in (None, source.get("sha256"))}


def _states(figures: Iterable[Row], records: Records) -> dict[tuple[str, str], Mapping[str, Any]]:
    states: dict[tuple[str, str], Mapping[str, Any]] = {
        (kind, identity): {name: value for name, value in record.items() if name not in KINDS[kind].computed}
        for kind, of_kind in records.items()
        for identity, record in of_kind.items()
    }
    for row in figures:
        states["observation", row["id"]] = {name: write_cell(row.get(name)) for name in REGISTER_COLUMNS}
    return states


def _find_action(
    kind: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None, editions: Collection[str]
) -> str:
    if was is None:
        return "added"
    if now is None:
        return "ended"
    if kind != "observation":
        return "revised"
    return name_change(was, now, is_new_edition=now["source"] in editions)
