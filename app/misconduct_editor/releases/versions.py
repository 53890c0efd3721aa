"""Tell what a release means to people who printed figures of earlier ones: the lines that it adds to `versions.jsonl`.

A line has the release and its day; kind, id, action, reason and `replaced_by` as in changes.csv, which has no line for
a figure that only `moved`, in its document or in a new edition; and of a figure what
the change weighs (`misconduct.model.versions`), its row before, and its number then if it has another one.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

from misconduct.model.figure import REGISTER_COLUMNS, Row, write_cell
from misconduct.model.versions import STATED, weigh_change
from misconduct.releases.folder import Release

FIGURES = "observation"  # the kind of figures

Rows = Mapping[str, Row]


def add_versions(last: Release | None, release: Release) -> list[dict[str, Any]]:
    """Return the lines of a release: those of the one before, and a line for each change since."""
    if last is None:
        return []
    before, after = _by_id(last.figures), _by_id(release.figures)
    revised = _find_revised_parts(before, after, release.changes)
    ended = _find_ended(last)
    changes = [*release.changes, *_find_moved(before, after, release.changes)]
    lines = [*last.versions]
    for change in sorted(changes, key=lambda row: (row["kind"], row["id"])):
        line: dict[str, Any] = {"release": release.number, "day": release.day, **change}
        if change["kind"] == FIGURES:
            was, now = before.get(change["id"]), after.get(change["id"])
            line |= _weigh(was, now, change["action"])
            line |= _weigh_again(line, ended, revised)
        lines.append({name: value for name, value in line.items() if value})
    return lines


def _weigh_again(
    line: Row, ended: Collection[str], revised: Mapping[str, list[str]]
) -> Row:
    """Return what a change weighs more: a figure that had ended, or of which a part was revised, is revised."""
    identity, weight = line["id"], line["weight"]
    if weight == "added" and identity in ended:
        return {"weight": "revised"}
    if weight == "continued" and identity in revised:
        return {"weight": "revised", "revised": revised[identity]}
    return {}


def _find_ended(release: Release) -> set[str]:
    """Return the figures that ended in a release or before it."""
    lines = (line for line in release.versions if line["kind"] == FIGURES)
    return {line["id"] for line in lines if line["action"] == "ended"}


def _by_id(rows: Iterable[Row]) -> dict[str, Row]:
    return {row["id"]: dict.fromkeys(REGISTER_COLUMNS) | row for row in rows}


def _find_moved(
    before: Rows, after: Rows, changes: Iterable[Mapping[str, str]]
) -> Iterator[dict[str, str]]:
    """Yield the figures that say the same in another place, which changes.csv leaves out."""
    changed = {change["id"] for change in changes if change["kind"] == FIGURES}
    for identity in (before.keys() & after.keys()) - changed:
        was, now = before[identity], after[identity]
        if any(was[name] != now[name] for name in REGISTER_COLUMNS):
            yield {"kind": FIGURES, "id": identity, "action": "moved"}


def _weigh(was: Row | None, now: Row | None, action: str) -> Row:
    """Return what a change weighs, with the row before it and its number if that is another one."""
    if was is None:
        return {"weight": "added"}
    cells = {name: write_cell(was[name]) for name in REGISTER_COLUMNS}
    line: Row = {"was": {name: cell for name, cell in cells.items() if cell}}
    if now is None:
        return {"weight": "ended", **line}
    line["weight"] = weigh_change(was, now, action)
    if None not in (was["value"], now["value"]) and was["value"] != now["value"]:
        line["former"] = write_cell(was["value"])
    return line


def _find_revised_parts(
    before: Rows, after: Rows, changes: Iterable[Mapping[str, str]]
) -> dict[str, list[str]]:
    """Return the periods of parts that were revised, by the figures that include these."""
    wholes, found = _find_wholes(before), defaultdict[str, set[str]](set)
    for change in changes:
        was, now = before.get(change["id"]), after.get(change["id"])
        if change["action"] != "revised" or not was or not now or not was["period"]:
            continue
        changed = {name for name in STATED if was[name] != now[name]}
        if changed and "period" not in changed:
            for whole in wholes.get(change["id"], ()):
                found[whole].add(was["period"])
    return {whole: sorted(periods) for whole, periods in found.items()}


def _find_wholes(rows: Rows) -> dict[str, set[str]]:
    """Return the figures that include each figure, at any distance; what repeats one includes what that includes."""
    claims = {identity: row["repeats"] or identity for identity, row in rows.items()}
    stated = defaultdict[str, set[str]](set)
    for identity, row in rows.items():
        stated[claims[identity]] |= {claims.get(one, one) for one in row["part_of"]}
    of_claim = defaultdict[str, list[str]](list)
    for identity, claim in claims.items():
        of_claim[claim].append(identity)
    found = dict[str, set[str]]()
    for identity, claim in claims.items():
        around, waiting = set[str](), [*stated[claim]]
        while waiting:
            whole = waiting.pop()
            if whole not in around:
                around.add(whole)
                waiting += stated.get(whole, ())
        found[identity] = {one for whole in around for one in of_claim[whole]}
    return found
