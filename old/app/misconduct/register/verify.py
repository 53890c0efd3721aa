"""Compare the register with its documents: every place has the words of its row, and no number is left out."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple, Protocol

from misconduct.errors import MisconductError
from misconduct.model.kinds import KINDS, Dialect
from misconduct.model.locator import Span, text_span
from misconduct.model.number_words import find_numbers
from misconduct.model.observation import OPEN
from misconduct.register.editors import SeenFiles
from misconduct.register.excluded_numbers import read_excluded_numbers
from misconduct.register.grid import MEDIA_TYPES, read_grid
from misconduct.register.mistakes import Mistakes, Place, Refused, suggest
from misconduct.register.observations import Batch
from misconduct.register.quotes import QuotedPlaces
from misconduct.register.reader import Decide, Progress, Register, open_register
from misconduct.register.records import WrittenRecord
from misconduct.register.references import ClaimedRecord
from misconduct.register.rules import WORDS_AT
from misconduct.register.tables import latest
from misconduct.register.verify_tables import verify_table


class Role(Enum):
    """What a record says about the words at a place."""

    STATED = "an observation states them"
    ENDED = "an observation stated them, and no longer stands"
    LISTED = "they are no statistic"
    QUOTED = "they are quoted"


class Cell(NamedTuple):
    """The cell of a row with a place: its file, the line of the row, its column. A draft may be edited where it is."""

    file: Path
    line: int
    column: str
    is_draft: bool


class Claim(NamedTuple):
    """Words that the register says are at a place in a source's document. Places in YAML have no cell.

    `added_in` is the release that added the row of an observation, by its ordinal; 0 for others.
    """

    source: str
    locate: Callable[[], Place]
    place: str
    words: str
    role: Role
    cell: Cell | None = None
    added_in: int = 0


class Suggestion(NamedTuple):
    """Where the words of a claim are in another copy of the document."""

    claim: Claim
    place: str

    def __str__(self) -> str:
        at = self.claim.locate()
        return f"{at.file}:{at.line}:{at.column}: {self.claim.words!r} is at {self.place} in the changed copy"


@dataclass
class VerifyReport:
    """What was verified: sources by their slugs, and how many places and numbers were checked.

    `seen` are the files of the register as they were read. `moves` are places that are wrong, or where another place
    with the same words moved to, if the document has their words once; `unsure` are those of them with short words and
    no earlier copy, which may be others than those that stood there. `stuck` are cells with such a place that has no
    such move.
    """

    seen: SeenFiles
    verified: list[str] = field(default_factory=list)
    changed: dict[str, Path] = field(default_factory=dict)
    missing: list[str] = field(default_factory=list)
    places: int = 0
    numbers: int = 0
    suggestions: list[Suggestion] = field(default_factory=list)
    moves: list[Suggestion] = field(default_factory=list)
    unsure: list[Suggestion] = field(default_factory=list)
    stuck: list[Cell] = field(default_factory=list)


def verify_documents(
    root: Path,
    documents: Path,
    mistakes: Mistakes,
    *,
    sources: Collection[str] = (),
    held: bool = False,
    without: str | None = None,
    decide: Decide | None = None,
    on_progress: Progress | None = None,
) -> VerifyReport:
    """Compare everything in force in the register, drafts too, with the documents in a folder.

    With `sources`, only theirs. With `held`, documents that are not in the folder are only counted as missing.
    What the release `without` added is read as drafts, and what the next one ends and removes is as `decide` says.
    Raises RegisterRefused if the register itself has mistakes, and MisconductError for a source without a document.
    Differences from the documents are added to `mistakes`.
    """
    folder, report = DocumentFolder(documents), VerifyReport(SeenFiles(root))
    opened, statistics = open_register(root, mistakes, drafts=True, without=without, decide=decide), list[Claim]()
    ended = {(line.id, line.version) for line in opened.lines if line.action == "ended"}
    places = QuotedPlaces()

    tabled = {str(table.content["source"]): table.content for table in latest(opened, "table").values()}

    def watch(batch: Batch) -> None:
        if batch.table.file.stem not in tabled:  # those are derived anew
            statistics.extend(_statistics(batch, ended, opened.manifests.chain.draft))
        places.watch(batch)

    register = opened.finish(watch, on_progress)
    mistakes.raise_if_any()
    claims: dict[str, list[Claim]] = {}
    for claim in chain(statistics, _quotations(register), _excluded_numbers(register)):
        claims.setdefault(claim.source, []).append(claim)
    quotes = {entry.id: entry for entry in register.in_force if entry.kind == "quote"}
    held_sources = {slug: entry for slug, entry in sorted(register.sources.items()) if entry.content["held"]}
    for slug in sources:
        _require_document(slug, register.sources, held_sources)
    versions = sorted((one for one in register.found if one.entry.kind == "source"), key=lambda one: -one.entry.version)
    for slug, entry in held_sources.items():
        if slug in sources or not sources:
            own = [one for one in versions if one.entry.id == slug and one.entry.version <= entry.version]
            verification = _Verification(own, claims.get(slug, []), report, mistakes, held=held)
            document = verification.run(folder, register, tabled.get(slug))
            if isinstance(document, TextDocument) and slug in quotes:
                verification.check_quotes(quotes[slug], places.quote(slug, document.text))
    return report


def _require_document(slug: str, sources: Collection[str], held: Collection[str]) -> None:
    """Raise MisconductError unless the register has the source, and its document was read."""
    if slug not in sources:
        near = suggest((slug, sources))
        raise MisconductError(f"There is no source {slug!r}.", hint=f"Did you mean {near}?" if near else None)
    if slug not in held:
        raise MisconductError(f"The source {slug!r} is only quoted by others: there is no document to compare it with.")


def _statistics(batch: Batch, ended: Collection[tuple[str, int]], draft: int) -> Iterator[Claim]:
    """Yield the places of the observations in force, and of those that were ended."""
    for row, o in zip(batch.rows, batch.observations, strict=True):
        if o.ended_in == OPEN or (o.id, o.version) in ended:
            role, cells = Role.STATED if o.ended_in == OPEN else Role.ENDED, o._asdict()
            for column, words in WORDS_AT.items():
                cell = Cell(batch.table.file.path, row.line, column, o.added_in == draft)
                for place in _as_list(cells[column]):
                    yield Claim(
                        o.source, partial(batch.table.place, row, column), place, cells[words], role, cell, o.added_in
                    )


def _quotations(register: Register) -> Iterator[Claim]:
    """Yield the places that corrections and non-publications in force quote."""
    for entry in register.in_force:
        for at, of in KINDS[entry.kind].quotations:
            source, place, words = entry.content[of.source], entry.content[at], entry.content[of.printed]
            if place and words:
                yield Claim(source, partial(entry.locate, (at,)), place, words, Role.QUOTED)


def _excluded_numbers(register: Register) -> Iterator[Claim]:
    for file in register.layout["not-statistics"]:
        for table, row, printed, at in read_excluded_numbers(
            file, register.known, Mistakes()
        ):  # reported when the register was read
            cell = Cell(file.path, row.line, "at", is_draft=True)
            yield Claim(file.stem, partial(table.place, row, "at"), at, printed, Role.LISTED, cell)


def _as_list(places: str | list[str] | None) -> list[str]:
    return [places] if isinstance(places, str) else places or []


class _Verification:
    """Compare one source with its document. `versions` are those up to this one, which is the first."""

    def __init__(
        self,
        versions: list[ClaimedRecord],
        claims: list[Claim],
        report: VerifyReport,
        mistakes: Mistakes,
        *,
        held: bool,
    ) -> None:
        self._source, self._earlier = versions[0].entry, [one.entry for one in versions[1:]]
        sha256, self._claims = self._source.content["sha256"], claims
        self._copied_in = min(one.in_force.added_in for one in versions if one.entry.content["sha256"] == sha256)
        self._report, self._mistakes, self._held, self._is_shown = report, mistakes, held, True

    def run(self, folder: DocumentFolder, register: Register, table: Mapping[str, Any] | None) -> Document | None:
        """Find the source's document in the folder, and compare every claim and every number with it.

        The figures of a `table` are derived anew, and compared with its rows.
        """
        path = folder.find(self._source.content["sha256"])
        if path is None:
            self._report_absence(folder, {str(entry.content["sha256"]) for entry in register.sources.values()})
            return None
        if table:
            count = verify_table(register, self._source, path, self._mistakes)
            self._report.verified.append(self._source.id)
            self._report.places, self._report.numbers = self._report.places + count, self._report.numbers + count
            if not self._claims or table["aggregate"]:  # nobody quotes what must not leave the machine
                return None
        try:
            document = read_document(path, self._source.content["media_type"], table and table["dialect"])
        except Refused as refused:
            self._refuse("media_type", refused.code, refused.found, refused.allowed)
            return None
        self._is_shown = not table or not any(one["suppressOutput"] for one in table["tableSchema"]["columns"])
        if isinstance(document, TableDocument):
            self._check_cells(document, path.name, is_whole=not table)
        self._check_words(document, [*self._read_earlier(folder, table and table["dialect"])])
        if table:
            return None
        self._report.verified.append(self._source.id)
        self._check_length(document)
        self._check_coverage(document)
        return document

    def check_quotes(self, quotes: WrittenRecord, expected: list[dict[str, str]]) -> None:
        """Report the words around figures that are not those in the document."""
        written = quotes.content["places"]
        for index, place in enumerate(written):
            if place not in expected:
                found = f"the document does not have these words around {place['at']}, or others are enough"
                allowed = "what misconduct quote writes"
                self._mistakes.report_at(quotes.locate(("places", index)), Refused("other_quote", found, allowed))
        absent = [place["at"] for place in expected if place not in written]
        if absent:
            found = f"the words around {', '.join(absent[:5])} are not those in the document, or missing"
            allowed = "what misconduct quote writes"
            self._mistakes.report_at(quotes.locate(("places",)), Refused("other_quote", found, allowed))

    def _refuse(self, key: str, code: str, found: str, allowed: str) -> None:
        """Report a mistake at a key of the source."""
        self._mistakes.report_at(self._source.locate((key,)), Refused(code, found, allowed))

    def _refuse_claim(self, claim: Claim, code: str, found: str, allowed: str) -> None:
        """Report a mistake where the register names the place."""
        self._mistakes.report(Refused(code, found, allowed), claim.locate)

    def _report_absence(self, folder: DocumentFolder, known: set[str]) -> None:
        """Report a document as changed or as missing."""
        slug, allowed = self._source.id, "the bytes that were read, under any file name"
        path = folder.find_changed((claim.words for claim in self._claims), known)
        if path is None:
            self._report.missing.append(slug)
            if self._held:
                return
            self._refuse("sha256", "missing_document", f"no file in the folder is the document {slug}", allowed)
            return
        self._report.changed[slug] = path
        found = f"{path.name} looks like the document {slug}, but its bytes differ"
        self._refuse("sha256", "changed_document", found, allowed)
        copy = TextDocument(path.read_bytes().decode(errors="replace"))
        places = ((claim, copy.nearest(claim.words, claim.place)) for claim in self._claims)
        self._report.suggestions.extend(Suggestion(claim, place) for claim, place in places if place)

    def _check_length(self, document: Document) -> None:
        length = self._source.content["length"]
        if isinstance(document, TextDocument) and length is not None and len(document.text) != length:
            self._refuse("length", "wrong_length", f"length is {length}", f"{len(document.text)} code points")

    def _read_earlier(self, folder: DocumentFolder, dialect: Mapping[str, Any] | None) -> Iterator[Document]:
        """Yield the documents of earlier versions of the source that are in the folder."""
        for source in self._earlier:
            path = folder.find(source.content["sha256"]) if source.content["held"] else None
            if path and source.content["sha256"] != self._source.content["sha256"]:
                with suppress(Refused):
                    yield read_document(path, source.content["media_type"], dialect)

    def _check_cells(self, document: TableDocument, name: str, *, is_whole: bool) -> None:
        """Report cells of which nobody knows what they show: those with places, and in a `whole` document all."""
        cited = {cell for claim in self._claims for cell in document.extent(claim.place)}
        for cell, refused in document.faults.items():
            if (is_whole and (document.cells[cell] or refused.code != "merged_cell")) or cell in cited:
                found = refused.found if self._is_shown else "this cell is not what a reader sees"
                self._mistakes.report_at(Place(f"{name}#", *cell), Refused(refused.code, found, refused.allowed))

    def _check_words(self, document: Document, earlier: list[Document]) -> None:
        """Report places with other words than the register says. What is quoted may be in an earlier version."""
        for claim in self._claims:
            if claim.role is Role.ENDED:
                continue
            self._report.places += 1
            if claim.role is Role.QUOTED and any(one.exact(claim.place) == claim.words for one in earlier):
                continue
            is_another = self._is_another(claim, document, earlier)
            if claim.cell and (is_another or document.exact(claim.place) != claim.words):
                self._find_move(claim, claim.cell, document, earlier)
            if not document.extent(claim.place):
                found = f"the document has no place {claim.place}"
                self._refuse_claim(claim, "no_such_place", found, document.allowed)
            elif (exact := document.exact(claim.place)) != claim.words:
                near = document.nearest(claim.words, claim.place) if isinstance(document, TextDocument) else None
                hint = f"; {claim.words!r} is at {near}" if near else ""
                shown = repr(exact[:80]) if self._is_shown else "other words"  # one of a suppressed column may be there
                found = f"the document has {shown} at {claim.place}, not {claim.words!r}"
                self._refuse_claim(claim, "other_words", found, f"the exact characters{hint}")
            elif is_another:
                found = f"the document has another {claim.words!r} at {claim.place} than the earlier copy"
                self._refuse_claim(
                    claim, "other_words", found, "the place of the same one; if it is gone, the figure ends"
                )

    def _is_another(self, claim: Claim, document: Document, earlier: list[Document]) -> bool:
        """Tell whether the words at a place only happen to be those that the earlier copy had there.

        A row that came with the copy, or later, has its places in it. Words that stay where they are have the same ones
        around them; those that moved there stood elsewhere with the ones that are around them now.
        """
        if not 0 < claim.added_in < self._copied_in or document.exact(claim.place) != claim.words:
            return False
        before = _find_copy(claim, earlier)
        if not (isinstance(document, TextDocument) and before):
            return False
        now = document.find_once(claim.words, claim.place, before.text)
        moved = now or before.find_once(claim.words, claim.place, document.text)
        return moved not in (None, claim.place)

    def _find_move(self, claim: Claim, cell: Cell, document: Document, earlier: list[Document]) -> None:
        """Note where the document has the words of a wrong place, if that is certain."""
        before = _find_copy(claim, earlier)
        old = before.text if before else None
        place = document.find_once(claim.words, claim.place, old) if isinstance(document, TextDocument) else None
        if place:
            self._report.moves.append(Suggestion(claim, place))
            if old is None and len(claim.words) < _TELLING:
                self._report.unsure.append(self._report.moves[-1])
        else:
            self._report.stuck.append(cell)

    def _check_coverage(self, document: Document) -> None:
        """Report numbers that no row accounts for, and those with a row of both kinds."""
        covered: dict[Role, set[Any]] = {role: set() for role in Role}
        for claim in self._claims:
            if claim.role is not Role.ENDED or document.exact(claim.place) == claim.words:
                covered[claim.role].update(document.extent(claim.place))
        for claim in self._claims:
            if claim.role is Role.LISTED and not covered[Role.STATED].isdisjoint(document.extent(claim.place)):
                found = f"{claim.words!r} is listed as not a statistic, and an observation states it"
                self._refuse_claim(claim, "both", found, "one of them")
        accounted = covered[Role.STATED] | covered[Role.ENDED] | covered[Role.LISTED]
        for place, characters in document.numbers():
            self._report.numbers += 1
            if not accounted.issuperset(document.extent(place)):
                found = f"nothing says what {characters[:80]!r} at {place} is"
                self._refuse("id", "unaccounted_number", found, "a row in observations/ or in not-statistics/")


def _find_copy(claim: Claim, earlier: list[Document]) -> TextDocument | None:
    """Return the latest earlier copy that has the words of a claim at its place, if it is a text."""
    before = next((one for one in earlier if one.exact(claim.place) == claim.words), None)
    return before if isinstance(before, TextDocument) else None


Atoms = Collection[int | tuple[int, int]]
"""What a place covers: code points of a text, or cells of a table."""

MOST_BYTES = 100_000_000  # a larger file is not a document
MOST_COVERED = 20_000  # cells of a row or a column: a spreadsheet has 16,384 columns, and nobody types that many words
_SIMILAR = 0.5  # share of a source's printed words by which a changed copy of its document is recognised
_TABLE_PLACE = re.compile(r"(row|col|cell)=(\d+)(?:([-,])(\d+))?")


class Document(Protocol):
    """A document that was read. `allowed` is what its places may be."""

    allowed: str

    def extent(self, place: str) -> Atoms:
        """Return what a place covers; nothing if the document has no such place."""

    def exact(self, place: str) -> str:
        """Return the characters at a place."""

    def numbers(self) -> Iterator[tuple[str, str]]:
        """Yield the place and the characters of every number in the document."""


class TextDocument:
    """A text: `char=0,5`."""

    allowed = "a place within the document"

    def __init__(self, text: str) -> None:
        self.text = text

    def extent(self, place: str) -> Atoms:
        span = text_span(place)
        return range(*span) if span and span.end <= len(self.text) else ()

    def exact(self, place: str) -> str:
        span = text_span(place)
        return self.text[slice(*span)] if span else ""

    def numbers(self) -> Iterator[tuple[str, str]]:
        return ((str(span), characters) for span, characters in find_numbers(self.text))

    def nearest(self, words: str, place: str) -> str | None:
        """Return the place of the words that is nearest to another place; None if there is none, or a tie."""
        span = text_span(place)
        if span is None or not words:
            return None
        both = self.text.rfind(words, 0, span.start + len(words)), self.text.find(words, span.start + 1)
        starts = sorted((abs(start - span.start), start) for start in both if start >= 0)
        is_unique = len({distance for distance, _ in starts}) == len(starts)
        return f"char={starts[0][1]},{starts[0][1] + len(words)}" if starts and is_unique else None

    def find_once(self, words: str, place: str, old: str | None) -> str | None:
        """Return the place of words that the text has once; with the `old` text, of those that stood at that place.

        There, the words around them tell them from others, as long as both texts have these once. A short one without
        them, such as "16", may now be another 16.
        """
        span = text_span(place)
        if span and old is not None:
            for before, after in _AROUND:
                sides = old[max(span.start - before, 0) : span.start], old[span.end : span.end + after]
                found = _find_once(words, self.text, *sides)
                if found is not None and _find_once(words, old, *sides) == span.start:
                    return str(Span(found, found + len(words)))
        found = _find_once(words, self.text) if old is None or len(words) >= _TELLING else None
        return None if found is None else str(Span(found, found + len(words)))


_AROUND = [(80, 80), (80, 0), (0, 80), (40, 40), (40, 0), (0, 40), (20, 20), (10, 10)]
"""How many characters before and after words are taken to find them in another copy. On one side alone it takes many:
“ officers were” may stand behind any number."""
_TELLING = 20  # characters that stand for themselves


def _find_once(words: str, text: str, before: str = "", after: str = "") -> int | None:
    """Return where a text has the words between others, not within a word, and only once; None if it has not."""
    sought, found, at = f"{before}{words}{after}", list[int](), -1
    while len(found) <= 1 and (at := text.find(sought, at + 1)) >= 0:
        start = at + len(before)
        beside = (text[max(start - 1, 0) : start], text[start + len(words) : start + len(words) + 1])
        if not any(one.isalnum() or one == "_" for one in beside):
            found.append(start)
    return found[0] if len(found) == 1 else None


class TableDocument:
    """A table: `cell=4,2`, `row=1`, `col=2-3` (RFC 7111); the header is row 1. Cells are joined by commas."""

    allowed = f"a place within the document, of at most {MOST_COVERED:,} cells"

    def __init__(self, rows: Iterable[list[str]], faults: Mapping[tuple[int, int], Refused] | None = None) -> None:
        self.faults = faults or {}
        self.cells = {(r, c): cell for r, row in enumerate(rows, 1) for c, cell in enumerate(row, 1)}
        self._lines = cache(self._find_lines)

    def extent(self, place: str) -> Atoms:
        match = _TABLE_PLACE.fullmatch(place)
        if match is None:
            return ()
        axis, first, last = match[1], int(match[2]), int(match[4] or match[2])
        if axis == "cell":
            return [cell for cell in [(first, last)] if cell in self.cells]
        numbers, lines = self._lines(axis == "col")
        start, end = bisect_left(numbers, first), bisect_right(numbers, last)
        if sum(map(len, lines[start : min(end, start + MOST_COVERED + 1)])) > MOST_COVERED:
            return ()
        return sorted(chain.from_iterable(lines[start:end]))

    def _find_lines(self, axis: int) -> tuple[list[int], list[list[tuple[int, int]]]]:
        """Return the numbers of the rows (axis 0) or columns (1) that have cells, and the cells of each."""
        lines: dict[int, list[tuple[int, int]]] = {}
        for cell in self.cells:
            lines.setdefault(cell[axis], []).append(cell)
        return sorted(lines), [lines[number] for number in sorted(lines)]

    def exact(self, place: str) -> str:
        return ",".join(self.cells[cell] for cell in self.extent(place) if isinstance(cell, tuple))

    def numbers(self) -> Iterator[tuple[str, str]]:
        return ((f"cell={r},{c}", cell) for (r, c), cell in self.cells.items() if any(find_numbers(cell)))


class DocumentFolder:
    """The files of a folder, by the SHA-256 of their bytes."""

    def __init__(self, folder: Path) -> None:
        if not folder.is_dir():
            raise MisconductError(f"There is no folder {folder}.", hint="Name the folder that holds the documents.")
        # A file of the system that says it is empty, as a link may lead to, may be read for ever.
        files = (path for path in sorted(folder.rglob("*")) if path.is_file() and 0 < path.stat().st_size <= MOST_BYTES)
        self._paths = {hashlib.sha256(path.read_bytes()).hexdigest(): path for path in files}

    def find(self, sha256: str) -> Path | None:
        """Return the file with that hash."""
        return self._paths.get(sha256)

    def find_changed(self, words: Iterable[str], known: Collection[str]) -> Path | None:
        """Return the unknown file with most of the words that a document should have, if it has half of them."""
        wanted = set(words)
        scores = {path: _score(path, wanted) for sha256, path in self._paths.items() if sha256 not in known}
        best = max(scores, key=scores.__getitem__, default=None)
        return best if best is not None and scores[best] >= _SIMILAR else None


def read_document(path: Path, media_type: str, dialect: Mapping[str, Any] | None = None) -> Document:
    """Read the document in a file. Raises Refused if it cannot be read."""
    if media_type in MEDIA_TYPES:
        grid = read_grid(path, media_type, dialect or Dialect().model_dump())
        return TableDocument(grid.rows, grid.faults)
    try:
        return TextDocument(path.read_bytes().decode())
    except UnicodeDecodeError as error:
        raise Refused("not_utf8", f"{path.name} is not UTF-8 at byte {error.start + 1}", "a text") from error


def _score(path: Path, wanted: set[str]) -> float:
    """Return how much of the words is in the file, from 0 to 1; longer words weigh more."""
    text = path.read_bytes().decode(errors="replace")
    return sum(len(word) for word in wanted if word in text) / (sum(map(len, wanted)) or 1)
