"""The register, read: releases and records at once, observations as a stream, every mistake in one place."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from app.domain.observation import OPEN, Observation
from app.domain.records import DRAFT, Assessment, ManifestLine, Record, Release, chain_digest
from app.register.assessments import Assessor
from app.register.cells import COLUMNS, REQUIRED
from app.register.drawable import DrawableCharts
from app.register.entries import Entry, read_entries
from app.register.files import Layout, RegisterFile, lay_out
from app.register.ledger import InForce, Ledger
from app.register.manifests import Manifests, format_manifest, order, parse_version
from app.register.mistakes import Mistakes, Refused
from app.register.not_statistics import read_not_statistics
from app.register.observations import Batch, ObservationReader, digest_observation
from app.register.origins import Origins
from app.register.references import Found, Known, check_references
from app.register.releases import read_releases
from app.register.shown import check_shown
from app.register.sources import check_files_of_sources, check_notes
from app.register.statements import Statements
from app.register.tables import Table
from app.register.unfit import unfit_parts
from app.register.unread import Unread

Progress = Callable[[int, int], None]
"""Told how many bytes of how many are done."""


class Register:
    """A register. `releases`, `records` and `lines` are there at once; observations come as a stream, once.

    `records` are all but the observations, in every version, and `in_force` those that are; `lines` are those of the
    manifests that say more than that a first version was added. `sources` are those in force, `drafts` the lines of a
    release that would be made now, and `assessments`, once the observations have streamed by, what checks and
    disagreements come to in each release. `written` are the records as they stand in their files (`Entry.written`), by
    kind, id and version.
    """

    def __init__(self, layout: Layout, manifests: Manifests, mistakes: Mistakes, on_progress: Progress | None) -> None:
        self.layout, self._manifests, self._mistakes = layout, manifests, mistakes
        self._on_progress = on_progress or (lambda _done, _total: None)
        self.releases: list[Release] = []
        self.records: list[Record] = []
        self.written: dict[tuple[str, str, int], bytes] = {}
        self.drafts: list[ManifestLine] = []
        self.in_force: list[Entry] = []
        self.sources: dict[str, Entry] = {}
        self.unread = Unread(layout.name, mistakes)
        self.known = Known((), (), manifests.chain, self.unread)
        self.assessments: list[Assessment] = []
        self.assessor = Assessor((), manifests.ledgers["observation"], self.unread)
        self.charts = DrawableCharts((), manifests.ledgers["observation"])

    @property
    def lines(self) -> list[ManifestLine]:
        """The notable lines of all manifests."""
        return self._manifests.notable

    @property
    def sealed_observations(self) -> Ledger:
        """What the manifests say of the observations."""
        return self._manifests.ledgers["observation"]

    def knows(self, kind: str, identity: str) -> bool:
        """Whether a release, or a draft that was read with them, has such a record."""
        return self._manifests.ledgers[kind].latest(identity) > 0

    def observations(self) -> Iterator[list[Observation]]:
        """The observations of all releases, in batches. At the end every mistake of the register is known."""
        last = len(self.releases)
        for batch in self.batches():
            yield [observation for observation in batch.observations if observation.added_in <= last]

    def forget_versions(self) -> None:
        """Lets go of what the manifests say of each observation, which is much, once all of them have streamed by."""
        self._manifests.ledgers["observation"].forget()

    def batches(self) -> Iterator[Batch]:
        """All observations with their rows, drafts too, in batches of one source."""
        ledger, files = self._manifests.ledgers["observation"], self.layout["observations"]
        reader = ObservationReader(self.known, ledger, self._mistakes)
        origins = Origins()
        done, total = 0, sum(file.path.stat().st_size for file in files)
        for file in files:
            statements = Statements()
            for batch in reader.read(file, self._manifests.chain.file_number(file.name)):
                self.assessor.watch(batch.observations)
                self.charts.watch(batch.observations)
                origins.watch(*batch)
                statements.watch(*batch)
                yield batch
                self._on_progress(done + batch.table.size, total)
            done += file.path.stat().st_size
        self._check_completeness()
        origins.check()
        self.charts.check(self._mistakes)
        last = len(self.releases)
        assessed = self.assessor.assess(last + 1, self._mistakes)  # drafts too: they are checked like all else
        self.assessments = [one for one in assessed if one.release <= last]

    def _check_completeness(self) -> None:
        for kind, ledger in self._manifests.ledgers.items():
            for place, key in ledger.missing():
                if not self.unread.may_hold(kind, key.partition("@")[0]):
                    found = f"{kind} {key} was released and stands in no file"
                    self._mistakes.report_at(place, Refused("deleted", found, "restore it: what was released stays"))
            for place, found in ledger.moved():
                self._mistakes.report_at(place, Refused("moved", found, "all versions in one file"))


def read_register(
    root: Path,
    mistakes: Mistakes,
    *,
    drafts: bool = False,
    decided: Iterable[ManifestLine] = (),
    release: Iterable[Path] = (),
    on_progress: Progress | None = None,
) -> Register:
    """Reads and checks the register under `root`; all that is wrong with it is reported by the time it was streamed.

    With `drafts`, what is in no manifest, and what was `decided` for the next release, makes a last release of its own.
    `release` are the files of a release that stand elsewhere until they are known to be right.
    """
    layout, manifests = lay_out(root, mistakes), Manifests(mistakes)
    layout.folders["releases"] += [RegisterFile(path, f"{layout.name}/releases/{path.name}") for path in release]
    register = Register(layout, manifests, mistakes, on_progress)
    entries = list(read_entries(layout, mistakes))
    register.releases = read_releases(layout, entries, manifests, mistakes)
    if drafts:
        _release_drafts(register, entries, manifests, decided)
    found, refused = _claim(entries, manifests, mistakes)
    register.known = Known(found, refused, manifests.chain, register.unread)
    register.records = [_record(*record) for record in found if record.in_force.added_in <= len(register.releases)]
    register.written = {(entry.kind, entry.id, entry.version): entry.written for entry, _ in found}
    register.assessor = Assessor(found, manifests.ledgers["observation"], register.unread)
    register.charts = DrawableCharts(found, manifests.ledgers["observation"])
    check_references(found, register.known, layout.name, mistakes)
    check_shown(found, manifests.ledgers["dataset"].removed_in_force(), register.known, manifests.chain, mistakes)
    register.in_force = [entry for entry, in_force in found if in_force.ended_in == OPEN]
    register.sources = {entry.id: entry for entry in register.in_force if entry.kind == "source"}
    _check_sources(found, refused, register, mistakes)
    return register


def _release_drafts(
    register: Register, entries: list[Entry], manifests: Manifests, decided: Iterable[ManifestLine]
) -> None:
    """Adds what is no release yet as the last one."""
    drafts = sorted((*decided, *_draft_lines(register.layout, entries, manifests)), key=order)
    if drafts:
        ordinal, before = len(register.releases) + 1, register.releases[-1].digest if register.releases else ""
        manifests.foretell(drafts)
        digest = chain_digest(before, format_manifest(drafts))
        register.releases.append(Release(ordinal, DRAFT, datetime.now(UTC).date(), "Drafts", digest))
        register.drafts = drafts


def _draft_lines(layout: Layout, entries: list[Entry], manifests: Manifests) -> Iterator[ManifestLine]:
    """Every record that is in no manifest. Rows that cannot be read are reported when they are read for good."""
    ordinal, ledgers = manifests.chain.draft, manifests.ledgers
    for entry in entries:
        if entry.key not in ledgers[entry.kind]:
            yield ManifestLine(ordinal, entry.kind, entry.id, entry.version, "added", entry.sha256.hex(), None, None)
    for file in layout["observations"]:
        yield from _draft_rows(file, ordinal, ledgers["observation"])


def _draft_rows(file: RegisterFile, ordinal: int, ledger: Ledger) -> Iterator[ManifestLine]:
    for _, _, cells in Table(file, COLUMNS, REQUIRED, Mistakes()).rows():
        identity, version, *_ = cells
        with suppress(Refused):
            if f"{identity}@{version}" not in ledger:
                sha256 = digest_observation(cells, file.stem).hex()
                yield ManifestLine(
                    ordinal, "observation", identity, parse_version(version), "added", sha256, None, None
                )


def _claim(entries: list[Entry], manifests: Manifests, mistakes: Mistakes) -> tuple[list[Found], list[Entry]]:
    """The records with the releases in which they are in force, and those that do not fit into the chain."""
    claimed, without_place = list[Found](), list[Entry]()
    for entry in entries:
        place = entry.locate(("id",))
        try:
            number = manifests.chain.file_number(place.file)
            in_force = manifests.ledgers[entry.kind].claim(entry.key, entry.sha256, number, place.line)
            tell = mistakes.report_at if in_force.added_in == manifests.chain.draft else mistakes.warn
            for path, unfit in unfit_parts(entry):
                tell(entry.locate(path), unfit)
            if entry.kind == "release":
                _check_own_manifest(entry, in_force.added_in, manifests)
        except Refused as refused:
            without_place.append(entry)
            if not manifests.chain.explains(refused):
                mistakes.report_at(place, refused)
        else:
            claimed.append(Found(entry, in_force))
    return claimed, without_place


def _check_own_manifest(entry: Entry, added_in: int, manifests: Manifests) -> None:
    numbers = manifests.chain.numbers
    if added_in > len(numbers) or numbers[added_in - 1] != entry.id:
        raise Refused(
            "unsealed", "the manifest of this release does not name the release's own record", "a line of kind release"
        )


def _record(entry: Entry, in_force: InForce) -> Record:
    return Record(entry.kind, entry.id, entry.version, entry.content, entry.sha256, *in_force)


def _check_sources(found: list[Found], refused: list[Entry], register: Register, mistakes: Mistakes) -> None:
    for entry, _ in found:
        check_notes(entry, mistakes)
    sources = [entry for entry, _ in found if entry.kind == "source"]
    held = {entry.id: entry.content.get("held", True) for entry in (*refused, *sources) if entry.kind == "source"}
    unread = {file.stem: True for file in register.layout["sources"] if file.name in mistakes.unread}
    check_files_of_sources(register.layout, unread | held, mistakes)
    for file in register.layout["not-statistics"]:
        for _ in read_not_statistics(file, register.known, mistakes):
            pass
