"""Find what has changed since a release."""

from collections.abc import Iterable, Mapping
from typing import Any

from misconduct.model.figure import REGISTER_COLUMNS, Row, write_cell
from misconduct.releases.folder import Records, Release

COMPUTED = {"outcome", "figures"}
"""Fields of records that a release computes: a change of them follows from that of a figure."""


def find_changes(before: Release | None, figures: Iterable[Row], records: Records) -> list[dict[str, str]]:
    """Return kind, id and action (added, revised or ended) of what differs from the release before, in that order."""
    was = _states(before.figures, before.records) if before else {}
    now = _states(figures, records)
    return [
        {"kind": kind, "id": identity, "action": _action(was.get((kind, identity)), now.get((kind, identity)))}
        for kind, identity in sorted({*was, *now})
        if was.get((kind, identity)) != now.get((kind, identity))
    ]


def _states(figures: Iterable[Row], records: Records) -> dict[tuple[str, str], Mapping[str, Any]]:
    """Return what editors say of each figure and record, by kind and id."""
    states: dict[tuple[str, str], Mapping[str, Any]] = {
        (kind, identity): {name: value for name, value in record.items() if name not in COMPUTED}
        for kind, of_kind in records.items()
        for identity, record in of_kind.items()
    }
    for row in figures:
        states["observation", row["id"]] = {name: write_cell(row.get(name)) for name in REGISTER_COLUMNS}
    return states


def _action(was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    if was is None:
        return "added"
    return "ended" if now is None else "revised"
