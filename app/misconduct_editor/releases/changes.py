"""Find what has changed since a release, and read, write and check `reasons.csv`, where editors say why.

A figure is `recoded` if only its codes changed: who printed it need not check it again. An editor who corrects a wrong
code writes `revised` in reasons.csv. A figure that only moved within a new edition has not changed.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from misconduct.model.figure import REGISTER_COLUMNS, Row, write_cell
from misconduct.model.kinds import KINDS
from misconduct.releases.folder import Records, Release

from ..register.reading import Mistake, encode_rows, read_one_table
from ..tables.editions import name_change

FILE = "reasons.csv"
EVERY = "*"
MAX_NAMED = 8
GROWING = ("code", "source")  # kinds that get fields; one that none had in the last release changes no record

Changes = list[dict[str, str]]


class Reason(NamedTuple):
    """A line: why a record changed, and what replaces it. `*` is all others of that kind."""

    line: int
    kind: str
    id: str
    action: str
    reason: str
    replaced_by: str

    def mistake(self, message: str) -> Mistake:
        return Mistake(FILE, self.line, 1, message)


COLUMNS = Reason._fields[1:]


def find_changes(last: Release | None, figures: Iterable[Row], records: Records) -> list[dict[str, str]]:
    was = _states(last.figures, last.records) if last else {}
    now = _states(figures, records)
    editions = find_new_editions(last, records) if last else set[str]()
    had = {kind: {name for one in last.records.get(kind, {}).values() for name in one} for kind in GROWING if last}
    found = []
    for kind, identity in sorted({*was, *now}):
        before, after = was.get((kind, identity)), now.get((kind, identity))
        if before and after and kind in GROWING:
            after = {name: value for name, value in after.items() if name in had[kind]}
        if before == after:
            continue
        action = "added" if before is None else "ended" if after is None else "revised"
        if before and after and kind == "observation":
            action = name_change(before, after, is_new_edition=after["source"] in editions)
        if action != "moved":
            found.append({"kind": kind, "id": identity, "action": action})
    return found


def find_new_editions(last: Release, records: Records) -> set[str]:
    """Return the sources that are another file now. Rows typed from a page are no new edition."""
    files = {one: source.get("sha256") for one, source in last.records["source"].items() if source["held"]}
    return {one for one, source in records["source"].items() if files.get(one) not in (None, source.get("sha256"))}


def _states(figures: Iterable[Row], records: Records) -> dict[tuple[str, str], Mapping[str, Any]]:
    states = dict[tuple[str, str], Mapping[str, Any]]()
    for kind, of_kind in records.items():
        for identity, record in of_kind.items():  # the digest of a page that was typed is that of its rows
            computed = ("sha256",) if record.get("read") else KINDS[kind].computed
            states[kind, identity] = {name: value for name, value in record.items() if name not in computed}
    for row in figures:
        states["observation", row["id"]] = {name: write_cell(row.get(name)) for name in REGISTER_COLUMNS}
    return states


def read_reasons(data: Path) -> list[Reason]:
    table = read_one_table(data, FILE, COLUMNS, COLUMNS[:4])
    return [Reason(line, **row) for line, row in zip(table.lines, table.rows(), strict=True)]


def clear_reasons(data: Path) -> None:
    (data / FILE).write_bytes(encode_rows(COLUMNS, []))


def add_reasons(data: Path, changes: Changes, reason: str) -> None:
    """Append a reason for each change that has none."""
    present = read_reasons(data)
    by_key = _index(present)
    new = [change | {"reason": reason} for change in changes if _find_reason(change, by_key) is None]
    (data / FILE).write_bytes(encode_rows(COLUMNS, [*(one._asdict() for one in present), *new]))


def explain_changes(changes: Changes, reasons: list[Reason]) -> tuple[Changes, list[Mistake]]:
    """Return the changes with their reasons, and what is wrong with these.

    Additions do not need a reason. A recoded figure counts as revised if its reason says so.
    """
    by_key, used, explained = _index(reasons), set[Reason](), list[dict[str, str]]()
    unexplained = defaultdict[tuple[str, str], list[str]](list)
    for change in changes:
        if reason := _find_reason(change, by_key):
            used.add(reason)
        elif change["action"] != "added":
            unexplained[change["kind"], change["action"]].append(change["id"])
        explained.append(change | (dict(zip(COLUMNS[2:], reason[3:], strict=True)) if reason else {}))
    mistakes = []
    for (kind, action), ids in unexplained.items():
        named = f"{', '.join(ids[:MAX_NAMED])}{' …' if ids[MAX_NAMED:] else ''}"
        line = f"{kind},{ids[0] if len(ids) == 1 else EVERY},{action},WHY,"
        message = f"{len(ids)} {action} without a reason (kind {kind}): {named}; add the line {line}"
        mistakes.append(Mistake(FILE, 1, 1, message))
    if ("observation", "ended") in unexplained and any(one["action"] == "added" for one in changes):
        message = "if an added figure is one that has ended, in other words, write the id of that one into its row"
        mistakes.append(Mistake(FILE, 1, 1, message))
    unneeded = "this reason is not needed: no {0.kind} {0.id} is {0.action}, or another line explains it"
    mistakes += [reason.mistake(unneeded.format(reason)) for reason in reasons if reason not in used]
    return explained, mistakes


def check_reasons(reasons: Iterable[Reason], known: Mapping[str, Collection[str]]) -> Iterator[Mistake]:
    """Yield the mistakes in the lines. `known` has the ids in the release, by kind."""
    for reason in reasons:
        if not reason.reason:
            yield reason.mistake("the reason is empty")
        if reason.replaced_by and (reason.action != "ended" or reason.replaced_by not in known.get(reason.kind, ())):
            message = "replaced_by is only for the action ended, and must be in the register: not"
            yield reason.mistake(f"{message} {reason.replaced_by!r}")


def _index(reasons: list[Reason]) -> dict[tuple[str, ...], Reason]:
    return {reason[1:4]: reason for reason in reversed(reasons)}


def _find_reason(change: dict[str, str], by_key: Mapping[tuple[str, ...], Reason]) -> Reason | None:
    kind, identity, action = change["kind"], change["id"], change["action"]
    keys = [(kind, identity, "revised")] if action == "recoded" else []
    keys += [(kind, identity, action), (kind, EVERY, action)]
    return next((by_key[key] for key in keys if key in by_key), None)
