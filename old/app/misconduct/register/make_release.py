"""Make a release: find what it adds, ends or removes, choose its number, and write its two files."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

from pydantic import ValidationError

from misconduct.errors import MisconductError
from misconduct.model.kinds import FORMS, KINDS, NUMBER, WORDING, ReleaseRecord
from misconduct.model.observation import Observation
from misconduct.model.records import ManifestLine, Release, chain_digest
from misconduct.register.csv_files import Cells, Table
from misconduct.register.decisions import COLUMNS as DECISION_COLUMNS
from misconduct.register.decisions import read_decisions
from misconduct.register.editors import RegisterInUse, SeenFiles
from misconduct.register.files import DECISIONS, Layout, RegisterFile, find_disallowed_character, find_files
from misconduct.register.mistakes import Mistakes, Refused
from misconduct.register.observations import Batch
from misconduct.register.reader import Register, open_register, read_register
from misconduct.register.record_files import write_json
from misconduct.register.records import digest_tree, explain_validation_error
from misconduct.register.releases import COLUMNS, RECORDED, Manifests, as_numbers, format_manifest
from misconduct.register.rules import WORDS_AT
from misconduct.register.temporary_folder import unfinished_files
from misconduct.register.yaml_files import read_trees

FIRST = "1.0.0"
_YEARS_AHEAD = 10

_PER_VERSION = frozenset({"version", "sha256", "added_in", "ended_in"})
"""Fields that differ in every version."""


class ReleaseRefused(MisconductError):
    """A release that cannot be made as requested."""


class Decision(NamedTuple):
    """An editor's decision on a record: that it `ended`, was `removed`, or why it was `added` in a new version."""

    action: str
    kind: str
    id: str
    version: int | None
    reason: str
    replaced_by: str | None

    def __str__(self) -> str:
        """Write it as `parse_decision` reads it."""
        kind = "" if self.kind == "observation" else f"{self.kind}/"
        version = f"@{self.version}" if self.version else ""
        return f"{kind}{self.id}{version}={self.reason}{f';{self.replaced_by}' if self.replaced_by else ''}"


class Change(IntEnum):
    """How much a release changes, which decides the part of its number that goes up."""

    WORDING = 0
    ADDITION = 1
    MEANING = 2


@dataclass(frozen=True)
class Proposal:
    """A release that could be made now. `lines` are those of its manifest, except the one for its own record.

    `sources` are those whose documents have the places that the release adds; `seen` are the files that were read.
    `staying` are the released versions that stay of what is removed in another, as `--remove` takes them, `told` the
    reasons about it, which stay for ever, and `after_removed` the new versions that follow one that a release before
    removed.
    """

    number: str
    change: Change
    lines: Sequence[ManifestLine]
    previous: Release | None
    sources: Sequence[str]
    seen: SeenFiles
    staying: Sequence[str]
    told: Sequence[str]
    after_removed: Sequence[str]


_OF = rf"(?:(?P<kind>{'|'.join(RECORDED)})/)?(?P<id>[\w./-]+?)(?:@(?P<version>[1-9]\d{{0,5}}))?="
_ENDING = re.compile(rf"{_OF}(?P<reason>[^;]+)(?:;(?P<by>.+))?")
_REASON = re.compile(rf"{_OF}(?P<reason>.+)(?P<by>)", re.DOTALL)
"""Why a version was added, with its semicolons: only what is ended or removed has a replacement."""


def parse_decision(action: str, text: str) -> Decision:
    """Parse `KIND/ID[@VERSION]=REASON[;REPLACED_BY]`; without a kind it is an observation. Raises ValueError.

    What was `added` replaces nothing else: a semicolon is part of its reason.
    """
    match = (_REASON if action == "added" else _ENDING).fullmatch(text.strip())
    if match is None:
        also = "" if action == "added" else ", or ID=REASON;REPLACED_BY"
        raise ValueError(f"{text!r} is not of the form ID=REASON or KIND/ID@VERSION=REASON{also}")
    if match["kind"] == "release":
        raise ValueError(f"{text!r}: a release itself is never ended, removed or given a reason")
    version, by = match["version"], match["by"]
    return Decision(action, match["kind"] or "observation", match["id"], int(version) if version else None,
                    match["reason"].strip(), by.strip() if by else None)  # fmt: skip


def propose_release(
    root: Path, decisions: Sequence[Decision] = (), *, instead_of: str | None = None, seen: SeenFiles | None = None
) -> Proposal:
    """Propose the release that could be made now, or in place of the newest one, which was read when it was `seen`.

    Raises RegisterRefused if the register has mistakes, and ReleaseRefused if there is nothing to release or a decision
    does not match any released record.
    """
    for decision in decisions:
        _require_writable(f"{decision.reason};{decision.replaced_by or ''}")
    seen, mistakes = seen or SeenFiles(root), Mistakes()
    opened = open_register(root, mistakes, drafts=True, decide=partial(decide, decisions), without=instead_of)
    revised = {line.id for line in opened.drafts if line.kind == "observation" and line.version > 1}
    rows: dict[str, Observation] = {}  # of observations with a new version
    sources: set[str] = set()

    def watch(batch: Batch) -> None:
        rows.update({f"{o.id}@{o.version}": o for o in batch.observations if o.id in revised})
        sources.update(o.source for o in batch.observations if o.added_in == opened.manifests.chain.draft)

    register = opened.finish(watch)
    mistakes.raise_if_any()
    if not register.drafts:
        raise ReleaseRefused("There is nothing to release: every record is in a manifest already.")
    _require_replacements(register)
    previous = register.releases[-2] if len(register.releases) > 1 else None
    change = max(_classify_change(line, rows, register) for line in register.drafts)
    sources.update(_sources_with_places(register))
    held = [slug for slug, source in sorted(register.sources.items()) if slug in sources and source.content["held"]]
    lines = _with_reasons(register.drafts, decisions)
    by_action = {action: {one[1:4] for one in lines if one.action == action} for action in ("ended", "removed")}
    if both := sorted(by_action["ended"] & by_action["removed"]):
        found = f"{', '.join('{}/{}@{}'.format(*one) for one in both[:5])} would be ended and removed in one release."
        raise ReleaseRefused(found, hint="What is removed needs no end: leave out --end, or its line in decisions.csv")
    staying, back = list(_staying(lines, register.manifests)), list(_after_removed(lines, register.manifests))
    told = list(_reasons_about_removed(lines, register))
    return Proposal(next_number(previous, change), change, lines, previous, held, seen, staying, told, back)


def _staying(lines: Iterable[ManifestLine], manifests: Manifests) -> Iterator[str]:
    """Yield the released versions that stay of what these lines remove."""
    for kind, identity in dict.fromkeys((line.kind, line.id) for line in lines if line.action == "removed"):
        ledger = manifests.ledgers[kind]
        for version in range(1, ledger.latest(identity) + 1):
            key = f"{identity}@{version}"
            if key not in ledger.removed and ledger.in_force(key).added_in < manifests.chain.draft:
                yield key if kind == "observation" else f"{kind}/{key}"


def _reasons_about_removed(lines: Sequence[ManifestLine], register: Register) -> Iterator[str]:
    """Yield the reasons, in earlier manifests and in these lines, that were given for versions of what these lines
    remove, or for an end in its favour: they may state what is removed."""
    removed = {(line.kind, line.id) for line in lines if line.action == "removed"}
    draft = register.manifests.chain.draft
    for line in (*(line for line in register.lines if line.release < draft), *lines):
        about = {(line.kind, line.id), (line.kind, line.replaced_by)}
        if line.reason and line.action != "removed" and not about.isdisjoint(removed):
            number = f"release {register.releases[line.release - 1].number}" if line.release < draft else "this release"
            key = f"{line.id}@{line.version}"
            yield f"{key if line.kind == 'observation' else f'{line.kind}/{key}'} in {number}: {line.reason}"


def _after_removed(lines: Iterable[ManifestLine], manifests: Manifests) -> Iterator[str]:
    """Yield the new versions of these lines that follow one that a release before removed."""
    draft = manifests.chain.draft
    for line in lines:
        before = f"{line.id}@{line.version - 1}"
        if line.action == "added" and manifests.ledgers[line.kind].removed.get(before, draft) < draft:
            key = f"{line.id}@{line.version}"
            yield key if line.kind == "observation" else f"{line.kind}/{key}"


def _sources_with_places(register: Register) -> Iterator[str]:
    """Yield the sources in whose documents the new records have places, or whose cells they read: the new ones, those
    that are quoted, and those of tables.
    """
    new = {(line.kind, line.id, line.version) for line in register.drafts if line.action == "added"}
    read = dict[tuple[str, str], set[str]]()  # by table or mapping, the sources whose cells it reads
    for table in (one.content for one in register.in_force if one.kind == "table" and one.content):
        keys = (key["reference"]["resource"] for key in table["tableSchema"]["foreignKeys"])
        for name in (("table", table["id"]), *(("mapping", key) for key in keys)):
            read.setdefault(name, set()).add(table["source"])
    for entry in register.in_force:
        if (entry.kind, entry.id, entry.version) in new:
            if entry.kind in ("source", "quote"):
                yield entry.id
            yield from read.get((entry.kind, entry.id), ())
            yield from (entry.content[of.source] for _, of in KINDS[entry.kind].quotations)


def write_release(
    root: Path,
    proposal: Proposal,
    summary: str,
    released: date,
    number: str | None = None,
    *,
    instead_of: str | None = None,
) -> Path:
    """Write the two files of a release in one step, and return its manifest.

    Those of the release that it is `instead_of` are deleted, and so is `decisions.csv`, unless somebody has changed it
    since they were read. At no moment are both whole: a release that is stopped is then what comes after all others.
    Raises ReleaseRefused, RegisterRefused if the register would have mistakes with them, or RegisterInUse if anything
    changed since the proposal; nothing is then written.
    """
    number = number or proposal.number
    if not re.fullmatch(NUMBER, number):
        raise ReleaseRefused(f"{number!r} is not a release number: {FORMS[NUMBER]}.")
    if as_numbers(number) <= (as_numbers(proposal.previous.number) if proposal.previous else ()):
        raise ReleaseRefused(f"{number} does not come after the last release.")
    if released.year > datetime.now(UTC).year + _YEARS_AHEAD:
        hint = "The day is that on which it is made; none after it may have an earlier one. Is the year right?"
        raise ReleaseRefused(f"{released} is more than {_YEARS_AHEAD} years from now.", hint=hint)
    record = _record(number, released, summary, proposal.previous)
    own = ManifestLine(0, "release", number, 1, "added", digest_tree(record).hex(), None, None)
    with unfinished_files(root) as unfinished:
        folder = unfinished / "releases"
        folder.mkdir()
        files = [folder / f"{number}.yaml", folder / f"{number}.csv"]
        files[0].write_text("".join(map(_format_key, record.items())), encoding="utf-8", newline="")
        files[1].write_bytes(format_manifest([own, *proposal.lines]))
        _require_valid_with(root, unfinished, instead_of)
        told = [line for line in proposal.lines if line.reason]
        waiting = [Decision(x.action, x.kind, x.id, x.version, x.reason or "", x.replaced_by) for x in told]
        seen = proposal.seen
        seen.require_unwritten()
        # Until the manifest is there they wait: if this is stopped, those of the command line are nowhere else.
        steps: dict[str, str | Path | None] = {**_beside_those_that_wait(root, waiting)}
        replaced = f"releases/{instead_of}" if instead_of and instead_of != number else ""
        if replaced:
            steps[f"{replaced}.csv"] = None
        steps[f"releases/{number}.yaml"] = files[0]
        if replaced:  # not before the new record: until then the summary is nowhere else
            steps[f"{replaced}.yaml"] = None
        steps[f"releases/{number}.csv"] = files[1]
        seen.put(steps)
        with suppress(RegisterInUse):  # what somebody has written there since is in no manifest
            seen.put({DECISIONS: None})
    return root / "releases" / files[-1].name


class SealedRelease(NamedTuple):
    """The newest release as its files say, when they were `seen`.

    `is_chained`: it follows the releases before it that are there. `resumed` are the versions that it adds after one
    that the law removed, for which it was said that they do not have what was removed.
    """

    number: str
    released: date
    summary: str
    decisions: list[Decision]
    digest: str
    is_chained: bool
    seen: SeenFiles
    resumed: frozenset[str] = frozenset()


def read_newest_release(root: Path) -> SealedRelease:
    """Read the newest release of a register that need not be right. Raises ReleaseRefused.

    One without a manifest was being written when something stopped it: its decisions still wait, and nobody has it.
    """
    seen, mistakes = SeenFiles(root), Mistakes()
    found = sorted(find_files(root, "releases", mistakes), key=lambda file: as_numbers(file.stem))
    mistakes.raise_if_any()
    manifests, records = ([file for file in found if file.path.suffix == suffix] for suffix in (".csv", ".yaml"))
    if records and (not manifests or as_numbers(records[-1].stem) > as_numbers(manifests[-1].stem)):
        number, record = records[-1].stem, _read_record(records[-1])
        return SealedRelease(number, _day_of(record), record.summary, [], "", is_chained=False, seen=seen)
    if not manifests:
        raise ReleaseRefused(
            "Nothing is released: all records are drafts.", hint="A draft is changed or deleted where it is."
        )
    digest, removed = "", set[tuple[str, ...]]()
    for manifest in manifests[:-1]:
        digest = chain_digest(digest, manifest.path.read_bytes())
        removed |= {tuple(row[:3]) for row in _lines_of(manifest, mistakes) if row[3] == "removed"}
    number, cells = manifests[-1].stem, _lines_of(manifests[-1], mistakes)
    if not records or records[-1].stem != number:
        raise _unreadable(number)
    record = _read_record(records[-1])
    try:
        mistakes.raise_if_any()
        decisions = [
            Decision(action, kind, identity, int(version), reason, by or None)
            for kind, identity, version, action, _, reason, by in cells
            if reason
        ]
        before = (((kind, of, str(int(version) - 1)), f"{of}@{version}") for kind, of, version, *_ in cells)
        resumed = {key if one[0] == "observation" else f"{one[0]}/{key}" for one, key in before if one in removed}
    except (MisconductError, ValueError) as error:
        raise _unreadable(number) from error
    if any(one.kind not in RECORDED for one in decisions):
        raise _unreadable(number)
    sealed = chain_digest(record.previous or "", manifests[-1].path.read_bytes())
    is_chained = (record.previous or "") == digest
    return SealedRelease(
        number, _day_of(record), record.summary, decisions, sealed, is_chained, seen, frozenset(resumed)
    )


def _lines_of(manifest: RegisterFile, mistakes: Mistakes) -> list[Cells]:
    return [row.cells for row in Table(manifest, COLUMNS, COLUMNS[:5], mistakes).rows()]


def _day_of(record: ReleaseRecord) -> date:
    return date.fromisoformat(record.released)


def _read_record(file: RegisterFile) -> ReleaseRecord:
    mistakes = Mistakes()
    try:
        [tree] = read_trees(file, mistakes)
        record = ReleaseRecord.model_validate(tree.value)
        mistakes.raise_if_any()
    except (MisconductError, ValueError) as error:
        raise _unreadable(file.stem) from error
    return record


def _unreadable(number: str) -> ReleaseRefused:
    hint = "Restore them; after a merge that stopped: git merge --abort."
    return ReleaseRefused(f"The files of release {number} cannot be read.", hint=hint)


def _beside_those_that_wait(root: Path, decisions: Iterable[Decision]) -> dict[str, str]:
    """Return the file of decisions by its name, with those that can wait; nothing if there are none."""
    kept = [one for one in decisions if one.action != "removed"]
    path, text, mistakes, layout = root / DECISIONS, io.StringIO(), Mistakes(), Layout(root.resolve().name)
    if path.is_symlink() or (path.exists() and not path.is_file()):
        raise ReleaseRefused(f"{path} is not a file.", hint="Whatever it is, it is not the register's: delete it.")
    if not kept:
        return {}
    layout.folders[""] = [RegisterFile(path, f"{layout.name}/{DECISIONS}")] if path.exists() else []
    rows = [one.row.cells for one in read_decisions(layout, mistakes)]
    mistakes.raise_if_any()
    rows += [(one.kind, one.id, str(one.version), one.action, one.reason, one.replaced_by or "") for one in kept]
    csv.writer(text, lineterminator="\n").writerows(dict.fromkeys([DECISION_COLUMNS, *rows]))
    return {DECISIONS: text.getvalue()}


def delete_release(seen: SeenFiles, number: str, waiting: Sequence[Decision] = ()) -> None:
    """Delete the two files of a release, and let decisions wait for the next one beside those that do: not removals.

    Raises ReleaseRefused, RegisterInUse, or RegisterRefused if those that wait cannot be read; nothing is then written.
    """
    decisions = _beside_those_that_wait(seen.root, waiting)
    seen.put({**decisions, f"releases/{number}.csv": None, f"releases/{number}.yaml": None})


def _record(number: str, released: date, summary: str, previous: Release | None) -> dict[str, Any]:
    """Return the release's own record. Raises ReleaseRefused if it is not valid."""
    _require_writable(summary)
    record = {"id": number, "version": 1, "released": released.isoformat(), "summary": " ".join(summary.split())}
    if previous:
        record["previous"] = previous.digest
    try:
        ReleaseRecord.model_validate(record)
    except ValidationError as error:
        [(_, refused), *_] = explain_validation_error(error, ReleaseRecord, record)
        raise ReleaseRefused(f"{refused.found}: {refused.allowed}.") from error
    return record


def _format_key(item: tuple[str, Any]) -> str:
    return f"{item[0]}: {write_json(item[1])}\n"


def _require_writable(text: str) -> None:
    if unfit := find_disallowed_character(text):
        raise ReleaseRefused(f"{unfit.found}: {text!a}", hint=f"Allowed is {unfit.allowed}.")
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise ReleaseRefused(f"{text!r} is not UTF-8.") from error


def _require_valid_with(root: Path, overlay: Path, without: str | None) -> None:
    """Raise RegisterRefused unless the register is valid with the two files of the release."""
    mistakes = Mistakes()
    read_register(root, mistakes, overlay=overlay, without=without)
    mistakes.raise_if_any()


def next_number(previous: Release | None, change: Change) -> str:
    """Return the next number: 2.0.0 after 1.4.2 if a meaning changed, 1.5.0 if something was added."""
    if previous is None:
        return FIRST
    major, minor, patch = as_numbers(previous.number)
    return {
        Change.MEANING: f"{major + 1}.0.0",
        Change.ADDITION: f"{major}.{minor + 1}.0",
        Change.WORDING: f"{major}.{minor}.{patch + 1}",
    }[change]


def decide(decisions: Sequence[Decision], manifests: Manifests) -> list[ManifestLine]:
    """Return the manifest's lines for what is ended or removed, checked against what was released so far."""
    ending = (one for one in decisions if one.action != "added")
    meant = (one._replace(version=one.version or manifests.ledgers[one.kind].latest(one.id)) for one in ending)
    return [_decided(decision, manifests) for decision in _each_once(meant)]


def _each_once(decisions: Iterable[Decision]) -> Iterable[Decision]:
    """Return decisions on known versions, each once. Raises ReleaseRefused if one is there in other words, too."""
    once = dict[tuple[object, ...], Decision]()
    for one in decisions:
        if (first := once.setdefault(one[:4], one)) != one:
            found = f"Two decisions say otherwise of the same version: {str(first)!r} and {str(one)!r}."
            raise ReleaseRefused(found, hint=f"Give one of them. What waits in {DECISIONS} is changed there.")
    return once.values()


def _decided(decision: Decision, manifests: Manifests) -> ManifestLine:
    ledger, version = manifests.ledgers[decision.kind], decision.version or 0
    key = f"{decision.id}@{version}"
    if key not in ledger:
        raise ReleaseRefused(f"No release has the {decision.kind} {decision.id}, so it cannot be {decision.action}.")
    line = ManifestLine(manifests.chain.draft, decision.kind, decision.id, version, decision.action,
                        ledger.sha256(key), decision.reason, decision.replaced_by)  # fmt: skip
    try:
        manifests.apply(line, 0, None)
    except Refused as refused:
        raise ReleaseRefused(
            f"{decision.kind} {decision.id} cannot be {decision.action}: {refused.found}."
        ) from refused
    return line


def _require_replacements(register: Register) -> None:
    back = register.manifests.find_cycles((line.kind, line.id, line.replaced_by) for line in register.drafts)
    for line in register.drafts:
        why = "following the replacements leads back to it" if (line.kind, line.id) in back else ""
        if line.replaced_by and not register.knows(line.kind, line.replaced_by):
            why = "there is no such record"
        if why:
            raise ReleaseRefused(f"{line.kind} {line.id} cannot be replaced by {line.replaced_by!r}: {why}.")


def _with_reasons(lines: Sequence[ManifestLine], decisions: Sequence[Decision]) -> list[ManifestLine]:
    """Return the lines, those of new versions with the reasons given for them, or that waited.

    Raises ReleaseRefused if a reason is of no new version, or not the only one of it.
    """
    added = [line for line in lines if line.action == "added"]
    versions = {(line.kind, line.id): line.version for line in added}  # of a record, one can be new
    given = [one for one in decisions if one.action == "added"]
    meant = [one._replace(version=versions.get((one.kind, one.id))) for one in given]
    unknown = {
        str(one).partition("=")[0]
        for one, new in zip(given, meant, strict=True)
        if not new.version or one.version not in (None, new.version)
    }
    if unknown:
        raise ReleaseRefused(f"Nothing new to give a reason for: {', '.join(sorted(unknown))}.")
    waited = (Decision(x.action, x.kind, x.id, x.version, x.reason, None) for x in added if x.reason)
    reasons = {one[1:4]: one.reason for one in _each_once([*waited, *meant])}
    return [line._replace(reason=reasons.get(line[1:4])) if line.action == "added" else line for line in lines]


def _classify_change(line: ManifestLine, rows: Mapping[str, Observation], register: Register) -> Change:
    if line.action != "added":
        return Change.MEANING
    if line.version == 1:
        return Change.ADDITION
    before, after = _contents(line, rows, register)
    wording = ("caveats", *WORDS_AT) if line.kind == "observation" else KINDS[line.kind].marked(WORDING)
    changed = {field for field in after if before.get(field) != after[field]} - {*wording} - _PER_VERSION
    if changed and changed <= _MAY_GROW and all(_is_added_to(before[name], after[name]) for name in changed):
        return Change.ADDITION
    return Change.MEANING if changed else Change.WORDING


_MAY_GROW = {"measures", "broader", "narrower"}
"""The keys in which a record may say more than before, and all that it said still holds."""


def _is_added_to(before: Any, after: Any) -> bool:
    return before is None or (isinstance(before, list) and set(before) <= set(after))


def _contents(line: ManifestLine, rows: Mapping[str, Observation], register: Register) -> list[Mapping[str, Any]]:
    """Return the contents of the version before and of this version; empty for one that was removed."""
    versions = (line.version - 1, line.version)
    if line.kind == "observation":
        found = [rows.get(f"{line.id}@{version}") for version in versions]
        return [observation._asdict() if observation else {} for observation in found]
    contents = {
        record.version: record.content
        for record in register.records
        if (record.kind, record.id) == (line.kind, line.id)
    }
    return [contents.get(version, {}) for version in versions]
