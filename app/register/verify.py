"""Holding the register against its documents: every place says what the row says, and no number is left out."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from dataclasses import dataclass, field
from enum import Enum
from functools import partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

from app.domain.kinds import KINDS
from app.domain.observation import OPEN
from app.register.documents import Document, DocumentFolder, TextDocument, read_document
from app.register.entries import Entry
from app.register.mistakes import Mistakes, Place, Refused
from app.register.not_statistics import read_not_statistics
from app.register.observations import Batch
from app.register.read import Register, open_register
from app.register.rules import WORDS_AT


class Role(Enum):
    """What a record says of the words at a place."""

    STATED = "an observation states them"
    ENDED = "an observation stated them, and no longer stands"
    LISTED = "they are no statistic"
    QUOTED = "they are quoted"


class Claim(NamedTuple):
    """Words that the register says stand at a place of a source's document."""

    source: str
    locate: Callable[[], Place]
    place: str
    words: str
    role: Role


class Suggestion(NamedTuple):
    """Where the words of a claim stand in a changed copy of the document. Nothing is changed by it."""

    claim: Claim
    place: str

    def __str__(self) -> str:
        at = self.claim.locate()
        return f"{at.file}:{at.line}:{at.column}: {self.claim.words!r} stands at {self.place} in the changed copy"


@dataclass
class VerifyReport:
    """What was verified: sources by their slugs, and how many places and numbers were looked at."""

    verified: list[str] = field(default_factory=list)
    changed: dict[str, Path] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    places: int = 0
    numbers: int = 0
    suggestions: list[Suggestion] = field(default_factory=list)


def verify_documents(root: Path, documents: Path, mistakes: Mistakes) -> VerifyReport:
    """Holds all that is in force in the register, drafts too, against the documents in a folder.

    Raises RegisterRefused if the register itself has mistakes. Those found by holding it against the documents are
    reported into `mistakes`.
    """
    folder, report = DocumentFolder(documents), VerifyReport()
    opened, statistics = open_register(root, mistakes, drafts=True), list[Claim]()
    ended = {(line.id, line.version) for line in opened.lines if line.action == "ended"}
    register = opened.finish(lambda batch: statistics.extend(_statistics(batch, ended)))
    mistakes.raise_if_any()
    claims: dict[str, list[Claim]] = {}
    for claim in chain(statistics, _quotations(register), _not_statistics(register)):
        claims.setdefault(claim.source, []).append(claim)
    for slug, entry in sorted(register.sources.items()):
        if entry.content["held"]:
            _Verification(entry, claims.get(slug, []), report, mistakes).run(folder, register)
    return report


def _statistics(batch: Batch, ended: Collection[tuple[str, int]]) -> Iterator[Claim]:
    """What the observations in force, and those that were ended, say stands in their documents."""
    for row, o in zip(batch.rows, batch.observations, strict=True):
        if o.ended_in == OPEN or (o.id, o.version) in ended:
            role, cells = Role.STATED if o.ended_in == OPEN else Role.ENDED, o._asdict()
            for column, words in WORDS_AT.items():
                for place in _as_list(cells[column]):
                    yield Claim(o.source, partial(batch.table.place, row, column), place, cells[words], role)


def _quotations(register: Register) -> Iterator[Claim]:
    """What corrections and non-publications in force quote."""
    for entry in register.in_force:
        for at, of in KINDS[entry.kind].quotations:
            source, place, words = entry.content[of.source], entry.content[at], entry.content[of.printed]
            if place and words:
                yield Claim(source, partial(entry.locate, (at,)), place, words, Role.QUOTED)


def _not_statistics(register: Register) -> Iterator[Claim]:
    for file in register.layout["not-statistics"]:
        for table, row, printed, at in read_not_statistics(file, register.known, Mistakes()):  # they were told before
            yield Claim(file.stem, partial(table.place, row, "at"), at, printed, Role.LISTED)


def _as_list(places: str | list[str] | None) -> list[str]:
    return [places] if isinstance(places, str) else places or []


class _Verification:
    """Holds one source against its document."""

    def __init__(self, source: Entry, claims: list[Claim], report: VerifyReport, mistakes: Mistakes) -> None:
        self._source, self._claims, self._report, self._mistakes = source, claims, report, mistakes

    def run(self, folder: DocumentFolder, register: Register) -> None:
        """Finds the source's document in the folder, and holds every claim and every number against it."""
        path = folder.find(self._source.content["sha256"])
        if path is None:
            self._report_absence(folder, {str(entry.content["sha256"]) for entry in register.sources.values()})
            return
        try:
            document = read_document(path, self._source.content["media_type"])
        except UnicodeDecodeError as error:
            self._refuse("media_type", "not_utf8", f"{path.name} is not UTF-8 at byte {error.start + 1}", "a text")
            return
        self._report.verified.append(self._source.id)
        self._check_length(document)
        self._check_words(document)
        self._check_coverage(document)

    def _refuse(self, key: str, code: str, found: str, allowed: str) -> None:
        """Reports a mistake at a key of the source."""
        self._mistakes.report_at(self._source.locate((key,)), Refused(code, found, allowed))

    def _refuse_claim(self, claim: Claim, code: str, found: str, allowed: str) -> None:
        """Reports a mistake where the register names the place."""
        self._mistakes.report(Refused(code, found, allowed), claim.locate)

    def _report_absence(self, folder: DocumentFolder, known: set[str]) -> None:
        """Tells a document that has changed from one that is not there."""
        slug, allowed = self._source.id, "the bytes that were read, under any file name"
        path = folder.find_changed((claim.words for claim in self._claims), known)
        if path is None:
            self._report.missing.append(slug)
            self._refuse("sha256", "missing_document", f"no file of the folder is the document {slug}", allowed)
            return
        self._report.changed[slug] = path
        found = f"{path.name} looks like the document {slug}, but has other bytes"
        self._refuse("sha256", "changed_document", found, allowed)
        copy = TextDocument(path.read_bytes().decode(errors="replace"))
        places = ((claim, copy.nearest(claim.words, claim.place)) for claim in self._claims)
        self._report.suggestions.extend(Suggestion(claim, place) for claim, place in places if place)

    def _check_length(self, document: Document) -> None:
        length = self._source.content["length"]
        if isinstance(document, TextDocument) and len(document.text) != length:
            self._refuse("length", "wrong_length", f"length is {length}", f"{len(document.text)} code points")

    def _check_words(self, document: Document) -> None:
        for claim in self._claims:
            if claim.role is Role.ENDED:
                continue
            self._report.places += 1
            if not document.extent(claim.place):
                found = f"the document has no place {claim.place}"
                self._refuse_claim(claim, "no_such_place", found, "a place within the document")
            elif (exact := document.exact(claim.place)) != claim.words:
                near = document.nearest(claim.words, claim.place) if isinstance(document, TextDocument) else None
                hint = f"; {claim.words!r} stands at {near}" if near else ""
                found = f"at {claim.place} stands {exact[:80]!r}, not {claim.words!r}"
                self._refuse_claim(claim, "other_words", found, f"the exact characters{hint}")

    def _check_coverage(self, document: Document) -> None:
        """Every number is stated by an observation or is none, and not both."""
        covered: dict[Role, set[Any]] = {role: set() for role in Role}
        for claim in self._claims:
            covered[claim.role].update(document.extent(claim.place))
        for claim in self._claims:
            if claim.role is Role.LISTED and not covered[Role.STATED].isdisjoint(document.extent(claim.place)):
                found = f"{claim.words!r} is listed as no statistic, and an observation stands there"
                self._refuse_claim(claim, "both", found, "one of them")
        accounted = covered[Role.STATED] | covered[Role.ENDED] | covered[Role.LISTED]
        for place, characters in document.numbers():
            self._report.numbers += 1
            if not accounted.issuperset(document.extent(place)):
                found = f"nothing says what {characters[:80]!r} at {place} is"
                self._refuse("id", "unaccounted_number", found, "a row in observations/ or in not-statistics/")
