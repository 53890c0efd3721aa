"""Ask about what may be a mistake in the rows of a page. The `note` of any of its rows answers, with a reason."""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from decimal import Decimal
from itertools import chain, product
from typing import NamedTuple

from misconduct.model.number_words import find_hedge

from ..register.reading import Cells, Mistake, Table
from ..register.rules import BETWEEN_PIECES, find_fault_of_reason
from ..register.spans import find_contradiction, find_outside
from ..register.transcripts import Page, group_by_page, is_figure
from .vocabulary import Vocabulary
from .words import Contradiction, WordReader, ask_about_time

IN_SENTENCES = ("category", "population", "area")
"""The code lists of which sentences say the code; the noun of a sentence need not be what is counted."""

SURE = "sure "
_PREPOSITIONS = ("about", "above", "around", "below", "over", "some", "under", "up to")
"""Hedges that are also said of other words: complaints about …"""

_GAP = re.escape(BETWEEN_PIECES.strip())
SMALL = 5  # people of one force: fewer may be known to readers
TOLD_BY = ("subcategory", "scope", "area", "population", "category")
ALIKE = ("indicator", "unit", "counting_unit", "period", "base")
"""Parts of a whole lie beside each other if they are alike in all of these but one of TOLD_BY."""

Speakers = Mapping[str, Mapping[str, set[str]]]
"""Who states the numbers of each publisher, by page."""


class Question(NamedTuple):
    """A question about a row: the column, the name by which it is answered, and the question."""

    row: int
    column: str
    name: str
    text: str


def find_speakers(pages: Iterable[Page]) -> Speakers:
    found = defaultdict[str, dict[str, set[str]]](dict)
    for page in pages:
        if page.source:
            publisher = str(getattr(page.source.record, "publisher", ""))
            found[publisher][page.source.id] = {*page.figures.columns["stated_by"]}
    return found


def ask_about_pages(
    table: Table, vocabulary: Vocabulary, speakers: Speakers
) -> Iterator[Mistake]:
    """Yield the questions that no row of their page answers, and the answers to what is not asked."""
    for numbers in group_by_page(table).values():
        rows = {row: table.row(row) for row in numbers}
        figures = {
            row: cells | vocabulary.fill_codes(cells)
            for row, cells in rows.items()
            if is_figure(cells)
        }
        answers = {
            name: row for row, cells in rows.items() for name in read_answers(cells)
        }
        asked = dict[str, Question]()
        for one in _PageReader(figures, vocabulary, speakers).ask():
            asked.setdefault(one.name, one)
        for one in asked.values():
            if one.name not in answers:
                remedy = f"correct it, or write in note: {SURE}{one.name}: why"
                yield table.mistake(one.row, one.column, f"{one.text}; {remedy}")
        for name, row in answers.items():
            fault = f"{name!r} is not asked about: leave it out"
            fault = "" if name in asked else fault
            fault = fault or find_fault_of_reason(read_answers(rows[row])[name]) or ""
            if fault:
                yield table.mistake(row, "note", fault)


def read_answers(cells: Cells) -> dict[str, str]:
    """Return the reasons of an editor by the names of questions: sure kicked out as barred: why."""
    parts = [one.strip() for one in cells["note"].split(" | ")]
    named = [
        one.removeprefix(SURE).partition(": ") for one in parts if one.startswith(SURE)
    ]
    return {name: why for name, _, why in named}


class _PageReader:
    """Reads the rows of a page, with the codes of their indicators."""

    def __init__(
        self, rows: dict[int, Cells], vocabulary: Vocabulary, speakers: Speakers
    ) -> None:
        self.rows, self.vocabulary, self.speakers = rows, vocabulary, speakers
        self.reader = WordReader(vocabulary)

    def ask(self) -> Iterator[Question]:
        for row, cells in self.rows.items():
            for one in self._read_row(cells):
                yield Question(row, one.column, one.name, one.question)
        for row, one in self._read_page():
            yield Question(row, one.column, one.name, one.question)

    def _read_row(self, cells: Cells) -> Iterator[Contradiction]:
        words = cells["counted"]
        lists = [*IN_SENTENCES, *(["measure"] if cells["fit"] == "exact" else [])]
        yield from self.reader.find(cells, words, lists)
        yield from self.reader.find_time(cells, words)
        if find_contradiction(cells["period_printed"], cells["period"]):
            printed, period = cells["period_printed"], cells["period"]
            question = f"{printed!r} seems to be another time than {period}"
            yield Contradiction(f"{printed} as {period}", "period", question)
        if hedge := _find_hedge(cells):
            question = f"{hedge!r} may hedge the number: type it in hedge"
            yield Contradiction(hedge, "hedge", question)
        if self._is_small(cells):
            question = f"fewer than {SMALL} people of one force may be known to readers"
            yield Contradiction("small numbers", "printed", f"{question}: leave it out")

    def _is_small(self, cells: Cells) -> bool:
        """Tell whether a row is of a few people of one force, and says more of them."""
        is_few = 0 < _read_count(cells) < SMALL
        is_of_police = "workforce" in self.vocabulary.list_above("population", cells["population"])  # fmt: skip
        says_more = any(cells[name] for name in ("part_of", "subcategory", "scope"))
        is_of_people = cells["counting_unit"] == "people" and is_of_police
        is_of_force = self.vocabulary.is_leaf("area", cells["area"])
        return is_few and is_of_people and says_more and is_of_force

    def _read_page(self) -> Iterator[tuple[int, Contradiction]]:
        """Yield what the title and the publisher say otherwise than all rows, and parts that overlap."""
        first, page = next(iter(self.rows.items()), (0, None))
        if page is None:
            return
        title = page["title"].replace(page["publisher"], "")
        placed = [
            [*self.reader.find(cells, title, ["area"])] for cells in self.rows.values()
        ]
        if all(placed):
            yield first, placed[0][0]
        periods = {cells["period"] for cells in self.rows.values()}
        for name in find_outside(title, periods, page["published"] or None):
            yield first, Contradiction(name, "period", ask_about_time(title, name))
        for row, cells in self.rows.items():
            if one := self._find_other_speaker(cells):
                yield row, one
        yield from self._find_overlapping()

    def _find_other_speaker(self, cells: Cells) -> Contradiction | None:
        """Find that a publisher does not speak for itself, as on its other pages or, if it has none, by its name."""
        publisher, said = cells["publisher"], cells["stated_by"]
        own = {*self.vocabulary.find("stated_by", publisher)}
        if not own and self.vocabulary.find("area", publisher):
            own = {"police_force"} & self.vocabulary.lists["stated_by"].keys()
        pages = self.speakers.get(publisher, {})
        others = {*chain(*(pages[one] for one in pages if one != cells["page"]))}
        above = {*self.vocabulary.list_above("stated_by", said)}
        if not said or not own or above & own or others - own:
            return None
        return self.reader.tell("stated_by", publisher, said, publisher)

    def _find_overlapping(self) -> Iterator[tuple[int, Contradiction]]:
        """Yield parts that lie beside each other and add up to more than their whole."""
        values = {cells["id"]: _read_count(cells) for cells in self.rows.values()}
        groups = defaultdict[tuple[str, ...], dict[int, Decimal]](dict)
        for row, cells in self.rows.items():
            for whole, name in product(cells["part_of"].split(), TOLD_BY):
                others = [cells[one] for one in (*ALIKE, *TOLD_BY) if one != name]
                if not cells["repeats"] and values.get(whole) and cells[name]:
                    groups[whole, name, *others][row] = values[cells["id"]]
        for (whole, *_), parts in groups.items():
            if sum(parts.values()) > values[whole] and all(parts.values()):
                question = f"parts of {whole} add up to more than it: does one lie in another? name that in part_of"
                yield (
                    min(parts),
                    Contradiction(f"parts of {whole}", "part_of", question),
                )


def _read_count(cells: Cells) -> Decimal:
    """Return the number of a count that is not hedged, or 0."""
    is_count = (cells["statistic"] or "count") == "count" and not cells["hedge"]
    is_whole = is_count and cells["value"].isdigit()
    return Decimal(cells["value"]) if is_whole else Decimal(0)


def _find_hedge(cells: Cells) -> str | None:
    """Return words that hedge the number, or a gap in the words, and are not typed as its hedge."""
    words, printed = f"{cells['counted']} ", cells["printed"]
    places = [one.span() for one in re.finditer(rf"^|{_GAP}|$", words)]
    if len(printed) > 1:
        number = rf"\b{re.escape(printed)}\b"
        places += [one.span() for one in re.finditer(number, words)]
    for place in places if not cells["hedge"] else ():
        hedge = find_hedge(words, *place)
        if hedge and words[slice(*hedge)].casefold() not in _PREPOSITIONS:
            return words[slice(*hedge)]
    return None
