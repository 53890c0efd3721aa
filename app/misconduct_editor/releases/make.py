"""Make a release of the register in `data/`: check it, and find what changed and why."""

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from misconduct.errors import ReleaseError
from misconduct.model.catalogue import Catalogue
from misconduct.model.figure import Row, complete
from misconduct.model.kinds import Check, Dataset, Disagreement
from misconduct.model.versions import weigh_change
from misconduct.model.wording import published
from misconduct.releases.folder import Records, Release, list_releases, order_of, read_release
from misconduct.releases.verify import verify_releases

from ..register.check import Register, read_register
from ..register.outcomes import differ, judge_check, judge_disagreement
from ..register.reading import Mistake
from .changes import (
    add_reasons,
    check_reasons,
    clear_reasons,
    explain_changes,
    find_changes,
    find_new_editions,
    read_reasons,
)
from .write import add_to_list, write_release

FIRST = "1.0.0"


def make_release(data: Path, summary: str, day: str, number: str | None = None) -> Release:
    """Write and list the next release, and empty `reasons.csv`."""
    prepared = prepare_release(data, summary, day, number)
    release = write_release(data / "releases" / prepared.number, prepared)
    add_to_list(data, release)
    clear_reasons(data)
    return release


def prepare_release(data: Path, summary: str, day: str, number: str | None = None) -> Release:
    """Return the release to write."""
    last = _read_last(data)
    draft, mistakes, reasons = describe_register(data, last, summary.strip(), day)
    needed = propose_number(last, draft.changes, draft.figures, draft.records)
    release = replace(draft, number=number or needed)
    if wrong := [*map(str, sorted(mistakes + reasons)), *_check_release(release, last, needed)]:
        raise ReleaseError("\n".join(wrong))
    return release


def describe_register(
    data: Path, last: Release | None, summary: str, day: str
) -> tuple[Release, list[Mistake], list[Mistake]]:
    """Return the register as a release without a number, its mistakes, and those in the reasons."""
    register, reasons = read_register(data), read_reasons(data)
    records = _describe_records(register)
    mistakes = _add_outcomes(register, records)
    changes, unexplained = explain_changes(find_changes(last, register.figures, records), reasons)
    unexplained += check_reasons(reasons, {"observation": {row["id"] for row in register.figures}, **records})
    release = Release(
        number="",
        day=day,
        summary=summary,
        figures=register.figures,
        records=records,
        changes=changes,
        excluded=register.excluded,
        earlier=register.earlier,
        previous=last.digest if last else None,
    )
    return release, mistakes, unexplained


def explain_edition(data: Path, source: str) -> None:
    """Add a reason to `reasons.csv` for what a new edition of a table revises.

    The editor must say why figures are gone: they may have moved to another table.
    """
    register, last = read_register(data), _read_last(data)
    records = _describe_records(register)
    if last is None or source not in find_new_editions(last, records):
        return
    of_source = {source} | {row["id"] for row in (*last.figures, *register.figures) if row["source"] == source}
    changes = find_changes(last, register.figures, records)
    edition = records["source"][source]
    for action, words in (("revised", "The"), ("recoded", "Described in another way since the")):
        mine = [one for one in changes if one["id"] in of_source and one["action"] == action]
        add_reasons(data, mine, f"{words} publisher's new edition ({published(edition)}): {edition['title']}.")


def propose_number(last: Release | None, changes: Iterable[Row], figures: Iterable[Row], records: Records) -> str:
    """Return the lowest number that the changes allow.

    Major: this register took a figure away, or corrected it. Minor: figures were added or recoded, or their publisher
    revised them in a new edition. Patch: anything else.
    """
    if last is None:
        return FIRST
    before, after = ({row["id"]: row for row in rows} for rows in (last.figures, figures))
    editions = find_new_editions(last, records)
    actions = set[str]()
    for change in changes:
        if change["kind"] == "observation":
            one, action = change["id"], change["action"]
            if one in before and one in after:
                action = weigh_change(before[one], after[one], action)
                action = "reissued" if action == "revised" and after[one]["source"] in editions else action
            actions.add(action)
    major, minor, patch = order_of(last.number)
    if actions & {"ended", "revised"}:
        return f"{major + 1}.0.0"
    return f"{major}.{minor + 1}.0" if actions & {"added", "recoded", "reissued"} else f"{major}.{minor}.{patch + 1}"


def _read_last(data: Path) -> Release | None:
    if not (data / "releases.csv").exists():
        return None
    listed = list_releases(data)
    if problems := verify_releases(data):
        raise ReleaseError("\n".join(problems))
    return read_release(data / "releases" / listed[-1].number) if listed else None


def _describe_records(register: Register) -> Records:
    return {
        kind: {
            identity: record.model_dump(mode="json", exclude_defaults=True, exclude_none=True)
            for identity, record in of_kind.items()
        }
        for kind, of_kind in register.records.items()
    }


def _add_outcomes(register: Register, records: Records) -> list[Mistake]:
    """Add outcomes, and the figures of datasets. Return what forbids a release."""
    catalogue, mistakes = Catalogue(records), []
    published = {one: record.get("published") for one, record in records["source"].items()}
    figures = {row["id"]: complete(row, published[row["source"]], (), ()) for row in register.figures}
    for located in register.located:
        record, content = located.record, records[located.kind][located.id]
        if isinstance(record, Check):
            content["outcome"] = outcome = judge_check(content, figures, catalogue)
            if outcome["result"] == "fails" and not record.explanation:
                message = f"this fails ({outcome['computed']} against {outcome['stated']}); say why in explanation"
                mistakes.append(located.places.mistake((), message))
        elif isinstance(record, Disagreement):
            members = [figures[one] for one in record.members]
            content["outcome"] = judge_disagreement(members, catalogue)
            if not differ(members):
                mistakes.append(located.places.mistake(("members",), "these figures do not differ"))
        elif isinstance(record, Dataset):
            content["figures"] = sorted(one for one, row in figures.items() if record.shows(row))
    return mistakes


def _check_release(release: Release, last: Release | None, needed: str) -> Iterator[str]:
    if not re.fullmatch(r"\d{1,5}\.\d{1,5}\.\d{1,5}", release.number, re.ASCII):
        yield f"{release.number!r} is not a release number; write one like {needed}."
    elif order_of(release.number) < order_of(needed):
        yield f"{release.number} is too low: these changes need {needed} or higher."
    if not release.summary:
        yield "The summary is empty. Say in a sentence what is new."
    if last and release.day < last.day:
        yield f"Release {last.number} is dated {last.day}, so this one cannot be dated {release.day}."
    kept = [(sorted(one.excluded, key=str), sorted(one.earlier, key=str)) for one in (release, last) if one]
    if last and not release.changes and kept[0] == kept[1]:
        yield f"Nothing has changed since release {last.number}."
