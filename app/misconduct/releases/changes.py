"""Find what has changed since a release.

A figure is `recoded` if only its codes changed, and not what its source prints. People who have printed the figure need
not check it again. An editor who corrects a wrong code writes `revised` in reasons.csv.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from misconduct.model.figure import DIMENSIONS, REGISTER_COLUMNS, Row, write_cell
from misconduct.model.versions import STATED
from misconduct.releases.folder import Records, Release

COMPUTED = {"outcome", "figures"}
"""Fields of records that a release computes. They only change if a figure does, so we don't compare them."""

CODES = {*DIMENSIONS, "fit", "counted", "counted_at", "stated_by", "caveats"}
CODES |= {"vetting_check", "vetting_result", "stock_or_flow"}
"""The columns in which this register describes what the source prints."""


def find_changes(last: Release | None, figures: Iterable[Row], records: Records) -> list[dict[str, str]]:
    """Return kind, id and action (added, revised, recoded or ended) of what differs from the previous release."""
    was = _states(last.figures, last.records) if last else {}
    now = _states(figures, records)
    states = [(kind, one, was.get((kind, one)), now.get((kind, one))) for kind, one in sorted({*was, *now})]
    return [
        {"kind": kind, "id": one, "action": _find_action(kind, before, after)}
        for kind, one, before, after in states
        if before != after
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


def _find_action(kind: str, was: Mapping[str, Any] | None, now: Mapping[str, Any] | None) -> str:
    """Return what has happened to a figure or record since the previous release."""
    if was is None:
        return "added"
    if now is None:
        return "ended"
    changed = {name for name in was if was[name] != now.get(name)}
    return "recoded" if kind == "observation" and changed & CODES and not changed & {*STATED} else "revised"
