"""Make a release of the register in `data/`: check it, find what changed, and read `reasons.csv`, which says why."""

import re
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from misconduct.errors import ReleaseError
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import REGISTER_COLUMNS, Row, complete
from misconduct.model.kinds import Dataset, Disagreement
from misconduct.model.versions import weigh_change
from misconduct.model.wording import published
from misconduct.releases.folder import (
    Records,
    Release,
    list_releases,
    order_of,
    read_release,
)
from misconduct.releases.verify import verify_releases

from ..register.check import Register, describe_records, read_register
from ..register.outcomes import describe_disagreement, differ
from ..register.reading import Mistake, encode_rows, read_one_table
from .changes import Change, Changes, find_changes, find_new_editions
from .derive import derive, write_report
from .write import add_to_list, write_release

FILE = "reasons.csv"
EVERY = "*"
BY_EDITION = {"revised": "The", "recoded": "Described in another way since the"}
MAX_NAMED = 8
UNNEEDED = "this reason is not needed: no {0.kind} {0.id} is {0.action}, or another line explains it"
MAY_BE_RENAMED = "if an added figure is one that has ended, in other words, write the id of that one into its row"


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


def publish(data: Path, prepared: Release) -> Release:
    """Write and list a release that is prepared, and empty `reasons.csv`."""
    release = write_release(data / "releases" / prepared.number, prepared)
    add_to_list(data, release)
    (data / FILE).write_bytes(encode_rows(COLUMNS, []))
    return release


class Prepared(NamedTuple):
    """A release to write, and what an editor reads before it."""

    release: Release
    report: list[str]


def prepare_release(
    data: Path, summary: str, day: str, number: str | None = None
) -> Prepared:
    """Return the release to write, with the report of its series."""
    last = _read_last(data)
    draft, mistakes, reasons = describe_register(data, last, summary.strip(), day)
    needed = propose_number(last, draft.changes, draft.figures, draft.records)
    release = replace(draft, number=number or needed)
    release, choice = derive(last, release)
    if wrong := [
        *map(str, choice.mistakes),
        *map(str, sorted(mistakes + reasons)),
        *_check_release(release, last, needed),
    ]:
        raise ReleaseError("\n".join(wrong))
    return Prepared(release, write_report(last, choice))


def describe_register(
    data: Path, last: Release | None, summary: str, day: str
) -> tuple[Release, list[Mistake], list[Mistake]]:
    """Return the register as a release without a number, its mistakes, and those in the reasons."""
    register, reasons = read_register(data), _read_reasons(data)
    records = describe_records(register.located)
    mistakes = _add_outcomes(register, records)
    changes = [
        *map(
            _explain_by_edition(last, register, records),
            find_changes(last, register.figures, records),
        )
    ]
    changes, unexplained = _explain_changes(changes, reasons)
    unexplained += _check_reasons(
        reasons, {"observation": {row["id"] for row in register.figures}, **records}
    )
    release = Release(
        number="",
        day=day,
        summary=summary,
        figures=register.figures,
        records=records,
        changes=changes,
        previous=last.digest if last else None,
    )
    return release, mistakes, unexplained


def _explain_by_edition(
    last: Release | None, register: Register, records: Records
) -> Callable[[Change], Change]:
    """Return a function that gives a change its reason if the next edition of a table made it.

    The editor must say why figures are gone: they may have moved to another table.
    """
    editions = find_new_editions(last, records) if last else set()
    source_of = {row["id"]: row["source"] for row in register.figures} | {
        one: one for one in editions
    }

    def explain(change: Change) -> Change:
        begins, source = BY_EDITION.get(change["action"]), source_of.get(change["id"])
        if begins is None or source not in editions:
            return change
        edition = records["source"][source]
        return change | {
            "reason": f"{begins} publisher's new edition ({published(edition)}): {edition['title']}."
        }

    return explain


def propose_number(
    last: Release | None,
    changes: Iterable[Row],
    figures: Iterable[Row],
    records: Records,
) -> str:
    """Return the lowest number that the changes allow.

    Major: this register took a figure away, or corrected it. Minor: figures were added or recoded, or their publisher
    revised them in a new edition. Patch: anything else.
    """
    if last is None:
        return "1.0.0"
    before, after = (
        {row["id"]: row for row in rows} for rows in (last.figures, figures)
    )
    editions = find_new_editions(last, records)
    actions = set[str]()
    for change in changes:
        if change["kind"] == "observation":
            one, action = change["id"], change["action"]
            if (
                one in before and one in after
            ):  # of a new edition, what its publisher revised is only reissued
                action = weigh_change(before[one], after[one], action)
                action = (
                    "reissued"
                    if action == "revised" and after[one]["source"] in editions
                    else action
                )
            actions.add(action)
    major, minor, patch = order_of(last.number)
    if actions & {"ended", "revised"}:
        return f"{major + 1}.0.0"
    return (
        f"{major}.{minor + 1}.0"
        if actions & {"added", "recoded", "reissued"}
        else f"{major}.{minor}.{patch + 1}"
    )


def _read_last(data: Path) -> Release | None:
    if not (data / "releases.csv").exists():
        return None
    listed = list_releases(data)
    if problems := verify_releases(data):
        raise ReleaseError("\n".join(problems))
    return read_release(data / "releases" / listed[-1].number) if listed else None


def _add_outcomes(register: Register, records: Records) -> list[Mistake]:
    """Add outcomes, and the figures of datasets. Return what forbids a release."""
    catalogue, mistakes = Catalogue(records), []
    published = {
        one: record.get("published") for one, record in records["source"].items()
    }
    figures = {
        row["id"]: complete(row, published[row["source"]], (), ())
        for row in register.figures
    }
    for located in register.located:
        record, content = located.record, records[located.kind][located.id]
        if isinstance(record, Disagreement):
            content["outcome"] = describe_disagreement(content, figures, catalogue)
            if not differ([figures[one] for one in record.members]):
                mistakes.append(
                    located.places.mistake(("members",), "these figures do not differ")
                )
        elif isinstance(record, Dataset):
            content["figures"] = sorted(
                one for one, row in figures.items() if record.shows(row)
            )
    return mistakes


def _check_release(
    release: Release, last: Release | None, needed: str
) -> Iterator[str]:
    if not re.fullmatch(r"\d{1,5}\.\d{1,5}\.\d{1,5}", release.number, re.ASCII):
        yield f"{release.number!r} is not a release number; write one like {needed}."
    elif order_of(release.number) < order_of(needed):
        yield f"{release.number} is too low: these changes need {needed} or higher."
    if not release.summary:
        yield "The summary is empty. Say in a sentence what is new."
    if last and release.day < last.day:
        yield f"Release {last.number} is dated {last.day}, so this one cannot be dated {release.day}."
    if (
        last
        and not release.changes
        and _encode_figures(release) == _encode_figures(last)
    ):
        yield f"Nothing has changed since release {last.number}."


def _encode_figures(release: Release) -> bytes:
    """Return the figures of a release, in one order."""
    return encode_rows(REGISTER_COLUMNS, sorted(release.figures, key=itemgetter("id")))


def _read_reasons(data: Path) -> list[Reason]:
    table = read_one_table(data, FILE, COLUMNS, COLUMNS[:4])
    return [
        Reason(line, **row) for line, row in zip(table.lines, table.rows(), strict=True)
    ]


def _explain_changes(
    changes: Changes, reasons: list[Reason]
) -> tuple[Changes, list[Mistake]]:
    """Return the changes with their reasons, and what is wrong with these.

    Additions do not need a reason. A recoded figure counts as revised if its reason says so.
    """
    by_key: dict[tuple[str, ...], Reason] = {one[1:4]: one for one in reversed(reasons)}
    explained, used = list[Change](), set[Reason]()
    unexplained = list[Change]()
    for change in changes:
        if reason := _find_reason(change, by_key):
            used.add(reason)
            said = dict(zip(COLUMNS[2:], reason[3:], strict=True))
            explained.append(change | said)
            continue
        explained.append(change)
        if change["action"] != "added" and "reason" not in change:
            unexplained.append(change)
    mistakes = [
        *_ask_for_reasons(changes, unexplained),
        *(one.mistake(UNNEEDED.format(one)) for one in reasons if one not in used),
    ]
    return explained, mistakes


def _ask_for_reasons(changes: Changes, unexplained: Changes) -> Iterator[Mistake]:
    """Yield a mistake for the changes of each kind and action that have no reason."""
    unnamed = defaultdict[tuple[str, str], list[str]](list)
    for change in unexplained:
        unnamed[change["kind"], change["action"]].append(change["id"])
    for (kind, action), ids in unnamed.items():
        named = f"{', '.join(ids[:MAX_NAMED])}{' …' if ids[MAX_NAMED:] else ''}"
        line = f"{kind},{ids[0] if len(ids) == 1 else EVERY},{action},WHY,"
        message = f"{len(ids)} {action} without a reason (kind {kind}): {named}; add the line {line}"
        yield Mistake(FILE, 1, 1, message)
    is_added = any(one["action"] == "added" for one in changes)
    if is_added and ("observation", "ended") in unnamed:
        yield Mistake(FILE, 1, 1, MAY_BE_RENAMED)


def _check_reasons(
    reasons: Iterable[Reason], known: Mapping[str, Collection[str]]
) -> Iterator[Mistake]:
    """Yield the mistakes in the lines. `known` has the ids in the release, by kind."""
    for reason in reasons:
        if not reason.reason:
            yield reason.mistake("the reason is empty")
        if reason.replaced_by and (
            reason.action != "ended"
            or reason.replaced_by not in known.get(reason.kind, ())
        ):
            message = "replaced_by is only for the action ended, and must be in the register: not"
            yield reason.mistake(f"{message} {reason.replaced_by!r}")


def _find_reason(
    change: dict[str, str], by_key: Mapping[tuple[str, ...], Reason]
) -> Reason | None:
    kind, identity, action = change["kind"], change["id"], change["action"]
    keys = [(kind, identity, "revised")] if action == "recoded" else []
    keys += [(kind, identity, action), (kind, EVERY, action)]
    return next((by_key[key] for key in keys if key in by_key), None)
