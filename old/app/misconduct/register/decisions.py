"""Read `decisions.csv`: what the next release ends, and why records have new versions. The release takes them in."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from misconduct.model.records import ManifestLine
from misconduct.register.csv_files import Row, Table, parse_version
from misconduct.register.files import DECISIONS, Layout
from misconduct.register.mistakes import Mistakes, Refused
from misconduct.register.observation_columns import require_some
from misconduct.register.releases import RECORDED, Manifests

COLUMNS = ("kind", "id", "version", "action", "reason", "replaced_by")
_ACTIONS = ("added", "ended")
_KINDS = tuple(kind for kind in RECORDED if kind != "release")
"""What can end or have another version: a release itself never does."""


class WaitingDecision(NamedTuple):
    """A decision that waits for the next release, with its row."""

    table: Table
    row: Row
    kind: str
    id: str
    version: int
    action: str
    reason: str
    replaced_by: str | None


def read_decisions(layout: Layout, mistakes: Mistakes) -> list[WaitingDecision]:
    """Return the decisions that wait; none if there is no such file.

    The same line twice is one, as a merge may bring it; in other words it is a mistake, of which the first one stays.
    """
    waiting, file = dict[tuple[object, ...], WaitingDecision](), layout.top(DECISIONS)
    if file is None:
        return []
    table = Table(file, COLUMNS, COLUMNS[:5], mistakes)
    for row in table.rows():
        kind, identity, version, action, reason, replaced_by = row.cells
        try:
            for column, word, words in (("kind", kind, _KINDS), ("action", action, _ACTIONS)):
                if word not in words:
                    found, allowed = f"there is no {column} {word!r}", ", ".join(words)
                    raise Refused("bad_value", found, allowed, near=(word, words), column=column)  # noqa: TRY301
            require_some("reason", reason)
            number = parse_version(version)
            decision = WaitingDecision(table, row, kind, identity, number, action, reason, replaced_by or None)
            _require_same(waiting.setdefault(decision[2:6], decision), decision)
        except Refused as refused:
            table.refuse(row, refused.column or "reason", refused)
    return [*waiting.values()]


def _require_same(first: WaitingDecision, again: WaitingDecision) -> None:
    if again[6:] != first[6:]:
        key, line = f"{again.kind} {again.id}@{again.version}", first.row.line
        found = f"line {line} says already why {key} is {again.action}, with another reason or replacement"
        raise Refused("decided_twice", found, "one of the two lines", column="id")


def apply_endings(
    waiting: Iterable[WaitingDecision], manifests: Manifests, decided: Iterable[ManifestLine]
) -> list[ManifestLine]:
    """End what the next release ends beside what is `decided`, and return its lines.

    What cannot be ended is reported. What waits and is decided or released in the same words waits where a release was
    stopped, or came back with a merge.
    """
    lines, decided = list[ManifestLine](), [*decided]
    told = {(*line[1:5], *line[6:]) for line in (*manifests.notable, *decided)}
    otherwise = {line[1:5] for line in decided}
    for one in waiting:
        ledger, key = manifests.ledgers[one.kind], f"{one.id}@{one.version}"
        if one.action != "ended" or one[2:] in told:
            continue
        if one[2:6] in otherwise:
            found = f"the end of {one.kind} {key} is also given with another reason or replacement"
            one.table.refuse(one.row, "id", Refused("decided_twice", found, "one of the two"))
            continue
        if key not in ledger:
            refused = Refused("unknown_record", f"no release has the {one.kind} {key}, so it cannot be ended")
            one.table.refuse(one.row, "id", refused)
            continue
        try:
            facts = (manifests.chain.draft, one.kind, one.id, one.version, one.action, ledger.sha256(key))
            line = ManifestLine(*facts, one.reason, one.replaced_by)
            manifests.apply(line, 0, None)
        except Refused as wrong:
            one.table.refuse(one.row, wrong.column or "id", wrong)
        else:
            lines.append(line)
    return lines


def check_replacements(waiting: Iterable[WaitingDecision], manifests: Manifests) -> None:
    """Report replacements that nobody has and those that lead back. All drafts must have been read."""
    endings = [one for one in waiting if one.replaced_by]
    back = manifests.find_cycles((one.kind, one.id, one.replaced_by) for one in endings)
    for one in endings:
        by = one.replaced_by or ""
        if one.action == "added":
            refused = Refused("replaced_by", "only what ends has a replacement", "no replaced_by beside added")
        elif not manifests.ledgers[one.kind].latest(by):
            refused = Refused("unknown_record", f"there is no {one.kind} {by!r}", about=(one.kind, by))
        elif (one.kind, one.id) in back:
            refused = Refused("replacement_cycle", f"following the replacements of {one.id} leads back to it")
        else:
            continue
        one.table.refuse(one.row, "replaced_by", refused)


def check_reasons(waiting: Iterable[WaitingDecision], manifests: Manifests) -> None:
    """Report reasons of versions that the next release does not add. All drafts must have been read.

    One that a release has in the same words waits where it was stopped, or came back with a merge.
    """
    told = {(*line[1:5], line.reason) for line in manifests.notable}
    for one in waiting:
        ledger, key = manifests.ledgers[one.kind], f"{one.id}@{one.version}"
        if one.action != "added" or one[2:7] in told:
            continue
        if key not in ledger:
            found = f"there is no {one.kind} {key}, for which this is a reason"
            allowed = "what is there; after an import that was stopped, the same misconduct import"
            one.table.refuse(one.row, "id", Refused("unknown_record", found, allowed, about=(one.kind, one.id)))
        elif (added_in := ledger.in_force(key).added_in) < manifests.chain.draft:
            found = f"release {manifests.chain.numbers[added_in - 1]} has {key} already, and says no such reason"
            allowed = "no reason of what is released, which never changes; it can be said of the next version"
            one.table.refuse(one.row, "reason", Refused("already_released", found, allowed))


def explain_versions(lines: Iterable[ManifestLine], waiting: Iterable[WaitingDecision]) -> list[ManifestLine]:
    """Return the lines of drafts, those of new versions with the reasons that wait for them."""
    reasons = {(one.kind, one.id, one.version): one.reason for one in waiting if one.action == "added"}
    return [line._replace(reason=reasons.get((line.kind, line.id, line.version))) for line in lines]
