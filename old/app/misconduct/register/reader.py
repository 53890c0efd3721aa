"""Read a register: first its releases and records, then its observations; every mistake is in one place."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from misconduct.model.observation import OPEN
from misconduct.model.records import DRAFT, Assessment, ManifestLine, Record, Release, chain_digest
from misconduct.register.assessments import Assessor
from misconduct.register.csv_files import Table, parse_version
from misconduct.register.decisions import (
    WaitingDecision,
    apply_endings,
    check_reasons,
    check_replacements,
    explain_versions,
    read_decisions,
)
from misconduct.register.drawable_charts import DrawableCharts
from misconduct.register.excluded_numbers import read_excluded_numbers
from misconduct.register.files import Layout, RegisterFile, scan_folder
from misconduct.register.ledger import InForce, Ledger
from misconduct.register.mistakes import MANIFEST_LINES, Mistakes, Refused
from misconduct.register.observation_columns import COLUMNS, REQUIRED
from misconduct.register.observations import RULES_ACROSS, Batch, ObservationReader, Rule, digest_observation
from misconduct.register.records import WrittenRecord, disallowed_text, read_records
from misconduct.register.references import (
    ClaimedRecord,
    KnownIds,
    check_dataset_coverage,
    check_files_of_sources,
    check_notes,
    check_references,
    check_retrieved,
)
from misconduct.register.releases import Manifests, format_manifest, order, read_releases
from misconduct.register.shown_and_hidden import ShownAndHidden

Progress = Callable[[int, int], None]
"""Called with the bytes read and the total."""


OnBatch = Callable[[Batch], object]


@dataclass
class OpenRegister:
    """A register whose releases and records are read, and whose observations are not yet.

    `records` has every version of all records but observations, and `in_force` those in force; `lines` has the manifest
    lines that say more than that a first version was added. `sources` are those in force; `drafts` are the lines of a
    release that would be made now, and `ending` the ids of the observations that wait to be ended.
    `waiting` are the decisions for it.
    `written` has the records as in their files (`WrittenRecord.written`), by kind, id and version.
    """

    layout: Layout
    manifests: Manifests
    mistakes: Mistakes
    known: KnownIds
    found: list[ClaimedRecord]
    releases: list[Release]
    drafts: list[ManifestLine]
    ending: frozenset[str]
    waiting: list[WaitingDecision]

    def __post_init__(self) -> None:
        last = len(self.releases)
        self.records = [_record(*record) for record in self.found if record.in_force.added_in <= last]
        self.written = {(entry.kind, entry.id, entry.version): entry.written for entry, _ in self.found}
        self.in_force = [entry for entry, in_force in self.found if in_force.ended_in == OPEN]
        self.sources = {entry.id: entry for entry in self.in_force if entry.kind == "source"}

    @property
    def lines(self) -> list[ManifestLine]:
        """The notable lines of all manifests."""
        return self.manifests.notable

    @property
    def sealed_observations(self) -> Ledger:
        """The versions of observations in the manifests."""
        return self.manifests.ledgers["observation"]

    def knows(self, kind: str, identity: str) -> bool:
        """Return whether a release, or a draft that was read with them, has such a record."""
        return self.manifests.ledgers[kind].latest(identity) > 0

    def finish(self, on_batch: OnBatch | None = None, on_progress: Progress | None = None) -> Register:
        """Read the observations, drafts too, and check everything that needs them. Can be called once.

        Every mistake is then known. Observations are not kept: `on_batch` is called with each batch of each file.
        """
        ledger, files, count = self.sealed_observations, self.layout["observations"], 0
        versions = sorted((one.entry for one in self.found if one.entry.kind == "source"), key=lambda one: one.version)
        published = {entry.id: entry.content.get("published") for entry in versions}  # of the newest version
        reader = ObservationReader(self.known, published, ledger, self.mistakes)
        assessor = Assessor(self.found, ledger, self.mistakes)
        charts = DrawableCharts(self.found, ledger, self.mistakes)
        tables = sorted((one.entry for one in self.found if one.entry.kind == "table"), key=lambda one: one.version)
        rules: tuple[Rule | Assessor | DrawableCharts | ShownAndHidden, ...] = (
            assessor,
            charts,
            ShownAndHidden(tables, files, ledger, self.mistakes),
            *(rule(ledger.chain.draft, self.ending) for rule in RULES_ACROSS),
        )
        done, total = 0, sum(file.path.stat().st_size for file in files)
        for file in files:
            for batch in reader.read(file, self.manifests.chain.file_number(file.name)):
                for rule in rules:
                    rule.watch(batch)
                count += len(batch.rows)
                if on_batch:
                    on_batch(batch)
                if on_progress:
                    on_progress(done + batch.table.size, total)
            done += file.path.stat().st_size
            if on_progress:
                on_progress(done, total)
        self._check_completeness()
        check_replacements(self.waiting, self.manifests)
        check_reasons(self.waiting, self.manifests)
        for rule in rules:
            rule.check()
        last = len(self.releases)
        assessed = list(assessor.assess(last + 1))  # drafts are checked too
        assessments = [one for one in assessed if one.release <= last]
        coming = (one for one in assessed if one.release == self.manifests.chain.draft and one.kind == "check")
        results = Counter(one.content["result"] for one in coming)
        fields = (self.layout, self.manifests, self.mistakes, self.known, self.found, self.releases, self.drafts)
        return Register(*fields, self.ending, self.waiting, assessments, results, count)

    def _check_completeness(self) -> None:
        for kind, ledger in self.manifests.ledgers.items():
            for place, key in ledger.missing():
                found, about = f"{kind} {key} was released and is in no file", (kind, key.partition("@")[0])
                refused = Refused("deleted", found, "restore it: released records stay", about=about)
                self.mistakes.report_at(place, refused)
            for place, found in ledger.moved():
                self.mistakes.report_at(place, Refused("moved", found, "all versions in one file"))


@dataclass
class Register(OpenRegister):
    """A whole register. `assessments` are the results of its checks and disagreements in each release; `results`
    counts those of the checks with all drafts."""

    assessments: list[Assessment]
    results: Counter[str]
    observations: int


def read_register(
    root: Path,
    mistakes: Mistakes,
    *,
    drafts: bool = False,
    overlay: Path | None = None,
    without: str | None = None,
    ending: Iterable[str] = (),
    on_batch: OnBatch | None = None,
    on_progress: Progress | None = None,
) -> Register:
    """Read and check the register in `root`. Every mistake is then in `mistakes`."""
    opened = open_register(root, mistakes, drafts=drafts, overlay=overlay, without=without, ending=ending)
    return opened.finish(on_batch, on_progress)


Decide = Callable[[Manifests], Iterable[ManifestLine]]
"""Return the manifest's lines for what the next release ends or removes."""


def open_register(
    root: Path,
    mistakes: Mistakes,
    *,
    drafts: bool = False,
    decide: Decide | None = None,
    overlay: Path | None = None,
    without: str | None = None,
    ending: Iterable[str] = (),
) -> OpenRegister:
    """Read and check everything in the register in `root` except its observations.

    With `drafts`, everything that is in no manifest forms a last release, with the decisions that wait for it and the
    lines that `decide` adds to the manifests. `overlay` has files that are elsewhere until they are known to be valid;
    those of the release `without` that it does not have are left out. `ending` are observations that are to be ended
    beside those for which a decision waits.
    """
    layout, manifests = scan_folder(root, mistakes, overlay), Manifests(mistakes)
    layout.folders["releases"] = [
        file
        for file in layout.folders["releases"]
        if file.stem != without or (overlay and file.path.is_relative_to(overlay))
    ]
    entries = list(read_records(layout, mistakes))
    releases = read_releases(layout, entries, manifests, mistakes)
    decided, waiting = list(decide(manifests)) if decide else [], read_decisions(layout, mistakes)
    if drafts:
        decided += apply_endings(waiting, manifests, decided)
    draft_lines = sorted(_draft_lines(layout, entries, manifests), key=order) if drafts else []
    draft_lines = explain_versions(draft_lines, waiting)
    lines = sorted((*decided, *draft_lines), key=order)
    if lines:
        digest = chain_digest(releases[-1].digest if releases else "", format_manifest(lines))
        releases.append(Release(len(releases) + 1, DRAFT, datetime.now(UTC).date(), "Drafts", digest))
        manifests.add_draft_release(draft_lines)
    found, refused = _claim(entries, manifests, mistakes)
    known = KnownIds(found, refused, manifests.chain, mistakes)
    check_references(found, known, layout.name, mistakes)
    check_dataset_coverage(found, manifests.ledgers["dataset"].removed_in_force(), known, mistakes)
    _check_sources(found, refused, layout, known, mistakes)
    ends = {one.id for one in waiting if (one.kind, one.action) == ("observation", "ended")}
    return OpenRegister(
        layout, manifests, mistakes, known, found, releases, lines, frozenset({*ends, *ending}), waiting
    )


def _draft_lines(layout: Layout, entries: list[WrittenRecord], manifests: Manifests) -> Iterator[ManifestLine]:
    """Yield a line for each record that is in no manifest. Rows that cannot be read are reported later."""
    ordinal, ledgers = manifests.chain.draft, manifests.ledgers
    for entry in entries:
        if entry.key not in ledgers[entry.kind]:
            yield ManifestLine(ordinal, entry.kind, entry.id, entry.version, "added", entry.sha256.hex(), None, None)
    for file in layout["observations"]:
        yield from _draft_rows(file, ordinal, ledgers["observation"])


def _draft_rows(file: RegisterFile, ordinal: int, ledger: Ledger) -> Iterator[ManifestLine]:
    for rows in Table(file, COLUMNS, REQUIRED, Mistakes()).batches():
        for number, (identity, version) in enumerate(zip(rows.columns["id"], rows.columns["version"], strict=True)):
            with suppress(Refused):
                if f"{identity}@{version}" not in ledger:
                    facts = (ordinal, "observation", identity, parse_version(version), "added")
                    sha256 = digest_observation(rows[number].cells, file.stem).hex()
                    yield ManifestLine(*facts, sha256, None, None)


def _claim(
    entries: list[WrittenRecord], manifests: Manifests, mistakes: Mistakes
) -> tuple[list[ClaimedRecord], list[WrittenRecord]]:
    """Match the records with their manifests. Return those in force, with their releases, and those refused."""
    claimed, refused_records = list[ClaimedRecord](), list[WrittenRecord]()
    for entry in entries:
        place = entry.locate(("id",))
        try:
            number = manifests.chain.file_number(place.file)
            in_force = manifests.ledgers[entry.kind].claim(entry.key, entry.sha256, number, place.line)
            report = mistakes.report_at if in_force.added_in == manifests.chain.draft else mistakes.warn
            for at, disallowed in disallowed_text(entry):
                report(at, disallowed)
            if entry.kind == "release":
                _check_own_manifest(entry, in_force.added_in, manifests)
        except Refused as refused:
            refused_records.append(entry)
            mistakes.report_at(place, refused)
        else:
            claimed.append(ClaimedRecord(entry, in_force))
    return claimed, refused_records


def _check_own_manifest(entry: WrittenRecord, added_in: int, manifests: Manifests) -> None:
    numbers = manifests.chain.numbers
    if added_in > len(numbers) or numbers[added_in - 1] != entry.id:
        found = "the manifest of this release does not name the release's own record"
        raise Refused("unsealed", found, "a line of kind release", about=MANIFEST_LINES)


def _record(entry: WrittenRecord, in_force: InForce) -> Record:
    return Record(entry.kind, entry.id, entry.version, entry.content, entry.sha256, *in_force)


def _check_sources(
    found: list[ClaimedRecord], refused: list[WrittenRecord], layout: Layout, known: KnownIds, mistakes: Mistakes
) -> None:
    for entry, in_force in found:
        check_notes(entry, mistakes)
        if entry.kind == "source" and in_force.added_in == known.chain.draft:  # younger than the first release
            check_retrieved(entry, mistakes)
    sources = [entry for entry, _ in found if entry.kind == "source"]
    held = {entry.id: entry.content.get("held", True) for entry in (*refused, *sources) if entry.kind == "source"}
    unread = {file.stem: True for file in layout["sources"] if file.name in mistakes.unreadable_files}
    check_files_of_sources(layout, unread | held, mistakes)
    for file in layout["not-statistics"]:
        read_excluded_numbers(file, known, mistakes)
